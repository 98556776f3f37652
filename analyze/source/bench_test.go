package source

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// bigRepo makes a repository of 100,000 files in 2,000 directories, once.
// NATIVIZE_BIG_REPO names a directory to keep it in from run to run.
func bigRepo(b *testing.B) string {
	b.Helper()
	dir := os.Getenv("NATIVIZE_BIG_REPO")
	if dir == "" {
		dir = b.TempDir()
	}
	if _, err := os.Stat(filepath.Join(dir, ".git")); err == nil {
		return dir
	}
	for d := range 2000 {
		sub := filepath.Join(dir, fmt.Sprintf("d%02d/s%02d/t%d", d%20, d/20%20, d/400))
		must(b, os.MkdirAll(sub, 0o755))
		for f := range 50 {
			name := filepath.Join(sub, fmt.Sprintf("file%02d.txt", f))
			must(b, os.WriteFile(name, fmt.Appendf(nil, "file %d %d\n", d, f), 0o644))
		}
	}
	must(b, os.WriteFile(filepath.Join(dir, ".gitignore"), []byte("*.log\nnode_modules/\n/build\n!keep.log\n*.py[co]\n"), 0o644))
	for _, args := range [][]string{{"init", "-q"}, {"add", "-A"}, {"-c", "user.name=x", "-c", "user.email=x@y", "commit", "-q", "-m", "x"}, {"gc", "-q"}} {
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("git %s: %v\n%s", args, err, out)
		}
	}
	return dir
}

func BenchmarkLarge(b *testing.B) {
	if testing.Short() {
		b.Skip("writes 100,000 files")
	}
	dir := bigRepo(b)
	for _, bb := range []struct {
		name string
		rev  string
		do   func(*Repo)
	}{
		{"files", "", func(r *Repo) { r.Files() }},
		{"files+info", "", func(r *Repo) { r.Info() }},
		{"commit", "HEAD", func(r *Repo) { r.Files() }},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r, err := Open(context.Background(), dir, Options{Rev: bb.rev})
				must(b, err)
				bb.do(r)
				if len(r.Files()) != 100_001 || r.Err() != nil {
					b.Fatal(len(r.Files()), r.Err())
				}
				must(b, r.Close())
			}
		})
	}
	for _, args := range [][]string{{"ls-files"}, {"ls-files", "-oc", "--exclude-standard"}, {"status", "--porcelain"}, {"ls-tree", "-r", "HEAD"}} {
		b.Run(fmt.Sprint("git ", args), func(b *testing.B) {
			for b.Loop() {
				cmd := exec.Command("git", args...)
				cmd.Dir = dir
				must(b, cmd.Run())
			}
		})
	}
}

// BenchmarkSmall is the everyday case: a repository of a few files.
func BenchmarkSmall(b *testing.B) {
	g := sampleGit(b)
	g.run("tag", "v1")
	for _, bb := range []struct {
		name string
		rev  string
		do   func(*Repo)
	}{
		{"open", "", func(*Repo) {}},
		{"files", "", func(r *Repo) { r.Files() }},
		{"files+info", "", func(r *Repo) { r.Info() }},
		{"commit", "HEAD", func(r *Repo) { r.Files() }},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r, err := Open(context.Background(), g.path, Options{Rev: bb.rev})
				must(b, err)
				bb.do(r)
				must(b, r.Close())
			}
		})
	}
}

func BenchmarkIndex(b *testing.B) {
	if testing.Short() {
		b.Skip("writes 100,000 files")
	}
	path := filepath.Join(bigRepo(b), ".git/index")
	b.ReportAllocs()
	for b.Loop() {
		_, err := readIndex(path, 20)
		must(b, err)
	}
}

func BenchmarkDecode(b *testing.B) {
	text, err := os.ReadFile("text.go")
	must(b, err)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		Decode(text)
	}
}
