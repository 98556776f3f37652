package target

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/convert/plan"
	"github.com/nativize/nativize/templates"
)

// systemdFormats are those of distributions that run systemd.
var systemdFormats = []plan.Format{plan.Deb, plan.RPM, plan.Arch}

func sysusersName(p *plan.Package) string { return p.Name + ".conf" }
func tmpfilesName(p *plan.Package) string { return p.Name + ".conf" }

// The paths of the added texts below packaging/.
func sysusersText(p *plan.Package) string { return "sysusers.d/" + sysusersName(p) }
func tmpfilesText(p *plan.Package) string { return "tmpfiles.d/" + tmpfilesName(p) }
func presetText(p *plan.Package) string   { return "presets/50-" + p.Name + ".preset" }

const (
	copyrightText = "copyright"
	lintianText   = "lintian-overrides"
)

// ExtraEntries returns the payload entries that the targets add to a plan's
// own: accounts, directories and presets for systemd, the copyright, the
// lintian overrides, and each unit that the plan lists without an entry. Their
// sources are texts that Complete adds. They are sorted by path.
func ExtraEntries(p *plan.Package) []plan.Entry {
	var out []plan.Entry
	add := func(dst, src, why string, formats ...plan.Format) {
		if hasEntry(p, dst) {
			return
		}
		out = append(out, plan.Entry{Path: dst, Type: plan.File, Origin: plan.Text_, Src: src, Mode: 0o644, Formats: formats, Why: why})
	}
	if len(p.Accounts) > 0 {
		add("/usr/lib/sysusers.d/"+sysusersName(p), sysusersText(p), "accounts", systemdFormats...)
	}
	if len(tmpfilesDirs(p)) > 0 {
		add("/usr/lib/tmpfiles.d/"+tmpfilesName(p), tmpfilesText(p), "directories", systemdFormats...)
	}
	if len(enabledUnits(p)) > 0 {
		add("/usr/lib/systemd/system-preset/50-"+p.Name+".preset", presetText(p), "the distribution's default is to disable", plan.RPM)
	}
	add("/usr/share/doc/"+p.Name+"/copyright", copyrightText, "Debian Policy 12.5", plan.Deb)
	if len(lintianOverrides(p)) > 0 {
		add("/usr/share/lintian/overrides/"+p.Name, lintianText, "findings that are wanted", plan.Deb)
	}
	out = append(out, licence(p)...)
	out = append(out, unitEntries(p)...)
	out = append(out, unowned(p)...)
	slices.SortFunc(out, func(a, b plan.Entry) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// licence is the licence's text where rpm and pacman have it, with the
// directory, which rpm does not own otherwise.
func licence(p *plan.Package) []plan.Entry {
	dir := "/usr/share/licenses/" + p.Name
	e := plan.Entry{
		Path: dir + "/LICENSE", Type: plan.File, Origin: plan.Text_, Src: copyrightText,
		Mode: 0o644, Formats: []plan.Format{plan.RPM, plan.Arch}, Why: "licence",
	}
	if p.LicenseFile != "" {
		e.Origin, e.Src = plan.Repo, p.LicenseFile
	}
	if hasEntry(p, e.Path) {
		return nil
	}
	return []plan.Entry{{Path: dir, Type: plan.Dir_, Mode: 0o755, Formats: []plan.Format{plan.RPM}, Why: "licence"}, e}
}

// unitEntries are the units and OpenRC scripts whose text no entry of the plan
// ships.
func unitEntries(p *plan.Package) []plan.Entry {
	shipped := map[string]bool{}
	for _, e := range p.Payload {
		if e.Origin == plan.Text_ {
			shipped[e.Src] = true
		}
	}
	var out []plan.Entry
	for _, u := range p.Units {
		if u.Text != "" && !shipped[u.Text] {
			out = append(out, plan.Entry{Path: "/usr/lib/systemd/system/" + u.Name, Type: plan.File, Origin: plan.Text_, Src: u.Text, Mode: 0o644, Formats: systemdFormats, At: u.At, Why: u.Why})
		}
		if u.OpenRC != "" && !shipped[u.OpenRC] {
			out = append(out, plan.Entry{Path: "/etc/init.d/" + openRCName(p, u), Type: plan.File, Origin: plan.Text_, Src: u.OpenRC, Mode: 0o755, Formats: []plan.Format{plan.APK}, At: u.At, Why: u.Why})
		}
	}
	return out
}

// topDirs are the directories at the top that every distribution has. FHS 3.0, 3.
var topDirs = []string{"bin", "boot", "dev", "etc", "home", "lib", "lib64", "media", "mnt", "opt", "proc", "root", "run", "sbin", "srv", "sys", "tmp", "usr", "var"}

// unowned are the directories above the code that no distribution has: rpm takes
// away only directories that a package owns; the others do so by themselves.
func unowned(p *plan.Package) []plan.Entry {
	var out []plan.Entry
	for dir := path.Dir(p.CodeDir); p.CodeDir != "" && dir != "/" && dir != "."; dir = path.Dir(dir) {
		top, _, _ := strings.Cut(strings.TrimPrefix(dir, "/"), "/")
		if !slices.Contains(topDirs, top) && !hasEntry(p, dir) {
			out = append(out, plan.Entry{Path: dir, Type: plan.Dir_, Mode: 0o755, Formats: []plan.Format{plan.RPM}, Why: "the code lies in it"})
		}
	}
	return out
}

func hasEntry(p *plan.Package, dst string) bool {
	return slices.ContainsFunc(p.Payload, func(e plan.Entry) bool { return e.Path == dst })
}

// tmpfilesDirs are the directories that no unit makes and that are the same in
// every format.
func tmpfilesDirs(p *plan.Package) []plan.Dir {
	var out []plan.Dir
	for _, d := range p.Dirs {
		if d.Unit == "" && d.Formats == nil {
			out = append(out, d)
		}
	}
	slices.SortStableFunc(out, func(a, b plan.Dir) int { return strings.Compare(a.Path, b.Path) })
	return out
}

func enabledUnits(p *plan.Package) []string {
	var out []string
	for _, u := range p.Units {
		if u.Enable && !strings.Contains(u.Name, "@.") {
			out = append(out, u.Name)
		}
	}
	return out
}

// Complete adds to p what the targets need beside what was placed: the texts of
// ExtraEntries and the dependencies of the maintainer scripts. licence is the
// text of p.LicenseFile, nil when there is none. It may be called again; the
// texts are then made anew.
func Complete(p *plan.Package, licence []byte) error {
	if err := Check(p); err != nil {
		return err
	}
	addDepends(p)
	made, err := extraTexts(p, licence)
	if err != nil {
		return err
	}
	for _, t := range made {
		p.Texts = slices.DeleteFunc(p.Texts, func(o plan.Text) bool { return o.Path == t.Path })
		p.Texts = append(p.Texts, t)
	}
	slices.SortStableFunc(p.Texts, func(a, b plan.Text) int { return strings.Compare(a.Path, b.Path) })
	return nil
}

// addDepends names what the maintainer scripts call: adduser where there is no
// systemd-sysusers (a dependency on that would bring systemd into containers),
// the shadow tools by path, since distributions call the package differently.
func addDepends(p *plan.Package) {
	if p.Depends == nil {
		p.Depends = map[plan.Format][]string{}
	}
	need := func(f plan.Format, dep string) {
		if !slices.ContainsFunc(p.Depends[f], func(d string) bool { return firstWord(d) == dep }) {
			p.Depends[f] = append(p.Depends[f], dep)
			slices.Sort(p.Depends[f])
		}
	}
	if len(p.Accounts) > 0 {
		need(plan.Deb, "adduser")
		need(plan.RPM, "/usr/sbin/useradd")
		need(plan.RPM, "/usr/sbin/groupadd")
		need(plan.Arch, "systemd")
	}
	if s, err := rpmScripts(p); err == nil && len(s) > 0 {
		need(plan.RPM, "/bin/sh")
	}
}

func firstWord(s string) string {
	if i := strings.IndexAny(s, " (<>=|"); i >= 0 {
		return s[:i]
	}
	return s
}

// extraTexts fills the texts of ExtraEntries.
func extraTexts(p *plan.Package, licence []byte) ([]plan.Text, error) {
	r := &refs{}
	var out []plan.Text
	var failed error
	add := func(name string, t templates.Text, err error) {
		if err != nil && failed == nil {
			failed = err
		}
		out = append(out, plan.Text{Path: name, Data: []byte(t.Text), Mode: 0o644, Lines: r.lines(t)})
	}
	if len(p.Accounts) > 0 {
		t, err := templates.Sysusers{Name: p.Name, Accounts: sysusers(p, r)}.Text()
		add(sysusersText(p), t, err)
	}
	if dirs := tmpfilesDirs(p); len(dirs) > 0 {
		tf := templates.Tmpfiles{Name: p.Name}
		for _, d := range dirs {
			tf.Dirs = append(tf.Dirs, scriptDir(d, r))
		}
		t, err := tf.Text()
		add(tmpfilesText(p), t, err)
	}
	if units := enabledUnits(p); len(units) > 0 {
		t, err := templates.Preset{Name: p.Name, Units: units}.Text()
		add(presetText(p), t, err)
	}
	t, err := copyright(p, licence).Fill()
	add(copyrightText, t, err)
	if list := lintianOverrides(p); len(list) > 0 {
		t, err := templates.LintianOverrides{Name: p.Name, Overrides: list}.Text()
		add(lintianText, t, err)
	}
	return out, failed
}

// sysusers are the accounts as systemd-sysusers makes them: a user brings the
// group of its own name along, and no shell means no login.
func sysusers(p *plan.Package, r *refs) []templates.Account {
	users := map[string]bool{}
	shells := map[string]string{}
	for _, a := range p.Accounts {
		if a.IsUser {
			users[a.Name] = or(a.Group, a.Name) == a.Name
			shells[a.Name] = a.Shell
		}
	}
	var out []templates.Account
	for _, a := range accounts(p, "", r) {
		if !a.User && users[a.Name] {
			continue
		}
		if a.User {
			a.Shell = shells[a.Name]
		}
		out = append(out, a)
	}
	return out
}

// copyright says what the plan knows; it makes up no holder.
func copyright(p *plan.Package, licence []byte) templates.Copyright {
	c := templates.Copyright{
		Name: p.Name, Contact: p.Maintainer, Homepage: p.Homepage, License: or(p.License, "unknown"),
		Holder: "the authors of " + p.Name,
		Text:   []string{"The repository names no licence; ask its authors before you pass this package on."},
	}
	if p.License != "" {
		c.Text = []string{"The repository states this licence without its text."}
	}
	if text := strings.TrimSpace(string(licence)); text != "" {
		c.Text, c.Holder = licenceLines(text), or(holders(text), c.Holder)
	}
	return c
}

// licenceLines makes the lines of a licence fit a field of a control file.
func licenceLines(text string) []string {
	var out []string
	for l := range strings.Lines(text) {
		l = strings.TrimRight(strings.ReplaceAll(l, "\t", "    "), " \r\n\f")
		out = append(out, strings.Map(func(r rune) rune {
			if r < ' ' || r == 0x7f {
				return -1
			}
			return r
		}, strings.ToValidUTF8(l, "?")))
	}
	return out
}

// holders are the lines of a licence that state a copyright with a year.
func holders(text string) string {
	var out []string
	for l := range strings.Lines(text) {
		l = strings.TrimSpace(l)
		rest, ok := strings.CutPrefix(l, "Copyright ")
		if ok && strings.ContainsAny(rest, "0123456789") && len(rest) < 120 {
			out = append(out, strings.TrimPrefix(rest, "(c) "))
		}
	}
	return strings.Join(out[:min(len(out), 5)], ", ")
}

// texts writes the texts of the payload, those of Complete among them.
var texts = &Target{Name: "payload", Doc: "generated files of the payload: units, configuration, accounts", Emit: emitTexts}

func emitTexts(p *plan.Package, _ Options) ([]File, error) {
	var out []File
	for _, t := range p.Texts {
		mode := t.Mode
		if mode == 0 {
			mode = 0o644
		}
		// an owner's bits only: what is installed has its mode in the manifest
		out = append(out, File{Path: path.Join("packaging", t.Path), Data: t.Data, Mode: fsMode(mode), Lines: t.Lines})
	}
	return out, nil
}
