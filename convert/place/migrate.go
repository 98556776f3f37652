package place

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/convert/choices"
	"github.com/nativize/nativize/convert/plan"
	"github.com/nativize/nativize/templates"
)

// migrations places commands against data: by default in one command that an
// administrator runs, never in a script whose errors nobody sees.
func (x *placer) migrations() error {
	if len(x.f.Migrations) == 0 {
		return nil
	}
	how := x.c.Guess("migrations", choices.Command, choices.Note{
		Why: "a command against data is run by a person, or by an honest script", At: x.f.Migrations[0].At,
		Question: "how migrations run: command, postinst, unit or manual",
	})
	var lines []string
	var at []source.Pos
	for _, m := range x.f.Migrations {
		if l := x.migrationLine(m); l != "" {
			lines, at = append(lines, l), append(at, m.At...)
			continue
		}
		x.mark(m.At, plan.PartManual, m.Command, "part of it is known on the server only")
		x.manual(m.At, "", "The script runs %q against data. Part of it is known on the server only.", clip(m.Command, 200))
	}
	lines = distinct(lines)
	if len(lines) == 0 {
		return nil
	}
	user, dir := cmp.Or(x.migrationUser(), x.account), x.migrationDir()
	x.placeMigration(how, strings.Join(lines, "\n"), user, dir, at)
	return nil
}

func (x *placer) placeMigration(how, shell, user, dir string, at []source.Pos) {
	why := "migration of the script"
	switch how {
	case choices.Manual:
		x.markAll(at, plan.PartManual, "by hand, as nativize.yaml says")
		x.manual(at, shell, "After each upgrade run the migration as %s in %s.", cmp.Or(user, "root"), dir)
	case choices.Postinst:
		x.p.Steps = append(x.p.Steps, plan.Step{Kind: plan.Migrate, Moment: plan.Configure, Name: "migrate", User: user, Dir: dir, Shell: shell, At: at, Why: why})
		x.markAll(at, plan.PartHook, "run by the maintainer script, which fails when it fails")
	case choices.Unit:
		x.migrationUnit(shell, user, dir, at)
	default:
		x.migrationCommand(shell, user, dir, at)
	}
}

func (x *placer) markAll(at []source.Pos, part plan.Part, reason string) {
	x.mark(at, part, x.p.Name+"-migrate", reason)
}

// migrationScript is a POSIX script that runs the migrations.
func (x *placer) migrationScript(shell, user, dir string, at []source.Pos) string {
	text := "#!/bin/sh\n# Brings the data of " + x.p.Name + " to the state that the installed version needs.\n# Run it as root, after an upgrade and a backup.\nset -eu\n\n"
	if user != "" {
		text += "if [ \"$(id -u)\" = 0 ] && [ \"${1:-}\" != --as-is ]; then\n    exec su -s /bin/sh -c " + quoted([]string{"exec \"$0\" --as-is"}) + " " + user + " \"$0\"\nfi\n"
	}
	for _, f := range x.envFiles() {
		text += "if [ -r " + f + " ]; then\n    set -a\n    . " + f + "\n    set +a\nfi\n"
	}
	text += "cd " + quoted([]string{dir}) + "\n" + shell + "\n"
	name := "/usr/sbin/" + x.p.Name + "-migrate"
	src := x.text("files/"+x.p.Name+"-migrate", []byte(text), 0o755, []plan.LineSource{{From: 1, To: strings.Count(text, "\n"), At: at, Why: "migration of the script"}})
	x.add(plan.Entry{Path: name, Type: plan.File, Origin: plan.Text_, Src: src, Mode: 0o755, At: at, Why: "migrations"})
	return name
}

func (x *placer) envFiles() []string {
	var out []string
	for _, c := range x.confs {
		if c.way == choices.EnvFile && x.entries[c.to] != nil {
			out = append(out, c.to)
		}
	}
	return out
}

func (x *placer) migrationCommand(shell, user, dir string, at []source.Pos) {
	name := x.migrationScript(shell, user, dir, at)
	x.mark(at, plan.PartManual, name, "a command of the package")
	x.manual(at, name, "After the first installation and after each upgrade bring the data up to date.")
}

// migrationUnit runs the migrations before the services, once a start.
func (x *placer) migrationUnit(shell, user, dir string, at []source.Pos) {
	name := x.migrationScript(shell, "", dir, at)
	s := templates.Service{
		Description: "Migrations of " + x.p.Name, Type: "oneshot", User: user, Group: x.groupIfUser(user), After: []string{"network.target"},
		ExecStart: []templates.Command{{Args: []string{name}}}, WantedBy: []string{"multi-user.target"},
	}
	t, err := s.Text()
	if err != nil {
		x.mark(at, plan.PartManual, name, err.Error())
		return
	}
	unit := x.p.Name + "-migrate.service"
	var before []string
	for _, u := range x.p.Units {
		if strings.HasSuffix(u.Name, ".service") && !strings.Contains(u.Name, "@") {
			before = append(before, u.Name)
		}
	}
	text := t.Text
	if len(before) > 0 {
		text = intoSection(text, "Unit", "Before="+strings.Join(before, " "))
	}
	src := x.text("units/"+unit, []byte(text), 0o644, []plan.LineSource{{From: 1, To: strings.Count(text, "\n"), At: at, Why: "migrations, as nativize.yaml says"}})
	x.p.Units = append(x.p.Units, plan.Unit{Name: unit, Text: src, Enable: true, Restart: choices.Restart, User: user, At: at, Why: "migrations"})
	x.mark(at, plan.PartUnit, unit, "a oneshot unit, before the services")
}

// migrationLine is the command with its paths as they are in the package, ""
// when part of it is not known.
func (x *placer) migrationLine(m model.Migration) string {
	cmd := x.rewritten(m.Command)
	if strings.Contains(cmd, "${") || strings.ContainsAny(cmd, "\n\x00") {
		return ""
	}
	c := parseCommand(cmd)
	if len(c.args) == 0 || c.args[0] == "/bin/sh" && len(c.args) == 3 {
		return cmd
	}
	dir := x.mapped(cmp.Or(c.dir, m.Dir, x.code))
	c.args[0] = x.resolve(c.args[0], dir)
	if !strings.HasPrefix(c.args[0], "/") {
		return cmd
	}
	return strings.TrimSpace(envWords(c.env) + " " + quoted(c.args))
}

func envWords(env []string) string {
	var out []string
	for _, e := range env {
		k, v, _ := strings.Cut(e, "=")
		out = append(out, k+"="+quoted([]string{v}))
	}
	return strings.Join(out, " ")
}

func (x *placer) migrationUser() string {
	for _, m := range x.f.Migrations {
		if m.As != "" && m.As != "root" && accountRE.MatchString(m.As) && slices.ContainsFunc(x.p.Accounts, func(a plan.Account) bool { return a.Name == m.As }) {
			return m.As
		}
	}
	return ""
}

func (x *placer) migrationDir() string {
	for _, m := range x.f.Migrations {
		if d := x.mapped(m.Dir); plainPath(d) && !strings.Contains(m.Dir, "${") {
			return d
		}
	}
	return cmp.Or(x.code, path.Clean("/"))
}

// takeOver completes what the first installation does on a server of the old
// deployment.
func (x *placer) takeOver() error {
	slices.SortStableFunc(x.p.TakeOver.Adopt, func(a, b plan.Adopt) int { return strings.Compare(a.To, b.To) })
	x.p.TakeOver.Adopt = slices.CompactFunc(x.p.TakeOver.Adopt, func(a, b plan.Adopt) bool { return a.To == b.To })
	x.p.TakeOver.Adopt = slices.DeleteFunc(x.p.TakeOver.Adopt, func(a plan.Adopt) bool { return x.entries[a.To] == nil })
	slices.SortStableFunc(x.p.TakeOver.Aside, func(a, b plan.Aside) int { return strings.Compare(a.Path, b.Path) })
	x.p.TakeOver.Aside = slices.CompactFunc(x.p.TakeOver.Aside, func(a, b plan.Aside) bool { return a.Path == b.Path })
	slices.SortStableFunc(x.p.TakeOver.State, func(a, b plan.Move) int { return strings.Compare(a.From, b.From) })
	for _, f := range x.f.Files { // what lay below /usr/local would be found first
		if to := x.mapped(f.Path); within(f.Path, "/usr/local") && x.entries[to] != nil {
			x.p.TakeOver.Aside = append(x.p.TakeOver.Aside, plan.Aside{Path: f.Path, Why: "shadows " + to, At: f.At})
		}
	}
	return nil
}
