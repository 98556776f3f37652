package report

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/nativize/nativize/analyze/model"
)

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", "golden", name)
	if os.Getenv("UPDATE") != "" {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got):\n%s", name, d)
	}
}

// TestGolden pins the forms that people read and programs parse.
func TestGolden(t *testing.T) {
	for _, s := range []struct {
		name   string
		sample sample
	}{{"crash", crash()}, {"shop", shop()}, {"board", board()}} {
		for _, form := range []string{"text", "markdown", "json"} {
			t.Run(s.name+"/"+form, func(t *testing.T) { golden(t, s.name+"."+form, rendered(t, form, s.sample)) })
		}
	}
}

// TestQuestions answers a person's questions from each form alone.
func TestQuestions(t *testing.T) {
	tests := []struct {
		name, question string
		sample         sample
		want           []string
	}{
		{"crash account", "Which account runs it?", crash(), []string{"collector-processor runs as collector", "apache", "must exist"}},
		{"crash backup", "What must be backed up?", crash(), []string{"/etc/collector/processor.ini", "/data/collector/webapp/settings/local.py", "/home/collector/primaryStorage", "python manage.py migrate"}},
		{"crash rerun", "What is lost or breaks on the next run?", crash(), []string{"edits of /etc/httpd/conf.d/collector.conf are lost", "/data/collector/application/config/common.ini"}},
		{"crash decide", "What must be decided before packaging?", crash(), []string{"which database the migration changes", "where the credential is kept"}},
		{"shop account", "Which account runs it?", shop(), []string{"shop runs as www-data"}},
		{"shop backup", "What must be backed up?", shop(), []string{"/srv/shop/.env", "/srv/shop/uploads"}},
		{"shop rerun", "What is lost or breaks on the next run?", shop(), []string{"git clean removes /srv/shop/.env"}},
		{"shop decide", "What must be decided before packaging?", shop(), []string{"where /srv/shop/.env moves to", "https://get.example.org/agent.sh"}},
		{"board account", "Which account runs it?", board(), []string{"deploy", "must exist"}},
		{"board backup", "What must be backed up?", board(), []string{"/etc/nginx/sites-available/board"}},
		{"board first", "What must be there first?", board(), []string{"environment: DEPLOY_HOST"}},
		{"huge", "Which account runs it?", huge(), []string{"No program of the repository names an account"}},
	}
	for _, tt := range tests {
		for _, form := range []string{"text", "markdown", "html"} {
			t.Run(tt.name+"/"+form, func(t *testing.T) {
				text := readable(form, rendered(t, form, tt.sample))
				_, text, found := strings.Cut(text, tt.question)
				if !found {
					t.Fatalf("the question %q is not there", tt.question)
				}
				for _, w := range tt.want {
					if !strings.Contains(text, w) {
						t.Errorf("no %q after %q", w, tt.question)
					}
				}
			})
		}
	}
}

var tags = regexp.MustCompile(`<[^>]*>`)

// readable is the text that a person sees, on one line.
func readable(form, text string) string {
	switch form {
	case "html":
		text = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&#34;", `"`, "&#39;", "'", "&#43;", "+", "&amp;", "&").Replace(tags.ReplaceAllString(text, ""))
	case "markdown":
		text = strings.NewReplacer("&#8203;", "", `\`, "", "&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(text)
	}
	return oneLine(text)
}

// TestWithheld holds that no form prints a credential.
func TestWithheld(t *testing.T) {
	for _, form := range FormNames() {
		for name, s := range map[string]sample{"crash": crash(), "shop": shop()} {
			for _, verbose := range []bool{false, true} {
				opt := s.options()
				opt.Verbose = verbose
				var b bytes.Buffer
				if err := Write(&b, form, s.d, opt); err != nil {
					t.Fatal(err)
				}
				for _, secret := range []string{"aPassword42", "hunter2"} {
					if strings.Contains(b.String(), secret) {
						t.Errorf("%s of %s prints %q", form, name, secret)
					}
				}
			}
		}
	}
}

// TestControls holds that no form sends a character that steers the reader's
// terminal or reorders text.
func TestControls(t *testing.T) {
	for _, form := range FormNames() {
		opt := hostile().options()
		opt.Verbose = true
		var b bytes.Buffer
		if err := Write(&b, form, hostile().d, opt); err != nil {
			t.Fatal(err)
		}
		for _, r := range b.String() {
			if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
				t.Errorf("%s sends %U", form, r)
				break
			}
		}
	}
}

// TestTerminalWidth holds that lines fit the terminal, but for places, which
// are kept whole to be copied.
func TestTerminalWidth(t *testing.T) {
	for _, width := range []int{40, 60, 80, 200} {
		for name, s := range samples(t) {
			if name == "hostile" {
				continue // its places alone are wider
			}
			var b bytes.Buffer
			if err := Write(&b, "text", s.d, Options{Width: width}); err != nil {
				t.Fatal(err)
			}
			for l := range strings.Lines(b.String()) {
				if w := cells.StringWidth(strings.TrimSuffix(l, "\n")); w > width+20 {
					t.Errorf("%s at %d: %d columns: %q", name, width, w, l)
				}
			}
		}
	}
}

func TestCompact(t *testing.T) {
	var short, long bytes.Buffer
	s := huge()
	if err := Write(&short, "text", s.d, Options{}); err != nil {
		t.Fatal(err)
	}
	if err := Write(&long, "text", s.d, Options{Verbose: true}); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(short.String(), "\n"); n > 100 {
		t.Errorf("the compact report of a huge deployment has %d lines", n)
	}
	if !strings.Contains(short.String(), "9992 more (--verbose)") || !strings.Contains(long.String(), "file9999.txt") {
		t.Error("the compact report does not say what it leaves out, or the verbose one leaves it out")
	}
}

func TestColor(t *testing.T) {
	s := crash()
	opt := s.options()
	plain := rendered(t, "text", s)
	opt.Color = true
	var b bytes.Buffer
	if err := Write(&b, "text", s.d, opt); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(plain, regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(b.String(), "")); d != "" {
		t.Errorf("colours change the text (-plain +coloured):\n%s", d)
	}
}

// TestMarkdownCode holds that nothing in a code span can end it.
func TestMarkdownCode(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain", "/etc/app", "`/etc/app`"},
		{"empty", "", ""},
		{"backquote", "a`b", "``a`b``"},
		{"two", "a``b", "```a``b```"},
		{"at the ends", "`a`", "`` `a` ``"},
		{"pipe", "a|b", "`a\\|b`"},
		{"new line", "a\nb", "`a\\nb`"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := code(tt.in)
			if got != tt.want {
				t.Errorf("code(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestWrap(t *testing.T) {
	tests := []struct {
		name, in string
		width    int
		want     []string
	}{
		{"nothing", "", 20, []string{""}},
		{"fits", "a b c", 20, []string{"a b c"}},
		{"breaks at spaces", "aaaa bbbb cccc", 10, []string{"aaaa bbbb", "cccc"}},
		{"cuts a long word", "x abcdefghijklm y", 10, []string{"x", "abcdefghij", "klm y"}},
		{"wide characters", "日本日本日本 x", 10, []string{"日本日本日", "本 x"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, wrap(tt.in, tt.width)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// TestLongText holds that one text of a megabyte, as a script with an embedded
// archive has, is no more than its share of work, and does not fill a report.
func TestLongText(t *testing.T) {
	for _, unit := range []string{"a", "`", " x", "日", "\x1b", "://a:b@", "PASSWORD=x "} {
		d := crash().d
		d.Statements[0].Text = strings.Repeat(unit, 1<<20/len(unit))
		d.Statements[0].Outcome = "opaque"
		d.Facts.Migrations[0].Command = d.Statements[0].Text
		for _, form := range []string{"text", "markdown", "html"} {
			if n := len(rendered(t, form, sample{d: d})); n > 1<<20 {
				t.Errorf("%s of %q has %d bytes", form, unit, n)
			}
		}
	}
}

func TestProse(t *testing.T) {
	got := prose("<b>@all #1 *x* [a](b) https://x www.y |")
	for _, live := range []string{"<b>", "@all", " #1", " *x*", "[a](", "://", "www.y", " |"} {
		if strings.Contains(got, live) {
			t.Errorf("%q stays alive in %q", live, got)
		}
	}
}

func TestAssess(t *testing.T) {
	held := func(m *model.Maturity) map[string]string {
		out := map[string]string{}
		for _, p := range m.Properties {
			out[p.Name] = p.Held
		}
		return out
	}
	tests := []struct {
		name string
		d    *model.Deployment
		rung string
		want map[string]string
	}{
		{"crash", crash().d, "tarball", map[string]string{"secrets-out": no, "config-split": partly, "idempotent": partly, "checksum": no, "rollback": partly, "no-build-on-server": yes, "transport": unknown, "removal": no, "revision-known": partly}},
		{"shop", shop().d, "scm+ssh", map[string]string{"config-split": no, "checksum": no, "no-build-on-server": no, "revision-known": partly, "parity": partly, "dependencies-declared": yes}},
		{"board", board().d, "scm+ssh", map[string]string{"config-split": yes, "transport": yes, "checksum": no, "no-build-on-server": no, "revision-known": no, "rollback": no}},
		{"empty", &model.Deployment{}, "scm+ssh", map[string]string{"config-split": unknown, "idempotent": unknown, "signature": no}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := Assess(tt.d)
			if m.Rung != tt.rung {
				t.Errorf("rung %q, want %q", m.Rung, tt.rung)
			}
			if m.Max != 24 || len(m.Properties) != 12 {
				t.Errorf("max %d of %d properties", m.Max, len(m.Properties))
			}
			got, sum := held(m), 0
			for _, h := range got {
				sum += points[h]
			}
			if sum != m.Score {
				t.Errorf("score %d, the properties give %d", m.Score, sum)
			}
			for name, want := range tt.want {
				if got[name] != want {
					t.Errorf("%s is held %q, want %q", name, got[name], want)
				}
			}
			if len(m.First) > 3 {
				t.Errorf("%d things come first", len(m.First))
			}
		})
	}
}

func TestRungs(t *testing.T) {
	tests := []struct {
		name, strategy, want string
	}{
		{"git", "git-pull,language-package,os-package", "scm+ssh"},
		{"archive with system packages", "tarball,os-package", "tarball"},
		{"archive sent by scp", "scp,tarball", "scm+ssh"},
		{"language", "language-package,os-package", "language-package"},
		{"package", "os-package", "native-package"},
		{"copy", "cp,os-package", "scm+ssh"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := &model.Deployment{Strategy: strings.Split(tt.strategy, ",")}
			if got := Assess(d).Rung; got != tt.want {
				t.Errorf("rung of %s = %q, want %q", tt.strategy, got, tt.want)
			}
		})
	}
}

func TestUnknownForm(t *testing.T) {
	if err := Write(&bytes.Buffer{}, "pdf", crash().d, Options{}); err == nil || !strings.Contains(err.Error(), "have text, json, markdown, html") {
		t.Errorf("error = %v", err)
	}
}

// TestUnchanged holds that writing leaves the deployment as it was.
func TestUnchanged(t *testing.T) {
	a, b := crash(), crash()
	for _, form := range FormNames() {
		rendered(t, form, a)
	}
	if d := cmp.Diff(b.d, a.d); d != "" {
		t.Errorf("(-before +after):\n%s", d)
	}
}

// FuzzForms holds that no text makes a form fail, or escape its place.
func FuzzForms(f *testing.F) {
	f.Add(evil, 3)
	f.Add("/etc/`a|b`/../../x\x85", -1)
	f.Fuzz(func(t *testing.T, text string, n int) {
		d := &model.Deployment{}
		fillStrings(d, text)
		d.Class = model.Server
		d.Coverage = model.Coverage{Statements: n, Opaque: n, Understood: 1}
		d.Facts.Files[0].At[0].Line = n
		s := sample{d: d, files: map[string]string{text: text}}
		for _, form := range FormNames() {
			out := rendered(t, form, s)
			for _, r := range out {
				if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
					t.Fatalf("%s sends %U", form, r)
				}
			}
			if form == "html" && strings.Count(out, "<script") != 1 {
				t.Fatal("a second script")
			}
		}
	})
}
