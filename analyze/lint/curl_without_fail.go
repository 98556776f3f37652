package lint

import (
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
)

var curlWithoutFail = &Rule{
	ID: "curl-without-fail", Group: Reliability, Severity: diag.Warning, Confidence: diag.High, Fix: "adds -f",
	Doc: Doc{
		Title:      "curl saves an error page as if it were the file",
		Text:       "Without --fail curl ends with success when the server answers \"404 not found\": the page is saved, unpacked or run in place of the file.",
		Bad:        "#!/bin/sh\nset -e\ncurl -sSLo /opt/shop.jar https://example.org/shop-1.2.jar\n",
		Good:       "#!/bin/sh\nset -e\ncurl -fsSLo /opt/shop.jar https://example.org/shop-1.2.jar\n",
		Exceptions: "Only where the answer is kept or run. A check of the answer's status counts as handling.",
		Since:      "0.1",
		References: []string{"curl(1), --fail"},
	},
	Run: func(p *Pass) {
		for _, e := range perPlace(p.Effects(host.Fetch)) {
			if !strings.HasPrefix(e.What, "curl ") || slices.Contains(e.Args, "fail") || e.Path == "" && !p.pipedOn(e) || strings.Contains(e.What, "fail") || e.Verified {
				continue
			}
			p.Report(Report{At: e.At, Value: valueOf(p.SourceOf(e.At), e.URL), Confidence: p.sure(e), Effect: e.URL, Fix: p.addFlag(e, "curl", "-f"),
				Message: "curl without -f saves an error page as " + orURL(e) + " and ends with success", Help: "curl -f"})
		}
	},
}

func orURL(e *host.Effect) string {
	if e.Path != "" {
		return e.Path
	}
	return "the answer of " + e.URL
}
