package diag

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// writeGitHub prints workflow commands, one a finding:
//
//	::error file=deploy.sh,line=14,col=9,endColumn=22,title=unguarded-rm-rf::message
//
// Source: GitHub docs, "Workflow commands"; escaping as in actions/toolkit,
// packages/core/src/command.ts.
func writeGitHub(w io.Writer, r *Report) error {
	buf := bufio.NewWriter(w)
	lines := newLines(r)
	for i := range r.Findings {
		d := &r.Findings[i]
		fmt.Fprintf(buf, "::%s %s::%s\n", githubLevel(d.Severity), githubProperties(d, lines), githubData(githubText(d)))
	}
	return buf.Flush()
}

func githubLevel(s Severity) string {
	switch s {
	case Error:
		return "error"
	case Warning:
		return "warning"
	}
	return "notice"
}

func githubText(d *Diagnostic) string {
	text := visible(d.Message, false)
	if d.Help != "" {
		text += "\nHelp: " + d.Help
	}
	return text
}

// githubProperties gives columns only for a span within one line: GitHub
// refuses an annotation that has them otherwise.
func githubProperties(d *Diagnostic, l *lines) string {
	at := d.Main()
	props := []string{"file=" + githubProperty(at.File)}
	add := func(key string, n int) {
		if n > 0 {
			props = append(props, fmt.Sprintf("%s=%d", key, n))
		}
	}
	add("line", at.Line)
	add("endLine", at.EndLine)
	if at.EndLine == 0 || at.EndLine == at.Line {
		add("col", l.column(at.File, at.Line, at.Col))
		if at.EndLine > 0 {
			add("endColumn", l.column(at.File, at.Line, at.EndCol))
		}
	}
	props = append(props, "title="+githubProperty(d.Rule))
	if at.File == "" {
		props = props[1:]
	}
	return strings.Join(props, ",")
}

var (
	githubDataEscapes     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubPropertyEscapes = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func githubData(s string) string { return githubDataEscapes.Replace(visibleLines(s)) }

func githubProperty(s string) string { return githubPropertyEscapes.Replace(Visible(s)) }

// visibleLines is Visible for each line of s.
func visibleLines(s string) string {
	parts := strings.Split(s, "\n")
	for i, p := range parts {
		parts[i] = Visible(p)
	}
	return strings.Join(parts, "\n")
}
