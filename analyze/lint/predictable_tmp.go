package lint

import (
	"strings"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

var predictableTmp = &Rule{
	ID: "predictable-tmp", Group: Security, Severity: diag.Warning, Confidence: diag.High,
	Doc: Doc{
		Title:      "A file of a known name is written in /tmp",
		Text:       "Anybody on the machine can make the name first: as a link, so that root overwrites another file, or as a file of their own, to be run or unpacked as root. The number of the process is no secret.",
		Bad:        "#!/bin/sh\nset -e\ncurl -fsSo /tmp/shop.tar.gz https://example.org/shop-1.2.tar.gz\ntar -xzf /tmp/shop.tar.gz -C /opt\n",
		Good:       "#!/bin/sh\nset -e\ntmp=$(mktemp -d)\ntrap 'rm -rf \"$tmp\"' EXIT\ncurl -fsSo \"$tmp/shop.tar.gz\" https://example.org/shop-1.2.tar.gz\ntar -xzf \"$tmp/shop.tar.gz\" -C /opt\n",
		Exceptions: "One finding for each name. Files that are only removed do not count.",
		Since:      "0.1",
		References: []string{"CWE-377: insecure temporary file", "mktemp(1)"},
	},
	Run: func(p *Pass) {
		seen := map[string]bool{}
		for _, e := range p.RunEffects(1, host.Write, host.Append, host.Fetch, host.CopyTo, host.MakeDir, host.Extract, host.Clone, host.Sync, host.MoveTo) {
			name, ok := tmpName(e)
			if !ok || seen[name] || hasHole(e.Val, value.Temp, value.Glob) || !p.onTarget(e) {
				continue
			}
			seen[name] = true
			p.Report(Report{
				At: e.At, Value: valueOf(p.SourceOf(e.At), e.Path), Confidence: p.sure(e), Effect: name,
				Message: name + " is a name that anybody can make first: as a link it makes the script overwrite another file",
				Help:    "tmp=$(mktemp -d), and write below \"$tmp\"",
			})
		}
	},
}

// tmpName is the path of the first element below /tmp, when it is known or as
// good as known.
func tmpName(e *host.Effect) (string, bool) {
	for _, dir := range []string{"/tmp/", "/var/tmp/"} {
		if rest, ok := strings.CutPrefix(e.Path, dir); ok && rest != "" {
			first, _, _ := strings.Cut(rest, "/")
			return dir + first, !strings.Contains(first, "${")
		}
	}
	return "", false
}
