package lint

import (
	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/lazyregexp"
)

var readableBeforeChmod = &Rule{
	ID: "readable-before-chmod", Group: Security, Severity: diag.Note, Confidence: diag.Medium, Fix: "mkdir -m MODE",
	Doc: Doc{
		Title:      "A private directory is open until chmod closes it",
		Text:       "Between mkdir and chmod the directory has the mode of the umask, mostly 0755: whoever opens it in that time keeps it open. Make it with its mode.",
		Bad:        "#!/bin/sh\nset -e\nmkdir /var/lib/shop-keys\nchmod 700 /var/lib/shop-keys\n",
		Good:       "#!/bin/sh\nset -e\nmkdir -m 700 -p /var/lib/shop-keys\nchmod 700 /var/lib/shop-keys\n",
		Exceptions: "Only for modes that keep group and others out, given as digits. The chmod stays: with -p, mkdir leaves the mode of a directory that is there.",
		Since:      "0.1",
		References: []string{"mkdir(1), -m", "CWE-379: creation of a temporary file in a directory with insecure permissions"},
	},
	Run: func(p *Pass) {
		for _, e := range perPlace(p.RunEffects(1, host.MakeDir)) {
			if e.Mode != "" || temporary(e) || staged(e.Path+"/") {
				continue
			}
			if c := p.closedLater(e); c != nil {
				p.Report(Report{At: e.At, Value: valueOf(p.SourceOf(e.At), e.Path), Confidence: chance(e, p.rule.Confidence), Effect: e.Path,
					Related: []diag.Label{Label(c, "it is closed only here")}, Fix: p.addFlag(e, "mkdir", "-m "+c.Mode),
					Message: e.Path + " is open to everybody from here until chmod " + c.Mode + " closes it", Help: "mkdir -m " + c.Mode})
			}
		}
	},
}

var privateMode = lazyregexp.New(`^0?[0-7]00$`)

// closedLater is the chmod of the same run that closes a directory to others.
func (p *Pass) closedLater(e *host.Effect) *host.Effect {
	for _, c := range p.On(e.Path) {
		if c.Op == host.Chmod && c.Run == e.Run && p.Before(e, c) && privateMode.MatchString(c.Mode) {
			return c
		}
	}
	return nil
}
