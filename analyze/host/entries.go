package host

import (
	"slices"

	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/analyze/value"
)

// A UserEntry is an account, as useradd(8) knows it. Empty fields are not known
// or left to the default.
type UserEntry struct {
	Name     string
	Presence value.Tri
	Home     string
	Shell    string
	UID      string
	Group    string // primary
	Groups   []string
	System   value.Tri
	Made     bool
	At       source.Pos
}

// Join merges two possibilities.
func (u *UserEntry) Join(other Entry) Entry {
	v, _ := other.(*UserEntry)
	c := *u
	if v == nil {
		c.Presence = value.Maybe
		return &c
	}
	if v.Made && !u.Made {
		c, v = *v, u
	}
	if c.Presence != v.Presence {
		c.Presence = value.Maybe
	}
	for _, g := range v.Groups {
		if !slices.Contains(c.Groups, g) {
			c.Groups = append(slices.Clip(c.Groups), g)
		}
	}
	return &c
}

// A Flag is a thing that is there or not: a group, a package, a command.
type Flag struct {
	Presence value.Tri
	Made     bool
	ID       string // gid of a group, version of a package
	At       source.Pos
}

// Join merges two possibilities.
func (f *Flag) Join(other Entry) Entry {
	g, _ := other.(*Flag)
	c := *f
	if g == nil {
		c.Presence = value.Maybe
		return &c
	}
	if f.Presence != g.Presence {
		c.Presence = value.Maybe
	}
	c.Made = f.Made || g.Made
	if c.ID == "" {
		c.ID = g.ID
	}
	return &c
}

// A ServiceEntry is a service under one manager.
type ServiceEntry struct {
	Name    string
	Manager string
	Enabled value.Tri
	Running value.Tri
	Masked  value.Tri
	Touched bool // Enabled or Running was set by the deployment
	At      source.Pos
}

// Join merges two possibilities.
func (s *ServiceEntry) Join(other Entry) Entry {
	t, _ := other.(*ServiceEntry)
	c := *s
	if t == nil {
		c.Enabled, c.Running, c.Masked = value.Maybe, value.Maybe, value.Maybe
		return &c
	}
	if s.Enabled != t.Enabled {
		c.Enabled = value.Maybe
	}
	if s.Running != t.Running {
		c.Running = value.Maybe
	}
	if s.Masked != t.Masked {
		c.Masked = value.Maybe
	}
	c.Touched = s.Touched || t.Touched
	return &c
}

// Has returns whether something is there: an account, a group, a package, a
// command.
func (h *Host) Has(space Space, where int32, name string) value.Tri {
	switch e := h.Get(Key{space, where, name}).(type) {
	case *UserEntry:
		return e.Presence
	case *Flag:
		return e.Presence
	}
	switch {
	case space == User && baseUsers[name], space == Group && baseGroups[name]:
		return value.Yes
	case space == Command && baseCommands[name]:
		return value.Yes
	case space == Command && h.Exact:
		return value.Bool(!h.Bare)
	case space == Package && h.Exact:
		return value.No
	case space == Group && h.Has(User, where, name) == value.Yes && h.userGroup(where, name):
		return value.Yes
	case (space == User || space == Group) && h.Closed && where == 0:
		return value.No
	}
	return value.Maybe
}

// userGroup tells whether the account has a group of its own name.
func (h *Host) userGroup(where int32, name string) bool {
	u, ok := h.Get(Key{User, where, name}).(*UserEntry)
	return ok && (u.Group == "" || u.Group == name)
}

// Account returns what is known of an account, nil when it was never mentioned.
func (h *Host) Account(where int32, name string) *UserEntry {
	u, _ := h.Get(Key{User, where, name}).(*UserEntry)
	return u
}

// Assume records that something is there, or is not, without an effect: what a
// test has shown.
func (h *Host) Assume(k Key, present bool, kind NodeKind) {
	p := value.Bool(present)
	switch k.Space {
	case File:
		n := *h.Node(k.Where, k.Name)
		n.Presence = p
		if present && kind != AnyKind {
			n.Kind = kind
		}
		h.Set(k, &n)
	case User:
		u := UserEntry{Name: k.Name}
		if old := h.Account(k.Where, k.Name); old != nil {
			u = *old
		}
		u.Presence = p
		h.Set(k, &u)
	case Service:
		// Whether it runs is asked by name; what runs changes by itself.
	default:
		f := Flag{}
		if old, ok := h.Get(k).(*Flag); ok {
			f = *old
		}
		f.Presence = p
		h.Set(k, &f)
	}
}
