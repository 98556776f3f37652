package source

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/fstest"
)

func TestLinks(t *testing.T) {
	dir := t.TempDir()
	writeTree(t, dir, map[string]string{
		"d/f": "f", "a": "-> b", "b": "-> a", "self/loop": "-> ../self/loop/x", "out": "-> ../x", "abs": "-> " + dir + "/d/f",
		"dir": "-> d", "chain": "-> dir/../dir/f", "via": "-> dir/../../x", "broken": "-> nowhere", "deep/l": "-> ../d/f", "deep/up": "-> ..",
	})
	r := open(t, dir, Options{})
	for name, want := range map[string]error{
		"a": ErrLoop, "self/loop": ErrLoop, "out": ErrEscapes, "abs": ErrEscapes, "via": ErrEscapes, "broken": ErrNotFound,
		"../x": ErrEscapes, "/etc/passwd": ErrEscapes, "d/../../x": ErrEscapes, "d\x00f": ErrEscapes, "d": ErrNotRegular, "dir": ErrNotRegular, "no": ErrNotFound,
	} {
		_, err := r.Read(name)
		var pe *PathError
		if !errors.Is(err, want) || !errors.As(err, &pe) || pe.Path != name {
			t.Errorf("Read(%q): %v, want %v", name, err, want)
		}
	}
	for _, name := range []string{"chain", "dir/f", "deep/l", "deep/up/dir/f", "deep/up/deep/up/d/f"} {
		if got, err := r.Read(name); err != nil || string(got) != "f" {
			t.Errorf("Read(%q) = %q, %v", name, got, err)
		}
	}
	for name, want := range map[string]bool{"a": false, "out": true, "abs": true, "via": true, "broken": false, "chain": false} {
		if f, ok := r.Lookup(name); !ok || f.Escapes != want {
			t.Errorf("Lookup(%q).Escapes = %v, want %v", name, f.Escapes, want)
		}
	}
	if f, ok := r.Lookup("deep/up/dir/f"); !ok || f.Path != "d/f" {
		t.Errorf("Lookup through links = %+v", f)
	}
	if got, err := r.Resolve("dir/f"); err != nil || got != "d/f" {
		t.Errorf("Resolve = %q, %v", got, err)
	}
}

// A link that is put in place of a file after it was listed leads nowhere.
func TestLinkPlantedLater(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "secret")
	must(t, os.WriteFile(outside, []byte("secret"), 0o644))
	dir := t.TempDir()
	writeTree(t, dir, map[string]string{"f": "f"})
	r := open(t, dir, Options{})
	r.Files()
	must(t, os.Remove(filepath.Join(dir, "f")))
	must(t, os.Symlink(outside, filepath.Join(dir, "f")))
	if b, err := r.Read("f"); err == nil {
		t.Errorf("Read = %q", b)
	}
}

func TestReadNeverBlocks(t *testing.T) {
	dir := t.TempDir()
	writeTree(t, dir, map[string]string{"f": "f", "link": "-> pipe"})
	must(t, syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o644))
	r := open(t, dir, Options{})
	wantList(t, "Files", paths(r.Files()), "f", "link", "pipe")
	for _, name := range []string{"pipe", "link"} {
		if _, err := r.Read(name); !errors.Is(err, ErrNotRegular) || !strings.Contains(err.Error(), "fifo") {
			t.Errorf("Read(%q): %v", name, err)
		}
	}
	must(t, os.Remove(filepath.Join(dir, "f")))
	must(t, syscall.Mkfifo(filepath.Join(dir, "f"), 0o644))
	if _, err := r.Read("f"); !errors.Is(err, ErrNotRegular) {
		t.Errorf("Read of a file that became a fifo: %v", err)
	}
}

func TestMaxFile(t *testing.T) {
	g := newGit(t)
	g.write(map[string]string{"small": "12345", "large": "123456", "l": "-> large"})
	g.commit("one")
	for _, rev := range []string{"", "HEAD"} {
		r := open(t, g.path, Options{Rev: rev, MaxFile: 5})
		if b, err := r.Read("small"); err != nil || string(b) != "12345" {
			t.Errorf("Read = %q, %v", b, err)
		}
		for _, name := range []string{"large", "l"} {
			if _, err := r.Read(name); !errors.Is(err, ErrTooLarge) {
				t.Errorf("Read(%q): %v", name, err)
			}
			if n, err := r.Size(name); n != 6 || err != nil {
				t.Errorf("Size(%q) = %d, %v", name, n, err)
			}
		}
	}
	dir := t.TempDir()
	writeTree(t, dir, map[string]string{"grows": "1"})
	r := open(t, dir, Options{MaxFile: 5})
	r.Files()
	writeTree(t, dir, map[string]string{"grows": "1234567890"})
	if _, err := r.Read("grows"); !errors.Is(err, ErrTooLarge) {
		t.Errorf("Read of a file that grew: %v", err)
	}
}

func TestUnreadable(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may read everything")
	}
	dir := t.TempDir()
	writeTree(t, dir, map[string]string{"f": "f", "secret": "s", "closed/x": "x"})
	must(t, os.Chmod(filepath.Join(dir, "secret"), 0))
	must(t, os.Chmod(filepath.Join(dir, "closed"), 0))
	t.Cleanup(func() { os.Chmod(filepath.Join(dir, "closed"), 0o755) })
	r := open(t, dir, Options{})
	wantList(t, "Files", paths(r.Files()), "closed", "f", "secret")
	for _, name := range []string{"secret", "closed"} {
		if f, _ := r.Lookup(name); !errors.Is(f.Err, fs.ErrPermission) {
			t.Errorf("%s: Err = %v", name, f.Err)
		}
		if _, err := r.Read(name); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("Read(%q): %v", name, err)
		}
	}
}

func TestLFS(t *testing.T) {
	pointer := "version https://git-lfs.github.com/spec/v1\noid sha256:" + strings.Repeat("a", 64) + "\nsize 12345\n"
	g := newGit(t)
	g.write(map[string]string{
		".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n*.txt text\n", "a.bin": pointer, "real.bin": strings.Repeat("x", 130),
		"doc.txt": pointer, "sub/.gitattributes": "raw.bin -filter\n", "sub/raw.bin": pointer, "sub/b.bin": pointer,
	})
	g.run("-c", "filter.lfs.clean=cat", "-c", "filter.lfs.smudge=cat", "add", "-A")
	g.run("-c", "filter.lfs.clean=cat", "commit", "-q", "-m", "one")
	for _, rev := range []string{"", "HEAD"} {
		r := open(t, g.path, Options{Rev: rev})
		for name, want := range map[string]bool{"a.bin": true, "real.bin": false, "doc.txt": false, "sub/raw.bin": false, "sub/b.bin": true} {
			if f, ok := r.Lookup(name); !ok || f.LFS != want {
				t.Errorf("rev %q: %s: LFS = %v, want %v", rev, name, f.LFS, want)
			}
		}
	}
}

func TestMissingObject(t *testing.T) {
	g := sampleGit(t)
	blob, tree := g.run("rev-parse", "HEAD:deploy.sh"), g.run("rev-parse", "HEAD:config")
	for _, h := range []string{blob, tree} {
		must(t, os.Remove(filepath.Join(g.path, ".git/objects", h[:2], h[2:])))
	}
	r := open(t, g.path, Options{Rev: "HEAD"})
	if _, err := r.Read("deploy.sh"); !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), "not in this clone") {
		t.Errorf("Read: %v", err)
	}
	f, ok := r.Lookup("config")
	if !ok || !errors.Is(f.Err, ErrNotFound) {
		t.Errorf("a missing tree is %+v, %v", f, ok)
	}
	if got, err := r.Read("config-old/z"); err != nil || string(got) != "z" {
		t.Errorf("the rest of the tree: %q, %v", got, err)
	}
}

func TestHostileTreeObject(t *testing.T) {
	blob := strings.Repeat("\x01", 20)
	for _, raw := range []string{"100644 ../evil\x00" + blob, "100644 a/b\x00" + blob, "40000 ..\x00" + blob, "100644 x\x00short", "999 x\x00" + blob, "100644 \x00" + blob, "nothing"} {
		g := newGit(t)
		path := filepath.Join(g.path, "raw")
		must(t, os.WriteFile(path, []byte(raw), 0o644))
		tree := g.run("hash-object", "-w", "-t", "tree", "--literally", "raw")
		r := open(t, g.path, Options{Rev: g.run("commit-tree", "-m", "x", tree)})
		if len(r.Files()) != 0 || !errors.Is(r.Err(), ErrEscapes) && !errors.Is(r.Err(), ErrDamaged) {
			t.Errorf("tree %q: %q, %v", raw, paths(r.Files()), r.Err())
		}
	}
}

func TestFS(t *testing.T) {
	g := newGit(t)
	g.write(map[string]string{"deploy.sh": "#!/bin/sh\n", "config/x.ini": "x", "config/deep/y": "y", "link": "-> config/x.ini", "empty": ""})
	g.commit("one")
	for _, rev := range []string{"", "HEAD"} {
		r := open(t, g.path, Options{Rev: rev})
		if err := fstest.TestFS(r.FS(), "deploy.sh", "config/x.ini", "config/deep/y", "link", "empty"); err != nil {
			t.Errorf("rev %q: %v", rev, err)
		}
		if _, err := fs.Stat(r.FS(), "nothing"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Stat: %v", err)
		}
	}
}

func TestGlob(t *testing.T) {
	dir := t.TempDir()
	writeTree(t, dir, map[string]string{"a.sh": "", "b.sh": "", ".c.sh": "", "d/e.sh": "", "d/.f": "", "[x": "", "*": "", "br": "-> none"})
	r := open(t, dir, Options{})
	for pattern, want := range map[string][]string{
		"*.sh": {"a.sh", "b.sh"}, ".*": {".c.sh"}, "*/*": {"d/e.sh"}, "d/.*": {"d/.f"}, "[ab].sh": {"a.sh", "b.sh"}, "[x": {"[x"}, `\*`: {"*"},
		"./d/*": {"d/e.sh"}, "br": {"br"}, "b?": {"br"}, "none": nil, "/*": nil, "../*": nil, "d": {"d"}, "?": {"*", "d"}, ".": {"."},
	} {
		if got := r.Glob(pattern); strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("Glob(%q) = %q, want %q", pattern, got, want)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	g := sampleGit(t)
	g.run("tag", "v1")
	archive := filepath.Join(t.TempDir(), "a.tar.gz")
	g.run("archive", "-o", archive, "HEAD")
	for name, r := range map[string]*Repo{
		"working tree": open(t, g.path, Options{}), "commit": open(t, g.path, Options{Rev: "HEAD"}), "archive": open(t, archive, Options{}),
	} {
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				if b, err := r.Read("current/y.ini"); err != nil || string(b) != "[y]\n" {
					t.Errorf("%s: Read = %q, %v", name, b, err)
				}
				r.Ignored("a/b")
				r.Glob("*/*")
				r.Info()
			})
		}
		group.Wait()
	}
}
