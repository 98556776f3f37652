package verify

import (
	"cmp"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/analyze/value"
)

// A Snapshot is the state of an abstract machine that scenarios compare.
type Snapshot struct {
	Files    map[string]Entry
	Accounts map[string]Account
	Groups   map[string]string // name to number
	Services map[string]Service
}

// An Entry is one path. Names of owner and group, four octal digits of mode.
type Entry struct {
	Kind         host.NodeKind
	Owner, Group string
	Mode         string
	Link         string
	Sum          string // identifies the bytes, see command.ContentID
	At           source.Pos
}

// An Account is a user as passwd(5) and group(5) know it.
type Account struct {
	UID, Home, Shell, Group string
	Groups                  []string // sorted
}

// A Service is the state of a unit or init script.
type Service struct {
	Enabled, Running, Masked bool
	Version                  string // of the package when it was started last
}

// Snapshot returns the present state.
func (w *World) Snapshot() *Snapshot {
	s := &Snapshot{Files: map[string]Entry{}, Accounts: map[string]Account{}, Groups: map[string]string{}, Services: map[string]Service{}}
	h := w.Host
	h.Each(host.File, 0, func(name string, e host.Entry) {
		n := e.(*host.Node)
		if n.Presence != value.Yes || strings.Contains(name, "${") || volatile(name) {
			return
		}
		s.Files[name] = Entry{Kind: n.Kind, Owner: or(n.Owner, "root"), Group: or(n.Group, "root"), Mode: mode4(n), Link: n.Link.String(),
			Sum: w.content(n.Content), At: n.At}
	})
	h.Each(host.User, 0, func(name string, e host.Entry) {
		if u := e.(*host.UserEntry); u.Presence == value.Yes {
			groups := slices.Clone(u.Groups)
			slices.Sort(groups)
			s.Accounts[name] = Account{UID: u.UID, Home: u.Home, Shell: u.Shell, Group: or(u.Group, name), Groups: slices.Compact(groups)}
		}
	})
	h.Each(host.Group, 0, func(name string, e host.Entry) {
		if f := e.(*host.Flag); f.Presence == value.Yes {
			s.Groups[name] = f.ID
		}
	})
	h.Each(host.Service, 0, func(name string, e host.Entry) {
		v := e.(*host.ServiceEntry)
		svc := Service{Enabled: v.Enabled == value.Yes, Running: v.Running == value.Yes, Masked: v.Masked == value.Yes}
		if f := h.Setting("started:" + name); f != nil && svc.Running {
			svc.Version = f.ID
		}
		s.Services[name] = svc
	})
	return s
}

// mode4 is the mode of a node, what its maker left when nothing says otherwise.
func mode4(n *host.Node) string {
	if n.Mode != "" {
		return n.Mode
	}
	return digits(defaultMode(n.Kind))
}

// volatile tells of paths that are gone after a reboot.
func volatile(p string) bool {
	return strings.HasPrefix(p, "/tmp/") || strings.HasPrefix(p, "/run/") || strings.HasPrefix(p, "/var/run/") || strings.HasPrefix(p, "/dev/") || p == "/run"
}

func or(s ...string) string {
	for _, v := range s {
		if v != "" {
			return v
		}
	}
	return ""
}

// A Change is one difference between two snapshots.
type Change struct {
	Subject  string // file, account, group or service
	Name     string
	Old, New string // "" when it is not there
}

// String prints the change.
func (c Change) String() string {
	return c.Subject + " " + c.Name + ": " + or(c.Old, "not there") + " -> " + or(c.New, "gone")
}

// Diff lists what differs from a to b, sorted. The bytes that differ are named
// as such, not shown.
func Diff(a, b *Snapshot) []Change {
	out := diffMaps("file", a.Files, b.Files, func(e, f Entry) (string, string) { return e.words(f), f.words(e) })
	out = append(out, diffMaps("account", a.Accounts, b.Accounts, func(e, f Account) (string, string) { return e.words(), f.words() })...)
	out = append(out, diffMaps("group", a.Groups, b.Groups, func(e, f string) (string, string) { return "number " + e, "number " + f })...)
	return append(out, diffMaps("service", a.Services, b.Services, func(e, f Service) (string, string) { return e.words(), f.words() })...)
}

func diffMaps[T any](subject string, a, b map[string]T, words func(x, y T) (string, string)) []Change {
	var out []Change
	for name, x := range a {
		y, ok := b[name]
		c := Change{Subject: subject, Name: name}
		if c.Old, c.New = words(x, y); !ok {
			c.New = ""
		}
		if c.Old != c.New {
			out = append(out, c)
		}
	}
	for name, y := range b {
		if _, ok := a[name]; !ok {
			var zero T
			_, text := words(zero, y)
			out = append(out, Change{Subject: subject, Name: name, New: text})
		}
	}
	slices.SortFunc(out, func(x, y Change) int { return cmp.Compare(x.Name, y.Name) })
	return out
}

// words describes an entry beside another: the bytes only when they differ.
func (e Entry) words(f Entry) string {
	s := e.Kind.String() + " " + e.Mode + " " + e.Owner + ":" + e.Group
	switch {
	case e.Kind == host.Link:
		return "link to " + e.Link
	case e.Kind == host.Regular && f.Kind == host.Regular && e.Sum != f.Sum:
		return s + " with " + bytesOf(e.Sum)
	}
	return s
}

// bytesOf says in a few words which bytes a sum stands for.
func bytesOf(sum string) string {
	kind, rest, _ := strings.Cut(sum, " ")
	switch kind {
	case "text":
		rest = strings.TrimSpace(rest)
		last := rest[strings.LastIndexByte(rest, '\n')+1:]
		if len(last) > 40 {
			last = last[:40] + "..."
		}
		return "text that ends in \"" + last + "\""
	case "repo":
		return "the bytes of " + rest
	}
	return "other bytes"
}

func (a Account) words() string {
	return "uid " + a.UID + ", home " + or(a.Home, "none") + ", shell " + or(a.Shell, "none") + ", groups " + strings.Join(append([]string{a.Group}, a.Groups...), " ")
}

func (s Service) words() string {
	var w []string
	for _, p := range []struct {
		is   bool
		word string
	}{{s.Enabled, "enabled"}, {s.Running, "running"}, {s.Masked, "masked"}} {
		if p.is {
			w = append(w, p.word)
		}
	}
	return or(strings.Join(w, ", "), "off")
}

// under tells whether p is dir or lies below it.
func under(p, dir string) bool {
	return p == dir || strings.HasPrefix(p, strings.TrimSuffix(dir, "/")+"/")
}

func underAny(p string, dirs []string) bool {
	return slices.ContainsFunc(dirs, func(d string) bool { return under(p, d) })
}
