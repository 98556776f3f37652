package verify

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
	"github.com/nativize/nativize/convert/plan"
)

// checkRunnable looks, after the first installation, at what the service
// manager and cron will look for.
func checkRunnable(t *Trace) []Violation {
	i := len(t.Stages) - 1
	s := t.Stages[i]
	if t.Scenario.Name != "fresh install" || s.Err != nil || s.Package == nil {
		return nil
	}
	var list []Violation
	for _, f := range s.Package.Files {
		if f.Kind != host.Regular {
			continue
		}
		text, ok := f.Content.Known()
		if !ok {
			continue
		}
		switch dir := path.Dir(f.Path); {
		case path.Base(dir) == "system" && path.Base(path.Dir(dir)) == "systemd" && t.World.Systemd:
			list = append(list, t.unit(i, f, text.String())...)
		case dir == "/etc/cron.d":
			list = append(list, t.cron(i, f, text.String())...)
		case dir == "/etc/init.d" && digits(f.Mode)[1]&1 == 0:
			list = append(list, t.found(i, positions(f), "%s cannot be executed", f.Path))
		}
	}
	return append(list, t.presets(i)...)
}

// unit checks what a unit names, by systemd.exec(5) and systemd.service(5).
func (t *Trace) unit(i int, f File, text string) []Violation {
	var list []Violation
	made := map[string]bool{}
	lines := unitLines(text)
	for _, l := range lines { // systemd makes these before it starts anything
		for _, d := range strings.Fields(l.value) {
			if root := managedDirs[l.key]; root != "" {
				made[root+"/"+strings.TrimPrefix(d, "/")] = true
			}
		}
	}
	for _, l := range lines {
		if why := t.unitLine(l, lines, made); why != "" {
			list = append(list, t.found(i, []string{f.Path + ": " + l.key + "=" + l.value}, "%s: %s", path.Base(f.Path), why))
		}
	}
	if e := t.Stages[i].After.Files[f.Path]; e.Mode != "" && e.Mode[2]&2+e.Mode[3]&2 != 0 {
		list = append(list, t.found(i, positions(f), "%s can be written by others than root", f.Path))
	}
	return list
}

var managedDirs = map[string]string{"StateDirectory": "/var/lib", "LogsDirectory": "/var/log", "CacheDirectory": "/var/cache", "RuntimeDirectory": "/run", "ConfigurationDirectory": "/etc"}

type unitLine struct{ section, key, value string }

func unitLines(text string) []unitLine {
	var out []unitLine
	section := ""
	text = strings.ReplaceAll(text, "\\\n", " ")
	for l := range strings.SplitSeq(text, "\n") {
		l = strings.TrimSpace(l)
		switch {
		case l == "" || l[0] == '#' || l[0] == ';':
		case l[0] == '[':
			section = strings.Trim(l, "[]")
		default:
			if k, v, ok := strings.Cut(l, "="); ok {
				out = append(out, unitLine{section, strings.TrimSpace(k), strings.TrimSpace(v)})
			}
		}
	}
	return out
}

// unitLine says why a setting does not work here, "" when it does.
func (t *Trace) unitLine(l unitLine, all []unitLine, made map[string]bool) string {
	h := t.World.Host
	if strings.HasPrefix(l.value, "/") && !strings.Contains(l.value, " ") {
		l.value = path.Clean(l.value)
	}
	switch l.key {
	case "User":
		if named(l.value) && h.Has(host.User, 0, l.value) == value.No && !has(all, "DynamicUser", "yes", "true", "1") {
			return "there is no account " + l.value
		}
	case "Group":
		if named(l.value) && h.Has(host.Group, 0, l.value) == value.No && !has(all, "DynamicUser", "yes", "true", "1") {
			return "there is no group " + l.value
		}
	case "ExecStart", "ExecStartPre", "ExecStartPost", "ExecReload", "ExecStop":
		return t.program(strings.TrimLeft(l.value, "@+!:"), all)
	case "WorkingDirectory", "RootDirectory":
		if d := l.value; strings.HasPrefix(d, "/") && !strings.Contains(d, "%") && !made[d] && !t.World.isDir(d) {
			return "the directory " + d + " is not there"
		}
	case "EnvironmentFile":
		if strings.HasPrefix(l.value, "/") && !strings.ContainsAny(l.value, "*?%") && !t.there(l.value) {
			return "the environment file " + l.value + " is not there"
		}
	case "ReadWritePaths", "BindPaths", "ReadOnlyPaths":
		for _, d := range strings.Fields(l.value) {
			if d = path.Clean(d); strings.HasPrefix(d, "/") && !strings.Contains(d, "%") && !made[d] && !t.there(d) {
				return d + " is not there"
			}
		}
	case "WantedBy", "RequiredBy":
		if l.section != "Install" {
			return l.key + " belongs to the section Install"
		}
	case "Unit":
		if l.section == "Timer" && t.unitPath(l.value) == "" {
			return "there is no unit " + l.value
		}
	}
	return ""
}

func named(s string) bool { return s != "" && (s[0] < '0' || s[0] > '9') && !strings.Contains(s, "%") }

func has(all []unitLine, key string, values ...string) bool {
	for _, l := range all {
		for _, v := range values {
			if l.key == key && l.value == v {
				return true
			}
		}
	}
	return false
}

func (t *Trace) unitPath(name string) string {
	for _, d := range []string{"/usr/lib/systemd/system/", "/lib/systemd/system/", "/etc/systemd/system/"} {
		if t.there(d + name) {
			return d + name
		}
	}
	return ""
}

// there tells whether a path is there, or is of a kind that other packages
// bring.
func (t *Trace) there(p string) bool {
	at, n := t.World.Host.Follow(0, p)
	return n.Presence != value.No || external(at) && !t.ours(at) && !strings.HasPrefix(path.Base(at), t.Spec.Versions[1].Name)
}

// ours tells whether the path lies in a directory of the package.
func (t *Trace) ours(p string) bool {
	for _, f := range t.Spec.Versions[1].Files {
		if f.Kind == host.Dir && !host.IsSystemDir(f.Path) && under(p, f.Path) {
			return true
		}
	}
	return false
}

// program checks the first word of a command line of a unit: it exists and can
// be executed, and so does the script that an interpreter is given.
func (t *Trace) program(cmd string, all []unitLine) string {
	if strings.HasPrefix(cmd, "-") || cmd == "" {
		return ""
	}
	words := strings.Fields(cmd)
	for n, w := range words {
		w = strings.Trim(w, `"'`)
		if !strings.HasPrefix(w, "/") || strings.ContainsAny(w, "%$;*=") {
			if n == 0 {
				return ""
			}
			continue
		}
		if n > 0 && !t.ours(w) {
			continue
		}
		at, node := t.World.Host.Follow(0, w)
		switch {
		case node.Presence == value.No && (t.ours(at) || !external(at)) && n < 2:
			return w + " is not there"
		case n == 0 && node.Presence == value.Yes && node.Kind == host.Regular && len(node.Mode) == 4 && !strings.ContainsAny(node.Mode[1:], "1357"):
			return w + " cannot be executed"
		}
	}
	return ""
}

// cron checks a file of /etc/cron.d by cron(8) and crontab(5).
func (t *Trace) cron(i int, f File, text string) []Violation {
	var list []Violation
	name := path.Base(f.Path)
	bad := func(format string, args ...any) {
		list = append(list, t.found(i, positions(f), format, args...))
	}
	if t.World.Format == plan.Deb && strings.ContainsAny(name, ".~") {
		bad("cron does not read %s: its name has a dot (cron(8))", f.Path)
	}
	e := t.Stages[i].After.Files[f.Path]
	if e.Kind == host.Regular && (e.Mode[2]&2 != 0 || e.Mode[3]&2 != 0 || e.Owner != "root") {
		bad("cron does not read %s: it is %s and belongs to %s", f.Path, e.Mode, e.Owner)
	}
	for l := range strings.SplitSeq(text, "\n") {
		if user, cmd, ok := cronLine(l); ok {
			if t.World.Host.Has(host.User, 0, user) == value.No {
				bad("%s runs a command as %s: there is no such account", f.Path, user)
			}
			if w := strings.Fields(cmd); len(w) > 0 && strings.HasPrefix(w[0], "/") && !t.there(w[0]) {
				bad("%s runs %s, which is not there", f.Path, w[0])
			}
		}
	}
	return list
}

// cronLine returns account and command of a line of /etc/cron.d.
func cronLine(l string) (user, cmd string, ok bool) {
	l = strings.TrimSpace(l)
	f := strings.Fields(l)
	skip := 5
	if len(f) > 0 && strings.HasPrefix(f[0], "@") {
		skip = 1
	}
	if len(f) < skip+2 || l[0] == '#' || strings.Contains(f[0], "=") {
		return "", "", false
	}
	return f[skip], strings.Join(f[skip+1:], " "), true
}

// presets checks that files for systemd-sysusers and systemd-tmpfiles that
// scripts do not read themselves would be understood.
func (t *Trace) presets(i int) []Violation {
	var list []Violation
	for _, f := range t.Stages[i].Package.Files {
		text, ok := f.Content.Known()
		if f.Kind != host.Regular || !ok || path.Base(path.Dir(f.Path)) != "tmpfiles.d" {
			continue
		}
		for l := range strings.SplitSeq(text.String(), "\n") {
			w := strings.Fields(l)
			if len(w) < 5 || strings.HasPrefix(w[0], "#") {
				continue
			}
			if u := w[3]; u != "-" && named(u) && t.World.Host.Has(host.User, 0, u) == value.No {
				list = append(list, t.found(i, positions(f), "%s names the account %s, which is not there", f.Path, u))
			}
		}
	}
	return list
}
