package lint

import (
	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
)

var downtime = &Rule{
	ID: "downtime", Group: Reliability, Severity: diag.Note, Confidence: diag.High,
	Doc: Doc{
		Title:      "The service is stopped while slow steps run",
		Text:       "Downloads, builds and installations take minutes and may fail; for all of that time nothing answers. Do them first, then stop, swap and start.",
		Bad:        "#!/bin/sh\nset -e\nsystemctl stop shop\ncd /srv/shop\ngit pull --ff-only\nnpm ci\nsystemctl start shop\n",
		Good:       "#!/bin/sh\nset -e\ncd /srv/shop\ngit pull --ff-only\nnpm ci\nsystemctl restart shop\n",
		Exceptions: "Migrations between stop and start are meant and do not count.",
		Since:      "0.1",
	},
	Run: func(p *Pass) {
		for _, stop := range perPlace(p.RunEffects(2, host.ServiceOp)) {
			if stop.Action != "stop" || stop.Alt {
				continue
			}
			slow := p.slowUntilStart(stop)
			if slow == nil {
				continue
			}
			p.Report(Report{At: stop.At, Confidence: chance(stop, p.rule.Confidence), Related: []diag.Label{Label(slow, "this may take minutes, or fail")}, Effect: stop.Name,
				Message: stop.Name + " is stopped before slow steps: for all of that time nothing answers", Help: "fetch and build first, then stop, swap and start"})
		}
	},
}

// slowUntilStart is the first slow step between a stop and the start after it.
func (p *Pass) slowUntilStart(stop *host.Effect) *host.Effect {
	var slow *host.Effect
	for _, e := range p.Effects(host.Fetch, host.Clone, host.Language, host.PackageOp, host.ServiceOp) {
		if e.Run != stop.Run || e.Machine != stop.Machine || !p.Before(stop, e) {
			continue
		}
		if e.Op == host.ServiceOp {
			if e.Name == stop.Name && (e.Action == "start" || e.Action == "restart") {
				return slow
			}
			continue
		}
		if slow == nil {
			slow = e
		}
	}
	return nil
}
