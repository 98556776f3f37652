package lint

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/source"
)

// A maintainer is a maintainer script in the repository: a file of debian/ or
// DEBIAN/, one that a manifest of nfpm names, or a scriptlet of a spec file.
type maintainer struct {
	path  string
	hook  string // preinst, postinst, prerm, postrm
	rpm   bool   // its argument is a count
	line  int    // lines of the file before the script
	text  string
	stmts []*syntax.Stmt
}

var debianHook = lazyregexp.New(`(^|/)(debian|DEBIAN)/([\w.+-]+\.)?(preinst|postinst|prerm|postrm)$`)

// maintainers are the maintainer scripts of the repository.
func (p *Pass) maintainers() []maintainer {
	return once(p.repoFacts, "maintainers", func() []maintainer {
		var out []maintainer
		for _, f := range p.judged() {
			if f.Ignored || !f.IsRegular() || f.Size > 256<<10 || vendored(f.Path) {
				continue
			}
			switch base := path.Base(f.Path); {
			case debianHook.MatchString(f.Path):
				out = append(out, p.maintainer(f.Path, path.Ext("." + base)[1:], string(p.Text(f.Path)), 0, false))
			case nfpmName.MatchString(base):
				out = append(out, p.nfpmScripts(f.Path)...)
			case path.Ext(base) == ".spec":
				out = append(out, p.scriptlets(f.Path)...)
			}
		}
		return out
	})
}

var nfpmName = lazyregexp.New(`^\.?(nfpm|goreleaser)([-_.].*)?\.ya?ml$`)

func (p *Pass) maintainer(name, hook, text string, line int, rpm bool) maintainer {
	m := maintainer{path: name, hook: hook, text: text, line: line, rpm: rpm}
	if file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), name); err == nil {
		m.stmts = file.Stmts
	}
	return m
}

// nfpmHooks are the names that nfpm gives to the hooks.
var nfpmHooks = map[string]string{"preinstall": "preinst", "postinstall": "postinst", "preremove": "prerm", "postremove": "postrm"}

var nfpmScript = lazyregexp.New(`(?m)^\s+(preinstall|postinstall|preremove|postremove):\s*["']?([^\s"'#]+)`)

func (p *Pass) nfpmScripts(manifest string) []maintainer {
	var out []maintainer
	for _, m := range nfpmScript.FindAllStringSubmatch(string(p.Text(manifest)), -1) {
		for _, name := range []string{path.Clean(m[2]), path.Join(path.Dir(manifest), m[2])} {
			if p.repo.Exists(name) && !p.repo.IsDir(name) {
				out = append(out, p.maintainer(name, nfpmHooks[m[1]], string(p.Text(name)), 0, false))
				break
			}
		}
	}
	return out
}

var scriptlet = lazyregexp.New(`^%(pre|post|preun|postun)(\s+-n\s+\S+|\s+[\w-]+)?\s*$`)

// scriptlets cuts the scripts out of a spec file; a line with a macro in it is
// left as it is, which parses as a word.
func (p *Pass) scriptlets(spec string) []maintainer {
	hooks := map[string]string{"pre": "preinst", "post": "postinst", "preun": "prerm", "postun": "postrm"}
	var out []maintainer
	lines := strings.Split(string(p.Text(spec)), "\n")
	for i := 0; i < len(lines); i++ {
		m := scriptlet.FindStringSubmatch(lines[i])
		if m == nil {
			continue
		}
		j := i + 1
		for j < len(lines) && !section.MatchString(lines[j]) {
			j++
		}
		out = append(out, p.maintainer(spec, hooks[m[1]], strings.Join(lines[i+1:j], "\n"), i+1, true))
		i = j - 1
	}
	return out
}

var section = lazyregexp.New(`^%(pre|post|preun|postun|pretrans|posttrans|files|install|build|prep|check|clean|changelog|description|package|trigger\w*)\b`)

// A called is a simple command of a maintainer script, with the arguments of
// the script that it runs for.
type called struct {
	m     *maintainer
	words []string
	at    source.Span
	when  []string // words that $1 is compared with on the way
	guard string   // conditions around it, as text
}

// calls visits the simple commands of a script.
func (m *maintainer) calls(visit func(c called)) {
	for _, s := range m.stmts {
		m.walk(s, nil, "", visit)
	}
}

func (m *maintainer) walk(s *syntax.Stmt, when []string, guard string, visit func(called)) {
	if s == nil {
		return
	}
	all := func(list []*syntax.Stmt, when []string, guard string) {
		for _, x := range list {
			m.walk(x, when, guard, visit)
		}
	}
	switch c := s.Cmd.(type) {
	case *syntax.CallExpr:
		m.visit(c, when, guard, visit)
	case *syntax.BinaryCmd:
		m.walk(c.X, when, guard, visit)
		if c.Op == syntax.AndStmt || c.Op == syntax.OrStmt {
			guard += "\n" + m.source(c.X)
			when = append(slices.Clip(when), firstArgument(m.source(c.X))...)
		}
		m.walk(c.Y, when, guard, visit)
	case *syntax.IfClause:
		for ; c != nil; c = c.Else {
			cond := ""
			for _, x := range c.Cond {
				cond += "\n" + m.source(x)
			}
			all(c.Cond, when, guard)
			all(c.Then, append(slices.Clip(when), firstArgument(cond)...), guard+cond)
		}
	case *syntax.CaseClause:
		about := strings.Contains(Literal(c.Word), "$1") || strings.Contains(Literal(c.Word), "${1")
		for _, item := range c.Items {
			words := when
			for _, pat := range item.Patterns {
				if about {
					words = append(slices.Clip(words), Literal(pat))
				}
			}
			all(item.Stmts, words, guard)
		}
	case *syntax.Block:
		all(c.Stmts, when, guard)
	case *syntax.Subshell:
		all(c.Stmts, when, guard)
	case *syntax.ForClause:
		all(c.Do, when, guard)
	case *syntax.WhileClause:
		all(c.Do, when, guard)
	case *syntax.FuncDecl:
		m.walk(c.Body, when, guard, visit)
	}
}

func (m *maintainer) visit(c *syntax.CallExpr, when []string, guard string, visit func(called)) {
	if len(c.Args) == 0 {
		return
	}
	words := make([]string, len(c.Args))
	for i, w := range c.Args {
		words[i] = Literal(w)
	}
	visit(called{m: m, words: words, at: m.span(c), when: when, guard: guard})
}

func (m *maintainer) source(n syntax.Node) string {
	from, to := int(n.Pos().Offset()), int(n.End().Offset())
	if from < 0 || to > len(m.text) || from > to {
		return ""
	}
	return m.text[from:to]
}

func (m *maintainer) span(n syntax.Node) source.Span {
	return source.Span{Pos: source.Pos{File: m.path, Line: int(n.Pos().Line()) + m.line, Col: int(n.Pos().Col())}, EndLine: int(n.End().Line()) + m.line, EndCol: int(n.End().Col())}
}

var argumentTest = lazyregexp.New(`"?\$\{?1\}?"?\s*(==?|-eq|-lt|-le|-gt|-ge|!=)\s*["']?(\w+)`)

// firstArgument are the words that a condition compares $1 with; a count of rpm
// stands as remove, install or upgrade.
func firstArgument(cond string) []string {
	var out []string
	for _, m := range argumentTest.FindAllStringSubmatch(cond, -1) {
		switch m[1] + m[2] {
		case "-eq0", "=0", "==0", "-lt1", "-le0":
			out = append(out, "remove")
		case "-eq1", "=1", "==1", "-ge1", "-gt0":
			out = append(out, "install")
		default:
			out = append(out, m[2])
		}
	}
	return out
}

// onUpgrade tells whether a command runs when the package is upgraded.
func (c *called) onUpgrade() bool {
	if len(c.when) == 0 {
		return true
	}
	return slices.ContainsFunc(c.when, func(w string) bool {
		return w == "upgrade" || w == "*" || w == "failed-upgrade" || c.m.rpm && w == "install"
	})
}
