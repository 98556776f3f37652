package pack

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/nativize/nativize/convert/plan"
)

// A stream copies the payload's files into an archive.
type stream struct {
	ctx  context.Context
	b    *bundle
	buf  []byte
	done int64
}

func newStream(ctx context.Context, b *bundle) *stream {
	return &stream{ctx: ctx, b: b, buf: make([]byte, 256<<10)}
}

// copy writes the bytes of it, which must be as many as were found before.
func (s *stream) copy(w io.Writer, it *item) error {
	n, err := s.read(w, it)
	if err == nil && n != it.size {
		err = errChanged
	}
	if err != nil {
		return fmt.Errorf("%q: %w", it.path, err)
	}
	return nil
}

var errChanged = errors.New("the file changed while it was read")

func (s *stream) read(w io.Writer, it *item) (n int64, err error) {
	r, err := it.open()
	if err != nil {
		return 0, err
	}
	defer r.Close()
	for {
		if err := s.ctx.Err(); err != nil {
			return n, err
		}
		m, err := r.Read(s.buf)
		if n += int64(m); n > it.size {
			return n, errChanged
		}
		if _, werr := w.Write(s.buf[:m]); werr != nil {
			return n, werr
		}
		s.count(int64(m))
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
}

// count reports progress every eight MiB.
func (s *stream) count(n int64) {
	const step = 8 << 20
	before := s.done
	if s.done += n; before/step != s.done/step {
		s.b.report(s.done)
	}
}

// tarHeader is the header of it below the archive's name for its path.
func (b *bundle) tarHeader(it *item, name string) *tar.Header {
	h := &tar.Header{
		Name: name, Mode: int64(it.mode), ModTime: b.mtime, Uname: it.owner, Gname: it.group, Format: tar.FormatGNU,
	}
	switch it.typ {
	case plan.Dir_:
		h.Typeflag, h.Name = tar.TypeDir, name+"/"
	case plan.Symlink:
		h.Typeflag, h.Linkname = tar.TypeSymlink, it.link
	default:
		h.Typeflag, h.Size = tar.TypeReg, it.size
	}
	return h
}

// scratch runs fill on a new temporary file of the bundle and returns it,
// positioned at its start. The caller closes it.
func (b *bundle) scratch(fill func(io.Writer) error) (*os.File, error) {
	f, err := os.CreateTemp(b.work, string(b.format)+"-*")
	if err != nil {
		return nil, err
	}
	os.Remove(f.Name()) // it lives as long as it is open
	if err = fill(f); err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
