package root

import (
	"bytes"
	"context"
	"encoding/gob"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// hashKey finds the content of a file that has not changed. Writing to a file or
// replacing it changes its ctime, which no program of the tree can set.
type hashKey struct{ Path, Size, Mtime, Ctime string }

// list returns the entries of the tree without names of owners. As root of the
// host it reads only what lies in this root's own layer; any other account cannot
// look into the directories of mapped accounts, and asks find(1) in the tree.
func (r *Root) list(ctx context.Context) (map[string]Entry, error) {
	if os.Getuid() != 0 || r.below == nil {
		return r.find(ctx)
	}
	files := maps.Clone(r.below)
	l := layer{files: files, hashes: r.hashes}
	return files, l.read(filepath.Join(r.Dir, "upper"))
}

const fields = 9

// listFormat prints the fields of an entry, each ended by a NUL.
const listFormat = `%y\0%m\0%U\0%G\0%s\0%T@\0%C@\0%l\0%p\0`

// find lists the whole tree from inside.
func (r *Root) find(ctx context.Context) (map[string]Entry, error) {
	out, err := r.output(ctx, nil, "/usr/bin/find", "/", "-xdev", "-path", private, "-prune", "-o", "-printf", listFormat)
	if err != nil {
		return nil, err
	}
	files := map[string]Entry{}
	text := strings.Split(string(out), "\x00")
	keys := map[string]hashKey{}
	for ; len(text) > fields; text = text[fields:] {
		name := text[8]
		if outside(name) {
			continue
		}
		files[name] = parseEntry(text)
		if text[0] == "f" {
			keys[name] = hashKey{Path: name, Size: text[4], Mtime: text[5], Ctime: text[6]}
		}
	}
	if err := r.hash(ctx, keys); err != nil {
		return nil, err
	}
	for name, key := range keys {
		e := files[name]
		e.SHA256 = r.hashes[key]
		files[name] = e
	}
	return files, nil
}

// outside tells of what no snapshot holds.
func outside(name string) bool {
	return name == "/proc" || name == "/dev" || name == private
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

// A baseList is what is known of a base tree: its entries, and what its files hold.
type baseList struct {
	Files  map[string]Entry
	Hashes map[hashKey]string
}

// learnBase reads what the base tree holds from a file beside it, and writes that
// file when it is missing. Nothing has run in the root yet.
func (r *Root) learnBase(ctx context.Context, base string) error {
	file := filepath.Join(base, "list")
	if b, ok := readBase(file); ok {
		r.below, r.hashes = b.Files, b.Hashes
		return nil
	}
	files, err := r.find(ctx)
	if err != nil {
		return fmt.Errorf("list a base tree: %w", err)
	}
	r.below = files
	var text bytes.Buffer
	if err := gob.NewEncoder(&text).Encode(baseList{files, r.hashes}); err != nil {
		return fmt.Errorf("keep the list of a base tree: %w", err)
	}
	return writeWhole(file, text.Bytes())
}

func readBase(file string) (baseList, bool) {
	var b baseList
	in, err := os.Open(file)
	if err != nil {
		return b, false
	}
	defer in.Close()
	err = gob.NewDecoder(in).Decode(&b)
	return b, err == nil && len(b.Files) > 0
}

func writeWhole(file string, data []byte) error {
	temp, err := os.CreateTemp(filepath.Dir(file), ".list-")
	if err != nil {
		return fmt.Errorf("keep the list of a base tree: %w", err)
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
		return fmt.Errorf("keep the list of a base tree: %w", err)
	}
	return nil
}
