package input

import (
	"path"
	"strings"
)

// Gemfile reads the literal calls of Gemfiles.
var Gemfile = &Kind{
	Name:   "gemfile",
	Doc:    "Gemfile: bundler.io, gemfile(5)",
	Claims: func(p string, _ []byte) bool { b := path.Base(p); return b == "Gemfile" || b == "gems.rb" },
	read:   readGemfile,
}

// Gemspec reads the literal assignments of gem specifications.
var Gemspec = &Kind{
	Name:   "gemspec",
	Doc:    "gem specification: guides.rubygems.org, Specification Reference",
	Claims: func(p string, _ []byte) bool { return path.Ext(p) == ".gemspec" },
	read:   readGemspec,
}

func readGemfile(r *reader) {
	r.out.App.Language = "ruby"
	f := r.code(rubyCode)
	skip := 0 // blocks of groups that a server leaves out end here
	for i := range f.calls {
		c := &f.calls[i]
		if skip > 0 && c.depth >= skip {
			continue
		}
		skip = 0
		switch c.name {
		case "group":
			if c.block > 0 && offServer(c.args) {
				skip = c.depth + 1
			}
		case "ruby":
			if v := c.arg(0); v != nil && v.kind == scalarNode {
				r.runtime("ruby", v)
			} else if c.named("file") == nil && v != nil {
				r.problem(c.off, "the version of Ruby is computed")
			}
		case "gem":
			r.gem(c)
		}
	}
}

// offServer tells whether all groups are ones that production leaves out.
func offServer(groups []*node) bool {
	for _, g := range groups {
		switch g.text() {
		case "development", "test", "ci", "debug", "doc", "guard":
		default:
			return false
		}
	}
	return len(groups) > 0
}

func (r *reader) gem(c *codeCall) {
	name := c.arg(0).text()
	if name == "" {
		return
	}
	if g := c.named("group"); g != nil && offServer(g.scalars()) {
		return
	}
	var versions []string
	for _, v := range c.args[1:] {
		if v.kind == scalarNode {
			versions = append(versions, v.val.s)
		}
	}
	r.language("bundle", strings.TrimSpace(name+" "+strings.Join(versions, ", ")), c.off)
	r.native("ruby", name, c.off)
}

func readGemspec(r *reader) {
	r.out.App.Language = "ruby"
	app := &r.out.App
	f := r.code(rubyCode)
	for _, k := range []struct {
		key, field string
		dst        *string
	}{
		{"name", "name", &app.Name}, {"version", "version", &app.Version}, {"summary", "summary", &app.Summary},
		{"license", "license", &app.License}, {"homepage", "homepage", &app.Homepage},
	} {
		r.field(k.dst, k.field, f.assigned(k.key))
	}
	if v := f.assigned("required_ruby_version"); v.text() != "" {
		r.runtime("ruby", v)
	}
	if l := f.assigned("licenses"); len(l.texts()) > 0 {
		r.set(&app.License, "license", strings.Join(l.texts(), " OR "), l.scalars()[0].offset())
	}
	author, mail := f.assigned("authors").texts(), f.assigned("email").texts()
	if len(author) > 0 && len(mail) > 0 {
		r.set(&app.Maintainer, "maintainer", author[0]+" <"+mail[0]+">", f.assigned("authors").scalars()[0].offset())
	}
	for i := range f.calls {
		c := &f.calls[i]
		if strings.HasSuffix(c.name, ".add_dependency") || strings.HasSuffix(c.name, ".add_runtime_dependency") {
			r.gem(c)
		}
	}
}

// assigned returns the literal of the first `x.key = literal`.
func (f *codeFile) assigned(key string) *node {
	for i := 1; i+2 < len(f.tokens); i++ {
		t := f.tokens[i]
		if t.kind != nameToken || t.text != key || f.tokens[i-1].text != "." || f.tokens[i+1].text != "=" || f.tokens[i+2].text == "=" {
			continue
		}
		if n := f.literal(i + 2); n != nil {
			return n
		}
	}
	return nil
}
