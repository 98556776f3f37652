package input

import (
	"strings"

	"github.com/nativize/nativize/analyze/model"
)

// makePhases are the targets that have a part in a deployment, by their first word.
var makePhases = map[string]string{
	"install": "setup", "setup": "setup", "bootstrap": "setup", "provision": "setup", "init": "setup", "deps": "setup", "dependencies": "setup",
	"deploy": "deploy", "release": "deploy", "publish": "deploy", "upload": "deploy", "push": "deploy", "update": "deploy", "upgrade": "deploy", "migrate": "deploy", "sync": "deploy", "production": "deploy", "prod": "deploy",
	"build": "build", "all": "build", "compile": "build", "dist": "build", "package": "build", "assets": "build",
	"start": "start", "run": "start", "serve": "start", "up": "start", "stop": "stop", "restart": "restart", "reload": "reload", "rollback": "rollback", "uninstall": "other", "clean": "other", "test": "check", "check": "check", "lint": "check",
}

func makePhase(name string) string {
	word := strings.FieldsFunc(strings.ToLower(name), func(c rune) bool { return c == '-' || c == '_' || c == '.' || c == ':' || c == '/' })
	for _, w := range word {
		if p := makePhases[w]; p != "" {
			return p
		}
	}
	return "other"
}

// report turns rules into targets and shell.
func (m *makeReader) report() {
	first := true
	for _, t := range m.targets {
		if strings.HasPrefix(t.name, ".") && !strings.Contains(t.name, "/") {
			continue
		}
		isDefault := first && !strings.Contains(t.name, "%")
		first = first && !isDefault
		m.r.out.Targets = append(m.r.out.Targets, Target{Name: t.name, Needs: t.needs, Default: isDefault, At: m.r.pos(t.at)})
		m.recipe(t)
	}
}

// recipe hands over each recipe line as one shell, or all as one under .ONESHELL.
func (m *makeReader) recipe(t *makeTarget) {
	base := Shell{Where: Local, Interpreter: m.shell, Phase: makePhase(t.name), Name: t.name, Env: m.environment(t)}
	if t.cond {
		base.When = "a conditional of the Makefile"
	}
	if m.oneshell {
		var w weave
		for i, l := range t.lines {
			l, _ = recipePrefix(l)
			w.addText(m.expand(l, t, nil))
			if i+1 < len(t.lines) {
				w.add("\n", max(0, t.lines[i+1].off()-1))
			}
		}
		m.r.addShell(w.text(), base)
		return
	}
	for _, l := range t.lines {
		body, lenient := recipePrefix(l)
		s := base
		s.Lenient = lenient
		for _, one := range m.multiline(m.expand(body, t, nil)) {
			m.r.addShell(one, s)
		}
	}
}

// multiline splits the expansion of a define into recipe lines.
func (m *makeReader) multiline(t text) []text {
	var out []text
	lines := t.lines()
	for i := 0; i < len(lines); i++ {
		var w weave
		w.addText(lines[i])
		for strings.HasSuffix(lines[i].s, `\`) && i+1 < len(lines) {
			i++
			w.add("\n", max(0, lines[i].off()-1))
			w.addText(lines[i])
		}
		l, _ := recipePrefix(w.text())
		out = append(out, l)
	}
	return out
}

// recipePrefix removes @ - + and tells whether failure is ignored.
func recipePrefix(t text) (text, bool) {
	i := 0
	for i < len(t.s) && strings.IndexByte("@-+ \t", t.s[i]) >= 0 {
		i++
	}
	return t.cut(i, len(t.s)), strings.Contains(t.s[:i], "-")
}

func (m *makeReader) environment(t *makeTarget) []model.KeyValue {
	var env []model.KeyValue
	if len(t.lines) == 0 || len(m.exports) > maxEnv {
		return nil
	}
	for name := range sortedMap(m.exports) {
		v, ok := t.own[name]
		if !ok {
			v, ok = m.vars[name]
		}
		if ok {
			env = append(env, model.KeyValue{Key: name, Value: m.expand(v.val, t, []string{name}).s})
		}
	}
	return env
}
