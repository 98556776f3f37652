package source

import (
	"slices"
	"strings"
)

// near is a hint that names the candidates a mistyped name may have meant:
// `; did you mean "main"?`, or nothing.
func near(name string, candidates []string) string {
	type scored struct {
		name string
		dist int
	}
	var found []scored
	limit := 1 + len(name)/4
	for _, c := range candidates {
		d := distance(strings.ToLower(name), strings.ToLower(c), limit)
		if d <= limit {
			found = append(found, scored{c, d})
		}
	}
	if len(found) == 0 {
		return ""
	}
	slices.SortFunc(found, func(a, b scored) int {
		if a.dist != b.dist {
			return a.dist - b.dist
		}
		return strings.Compare(a.name, b.name)
	})
	var names []string
	for _, f := range found[:min(3, len(found))] {
		names = append(names, quoteName(f.name))
	}
	return "; did you mean " + strings.Join(slices.Compact(names), " or ") + "?"
}

// distance is the Levenshtein distance of two names, or limit+1 when it is
// larger than limit. A name that the other begins with is at distance 1.
func distance(a, b string, limit int) int {
	if len(a) >= 3 && strings.HasPrefix(b, a) {
		return min(1, limit)
	}
	if len(a) > 200 || len(b) > 200 || len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
