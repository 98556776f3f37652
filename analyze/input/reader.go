package input

import (
	"bytes"
	"path"
	"slices"
	"sort"
	"strings"
	"unicode/utf16"

	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
)

// A reader is one file being read. Offsets are bytes from its start.
type reader struct {
	path   string
	data   []byte
	src    string // data
	starts []int  // offset of the first byte of each line
	split  []line // see lines
	out    Result
}

func newReader(kind, path string, data []byte) *reader {
	r := &reader{path: path, data: data, src: string(data), starts: []int{0}}
	for i, b := range data {
		if b == '\n' {
			r.starts = append(r.starts, i+1)
		}
	}
	if strings.HasPrefix(r.src, "\uFEFF") { // blanked, so that offsets stay
		r.src = "   " + r.src[3:]
	}
	r.out.Kind = kind
	return r
}

// utf8Text turns UTF-16 with a byte order mark, as some editors write it, into
// UTF-8. Columns are then those of the converted text.
func utf8Text(data []byte) []byte {
	if len(data) < 2 || !(data[0] == 0xFF && data[1] == 0xFE || data[0] == 0xFE && data[1] == 0xFF) {
		return data
	}
	lo, hi := 0, 1
	if data[0] == 0xFE {
		lo, hi = 1, 0
	}
	units := make([]uint16, 0, len(data)/2)
	for i := 2; i+1 < len(data); i += 2 {
		units = append(units, uint16(data[i+lo])|uint16(data[i+hi])<<8)
	}
	return []byte(string(utf16.Decode(units)))
}

// base is the last element of the file's path.
func (r *reader) base() string { return path.Base(r.path) }

// pos is the place of the byte at off.
func (r *reader) pos(off int) source.Pos {
	off = min(max(off, 0), len(r.data))
	line := sort.Search(len(r.starts), func(i int) bool { return r.starts[i] > off })
	return source.Pos{File: r.path, Line: line, Col: off - r.starts[line-1] + 1}
}

// maxProblems bounds what a hostile file can make us say.
const maxProblems = 100

func (r *reader) problem(off int, text string) {
	if len(r.out.Problems) < maxProblems {
		r.out.Problems = append(r.out.Problems, Problem{Pos: r.pos(off), Text: text})
	}
}

func (r *reader) fact(off int, why string) model.Evidence  { return fact(r.pos(off), why) }
func (r *reader) maybe(off int, why string) model.Evidence { return maybe(r.pos(off), why) }

// A line is one line of the file without its end.
type line struct {
	text string
	off  int
}

// lines splits the file; a carriage return before the newline is dropped.
// The result is shared and not to be changed.
func (r *reader) lines() []line {
	if r.split != nil {
		return r.split
	}
	out := make([]line, 0, len(r.starts))
	for i, start := range r.starts {
		end := len(r.data)
		if i+1 < len(r.starts) {
			end = r.starts[i+1] - 1
		}
		out = append(out, line{strings.TrimSuffix(r.src[start:end], "\r"), start})
	}
	r.split = out
	return out
}

// trim removes space around the line and keeps its offset right.
func (l line) trim() line {
	left := strings.TrimLeft(l.text, " \t\r\f\v")
	return line{strings.TrimRight(left, " \t\r\f\v"), l.off + len(l.text) - len(left)}
}

// cut splits the line at the first sep; both parts are trimmed.
func (l line) cut(sep string) (before, after line, found bool) {
	i := strings.Index(l.text, sep)
	if i < 0 {
		return l.trim(), line{"", l.off + len(l.text)}, false
	}
	return line{l.text[:i], l.off}.trim(), line{l.text[i+len(sep):], l.off + i + len(sep)}.trim(), true
}

// fields splits the line at white space.
func (l line) fields() []line {
	var out []line
	start := -1
	for i := 0; i <= len(l.text); i++ {
		space := i == len(l.text) || l.text[i] == ' ' || l.text[i] == '\t'
		if space && start >= 0 {
			out = append(out, line{l.text[start:i], l.off + start})
			start = -1
		} else if !space && start < 0 {
			start = i
		}
	}
	return out
}

// words splits the line at white space as a shell does: quotes group and are
// removed, a backslash takes the next byte literally. Nothing is expanded.
func (l line) words() []line {
	var out []line
	var word strings.Builder
	start, quote := -1, byte(0)
	flush := func() {
		if start >= 0 {
			out = append(out, line{word.String(), start})
		}
		word.Reset()
		start = -1
	}
	for i := 0; i < len(l.text); i++ {
		c := l.text[i]
		if start < 0 && c != ' ' && c != '\t' {
			start = l.off + i
		}
		switch {
		case c == '\\' && quote != '\'' && i+1 < len(l.text):
			i++
			word.WriteByte(l.text[i])
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			word.WriteByte(c)
		case c == '"' || c == '\'':
			quote = c
		case c == ' ' || c == '\t':
			flush()
		default:
			word.WriteByte(c)
		}
	}
	flush()
	return out
}

// shebang is the interpreter named in the first line: its base name, with
// env(1) looked through; "" when there is none.
func shebang(head []byte) string {
	first, _, _ := bytes.Cut(head, []byte("\n"))
	rest, ok := bytes.CutPrefix(first, []byte("#!"))
	if !ok {
		return ""
	}
	words := strings.Fields(string(rest))
	if len(words) > 0 && path.Base(words[0]) == "env" {
		words = slices.DeleteFunc(words[1:], func(s string) bool {
			return strings.HasPrefix(s, "-") || strings.Contains(s, "=")
		})
	}
	if len(words) == 0 {
		return ""
	}
	return path.Base(words[0])
}

// isShell tells whether an interpreter runs shell scripts.
func isShell(interpreter string) bool {
	switch interpreter {
	case "sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "busybox", "execlineb", "with-contenv", "openrc-run", "runscript":
		return interpreter != "execlineb"
	}
	return false
}

// maxOnce bounds lists that hold a value once.
const maxOnce = 1000

// addOnce appends v to list unless it is there.
func addOnce(list []string, v string) []string {
	if v == "" || len(list) >= maxOnce || slices.Contains(list, v) {
		return list
	}
	return append(list, v)
}
