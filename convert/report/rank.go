package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/source"
)

// ranked returns ds with the gravest and surest first.
func ranked(ds []diag.Diagnostic) []diag.Diagnostic {
	out := slices.Clone(ds)
	slices.SortStableFunc(out, func(a, b diag.Diagnostic) int {
		return cmp.Or(cmp.Compare(a.Severity.Rank(), b.Severity.Rank()), cmp.Compare(a.Confidence.Rank(), b.Confidence.Rank()), diag.Compare(a, b))
	})
	return out
}

// findingsWords counts ds in words: "2 errors, 1 warning".
func findingsWords(ds []diag.Diagnostic) string {
	c := diag.Counts(ds)
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

// joined puts findings that say the same of several places together: people
// read what is wrong once, with all its places.
func joined(ds []diag.Diagnostic) []diag.Diagnostic {
	out := make([]diag.Diagnostic, 0, len(ds))
	index := map[string]int{}
	for _, f := range ds {
		key := strings.Join([]string{f.Rule, string(f.Severity), f.Message, f.Help}, "\x00")
		i, ok := index[key]
		if !ok {
			index[key] = len(out)
			f.At = slices.Clone(f.At)
			out = append(out, f)
			continue
		}
		joinFinding(&out[i], &f)
	}
	return out
}

func joinFinding(to, f *diag.Diagnostic) {
	if f.Confidence.Rank() < to.Confidence.Rank() {
		to.Confidence = f.Confidence
	}
	if to.Value != f.Value {
		to.Value = ""
	}
	for _, at := range f.At {
		if !slices.ContainsFunc(to.At, func(o source.Span) bool { return o.File == at.File && o.Line == at.Line }) {
			to.At = append(to.At, at)
		}
	}
	for _, l := range f.Related {
		if !slices.Contains(to.Related, l) {
			to.Related = append(slices.Clip(to.Related), l)
		}
	}
}
