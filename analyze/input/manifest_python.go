package input

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/model"
)

// Requirements reads pip's requirements files.
var Requirements = &Kind{
	Name:   "requirements",
	Doc:    "pip requirements file: pip.pypa.io, Requirements File Format",
	Claims: claimsRequirements,
	read:   readRequirements,
}

// Pyproject reads pyproject.toml: PEP 621 and Poetry.
var Pyproject = &Kind{
	Name:   "pyproject",
	Doc:    "pyproject.toml: packaging.python.org, PEP 621; python-poetry.org",
	Claims: func(p string, _ []byte) bool { return path.Base(p) == "pyproject.toml" },
	read:   readPyproject,
}

// SetupPy reads the literal arguments of setup() in setup.py.
var SetupPy = &Kind{
	Name:   "setup-py",
	Doc:    "setup.py: literal keywords of setuptools.setup()",
	Claims: func(p string, _ []byte) bool { return path.Base(p) == "setup.py" },
	read:   readSetupPy,
}

// SetupCfg reads setup.cfg.
var SetupCfg = &Kind{
	Name:   "setup-cfg",
	Doc:    "setup.cfg: setuptools, declarative configuration",
	Claims: func(p string, _ []byte) bool { return path.Base(p) == "setup.cfg" },
	read:   readSetupCfg,
}

// Pipfile reads Pipfiles.
var Pipfile = &Kind{
	Name:   "pipfile",
	Doc:    "Pipfile of pipenv, in TOML",
	Claims: func(p string, _ []byte) bool { return path.Base(p) == "Pipfile" },
	read:   readPipfile,
}

var requirementsName = lazyregexp.New(`(?i)^(requirements|requires|constraints)([._-][a-z0-9_.-]+)?\.(txt|pip|in)$`)

func claimsRequirements(p string, _ []byte) bool {
	base := path.Base(p)
	return requirementsName.MatchString(base) || path.Base(path.Dir(p)) == "requirements" && (path.Ext(base) == ".txt" || path.Ext(base) == ".in")
}

var pythonRequirement = lazyregexp.New(`^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(\[[^\]]*\])?\s*([^;#]*)`)

func readRequirements(r *reader) {
	lines := r.lines()
	for i := 0; i < len(lines); i++ {
		l := lines[i].trim()
		l.text = stripInline(" "+l.text, "#")
		l.text = strings.TrimPrefix(l.text, " ")
		for strings.HasSuffix(l.text, `\`) && i+1 < len(lines) && len(l.text) < maxJoined { // hashes follow
			i++
			l.text = strings.TrimRight(strings.TrimSuffix(l.text, `\`), " ")
			if !strings.HasPrefix(strings.TrimSpace(lines[i].text), "--hash") {
				l.text += " " + strings.TrimSpace(lines[i].text)
			} else if strings.HasSuffix(lines[i].text, `\`) {
				l.text += ` \`
			}
		}
		r.requirement(l)
	}
}

func (r *reader) requirement(l line) {
	word, rest, _ := l.cut(" ")
	switch {
	case l.text == "":
	case word.text == "-r" || word.text == "-c" || word.text == "--requirement" || word.text == "--constraint":
		r.call(path.Join(path.Dir(r.path), rest.text), rest.off, "include")
	case strings.HasPrefix(l.text, "-r") && len(word.text) > 2 && word.text[1] != '-':
		r.call(path.Join(path.Dir(r.path), strings.TrimPrefix(word.text, "-r")), word.off+2, "include")
	case l.text[0] == '-':
		if word.text == "-e" || word.text == "--editable" {
			r.language("pip", l.text, l.off)
		}
	default:
		r.pythonDependency(l)
	}
}

func (r *reader) language(tool, what string, off int) {
	r.out.Languages = append(r.out.Languages, model.LangDep{Tool: tool, What: what, Evidence: r.fact(off, "declared dependency")})
}

func (r *reader) pythonDependency(l line) {
	m := pythonRequirement.FindStringSubmatch(l.text)
	if m == nil {
		if strings.Contains(l.text, "://") || strings.Contains(l.text, "/") {
			r.language("pip", l.text, l.off)
			return
		}
		r.problem(l.off, "a requirement was expected")
		return
	}
	r.language("pip", strings.TrimSpace(l.text), l.off)
	r.native("python", strings.ToLower(strings.ReplaceAll(m[1], "_", "-")), l.off)
}

// native records a language package known to need a compiler or library.
func (r *reader) native(language, name string, off int) {
	if n, ok := natives[language+":"+name]; ok {
		r.out.Natives = append(r.out.Natives, Native{Name: name, Needs: n.build, Run: n.run, At: r.pos(off)})
	}
}

func (r *reader) runtime(name string, n *node) {
	if n != nil && (n.kind == scalarNode || n.kind == opaqueNode) {
		r.out.Runtime = append(r.out.Runtime, Runtime{Name: name, Constraint: strings.TrimSpace(n.val.s), At: r.pos(n.offset())})
	}
}

func readPyproject(r *reader) {
	root := r.toml()
	app := &r.out.App
	app.Language = "python"
	for _, p := range []*node{root.get("project"), root.get("tool", "poetry")} {
		r.field(&app.Name, "name", p.get("name"))
		r.field(&app.Version, "version", p.get("version"))
		r.field(&app.Summary, "summary", p.get("description"))
		r.field(&app.License, "license", p.get("license"))
		r.field(&app.License, "license", p.get("license", "text"))
		r.field(&app.Homepage, "homepage", p.get("homepage"))
	}
	p := root.get("project")
	for _, e := range p.get("urls").table() {
		if k := strings.ToLower(e.key); k == "homepage" || k == "home" {
			r.field(&app.Homepage, "homepage", e.val)
		}
	}
	r.person(p.get("maintainers"))
	r.person(p.get("authors"))
	r.person(root.get("tool", "poetry", "authors"))
	r.runtime("python", p.get("requires-python"))
	for _, d := range p.get("dependencies").scalars() {
		r.pythonDependency(line{d.val.s, d.offset()})
	}
	for _, e := range root.get("tool", "poetry", "dependencies").table() {
		if strings.EqualFold(e.key, "python") {
			r.runtime("python", e.val)
			continue
		}
		r.poetryDependency(e)
	}
	for _, scripts := range []*node{p.get("scripts"), root.get("tool", "poetry", "scripts")} {
		for _, e := range scripts.table() {
			r.out.Start = append(r.out.Start, Command{e.key, e.key, r.pos(e.off)})
		}
	}
}

func (r *reader) poetryDependency(e entry) {
	version := e.val.text()
	if version == "" {
		version = e.val.get("version").text()
	}
	r.language("poetry", strings.TrimSpace(e.key+" "+version), e.off)
	r.native("python", strings.ToLower(strings.ReplaceAll(e.key, "_", "-")), e.off)
}

// person reads the first "Name <address>" or {name, email}.
func (r *reader) person(n *node) {
	for _, p := range n.list() {
		if p.kind == scalarNode {
			r.field(&r.out.App.Maintainer, "maintainer", p)
			return
		}
		name, email := p.get("name").text(), p.get("email").text()
		if name != "" && email != "" {
			r.set(&r.out.App.Maintainer, "maintainer", name+" <"+email+">", p.get("name").offset())
			return
		}
	}
}

func readSetupPy(r *reader) {
	r.out.App.Language = "python"
	for _, c := range r.code(pythonCode).calls {
		if c.name != "setup" && !strings.HasSuffix(c.name, ".setup") {
			continue
		}
		r.setupArguments(c)
	}
	if !strings.Contains(string(r.data), "setup(") {
		r.problem(0, "there is no call of setup()")
	}
}

func (r *reader) setupArguments(c codeCall) {
	app := &r.out.App
	for _, k := range []struct {
		key, field string
		dst        *string
	}{
		{"name", "name", &app.Name}, {"version", "version", &app.Version}, {"description", "summary", &app.Summary},
		{"license", "license", &app.License}, {"url", "homepage", &app.Homepage},
	} {
		r.field(k.dst, k.field, c.named(k.key))
	}
	person := c.named("maintainer")
	mail := c.named("maintainer_email")
	if mail.text() == "" {
		person, mail = c.named("author"), c.named("author_email")
	}
	if person.text() != "" && mail.text() != "" {
		r.set(&app.Maintainer, "maintainer", person.text()+" <"+mail.text()+">", person.offset())
	}
	r.runtime("python", c.named("python_requires"))
	for _, d := range c.named("install_requires").scalars() {
		r.pythonDependency(line{d.val.s, d.offset()})
	}
}

func readSetupCfg(r *reader) {
	app := &r.out.App
	for _, s := range r.ini(pythonStyle) {
		take := func(dst *string, field, key string) {
			if v := s.get(key); !strings.HasPrefix(v.s, "attr:") && !strings.HasPrefix(v.s, "file:") {
				r.set(dst, field, v.s, v.off())
			}
		}
		switch s.name {
		case "metadata":
			app.Language = "python"
			take(&app.Name, "name", "name")
			take(&app.Version, "version", "version")
			take(&app.Summary, "summary", "description")
			take(&app.License, "license", "license")
			take(&app.Homepage, "homepage", "url")
			if name, mail := s.get("author"), s.get("author_email"); name.s != "" && mail.s != "" {
				r.set(&app.Maintainer, "maintainer", name.s+" <"+mail.s+">", name.off())
			}
		case "options":
			if v := s.get("python_requires"); v.s != "" {
				r.out.Runtime = append(r.out.Runtime, Runtime{"python", v.s, r.pos(v.off())})
			}
			for _, l := range s.get("install_requires").lines() {
				if l = l.trim(); l.s != "" {
					r.pythonDependency(line{l.s, l.off()})
				}
			}
		}
	}
}

func readPipfile(r *reader) {
	r.out.App.Language = "python"
	root := r.toml()
	r.runtime("python", root.get("requires").first("python_full_version", "python_version"))
	for _, e := range root.get("packages").table() {
		version := e.val.text()
		if version == "*" {
			version = ""
		}
		r.language("pipenv", strings.TrimSpace(e.key+" "+version), e.off)
		r.native("python", strings.ToLower(strings.ReplaceAll(e.key, "_", "-")), e.off)
	}
	for _, e := range root.get("scripts").table() {
		r.out.Start = append(r.out.Start, Command{e.key, e.val.text(), r.pos(e.val.offset())})
	}
}
