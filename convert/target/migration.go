package target

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/convert/plan"
	"github.com/nativize/nativize/templates"
)

// migration writes MIGRATION.md.
var migration = &Target{Name: "migration", Doc: "packaging/MIGRATION.md: the fate of each step, and what to do once", Emit: emitMigration}

func emitMigration(p *plan.Package, _ Options) ([]File, error) {
	r := &refs{}
	m := templates.Migration{
		Name: p.Name, Version: p.Version, Staged: len(p.Stage) > 0,
		StashDeb: Stash(p, plan.Deb), StashOther: Stash(p, plan.RPM), Rollback: rollback(p),
		Config: configRows(p, r), Generated: generatedRows(p, r),
		Services: serviceRows(p, r), Weights: exposureVersion,
		Fates: fateRows(p.Fates, r), Unplaced: fateRows(p.Unplaced, r),
	}
	for _, n := range p.Manual {
		m.Manual = append(m.Manual, templates.MigrationNote{Ref: r.add(n.At, n.Text), Text: n.Text, Cmd: n.Cmd, At: places(n.At)})
	}
	takeOverRows(p, &m, r)
	t, err := m.Text()
	if err != nil {
		return nil, err
	}
	return []File{r.file("packaging/MIGRATION.md", 0o644, t)}, nil
}

// places lists positions, the first three of them.
func places(at []source.Pos) string {
	var out []string
	for _, a := range at[:min(len(at), 3)] {
		out = append(out, lineOfPos(a))
	}
	return strings.Join(out, ", ")
}

// lineOfPos is file:line.
func lineOfPos(a source.Pos) string { return fmt.Sprintf("%s:%d", a.File, a.Line) }

func fateRows(fates []plan.Fate, r *refs) []templates.MigrationFate {
	var out []templates.MigrationFate
	for _, f := range fates {
		out = append(out, templates.MigrationFate{
			Ref: r.add([]source.Pos{f.At.Pos}, f.Reason), At: lineOfPos(f.At.Pos), Text: f.Text,
			Part: string(f.Part), Target: f.Target, Reason: f.Reason,
		})
	}
	return out
}

func configRows(p *plan.Package, r *refs) []templates.MigrationConfig {
	was := map[string][]string{}
	for _, a := range p.TakeOver.Adopt {
		was[a.To] = a.From
	}
	var out []templates.MigrationConfig
	for _, e := range p.Payload {
		if !e.Conffile {
			continue
		}
		src := e.Src
		if e.Origin == plan.Text_ {
			src = "packaging/" + src
		}
		out = append(out, templates.MigrationConfig{
			Ref: r.add(e.At, e.Why), Path: e.Path, Source: src, Secret: e.Secret, Was: was[e.Path],
			Owner: or(e.Owner, "root") + ":" + or(e.Group, "root"), Mode: fmt.Sprintf("%04o", entryMode(e)),
		})
	}
	return out
}

func generatedRows(p *plan.Package, r *refs) []templates.MigrationGenerated {
	var out []templates.MigrationGenerated
	for _, s := range p.Steps {
		if s.Kind != plan.Generate {
			continue
		}
		g := templates.MigrationGenerated{Ref: r.add(s.At, s.Why), Path: s.Path, Source: s.Source}
		for _, v := range values(s.Values) {
			g.Keys = append(g.Keys, v.Key)
		}
		out = append(out, g)
	}
	return out
}

// serviceRows are the services with what becomes of them on the first installation.
func serviceRows(p *plan.Package, r *refs) []templates.MigrationService {
	var out []templates.MigrationService
	for _, u := range p.Units {
		if !strings.HasSuffix(u.Name, ".service") {
			continue
		}
		row := templates.MigrationService{Ref: r.add(u.At, u.Why), Name: u.Name, User: u.User, Start: "left alone"}
		switch {
		case u.Timer != "":
			row.Start = "started by " + u.Timer
		case u.Enable:
			row.Start = "enabled and started"
		}
		for _, t := range p.Texts {
			if e, ok := ExposureOf(string(t.Data)); t.Path == u.Text && ok {
				row.Exposure = e.String()
			}
		}
		out = append(out, row)
	}
	return out
}

// takeOverRows says what the scripts do, as dpkg's do it: the others do no more.
func takeOverRows(p *plan.Package, m *templates.Migration, r *refs) {
	s := debDialect.script(p, r)
	for _, k := range s.Keep {
		a := templates.MigrationAdopt{Ref: k.Ref, To: k.To, From: slices.DeleteFunc(slices.Clone(k.From), func(f string) bool { return f == k.To })}
		m.Adopt = append(m.Adopt, a)
	}
	for _, st := range s.State {
		m.State = append(m.State, templates.MigrationState{Ref: st.Ref, From: st.From, To: st.To})
	}
	kept := func(path string) bool {
		return slices.ContainsFunc(s.Keep, func(k templates.Keep) bool { return k.To == path })
	}
	for _, a := range s.Aside {
		if kept(a.Path) {
			continue
		}
		m.Aside = append(m.Aside, templates.MigrationAside{Ref: a.Ref, Path: a.Path, Why: asideWhy(p, a)})
	}
	for _, e := range p.Payload {
		if e.Type == plan.Symlink && mayBeReal(p, e.Path) {
			m.Links = append(m.Links, e.Path)
		}
	}
}

func asideWhy(p *plan.Package, a templates.Aside) string {
	for _, l := range asides(p) {
		if l.Path == a.Path {
			return l.Why
		}
	}
	if a.Unit != "" {
		return "it would shadow the packaged unit"
	}
	return "the package has a link here"
}

// rollback are the commands that bring the old deployment back.
func rollback(p *plan.Package) string {
	units := enabledUnits(p)
	lines := []string{
		"stash=" + Stash(p, plan.Deb) + "    # " + Stash(p, plan.RPM) + " but on Debian",
		"apt-get remove " + p.Name + "    # or: dnf remove, apk del, pacman -R",
		`while IFS= read -r path; do mv -- "$stash/moved$path" "$path"; done < "$stash/moved.list"`,
	}
	if len(units) > 0 {
		lines = append(lines, "systemctl daemon-reload", "systemctl start "+strings.Join(units, " ")+"    # when the old deployment had a unit of that name")
	}
	return strings.Join(lines, "\n")
}
