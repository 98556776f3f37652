package lint

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/shell"
)

var secretInScript = &Rule{
	ID: "secret-in-script", Group: Security, Severity: diag.Error, Confidence: diag.High, Secret: true, Repo: true,
	Doc: Doc{
		Title:      "A credential is written in a script",
		Text:       "Everybody who can read the repository has it, now and in its history. It cannot differ between machines, and to change it is a release. Read it from a file on the server, or from the environment.",
		Bad:        "#!/bin/sh\nset -e\nexport DB_PASSWORD='rX7!kw02nVq9'\nmysqladmin status\n",
		Good:       "#!/bin/sh\nset -e\nDB_PASSWORD=$(cat /etc/shop/db-password)\nexport DB_PASSWORD\nmysqladmin status\n",
		Exceptions: "Placeholders and generated passwords do not count; well-known defaults count with medium confidence.",
		Since:      "0.1",
		References: []string{"CWE-798: use of hard-coded credentials"},
	},
	Run: func(p *Pass) {
		for _, s := range p.secrets() {
			if !privateRule(s.Rule) && s.Rule != "env-secret" && s.Rule != "config-secret" && p.isScript(s.At.File) && !p.sudoLine(s.At) {
				p.Report(Report{At: s.At, Confidence: strength(s), Effect: s.What,
					Message: "the script holds a credential (" + s.What + "): everybody with the repository has it, and its history keeps it",
					Help:    "change the credential, and read it from a file on the server: $(cat /etc/" + p.appName() + "/...)"})
			}
		}
	},
}

// isScript tells whether a file is a shell script, read or not.
func (p *Pass) isScript(name string) bool {
	if p.Machine != nil {
		for _, s := range p.Machine.Scripts() {
			if s.Path == name {
				return true
			}
		}
	}
	head := p.Text(name)
	switch shell.Language(name, string(head[:min(len(head), 256)])) {
	case "sh", "bash":
		return path.Ext(name) == ".sh" || path.Ext(name) == ".bash" || strings.HasPrefix(string(head), "#!")
	}
	return false
}
