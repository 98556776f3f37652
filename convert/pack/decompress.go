package pack

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
	"github.com/ulikunitz/xz/lzma"
)

// The bounds within which packages are read: what others made may be hostile.
const (
	maxControl = 32 << 20  // bytes of control data, unpacked
	maxScript  = 8 << 20   // bytes of one maintainer script
	maxFiles   = 4_000_000 // entries of one package
	maxPath    = 4096      // bytes of a path, PATH_MAX
	maxRatio   = 1100      // no more than deflate can do
	maxWindow  = 128 << 20 // bytes of history, as zstd -27 and xz -9
)

var errTooMuch = errors.New("unpacks to more than any package holds")

// decompress reads r, whatever of gzip, zstd, xz, lzma and bzip2 it is; any
// other data is passed on. limit is how many bytes may come out.
func decompress(r io.Reader, limit int64) (io.ReadCloser, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	head, err := in.Peek(32)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	out, err := opener(head)(in)
	if err != nil {
		return nil, err
	}
	return &limited{out, limit}, nil
}

func opener(head []byte) func(*bufio.Reader) (io.ReadCloser, error) {
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return func(r *bufio.Reader) (io.ReadCloser, error) { return gzip.NewReader(r) }
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return openZstd
	case bytes.HasPrefix(head, []byte("\xfd7zXZ\x00")):
		return func(r *bufio.Reader) (io.ReadCloser, error) {
			if n := xzWindow(head); n > maxWindow {
				return nil, fmt.Errorf("xz window of %d bytes: %w", n, errTooMuch)
			}
			x, err := xz.NewReader(r)
			return io.NopCloser(x), err
		}
	case bytes.HasPrefix(head, []byte{0x5d, 0, 0}):
		return func(r *bufio.Reader) (io.ReadCloser, error) {
			x, err := lzma.ReaderConfig{DictCap: maxWindow}.NewReader(r)
			return io.NopCloser(x), err
		}
	case bytes.HasPrefix(head, []byte("BZh")):
		return func(r *bufio.Reader) (io.ReadCloser, error) { return io.NopCloser(bzip2.NewReader(r)), nil }
	}
	return func(r *bufio.Reader) (io.ReadCloser, error) { return io.NopCloser(r), nil }
}

func openZstd(r *bufio.Reader) (io.ReadCloser, error) {
	z, err := zstd.NewReader(r, zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderLowmem(true))
	if err != nil {
		return nil, err
	}
	return z.IOReadCloser(), nil
}

// xzWindow returns the dictionary size of the first block, 0 when it is not
// told. Source: The .xz File Format 1.2.1, sections 3.1 and 5.3.1.
func xzWindow(head []byte) int64 {
	if len(head) < 17 || head[12] == 0 {
		return 0
	}
	at := 14
	for flag := byte(0x40); flag != 0; flag <<= 1 { // optional sizes
		if head[13]&flag == 0 {
			continue
		}
		for at < len(head) && head[at]&0x80 != 0 {
			at++
		}
		at++
	}
	if at+3 > len(head) || head[at] != 0x21 {
		return 0
	}
	bits := int64(head[at+2])
	if bits > 40 {
		return 1 << 40
	}
	return (2 | bits&1) << (bits/2 + 11)
}

// A limited reader fails once more than n bytes came out of it.
type limited struct {
	io.ReadCloser
	n int64
}

func (l *limited) Read(p []byte) (int, error) {
	n, err := l.ReadCloser.Read(p)
	if l.n -= int64(n); l.n < 0 {
		return n, errTooMuch
	}
	return n, err
}

// readAll reads no more than limit bytes.
func readAll(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = errTooMuch
	}
	return data, err
}
