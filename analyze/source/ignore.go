package source

import (
	"bytes"
	"strings"
)

// An ignoreRule is one line of a .gitignore file.
//
// Source: gitignore(5). go-git's matcher differs from it (** in the middle,
// classes, re-inclusion below an ignored directory), so this is our own; a
// test compares it with git check-ignore.
type ignoreRule struct {
	keep     bool     // a line with ! in front
	dirOnly  bool     // a line with / behind
	elems    []string // the pattern, split at slashes
	anchored bool     // matches the whole path below the rule's directory
	literal  bool     // elems hold no wildcard
	suffix   string   // the pattern is * and this
}

// parseIgnore reads the lines of a .gitignore file, in order.
func parseIgnore(b []byte) []ignoreRule {
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	var rules []ignoreRule
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
		if rule, ok := parseIgnoreLine(line); ok {
			rules = append(rules, rule)
		}
	}
	return rules
}

func parseIgnoreLine(line string) (ignoreRule, bool) {
	if strings.HasPrefix(line, "#") {
		return ignoreRule{}, false
	}
	line = trimSpaces(line)
	var rule ignoreRule
	if rest, ok := strings.CutPrefix(line, "!"); ok {
		rule.keep, line = true, rest
	}
	if rest, ok := strings.CutSuffix(line, "/"); ok {
		rule.dirOnly, line = true, rest
	}
	rule.anchored = strings.Contains(line, "/")
	line = strings.TrimPrefix(line, "/")
	if line == "" {
		return ignoreRule{}, false
	}
	rule.elems = strings.Split(line, "/")
	rule.literal = !strings.ContainsAny(line, `*?[\`)
	if rest, ok := strings.CutPrefix(line, "*"); ok && !strings.ContainsAny(rest, `*?[\/`) {
		rule.suffix = rest
	}
	return rule, true
}

// trimSpaces drops trailing spaces that no backslash quotes.
func trimSpaces(s string) string {
	end := 0
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			end = i + 1
		case s[i] != ' ':
			end = i + 1
		}
	}
	return s[:end]
}

// match tells whether the rule is about a path, given relative to the
// directory of the rule's file.
func (r *ignoreRule) match(rel string, isDir bool) bool {
	if r.dirOnly && !isDir {
		return false
	}
	if r.anchored {
		return matchElems(r.elems, rel)
	}
	name := baseName(rel)
	switch {
	case r.literal:
		return r.elems[0] == name
	case r.suffix != "":
		return strings.HasSuffix(name, r.suffix)
	}
	return matchName(r.elems[0], name)
}

// matchElems matches a path against a pattern with slashes: ** stands for any
// number of directories, at the end for everything inside.
func matchElems(pattern []string, rel string) bool {
	elems := strings.Split(rel, "/")
	p, e := 0, 0
	starP, starE := -1, 0
	for e < len(elems) {
		switch {
		case p < len(pattern) && pattern[p] == "**":
			if p == len(pattern)-1 {
				return true
			}
			starP, starE = p, e
			p++
		case p < len(pattern) && matchName(pattern[p], elems[e]):
			p, e = p+1, e+1
		case starP >= 0:
			starE++
			p, e = starP+1, starE
		default:
			return false
		}
	}
	return p == len(pattern)
}

// matchName matches one path element: * ? [class] and backslash, as git's
// wildmatch and fnmatch(3) do.
func matchName(pattern, name string) bool {
	p, n := 0, 0
	starP, starN := -1, 0
	for n < len(name) {
		if p < len(pattern) && pattern[p] == '*' {
			starP, starN = p, n
			p++
			continue
		}
		if width, ok := matchByte(pattern[p:], name[n]); ok {
			p, n = p+width, n+1
			continue
		}
		if starP < 0 {
			return false
		}
		starN++
		p, n = starP+1, starN
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// matchByte matches c against the first item of a pattern that is not *, and
// returns the width of the item.
func matchByte(pattern string, c byte) (width int, ok bool) {
	if pattern == "" {
		return 0, false
	}
	switch pattern[0] {
	case '?':
		return 1, true
	case '[':
		return matchClass(pattern, c)
	case '\\':
		return 2, len(pattern) > 1 && pattern[1] == c
	}
	return 1, pattern[0] == c
}

// matchClass matches c against a bracket expression; one that does not end
// matches nothing.
func matchClass(pattern string, c byte) (width int, ok bool) {
	i := 1
	negate := i < len(pattern) && (pattern[i] == '!' || pattern[i] == '^')
	if negate {
		i++
	}
	found := false
	for first := true; ; first = false {
		if i >= len(pattern) {
			return 0, false
		}
		if pattern[i] == ']' && !first {
			return i + 1, found != negate
		}
		if name, n := className(pattern[i:]); n > 0 {
			found = found || inClass(name, c)
			i += n
			continue
		}
		lo, n := classByte(pattern[i:])
		i += n
		hi := lo
		if i+1 < len(pattern) && pattern[i] == '-' && pattern[i+1] != ']' {
			hi, n = classByte(pattern[i+1:])
			i += 1 + n
		}
		found = found || lo <= c && c <= hi
	}
}

func classByte(s string) (byte, int) {
	if s[0] == '\\' && len(s) > 1 {
		return s[1], 2
	}
	return s[0], 1
}

// className reads [:alpha:] and returns alpha and the width.
func className(s string) (string, int) {
	if !strings.HasPrefix(s, "[:") {
		return "", 0
	}
	end := strings.Index(s, ":]")
	if end < 2 {
		return "", 0
	}
	return s[2:end], end + 2
}

func inClass(name string, c byte) bool {
	lower, upper, digit := 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9'
	graph := 0x21 <= c && c <= 0x7e
	switch name {
	case "alnum":
		return lower || upper || digit
	case "alpha":
		return lower || upper
	case "blank":
		return c == ' ' || c == '\t'
	case "cntrl":
		return c < 0x20 || c == 0x7f
	case "digit":
		return digit
	case "graph":
		return graph
	case "lower":
		return lower
	case "print":
		return graph || c == ' '
	case "punct":
		return graph && !lower && !upper && !digit
	case "space":
		return c == ' ' || '\t' <= c && c <= '\r'
	case "upper":
		return upper
	case "xdigit":
		return digit || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
	}
	return false
}
