package source

import (
	"path"
	"slices"
	"strings"
)

// Glob returns the paths that a shell pattern matches, sorted: files and
// directories, as in a POSIX shell. * and ? match no slash and no dot at the
// start of a name; [!a] is [^a]. A malformed pattern matches only itself.
func (r *Repo) Glob(pattern string) []string {
	if strings.HasPrefix(pattern, "/") {
		return nil
	}
	r.load()
	found := []string{""}
	elems := strings.Split(path.Clean(pattern), "/")
	for i, elem := range elems {
		found = r.globElem(found, elem, i == len(elems)-1)
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func (r *Repo) globElem(dirs []string, elem string, last bool) []string {
	var out []string
	keep := func(name string) {
		if last && r.existsAt(name) || !last && r.IsDir(name) {
			out = append(out, name)
		}
	}
	glob := strings.ReplaceAll(elem, "[!", "[^")
	_, bad := path.Match(glob, "")
	for _, dir := range dirs {
		if bad != nil || !strings.ContainsAny(elem, `*?[\`) {
			keep(path.Join(dir, elem))
			continue
		}
		for _, f := range r.ReadDir(dir) {
			name := f.Name()
			if name[0] == '.' && glob[0] != '.' {
				continue
			}
			if ok, _ := path.Match(glob, name); ok {
				keep(join(dir, name))
			}
		}
	}
	return out
}

// existsAt is Exists without following the last element, as a shell's pattern
// matches broken links too.
func (r *Repo) existsAt(name string) bool {
	if name == "." {
		return true
	}
	return r.lookup(name) != nil || r.IsDir(name)
}
