package lint

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/detect"
	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/model"
)

var stateInCodeDir = &Rule{
	ID: "state-in-code-dir", Group: State, Severity: diag.Warning, Confidence: diag.High,
	Doc: Doc{
		Title:      "Data lies in the directory of the code",
		Text:       "Databases, uploads and queues live longer than a release. In the code directory a clean checkout, a swap of releases or the removal of the package takes them along. Data belongs in /var/lib/NAME.",
		Bad:        "#!/bin/sh\nset -e\ncd /srv/shop\ngit pull --ff-only\nmkdir -p /srv/shop/data\nchown www-data /srv/shop/data\n",
		Good:       "#!/bin/sh\nset -e\ncd /srv/shop\ngit pull --ff-only\nmkdir -p /var/lib/shop\nchown www-data /var/lib/shop\n",
		Exceptions: "Directories that the repository tracks are code. Caches and temporary directories do not count.",
		Since:      "0.1",
		References: []string{"FHS 3.0, section 5.8: /var/lib"},
	},
	Run: func(p *Pass) {
		for _, e := range perPlace(p.Effects(host.MakeDir, host.Chown, host.Touch, host.CopyTo, host.Symlink)) {
			name, dir := e.Path, p.codeOf(e.Path)
			if dir == "" || temporary(e) || !ofFresh(e) || !p.stateName(name, dir) || e.Op == host.Symlink || e.Op == host.CopyTo && path.Ext(name) == "" {
				continue
			}
			p.Report(Report{
				At: e.At, Value: valueOf(p.SourceOf(e.At), name), Confidence: p.sure(e), Related: p.codeLabel(dir), Effect: name,
				Message: "the data in " + name + " lies in the code directory " + dir + ": a clean checkout or a swap of releases takes it along",
				Help:    "keep it in /var/lib/" + p.appName() + " and link to it or configure the place",
			})
		}
	},
}

var databaseFile = lazyregexp.New(`\.(db|sqlite3?|rrd)$`)

// stateName tells of a path below a code directory that holds data and that the
// repository does not track.
func (p *Pass) stateName(name, dir string) bool {
	rel := strings.TrimPrefix(name, dir+"/")
	if p.repo.Exists(rel) && !databaseFile.MatchString(name) || uploadName.MatchString(rel) {
		return false
	}
	return databaseFile.MatchString(name) || detect.Role(name, dir) == model.RoleData
}
