package target

import (
	"strings"
	"testing"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/convert/plan"
)

// hostile is a plan in which one name from the repository is everywhere.
func hostile(name string) *plan.Package {
	p := minimal()
	p.CodeDir, p.OldDir = "/usr/share/hello", "/srv/hello"
	file := "/etc/hello/" + name
	p.Payload = []plan.Entry{
		{Path: file, Type: plan.File, Origin: plan.Repo, Src: "x", Conffile: true, Secret: true, Mode: 0o640, Group: "hello", Why: name},
		{Path: "/srv/hello/link-" + name, Type: plan.Symlink, Src: name},
	}
	p.Accounts = []plan.Account{{Name: "hello", IsUser: true, Text: name}}
	p.Dirs = []plan.Dir{{Path: "/var/lib/hello/" + name, Owner: "hello", Purge: true, Why: name}}
	p.TakeOver = plan.TakeOver{
		Adopt: []plan.Adopt{{From: []string{"/srv/hello/" + name}, To: file}},
		Aside: []plan.Aside{{Path: "/srv/aside/" + name, Why: name}},
		State: []plan.Move{{From: "/srv/hello/state-" + name, To: "/var/lib/hello/" + name, Owner: "hello"}},
	}
	p.Steps = []plan.Step{{Kind: plan.Generate, Name: name, Why: name, Path: "/etc/hello/gen-" + name, Source: "/usr/share/" + name, Values: map[string]string{"@" + name: "uname -n"}}}
	p.Fates = []plan.Fate{{Text: name, Part: plan.PartNothing, Reason: name, Target: name}}
	return p
}

// FuzzScripts: whatever the name, every script parses as POSIX shell and holds
// each path whole, as one word; or the plan is refused as a whole.
func FuzzScripts(f *testing.F) {
	for _, s := range []string{"app.ini", "a b", "it's", `"`, "$(reboot)", "`reboot`", "-rf", "a;b", "*", "~", "\\", "#x", "a=b", "%s", "{{.}}", "é", "'\"'", "|", "!", "a\nb"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		p := hostile(name)
		if err := Check(p); err != nil {
			return
		}
		if err := Complete(p, nil); err != nil {
			return
		}
		files, err := Emit(p, Options{})
		if err != nil {
			return
		}
		words := map[plan.Format]map[string]bool{}
		for _, format := range plan.Formats {
			words[format] = map[string]bool{}
			list, err := scripts(p, format)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range list {
				collect(t, s.text.Text, words[format])
			}
		}
		for format, have := range words {
			for _, want := range []string{"/etc/hello/" + name, "/var/lib/hello/" + name, "/srv/hello/" + name, "/srv/aside/" + name, "/srv/hello/state-" + name, "/etc/hello/gen-" + name} {
				if !have[want] {
					t.Errorf("%s: no word %q", format, want)
				}
			}
		}
		if len(files) == 0 {
			t.Error("nothing written")
		}
	})
}

// collect adds the words of a script with parameters taken as empty.
func collect(t *testing.T, text string, into map[string]bool) {
	t.Helper()
	f, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(text), "")
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	syntax.Walk(f, func(n syntax.Node) bool {
		if w, ok := n.(*syntax.Word); ok {
			into[literal(w.Parts)] = true
		}
		return true
	})
}

func literal(parts []syntax.WordPart) string {
	var b strings.Builder
	for _, p := range parts {
		switch p := p.(type) {
		case *syntax.Lit:
			b.WriteString(unescape(p.Value, ""))
		case *syntax.SglQuoted:
			b.WriteString(p.Value)
		case *syntax.DblQuoted:
			for _, q := range p.Parts {
				if l, ok := q.(*syntax.Lit); ok {
					b.WriteString(unescape(l.Value, "$`\"\\"))
				}
			}
		}
	}
	return b.String()
}

// unescape takes backslashes away: before any character, or before those in
// only when that is not empty.
func unescape(s, only string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && (only == "" || strings.IndexByte(only, s[i+1]) >= 0) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func TestCheckRefuses(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		change     func(p *plan.Package)
	}{
		{"name", `package name "../x"`, func(p *plan.Package) { p.Name = "../x" }},
		{"hyphen in version", "version", func(p *plan.Package) { p.Version = "1.0-2" }},
		{"account like an option", "account", func(p *plan.Package) { p.Accounts = []plan.Account{{Name: "-o"}} }},
		{"relative path", "no absolute clean path", func(p *plan.Package) { p.Payload[0].Path = "usr/bin/x" }},
		{"path with ..", "no absolute clean path", func(p *plan.Package) { p.Payload[0].Path = "/usr/../etc/x" }},
		{"new line", "cannot quote", func(p *plan.Package) { p.Payload[0].Path = "/usr/a\nb" }},
		{"source outside", "leaves its tree", func(p *plan.Package) { p.Payload[0].Src = "../../etc/shadow" }},
		{"purge of the system", "/var/lib belongs to the system", func(p *plan.Package) { p.Dirs = []plan.Dir{{Path: "/var/lib", Purge: true}} }},
		{"moving the system", "/etc/nginx belongs to the system", func(p *plan.Package) { p.TakeOver.Aside = []plan.Aside{{Path: "/etc/nginx"}} }},
		{"unit", "unit", func(p *plan.Package) { p.Units = []plan.Unit{{Name: "a b.service"}} }},
		{"half a command", "step", func(p *plan.Package) { p.Steps = []plan.Step{{Kind: plan.Command, Shell: "if true"}} }},
		{"closing parenthesis", "value of @A@", func(p *plan.Package) {
			p.Steps = []plan.Step{{Kind: plan.Generate, Path: "/etc/x", Source: "/y", Values: map[string]string{"@A@": "true # "}}}
		}},
		{"digest", "digest", func(p *plan.Package) {
			p.Stage = []plan.Build{{Shell: "true", Downloads: []plan.Download{{URL: "https://x/y", To: "y", SHA256: "12"}}}}
		}},
		{"dependency", "not well-formed", func(p *plan.Package) { p.Depends = map[plan.Format][]string{plan.Deb: {"a (>= ${V})"}} }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := minimal()
			tt.change(p)
			files, err := Emit(p, Options{})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Emit: %v, want %q", err, tt.want)
			}
			if files != nil {
				t.Error("files are written")
			}
		})
	}
}
