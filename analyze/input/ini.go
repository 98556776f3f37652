package input

import "strings"

// An iniStyle is how a family of files departs from the common form of
// sections and keys.
type iniStyle struct {
	comments  string // characters that start a comment line
	inline    string // characters that start a comment after white space
	seps      string // characters between key and value
	backslash bool   // a final backslash continues the line
	indent    bool   // an indented line continues the value before it
	bareKeys  bool   // a line without separator is a key without value
}

var (
	systemdStyle    = iniStyle{comments: "#;", seps: "=", backslash: true}
	supervisorStyle = iniStyle{comments: "#;", inline: ";", seps: "=:", indent: true}
	pythonStyle     = iniStyle{comments: "#;", seps: "=:", indent: true}
	commonStyle     = iniStyle{comments: "#;", inline: "#;", seps: "=", bareKeys: true}
	propertiesStyle = iniStyle{comments: "#!", seps: "=:", backslash: true, bareKeys: true}
)

// A section is one [name] of a file with its keys in order; the first of a
// file may have no name.
type section struct {
	name string
	off  int
	keys []iniKey
}

// An iniKey is one assignment.
type iniKey struct {
	name string
	off  int // of the name
	val  text
}

// get returns the last value of a key, as configparser does.
func (s *section) get(name string) text {
	for i := len(s.keys) - 1; i >= 0; i-- {
		if s.keys[i].name == name {
			return s.keys[i].val
		}
	}
	return text{}
}

// maxSections bounds the sections of one file.
const maxSections = 5000

// ini reads the file into its sections.
func (r *reader) ini(style iniStyle) []*section {
	cur := &section{}
	out := []*section{cur}
	lines := r.lines()
	for i := 0; i < len(lines); i++ {
		l := lines[i].trim()
		switch {
		case l.text == "" || strings.ContainsRune(style.comments, rune(l.text[0])) || isTemplateLine(l.text):
		case l.text[0] == '[' && strings.Contains(l.text, "]"):
			cur = &section{name: strings.TrimSpace(l.text[1:strings.LastIndexByte(l.text, ']')]), off: l.off}
			if len(out) < maxSections {
				out = append(out, cur)
			}
		case l.text[0] == '[':
			r.problem(l.off, "the section header is not closed")
		default:
			i = r.iniEntry(cur, lines, i, style)
		}
	}
	if len(out[0].keys) == 0 {
		out = out[1:]
	}
	return out
}

// isTemplateLine tells whether a line is a statement of a template engine.
func isTemplateLine(s string) bool {
	return strings.HasPrefix(s, "<%") && !strings.HasPrefix(s, "<%=") || strings.HasPrefix(s, "{%") || strings.HasPrefix(s, "{#")
}

// iniEntry reads the assignment on lines[i] with its continuations and
// returns the index of its last line.
func (r *reader) iniEntry(s *section, lines []line, i int, style iniStyle) int {
	l := lines[i].trim()
	sep := strings.IndexAny(l.text, style.seps)
	if sep < 0 {
		if style.bareKeys {
			s.keys = append(s.keys, iniKey{l.text, l.off, plain("", l.off+len(l.text))})
		} else {
			r.problem(l.off, "a line of the form key"+style.seps[:1]+"value was expected")
		}
		return i
	}
	name := line{l.text[:sep], l.off}.trim()
	first := line{l.text[sep+1:], l.off + sep + 1}.trim()
	first.text = stripInline(first.text, style.inline)
	var w weave
	for style.backslash && strings.HasSuffix(first.text, `\`) && i+1 < len(lines) {
		w.add(strings.TrimSuffix(first.text, `\`)+" ", first.off)
		i++
		for i+1 < len(lines) && isComment(lines[i], style) { // comments between are dropped
			i++
		}
		first = lines[i].trim()
	}
	w.add(first.text, first.off)
	for style.indent && i+1 < len(lines) && continues(lines[i+1]) {
		i++
		next := lines[i].trim()
		if strings.ContainsRune(style.comments, rune(next.text[0])) {
			continue
		}
		next.text = stripInline(next.text, style.inline)
		w.add("\n", next.off-1)
		w.add(next.text, next.off)
	}
	s.keys = append(s.keys, iniKey{name.text, name.off, orEmpty(w, first.off)})
	return i
}

func isComment(l line, style iniStyle) bool {
	t := l.trim().text
	return t != "" && strings.ContainsRune(style.comments, rune(t[0]))
}

// continues tells whether an indented line with text goes on with the value.
func continues(l line) bool {
	t := strings.TrimSpace(l.text)
	return t != "" && (l.text[0] == ' ' || l.text[0] == '\t')
}

// stripInline cuts a comment that follows white space.
func stripInline(s, chars string) string {
	for i := 1; i < len(s); i++ {
		if (s[i-1] == ' ' || s[i-1] == '\t') && strings.IndexByte(chars, s[i]) >= 0 {
			return strings.TrimRight(s[:i-1], " \t")
		}
	}
	return s
}
