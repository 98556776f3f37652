package lint

import (
	"strings"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/lazyregexp"
)

var unverifiedDownload = &Rule{
	ID: "unverified-download", Group: Security, Severity: diag.Warning, Confidence: diag.High,
	Doc: Doc{
		Title:      "A download is installed without a check of what came",
		Text:       "TLS says who sent the file, not that it is the one that was meant: a replaced release, a mirror or an error page goes into production. Pin a version and compare a checksum that is kept in the repository.",
		Bad:        "#!/bin/sh\nset -e\ncurl -fsSLo /tmp/shop.tar.gz https://example.org/shop-1.2.tar.gz\ntar -xzf /tmp/shop.tar.gz -C /opt\n",
		Good:       "#!/bin/sh\nset -e\ncurl -fsSLo /tmp/shop.tar.gz https://example.org/shop-1.2.tar.gz\necho '5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef  /tmp/shop.tar.gz' | sha256sum -c\ntar -xzf /tmp/shop.tar.gz -C /opt\n",
		Exceptions: "Answers that are only looked at, such as a version number, do not count.",
		Since:      "0.1",
		References: []string{"CWE-494: download of code without integrity check", "sha256sum(1)"},
	},
	Run: func(p *Pass) {
		seen := map[string]bool{} // a download by a function has a place for each of its commands
		for _, e := range perPlace(p.Effects(host.Fetch)) {
			if e.Verified || seen[e.At.File+e.Path+e.URL] || e.Action == "probe" || !webAddress(e.URL) || sumName.MatchString(e.URL) || signatureFile.MatchString(e.URL) || !p.used(e) {
				continue
			}
			seen[e.At.File+e.Path+e.URL] = true
			p.Report(Report{
				At: e.At, Value: valueOf(p.SourceOf(e.At), e.URL), Confidence: p.sure(e), Effect: e.URL,
				Message: e.URL + " is installed without a check of what came: a replaced file or an error page goes into production",
				Help:    "keep the checksum in the repository: echo \"SHA256  FILE\" | sha256sum -c",
			})
		}
	},
}

// webAddress tells whether a URL is fetched by HTTP or FTP, as far as it is known.
func webAddress(url string) bool {
	scheme, _, ok := strings.Cut(url, "://")
	return !ok || strings.HasPrefix(scheme, "http") || strings.HasPrefix(scheme, "ftp") || strings.Contains(scheme, "$")
}

var signatureFile = lazyregexp.New(`\.(sig|asc|minisig)([?#].*)?$`)

// used tells whether a download ends up on the machine as more than an answer
// that is looked at.
func (p *Pass) used(e *host.Effect) bool {
	if e.Path == "" {
		return e.Kind == host.Dir || p.pipedOn(e)
	}
	if !temporary(e) {
		return true
	}
	for _, o := range p.Effects(host.Extract, host.CopyTo, host.MoveTo, host.RunCode, host.System, host.PackageOp, host.Opaque, host.Sync) {
		if o.From == e.Path || o.Path == e.Path || strings.Contains(o.What, e.Path) {
			return true
		}
	}
	return false
}

// pipedOn tells whether a download without a file goes into a command that
// unpacks it or trusts it.
func (p *Pass) pipedOn(e *host.Effect) bool {
	for _, o := range p.Effects(host.Extract, host.System, host.Write) {
		if o.At.File != e.At.File || o.At.Line-e.At.Line > 2 || o.At.Line < e.At.Line || o.Run != e.Run {
			continue
		}
		if o.Content != nil && o.Content.Kind == host.Fetched || o.Op == host.System && strings.Contains(o.What, "key") || o.Op == host.Extract && o.At.Line == e.At.Line {
			return true
		}
	}
	return false
}
