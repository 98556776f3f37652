package source

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// Bounds on archives: what is unpacked in all, and what of it stays in memory;
// the rest is unpacked again when it is read.
const (
	maxUnpacked = 32 << 30
	maxKept     = 256 << 20
	maxWindow   = 128 << 20 // of the zstd decoder
)

// An archiveTree is the tree of a tar or zip archive. Nothing is unpacked to
// disk. When all members lie below one directory, that is the root.
//
// The readers are the standard library's and the two that nfpm brings for zstd
// and xz: mholt/archives adds a dozen formats that no deployment comes in.
type archiveTree struct {
	path   string
	format string
	found  []entry
	kept   map[int][]byte // content by entry.key, while it fits
	prefix string         // the directory that was taken as the root
	commit commitID       // that git archive wrote into it

	file *os.File // zip
	zip  *zip.Reader
}

// formats names the archive formats by what they begin with.
var formats = []struct {
	name   string
	offset int
	magic  string
}{
	{"gzip", 0, "\x1f\x8b"},
	{"bzip2", 0, "BZh"},
	{"xz", 0, "\xfd7zXZ\x00"},
	{"zstd", 0, "\x28\xb5\x2f\xfd"},
	{"zip", 0, "PK\x03\x04"},
	{"zip", 0, "PK\x05\x06"},
	{"tar", 257, "ustar"},
}

// sniff tells the format of an archive by its first bytes, "" for none. A file
// that is called like an archive and is none is damaged.
func sniff(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", plainError(err)
	}
	defer f.Close()
	head := make([]byte, 512)
	n, err := io.ReadFull(f, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return "", plainError(err)
	}
	head = head[:n]
	for _, format := range formats {
		if len(head) > format.offset && bytes.HasPrefix(head[format.offset:], []byte(format.magic)) {
			return format.name, nil
		}
	}
	name := strings.ToLower(filepath.Base(path))
	if strings.HasSuffix(name, ".tar") {
		return "tar", nil // of before POSIX, without a magic, or with no member
	}
	for _, ext := range []string{".tgz", ".zip", ".tar.gz", ".tar.xz", ".tar.bz2", ".tar.zst", ".txz", ".tbz2", ".tbz"} {
		if strings.HasSuffix(name, ext) {
			return "", fmt.Errorf("%w: it is called %s and is no such archive", ErrDamaged, ext)
		}
	}
	return "", nil
}

func openArchive(ctx context.Context, path, format string, max int64) (*archiveTree, error) {
	t := &archiveTree{path: path, format: format, kept: map[int][]byte{}}
	m := &members{max: max, byPath: map[string]int{}}
	var err error
	if format == "zip" {
		err = t.scanZip(ctx, m)
	} else {
		err = t.scanTar(ctx, m)
	}
	if err == nil {
		err = m.check()
	}
	if err == nil && len(m.list) == 0 {
		err = fmt.Errorf("the archive %w", ErrEmpty)
	}
	if err != nil {
		t.close()
		return nil, err
	}
	t.found, t.prefix = m.entries()
	if t.commit != "" {
		plainModes(t.found)
	}
	t.kept = m.kept
	return t, nil
}

// plainModes gives the files of a git archive the modes that git has for them:
// git archive adds the umask of its caller, by default 002.
func plainModes(found []entry) {
	for i := range found {
		if e := &found[i]; e.Mode.IsRegular() {
			e.Mode = fileMode(uint32(e.Mode.Perm()))
		}
	}
}

// decompress opens the tar stream; done releases the decoder.
func decompress(f io.Reader, format string) (r io.Reader, done func(), err error) {
	done = func() {}
	in := bufio.NewReaderSize(f, 1<<16)
	switch format {
	case "gzip":
		r, err = gzip.NewReader(in)
	case "bzip2":
		r = bzip2.NewReader(in)
	case "xz":
		r, err = xz.NewReader(in)
	case "zstd":
		var d *zstd.Decoder
		d, err = zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
		if err == nil {
			r, done = d, d.Close
		}
	default:
		r = in
	}
	if err != nil {
		return nil, done, fmt.Errorf("%w %s archive: %w", ErrDamaged, format, err)
	}
	return &unpackLimit{r: r, left: maxUnpacked}, done, nil
}

// An unpackLimit ends an archive that unpacks to too much.
type unpackLimit struct {
	r    io.Reader
	left int64
}

func (l *unpackLimit) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return n, fmt.Errorf("%w: it unpacks to more than %d GiB", ErrTooLarge, maxUnpacked>>30)
	}
	return n, err
}

// damage wraps what a decoder says, unless it is a bound or a cancellation.
func (t *archiveTree) damage(err error) error {
	if errors.Is(err, ErrTooLarge) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err = errors.New("it ends early")
	}
	return fmt.Errorf("%w %s archive: %w", ErrDamaged, t.format, err)
}

func (t *archiveTree) list(context.Context) ([]entry, error) { return t.found, nil }

func (t *archiveTree) size(e *entry) (int64, error) { return e.Size, nil }

func (t *archiveTree) read(e *entry, max int64) ([]byte, error) {
	if b, ok := t.kept[e.key]; ok {
		return bytes.Clone(b), nil
	}
	if t.zip != nil {
		return t.readZip(e.key, max)
	}
	return t.readTar(e.key, max)
}

func (t *archiveTree) close() error {
	if t.file == nil {
		return nil
	}
	return t.file.Close()
}

// members collects what an archive holds, in the order of the archive.
type members struct {
	max    int64
	list   []member
	byPath map[string]int // the last member of a name counts, as with tar
	kept   map[int][]byte
	total  int64
}

type member struct {
	File
	hard string // path of the member that a hard link is to
	key  int    // where the content is
}

// add notes a member under a name as it stands in the archive.
func (m *members) add(name string, mem member) error {
	clean, err := memberName(name)
	if err != nil || clean == "" {
		return err
	}
	if len(m.list) >= maxFiles {
		return fmt.Errorf("%w: more than %d members", ErrTooLarge, maxFiles)
	}
	mem.Path = clean
	if i, ok := m.byPath[clean]; ok {
		m.list[i].Path = "" // replaced
	}
	m.byPath[clean] = len(m.list)
	m.list = append(m.list, mem)
	return nil
}

// memberName brings the name of an archive member to the form of File.Path,
// "" for the root itself. It fails with ErrEscapes, naming the member, when
// unpacking it could write outside.
func memberName(name string) (string, error) {
	if strings.HasPrefix(name, "/") {
		return "", fmt.Errorf("member %q: absolute path %w", name, ErrEscapes)
	}
	var elems []string
	for elem := range strings.SplitSeq(name, "/") {
		switch {
		case elem == "..":
			return "", fmt.Errorf("member %q %w", name, ErrEscapes)
		case strings.IndexByte(elem, 0) >= 0:
			return "", fmt.Errorf("%w: member name %q", ErrDamaged, name)
		case elem != "" && elem != ".":
			elems = append(elems, elem)
		}
	}
	clean := strings.Join(elems, "/")
	if len(clean) > maxPath {
		return "", fmt.Errorf("%w: member name of %d bytes", ErrTooLarge, len(clean))
	}
	return clean, nil
}

// keep holds on to content while it fits.
func (m *members) keep(key int, b []byte) {
	if m.kept == nil {
		m.kept = map[int][]byte{}
	}
	if m.total+int64(len(b)) <= maxKept {
		m.total += int64(len(b))
		m.kept[key] = b
	}
}

// check refuses an archive with a member below something that is no
// directory: unpacked, it would be written through a symbolic link.
func (m *members) check() error {
	for name, i := range m.byPath {
		for dir := dirName(name); dir != ""; dir = dirName(dir) {
			k, ok := m.byPath[dir]
			if !ok || m.list[k].IsDir() {
				continue
			}
			if m.list[k].Mode&fs.ModeSymlink != 0 {
				return fmt.Errorf("member %q lies below the symbolic link %q and %w", m.list[i].Path, dir, ErrEscapes)
			}
			return fmt.Errorf("%w: member %q lies below %q, which is no directory", ErrDamaged, m.list[i].Path, dir)
		}
	}
	return nil
}

// entries returns the members as a tree, hard links resolved, and the prefix
// that all of them share.
func (m *members) entries() ([]entry, string) {
	prefix := m.root()
	filled := map[string]bool{}
	for name := range m.byPath {
		for dir := dirName(name); dir != "" && !filled[dir]; dir = dirName(dir) {
			filled[dir] = true
		}
	}
	var out []entry
	for i := range m.list {
		mem := &m.list[i]
		if mem.Path == "" || mem.IsDir() && filled[mem.Path] {
			continue
		}
		e := entry{File: mem.File, key: mem.key}
		if mem.hard != "" {
			m.hardLink(&e, mem.hard)
		}
		rel, ok := below(prefix, mem.Path)
		if !ok || rel == "" || inGitDir(rel) {
			continue
		}
		e.Path = rel
		out = append(out, e)
	}
	return out, prefix
}

// hardLink gives a hard link the content of the member it is to.
func (m *members) hardLink(e *entry, target string) {
	for range maxLinks {
		i, ok := m.byPath[target]
		if !ok {
			break
		}
		to := &m.list[i]
		if to.hard == "" {
			e.Mode, e.Size, e.Link, e.LFS, e.key = to.Mode, to.Size, to.Link, to.LFS, to.key
			return
		}
		target = to.hard
	}
	e.Err = fmt.Errorf("%w: hard link to %q, which is not in the archive", ErrNotFound, target)
}

// root returns the one directory that holds all members, or "".
func (m *members) root() string {
	first := ""
	for name, i := range m.byPath {
		top, _, nested := strings.Cut(name, "/")
		if !nested && !m.list[i].IsDir() || first != "" && top != first {
			return ""
		}
		first = top
	}
	return first
}

// inGitDir tells a path inside a .git directory.
func inGitDir(rel string) bool {
	return rel == ".git" || strings.HasPrefix(rel, ".git/") || strings.Contains(rel, "/.git/") || strings.HasSuffix(rel, "/.git")
}
