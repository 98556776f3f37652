package input

import (
	"path"
	"strconv"
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/model"
)

// Supervisor reads supervisord programs.
//
// A comment inside a line is a semicolon after white space: any other reader
// of ini files either cuts "a;b" or keeps the comment.
var Supervisor = &Kind{
	Name:   "supervisor",
	Doc:    "supervisord programs: supervisord.org/configuration.html",
	Claims: claimsSupervisor,
	read:   readSupervisor,
}

func claimsSupervisor(p string, head []byte) bool {
	switch path.Ext(untemplate(p)) {
	case ".conf", ".ini", ".supervisor", ".supervisord", "":
		return programHeader.Match(head) || strings.HasPrefix(path.Base(p), "supervisord.conf")
	}
	return false
}

var programHeader = lazyregexp.New(`(?m)^\s*\[(program|eventlistener|fcgi-program|group):[^\]\n]+\]`)

// maxInstances bounds numprocs.
const maxInstances = 1000

func readSupervisor(r *reader) {
	for _, s := range r.ini(supervisorStyle) {
		kind, name, _ := strings.Cut(s.name, ":")
		switch kind {
		case "program", "fcgi-program", "eventlistener":
			r.program(s, strings.TrimSpace(name))
		case "include":
			for _, w := range (line{s.get("files").s, s.get("files").off()}).fields() {
				r.call(w.text, w.off, "include")
			}
		}
	}
}

func (r *reader) program(s *section, name string) {
	u := model.Unit{Name: name, Kind: "supervisor", From: r.path, Environment: []model.KeyValue{}, Restart: "on-failure"}
	expand := func(key string) text { return programExpand(s.get(key), name) }
	take := func(dst *string, field, key string) {
		if v := expand(key); v.s != "" {
			*dst = v.s
			u.SetPlace(field, r.pos(v.off()))
		}
	}
	take(&u.Exec, "exec", "command")
	take(&u.User, "user", "user")
	take(&u.Dir, "dir", "directory")
	for _, key := range []string{"stdout_logfile", "stderr_logfile"} {
		switch v := expand(key); v.s {
		case "", "AUTO", "NONE", "syslog", "/dev/stdout", "/dev/stderr", "/dev/fd/1", "/dev/fd/2", "/dev/null":
		default:
			u.Logs = addOnce(u.Logs, v.s)
			u.SetPlace("logs", r.pos(v.off()))
			r.logDirectory(v, u.User)
		}
	}
	switch v := strings.ToLower(s.get("autorestart").s); {
	case v == "unexpected":
	case v != "" && !isTrue(v):
		u.Restart = "no"
	case v != "":
		u.Restart = "always"
	}
	if n, err := strconv.Atoi(s.get("numprocs").s); err == nil && n > 1 && n <= maxInstances {
		u.Instances = n
	}
	r.programEnvironment(&u, expand("environment"))
	r.finishProgram(s, u)
}

func (r *reader) finishProgram(s *section, u model.Unit) {
	off := s.off
	u.Evidence = r.fact(off, "supervisor program")
	if cmd := s.get("command"); cmd.s != "" {
		cmd = programExpand(cmd, u.Name)
		r.out.Start = append(r.out.Start, Command{u.Name, cmd.s, r.pos(cmd.off())})
		r.addShell(cmd, Shell{Where: Service, User: u.User, Dir: u.Dir, Env: u.Environment, Phase: "start", Name: u.Name})
	} else {
		r.problem(off, "program "+strconv.Quote(u.Name)+" has no command")
	}
	if v := s.get("user"); v.s != "" && !strings.ContainsAny(u.User, "%{$") {
		r.require("user", u.User, v.off(), "user of the supervisor program")
	}
	r.out.Units = append(r.out.Units, u)
	actions := []string{"start"}
	if v := s.get("autostart").s; v != "" && !isTrue(v) {
		actions = []string{}
	}
	r.out.Services = append(r.out.Services, model.Service{Name: u.Name, Manager: "supervisor", UnitFrom: r.path, Actions: actions, Own: true, Evidence: r.fact(off, "supervisor program")})
}

// logDirectory records the directory of a log file; /var/log itself exists.
func (r *reader) logDirectory(file text, owner string) {
	dir := path.Dir(file.s)
	if !path.IsAbs(dir) || dir == "/var/log" || dir == "/tmp" || dir == "/" || strings.HasPrefix(dir, "/dev") {
		return
	}
	for _, d := range r.out.Directories {
		if d.Path == dir {
			return
		}
	}
	r.out.Directories = append(r.out.Directories, model.Directory{Path: dir, Owner: owner, Role: model.RoleLog, Evidence: r.maybe(file.off(), "the log file is in it")})
}

var programPlaceholder = lazyregexp.New(`%\(([A-Za-z_][A-Za-z0-9_]*)\)[sd0-9]*[sd]`)

// programExpand replaces %(program_name)s by the name, %(ENV_X)s and what a
// template engine would fill in by ${X}, and %% by %.
func programExpand(t text, name string) text {
	if !strings.Contains(t.s, "%") {
		return t
	}
	var w weave
	last := 0
	for _, m := range programPlaceholder.FindAllStringSubmatchIndex(t.s, -1) {
		w.addText(t.cut(last, m[0]))
		key := t.s[m[2]:m[3]]
		switch {
		case key == "program_name" || key == "group_name":
			w.stand(name, t.at(m[0]))
		default:
			w.stand("${"+strings.TrimPrefix(key, "ENV_")+"}", t.at(m[0]))
		}
		last = m[1]
	}
	w.addText(t.cut(last, len(t.s)))
	return replaceText(w.text(), "%%", "%")
}

// replaceText replaces old by new, keeping the places of the rest.
func replaceText(t text, old, new string) text {
	if !strings.Contains(t.s, old) {
		return t
	}
	var w weave
	last := 0
	for {
		i := strings.Index(t.s[last:], old)
		if i < 0 {
			break
		}
		w.addText(t.cut(last, last+i))
		w.stand(new, t.at(last+i))
		last += i + len(old)
	}
	w.addText(t.cut(last, len(t.s)))
	return w.text()
}

// programEnvironment reads KEY="value",KEY2=value; quotes protect commas.
func (r *reader) programEnvironment(u *model.Unit, t text) {
	for _, pair := range splitCommas(t) {
		eq := strings.IndexByte(pair.s, '=')
		if eq < 0 {
			continue
		}
		key := strings.TrimSpace(pair.s[:eq])
		val := pair.cut(eq+1, len(pair.s)).trim()
		if n := len(val.s); n >= 2 && (val.s[0] == '"' || val.s[0] == '\'') && val.s[n-1] == val.s[0] {
			val = val.cut(1, n-1)
		}
		u.Environment = append(u.Environment, model.KeyValue{Key: key, Value: val.s})
		r.out.Settings = append(r.out.Settings, Key{Name: key, Value: val.s, Secret: looksSecret(key), At: r.pos(pair.off())})
	}
}

// splitCommas splits at commas and newlines outside quotes; blank parts are dropped.
func splitCommas(t text) []text {
	var out []text
	start, quote := 0, byte(0)
	for i := 0; i <= len(t.s); i++ {
		switch {
		case i == len(t.s) || quote == 0 && (t.s[i] == ',' || t.s[i] == '\n'):
			if part := t.cut(start, i).trim(); part.s != "" {
				out = append(out, part)
			}
			start = i + 1
		case quote != 0 && t.s[i] == quote:
			quote = 0
		case quote == 0 && (t.s[i] == '"' || t.s[i] == '\''):
			quote = t.s[i]
		}
	}
	return out
}

// call records a mention of a file of the repository.
func (r *reader) call(p string, off int, how string, args ...string) {
	p = strings.TrimPrefix(p, "./")
	if p != "" {
		r.out.Calls = append(r.out.Calls, Call{Path: p, Args: args, At: r.pos(off), How: how})
	}
}
