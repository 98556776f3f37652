package lint

import (
	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/lazyregexp"
)

var restartBeforeMigrate = &Rule{
	ID: "restart-before-migrate", Group: Reliability, Severity: diag.Warning, Confidence: diag.High,
	Doc: Doc{
		Title:      "The new code is started before its migration has run",
		Text:       "For that time the program works on a database that lacks what it expects: requests fail, and what it writes may be wrong.",
		Bad:        "#!/bin/sh\nset -e\ncd /srv/shop\ngit pull --ff-only\nsystemctl restart shop\npython manage.py migrate\n",
		Good:       "#!/bin/sh\nset -e\ncd /srv/shop\ngit pull --ff-only\npython manage.py migrate\nsystemctl restart shop\n",
		Exceptions: "Silent when the service is restarted again after the migration; databases and web servers do not count.",
		Since:      "0.1",
	},
	Run: func(p *Pass) {
		for _, m := range perPlace(p.RunEffects(2, host.Migrate)) {
			if m.Alt || !schemaChange.MatchString(m.What) {
				continue
			}
			first, after := p.restartsAround(m)
			if first == nil || after {
				continue
			}
			p.Report(Report{At: m.At, Confidence: chance(first, chance(m, p.rule.Confidence)), Related: []diag.Label{Label(first, first.Name+" runs the new code from here on")}, Effect: first.Name + m.What,
				Message: "the migration runs after " + first.Name + " was started: until then the new code works on the old database", Help: "migrate first, then restart"})
			return
		}
	},
}

var schemaChange = lazyregexp.New(`(?i)\bmigrat|\bsyncdb\b|alembic|db:|schema`)

// restartsAround finds the last start of an application's service before a
// migration, and whether there is one after it.
func (p *Pass) restartsAround(m *host.Effect) (before *host.Effect, after bool) {
	for _, s := range p.Effects(host.ServiceOp) {
		if s.Run != m.Run || s.Action != "start" && s.Action != "restart" || s.Machine != m.Machine || infrastructure.MatchString(s.Name) {
			continue
		}
		if p.Before(s, m) {
			before = s
		} else {
			after = true
		}
	}
	return before, after
}

var infrastructure = lazyregexp.New(`(?i)^(nginx|apache2?|httpd|mysqld?|mariadb|postgres.*|redis.*|memcached|php.*|rabbitmq.*|mongod?b?|docker|cron|ssh|sshd|elasticsearch|supervisord?|fail2ban|ufw)(\.service)?$`)
