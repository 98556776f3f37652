package pack

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/klauspost/pgzip"

	"github.com/nativize/nativize/convert/plan"
)

// writeAPK writes an Alpine package: up to three gzip members in a row,
// signature, control and data, each a tar. The first two lack the tar's end, so
// that all together are one tar.
//
// Source: Alpine wiki, "Apk spec", package format version 2.
func writeAPK(ctx context.Context, b *bundle, s *signers, f *os.File) error {
	digest := sha256.New()
	data, err := b.scratch(func(w io.Writer) error {
		return gzipTar(io.MultiWriter(w, digest), true, func(tw *tar.Writer) error { return b.apkData(ctx, tw) })
	})
	if err != nil {
		return err
	}
	defer data.Close()
	var control bytes.Buffer
	err = gzipTar(&control, false, func(tw *tar.Writer) error { return b.apkControl(tw, digest.Sum(nil)) })
	if err != nil {
		return err
	}
	if s.apk != nil {
		if err := apkSignature(f, s, control.Bytes()); err != nil {
			return err
		}
	}
	if _, err := f.Write(control.Bytes()); err != nil {
		return err
	}
	_, err = io.Copy(f, data)
	return err
}

// gzipTar writes a compressed tar, with or without the two blocks of zeroes that
// end it.
func gzipTar(w io.Writer, end bool, fill func(*tar.Writer) error) error {
	z, err := pgzip.NewWriterLevel(w, 6)
	if err != nil {
		return err
	}
	tw := tar.NewWriter(z)
	if err := fill(tw); err != nil {
		return errors.Join(err, z.Close())
	}
	finish := tw.Flush
	if end {
		finish = tw.Close
	}
	return errors.Join(finish(), z.Close())
}

// apkData writes the payload. Every file and link carries its SHA-1, by which
// apk finds edited files later.
func (b *bundle) apkData(ctx context.Context, tw *tar.Writer) error {
	st := newStream(ctx, b)
	sums := newStream(ctx, &bundle{report: func(int64) {}})
	for _, it := range b.items {
		h := b.tarHeader(it, it.path[1:])
		h.Format = tar.FormatPAX
		if it.typ != plan.Dir_ {
			sum := sha1.New()
			if it.typ == plan.Symlink {
				io.WriteString(sum, it.link) // a hash takes everything
			} else if err := sums.copy(sum, it); err != nil {
				return err
			}
			h.PAXRecords = map[string]string{"APK-TOOLS.checksum.SHA1": hex.EncodeToString(sum.Sum(nil))}
		}
		if err := tw.WriteHeader(h); err != nil {
			return fmt.Errorf("%q: %w", it.path, err)
		}
		if it.typ != plan.File {
			continue
		}
		if err := st.copy(tw, it); err != nil {
			return err
		}
	}
	return nil
}

// apkScripts are the names of the scripts in the control member.
var apkScripts = map[string]string{
	"preinstall": ".pre-install", "postinstall": ".post-install",
	"preupgrade": ".pre-upgrade", "postupgrade": ".post-upgrade",
	"preremove": ".pre-deinstall", "postremove": ".post-deinstall",
}

func (b *bundle) apkControl(tw *tar.Writer, datahash []byte) error {
	if err := b.apkMember(tw, ".PKGINFO", 0o644, []byte(b.apkFields(datahash))); err != nil {
		return err
	}
	for _, name := range sortedKeys(b.scripts) {
		if err := b.apkMember(tw, apkScripts[name], 0o755, []byte(b.scripts[name])); err != nil {
			return err
		}
	}
	return nil
}

func (b *bundle) apkMember(tw *tar.Writer, name string, mode int64, data []byte) error {
	sum := sha1.Sum(data)
	err := tw.WriteHeader(&tar.Header{
		Name: name, Mode: mode, Size: int64(len(data)), ModTime: b.mtime, Uname: "root", Gname: "root",
		Format: tar.FormatPAX, PAXRecords: map[string]string{"APK-TOOLS.checksum.SHA1": hex.EncodeToString(sum[:])},
	})
	if err != nil {
		return err
	}
	_, err = tw.Write(data)
	return err
}

// apkFields returns .PKGINFO. A conflict is a dependency with an exclamation
// mark. Source: Alpine wiki, "Apk spec", PKGINFO Format; apk-world(5).
func (b *bundle) apkFields(datahash []byte) string {
	var w strings.Builder
	field := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&w, "%s = %s\n", name, value)
		}
	}
	field("pkgname", b.name)
	field("pkgver", b.full())
	field("pkgdesc", oneLine(b.plan.Summary))
	field("url", oneLine(b.plan.Homepage))
	field("builddate", fmt.Sprint(b.mtime.Unix()))
	field("packager", oneLine(b.plan.Maintainer))
	field("size", fmt.Sprint(b.size))
	field("arch", b.arch)
	field("origin", b.name)
	field("maintainer", oneLine(b.plan.Maintainer))
	field("license", oneLine(b.plan.License))
	for _, d := range b.depends.depends {
		field("depend", d)
	}
	for _, c := range b.depends.conflicts {
		field("depend", "!"+strings.TrimPrefix(c, "!"))
	}
	field("datahash", hex.EncodeToString(datahash))
	return w.String()
}

// apkSignature writes the signature member: PKCS #1 over the SHA-1 of the
// compressed control member.
func apkSignature(w io.Writer, s *signers, control []byte) error {
	sum := sha1.Sum(control)
	sig, err := signSHA1(s.apk, sum[:])
	if err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	return gzipTar(w, false, func(tw *tar.Writer) error {
		h := &tar.Header{Name: ".SIGN.RSA." + s.apkKeyName, Mode: 0o644, Size: int64(len(sig)), Format: tar.FormatUSTAR}
		if err := tw.WriteHeader(h); err != nil {
			return err
		}
		_, err := tw.Write(sig)
		return err
	})
}
