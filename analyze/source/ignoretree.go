package source

import (
	"slices"
	"strings"
)

// An ignoreTree holds the ignore rules of a tree: those of the directories
// above the root (when the root lies inside a git tree), of .git/info/exclude,
// and of each .gitignore below the root, read when needed. The user's own
// core.excludesFile is left out: it is no part of the repository.
type ignoreTree struct {
	prefix string                        // the root below the top: "" or "a/b"
	rules  func(dir string) []ignoreRule // of one directory, by its path below the top
	cache  map[string][]ignoreRule       // by the same path
	base   []ignoreRule                  // .git/info/exclude
}

// at returns the rules of the .gitignore in a directory below the top.
func (t *ignoreTree) at(dir string) []ignoreRule {
	rules, ok := t.cache[dir]
	if !ok {
		rules = t.rules(dir)
		t.cache[dir] = rules
	}
	return rules
}

// ignored tells whether a path, given from the root, is ignored, be it by a
// rule for a directory it is in.
func (t *ignoreTree) ignored(name string, isDir bool) bool {
	full := join(t.prefix, name)
	for i := 0; i < len(full); i++ {
		if full[i] == '/' && t.decide(full[:i], true) {
			return true
		}
	}
	return t.decide(full, isDir)
}

// decide applies the rules to the path alone: the last rule of the nearest
// directory that matches decides.
func (t *ignoreTree) decide(full string, isDir bool) bool {
	for dir := full; dir != ""; {
		dir = dirName(dir)
		rel := full
		if dir != "" {
			rel = full[len(dir)+1:]
		}
		if ignored, ok := decide(t.at(dir), rel, isDir); ok {
			return ignored
		}
	}
	ignored, _ := decide(t.base, full, isDir)
	return ignored
}

func decide(rules []ignoreRule, rel string, isDir bool) (ignored, ok bool) {
	for i := len(rules) - 1; i >= 0; i-- {
		if rules[i].match(rel, isDir) {
			return !rules[i].keep, true
		}
	}
	return false, false
}

// Ignored tells whether the ignore files of the repository match a path, which
// need not exist: its .gitignore files and .git/info/exclude. Whether git
// tracks the path plays no part. A path ending in a slash is a directory.
func (r *Repo) Ignored(name string) bool {
	isDir := strings.HasSuffix(name, "/")
	name, ok := cleanName(name)
	if !ok || name == "" {
		return false
	}
	r.load()
	isDir = isDir || r.IsDir(name)
	r.ignoreMu.Lock()
	defer r.ignoreMu.Unlock()
	if r.ignore == nil {
		r.ignore = r.newIgnoreTree()
	}
	return r.ignore.ignored(name, isDir)
}

// newIgnoreTree takes the rules that the walk of a directory met (a .gitignore
// may ignore itself and not be listed), or reads them through the tree.
func (r *Repo) newIgnoreTree() *ignoreTree {
	if dir, ok := r.tree.(*dirTree); ok && dir.ignore != nil {
		return dir.ignore
	}
	t := &ignoreTree{prefix: r.prefix, cache: map[string][]ignoreRule{}}
	if r.git != nil {
		t.base = r.git.exclude()
	}
	t.rules = func(dir string) []ignoreRule {
		if inside, ok := below(r.prefix, dir); ok {
			return parseIgnore(r.small(join(inside, ".gitignore")))
		}
		if outer, ok := r.tree.(outerTree); ok {
			return outer.outerIgnore(dir)
		}
		return nil
	}
	return t
}

// An outerTree lies inside a larger one, whose ignore files hold for it too.
type outerTree interface {
	outerIgnore(dir string) []ignoreRule
}

// small returns the content of a regular file of the listed tree, nil when
// there is none.
func (r *Repo) small(name string) []byte {
	e := r.at(name)
	if e == nil || !e.IsRegular() || e.Size > r.max {
		return nil
	}
	b, err := r.tree.read(e, r.max)
	if err != nil {
		return nil
	}
	return b
}

// markIgnored sets File.Ignored in a tree that comes without git. A working
// tree has done it in its walk, and a commit has tracked files only.
func (r *Repo) markIgnored() {
	if _, ok := r.tree.(*archiveTree); !ok {
		return
	}
	t := r.newIgnoreTree()
	if !slices.ContainsFunc(r.all, func(e entry) bool { return e.Name() == ".gitignore" }) {
		return
	}
	for i := range r.all {
		e := &r.all[i]
		e.Ignored = t.ignored(e.Path, e.IsDir())
	}
}

// below returns a path relative to the root at prefix.
func below(prefix, full string) (string, bool) {
	switch {
	case prefix == "":
		return full, true
	case full == prefix:
		return "", true
	}
	return strings.CutPrefix(full, prefix+"/")
}
