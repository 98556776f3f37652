package source

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// Systems that a zip member can come from.
//
// Source: APPNOTE.TXT of PKWARE, 4.4.2.
const (
	zipUnix   = 3
	zipDarwin = 19
)

// scanZip reads the directory of the archive. Content is read when asked for,
// but of members that may be links or LFS pointers.
func (t *archiveTree) scanZip(ctx context.Context, m *members) error {
	f, err := os.Open(t.path)
	if err != nil {
		return plainError(err)
	}
	t.file = f
	info, err := f.Stat()
	if err != nil {
		return plainError(err)
	}
	t.zip, err = zip.NewReader(f, info.Size())
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return t.damage(err)
	}
	t.setCommit(strings.TrimSpace(t.zip.Comment))
	for i, zf := range t.zip.File {
		if err := ctx.Err(); err != nil {
			return err
		}
		mem, err := t.zipMember(i, zf)
		if err != nil {
			return fmt.Errorf("member %q: %w", zf.Name, err)
		}
		if err := m.add(zipName(zf), mem); err != nil {
			return err
		}
	}
	return nil
}

// zipName has slashes also when the archive was made on Windows by a tool that
// writes backslashes.
func zipName(zf *zip.File) string {
	if host := zf.CreatorVersion >> 8; host != zipUnix && host != zipDarwin {
		return strings.ReplaceAll(zf.Name, `\`, "/")
	}
	return zf.Name
}

func (t *archiveTree) zipMember(i int, zf *zip.File) (member, error) {
	mem := member{key: i}
	mode := zf.Mode()
	mem.File = File{Mode: mode.Type() | mode.Perm(), Size: int64(min(zf.UncompressedSize64, 1<<62))}
	switch {
	case mode.IsDir() || strings.HasSuffix(zipName(zf), "/"):
		mem.Mode, mem.Size = fs.ModeDir|0o755, 0
	case mode&fs.ModeSymlink != 0:
		b, err := t.readZip(i, maxLinkText)
		if err != nil {
			return mem, err
		}
		mem.Mode, mem.Link = fs.ModeSymlink|0o777, string(b)
	case mode.IsRegular():
		if host := zf.CreatorVersion >> 8; host != zipUnix && host != zipDarwin {
			mem.Mode = 0o644
		}
		if lfsSize(mem.Size) {
			b, err := t.readZip(i, lfsMax)
			mem.LFS = err == nil && isLFSPointer(b)
		}
	}
	return mem, nil
}

func (t *archiveTree) readZip(i int, max int64) ([]byte, error) {
	zf := t.zip.File[i]
	if zf.UncompressedSize64 > uint64(max) {
		return nil, tooLarge(int64(min(zf.UncompressedSize64, 1<<62)), max)
	}
	if zf.Flags&1 != 0 {
		return nil, fmt.Errorf("%w: encrypted zip member", ErrUnsupported)
	}
	r, err := zf.Open()
	if errors.Is(err, zip.ErrAlgorithm) {
		return nil, fmt.Errorf("%w: zip compression method %d", ErrUnsupported, zf.Method)
	}
	if err != nil {
		return nil, t.damage(err)
	}
	defer r.Close()
	b, err := readBounded(r, int64(zf.UncompressedSize64), max)
	if err != nil && !errors.Is(err, ErrTooLarge) {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, t.damage(err)
	}
	return b, err
}
