package lint

import (
	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/input/secret"
)

var configSecrets = &Rule{
	ID: "config-tracked-with-secrets", Group: Configuration, Severity: diag.Error, Confidence: diag.High, Secret: true, Repo: true,
	Doc: Doc{
		Title: "A tracked configuration file holds a credential",
		Text: "Everybody who can read the repository, and every backup and fork of it, has the credential. It cannot differ between machines, and changing it needs a deploy. " +
			"Track a sample without values; keep the real file on the server, 0640.",
		Bad:        "-- deploy.sh --\n#!/bin/sh\nset -e\ncp .env.production /etc/shop.env\n-- .env.production --\nDB_PASSWORD=rX7!kw02nVq9\n",
		Good:       "-- deploy.sh --\n#!/bin/sh\nset -e\ninstall -m 0640 .env.example /etc/shop.env\n-- .env.example --\nDB_PASSWORD=\n",
		Exceptions: "Placeholders, samples, and tests do not count.",
		Since:      "0.1",
		References: []string{"CWE-798: use of hard-coded credentials"},
	},
	Run: func(p *Pass) {
		for _, s := range p.secrets() {
			if s.Rule == "env-secret" || s.Rule == "config-secret" {
				p.Report(Report{At: s.At, Confidence: strength(s), Effect: s.What,
					Message: s.At.File + " is tracked and holds a credential (" + s.What + "): everybody with the repository has it",
					Help:    "change the credential, take the file out of version control, and track a sample without values"})
			}
		}
	},
}

// secrets are the credentials in the files of the repository.
func (p *Pass) secrets() []secret.Secret {
	return once(p.repoFacts, "secrets", func() []secret.Secret {
		var out []secret.Secret
		for _, f := range p.judged() {
			if f.Ignored || !f.IsRegular() || !secret.Candidate(f.Path, max(f.Size, 1)) {
				continue
			}
			out = append(out, p.SecretsIn(f.Path)...)
		}
		return out
	})
}

func strength(s secret.Secret) diag.Confidence {
	if s.Weak {
		return diag.Medium
	}
	return diag.High
}
