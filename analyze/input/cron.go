package input

import (
	"path"
	"strconv"
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/model"
)

// Crontab reads crontabs: those of users, and of /etc/cron.d with their
// column for the account.
var Crontab = &Kind{
	Name:   "crontab",
	Doc:    "crontab: crontab(5); the form of /etc/cron.d has the account in the sixth column",
	Claims: claimsCrontab,
	read:   readCrontab,
}

var (
	cronName     = lazyregexp.New(`(?i)(^|[._-])(crontab|cron)([._-]|$)`)
	cronSchedule = lazyregexp.New(`^(@(reboot|yearly|annually|monthly|weekly|daily|midnight|hourly)|(\*|[0-9]|\{\{|<%|\$\{)[^\s]*(\s+[-0-9*/,?A-Za-z#LW${}<>%.]+){4})\s+`)
	cronEnv      = lazyregexp.New(`^([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)$`)
	accountName  = lazyregexp.New(`^[a-z_][a-z0-9_-]{0,31}\$?$|^\$\{?[A-Za-z_]+\}?$|^\{\{[^}]*\}\}$`)
)

func claimsCrontab(p string, head []byte) bool {
	p = untemplate(p)
	base, dir := path.Base(p), "/"+path.Dir(p)
	switch path.Ext(base) {
	case "", ".cron", ".crontab", ".txt", ".conf", ".cronjob":
	default:
		return false
	}
	if shebang(head) != "" {
		return false
	}
	return strings.HasSuffix(dir, "/cron.d") || cronName.MatchString(base) && (anyCronLine(head) || len(head) == 0)
}

func anyCronLine(head []byte) bool {
	for _, l := range strings.Split(string(head), "\n") {
		if cronSchedule.MatchString(strings.TrimSpace(l)) {
			return true
		}
	}
	return false
}

func readCrontab(r *reader) {
	system := r.systemCrontab()
	var env []model.KeyValue
	for _, l := range r.lines() {
		t := l.trim()
		if t.text == "" || t.text[0] == '#' {
			continue
		}
		if m := cronSchedule.FindStringIndex(t.text); m != nil {
			r.cronJob(line{t.text[:m[1]], t.off}.trim(), line{t.text[m[1]:], t.off + m[1]}, system, env)
			continue
		}
		if m := cronEnv.FindStringSubmatchIndex(t.text); m != nil {
			name, value := t.text[m[2]:m[3]], strings.Trim(t.text[m[4]:m[5]], `"'`)
			env = setKey(append([]model.KeyValue(nil), env...), name, value)
			r.out.Settings = append(r.out.Settings, r.key(name, value, t.off))
			continue
		}
		r.problem(t.off, "neither a job nor an assignment")
	}
}

// systemCrontab tells whether the sixth column is an account: by the place of
// the file, and else when every job has a known account, or one name, there.
func (r *reader) systemCrontab() bool {
	if strings.Contains("/"+r.path, "/cron.d/") || strings.HasSuffix(r.path, "etc/crontab") {
		return true
	}
	jobs, accounts := 0, 0
	for _, l := range r.lines() {
		t := l.trim()
		m := cronSchedule.FindStringIndex(t.text)
		if m == nil {
			continue
		}
		jobs++
		if words := strings.Fields(t.text[m[1]:]); len(words) > 1 && commonAccounts[words[0]] {
			accounts++
		}
	}
	return jobs > 0 && jobs == accounts
}

// commonAccounts are names that in the sixth column are no command.
var commonAccounts = map[string]bool{
	"root": true, "www-data": true, "apache": true, "nginx": true, "nobody": true, "deploy": true, "ubuntu": true,
	"postgres": true, "mysql": true, "http": true, "www": true, "admin": true, "deployer": true, "app": true, "daemon": true, "ec2-user": true,
}

func (r *reader) cronJob(schedule, rest line, system bool, env []model.KeyValue) {
	c := model.Cron{Schedule: strings.Join(strings.Fields(schedule.text), " "), Path: "crontab"}
	if system {
		user, cmd, ok := rest.cut(" ")
		if tab, after, found := rest.cut("\t"); found && len(tab.text) < len(user.text) {
			user, cmd, ok = tab, after, found
		}
		if !ok || !accountName.MatchString(user.text) {
			r.problem(rest.off, "an account and a command were expected")
			return
		}
		c.User, rest = user.text, cmd
		c.Path = path.Join("/etc/cron.d", untemplate(r.base()))
		if !strings.ContainsAny(c.User, "${") {
			r.require("user", c.User, user.off, "a cron job runs as it")
		}
	}
	c.Command = rest.text
	c.Evidence = r.fact(schedule.off, "job of the crontab")
	r.out.Cron = append(r.out.Cron, c)
	r.addShell(cronCommand(rest.asText()), Shell{Where: Service, User: c.User, Env: env, Phase: "cron", Name: c.Schedule})
}

// cronCommand cuts at the first % that no backslash protects: what follows is
// standard input. crontab(5).
func cronCommand(t text) text {
	for i := 0; i < len(t.s); i++ {
		if t.s[i] == '\\' {
			i++
		} else if t.s[i] == '%' {
			t = t.cut(0, i)
			break
		}
	}
	return replaceText(t, `\%`, "%")
}

// Logrotate reads the rotation of log files.
var Logrotate = &Kind{
	Name:   "logrotate",
	Doc:    "log rotation: logrotate.conf(5)",
	Claims: claimsLogrotate,
	read:   readLogrotate,
}

var logrotateWord = lazyregexp.New(`(?m)^\s*(missingok|notifempty|copytruncate|rotate\s+\d+|delaycompress|sharedscripts|postrotate)\s*$`)

func claimsLogrotate(p string, head []byte) bool {
	p = untemplate(p)
	switch path.Ext(p) {
	case "", ".conf", ".logrotate", ".txt":
	default:
		return false
	}
	return strings.HasSuffix("/"+path.Dir(p), "/logrotate.d") || strings.Contains(strings.ToLower(path.Base(p)), "logrotate") && shebang(head) == "" || logrotateWord.Match(head) && shebang(head) == "" && strings.Contains(string(head), "{")
}

func readLogrotate(r *reader) {
	lines := r.lines()
	var logs []line
	owner := text{}
	for i := 0; i < len(lines); i++ {
		t := lines[i].trim()
		word, rest, _ := t.cut(" ")
		switch {
		case t.text == "" || t.text[0] == '#':
		case t.text == "}":
			r.rotated(logs, owner)
			logs, owner = nil, text{}
		case word.text == "postrotate" || word.text == "prerotate" || word.text == "firstaction" || word.text == "lastaction" || word.text == "preremove":
			i = r.rotateScript(lines, i+1, word.text)
		case word.text == "su" || word.text == "create" && owner.s == "":
			owner = rest.asText()
		case word.text == "include":
			r.call(rest.text, rest.off, "include")
		case t.text[0] == '/' || t.text[0] == '"' || t.text[0] == '~' || strings.HasPrefix(t.text, "{{") || strings.HasPrefix(t.text, "$"):
			for _, w := range t.words() {
				if w.text != "{" {
					logs = append(logs, line{strings.TrimSuffix(w.text, "{"), w.off})
				}
			}
		}
	}
	if len(logs) > 0 {
		r.problem(logs[0].off, "the section of this log is not closed")
		r.rotated(logs, owner)
	}
}

func (r *reader) rotateScript(lines []line, i int, name string) int {
	var w weave
	for ; i < len(lines) && strings.TrimSpace(lines[i].text) != "endscript"; i++ {
		w.add(lines[i].text+"\n", lines[i].off)
	}
	r.addShell(w.text(), Shell{Where: Service, Phase: "other", Name: name})
	return i
}

// rotated records the logs of a section; owner holds "user group" of su, or
// "mode user group" of create.
func (r *reader) rotated(logs []line, owner text) {
	words := (line{owner.s, owner.off()}).fields()
	if len(words) > 0 {
		if _, err := strconv.ParseUint(words[0].text, 8, 32); err == nil {
			words = words[1:]
		}
	}
	dir := model.Directory{Role: model.RoleLog}
	if len(words) >= 2 {
		dir.Owner, dir.Group = words[0].text, words[1].text
		r.require("user", dir.Owner, words[0].off, "rotated logs belong to it")
	}
	for _, l := range logs {
		r.out.Claims = append(r.out.Claims, Claim{Path: l.text, Role: model.RoleLog, At: r.pos(l.off), Why: "rotated by logrotate"})
		d := dir
		d.Path = path.Dir(l.text)
		if path.IsAbs(l.text) && d.Path != "/var/log" {
			d.Evidence = r.maybe(l.off, "the rotated log is in it")
			r.out.Directories = append(r.out.Directories, d)
		}
	}
}
