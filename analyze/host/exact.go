package host

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/nativize/nativize/analyze/value"
)

// firstID is the number of the first account that a package makes on an Exact
// host: system accounts have those from 100 to 999 (login.defs(5)).
const firstID = 500

// nextID hands out numbers for accounts and groups. None is given twice, so
// that an account that was deleted and made again is seen to be another.
func (h *Host) nextID() string {
	k := Key{Space: Setting, Name: "next-id"}
	id := firstID
	if f, ok := h.Get(k).(*Flag); ok {
		id, _ = strconv.Atoi(f.ID)
	}
	h.Set(k, &Flag{Presence: value.Yes, ID: strconv.Itoa(id + 1)})
	return strconv.Itoa(id)
}

// Setting returns a setting of the machine, nil when it was never set.
func (h *Host) Setting(name string) *Flag {
	f, _ := h.Get(Key{Space: Setting, Name: name}).(*Flag)
	return f
}

// SetSetting sets or, with on false, clears a setting; id is its value.
func (h *Host) SetSetting(name, id string, on bool) {
	h.Set(Key{Space: Setting, Name: name}, &Flag{Presence: value.Bool(on), ID: id})
}

// IsSet tells whether a setting is set.
func (h *Host) IsSet(name string) bool {
	f := h.Setting(name)
	return f != nil && f.Presence == value.Yes
}

// Lay puts a node at a path as it is, with no effect written down: what a
// package manager unpacks, and what a scenario starts with.
func (h *Host) Lay(p string, n *Node) { h.Set(Key{Space: File, Name: h.real(0, p)}, n) }

// Drop removes a path with all below, with no effect written down.
func (h *Host) Drop(p string) {
	a := Actor{H: h}
	a.drop(p)
}

// Mark is the present end of the log, for Rewind.
func (h *Host) Mark() int { return len(h.Log) }

// Rewind closes the layer that was opened by Push when the log ended at mark:
// all that was done since is undone.
func (h *Host) Rewind(mark int) {
	h.Pop()
	h.Log = h.Log[:mark]
	h.passing = nil
}

// CodeVersion is the version of the package whose files lie on the machine, as
// the package manager noted it by SetSetting("version", ...).
func (h *Host) CodeVersion() string {
	if f := h.Setting("version"); f != nil {
		return f.ID
	}
	return ""
}

// database is the text of passwd(5) or group(5) on an Exact host, sorted by
// name. Numbers of accounts that every system has are left at 0 of root and 1
// of the others.
func (h *Host) database(p string) string {
	space, names := User, maps.Clone(baseUsers)
	if p == "/etc/group" {
		space, names = Group, maps.Clone(baseGroups)
	}
	h.Each(space, 0, func(name string, _ Entry) { names[name] = h.Has(space, 0, name) == value.Yes })
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if names[name] {
			b.WriteString(h.line(space, name) + "\n")
		}
	}
	return b.String()
}

func (h *Host) line(space Space, name string) string {
	id, home, shell := "1", "/nonexistent", "/usr/sbin/nologin"
	if name == "root" {
		id, home, shell = "0", "/root", "/bin/sh"
	}
	switch e := h.Get(Key{Space: space, Name: name}).(type) {
	case *UserEntry:
		setIf(&id, e.UID)
		setIf(&home, e.Home)
		setIf(&shell, e.Shell)
	case *Flag:
		setIf(&id, e.ID)
	}
	if space == Group {
		return name + ":x:" + id + ":"
	}
	return strings.Join([]string{name, "x", id, id, "", home, shell}, ":")
}
