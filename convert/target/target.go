// Package target writes a plan as files: the nfpm manifest, the maintainer
// scripts of each format, the texts that go into the payload, the notes for
// people, and what takes deploy.sh's place in configuration management.
//
// The texts themselves are in package templates; this package decides what each
// must say. It reads and writes no files. To add an output: one file here with
// one unexported *Target, and its name in All.
package target

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/convert/plan"
	"github.com/nativize/nativize/templates"
)

// A File is one generated file.
type File struct {
	Path  string // relative to the output directory, slash-separated
	Data  []byte
	Mode  fs.FileMode
	Lines []plan.LineSource // where its lines come from, by their first line
}

// Options are what the plan does not say.
type Options struct {
	// SourcePrefix stands before paths of the repository in the manifest: ""
	// when the output directory is the repository itself, else "source/".
	SourcePrefix string
	// Read returns the text of a file of the repository. With nil the recipes
	// below packaging/deploy leave out configuration that is the repository's.
	Read func(name string) ([]byte, error)
	// Only names the targets to write, nil all of them.
	Only []string
}

// A Target is one kind of output.
type Target struct {
	Name string
	Doc  string // one line, for help and completion
	Emit func(p *plan.Package, opt Options) ([]File, error)
}

// All are the targets in the order in which they are written.
var All = []*Target{
	manifest, deb, rpm, apk, arch, texts, checkers, stage, migration, chef, ansible, github, gitlab,
}

// Emit returns all files of p, sorted by path. It fails, and returns none, when
// p is not fit to be written; the error says which value and why.
func Emit(p *plan.Package, opt Options) ([]File, error) {
	if err := Check(p); err != nil {
		return nil, err
	}
	if err := knownTargets(opt.Only); err != nil {
		return nil, err
	}
	var out []File
	for _, t := range All {
		if opt.Only != nil && !slices.Contains(opt.Only, t.Name) {
			continue
		}
		fs, err := t.Emit(p, opt)
		if err != nil {
			return nil, fmt.Errorf("write %s of package %q: %w", t.Name, p.Name, err)
		}
		out = append(out, fs...)
	}
	slices.SortFunc(out, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	for i := 1; i < len(out); i++ {
		if out[i].Path == out[i-1].Path {
			return nil, fmt.Errorf("write package %q: two outputs are called %s", p.Name, out[i].Path)
		}
	}
	return out, nil
}

func knownTargets(only []string) error {
	for _, name := range only {
		if !slices.ContainsFunc(All, func(t *Target) bool { return t.Name == name }) {
			return fmt.Errorf("target %q is none of %s", name, strings.Join(Names(), ", "))
		}
	}
	return nil
}

// Names returns the names of the targets.
func Names() []string {
	var out []string
	for _, t := range All {
		out = append(out, t.Name)
	}
	return out
}

// Explain returns why a line of a generated file is there: the narrowest range
// of lines that holds it. It is false when the file or the line has no cause of
// its own, as for fixed text.
func Explain(files []File, name string, line int) (plan.LineSource, bool) {
	name = path.Clean(name)
	var best plan.LineSource
	found := false
	for _, f := range files {
		if f.Path != name {
			continue
		}
		for _, l := range f.Lines {
			if line < l.From || line > l.To {
				continue
			}
			if !found || l.To-l.From < best.To-best.From {
				best, found = l, true
			}
		}
	}
	return best, found
}

// refs numbers the items of the plan that lines are written for.
type refs struct{ list []plan.LineSource }

// add returns the number of an item; 0 when nothing is known of it.
func (r *refs) add(at []source.Pos, why string) templates.Ref {
	if len(at) == 0 && why == "" {
		return 0
	}
	r.list = append(r.list, plan.LineSource{At: at, Why: why})
	return templates.Ref(len(r.list))
}

// lines turns the marks of a text into line sources.
func (r *refs) lines(t templates.Text) []plan.LineSource {
	var out []plan.LineSource
	for _, m := range t.Marks {
		l := r.list[m.Ref-1]
		l.From, l.To = m.Line, m.Line
		out = append(out, l)
	}
	return out
}

// file makes a File of a filled template.
func (r *refs) file(name string, mode fs.FileMode, t templates.Text) File {
	return File{Path: name, Data: []byte(t.Text), Mode: mode, Lines: r.lines(t)}
}

// in tells whether an entry is part of a format.
func in(e plan.Entry, f plan.Format) bool {
	return len(e.Formats) == 0 || slices.Contains(e.Formats, f)
}

// entries returns the whole payload of a format, sorted by path.
func entries(p *plan.Package, f plan.Format) []plan.Entry {
	var out []plan.Entry
	for _, e := range slices.Concat(p.Payload, ExtraEntries(p)) {
		if in(e, f) {
			out = append(out, e)
		}
	}
	slices.SortStableFunc(out, func(a, b plan.Entry) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// or returns the first string that is not empty.
func or(s ...string) string {
	for _, v := range s {
		if v != "" {
			return v
		}
	}
	return ""
}
