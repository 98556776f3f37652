package root

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Change is one difference between two snapshots.
type Change struct {
	Subject string // "file", "account" or "group"
	Name    string // the path, or the name
	Old     string // what it was, "" when it was not there
	New     string // what it is, "" when it is gone
}

// String prints the change for a report: "file /etc/app: mode 0644 -> 0600".
func (c Change) String() string {
	what := c.Subject + " " + printable(c.Name)
	switch {
	case c.Old == "":
		return fmt.Sprintf("%s: added (%s)", what, c.New)
	case c.New == "":
		return fmt.Sprintf("%s: removed (was %s)", what, c.Old)
	}
	return fmt.Sprintf("%s: %s -> %s", what, c.Old, c.New)
}

// Diff lists what differs from a to b, sorted by subject and name. Times and the
// sizes of directories are not compared, the bytes of account files only
// as accounts and groups.
func Diff(a, b *Snapshot) []Change {
	var list []Change
	for _, name := range changed(a.Files, b.Files, equal) {
		if !accountFiles[name] {
			list = add(list, "file", name, a.Files, b.Files, Entry.differ)
		}
	}
	for _, name := range changed(a.Accounts, b.Accounts, Account.same) {
		list = add(list, "account", name, a.Accounts, b.Accounts, Account.differ)
	}
	for _, name := range changed(a.Groups, b.Groups, equal) {
		list = add(list, "group", name, a.Groups, b.Groups, groupDiffer)
	}
	return list
}

// accountFiles change with every account; what they say is compared as accounts.
var accountFiles = map[string]bool{
	"/etc/passwd": true, "/etc/passwd-": true, "/etc/group": true, "/etc/group-": true,
	"/etc/shadow": true, "/etc/shadow-": true, "/etc/gshadow": true, "/etc/gshadow-": true,
	"/etc/subuid": true, "/etc/subuid-": true, "/etc/subgid": true, "/etc/subgid-": true,
	"/etc/.pwd.lock": true,
}

// changed returns the names whose values are not the same in a and b, sorted.
func changed[V any](a, b map[string]V, same func(V, V) bool) []string {
	var list []string
	for name, old := range a {
		if now, ok := b[name]; !ok || !same(old, now) {
			list = append(list, name)
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

func equal[V comparable](a, b V) bool { return a == b }

// add appends the change of one name, if there is one. differ describes both
// sides by what differs; it is called with an absent side as the zero value.
func add[V any](list []Change, subject, name string, a, b map[string]V, differ func(V, V) (string, string)) []Change {
	old, inOld := a[name]
	now, inNew := b[name]
	c := Change{Subject: subject, Name: name}
	c.Old, c.New = differ(old, now)
	if !inOld {
		c.Old = ""
	}
	if !inNew {
		c.New = ""
	}
	if c.Old == c.New {
		return list
	}
	return append(list, c)
}

// differ describes e and f by the properties in which they differ.
func (e Entry) differ(f Entry) (string, string) {
	if e.Type != f.Type {
		return e.String(), f.String()
	}
	var p pair
	p.note("mode", fmt.Sprintf("%04o", e.Mode), fmt.Sprintf("%04o", f.Mode))
	p.note("owner", e.Owner+":"+e.Group, f.Owner+":"+f.Group)
	p.note("target", printable(e.Link), printable(f.Link))
	p.note("content", short(e.SHA256), short(f.SHA256))
	return p.old(), p.new()
}

// String is the entry in one line: "file 0644 root:root 5 bytes 2c26b46b68ff".
func (e Entry) String() string {
	text := fmt.Sprintf("%s %04o %s:%s", typeName(e.Type), e.Mode, e.Owner, e.Group)
	switch e.Type {
	case 'f':
		text += fmt.Sprintf(" %d bytes %s", e.Size, short(e.SHA256))
	case 'l':
		text += " to " + printable(e.Link)
	}
	return text
}

func typeName(t byte) string {
	names := map[byte]string{0: "nothing", 'f': "file", 'd': "directory", 'l': "link", 'p': "pipe", 's': "socket", 'c': "device", 'b': "device"}
	return cmp.Or(names[t], "unknown")
}

func short(sum string) string { return sum[:min(12, len(sum))] }

// String is the account in one line.
func (a Account) String() string {
	return fmt.Sprintf("uid %d gid %d home %s shell %s groups %s", a.UID, a.GID,
		printable(a.Home), printable(a.Shell), strings.Join(a.Groups, ","))
}

func (a Account) same(b Account) bool {
	return a.UID == b.UID && a.GID == b.GID && a.Home == b.Home && a.Shell == b.Shell && slices.Equal(a.Groups, b.Groups)
}

func (a Account) differ(b Account) (string, string) { return a.String(), b.String() }

func groupDiffer(a, b int) (string, string) {
	return fmt.Sprintf("gid %d", a), fmt.Sprintf("gid %d", b)
}

// printable makes a name of a hostile tree fit for a report.
func printable(name string) string {
	if quoted := fmt.Sprintf("%q", name); quoted != `"`+name+`"` {
		return quoted
	}
	return name
}

// A pair collects the two sides of a difference.
type pair struct{ a, b []string }

func (p *pair) note(what, a, b string) {
	if a != b {
		p.a = append(p.a, what+" "+a)
		p.b = append(p.b, what+" "+b)
	}
}

func (p *pair) old() string { return strings.Join(p.a, ", ") }
func (p *pair) new() string { return strings.Join(p.b, ", ") }
