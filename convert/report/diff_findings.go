package report

import (
	"slices"
	"strings"
	"unicode"

	"github.com/nativize/nativize/analyze/diag"
)

// findingChanges pairs the findings of two deployments and returns those that
// only one has, and those that both have but that say something else. Two are
// the same finding when rule, file and statement are (their fingerprint), or
// rule, file and message, or the message but for its numbers; each is paired
// once, by the strictest of these.
func findingChanges(a, b []diag.Diagnostic) (gone, came []Item, other []ItemChange) {
	gone, came, other = []Item{}, []Item{}, []ItemChange{}
	a, b = diag.Sorted(a), diag.Sorted(b)
	partner := pairs(a, b)
	paired := make([]bool, len(b))
	for i := range a {
		j := partner[i]
		if j < 0 {
			gone = append(gone, findingItem(&a[i]))
			continue
		}
		paired[j] = true
		if f := findingFields(&a[i], &b[j]); len(f) > 0 {
			other = append(other, ItemChange{Item{b[j].Rule, shortPos(b[j].Main().Pos)}, shortPos(a[i].Main().Pos), f})
		}
	}
	for j := range b {
		if !paired[j] {
			came = append(came, findingItem(&b[j]))
		}
	}
	return gone, came, other
}

// pairs is for each finding of a the index of its partner in b, or -1.
func pairs(a, b []diag.Diagnostic) []int {
	partner := slices.Repeat([]int{-1}, len(a))
	taken := make([]bool, len(b))
	for _, key := range []func(*diag.Diagnostic) string{exactly, byFingerprint, byMessage, byShape} {
		free := map[string][]int{}
		for j := range b {
			if k := key(&b[j]); !taken[j] && k != "" {
				free[k] = append(free[k], j)
			}
		}
		for i := range a {
			if list := free[key(&a[i])]; partner[i] < 0 && len(list) > 0 {
				partner[i], free[key(&a[i])] = list[0], list[1:]
				taken[list[0]] = true
			}
		}
	}
	return partner
}

func exactly(f *diag.Diagnostic) string { return byFingerprint(f) + byMessage(f) }

func byFingerprint(f *diag.Diagnostic) string { return f.Fingerprint }

func byMessage(f *diag.Diagnostic) string {
	return f.Rule + "\x00" + f.Main().File + "\x00" + f.Message
}

// byShape leaves out the numbers of the message: "4 steps are not tested".
func byShape(f *diag.Diagnostic) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return -1
		}
		return r
	}, byMessage(f))
}

func findingItem(f *diag.Diagnostic) Item {
	return Item{f.Rule + ": " + f.Message, shortPos(f.Main().Pos)}
}

// findingFields are what a finding says otherwise.
func findingFields(a, b *diag.Diagnostic) []FieldChange {
	var out []FieldChange
	for _, f := range []FieldChange{
		{Name: "message", Old: a.Message, New: b.Message},
		{Name: "severity", Old: string(a.Severity), New: string(b.Severity)},
	} {
		if f.Old != f.New {
			out = append(out, f)
		}
	}
	return out
}
