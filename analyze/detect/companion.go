package detect

import (
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/input"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/shell"
	"github.com/nativize/nativize/analyze/source"
)

// A Companion is what the files beside the scripts declare.
type Companion struct {
	Results []Declared
	repo    host.Repo
}

// A Declared is what one companion file declares.
type Declared struct {
	Path string
	input.Result
}

// maxCompanion is the size, in bytes, beyond which a companion file is not read.
const maxCompanion = 256 << 10

// Companions reads the files of a repository that declare something about its
// deployment.
func Companions(repo *source.Repo) *Companion {
	c := &Companion{repo: shell.Tree(repo)}
	for _, f := range repo.Files() {
		if f.Ignored || !f.IsRegular() || f.Size > maxCompanion || vendored(f.Path) {
			continue
		}
		if len(input.For(f.Path, nil)) == 0 && !maybeClaimed(f) {
			continue
		}
		b, err := repo.Read(f.Path)
		if err != nil || source.IsBinary(b) {
			continue
		}
		for _, k := range input.For(f.Path, b[:min(len(b), input.HeadSize)]) {
			c.Results = append(c.Results, Declared{f.Path, k.Parse(f.Path, b)})
		}
	}
	return c
}

// maybeClaimed tells of files that only their beginning shows: scripts without
// a suffix.
func maybeClaimed(f source.File) bool {
	return f.Mode&0o111 != 0 && f.Size < 64<<10
}

// Join adds what the companion files declare to the facts of the scripts.
func (c *Companion) Join(d *model.Deployment) {
	for _, r := range c.Results {
		if r.Kind == "sysv" {
			for i := range r.Units {
				startedBy(c.repo, r.Path, &r.Units[i])
			}
		}
		d.Facts.Units = append(d.Facts.Units, r.Units...)
		d.Facts.Sites = append(d.Facts.Sites, r.Sites...)
	}
}

// Siblings reads the scripts beside the entry that set the machine up.
func (c *Companion) Siblings(d *model.Deployment, list []model.Candidate, m *shell.Machine) {}
