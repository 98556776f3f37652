package diag

import (
	"strings"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
	"github.com/nativize/nativize/analyze/source"
)

// cells counts display columns the same on every machine: ambiguous
// characters are narrow whatever the locale says.
var cells = &runewidth.Condition{StrictEmojiNeutral: true}

// A snip is a source line ready for a terminal, and the mark below it.
type snip struct {
	text   string // the line, escaped, tabs kept
	indent string // as wide as what stands before the span, its tabs kept
	mark   string // ^~~~~, "" when the column is not known
}

// caret lays out line with a mark under at. The mark counts display width, not
// bytes, and the tabs of the line stand in the indent too, so it is right at
// any tab width. A line wider than width is cut to a window about the span.
func caret(line []byte, at source.Span, width int, head, tail byte) snip {
	from, to := byteRange(line, at)
	pre, span, post := visible(string(line[:from]), true), visible(string(line[from:to]), true), visible(string(line[to:]), true)
	pre, span, post = window(pre, span, post, max(width, 20))
	s := snip{text: pre + span + post}
	if at.Col < 1 {
		return s
	}
	s.indent = blanks(pre)
	s.mark = underline(span, head, tail)
	return s
}

// byteRange clips the span to line, to whole runes, and to at least one.
func byteRange(line []byte, at source.Span) (from, to int) {
	from = min(max(at.Col-1, 0), len(line))
	to = from
	switch {
	case at.EndLine == at.Line && at.EndCol > at.Col:
		to = max(from, min(at.EndCol-1, len(line)))
	case at.EndLine > at.Line:
		to = len(line)
	}
	for from > 0 && from < len(line) && !utf8.RuneStart(line[from]) {
		from--
	}
	if to == from && from < len(line) {
		_, n := utf8.DecodeRune(line[from:])
		to = from + n
	}
	for to < len(line) && !utf8.RuneStart(line[to]) {
		to++
	}
	return from, to
}

// blanks is as wide as s: its tabs, and spaces for the rest.
func blanks(s string) string {
	parts := strings.Split(s, "\t")
	for i, part := range parts {
		parts[i] = strings.Repeat(" ", cells.StringWidth(part))
	}
	return strings.Join(parts, "\t")
}

// underline is as wide as span, tabs kept, and at least one column.
func underline(span string, head, tail byte) string {
	mark := strings.ReplaceAll(blanks(strings.TrimRight(span, " \t")), " ", string(tail))
	if mark == "" || mark[0] == '\t' {
		return string(head)
	}
	return string(head) + mark[1:]
}

const ellipsis = "…"

// window cuts the three parts so that they fit in width columns together, the
// start of the span always in sight.
func window(pre, span, post string, width int) (string, string, string) {
	if wide(pre)+wide(span)+wide(post) <= width {
		return pre, span, post
	}
	if wide(pre) > width/2 {
		pre = ellipsis + lastCells(pre, width/3)
	}
	span = firstCells(span, max(width-wide(pre), 8))
	post = firstCells(post, max(width-wide(pre)-wide(span), 0))
	return pre, span, post
}

// wide is the width with a tab counted as eight columns.
func wide(s string) int { return cells.StringWidth(s) + 8*strings.Count(s, "\t") }

func firstCells(s string, width int) string {
	if wide(s) <= width {
		return s
	}
	n := 0
	for i, r := range s {
		if n += wide(string(r)); n >= width {
			return s[:i] + ellipsis
		}
	}
	return s
}

func lastCells(s string, width int) string {
	n := 0
	for i := len(s); i > 0; {
		r, size := utf8.DecodeLastRuneInString(s[:i])
		if n += wide(string(r)); n > width {
			return s[i:]
		}
		i -= size
	}
	return s
}
