package convert

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nativize/nativize/analyze"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/convert/choices"
	"github.com/nativize/nativize/convert/pack"
	"github.com/nativize/nativize/convert/plan"
	"github.com/nativize/nativize/convert/target"
)

const repos = "../testdata/repos/"

// mirror holds repositories of others; tests that read it skip without it.
var mirror = os.Getenv("NATIVIZE_TREES")

func analysis(t testing.TB, dir string, opt analyze.Options) *analyze.Analysis {
	t.Helper()
	repo, err := source.Open(context.Background(), dir, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { repo.Close() })
	a, err := analyze.Run(context.Background(), repo, opt)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func run(t testing.TB, dir string, c *choices.Choices) (*analyze.Analysis, *plan.Package) {
	t.Helper()
	a := analysis(t, dir, analyze.Options{})
	p, err := Run(context.Background(), a, c, Options{Epoch: 1700000000, Arch: "amd64"})
	if err != nil {
		t.Fatal(err)
	}
	return a, p
}

func entry(p *plan.Package, name string, f plan.Format) *plan.Entry {
	for i, e := range p.Payload {
		if e.Path == name && (len(e.Formats) == 0 || slices.Contains(e.Formats, f)) {
			return &p.Payload[i]
		}
	}
	return nil
}

func text(p *plan.Package, name string) string {
	for _, t := range p.Texts {
		if t.Path == name {
			return string(t.Data)
		}
	}
	return ""
}

// total demands one fate with a part and a reason for each statement, and a
// part for each effect.
func total(t *testing.T, a *analyze.Analysis, p *plan.Package) {
	t.Helper()
	fates := map[source.Pos]int{}
	for _, f := range p.Fates {
		fates[f.At.Pos]++
		if f.Part == "" || f.Reason == "" {
			t.Errorf("%s: %q has the part %q for the reason %q", f.At.Pos, f.Text, f.Part, f.Reason)
		}
		if f.Part == plan.PartUnplaced && !slices.ContainsFunc(p.Unplaced, func(u plan.Fate) bool { return u.At == f.At }) {
			t.Errorf("%s: %q is not placed and not listed", f.At.Pos, f.Text)
		}
	}
	stmts := map[source.Pos]int{}
	for _, s := range a.Statements {
		stmts[s.At.Pos]++
	}
	for at, n := range stmts {
		if fates[at] != n {
			t.Errorf("%s: %d statements have %d fates", at, n, fates[at])
		}
	}
	for _, e := range a.Effects {
		if !e.Failure && fates[e.At.Pos] == 0 {
			t.Errorf("%s: the effect %s of %q has no fate", e.At.Pos, e.Op, e.Path+e.Name)
		}
	}
}

// writable demands that every output can be written and that the package can
// be built as far as it is not made by build steps.
func writable(t *testing.T, a *analyze.Analysis, p *plan.Package) {
	t.Helper()
	if _, err := target.Emit(p, target.Options{Read: a.Repo.Read}); err != nil {
		t.Errorf("emit: %v", err)
	}
	src := pack.Sources{Repo: a.Repo.FS(), Scripts: map[plan.Format]map[string]string{}}
	for _, f := range plan.Formats {
		s, err := target.Scripts(p, f)
		if err != nil {
			t.Fatal(err)
		}
		src.Scripts[f] = s
	}
	built := *p
	built.Payload = slices.DeleteFunc(append(slices.Clone(p.Payload), target.ExtraEntries(p)...), func(e plan.Entry) bool { return e.Origin == plan.Staged })
	if err := pack.Check(context.Background(), &built, src, pack.Options{}); err != nil && len(p.Stage) == 0 {
		t.Errorf("pack: %v", err)
	}
}

var samples = []string{"metricd", "guestbook", "crashhub", "shopfront"}

func TestEveryStepOfTheSamplesIsPlaced(t *testing.T) {
	for _, name := range samples {
		t.Run(name, func(t *testing.T) {
			a, p := run(t, repos+name, &choices.Choices{})
			total(t, a, p)
			writable(t, a, p)
			for _, f := range p.Unplaced {
				t.Errorf("%s: %q: %s", f.At.Pos, f.Text, f.Reason)
			}
			opaque := slices.ContainsFunc(a.Statements, func(s model.Statement) bool { return s.Outcome == "opaque" })
			if opaque {
				t.Log("some statements are opaque")
			}
		})
	}
}

func TestEveryStepOfOtherRepositoriesIsPlaced(t *testing.T) {
	if testing.Short() {
		t.Skip("reads many repositories")
	}
	if mirror == "" {
		t.Skip("NATIVIZE_TREES does not name a directory with repositories of others")
	}
	dirs, _ := filepath.Glob(mirror + "/*")
	if len(dirs) == 0 {
		t.Skip("NATIVIZE_TREES does not name a directory with repositories of others")
	}
	for _, dir := range dirs {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			continue
		}
		t.Run(filepath.Base(dir), func(t *testing.T) {
			a := analysis(t, dir, analyze.Options{})
			p, err := Run(context.Background(), a, &choices.Choices{}, Options{Arch: "amd64"})
			var declined *DeclinedError
			switch {
			case errors.As(err, &declined):
				if a.Class.Packageable() {
					t.Errorf("declined although it is for a server: %v", err)
				}
				return
			case err != nil:
				t.Fatal(err)
			}
			total(t, a, p)
			if _, err := target.Emit(p, target.Options{Read: a.Repo.Read}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestSameInputSamePlan(t *testing.T) {
	for _, name := range samples {
		var first string
		for range 3 {
			c := &choices.Choices{}
			_, p := run(t, repos+name, c)
			data, err := json.Marshal(p)
			if err != nil {
				t.Fatal(err)
			}
			yaml, err := choices.Format(c)
			if err != nil {
				t.Fatal(err)
			}
			got := string(data) + string(yaml)
			if first != "" && got != first {
				t.Errorf("%s: two runs gave different plans", name)
			}
			first = got
		}
	}
}

func TestChoicesAreReadBack(t *testing.T) {
	for _, name := range samples {
		c := &choices.Choices{}
		_, p := run(t, repos+name, c)
		data, err := choices.Format(c)
		if err != nil {
			t.Fatal(err)
		}
		back, err := choices.Parse("nativize.yaml", data)
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, data)
		}
		if got, want := strings.Join(back.Open(), " "), strings.Join(c.Open(), " "); got != want {
			t.Errorf("%s: open questions %q, want %q", name, got, want)
		}
		_, q := run(t, repos+name, back)
		a, _ := json.Marshal(p)
		b, _ := json.Marshal(q)
		if string(a) != string(b) {
			t.Errorf("%s: the plan is another one after the choices were read back", name)
		}
	}
}

func TestNegativesAreDeclined(t *testing.T) {
	for _, name := range []string{"compose", "ghpages", "heroku"} {
		a := analysis(t, repos+"negatives/"+name, analyze.Options{})
		_, err := Run(context.Background(), a, &choices.Choices{}, Options{})
		var declined *DeclinedError
		if !errors.As(err, &declined) || declined.Reason == "" || len(declined.Looked) == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMetricd(t *testing.T) {
	_, p := run(t, repos+"metricd", &choices.Choices{})
	conf := entry(p, "/etc/metricd/metricd.conf", plan.Deb)
	if conf == nil || !conf.Conffile || conf.Mode != 0o640 || conf.Group != "metricd" || conf.Src != "metricd.conf.example" {
		t.Errorf("configuration: %+v", conf)
	}
	if e := entry(p, "/usr/bin/metricd", plan.RPM); e == nil || e.Mode != 0o755 {
		t.Errorf("nothing belongs below /usr/local: %+v", e)
	}
	unit := text(p, "units/metricd.service")
	for _, want := range []string{"ExecStart=/usr/bin/metricd --config /etc/metricd/metricd.conf\n", "User=metricd\n"} {
		if !strings.Contains(unit, want) {
			t.Errorf("the unit lacks %q:\n%s", want, unit)
		}
	}
	for _, want := range []plan.Dir{
		{Path: "/var/lib/metricd", Owner: "metricd", Group: "metricd", Mode: 0o750},
		{Path: "/var/log/metricd", Owner: "metricd", Group: "adm", Mode: 0o750},
		{Path: "/var/spool/metricd", Mode: 0o777},
	} {
		if !hasDir(p, want) {
			t.Errorf("no directory %+v in %+v", want, p.Dirs)
		}
	}
	if !slices.Contains(p.Depends[plan.Arch], "python") || !slices.Contains(p.Depends[plan.Deb], "python3") {
		t.Errorf("dependencies: %v", p.Depends)
	}
}

func hasDir(p *plan.Package, want plan.Dir) bool {
	return slices.ContainsFunc(p.Dirs, func(d plan.Dir) bool {
		return d.Path == want.Path && d.Owner == want.Owner && d.Group == want.Group && d.Mode == want.Mode &&
			(want.Formats == nil || slices.Equal(d.Formats, want.Formats))
	})
}

func TestGuestbook(t *testing.T) {
	_, p := run(t, repos+"guestbook", &choices.Choices{})
	if p.CodeDir != "/usr/lib/guestbook" || p.OldDir != "/srv/guestbook" {
		t.Errorf("no package may hold files in /srv: %s, was %s", p.CodeDir, p.OldDir)
	}
	env := entry(p, "/etc/guestbook/env", plan.Deb)
	if env == nil || !env.Conffile || !env.Secret || env.Mode != 0o640 || env.Group != "guestbook" {
		t.Errorf(".env: %+v", env)
	}
	if l := entry(p, "/usr/lib/guestbook/.env", plan.Deb); l == nil || l.Src != "/etc/guestbook/env" {
		t.Errorf("link back: %+v", l)
	}
	unit := text(p, "units/guestbook.service")
	if !strings.Contains(unit, "EnvironmentFile=/etc/guestbook/env\n") || strings.Contains(unit, "/srv/") {
		t.Errorf("the unit keeps old paths:\n%s", unit)
	}
	for old, now := range map[string]string{
		"/srv/guestbook/uploads": "/var/lib/guestbook/uploads", "/srv/guestbook/logs": "/var/log/guestbook",
		"/srv/guestbook/guestbook.sqlite3": "/var/lib/guestbook/guestbook.sqlite3",
	} {
		if !slices.ContainsFunc(p.TakeOver.State, func(m plan.Move) bool { return m.From == old && m.To == now && m.Owner == "guestbook" }) {
			t.Errorf("state of %s is not carried to %s: %+v", old, now, p.TakeOver.State)
		}
		if l := entry(p, "/usr/lib/guestbook"+strings.TrimPrefix(old, "/srv/guestbook"), plan.Deb); l == nil || l.Type != plan.Symlink || l.Src != now {
			t.Errorf("link of %s: %+v", old, l)
		}
	}
	site := entry(p, "/etc/nginx/sites-available/guestbook", plan.Deb)
	if site == nil || !site.Conffile || entry(p, "/etc/nginx/conf.d/guestbook.conf", plan.RPM) == nil {
		t.Errorf("site: %+v", site)
	}
	if s := text(p, "etc/nginx/sites-available/guestbook"); strings.Contains(s, "/srv/") || !strings.Contains(s, "alias /var/lib/guestbook/uploads/;") {
		t.Errorf("the site keeps old paths:\n%s", s)
	}
	if len(p.Stage) == 0 || p.Stage[0].Output[0] != "/usr/lib/guestbook/venv" {
		t.Errorf("build steps: %+v", p.Stage)
	}
	for _, e := range p.Payload {
		if e.Origin == plan.Repo && (e.Src == "deploy.sh" || strings.HasPrefix(filepath.Base(e.Src), ".git")) {
			t.Errorf("%s is in the payload", e.Src)
		}
	}
}

func TestShopfront(t *testing.T) {
	_, p := run(t, repos+"shopfront", &choices.Choices{})
	unit := text(p, "units/shopfront.service")
	for _, want := range []string{"ExecStart=/usr/bin/node src/server.js\n", "WorkingDirectory=/usr/lib/shopfront\n", "EnvironmentFile=-/etc/shopfront/env\n", "Environment=PORT=3000\n", "User=shopfront\n"} {
		if !strings.Contains(unit, want) {
			t.Errorf("the unit lacks %q:\n%s", want, unit)
		}
	}
	if text(p, "units/shopfront-mailer.service") == "" || text(p, "openrc/shopfront") == "" {
		t.Error("a service has no unit or no init script")
	}
	if e := entry(p, "/etc/shopfront/env", plan.RPM); e == nil || !e.Secret {
		t.Errorf(".env: %+v", e)
	}
	if l := entry(p, "/usr/lib/shopfront/data/orders", plan.Deb); l == nil || l.Src != "/var/lib/shopfront/orders" {
		t.Errorf("orders: %+v", l)
	}
	if e := entry(p, "/usr/lib/shopfront/node_modules", plan.Deb); e == nil || e.Type != plan.Tree {
		t.Errorf("node_modules: %+v", e)
	}
}

func TestLayouts(t *testing.T) {
	for layout, want := range map[string]string{"opt": "/opt/crashhub", "fhs": "/usr/share/crashhub", "keep": "/data/crashhub", "auto": "/data/crashhub"} {
		_, p := run(t, repos+"crashhub", &choices.Choices{Layout: layout})
		if p.CodeDir != want {
			t.Errorf("layout %s: %s, want %s", layout, p.CodeDir, want)
		}
		for _, e := range p.Payload {
			if strings.HasPrefix(e.Path, "/data/") && want != "/data/crashhub" {
				t.Errorf("layout %s has %s", layout, e.Path)
			}
		}
		unit := text(p, "units/crashhub-mover.service")
		if !strings.Contains(unit, want+"/application/crashhub/mover_app.py") {
			t.Errorf("layout %s: the unit does not run from there:\n%s", layout, unit)
		}
	}
}

func TestMigrationsAsTheOwnerChose(t *testing.T) {
	for how, part := range map[string]plan.Part{"command": plan.PartManual, "postinst": plan.PartHook, "unit": plan.PartUnit, "manual": plan.PartManual} {
		a, p := run(t, repos+"crashhub", &choices.Choices{Migrations: how})
		total(t, a, p)
		found := false
		for _, f := range p.Fates {
			if strings.Contains(f.Text, "migrate_app.py") && f.Part == part {
				found = true
			}
		}
		if !found {
			t.Errorf("%s: no migration became a %s", how, part)
		}
		has := slices.ContainsFunc(p.Steps, func(s plan.Step) bool { return s.Kind == plan.Migrate })
		if has != (how == "postinst") {
			t.Errorf("%s: step of the maintainer scripts: %v", how, has)
		}
	}
}

func TestNothingPrivateIsShipped(t *testing.T) {
	dir := t.TempDir()
	for name, data := range map[string]string{
		"deploy.sh":   "#!/bin/sh\nset -e\ncp -r . /opt/app\ncp app.service /etc/systemd/system/\nsystemctl restart app\n",
		"app.service": "[Service]\nExecStart=/opt/app/run.sh\nUser=app\n", "run.sh": "#!/bin/sh\nexec sleep 1\n",
		".env": "PASSWORD=hunter2\n", "id_rsa": "x", "tls.pem": "x", ".npmrc": "token", ".git/config": "x",
	} {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(data), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	a := analysis(t, dir, analyze.Options{})
	p, err := Run(context.Background(), a, &choices.Choices{}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range p.Payload {
		if slices.Contains([]string{".env", "id_rsa", "tls.pem", ".npmrc", "deploy.sh"}, e.Src) {
			t.Errorf("%s ships %s", e.Path, e.Src)
		}
	}
	for _, txt := range p.Texts {
		if strings.Contains(string(txt.Data), "hunter2") {
			t.Errorf("%s holds the secret", txt.Path)
		}
	}
}

func BenchmarkRun(b *testing.B) {
	for _, name := range samples {
		b.Run(name, func(b *testing.B) {
			a := analysis(b, repos+name, analyze.Options{})
			for b.Loop() {
				if _, err := Run(context.Background(), a, &choices.Choices{}, Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
