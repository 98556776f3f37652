package lint

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/detect"
	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
)

var serviceNotEnabled = &Rule{
	ID: "service-not-enabled", Group: Reliability, Severity: diag.Warning, Confidence: diag.High,
	Doc: Doc{
		Title:      "A service is installed and never enabled",
		Text:       "It runs until the machine restarts, and then it does not: nobody told the service manager to start it. The fault shows weeks after the deploy.",
		Bad:        "-- deploy.sh --\n#!/bin/sh\nset -e\ncp shop.service /etc/systemd/system/\nsystemctl daemon-reload\nsystemctl restart shop\n-- shop.service --\n[Service]\nUser=shop\nExecStart=/srv/shop/bin/serve\n[Install]\nWantedBy=multi-user.target\n",
		Good:       "-- deploy.sh --\n#!/bin/sh\nset -e\ncp shop.service /etc/systemd/system/\nsystemctl daemon-reload\nsystemctl enable shop\nsystemctl restart shop\n-- shop.service --\n[Service]\nUser=shop\nExecStart=/srv/shop/bin/serve\n[Install]\nWantedBy=multi-user.target\n",
		Exceptions: "Only for systemd units that the script installs and that have an [Install] section; timers and sockets start their services.",
		Since:      "0.1",
		References: []string{"systemctl(1), enable"},
	},
	Run: func(p *Pass) {
		for _, e := range perPlace(p.Effects(host.CopyTo, host.Write, host.MoveTo, host.Symlink)) {
			name, ok := strings.CutSuffix(path.Base(e.Path), ".service")
			if !ok || staged(e.Path) || !detect.IsDefinition(e.Path) || !ofFresh(e) || strings.Contains(name, "@") || strings.Contains(name, "${") || userUnit(e.Path) || p.enabled(name) {
				continue
			}
			text := p.unitText(e)
			if text != "" && !strings.Contains(text, "[Install]") {
				continue
			}
			p.Report(Report{At: e.At, Value: valueOf(p.SourceOf(e.At), e.Path), Confidence: p.sure(e), Effect: name,
				Message: "the service " + name + " is installed here and never enabled: after a restart of the machine it does not run", Help: "systemctl enable " + name})
		}
	},
}

// unitText is the text of a unit that an effect installs, "" not known.
func (p *Pass) unitText(e *host.Effect) string {
	if text, ok := e.Content.Known(); ok {
		return text.String()
	}
	if r := e.Content.Repo(); r != "" {
		return string(p.Text(r))
	}
	return ""
}

// enabled tells whether the scripts enable a service, or what starts it.
func (p *Pass) enabled(name string) bool {
	for _, e := range p.Effects(host.ServiceOp) {
		base := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(e.Name, ".service"), ".timer"), ".socket")
		if (e.Action == "enable" || e.Action == "reenable" || e.Action == "add" || e.Action == "preset") && (base == name || strings.Contains(e.Name, "${") || strings.Contains(e.Name, "*")) {
			return true
		}
	}
	return slices.ContainsFunc(p.Effects(host.Symlink), func(e *host.Effect) bool { return strings.Contains(e.Path, ".wants/"+name) }) ||
		slices.ContainsFunc(p.Effects(host.Write, host.CopyTo), func(e *host.Effect) bool {
			return path.Base(e.Path) == name+".timer" || path.Base(e.Path) == name+".socket"
		})
}
