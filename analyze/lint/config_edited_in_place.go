package lint

import (
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
)

var configEdited = &Rule{
	ID: "config-edited-in-place", Group: Configuration, Severity: diag.Warning, Confidence: diag.High,
	Doc: Doc{
		Title: "A file of the repository or of another package is edited in place",
		Text: "An edit by sed of a tracked file makes the checkout dirty: the next pull stops at it or a reset undoes it. An edit of another package's file makes " +
			"its upgrades ask or stop. Both are changes that no file in version control shows.",
		Bad:        "#!/bin/sh\nset -e\ncd /srv/shop\ngit pull --ff-only\nsed -i s/DEBUG=1/DEBUG=0/ config/settings.ini\n-- config/settings.ini --\nDEBUG=1\n",
		Good:       "#!/bin/sh\nset -e\ncd /srv/shop\ngit pull --ff-only\nsed s/DEBUG=1/DEBUG=0/ config/settings.ini > /etc/shop.ini.new\nmv /etc/shop.ini.new /etc/shop.ini\n-- config/settings.ini --\nDEBUG=1\n",
		Exceptions: "Silent for a copy that the script made itself, such as a template that is filled in.",
		Since:      "0.1",
		References: []string{"Debian Policy 10.7.4: sharing configuration files"},
	},
	Run: func(p *Pass) {
		for _, e := range perPlace(p.Effects(host.Edit)) {
			switch {
			case temporary(e) || !ofFresh(e):
			case p.tracked(e):
				p.Report(Report{
					At: e.At, Value: valueOf(p.SourceOf(e.At), e.Path), Confidence: chance(e, p.rule.Confidence), Effect: e.Path, Related: p.codeLabel(p.codeOf(e.Path)),
					Message: "the tracked file " + p.tail(e) + " is edited in place: the checkout is dirty, and the next pull stops or the edit is undone",
					Help:    "keep a template in the repository and write the result elsewhere",
				})
			case below(e.Path, "/etc") && !p.made(e.Path) || below(e.Path, "/usr/lib") && !p.made(e.Path):
				p.Report(Report{
					At: e.At, Value: valueOf(p.SourceOf(e.At), e.Path), Confidence: chance(e, p.rule.Confidence), Effect: e.Path,
					Message: e.Path + ", which this deployment did not make, is edited in place: its owner's upgrades will ask or stop",
					Help:    "add a file of your own (a .d directory, an include) instead of an edit",
				})
			}
		}
	},
}

// tracked tells whether an effect changes a file of the repository where it lies
// in the checkout, as opposed to a copy made elsewhere.
func (p *Pass) tracked(e *host.Effect) bool {
	c := e.Content
	for c != nil && c.Kind == host.Edited {
		c = c.Prev
	}
	if c == nil || c.Kind != host.RepoFile || !strings.HasSuffix(e.Path, "/"+c.Path) {
		return false
	}
	for _, o := range p.On(e.Path) {
		if o.Op == host.CopyTo || o.Op == host.Write || o.Op == host.MoveTo {
			return false
		}
	}
	return true
}

// tail is the repository path of a tracked file.
func (p *Pass) tail(e *host.Effect) string { return e.Content.Repo() }

// made tells whether the deployment writes a path itself.
func (p *Pass) made(name string) bool {
	return slices.ContainsFunc(p.On(name), func(o *host.Effect) bool {
		return o.Op == host.CopyTo || o.Op == host.Write || o.Op == host.MoveTo || o.Op == host.Fetch || o.Op == host.Symlink
	})
}
