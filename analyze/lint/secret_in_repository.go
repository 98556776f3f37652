package lint

import (
	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/lazyregexp"
)

var secretInRepo = &Rule{
	ID: "secret-in-repository", Group: Security, Severity: diag.Error, Confidence: diag.High, Secret: true, Repo: true,
	Doc: Doc{
		Title:      "A file of the repository holds a credential",
		Text:       "Code is copied, forked and backed up; whatever it holds is known to more people than the server's administrators. Change the credential and read it at run time.",
		Bad:        "-- deploy.sh --\n#!/bin/sh\nset -e\ncp app.py /srv/shop/app.py\n-- app.py --\nAWS_KEY = \"AKIAZ5XQK3LMN7PRTUVW\"\nAWS_SECRET_ACCESS_KEY = \"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\"\n",
		Good:       "-- deploy.sh --\n#!/bin/sh\nset -e\ncp app.py /srv/shop/app.py\n-- app.py --\nimport os\nAWS_KEY = os.environ[\"AWS_KEY\"]\n",
		Exceptions: "Scripts, settings files and keys have rules of their own. Tests, samples and documentation do not count; in descriptions of APIs (OpenAPI) confidence is low.",
		Since:      "0.1",
		References: []string{"CWE-798: use of hard-coded credentials"},
	},
	Run: func(p *Pass) {
		for _, s := range p.secrets() {
			if privateRule(s.Rule) || s.Rule == "env-secret" || s.Rule == "config-secret" || p.isScript(s.At.File) || vendored(s.At.File) {
				continue
			}
			confidence := strength(s)
			if describesAPI.Match(p.Text(s.At.File)) {
				confidence = diag.Low // its examples show what a credential looks like
			}
			p.Report(Report{At: s.At, Confidence: confidence, Effect: s.What,
				Message: s.At.File + " holds a credential (" + s.What + "): everybody with the repository has it",
				Help:    "change the credential, and read it at run time from the environment or from a file on the server"})
		}
	},
}

// describesAPI tells of a description of an API: OpenAPI 3, 4.8.1, or Swagger 2.
var describesAPI = lazyregexp.New(`(?m)^\s*"?(openapi|swagger)"?\s*:\s*["']?[23]\.`)

func privateRule(rule string) bool { return rule == "private-key" || rule == "key-file" }
