package report

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/convert/plan"
	page "github.com/nativize/nativize/templates/report"
)

// Bounds of what is shown of files: enough for real deployments, and a page
// that a browser still opens for one that is not.
const (
	maxFiles     = 60
	maxLines     = 6000
	maxCompanion = 400 // lines of a file that is evidence but no script
	maxNotes     = 6
)

// A fileSet is the files that the page shows, in order.
type fileSet struct {
	names []string
	index map[string]int
	bases map[string]int // how many files have the base name
	lines [][]string
	err   []string
}

// target is the id of the line of p, "" when it is not on the page.
func (f *fileSet) target(p source.Pos) string {
	i, ok := f.index[p.File]
	if !ok || p.Line < 1 || p.Line > len(f.lines[i]) {
		return ""
	}
	return lineID(i, p.Line)
}

func lineID(i, n int) string { return fmt.Sprintf("s%d-%d", i, n) }

// readFiles reads the scripts and then the files that facts are read from.
func readFiles(d *model.Deployment, opt Options) *fileSet {
	f := &fileSet{index: map[string]int{}, bases: map[string]int{}}
	if opt.Sources == nil {
		return f
	}
	for _, s := range d.Scripts {
		f.add(s.Path, opt, maxLines, s.Error)
	}
	for _, name := range slices.Sorted(maps.Keys(evidenceFiles(d))) {
		if !privateFile(d, name) {
			f.add(name, opt, maxCompanion, "")
		}
	}
	return f
}

// add reads a file. A script that cannot be read is listed with the cause;
// another file that cannot, or is too long, is left out.
func (f *fileSet) add(name string, opt Options, limit int, problem string) {
	if _, ok := f.index[name]; ok || len(f.names) == maxFiles {
		return
	}
	data, err := opt.Sources(name)
	lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	switch {
	case limit == maxCompanion && (err != nil || len(lines) > limit):
		return
	case err != nil:
		lines, problem = nil, strings.TrimPrefix(problem+"; "+err.Error(), "; ")
	case len(lines) > limit:
		problem = strings.TrimPrefix(fmt.Sprintf("%s; the first %d of %d lines are shown", problem, limit, len(lines)), "; ")
		lines = lines[:limit]
	}
	f.index[name] = len(f.names)
	f.bases[path.Base(name)]++
	f.names = append(f.names, name)
	f.lines = append(f.lines, lines)
	f.err = append(f.err, problem)
}

func evidenceFiles(d *model.Deployment) map[string]bool {
	out := map[string]bool{}
	for _, s := range subjects {
		for _, r := range s.rows(&d.Facts) {
			for _, at := range r.ev.At {
				out[at.File] = true
			}
		}
	}
	delete(out, "")
	return out
}

// privateFile tells whether a file is likely to hold credentials all over.
func privateFile(d *model.Deployment, name string) bool {
	base := strings.ToLower(path.Base(name))
	if strings.Contains(base, ".env") || strings.HasSuffix(base, ".pem") || strings.HasSuffix(base, ".key") || strings.HasPrefix(base, "id_") {
		return true
	}
	return slices.ContainsFunc(d.Facts.ConfigFiles, func(c model.ConfigFile) bool { return c.Secret && c.From == name })
}

func (b *builder) scripts() []page.Script {
	notes := b.lineNotes()
	outcomes := b.outcomes()
	secret := secretLines(b.d)
	var out []page.Script
	for i, name := range b.files.names {
		s := page.Script{ID: fmt.Sprintf("s%d", i), Path: visible(name), Open: i == 0, Error: visible(b.files.err[i]), Role: "evidence"}
		for _, sc := range b.d.Scripts {
			if sc.Path == name {
				s.Role, s.Language = visible(sc.Role), visible(sc.Language)
			}
		}
		s.Lines = make([]page.Line, len(b.files.lines[i]))
		for n, text := range b.files.lines[i] {
			at := line{name, n + 1}
			l := page.Line{ID: lineID(i, n+1), N: n + 1, Text: shown(text, secret[at]), Notes: notes[at]}
			if o, ok := outcomes[at]; ok {
				l.Outcome, l.Title = o.class, o.title
			}
			if len(l.Notes) > maxNotes {
				l.More = len(l.Notes) - maxNotes
				l.Notes = l.Notes[:maxNotes]
			}
			s.Lines[n] = l
		}
		out = append(out, s)
	}
	return out
}

// shown is a line as the page has it: without credentials, of bounded length,
// controls visible, tabs kept.
func shown(text string, secret bool) string {
	text = strings.TrimSuffix(text, "\r")
	if secret {
		return visible(leading(text) + firstWord(text))
	}
	text = hideAssignments(hideURLs(text))
	indent := leading(text)
	return indent + visible(text[len(indent):])
}

func leading(s string) string { return s[:len(s)-len(strings.TrimLeft(s, " \t"))] }

var assignment = lazyregexp.New(`(?i)([\w.-]*(?:PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY)\w*["']?\s*[=:]\s*["']?)([^\s"'$` + "`" + `(){};&|<>]{6,})`)

// hideAssignments withholds literal values given to names of credentials.
func hideAssignments(s string) string { return assignment.ReplaceAllString(s, "${1}(withheld)") }

type outcome struct{ class, title string }

// outcomes are the outcomes of the lines; where a line has several statements,
// the one that needs attention.
func (b *builder) outcomes() map[line]outcome {
	order := map[string]int{"opaque": 3, "unreached": 2, "effect": 1}
	out := map[line]outcome{}
	for _, s := range b.d.Statements {
		o := outcome{outcomeClass(s.Outcome), visible(strings.TrimSuffix(s.Outcome+": "+s.Detail, ": "))}
		for n := s.At.Line; n <= min(max(s.At.Line, s.At.EndLine), s.At.Line+maxLines); n++ {
			at := line{s.At.File, n}
			if old, ok := out[at]; !ok || order[o.class] > order[old.class] {
				out[at] = o
			}
		}
	}
	return out
}

func outcomeClass(o string) string {
	switch {
	case isOpaque(o):
		return "opaque"
	case strings.HasPrefix(o, "unreached"):
		return "unreached"
	case o == "effect":
		return "effect"
	}
	return "quiet"
}

// lineNotes are what is known of each line: findings first, then what is not
// understood, facts, and what becomes of it.
func (b *builder) lineNotes() map[line][]page.Note {
	notes := map[line][]page.Note{}
	add := func(p source.Pos, n page.Note) {
		at := line{p.File, p.Line}
		if p.Line > 0 && !slices.Contains(notes[at], n) {
			notes[at] = append(notes[at], n)
		}
	}
	list := ranked(b.d.Findings)
	for i := range list {
		for _, at := range list[i].At {
			add(at.Pos, page.Note{Kind: "finding", Role: model.RoleOther, Text: visible(list[i].Rule), Target: fmt.Sprintf("finding-%d", i)})
		}
	}
	for _, s := range b.d.Statements {
		if isOpaque(s.Outcome) {
			add(s.At.Pos, page.Note{Kind: "outcome", Role: model.RoleOther, Text: "not understood" + visible(reason(s.Detail))})
		}
	}
	for i, s := range subjects {
		for j, r := range s.rows(&b.d.Facts) {
			for _, at := range r.ev.At {
				add(at, page.Note{Kind: "fact", Role: noteRole(s, r), Text: s.one + " " + visible(clip(r.cells[0])), Target: rowID(i, j)})
			}
		}
	}
	if b.opt.Package != nil {
		for _, f := range b.opt.Package.Fates {
			if f.Part == plan.PartNothing {
				continue // the line's outcome tells
			}
			add(f.At.Pos, page.Note{Kind: "fate", Role: model.RoleOther, Text: visible(clip(fateWords(f)))})
		}
	}
	return notes
}

// fateWords says what becomes of a statement.
func fateWords(f plan.Fate) string {
	text := "becomes " + string(f.Part)
	switch f.Part {
	case plan.PartManager:
		return "left to the package manager" + reason(f.Reason)
	case plan.PartUnplaced, "":
		text = "has no place in the package"
	}
	if f.Target != "" {
		text += " " + f.Target
	}
	return text + reason(f.Reason)
}

func noteRole(s subject, r row) string {
	switch s.id {
	case "services", "units", "cron":
		return roleUnit
	case "migrations", "backups":
		return model.RoleData
	}
	return roleClass(r.role)
}

// clip bounds a name that stands in a note.
func clip(s string) string { return cells.Truncate(oneLine(bounded(s)), 80, "…") }
