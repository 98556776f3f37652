package choices

import (
	"strings"
	"testing"
)

// guessedAll are choices in which every key is a guess.
func guessedAll() *Choices {
	c := full()
	n := Note{Guessed: true, Why: "found"}
	for _, k := range append(append([]string{}, scalars...), "formats") {
		c.Note(k, n)
	}
	for name := range c.Config {
		c.Note("config."+name+".way", n)
		c.Note("config."+name+".secret", n)
	}
	for name := range c.Services {
		c.Note("services."+name+".enable", n)
		c.Note("services."+name+".restart", n)
	}
	c.Downloads["https://example.org/new"] = ""
	c.Note("downloads.https://example.org/new", Note{Why: "fetch it", Question: "its SHA-256"})
	c.Exclude, c.Lint = nil, nil
	return c
}

func TestAppend(t *testing.T) {
	for _, c := range []struct{ name, in string }{
		{"nothing", ""}, {"comment", "# ours\n"}, {"no newline", "name: mine"},
		{"tables", "# ours\nconfig:   # of us\n    /etc/app/env:\n        way: link  # because\n\nservices:\n  app.service: {enable: false}\n# end\n"},
		{"downloads", "downloads:\n  https://example.org/x.tgz: " + strings.Repeat("b", 64) + "\nname: mine\n\n\n"},
		{"flow", "config: {/etc/app/env: {way: link}}\nexclude: [a,\n  b]\n"},
		{"empty table", "config:\nname: mine\n"}, {"lint last", "name: mine\nlint:\n  disable: [NV001]\n"},
		{"literal", "summary: |\n  one line\nlicense: MIT\n"},
	} {
		t.Run(c.name, func(t *testing.T) { appended(t, []byte(c.in)) })
	}
	out, err := Append([]byte("config:\n  /etc/app/env:\n    way: link\nname: mine\n"), guessedAll())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"  /etc/app/env:\n    way: link\n    secret: true # guessed: found\n  /etc/app/app.ini:\n    way: link # guessed: found\n",
		"name: mine\nversion: 1.2.3~rc1 # guessed: found\n",
		"downloads:\n  # question: its SHA-256\n  https://example.org/new: \"\" # fetch it\n",
	} {
		if !strings.Contains(string(out), want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	if strings.Contains(string(out), "x.tgz") {
		t.Errorf("a digest that nobody asked for is written:\n%s", out)
	}
}

// appended adds every guess to a text: its lines stay, what it says stands, and
// a second run adds nothing.
func appended(t *testing.T, in []byte) {
	c := guessedAll()
	before, err := Parse("x", in)
	if err != nil {
		return
	}
	out, err := Append(in, c)
	if err != nil {
		t.Fatalf("%q: %v", in, err)
	}
	rest := string(out)
	for l := range strings.Lines(string(in)) {
		i := strings.Index("\n"+rest, "\n"+strings.TrimSuffix(l, "\n"))
		if i < 0 {
			t.Fatalf("the line %q is lost:\n%s", l, out)
		}
		rest = rest[i:]
	}
	after, err := Parse("x", out)
	if err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	for _, k := range scalars {
		if v := before.Value(k); v != "" && after.Value(k) != v {
			t.Errorf("%s was %q and is %q", k, v, after.Value(k))
		}
	}
	for name, v := range before.Config {
		if v.Way != "" && after.Config[name].Way != v.Way {
			t.Errorf("way of %s was %q and is %q", name, v.Way, after.Config[name].Way)
		}
	}
	if again, err := Append(out, c); err != nil || string(again) != string(out) {
		t.Errorf("a second run adds (%v):\n%s\nafter\n%s", err, again, out)
	}
}

func FuzzAppend(f *testing.F) {
	for _, s := range []string{"name: a\n", "config:\n  /etc/a:\n    way: link\n", "services:\n  a.service:\n    enable: true\n    restart: none\nlint:\n  x: y\n", "summary: |\n  a\n\n\nname: b", "config: {}\n---\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) { appended(t, in) })
}
