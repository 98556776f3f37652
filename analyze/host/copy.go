package host

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/value"
)

// CopyOpts are the ways of copying.
type CopyOpts struct {
	Recursive bool
	Into      bool // the destination is a directory: -t, a trailing slash, several sources
	Exact     bool // the destination is the file itself: -T
	Contents  bool // what lies in the source directory, not the directory: rsync's trailing slash, cp's "/."
	NoClobber bool // an existing destination is left alone
	Update    bool // only newer ones replace
	Preserve  bool // owner and mode come along
	Parents   bool // directories above the destination are made: install -D
	Delete    bool // files that the source does not have go: rsync --delete
	Owner     string
	Group     string
	Mode      string
	Exclude   []string
	Op        Op     // CopyTo when ""
	From      string // machine and path of a source elsewhere, as written
}

// Copy copies one source to a destination; the content's provenance goes along.
func (a *Actor) Copy(src, dst value.Value, o CopyOpts) {
	a.each(dst, func(d value.Str, sure bool) {
		sure = sure && src.Len() == 1
		for i := range src.Len() {
			a.copyOne(a.Abs(src.At(i)), d, o, sure)
		}
	})
}

func (a *Actor) copyOne(src, dst value.Str, o CopyOpts, sure bool) {
	from, n := a.H.Follow(a.Where, src.String())
	if o.Recursive && !o.Contents {
		from, n = src.String(), a.H.Node(a.Where, src.String())
	}
	a.Place(n, from, src.Base(), dst, o, sure)
}

// Place lays a node that came from somewhere, perhaps another machine, at a
// destination, as Copy does. base is the name it gets in a directory.
func (a *Actor) Place(n *Node, from string, base, dst value.Str, o CopyOpts, sure bool) {
	if !o.Recursive && !o.Contents && o.Op != MoveTo && n.Kind != Regular && n.Kind != Link {
		c := *n // without -r only a file can be copied
		c.Kind, c.Content = Regular, fileContent(n.Content)
		n = &c
	}
	if !o.Contents && !o.Exact && (o.Into || a.IntoDir(dst, true)) {
		dst = value.Below(dst, base)
	}
	s := dst.String()
	if devNull(s) {
		return
	}
	if o.Parents {
		a.parents(s)
	}
	target, old := a.H.Follow(a.Where, s)
	if o.NoClobber && old.Presence == value.Yes {
		return
	}
	c := n.contentAt(from, o)
	e := &Effect{Op: o.Op, Path: s, Val: value.FromStr(dst), From: from, Content: c, Kind: n.Kind, Recursive: o.Recursive,
		Owner: o.Owner, Group: o.Group, Mode: o.Mode, Met: existed(old)}
	if e.Op == "" {
		e.Op = CopyTo
	}
	if o.Delete {
		e.Action = "delete"
	}
	if o.From != "" {
		e.From = o.From
	}
	if o.NoClobber {
		e.What = "no-clobber"
		sure = false
	}
	a.record(e, sure)
	if !hasGlob(dst) {
		a.put(target, a.copied(n, old, s, c, o))
		a.copyBelow(from, target, o)
	}
}

// fileContent is what is known of a file of which nothing but a tree's content
// was known.
func fileContent(c *Content) *Content {
	if c != nil && (c.Kind == RepoTree || c.Kind == Built || c.Kind == Checkout) {
		return nil
	}
	return c
}

// contentAt is the content of a copy.
func (n *Node) contentAt(from string, o CopyOpts) *Content {
	c := n.Content
	if c == nil {
		if n.Kind == Dir && n.Made {
			return nil // what lies below is copied path by path
		}
		return &Content{Kind: Copied, Path: from}
	}
	if len(o.Exclude) > 0 && c.Kind == RepoTree {
		cc := *c
		cc.Exclude = append(append([]string(nil), c.Exclude...), o.Exclude...)
		return &cc
	}
	return c
}

func (a *Actor) copied(n, old *Node, p string, c *Content, o CopyOpts) *Node {
	kind := n.Kind
	if o.Contents || n.Kind == Dir && o.Recursive {
		kind = Dir
	}
	m := a.fresh(p, kind)
	m.Presence = value.Yes
	m.Content, m.Link = c, n.Link
	switch {
	case o.Preserve:
		m.Owner, m.Group, m.OwnerSet = n.Owner, n.Group, n.OwnerSet
		m.Mode, m.ModeSet, m.Deep = n.Mode, n.ModeSet, n.Deep
	case old.Presence == value.Yes && old.Kind == Regular && o.Mode == "" && o.Op != MoveTo:
		m.Owner, m.Group, m.OwnerSet = old.Owner, old.Group, old.OwnerSet
		m.Mode, m.ModeSet = old.Mode, old.ModeSet
	case n.Mode != "" && o.Mode == "" && kind == n.Kind:
		m.Mode = n.Mode
	case n.Mode == "" && o.Mode == "" && kind == Regular && n.Presence != value.Yes && a.H.Closed:
		m.Mode = "" // nothing is known of the source
	}
	if kind == Dir && old.Presence == value.Yes && old.Kind == Dir {
		m.Owner, m.Group, m.OwnerSet, m.Mode, m.ModeSet, m.Deep = old.Owner, old.Group, old.OwnerSet, old.Mode, old.ModeSet, old.Deep
		if old.Content != nil && c != nil && old.Content.Kind != c.Kind && !o.Delete {
			cc := *c
			cc.Or = append(append([]*Content(nil), c.Or...), old.Content)
			m.Content = &cc
		} else if c == nil {
			m.Content = old.Content
		}
	}
	if o.Mode != "" {
		m.Mode, m.ModeSet = ApplyMode(m.Mode, o.Mode, kind == Dir), true
	}
	m.chown(o.Owner, o.Group)
	if kind == Dir && o.Recursive && (o.Owner != "" || o.Group != "") {
		m.Deep = m.Deep.with(&Deep{Owner: o.Owner, Group: o.Group})
	}
	return m
}

// maxCopied bounds the paths that are copied one by one, in all runs of a host:
// a script can double them at each step.
const maxCopied = 10_000

// copies tells whether one more path may be copied.
func (h *Host) copies() bool {
	h.copied++
	return h.copied <= maxCopied
}

// copyBelow copies what was written below a source directory.
func (a *Actor) copyBelow(from, to string, o CopyOpts) {
	if !o.Recursive || from == to {
		return
	}
	real := a.H.real(a.Where, from)
	a.H.Under(a.Where, real, func(p string, n *Node) {
		rel := strings.TrimPrefix(p[len(real):], "/")
		if !a.H.copies() || len(to)+len(rel) >= maxPath || excluded(o.Exclude, rel, n.Kind == Dir) {
			return
		}
		c := *n
		c.chown(o.Owner, o.Group)
		if !o.Preserve && c.Presence == value.Yes && !c.OwnerSet {
			c.Owner, c.Group = a.User, a.User
		}
		a.H.Set(Key{File, a.Where, path.Join(to, rel)}, &c)
	})
}

// Move renames a path.
func (a *Actor) Move(src, dst value.Value, o CopyOpts) {
	o.Op, o.Preserve, o.Recursive = MoveTo, true, true
	a.each(dst, func(d value.Str, sure bool) {
		sure = sure && src.Len() == 1
		for i := range src.Len() {
			s := a.Abs(src.At(i))
			from := s.String()
			a.Place(a.H.Node(a.Where, from), from, s.Base(), d, o, sure)
			if !hasGlob(s) {
				a.drop(from)
			}
		}
	})
}

// Tree makes a directory with all that c holds: a clone, an unpacked archive.
// What was written below stays unless clear is set.
func (a *Actor) Tree(dir value.Str, c *Content, clear bool) {
	s := dir.String()
	if clear {
		a.drop(s)
	}
	a.parents(s)
	path, old := a.H.Follow(a.Where, s)
	n := a.fresh(path, Dir)
	if old.Presence == value.Yes && old.Kind == Dir {
		c2 := *old
		n = &c2
		n.Made = true
	}
	n.Content = c
	a.put(path, n)
	a.refresh(path, c)
}

// refresh drops what was written over files of the repository below dir: a
// checkout brings them back. Files that the repository does not have stay.
func (a *Actor) refresh(dir string, c *Content) {
	if c == nil || c.Kind != RepoTree || a.H.Repo == nil {
		return
	}
	a.H.Under(a.Where, dir, func(p string, n *Node) {
		rel := strings.TrimPrefix(p[len(dir):], "/")
		if mode, ok := a.H.Repo.Stat(path.Join(c.Path, rel)); ok && !mode.IsDir() {
			m := *n
			m.Presence, m.Made, m.Kind = value.Yes, true, Regular
			m.Content = &Content{Kind: RepoFile, Path: path.Join(c.Path, rel), At: a.H.Now.At.Pos}
			a.H.Set(Key{File, a.Where, p}, &m)
		}
	})
}
