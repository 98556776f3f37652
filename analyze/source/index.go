package source

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"
)

// An indexEntry is what git's index knows of one file.
type indexEntry struct {
	path  string // from the top of the working tree
	mode  uint32 // as in a git tree: 0100644, 0100755, 0120000, 0160000
	size  uint32 // of the file when it was added, modulo 2^32
	sec   uint32 // modification time then
	nsec  uint32
	hash  []byte
	stage uint8 // not 0 in a merge conflict
	skip  bool  // sparse checkout: not in the working tree on purpose
}

// A gitIndex is .git/index, sorted by path.
type gitIndex struct {
	entries []indexEntry
	tree    []byte    // the tree object the index equals, nil when not known
	written time.Time // modification time of the index file
}

const gitlinkMode, symlinkMode, treeMode, typeMask = 0o160000, 0o120000, 0o040000, 0o170000

// errSplitIndex: entries are in a second file, and those that replace one of
// its entries have no path.
var errSplitIndex = fmt.Errorf("%w: split index; run git update-index --no-split-index", ErrUnsupported)

// maxIndex bounds the index file: 2,000,000 files with long paths.
const maxIndex = 1 << 30

// readIndex reads an index file; a missing one is an empty index.
//
// The decoder is our own: go-git's takes about ten times as long on 100,000
// entries and refuses sparse indexes.
func readIndex(path string, hashSize int) (*gitIndex, error) {
	info, err := os.Stat(path)
	if isMissing(err) {
		return &gitIndex{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the git index: %w", err)
	}
	if !info.Mode().IsRegular() || info.Size() > maxIndex {
		return nil, fmt.Errorf("read the git index %s: %w", path, ErrDamaged)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the git index: %w", err)
	}
	idx, err := parseIndex(b, hashSize)
	if err != nil {
		return nil, fmt.Errorf("read the git index %s: %w", path, err)
	}
	idx.written = info.ModTime()
	return idx, nil
}

// parseIndex decodes an index of version 2, 3 or 4.
//
// Source: gitformat-index(5).
func parseIndex(b []byte, hashSize int) (*gitIndex, error) {
	if len(b) < 12+hashSize || string(b[:4]) != "DIRC" {
		return nil, fmt.Errorf("%w: no index header", ErrDamaged)
	}
	version := binary.BigEndian.Uint32(b[4:])
	count := int(binary.BigEndian.Uint32(b[8:]))
	if version < 2 || version > 4 {
		return nil, fmt.Errorf("%w: index version %d", ErrUnsupported, version)
	}
	body := b[12 : len(b)-hashSize]
	if count > maxFiles {
		return nil, fmt.Errorf("%w: index of %d files", ErrTooLarge, count)
	}
	p := indexParser{b: body, hashSize: hashSize, version: version}
	idx := &gitIndex{entries: make([]indexEntry, 0, min(count, len(body)/(42+hashSize)+1))}
	for range count {
		e, err := p.entry()
		if err != nil {
			return nil, err
		}
		idx.entries = append(idx.entries, e)
	}
	return idx, p.extensions(idx)
}

type indexParser struct {
	b        []byte
	hashSize int
	version  uint32
	last     string // the path before, which version 4 shares a prefix with
}

func (p *indexParser) entry() (indexEntry, error) {
	head := 40 + p.hashSize + 2
	if len(p.b) < head {
		return indexEntry{}, fmt.Errorf("%w: index ends within an entry", ErrDamaged)
	}
	u32 := func(at int) uint32 { return binary.BigEndian.Uint32(p.b[at:]) }
	e := indexEntry{
		sec: u32(8), nsec: u32(12), mode: u32(24), size: u32(36),
		hash: p.b[40 : 40+p.hashSize],
	}
	flags := binary.BigEndian.Uint16(p.b[40+p.hashSize:])
	e.stage = uint8(flags >> 12 & 3)
	if flags&0x4000 != 0 {
		if len(p.b) < head+2 || p.version < 3 {
			return indexEntry{}, fmt.Errorf("%w: index entry flags", ErrDamaged)
		}
		e.skip = binary.BigEndian.Uint16(p.b[head:])&0x4000 != 0
		head += 2
	}
	path, width, err := p.path(head)
	if err != nil {
		return indexEntry{}, err
	}
	e.path, p.last = path, path
	p.b = p.b[width:]
	return e, nil
}

// path reads the path at an offset and returns the width of the whole entry.
func (p *indexParser) path(at int) (string, int, error) {
	prefix := ""
	start := at
	if p.version == 4 {
		strip, n := varint(p.b[at:])
		if n == 0 || strip > uint64(len(p.last)) {
			return "", 0, fmt.Errorf("%w: index path prefix", ErrDamaged)
		}
		prefix = p.last[:len(p.last)-int(strip)]
		start += n
	}
	end := bytes.IndexByte(p.b[start:], 0)
	if end < 0 {
		return "", 0, fmt.Errorf("%w: index path does not end", ErrDamaged)
	}
	end += start
	name := prefix + string(p.b[start:end])
	if name == "" {
		return "", 0, errSplitIndex
	}
	if !safePath(name) {
		return "", 0, fmt.Errorf("%w: index path %q", ErrEscapes, name)
	}
	if p.version == 4 {
		return name, end + 1, nil
	}
	width := (end + 8) &^ 7 // entries are padded with 1 to 8 NUL bytes
	if width > len(p.b) {
		return "", 0, fmt.Errorf("%w: index ends within an entry", ErrDamaged)
	}
	return name, width, nil
}

// varint reads the offset encoding of git packs; width 0 means damaged.
func varint(b []byte) (value uint64, width int) {
	for i, c := range b {
		if i > 8 {
			return 0, 0
		}
		if i > 0 {
			value++
		}
		value = value<<7 | uint64(c&0x7f)
		if c&0x80 == 0 {
			return value, i + 1
		}
	}
	return 0, 0
}

// extensions reads those that matter: the cache of trees, and the split index,
// whose entries are in another file.
func (p *indexParser) extensions(idx *gitIndex) error {
	for len(p.b) >= 8 {
		name, size := string(p.b[:4]), binary.BigEndian.Uint32(p.b[4:])
		if uint64(size) > uint64(len(p.b)-8) {
			return fmt.Errorf("%w: index extension %q", ErrDamaged, name)
		}
		data := p.b[8 : 8+size]
		p.b = p.b[8+size:]
		switch name {
		case "TREE":
			idx.tree = cachedTree(data, p.hashSize)
		case "link":
			return errSplitIndex
		}
	}
	return nil
}

// cachedTree returns the hash of the root in the TREE extension, nil when it
// is marked as out of date.
func cachedTree(b []byte, hashSize int) []byte {
	rest, ok := bytes.CutPrefix(b, []byte{0})
	if !ok {
		return nil
	}
	head, rest, ok := bytes.Cut(rest, []byte{'\n'})
	if !ok || bytes.HasPrefix(head, []byte("-")) || len(rest) < hashSize {
		return nil
	}
	return rest[:hashSize]
}

// safePath tells whether a path of an index or archive stays below the root.
func safePath(name string) bool {
	if name == "" || len(name) > maxPath {
		return false
	}
	for elem := range strings.SplitSeq(strings.TrimSuffix(name, "/"), "/") {
		if !safeName(elem) {
			return false
		}
	}
	return true
}

// safeName tells whether a name can be one element of a path.
func safeName(elem string) bool {
	return elem != "" && elem != "." && elem != ".." && !strings.ContainsAny(elem, "/\x00")
}

// fileMode translates the mode of a git tree entry.
func fileMode(mode uint32) fs.FileMode {
	switch mode & typeMask {
	case symlinkMode:
		return fs.ModeSymlink | 0o777
	case gitlinkMode, treeMode:
		return fs.ModeDir | 0o755
	}
	if mode&0o100 != 0 {
		return 0o755
	}
	return 0o644
}
