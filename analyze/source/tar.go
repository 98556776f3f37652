package source

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// scanTar reads the whole archive once; members that fit are kept.
func (t *archiveTree) scanTar(ctx context.Context, m *members) error {
	return t.eachTar(func(key int, h *tar.Header, r io.Reader) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if key == 0 && h.Typeflag == tar.TypeXGlobalHeader {
			t.setCommit(h.PAXRecords["comment"])
		}
		mem, ok := tarMember(h)
		if !ok {
			return nil
		}
		mem.key = key
		if mem.hard != "" {
			hard, err := memberName(mem.hard)
			if err != nil {
				return fmt.Errorf("hard link %q: %w", h.Name, err)
			}
			mem.hard = hard
		}
		if mem.Mode.IsRegular() && mem.hard == "" && mem.Size <= m.max && m.total+mem.Size <= maxKept {
			b, err := readBounded(r, mem.Size, m.max)
			if err != nil {
				return err
			}
			mem.LFS = isLFSPointer(b)
			m.keep(key, b)
		}
		return m.add(h.Name, mem)
	})
}

// setCommit notes the commit that git archive wrote into the archive.
func (t *archiveTree) setCommit(comment string) {
	if (len(comment) == 40 || len(comment) == 64) && isHex(comment) {
		t.commit = commitID(comment)
	}
}

// eachTar calls do for each header of the archive, with its number.
func (t *archiveTree) eachTar(do func(key int, h *tar.Header, r io.Reader) error) error {
	f, err := os.Open(t.path)
	if err != nil {
		return plainError(err)
	}
	defer f.Close()
	r, done, err := decompress(f, t.format)
	if err != nil {
		return err
	}
	defer done()
	tr := tar.NewReader(r)
	for key := 0; ; key++ {
		h, err := tr.Next()
		if err == io.EOF {
			return t.drain(key, r)
		}
		if err != nil && !errors.Is(err, tar.ErrInsecurePath) {
			return t.damage(err)
		}
		if err := do(key, h, tr); err != nil {
			return t.tarError(h.Name, err)
		}
	}
}

// drain reads what follows the end mark, for the checksum of the compression;
// a stream that is no tar at all ends here with no member read.
func (t *archiveTree) drain(members int, r io.Reader) error {
	n, err := io.Copy(io.Discard, r)
	if err != nil {
		return t.damage(err)
	}
	if members == 0 && n == 0 && t.format != "tar" {
		return fmt.Errorf("the archive %w", ErrEmpty)
	}
	return nil
}

// errStop ends eachTar early.
var errStop = errors.New("stop")

func (t *archiveTree) tarError(name string, err error) error {
	for _, own := range []error{errStop, ErrEscapes, ErrDamaged, ErrTooLarge, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, own) {
			return err
		}
	}
	return fmt.Errorf("member %q: %w", name, t.damage(err))
}

// tarMember translates a header; ok is false for headers that are no member.
func tarMember(h *tar.Header) (mem member, ok bool) {
	mem.File = File{Mode: fs.FileMode(h.Mode).Perm(), Size: h.Size}
	switch h.Typeflag {
	case tar.TypeReg, tar.TypeGNUSparse, tar.TypeCont:
	case tar.TypeDir:
		mem.Mode, mem.Size = fs.ModeDir|0o755, 0
	case tar.TypeSymlink:
		mem.Mode, mem.Link = fs.ModeSymlink|0o777, h.Linkname
		mem.Size = int64(len(h.Linkname))
	case tar.TypeLink:
		mem.hard, mem.Size = h.Linkname, 0
	case tar.TypeChar:
		mem.Mode |= fs.ModeDevice | fs.ModeCharDevice
	case tar.TypeBlock:
		mem.Mode |= fs.ModeDevice
	case tar.TypeFifo:
		mem.Mode |= fs.ModeNamedPipe
	default:
		return mem, false
	}
	return mem, true
}

// readTar unpacks the archive again up to a member that was not kept.
func (t *archiveTree) readTar(key int, max int64) (b []byte, err error) {
	err = t.eachTar(func(k int, h *tar.Header, r io.Reader) error {
		if k != key {
			return nil
		}
		var err error
		if b, err = readBounded(r, h.Size, max); err != nil {
			return err
		}
		return errStop
	})
	if errors.Is(err, errStop) {
		return b, nil
	}
	if err == nil {
		err = fmt.Errorf("%w: the archive changed", ErrNotFound)
	}
	return nil, err
}
