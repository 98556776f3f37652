package lint

import (
	"path"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/shell"
)

var hostKeyDisabled = &Rule{
	ID: "host-key-check-disabled", Group: Security, Severity: diag.Error, Confidence: diag.High,
	Doc: Doc{
		Title:      "ssh takes the key of any host",
		Text:       "The code, the credentials and the commands go to whoever answers. Record the server's key once, in the pipeline's known_hosts.",
		Bad:        "#!/bin/sh\nset -e\nssh -o StrictHostKeyChecking=no deploy@www.example.org systemctl restart shop\n",
		Good:       "#!/bin/sh\nset -e\nssh -o UserKnownHostsFile=deploy/known_hosts deploy@www.example.org systemctl restart shop\n",
		Exceptions: "ssh-keyscan at deploy time counts too, with medium confidence: it trusts whoever answers.",
		Since:      "0.1",
		References: []string{"ssh_config(5), StrictHostKeyChecking", "CWE-322: key exchange without entity authentication"},
	},
	Run: func(p *Pass) {
		p.Walk(func(t shell.Parsed, n syntax.Node) bool {
			w, ok := n.(*syntax.Word)
			if !ok {
				return true
			}
			text := Literal(w)
			if m := anyHostKey.FindString(text); m != "" && len(text) < 2000 {
				p.Report(Report{At: t.Span(w), Effect: m, Confidence: hostKeyConfidence(m), Message: m + " lets ssh take the key of any host: the code and the credentials go to whoever answers",
					Help: "record the key once: UserKnownHostsFile=FILE with a file of the repository"})
			}
			return true
		})
		p.Calls(func(t shell.Parsed, c *syntax.CallExpr, words []string) {
			if path.Base(words[0]) == "ssh-keyscan" {
				p.Report(Report{At: t.Span(c), Effect: "ssh-keyscan", Confidence: diag.Medium,
					Message: "ssh-keyscan at deploy time trusts whoever answers now: the check of the host's key is none", Help: "keep the key in the repository as a known_hosts file"})
			}
		})
	},
}

var anyHostKey = lazyregexp.New(`StrictHostKeyChecking[= ](no|off|accept-new)\b|UserKnownHostsFile[= ]/dev/null`)

func hostKeyConfidence(m string) diag.Confidence {
	if strings.HasSuffix(m, "accept-new") {
		return diag.Medium
	}
	return diag.High
}
