package value

import (
	"slices"
	"strings"
	"testing"

	"github.com/nativize/nativize/analyze/source"
)

// build makes a value from text: alternatives are cut at "|", holes are
// written <name>.
func build(text string) Value {
	var v Value
	for i, alt := range strings.Split(text, "|") {
		var parts []Part
		for alt != "" {
			before, rest, ok := strings.Cut(alt, "<")
			parts = append(parts, Part{Lit: before})
			name, after, closed := strings.Cut(rest, ">")
			if ok && closed {
				parts = append(parts, Part{Hole: NewHole(Env, name, source.Pos{})})
			}
			alt = after
			if !ok || !closed {
				break
			}
		}
		if s := FromStr(MakeStr(parts...)); i == 0 {
			v = s
		} else {
			v = Join(v, s)
		}
	}
	return v
}

func printed(v Value) []string {
	var out []string
	for _, s := range v.Alts() {
		out = append(out, s.String())
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// covers tells whether v may be text: one of its alternatives has its known
// text before the first and after the last hole.
func covers(v Value, text string) bool {
	for _, s := range v.Alts() {
		if t, ok := s.Exact(); ok {
			if t == text || hasWords(strings.Fields(t), strings.Fields(text)) {
				return true
			}
			continue
		}
		if strings.HasPrefix(text, s.Prefix()) && strings.HasSuffix(text, s.Suffix()) {
			return true
		}
	}
	return false
}

// hasWords tells whether a list has all words: lists of words, such as those of
// packages, widen to the list of all.
func hasWords(list, words []string) bool {
	for _, w := range words {
		if !slices.Contains(list, w) {
			return false
		}
	}
	return len(list) > 1
}

// FuzzJoin holds Join to its laws: it commutes but for the order, a value
// joined to itself is that value, and no string that either side may be is lost.
func FuzzJoin(f *testing.F) {
	for _, s := range [][2]string{{"a", "b"}, {"a|b", "b|c"}, {"/srv/<x>", "/srv/y"}, {"", "<x>"}, {"a|b|c|d|e|f|g|h", "i"},
		{"/a/1|/a/2|/a/3|/a/4|/a/5", "/a/6|/a/7|/a/8|/a/9"}, {"p1 p2|p3|p4 p5|p6 p7|p8 p9|q1 q2|q3 q4|q5 q6", "q7 q8|q9 r1"}, {"aa|aaa", "a|aaaa|aaaaa|b<x>a|aba|abba|cc"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		v, w := build(a), build(b)
		vw, wv := Join(v, w), Join(w, v)
		if vw.Len() > Max {
			t.Errorf("%q and %q: %d alternatives", a, b, vw.Len())
		}
		if len(printed(v))+len(printed(w)) <= Max && !slices.Equal(printed(vw), printed(wv)) {
			t.Errorf("%q and %q do not commute: %q, %q", a, b, printed(vw), printed(wv))
		}
		if !slices.Equal(printed(Join(v, v)), printed(v)) {
			t.Errorf("%q is not idempotent: %q", a, printed(Join(v, v)))
		}
		for _, s := range append(v.Alts(), w.Alts()...) {
			if text, ok := s.Exact(); ok && !covers(vw, text) {
				t.Errorf("%q and %q: %q is lost in %q", a, b, text, printed(vw))
			}
		}
	})
}

// FuzzPath holds that Clean is idempotent and that Abs gives what it says.
func FuzzPath(f *testing.F) {
	for _, s := range [][2]string{{"/srv", "a/../b"}, {"/<x>", "../../y/"}, {"<PWD>/x", "./a//b"}, {"/", "<x>/../.."}, {"/a", "~/x"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, cwd, p string) {
		a := Abs(build(cwd).At(0), build(p).At(0))
		if b := Clean(a); b.String() != a.String() {
			t.Errorf("%q below %q: %q cleans to %q", p, cwd, a, b)
		}
		a.Dir()
		a.Base()
	})
}
