package input

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/model"
)

// SysV reads init scripts. Their body is shell, handed over as run with
// "start"; the header and the customary variables are read here.
var SysV = &Kind{
	Name:   "sysv",
	Doc:    "System V or OpenRC init script: Linux Standard Base, \"Comment conventions for init scripts\"; openrc-run(8)",
	Claims: claimsSysV,
	read:   readSysV,
}

var (
	lsbHeader  = lazyregexp.New(`(?m)^###\s*BEGIN INIT INFO`)
	chkconfig  = lazyregexp.New(`(?m)^#\s*chkconfig:\s*[-0-9]`)
	sourceInit = lazyregexp.New(`(?m)^\s*(\.|source)\s+(/etc/rc\.d/init\.d/functions|/etc/init\.d/functions|/lib/lsb/init-functions)`)
	shellSet   = lazyregexp.New(`^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$`)
	startCase  = lazyregexp.New(`(?m)\bstart\b[^\n()]*\)`)
)

func claimsSysV(p string, head []byte) bool {
	if sh := shebang(head); sh != "" && !isShell(sh) || sh == "" && len(head) > 0 {
		return false
	}
	if lsbHeader.Match(head) || chkconfig.Match(head) || sourceInit.Match(head) {
		return true
	}
	if s := shebang(head); s == "openrc-run" || s == "runscript" {
		return true
	}
	dir := "/" + path.Dir(p)
	return strings.HasSuffix(dir, "/init.d") || strings.HasSuffix(dir, "/rc.d") && path.Ext(p) == "" || path.Ext(untemplate(p)) == ".init" || path.Ext(untemplate(p)) == ".initd"
}

// initVariables are the customary variables of init scripts and what they say.
var initVariables = map[string]string{
	"NAME": "name", "PROG": "name", "SERVICE": "name", "SERVICE_NAME": "name", "APP_NAME": "name", "SCRIPT_NAME": "",
	"DAEMON": "exec", "DAEMON_PATH": "exec", "EXEC": "exec", "BIN": "exec", "CMD": "exec", "COMMAND": "exec", "PROGRAM": "exec", "APP_BIN": "exec", "BINARY": "exec",
	"DAEMON_ARGS": "args", "DAEMON_OPTS": "args", "OPTIONS": "args", "ARGS": "args", "OPTS": "args", "COMMAND_ARGS": "args",
	"USER": "user", "DAEMON_USER": "user", "RUNAS": "user", "RUN_AS": "user", "APP_USER": "user", "SERVICE_USER": "user", "DAEMONUSER": "user", "UID": "", "RUN_USER": "user", "COMMAND_USER": "user",
	"GROUP": "group", "DAEMON_GROUP": "group",
	"PIDFILE": "pid", "PID_FILE": "pid", "PID": "pid",
	"DIR": "dir", "CHDIR": "dir", "APP_DIR": "dir", "APP_HOME": "dir", "APP_PATH": "dir", "WORKDIR": "dir", "WORKING_DIR": "dir", "WORKINGDIR": "dir", "APP_ROOT": "dir", "DAEMON_DIR": "dir", "DIRECTORY": "dir",
	"LOGFILE": "log", "LOG_FILE": "log", "LOG": "log", "STDOUT": "log", "STDOUT_LOG": "log", "OUTPUT_LOG": "log", "ERROR_LOG": "log", "STDERR_LOG": "log",
}

func readSysV(r *reader) {
	u := model.Unit{Name: strings.TrimSuffix(untemplate(r.base()), path.Ext(untemplate(r.base()))), Kind: "sysv", From: r.path, Environment: []model.KeyValue{}, Forks: true}
	off := 0
	vars := map[string]text{}
	for _, l := range r.lines() {
		r.lsbLine(&u, l, &off)
		if m := shellSet.FindStringSubmatchIndex(l.text); m != nil && !strings.HasPrefix(strings.TrimSpace(l.text), "#") {
			name := l.text[m[2]:m[3]]
			if _, set := vars[name]; !set {
				vars[name] = shellValue(line{l.text[m[4]:m[5]], l.off + m[4]}, vars)
				r.initVariable(&u, name, vars[name])
			}
		}
	}
	u.Evidence = r.fact(off, "the repository has the init script")
	if u.User != "" && !strings.Contains(u.User, "$") {
		if p, ok := u.Places["user"]; ok && u.User != "root" {
			r.out.Required = append(r.out.Required, model.Account{Name: u.User, Kind: "user", Evidence: fact(p, "user of the init script")})
		}
	}
	r.out.Units = append(r.out.Units, u)
	r.out.Services = append(r.out.Services, model.Service{Name: u.Name, Manager: "sysv", UnitFrom: r.path, Actions: []string{}, Own: true, Evidence: r.maybe(off, "the repository has the init script")})
	r.addShell(plain(r.src, 0), Shell{Where: Service, Interpreter: shebang(r.data), Phase: "start", Name: u.Name, Args: []string{"start"}})
	if !startCase.Match(r.data) && !slices.Contains([]string{"openrc-run", "runscript"}, shebang(r.data)) {
		r.problem(0, "the script has no case for start")
	}
}

// lsbLine reads one line of the header.
func (r *reader) lsbLine(u *model.Unit, l line, off *int) {
	body, ok := strings.CutPrefix(l.text, "#")
	if !ok {
		return
	}
	key, value, found := line{body, l.off + 1}.cut(":")
	if !found || value.text == "" {
		return
	}
	switch strings.ToLower(key.text) {
	case "provides":
		if name := strings.Fields(value.text)[0]; !strings.ContainsAny(name, "{<$") {
			u.Name = name
			u.SetPlace("name", r.pos(value.off))
			*off = value.off
		}
	case "required-start", "should-start":
		for _, dep := range strings.Fields(value.text) {
			u.After = addOnce(u.After, dep)
		}
	case "short-description", "description":
		r.set(&r.out.App.Summary, "summary", value.text, value.off)
	case "pidfile":
		u.PIDFile = value.text
		u.SetPlace("pid_file", r.pos(value.off))
	}
}

func (r *reader) initVariable(u *model.Unit, name string, v text) {
	what := initVariables[strings.ToUpper(name)]
	if v.s == "" {
		return
	}
	put := func(dst *string, field string) {
		if *dst == "" {
			*dst = v.s
			u.SetPlace(field, r.pos(v.off()))
		}
	}
	switch what {
	case "exec":
		put(&u.Exec, "exec")
	case "args":
		if u.Exec != "" {
			u.Exec += " " + v.s
		}
	case "user":
		put(&u.User, "user")
	case "group":
		put(&u.Group, "group")
	case "pid":
		if path.IsAbs(v.s) {
			put(&u.PIDFile, "pid_file")
		}
	case "dir":
		put(&u.Dir, "dir")
	case "log":
		if path.IsAbs(v.s) {
			u.Logs = addOnce(u.Logs, v.s)
			u.SetPlace("logs", r.pos(v.off()))
		}
	}
}

var shellVariable = lazyregexp.New(`\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?`)

// maxJoined bounds a line that is joined of several.
const maxJoined = 1 << 12

// maxExpanded bounds a value that is put together from others.
const maxExpanded = 4096

// shellValue is the literal value of the right side of an assignment: quotes
// removed, variables set before replaced, others as ${NAME}; "" when it holds
// a command substitution or an array.
func shellValue(l line, vars map[string]text) text {
	t := l.trim()
	if strings.Contains(t.text, "$(") || strings.Contains(t.text, "`") || strings.HasPrefix(t.text, "(") {
		return plain("", t.off)
	}
	if i := strings.Index(t.text, " #"); i >= 0 && !strings.ContainsAny(t.text[i:], `"'`) {
		t.text = strings.TrimRight(t.text[:i], " ")
	}
	words := t.words()
	if len(words) == 0 {
		return plain("", t.off)
	}
	v := strings.TrimSuffix(words[0].text, ";")
	if len(v) > maxExpanded {
		return plain("", t.off)
	}
	v = shellVariable.ReplaceAllStringFunc(v, func(ref string) string {
		name := strings.Trim(ref, "${}")
		if known, ok := vars[name]; ok && known.s != "" {
			return known.s
		}
		return "${" + name + "}"
	})
	if len(v) > maxExpanded {
		return plain("", t.off)
	}
	return plain(v, words[0].off)
}

// Upstart reads jobs of init(5) of Upstart.
var Upstart = &Kind{
	Name:   "upstart",
	Doc:    "Upstart job: init(5) of Upstart",
	Claims: claimsUpstart,
	read:   readUpstart,
}

var upstartStanza = lazyregexp.New(`(?m)^\s*(start on\s|respawn\s*$|expect (fork|daemon)|(pre-start|post-start|pre-stop|post-stop)\s|end script\s*$|setuid\s)`)

func claimsUpstart(p string, head []byte) bool {
	p = untemplate(p)
	ext := path.Ext(p)
	if ext != ".conf" && ext != ".upstart" && ext != ".override" {
		return false
	}
	dir := "/" + path.Dir(p)
	return upstartStanza.Match(head) && !programHeader.Match(head) || strings.HasSuffix(dir, "etc/init")
}

func readUpstart(r *reader) {
	u := model.Unit{Name: strings.TrimSuffix(untemplate(r.base()), path.Ext(untemplate(r.base()))), Kind: "upstart", From: r.path, Environment: []model.KeyValue{}}
	off := 0
	var after []Shell
	lines := r.lines()
	for i := 0; i < len(lines); i++ {
		l := lines[i].trim()
		if l.text == "" || l.text[0] == '#' {
			continue
		}
		for strings.HasSuffix(l.text, `\`) && i+1 < len(lines) && len(l.text) < maxJoined {
			i++
			l.text = strings.TrimSuffix(l.text, `\`) + " " + strings.TrimSpace(lines[i].text)
		}
		hook, body := "", l
		if first, rest, ok := l.cut(" "); ok && strings.Contains(" pre-start post-start pre-stop post-stop ", " "+first.text+" ") {
			hook, body = first.text, rest
		}
		if body.text == "script" {
			var t text
			t, i = r.script(lines, i+1)
			after = append(after, r.upstartScript(&u, hook, t, &off))
			continue
		}
		if s, ok := r.upstartStanza(&u, hook, body, &off); ok {
			after = append(after, s)
		}
	}
	r.finishUpstart(u, off, after)
}

// script collects the lines up to "end script" and returns the index of that.
func (r *reader) script(lines []line, i int) (text, int) {
	var w weave
	for ; i < len(lines); i++ {
		if strings.Join(strings.Fields(lines[i].text), " ") == "end script" {
			return w.text(), i
		}
		w.add(lines[i].text+"\n", lines[i].off)
	}
	r.problem(len(r.data), "the script is not ended by \"end script\"")
	return w.text(), i
}

func upstartPhase(hook string) string {
	switch hook {
	case "pre-stop", "post-stop":
		return "stop"
	}
	return "start"
}

func (r *reader) upstartScript(u *model.Unit, hook string, t text, off *int) Shell {
	if hook == "" {
		*off = t.off()
		r.upstartExec(u, t)
	} else if hook == "pre-start" {
		u.Pre = append(u.Pre, strings.TrimSpace(t.s))
	}
	return r.shell(t, Shell{Where: Service, Phase: upstartPhase(hook), Name: strings.TrimSpace(u.Name + " " + hook)})
}

var execLast = lazyregexp.New(`(?m)^\s*exec\s+(.+?)\s*$`)

// upstartExec takes the exec of a main script as the command.
func (r *reader) upstartExec(u *model.Unit, t text) {
	if u.Exec != "" {
		return
	}
	if m := execLast.FindStringSubmatchIndex(t.s); m != nil {
		cmd := t.cut(m[2], m[3])
		u.Exec = cmd.s
		u.SetPlace("exec", r.pos(cmd.off()))
		r.out.Start = append(r.out.Start, Command{u.Name, cmd.s, r.pos(cmd.off())})
	}
}

// upstartStanza reads a stanza of one line; it returns the shell of exec.
func (r *reader) upstartStanza(u *model.Unit, hook string, l line, off *int) (Shell, bool) {
	key, rest, _ := l.cut(" ")
	put := func(dst *string, field string) {
		*dst = strings.Trim(rest.text, `"'`)
		u.SetPlace(field, r.pos(rest.off))
	}
	switch key.text {
	case "exec":
		if hook == "" {
			put(&u.Exec, "exec")
			*off = rest.off
			r.out.Start = append(r.out.Start, Command{u.Name, rest.text, r.pos(rest.off)})
		} else if hook == "pre-start" {
			u.Pre = append(u.Pre, rest.text)
		}
		return r.shell(rest.asText(), Shell{Where: Service, Phase: upstartPhase(hook), Name: strings.TrimSpace(u.Name + " " + hook)}), true
	case "description":
		r.set(&r.out.App.Summary, "summary", strings.Trim(rest.text, `"'`), rest.off)
	case "setuid":
		put(&u.User, "user")
	case "setgid":
		put(&u.Group, "group")
	case "chdir":
		put(&u.Dir, "dir")
	case "respawn":
		u.Restart = "always"
	case "expect":
		u.Forks = rest.text == "fork" || rest.text == "daemon"
	case "env":
		if k, v, ok := rest.cut("="); ok {
			value := strings.Trim(v.text, `"'`)
			u.Environment = append(u.Environment, model.KeyValue{Key: k.text, Value: value})
			r.out.Settings = append(r.out.Settings, r.key(k.text, value, k.off))
		}
	}
	return Shell{}, false
}

func (r *reader) finishUpstart(u model.Unit, off int, shells []Shell) {
	u.Evidence = r.fact(off, "the repository has the Upstart job")
	for _, s := range shells {
		s.User, s.Dir, s.Env = u.User, u.Dir, u.Environment
		r.out.Shell = append(r.out.Shell, s)
	}
	if p, ok := u.Places["user"]; ok && u.User != "root" && !strings.Contains(u.User, "$") {
		r.out.Required = append(r.out.Required, model.Account{Name: u.User, Kind: "user", Evidence: fact(p, "setuid of the job")})
	}
	if u.Exec == "" && len(shells) == 0 {
		r.problem(off, "the job has neither exec nor script")
	}
	r.out.Units = append(r.out.Units, u)
	r.out.Services = append(r.out.Services, model.Service{Name: u.Name, Manager: "upstart", UnitFrom: r.path, Actions: []string{}, Own: true, Evidence: r.maybe(off, "the repository has the Upstart job")})
}

// RunScript reads run scripts of runit, s6 and daemontools.
var RunScript = &Kind{
	Name:   "run-script",
	Doc:    "run script of a supervision suite: runsv(8), s6-supervise",
	Claims: claimsRunScript,
	read:   readRunScript,
}

var runDirs = lazyregexp.New(`(^|/)(sv|service|services|services\.d|s6-rc\.d|s6|runit|etc/service)/[^/]+(/log)?/run$`)

func claimsRunScript(p string, head []byte) bool {
	return path.Base(p) == "run" && (runDirs.MatchString(p) || bytesContainAny(head, "chpst", "s6-", "setuidgid", "svlogd"))
}

func bytesContainAny(b []byte, words ...string) bool {
	s := string(b)
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(s, w) })
}

var privilegeDrop = lazyregexp.New(`\b(?:chpst\s+(?:-[a-zA-Z]+\s+\S+\s+)*?-u\s*|s6-setuidgid\s+|setuidgid\s+|gosu\s+|su-exec\s+)([A-Za-z_][A-Za-z0-9_-]*)`)

func readRunScript(r *reader) {
	dir := path.Dir(r.path)
	if path.Base(dir) == "log" {
		return // the logger of a service is not a program of its own
	}
	u := model.Unit{Name: path.Base(dir), Kind: "command", From: r.path, Environment: []model.KeyValue{}, Restart: "always"}
	off := 0
	for _, l := range r.lines() {
		t := l.trim()
		if m := execLast.FindStringSubmatchIndex(t.text); m != nil && t.text != "exec 2>&1" {
			u.Exec, off = t.text[m[2]:m[3]], t.off+m[2]
			u.SetPlace("exec", r.pos(off))
		}
		if m := privilegeDrop.FindStringSubmatchIndex(t.text); m != nil {
			u.User = t.text[m[2]:m[3]]
			u.SetPlace("user", r.pos(t.off+m[2]))
			r.require("user", u.User, t.off+m[2], "the run script changes to it")
		}
		if dir, ok := strings.CutPrefix(t.text, "cd "); ok {
			u.Dir, _, _ = strings.Cut(strings.Trim(dir, `"'`), " ")
			u.SetPlace("dir", r.pos(t.off+3))
		}
	}
	u.Evidence = r.fact(off, "run script of a supervised service")
	r.out.Units = append(r.out.Units, u)
	if u.Exec != "" {
		r.out.Start = append(r.out.Start, Command{u.Name, u.Exec, r.pos(off)})
	}
	r.out.Services = append(r.out.Services, model.Service{Name: u.Name, Manager: "other", UnitFrom: r.path, Actions: []string{}, Own: true, Evidence: r.maybe(off, "run script of a supervised service")})
	if sh := shebang(r.data); sh == "" || isShell(sh) {
		r.addShell(plain(r.src, 0), Shell{Where: Service, Interpreter: sh, Phase: "start", Name: u.Name})
	}
}
