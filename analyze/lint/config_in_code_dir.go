package lint

import (
	"github.com/nativize/nativize/analyze/detect"
	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
)

var configInCodeDir = &Rule{
	ID: "config-in-code-dir", Group: Configuration, Severity: diag.Warning, Confidence: diag.High,
	Doc: Doc{
		Title: "Configuration is written into the directory of the code",
		Text: "The next deploy replaces the code and the administrator's edits with it, and a package cannot own a directory in which files change. " +
			"Configuration belongs in /etc/NAME; the program is told the place, or a link leads there.",
		Bad:        "#!/bin/sh\nset -e\ngit clone --branch v1.2 https://example.org/shop.git /srv/shop\ncp /srv/shop/settings.ini.dist /srv/shop/settings.ini\n",
		Good:       "#!/bin/sh\nset -e\ngit clone --branch v1.2 https://example.org/shop.git /srv/shop\nmkdir -p /etc/shop\n[ -e /etc/shop/settings.ini ] || cp /srv/shop/settings.ini.dist /etc/shop/settings.ini\n",
		Exceptions: "Silent for links that lead out of the code directory, and for files that are only part of the code.",
		Since:      "0.1",
		References: []string{"FHS 3.0, section 3.7: /etc", "Debian Policy 10.7.2"},
	},
	Run: func(p *Pass) {
		for _, e := range perPlace(p.RunEffects(1, host.Write, host.Append, host.CopyTo, host.MoveTo, host.Edit, host.Fetch)) {
			dir := p.codeOf(e.Path)
			if dir == "" || e.Kind == host.Dir || !p.isConfig(e.Path) || temporary(e) || detect.IsBackup(e.Path) || p.restores(e) || !ofFresh(e) {
				continue
			}
			p.Report(Report{
				At: e.At, Value: valueOf(p.SourceOf(e.At), e.Path), Confidence: p.sure(e), Related: p.codeLabel(dir),
				Message: "the configuration " + e.Path + " lies in the code directory " + dir + ": edits there are lost when the code is replaced",
				Help:    "keep it in /etc/" + p.appName() + "/ and link or point the program to it",
				Effect:  e.Path,
			})
		}
	},
}

// appName is the application's name for paths in hints.
func (p *Pass) appName() string {
	if p.App.Name == "" {
		return "APP"
	}
	return p.App.Name
}
