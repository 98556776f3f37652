package lint

import (
	"slices"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/source"
)

var codeWritable = &Rule{
	ID: "code-writable-by-service", Group: Security, Severity: diag.Warning, Confidence: diag.High,
	Doc: Doc{
		Title:      "A service can change its own code",
		Text:       "The account that runs the service owns the code it runs. Whoever finds a hole in the service can leave code that stays, and that the next deploy may run with more rights.",
		Bad:        "-- deploy.sh --\n#!/bin/sh\nset -e\ngit clone --branch v1.2 https://example.org/shop.git /srv/shop\nchown -R shop /srv/shop\ncp shop.service /etc/systemd/system/\n-- shop.service --\n[Service]\nUser=shop\nExecStart=/srv/shop/bin/serve\n",
		Good:       "-- deploy.sh --\n#!/bin/sh\nset -e\ngit clone --branch v1.2 https://example.org/shop.git /srv/shop\nchown -R shop /var/lib/shop\ncp shop.service /etc/systemd/system/\n-- shop.service --\n[Service]\nUser=shop\nExecStart=/srv/shop/bin/serve\n",
		Exceptions: "Only where a unit says which account runs the service; other owners of code are reported by recursive-chown-of-code.",
		Since:      "0.1",
		References: []string{"CWE-732: incorrect permission assignment for critical resource", "systemd.exec(5), ReadOnlyPaths="},
	},
	Run: func(p *Pass) {
		owners := p.serviceAccounts()
		for _, e := range perPlace(p.Effects(host.Chown)) {
			label := owners[e.Owner]
			if !e.Recursive || label == nil || !slices.Contains(p.codeDirs(), e.Path) {
				continue
			}
			p.Report(Report{
				At: e.At, Value: valueOf(p.SourceOf(e.At), e.Path), Confidence: p.sure(e), Related: label, Effect: e.Path,
				Message: "the code in " + e.Path + " belongs to " + e.Owner + ", the account that runs it: a hole in the service is code that stays",
				Help:    "let root own the code, and give the account only what it writes to",
			})
		}
	},
}

// serviceAccounts are the accounts that services run as, with where that is said.
func (p *Pass) serviceAccounts() map[string][]diag.Label {
	out := map[string][]diag.Label{}
	for _, u := range p.Facts.Units {
		if u.User == "" || u.User == "root" || len(u.At) == 0 {
			continue
		}
		at := u.At[0]
		if pos, ok := u.Places["user"]; ok {
			at = pos
		}
		out[u.User] = []diag.Label{{At: source.Span{Pos: at}, Text: "the service " + u.Name + " runs as " + u.User}}
	}
	return out
}
