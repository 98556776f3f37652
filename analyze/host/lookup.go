package host

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/value"
)

// maxLinks bounds the links followed in one path, as ELOOP does.
const maxLinks = 8

// Node returns what is known of a path: an entry that was written, one derived
// from a tree above it, or the baseline of a fresh system. It never returns
// nil; Presence is Maybe when nothing is known. Links on the way are followed,
// the last element is not.
func (h *Host) Node(where int32, p string) *Node {
	return h.node(where, p, maxLinks)
}

// Follow is Node for what the last element points to.
func (h *Host) Follow(where int32, p string) (string, *Node) {
	for range maxLinks {
		n := h.Node(where, p)
		if n.Kind != Link || n.Presence == value.No {
			return p, n
		}
		p = h.linkTarget(p, n)
	}
	return p, &Node{Presence: value.Maybe}
}

func (h *Host) linkTarget(p string, n *Node) string {
	return value.Abs(value.TextStr(path.Dir(p)), n.Link).String()
}

func (h *Host) node(where int32, p string, links int) *Node {
	if e := h.Get(Key{File, where, p}); e != nil {
		return e.(*Node)
	}
	var deep *Deep
	for dir := p; dir != "/" && dir != "." && dir != ""; {
		dir = parent(dir)
		e := h.Get(Key{File, where, dir})
		if e == nil {
			continue
		}
		n := e.(*Node)
		if n.Content == nil && !n.Made && n.Presence != value.No && n.Kind != Link {
			if deep == nil { // only its owner or mode was said: what it holds is above
				deep = n.Deep
			}
			continue
		}
		if n.Kind == Link && n.Presence == value.Yes {
			if links == 0 {
				return &Node{Presence: value.Maybe}
			}
			return h.node(where, h.linkTarget(dir, n)+p[len(dir):], links-1)
		}
		return h.below(n, strings.TrimPrefix(p[len(dir):], "/"), where, p).under(deep)
	}
	return h.baseline(where, p).under(deep)
}

// under gives a derived node what a recursive change of a directory nearer to
// it gave.
func (n *Node) under(d *Deep) *Node {
	if d != nil {
		n.applyDeep(d)
		n.applyTyped(d)
	}
	return n
}

// parent is the directory above p; a leading hole is a root of its own.
func parent(p string) string {
	i := strings.LastIndexByte(p, '/')
	switch {
	case i < 0:
		return ""
	case i == 0:
		return "/"
	}
	return p[:i]
}

// below derives the node at rel under a node that is known.
func (h *Host) below(dir *Node, rel string, where int32, p string) *Node {
	out := &Node{Presence: value.Maybe}
	if dir.Presence == value.No {
		out.Presence = value.No
		return out
	}
	if dir.Deep != nil {
		out.applyDeep(dir.Deep)
	}
	c := dir.Content
	if c == nil {
		switch {
		case !dir.Made:
			return h.baseline(where, p)
		case dir.Presence == value.Yes && (h.Now.Run == 1 || h.Exact):
			out.Presence = value.No // a directory just made is empty
		}
		return out
	}
	if c.Kind == RepoTree && h.Repo != nil {
		h.fromRepo(out, c, rel)
		if dir.Deep != nil && out.Presence == value.Yes {
			out.applyTyped(dir.Deep)
		}
		if out.Presence == value.Yes && dir.Presence == value.Maybe {
			out.Presence = value.Maybe
		}
		if !out.OwnerSet {
			out.Owner, out.Group = dir.Owner, dir.Group
		}
		out.At = dir.At
	}
	return out
}

// fromRepo fills a node with what the repository has at rel below a tree.
func (h *Host) fromRepo(out *Node, c *Content, rel string) {
	rp := path.Join(c.Path, rel)
	mode, ok := h.Repo.Stat(rp)
	if excluded(c.Exclude, rel, !ok || mode.IsDir()) {
		out.Presence = value.No
		return
	}
	if !ok {
		if rel == ".git" || strings.HasPrefix(rel, ".git/") {
			out.Presence, out.Kind = value.Yes, AnyKind
			return
		}
		out.Presence = value.Maybe // made by hand or by a build; not in the repository
		return
	}
	out.Presence, out.Made = value.Yes, true
	out.Content = &Content{Kind: RepoFile, Path: rp, At: c.At}
	out.Kind = Regular
	if mode.IsDir() {
		out.Kind, out.Content.Kind, out.Content.Exclude = Dir, RepoTree, below(c.Exclude, rel)
	}
	if out.Mode == "" || out.Mode[0] < '0' || out.Mode[0] > '7' {
		out.Mode = "0644"
		if mode&0o111 != 0 || mode.IsDir() {
			out.Mode = "0755"
		}
	}
}

// leftOut tells whether a tree's patterns leave out a name at its top.
func (h *Host) leftOut(c *Content, name string) bool {
	if len(c.Exclude) == 0 {
		return false
	}
	mode, ok := h.Repo.Stat(path.Join(c.Path, name))
	return excluded(c.Exclude, name, !ok || mode.IsDir())
}

func (n *Node) applyDeep(d *Deep) {
	if d.Owner != "" {
		n.Owner, n.OwnerSet = d.Owner, true
	}
	if d.Group != "" {
		n.Group, n.OwnerSet = d.Group, true
	}
	if d.Mode != "" {
		n.Mode, n.ModeSet = d.Mode, true
	}
}

// applyTyped gives the mode that a recursive change gave to the node's type.
func (n *Node) applyTyped(d *Deep) {
	mode := d.Files
	if n.Kind == Dir {
		mode = d.Dirs
	}
	if mode != "" {
		n.Mode, n.ModeSet = ApplyMode(n.Mode, mode, n.Kind == Dir), true
	}
}

// IsDir tells whether p is a directory.
func (h *Host) IsDir(where int32, p string) value.Tri {
	_, n := h.Follow(where, p)
	switch {
	case n.Presence == value.No:
		return value.No
	case n.Kind == Dir:
		return n.Presence
	case n.Kind == AnyKind:
		return value.Maybe
	}
	return value.No
}

// Children returns the names known to be directly below a directory: those
// written, and those of a repository tree. whole tells that there are no others.
func (h *Host) Children(where int32, dir string) (names []string, whole bool) {
	dir, n := h.Follow(where, dir)
	gone := map[string]bool{}
	h.Each(File, where, func(name string, e Entry) {
		rest, ok := strings.CutPrefix(name, dir)
		if dir != "/" {
			rest, ok = strings.CutPrefix(name, dir+"/")
		} else {
			rest = strings.TrimPrefix(rest, "/")
		}
		if !ok || rest == "" {
			return
		}
		first, deeper, _ := strings.Cut(rest, "/")
		if e.(*Node).Presence == value.No {
			if deeper == "" {
				gone[first] = true
			}
			return
		}
		names = append(names, first)
	})
	if c := n.Content; c != nil && c.Kind == RepoTree && h.Repo != nil {
		whole = true
		for _, name := range h.Repo.List(c.Path) {
			if !gone[name] && !h.leftOut(c, name) {
				names = append(names, name)
			}
		}
	} else if n.Made && n.Kind == Dir && n.Content == nil && n.Presence == value.Yes {
		whole = true
	} else if h.Exact && (n.Content == nil || n.Content.Kind == Unknown) {
		whole = true
	}
	slices.Sort(names)
	return slices.Compact(names), whole
}

// Under calls f for every written path strictly below dir.
func (h *Host) Under(where int32, dir string, f func(p string, n *Node)) {
	prefix := strings.TrimSuffix(dir, "/") + "/"
	var names []string
	h.Each(File, where, func(name string, _ Entry) {
		if strings.HasPrefix(name, prefix) {
			names = append(names, name)
		}
	})
	slices.Sort(names)
	for _, name := range names {
		f(name, h.Get(Key{File, where, name}).(*Node))
	}
}

// Text returns the text of a file when the script wrote it or the repository
// has it.
func (h *Host) Text(where int32, p string) (value.Value, bool) {
	_, n := h.Follow(where, p)
	if h.Exact && where == 0 && (p == "/etc/passwd" || p == "/etc/group") {
		return value.Text(h.database(p)), true
	}
	if n.Presence == value.No || n.Content == nil {
		return value.Value{}, false
	}
	if n.Content.Kind == RepoFile && h.Repo != nil {
		b, err := h.Repo.Read(n.Content.Path)
		if err != nil || len(b) > 1<<20 {
			return value.Value{}, false
		}
		return value.Text(string(b)), true
	}
	if len(n.Content.Or) > 0 {
		return value.Value{}, false
	}
	return n.Content.Known()
}
