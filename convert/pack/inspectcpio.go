package pack

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"

	"github.com/nativize/nativize/convert/plan"
)

// rpmPayload walks the archive of an rpm; the header's list says what each
// member is.
func (in *inspector) rpmPayload(r io.Reader, files []ListedFile) error {
	z, err := decompress(r, in.limit)
	if err != nil {
		return err
	}
	defer z.Close()
	byPath := make(map[string]int, len(files))
	for i, f := range files {
		byPath[f.Path] = i
	}
	c := &cpioReader{r: bufio.NewReaderSize(z, 64<<10)}
	seen := make([]bool, len(files))
	for {
		i, body, err := c.next(byPath, files)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if seen[i] {
			return fmt.Errorf("%q is in the payload twice", files[i].Path)
		}
		seen[i] = true
		if err := in.add(files[i], body); err != nil {
			return err
		}
	}
	return in.unseen(files, seen)
}

// unseen takes the entries without a member: %ghost, and the names of a hard
// link but for the last, where the format allows for it.
func (in *inspector) unseen(files []ListedFile, seen []bool) error {
	for i, f := range files {
		if seen[i] {
			continue
		}
		if !f.Ghost {
			return fmt.Errorf("%q is in the header, not in the payload", f.Path)
		}
		in.Files = append(in.Files, f)
	}
	return nil
}

// A cpioReader reads the "new ASCII" format, with or without checksum, and
// rpm's form for large files, where a member is the number of its file.
// Source: cpio(5); rpm, lib/cpio.c.
type cpioReader struct {
	r    *bufio.Reader
	at   int64 // bytes read
	body *io.LimitedReader
}

// next returns the file of the next member, as an index of files, and its
// bytes; io.EOF after the last.
func (c *cpioReader) next(byPath map[string]int, files []ListedFile) (int, io.Reader, error) {
	if c.body != nil {
		rest := c.body.N
		if err := c.skip(rest); err != nil {
			return 0, nil, err
		}
		c.align()
	}
	magic, err := c.take(6)
	if err != nil {
		return 0, nil, err
	}
	switch string(magic) {
	case "07070X":
		return c.large(files)
	case "070701", "070702":
		return c.member(byPath)
	}
	return 0, nil, errors.New("the payload is damaged, or no cpio archive of the new ASCII format")
}

func (c *cpioReader) member(byPath map[string]int) (int, io.Reader, error) {
	fields, err := c.hex(13)
	if err != nil {
		return 0, nil, err
	}
	size, length := int64(fields[6]), int64(fields[11])
	if length < 1 || length > maxPath+2 {
		return 0, nil, errors.New("the name of a member has no sensible length")
	}
	raw, err := c.take(int(length))
	if err != nil {
		return 0, nil, err
	}
	name := string(raw[:length-1])
	if name == "TRAILER!!!" {
		return 0, nil, io.EOF
	}
	i, ok := byPath[path.Join("/", name)]
	if !ok {
		return 0, nil, fmt.Errorf("%q is in the payload, not in the header", name)
	}
	c.align()
	return i, c.open(size), nil
}

// large reads a member whose size stands in the header only.
func (c *cpioReader) large(files []ListedFile) (int, io.Reader, error) {
	fields, err := c.hex(1)
	if err != nil {
		return 0, nil, err
	}
	if int(fields[0]) >= len(files) {
		return 0, nil, errors.New("a member of the payload has no file in the header")
	}
	c.align()
	f := files[fields[0]]
	size := f.Size
	if f.Type == plan.Symlink {
		size = int64(len(f.Link))
	}
	return int(fields[0]), c.open(size), nil
}

func (c *cpioReader) open(size int64) io.Reader {
	c.body = &io.LimitedReader{R: c.r, N: size}
	c.at += size // skipped or read, the member ends there
	return c.body
}

func (c *cpioReader) skip(n int64) error {
	if _, err := io.CopyN(io.Discard, c.r, n); err != nil {
		return fmt.Errorf("the payload is cut off: %w", err)
	}
	return nil
}

// align skips to the next multiple of four bytes.
func (c *cpioReader) align() {
	n, _ := c.r.Discard(int((4 - c.at%4) % 4)) // what is cut off shows in the next read
	c.at += int64(n)
}

func (c *cpioReader) take(n int) ([]byte, error) {
	buf := make([]byte, n)
	m, err := io.ReadFull(c.r, buf)
	c.at += int64(m)
	if err != nil {
		return nil, errors.New("the payload is cut off")
	}
	return buf, nil
}

// hex reads n numbers of eight digits.
func (c *cpioReader) hex(n int) ([]uint32, error) {
	raw, err := c.take(8 * n)
	if err != nil {
		return nil, err
	}
	list := make([]uint32, n)
	for i := range list {
		var b [4]byte
		if _, err := hex.Decode(b[:], raw[8*i:8*i+8]); err != nil {
			return nil, errors.New("the header of a member is damaged")
		}
		list[i] = binary.BigEndian.Uint32(b[:])
	}
	return list, nil
}
