package lint

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/shell"
)

var tlsDisabled = &Rule{
	ID: "tls-check-disabled", Group: Security, Severity: diag.Error, Confidence: diag.High,
	Doc: Doc{
		Title:      "The check of a server's certificate is switched off",
		Text:       "Without it anybody on the way can answer in the server's place. Install the missing certificate authority instead.",
		Bad:        "#!/bin/sh\nset -e\ncurl -fsSk -o /opt/shop.jar https://example.org/shop-1.2.jar\n",
		Good:       "#!/bin/sh\nset -e\ncurl -fsS --cacert /etc/ssl/shop-ca.pem -o /opt/shop.jar https://example.org/shop-1.2.jar\n",
		Exceptions: "Silent for addresses of the machine itself.",
		Since:      "0.1",
		References: []string{"CWE-295: improper certificate validation", "curl(1), --insecure"},
	},
	Run: func(p *Pass) {
		p.Calls(func(t shell.Parsed, c *syntax.CallExpr, words []string) {
			i, what := insecure(words)
			if i < 0 || ownAddress.MatchString(strings.Join(words, " ")) {
				return
			}
			p.Report(Report{At: t.Span(c.Args[i]), Effect: what, Message: what + " switches the check of certificates off: anybody on the way can answer in the server's place",
				Help: "install the certificate authority that is missing, and name it with --cacert or in the system's store"})
		})
	},
}

var ownAddress = lazyregexp.New(`https?://(localhost|127\.|\[::1\]|0\.0\.0\.0)`)

// insecure is the index of the word that switches checks off, with its name.
func insecure(words []string) (int, string) {
	name := ""
	for i, w := range words {
		switch base := path.Base(w); {
		case name == "" && slices.Contains([]string{"curl", "wget", "git", "npm", "pip", "pip3", "yarn", "export", "apt-get", "apt", "yum", "dnf", "http"}, base):
			name = base
		case name == "curl" && (w == "--insecure" || shortHas(w, 'k')):
			return i, "curl " + w
		case name == "wget" && w == "--no-check-certificate", (name == "pip" || name == "pip3") && w == "--trusted-host":
			return i, name + " " + w
		case strings.HasPrefix(w, "http.sslVerify=false"), strings.HasPrefix(w, "http.sslverify=false"), name == "git" && strings.EqualFold(w, "http.sslVerify") && i+1 < len(words) && words[i+1] == "false":
			return i, "git " + w
		case (name == "npm" || name == "yarn") && w == "strict-ssl" && i+1 < len(words) && words[i+1] == "false", w == "--strict-ssl=false", w == "strict-ssl=false":
			return i, name + " strict-ssl=false"
		case w == "--allow-unauthenticated", w == "--nogpgcheck", w == "--no-gpg-check":
			return i, name + " " + w
		}
	}
	return -1, ""
}

// shortHas tells whether a word is a cluster of short options with c in it,
// before any option that takes a value.
func shortHas(w string, c byte) bool {
	if len(w) < 2 || w[0] != '-' || w[1] == '-' {
		return false
	}
	for i := 1; i < len(w); i++ {
		if w[i] == c {
			return true
		}
		if strings.IndexByte("oHdXuAeTbcmwxFEKrzYyC", w[i]) >= 0 {
			return false
		}
	}
	return false
}
