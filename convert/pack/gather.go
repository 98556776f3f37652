package pack

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/convert/plan"
)

// An item is one path of the payload with its bytes at hand.
type item struct {
	path     string // absolute, clean
	typ      plan.EntryType
	mode     uint32 // permission bits with setuid, setgid, sticky
	owner    string // never ""
	group    string // never ""
	link     string // of a symlink
	conffile bool
	implicit bool // a parent directory that the plan does not name
	secret   bool
	walked   bool // found below a Tree
	formats  []plan.Format
	at       []source.Pos

	size int64
	data []byte // the bytes, when they are in memory
	file string // else the file that holds them
	elf  elfKind
}

// open returns the bytes of a regular file.
func (it *item) open() (io.ReadCloser, error) {
	if it.file == "" {
		return io.NopCloser(bytes.NewReader(it.data)), nil
	}
	return os.Open(it.file)
}

func (it *item) on(f plan.Format) bool { return it.formats == nil || slices.Contains(it.formats, f) }

// A gatherer turns the entries of a plan into items. What is wrong goes to ps;
// only a failure to read is an error.
type gatherer struct {
	p     *plan.Package
	src   Sources
	stage fs.FS  // nil without staging tree
	work  string // directory for copies out of the repository
	texts map[string]plan.Text
	items []*item
	ps    *problems
}

func gather(ctx context.Context, g *gatherer) error {
	g.texts = make(map[string]plan.Text, len(g.p.Texts))
	for _, t := range g.p.Texts {
		g.texts[t.Path] = t
	}
	if g.src.Stage != "" {
		root, err := os.OpenRoot(g.src.Stage)
		if err != nil {
			return fmt.Errorf("open the staging tree: %w", err)
		}
		defer root.Close()
		g.stage = root.FS()
	}
	for i := range g.p.Payload {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := g.entry(&g.p.Payload[i]); err != nil {
			return err
		}
	}
	g.items = unshadowed(g.items)
	slices.SortStableFunc(g.items, func(a, b *item) int { return strings.Compare(a.path, b.path) })
	return nil
}

// unshadowed drops what a Tree has where the plan names an entry of its own: a
// link to /etc takes the place of a whole directory of the tree. Entries for
// some formats only do not count.
func unshadowed(items []*item) []*item {
	explicit := map[string]*item{}
	for _, it := range items {
		if !it.walked && it.formats == nil {
			explicit[it.path] = it
		}
	}
	dirs := map[string]bool{}
	return slices.DeleteFunc(items, func(it *item) bool {
		if !it.walked {
			return false
		}
		if explicit[it.path] != nil {
			return true
		}
		for dir := path.Dir(it.path); dir != "/"; dir = path.Dir(dir) {
			if up := explicit[dir]; up != nil && up.typ != plan.Dir_ {
				return true
			}
		}
		// two trees may share directories
		again := it.typ == plan.Dir_ && dirs[it.path]
		dirs[it.path] = dirs[it.path] || it.typ == plan.Dir_
		return again
	})
}

// entry adds the items of one entry.
func (g *gatherer) entry(e *plan.Entry) error {
	it := &item{
		path: e.Path, typ: e.Type, mode: e.Mode, owner: or(e.Owner, "root"), group: or(e.Group, "root"),
		conffile: e.Conffile, secret: e.Secret, formats: e.Formats, at: e.At,
	}
	if !validPath(e.Path) {
		g.ps.add("", it, "a payload path is absolute, clean and printable")
		return nil
	}
	switch e.Type {
	case plan.Dir_:
		it.mode = orMode(it.mode, 0o755)
	case plan.Symlink:
		it.link, it.mode = e.Src, 0o777
	case plan.File:
		return g.regular(it, e)
	case plan.Tree:
		return g.tree(it, e)
	default:
		g.ps.add("", it, "unknown type %q of a payload entry", e.Type)
		return nil
	}
	g.items = append(g.items, it)
	return nil
}

// regular adds a file of any origin.
func (g *gatherer) regular(it *item, e *plan.Entry) error {
	if e.Origin == plan.Text_ {
		t, ok := g.texts[e.Src]
		if !ok {
			g.ps.add("", it, "packaging/%s is not among the generated files", e.Src)
			return nil
		}
		it.data, it.size, it.mode = t.Data, int64(len(t.Data)), orMode(orMode(it.mode, t.Mode&0o7777), 0o644)
		g.items = append(g.items, it)
		return nil
	}
	fsys, what := g.origin(e.Origin)
	if fsys == nil {
		g.ps.add("", it, "there is no %s to take %q from", what, e.Src)
		return nil
	}
	name, info, err := resolve(fsys, e.Src)
	if err != nil {
		g.ps.add("", it, "%q of the %s: %v", e.Src, what, err)
		return nil
	}
	if !info.Mode().IsRegular() {
		g.ps.add("", it, "%q of the %s is %s, not a regular file", e.Src, what, kindOf(info.Mode()))
		return nil
	}
	it.mode = orMode(it.mode, fileMode(info.Mode()))
	return g.take(it, e.Origin, fsys, name, info.Size())
}

// take finds or makes the file that holds the bytes of it.
func (g *gatherer) take(it *item, origin plan.Origin, fsys fs.FS, name string, size int64) error {
	g.items = append(g.items, it)
	it.size = size
	switch {
	case origin == plan.Staged:
		it.file = filepath.Join(g.src.Stage, filepath.FromSlash(name))
		return nil
	case g.src.RepoDir != "":
		it.file = filepath.Join(g.src.RepoDir, filepath.FromSlash(name))
		return nil
	}
	it.file = filepath.Join(g.work, fmt.Sprintf("f%d", len(g.items)))
	n, err := copyOut(fsys, name, it.file)
	it.size = n
	return err
}

// copyOut copies name of fsys into the new file dst.
func copyOut(fsys fs.FS, name, dst string) (n int64, err error) {
	in, err := fsys.Open(name)
	if err != nil {
		return 0, fmt.Errorf("read %q of the repository: %w", name, err)
	}
	defer in.Close()
	out, err := os.OpenFile(dst, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, err
	}
	defer func() {
		if cerr := out.Close(); err == nil {
			err = cerr
		}
	}()
	if n, err = io.Copy(out, in); err != nil {
		return n, fmt.Errorf("read %q of the repository: %w", name, err)
	}
	return n, nil
}

// origin returns the tree of an origin and its name in messages.
func (g *gatherer) origin(o plan.Origin) (fs.FS, string) {
	if o == plan.Staged {
		return g.stage, "staging tree"
	}
	return g.src.Repo, "repository"
}

// validPath reports whether name can be a path of the payload: absolute, clean,
// not the root, valid UTF-8 without control characters.
func validPath(name string) bool {
	return path.IsAbs(name) && name != "/" && path.Clean(name) == name && len(name) < 4096 && printable(name)
}

func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == '�' })
}

// fileMode is the mode of a file of a tree: git(1) and umasks keep no more than
// whether it is executable.
func fileMode(m fs.FileMode) uint32 {
	if m&0o111 != 0 {
		return 0o755
	}
	return 0o644
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func orMode(a, b uint32) uint32 {
	if a != 0 {
		return a
	}
	return b
}
