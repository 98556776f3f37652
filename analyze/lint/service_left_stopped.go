package lint

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/diag"
)

var serviceStopped = &Rule{
	ID: "service-left-stopped", Group: Packaging, Severity: diag.Error, Confidence: diag.High, Repo: true,
	Doc: Doc{
		Title:      "A maintainer script stops the service at each upgrade and nothing starts it",
		Text:       "prerm runs before an upgrade too. When no postinst starts the service again it stays down after every update, until somebody notices.",
		Bad:        "-- debian/prerm --\n#!/bin/sh\nset -e\nsystemctl stop shop\n-- debian/postinst --\n#!/bin/sh\nset -e\nsystemctl daemon-reload\n",
		Good:       "-- debian/prerm --\n#!/bin/sh\nset -e\nif [ \"$1\" = remove ]; then\n\tsystemctl stop shop\nfi\n-- debian/postinst --\n#!/bin/sh\nset -e\nsystemctl daemon-reload\n",
		Exceptions: "debhelper's own snippets start the service; a script with #DEBHELPER# counts as one that does.",
		Since:      "0.1",
		References: []string{"Debian Policy 9.3", "deb-systemd-invoke(1p)"},
	},
	Run: func(p *Pass) {
		starts := false
		list := p.maintainers()
		for _, m := range list {
			starts = starts || m.hook == "postinst" && strings.Contains(m.text, "#DEBHELPER#")
			m.calls(func(c called) {
				verb := serviceVerb(c.words)
				starts = starts || m.hook == "postinst" && (verb == "start" || verb == "restart" || verb == "try-restart" || slices.Contains(c.words, "--now"))
			})
		}
		if starts {
			return
		}
		for _, m := range list {
			if m.hook != "prerm" && m.hook != "preinst" {
				continue
			}
			m.calls(func(c called) {
				if serviceVerb(c.words) == "stop" && c.onUpgrade() {
					p.Report(Report{At: c.at, Effect: strings.Join(c.words, " "), Message: "the service is stopped at every upgrade and nothing starts it again: it stays down after each update", Help: "stop it for remove only, and restart it in postinst"})
				}
			})
		}
	},
}

// serviceVerb is what a command does to a service, "" when it is about none.
func serviceVerb(words []string) string {
	verbs := []string{"start", "stop", "restart", "try-restart", "reload"}
	switch path.Base(words[0]) {
	case "systemctl", "deb-systemd-invoke":
		for _, w := range words[1:] {
			if slices.Contains(verbs, w) {
				return w
			}
		}
	case "service", "invoke-rc.d":
		if len(words) > 2 {
			return words[2]
		}
	default:
		if strings.HasPrefix(words[0], "/etc/init.d/") && len(words) > 1 {
			return words[1]
		}
	}
	return ""
}
