package verify

import (
	"cmp"
	"slices"

	"github.com/nativize/nativize/convert/plan"
)

// Merge puts the comparisons of several formats into one list: a difference that
// all of them have is there once, one that some have names them. It is sorted by
// subject and name.
func Merge(formats []plan.Format, lists [][]Difference) []Difference {
	type key struct{ subject, name, deploy, pkg, rule, why string }
	at := map[key]int{}
	var out []Difference
	for i, list := range lists {
		for _, d := range list {
			k := key{d.Subject, d.Name, d.Deploy, d.Package, d.Rule, d.Why}
			j, seen := at[k]
			if !seen {
				j = len(out)
				at[k] = j
				d.Formats = nil
				out = append(out, d)
			}
			if !slices.Contains(out[j].Formats, formats[i]) {
				out[j].Formats = append(out[j].Formats, formats[i])
			}
		}
	}
	for i := range out {
		if len(out[i].Formats) == len(formats) {
			out[i].Formats = nil
		}
	}
	slices.SortStableFunc(out, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Name, b.Name))
	})
	return out
}
