package lint

import (
	"path"

	"github.com/nativize/nativize/analyze/diag"
)

var accountDeleted = &Rule{
	ID: "account-deleted-on-upgrade", Group: Packaging, Severity: diag.Error, Confidence: diag.High, Repo: true,
	Doc: Doc{
		Title:      "A maintainer script deletes the service's account at each upgrade",
		Text:       "prerm and postrm also run for upgrades: the account goes while its service runs, and the new one may get another number, so that its files belong to nobody. Leave accounts in place, or delete them at purge.",
		Bad:        "-- debian/postrm --\n#!/bin/sh\nset -e\nuserdel shop\n",
		Good:       "-- debian/postrm --\n#!/bin/sh\nset -e\ncase \"$1\" in\npurge) userdel shop || true ;;\nesac\n",
		Exceptions: "Silent where the script acts for purge or for the last removal only.",
		Since:      "0.1",
		References: []string{"Debian Policy 6.5 and 6.8", "Debian Policy 9.2.2"},
	},
	Run: func(p *Pass) {
		for _, m := range p.maintainers() {
			if m.hook != "prerm" && m.hook != "postrm" {
				continue
			}
			m.calls(func(c called) {
				name := path.Base(c.words[0])
				if name != "userdel" && name != "deluser" && name != "groupdel" && name != "delgroup" || !c.onUpgrade() {
					return
				}
				p.Report(Report{At: c.at, Effect: name, Message: name + " in " + m.hook + " runs at every upgrade too: the account goes while its service runs", Help: "act for purge only: case \"$1\" in purge) ... ;; esac"})
			})
		}
	},
}
