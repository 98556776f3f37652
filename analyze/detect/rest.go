package detect

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
)

// packages finds the packages asked of the distribution, in any branch.
func (x *context) packages() {
	for _, e := range x.all {
		if e.Op != host.PackageOp || e.Action != "install" || e.Name == "" {
			continue
		}
		upsert(&x.d.Facts.Packages, func(o *model.OSPackage) bool { return o.Name == e.Name && o.Via == e.Manager }, evPack,
			model.OSPackage{Name: e.Name, Via: e.Manager, Evidence: x.evidence(e)})
	}
}

// declared reads the dependencies of a package that the scripts write and build
// themselves: they are what is installed.
func (x *context) declared() {
	for _, e := range x.all {
		if e.Op != host.Write && e.Op != host.Append || e.Content == nil {
			continue
		}
		via, field := "", ""
		switch {
		case strings.HasSuffix(e.Path, "/DEBIAN/control"):
			via, field = "apt", "Depends:"
		case strings.HasSuffix(e.Path, ".spec"):
			via, field = "dnf", "Requires:"
		default:
			continue
		}
		v, _ := e.Content.Known()
		ev := x.evidence(e)
		ev.Why = "dependency of the package that the script builds"
		for _, name := range dependencies(v.String(), field) {
			upsert(&x.d.Facts.Packages, func(o *model.OSPackage) bool { return o.Name == name && o.Via == via }, evPack,
				model.OSPackage{Name: name, Via: via, Evidence: ev})
		}
	}
}

// dependencies lists the names in a field of a control or spec file: separated
// by commas or blanks, versions and later alternatives left out.
func dependencies(text, field string) []string {
	var out []string
	for line := range strings.Lines(text) {
		rest, ok := strings.CutPrefix(strings.TrimSpace(line), field)
		if !ok {
			continue
		}
		for item := range strings.FieldsFuncSeq(rest, func(r rune) bool { return r == ',' || field == "Requires:" && (r == ' ' || r == '\t') }) {
			name, _, _ := strings.Cut(strings.TrimSpace(item), " ")
			name, _, _ = strings.Cut(name, "(")
			if packageName.MatchString(name) {
				out = append(out, name)
			}
		}
	}
	return out
}

// packageName is a name of a package in any distribution; versions and
// operators are none.
var packageName = lazyregexp.New(`^(?:[A-Za-z][A-Za-z0-9+._-]*|[0-9]+[A-Za-z+._-][A-Za-z0-9+._-]*[A-Za-z][A-Za-z0-9+._-]*)$`)

// languages finds builds and installations by a language's tool; those on the
// machine that deploys count as build steps.
func (x *context) languages() {
	for _, e := range slices.Concat(x.all, x.local) {
		if e.Op != host.Language || e.Failure || e.Manager == "make" && strings.HasPrefix(path.Base(e.At.File), "Makefile") {
			continue // a target that makes another one of the same file
		}
		tool := x.toolOf(e)
		upsert(&x.d.Facts.Languages, func(o *model.LangDep) bool {
			return o.Tool == tool && o.What == e.What && o.Dir == e.Cwd
		}, evLang, model.LangDep{Tool: tool, What: e.What, Environment: e.Env, Dir: e.Cwd, User: e.User, Evidence: x.evidence(e)})
	}
}

// toolOf names the tool as it is called: a setup.py that is run by its own name
// chooses its interpreter itself.
func (x *context) toolOf(e *host.Effect) string {
	const setup = "setup.py"
	if e.Manager != "python "+setup {
		return e.Manager
	}
	for i := range x.d.Statements {
		if s := &x.d.Statements[i]; s.At.Pos == e.At.Pos {
			if name, _, _ := strings.Cut(s.Text, " "); path.Base(name) == setup {
				return setup
			}
		}
	}
	return e.Manager
}

// downloads finds URLs that are fetched.
func (x *context) downloads() {
	for _, e := range x.all {
		if e.Op != host.Fetch || e.URL == "" {
			continue
		}
		d := upsert(&x.d.Facts.Downloads, func(o *model.Download) bool { return o.URL == e.URL }, evDown,
			model.Download{URL: e.URL, To: e.Path, Evidence: x.evidence(e)})
		d.Verified = d.Verified || e.Verified || x.verified(e)
	}
}

// verified tells whether the fetched file is checked afterwards: its content
// was marked by a model of a checking tool.
func (x *context) verified(e *host.Effect) bool {
	for _, o := range x.all {
		if o.Op == host.Fetch && o.Verified && (o.Path == e.Path && e.Path != "" || o.URL == e.URL) {
			return true
		}
	}
	return false
}

// cron finds periodic jobs: entries of crontab(1) and files in cron.d.
func (x *context) cron() {
	for _, e := range x.all {
		if e.Op == host.Cron {
			upsert(&x.d.Facts.Cron, func(o *model.Cron) bool { return o.Command == e.What && o.Path == e.Path }, evCron,
				model.Cron{Command: e.What, Schedule: e.Schedule, User: e.Name, Path: e.Path, Evidence: x.evidence(e)})
		}
	}
	for _, f := range x.d.Facts.Files {
		if path.Dir(f.Path) == "/etc/cron.d" || f.Path == "/etc/crontab" {
			x.cronFile(f)
		}
		if strings.HasPrefix(f.Path, "/etc/cron.") && path.Dir(f.Path) != "/etc/cron.d" {
			schedule := "@" + strings.TrimPrefix(path.Dir(f.Path), "/etc/cron.")
			upsert(&x.d.Facts.Cron, func(o *model.Cron) bool { return o.Path == f.Path }, evCron,
				model.Cron{Command: f.Path, Schedule: schedule, User: "root", Path: f.Path, Evidence: f.Evidence})
		}
	}
}

// cronFile reads the entries of a file in cron.d: five fields or @word, user,
// command.
func (x *context) cronFile(f model.File) {
	for line := range strings.Lines(f.Content) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' || !strings.ContainsAny(line[:1], "0123456789*@") {
			continue
		}
		fields := strings.Fields(line)
		n := 5
		if line[0] == '@' {
			n = 1
		}
		if len(fields) < n+2 {
			continue
		}
		c := model.Cron{Schedule: strings.Join(fields[:n], " "), User: fields[n], Command: strings.Join(fields[n+1:], " "), Path: f.Path, Evidence: f.Evidence}
		upsert(&x.d.Facts.Cron, func(o *model.Cron) bool { return o.Command == c.Command && o.Path == c.Path }, evCron, c)
	}
}

// others finds migrations, machines reached and what else is done to a machine.
func (x *context) others() {
	f := &x.d.Facts
	for _, e := range slices.Concat(x.all, x.local) {
		ev := x.evidence(e)
		switch e.Op {
		case host.Migrate:
			upsert(&f.Migrations, func(o *model.Migration) bool { return o.Command == e.What }, evMigr,
				model.Migration{Command: e.What, As: e.User, Dir: e.Cwd, Evidence: ev})
		case host.Remote:
			user, name := e.User, e.Name
			if u, h, ok := strings.Cut(e.Name, "@"); ok {
				user, name = u, h
			}
			upsert(&f.Remotes, func(o *model.Remote) bool { return o.Host == name && o.Via == e.Manager }, evRem,
				model.Remote{Host: name, User: user, Via: e.Manager, Evidence: ev})
		case host.System, host.RunCode, host.StartOp:
			x.step(e, ev)
		}
	}
}

func (x *context) step(e *host.Effect, ev model.Evidence) {
	kind := e.Name
	what := e.What
	switch e.Op {
	case host.RunCode:
		kind = "remote-code"
		if what == "" {
			what = e.URL + e.Path
		}
	case host.StartOp:
		kind = "process"
	}
	if kind == "database" {
		upsert(&x.d.Facts.Migrations, func(o *model.Migration) bool { return o.Command == what }, evMigr,
			model.Migration{Command: what, As: e.User, Dir: e.Cwd, Evidence: ev})
	}
	upsert(&x.d.Facts.Steps, func(o *model.Step) bool { return o.Kind == kind && o.Command == what }, evStep,
		model.Step{Kind: kind, Command: what, Evidence: ev})
}

// codeDir finds where the code ends up on the server.
func (x *context) codeDir() {
	best, rank := x.d.CodeDir, 0
	if best != "" {
		rank = 100
	}
	x.codeDirs = map[string]bool{}
	spreads := x.spreads()
	for _, e := range x.all {
		p, r := codeRank(e)
		if to, ok := spreads[transfer(e)]; ok {
			p, r = to, 9
		}
		if r >= 4 && strings.Count(p, "/") > 1 && !host.IsSystemDir(p) && !temporaryPath(p, e.Val) && !x.codeDirs[p] {
			x.codeDirs[p] = true
			x.codeTops = append(x.codeTops, p)
		}
		if r > rank && p != "" && !temporaryPath(p, e.Val) && !hasDate(e.Val) && !isBackupPath(p) && !host.IsSystemDir(p) {
			best, rank = p, r
		}
	}
	slices.SortFunc(x.codeTops, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	x.d.CodeDir = best
}

// codeRank says how much an effect tells that the code is brought to a path.
func codeRank(e *host.Effect) (string, int) {
	repo := e.Content.Repo()
	switch e.Op {
	case host.Clone:
		if strings.HasPrefix(e.Path, "${PWD}") || strings.HasPrefix(e.Path, "${") && !strings.Contains(e.Path, "/") {
			return "", 0
		}
		if repo == "." {
			return e.Path, 10
		}
		return e.Path, 4
	case host.Sync, host.CopyTo, host.MoveTo:
		switch {
		case repo == "." && e.Kind != host.Regular:
			return e.Path, 9
		case repo != "" && e.Kind == host.Dir:
			return e.Path, 6
		case e.Kind == host.Dir && e.Content != nil && e.Content.Kind == host.Extracted:
			return e.Path, 5
		case e.Op == host.MoveTo && e.Kind != host.Regular && isCodePlace(e.Path):
			return e.Path, 3
		}
	case host.Extract:
		if repo != "" {
			return e.Path, 9
		}
		return e.Path, 3
	case host.Language:
		if strings.HasPrefix(e.Cwd, "/") {
			return e.Cwd, 2
		}
	}
	return "", 0
}

func isCodePlace(p string) bool {
	for _, dir := range []string{"/opt/", "/srv/", "/var/www/", "/data/", "/home/", "/usr/share/", "/usr/local/"} {
		if strings.HasPrefix(p, dir) {
			return true
		}
	}
	return false
}

// Requirements turns what stops the scripts into words.
func Requirements(d *model.Deployment, kind, text string, at source.Pos) {
	for i := range d.Requirements {
		if r := &d.Requirements[i]; r.Kind == kind && r.Text == text {
			return
		}
	}
	d.Requirements = append(d.Requirements, model.Requirement{Kind: kind, Text: text,
		Evidence: model.Evidence{At: []source.Pos{at}, Certainty: model.Must, Origin: model.FromScript}})
}
