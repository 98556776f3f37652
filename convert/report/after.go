package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/convert/plan"
	page "github.com/nativize/nativize/templates/report"
)

// afterTitle heads what is said of the conversion.
const afterTitle = "After packaging, as nativize convert would do it"

// afterFacts are the conversion in a few lines: where code, configuration,
// state and services go, what moves, what is left to people. Without one they
// are the reason, or nothing.
//
// Of what moves and what is left to people at most limit lines are given each;
// rest says how many more there are.
func afterFacts(opt Options, limit int) (out []fact, rest int) {
	p := opt.Package
	if p == nil {
		if opt.Unplanned == "" {
			return nil, 0
		}
		return []fact{{"not planned", opt.Unplanned, nil}}, 0
	}
	out = []fact{
		{"package", p.Name + " " + p.Version, nil},
		{"code", codeWords(p), nil},
		{"configuration", pathWords(conffiles(p), "edits are kept"), nil},
	}
	for _, k := range []struct {
		what  string
		kinds []plan.DirKind
	}{{"state", []plan.DirKind{plan.State, plan.Spool, plan.Home}}, {"logs", []plan.DirKind{plan.Log}}, {"cache, run", []plan.DirKind{plan.Cache, plan.Run}}} {
		out = append(out, fact{k.what, pathWords(dirsOf(p, k.kinds), ""), nil})
	}
	out = append(out, fact{"services", first(6, unitNames(p)), nil}, fact{"runs as", first(4, accountNames(p)), nil})
	var moves, hand []fact
	for _, m := range movesOf(p) {
		moves = append(moves, fact{"moves", m.from + " -> " + m.to + ": " + m.why, m.at})
	}
	for _, n := range p.Manual {
		hand = append(hand, fact{"by hand", strings.TrimSpace(n.Text + " " + n.Cmd), n.At})
	}
	out = append(append(out, moves[:min(limit, len(moves))]...), hand[:min(limit, len(hand))]...)
	rest = max(0, len(moves)-limit) + max(0, len(hand)-limit)
	return slices.DeleteFunc(out, func(f fact) bool { return f.value == "" }), rest
}

func codeWords(p *plan.Package) string {
	n := 0
	for _, e := range p.Payload {
		if e.Type != plan.Dir_ && under(e.Path, p.CodeDir) {
			n++
		}
	}
	if p.CodeDir == "" || n == 0 {
		return ""
	}
	return p.CodeDir + ", " + plural(n, "path") + " of the package"
}

func conffiles(p *plan.Package) []string {
	var out []string
	for _, e := range p.Payload {
		if e.Conffile {
			out = append(out, e.Path)
		}
	}
	return out
}

func dirsOf(p *plan.Package, kinds []plan.DirKind) []string {
	var out []string
	for _, d := range p.Dirs {
		if slices.Contains(kinds, d.Kind) {
			out = append(out, d.Path)
		}
	}
	return out
}

// pathWords names at most six paths, each once, with a remark on them.
func pathWords(paths []string, remark string) string {
	slices.Sort(paths)
	text := first(6, slices.Compact(paths))
	if text == "" || remark == "" {
		return text
	}
	return text + ": " + remark
}

func unitNames(p *plan.Package) []string {
	var out []string
	for _, u := range p.Units {
		out = append(out, u.Name)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func accountNames(p *plan.Package) []string {
	var out []string
	for _, a := range p.Accounts {
		if a.IsUser {
			out = append(out, a.Name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func under(p, dir string) bool { return dir != "" && (p == dir || strings.HasPrefix(p, dir+"/")) }

func (b *builder) after() *page.Tree {
	if b.opt.Package == nil {
		return nil
	}
	return b.tree("As packaged", touchedAfter(b.opt.Package))
}

func touchedAfter(p *plan.Package) []touched {
	var out []touched
	for _, e := range p.Payload {
		t := touched{e.Path, model.RoleOther, e.Why, e.At}
		if slices.Contains(plainReasons, e.Why) {
			t.note = ""
		}
		switch {
		case e.Conffile:
			t.role, t.note = model.RoleConfig, "conffile: edits are kept"
		case strings.Contains(e.Path, "/systemd/system/"):
			t.role = roleUnit
		case under(e.Path, p.CodeDir):
			t.role = model.RoleCode
		case e.Type == plan.Dir_ && strings.HasPrefix(e.Path, "/etc/"):
			t.role = model.RoleConfig
		}
		if e.Type == plan.Symlink {
			t.note = strings.TrimPrefix(t.note+", link to "+e.Src, ", ")
			t.role = linkRole(e.Src, t.role)
		}
		out = append(out, t)
	}
	for _, d := range p.Dirs {
		out = append(out, touched{d.Path, dirRole(d.Kind), modeNote(d.Owner, d.Group, fmt.Sprintf("%04o", d.Mode)), d.At})
	}
	return out
}

// plainReasons are those that the colour of a path tells already.
var plainReasons = []string{"code", "directory of the package"}

// linkRole is the role of what a link leads to, where its place tells one.
func linkRole(target, role string) string {
	for _, d := range []struct{ dir, role string }{
		{"/etc", model.RoleConfig}, {"/var/log", model.RoleLog}, {"/var/cache", model.RoleCache}, {"/var/lib", model.RoleData}, {"/run", model.RoleRun},
	} {
		if under(target, d.dir) {
			return d.role
		}
	}
	return role
}

func dirRole(k plan.DirKind) string {
	switch k {
	case plan.State, plan.Spool, plan.Home:
		return model.RoleData
	case plan.Log:
		return model.RoleLog
	case plan.Cache:
		return model.RoleCache
	case plan.Run:
		return model.RoleRun
	}
	return model.RoleOther
}

// A move is what the first install carries from the old place to the new one.
type move struct {
	role, from, to, why string
	at                  []source.Pos
}

func movesOf(p *plan.Package) []move {
	var out []move
	if p.OldDir != "" && p.OldDir != p.CodeDir {
		out = append(out, move{model.RoleCode, p.OldDir, p.CodeDir, "the old tree stays as the way back", nil})
	}
	for _, a := range p.TakeOver.Adopt {
		old := slices.DeleteFunc(slices.Clone(a.From), func(from string) bool { return from == a.To })
		if len(old) > 0 { // what stays in its place does not move
			out = append(out, move{model.RoleConfig, strings.Join(old, ", "), a.To, "edits made on the server are kept", a.At})
		}
	}
	for _, m := range p.TakeOver.State {
		out = append(out, move{model.RoleData, m.From, m.To, "copied, the old one stays", m.At})
	}
	for _, a := range p.TakeOver.Aside {
		out = append(out, move{model.RoleOther, a.Path, "set aside", a.Why, a.At})
	}
	return slices.CompactFunc(out, func(a, b move) bool { return a.from == b.from && a.to == b.to && a.why == b.why })
}

func (b *builder) moves() []page.Move {
	if b.opt.Package == nil {
		return nil
	}
	var out []page.Move
	for _, m := range movesOf(b.opt.Package) {
		out = append(out, page.Move{Role: m.role, From: visible(m.from), To: visible(m.to), Why: visible(m.why), At: b.places(m.at)})
	}
	return out
}

func (b *builder) manual() []page.Item {
	if b.opt.Package == nil {
		return nil
	}
	var out []page.Item
	for _, n := range b.opt.Package.Manual {
		out = append(out, page.Item{Text: visible(n.Text), Code: visible(n.Cmd), At: b.places(n.At)})
	}
	return out
}
