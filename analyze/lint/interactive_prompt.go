package lint

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/shell"
	"github.com/nativize/nativize/analyze/source"
)

var interactivePrompt = &Rule{
	ID: "interactive-prompt", Group: Reliability, Severity: diag.Note, Confidence: diag.High, Fix: "adds -y",
	Doc: Doc{
		Title:      "The script waits for somebody to answer",
		Text:       "In a pipeline, or over ssh without a terminal, nobody answers: the job hangs until it is killed, or the answer is empty. Take answers as arguments, and give package managers -y.",
		Bad:        "#!/bin/sh\nset -e\nread -p 'Version to deploy? ' version\napt-get install shop\n",
		Good:       "#!/bin/sh\nset -e\nversion=${1:?usage: deploy VERSION}\nDEBIAN_FRONTEND=noninteractive apt-get install -y shop\n",
		Exceptions: "Reading from a file or a pipe does not count, nor does a prompt behind a test for a terminal, or for the variable that it fills: who sets it is not asked. One finding a script.",
		Since:      "0.1",
		References: []string{"debconf(7), DEBIAN_FRONTEND", "apt-get(8), -y"},
	},
	Run: func(p *Pass) {
		preset := map[*syntax.CallExpr]bool{}
		p.Walk(func(t shell.Parsed, n syntax.Node) bool {
			if c, ok := n.(*syntax.IfClause); ok {
				presets(t, c.Cond, c.Then, preset)
				return true
			}
			s, ok := n.(*syntax.Stmt)
			if !ok {
				return true
			}
			switch c := s.Cmd.(type) {
			case *syntax.WhileClause:
				presets(t, c.Cond, c.Do, preset)
				return !readsLoop(c, s)
			case *syntax.BinaryCmd:
				return !pipes(c)
			case *syntax.CallExpr:
				if !preset[c] {
					p.asks(t, s, c)
				}
			}
			return true
		})
		p.found = firstPrompts(p.found)
	},
}

// presets notes the reads of a variable that the condition around them tests:
// whoever sets it beforehand is not asked.
func presets(t shell.Parsed, cond, body []*syntax.Stmt, out map[*syntax.CallExpr]bool) {
	text := ""
	for _, s := range cond {
		text += t.Text(s) + "\n"
	}
	for _, s := range body {
		syntax.Walk(s, func(n syntax.Node) bool {
			if c, ok := n.(*syntax.CallExpr); ok && len(c.Args) > 1 && Literal(c.Args[0]) == "read" {
				name := Literal(c.Args[len(c.Args)-1])
				out[c] = out[c] || strings.Contains(text, "$"+name) || strings.Contains(text, "${"+name)
			}
			return true
		})
	}
}

// firstPrompts keeps the first prompt of each script and points at the next ones:
// a script that asks is one defect, however much it asks.
func firstPrompts(found []Finding) []Finding {
	const most = 3 // related places
	first := map[string]int{}
	var out []Finding
	for _, f := range found {
		key := f.Main().File + "\x00" + string(f.Confidence)
		i, ok := first[key]
		if !ok || f.Fix != nil || out[i].Fix != nil {
			first[key] = len(out)
			out = append(out, f)
			continue
		}
		if len(out[i].Related) < most {
			out[i].Related = append(out[i].Related, diag.Label{At: f.Main(), Text: "and here"})
		}
	}
	return out
}

// readsLoop tells of `while read ...; do ...; done < file`.
func readsLoop(w *syntax.WhileClause, s *syntax.Stmt) bool {
	return len(s.Redirs) > 0 && len(w.Cond) > 0
}

func pipes(c syntax.Command) bool {
	b, ok := c.(*syntax.BinaryCmd)
	return ok && (b.Op == syntax.Pipe || b.Op == syntax.PipeAll)
}

func (p *Pass) asks(t shell.Parsed, s *syntax.Stmt, c *syntax.CallExpr) {
	if len(c.Args) == 0 || !p.Reached(t.Pos(c.Pos())) {
		return
	}
	words := make([]string, len(c.Args))
	for i, w := range c.Args {
		words[i] = Literal(w)
	}
	switch {
	case words[0] == "read" && len(s.Redirs) == 0 && !slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, "-t") || strings.HasPrefix(w, "-u") }):
		confidence := diag.Medium
		if slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, "-") && strings.Contains(w, "p") }) {
			confidence = p.rule.Confidence
		}
		p.Report(Report{At: t.Span(c), Confidence: confidence, Effect: "read", Message: "the script waits for an answer here: in a pipeline it hangs or goes on with nothing", Help: "take the answer as an argument, with a default"})
	case p.asksToInstall(words):
		p.Report(Report{At: t.Span(c), Effect: strings.Join(words, " "), Fix: p.addYes(t, c), Message: "the package manager asks before it installs: without a terminal it stops here", Help: "apt-get install -y, with DEBIAN_FRONTEND=noninteractive"})
	}
}

var yes = lazyregexp.New(`^(-[a-zA-Z]*y[a-zA-Z]*|--yes|--assume-yes|--assumeyes|-[a-zA-Z]*qq[a-zA-Z]*|--noconfirm|-n|--non-interactive)$`)

// asksToInstall tells of apt-get, yum or dnf without an answer for their question.
func (p *Pass) asksToInstall(words []string) bool {
	i := 0
	for i < len(words) && (words[i] == "sudo" || strings.HasPrefix(words[i], "-") || strings.Contains(words[i], "=")) {
		i++
	}
	if i >= len(words) || !slices.Contains([]string{"apt-get", "apt", "yum", "dnf"}, path.Base(words[i])) {
		return false
	}
	acts := slices.ContainsFunc(words[i+1:], func(w string) bool {
		return w == "install" || w == "upgrade" || w == "dist-upgrade" || w == "remove" || w == "purge"
	})
	return acts && !slices.ContainsFunc(words, func(w string) bool {
		return yes.MatchString(w) || strings.HasPrefix(w, "$") || strings.Contains(w, "Assume-Yes")
	}) && !p.assumesYes()
}

// assumesYes tells whether a setting of apt answers for the whole script.
func (p *Pass) assumesYes() bool {
	return slices.ContainsFunc(p.Effects(host.Write, host.Append), func(e *host.Effect) bool {
		text, ok := e.Content.Known()
		return ok && strings.Contains(text.String(), "Assume-Yes")
	})
}

// addYes puts -y behind the verb.
func (p *Pass) addYes(t shell.Parsed, c *syntax.CallExpr) *Fix {
	if t.Nested {
		return nil
	}
	for _, w := range c.Args {
		if s := Literal(w); s == "install" || s == "upgrade" || s == "remove" || s == "purge" || s == "dist-upgrade" {
			end := t.Pos(w.End())
			at := source.Span{Pos: end, EndLine: end.Line, EndCol: end.Col}
			return &Fix{Title: "answer yes", Edits: []Edit{{At: at, New: " -y"}}}
		}
	}
	return nil
}
