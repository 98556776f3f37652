package input

import (
	"sort"
	"strings"

	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
)

// The places where embedded shell runs.
const (
	Local   = "local"   // where the tool is run: by whoever deploys, or on the server itself
	Remote  = "remote"  // the server, through ssh
	Build   = "build"   // a CI runner or an image being built
	Service = "service" // the server, under a service manager
)

// A Shell is shell text embedded in another file.
type Shell struct {
	Text  string
	At    source.Pos // of the first byte of Text
	Where string     // Local, Remote, Build, Service

	Interpreter string // sh, bash; "" what the file's own tool uses, sh
	User        string // it runs as; "" the tool's own
	Host        string // for Remote, as written; "" unknown
	Dir         string // working directory, "" the tool's own
	Env         []model.KeyValue
	Phase       string   // build, setup, deploy, start, stop, reload, restart, check, rollback, cron, other
	Name        string   // target, job, step, task or unit it belongs to
	Args        []string // positional parameters it is run with
	When        string   // condition, as written; "" always
	Lenient     bool     // the tool goes on when it fails

	anchors []anchor
}

// An anchor says that the bytes of a text from off on were read at at.
type anchor struct {
	off   int
	at    source.Pos
	fixed bool // all bytes stand for what is at at
}

// Pos returns the place in the file of the byte of s.Text at off. Inside text
// that stands for something else, such as an expanded variable, it is the
// place of that.
func (s *Shell) Pos(off int) source.Pos {
	i := sort.Search(len(s.anchors), func(i int) bool { return s.anchors[i].off > off }) - 1
	if i < 0 {
		return s.At
	}
	p := s.anchors[i].at
	if !s.anchors[i].fixed {
		p.Col += off - s.anchors[i].off
	}
	return p
}

// A text is a string whose bytes remember where they were read.
type text struct {
	s     string
	marks []mark
}

// A mark says that from byte at of the text on, bytes come from byte from of
// the file and those after it; with fixed, they all stand for what is there.
type mark struct {
	at, from int
	fixed    bool
}

// stand is text that stands for what is in the file at off.
func stand(s string, off int) text { return text{s, []mark{{0, off, true}}} }

// plain is text that stands in the file as it is, at off.
func plain(s string, off int) text { return text{s, []mark{{0, off, false}}} }

func (l line) asText() text { return plain(l.text, l.off) }

// off is where the text starts in the file.
func (t text) off() int {
	if len(t.marks) == 0 {
		return 0
	}
	return t.marks[0].from
}

// at is the file offset of byte i of the text.
func (t text) at(i int) int {
	n := sort.Search(len(t.marks), func(n int) bool { return t.marks[n].at > i }) - 1
	if n < 0 {
		return 0
	}
	if t.marks[n].fixed {
		return t.marks[n].from
	}
	return t.marks[n].from + i - t.marks[n].at
}

// fixedAt tells whether byte i stands for something else.
func (t text) fixedAt(i int) bool {
	n := sort.Search(len(t.marks), func(n int) bool { return t.marks[n].at > i }) - 1
	return n >= 0 && t.marks[n].fixed
}

// cut returns bytes i to j, as far as there are any.
func (t text) cut(i, j int) text {
	i = min(max(i, 0), len(t.s))
	j = max(i, min(j, len(t.s)))
	out := text{s: t.s[i:j], marks: []mark{{0, t.at(i), t.fixedAt(i)}}}
	first := sort.Search(len(t.marks), func(n int) bool { return t.marks[n].at > i })
	for _, m := range t.marks[first:] {
		if m.at >= j {
			break
		}
		out.marks = append(out.marks, mark{m.at - i, m.from, m.fixed})
	}
	return out
}

// trim removes white space around the text.
func (t text) trim() text {
	left := len(t.s) - len(strings.TrimLeft(t.s, " \t\r\n"))
	right := len(strings.TrimRight(t.s, " \t\r\n"))
	if left >= right {
		return plain("", t.at(0))
	}
	return t.cut(left, right)
}

// lines splits the text at newlines.
func (t text) lines() []text {
	var out []text
	start := 0
	for i := 0; i <= len(t.s); i++ {
		if i == len(t.s) || t.s[i] == '\n' {
			out = append(out, t.cut(start, i))
			start = i + 1
		}
	}
	return out
}

// A weave builds a text of pieces read at different places.
type weave struct {
	b     strings.Builder
	marks []mark
}

// add appends s, which stands in the file at off.
func (w *weave) add(s string, off int) {
	if s == "" {
		return
	}
	n := len(w.marks)
	at := w.b.Len()
	if n == 0 || w.marks[n-1].fixed || w.marks[n-1].from+at-w.marks[n-1].at != off {
		w.marks = append(w.marks, mark{at, off, false})
	}
	w.b.WriteString(s)
}

// stand appends s, which stands for what is in the file at off.
func (w *weave) stand(s string, off int) {
	if s != "" {
		w.marks = append(w.marks, mark{w.b.Len(), off, true})
		w.b.WriteString(s)
	}
}

// addText appends t with its marks.
func (w *weave) addText(t text) {
	for i, m := range t.marks {
		end := len(t.s)
		if i+1 < len(t.marks) {
			end = t.marks[i+1].at
		}
		if m.fixed {
			w.stand(t.s[m.at:end], m.from)
		} else {
			w.add(t.s[m.at:end], m.from)
		}
	}
}

func (w *weave) len() int   { return w.b.Len() }
func (w *weave) text() text { return text{w.b.String(), w.marks} }

// shell makes t the text of s.
func (r *reader) shell(t text, s Shell) Shell {
	s.Text, s.At = t.s, r.pos(t.off())
	s.anchors = make([]anchor, 0, len(t.marks))
	for i, m := range t.marks {
		end := len(t.s)
		if i+1 < len(t.marks) {
			end = t.marks[i+1].at
		}
		s.anchors = append(s.anchors, anchor{m.at, r.pos(m.from), m.fixed})
		for j := m.at; j+1 < end && !m.fixed; j++ {
			if t.s[j] == '\n' {
				s.anchors = append(s.anchors, anchor{j + 1, r.pos(m.from + j + 1 - m.at), false})
			}
		}
	}
	return s
}

// addShell records embedded shell, unless it is blank.
func (r *reader) addShell(t text, s Shell) {
	if strings.TrimSpace(t.s) != "" {
		r.out.Shell = append(r.out.Shell, r.shell(t, s))
	}
}

// align maps value back to the raw text that it was read from: raw begins at
// off and may hold quotes, escapes, folded lines and indentation that value
// lacks. Bytes that do not line up take the place of the last that did.
func align(value, raw string, off int) text {
	if strings.HasPrefix(raw, value) {
		return plain(value, off)
	}
	var w weave
	last := off
	for i, j := 0, 0; i < len(value); i++ {
		k := skipTo(value[i], raw, j)
		if k < 0 {
			w.stand(value[i:i+1], last)
			continue
		}
		last, j = off+k, k+1
		w.add(value[i:i+1], last)
	}
	return orEmpty(w, off)
}

// skipTo finds c in raw from j on, over what folding and escaping put between.
// It gives up after a stretch no escape is as long as.
func skipTo(c byte, raw string, j int) int {
	if j < len(raw) && raw[j] == c {
		return j
	}
	for k := j; k < len(raw) && k < j+64; k++ {
		switch r := raw[k]; {
		case r == c:
			return k
		case c == ' ' && r == '\n', c == '\n' && r == '\\':
			return k
		case r == '\\' || r == '\'' || r == '"' || r == '\n' || r == ' ' || r == '\t' || r == '\r':
		default:
			return -1
		}
	}
	return -1
}
