package input

import (
	"strings"
)

// A directive is one statement of nginx or Caddy with the block it is in.
type directive struct {
	words []line
	block []string // names of the blocks around it, outermost first
	opens bool     // it opens a block itself
}

// braces reads statements that end at ';' (or at a line's end, if nl) or open
// a block with '{'. Quotes group, '#' at the start of a word is a comment.
func (r *reader) braces(nl bool) []directive {
	var out []directive
	var block []string
	var words []line
	src := r.src
	flush := func(opens bool) {
		if len(words) > 0 && len(out) < 20_000 {
			out = append(out, directive{words, append([]string(nil), block...), opens})
		}
		if opens {
			name := ""
			if len(words) > 0 {
				name = words[0].text
			}
			if len(block) < maxYAMLDepth {
				block = append(block, name)
			}
		}
		words = nil
	}
	for i := 0; i < len(src); {
		switch c := src[i]; {
		case c == '#' && (i == 0 || strings.IndexByte(" \t\n\r;{}", src[i-1]) >= 0):
			i = indexFrom(src, "\n", i)
		case c == '\n' && nl:
			flush(false)
			i++
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			i++
		case c == ';' && !nl:
			flush(false)
			i++
		case c == '{' && !isTemplate(src, i):
			flush(true)
			i++
		case c == '}':
			flush(false)
			if len(block) > 0 {
				block = block[:len(block)-1]
			}
			i++
		default:
			var w line
			w, i = r.braceWord(src, i, nl)
			words = append(words, w)
		}
	}
	flush(false)
	if len(block) > 0 {
		r.problem(len(r.data), "a block is not closed")
	}
	return out
}

// isTemplate tells whether the brace at i starts {{ or {% of a template or a
// Caddy placeholder such as {env.X}.
func isTemplate(s string, i int) bool {
	return i+1 < len(s) && (s[i+1] == '{' || s[i+1] == '%' || isNameStart(rune(s[i+1])) && placeholderEnd(s[i:]))
}

func placeholderEnd(s string) bool {
	for i := 1; i < len(s) && i < 80; i++ {
		if s[i] == '}' {
			return true
		}
		if !isNamePart(s, i) && s[i] != '.' && s[i] != '-' && s[i] != ':' && s[i] != '/' {
			return false
		}
	}
	return false
}

func (r *reader) braceWord(src string, i int, nl bool) (line, int) {
	start := i
	if q := src[i]; q == '"' || q == '\'' || nl && q == '`' {
		end := i + 1
		for end < len(src) && src[end] != q {
			if src[end] == '\\' {
				end++
			}
			end++
		}
		end = min(end, len(src))
		return line{src[i+1 : max(i+1, end)], i + 1}, min(end+1, len(src))
	}
	for i < len(src) {
		if src[i] == '{' && isTemplate(src, i) || src[i] == '$' && i+1 < len(src) && src[i+1] == '{' {
			i = min(indexFrom(src, "}", i)+1, len(src))
			for i < len(src) && src[i] == '}' {
				i++
			}
			continue
		}
		if strings.IndexByte(" \t\r\n{}", src[i]) >= 0 || src[i] == ';' && !nl {
			break
		}
		i++
	}
	if i == start {
		i++
	}
	return line{src[start:i], start}, i
}
