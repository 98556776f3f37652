package place

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/convert/choices"
	"github.com/nativize/nativize/convert/plan"
	"github.com/nativize/nativize/templates"
)

// existing keeps a unit of the deployment: what the script fills in is filled
// in, its paths follow the code, and what is missing is added, each line with its
// reason.
func (x *placer) existing(t unitText) {
	t = x.fillUnit(t)
	text, lines := x.moves.text(t.text)
	text = strings.TrimRight(strings.ReplaceAll(text, "\r\n", "\n"), "\n") + "\n"
	text = execPaths(text)
	src := []plan.LineSource{{At: t.at, Why: "unit of the deployment"}}
	for _, l := range lines {
		src = append(src, plan.LineSource{From: l, To: l, At: t.at, Why: "the path follows the code"})
	}
	fate := "part of the package, below /usr/lib/systemd/system"
	if add := x.completion(text, t); len(add) > 0 {
		text, src = intoSection(text, "Service", add, src)
		fate += ", completed by what it lacked, each line with its reason"
	}
	src[0].From, src[0].To = 1, strings.Count(text, "\n")
	file := x.text("units/"+t.name, []byte(text), 0o644, src)
	u := plan.Unit{Name: t.name, Text: file, User: setting(text, "User"), Blanks: t.blanks, At: t.at, Why: "unit of the deployment"}
	x.decide(&u)
	x.p.Units = append(x.p.Units, u)
	x.made(u.Name)
	x.openRCOf(t, text)
	x.mark(t.at, plan.PartUnit, t.name, fate)
}

// completion is what an existing service unit lacks: the environment that moved
// to /etc, the directories of its account, and the hardening that a reading of
// the payload justifies. What the unit says itself stands.
func (x *placer) completion(text string, t unitText) []templates.Setting {
	if !strings.HasSuffix(t.name, ".service") {
		return nil
	}
	user := setting(text, "User")
	if user == "" && !strings.Contains(text, "DynamicUser=") {
		x.manual(t.at, "", "%s has no User= and runs as root, as it did before. Give it an account of its own if it needs no rights of root.", t.name)
	}
	var out []templates.Setting
	for _, c := range x.confs {
		if x.isEnvFile(c) && c.way == choices.EnvFile && !strings.Contains(text, c.to) {
			out = append(out, templates.Setting{Key: "EnvironmentFile", Values: []string{"-" + c.to}, Why: "the environment of the program is there now"})
		}
	}
	if setting(text, "Type") != "oneshot" && !strings.ContainsAny(user, "%$") {
		s := templates.Service{User: user, Group: cmp.Or(setting(text, "Group"), x.groupIfUser(user))}
		x.directoriesOf(&s, func(key string) bool { return !hasSetting(text, key) })
		out = append(out, directorySettings(s)...)
	}
	hardening := templates.Hardening(x.reading(user, text))
	if hasSetting(text, "AmbientCapabilities") {
		hardening = slices.DeleteFunc(hardening, func(s templates.Setting) bool { return s.Key == "CapabilityBoundingSet" })
	}
	return append(out, slices.DeleteFunc(hardening, func(s templates.Setting) bool { return hasSetting(text, s.Key) })...)
}

// directorySettings are the lines by which a unit makes its directories.
func directorySettings(s templates.Service) []templates.Setting {
	var out []templates.Setting
	for _, d := range []struct {
		key  string
		list []string
		mode uint32
	}{{"StateDirectory", s.State, s.StateMode}, {"LogsDirectory", s.Logs, s.LogsMode}, {"CacheDirectory", s.Cache, s.CacheMode}, {"RuntimeDirectory", s.Runtime, s.RuntimeMode}} {
		if len(d.list) > 0 {
			out = append(out, templates.Setting{Key: d.key, Values: d.list, Why: "made for the account of the service when it is missing"},
				templates.Setting{Key: d.key + "Mode", Values: []string{fmt.Sprintf("%04o", d.mode)}, Why: "the mode that the deployment gave it"})
		}
	}
	return out
}

// intoSection adds settings at the end of a section, each below a comment with
// its reason, and keeps the sources of the lines right.
func intoSection(text, section string, add []templates.Setting, src []plan.LineSource) (string, []plan.LineSource) {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	at := endOf(lines, section)
	if at < 0 {
		lines = append(lines, "", "["+section+"]")
		at = len(lines)
	}
	var block []string
	var from []plan.LineSource
	for _, s := range add {
		line, err := s.Line()
		if err != nil {
			continue // a name that no unit can hold: the directory is made by tmpfiles.d
		}
		block = append(block, "# nativize: "+s.Why, line)
		n := at + len(block)
		from = append(from, plan.LineSource{From: n - 1, To: n, Why: "added to the unit of the deployment: " + s.Why})
	}
	if len(block) == 0 {
		return text, src
	}
	for i := range src {
		if src[i].From > at {
			src[i].From, src[i].To = src[i].From+len(block), src[i].To+len(block)
		}
	}
	return strings.Join(slices.Insert(lines, at, block...), "\n") + "\n", append(src, from...)
}

// endOf is the number of lines up to the last one of a section that is not
// empty, -1 when there is no such section.
func endOf(lines []string, section string) int {
	in, last := false, -1
	for i, l := range lines {
		l = strings.TrimSpace(l)
		if strings.HasPrefix(l, "[") {
			in = l == "["+section+"]"
		}
		if in && l != "" {
			last = i + 1
		}
	}
	return last
}

// hasSetting tells whether a unit sets a key, if only to reset it.
func hasSetting(text, key string) bool {
	for l := range strings.Lines(text) {
		if name, _, ok := strings.Cut(l, "="); ok && strings.TrimSpace(name) == key {
			return true
		}
	}
	return false
}

// setting is the last value of a key of a unit.
func setting(text, key string) string {
	v := ""
	for l := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(l), key); ok {
			if val, ok := strings.CutPrefix(strings.TrimSpace(rest), "="); ok {
				v = strings.TrimSpace(val)
			}
		}
	}
	return v
}

var bareExec = lazyregexp.New(`(?m)^(Exec[A-Za-z]+=[-@:+!]*)([A-Za-z0-9_.-]+)([ \t]|$)`)

// execPaths gives the programs of Exec lines their paths.
func execPaths(text string) string {
	return bareExec.ReplaceAllStringFunc(text, func(s string) string {
		m := bareExec.FindStringSubmatch(s)
		return m[1] + program(m[2]) + m[3]
	})
}

// programsOfUnits tells of units whose program neither the package nor a
// package of the distribution brings: the deployment makes it in a way that
// could not be followed.
func (x *placer) programsOfUnits() {
	for _, u := range x.p.Units {
		for _, t := range x.p.Texts {
			if t.Path != u.Text || !strings.HasSuffix(u.Name, ".service") {
				continue
			}
			words := strings.Fields(strings.TrimLeft(setting(string(t.Data), "ExecStart"), "@-:+!"))
			if len(words) == 0 || !plainPath(words[0]) || x.brings(words[0]) {
				continue
			}
			x.manual(u.At, "", "The unit %s starts %s, which is not in the package. Add it to packaging/stage.sh or to the repository, or change the unit.", u.Name, words[0])
		}
	}
}

// brings tells whether the package has a program, or the system may have it.
func (x *placer) brings(program string) bool {
	for _, dir := range []string{"/usr/bin", "/usr/sbin", "/bin", "/sbin", "/usr/libexec", "/lib/systemd", "/usr/lib/systemd"} {
		if within(program, dir) {
			return true
		}
	}
	for p, e := range x.entries {
		if p == program || (e.Type == plan.Tree || e.Type == plan.Symlink) && within(program, p) {
			return true
		}
	}
	return false
}
