package shell

import (
	"io/fs"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/source"
)

// Tree shows a repository to the abstract machine. Files that git ignores and
// does not track are not there: a deployment does not have them.
func Tree(r *source.Repo) host.Repo { return tree{r} }

type tree struct{ r *source.Repo }

func (t tree) Stat(path string) (fs.FileMode, bool) {
	path = strings.TrimPrefix(path, "./")
	if path == "" || path == "." {
		return fs.ModeDir | 0o755, true
	}
	if f, ok := t.r.Lookup(path); ok {
		if f.Ignored {
			return 0, false
		}
		if f.Mode&fs.ModeSymlink != 0 {
			return t.target(path)
		}
		return f.Mode, true
	}
	if t.r.IsDir(path) {
		return fs.ModeDir | 0o755, true
	}
	return 0, false
}

// target is the type of what a link in the repository points to.
func (t tree) target(path string) (fs.FileMode, bool) {
	p, err := t.r.Resolve(path)
	if err != nil {
		return fs.ModeSymlink | 0o777, true
	}
	if f, ok := t.r.Lookup(p); ok && f.Mode&fs.ModeSymlink == 0 {
		return f.Mode, true
	}
	if t.r.IsDir(p) {
		return fs.ModeDir | 0o755, true
	}
	return fs.ModeSymlink | 0o777, true
}

func (t tree) List(path string) []string {
	var names []string
	for _, f := range t.r.ReadDir(path) {
		if !f.Ignored {
			names = append(names, f.Name())
		}
	}
	return names
}

func (t tree) Read(path string) ([]byte, error) { return t.r.Read(strings.TrimPrefix(path, "./")) }
