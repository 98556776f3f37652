package lint

import (
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/source"
)

// A Finding is a diagnostic with what lint needs to compare and mend it.
type Finding struct {
	diag.Diagnostic
	// Effect names what was judged, without the words it was written in: two
	// revisions' findings with the same effect are the same defect.
	Effect string
	Fix    *Fix
}

// A Fix is a change of source text that mends a finding.
type Fix struct {
	Title  string // in words, for --diff
	Unsafe bool   // to be applied only when asked for
	Edits  []Edit
}

// An Edit replaces the text of a span. A span of no length inserts.
type Edit struct {
	At  source.Span
	New string
}

// maxValues bounds the values that one merged finding lists.
const maxValues = 3

// merged sorts findings and joins those of one rule at one place, such as the
// turns of a loop: the first message stands, the values are listed.
func merged(fs []Finding) []Finding {
	slices.SortStableFunc(fs, func(a, b Finding) int { return diag.Compare(a.Diagnostic, b.Diagnostic) })
	type place struct {
		rule string
		at   source.Pos
	}
	seen := map[place]int{}
	type line struct {
		rule, file, message string
		line                int
	}
	lines := map[line]bool{}
	var out []Finding
	for _, f := range fs {
		k := place{f.Rule, f.Main().Pos}
		l := line{f.Rule, f.Main().File, f.Message, f.Main().Line}
		if lines[l] && l.line > 0 {
			continue // the values of text that another command runs
		}
		lines[l] = true
		if r := ByID(f.Rule); r != nil && r.Secret {
			k.at.Col = 0 // a line with credentials is mended as a whole
		}
		i, ok := seen[k]
		if !ok || f.Main().IsZero() {
			seen[k] = len(out)
			out = append(out, f)
			continue
		}
		out[i].absorb(f)
	}
	return out
}

// absorb joins a finding at the same place.
func (f *Finding) absorb(g Finding) {
	if f.Message == g.Message {
		return
	}
	if g.Confidence.Rank() < f.Confidence.Rank() {
		f.Confidence = g.Confidence
	}
	if g.Severity.Rank() < f.Severity.Rank() {
		f.Severity = g.Severity
	}
	values := strings.Split(f.Value, ", ")
	if g.Value == "" || slices.Contains(values, g.Value) || slices.Contains(values, "...") {
		return
	}
	if len(values) >= maxValues {
		f.Value += ", ..."
		return
	}
	f.Value = strings.TrimPrefix(f.Value+", "+g.Value, ", ")
}

// Diagnostics are the findings as the output formats take them.
func Diagnostics(fs []Finding) []diag.Diagnostic {
	out := make([]diag.Diagnostic, len(fs))
	for i := range fs {
		out[i] = fs[i].Diagnostic
	}
	return out
}
