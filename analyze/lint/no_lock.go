package lint

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/shell"
)

var noLock = &Rule{
	ID: "no-lock", Group: Reliability, Severity: diag.Note, Confidence: diag.Low,
	Doc: Doc{
		Title:      "Nothing keeps two deploys from running at once",
		Text:       "Two people, or a person and a pipeline, deploy at the same moment: one removes what the other builds. A lock costs one line.",
		Bad:        "#!/bin/sh\nset -e\ncd /srv/shop\ngit pull --ff-only\nnpm ci\nsystemctl restart shop\n",
		Good:       "#!/bin/sh\nset -e\nexec 9>/run/lock/shop-deploy\nflock -n 9 || { echo 'another deploy is running' >&2; exit 1; }\ncd /srv/shop\ngit pull --ff-only\nnpm ci\nsystemctl restart shop\n",
		Exceptions: "A lock file or directory that the script makes and tests counts as a lock. Pipelines that run one job at a time need none, hence the low confidence.",
		Since:      "0.1",
		References: []string{"flock(1)"},
	},
	Run: func(p *Pass) {
		if !p.Class.Packageable() {
			return
		}
		var first *host.Effect
		n := 0
		for _, e := range p.RunEffects(2, host.Clone, host.Sync, host.CopyTo, host.Extract, host.Language, host.Migrate) {
			if p.onTarget(e) && (e.Op == host.Language || e.Op == host.Migrate || p.replacesCode(e)) {
				n++
				if first == nil {
					first = e
				}
			}
		}
		if n >= 2 && !p.locks() {
			p.Report(Report{At: first.At, Effect: "lock", Message: "nothing keeps a second deploy from starting while this one runs: each undoes half of the other", Help: "flock -n 9 with exec 9>/run/lock/" + p.appName() + "-deploy"})
		}
	},
}

func (p *Pass) locks() bool {
	return slices.ContainsFunc(p.Statements(), func(s shell.Statement) bool {
		return lockText.MatchString(s.Text)
	}) || slices.ContainsFunc(p.Effects(host.Write, host.MakeDir, host.Touch), func(e *host.Effect) bool { return strings.Contains(strings.ToLower(path.Base(e.Path)), "lock") })
}

var lockText = lazyregexp.New(`(?i)\b(flock|lockfile|dotlockfile|lckdo|setlock)\b|noclobber`)
