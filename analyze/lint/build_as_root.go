package lint

import (
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/model"
)

var buildAsRoot = &Rule{
	ID: "build-as-root", Group: Security, Severity: diag.Warning, Confidence: diag.Medium,
	Doc: Doc{
		Title:      "Packages of a language are built and installed as root",
		Text:       "The installation scripts of every dependency run with all rights, and what they leave belongs to root in a tree that others use. Build as an account without rights, best not on the server at all.",
		Bad:        "#!/bin/sh\nset -e\n[ \"$(id -u)\" = 0 ] || { echo 'run me as root' >&2; exit 1; }\ncd /srv/shop\nnpm ci\n",
		Good:       "#!/bin/sh\nset -e\n[ \"$(id -u)\" = 0 ] || { echo 'run me as root' >&2; exit 1; }\ncd /srv/shop\nsudo -u builder npm ci\n",
		Exceptions: "Only reported where the script demands root or becomes root for the step.",
		Since:      "0.1",
		References: []string{"npm documentation, \"scripts: user\"", "Composer documentation, \"How do I install untrusted packages safely?\""},
	},
	Run: func(p *Pass) {
		root := slices.ContainsFunc(p.Requirements, func(r model.Requirement) bool { return r.Kind == "root" })
		for _, e := range perPlace(p.Effects(host.Language)) {
			if !p.onTarget(e) || !runsForeignCode(e) || e.User != "root" && (e.User != "" || !root || e.Machine != 0) && !p.rootLogin(e) {
				continue
			}
			p.Report(Report{At: e.At, Confidence: chance(e, p.rule.Confidence), Effect: e.Manager,
				Message: e.Manager + " runs as root: the installation scripts of every dependency have all rights", Help: "run it as an account without rights: sudo -u ACCOUNT " + e.Manager + " ..."})
			return
		}
	},
}

func runsForeignCode(e *host.Effect) bool {
	switch e.Manager {
	case "npm", "yarn", "pnpm", "pip", "pip3", "composer", "bundle", "gem", "cargo", "make", "python", "python3", "mvn", "gradle":
		return true
	}
	return false
}

// rootLogin tells whether an effect happens in a session of root on another machine.
func (p *Pass) rootLogin(e *host.Effect) bool {
	return e.Machine != 0 && p.Target != nil && int(e.Machine) < len(p.Target.Machines) && strings.HasPrefix(p.Target.Machines[e.Machine].Name, "root@")
}
