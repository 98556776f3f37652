package diag

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/source"
)

// Severities are all severities, gravest first.
var Severities = []Severity{Error, Warning, Note}

// Confidences are all confidences, surest first.
var Confidences = []Confidence{High, Medium, Low}

// Rank is 0 for the gravest severity; an unknown one ranks last.
func (s Severity) Rank() int { return rank(Severities, s) }

// Rank is 0 for the surest confidence; an unknown one ranks last.
func (c Confidence) Rank() int { return rank(Confidences, c) }

func rank[T comparable](all []T, x T) int {
	if i := slices.Index(all, x); i >= 0 {
		return i
	}
	return len(all)
}

// Main is the main place of d, the zero Span when it has none.
func (d *Diagnostic) Main() source.Span {
	if len(d.At) == 0 {
		return source.Span{}
	}
	return d.At[0]
}

// Compare orders findings by file, line, column, rule and message.
func Compare(a, b Diagnostic) int {
	return cmp.Or(
		a.Main().Compare(b.Main().Pos),
		strings.Compare(a.Rule, b.Rule),
		strings.Compare(a.Message, b.Message),
		strings.Compare(a.Fingerprint, b.Fingerprint),
	)
}

// Sorted returns a sorted copy of ds.
func Sorted(ds []Diagnostic) []Diagnostic {
	out := slices.Clone(ds)
	slices.SortStableFunc(out, Compare)
	return out
}

// Count is the number of findings of each severity.
type Count struct {
	Error   int `json:"error"`
	Warning int `json:"warning"`
	Note    int `json:"note"`
}

// Counts counts ds; an unknown severity counts as a note.
func Counts(ds []Diagnostic) (c Count) {
	for i := range ds {
		switch ds[i].Severity {
		case Error:
			c.Error++
		case Warning:
			c.Warning++
		default:
			c.Note++
		}
	}
	return c
}

// Total is the number of all findings.
func (c Count) Total() int { return c.Error + c.Warning + c.Note }

// Summary is the closing line for standard error, without a newline:
// "3 findings: 1 error, 2 warnings (4 suppressed)". suppressed counts what
// ignores, a baseline or a confidence limit held back.
func Summary(ds []Diagnostic, suppressed int) string {
	c := Counts(ds)
	line := "no findings"
	if c.Total() > 0 {
		line = plural(c.Total(), "finding") + ": " + c.words()
	}
	if suppressed > 0 {
		line += fmt.Sprintf(" (%d suppressed)", suppressed)
	}
	return line
}

func (c Count) words() string {
	var parts []string
	for _, p := range []struct {
		n    int
		word string
	}{{c.Error, "error"}, {c.Warning, "warning"}, {c.Note, "note"}} {
		if p.n > 0 {
			parts = append(parts, plural(p.n, p.word))
		}
	}
	return strings.Join(parts, ", ")
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
