package choices

import (
	"errors"
	"strings"
	"testing"

	"github.com/nativize/nativize/analyze/source"
)

func full() *Choices {
	yes, no := true, false
	c := &Choices{
		Name: "app", Version: "1.2.3~rc1", Maintainer: "Ada <ada@example.org>", Summary: "a # b: c", License: "MIT", Arch: "all",
		Layout: Keep, CodeDir: "/data/app", OldDir: "/data/app", Account: "app", Migrations: Unit, Environment: "production",
		Formats: []string{"deb", "rpm"}, Exclude: []string{"*.md", "doc*"},
		Config:    map[string]Config{"/etc/app/env": {Way: EnvFile, Secret: &yes}, "/etc/app/app.ini": {Way: Link, Secret: &no}},
		Services:  map[string]Service{"app.service": {Enable: &yes, Restart: Reload}, "app-x@.service": {Enable: &no, Restart: None}},
		Downloads: map[string]string{"https://example.org/x.tgz": strings.Repeat("a", 64)},
		Lint:      []byte("  disable: [NV001]\n"),
	}
	c.Note("layout", Note{Guessed: true, Why: "the path is\nhard-wired", Question: "stay or move", At: []source.Pos{{File: "a: # b", Line: 3, Col: 1}}})
	c.Note("config./etc/app/env.way", Note{Guessed: true, Why: "it is .env"})
	return c
}

func TestFormatIsReadBack(t *testing.T) {
	want, err := Format(full())
	if err != nil {
		t.Fatal(err)
	}
	c, err := Parse("nativize.yaml", want)
	if err != nil {
		t.Fatalf("%v\n%s", err, want)
	}
	if c.Layout != Keep || !*c.Config["/etc/app/env"].Secret || *c.Services["app-x@.service"].Enable || string(c.Lint) != "  disable: [NV001]\n" {
		t.Errorf("%+v\n%s", c, want)
	}
	if open := c.Open(); len(open) != 1 || open[0] != "layout" {
		t.Errorf("open: %v", open)
	}
	if !c.Notes["config./etc/app/env.way"].Guessed {
		t.Errorf("the mark of a guess is lost: %+v", c.Notes)
	}
	got := c.Value("config./etc/app/env.way") + c.Value("services.app.service.restart") + c.Value("name") + c.Value("nothing")
	if got != "env-filereloadapp" {
		t.Errorf("values %q", got)
	}
}

func TestParseNamesWhatIsWrong(t *testing.T) {
	for in, want := range map[string]string{
		"nmae: app\n":                                `1:1: "nmae" is no key; the keys are account, arch,`,
		"name: App\n":                                `1:7: name: "App" is not a package name`,
		"layout: elsewhere\n":                        `1:9: layout: "elsewhere" is none of auto, keep, fhs, opt`,
		"name: app\nversion: 1-2\n":                  `2:10: version: "1-2" is not a version`,
		"formats: deb\n":                             `1:10: formats is a list`,
		"formats: [deb, exe]\n":                      `1:16: formats: "exe" is none of`,
		"config:\n  /opt/x:\n    way: link\n":        `2:3: config: "/opt/x" is not a path below /etc`,
		"config:\n  /etc/x:\n    ways: link\n":       `3:5: "ways" is no key of a configuration file; the keys are secret, way`,
		"config:\n  /etc/x:\n    secret: maybe\n":    `3:13: config./etc/x.secret: "maybe" is neither true nor false`,
		"services:\n  app:\n    enable: true\n":      `2:3: services: "app" is not a unit with its suffix`,
		"services:\n  a.service:\n    restart: no\n": `is none of restart, reload, none`,
		"code_dir: ../x\n":                           `1:11: code_dir: "../x" is not an absolute, clean path`,
		"code_dir: /opt/$(id)\n":                     `not an absolute, clean path`,
		"maintainer: Ada\n":                          `write "Name <address>"`,
		"name: a\nname: b\n":                         `name`,
		"exclude: ['[']\n":                           `"[" is not a pattern`,
		"name: [a]\n":                                `1:7: name is one line of text`,
		"- a\n":                                      `the file is a table of keys and values`,
		"downloads:\n  https://e.org/x: abc\n":       `2:20: downloads.https://e.org/x: "abc" is not a SHA-256 digest`,
		"account: root:root\n":                       `is not an account`,
		"name: app\n---\nname: b\n":                  `there is a second document`,
	} {
		_, err := Parse("nativize.yaml", []byte(in))
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", in, err, want)
		}
	}
	for _, in := range []string{"", "# nothing\n", "\n\n", "name:\n"} {
		if _, err := Parse("nativize.yaml", []byte(in)); err != nil {
			t.Errorf("%q: %v", in, err)
		}
	}
}

func TestSet(t *testing.T) {
	c := &Choices{}
	for _, s := range []string{"name=app", "layout=opt", "formats=deb,rpm", "exclude=*.md", "config./etc/app/x.ini.way=link", "config./etc/app/x.ini.secret=true", "services.app.service.enable=false", "downloads.https://example.org/x?a=b=" + strings.Repeat("0", 64)} {
		if err := c.Set(s); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
	if c.Downloads["https://example.org/x?a=b"] == "" {
		t.Errorf("downloads %v", c.Downloads)
	}
	if x := c.Config["/etc/app/x.ini"]; x.Way != Link || !*x.Secret || *c.Services["app.service"].Enable || len(c.Formats) != 2 {
		t.Errorf("%+v", c)
	}
	for s, want := range map[string]string{
		"name": "write KEY=VALUE", "nothing=x": "is no key; the keys are", "layout=x": "is none of auto", "config./etc/x.way=x": "is none of link",
		"services.x.enable=true": "is not a unit", "formats=exe": "is none of deb", "code_dir=x": "not an absolute", "downloads.https://example.org/x=1": "is not a SHA-256 digest",
	} {
		if err := c.Set(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", s, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	data, err := Format(full())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte("config: {/etc/a: {way: link}}\nlint:\n  a: b\n"))
	f.Add([]byte("? a\n: b\n&x *x !!int"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Parse("x", data)
		if err != nil {
			return
		}
		out, err := Format(c)
		if err != nil {
			return
		}
		if len(c.Lint) > 0 {
			return // its own reader judges it
		}
		if _, err := Parse("x", out); err != nil {
			t.Errorf("%q was written as %q: %v", data, out, err)
		}
	})
}
