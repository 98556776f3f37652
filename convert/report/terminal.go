package report

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"path"
	"slices"
	"strings"

	"github.com/mattn/go-runewidth"
	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
)

// cells counts display columns the same on every machine.
var cells = &runewidth.Condition{StrictEmojiNeutral: true}

// The colours, as SGR parameters.
const (
	bold   = "1"
	dim    = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
	blue   = "34"
	cyan   = "36"
)

// terminal writes to a terminal: escaped, within its width, coloured if asked.
type terminal struct {
	w       *bufio.Writer
	width   int
	color   bool
	verbose bool
	bases   map[string]int // how many scripts have a base name
}

func writeTerminal(w io.Writer, d *model.Deployment, opt Options) error {
	t := &terminal{w: bufio.NewWriter(w), width: opt.Width, color: opt.Color, verbose: opt.Verbose, bases: baseNames(d)}
	if t.width <= 0 {
		t.width = 80
	}
	t.width = max(t.width, 40)
	t.summary(d)
	if d.Class.Packageable() {
		t.maturity(d.Maturity)
		t.after(opt)
	}
	t.findings(d)
	t.answers(d)
	t.facts(d)
	t.open(d)
	return t.w.Flush()
}

func (t *terminal) paint(color, s string) string {
	if !t.color || s == "" || color == "" {
		return s
	}
	return "\x1b[" + color + "m" + s + "\x1b[0m"
}

func (t *terminal) head(title string) { fmt.Fprintf(t.w, "\n%s\n", t.paint(bold, title)) }

// cap is the number of rows that a list shows.
func (t *terminal) cap(n int) int {
	if t.verbose {
		return n
	}
	return min(n, 8)
}

func (t *terminal) more(shown, all int) {
	if shown < all {
		fmt.Fprintf(t.w, "  %s\n", t.paint(dim, fmt.Sprintf("… %d more (--verbose)", all-shown)))
	}
}

func (t *terminal) summary(d *model.Deployment) {
	t.wrapped("", "", headline(d), nil)
	fmt.Fprintln(t.w)
	for _, f := range summary(d) {
		head := fmt.Sprintf("  %-14s ", f.what)
		t.wrapped(head, t.paint(dim, head), f.value, f.at)
	}
}

// after says what the conversion makes of it.
func (t *terminal) after(opt Options) {
	limit := afterCap
	if t.verbose {
		limit = math.MaxInt
	}
	list, rest := afterFacts(opt, limit)
	if len(list) == 0 {
		return
	}
	t.head(afterTitle)
	for _, f := range list {
		head := fmt.Sprintf("  %-14s ", f.what)
		t.wrapped(head, t.paint(dim, head), f.value, f.at)
	}
	t.more(0, rest)
}

// afterCap is how many moves, and how many things to do by hand, are shown.
const afterCap = 5

// wrapped prints text after head, broken at the width, with its place last.
// painted is head with its colours.
func (t *terminal) wrapped(head, painted, text string, at []source.Pos) {
	text = diag.Visible(text)
	indent := cells.StringWidth(head)
	lines := wrap(text, t.width-indent)
	if place := t.place(at); place != "" {
		place = diag.Visible(place)
		last := len(lines) - 1
		if indent+cells.StringWidth(lines[last])+2+cells.StringWidth(place) <= t.width {
			lines[last] += "  " + t.paint(dim, place)
		} else {
			lines = append(lines, t.paint(dim, place))
		}
	}
	fmt.Fprintf(t.w, "%s%s\n", painted, lines[0])
	for _, l := range lines[1:] {
		fmt.Fprintf(t.w, "%s%s\n", strings.Repeat(" ", indent), l)
	}
}

// place is the first place, and how many more there are. Beyond a third of the
// width the directories of the file are left out where no other file has its
// name: the summary has the whole paths.
func (t *terminal) place(at []source.Pos) string {
	long := places1(at)
	if len(at) == 0 || t.verbose || cells.StringWidth(long) <= t.width/3 || t.bases[path.Base(at[0].File)] != 1 {
		return long
	}
	short := slices.Clone(at)
	short[0].File = path.Base(short[0].File)
	return places1(short)
}

// baseNames counts the files that facts and findings are from, by base name.
func baseNames(d *model.Deployment) map[string]int {
	files := evidenceFiles(d)
	for _, s := range d.Scripts {
		files[s.Path] = true
	}
	for i := range d.Findings {
		files[d.Findings[i].Main().File] = true
	}
	out := map[string]int{}
	for f := range files {
		out[path.Base(f)]++
	}
	return out
}

// places1 is the first place, and how many more there are.
func places1(at []source.Pos) string {
	switch len(at) {
	case 0:
		return ""
	case 1:
		return shortPos(at[0])
	}
	return fmt.Sprintf("%s +%d", shortPos(at[0]), len(at)-1)
}

// wrap breaks text at spaces into lines of at most width columns; a longer
// word has lines of its own, cut into pieces. There is always one line.
func wrap(text string, width int) []string {
	width = max(width, 10)
	lines, used := []string{""}, 0
	for word := range strings.FieldsSeq(text) {
		wide := cells.StringWidth(word)
		if used > 0 && used+1+wide <= width {
			lines[len(lines)-1] += " " + word
			used += 1 + wide
			continue
		}
		for _, piece := range pieces(word, width) {
			lines = addLine(lines, piece)
			used = cells.StringWidth(piece)
		}
	}
	return lines
}

// pieces cuts a word into parts of at most width columns, in one pass.
func pieces(word string, width int) []string {
	var out []string
	start, used := 0, 0
	for i, r := range word {
		w := cells.RuneWidth(r)
		if used+w > width && i > start {
			out = append(out, word[start:i])
			start, used = i, 0
		}
		used += w
	}
	return append(out, word[start:])
}

func addLine(lines []string, s string) []string {
	if len(lines) == 1 && lines[0] == "" {
		return []string{s}
	}
	return append(lines, s)
}

func heldColor(held string) string {
	switch held {
	case yes:
		return green
	case partly:
		return yellow
	case no:
		return red
	}
	return dim
}

func (t *terminal) maturity(m *model.Maturity) {
	t.head(fmt.Sprintf("Maturity %d of %d", m.Score, m.Max))
	fmt.Fprintf(t.w, "  %s\n", t.ladder(m.Rung))
	for _, p := range m.Properties {
		if p.Held == yes && !t.verbose {
			continue
		}
		word := fmt.Sprintf("%-8s", heldWord(p.Held))
		t.wrapped("  "+word, "  "+t.paint(heldColor(p.Held), word), propertyTitle(p.Name)+": "+p.Reason, p.At)
	}
	t.wrapped("  next    ", t.paint(dim, "  next    "), m.Next, nil)
	t.wrapped("  cost    ", t.paint(dim, "  cost    "), m.Cost, nil)
	e := m.Effort
	t.wrapped("  effort  ", t.paint(dim, "  effort  "), effortWords(e), nil)
	if len(m.First) > 0 {
		t.head("Do these first")
	}
	for i, s := range m.First {
		head := fmt.Sprintf("  %d. ", i+1)
		t.wrapped(head, t.paint(cyan, head), s, nil)
	}
}

// ladder is the rungs with the one reached in brackets; where they do not fit,
// that one alone.
func (t *terminal) ladder(rung string) string {
	var names []string
	width := 0
	for _, r := range rungs {
		label := r.title
		if r.id == rung {
			label = t.paint(bold+";"+cyan, "["+label+"]")
		}
		names = append(names, label)
		width += len(r.title) + len(" -> ")
	}
	if width > t.width {
		here := rungIndex(rung)
		return fmt.Sprintf("rung %d of %d: %s", here+1, len(rungs), rungs[here].title)
	}
	return strings.Join(names, " -> ")
}

func propertyTitle(name string) string {
	for _, p := range properties {
		if p.name == name {
			return p.title
		}
	}
	return name
}

func effortWords(e model.Effort) string {
	return fmt.Sprintf("%d automatic, %s, %d by hand", e.Automatic, plural(e.Choices, "choice"), e.Hand)
}

func (t *terminal) findings(d *model.Deployment) {
	if len(d.Findings) == 0 {
		return
	}
	t.head("Findings (" + findingsWords(d.Findings) + ")")
	list := ranked(d.Findings)
	n := t.cap(len(list))
	for i := range list[:n] {
		f := &list[i]
		head := fmt.Sprintf("  %-8s", diag.Visible(string(f.Severity)))
		at := make([]source.Pos, len(f.At))
		for i := range f.At {
			at[i] = f.At[i].Pos
		}
		t.wrapped(head, t.paint(severityColor(f.Severity), head), f.Message+" ["+f.Rule+"]", at)
		if t.verbose && f.Help != "" {
			t.wrapped("          ", "          ", "help: "+f.Help, nil)
		}
	}
	t.more(n, len(list))
}

func severityColor(s diag.Severity) string {
	switch s {
	case diag.Error:
		return red
	case diag.Warning:
		return yellow
	}
	return blue
}

func (t *terminal) answers(d *model.Deployment) {
	if !d.Class.Packageable() {
		return
	}
	for _, a := range answers(d) {
		t.head(a.question)
		if len(a.points) == 0 {
			t.wrapped("  ", "  ", a.none, nil)
		}
		n := t.cap(len(a.points))
		for _, p := range a.points[:n] {
			t.wrapped("  - ", "  - ", p.text, p.at)
		}
		t.more(n, len(a.points))
	}
}

func (t *terminal) facts(d *model.Deployment) {
	for _, s := range subjects {
		rows := s.rows(&d.Facts)
		if len(rows) == 0 {
			continue
		}
		t.head(fmt.Sprintf("%s (%d)", s.title, len(rows)))
		n := t.cap(len(rows))
		t.table(rows[:n])
		t.more(n, len(rows))
	}
}
