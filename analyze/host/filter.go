package host

import (
	"path"
	"strings"
)

// excluded tells whether a list of patterns leaves out a path. Patterns are
// rsync's: the first that matches decides, "+ " before one lets the path in, a
// leading slash ties it to the top, "**" crosses slashes. A path below a
// directory that is left out is left out. A pattern that ends in a slash is for
// directories; dir tells whether the path is one.
//
// Source: rsync(1), FILTER RULES.
func excluded(patterns []string, rel string, dir bool) bool {
	if len(patterns) == 0 || rel == "" {
		return false
	}
	elems := strings.Split(rel, "/")
	for i := range elems {
		if firstMatch(patterns, elems[:i+1], dir || i+1 < len(elems)) {
			return true
		}
	}
	return false
}

// firstMatch tells whether the first pattern that matches a path excludes it.
func firstMatch(patterns, elems []string, dir bool) bool {
	for _, pat := range patterns {
		pat, include := strings.CutPrefix(pat, "+ ")
		if (dir || !strings.HasSuffix(pat, "/")) && matchPattern(pat, elems) {
			return !include
		}
	}
	return false
}

func matchPattern(pat string, elems []string) bool {
	anchored := strings.HasPrefix(pat, "/")
	pat = strings.Trim(pat, "/")
	if strings.HasSuffix(pat, "/***") {
		whole := strings.TrimSuffix(pat, "/***")
		n := strings.Count(whole, "/") + 1
		return n <= len(elems) && matchPattern(whole, elems[:n])
	}
	full := strings.Join(elems, "/")
	switch {
	case strings.Contains(pat, "**"):
		return matchStars(pat, full) || !anchored && matchTail(pat, elems)
	case anchored:
		ok, _ := path.Match(pat, full)
		return ok
	}
	n := strings.Count(pat, "/") + 1
	if n > len(elems) {
		return false
	}
	ok, _ := path.Match(pat, strings.Join(elems[len(elems)-n:], "/"))
	return ok
}

func matchTail(pat string, elems []string) bool {
	for i := 1; i < len(elems); i++ {
		if matchStars(pat, strings.Join(elems[i:], "/")) {
			return true
		}
	}
	return false
}

// matchStars matches a pattern in which ** stands for any text.
func matchStars(pat, s string) bool {
	before, after, ok := strings.Cut(pat, "**")
	if !ok {
		m, _ := path.Match(pat, s)
		return m
	}
	for i := 0; i <= len(s); i++ {
		m, _ := path.Match(before, s[:i])
		if m && matchTailOf(after, s[i:]) {
			return true
		}
	}
	return false
}

func matchTailOf(pat, s string) bool {
	for i := 0; i <= len(s); i++ {
		if matchStars(pat, s[i:]) {
			return true
		}
	}
	return false
}

// below keeps the patterns that can still match under rel.
func below(patterns []string, rel string) []string {
	var out []string
	for _, p := range patterns {
		sign := ""
		if rest, ok := strings.CutPrefix(p, "+ "); ok {
			sign, p = "+ ", rest
		}
		switch {
		case !strings.HasPrefix(p, "/"):
			out = append(out, sign+p)
		case strings.HasPrefix(p, "/"+rel+"/"):
			out = append(out, sign+p[len(rel)+1:])
		}
	}
	return out
}
