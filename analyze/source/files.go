package source

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Files returns the files, symbolic links and submodules of the tree, sorted
// by path in byte order. Directories are not in it, but one that cannot be
// read is, with Err. The list is read at the first call; [Repo.Err] tells
// whether it is complete. The caller must not change it.
func (r *Repo) Files() []File {
	r.load()
	return r.files
}

// Err returns the failure that made Files incomplete: a damaged index, a tree
// object that is missing, a tree beyond all bounds, a cancelled context.
func (r *Repo) Err() error {
	r.load()
	return r.listErr
}

func (r *Repo) load() {
	r.listOnce.Do(func() {
		r.all, r.listErr = r.tree.list(r.ctx)
		sortEntries(r.all)
		for i := range r.all {
			if e := &r.all[i]; e.Mode&fs.ModeSymlink != 0 {
				_, err := r.follow(e.Path)
				e.Escapes = errors.Is(err, ErrEscapes)
			}
		}
		r.markIgnored()
		r.markLFS()
		r.files = make([]File, 0, len(r.all))
		for i := range r.all {
			if e := &r.all[i]; !e.emptyDir() {
				r.files = append(r.files, e.File)
			}
		}
	})
}

func sortEntries(all []entry) {
	byPath := func(a, b entry) int { return strings.Compare(a.Path, b.Path) }
	if !slices.IsSortedFunc(all, byPath) {
		slices.SortFunc(all, byPath)
	}
}

// emptyDir tells a directory that is kept only because it holds nothing.
func (e *entry) emptyDir() bool { return e.IsDir() && !e.Submodule && e.Err == nil }

// Lookup finds a file, symbolic link or submodule by its path; symbolic links
// among the path's directories are followed, the last element is not.
func (r *Repo) Lookup(name string) (File, bool) {
	if e := r.lookup(name); e != nil {
		return e.File, true
	}
	return File{}, false
}

func (r *Repo) lookup(name string) *entry {
	name, ok := cleanName(name)
	if !ok {
		return nil
	}
	if e := r.find(name); e != nil {
		return e.file()
	}
	dir, err := r.resolve(dirName(name))
	if err != nil {
		return nil
	}
	return r.find(join(dir, baseName(name))).file()
}

// file drops a directory that is no entry of Files.
func (e *entry) file() *entry {
	if e == nil || e.emptyDir() {
		return nil
	}
	return e
}

// find returns the entry at exactly this path, or nil.
func (r *Repo) find(name string) *entry {
	r.load()
	return r.at(name)
}

// at is find on a list that is loaded, or being loaded.
func (r *Repo) at(name string) *entry {
	if i, ok := r.search(name); ok {
		return &r.all[i]
	}
	return nil
}

func (r *Repo) search(name string) (int, bool) {
	return slices.BinarySearchFunc(r.all, name, func(e entry, name string) int {
		return strings.Compare(e.Path, name)
	})
}

// isDir tells whether exactly this path is a directory.
func (r *Repo) isDir(name string) bool {
	r.load()
	if name == "" {
		return true
	}
	i, ok := r.search(name)
	if ok {
		return r.all[i].IsDir()
	}
	i, _ = r.search(name + "/")
	return i < len(r.all) && strings.HasPrefix(r.all[i].Path, name+"/")
}

// IsDir tells whether the path is a directory of the tree, or a symbolic link
// to one. "" and "." are the root.
func (r *Repo) IsDir(name string) bool {
	real, err := r.resolve(name)
	return err == nil && r.isDir(real)
}

// Exists tells whether the path is anything in the tree, symbolic links
// followed.
func (r *Repo) Exists(name string) bool {
	real, err := r.resolve(name)
	return err == nil && (r.isDir(real) || r.find(real) != nil)
}

// ReadDir returns the entries of a directory, sorted by path; sub-directories
// have ModeDir and no size. A path that is no directory has none.
func (r *Repo) ReadDir(name string) []File {
	dir, err := r.resolve(name)
	if err != nil || !r.isDir(dir) {
		return nil
	}
	prefix := ""
	if dir != "" {
		prefix = dir + "/"
	}
	var out []File
	for i, _ := r.search(prefix); i < len(r.all); {
		e := &r.all[i]
		rest, ok := strings.CutPrefix(e.Path, prefix)
		if !ok {
			break
		}
		sub, _, nested := strings.Cut(rest, "/")
		if !nested {
			out = append(out, e.File)
			i++
			continue
		}
		out = append(out, File{Path: prefix + sub, Mode: fs.ModeDir | 0o755})
		i, _ = r.search(prefix + sub + "0") // '0' follows '/': past the directory
	}
	slices.SortFunc(out, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return slices.CompactFunc(out, func(a, b File) bool { return a.Path == b.Path })
}

// cleanName brings a path to the form of File.Path; the root is "". It fails
// when the path is absolute or leads out of the root.
func cleanName(name string) (string, bool) {
	if strings.HasPrefix(name, "/") || strings.IndexByte(name, 0) >= 0 {
		return "", false
	}
	name = path.Clean(name)
	if name == ".." || strings.HasPrefix(name, "../") {
		return "", false
	}
	if name == "." {
		name = ""
	}
	return name, true
}

func join(dir, name string) string {
	if dir == "" {
		return name
	}
	return dir + "/" + name
}

func baseName(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }

func dirName(name string) string {
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		return name[:i]
	}
	return ""
}
