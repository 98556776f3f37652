package report

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
)

// The Markdown that is written is GitHub's, which GitLab reads as well. Two
// functions let text in: code for names and values, prose for sentences.

func writeMarkdown(w io.Writer, d *model.Deployment, opt Options) error {
	m := &markdown{w: bufio.NewWriter(w), verbose: opt.Verbose}
	m.line("## Deployment audit: %s", prose(name(d)))
	m.line("\n%s", prose(headline(d)))
	m.summary(d)
	if d.Class.Packageable() {
		m.maturity(d.Maturity)
		m.after(opt)
	}
	m.findings(d)
	if d.Class.Packageable() {
		m.answers(d)
	}
	m.facts(d)
	m.opaque(d)
	return m.w.Flush()
}

type markdown struct {
	w       *bufio.Writer
	verbose bool
}

func (m *markdown) line(format string, args ...any) { fmt.Fprintf(m.w, format+"\n", args...) }

// code is s as a code span that nothing in s can end, and that a table cell
// can hold.
func code(s string) string {
	if s == "" {
		return ""
	}
	s = strings.ReplaceAll(diag.Visible(s), "|", `\|`)
	fence := strings.Repeat("`", longestRun(s)+1)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") || strings.TrimSpace(s) == "" || (s[0] == ' ' && s[len(s)-1] == ' ') {
		s = " " + s + " "
	}
	return fence + s + fence
}

// longestRun is the length of the longest run of backquotes in s.
func longestRun(s string) int {
	longest, run := 0, 0
	for i := range len(s) {
		if s[i] != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}

// prose is s as running text: markup, HTML, mentions, references and addresses
// in it stay text. A zero width space breaks what has no escape.
func prose(s string) string { return proseEscapes.Replace(diag.Visible(s)) }

var proseEscapes = strings.NewReplacer(
	"&", "&amp;", "<", "&lt;", ">", "&gt;", `\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`,
	"#", "\\#&#8203;", "|", `\|`, "~", `\~`, "!", `\!`, "$", `\$`, "@", "@&#8203;", "://", ":&#8203;//", "www.", "www&#8203;.",
)

func (m *markdown) row(cells ...string) { m.line("| %s |", strings.Join(cells, " | ")) }

func (m *markdown) head(cells ...string) {
	m.line("")
	m.row(cells...)
	m.line("|%s", strings.Repeat(" --- |", len(cells)))
}

func placeCode(at []source.Pos) string { return code(places1(at)) }

func (m *markdown) summary(d *model.Deployment) {
	m.head("", "", "Where")
	for _, f := range summary(d) {
		m.row("**"+f.what+"**", prose(f.value), placeCode(f.at))
	}
}

func (m *markdown) maturity(t *model.Maturity) {
	m.line("\n### Maturity: %d of %d, rung %s", t.Score, t.Max, prose(rungs[rungIndex(t.Rung)].title))
	m.head("Property", "Held", "Why", "Where")
	for _, p := range t.Properties {
		m.row(prose(propertyTitle(p.Name)), heldMark(p.Held), prose(p.Reason), placeCode(p.At))
	}
	m.line("\n**Next:** %s **Cost:** %s **Effort:** %s.", prose(t.Next), prose(t.Cost), prose(effortWords(t.Effort)))
	if len(t.First) > 0 {
		m.line("\n### Do these first\n")
	}
	for i, s := range t.First {
		m.line("%d. %s", i+1, prose(s))
	}
}

// after says what the conversion makes of it.
func (m *markdown) after(opt Options) {
	limit := 4 * afterCap
	if m.verbose {
		limit = math.MaxInt
	}
	list, rest := afterFacts(opt, limit)
	if len(list) == 0 {
		return
	}
	m.line("\n### %s", afterTitle)
	m.head("", "", "Where")
	for _, f := range list {
		m.row("**"+f.what+"**", prose(f.value), placeCode(f.at))
	}
	m.more(0, rest)
}

func heldMark(held string) string {
	switch held {
	case yes:
		return "yes"
	case no:
		return "**no**"
	}
	return prose(held)
}

func (m *markdown) findings(d *model.Deployment) {
	if len(d.Findings) == 0 {
		return
	}
	m.line("\n### Findings (%s)", prose(findingsWords(d.Findings)))
	m.head("Severity", "Finding", "Rule", "Where")
	list := ranked(d.Findings)
	n := m.cap(len(list), 30)
	for i := range list[:n] {
		f := &list[i]
		m.row(prose(string(f.Severity)), prose(f.Message), code(f.Rule), code(shortPos(f.Main().Pos)))
	}
	m.more(n, len(list))
}

func (m *markdown) cap(n, limit int) int {
	if m.verbose {
		return n
	}
	return min(n, limit)
}

func (m *markdown) more(shown, all int) {
	if shown < all {
		m.line("\n… %d more", all-shown)
	}
}

func (m *markdown) answers(d *model.Deployment) {
	for _, a := range answers(d) {
		m.line("\n### %s\n", prose(a.question))
		if len(a.points) == 0 {
			m.line("%s", prose(a.none))
		}
		n := m.cap(len(a.points), 20)
		for _, p := range a.points[:n] {
			m.line("- %s %s", prose(p.text), placeCode(p.at))
		}
		m.more(n, len(a.points))
	}
}

func (m *markdown) facts(d *model.Deployment) {
	m.line("\n### Facts")
	for _, s := range subjects {
		rows := s.rows(&d.Facts)
		if len(rows) == 0 {
			continue
		}
		m.line("\n<details><summary>%s (%d)</summary>", prose(s.title), len(rows))
		m.head(append(append([]string{}, s.head...), "Where", "How far")...)
		n := m.cap(len(rows), 50)
		for _, r := range rows[:n] {
			var cells []string
			for _, c := range r.cells {
				cells = append(cells, code(bounded(c)))
			}
			m.row(append(cells, placeCode(r.ev.At), prose(conditions(r.ev)))...)
		}
		m.more(n, len(rows))
		m.line("\n</details>")
	}
}

func (m *markdown) opaque(d *model.Deployment) {
	list := opaque(d)
	if len(list) == 0 {
		return
	}
	m.line("\n### Not understood (%d)\n", len(list))
	n := m.cap(len(list), 20)
	for _, s := range list[:n] {
		m.line("- %s %s", code(brief(s.Text)), code(shortPos(s.At.Pos)))
	}
	m.more(n, len(list))
}
