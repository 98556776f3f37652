package diag

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/nativize/nativize/analyze/source"
)

func span(file string, line, col, endCol int) source.Span {
	return source.Span{Pos: source.Pos{File: file, Line: line, Col: col}, EndLine: line, EndCol: endCol}
}

const script = "#!/bin/sh\nPREFIX=$1\n\trm -rf \"$PREFIX/lib\"\n名前=\"日本\"; chmod 777 /srv\nTOKEN=hunter2hunter2\n"

func sources(path string) ([]byte, error) {
	if path == "deploy.sh" {
		return []byte(script), nil
	}
	return nil, errors.New("no such file")
}

func sample() *Report {
	return &Report{
		Tool: "nativize", Version: "1.0.0", URI: "https://nativize.example/", Sources: sources,
		Findings: []Diagnostic{
			{Rule: "world-writable", Severity: Warning, Confidence: Medium, Message: "anyone may write to /srv",
				At: []source.Span{span("deploy.sh", 4, 19, 33)}, Fingerprint: "bb"},
			{Rule: "unguarded-rm-rf", Severity: Error, Confidence: High, Value: "/lib",
				Message: `PREFIX may be empty, so this may remove "/lib"`, Help: `write "${PREFIX:?}/lib"`,
				At:      []source.Span{span("deploy.sh", 3, 9, 22)},
				Related: []Label{{At: span("deploy.sh", 2, 1, 10), Text: "PREFIX is set here"}}, Fingerprint: "aa"},
			{Rule: "secret-in-script", Severity: Error, Confidence: High, Message: "a token is in the script", Value: "hunter2",
				At: []source.Span{span("deploy.sh", 5, 7, 21)}, Fingerprint: "cc"},
			{Rule: "no-rollback", Severity: Note, Confidence: Low, Message: "100% lost, really:\nno way back",
				At: []source.Span{{Pos: source.Pos{File: "a:b, c.sh"}}}},
		},
		Rules: []Rule{
			{ID: "unguarded-rm-rf", Title: "A variable in rm -rf may be empty", Text: "It may remove the root.",
				Help: "Write `${X:?}`.", Severity: Error, Confidence: High, URI: "https://nativize.example/rules#unguarded-rm-rf", Tags: []string{"reliability"}},
			{ID: "secret-in-script", Title: "A credential is in the script", Severity: Error, Secret: true},
		},
	}
}

// TestGolden writes every format of one report; UPDATE=1 rewrites the files.
func TestGolden(t *testing.T) {
	for _, f := range Formats {
		t.Run(f.Name, func(t *testing.T) {
			var got bytes.Buffer
			if err := Write(&got, f.Name, sample()); err != nil {
				t.Fatal(err)
			}
			name := filepath.Join("testdata", "sample."+f.Name)
			if os.Getenv("UPDATE") != "" {
				if err := os.WriteFile(name, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got.String()); d != "" {
				t.Errorf("%s (-want +got):\n%s", f.Name, d)
			}
			if strings.Contains(got.String(), "hunter2") {
				t.Errorf("%s prints the credential", f.Name)
			}
		})
	}
}

func TestUnknownFormat(t *testing.T) {
	err := Write(&bytes.Buffer{}, "yaml", sample())
	if err == nil || !strings.Contains(err.Error(), `unknown format "yaml" (have text, json, sarif`) {
		t.Errorf("error = %v", err)
	}
}

func TestSummary(t *testing.T) {
	tests := []struct {
		name       string
		findings   []Diagnostic
		suppressed int
		want       string
	}{
		{"nothing", nil, 0, "no findings"},
		{"suppressed only", nil, 2, "no findings (2 suppressed)"},
		{"all severities", sample().Findings, 0, "4 findings: 2 errors, 1 warning, 1 note"},
		{"one", sample().Findings[:1], 3, "1 finding: 1 warning (3 suppressed)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Summary(tt.findings, tt.suppressed); got != tt.want {
				t.Errorf("Summary = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestVisible(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain", "rm -rf /srv é 日本", "rm -rf /srv é 日本"},
		{"escape sequence", "a\x1b[31mb", `a\x1b[31mb`},
		{"one byte CSI", "a\u009b31m", `a\x9b31m`},
		{"line ends", "a\r\nb\tc", `a\r\nb\tc`},
		{"bidi override", "a\u202eb", `a\u202eb`},
		{"zero width", "a\u200bb", `a\u200bb`},
		{"not UTF-8", "a\xffb", `a\xffb`},
		{"a real replacement character", "a\ufffdb", "a\ufffdb"},
		{"byte of a script that is not UTF-8", "a\U0010feffb", `a\xffb`},
		{"line separator", "a\u2028b", `a\u2028b`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Visible(tt.in); got != tt.want {
				t.Errorf("Visible(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestCaret(t *testing.T) {
	tests := []struct {
		name, line   string
		col, end     int
		width        int
		text, marked string
	}{
		{"tabs stay", "\tcp a b", 5, 6, 80, "\tcp a b", "\t   ^"},
		{"wide characters", "日本=x y", 8, 9, 80, "日本=x y", "     ^"},
		{"a wide span", "x 日本 y", 3, 9, 80, "x 日本 y", "  ^~~~"},
		{"combining", "e\u0301 x", 5, 6, 80, "e\u0301 x", "  ^"},
		{"control characters", "\x1b[1m x", 6, 7, 80, `\x1b[1m x`, "        ^"},
		{"past the end", "ab", 9, 12, 80, "ab", "  ^"},
		{"a column inside a rune", "é x", 2, 3, 80, "é x", "^"},
		{"empty line", "", 1, 1, 80, "", "^"},
		{"long before", strings.Repeat("a", 60) + "XY" + strings.Repeat("b", 60), 61, 63, 30, "…" + strings.Repeat("a", 10) + "XY" + strings.Repeat("b", 16) + "…", "           ^~"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := caret([]byte(tt.line), span("f", 1, tt.col, tt.end), tt.width, '^', '~')
			if s.text != tt.text || s.indent+s.mark != tt.marked {
				t.Errorf("caret:\n%q\n%q\nwant\n%q\n%q", s.text, s.indent+s.mark, tt.text, tt.marked)
			}
		})
	}
}

func TestColor(t *testing.T) {
	r := sample()
	r.Color, r.Links = true, true
	var got bytes.Buffer
	if err := Write(&got, "text", r); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\x1b[1;31merror\x1b[0m", "\x1b]8;;https://nativize.example/rules#unguarded-rm-rf\x1b\\"} {
		if !strings.Contains(got.String(), want) {
			t.Errorf("no %q in %q", want, got.String())
		}
	}
}

func TestFingerprint(t *testing.T) {
	a := Fingerprint("r", "f", "rm  -rf\tx")
	if b := Fingerprint("r", "f", "rm -rf x"); a != b {
		t.Errorf("white space changes the fingerprint: %s, %s", a, b)
	}
	if b := Fingerprint("r", "frm", "-rf x"); a == b {
		t.Error("the parts run together")
	}
	if len(a) != 32 {
		t.Errorf("fingerprint %q has %d digits", a, len(a))
	}
}

// FuzzText holds that no line, span or message makes the printing panic or
// reach the terminal unescaped, and that the mark is under the span.
func FuzzText(f *testing.F) {
	f.Add("\trm -rf \"$PREFIX\"", "message", 2, 1, 9)
	f.Add("日本\x1b]0;x\x07\xff\u202e", "a\nb", 3, 2, 4)
	f.Fuzz(func(t *testing.T, line, message string, col, endLine, endCol int) {
		at := source.Span{Pos: source.Pos{File: "f", Line: 1, Col: col}, EndLine: endLine, EndCol: endCol}
		r := &Report{
			Findings: []Diagnostic{{Rule: "r", Severity: Error, Message: message, At: []source.Span{at, at}}},
			Sources:  func(string) ([]byte, error) { return []byte(line), nil },
		}
		for _, format := range Formats {
			var got bytes.Buffer
			if err := Write(&got, format.Name, r); err != nil {
				t.Fatal(err)
			}
			for _, c := range got.String() {
				if c != '\t' && c != '\n' && c != '\ufffd' && format.Name != "json" && format.Name != "sarif" && steers(c) {
					t.Fatalf("%s: %q has %U", format.Name, got.String(), c)
				}
			}
		}
		s := caret([]byte(line), at, 80, '^', '~')
		if s.mark != "" && strings.Count(s.indent, "\t") > strings.Count(s.text, "\t") {
			t.Fatalf("mark %q%q under %q", s.indent, s.mark, s.text)
		}
	})
}

func BenchmarkText(b *testing.B) {
	r := sample()
	for i := range 1000 {
		d := r.Findings[i%3]
		r.Findings = append(r.Findings, d)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := Write(&bytes.Buffer{}, "text", r); err != nil {
			b.Fatal(err)
		}
	}
}

func ExampleSummary() {
	fmt.Println(Summary([]Diagnostic{{Severity: Error}, {Severity: Warning}}, 1))
	// Output: 2 findings: 1 error, 1 warning (1 suppressed)
}
