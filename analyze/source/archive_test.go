package source

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// tarOf makes a tar archive; sizes are filled in.
func tarOf(t testing.TB, body string, headers ...tar.Header) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for _, h := range headers {
		content := ""
		if h.Typeflag == 0 && !strings.HasSuffix(h.Name, "/") {
			content = body
		}
		h.Size = int64(len(content))
		if h.Mode == 0 {
			h.Mode = 0o644
		}
		must(t, w.WriteHeader(&h))
		_, err := io.WriteString(w, content)
		must(t, err)
	}
	must(t, w.Close())
	return buf.Bytes()
}

func save(t testing.TB, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	must(t, os.WriteFile(path, b, 0o644))
	return path
}

func compress(t testing.TB, b []byte, open func(io.Writer) (io.WriteCloser, error)) []byte {
	t.Helper()
	var buf bytes.Buffer
	w, err := open(&buf)
	must(t, err)
	_, err = w.Write(b)
	must(t, err)
	must(t, w.Close())
	return buf.Bytes()
}

func gz(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil }

// The archives that git and tar write hold the same tree as the repository.
func TestArchiveFormats(t *testing.T) {
	g := sampleGit(t)
	head := g.run("rev-parse", "HEAD")
	plain := filepath.Join(t.TempDir(), "a.tar")
	g.run("archive", "-o", plain, "HEAD")
	b, err := os.ReadFile(plain)
	must(t, err)
	prefixed := filepath.Join(t.TempDir(), "p.tar.gz")
	g.run("archive", "--prefix=app-1.2/", "-o", prefixed, "HEAD")
	zipped := filepath.Join(t.TempDir(), "z.zip")
	g.run("archive", "-o", zipped, "HEAD")
	forms := map[string]string{
		"tar": plain, "prefixed": prefixed, "zip": zipped,
		"gzip": save(t, "a.tar.gz", compress(t, b, gz)),
		"xz":   save(t, "a.tar.xz", compress(t, b, func(w io.Writer) (io.WriteCloser, error) { return xz.NewWriter(w) })),
		"zstd": save(t, "a.tar.zst", compress(t, b, func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) })),
		// The name says nothing: the content does.
		"without extension": save(t, "artefact", compress(t, b, gz)),
	}
	if path, err := exec.LookPath("bzip2"); err == nil {
		out, err := exec.Command(path, "-c", plain).Output()
		must(t, err)
		forms["bzip2"] = save(t, "a.tar.bz2", out)
	}
	for name, path := range forms {
		t.Run(name, func(t *testing.T) {
			r := open(t, path, Options{})
			checkSample(t, r)
			want := Info{Kind: "tarball", Path: path, Commit: head}
			if name == "prefixed" {
				want.Prefix = "app-1.2"
			}
			if got := r.Info(); got != want {
				t.Errorf("Info = %+v, want %+v", got, want)
			}
		})
	}
}

func TestArchiveMembers(t *testing.T) {
	lfs := "version https://git-lfs.github.com/spec/v1\noid sha256:" + strings.Repeat("a", 64) + "\nsize 12345\n"
	b := tarOf(t, lfs,
		tar.Header{Name: "./"}, tar.Header{Name: "./big.bin"}, tar.Header{Name: "empty/", Typeflag: tar.TypeDir},
		tar.Header{Name: "hard", Typeflag: tar.TypeLink, Linkname: "./big.bin"},
		tar.Header{Name: "lost", Typeflag: tar.TypeLink, Linkname: "nowhere"},
		tar.Header{Name: "pipe", Typeflag: tar.TypeFifo}, tar.Header{Name: "null", Typeflag: tar.TypeChar},
		tar.Header{Name: "out", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"},
		tar.Header{Name: "up", Typeflag: tar.TypeSymlink, Linkname: "../x"},
		tar.Header{Name: "twice", Typeflag: tar.TypeSymlink, Linkname: "big.bin"}, tar.Header{Name: "twice"},
		tar.Header{Name: ".git/config"}, tar.Header{Name: "setuid", Mode: 0o4755},
	)
	r := open(t, save(t, "a.tar", b), Options{})
	wantList(t, "Files", paths(r.Files()), "big.bin", "hard", "lost", "null", "out", "pipe", "setuid", "twice", "up")
	for _, name := range []string{"big.bin", "hard", "twice"} {
		f, _ := r.Lookup(name)
		got, err := r.Read(name)
		if !f.LFS || f.Size != int64(len(lfs)) || err != nil || string(got) != lfs {
			t.Errorf("%s is %+v, %v", name, f, err)
		}
	}
	for name, want := range map[string]error{"lost": ErrNotFound, "pipe": ErrNotRegular, "null": ErrNotRegular, "out": ErrEscapes, "up": ErrEscapes, "empty": ErrNotRegular} {
		if _, err := r.Read(name); !errors.Is(err, want) {
			t.Errorf("Read(%q): %v, want %v", name, err, want)
		}
	}
	for _, name := range []string{"out", "up"} {
		if f, _ := r.Lookup(name); !f.Escapes {
			t.Errorf("%s does not escape", name)
		}
	}
	if f, _ := r.Lookup("setuid"); f.Mode != 0o755 {
		t.Errorf("mode of setuid = %v", f.Mode)
	}
	if !r.IsDir("empty") {
		t.Error("the empty directory is lost")
	}
}

func TestIgnoredInArchive(t *testing.T) {
	b := tarOf(t, "*.log\n", tar.Header{Name: ".gitignore"}, tar.Header{Name: "a.log"}, tar.Header{Name: "b"})
	r := open(t, save(t, "a.tar", b), Options{})
	for name, want := range map[string]bool{"a.log": true, "b": false} {
		if f, ok := r.Lookup(name); !ok || f.Ignored != want {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

func TestHostileArchives(t *testing.T) {
	file := func(name string) []byte { return tarOf(t, "x", tar.Header{Name: "ok"}, tar.Header{Name: name}) }
	whole := compress(t, tarOf(t, strings.Repeat("x", 10_000), tar.Header{Name: "a"}), gz)
	wrongSum := bytes.Clone(whole)
	wrongSum[len(wrongSum)-5] ^= 1
	for _, tt := range []struct {
		name string
		b    []byte
		want error
		says string
	}{
		{"parent", file("../evil"), ErrEscapes, `member "../evil"`},
		{"parent inside", file("a/../../evil"), ErrEscapes, `member "a/../../evil"`},
		{"parent that stays inside", file("a/../evil"), ErrEscapes, ""},
		{"absolute", file("/etc/passwd"), ErrEscapes, `member "/etc/passwd"`},
		{"hard link out", tarOf(t, "", tar.Header{Name: "h", Typeflag: tar.TypeLink, Linkname: "../../etc/shadow"}), ErrEscapes, `hard link "h"`},
		{"through a link", tarOf(t, "x", tar.Header{Name: "a", Typeflag: tar.TypeSymlink, Linkname: "/tmp"}, tar.Header{Name: "a/b"}), ErrEscapes, `below the symbolic link "a"`},
		{"below a file", tarOf(t, "x", tar.Header{Name: "a"}, tar.Header{Name: "a/b"}), ErrDamaged, `member "a/b"`},
		{"long name", file(strings.Repeat("n/", 3000)), ErrTooLarge, ""},
		{"cut", whole[:len(whole)/2], ErrDamaged, "ends early"},
		{"cut in the checksum", whole[:len(whole)-4], ErrDamaged, ""},
		{"wrong checksum", wrongSum, ErrDamaged, "checksum"},
		{"compressed text", compress(t, []byte("echo this is a script, not a tar archive\n"), gz), ErrDamaged, ""},
		{"compressed nothing", compress(t, nil, gz), ErrEmpty, ""},
		{"no members", tarOf(t, ""), ErrEmpty, ""},
		{"xz that is none", []byte("\xfd7zXZ\x00garbage garbage garbage"), ErrDamaged, ""},
		{"zstd that is none", []byte("\x28\xb5\x2f\xfdgarbage garbage garbage"), ErrDamaged, ""},
		{"bzip2 that is none", []byte("BZh9garbage garbage garbage"), ErrDamaged, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := openFails(t, save(t, "a.tar", tt.b), Options{})
			if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("error %q, want %q saying %q", err, tt.want, tt.says)
			}
		})
	}
	err := openFails(t, save(t, "a.tar.gz", whole), Options{Rev: "v1"})
	if !errors.Is(err, ErrNotGit) {
		t.Errorf("revision of an archive: %v", err)
	}
}

func zipOf(t testing.TB, add func(w *zip.Writer)) []byte {
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	add(w)
	must(t, w.Close())
	return buf.Bytes()
}

func TestZip(t *testing.T) {
	put := func(w *zip.Writer, h *zip.FileHeader, body string) {
		f, err := w.CreateHeader(h)
		must(t, err)
		_, err = io.WriteString(f, body)
		must(t, err)
	}
	named := func(name string) []byte {
		return zipOf(t, func(w *zip.Writer) { put(w, &zip.FileHeader{Name: name}, "x") })
	}
	for name, want := range map[string]error{"../evil": ErrEscapes, "/etc/passwd": ErrEscapes, `..\evil`: ErrEscapes, `a\..\..\evil`: ErrEscapes, "": ErrEmpty} {
		if err := openFails(t, save(t, "a.zip", named(name)), Options{}); !errors.Is(err, want) {
			t.Errorf("member %q: %v, want %v", name, err, want)
		}
	}
	b := zipOf(t, func(w *zip.Writer) {
		script := &zip.FileHeader{Name: "top/deploy.sh", Method: zip.Deflate}
		script.SetMode(0o755)
		put(w, script, "#!/bin/sh\n"+strings.Repeat("a", 1000))
		link := &zip.FileHeader{Name: "top/link"}
		link.SetMode(fs.ModeSymlink | 0o777)
		put(w, link, "deploy.sh")
		put(w, &zip.FileHeader{Name: `top\windows.txt`}, "w")
		odd := &zip.FileHeader{Name: `top/back\slash`}
		odd.SetMode(0o600)
		put(w, odd, "o")
	})
	r := open(t, save(t, "a.zip", b), Options{MaxFile: 1005})
	wantList(t, "Files", paths(r.Files()), `back\slash`, "deploy.sh", "link", "windows.txt")
	if _, err := r.Read("link"); !errors.Is(err, ErrTooLarge) {
		t.Errorf("Read beyond MaxFile: %v", err)
	}
	if f, _ := r.Lookup("deploy.sh"); f.Mode != 0o755 || f.Size != 1010 {
		t.Errorf("deploy.sh is %+v", f)
	}
	if got, err := r.Read("windows.txt"); err != nil || string(got) != "w" {
		t.Errorf("Read = %q, %v", got, err)
	}
}

// What does not fit in memory is unpacked again.
func TestTarReadAgain(t *testing.T) {
	path := save(t, "a.tar.gz", compress(t, tarOf(t, "content", tar.Header{Name: "a"}, tar.Header{Name: "b"}), gz))
	r := open(t, path, Options{})
	clear(r.tree.(*archiveTree).kept)
	if got, err := r.Read("b"); err != nil || string(got) != "content" {
		t.Errorf("Read = %q, %v", got, err)
	}
	must(t, os.WriteFile(path, compress(t, tarOf(t, "content", tar.Header{Name: "a"}), gz), 0o644))
	clear(r.contents.files)
	if _, err := r.Read("b"); !errors.Is(err, ErrNotFound) {
		t.Errorf("Read of a changed archive: %v", err)
	}
}

func FuzzMemberName(f *testing.F) {
	for _, s := range []string{"a/b", "../a", "/a", "a/../b", "./a//b/.", "", "..", "a\x00b", `..\a`, "a/..", "...", "\xff/x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		clean, err := memberName(name)
		if err != nil {
			return
		}
		if clean != "" && !safePath(clean) {
			t.Errorf("memberName(%q) = %q", name, clean)
		}
		if again, err := memberName(clean); err != nil || again != clean {
			t.Errorf("memberName(%q) = %q, %v: not stable", clean, again, err)
		}
		if rel, err := filepath.Rel("/root", filepath.Join("/root", clean)); err != nil || strings.HasPrefix(rel, "../") || rel == ".." {
			t.Errorf("memberName(%q) = %q leaves the root", name, clean)
		}
	})
}

func FuzzOpenArchive(f *testing.F) {
	f.Add(tarOf(f, "x", tar.Header{Name: "a"}, tar.Header{Name: "l", Typeflag: tar.TypeSymlink, Linkname: "a"}))
	f.Add(compress(f, tarOf(f, "x", tar.Header{Name: "a"}), gz))
	f.Add(zipOf(f, func(w *zip.Writer) { _, err := w.Create("a/b"); must(f, err) }))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := Open(t.Context(), save(t, "a", b), Options{MaxFile: 1 << 16})
		if err != nil {
			return
		}
		defer r.Close()
		for _, file := range r.Files() {
			if !safePath(file.Path) {
				t.Errorf("path %q", file.Path)
			}
			r.Read(file.Path)
		}
	})
}
