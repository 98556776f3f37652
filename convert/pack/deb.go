package pack

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/md5"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/nativize/nativize/convert/plan"
)

// writeDeb writes a Debian binary package as a stream: the data member goes
// through a temporary file, since its size and the md5sums of the control
// member stand before it.
//
// Source: deb(5).
func writeDeb(ctx context.Context, b *bundle, s *signers, f *os.File) error {
	c, _ := parseCompression(b.opt.compression(plan.Deb)) // checked before
	var sums bytes.Buffer
	data, err := b.scratch(func(w io.Writer) error { return b.debData(ctx, c, w, &sums) })
	if err != nil {
		return err
	}
	defer data.Close()
	control, err := b.debControl(sums.Bytes())
	if err != nil {
		return err
	}
	return b.debArchive(s, f, control, data, "data.tar"+extensions[c.name])
}

// debData writes the compressed data member and the md5sums of its files.
func (b *bundle) debData(ctx context.Context, c compressor, w io.Writer, sums io.Writer) error {
	z, err := newCompressor(c, w)
	if err != nil {
		return err
	}
	tw := tar.NewWriter(z)
	st := newStream(ctx, b)
	top := &item{typ: plan.Dir_, mode: 0o755, owner: "root", group: "root"}
	if err := tw.WriteHeader(b.tarHeader(top, ".")); err != nil {
		return errors.Join(err, z.Close())
	}
	for _, it := range b.items {
		if err := b.debItem(st, tw, it, sums); err != nil {
			return errors.Join(err, z.Close())
		}
	}
	if err := tw.Close(); err != nil {
		return errors.Join(err, z.Close())
	}
	return z.Close()
}

func (b *bundle) debItem(st *stream, tw *tar.Writer, it *item, sums io.Writer) error {
	h := b.tarHeader(it, "."+it.path)
	h.Uid, h.Gid = staticUsers[it.owner], staticGroups[it.group]
	if err := tw.WriteHeader(h); err != nil || it.typ != plan.File {
		return err
	}
	sum := md5.New()
	if err := st.copy(io.MultiWriter(tw, sum), it); err != nil {
		return err
	}
	if it.conffile {
		return nil // dpkg keeps the sums of conffiles itself, dh_md5sums(1)
	}
	_, err := fmt.Fprintf(sums, "%x  %s\n", sum.Sum(nil), it.path[1:])
	return err
}

// debArchive joins the members: ar(5) in the common form without long names.
func (b *bundle) debArchive(s *signers, f *os.File, control []byte, data *os.File, name string) error {
	const format = "2.0\n"
	size, err := data.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if _, err := data.Seek(0, io.SeekStart); err != nil {
		return err
	}
	a := &arWriter{w: f, mtime: b.mtime}
	a.header()
	a.member("debian-binary", int64(len(format)), strings.NewReader(format))
	a.member("control.tar.gz", int64(len(control)), bytes.NewReader(control))
	a.member(name, size, data)
	if s.deb == nil || a.err != nil {
		return a.err
	}
	if _, err := data.Seek(0, io.SeekStart); err != nil {
		return err
	}
	// debsigs(1): a detached signature over the members, in their order
	sig, err := s.deb.armored(io.MultiReader(strings.NewReader(format), bytes.NewReader(control), data))
	if err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	a.member("_gpgorigin", int64(len(sig)), bytes.NewReader(sig))
	return a.err
}

// An arWriter writes an archive; after an error it writes nothing more.
type arWriter struct {
	w     io.Writer
	mtime time.Time
	err   error
}

func (a *arWriter) header() { _, a.err = io.WriteString(a.w, "!<arch>\n") }

func (a *arWriter) member(name string, size int64, r io.Reader) {
	if a.err != nil {
		return
	}
	if size > 9999999999 {
		a.err = fmt.Errorf("member %s has %d bytes, an archive can hold 9999999999", name, size)
		return
	}
	if _, a.err = fmt.Fprintf(a.w, "%-16s%-12d%-6d%-6d%-8s%-10d`\n", name, a.mtime.Unix(), 0, 0, "100644", size); a.err != nil {
		return
	}
	if _, a.err = io.Copy(a.w, r); a.err == nil && size%2 == 1 {
		_, a.err = io.WriteString(a.w, "\n")
	}
}

// debScripts are the names of the maintainer scripts in the control member.
var debScripts = map[string]string{
	"preinstall": "preinst", "postinstall": "postinst", "preremove": "prerm", "postremove": "postrm",
}

// debControl returns the compressed control member.
func (b *bundle) debControl(sums []byte) ([]byte, error) {
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	tw := tar.NewWriter(z)
	add := func(name string, mode int64, data []byte) error {
		h := &tar.Header{Name: "./" + name, Mode: mode, Size: int64(len(data)), ModTime: b.mtime, Uname: "root", Gname: "root", Format: tar.FormatGNU}
		if err := tw.WriteHeader(h); err != nil {
			return err
		}
		_, err := tw.Write(data)
		return err
	}
	err := add("control", 0o644, []byte(b.debFields()))
	if list := b.conffiles(); err == nil && list != "" {
		err = add("conffiles", 0o644, []byte(list))
	}
	if err == nil {
		err = add("md5sums", 0o644, sums)
	}
	for _, name := range sortedKeys(b.scripts) {
		if err == nil {
			err = add(debScripts[name], 0o755, []byte(b.scripts[name]))
		}
	}
	err = errors.Join(err, tw.Close(), z.Close())
	return buf.Bytes(), err
}

func (b *bundle) conffiles() string {
	var list strings.Builder
	for _, it := range b.items {
		if it.conffile {
			list.WriteString(it.path + "\n")
		}
	}
	return list.String()
}

// debFields returns the control file. Source: Debian Policy 5.3 and 5.6.
func (b *bundle) debFields() string {
	var w strings.Builder
	for _, f := range []struct{ name, value string }{
		{"Package", b.name},
		{"Version", b.full()},
		{"Section", or(oneLine(b.plan.Section), "misc")},
		{"Priority", "optional"},
		{"Architecture", b.arch},
		{"Maintainer", oneLine(b.plan.Contact())},
		{"Installed-Size", fmt.Sprint(b.installedSize())},
		{"Depends", strings.Join(b.depends.depends, ", ")},
		{"Recommends", strings.Join(b.depends.recommends, ", ")},
		{"Conflicts", strings.Join(b.depends.conflicts, ", ")},
		{"Homepage", oneLine(b.plan.Homepage)},
		{"Description", debDescription(b.plan.Summary, b.plan.Text)},
	} {
		if f.value != "" {
			fmt.Fprintf(&w, "%s: %s\n", f.name, f.value)
		}
	}
	return w.String()
}

// installedSize is in KiB, each file rounded up and each other entry counted as
// one. Source: dpkg-gencontrol(1), deb-substvars(5).
func (b *bundle) installedSize() int64 {
	var kib int64
	for _, it := range b.items {
		kib += max(1, (it.size+1023)/1024)
	}
	return kib
}

// debDescription formats the summary with the text below it: a line that is
// indented stays as it is, an empty one becomes a full stop.
// Source: Debian Policy 5.6.13.
func debDescription(summary, text string) string {
	var w strings.Builder
	w.WriteString(oneLine(summary))
	for line := range strings.SplitSeq(strings.Trim(text, "\n"), "\n") {
		line = strings.TrimRight(strings.ReplaceAll(line, "\t", "        "), " \r")
		switch {
		case text == "":
		case line == "":
			w.WriteString("\n .")
		default:
			w.WriteString("\n " + line)
		}
	}
	return w.String()
}
