package lint

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/diag"
)

var dataRemoved = &Rule{
	ID: "data-removed-on-upgrade", Group: Packaging, Severity: diag.Error, Confidence: diag.High, Repo: true,
	Doc: Doc{
		Title:      "A maintainer script removes data or configuration at each upgrade",
		Text:       "prerm and postrm also run for upgrades. What they remove without looking at their argument is gone after the next update, not after a removal. Data goes at purge.",
		Bad:        "-- debian/postrm --\n#!/bin/sh\nset -e\nrm -rf /var/lib/shop /etc/shop\n",
		Good:       "-- debian/postrm --\n#!/bin/sh\nset -e\nif [ \"$1\" = purge ]; then\n\trm -rf /var/lib/shop\nfi\n",
		Exceptions: "Caches, sockets and files in /run may go at any time.",
		Since:      "0.1",
		References: []string{"Debian Policy 6.8", "Debian Policy 10.7.3"},
	},
	Run: func(p *Pass) {
		for _, m := range p.maintainers() {
			if m.hook != "prerm" && m.hook != "postrm" {
				continue
			}
			m.calls(func(c called) {
				if lost := removedData(c.words); lost != "" && c.onUpgrade() {
					p.Report(Report{At: c.at, Effect: lost, Message: lost + " is removed in " + m.hook + ", which runs at every upgrade too: it is gone after the next update", Help: "remove it for purge only: if [ \"$1\" = purge ]; then ... fi"})
				}
			})
		}
	},
}

// removedData is the data or configuration that a command removes, "" none.
func removedData(words []string) string {
	if path.Base(words[0]) != "rm" {
		return ""
	}
	for _, w := range words[1:] {
		for _, dir := range []string{"/var/lib/", "/etc/", "/var/log/", "/srv/", "/home/", "/opt/", "/var/www/"} {
			if strings.HasPrefix(w, dir) && len(w) > len(dir) && !below(w, "/var/lib/dpkg") {
				return w
			}
		}
	}
	return ""
}
