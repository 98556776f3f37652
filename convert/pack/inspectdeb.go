package pack

import (
	"archive/tar"
	"bufio"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"github.com/nativize/nativize/convert/plan"
)

// deb reads a Debian package: an ar archive with debian-binary, control.tar*
// and data.tar*, in that order. Source: deb(5).
func (in *inspector) deb(r io.Reader) error {
	in.Format = plan.Deb
	a := &arReader{r: bufio.NewReaderSize(r, 64<<10)}
	if err := a.skip(8); err != nil {
		return err
	}
	var control, data bool
	for {
		name, body, err := a.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		switch {
		case name == "debian-binary":
			err = debVersion(body)
		case strings.HasPrefix(name, "control.tar") && !control:
			control, err = true, in.debControl(body)
		case strings.HasPrefix(name, "data.tar") && !data:
			data, err = true, in.data(body)
		case strings.HasPrefix(name, "_gpg"):
			in.Signed = true
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if !control || !data {
		return errors.New("the control or the data member is missing")
	}
	return nil
}

func debVersion(r io.Reader) error {
	text, err := readAll(r, 1024)
	if err != nil {
		return err
	}
	if !strings.HasPrefix(string(text), "2.") {
		return fmt.Errorf("format version %.20q is not 2.x", text)
	}
	return nil
}

// An arReader reads an ar archive without long names, ar(5).
type arReader struct {
	r    *bufio.Reader
	body *io.LimitedReader
	odd  bool
}

// next returns the name and the bytes of the next member, io.EOF after the last.
func (a *arReader) next() (string, io.Reader, error) {
	if err := a.rest(); err != nil {
		return "", nil, err
	}
	head := make([]byte, 60)
	if n, err := io.ReadFull(a.r, head); err != nil {
		if n == 0 {
			return "", nil, io.EOF
		}
		return "", nil, errors.New("the archive ends in the middle of a header")
	}
	size, err := strconv.ParseInt(strings.TrimRight(string(head[48:58]), " "), 10, 64)
	if err != nil || size < 0 || string(head[58:]) != "`\n" {
		return "", nil, errors.New("the header of a member is damaged")
	}
	a.body, a.odd = &io.LimitedReader{R: a.r, N: size}, size%2 == 1
	name := strings.TrimSuffix(strings.TrimRight(string(head[:16]), " "), "/")
	return name, a.body, nil
}

// rest skips what is left of the current member.
func (a *arReader) rest() error {
	if a.body == nil {
		return nil
	}
	if err := a.skip(a.body.N); err != nil {
		return err
	}
	if a.odd {
		a.r.Discard(1) // the last member may lack the padding
	}
	a.body = nil
	return nil
}

func (a *arReader) skip(n int64) error {
	if m, err := io.CopyN(io.Discard, a.r, n); err != nil {
		return fmt.Errorf("the archive ends %d bytes too early", n-m)
	}
	return nil
}

// debControl reads the control member.
func (in *inspector) debControl(r io.Reader) error {
	z, err := decompress(r, maxControl)
	if err != nil {
		return err
	}
	defer z.Close()
	tr := tar.NewReader(z)
	for {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		text, err := readAll(tr, maxControl)
		if err != nil {
			return err
		}
		in.controlFile(path.Clean(h.Name), string(text))
	}
}

func (in *inspector) controlFile(name, text string) {
	switch name {
	case "control":
		in.parseControl(text)
	case "conffiles":
		for line := range strings.Lines(text) {
			// "remove-on-upgrade /path" since dpkg 1.20.6, deb-conffiles(5)
			if fields := strings.Fields(line); len(fields) == 1 {
				in.conffiles[path.Join("/", fields[0])] = true
			}
		}
	case "md5sums":
		for line := range strings.Lines(text) {
			if sum, file, ok := strings.Cut(strings.TrimRight(line, "\r\n"), "  "); ok {
				in.digests[path.Join("/", file)] = sum
			}
		}
	}
	for script, member := range debScripts {
		if member == name {
			in.Scripts[script] = text
		}
	}
}

// parseControl reads the control file: fields with continuation lines.
func (in *inspector) parseControl(text string) {
	name := ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t") {
			if v := in.Fields[name]; len(v) > 0 {
				v[0] += "\n" + line
			}
			continue
		}
		key, value, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		name = strings.ToLower(key)
		in.Fields[name] = []string{strings.TrimSpace(value)}
	}
	in.Name, in.Version, in.Arch = in.field("package"), in.field("version"), in.field("architecture")
	in.Summary, _, _ = strings.Cut(in.field("description"), "\n")
	in.Depends = append(debList(in.field("pre-depends")), debList(in.field("depends"))...)
	in.Recommends, in.Conflicts, in.Provides = debList(in.field("recommends")), debList(in.field("conflicts")), debList(in.field("provides"))
}

// debList splits a relationship field.
func debList(s string) []string {
	var list []string
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.Join(strings.Fields(part), " "); part != "" {
			list = append(list, part)
		}
	}
	return list
}
