package source

import (
	"math/rand/v2"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

func TestMatchName(t *testing.T) {
	for _, tt := range []struct {
		pattern, name string
		want          bool
	}{
		{"*", "", true}, {"*.log", "a.log", true}, {"*.log", ".log", true}, {"a*b*c", "aXbYbZc", true},
		{"a*b*c", "aXbYc.", false}, {"?", "ab", false}, {"[a-c]x", "bx", true}, {"[!a-c]x", "bx", false},
		{"[^a]x", "bx", true}, {"[]]", "]", true}, {"[]-a]", "^", true}, {"[a-]", "-", true}, {"[[:digit:]]", "7", true},
		{"[[:alpha:]_]", "7", false}, {`[\]]`, "]", true}, {`\*`, "*", true}, {`\*`, "a", false}, {`a\`, "a", false},
		{"[a", "a", false}, {"[", "[", false}, {"**", "abc", true}, {"a[", "a[", false},
	} {
		if got := matchName(tt.pattern, tt.name); got != tt.want {
			t.Errorf("matchName(%q, %q) = %v, want %v", tt.pattern, tt.name, got, tt.want)
		}
	}
}

// Patterns that take exponential time with a naive matcher.
func TestMatchIsBounded(t *testing.T) {
	pattern := strings.Repeat("*a", 100) + "b"
	if matchName(pattern, strings.Repeat("a", 4000)) {
		t.Error("matches")
	}
	elems := strings.Split(strings.Repeat("**/a/", 100)+"b", "/")
	if matchElems(elems, strings.Repeat("a/", 1000)+"c") {
		t.Error("matches")
	}
}

// The rules mean what git takes them to mean.
func TestIgnoreAsGit(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	for _, rules := range [][]string{
		{"*.log", "!keep.log", "/top", "dir/", "a/b", "**/x", "y/**", "a/**/z", "#c", `\#h`, `\!n`, "tr  ", `sp\ `},
		{"*", "!*/", "!*.c"},
		{"/*", "!/a", "/a/*", "!/a/b"},
		{"a/", "!a/b"},
		{"**", "!x"},
		{"[ab]?", "[!a-c]*.log", "a[/]b", "**/", "/", "//a", "a//b", "a**b", "**a", "x/**/y/**"},
		{"foo/*", "!foo/a/", "b\r"},
		{`a\*b`, `\a`, `trail\\`, `[[:upper:]]*`, "[]a]", `a\`},
	} {
		compareIgnore(t, rules)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 12 {
		compareIgnore(t, randomRules(rng))
	}
}

func randomRules(rng *rand.Rand) []string {
	parts := []string{"a", "b", "x", "y", "z", "*", "**", "?", "*.log", "[ab]", "[!a]", "/", "/", "/", "foo", "dir"}
	var rules []string
	for range 1 + rng.IntN(6) {
		rule := ""
		if rng.IntN(4) == 0 {
			rule = "!"
		}
		for range 1 + rng.IntN(5) {
			rule += parts[rng.IntN(len(parts))]
		}
		rules = append(rules, rule)
	}
	return rules
}

var ignoreProbes = []string{
	"a", "b", "c", "x", "y", "z", "top", "dir/f", "dir/sub/f", "a/b", "a/b/c", "a/x/y/z", "a/z", "sub/top", "sub/a/b",
	"sub/x", "y/q", "y/q/r", "sub/y/q", "x.log", "keep.log", "a/keep.log", "dir/keep.log", "m.c", "a/m.c", "#h", "!n", "tr", "tr ",
	"sp ", "sp", "ab", "bz", "d.log", "foo/a/f", "foo/b", "b\r", "a*b", "aXb", `trail\`, "Upper", "]", "x/1/y/2", "x/y/2", "a1/b",
	"x/y", "q/x/z", "foo/x", "*", "axxb",
}

// compareIgnore asks git check-ignore and the ignoreTree about each probe.
func compareIgnore(t *testing.T, rules []string) {
	t.Helper()
	g := newGit(t)
	g.write(map[string]string{".gitignore": strings.Join(rules, "\n") + "\n"})
	files := map[string]string{}
	for _, p := range ignoreProbes {
		conflict := slices.ContainsFunc(ignoreProbes, func(q string) bool { return strings.HasPrefix(q, p+"/") })
		if !conflict {
			files[p] = "x"
		}
	}
	g.write(files)
	cmd := exec.Command("git", "-c", "core.quotePath=false", "check-ignore", "--no-index", "--stdin", "-z")
	cmd.Dir = g.path
	cmd.Stdin = strings.NewReader(strings.Join(keys(files), "\x00") + "\x00")
	out, _ := cmd.Output()
	want := map[string]bool{}
	for name := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		want[name] = true
	}
	r := open(t, g.path, Options{})
	for name := range files {
		if got := r.Ignored(name); got != want[name] {
			t.Errorf("rules %q: %q ignored = %v, git says %v", rules, name, got, want[name])
		}
	}
	compareUntracked(t, g, r)
}

// compareUntracked compares the list of files with that of git.
func compareUntracked(t *testing.T, g *gitDir, r *Repo) {
	t.Helper()
	out := g.run("ls-files", "-z", "--others", "--cached", "--exclude-standard")
	want := strings.FieldsFunc(out, func(r rune) bool { return r == 0 })
	slices.Sort(want)
	wantList(t, "Files", paths(r.Files()), want...)
}

func keys(m map[string]string) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func FuzzParseIgnore(f *testing.F) {
	for _, s := range []string{"*.log\n!a\n/b/**/c\n", "[", "\\", "**/**/**", "a/[", "\xef\xbb\xbfx\r\n", "[[:", "[[:x:]-"} {
		f.Add(s, "a/b/c")
	}
	f.Fuzz(func(t *testing.T, rules, name string) {
		if len(rules) > 1<<12 || len(name) > 1<<10 {
			return
		}
		for _, r := range parseIgnore([]byte(rules)) {
			r.match(name, false)
			r.match(name, true)
		}
	})
}
