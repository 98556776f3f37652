package place

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/convert/choices"
	"github.com/nativize/nativize/convert/plan"
	"github.com/nativize/nativize/templates"
)

// migrations places commands against data: by default in one command that an
// administrator runs, never in a script whose errors nobody sees.
func (x *placer) migrations() error {
	list := append(slices.Clone(x.f.Migrations), x.payloadRuns()...)
	if len(list) == 0 {
		return nil
	}
	how := x.c.Guess("migrations", choices.Command, choices.Note{
		Why: "a command against data is run by a person, or by an honest script", At: list[0].At,
		Question: "how migrations run: command, postinst, unit or manual",
	})
	mg := migration{user: cmp.Or(x.migrationUser(), x.account), dir: x.migrationDir()}
	for _, m := range list {
		l := x.migrationLine(m)
		if l == "" {
			x.mark(m.At, plan.PartManual, m.Command, "part of it is known on the server only")
			x.manual(m.At, "", "The script runs %q against data. Part of it is known on the server only.", clip(m.Command, 200))
			continue
		}
		mg.at = append(mg.at, m.At...)
		fresh := m.Once || m.When != "" && setupRE.MatchString(m.Command)
		if fresh || m.When == "" || m.Certainty == model.Must {
			mg.setup = append(mg.setup, l)
		}
		if !fresh {
			mg.upgrade = append(mg.upgrade, l)
		}
	}
	mg.setup, mg.upgrade = distinct(mg.setup), distinct(mg.upgrade)
	if len(mg.setup)+len(mg.upgrade) > 0 {
		x.placeMigration(how, mg)
	}
	return nil
}

// setupRE tells of commands that make new data: under a condition they are for
// a new server only.
var setupRE = lazyregexp.New(`(?i)(set-?_?up|create|init|seed|install|bootstrap|load_?data|fake-?data|sample-?data)`)

// payloadRuns are the programs of the payload that the script runs, which are
// nothing else: they work on data.
func (x *placer) payloadRuns() []model.Migration {
	var out []model.Migration
	for _, e := range x.d.Effects {
		if e.Op != host.RunCode || e.Failure || !slices.ContainsFunc(x.nodes, func(n codeNode) bool { return n.old == e.Path && n.repo != "" }) {
			continue
		}
		if x.placed[e.At.Pos].part == plan.PartBuild || slices.ContainsFunc(out, func(m model.Migration) bool { return m.Command == e.What }) {
			continue
		}
		out = append(out, model.Migration{Command: e.What, As: e.User, Dir: e.Cwd, Evidence: model.Evidence{At: []source.Pos{e.At.Pos}, Certainty: model.Must}})
	}
	return out
}

// A migration is what brings data up to date: the lines for new data, and those
// for data of an older version.
type migration struct {
	setup, upgrade []string
	user, dir      string
	at             []source.Pos
}

// same tells whether new data needs nothing else.
func (m migration) same() bool { return slices.Equal(m.setup, m.upgrade) }

func (x *placer) placeMigration(how string, m migration) {
	why := "migration of the script"
	switch how {
	case choices.Manual:
		x.markAll(m.at, plan.PartManual, "by hand, as nativize.yaml says")
		x.manual(m.at, strings.Join(m.setup, "\n"), "After the first installation run the migrations as %s in %s.", cmp.Or(m.user, "root"), m.dir)
		if !m.same() && len(m.upgrade) > 0 {
			x.manual(m.at, strings.Join(m.upgrade, "\n"), "After each upgrade run the migrations as %s in %s.", cmp.Or(m.user, "root"), m.dir)
		}
	case choices.Postinst:
		x.migrationScript(m)
		step := plan.Step{Kind: plan.Migrate, Moment: plan.Configure, Name: "migrate", Dir: "/", Shell: x.migrateName() + " setup", At: m.at, Why: why}
		if !m.same() {
			step.Moment = plan.First
			x.p.Steps = append(x.p.Steps, step)
			step.Moment, step.Shell = plan.Upgrade, x.migrateName()
		}
		x.p.Steps = append(x.p.Steps, step)
		x.markAll(m.at, plan.PartHook, "run by the maintainer script, which fails when it fails")
	case choices.Unit:
		x.migrationUnit(m)
	default:
		x.migrationCommand(m)
	}
}

func (x *placer) markAll(at []source.Pos, part plan.Part, reason string) {
	x.mark(at, part, x.migrateName(), reason)
}

func (x *placer) migrateName() string { return "/usr/sbin/" + x.p.Name + "-migrate" }

// migrationScript adds the command NAME-migrate. With "setup" it makes new data,
// else it brings data of an older version up to date.
func (x *placer) migrationScript(m migration) {
	var b strings.Builder
	b.WriteString("#!/bin/sh\n# Brings the data of " + x.p.Name + " to the state that the installed version needs:\n#\n")
	b.WriteString("#   " + x.p.Name + "-migrate setup    on a new server\n#   " + x.p.Name + "-migrate          after an upgrade and a backup\nset -eu\n\n")
	if m.user != "" {
		b.WriteString("if [ \"$(id -u)\" = 0 ]; then\n    exec su -s /bin/sh -c " + quoted([]string{`exec "$0" "$@"`}) + " " + m.user + " \"$0\" \"$@\"\nfi\n")
	}
	for _, f := range x.envFiles() {
		b.WriteString("if [ -r " + f + " ]; then\n    set -a\n    . " + f + "\n    set +a\nfi\n")
	}
	b.WriteString("cd " + quoted([]string{m.dir}) + "\n\n")
	writeLines(&b, m)
	text := b.String()
	src := x.text("files/"+x.p.Name+"-migrate", []byte(text), 0o755, []plan.LineSource{{From: 1, To: strings.Count(text, "\n"), At: m.at, Why: "migration of the script"}})
	x.add(plan.Entry{Path: x.migrateName(), Type: plan.File, Origin: plan.Text_, Src: src, Mode: 0o755, At: m.at, Why: "migrations"})
}

// writeLines writes the commands of the two cases.
func writeLines(b *strings.Builder, m migration) {
	if m.same() {
		b.WriteString(strings.Join(m.setup, "\n") + "\n")
		return
	}
	b.WriteString("case ${1:-upgrade} in\n    setup)\n")
	for _, l := range m.setup {
		b.WriteString("        " + l + "\n")
	}
	if len(m.setup) == 0 {
		b.WriteString("        :\n")
	}
	b.WriteString("        ;;\n    upgrade)\n")
	for _, l := range m.upgrade {
		b.WriteString("        " + l + "\n")
	}
	if len(m.upgrade) == 0 {
		b.WriteString("        :\n")
	}
	b.WriteString("        ;;\n    *)\n        echo \"usage: $0 [setup]\" >&2\n        exit 2\n        ;;\nesac\n")
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

func (x *placer) migrationCommand(m migration) {
	x.migrationScript(m)
	x.mark(m.at, plan.PartManual, x.migrateName(), "a command of the package")
	x.manual(m.at, x.migrateName()+" setup", "After the first installation on a new server make the data.")
	if len(m.upgrade) > 0 {
		x.manual(m.at, x.migrateName(), "After each upgrade, and after taking over an old deployment, bring the data up to date.")
	}
}

// migrationUnit runs the migrations before the services, at each start.
func (x *placer) migrationUnit(m migration) {
	as := m.user
	m.user = ""
	x.migrationScript(m)
	name, at, user := x.migrateName(), m.at, as
	s := templates.Service{
		Description: "Migrations of " + x.p.Name, Type: "oneshot", User: user, Group: x.groupIfUser(user), After: []string{"network.target"},
		ExecStart: []templates.Command{{Args: []string{name}}}, WantedBy: []string{"multi-user.target"},
	}
	if !m.same() {
		x.manual(at, name+" setup", "After the first installation on a new server make the data: the unit only brings old data up to date.")
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
		text, _ = intoSection(text, "Unit", []templates.Setting{{Key: "Before", Values: before, Why: "the services find the data as they want it"}}, nil)
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
	return strings.TrimSpace(envWords(append(x.varsOf(m), c.env...)) + " " + quoted(c.args))
}

// varsOf are the variables that the statement of a migration sets for it.
func (x *placer) varsOf(m model.Migration) []string {
	for _, s := range x.d.Statements {
		if !slices.Contains(m.At, s.At.Pos) {
			continue
		}
		if c := parseCommand(s.Text); len(c.env) > 0 {
			var out []string
			for _, e := range c.env {
				out = append(out, x.rewritten(e))
			}
			return out
		}
	}
	return nil
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
