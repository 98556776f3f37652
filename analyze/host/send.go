package host

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/value"
)

// CopyFrom copies a source of another actor, perhaps on another machine, to a
// destination of this one. Provenance and what was written below the source go
// along.
func (a *Actor) CopyFrom(b *Actor, src, dst value.Value, o CopyOpts) {
	a.each(dst, func(d value.Str, sure bool) {
		for i := range src.Len() {
			a.sendOne(b, b.Abs(src.At(i)), d, o, sure && src.Len() == 1)
		}
	})
}

func (a *Actor) sendOne(b *Actor, src, dst value.Str, o CopyOpts, sure bool) {
	from, n := b.H.Follow(b.Where, src.String())
	if !o.Contents && !o.Exact && (o.Into || a.IntoDir(dst, true)) {
		dst = value.Below(dst, src.Base())
	}
	o.Exact = true
	if o.Delete {
		a.prune(b, from, dst.String(), o)
	}
	c := *n
	if a.Where != b.Where && a.User != "root" && a.User != "" {
		c.Owner, c.Group, c.OwnerSet = a.User, a.User, false
	}
	if o.Contents || o.Recursive && c.Kind == AnyKind && o.Op == Sync {
		c.Kind = Dir
	}
	a.Place(&c, from, src.Base(), dst, o, sure)
	if a.Where == b.Where || !o.Recursive || hasGlob(dst) {
		return
	}
	target, _ := a.H.Follow(a.Where, dst.String())
	b.H.Under(b.Where, b.H.real(b.Where, from), func(p string, m *Node) {
		rel := strings.TrimPrefix(p[len(b.H.real(b.Where, from)):], "/")
		if m.Presence != value.No && !excluded(o.Exclude, rel, m.Kind == Dir) {
			k := *m
			k.chown(o.Owner, o.Group)
			if !k.OwnerSet {
				k.Owner, k.Group = c.Owner, c.Group
			}
			a.H.Set(Key{File, a.Where, path.Join(target, rel)}, &k)
		}
	})
}

// prune drops what a destination has and the source does not, unless a pattern
// protects it.
func (a *Actor) prune(b *Actor, from, to string, o CopyOpts) {
	real := a.H.real(a.Where, to)
	a.H.Under(a.Where, real, func(p string, n *Node) {
		rel := strings.TrimPrefix(p[len(real):], "/")
		if n.Presence != value.No && !excluded(o.Exclude, rel, n.Kind == Dir) && b.H.Node(b.Where, path.Join(from, rel)).Presence != value.Yes {
			a.H.Set(Key{File, a.Where, p}, &Node{Presence: value.No, At: a.H.Now.At.Pos})
		}
	})
}
