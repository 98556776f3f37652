package lint

import (
	"github.com/nativize/nativize/analyze/diag"
)

var privateKey = &Rule{
	ID: "private-key-in-repository", Group: Security, Severity: diag.Error, Confidence: diag.High, Secret: true, Repo: true,
	Doc: Doc{
		Title:      "A private key is in the repository",
		Text:       "Whoever has the key is the server, or the account that it opens. A key that was ever pushed is no secret: make a new one on the machine that uses it.",
		Bad:        "-- deploy.sh --\n#!/bin/sh\nset -e\ninstall -m 0600 deploy_key /root/.ssh/id_rsa\n-- deploy_key.pem --\n-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEAq7BFUpkGp3+LQmlQYx2eqzDV+xeG8kx/sQFV18S5JhzGeIJN\n-----END RSA PRIVATE KEY-----\n",
		Good:       "-- deploy.sh --\n#!/bin/sh\nset -e\n[ -e /root/.ssh/id_ed25519 ] || ssh-keygen -t ed25519 -N '' -f /root/.ssh/id_ed25519\n",
		Since:      "0.1",
		References: []string{"CWE-321: use of hard-coded cryptographic key"},
		Exceptions: "Keys below directories of tests do not count.",
	},
	Run: func(p *Pass) {
		for _, s := range p.secrets() {
			if privateRule(s.Rule) {
				p.Report(Report{At: s.At, Confidence: strength(s), Effect: s.At.File,
					Message: s.At.File + " holds a " + s.What + ": whoever has the repository can act in its name",
					Help:    "make a new key on the machine that uses it, and remove this one everywhere it is trusted"})
			}
		}
	},
}
