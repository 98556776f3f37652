package pack

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/goreleaser/nfpm/v2"
	"github.com/goreleaser/nfpm/v2/apk"
	"github.com/goreleaser/nfpm/v2/arch"
	"github.com/goreleaser/nfpm/v2/deb"
	"github.com/goreleaser/nfpm/v2/rpm"

	"github.com/nativize/nativize/convert/plan"
)

// TestSameAsNFPM holds our writers against nfpm's, as Inspect sees both.
func TestSameAsNFPM(t *testing.T) {
	for _, c := range []struct {
		format plan.Format
		nfpm   nfpm.Packager
	}{{plan.Deb, deb.Default}, {plan.RPM, rpm.DefaultRPM}, {plan.APK, apk.Default}, {plan.Arch, arch.Default}} {
		t.Run(string(c.format), func(t *testing.T) {
			p, src := sample(t)
			delete(src.Scripts[plan.APK], "preupgrade") // another field of nfpm's
			p.Text = "Shop sells things.\n\nIt has a list."
			ours, err := Inspect(build(t, p, src, Options{Formats: []plan.Format{c.format}})[c.format].Path)
			if err != nil {
				t.Fatal(err)
			}
			theirs, err := Inspect(throughPlainNFPM(t, c.format, Options{}.compression(c.format), c.nfpm, p, src))
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range []*Listing{ours, theirs} {
				l.Conflicts, l.Recommends = sorted(l.Conflicts), sorted(l.Recommends)
				for _, name := range []string{
					"installed-size", "datahash", "builddate", "packager", "origin", "depend", "xdata", // not in nfpm's apk or archlinux
				} {
					delete(l.Fields, name)
				}
				if c.format == plan.APK {
					l.Conflicts = nil
				}
				if c.format == plan.RPM {
					l.Fields["description"] = nil // nfpm repeats the summary
				}
				for i := range l.Files {
					l.Files[i].Digest = ""
				}
			}
			if diff := cmp.Diff(theirs, ours); diff != "" {
				t.Errorf("nfpm's (-) and ours (+):\n%s", diff)
			}
		})
	}
}

// TestWalkGivesTheBytes unpacks each format in memory and compares it with the
// sources.
func TestWalkGivesTheBytes(t *testing.T) {
	p, src := sample(t)
	arts := build(t, p, src, Options{})
	want := map[string]string{
		"/usr/share/shop/main.py": "print('shop')\n", "/etc/shop/app.ini": "[app]\nport = 80\n",
		"/usr/share/shop/venv/bin/tool": "#!/bin/sh\necho tool\n",
	}
	for _, f := range all {
		got := map[string]string{}
		l, err := Walk(arts[f].Path, func(e ListedFile, r io.Reader) error {
			data, err := io.ReadAll(r)
			if _, ok := want[e.Path]; ok {
				got[e.Path] = string(data)
			}
			return err
		})
		if err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: contents:\n%s", f, diff)
		}
		if l.Format != f || l.Name != "shop" || len(l.Files) < 15 {
			t.Errorf("%s: listing is %s %q with %d files", f, l.Format, l.Name, len(l.Files))
		}
		if e, _ := l.File("/etc/shop/secret.ini"); e.Conffile != (f != plan.APK) {
			t.Errorf("%s: conffile is %v", f, e.Conffile)
		}
	}
}

func TestWalkStopsWithTheVisitor(t *testing.T) {
	p, src := sample(t)
	arts := build(t, p, src, Options{})
	for _, f := range all {
		_, err := Walk(arts[f].Path, func(ListedFile, io.Reader) error { return io.ErrClosedPipe })
		if err == nil || !strings.Contains(err.Error(), io.ErrClosedPipe.Error()) {
			t.Errorf("%s: error is %v", f, err)
		}
	}
}

// TestInspectDpkgDeb reads packages that dpkg-deb wrote with each compressor.
func TestInspectDpkgDeb(t *testing.T) {
	tool(t, "dpkg-deb")
	tree := t.TempDir()
	write(t, tree, "DEBIAN/control", "Package: other\nVersion: 1:2.0-3\nArchitecture: amd64\nMaintainer: A <a@b.c>\nDepends: libc6 (>= 2.3),\n perl\nDescription: short\n long\n", 0o644)
	write(t, tree, "DEBIAN/conffiles", "/etc/other.conf\nremove-on-upgrade /etc/gone\n", 0o644)
	write(t, tree, "DEBIAN/postinst", "#!/bin/sh\nexit 0\n", 0o755)
	write(t, tree, "etc/other.conf", "x", 0o600)
	write(t, tree, "usr/bin/other", "y", 0o755)
	if err := os.Chmod(filepath.Join(tree, "usr/bin/other"), 0o755|os.ModeSetuid); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(filepath.Join(tree, "usr/bin/other"), filepath.Join(tree, "usr/bin/same")); err != nil {
		t.Fatal(err)
	}
	link(t, tree, "usr/bin/link", "other")
	for _, z := range []string{"gzip", "xz", "zstd", "none"} {
		file := filepath.Join(t.TempDir(), "o.deb")
		run(t, "dpkg-deb", "-Z"+z, "--root-owner-group", "-b", tree, file)
		l, err := Inspect(file)
		if err != nil {
			t.Errorf("%s: %v", z, err)
			continue
		}
		if l.Name != "other" || l.Version != "1:2.0-3" || l.Arch != "amd64" || l.Summary != "short" {
			t.Errorf("%s: %q %q %q %q", z, l.Name, l.Version, l.Arch, l.Summary)
		}
		if want := []string{"libc6 (>= 2.3)", "perl"}; !slices.Equal(l.Depends, want) {
			t.Errorf("%s: depends %q, want %q", z, l.Depends, want)
		}
		if l.Scripts["postinstall"] != "#!/bin/sh\nexit 0\n" {
			t.Errorf("%s: postinst %q", z, l.Scripts["postinstall"])
		}
		for path, want := range map[string]string{
			"/etc/other.conf": "file 0600 root:root 1 bytes conffile", "/usr/bin/other": "file 04755 root:root 1 bytes",
			"/usr/bin/same": "hardlink 04755 root:root", "/usr/bin/link": `symlink to "other" root:root`,
		} {
			if f, _ := l.File(path); f.String() != want {
				t.Errorf("%s: %s is %s, want %s", z, path, f, want)
			}
		}
	}
}

const spec = `Name: other
Version: 2.0
Release: 3
Epoch: 1
Summary: short
License: MIT
Requires: perl >= 5
%description
long
%install
mkdir -p %{buildroot}/etc %{buildroot}/usr/bin
echo x > %{buildroot}/etc/other.conf
echo y > %{buildroot}/usr/bin/other
ln %{buildroot}/usr/bin/other %{buildroot}/usr/bin/same
ln -s other %{buildroot}/usr/bin/link
%post
echo post
%files
%config(noreplace) %attr(0600,root,adm) /etc/other.conf
%attr(0755,root,root) /usr/bin/other
/usr/bin/same
/usr/bin/link
%ghost /var/log/other.log
`

// TestInspectRPMBuild reads packages that rpmbuild wrote.
func TestInspectRPMBuild(t *testing.T) {
	tool(t, "rpmbuild")
	for _, z := range []string{"w6.gzdio", "w2.xzdio", "w3.zstdio", "w2.lzdio"} {
		dir := t.TempDir()
		write(t, dir, "o.spec", spec, 0o644)
		run(t, "rpmbuild", "-bb", "--define", "_topdir "+dir, "--define", "_binary_payload "+z,
			"--define", "debug_package %{nil}", "--define", "__os_install_post %{nil}", filepath.Join(dir, "o.spec"))
		found, err := filepath.Glob(filepath.Join(dir, "RPMS/*/*.rpm"))
		if err != nil || len(found) != 1 {
			t.Fatalf("rpmbuild made %q, %v", found, err)
		}
		contents := map[string]string{}
		l, err := Walk(found[0], func(f ListedFile, r io.Reader) error {
			data, err := io.ReadAll(r)
			contents[f.Path] = string(data)
			return err
		})
		if err != nil {
			t.Errorf("%s: %v", z, err)
			continue
		}
		if l.Name != "other" || l.Version != "1:2.0-3" || l.Scripts["postinstall"] != "echo post" {
			t.Errorf("%s: %q %q %q", z, l.Name, l.Version, l.Scripts)
		}
		if !slices.Contains(l.Depends, "perl >= 5") || slices.ContainsFunc(l.Depends, func(s string) bool { return strings.HasPrefix(s, "rpmlib(") }) {
			t.Errorf("%s: depends %q", z, l.Depends)
		}
		for path, want := range map[string]string{
			"/etc/other.conf": "file 0600 root:adm 2 bytes conffile", "/usr/bin/other": "file 0755 root:root 2 bytes",
			"/usr/bin/link": `symlink to "other" root:root`,
		} {
			if f, _ := l.File(path); f.String() != want {
				t.Errorf("%s: %s is %s, want %s", z, path, f, want)
			}
		}
		if f, ok := l.File("/var/log/other.log"); !ok || !f.Ghost {
			t.Errorf("%s: the ghost is %v, %v", z, f, ok)
		}
		if contents["/etc/other.conf"] != "x\n" || contents["/usr/bin/other"]+contents["/usr/bin/same"] != "y\n" {
			t.Errorf("%s: contents are %q", z, contents)
		}
	}
}

// TestInspectArchTar reads packages as makepkg lays them out, with each
// compressor that it knows.
func TestInspectArchTar(t *testing.T) {
	tool(t, "tar", "xz", "zstd", "gzip")
	tree := t.TempDir()
	write(t, tree, ".BUILDINFO", "format = 2\n", 0o644)
	write(t, tree, ".MTREE", "\x1f\x8bjunk", 0o644)
	write(t, tree, ".PKGINFO", "# makepkg\npkgname = other\npkgver = 2:1.0-3\narch = x86_64\npkgdesc = short\nbackup = etc/other.conf\ndepend = glibc>=2\n", 0o644)
	write(t, tree, ".INSTALL", "helper() { :; }\npost_install() {\n  helper\n}\n", 0o644)
	write(t, tree, "etc/other.conf", "x", 0o644)
	for _, z := range []string{"--xz", "--zstd", "--gzip"} {
		file := filepath.Join(t.TempDir(), "o.pkg.tar")
		run(t, "tar", "-C", tree, z, "--owner=root", "--group=root", "-cf", file, ".BUILDINFO", ".MTREE", ".PKGINFO", ".INSTALL", "etc")
		l, err := Inspect(file)
		if err != nil {
			t.Errorf("%s: %v", z, err)
			continue
		}
		if l.Format != plan.Arch || l.Name != "other" || l.Version != "2:1.0-3" || l.Arch != "x86_64" {
			t.Errorf("%s: %s %q %q %q", z, l.Format, l.Name, l.Version, l.Arch)
		}
		if f, _ := l.File("/etc/other.conf"); f.String() != "file 0644 root:root 1 bytes conffile" {
			t.Errorf("%s: other.conf is %s", z, f)
		}
		if got := l.Scripts["postinstall"]; got != "  helper\n" {
			t.Errorf("%s: post_install is %q", z, got)
		}
	}
}

func TestInspectRefuses(t *testing.T) {
	p, src := sample(t)
	arts := build(t, p, src, Options{})
	dir := t.TempDir()
	for _, f := range all {
		data, err := os.ReadFile(arts[f].Path)
		if err != nil {
			t.Fatal(err)
		}
		write(t, dir, "cut", string(data[:len(data)-600]), 0o644)
		if _, err := Walk(filepath.Join(dir, "cut"), nil); err == nil {
			t.Errorf("%s: a package that is cut off was read", f)
		}
	}
	write(t, dir, "text", "hello", 0o644)
	write(t, dir, "empty", "", 0o644)
	write(t, dir, "v3.apk", "ADBd....", 0o644)
	for _, name := range []string{"text", "empty", "v3.apk", "missing"} {
		if _, err := Inspect(filepath.Join(dir, name)); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}

// TestInspectBoundsUnpacking: some kilobytes that unpack to ever more end early.
func TestInspectBoundsUnpacking(t *testing.T) {
	const size = 300 << 20
	file := filepath.Join(t.TempDir(), "bomb.pkg.tar.zst")
	out, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	z, err := newCompressor(compressor{name: "zstd"}, out)
	if err != nil {
		t.Fatal(err)
	}
	tw := tar.NewWriter(z)
	tw.WriteHeader(&tar.Header{Name: "zeroes", Size: size, Typeflag: tar.TypeReg})
	for block := make([]byte, 1<<20); err == nil; {
		_, err = tw.Write(block)
	}
	if err := errors.Join(tw.Close(), z.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := Inspect(file); !errors.Is(err, errTooMuch) {
		t.Errorf("error is %v", err)
	}
}

// FuzzInspect: whatever the bytes, no panic, no hang, and no path outside of the
// root.
func FuzzInspect(f *testing.F) {
	p, src := sample(f)
	list, err := Build(context.Background(), p, src, Options{OutDir: f.TempDir(), Formats: all})
	if err != nil {
		f.Fatal(err)
	}
	for _, a := range list {
		data, err := os.ReadFile(a.Path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("!<arch>\ncontrol.tar     0           0     0     100644  4         `\nabcd"))
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := inspect(bytes.NewReader(data), int64(len(data)), func(f ListedFile, r io.Reader) error {
			_, err := io.Copy(io.Discard, r)
			return err
		})
		if err != nil {
			return
		}
		for _, file := range l.Files {
			if !filepath.IsAbs(file.Path) || filepath.Clean(file.Path) != file.Path {
				t.Errorf("path %q", file.Path)
			}
		}
	})
}

// TestRPMDigests holds the digests of the header against the payload.
func TestRPMDigests(t *testing.T) {
	p, src := sample(t)
	file := build(t, p, src, Options{Formats: []plan.Format{plan.RPM}})[plan.RPM].Path
	sums := map[string]string{}
	l, err := Walk(file, func(f ListedFile, r io.Reader) error {
		h := sha256.New()
		_, err := io.Copy(h, r)
		if f.Type == plan.File {
			sums[f.Path] = hex.EncodeToString(h.Sum(nil))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range l.Files {
		if f.Digest != sums[f.Path] {
			t.Errorf("%s: digest %s, want %s", f.Path, f.Digest, sums[f.Path])
		}
	}
	if len(sums) < 8 {
		t.Errorf("only %d files", len(sums))
	}
}
