package place

import (
	"cmp"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/convert/choices"
	"github.com/nativize/nativize/convert/plan"
	"github.com/nativize/nativize/templates"
)

// madeUnit makes a unit of what another service manager, or nobody, ran.
func (x *placer) madeUnit(u model.Unit) {
	name := serviceName(u.Name)
	if u.Kind == "procfile" && name != x.p.Name { // web and worker are names of every application
		name = x.p.Name + "-" + name
	}
	if slices.ContainsFunc(x.p.Units, func(o plan.Unit) bool { return o.Name == name+".service" }) {
		x.mark(u.At, plan.PartUnit, name, "another definition of the same service is the unit")
		return
	}
	c := parseCommand(u.Exec)
	if len(c.args) == 0 || strings.TrimSpace(u.Exec) == "" || strings.Contains(u.Exec, "${") && strings.Contains(u.Exec, "${ANY") {
		x.mark(u.At, plan.PartManual, u.Name, "its command line is not known")
		x.manual(u.At, "", "The command line of the service %s is known on the server only. Write its unit by hand.", u.Name)
		return
	}
	c = unwrap(c)
	if u.User == "" {
		u.User = c.user
	}
	dir := x.mapped(cmp.Or(c.dir, u.Dir, x.old))
	if !plainPath(dir) {
		dir = cmp.Or(x.code, "")
	}
	user := cmp.Or(u.User, x.account)
	if user == "root" {
		user = ""
	}
	args := foreground(c.args)
	for i, a := range args {
		args[i] = x.rewritten(a)
	}
	args[0] = x.resolve(args[0], dir)
	s := templates.Service{
		Description: x.p.Summary, Type: "exec", User: user, Group: cmp.Or(u.Group, x.groupIfUser(user)), WorkingDirectory: dir,
		Restart: restartOf(u), RestartSec: "2", WantedBy: []string{"multi-user.target"}, After: x.after(u),
		ExecStart: []templates.Command{{Args: args}},
	}
	if len(x.f.Units) > 1 {
		s.Description = x.p.Summary + " (" + u.Name + ")"
	}
	x.fill(&s, u, c)
	x.write(name, s, u)
}

// serviceName makes a name valid for a unit.
func serviceName(s string) string {
	return validName(strings.ReplaceAll(s, ":", "-"))
}

func (x *placer) groupIfUser(user string) string {
	if user == "" {
		return ""
	}
	return x.groupOf(user)
}

func restartOf(u model.Unit) string {
	switch u.Restart {
	case "always", "unless-stopped", "true", "unexpected":
		return "always"
	case "no", "never", "false":
		return "no"
	}
	if u.Kind == "pm2" || u.Kind == "supervisor" || u.Kind == "procfile" {
		return "always"
	}
	return "on-failure"
}

// fill adds environment, directories and hardening.
func (x *placer) fill(s *templates.Service, u model.Unit, c commandLine) {
	for _, kv := range u.Environment {
		if assignRE.MatchString(kv.Key+"=") && !strings.Contains(kv.Value, "${") {
			s.Environment = append(s.Environment, kv.Key+"="+x.rewritten(kv.Value))
		}
	}
	for _, e := range c.env {
		s.Environment = append(s.Environment, x.rewritten(e))
	}
	if f := strings.TrimPrefix(u.EnvFile, "-"); plainPath(f) {
		s.EnvironmentFiles = append(s.EnvironmentFiles, "-"+x.mapped(f))
	}
	for _, cf := range x.confs {
		if cf.way == choices.EnvFile && !slices.Contains(s.EnvironmentFiles, "-"+cf.to) {
			s.EnvironmentFiles = append(s.EnvironmentFiles, "-"+cf.to)
		}
	}
	for _, pre := range u.Pre {
		if p := parseCommand(pre); len(p.args) > 0 {
			p.args[0] = x.resolve(p.args[0], s.WorkingDirectory)
			s.ExecStartPre = append(s.ExecStartPre, templates.Command{Args: p.args})
		}
	}
	if s.User == "" {
		x.manual(u.At, "", "The service %s runs as root, as it did before. Give it an account if it needs no rights of root.", u.Name)
	}
	if u.Instances > 1 {
		x.manual(u.At, "", "The old deployment ran %d processes of %s; the unit runs one. Make it a template unit if it needs more.", u.Instances, u.Name)
	}
	x.directoriesOf(s, func(string) bool { return true })
	s.Harden = templates.Hardening(x.reading(s.User, "WorkingDirectory="+s.WorkingDirectory+"\n"+strings.Join(s.ExecStart[0].Args, " ")))
}

// directoriesOf lets the unit make the directories of its account, by the
// settings that it may have.
func (x *placer) directoriesOf(s *templates.Service, may func(key string) bool) {
	if s.User == "" {
		return
	}
	for i := range x.p.Dirs {
		d := &x.p.Dirs[i]
		if d.Owner != s.User || d.Group != s.Group || d.Formats != nil || d.Kind == plan.Home {
			continue
		}
		for _, to := range []struct {
			root string
			key  string
			list *[]string
			mode *uint32
		}{
			{"/var/lib/", "StateDirectory", &s.State, &s.StateMode}, {"/var/log/", "LogsDirectory", &s.Logs, &s.LogsMode},
			{"/var/cache/", "CacheDirectory", &s.Cache, &s.CacheMode}, {"/run/", "RuntimeDirectory", &s.Runtime, &s.RuntimeMode},
		} {
			if rel, ok := strings.CutPrefix(d.Path, to.root); ok && may(to.key) && !strings.HasPrefix(rel, "lock/") && (*to.mode == 0 || *to.mode == d.Mode) {
				*to.list, *to.mode = append(*to.list, rel), d.Mode
				if d.Unit == "" && d.Kind != plan.Home {
					d.Unit = "pending"
				}
			}
		}
	}
}

// after are the units that a service starts after: the network, and what the
// deployment uses beside it.
func (x *placer) after(u model.Unit) []string {
	out := []string{"network.target"}
	for _, a := range u.After {
		if unitRE.MatchString(a) && !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	for _, db := range []struct{ word, units string }{
		{"postgres", "postgresql.service"}, {"mysql", "mysql.service mariadb.service"}, {"mariadb", "mariadb.service"},
		{"redis", "redis-server.service redis.service"}, {"mongo", "mongod.service"}, {"memcached", "memcached.service"}, {"rabbitmq", "rabbitmq-server.service"},
	} {
		if slices.ContainsFunc(x.f.Packages, func(p model.OSPackage) bool { return strings.Contains(p.Name, db.word) }) {
			for n := range strings.FieldsSeq(db.units) {
				if !slices.Contains(out, n) {
					out = append(out, n)
				}
			}
		}
	}
	return out
}

// write adds the unit and its OpenRC script.
func (x *placer) write(name string, s templates.Service, u model.Unit) {
	s.Ref = 1
	t, err := s.Text()
	if err != nil {
		x.mark(u.At, plan.PartManual, u.Name, err.Error())
		x.manual(u.At, "", "No unit could be written for %s: %v.", u.Name, err)
		return
	}
	unit := plan.Unit{Name: name + ".service", User: s.User, At: u.At, Why: "made from " + u.Kind}
	n := strings.Count(t.Text, "\n")
	unit.Text = x.text("units/"+unit.Name, []byte(t.Text), 0o644, unitLines(t.Text, n, u))
	x.made(unit.Name)
	unit.OpenRC = x.openRC(name, s, u.At)
	x.decide(&unit)
	x.p.Units = append(x.p.Units, unit)
	x.mark(u.At, plan.PartUnit, unit.Name, "a systemd unit")
}

// made names the unit that makes the directories which directoriesOf gave it.
func (x *placer) made(unit string) {
	for i := range x.p.Dirs {
		if x.p.Dirs[i].Unit == "pending" {
			x.p.Dirs[i].Unit = unit
		}
	}
}

// unitLines ties the lines of a made unit to where they were read.
func unitLines(text string, n int, u model.Unit) []plan.LineSource {
	out := []plan.LineSource{{From: 1, To: n, At: u.At, Why: "made from " + u.Kind + " " + u.Name}}
	keys := map[string]string{"User=": "user", "WorkingDirectory=": "dir", "ExecStart=": "exec", "EnvironmentFile=": "env_file", "Restart=": "restart", "Group=": "group"}
	line := 0
	for l := range strings.Lines(text) {
		line++
		for prefix, field := range keys {
			if at, ok := u.Places[field]; ok && strings.HasPrefix(l, prefix) {
				out = append(out, plan.LineSource{From: line, To: line, At: []source.Pos{at}, Why: field + " of " + u.Name})
			}
		}
	}
	return out
}
