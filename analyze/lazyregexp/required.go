package lazyregexp

import (
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"
)

// Bounds of the texts that are looked for before an expression is tried. A
// text of one byte is in nearly every input, and a long list costs more than the
// expression.
const (
	minRequired = 2
	maxRequired = 32
)

// required returns texts of which at least one is in every match of an
// expression, or nil when none are known.
func required(text string) []string {
	re, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return nil // MustCompile tells
	}
	list := requiredOf(re)
	if len(list) > maxRequired || shortest(list) < minRequired {
		return nil
	}
	return list
}

func requiredOf(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpLiteral:
		s := string(re.Rune)
		if re.Flags&syntax.FoldCase != 0 || strings.ContainsRune(s, utf8.RuneError) {
			return nil // a byte that is no UTF-8 matches U+FFFD
		}
		return []string{s}
	case syntax.OpCapture, syntax.OpPlus:
		return requiredOf(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return requiredOf(re.Sub[0])
		}
	case syntax.OpConcat:
		return requiredOfAny(re.Sub)
	case syntax.OpAlternate:
		return requiredOfEach(re.Sub)
	}
	return nil
}

// requiredOfAny is what the most telling of some parts requires, all of which are matched.
func requiredOfAny(parts []*syntax.Regexp) []string {
	var best []string
	for _, part := range parts {
		if list := requiredOf(part); shortest(list) > shortest(best) {
			best = list
		}
	}
	return best
}

// requiredOfEach is what some parts require, one of which is matched.
func requiredOfEach(parts []*syntax.Regexp) []string {
	var all []string
	for _, part := range parts {
		list := requiredOf(part)
		if list == nil {
			return nil
		}
		all = append(all, list...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// shortest is the length of the shortest text, 0 when there is none.
func shortest(list []string) int {
	n := 0
	for i, s := range list {
		if i == 0 || len(s) < n {
			n = len(s)
		}
	}
	return n
}
