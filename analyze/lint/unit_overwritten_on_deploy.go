package lint

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/detect"
	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
)

var unitOverwritten = &Rule{
	ID: "unit-overwritten-on-deploy", Group: Configuration, Severity: diag.Warning, Confidence: diag.High,
	Doc: Doc{
		Title: "A redeploy replaces a unit, a job or an init script",
		Text: "A unit has to follow the code, and so the deployment is right to bring a new one; but /etc is where administrators set limits, options and times, and each run " +
			"takes that away without a word. Install the unit in /usr/lib/systemd/system, by a package: changes made with `systemctl edit` lie in a drop-in in /etc and stay. " +
			"Cron tables, logrotate files and init scripts have no drop-ins: a package marks them as conffiles, or they read what differs from /etc/default/NAME.",
		Bad:        "#!/bin/sh\nset -e\ncp conf/shop.service /etc/systemd/system/shop.service\nsystemctl daemon-reload\nsystemctl restart shop\n",
		Good:       "#!/bin/sh\nset -e\n[ -e /etc/systemd/system/shop.service ] || cp conf/shop.service /etc/systemd/system/shop.service\nsystemctl daemon-reload\nsystemctl restart shop\n",
		Exceptions: "Silent when the file is saved before and put back, or written only when absent. Of medium confidence outside /etc, where an edit is a mistake of whoever makes it.",
		Since:      "0.1",
		References: []string{"systemd.unit(5): unit file load path, drop-ins", "Debian Policy 9.5: cron jobs", "Debian Policy 10.7.3: behaviour of configuration files"},
	},
	Run: func(p *Pass) {
		for _, e := range p.rewrites() {
			if e.Kind != host.Dir && detect.IsDefinition(e.Path) && !p.same(e) && p.hadBefore(e) {
				p.unitOverwritten(e)
			}
		}
	},
}

func (p *Pass) unitOverwritten(e *host.Effect) {
	from, confidence := "", p.maybeKept(e)
	if r := e.Content.Repo(); r != "" {
		from = " by " + r + " of the repository"
	}
	if !administered(e.Path) && confidence == diag.High {
		confidence = diag.Medium
	}
	p.Report(Report{
		At: e.At, Value: valueOf(p.SourceOf(e.At), e.Path), Confidence: confidence, Effect: e.Path, Related: p.guard(e),
		Message: "each deploy replaces " + e.Path + from + ": what an administrator changed in it is lost",
		Help:    unitHelp(e.Path, p.appName()),
	})
}

// administered tells whether a path is where administrators and users keep
// their own definitions (file-hierarchy(7)).
func administered(name string) bool {
	return below(name, "/etc") || strings.Contains(name, "/.config/")
}

// unitHelp says where a change of a definition survives.
func unitHelp(name, app string) string {
	if strings.Contains(name, "/systemd/") {
		return "install it in /usr/lib/systemd/system, and leave local changes to drop-ins: systemctl edit " + quoted(path.Base(name))
	}
	return "package it as a conffile, or let it read what differs from /etc/default/" + app
}
