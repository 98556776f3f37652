package lint

import (
	"github.com/nativize/nativize/analyze/detect"
	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
	"slices"
	"strings"
)

var logInCodeDir = &Rule{
	ID: "log-in-code-dir", Group: State, Severity: diag.Warning, Confidence: diag.High,
	Doc: Doc{
		Title:      "Logs are written into the directory of the code",
		Text:       "Nobody rotates them there, so the disk fills; the account of the service needs write access to the code; and a clean checkout removes them. Log to the journal or to /var/log/NAME.",
		Bad:        "#!/bin/sh\nset -e\ncd /srv/shop\ngit pull --ff-only\nmkdir -p /srv/shop/logs\n",
		Good:       "#!/bin/sh\nset -e\ncd /srv/shop\ngit pull --ff-only\nmkdir -p /var/log/shop\n",
		Exceptions: "A log of the deployment itself counts too. Silent when the directory is a link out of the tree.",
		Since:      "0.1",
		References: []string{"FHS 3.0, section 5.10: /var/log"},
	},
	Run: func(p *Pass) {
		for _, e := range perPlace(p.Effects(host.MakeDir, host.Write, host.Append, host.Touch)) {
			dir := p.codeOf(e.Path)
			if dir == "" || temporary(e) || !ofFresh(e) {
				continue
			}
			if detect.IsLog(e.Path) || e.Op == host.MakeDir && detect.Role(e.Path, dir) == model.RoleLog {
				p.logs(e.At, e.Path, dir, p.sure(e))
			}
		}
		for _, e := range perPlace(p.Effects(host.Write)) {
			text, _ := e.Content.Known()
			for _, m := range unitLog.FindAllStringSubmatch(text.String(), -1) {
				if dir := p.codeOf(m[1]); dir != "" && detect.IsDefinition(e.Path) {
					p.logs(e.At, m[1], dir, p.sure(e))
				}
			}
		}
		for _, u := range p.Facts.Units {
			for _, name := range u.Logs {
				if dir := p.codeOf(name); dir != "" && len(u.At) > 0 {
					p.logs(source.Span{Pos: u.At[0]}, name, dir, p.rule.Confidence)
				}
			}
		}
	},
}

var unitLog = lazyregexp.New(`(?m)^(?:StandardOutput|StandardError|stdout_logfile|stderr_logfile)\s*=\s*(?:append:|file:|truncate:)?(/[^\s;]+)`)

// logs reports a log, once for each path.
func (p *Pass) logs(at source.Span, name, dir string, c diag.Confidence) {
	if slices.ContainsFunc(p.found, func(f Finding) bool { return strings.HasSuffix(f.Effect, "\x00"+name) }) {
		return
	}
	p.Report(Report{
		At: at, Value: valueOf(p.SourceOf(at), name), Confidence: c, Related: p.codeLabel(dir), Effect: name,
		Message: "the log " + name + " lies in the code directory " + dir + ": nothing rotates it there, and the service must be able to write to its code",
		Help:    "log to the journal, or to /var/log/" + p.appName(),
	})
}
