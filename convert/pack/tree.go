package pack

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/convert/plan"
)

var (
	errLeaves = errors.New("a symbolic link on the way leaves the tree")
	errLoop   = errors.New("too many symbolic links")
)

// resolve follows every symbolic link of name inside of fsys, never out of it,
// and returns the path without links.
func resolve(fsys fs.FS, name string) (string, fs.FileInfo, error) {
	if !fs.ValidPath(name) {
		return "", nil, fs.ErrInvalid
	}
	done, rest := ".", strings.Split(name, "/")
	for links := 0; len(rest) > 0; {
		next := path.Join(done, rest[0])
		info, err := fs.Lstat(fsys, next)
		if err != nil {
			return "", nil, reason(err)
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			done, rest = next, rest[1:]
			continue
		}
		if links++; links > 40 {
			return "", nil, errLoop
		}
		target, err := fs.ReadLink(fsys, next)
		if err != nil {
			return "", nil, reason(err)
		}
		to := path.Join(done, target)
		if path.IsAbs(target) || !fs.ValidPath(to) {
			return "", nil, errLeaves
		}
		done, rest = ".", append(strings.Split(to, "/"), rest[1:]...)
	}
	info, err := fs.Lstat(fsys, done)
	return done, info, reason(err)
}

// reason strips the operation and path from a file system error: messages name
// the path themselves.
func reason(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// tree walks a directory of the staging tree or the repository.
func (g *gatherer) tree(top *item, e *plan.Entry) error {
	fsys, what := g.origin(e.Origin)
	if fsys == nil {
		g.ps.add("", top, "there is no %s to take %q from", what, e.Src)
		return nil
	}
	root, info, err := resolve(fsys, path.Clean(or(e.Src, ".")))
	if err != nil {
		g.ps.add("", top, "%q of the %s: %v", e.Src, what, err)
		return nil
	}
	if !info.IsDir() {
		g.ps.add("", top, "%q of the %s is %s, not a directory", e.Src, what, kindOf(info.Mode()))
		return nil
	}
	w := &walker{gatherer: g, top: top, entry: e, fsys: fsys, root: root, what: what}
	return fs.WalkDir(fsys, root, w.visit)
}

// A walker adds what is below a Tree entry.
type walker struct {
	*gatherer
	top   *item
	entry *plan.Entry
	fsys  fs.FS
	root  string
	what  string
}

func (w *walker) visit(name string, d fs.DirEntry, err error) error {
	if err != nil {
		return fmt.Errorf("walk %q of the %s: %w", name, w.what, reason(err))
	}
	rel := strings.TrimPrefix(strings.TrimPrefix(name, w.root), "/")
	if w.root == "." {
		rel = strings.TrimPrefix(name, "./")
	}
	if rel == "." {
		rel = ""
	}
	if rel != "" && w.excluded(name, rel) {
		if d.IsDir() {
			return fs.SkipDir
		}
		return nil
	}
	return w.add(name, rel, d)
}

// vcs are the directories of version control systems; a payload never has them.
var vcs = []string{".git", ".svn", ".hg", ".bzr", "CVS"}

// excluded applies the plan's rules to what comes out of the repository; a
// staging tree holds what its build steps put there.
func (w *walker) excluded(name, rel string) bool {
	base := path.Base(rel)
	if slices.Contains(vcs, base) {
		return true
	}
	return w.entry.Origin == plan.Repo && slices.ContainsFunc(w.p.Exclude, func(r plan.Rule) bool {
		return matches(r.Pattern, name) || matches(r.Pattern, rel)
	})
}

// matches applies pattern to the path and to each of its elements.
func matches(pattern, name string) bool {
	pattern = strings.TrimSuffix(strings.TrimPrefix(pattern, "/"), "/")
	if ok, _ := path.Match(pattern, name); ok {
		return true
	}
	for elem := range strings.SplitSeq(name, "/") {
		if ok, _ := path.Match(pattern, elem); ok {
			return true
		}
	}
	return false
}

func (w *walker) add(name, rel string, d fs.DirEntry) error {
	it := &item{
		path: path.Join(w.top.path, rel), owner: w.top.owner, group: w.top.group,
		formats: w.top.formats, at: w.top.at, walked: true,
	}
	if !validPath(it.path) {
		w.ps.add("", w.top, "%q of the %s is no valid path of a payload", name, w.what)
		return nil
	}
	switch {
	case d.IsDir():
		it.typ, it.mode = plan.Dir_, 0o755
		if rel == "" {
			it.mode = orMode(w.top.mode, 0o755)
		}
		w.items = append(w.items, it)
	case d.Type()&fs.ModeSymlink != 0:
		target, err := fs.ReadLink(w.fsys, name)
		if err != nil {
			return fmt.Errorf("read link %q of the %s: %w", name, w.what, reason(err))
		}
		it.typ, it.mode, it.link = plan.Symlink, 0o777, target
		w.items = append(w.items, it)
	case d.Type().IsRegular():
		info, err := d.Info()
		if err != nil {
			return fmt.Errorf("read %q of the %s: %w", name, w.what, reason(err))
		}
		it.typ, it.mode = plan.File, fileMode(info.Mode())
		return w.take(it, w.entry.Origin, w.fsys, name, info.Size())
	default:
		w.ps.add("", it, "%q of the %s is %s, which no package can hold", name, w.what, kindOf(d.Type()))
	}
	return nil
}

// kindOf names the type of a file in messages.
func kindOf(m fs.FileMode) string {
	switch {
	case m.IsRegular():
		return "a regular file"
	case m.IsDir():
		return "a directory"
	case m&fs.ModeSymlink != 0:
		return "a symbolic link"
	case m&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case m&fs.ModeSocket != 0:
		return "a socket"
	}
	return "a device"
}
