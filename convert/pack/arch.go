package pack

import (
	"archive/tar"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/nativize/nativize/convert/plan"
)

// writeArch writes an Arch Linux package: a tar with .PKGINFO first, then the
// scripts, the payload, and .MTREE with the digests that were taken on the way.
//
// nfpm's writer is not used: it does not escape names in .MTREE, so that one
// file with a space in its name makes pacman -Qkk see none at all, and it holds
// every file open until the end.
//
// Sources: PKGBUILD(5), makepkg's create_package, mtree(5).
func writeArch(ctx context.Context, b *bundle, _ *signers, f *os.File) error {
	c, _ := parseCompression(b.opt.compression(plan.Arch)) // checked before
	z, err := newCompressor(c, f)
	if err != nil {
		return err
	}
	tw := tar.NewWriter(z)
	err = b.archMembers(ctx, tw)
	if err == nil {
		err = tw.Close()
	}
	return errors.Join(err, z.Close())
}

func (b *bundle) archMembers(ctx context.Context, tw *tar.Writer) error {
	sums := &strings.Builder{}
	sums.WriteString("#mtree\n/set uid=0 gid=0\n")
	st := newStream(ctx, b)
	special := []*item{archText(".PKGINFO", b.archFields())}
	if len(b.scripts) > 0 {
		special = append(special, archText(".INSTALL", b.archInstall()))
	}
	for _, it := range append(special, b.items...) {
		if err := b.archMember(st, tw, it, sums); err != nil {
			return err
		}
	}
	mtree := archText(".MTREE", string(gzipped([]byte(sums.String()))))
	return b.archMember(st, tw, mtree, &strings.Builder{})
}

// archText is a member that describes the package; it lies beside the payload.
func archText(name, text string) *item {
	return &item{path: "/" + name, typ: plan.File, mode: 0o644, owner: "root", group: "root", data: []byte(text), size: int64(len(text))}
}

// archMember writes one member and its line of .MTREE.
func (b *bundle) archMember(st *stream, tw *tar.Writer, it *item, sums *strings.Builder) error {
	if err := tw.WriteHeader(b.tarHeader(it, it.path[1:])); err != nil {
		return fmt.Errorf("%q: %w", it.path, err)
	}
	fmt.Fprintf(sums, ".%s time=%d.0 mode=%o ", mtreeEscape(it.path), b.mtime.Unix(), it.mode)
	switch it.typ {
	case plan.Dir_:
		sums.WriteString("type=dir\n")
	case plan.Symlink:
		fmt.Fprintf(sums, "type=link link=%s\n", mtreeEscape(it.link))
	default:
		m, s := md5.New(), sha256.New()
		if err := st.copy(io.MultiWriter(tw, m, s), it); err != nil {
			return err
		}
		fmt.Fprintf(sums, "type=file size=%d md5digest=%x sha256digest=%x\n", it.size, m.Sum(nil), s.Sum(nil))
	}
	return nil
}

// mtreeEscape writes all but plain characters as octal numbers.
// Source: mtree(5), "unprintable characters".
func mtreeEscape(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("/._-+@:,~", c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "\\%03o", c)
		}
	}
	return b.String()
}

// unknownPackager is makepkg's own word for it: makepkg.conf(5), PACKAGER.
const unknownPackager = "Unknown Packager"

// archFields returns .PKGINFO. Recommended packages are optional dependencies.
func (b *bundle) archFields() string {
	var w strings.Builder
	field := func(name string, values ...string) {
		for _, v := range values {
			if v != "" {
				fmt.Fprintf(&w, "%s = %s\n", name, v)
			}
		}
	}
	field("pkgname", b.name)
	field("pkgbase", b.name)
	field("xdata", "pkgtype=pkg")
	field("pkgver", b.full())
	field("pkgdesc", oneLine(b.plan.Summary))
	field("url", oneLine(b.plan.Homepage))
	field("builddate", fmt.Sprint(b.mtime.Unix()))
	field("packager", or(oneLine(b.plan.Maintainer), unknownPackager))
	field("size", fmt.Sprint(b.size))
	field("arch", b.arch)
	field("license", oneLine(b.plan.License))
	field("conflict", b.depends.conflicts...)
	field("backup", b.backups()...)
	field("depend", b.depends.depends...)
	field("optdepend", b.depends.recommends...)
	return w.String()
}

// backups are the conffiles, relative to the root.
func (b *bundle) backups() []string {
	var list []string
	for _, it := range b.items {
		if it.conffile {
			list = append(list, it.path[1:])
		}
	}
	return list
}

// archInstall returns .INSTALL: each script is the body of a function.
func (b *bundle) archInstall() string {
	var w strings.Builder
	for _, function := range sortedKeys(archScripts) {
		if text, ok := b.scripts[archScripts[function]]; ok {
			fmt.Fprintf(&w, "%s() {\n%s\n}\n", function, strings.Trim(text, "\n"))
		}
	}
	return w.String()
}
