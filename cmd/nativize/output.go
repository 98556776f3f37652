package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/convert/choices"
	"github.com/nativize/nativize/convert/plan"
	"github.com/nativize/nativize/convert/target"
)

// recordPath is where convert notes what it wrote, for build, explain and the
// next convert.
const recordPath = "packaging/.nativize.json"

// A record is what convert wrote. The texts of the plan are not in it: they
// are files of packaging/, which may have been edited.
type record struct {
	Version int                          `json:"version"`
	Tool    string                       `json:"tool"`
	Source  string                       `json:"source"` // prefix of repository paths: "source/" or ""
	Files   map[string]string            `json:"files"`  // path -> sha256 as generated
	Formats []string                     `json:"formats"`
	Plan    *plan.Package                `json:"plan"`
	Lines   map[string][]plan.LineSource `json:"lines"`
}

// An output is the directory that convert writes.
type output struct {
	dir    string
	force  bool
	inside bool // it is the repository itself
}

// written is what became of the files.
type written struct {
	kept []string // edited by hand
}

// readRecord reads the record of a directory; nil when there is none.
func readRecord(dir string) (*record, error) {
	data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(recordPath)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read what convert wrote: %w", err)
	}
	r := &record{}
	if err := json.Unmarshal(data, r); err != nil || r.Plan == nil {
		return nil, fmt.Errorf("read %s: it is damaged; run nativize convert again (%v)", filepath.Join(dir, recordPath), err)
	}
	return r, nil
}

// write writes all files, or none when one of them may not be.
func (o output) write(ctx context.Context, a *analyze.Analysis, p *plan.Package, files []target.File) (written, error) {
	old, err := readRecord(o.dir)
	if err != nil && !o.force {
		return written{}, err
	}
	if err := o.foreign(old); err != nil {
		return written{}, err
	}
	var res written
	rec := o.record(p, files)
	var list []target.File
	for _, f := range files {
		switch o.state(f, old) {
		case edited:
			res.kept = append(res.kept, f.Path)
			list = append(list, target.File{Path: f.Path + ".nativize-new", Data: f.Data, Mode: f.Mode})
		case same:
		default:
			list = append(list, f)
		}
	}
	if err := o.store(ctx, a, p, list, rec, old); err != nil {
		return written{}, err
	}
	return res, nil
}

// store writes files, sources and record, and removes what an earlier convert
// wrote and this one does not.
func (o output) store(ctx context.Context, a *analyze.Analysis, p *plan.Package, list []target.File, rec, old *record) error {
	if err := os.MkdirAll(o.dir, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(o.dir)
	if err != nil {
		return err
	}
	defer root.Close()
	if !o.inside {
		if err := writeSources(ctx, root, a, p); err != nil {
			return err
		}
	}
	for _, f := range list {
		if err := writeWhole(root, f.Path, f.Data, f.Mode); err != nil {
			return err
		}
	}
	if err := o.stale(root, rec, old); err != nil {
		return err
	}
	data, err := json.MarshalIndent(rec, "", " ")
	if err != nil {
		return err
	}
	return writeWhole(root, recordPath, append(data, '\n'), 0o644)
}

// stale removes generated files that nobody edited and that are not generated
// any more.
func (o output) stale(root *os.Root, rec, old *record) error {
	if old == nil {
		return nil
	}
	for name, sum := range old.Files {
		if _, ok := rec.Files[name]; ok || !fs.ValidPath(name) || !strings.HasPrefix(name, "packaging/") {
			continue
		}
		if data, err := root.ReadFile(name); err == nil && digest(data) == sum {
			if err := root.Remove(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// record notes the plan without the texts, which are files.
func (o output) record(p *plan.Package, files []target.File) *record {
	slim := *p
	slim.Texts = nil
	for _, t := range p.Texts {
		slim.Texts = append(slim.Texts, plan.Text{Path: t.Path, Mode: t.Mode})
	}
	r := &record{Version: 1, Tool: "nativize " + version, Source: "source/", Files: map[string]string{}, Plan: &slim, Lines: map[string][]plan.LineSource{}}
	if o.inside {
		r.Source = ""
	}
	for _, f := range files {
		if f.Path == choices.FileName {
			continue // the owner's from now on
		}
		r.Files[f.Path] = digest(f.Data)
		if len(f.Lines) > 0 {
			r.Lines[f.Path] = f.Lines
		}
	}
	return r
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// foreign refuses a directory with files that convert did not write.
func (o output) foreign(old *record) error {
	if o.force || old != nil {
		return nil
	}
	list, err := os.ReadDir(o.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the output directory: %w", err)
	}
	if o.inside {
		list = slices.DeleteFunc(list, func(e fs.DirEntry) bool { return e.Name() != "packaging" })
	}
	list = slices.DeleteFunc(list, func(e fs.DirEntry) bool { return e.Name() == choices.FileName || e.Name() == ".git" })
	if len(list) > 0 {
		return fmt.Errorf("%s holds files that nativize did not write (%s); name another directory, or write into it with --force", o.dir, list[0].Name())
	}
	return nil
}

// The states of a file of the output directory.
const (
	fresh  = iota // not there, or as it was generated
	same          // already what would be written
	edited        // changed by hand
)

// state tells what there is in place of a file.
func (o output) state(f target.File, old *record) int {
	have, err := os.ReadFile(filepath.Join(o.dir, filepath.FromSlash(f.Path)))
	switch {
	case err != nil:
		return fresh
	case bytes.Equal(have, f.Data):
		return same
	case f.Path == choices.FileName:
		return fresh // the owner's lines are in it
	case o.force, old != nil && old.Files[f.Path] == digest(have):
		return fresh
	}
	return edited
}

// writeWhole writes a file below a temporary name and renames it.
func writeWhole(root *os.Root, name string, data []byte, mode fs.FileMode) error {
	dir := path.Dir(name)
	if err := root.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	tmp := path.Join(dir, ".nativize-"+digest([]byte(name))[:12])
	_ = root.Remove(tmp)
	f, err := root.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode.Perm())
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	_, err = f.Write(data)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = root.Chmod(tmp, mode.Perm())
	}
	if err == nil {
		err = root.Rename(tmp, name)
	}
	if err != nil {
		_ = root.Remove(tmp)
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// writeSources copies the files of the repository that the package needs into
// source/: those of the payload, and all when something is built of them.
func writeSources(ctx context.Context, root *os.Root, a *analyze.Analysis, p *plan.Package) error {
	need := map[string]bool{p.LicenseFile: true}
	for _, e := range p.Payload {
		if e.Origin == plan.Repo && e.Type == plan.File {
			need[e.Src] = true
		}
	}
	if err := root.RemoveAll("source.new"); err != nil {
		return err
	}
	for _, f := range a.Repo.Files() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if f.Ignored || f.IsDir() || !need[f.Path] && (len(p.Stage) == 0 || neverSource(f.Path)) {
			continue
		}
		if err := copySource(root, a.Repo, f); err != nil {
			return err
		}
	}
	if err := root.MkdirAll("source.new", 0o755); err != nil {
		return err
	}
	if err := root.RemoveAll("source"); err != nil {
		return err
	}
	return root.Rename("source.new", "source")
}

// neverSource tells of files that no build needs and nobody should copy.
func neverSource(name string) bool {
	base := path.Base(name)
	return base == ".env" || strings.HasSuffix(base, ".pem") || strings.HasSuffix(base, ".key") || strings.HasPrefix(base, "id_rsa")
}

func copySource(root *os.Root, repo *source.Repo, f source.File) error {
	name := path.Join("source.new", f.Path)
	if !fs.ValidPath(f.Path) {
		return nil
	}
	if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return fmt.Errorf("copy %s: %w", f.Path, err)
	}
	if f.Link != "" {
		if f.Escapes {
			return nil
		}
		return root.Symlink(f.Link, name)
	}
	if !f.IsRegular() {
		return nil
	}
	in, err := repo.FS().Open(f.Path)
	if err != nil {
		return fmt.Errorf("copy %s: %w", f.Path, err)
	}
	defer in.Close()
	mode := fs.FileMode(0o644)
	if f.Mode&0o111 != 0 {
		mode = 0o755
	}
	out, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return fmt.Errorf("copy %s: %w", f.Path, err)
	}
	_, err = out.ReadFrom(in)
	if cerr := out.Close(); err == nil {
		err = cerr
	}
	return err
}
