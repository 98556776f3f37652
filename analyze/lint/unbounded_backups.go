package lint

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/shell"
)

var unboundedBackups = &Rule{
	ID: "unbounded-backups", Group: Reliability, Severity: diag.Note, Confidence: diag.Medium,
	Doc: Doc{
		Title:      "Each deploy leaves a dated copy, and nothing removes old ones",
		Text:       "The disk fills, and a full disk stops the deploy half-way, or the database.",
		Bad:        "#!/bin/sh\nset -e\ncp -r /srv/shop \"/srv/shop.$(date +%Y%m%d%H%M%S)\"\nrsync -a ./ /srv/shop/\n",
		Good:       "#!/bin/sh\nset -e\ncp -r /srv/shop \"/var/backups/shop.$(date +%Y%m%d%H%M%S)\"\nfind /var/backups -maxdepth 1 -name 'shop.*' -mtime +14 -exec rm -rf {} +\nrsync -a ./ /srv/shop/\n",
		Exceptions: "Silent when something in the directory of the copies is removed.",
		Since:      "0.1",
	},
	Run: func(p *Pass) {
		for _, e := range perPlace(p.RunEffects(1, host.CopyTo, host.MoveTo, host.Backup, host.Sync, host.Extract)) {
			if !dated(e) || temporary(e) || p.prunes(path.Dir(e.Path)) || !p.onTarget(e) {
				continue
			}
			p.Report(Report{At: e.At, Value: valueOf(p.SourceOf(e.At), e.Path), Confidence: p.sure(e), Effect: e.Path,
				Message: "each run leaves another copy " + e.Path + " and nothing removes old ones: the disk fills", Help: "remove what is older than some days: find DIR -maxdepth 1 -name ... -mtime +14 -exec rm -rf {} +"})
		}
	},
}

// prunes tells whether the scripts remove anything below a directory.
func (p *Pass) prunes(dir string) bool {
	return slices.ContainsFunc(p.Effects(host.Remove), func(e *host.Effect) bool { return within(e.Path, dir) }) ||
		slices.ContainsFunc(p.Statements(), func(s shell.Statement) bool {
			return strings.Contains(s.Text, "-mtime") || strings.HasPrefix(s.Text, "tmpreaper") || strings.HasPrefix(s.Text, "xargs rm") || strings.Contains(s.Text, "-delete")
		})
}
