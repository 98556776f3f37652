package host

import (
	"strconv"

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
