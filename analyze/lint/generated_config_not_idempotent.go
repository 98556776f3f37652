package lint

import (
	"slices"

	"github.com/nativize/nativize/analyze/detect"
	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
)

var configAppended = &Rule{
	ID: "generated-config-not-idempotent", Group: Configuration, Severity: diag.Warning, Confidence: diag.High,
	Doc: Doc{
		Title:      "Each run appends to a configuration file again",
		Text:       "After the tenth deploy the line stands there ten times; which one counts depends on the program. Write the whole file, or add a file of your own to a .d directory.",
		Bad:        "#!/bin/sh\nset -e\necho 'vm.swappiness=10' >> /etc/sysctl.conf\n",
		Good:       "#!/bin/sh\nset -e\necho 'vm.swappiness=10' > /etc/sysctl.d/60-shop.conf\n",
		Exceptions: "Silent when a test keeps the second run from it, and when the same run wrote the file from the start.",
		Since:      "0.1",
	},
	Run: func(p *Pass) {
		for _, e := range p.RunEffects(2, host.Append) {
			if !p.isConfig(e.Path) && !detect.IsDefinition(e.Path) || temporary(e) || dated(e) || p.rewritten(e) || !p.onTarget(e) {
				continue
			}
			p.Report(Report{
				At: e.At, Value: valueOf(p.SourceOf(e.At), e.Path), Confidence: chance(e, p.rule.Confidence), Related: p.guard(e), Effect: e.Path,
				Message: "each run appends to " + e.Path + " again: the lines pile up and the last one, or the first, counts",
				Help:    "write the whole file, or test for the line first: grep -qxF ... || echo ... >>",
			})
		}
	},
}

// rewritten tells whether the same run has written the whole file before.
func (p *Pass) rewritten(e *host.Effect) bool {
	return slices.ContainsFunc(p.On(e.Path), func(o *host.Effect) bool {
		fresh := o.Op == host.Write || o.Op == host.CopyTo || o.Op == host.MoveTo || o.Op == host.Remove || o.Op == host.Fetch
		return fresh && o.Run == e.Run && p.Before(o, e)
	}) || slices.ContainsFunc(p.Effects(host.Remove, host.MakeDir, host.Clone, host.Clean), func(o *host.Effect) bool {
		return o.Run == e.Run && o.Op == host.Remove && o.Recursive && below(e.Path, o.Path) && p.Before(o, e)
	})
}
