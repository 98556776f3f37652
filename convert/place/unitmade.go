package place

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/input/osnames"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/convert/choices"
	"github.com/nativize/nativize/convert/plan"
	"github.com/nativize/nativize/templates"
)

// A commandLine is a command as a unit needs it.
type commandLine struct {
	args []string
	env  []string // NAME=value
	dir  string
	user string
}

// parseCommand reads a command line: assignments before it, cd before it, exec
// and redirections are taken apart; anything else is left to a shell.
func parseCommand(text string) commandLine {
	f, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), "")
	whole := commandLine{args: []string{"/bin/sh", "-c", text}}
	if err != nil || len(f.Stmts) == 0 {
		return whole
	}
	var c commandLine
	stmts := f.Stmts
	if len(stmts) == 1 {
		if b, ok := stmts[0].Cmd.(*syntax.BinaryCmd); ok && b.Op == syntax.AndStmt {
			stmts = []*syntax.Stmt{b.X, b.Y}
		}
	}
	if len(stmts) == 2 {
		args, _, ok := simple(stmts[0])
		if !ok || len(args) != 2 || args[0] != "cd" {
			return whole
		}
		c.dir, stmts = args[1], stmts[1:]
	}
	if len(stmts) != 1 {
		return whole
	}
	args, env, ok := simple(stmts[0])
	if !ok || len(args) == 0 {
		return whole
	}
	for len(args) > 1 && slices.Contains([]string{"exec", "nohup", "setsid", "env"}, args[0]) {
		args = args[1:]
		for len(args) > 1 && assignRE.MatchString(args[0]) {
			env, args = append(env, args[0]), args[1:]
		}
	}
	c.args, c.env = args, env
	return c
}

// A wrapper starts another program; its options say as whom and where. The
// letters of options that take a value are in values.
type wrapper struct {
	values    string
	user, dir []string // options
	exec      []string // options whose value is the program
}

// wrappers are those that systemd does the work of.
var wrappers = map[string]wrapper{
	"daemonize": {values: "ceopulE", user: []string{"-u"}, dir: []string{"-c"}},
	"start-stop-daemon": {
		values: "pncugdrRPskxax", user: []string{"-c", "--chuid", "-u", "--user"}, dir: []string{"-d", "--chdir"}, exec: []string{"-x", "--exec", "-a", "--startas"},
	},
	"setuidgid": {}, "chpst": {values: "ueb/nmdofpcrtlL", user: []string{"-u"}}, "runuser": {values: "ug", user: []string{"-u"}},
	"daemon": {user: []string{"--user"}},
}

// unwrap takes a wrapper off a command line.
func unwrap(c commandLine) commandLine {
	if len(c.args) == 0 {
		return c
	}
	w, ok := wrappers[path.Base(c.args[0])]
	if !ok {
		return c
	}
	rest := c.args[1:]
	var program string
	for len(rest) > 0 && strings.HasPrefix(rest[0], "-") {
		opt, value := rest[0], ""
		rest = rest[1:]
		if opt == "--" {
			break
		}
		if name, v, ok := strings.Cut(opt, "="); ok && strings.HasPrefix(opt, "--") {
			opt, value = name, v
		} else if len(rest) > 0 && w.takes(opt) {
			value, rest = rest[0], rest[1:]
		}
		switch {
		case slices.Contains(w.user, opt):
			c.user, _, _ = strings.Cut(value, ":")
		case slices.Contains(w.dir, opt):
			c.dir = value
		case slices.Contains(w.exec, opt) && program == "":
			program = value
		}
	}
	if program != "" {
		rest = append([]string{program}, rest...)
	}
	if len(rest) == 0 || !accountRE.MatchString(cmp.Or(c.user, "root")) {
		return c
	}
	c.args = rest
	return c
}

// takes tells whether an option has its value in the next word.
func (w wrapper) takes(opt string) bool {
	if strings.HasPrefix(opt, "--") {
		return slices.Contains(slices.Concat(w.user, w.dir, w.exec, []string{"--pidfile", "--name", "--group", "--retry", "--signal", "--umask", "--nicelevel"}), opt)
	}
	return len(opt) == 2 && strings.ContainsRune(w.values, rune(opt[1]))
}

var assignRE = lazyregexp.New(`^[A-Za-z_][A-Za-z0-9_]*=`)

// simple takes a simple command apart when all of its words are literal.
func simple(s *syntax.Stmt) (args, env []string, ok bool) {
	call, isCall := s.Cmd.(*syntax.CallExpr)
	if !isCall || s.Negated {
		return nil, nil, false
	}
	for _, a := range call.Assigns {
		v := ""
		if a.Value != nil {
			if v, ok = literal(a.Value); !ok {
				return nil, nil, false
			}
		}
		env = append(env, a.Name.Value+"="+v)
	}
	for _, w := range call.Args {
		v, ok := literal(w)
		if !ok {
			return nil, nil, false
		}
		args = append(args, v)
	}
	return args, env, true
}

// literal is the text of a word without expansions.
func literal(w *syntax.Word) (string, bool) {
	var b strings.Builder
	for _, p := range w.Parts {
		switch p := p.(type) {
		case *syntax.Lit:
			if strings.ContainsAny(p.Value, "*?[") || strings.HasPrefix(p.Value, "~") {
				return "", false
			}
			b.WriteString(strings.ReplaceAll(p.Value, `\`, ""))
		case *syntax.SglQuoted:
			b.WriteString(p.Value)
		case *syntax.DblQuoted:
			for _, q := range p.Parts {
				l, ok := q.(*syntax.Lit)
				if !ok {
					return "", false
				}
				b.WriteString(l.Value)
			}
		default:
			return "", false
		}
	}
	return b.String(), true
}

// programPaths are programs that no distribution has below /usr/bin.
var programPaths = map[string]string{
	"nginx": "/usr/sbin/nginx", "python": "/usr/bin/python3", "apache2": "/usr/sbin/apache2", "httpd": "/usr/sbin/httpd", "php-fpm": "/usr/sbin/php-fpm",
	"nodejs": "/usr/bin/node", "bash": "/bin/bash", "sh": "/bin/sh", "true": "/bin/true", "sleep": "/bin/sleep", "kill": "/bin/kill",
	"mkdir": "/bin/mkdir", "chown": "/bin/chown", "chmod": "/bin/chmod", "rm": "/bin/rm", "cat": "/bin/cat", "echo": "/bin/echo", "cp": "/bin/cp",
}

// program is the path of a program that is named without one.
func program(name string) string {
	return cmp.Or(programPaths[name], "/usr/bin/"+name)
}

// pythonPrograms come with a virtual environment when there is one.
var pythonPrograms = []string{
	"python", "python3", "gunicorn", "uwsgi", "celery", "uvicorn", "daphne", "hypercorn", "waitress-serve", "flask", "django-admin", "twistd", "rq", "streamlit", "pserve", "alembic",
}

// resolve gives the first word of a command its path in the package.
func (x *placer) resolve(word, dir string) string {
	switch {
	case strings.HasPrefix(word, "/"):
		return x.mapped(word)
	case strings.Contains(word, "/"):
		return path.Join(cmp.Or(dir, x.code, "/"), word)
	case x.hasVenv() != "" && slices.Contains(pythonPrograms, word):
		return x.hasVenv() + "/bin/" + word
	}
	if _, ok := osnames.PackageOfProgram(word, osnames.Debian); !ok && programPaths[word] == "" {
		if x.isRepoFile(word) && x.code != "" {
			return path.Join(x.code, word)
		}
	}
	return program(word)
}

// daemonFlags let a program go to the background; systemd watches it in the
// foreground.
var daemonFlags = map[string][]string{
	"gunicorn": {"-D", "--daemon"}, "uwsgi": {"--daemonize", "-d"}, "celery": {"--detach"}, "puma": {"-d", "--daemon"}, "unicorn": {"-D"}, "thin": {"-d"},
	"daphne": {"--daemonize"}, "java": {}, "nginx": {},
}

// foreground drops the flags of a daemon.
func foreground(args []string) []string {
	flags := daemonFlags[path.Base(args[0])]
	return slices.DeleteFunc(slices.Clone(args), func(a string) bool { return slices.Contains(flags, a) })
}

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
	x.directoriesOf(s)
	s.Harden = templates.Hardening(x.reading(s.User))
}

// directoriesOf lets the unit make the directories of its account.
func (x *placer) directoriesOf(s *templates.Service) {
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
			list *[]string
			mode *uint32
		}{{"/var/lib/", &s.State, &s.StateMode}, {"/var/log/", &s.Logs, &s.LogsMode}, {"/var/cache/", &s.Cache, &s.CacheMode}, {"/run/", &s.Runtime, &s.RuntimeMode}} {
			if rel, ok := strings.CutPrefix(d.Path, to.root); ok && !strings.HasPrefix(rel, "lock/") && (*to.mode == 0 || *to.mode == d.Mode) {
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
	for i := range x.p.Dirs {
		if x.p.Dirs[i].Unit == "pending" {
			x.p.Dirs[i].Unit = unit.Name
		}
	}
	unit.OpenRC = x.openRC(name, s, u.At)
	x.decide(&unit)
	x.p.Units = append(x.p.Units, unit)
	x.mark(u.At, plan.PartUnit, unit.Name, "a systemd unit")
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

// openRC writes the init script for Alpine.
func (x *placer) openRC(name string, s templates.Service, at []source.Pos) string {
	rc := templates.OpenRC{
		Name: name, Description: s.Description, Command: s.ExecStart[0].Args, User: s.User, Group: s.Group, Directory: s.WorkingDirectory,
		Forking: s.Type == "forking", PIDFile: s.PIDFile, After: []string{"net"},
	}
	if len(s.EnvironmentFiles) > 0 {
		rc.EnvFile = strings.TrimPrefix(s.EnvironmentFiles[0], "-")
	}
	for _, d := range x.p.Dirs {
		if d.Kind == plan.Run && d.Owner == s.User {
			rc.Dirs = append(rc.Dirs, templates.Dir{Path: d.Path, Mode: d.Mode, User: cmp.Or(d.Owner, "root"), Group: cmp.Or(d.Group, "root")})
		}
	}
	t, err := rc.Text()
	if err != nil {
		x.manual(at, "", "No init script for Alpine could be written for %s: %v.", name, err)
		return ""
	}
	return x.text("openrc/"+name, []byte(t.Text), 0o755, []plan.LineSource{{From: 1, To: strings.Count(t.Text, "\n"), At: at, Why: "the service on Alpine"}})
}

// openRCOf writes the init script of an existing unit.
func (x *placer) openRCOf(t unitText, text string) {
	if !strings.HasSuffix(t.name, ".service") || strings.Contains(t.name, "@") || setting(text, "Type") == "oneshot" {
		return
	}
	c := parseCommand(strings.TrimLeft(setting(text, "ExecStart"), "@-:+!"))
	if len(c.args) == 0 || strings.ContainsAny(setting(text, "ExecStart"), "$%") {
		return
	}
	dir := setting(text, "WorkingDirectory")
	if !plainPath(dir) {
		dir = ""
	}
	c.args[0] = x.resolve(c.args[0], dir)
	user := setting(text, "User")
	s := templates.Service{
		Description: cmp.Or(setting(text, "Description"), x.p.Summary), User: user, Group: cmp.Or(setting(text, "Group"), x.groupIfUser(user)), WorkingDirectory: dir,
		ExecStart: []templates.Command{{Args: c.args}}, Type: setting(text, "Type"), PIDFile: setting(text, "PIDFile"),
	}
	if f := setting(text, "EnvironmentFile"); f != "" {
		s.EnvironmentFiles = []string{f}
	}
	x.p.Units[len(x.p.Units)-1].OpenRC = x.openRC(strings.TrimSuffix(t.name, ".service"), s, t.at)
}

// reading is what the text of the payload tells about rights.
func (x *placer) reading(user string) templates.Reading {
	r := templates.Reading{Root: user == "", Unknown: true}
	for _, d := range x.p.Dirs {
		r.Home = r.Home || within(d.Path, "/home") || within(d.Path, "/root")
		r.Tmp = r.Tmp || within(d.Path, "/tmp") || within(d.Path, "/var/tmp")
	}
	for _, e := range x.entries {
		if e.Type != plan.File || e.Origin != plan.Repo {
			continue
		}
		b, err := x.repo.Read(e.Src)
		if err != nil || len(b) > 256<<10 || source.IsBinary(b) {
			continue
		}
		t := string(b)
		r.Sudo = r.Sudo || sudoRE.MatchString(t)
		r.Home = r.Home || strings.Contains(t, "/home/")
		r.Tmp = r.Tmp || strings.Contains(t, "/tmp/") || strings.Contains(t, `"/tmp"`) || strings.Contains(t, "'/tmp'")
		r.Devices = r.Devices || deviceRE.MatchString(t)
		r.Kernel = r.Kernel || strings.Contains(t, "/proc/sys/") || strings.Contains(t, "modprobe") || strings.Contains(t, "sysctl")
	}
	return r
}

var (
	sudoRE   = lazyregexp.New(`\bsudo\b|\bsetuid\b|\bsu -`)
	deviceRE = lazyregexp.New(`/dev/(tty|video|i2c|spi|gpio|serial|sd|bus|mem|kmsg|input|snd|dri|ttyUSB)`)
)
