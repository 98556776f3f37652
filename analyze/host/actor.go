package host

import (
	"fmt"
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/value"
)

// An Actor is somebody who works on one machine: the verbs below change it and
// write each effect down. A verb on a value with several alternatives applies
// to each of them, perhaps.
type Actor struct {
	H     *Host
	Where int32
	User  string    // "" whoever runs the script
	Cwd   value.Str // absolute, or beginning with a hole
	Umask uint16    // 0 means the usual 022
}

// maxPath is PATH_MAX of Linux, in bytes.
const maxPath = 4096

// Abs returns the clean absolute path that v's alternative names.
func (a *Actor) Abs(s value.Str) value.Str { return value.Abs(a.Cwd, s) }

// Path prints the absolute path of the best alternative.
func (a *Actor) Path(v value.Value) string { return a.Abs(v.Best()).String() }

// each calls f with every alternative path; sure tells that there is only one.
func (a *Actor) each(v value.Value, f func(p value.Str, sure bool)) {
	sure := v.Len() == 1
	for i := range v.Len() {
		s := v.At(i)
		if t, ok := s.Exact(); ok && t == "" {
			continue
		}
		p := a.Abs(s)
		if p.Size() > maxPath {
			continue // ENAMETOOLONG
		}
		if !p.Known() {
			a.passing(p)
		}
		a.H.alt = !v.Main(i)
		f(p, sure)
		a.H.alt = false
	}
}

func (a *Actor) key(p string) Key { return Key{File, a.Where, a.H.real(a.Where, p)} }

// real follows the links that the deployment made above p.
func (h *Host) real(where int32, p string) string {
	for range maxLinks {
		next := h.realOnce(where, p)
		if next == p {
			break
		}
		p = next
	}
	return p
}

func (h *Host) realOnce(where int32, p string) string {
	for dir := parent(p); dir != "" && dir != "/"; dir = parent(dir) {
		if n, ok := h.Get(Key{File, where, dir}).(*Node); ok && n.Kind == Link && n.Presence == value.Yes {
			return h.linkTarget(dir, n) + p[len(dir):]
		}
	}
	return p
}

// record writes an effect of this actor down.
func (a *Actor) record(e *Effect, sure bool) *Effect {
	e.Machine, e.User, e.Cwd = a.Where, a.User, a.Cwd.String()
	a.H.Record(e)
	e.Alt = a.H.alt
	if !sure {
		e.Must = false
	}
	return e
}

// Record writes an effect down that changes nothing the machine keeps track of.
func (a *Actor) Record(e *Effect) *Effect { return a.record(e, true) }

func (a *Actor) put(p string, n *Node) {
	n.At = a.H.Now.At.Pos
	k := a.key(p)
	if n.Kind == Dir && n.Content != nil {
		if old, ok := a.H.Get(k).(*Node); ok && old.Presence != value.Yes {
			a.uncover(k, n)
		}
	}
	a.H.Set(k, n)
}

// uncover forgets that paths below a directory were removed: the directory is
// made anew with content of its own.
func (a *Actor) uncover(k Key, dir *Node) {
	a.H.Under(k.Where, k.Name, func(p string, n *Node) {
		if n.Presence == value.No {
			a.H.Set(Key{File, k.Where, p}, a.H.below(dir, strings.TrimPrefix(p[len(k.Name):], "/"), k.Where, p))
		}
	})
}

// passing notes a path that has another name at each run: the time is in it.
func (a *Actor) passing(p value.Str) {
	for _, h := range p.Holes() {
		if h.Kind == value.Temp || h.Kind == value.Date {
			a.H.passing = append(a.H.passing, a.key(p.String()))
			return
		}
	}
}

// node returns a copy of what is known of p, made present.
func (a *Actor) node(p string) *Node {
	n := *a.H.Node(a.Where, p)
	return &n
}

// fresh returns a new node made by this actor below dir.
func (a *Actor) fresh(p string, kind NodeKind) *Node {
	n := &Node{Kind: kind, Presence: value.Yes, Made: true, Owner: a.User, Group: a.User}
	mask := uint16(0o022)
	if a.Umask != 0 {
		mask = a.Umask
	}
	switch kind {
	case Dir:
		n.Mode = fmt.Sprintf("%04o", 0o777&^mask)
	case Link:
		n.Mode = "0777"
	default:
		n.Mode = fmt.Sprintf("%04o", 0o666&^mask)
	}
	if up := a.H.Node(a.Where, parent(p)); len(up.Mode) == 4 && up.Mode[0]&2 != 0 && up.Group != "" {
		n.Group = up.Group // a setgid directory gives its group
		if kind == Dir {
			n.Mode = "2755" // and to directories the bit
		}
	}
	return n
}

// MakeDir is mkdir: mode is as given, "" for the default; with parents the
// directories above are made too and an existing one is left alone.
func (a *Actor) MakeDir(v value.Value, mode string, parents bool) {
	a.each(v, func(p value.Str, sure bool) {
		s := p.String()
		old := a.H.Node(a.Where, s)
		if old.Presence == value.Yes && old.Kind == Dir && !a.H.IsNew(a.Where, s) && baseDirs[s] {
			return
		}
		if parents {
			a.parents(s)
		}
		n := a.fresh(s, Dir)
		if parents && old.Presence != value.No && (old.Kind == Dir || old.Made) {
			c := *old
			c.Presence, c.Kind, n = value.Yes, Dir, &c
			n.Made = true
		} else if mode != "" {
			n.Mode, n.ModeSet = ApplyMode(n.Mode, mode, true), true
		}
		a.record(&Effect{Op: MakeDir, Path: s, Val: value.FromStr(p), Kind: Dir, Mode: mode, Recursive: parents, Met: existed(old)}, sure)
		a.put(s, n)
	})
}

// existed says in a word what an effect met at its path.
func existed(n *Node) string {
	switch n.Presence {
	case value.Yes:
		return "exists"
	case value.No:
		return "new"
	}
	return ""
}

// IsNew tells whether p was made by the deployment.
func (h *Host) IsNew(where int32, p string) bool {
	n, ok := h.Get(Key{File, where, p}).(*Node)
	return ok && n.Made
}

// parents makes the directories above p that are not known to be there.
func (a *Actor) parents(p string) {
	var missing []string
	for dir := parent(p); dir != "" && dir != "/" && dir[len(dir)-1] != '}'; dir = parent(dir) {
		n := a.H.Node(a.Where, dir)
		if n.Presence == value.Yes || maybeDirs[dir] {
			break
		}
		missing = append(missing, dir)
	}
	for i := len(missing) - 1; i >= 0; i-- {
		n := a.fresh(missing[i], Dir)
		if old := a.H.Node(a.Where, missing[i]); old.Presence == value.Maybe && old.Kind == Dir && old.Made {
			c := *old
			c.Presence, n = value.Yes, &c
		}
		n.Made = true
		a.put(missing[i], n)
	}
}

// Write gives a file new content: created, or truncated and kept with its owner
// and mode. With add the content goes to the end of what is there.
func (a *Actor) Write(v value.Value, c *Content, add bool) {
	a.each(v, func(p value.Str, sure bool) {
		s := p.String()
		if devNull(s) {
			return
		}
		path, old := a.H.Follow(a.Where, s)
		n := a.rewrite(path, old)
		op := Write
		if add {
			op = Append
			cc := *c
			cc.Append, cc.Prev = true, old.Content
			c = &cc
		}
		c.At = a.H.Now.At.Pos
		n.Content = c
		a.record(&Effect{Op: op, Path: s, Val: value.FromStr(p), Content: c, Kind: Regular, Met: existed(old)}, sure)
		a.put(path, n)
	})
}

func devNull(p string) bool {
	return strings.HasPrefix(p, "/dev/") && !strings.HasPrefix(p, "/dev/shm/")
}

// rewrite is the node of a file whose content is replaced.
func (a *Actor) rewrite(p string, old *Node) *Node {
	if old.Presence == value.Yes && old.Kind != Dir {
		c := *old
		c.Kind, c.Presence, c.Made = Regular, value.Yes, true
		if c.Mode == "" {
			c.Mode = "0644"
		}
		return &c
	}
	return a.fresh(p, Regular)
}

// Edit changes a file in place; what says how.
func (a *Actor) Edit(v value.Value, what string) {
	a.each(v, func(p value.Str, sure bool) {
		path, old := a.H.Follow(a.Where, p.String())
		n := *old
		if n.Presence == value.Maybe {
			n.Presence = value.Yes
		}
		n.Kind = Regular
		n.Content = &Content{Kind: Edited, Prev: old.Content, Edit: what, At: a.H.Now.At.Pos}
		a.record(&Effect{Op: Edit, Path: p.String(), Val: value.FromStr(p), What: what, Content: n.Content, Kind: Regular}, sure)
		a.H.Set(a.key(path), &n)
	})
}

// Touch makes an empty file when there is none.
func (a *Actor) Touch(v value.Value) {
	a.each(v, func(p value.Str, sure bool) {
		s := p.String()
		old := a.H.Node(a.Where, s)
		a.record(&Effect{Op: Touch, Path: s, Val: value.FromStr(p), Kind: Regular, Met: existed(old)}, sure)
		if old.Presence == value.Yes {
			return
		}
		n := a.fresh(s, Regular)
		n.Content = &Content{Kind: Empty, At: a.H.Now.At.Pos}
		a.put(s, n)
	})
}

// Remove is rm: with recursive all below goes too.
func (a *Actor) Remove(v value.Value, recursive bool) {
	a.each(v, func(p value.Str, sure bool) {
		s := p.String()
		old := a.H.Node(a.Where, s)
		a.record(&Effect{Op: Remove, Path: s, Val: value.FromStr(p), Kind: old.Kind, Recursive: recursive, Met: existed(old)}, sure)
		if hasGlob(p) {
			return
		}
		a.drop(s)
	})
}

func hasGlob(p value.Str) bool {
	for _, h := range p.Holes() {
		if h.Kind == value.Glob {
			return true
		}
	}
	return false
}

// drop makes a path absent with all below.
func (a *Actor) drop(p string) {
	k := a.key(p)
	a.H.Under(a.Where, k.Name, func(q string, _ *Node) {
		a.H.Set(Key{File, a.Where, q}, &Node{Presence: value.No, At: a.H.Now.At.Pos})
	})
	a.H.Set(k, &Node{Presence: value.No, At: a.H.Now.At.Pos})
}

// Symlink makes v a link to target. force replaces what is there; deref says
// that an existing link to a directory is entered, as ln does without -n.
func (a *Actor) Symlink(target, v value.Value, force, deref bool) {
	a.each(v, func(p value.Str, sure bool) {
		t := target.Best()
		s := p.String()
		if a.IntoDir(p, deref) && (deref || !force || a.H.Node(a.Where, s).Presence == value.Yes) {
			p = value.Below(p, t.Base())
			s = p.String()
		}
		n := a.fresh(s, Link)
		n.Link = t
		a.record(&Effect{Op: Symlink, Path: s, Val: value.FromStr(p), Kind: Link, Target: t.String(), From: value.Abs(p.Dir(), t).String(), Action: forceWord(force)}, sure)
		a.put(s, n)
	})
}

func forceWord(force bool) string {
	if force {
		return "force"
	}
	return ""
}

// IntoDir tells whether a destination is a directory that is copied into.
func (a *Actor) IntoDir(p value.Str, deref bool) bool {
	n := a.H.Node(a.Where, p.String())
	if n.Kind == Link && deref {
		_, n = a.H.Follow(a.Where, p.String())
	}
	return n.Kind == Dir && n.Presence != value.No
}

// Hardlink makes v another name of from.
func (a *Actor) Hardlink(from, v value.Value) {
	a.each(v, func(p value.Str, sure bool) {
		src := a.Path(from)
		if a.IntoDir(p, true) {
			p = value.Below(p, from.Best().Base())
		}
		a.record(&Effect{Op: Hardlink, Path: p.String(), Val: value.FromStr(p), From: src, Kind: Regular}, sure)
		a.put(p.String(), a.node(src))
	})
}

// Chmod gives a mode, octal or symbolic as chmod(1) takes it.
func (a *Actor) Chmod(v value.Value, mode string, recursive bool) {
	a.each(v, func(p value.Str, sure bool) {
		path, old := a.H.Follow(a.Where, p.String())
		n := *old
		n.Mode, n.ModeSet = ApplyMode(old.Mode, mode, old.Kind == Dir), true
		e := &Effect{Op: Chmod, Path: p.String(), Val: value.FromStr(p), Mode: mode, Recursive: recursive, Kind: old.Kind}
		if recursive {
			n.Deep = n.Deep.with(&Deep{Mode: mode})
			a.H.Under(a.Where, path, func(q string, m *Node) {
				c := *m
				c.Mode, c.ModeSet = ApplyMode(m.Mode, mode, m.Kind == Dir), true
				a.H.Set(Key{File, a.Where, q}, &c)
			})
		}
		a.record(e, sure)
		a.changed(p, path, &n)
	})
}

// changed keeps what chmod or chown gave to a path. That the command succeeds
// tells that the path is there, unless the script has removed it.
func (a *Actor) changed(p value.Str, path string, n *Node) {
	if hasGlob(p) {
		return
	}
	k := a.key(path)
	if n.Presence == value.No {
		if a.H.Exact || a.H.Get(k) != nil {
			return
		}
		n.Presence = value.Maybe
	}
	a.H.Set(k, n)
}

// Chown gives an owner, a group, or both; "" leaves one as it is.
func (a *Actor) Chown(v value.Value, owner, group string, recursive, deref bool) {
	a.each(v, func(p value.Str, sure bool) {
		s := p.String()
		path, old := s, a.H.Node(a.Where, s)
		if deref {
			path, old = a.H.Follow(a.Where, s)
		}
		n := *old
		n.chown(owner, group)
		if recursive {
			n.Deep = n.Deep.with(&Deep{Owner: owner, Group: group})
			a.H.Under(a.Where, path, func(q string, m *Node) {
				c := *m
				c.chown(owner, group)
				a.H.Set(Key{File, a.Where, q}, &c)
			})
		}
		a.record(&Effect{Op: Chown, Path: s, Val: value.FromStr(p), Owner: owner, Group: group, Recursive: recursive, Kind: old.Kind}, sure)
		a.changed(p, path, &n)
	})
}

func (n *Node) chown(owner, group string) {
	if owner != "" {
		n.Owner, n.OwnerSet = owner, true
	}
	if group != "" {
		n.Group, n.OwnerSet = group, true
	}
}

// with adds a later recursive change.
func (d *Deep) with(e *Deep) *Deep {
	if d == nil {
		return e
	}
	c := *d
	if e.Owner != "" {
		c.Owner = e.Owner
	}
	if e.Group != "" {
		c.Group = e.Group
	}
	if e.Mode != "" {
		c.Mode, c.Dirs, c.Files = e.Mode, "", ""
	}
	if e.Dirs != "" {
		c.Dirs = e.Dirs
	}
	if e.Files != "" {
		c.Files = e.Files
	}
	return &c
}

// Base returns the last element of a printed path.
func Base(p string) string { return path.Base(p) }
