package root

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

// An Entry is one path of a tree.
type Entry struct {
	Type   byte   // as find(1) prints it: f, d, l, p, s, c or b
	Mode   uint32 // permission, set-id and sticky bits, as in chmod(1)
	UID    int    // as the tree counts
	GID    int
	Owner  string // name, or the number when no account has it
	Group  string
	Size   int64  // in bytes; 0 for a directory
	Link   string // target of a symbolic link
	SHA256 string // of a regular file, in hexadecimal
}

// An Account is a line of /etc/passwd.
type Account struct {
	UID, GID    int
	Home, Shell string
	Groups      []string // of which it is a listed member, sorted
}

// A Snapshot is the state of a tree that the scenarios compare. Contents of
// /proc, /dev and of this package's own directory are left out.
type Snapshot struct {
	Files    map[string]Entry // by absolute path
	Accounts map[string]Account
	Groups   map[string]int // name to number
	Running  map[string]int // units that run, and how often each was started; see [Root.PretendSystemd]
}

// Enabled returns the links by which systemd starts units, of the form
// "multi-user.target.wants/app.service", sorted.
func (s *Snapshot) Enabled() []string {
	var list []string
	for name, e := range s.Files {
		rest, ok := strings.CutPrefix(name, "/etc/systemd/system/")
		if ok && e.Type == 'l' && e.Link != "/dev/null" && isWants(path.Dir(rest)) {
			list = append(list, rest)
		}
	}
	slices.Sort(list)
	return list
}

func isWants(dir string) bool {
	return strings.HasSuffix(dir, ".wants") || strings.HasSuffix(dir, ".requires")
}

// Snapshot lists the tree. Files that are as they were at the snapshot before
// are not read again.
func (r *Root) Snapshot(ctx context.Context) (*Snapshot, error) {
	s, err := r.snapshot(ctx)
	if err != nil {
		return nil, fmt.Errorf("take a snapshot of a throwaway root: %w", err)
	}
	return s, nil
}

func (r *Root) snapshot(ctx context.Context) (*Snapshot, error) {
	files, err := r.list(ctx)
	if err != nil {
		return nil, err
	}
	s := &Snapshot{Files: files}
	if err := s.readState(ctx, r); err != nil {
		return nil, err
	}
	s.name()
	return s, nil
}

// name adds the names of owners and groups to the entries.
func (s *Snapshot) name() {
	users, groups := map[int]string{}, map[int]string{}
	for name, a := range s.Accounts {
		users[a.UID] = firstName(users[a.UID], name)
	}
	for name, gid := range s.Groups {
		groups[gid] = firstName(groups[gid], name)
	}
	for name, e := range s.Files {
		owner, group := named(users, e.UID), named(groups, e.GID)
		if e.Owner != owner || e.Group != group {
			e.Owner, e.Group = owner, group
			s.Files[name] = e
		}
	}
}

// firstName prefers the name that sorts first where two have one number.
func firstName(old, name string) string {
	if old == "" || name < old {
		return name
	}
	return old
}

func named(names map[int]string, id int) string {
	if name, ok := names[id]; ok {
		return name
	}
	return strconv.Itoa(id)
}

// stateScript prints the account files and the units that run, the parts ended
// by a NUL: $1 is the directory in which the stand-in for systemctl keeps them.
const stateScript = `
cat /etc/passwd
printf '\0'
cat /etc/group
printf '\0'
cd "$1" 2>/dev/null || exit 0
for f in *.active; do
	[ -e "$f" ] || continue
	read -r count <"${f%.active}.starts"
	echo "${f%.active} $count"
done
`

// readState reads what is not in the listing. Source: passwd(5), group(5).
func (s *Snapshot) readState(ctx context.Context, r *Root) error {
	out, err := r.output(ctx, nil, "/bin/sh", "-c", stateScript, "state", unitsDir)
	if err != nil {
		return err
	}
	parts := strings.SplitN(string(out), "\x00", 3)
	if len(parts) != 3 {
		return fmt.Errorf("read the accounts of the tree: the account files are not text")
	}
	s.readAccounts(parts[0], parts[1])
	s.Running = map[string]int{}
	for line := range strings.Lines(parts[2]) {
		name, count, _ := strings.Cut(strings.TrimSpace(line), " ")
		s.Running[name], _ = strconv.Atoi(count)
	}
	return nil
}

func (s *Snapshot) readAccounts(passwd, group string) {
	s.Accounts, s.Groups = map[string]Account{}, map[string]int{}
	for line := range strings.Lines(passwd) {
		if f := strings.Split(strings.TrimSuffix(line, "\n"), ":"); len(f) == 7 {
			uid, _ := strconv.Atoi(f[2])
			gid, _ := strconv.Atoi(f[3])
			s.Accounts[f[0]] = Account{UID: uid, GID: gid, Home: f[5], Shell: f[6]}
		}
	}
	for line := range strings.Lines(group) {
		if f := strings.Split(strings.TrimSuffix(line, "\n"), ":"); len(f) == 4 {
			s.Groups[f[0]], _ = strconv.Atoi(f[2])
			s.addMembers(f[0], f[3])
		}
	}
}

func (s *Snapshot) addMembers(group, members string) {
	for name := range strings.SplitSeq(members, ",") {
		if a, ok := s.Accounts[name]; ok {
			a.Groups = append(a.Groups, group)
			slices.Sort(a.Groups)
			s.Accounts[name] = a
		}
	}
}
