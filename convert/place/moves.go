package place

import (
	"slices"
	"strings"
)

// A move is a path of the old deployment with what takes its place.
type move struct{ from, to string }

// moves are kept with the longest old path first.
type moves []move

// add notes a move; one that stands for the same path already is kept.
func (m *moves) add(from, to string) {
	if from == "" || from == to || slices.ContainsFunc(*m, func(o move) bool { return o.from == from }) {
		return
	}
	*m = append(*m, move{from, to})
	slices.SortStableFunc(*m, func(a, b move) int { return len(b.from) - len(a.from) })
}

// path is where an absolute path of the old deployment is now.
func (m moves) path(p string) string {
	for _, v := range m {
		if within(p, v.from) {
			return v.to + p[len(v.from):]
		}
	}
	return p
}

// text replaces each old path that stands as a whole word or begins a longer
// path. It returns the lines, from 1, that it changed.
func (m moves) text(s string) (string, []int) {
	var b strings.Builder
	var lines []int
	line, last := 1, 0
	for i := 0; i < len(s); {
		v, ok := m.at(s, i)
		if !ok {
			if s[i] == '\n' {
				line++
			}
			b.WriteByte(s[i])
			i++
			continue
		}
		b.WriteString(v.to)
		i += len(v.from)
		if line != last {
			lines, last = append(lines, line), line
		}
	}
	return b.String(), lines
}

// at finds the move of the path that begins at byte i of s.
func (m moves) at(s string, i int) (move, bool) {
	if s[i] != '/' || i > 0 && pathByte(s[i-1]) {
		return move{}, false
	}
	for _, v := range m {
		if strings.HasPrefix(s[i:], v.from) && ends(s, i+len(v.from)) {
			return v, true
		}
	}
	return move{}, false
}

// ends tells whether a path element ends before byte i.
func ends(s string, i int) bool {
	return i >= len(s) || s[i] == '/' || !pathByte(s[i]) ||
		s[i] == '.' && (i+1 >= len(s) || !pathByte(s[i+1])) // the full stop of a sentence
}

// pathByte tells of bytes that belong to a path element.
func pathByte(c byte) bool {
	return c == '_' || c == '-' || c == '.' || c == '~' || c == '+' || c == '@' || c == '}' || c == '/' || c >= 0x80 ||
		'0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// mentions returns the lines, from 1, in which a path stands.
func mentions(s, p string) []int {
	_, lines := moves{{p, "\x00"}}.text(s)
	return lines
}
