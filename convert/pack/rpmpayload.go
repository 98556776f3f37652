package pack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
	"time"

	"github.com/nativize/nativize/convert/plan"
)

// An rpmPayload is the compressed cpio archive of an rpm and what the header
// says of it.
type rpmPayload struct {
	b                 *bundle
	compressed, plain hash.Hash
	digests           []string // SHA-256 of each item, "" for what is no file
	size              int64    // before compression
}

// write writes the archive into w.
func (r *rpmPayload) write(ctx context.Context, c compressor, w io.Writer) error {
	z, err := newCompressor(c, io.MultiWriter(w, r.compressed))
	if err != nil {
		return err
	}
	out := &cpioWriter{w: io.MultiWriter(z, r.plain)}
	st := newStream(ctx, r.b)
	for i, it := range r.b.items {
		if err := r.member(st, out, uint32(i+1), it); err != nil {
			return errors.Join(err, z.Close())
		}
	}
	out.trailer()
	r.size = out.n
	return errors.Join(out.err, z.Close())
}

func (r *rpmPayload) member(st *stream, out *cpioWriter, inode uint32, it *item) error {
	switch it.typ {
	case plan.Symlink:
		out.header(cpioHeader{"." + it.path, inode, unixMode(it), 1, r.b.mtime, int64(len(it.link))})
		io.WriteString(out, it.link) // the writer keeps its error
		out.pad()
		r.digests = append(r.digests, "")
	case plan.Dir_:
		out.header(cpioHeader{"." + it.path, inode, unixMode(it), 2, r.b.mtime, 0})
		r.digests = append(r.digests, "")
	default:
		if it.size >= 1<<32 {
			return fmt.Errorf("%q: %w", it.path, errTooLarge)
		}
		sum := sha256.New()
		out.header(cpioHeader{"." + it.path, inode, unixMode(it), 1, r.b.mtime, it.size})
		if err := st.copy(io.MultiWriter(out, sum), it); err != nil {
			return err
		}
		out.pad()
		r.digests = append(r.digests, hex.EncodeToString(sum.Sum(nil)))
	}
	return out.err
}

// A cpioHeader is the header of one member of a cpio archive.
type cpioHeader struct {
	name               string
	inode, mode, links uint32
	mtime              time.Time
	size               int64
}

// A cpioWriter writes the "new ASCII" format, cpio(5); after an error it writes
// nothing more.
type cpioWriter struct {
	w   io.Writer
	n   int64
	err error
}

func (c *cpioWriter) Write(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.w.Write(p)
	c.n += int64(n)
	c.err = err
	return n, err
}

func (c *cpioWriter) header(h cpioHeader) {
	fmt.Fprintf(c, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%s\x00",
		h.inode, h.mode, 0, 0, h.links, uint32(h.mtime.Unix()), h.size, 0, 1, 0, 0, len(h.name)+1, 0, h.name)
	c.pad()
}

// pad aligns to four bytes.
func (c *cpioWriter) pad() { io.WriteString(c, "\x00\x00\x00"[:(4-c.n%4)%4]) }

func (c *cpioWriter) trailer() {
	c.header(cpioHeader{name: "TRAILER!!!", links: 1, mtime: time.Unix(0, 0)})
}

// An rpmDep is a dependency as the header keeps it.
type rpmDep struct {
	name, version string
	sense         uint32
}

// The flags of dependencies. Source: rpm, include/rpm/rpmds.h.
const (
	rpmLess    = 1 << 1
	rpmGreater = 1 << 2
	rpmEqual   = 1 << 3
	rpmInterp  = 1 << 8
	rpmLib     = 1 << 24
)

var rpmSenses = map[string]uint32{
	"<": rpmLess, "<=": rpmLess | rpmEqual, "=": rpmEqual, ">=": rpmGreater | rpmEqual, ">": rpmGreater,
}

// parseRPMDep reads a relation that validRelation accepted.
func parseRPMDep(s string) rpmDep {
	fields := strings.Fields(s)
	if strings.HasPrefix(s, "(") || len(fields) != 3 {
		return rpmDep{name: s}
	}
	return rpmDep{fields[0], fields[2], rpmSenses[fields[1]]}
}

// rpmRelations writes what the package provides and needs: itself; the plan's
// relations; the interpreter of each script; and what of rpm it uses.
func (b *bundle) rpmRelations(h rpmHeader, c compressor) {
	provides := []rpmDep{{b.name, b.full(), rpmEqual}}
	var needs, weak, conflicts []rpmDep
	for _, s := range b.depends.depends {
		needs = append(needs, parseRPMDep(s))
	}
	for _, name := range sortedKeys(b.scripts) {
		needs = append(needs, rpmDep{"/bin/sh", "", rpmScripts[name].sense | rpmInterp})
	}
	needs = append(needs, b.rpmFeatures(c)...)
	for _, s := range b.depends.recommends {
		weak = append(weak, parseRPMDep(s))
	}
	for _, s := range b.depends.conflicts {
		conflicts = append(conflicts, parseRPMDep(s))
	}
	setDeps(h, provides, tagProvideName, tagProvideVer, tagProvideFlags)
	setDeps(h, needs, tagRequireName, tagRequireVer, tagRequireFlags)
	setDeps(h, weak, tagRecommend, tagRecommendVer, tagRecommendFlg)
	setDeps(h, conflicts, tagConflictName, tagConflictVer, tagConflictFlag)
}

// rpmFeatures are the abilities that rpm must have to read the package.
// Source: rpm, lib/rpmds.c, rpmlibProvides.
func (b *bundle) rpmFeatures(c compressor) []rpmDep {
	var list []rpmDep
	add := func(name, version string) {
		list = append(list, rpmDep{"rpmlib(" + name + ")", version, rpmLib | rpmLess | rpmEqual})
	}
	add("CompressedFileNames", "3.0.4-1")
	add("FileDigests", "4.6.0-1")
	add("PayloadFilesHavePrefix", "4.0-1")
	if c.name == "zstd" {
		add("PayloadIsZstd", "5.4.18-1")
	}
	evr := b.full()
	if strings.Contains(evr, "~") {
		add("TildeInVersions", "4.10.0-1")
	}
	if strings.Contains(evr, "^") {
		add("CaretInVersions", "4.15.0-1")
	}
	for _, s := range append(b.depends.depends, b.depends.recommends...) {
		if strings.HasPrefix(s, "(") {
			add("RichDependencies", "4.12.0-1")
			break
		}
	}
	return list
}

func setDeps(h rpmHeader, deps []rpmDep, name, version, flags uint32) {
	var names, versions []string
	var senses []uint32
	for _, d := range deps {
		names, versions, senses = append(names, d.name), append(versions, d.version), append(senses, d.sense)
	}
	h.texts(name, names)
	h.texts(version, versions)
	h.int32s(flags, senses)
}
