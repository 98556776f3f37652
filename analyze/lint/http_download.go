package lint

import (
	"strings"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
)

var httpDownload = &Rule{
	ID: "http-download", Group: Security, Severity: diag.Error, Confidence: diag.High,
	Doc: Doc{
		Title:      "A download goes over plain HTTP",
		Text:       "Anybody on the way can put another file in its place.",
		Bad:        "#!/bin/sh\nset -e\nwget -O /opt/shop.jar http://example.org/shop-1.2.jar\n",
		Good:       "#!/bin/sh\nset -e\nwget -O /opt/shop.jar https://example.org/shop-1.2.jar\n",
		Exceptions: "Silent for addresses of the machine itself, for files whose checksum or signature is checked, and for the distribution's own mirrors, whose packages are signed.",
		Since:      "0.1",
		References: []string{"CWE-319: cleartext transmission of sensitive information"},
	},
	Run: func(p *Pass) {
		for _, e := range perPlace(p.Effects(host.Fetch, host.RunCode, host.Clone)) {
			if !plainHTTP(e.URL) || e.Verified || e.Action == "probe" || p.verified(e.Path) {
				continue
			}
			p.Report(Report{
				At: e.At, Value: valueOf(p.SourceOf(e.At), e.URL), Confidence: p.sure(e), Effect: e.URL,
				Message: e.URL + " goes over plain HTTP: anybody on the way can send another file", Help: "use https://, or check a checksum that is kept in the repository",
			})
		}
	},
}

func plainHTTP(url string) bool {
	rest, ok := strings.CutPrefix(url, "http://")
	if !ok {
		rest, ok = strings.CutPrefix(url, "ftp://")
	}
	if !ok {
		return false
	}
	for _, own := range []string{"localhost", "127.", "[::1]", "0.0.0.0", "169.254.", "10.", "192.168."} {
		if strings.HasPrefix(rest, own) {
			return false
		}
	}
	return true
}
