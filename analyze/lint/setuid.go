package lint

import (
	"strings"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
)

var setuid = &Rule{
	ID: "setuid", Group: Security, Severity: diag.Error, Confidence: diag.High,
	Doc: Doc{
		Title:      "A program is made setuid or setgid",
		Text:       "Everybody who can start it has the owner's rights, with an environment of their choosing. A script with the bit is ignored by the kernel or a hole. Use a rule in sudoers, or capabilities in the unit.",
		Bad:        "#!/bin/sh\nset -e\ninstall -m 4755 bin/helper /usr/local/bin/helper\n",
		Good:       "#!/bin/sh\nset -e\ninstall -m 0755 bin/helper /usr/local/bin/helper\n",
		Exceptions: "The setgid bit on directories only passes the group on and does not count.",
		Since:      "0.1",
		References: []string{"CWE-250: execution with unnecessary privileges", "capabilities(7)"},
	},
	Run: func(p *Pass) {
		for _, e := range perPlace(p.Effects(host.Chmod, host.CopyTo, host.Write)) {
			bit, ok := special(e.Mode)
			if !ok || e.Kind == host.Dir || bit == "setgid" && e.Kind != host.Regular {
				continue
			}
			p.Report(Report{At: e.At, Value: valueOf(p.SourceOf(e.At), e.Path), Confidence: p.sure(e), Effect: e.Path,
				Message: e.Path + " is made " + bit + ": everybody who can start it has its owner's rights", Help: "a rule in sudoers, or AmbientCapabilities= in the unit"})
		}
	},
}

// special names the bit that a mode sets beside the permissions.
func special(mode string) (string, bool) {
	switch {
	case len(mode) == 4 && mode[0] >= '4' && mode[0] <= '7', strings.Contains(mode, "u+s"), strings.HasPrefix(mode, "+s"):
		return "setuid", true
	case len(mode) == 4 && (mode[0] == '2' || mode[0] == '3'), strings.Contains(mode, "g+s"):
		return "setgid", true
	}
	return "", false
}
