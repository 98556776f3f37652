package lint

import (
	"strings"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/lazyregexp"
)

var uploadInCodeDir = &Rule{
	ID: "upload-in-code-dir", Group: State, Severity: diag.Warning, Confidence: diag.High,
	Doc: Doc{
		Title:      "Files that users send lie in the directory of the code",
		Text:       "What strangers upload stands beside code that a server runs, and a clean checkout or a new release directory loses it. Uploads belong in /var/lib/NAME.",
		Bad:        "#!/bin/sh\nset -e\ncd /srv/shop\ngit pull --ff-only\nmkdir -p /srv/shop/public/uploads\nchmod 0775 /srv/shop/public/uploads\n",
		Good:       "#!/bin/sh\nset -e\ncd /srv/shop\ngit pull --ff-only\nmkdir -p /var/lib/shop/uploads\nln -sfn /var/lib/shop/uploads /srv/shop/public/uploads\n",
		Exceptions: "Links that lead out of the code directory are the cure and do not count.",
		Since:      "0.1",
	},
	Run: func(p *Pass) {
		for _, e := range perPlace(p.Effects(host.MakeDir, host.Chown, host.Chmod)) {
			dir := p.codeOf(e.Path)
			if dir == "" || temporary(e) || !ofFresh(e) || !uploadName.MatchString(strings.TrimPrefix(e.Path, dir+"/")) {
				continue
			}
			p.Report(Report{
				At: e.At, Value: valueOf(p.SourceOf(e.At), e.Path), Confidence: p.sure(e), Related: p.codeLabel(dir), Effect: e.Path,
				Message: "uploads go to " + e.Path + " in the code directory " + dir + ": they are lost with the release, and lie beside code that is run",
				Help:    "keep them in /var/lib/" + p.appName() + "/uploads and link to it",
			})
		}
	},
}

var uploadName = lazyregexp.New(`(?i)(^|/)(uploads?|uploaded|media|user_?files|attachments)$`)
