package root

import (
	"bytes"
	"context"
	"encoding/gob"
	"fmt"
	"os"
	"path"
	"path/filepath"
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

// hashKey finds the content of a file that has not changed. Writing to a file or
// replacing it changes its ctime, which no program of the tree can set.
type hashKey struct{ Path, Size, Mtime, Ctime string }

const fields = 9

// listFormat prints the fields of an entry, each ended by a NUL.
const listFormat = `%y\0%m\0%U\0%G\0%s\0%T@\0%C@\0%l\0%p\0`

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
	out, err := r.output(ctx, nil, "/usr/bin/find", "/", "-xdev", "-path", private, "-prune", "-o", "-printf", listFormat)
	if err != nil {
		return nil, err
	}
	s := &Snapshot{Files: map[string]Entry{}}
	text := strings.Split(string(out), "\x00")
	keys := map[string]hashKey{}
	for ; len(text) > fields; text = text[fields:] {
		if name := text[8]; name != "/proc" && name != "/dev" {
			s.Files[name] = parseEntry(text)
			if text[0] == "f" {
				keys[name] = hashKey{Path: name, Size: text[4], Mtime: text[5], Ctime: text[6]}
			}
		}
	}
	if err := r.hash(ctx, keys); err != nil {
		return nil, err
	}
	if err := s.readAccounts(ctx, r); err != nil {
		return nil, err
	}
	s.finish(r, keys)
	s.Running, err = r.running(ctx)
	return s, err
}

func parseEntry(text []string) Entry {
	mode, _ := strconv.ParseUint(text[1], 8, 32)
	uid, _ := strconv.Atoi(text[2])
	gid, _ := strconv.Atoi(text[3])
	e := Entry{Type: text[0][0], Mode: uint32(mode), UID: uid, GID: gid, Link: text[7]}
	if e.Type == 'f' {
		e.Size, _ = strconv.ParseInt(text[4], 10, 64)
	}
	return e
}

// hash reads the files whose content is not known yet.
func (r *Root) hash(ctx context.Context, keys map[string]hashKey) error {
	var names []string
	for name, key := range keys {
		if r.hashes[key] == "" {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	stdin := strings.NewReader(strings.Join(names, "\x00") + "\x00")
	// A file may go between the two commands: xargs then fails, the rest is good.
	const script = `/usr/bin/xargs -0 /usr/bin/sha256sum --zero -- 2>/dev/null || test $? = 123`
	out, err := r.output(ctx, stdin, "/bin/sh", "-c", script)
	if err != nil {
		return err
	}
	for line := range bytes.SplitSeq(out, []byte{0}) {
		if sum, name, ok := strings.Cut(string(line), "  "); ok {
			r.hashes[keys[name]] = sum
		}
	}
	return nil
}

// finish adds to the entries what is known only after the listing.
func (s *Snapshot) finish(r *Root, keys map[string]hashKey) {
	users, groups := map[int]string{}, map[int]string{}
	for name, a := range s.Accounts {
		users[a.UID] = firstName(users[a.UID], name)
	}
	for name, gid := range s.Groups {
		groups[gid] = firstName(groups[gid], name)
	}
	for name, e := range s.Files {
		e.Owner, e.Group = named(users, e.UID), named(groups, e.GID)
		if e.Type == 'f' {
			e.SHA256 = r.hashes[keys[name]]
		}
		s.Files[name] = e
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

// readAccounts reads the tree's account files. Source: passwd(5), group(5).
func (s *Snapshot) readAccounts(ctx context.Context, r *Root) error {
	passwd, err := r.ReadFile(ctx, "/etc/passwd")
	if err != nil {
		return err
	}
	group, err := r.ReadFile(ctx, "/etc/group")
	if err != nil {
		return err
	}
	s.Accounts, s.Groups = map[string]Account{}, map[string]int{}
	for line := range strings.Lines(string(passwd)) {
		if f := strings.Split(strings.TrimSuffix(line, "\n"), ":"); len(f) == 7 {
			uid, _ := strconv.Atoi(f[2])
			gid, _ := strconv.Atoi(f[3])
			s.Accounts[f[0]] = Account{UID: uid, GID: gid, Home: f[5], Shell: f[6]}
		}
	}
	for line := range strings.Lines(string(group)) {
		if f := strings.Split(strings.TrimSuffix(line, "\n"), ":"); len(f) == 4 {
			s.Groups[f[0]], _ = strconv.Atoi(f[2])
			s.addMembers(f[0], f[3])
		}
	}
	return nil
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

// learnHashes reads what the files of the base tree hold from a file beside it,
// and writes that file when it is missing.
func (r *Root) learnHashes(ctx context.Context, base string) error {
	file := filepath.Join(base, "hashes")
	if in, err := os.Open(file); err == nil {
		defer in.Close()
		if gob.NewDecoder(in).Decode(&r.hashes) == nil {
			return nil
		}
		r.hashes = map[hashKey]string{}
	}
	if _, err := r.Snapshot(ctx); err != nil {
		return err
	}
	var text bytes.Buffer
	if err := gob.NewEncoder(&text).Encode(r.hashes); err != nil {
		return fmt.Errorf("keep the hashes of a base tree: %w", err)
	}
	return writeWhole(file, text.Bytes())
}

func writeWhole(file string, data []byte) error {
	temp, err := os.CreateTemp(filepath.Dir(file), ".hashes-")
	if err != nil {
		return fmt.Errorf("keep the hashes of a base tree: %w", err)
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(data)
	if e := temp.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(temp.Name(), file)
	}
	if err != nil {
		return fmt.Errorf("keep the hashes of a base tree: %w", err)
	}
	return nil
}
