package lint

import (
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
)

var curlPipeShell = &Rule{
	ID: "curl-pipe-shell", Group: Security, Severity: diag.Error, Confidence: diag.High,
	Doc: Doc{
		Title:      "A download is run without being looked at",
		Text:       "Whoever controls the address, the name server or the connection runs commands here, today and at every later deploy. A cut connection runs half a script. A package build has no network at all.",
		Bad:        "#!/bin/sh\nset -e\ncurl -fsSL https://example.org/install | sh\n",
		Good:       "#!/bin/sh\nset -e\nsh ./vendor/install.sh\n-- vendor/install.sh --\n#!/bin/sh\necho install\n",
		Exceptions: "Silent when a checksum or signature of the file is checked before it runs.",
		Since:      "0.1",
		References: []string{"CWE-494: download of code without integrity check", "Debian Policy 4.9"},
	},
	Run: func(p *Pass) {
		for _, e := range perPlace(p.Effects(host.RunCode)) {
			if e.URL == "" || e.Verified || e.Manager == "dpkg" || e.Manager == "rpm" || strings.HasPrefix(e.Manager, "apt") || p.verified(e.Path) {
				continue
			}
			p.Report(Report{
				At: e.At, Value: valueOf(p.SourceOf(e.At), e.URL), Confidence: p.sure(e), Effect: e.URL,
				Message: "what " + e.URL + " sends is run at once: whoever controls it runs commands on this machine",
				Help:    "keep a copy in the repository, or download a fixed version and check its checksum before running it",
			})
		}
	},
}

// verified tells whether a downloaded file is checked anywhere.
func (p *Pass) verified(name string) bool {
	if name == "" {
		return false
	}
	return slices.ContainsFunc(p.On(name), func(o *host.Effect) bool { return o.Op == host.Fetch && o.Verified })
}
