package lint

import (
	"path"
	"slices"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/lazyregexp"
)

var unguardedUseradd = &Rule{
	ID: "unguarded-useradd", Group: Packaging, Severity: diag.Error, Confidence: diag.High, Repo: true,
	Doc: Doc{
		Title:      "A maintainer script adds an account without a test for it",
		Text:       "The script runs again at every upgrade and reconfiguration: useradd fails because the account is there, and the package stays half configured. Use sysusers.d, or ask getent first.",
		Bad:        "-- debian/postinst --\n#!/bin/sh\nset -e\nuseradd --system shop\n",
		Good:       "-- debian/postinst --\n#!/bin/sh\nset -e\ngetent passwd shop >/dev/null || useradd --system shop\n",
		Exceptions: "adduser --system does nothing when the account is there and does not count.",
		Since:      "0.1",
		References: []string{"sysusers.d(5)", "Debian Policy 6.2: idempotency"},
	},
	Run: func(p *Pass) {
		for _, m := range p.maintainers() {
			if m.hook != "postinst" && m.hook != "preinst" {
				continue
			}
			m.calls(func(c called) {
				name := path.Base(c.words[0])
				adds := name == "useradd" || name == "groupadd" && !slices.Contains(c.words, "-f") || name == "adduser" && !slices.Contains(c.words, "--system")
				if !adds || accountTest.MatchString(c.guard) || slices.Equal(c.when, []string{"install"}) {
					return
				}
				p.Report(Report{At: c.at, Effect: name, Message: name + " runs again at every upgrade and fails, since the account is there: the package stays half configured", Help: "getent passwd NAME >/dev/null || useradd ..., or a file in sysusers.d"})
			})
		}
	},
}

var accountTest = lazyregexp.New(`\b(getent|id|grep|user_exists)\b|/etc/(passwd|group)`)
