package place

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/convert/choices"
	"github.com/nativize/nativize/convert/plan"
)

// neverPayload are places that no package may fill (FHS 3.0, sections 3 to 5).
var neverPayload = []string{"/home", "/root", "/tmp", "/var/tmp", "/usr/local", "/srv", "/var/www", "/mnt", "/media", "/run", "/var/run"}

// layout decides where the code goes.
func (x *placer) layout() error {
	old, why, at := x.oldDir()
	x.old = x.c.Guess("old_dir", old, choices.Note{Why: why, At: at})
	x.p.OldDir = x.old
	if x.old == "" && !x.needsCodeDir() {
		x.c.Guess("layout", choices.Auto, choices.Note{Why: "there is no code directory"})
		x.local()
		return nil
	}
	x.built = x.makesPrograms()
	kind := x.c.Guess("layout", choices.Auto, choices.Note{Why: "keep where the old path is hard-wired, else /usr/share or /usr/lib"})
	dir, note := x.codeDir(kind)
	if n := x.c.Notes["code_dir"]; n.Guessed && x.c.CodeDir != dir && x.c.CodeDir != "" && kind != choices.Auto {
		return fmt.Errorf("%s: code_dir: %s was guessed for another layout than %s, which wants %s; remove the line, or take the mark away to keep it",
			choices.FileName, x.c.CodeDir, kind, dir)
	}
	x.code = x.c.Guess("code_dir", dir, note)
	x.p.CodeDir = x.code
	x.moves.add(x.old, x.code)
	x.local()
	x.listReferences()
	return nil
}

// local moves what the script put below /usr/local, which is the
// administrator's, to the package's own places.
func (x *placer) local() {
	for _, dir := range []string{"bin", "sbin", "share/man", "lib", "share", "libexec"} {
		x.moves.add("/usr/local/"+dir, "/usr/"+dir)
	}
	x.moves.add("/usr/local/man", "/usr/share/man")
	x.moves.add("/usr/local/etc", "/etc")
}

// needsCodeDir tells whether something of the repository runs that no step
// installs by itself.
func (x *placer) needsCodeDir() bool {
	for _, f := range x.f.Files {
		if f.From != "" && plainPath(f.Path) && !strings.HasPrefix(f.Path, "/etc/") {
			return false
		}
	}
	return true
}

// oldDir finds where the old deployment had the code, with the reason.
func (x *placer) oldDir() (string, string, []source.Pos) {
	if d := x.d.CodeDir; usableDir(d) {
		return d, "the code ends up there", x.dirAt(d)
	}
	for _, u := range x.f.Units {
		if usableDir(u.Dir) {
			return u.Dir, "working directory of " + u.Name, u.At
		}
	}
	for _, d := range x.f.Directories {
		if d.Role == "code" && usableDir(d.Path) {
			return d.Path, "a directory for code", d.At
		}
	}
	for _, d := range x.f.Directories {
		for _, u := range x.f.Units {
			if usableDir(d.Path) && slices.ContainsFunc(strings.Fields(u.Exec), func(w string) bool { return within(w, d.Path) }) {
				return d.Path, "the service " + u.Name + " runs from there", d.At
			}
		}
	}
	for _, l := range x.f.Languages {
		if usableDir(l.Dir) {
			return l.Dir, l.Tool + " works there", l.At
		}
	}
	return "", "", nil
}

func usableDir(d string) bool { return plainPath(d) && !host.IsSystemDir(d) && !within(d, "/etc") }

func (x *placer) dirAt(dir string) []source.Pos {
	for _, d := range x.f.Directories {
		if d.Path == dir {
			return d.At
		}
	}
	return nil
}

// codeDir is the code's place in a layout.
func (x *placer) codeDir(kind string) (string, choices.Note) {
	forbidden := x.old == "" || slices.ContainsFunc(neverPayload, func(d string) bool { return within(x.old, d) })
	fhs := "/usr/share/" + x.p.Name
	if x.built {
		fhs = "/usr/lib/" + x.p.Name
	}
	switch {
	case kind == choices.Opt:
		return "/opt/" + x.p.Name, choices.Note{Why: "layout opt"}
	case kind == choices.Keep && !forbidden:
		return x.old, choices.Note{Why: "layout keep"}
	case kind == choices.FHS:
		return fhs, choices.Note{Why: "layout fhs"}
	case forbidden && x.old != "":
		return fhs, choices.Note{Why: "no package may hold files in " + x.old + " (FHS 3.0)"}
	case x.old == "":
		return fhs, choices.Note{Why: "the old place is not known"}
	}
	if refs := x.references(); len(refs) > 0 {
		return x.old, choices.Note{Why: "the path is hard-wired in the payload", At: refs[:min(len(refs), 5)], Question: "stay in " + x.old + ", or move to " + fhs}
	}
	return fhs, choices.Note{Why: "nothing of the payload names " + x.old}
}

var reWritten = lazyregexp.New(`\.(service|timer|socket|path)$`)

// references are the places of the payload and of kept configuration that name
// the old code directory, but for files that are written anew.
func (x *placer) references() []source.Pos {
	var out []source.Pos
	scripts := map[string]bool{}
	for _, s := range x.d.Scripts {
		scripts[s.Path] = true
	}
	for _, u := range x.f.Units {
		scripts[u.From] = true
	}
	for _, s := range x.f.Sites {
		scripts[s.From] = true
	}
	for _, f := range x.repo.Files() {
		if len(out) >= 100 {
			break
		}
		if scripts[f.Path] || !f.IsRegular() || f.Ignored || f.Size > 1<<20 || reWritten.MatchString(f.Path) || x.notCode(f.Path) {
			continue
		}
		b, err := x.repo.Read(f.Path)
		if err != nil || source.IsBinary(b) || !strings.Contains(string(b), x.old) {
			continue
		}
		for _, line := range mentions(string(b), x.old) {
			out = append(out, source.Pos{File: f.Path, Line: line, Col: 1})
		}
	}
	return out
}

// notCode tells of files whose text no program of the payload reads: pages for
// people, and what is left out anyway.
func (x *placer) notCode(p string) bool {
	switch strings.ToLower(path.Ext(p)) {
	case ".md", ".rst", ".txt", ".adoc", ".html":
		return true
	}
	return excludedBy(usual, p) || excludedBy(x.p.Exclude, p) || strings.HasPrefix(p, "docs/")
}

// listReferences tells of the old path where the code has a new place.
func (x *placer) listReferences() {
	if x.old == "" || x.old == x.code {
		return
	}
	refs := x.references()
	if len(refs) == 0 {
		return
	}
	x.manual(refs, "", "The code moves from %s to %s, but these places of the repository name the old path. Change them, or choose the layout opt or keep in nativize.yaml.", x.old, x.code)
}

// makesPrograms tells whether a build step makes something for one machine.
func (x *placer) makesPrograms() bool {
	for _, l := range x.f.Languages {
		if toolOf(l.Tool) != "" {
			return true
		}
	}
	return x.venvOfUnits() != ""
}

// mapped is where a path of the old deployment is in the package.
func (x *placer) mapped(p string) string { return x.moves.path(p) }

// rewritten is a text with its paths as they are in the package.
func (x *placer) rewritten(s string) string {
	out, _ := x.moves.text(s)
	return out
}

// inOld tells whether a path is below the old code directory.
func (x *placer) inOld(p string) bool { return x.old != "" && within(p, x.old) }

// kindName is the kind of a directory by the role that the analysis gave it.
func kindName(role string) plan.DirKind {
	return cmp.Or(map[string]plan.DirKind{
		"log": plan.Log, "data": plan.State, "cache": plan.Cache, "run": plan.Run, "tmp": plan.Cache,
	}[role], plan.Other)
}
