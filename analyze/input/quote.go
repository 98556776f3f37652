package input

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// quoteWord quotes a word for a shell where it needs it. A hole ${NAME} stays
// readable as one, in double quotes.
func quoteWord(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-") == "" {
		return s
	}
	if shellVariable.MatchString(s) && !strings.ContainsAny(s, "\"`\\!") {
		return `"` + s + `"`
	}
	q, err := syntax.Quote(s, syntax.LangPOSIX)
	if err != nil {
		return "''"
	}
	return q
}

// sortedMap ranges over a map by its keys.
func sortedMap[V any](m map[string]V) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			if !yield(k, m[k]) {
				return
			}
		}
	}
}
