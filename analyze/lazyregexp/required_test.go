package lazyregexp

import (
	"regexp"
	"slices"
	"testing"
)

func TestRequired(t *testing.T) {
	tests := []struct {
		text string
		want []string
	}{
		{`\b(useradd|adduser|groupadd)\b`, []string{"adduser", "groupadd", "useradd"}},
		{`\b(gh-pages|surge)\b|github\.io`, []string{"gh-pages", "github.io", "surge"}},
		{`/etc/(nginx|httpd)`, []string{"/etc/"}},
		{`(foo)?bar+`, []string{"ba"}},
		{`(?:ab){2,3}`, []string{"ab"}},
		{`(?:ab){0,3}`, nil},
		{`(?i)deploy`, nil},
		{`a|bcd`, nil}, // one byte is everywhere
		{`abc|`, nil},
		{`[a-z]+\d*`, nil},
		{`(`, nil},
	}
	for _, test := range tests {
		if got := required(test.text); !slices.Equal(got, test.want) {
			t.Errorf("required(%q) = %q, want %q", test.text, got, test.want)
		}
	}
}

func TestOneLine(t *testing.T) {
	for text, want := range map[string]bool{
		`\b(rsync|scp|ssh)\b`: true, `(?m)^[^#\n]*tar$`: true, `a.c\S`: true,
		`^a`: false, `a$`: false, `a\s+b`: false, `[^;]ab`: false, `(?s)a.b`: false, "a\nb": false, `\Aa`: false,
	} {
		if got := oneLine(text); got != want {
			t.Errorf("oneLine(%q) = %v", text, got)
		}
	}
}

// FuzzMatch: what is told without a try is what the expression tells.
func FuzzMatch(f *testing.F) {
	for _, text := range []string{`\b(useradd|adduser)\b`, `(foo)?bar+`, `(?i)ab|cd`, `^a.c$|de{2}`, "x\ufffdy|zz", `(?:ab){2}|cde?`} {
		f.Add(text, "useradd foobar abab abc x\xffy cd")
		f.Add(text, "")
	}
	f.Add(`(?m)^\w+ (ab|cd)$`, "x\ny ab\r\n\nz cd")
	f.Add(`\bab[^\n]*\b`, "ab\ncab ab\n")
	f.Fuzz(func(t *testing.T, text, in string) {
		want, err := regexp.Compile(text)
		if err != nil {
			return
		}
		got := New(text)
		if a, b := got.FindStringIndex(in), want.FindStringIndex(in); !slices.Equal(a, b) {
			t.Errorf("%q in %q is at %v, want %v", text, in, a, b)
		}
		if a, b := got.Match([]byte(in)), want.MatchString(in); a != b {
			t.Errorf("Match(%q, %q) = %v, want %v", text, in, a, b)
		}
		if a, b := got.MatchString(in), want.MatchString(in); a != b {
			t.Errorf("MatchString(%q, %q) = %v, want %v", text, in, a, b)
		}
		if a, b := got.FindStringSubmatch(in), want.FindStringSubmatch(in); !slices.Equal(a, b) {
			t.Errorf("FindStringSubmatch(%q, %q) = %q, want %q", text, in, a, b)
		}
		if a, b := got.ReplaceAllString(in, "-"), want.ReplaceAllString(in, "-"); a != b {
			t.Errorf("ReplaceAllString(%q, %q) = %q, want %q", text, in, a, b)
		}
	})
}
