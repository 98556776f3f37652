package lint

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/input"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/shell"
	"github.com/nativize/nativize/analyze/source"
)

var envInCheckout = &Rule{
	ID: "env-file-in-checkout", Group: Configuration, Severity: diag.Warning, Confidence: diag.High,
	Doc: Doc{
		Title: "The deployment depends on an untracked settings file in the checkout",
		Text: "A .env or local settings file that the script reads, copies or asks for, and that the repository does not hold, was put there by hand. Nothing recreates it on a " +
			"new machine, a clean checkout removes it, and with a web server's root above it, it is served to everybody.",
		Bad:        "#!/bin/sh\nset -e\ncd /srv/shop\ngit pull --ff-only\n[ -f .env ] || { echo 'no .env' >&2; exit 1; }\nset -a; . ./.env\n",
		Good:       "#!/bin/sh\nset -e\ncd /srv/shop\ngit pull --ff-only\nset -a; . /etc/shop/env\n",
		Exceptions: "Silent for files that the repository tracks.",
		Since:      "0.1",
		References: []string{"systemd.exec(5), EnvironmentFile="},
	},
	Run: func(p *Pass) {
		if len(p.codeDirs()) == 0 || !p.server() {
			return
		}
		seen := map[string]bool{}
		for _, w := range p.words() {
			name := strings.TrimPrefix(w.text, "./")
			if seen[path.Base(name)] || !envName.MatchString(path.Base(name)) || !p.inCheckout(name) || p.tracksName(path.Base(name)) {
				continue
			}
			if _, ok := input.IsSample(name); ok {
				continue
			}
			seen[path.Base(name)] = true
			p.Report(Report{
				At: w.at, Effect: path.Base(name), Related: p.codeLabel(p.codeDirs()[0]),
				Message: path.Base(name) + " lies untracked in the checkout: a clean checkout removes it and a new machine lacks it",
				Help:    "keep it as /etc/" + p.appName() + "/env, root:" + p.appName() + " 0640, and name it in the unit's EnvironmentFile=",
			})
		}
	},
}

// tracksName tells whether the repository has a file of that name anywhere: then
// the script means a copy of it.
func (p *Pass) tracksName(base string) bool {
	return slices.ContainsFunc(p.repo.Files(), func(f source.File) bool { return !f.Ignored && path.Base(f.Path) == base })
}

var envName = lazyregexp.New(`^(\.env(\.(local|production|prod|staging))?|[\w-]+\.env|local_settings\.py|settings_local\.py|wp-config\.php|config\.local\.\w+)$`)

// inCheckout tells whether a word of a script may name a file in the checkout:
// relative, below a variable, or below a directory of the code.
func (p *Pass) inCheckout(name string) bool {
	if !strings.HasPrefix(name, "/") {
		return !strings.HasPrefix(name, "~") && !strings.Contains(name, "://") && !strings.HasPrefix(name, "-")
	}
	return p.codeOf(name) != ""
}

// A word is a word of a statement that is evaluated, without quotes.
type word struct {
	text string
	at   source.Span
}

// words are the operands and redirections of the statements that are evaluated.
func (p *Pass) words() []word {
	return onceEach(p.facts, "words", func() []word {
		var out []word
		p.Walk(func(t shell.Parsed, n syntax.Node) bool {
			switch x := n.(type) {
			case *syntax.CallExpr:
				if len(x.Args) > 0 && (!p.Reached(t.Pos(x.Pos())) || speaks(Literal(x.Args[0]))) {
					return false
				}
			case *syntax.Word:
				out = append(out, word{Literal(x), t.Span(x)})
			}
			return true
		})
		return out
	})
}

func speaks(name string) bool {
	return name == "echo" || name == "printf" || name == "log" || name == "info"
}
