package host

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/value"
)

// Walk calls f for dir and what is known below it, parents first, names
// sorted, until f or limit says stop: f's result tells whether to go into a
// directory. whole tells that nothing else can be there.
func (a *Actor) Walk(dir string, limit int, f func(p string, n *Node, depth int) bool) (whole bool) {
	w := &walker{a: a, left: limit, f: f}
	return w.dir(dir, 0)
}

type walker struct {
	a    *Actor
	left int
	f    func(p string, n *Node, depth int) bool
}

func (w *walker) dir(p string, depth int) bool {
	n := w.a.H.Node(w.a.Where, p)
	if n.Presence == value.No {
		return true
	}
	if w.left--; w.left < 0 {
		return false
	}
	if !w.f(p, n, depth) || n.Kind == Regular || n.Kind == Link {
		return true
	}
	names, whole := w.a.H.Children(w.a.Where, p)
	for _, name := range names {
		if name == ".git" {
			continue
		}
		whole = w.dir(path.Join(p, name), depth+1) && whole
	}
	return whole && n.Kind == Dir
}

// ChmodTyped gives a mode to all of one type below a path, as
// find PATH -type d -exec chmod does. One effect is written down.
func (a *Actor) ChmodTyped(v value.Value, mode string, kind NodeKind) {
	a.each(v, func(p value.Str, sure bool) {
		s := p.String()
		a.record(&Effect{Op: Chmod, Path: s, Val: value.FromStr(p), Mode: mode, Recursive: true, Kind: kind, What: "every " + kind.String()}, sure)
		real, old := a.H.Follow(a.Where, s)
		n := *old
		d := &Deep{Files: mode}
		if kind == Dir {
			d = &Deep{Dirs: mode}
		}
		n.Deep = n.Deep.with(d)
		if n.Kind == kind {
			n.Mode, n.ModeSet = ApplyMode(n.Mode, mode, kind == Dir), true
		}
		a.H.Under(a.Where, real, func(q string, m *Node) {
			if m.Kind == kind && m.Presence != value.No {
				c := *m
				c.Mode, c.ModeSet = ApplyMode(m.Mode, mode, kind == Dir), true
				a.H.Set(Key{File, a.Where, q}, &c)
			}
		})
		if old.Presence != value.No && !strings.Contains(s, "*") {
			a.H.Set(a.key(real), &n)
		}
	})
}
