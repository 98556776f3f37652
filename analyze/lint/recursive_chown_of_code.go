package lint

import (
	"slices"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
)

var recursiveChown = &Rule{
	ID: "recursive-chown-of-code", Group: Security, Severity: diag.Warning, Confidence: diag.High,
	Doc: Doc{
		Title:      "The whole code directory is given to an account",
		Text:       "A recursive chown of the code makes every program in it a file that the account may replace, and follows links that the account could have made. Code belongs to root; give away only the directories that are written to.",
		Bad:        "#!/bin/sh\nset -e\ncd /srv/shop\ngit pull --ff-only\nchown -R www-data:www-data /srv/shop\n",
		Good:       "#!/bin/sh\nset -e\ncd /srv/shop\ngit pull --ff-only\nchown -R www-data:www-data /var/lib/shop\n",
		Exceptions: "Silent when the new owner is root. Where a unit runs as the account, code-writable-by-service says it.",
		Since:      "0.1",
		References: []string{"chown(1), -R and -h", "CWE-732: incorrect permission assignment for critical resource"},
	},
	Run: func(p *Pass) {
		dirs, services := p.codeDirs(), p.serviceAccounts()
		for _, e := range perPlace(p.Effects(host.Chown)) {
			if !e.Recursive || e.Owner == "" || e.Owner == "root" || e.Owner == "0" || !slices.Contains(dirs, e.Path) || services[e.Owner] != nil {
				continue
			}
			p.Report(Report{
				At: e.At, Value: valueOf(p.SourceOf(e.At), e.Path), Confidence: p.sure(e), Related: p.codeLabel(e.Path), Effect: e.Path,
				Message: "all of the code in " + e.Path + " is given to " + e.Owner + ": that account can replace any program in it",
				Help:    "leave code to root, and give only the directories that are written to",
			})
		}
	},
}
