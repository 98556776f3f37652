package lint

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
)

var unitNotReloaded = &Rule{
	ID: "unit-not-reloaded", Group: Reliability, Severity: diag.Warning, Confidence: diag.High,
	Doc: Doc{
		Title:      "A unit is replaced and systemd is not told",
		Text:       "systemd keeps the old text in memory: the restart that follows starts the old definition, with a warning that nobody reads.",
		Bad:        "-- deploy.sh --\n#!/bin/sh\nset -e\ncp shop.service /etc/systemd/system/\nsystemctl restart shop\nsystemctl status shop\n-- shop.service --\n[Service]\nUser=shop\nExecStart=/srv/shop/bin/serve\n",
		Good:       "-- deploy.sh --\n#!/bin/sh\nset -e\ncp shop.service /etc/systemd/system/\nsystemctl daemon-reload\nsystemctl restart shop\n-- shop.service --\n[Service]\nUser=shop\nExecStart=/srv/shop/bin/serve\n",
		Exceptions: "systemctl enable and disable read the units again too.",
		Since:      "0.1",
		References: []string{"systemctl(1), daemon-reload"},
	},
	Run: func(p *Pass) {
		for _, e := range perPlace(p.RunEffects(2, host.CopyTo, host.Write, host.MoveTo)) {
			if !systemUnit(e.Path) || p.reloaded(e) {
				continue
			}
			p.Report(Report{At: e.At, Value: valueOf(p.SourceOf(e.At), e.Path), Confidence: chance(e, p.rule.Confidence), Effect: e.Path,
				Message: path.Base(e.Path) + " is replaced and systemd is not told: what is started next is the old definition", Help: "systemctl daemon-reload, before the restart"})
		}
	},
}

func systemUnit(name string) bool {
	if !strings.HasSuffix(name, ".service") && !strings.HasSuffix(name, ".timer") && !strings.HasSuffix(name, ".socket") {
		return false
	}
	return strings.Contains(name, "systemd/system/") && !staged(name)
}

// reloaded tells whether systemd reads its units again after e in the same run.
func (p *Pass) reloaded(e *host.Effect) bool {
	return slices.ContainsFunc(p.Effects(host.System, host.ServiceOp), func(o *host.Effect) bool {
		again := strings.Contains(o.Action, "daemon-reload") || strings.Contains(o.What, "daemon-reload") || o.Action == "enable" || o.Action == "disable" || o.Action == "reenable"
		return again && o.Run == e.Run && p.Before(e, o)
	})
}
