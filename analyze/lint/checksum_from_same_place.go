package lint

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/command"
	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/shell"
)

var checksumSamePlace = &Rule{
	ID: "checksum-from-same-place", Group: Security, Severity: diag.Warning, Confidence: diag.High,
	Doc: Doc{
		Title:      "The checksum is downloaded from where the file is",
		Text:       "Who can replace the file can replace its checksum: the comparison only finds broken transfers. Keep the checksum in the repository, or check a signature by a key that is.",
		Bad:        "#!/bin/sh\nset -e\ncd /tmp\ncurl -fsSLO https://example.org/shop-1.2.tar.gz\ncurl -fsSLO https://example.org/shop-1.2.tar.gz.sha256\nsha256sum -c shop-1.2.tar.gz.sha256\ntar -xzf shop-1.2.tar.gz -C /opt\n",
		Good:       "#!/bin/sh\nset -e\ncd /tmp\ncurl -fsSLO https://example.org/shop-1.2.tar.gz\nsha256sum -c /srv/deploy/shop.sha256\ntar -xzf shop-1.2.tar.gz -C /opt\n",
		Exceptions: "Silent when a signature is checked too.",
		Since:      "0.1",
		References: []string{"CWE-353: missing support for integrity check"},
	},
	Run: func(p *Pass) {
		files := p.RunEffects(1, host.Fetch)
		for _, sum := range files {
			if !sumName.MatchString(sum.URL) || p.signed() {
				continue
			}
			for _, e := range files {
				if e != sum && !sumName.MatchString(e.URL) && sameHost(e.URL, sum.URL) && relatedName(e.URL, sum.URL) {
					p.Report(Report{
						At: sum.At, Value: valueOf(p.SourceOf(sum.At), sum.URL), Confidence: p.sure(sum), Effect: sum.URL,
						Related: []diag.Label{Label(e, "the file comes from the same place")},
						Message: "the checksum comes from where the file is: who can replace one can replace both",
						Help:    "keep the checksum in the repository, or check a signature",
					})
					break
				}
			}
		}
	},
}

var sumName = lazyregexp.New(`(?i)(\.(sha(1|224|256|384|512)(sums?)?|md5(sums?)?)|(sha(1|256|512)|md5|check)sums?(\.txt)?)([?#].*)?$`)

func sameHost(a, b string) bool { return hostOf(a) != "" && hostOf(a) == hostOf(b) }

func hostOf(url string) string {
	_, rest, ok := strings.Cut(url, "://")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	return name
}

// relatedName tells whether a sum is meant for a file: named for it, or one of
// its directory.
func relatedName(file, sum string) bool {
	return strings.HasPrefix(sum, file) || path.Dir(file) == path.Dir(sum)
}

// signed tells whether the scripts check a signature at all.
func (p *Pass) signed() bool {
	return slices.ContainsFunc(p.Statements(), func(s shell.Statement) bool {
		return s.Outcome != command.Unreached && signature.MatchString(s.Text)
	})
}

var signature = lazyregexp.New(`\b(gpgv?2?\s.*(--verify|--decrypt)|gpgv\s|minisign\s+-V|cosign\s+verify|signify\s+-V|openssl\s+dgst\s.*-verify)`)
