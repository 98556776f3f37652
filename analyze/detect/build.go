package detect

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/shell"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/analyze/value"
)

var (
	unpacks   = lazyregexp.New(`(?m)^[^#\n]*(\btar\b[^|;&\n]* -\w*x|\btar +\w*x|\bunzip\b)`)
	packs     = lazyregexp.New(`(?m)^[^#\n]*\b(tar +(-C +\S+ +)?-?[a-zA-Z]*c[a-zA-Z]*f|zip +-\w*r)`)
	layOuts   = lazyregexp.New(`(?m)^[^#\n]*\b(rsync|cp|install)\b[^\n]*\$\{?(BUILD|DEST|DIST|OUT|STAG|TARGET|PKG)\w*`)
	buildName = lazyregexp.New(`(?i)^(build|package|pack|dist|make[-_].*|bundle|release|install|archive|.*[-_](build|package|dist))(\.(sh|bash))?$`)
)

// BuildScript finds the script that makes the archive which the entry unpacks,
// "" when the entry unpacks none or there is no such script.
func BuildScript(repo *source.Repo, entry string, list []model.Candidate) string {
	b, err := repo.Read(entry)
	if err != nil || !unpacks.Match(b) || packs.Match(b) {
		return ""
	}
	best, most := "", 0
	for _, f := range repo.Files() {
		base := path.Base(f.Path)
		if f.Path == entry || !buildName.MatchString(base) || f.Size > maxCandidate || !f.IsRegular() || vendored(f.Path) {
			continue
		}
		text, err := repo.Read(f.Path)
		if err != nil || source.IsBinary(text) {
			continue
		}
		if lang := shell.Language(f.Path, string(text[:min(len(text), 200)])); lang != "sh" && lang != "bash" {
			continue
		}
		score := min(len(layOuts.FindAllIndex(text, -1)), 5)
		if packs.Match(text) {
			score += 5
		}
		if path.Dir(f.Path) == path.Dir(entry) {
			score++
		}
		if score > most && score >= 4 {
			best, most = f.Path, score
		}
	}
	return best
}

// Build walks a build script on a machine of its own and notes what it packs:
// the archive that it makes, or the tree that it lays out.
func Build(m *shell.Machine, script string) error {
	h := m.Host
	where := h.Machine("build", "build")
	h.Checkout(where)
	from := len(h.Log)
	if _, err := m.Run(shell.Options{Script: script, Run: 1, Where: where}); err != nil {
		return err
	}
	var tree string
	for _, e := range h.Log[from:] {
		if e.Content != nil && e.Content.Kind == host.Archive && (e.Op == host.Write || e.Op == host.MoveTo || e.Op == host.CopyTo) {
			h.Artifact = e.Content
		}
		if (e.Op == host.Sync || e.Op == host.CopyTo) && e.Content.Repo() != "" && e.Machine == where && e.Kind == host.Dir &&
			strings.HasPrefix(e.Path, h.Root().String()+"/") { // not the other value of ${BUILD:-builds/app}
			tree = commonDir(tree, e.Path)
		}
	}
	if h.Artifact == nil && strings.HasPrefix(tree, h.Root().String()+"/") {
		a := &host.Actor{H: h, Where: where, Cwd: h.Root()}
		h.Artifact = a.Pack(value.TextStr(path.Dir(tree)), []value.Str{value.TextStr(path.Base(tree))}, "", nil)
	}
	return nil
}

// commonDir is the deepest directory above both; "" stands for anything.
func commonDir(a, b string) string {
	b = path.Dir(b)
	if a == "" {
		return b
	}
	for a != b && len(a) > 1 {
		if strings.HasPrefix(b, a+"/") {
			return a
		}
		a = path.Dir(a)
	}
	return a
}

// PackagedWith finds the maintainer scripts of the package tree that a file lies
// in: a directory with DEBIAN/control (deb(5)) that is above the file, or beside
// a directory that is. Those before and after the unpacking are apart.
func PackagedWith(repo *source.Repo, name string) (before, after []string) {
	for dir := path.Dir(name); ; dir = path.Dir(dir) {
		top := path.Join(dir, "DEBIAN")
		if f, ok := repo.Lookup(path.Join(top, "control")); ok && f.IsRegular() {
			return shellFile(repo, path.Join(top, "preinst")), shellFile(repo, path.Join(top, "postinst"))
		}
		if dir == "." || dir == "/" {
			return nil, nil
		}
	}
}

// shellFile is the file of that name as a list, nil when it is no shell script.
func shellFile(repo *source.Repo, name string) []string {
	f, ok := repo.Lookup(name)
	if !ok || !f.IsRegular() || f.Size > maxCandidate {
		return nil
	}
	b, err := repo.Read(name)
	if err != nil || source.IsBinary(b) {
		return nil
	}
	if lang := shell.Language(name, string(b[:min(len(b), 200)])); lang != "sh" && lang != "bash" {
		return nil
	}
	return []string{name}
}
