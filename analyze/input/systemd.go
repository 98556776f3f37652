package input

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/nativize/nativize/analyze/model"
)

// Systemd reads systemd units and their drop-ins.
var Systemd = &Kind{
	Name:   "systemd",
	Doc:    "systemd unit: systemd.unit(5), systemd.service(5), systemd.exec(5), systemd.timer(5)",
	Claims: claimsSystemd,
	read:   readSystemd,
}

var unitSuffixes = []string{".service", ".timer", ".socket", ".path", ".target", ".mount"}

// templateSuffixes are endings of files that become the one without.
var templateSuffixes = []string{".in", ".j2", ".erb", ".tmpl", ".tpl", ".template", ".dist", ".example", ".sample", "-dist", "-example", "-sample"}

// untemplate removes the ending of a template or sample.
func untemplate(p string) string {
	for _, s := range templateSuffixes {
		if t := strings.TrimSuffix(p, s); t != p && path.Base(t) != "" {
			return t
		}
	}
	return p
}

func claimsSystemd(p string, head []byte) bool {
	p = untemplate(p)
	if slices.Contains(unitSuffixes, path.Ext(p)) && shebang(head) == "" {
		return hasSection(head, "Unit", "Service", "Timer", "Socket", "Path", "Mount", "Install") || len(head) == 0
	}
	dir := path.Dir(p) // foo.service.d/override.conf
	return path.Ext(p) == ".conf" && strings.HasSuffix(dir, ".d") && slices.Contains(unitSuffixes, path.Ext(strings.TrimSuffix(dir, ".d")))
}

// hasSection tells whether a [name] header is in the first bytes.
func hasSection(head []byte, names ...string) bool {
	for _, l := range strings.Split(string(head), "\n") {
		l = strings.TrimSpace(l)
		for _, name := range names {
			if strings.HasPrefix(l, "["+name) {
				return true
			}
		}
	}
	return len(head) >= HeadSize // a long licence may precede it
}

// A systemdUnit is a unit being read.
type systemdUnit struct {
	r     *reader
	unit  model.Unit
	keys  map[string][]text // Section.Key -> values
	heads map[string]int    // section -> offset
}

func readSystemd(r *reader) {
	name := untemplate(r.base())
	if path.Ext(name) == ".conf" {
		name = strings.TrimSuffix(path.Base(path.Dir(r.path)), ".d")
	}
	u := &systemdUnit{r: r, keys: map[string][]text{}, heads: map[string]int{}}
	for _, s := range r.ini(systemdStyle) {
		if _, ok := u.heads[s.name]; !ok {
			u.heads[s.name] = s.off
		}
		for _, k := range s.keys {
			key := s.name + "." + k.name
			if k.val.s == "" {
				u.keys[key] = nil
				continue
			}
			u.keys[key] = append(u.keys[key], k.val)
		}
	}
	ext := path.Ext(name)
	u.unit = model.Unit{Name: strings.TrimSuffix(name, ext), Kind: "systemd", From: r.path, Text: string(r.data), Environment: []model.KeyValue{}}
	u.common()
	switch ext {
	case ".timer":
		u.timer()
	case ".service":
		u.service()
	case ".socket":
		u.socket()
	}
}

// get is the last value of a setting, quotes kept.
func (u *systemdUnit) get(key string) text {
	if v := u.keys[key]; len(v) > 0 {
		return v[len(v)-1]
	}
	return text{}
}

// take reads a setting into dst with its place.
func (u *systemdUnit) take(dst *string, field, key string) {
	if v := u.get(key); v.s != "" {
		*dst = v.s
		u.place(field, v)
	}
}

func (u *systemdUnit) place(field string, v text) { u.unit.SetPlace(field, u.r.pos(v.off())) }

func (u *systemdUnit) common() {
	if v := u.get("Unit.Description"); v.s != "" {
		u.r.set(&u.r.out.App.Summary, "summary", v.s, v.off())
	}
	if v := u.get("Unit.Documentation"); strings.HasPrefix(v.s, "http") {
		u.r.set(&u.r.out.App.Homepage, "homepage", strings.Fields(v.s)[0], v.off())
	}
	for _, key := range []string{"Unit.After", "Unit.Requires", "Unit.Wants", "Unit.BindsTo"} {
		for _, v := range u.keys[key] {
			for _, dep := range strings.Fields(v.s) {
				u.unit.After = addOnce(u.unit.After, dep)
			}
		}
	}
}

func (u *systemdUnit) service() {
	r := u.r
	u.take(&u.unit.User, "user", "Service.User")
	u.take(&u.unit.Group, "group", "Service.Group")
	u.take(&u.unit.Dir, "dir", "Service.WorkingDirectory")
	u.take(&u.unit.PIDFile, "pid_file", "Service.PIDFile")
	u.take(&u.unit.Restart, "restart", "Service.Restart")
	u.unit.DynamicUser = isTrue(u.get("Service.DynamicUser").s)
	u.unit.Dir = strings.TrimPrefix(u.unit.Dir, "-")
	u.unit.Forks = strings.EqualFold(u.get("Service.Type").s, "forking")
	u.exec()
	u.environment()
	u.logs()
	u.directories()
	u.accounts()
	off := u.heads["Service"]
	if v := u.get("Service.ExecStart"); v.s != "" {
		off = v.off()
	}
	u.unit.Evidence = r.fact(off, "the repository has the unit")
	if strings.HasSuffix(path.Dir(r.path), ".d") {
		u.unit.Why = "drop-in of the unit"
		r.out.Units = append(r.out.Units, u.unit)
		return
	}
	r.out.Units = append(r.out.Units, u.unit)
	r.out.Services = append(r.out.Services, model.Service{
		Name: u.unit.Name, Manager: "systemd", UnitFrom: r.path, Actions: []string{}, Own: true, Evidence: r.maybe(off, "the repository has the unit"),
	})
}

// execLine removes the prefixes @ - : + ! of systemd.service(5), "COMMAND LINES".
func execLine(t text) (text, bool) {
	s := strings.TrimLeft(t.s, "@-:+!|")
	return t.cut(len(t.s)-len(s), len(t.s)).trim(), strings.Contains(t.s[:len(t.s)-len(s)], "-")
}

func (u *systemdUnit) exec() {
	for _, e := range []struct{ key, phase string }{
		{"ExecStartPre", "start"}, {"ExecStart", "start"}, {"ExecStartPost", "start"},
		{"ExecReload", "reload"}, {"ExecStop", "stop"}, {"ExecStopPost", "stop"},
	} {
		for _, v := range u.keys["Service."+e.key] {
			cmd, lenient := execLine(v)
			u.command(e.key, cmd)
			u.r.addShell(cmd, Shell{Where: Service, User: u.unit.User, Dir: u.unit.Dir, Phase: e.phase, Name: u.unit.Name + ": " + e.key, Lenient: lenient})
		}
	}
}

func (u *systemdUnit) command(key string, cmd text) {
	switch key {
	case "ExecStart":
		if u.unit.Exec == "" {
			u.unit.Exec = cmd.s
			u.place("exec", cmd)
		} else {
			u.unit.Exec += "; " + cmd.s // several are allowed for oneshot
		}
		u.r.out.Start = append(u.r.out.Start, Command{u.unit.Name, cmd.s, u.r.pos(cmd.off())})
	case "ExecStartPre":
		u.unit.Pre = append(u.unit.Pre, cmd.s)
	case "ExecReload":
		u.unit.Reload = cmd.s
		u.place("reload", cmd)
	}
}

func (u *systemdUnit) environment() {
	for _, v := range u.keys["Service.Environment"] {
		for _, w := range (line{v.s, v.off()}).words() {
			if key, val, ok := strings.Cut(w.text, "="); ok {
				u.unit.Environment = append(u.unit.Environment, model.KeyValue{Key: key, Value: val})
				u.r.out.Settings = append(u.r.out.Settings, Key{Name: key, Value: val, Secret: looksSecret(key), At: u.r.pos(w.off)})
			}
		}
	}
	for _, v := range u.keys["Service.EnvironmentFile"] {
		file := strings.TrimPrefix(v.s, "-")
		u.unit.EnvFile = file
		u.place("env_file", v)
		u.r.out.Claims = append(u.r.out.Claims, Claim{Path: file, Role: model.RoleConfig, At: u.r.pos(v.off()), Why: "EnvironmentFile of the unit"})
	}
}

func (u *systemdUnit) logs() {
	for _, key := range []string{"StandardOutput", "StandardError"} {
		v := u.get("Service." + key)
		for _, scheme := range []string{"file:", "append:", "truncate:"} {
			if file, ok := strings.CutPrefix(v.s, scheme); ok {
				u.unit.Logs = addOnce(u.unit.Logs, file)
				u.place("logs", v)
			}
		}
	}
}

// The directories of systemd.exec(5), RuntimeDirectory= and its neighbours.
var unitDirectories = []struct{ key, root, role string }{
	{"RuntimeDirectory", "/run", model.RoleRun},
	{"StateDirectory", "/var/lib", model.RoleData},
	{"CacheDirectory", "/var/cache", model.RoleCache},
	{"LogsDirectory", "/var/log", model.RoleLog},
	{"ConfigurationDirectory", "/etc", model.RoleConfig},
}

func (u *systemdUnit) directories() {
	for _, d := range unitDirectories {
		mode := octal(u.get("Service." + d.key + "Mode").s)
		if mode == "" {
			mode = "0755"
		}
		for _, v := range u.keys["Service."+d.key] {
			for _, w := range (line{v.s, v.off()}).fields() {
				name, _, _ := strings.Cut(w.text, ":")
				dir := model.Directory{Path: path.Join(d.root, name), Owner: u.unit.User, Group: u.unit.Group, Mode: mode, Role: d.role, Evidence: u.r.fact(w.off, d.key+" of the unit")}
				if d.role == model.RoleConfig {
					dir.Owner, dir.Group = "root", "root" // systemd does not chown it
				}
				u.r.out.Directories = append(u.r.out.Directories, dir)
			}
		}
	}
	for _, v := range u.keys["Service.ReadWritePaths"] {
		for _, w := range (line{v.s, v.off()}).fields() {
			u.r.out.Claims = append(u.r.out.Claims, Claim{Path: strings.TrimLeft(w.text, "-+"), Role: model.RoleData, Dir: true, At: u.r.pos(w.off), Why: "ReadWritePaths of the unit"})
		}
	}
}

// octal gives a mode four digits; "" if it is not one.
func octal(mode string) string {
	v, err := strconv.ParseUint(mode, 8, 12)
	if mode == "" || err != nil {
		return ""
	}
	s := strconv.FormatUint(v, 8)
	return strings.Repeat("0", max(0, 4-len(s))) + s
}

func (u *systemdUnit) accounts() {
	if isTrue(u.get("Service.DynamicUser").s) {
		return // systemd makes the account itself
	}
	for _, a := range []struct{ key, kind string }{{"User", "user"}, {"Group", "group"}, {"SupplementaryGroups", "group"}} {
		if v := u.get("Service." + a.key); v.s != "" && !strings.Contains(v.s, "%") {
			for _, w := range (line{v.s, v.off()}).fields() {
				u.r.require(a.kind, w.text, w.off, a.key+" of the unit")
			}
		}
	}
}

func isTrue(s string) bool {
	switch strings.ToLower(s) {
	case "1", "yes", "true", "on", "y", "t":
		return true
	}
	return false
}

// require records an account that is used; root always exists.
func (r *reader) require(kind, name string, off int, why string) {
	if name == "" || name == "root" || name == "0" {
		return
	}
	r.out.Required = append(r.out.Required, model.Account{Name: name, Kind: kind, Evidence: r.fact(off, why)})
}

var timerKeys = []string{"OnCalendar", "OnBootSec", "OnStartupSec", "OnUnitActiveSec", "OnUnitInactiveSec", "OnActiveSec"}

// timer reads a timer; Exec is the unit that it starts.
func (u *systemdUnit) timer() {
	u.unit.Kind = "timer"
	off := u.heads["Timer"]
	var schedule []string
	for _, key := range timerKeys {
		for _, v := range u.keys["Timer."+key] {
			if len(schedule) == 0 {
				off = v.off()
				u.place("schedule", v)
			}
			schedule = append(schedule, key+"="+v.s)
		}
	}
	u.unit.Schedule = strings.Join(schedule, "; ")
	u.unit.Exec = u.unit.Name + ".service"
	u.take(&u.unit.Exec, "exec", "Timer.Unit")
	u.unit.Evidence = u.r.fact(off, "the repository has the timer")
	u.r.out.Units = append(u.r.out.Units, u.unit)
	u.r.out.Services = append(u.r.out.Services, model.Service{
		Name: u.unit.Name, Manager: "systemd", UnitFrom: u.r.path, Actions: []string{}, Own: true, Evidence: u.r.maybe(off, "the repository has the timer"),
	})
}

// socket reads what a socket unit listens on.
func (u *systemdUnit) socket() {
	for _, key := range []string{"ListenStream", "ListenDatagram"} {
		for _, v := range u.keys["Socket."+key] {
			if p := u.r.port(v.s, v.off()); p.Port != "" {
				u.r.out.Ports = append(u.r.out.Ports, p)
			}
		}
	}
	u.unit.Evidence = u.r.fact(u.heads["Socket"], "the repository has the socket")
	u.r.out.Services = append(u.r.out.Services, model.Service{
		Name: u.unit.Name, Manager: "systemd", UnitFrom: u.r.path, Actions: []string{}, Own: true, Evidence: u.r.maybe(u.heads["Socket"], "the repository has the socket"),
	})
}

// port reads "80", "127.0.0.1:80", "[::1]:80" or "*:80".
func (r *reader) port(s string, off int) Port {
	host, port := "", s
	if i := strings.LastIndexByte(s, ':'); i >= 0 {
		host, port = strings.Trim(s[:i], "[]"), s[i+1:]
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return Port{}
	}
	if host == "*" || host == "0.0.0.0" || host == "::" {
		host = ""
	}
	return Port{Port: port, Host: host, At: r.pos(off)}
}
