package pack

import (
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
	"github.com/klauspost/pgzip"
	"github.com/ulikunitz/xz"
)

// newCompressor compresses into w. All of them give the same bytes for the same
// input, whatever the number of processors: gzip in blocks of one MiB, zstd
// with a fixed window. memory is bounded: some MiB a processor.
func newCompressor(c compressor, w io.Writer) (io.WriteCloser, error) {
	switch c.name {
	case "gzip":
		if c.level == 0 {
			c.level = 6
		}
		return pgzip.NewWriterLevel(w, c.level)
	case "zstd":
		if c.level == 0 {
			c.level = 3
		}
		return zstd.NewWriter(w, zstd.WithEncoderLevel(zstd.EncoderLevelFromZstd(c.level)), zstd.WithWindowSize(4<<20))
	case "xz":
		return xz.NewWriter(w)
	case "none":
		return nopCloser{w}, nil
	}
	return nil, fmt.Errorf("unknown compression %q", c.name)
}

// extensions are the file name endings of compressors.
var extensions = map[string]string{"gzip": ".gz", "zstd": ".zst", "xz": ".xz", "none": ""}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }
