package lazyregexp

import (
	"bytes"
	"regexp/syntax"
	"strings"
)

// oneLine tells that every match of an expression lies within one line, and
// that the rest of the text has no say in it. Such an expression needs to be
// tried only on the lines that have a required text.
func oneLine(text string) bool {
	re, err := syntax.Parse(text, syntax.Perl)
	return err == nil && within(re)
}

func within(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpAnyChar, syntax.OpBeginText, syntax.OpEndText:
		return false
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			if r == '\n' {
				return false
			}
		}
	case syntax.OpCharClass:
		for i := 0; i < len(re.Rune); i += 2 {
			if re.Rune[i] <= '\n' && '\n' <= re.Rune[i+1] {
				return false
			}
		}
	}
	for _, sub := range re.Sub {
		if !within(sub) {
			return false
		}
	}
	return true
}

// A scan walks over the lines of a text that have a required text, in their
// order.
type scan struct {
	required []string
	next     [maxRequired]int // where each is next, at or after the line looked for; -1 nowhere
	started  bool
}

// line returns the bounds of the next line at or after from that has a required
// text. index finds a text at or after a place, and its result is absolute.
func (c *scan) line(from, size int, index func(part string, from int) int, edge func(at int) (int, int)) (start, end int, ok bool) {
	first := -1
	for i, part := range c.required {
		if !c.started || c.next[i] >= 0 && c.next[i] < from {
			c.next[i] = -1
			if from < size {
				c.next[i] = index(part, from)
			}
		}
		if at := c.next[i]; at >= 0 && (first < 0 || at < first) {
			first = at
		}
	}
	c.started = true
	if first < 0 {
		return 0, 0, false
	}
	start, end = edge(first)
	return start, end, true
}

// linesOf calls try with each line of s that may have a match, until try returns
// true.
func (r *Regexp) linesOf(s string, try func(line string) bool) {
	c := scan{required: r.required}
	index := func(part string, from int) int { return absolute(strings.Index(s[from:], part), from) }
	edge := func(at int) (int, int) {
		return bounds(at, len(s), strings.LastIndexByte(s[:at], '\n'), strings.IndexByte(s[at:], '\n'))
	}
	for from := 0; ; {
		start, end, ok := c.line(from, len(s), index, edge)
		if !ok || try(s[start:end]) {
			return
		}
		from = end + 1
	}
}

// linesOfBytes is linesOf for bytes.
func (r *Regexp) linesOfBytes(b []byte, try func(line []byte) bool) {
	c := scan{required: r.required}
	index := func(part string, from int) int { return absolute(bytes.Index(b[from:], []byte(part)), from) }
	edge := func(at int) (int, int) {
		return bounds(at, len(b), bytes.LastIndexByte(b[:at], '\n'), bytes.IndexByte(b[at:], '\n'))
	}
	for from := 0; ; {
		start, end, ok := c.line(from, len(b), index, edge)
		if !ok || try(b[start:end]) {
			return
		}
		from = end + 1
	}
}

func absolute(at, from int) int {
	if at < 0 {
		return at
	}
	return at + from
}

// bounds are those of the line around at, which the newlines before it and,
// counted from it, after it end.
func bounds(at, size, before, after int) (int, int) {
	if after < 0 {
		return before + 1, size
	}
	return before + 1, at + after
}
