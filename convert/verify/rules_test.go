package verify

import (
	"slices"
	"testing"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/analyze/value"
	"github.com/nativize/nativize/convert/plan"
	"github.com/nativize/nativize/convert/target"
)

// at is a statement of the deployment.
func at(line int) source.Pos { return source.Pos{File: "deploy.sh", Line: line, Col: 1} }

// ruledPlan is a package with a part for each rule.
func ruledPlan() *plan.Package {
	fate := func(line int, part plan.Part, target, reason string) plan.Fate {
		return plan.Fate{At: source.Span{Pos: at(line)}, Text: "statement", Part: part, Target: target, Reason: reason}
	}
	return &plan.Package{
		Name: "app", Version: "1.0", Release: "1", Arch: "all", Summary: "an application", Maintainer: "A <a@example.org>",
		CodeDir: "/usr/lib/app", OldDir: "/srv/app", LicenseFile: "COPYING",
		Payload: []plan.Entry{
			{Path: "/etc/app", Type: plan.Dir_},
			{Path: "/etc/app/app.ini", Type: plan.File, Origin: plan.Text_, Src: "etc/app.ini", Conffile: true, At: []source.Pos{{File: "app.ini-dist", Line: 1, Col: 1}}},
			{Path: "/etc/nginx/sites-available/site", Type: plan.File, Origin: plan.Text_, Src: "etc/app.ini", Conffile: true},
			{Path: "/usr/bin/app", Type: plan.File, Origin: plan.Repo, Src: "bin/app", Mode: 0o755},
			{Path: "/usr/lib/app", Type: plan.Dir_},
			{Path: "/usr/lib/app/config", Type: plan.Symlink, Src: "/etc/app"},
			{Path: "/usr/lib/app/data", Type: plan.Symlink, Src: "/var/lib/app/data"},
			{Path: "/usr/lib/app/main.py", Type: plan.File, Origin: plan.Repo, Src: "main.py"},
			{Path: "/usr/lib/app/venv", Type: plan.Tree, Origin: plan.Staged, Src: "usr/lib/app/venv"},
			{Path: "/opt/app/config", Type: plan.Symlink, Src: "/etc/app"},
			{Path: "/opt/app/odd", Type: plan.Symlink, Src: "/usr/bin/app"},
			{Path: "/opt/app/run", Type: plan.File, Origin: plan.Repo, Src: "bin/app", Mode: 0o755},
			{Path: "/usr/share/man/man8/app.8.gz", Type: plan.File, Origin: plan.Text_, Src: "etc/app.ini"},
		},
		Texts:    []plan.Text{{Path: "etc/app.ini", Data: []byte("a = 1\n")}, {Path: "units/app.service", Data: []byte("[Service]\nExecStart=/usr/bin/app\nUser=app\n[Install]\nWantedBy=multi-user.target\n")}},
		Accounts: []plan.Account{{Name: "app", IsUser: true, System: true, Home: "/var/lib/app"}},
		Dirs:     []plan.Dir{{Path: "/var/lib/app", Owner: "app", Group: "app", Mode: 0o750, Kind: plan.State}, {Path: "/var/lib/app/data", Owner: "app", Group: "app", Mode: 0o750, Kind: plan.State}},
		Units:    []plan.Unit{{Name: "app.service", Text: "units/app.service", Enable: true, Restart: "restart", User: "app"}, {Name: "tick.service", Text: "units/app.service", Timer: "tick.timer", User: "app"}},
		Steps:    []plan.Step{{Kind: plan.Reload, Moment: plan.Configure, Name: "nginx", At: []source.Pos{at(30)}}},
		TakeOver: plan.TakeOver{
			Adopt: []plan.Adopt{{From: []string{"/srv/old.ini"}, To: "/etc/app/app.ini"}},
			Aside: []plan.Aside{{Path: "/etc/init.d/app", Why: "a unit takes its place"}},
			State: []plan.Move{{From: "/srv/app/uploads", To: "/var/lib/app/data"}},
		},
		Depends:    map[plan.Format][]string{plan.Deb: {"python3"}},
		Recommends: map[plan.Format][]string{plan.Deb: {"nginx"}},
		Stage:      []plan.Build{{Tool: "pip", Shell: "pip install .", Output: []string{"/usr/lib/app/venv"}, At: []source.Pos{at(20)}}},
		Exclude:    []plan.Rule{{Pattern: "tests", Why: "not needed to run"}},
		Manual:     []plan.Note{{Text: "do it", At: []source.Pos{at(40)}}},
		Fates: []plan.Fate{
			fate(10, plan.PartPayload, "/usr/bin/app", "installed"), fate(11, plan.PartPayload, "/usr/bin/gone", "installed"),
			fate(12, plan.PartAccount, "app", "made by sysusers.d"), fate(13, plan.PartUnit, "app.service", "a unit"), fate(14, plan.PartUnit, "gone.service", "a unit"),
			fate(20, plan.PartBuild, "pip", "done before packing"), fate(21, plan.PartBuild, "make", "done before packing"),
			fate(30, plan.PartHook, "nginx", "reloaded"), fate(31, plan.PartHook, "apache2", "reloaded"),
			fate(40, plan.PartManual, "x", "by hand"), fate(41, plan.PartManual, "x", "by hand"),
			fate(50, plan.PartManager, "/var/backups/app-${DATE}.tar", "a backup"), fate(60, plan.PartDependency, "gcc", "needed to build only: dropped"),
			fate(70, plan.PartNothing, "", "computes"), fate(71, plan.PartUnplaced, "", "not known"),
		},
	}
}

// A ruled case is one path that the deployment made, or changes the machine.
type ruledCase struct {
	rule string // "" the neighbour: nothing excuses it
	name string
	node host.Node
	do   func(*host.Host) []*host.Effect
}

func made(kind host.NodeKind, line int, f ...func(*host.Node)) host.Node {
	n := host.Node{Kind: kind, Presence: value.Yes, Made: true}
	if line > 0 {
		n.At = at(line)
	}
	for _, g := range f {
		g(&n)
	}
	return n
}

func from(repo string) func(*host.Node) {
	return func(n *host.Node) { n.Content = &host.Content{Kind: host.RepoFile, Path: repo} }
}

func owned_(owner, group, mode string) func(*host.Node) {
	return func(n *host.Node) { n.Owner, n.Group, n.Mode, n.OwnerSet, n.ModeSet = owner, group, mode, true, true }
}

func to(p string) func(*host.Node) { return func(n *host.Node) { n.Link = value.TextStr(p) } }

func user(u host.UserEntry, more ...string) func(*host.Host) []*host.Effect {
	return func(h *host.Host) []*host.Effect {
		u.Presence, u.Made = value.Yes, true
		h.Set(host.Key{Space: host.User, Name: u.Name}, &u)
		return nil
	}
}

func running(name string, line int) func(*host.Host) []*host.Effect {
	return func(h *host.Host) []*host.Effect {
		h.Set(host.Key{Space: host.Service, Name: name}, &host.ServiceEntry{Name: name, Enabled: value.Yes, Running: value.Yes, Touched: true, At: at(line)})
		return nil
	}
}

func installs(name string, line int) func(*host.Host) []*host.Effect {
	return func(*host.Host) []*host.Effect {
		e := &host.Effect{Op: host.PackageOp, Action: "install", Name: name, Manager: "apt-get"}
		e.At.Pos = at(line)
		return []*host.Effect{e}
	}
}

const (
	file_ = host.Regular
	dir_  = host.Dir
	link_ = host.Link
)

// ruledCases has for each rule what it excuses and neighbours that it does not.
var ruledCases = []ruledCase{
	{ruleLinked, "/opt/app/config", made(dir_, 0), nil},
	{"", "/opt/app/odd", made(file_, 0, from("other")), nil}, // a link to another file
	{"", "/opt/app/odd", made(dir_, 0), nil},                 // a directory became a file
	{ruleItself, "/opt/app/run", made(link_, 0, to("/x"), from("bin/app")), nil},
	{"", "/opt/app/run", made(link_, 0, to("/x")), nil}, // to something else
	{ruleRoot, "/usr/bin/app", made(file_, 0, owned_("app", "app", "0755")), nil},
	{"", "/usr/bin/app", made(file_, 0, owned_("app", "app", "0700")), nil}, // more may read it now
	{"", "/var/lib/app/data", made(dir_, 0, owned_("other", "other", "0750")), nil},
	{ruleFewer, "/usr/bin/app", made(file_, 0, owned_("root", "root", "0777")), nil},
	{"", "/usr/lib/app/main.py", made(file_, 0, owned_("root", "root", "0755")), nil}, // it cannot be run any more
	{"", "/usr/bin/app", made(file_, 0, owned_("root", "root", "0750")), nil},
	{"", "/usr/bin/app", made(file_, 0, owned_("root", "root", "4755")), nil}, // not setuid any more
	{ruleOpenOwner, "/usr/bin/app", made(file_, 0, owned_("${USER}", "root", "0755")), nil},
	{"", "/usr/bin/app", made(file_, 0, owned_("${USER}", "root", "0700")), nil},
	{ruleAdopted, "/srv/old.ini", made(file_, 0), nil},
	{"", "/srv/older.ini", made(file_, 0), nil},
	{ruleState, "/srv/app/uploads/1.png", made(file_, 0), nil},
	{"", "/srv/app/uploads2/1.png", made(file_, 0), nil},
	{ruleCode, "/srv/app/main.py", made(file_, 0, from("main.py")), nil},
	{"", "/srv/app/main.py", made(dir_, 0), nil},
	{"", "/srv/app/lost.py", made(file_, 0, from("lost.py")), nil},
	{ruleBuild, "/srv/app/venv/bin/pip", made(file_, 0), nil},
	{"", "/srv/app/venv2/bin/pip", made(file_, 0), nil},
	{ruleBuild, "/home/x/.cache/pip", made(dir_, 20), nil},
	{"", "/home/x/.cache/make", made(dir_, 21), nil}, // no build step has it as its cause
	{ruleShipped, "/usr/local/bin/app", made(file_, 0, from("bin/app")), nil},
	{"", "/usr/local/bin/app", made(file_, 0, func(n *host.Node) {
		n.Content = &host.Content{Kind: host.Edited, Prev: &host.Content{Kind: host.RepoFile, Path: "bin/app"}}
	}), nil}, // edited on the way
	{ruleVersions, "/srv/app/.git/HEAD", made(file_, 0), nil},
	{"", "/srv/app.git", made(file_, 0), nil},
	{rulePlaceholder, "/srv/x/.gitkeep", made(file_, 0), nil},
	{"", "/srv/x/.keepalive", made(file_, 0), nil},
	{ruleCompiled, "/srv/x/__pycache__/a.pyc", made(file_, 0), nil},
	{"", "/srv/x/a.pyc", made(file_, 0), nil},
	{"", "/srv/x/a.conf~", made(file_, 0), nil}, // a copy of nothing
	{ruleAside, "/etc/init.d/app", made(file_, 0), nil},
	{"", "/etc/init.d/apple", made(file_, 0), nil},
	{ruleTemporary, "/tmp/x", made(file_, 0), nil},
	{"", "/var/tmpx", made(file_, 0), nil},
	{ruleLeftOut, "/srv/app/tests/a.py", made(file_, 0, from("tests/a.py")), nil},
	{"", "/usr/share/x/a.py", made(file_, 0, from("tests/a.py")), nil}, // copied to where it is needed
	{ruleLicence, "/srv/app/COPYING", made(file_, 0, from("COPYING")), nil},
	{ruleMadeOf, "/srv/app/app.ini-dist", made(file_, 0, from("app.ini-dist")), nil},
	{"", "/srv/app/app.ini-other", made(file_, 0, from("app.ini-other")), nil},
	{rulePlaced, "/usr/local/bin/app", made(file_, 10), nil},
	{"", "/usr/local/bin/tool", made(file_, 10), nil}, // the same statement, another file
	{"", "/usr/local/bin/gone", made(file_, 11), nil}, // the plan says so, the package has it not
	{"", "/usr/local/bin/app", made(file_, 12), nil},
	{ruleUnit, "/etc/systemd/system/app.service", made(file_, 0), nil},
	{ruleUnit, "/etc/supervisor/conf.d/web.conf", made(file_, 13), nil},
	{"", "/etc/app.conf", made(file_, 13), nil},
	{"", "/etc/supervisor/conf.d/web.conf", made(file_, 14), nil},
	{ruleHook, "/etc/x/reloaded", made(file_, 30), nil},
	{"", "/etc/x/reloaded", made(file_, 31), nil},
	{ruleManual, "/etc/x/byhand", made(file_, 40), nil},
	{"", "/etc/x/byhand", made(file_, 41), nil}, // nobody is told
	{ruleManager, "/var/backups/app-2020.tar", made(file_, 50), nil},
	{"", "/var/backups/db-2020.tar", made(file_, 50), nil},
	{"", "/etc/x/pure", made(file_, 70), nil},
	{"", "/etc/x/unplaced", made(file_, 71), nil},
	{ruleNoLogin, "app", host.Node{}, user(host.UserEntry{Name: "app", Home: "/var/lib/app", Shell: "/bin/bash"})},
	{ruleHome, "app", host.Node{}, user(host.UserEntry{Name: "app", Home: "/home/app", Shell: "/bin/bash"})},
	{"", "app", host.Node{}, user(host.UserEntry{Name: "app", Home: "/srv/app", Shell: "/bin/bash"})},
	{"", "app", host.Node{}, user(host.UserEntry{Name: "app", Home: "/var/lib/app", Shell: "/bin/bash", Groups: []string{"video"}})},
	{"", "other", host.Node{}, user(host.UserEntry{Name: "other", At: at(12)})}, // another account by the same statement
	{ruleTimer, "tick", host.Node{}, running("tick", 0)},
	{"", "tock", host.Node{}, running("tock", 13)}, // the plan names a unit, not this one
	{ruleDependency, "gcc", host.Node{}, installs("gcc", 60)},
	{"", "make", host.Node{}, installs("make", 70)},
}

// Each rule excuses what it says, and not its neighbour.
func TestRulesExcuseNoNeighbour(t *testing.T) {
	pl := ruledPlan()
	if err := target.Complete(pl, []byte("licence\n")); err != nil {
		t.Fatal(err)
	}
	p, err := FromPlan(pl, plan.Deb, nil)
	if err != nil {
		t.Fatal(err)
	}
	spec := SpecOf(p, nil)
	var seen []string
	for _, c := range ruledCases {
		h := host.New(nil, "")
		d := &Deployment{Host: h}
		if c.do != nil {
			d.Log = c.do(h)
		} else {
			h.Set(host.Key{Space: host.File, Name: c.name}, &c.node)
		}
		list := spec.Compare(d)
		if len(list) != 1 || list[0].Name != c.name {
			t.Errorf("%s (%q): %d differences, want 1: %v", c.name, c.rule, len(list), list)
			continue
		}
		if list[0].Rule != c.rule {
			t.Errorf("%s: the rule is %q, want %q: %s", c.name, list[0].Rule, c.rule, list[0].Why)
		}
		seen = append(seen, c.rule)
	}
	for _, r := range Rules() {
		if !slices.Contains(seen, r.Name) && !slices.Contains([]string{ruleStarts, ruleEmptied, ruleWeb, ruleSkeleton, ruleKept}, r.Name) {
			t.Errorf("the rule %q has no case", r.Name)
		}
	}
}
