package diag

import (
	"bytes"
	"strings"
	"unicode/utf16"

	"github.com/nativize/nativize/analyze/source"
)

// lines gives source lines to the formats. Lines that hold a credential, by any
// finding of the report, are never given.
type lines struct {
	read   func(string) ([]byte, error)
	files  map[string][][]byte
	secret map[place]bool
}

type place struct {
	file string
	line int
}

func newLines(r *Report) *lines {
	l := &lines{read: r.Sources, files: map[string][][]byte{}, secret: map[place]bool{}}
	for i := range r.Findings {
		d := &r.Findings[i]
		if r.rule(d.Rule).Secret || secretRule(d.Rule) {
			for _, at := range d.At {
				l.hide(at)
			}
		}
	}
	return l
}

// secretRule is for findings without metadata: rules about credentials are
// named for them.
func secretRule(id string) bool {
	for _, word := range []string{"secret", "password", "private-key", "credential", "token"} {
		if strings.Contains(id, word) {
			return true
		}
	}
	return false
}

func (l *lines) hide(at source.Span) {
	last := max(at.Line, min(at.EndLine, at.Line+maxHidden))
	for n := at.Line; n <= last; n++ {
		l.secret[place{at.File, n}] = true
	}
}

// maxHidden bounds the lines hidden by one finding.
const maxHidden = 10000

// withheld tells whether the line holds a credential.
func (l *lines) withheld(p source.Pos) bool { return l.secret[place{p.File, p.Line}] }

// at returns the line of p without its end, nil when it is not known.
func (l *lines) at(p source.Pos) []byte {
	if l.read == nil || p.Line < 1 {
		return nil
	}
	all, ok := l.files[p.File]
	if !ok {
		if data, err := l.read(p.File); err == nil {
			all = bytes.Split(data, []byte("\n"))
		}
		l.files[p.File] = all
	}
	if p.Line > len(all) {
		return nil
	}
	return bytes.TrimSuffix(all[p.Line-1], []byte("\r"))
}

// column turns a column counted in bytes into one counted in UTF-16 code
// units, from 1, as SARIF and the web forms count. Without the line it returns
// the column as it is.
func (l *lines) column(file string, line, col int) int {
	text := l.at(source.Pos{File: file, Line: line})
	if text == nil || col < 1 {
		return col
	}
	n := min(col-1, len(text))
	return 1 + len(utf16.Encode([]rune(string(text[:n])))) + max(0, col-1-n)
}
