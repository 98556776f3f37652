package host

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/value"
)

// A Member is one path in an archive. Path is as the archive stores it, such as
// "./etc/app.ini" or "app-1.0"; it is "" when the archive is one compressed
// file. A directory stands for all that its content holds.
type Member struct {
	Path string
	Node *Node
}

// Pack returns the content of an archive of paths that are named relative to
// dir. prefix is put before each name, as git archive --prefix does. Patterns
// in exclude leave out what they match.
func (a *Actor) Pack(dir value.Str, names []value.Str, prefix string, exclude []string) *Content {
	c := &Content{Kind: Archive, At: a.H.Now.At.Pos}
	for _, name := range names {
		c.Members = append(c.Members, a.packed(value.Abs(dir, name).String(), memberName(prefix, name), exclude)...)
	}
	return c
}

// memberName is a name as an archive stores it: tar removes the leading slash.
func memberName(prefix string, name value.Str) string {
	return strings.TrimLeft(prefix+name.String(), "/")
}

func (a *Actor) packed(p, name string, exclude []string) []Member {
	p, n := a.H.Follow(a.Where, p)
	c := *n
	if n.Content != nil && n.Content.Kind == RepoTree && len(exclude) > 0 {
		tree := *n.Content
		tree.Exclude = append(slices.Clone(tree.Exclude), exclude...)
		c.Content = &tree
	}
	if c.Content == nil && !c.Made {
		c.Content = &Content{Kind: Copied, Path: p}
	}
	out := []Member{{Path: name, Node: &c}}
	a.H.Under(a.Where, a.H.real(a.Where, p), func(q string, m *Node) {
		rel := strings.TrimPrefix(q[len(a.H.real(a.Where, p)):], "/")
		if a.H.copies() && !excluded(exclude, rel, m.Kind == Dir) {
			out = append(out, Member{Path: strings.TrimSuffix(name, "/") + "/" + rel, Node: m})
		}
	})
	return out
}

// File returns the content of the one file that is compressed in c, or c when
// it is no such archive.
func (c *Content) File() *Content {
	if c != nil && c.Kind == Archive && len(c.Members) == 1 && c.Members[0].Path == "" {
		return c.Members[0].Node.Content
	}
	return c
}

// UnpackOpts are the ways of unpacking.
type UnpackOpts struct {
	From  string   // the archive as written, or its path on the machine
	Strip int      // leading elements of each name that are dropped
	Only  []string // members to take; none for all
	Flat  bool     // directories are dropped: unzip -j
}

// Unpack lays the members of an archive below a directory. Of an archive whose
// members are not known, the directory holds what came from it.
func (a *Actor) Unpack(c *Content, dir value.Value, o UnpackOpts) {
	if a.H.Artifact != nil && fetchedSomewhere(c) {
		c = a.H.Artifact
	}
	a.each(dir, func(d value.Str, sure bool) {
		if c == nil || c.Kind != Archive || !a.unpackMembers(c, d, o, sure) {
			a.unpackUnknown(c, d, o, sure)
		}
	})
}

// fetchedSomewhere tells of an archive that nothing is known of but that it is
// brought from elsewhere.
func fetchedSomewhere(c *Content) bool {
	if c == nil {
		return true
	}
	return (c.Kind == Fetched || c.Kind == Copied || c.Kind == Unknown) && (c.URL == "" || strings.HasPrefix(c.URL, "${"))
}

func (a *Actor) unpackUnknown(c *Content, dir value.Str, o UnpackOpts, sure bool) {
	s := dir.String()
	x := &Content{Kind: Extracted, Path: o.From, Prev: c, At: a.H.Now.At.Pos}
	if c != nil {
		x.URL = c.URL
	}
	if len(o.Only) > 0 {
		for _, m := range o.Only {
			a.unpackOne(value.Abs(dir, value.TextStr(stripped(m, o))), &Node{Content: x, Mode: "0644"}, o, sure)
		}
		return
	}
	a.record(&Effect{Op: Extract, Path: s, Val: value.FromStr(dir), From: o.From, Content: x, Kind: Dir, URL: x.URL}, sure)
	path, old := a.H.Follow(a.Where, s)
	n := a.fresh(path, Dir)
	if old.Presence == value.Yes && old.Kind == Dir {
		kept := *old
		n = &kept
	}
	if baseDirs[path] {
		a.H.strewn = append(a.H.strewn, a.key(path))
		return // a system directory does not become the archive's
	}
	if n.Content != nil && n.Content.Kind == RepoTree {
		tree := *n.Content
		tree.Or = append(slices.Clip(tree.Or), x)
		x = &tree
	}
	n.Content = x
	a.put(path, n)
}

// unpackMembers tells whether it laid out anything.
func (a *Actor) unpackMembers(c *Content, dir value.Str, o UnpackOpts, sure bool) bool {
	done := false
	for _, m := range c.Members {
		name := stripped(m.Path, o)
		if !o.wants(m.Path) || name == "" || m.Node.Presence == value.No || o.Flat && m.Node.Kind == Dir && m.Node.Content == nil {
			continue
		}
		if done && !a.H.copies() {
			break
		}
		n := *m.Node
		a.unpackOne(value.Abs(dir, value.TextStr(name)), &n, o, sure)
		done = true
	}
	return done
}

func (a *Actor) unpackOne(dst value.Str, n *Node, o UnpackOpts, sure bool) {
	s := dst.String()
	a.parents(s)
	_, old := a.H.Follow(a.Where, s)
	kept := old.Presence == value.Yes && old.Kind == Dir && n.Kind == Dir
	n.Presence, n.Made = value.Yes, true
	if kept {
		n.Owner, n.Group, n.Mode, n.Deep = old.Owner, old.Group, old.Mode, old.Deep
	} else if a.User != "root" || !n.OwnerSet {
		n.Owner, n.Group = a.User, a.User
	}
	a.record(&Effect{Op: Extract, Path: s, Val: value.FromStr(dst), From: o.From, Content: n.Content, Kind: n.Kind}, sure)
	if kept && n.Content == nil {
		n.Content = old.Content
	}
	a.put(s, n)
	a.refresh(s, n.Content)
}

// stripped is the name that a member gets: "." for the directory itself, ""
// when nothing of it is left.
func stripped(name string, o UnpackOpts) string {
	if o.Flat {
		return path.Base(name)
	}
	elems := strings.Split(strings.Trim(name, "/"), "/")
	if o.Strip > len(elems) {
		return ""
	}
	if o.Strip == len(elems) {
		return "."
	}
	return strings.Join(elems[o.Strip:], "/")
}

func (o UnpackOpts) wants(name string) bool {
	if len(o.Only) == 0 {
		return true
	}
	name = path.Clean(name)
	for _, w := range o.Only {
		w = path.Clean(w)
		if ok, _ := path.Match(w, name); ok || strings.HasPrefix(name, w+"/") {
			return true
		}
	}
	return false
}

// Lay puts a node at a path without an effect: a temporary file, or what a
// model has already written down in another effect.
func (a *Actor) Lay(p value.Str, n *Node) {
	c := *n
	c.Made = true
	a.put(a.Abs(p).String(), &c)
}

// Give sets owner, group and mode of a path without an effect of its own: they
// are part of the effect that made it. "" leaves one as it is.
func (a *Actor) Give(v value.Value, owner, group, mode string) {
	a.each(v, func(p value.Str, _ bool) {
		path, old := a.H.Follow(a.Where, p.String())
		n := *old
		n.chown(owner, group)
		if mode != "" {
			n.Mode, n.ModeSet = ApplyMode(n.Mode, mode, n.Kind == Dir), true
		}
		a.H.Set(a.key(path), &n)
	})
}
