package source

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestIndexVersions(t *testing.T) {
	for _, version := range []string{"2", "3", "4"} {
		t.Run("version "+version, func(t *testing.T) {
			g := sampleGit(t)
			long := strings.Repeat("long/", 60) + strings.Repeat("n", 200)
			g.write(map[string]string{long: "x", "intent": "i"})
			g.run("add", long)
			if version != "2" {
				g.run("add", "-N", "intent") // needs the extended flags
			}
			g.run("update-index", "--index-version", version)
			idx, err := readIndex(filepath.Join(g.path, ".git/index"), 20)
			must(t, err)
			var got []string
			for _, e := range idx.entries {
				got = append(got, fmt.Sprintf("%06o %x %d\t%s", e.mode, e.hash, e.stage, e.path))
			}
			wantList(t, "index", got, strings.Split(strings.TrimSuffix(g.run("ls-files", "-s", "-z"), "\x00"), "\x00")...)
		})
	}
}

func TestIndexConflict(t *testing.T) {
	g := sampleGit(t)
	g.run("checkout", "-q", "-b", "other")
	g.write(map[string]string{"config-old/z": "theirs"})
	g.commit("theirs")
	g.run("checkout", "-q", "main")
	g.write(map[string]string{"config-old/z": "ours"})
	g.commit("ours")
	if _, err := g.try("merge", "other"); err == nil {
		t.Fatal("no conflict")
	}
	r := open(t, g.path, Options{})
	if len(r.Files()) != len(sample) || r.Err() != nil {
		t.Errorf("%d files, %v", len(r.Files()), r.Err())
	}
	if !r.Info().Dirty {
		t.Error("a conflict is not dirty")
	}
}

func TestSparseAndSplitIndex(t *testing.T) {
	g := sampleGit(t)
	g.run("sparse-checkout", "init", "--cone", "--sparse-index")
	g.run("sparse-checkout", "set", "config")
	r := open(t, g.path, Options{})
	want := strings.Split(g.run("ls-files", "-t"), "\n")
	kept := 0
	for _, line := range want {
		if strings.HasPrefix(line, "H ") {
			kept++
		}
	}
	if len(r.Files()) != kept || r.Err() != nil || r.Info().Dirty {
		t.Errorf("%d files of %d, %v, %+v", len(r.Files()), kept, r.Err(), r.Info())
	}
	g = sampleGit(t)
	g.run("update-index", "--split-index")
	r = open(t, g.path, Options{})
	if !errors.Is(r.Err(), ErrUnsupported) || len(r.Files()) != len(sample) {
		t.Errorf("split index: %v with %d files", r.Err(), len(r.Files()))
	}
}

func TestDamagedIndex(t *testing.T) {
	g := sampleGit(t)
	path := filepath.Join(g.path, ".git/index")
	b, err := os.ReadFile(path)
	must(t, err)
	must(t, os.WriteFile(path, b[:len(b)/2], 0o644))
	r := open(t, g.path, Options{})
	if !errors.Is(r.Err(), ErrDamaged) || len(r.Files()) != len(sample) {
		t.Errorf("Err = %v with %d files; the files are on disk all the same", r.Err(), len(r.Files()))
	}
}

func FuzzParseIndex(f *testing.F) {
	g := sampleGit(f)
	for _, version := range []string{"2", "4"} {
		g.run("update-index", "--index-version", version)
		b, err := os.ReadFile(filepath.Join(g.path, ".git/index"))
		must(f, err)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		idx, err := parseIndex(b, 20)
		if err != nil {
			return
		}
		for _, e := range idx.entries {
			if !safePath(e.path) || len(e.hash) != 20 {
				t.Errorf("entry %+v", e)
			}
		}
	})
}
