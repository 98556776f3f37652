package lint

import (
	"regexp"
	"strings"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
)

var volatileDirectory = &Rule{
	ID: "volatile-directory-not-recreated", Group: State, Severity: diag.Error, Confidence: diag.High,
	Doc: Doc{
		Title:      "A directory in /run is made once, at the deploy",
		Text:       "/run, /var/run and /var/lock are in memory on every current distribution: after the next start the directory is gone and the service fails. Declare it: RuntimeDirectory= in the unit, or a file in tmpfiles.d.",
		Bad:        "#!/bin/sh\nset -e\nmkdir -p /var/run/shop\nchown www-data /var/run/shop\n",
		Good:       "#!/bin/sh\nset -e\nprintf 'd /run/shop 0755 www-data www-data -\\n' > /etc/tmpfiles.d/shop.conf\nsystemd-tmpfiles --create shop.conf\n",
		Exceptions: "Silent when the repository declares the directory in a unit or in tmpfiles.d.",
		Since:      "0.1",
		References: []string{"FHS 3.0, section 3.15: /run", "tmpfiles.d(5)", "systemd.exec(5), RuntimeDirectory="},
	},
	Run: func(p *Pass) {
		for _, e := range perPlace(p.Effects(host.MakeDir)) {
			rel := volatileName(e.Path)
			if rel == "" || !ofFresh(e) || !p.onTarget(e) || p.declared(rel) {
				continue
			}
			p.Report(Report{
				At: e.At, Value: valueOf(p.SourceOf(e.At), e.Path), Confidence: p.sure(e), Effect: e.Path,
				Message: e.Path + " is in memory and is made only here: after a restart of the machine it is missing",
				Help:    "RuntimeDirectory=" + rel + " in the unit, or a line \"d /run/" + rel + "\" in /usr/lib/tmpfiles.d",
			})
		}
	},
}

// volatileName is a path relative to the directory in memory that it lies in.
func volatileName(name string) string {
	for _, dir := range []string{"/var/run/", "/run/lock/", "/var/lock/", "/run/"} {
		if rel, ok := strings.CutPrefix(name, dir); ok {
			return rel
		}
	}
	return ""
}

// declared tells whether something of the repository or the script makes the
// directory at each start.
func (p *Pass) declared(rel string) bool {
	says := func(text string) bool {
		return strings.Contains(text, "RuntimeDirectory=") && strings.Contains(text, rel) ||
			strings.Contains(text, "run/"+rel) && regexp.MustCompile(`(?m)^[dD]\S* +/`).MatchString(text)
	}
	for _, u := range p.Facts.Units {
		if says(u.Text) {
			return true
		}
	}
	for _, e := range p.Effects(host.Write, host.CopyTo, host.Append) {
		if text, ok := e.Content.Known(); ok && says(text.String()) {
			return true
		}
		if r := e.Content.Repo(); r != "" && (below(e.Path, "/etc/tmpfiles.d") || below(e.Path, "/usr/lib/tmpfiles.d")) && says(string(p.Text(r))) {
			return true
		}
	}
	return false
}
