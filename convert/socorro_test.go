package convert

import (
	"context"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/nativize/nativize/analyze"
	"github.com/nativize/nativize/convert/choices"
	"github.com/nativize/nativize/convert/pack"
	"github.com/nativize/nativize/convert/plan"
	"github.com/nativize/nativize/convert/target"
)

// A subject is a deployment of Socorro's shape with its package.
type subject struct {
	a       *analyze.Analysis
	p       *plan.Package
	scripts map[plan.Format]map[string]string
	name    string
	service string
}

// subjects are the sample, and the repository itself when it is there.
func subjects(t *testing.T) map[string]subject {
	t.Helper()
	out := map[string]subject{"crashhub": newSubject(t, repos+"crashhub", "crashhub", "crashhub-processor", analyze.Options{})}
	dir := mirror + "/mozilla-services__socorro@8057863fe-parent"
	if _, err := os.Stat(dir); err != nil {
		t.Log("the repository of Socorro is not here: the sample alone is tested")
		return out
	}
	out["socorro"] = newSubject(t, dir, "socorro", "socorro-processor", analyze.Options{Script: "scripts/deploy.sh", Build: "scripts/install.sh"})
	return out
}

func newSubject(t *testing.T, dir, name, service string, opt analyze.Options) subject {
	t.Helper()
	s := subject{a: analysis(t, dir, opt), name: name, service: service, scripts: map[plan.Format]map[string]string{}}
	p, err := Run(context.Background(), s.a, &choices.Choices{Name: name}, Options{Epoch: 1700000000, Arch: "amd64"})
	if err != nil {
		t.Fatal(err)
	}
	s.p = p
	for _, f := range plan.Formats {
		if s.scripts[f], err = target.Scripts(p, f); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// all is every maintainer script of a format in one text.
func (s subject) all(f plan.Format) string {
	var b strings.Builder
	for _, text := range s.scripts[f] {
		b.WriteString(text)
	}
	return b.String()
}

// has tells whether a line of a text matches.
func has(text, re string) bool { return regexp.MustCompile("(?m)" + re).MatchString(text) }

// defects are those of the hand-made packages of Socorro, docs/socorro.md. Each
// test fails when a generated package has it.
var defects = []struct {
	id   string
	test func(*testing.T, subject)
}{
	{"D1", codeIsNeverDeleted}, {"D2", upgradeKeepsAccountAndService}, {"D3", accountIsGuarded}, {"D4", accountsStay}, {"D5", homeIsNeverDeleted},
	{"D6", codeIsNeverDeleted}, {"D7", purgeTakesOnlyItsOwn}, {"D8", dependenciesPerFormat}, {"D9", configurationIsProtected}, {"D10", configurationIsProtected},
	{"D11", volatileDirectories}, {"D12", noDataWorkInScripts}, {"D13", noDataWorkInScripts}, {"D14", linksLeadSomewhere}, {"D15", unitsAreEnabledAndStopped},
	{"D16", periodicJobs}, {"D17", noForeignInterpreter}, {"D18", venvAtItsFinalPlace}, {"D19", versionsOrder}, {"D20", directoriesAreOwned},
	{"D21", exclusionsAreData}, {"D22", directoriesAreMadeWhenMissing}, {"D23", oneSourceForAllFormats}, {"D24", noSecrets}, {"D25", accountIsGuarded}, {"D26", webAccountPerFormat},
}

func TestDefectsOfSocorro(t *testing.T) {
	for name, s := range subjects(t) {
		for _, d := range defects {
			t.Run(name+"/"+d.id, func(t *testing.T) { d.test(t, s) })
		}
	}
}

// docs/socorro.md names for each defect the test that really holds it.
func TestSocorroTableNamesItsTests(t *testing.T) {
	doc, err := os.ReadFile("../docs/socorro.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile(`(?m)^\| (D[0-9]+) \|.*\| (D[0-9]+) `+"`(\\w+)`"+`[^|]*\|$`).FindAllStringSubmatch(string(doc), -1)
	if len(rows) != len(defects) {
		t.Fatalf("the table has %d rows, there are %d defects", len(rows), len(defects))
	}
	for i, d := range defects {
		full := runtime.FuncForPC(reflect.ValueOf(d.test).Pointer()).Name()
		name := full[strings.LastIndexByte(full, '.')+1:]
		if r := rows[i]; r[1] != d.id || r[2] != d.id || r[3] != name {
			t.Errorf("the row %q says %s %s, the test is %s %s", r[1], r[2], r[3], d.id, name)
		}
	}
	for _, name := range regexp.MustCompile("`(Test\\w+)`").FindAllStringSubmatch(string(doc), -1) {
		if out, _ := filepath.Glob("*_test.go"); !slices.ContainsFunc(append(out, "pack/names_test.go", "place/identity_test.go"), func(f string) bool {
			b, err := os.ReadFile(f)
			return err == nil && strings.Contains(string(b), "func "+name[1]+"(")
		}) {
			t.Errorf("%s is no test", name[1])
		}
	}
}

func TestSocorroIsAccountedFor(t *testing.T) {
	for name, s := range subjects(t) {
		t.Run(name, func(t *testing.T) {
			total(t, s.a, s.p)
			for _, f := range s.p.Unplaced {
				t.Errorf("%s: %q: %s", f.At.Pos, f.Text, f.Reason)
			}
			writable(t, s.a, s.p)
		})
	}
}

func codeIsNeverDeleted(t *testing.T, s subject) {
	for _, f := range plan.Formats {
		for hook, text := range s.scripts[f] {
			for line := range strings.Lines(text) {
				if strings.Contains(line, "rm -r") && strings.Contains(line, s.p.CodeDir) {
					t.Errorf("%s %s: %s", f, hook, line)
				}
			}
		}
	}
}

func upgradeKeepsAccountAndService(t *testing.T, s subject) {
	preun := s.scripts[plan.RPM]["preremove"]
	if !has(preun, `\$1.*(=|-eq) ?"?0`) {
		t.Errorf("the rpm script before removal does not ask for an upgrade:\n%s", preun)
	}
	if prerm := s.scripts[plan.Deb]["preremove"]; !has(prerm, `remove`) || has(prerm, `(?s)upgrade\).*stop`) {
		t.Errorf("the deb script before removal stops services on upgrade:\n%s", prerm)
	}
	accountsStay(t, s)
}

func accountIsGuarded(t *testing.T, s subject) {
	pre := s.scripts[plan.RPM]["preinstall"]
	if has(pre, `useradd`) && !has(pre, `getent (passwd|group)|id -u`) {
		t.Errorf("useradd without a guard:\n%s", pre)
	}
	for _, f := range plan.Formats {
		if has(s.all(f), `grep.*/etc/passwd`) {
			t.Errorf("%s searches the text of /etc/passwd", f)
		}
	}
	if !slices.ContainsFunc(s.p.Accounts, func(a plan.Account) bool {
		return a.Name == s.name && a.IsUser && a.System && a.Home == "/home/"+s.name
	}) {
		t.Errorf("accounts: %+v", s.p.Accounts)
	}
}

func accountsStay(t *testing.T, s subject) {
	for _, f := range plan.Formats {
		if has(s.all(f), `(userdel|deluser|groupdel|delgroup)`) {
			t.Errorf("%s deletes an account", f)
		}
	}
}

func homeIsNeverDeleted(t *testing.T, s subject) {
	for _, d := range s.p.Dirs {
		if strings.HasPrefix(d.Path, "/home/") && d.Purge {
			t.Errorf("purge removes %s", d.Path)
		}
	}
	accountsStay(t, s)
}

func purgeTakesOnlyItsOwn(t *testing.T, s subject) {
	accountsStay(t, s)
	homeIsNeverDeleted(t, s)
	prerm := s.scripts[plan.Deb]["preremove"]
	if !strings.Contains(prerm, s.service) || !has(prerm, `stop`) {
		t.Errorf("removal does not stop the service:\n%s", prerm)
	}
	if rm := s.all(plan.RPM); has(rm, `rm -rf? .*/var/(lib|log)/`+s.name+`( |"|$)`) {
		t.Error("rpm, which has no purge, removes data")
	}
}

func dependenciesPerFormat(t *testing.T, s subject) {
	if !slices.Contains(s.p.Depends[plan.Deb], "python3") || !slices.Contains(s.p.Depends[plan.Arch], "python") {
		t.Errorf("dependencies: %v", s.p.Depends)
	}
	if slices.ContainsFunc(s.p.Depends[plan.RPM], func(d string) bool { return strings.HasPrefix(d, "lib") || d == "adduser" }) {
		t.Errorf("names of Debian in the rpm: %v", s.p.Depends[plan.RPM])
	}
}

func configurationIsProtected(t *testing.T, s subject) {
	for _, e := range s.p.Payload {
		if strings.HasPrefix(e.Path, "/etc/") && e.Type == plan.File && !e.Conffile && !strings.HasPrefix(e.Path, "/etc/init.d/") {
			t.Errorf("%s is overwritten on upgrade", e.Path)
		}
	}
	for _, want := range []string{"/etc/httpd/conf.d/" + s.name + ".conf", "/etc/cron.d/" + s.name} {
		if e := entry(s.p, want, plan.RPM); e == nil || !e.Conffile {
			t.Errorf("%s: %+v", want, e)
		}
	}
	if e := entry(s.p, "/etc/apache2/sites-available/"+s.name+".conf", plan.Deb); e == nil {
		t.Error("on Debian a site is switched on by a link, not by its place")
	}
	if e := entry(s.p, "/etc/httpd/conf.d/"+s.name+".conf", plan.Deb); e != nil {
		t.Error("the deb has a file of httpd")
	}
}

func volatileDirectories(t *testing.T, s subject) {
	for _, e := range s.p.Payload {
		if strings.HasPrefix(e.Path, "/run/") || strings.HasPrefix(e.Path, "/var/run/") || strings.HasPrefix(e.Path, "/var/lock/") {
			t.Errorf("%s is gone after a reboot", e.Path)
		}
	}
	if !strings.Contains(text(s.p, "tmpfiles.d/"+s.name+".conf"), "d /run/lock/"+s.name+" 0755 "+s.name) {
		t.Error("tmpfiles.d does not make the lock directory")
	}
	if !has(s.scripts[plan.Deb]["postinstall"], `/run/lock/`+s.name) {
		t.Error("there is no lock directory until the next boot")
	}
}

func noDataWorkInScripts(t *testing.T, s subject) {
	for _, f := range plan.Formats {
		if has(s.all(f), `(setupdb|alembic (-c|upgrade)|syncdb|migrate_app|psql )`) {
			t.Errorf("%s works on data with the errors of a maintainer script", f)
		}
	}
	script := text(s.p, "files/"+s.name+"-migrate")
	if !strings.Contains(script, "set -eu") || !has(script, `exec su -s /bin/sh -c .* `+s.name) || !strings.Contains(script, "upgrade head") {
		t.Errorf("the command for migrations:\n%s", script)
	}
	if i := strings.Index(script, "upgrade)"); i < 0 || strings.Contains(script[i:], "setupdb") {
		t.Errorf("an upgrade would make the database anew:\n%s", script)
	}
}

func linksLeadSomewhere(t *testing.T, s subject) {
	for _, f := range plan.Formats {
		if has(s.all(f), `ln -f?s.*local\.py`) {
			t.Errorf("%s makes a link that belongs into the payload", f)
		}
	}
	found := false
	for _, e := range s.p.Payload {
		if e.Type != plan.Symlink || path.Base(e.Path) != "local.py" {
			continue
		}
		found = true
		if c := entry(s.p, e.Src, plan.Deb); c == nil || !c.Conffile {
			t.Errorf("%s leads to %s, which is not shipped", e.Path, e.Src)
		}
	}
	if !found {
		t.Error("no link leads from the settings of the web page to /etc")
	}
}

func unitsAreEnabledAndStopped(t *testing.T, s subject) {
	if !slices.ContainsFunc(s.p.Units, func(u plan.Unit) bool { return u.Name == s.service+".service" && u.Enable && u.User == s.name }) {
		t.Fatalf("units: %+v", s.p.Units)
	}
	if !has(s.scripts[plan.Deb]["postinstall"], `deb-systemd-(helper|invoke)`) || !has(s.scripts[plan.RPM]["postinstall"], `preset`) {
		t.Error("nothing enables the units")
	}
	if !has(s.scripts[plan.RPM]["preremove"], `(disable|stop)`) {
		t.Error("the rpm leaves the units running on deleted code")
	}
}

func periodicJobs(t *testing.T, s subject) {
	for _, f := range plan.Formats {
		e := entry(s.p, "/etc/cron.d/"+s.name, f)
		if e == nil || e.Mode != 0o644 || !e.Conffile {
			t.Errorf("%s: %+v", f, e)
		}
		if has(s.all(f), `chmod.*/etc/cron\.d`) {
			t.Errorf("%s sets the mode in a script", f)
		}
	}
}

func noForeignInterpreter(t *testing.T, s subject) {
	for _, e := range s.p.Payload {
		if e.Origin == plan.Repo && e.Type == plan.File && strings.HasPrefix(path.Base(e.Path), "python") && !strings.Contains(path.Base(e.Path), ".") {
			t.Errorf("%s looks like an interpreter", e.Path)
		}
	}
	for _, b := range s.p.Stage {
		if b.Tool == "pip" && !strings.HasPrefix(b.Shell, "/usr/bin/python3 -m venv ") {
			t.Errorf("the interpreter is not the distribution's:\n%s", b.Shell)
		}
	}
}

func venvAtItsFinalPlace(t *testing.T, s subject) {
	for _, b := range s.p.Stage {
		if b.Tool != "pip" {
			continue
		}
		if len(b.Output) != 1 || !strings.HasPrefix(b.Output[0], s.p.CodeDir+"/") || !strings.Contains(b.Shell, `"$STAGE`+b.Output[0]+`"`) {
			t.Errorf("the virtual environment is not built at its final place: %+v", b)
		}
	}
	unit := text(s.p, "units/"+s.service+".service")
	if !has(unit, `^ExecStart=/[^ ]*python3? /`) {
		t.Errorf("the unit runs a script through its first line:\n%s", unit)
	}
}

func versionsOrder(t *testing.T, s subject) {
	for _, f := range plan.Formats {
		if _, err := pack.FileName(f, s.p); err != nil {
			t.Error(err)
		}
	}
}

func directoriesAreOwned(t *testing.T, s subject) {
	for _, e := range s.p.Payload {
		if dir := path.Dir(e.Path); strings.HasPrefix(dir, s.p.CodeDir+"/") && entry(s.p, dir, plan.RPM) == nil {
			t.Errorf("no package owns %s", dir)
		}
	}
}

func exclusionsAreData(t *testing.T, s subject) {
	for _, e := range s.p.Payload {
		if strings.HasSuffix(e.Src, ".pyc") || strings.Contains(e.Src, "/.git") {
			t.Errorf("%s is shipped", e.Src)
		}
	}
	if !slices.ContainsFunc(s.p.Exclude, func(r plan.Rule) bool { return r.Pattern == "*.pyc" }) {
		t.Error("the list of exclusions does not say so")
	}
}

func directoriesAreMadeWhenMissing(t *testing.T, s subject) {
	for _, f := range plan.Formats {
		for line := range strings.Lines(s.all(f)) {
			if has(line, `(^|[;&| ])mkdir `) && !has(line, `mkdir -m 0?[0-7]* -p|mkdir -p`) {
				t.Errorf("%s: %s", f, line)
			}
			if has(line, `chown -R`) && !strings.Contains(line, "stash") {
				t.Errorf("%s: %s", f, line)
			}
		}
	}
}

func oneSourceForAllFormats(t *testing.T, s subject) {
	for _, f := range plan.Formats {
		if entry(s.p, "/usr/sbin/"+s.name+"-migrate", f) == nil {
			t.Errorf("%s has no command for migrations", f)
		}
	}
	if script := text(s.p, "files/"+s.name+"-migrate"); strings.Contains(script, "2&>1") {
		t.Errorf("a redirection is part of a command:\n%s", script)
	}
}

func noSecrets(t *testing.T, s subject) {
	for _, f := range plan.Formats {
		if has(s.all(f), `(?i)(password|secret_key) ?= ?['"]?[A-Za-z0-9]+`) || has(s.all(f), `sed -i`) {
			t.Errorf("%s has a password in a script, or edits a conffile", f)
		}
	}
	for _, e := range s.p.Payload {
		if e.Secret && (e.Mode&0o007 != 0 || e.Group != s.name) {
			t.Errorf("%s holds a secret and everybody may read it: %+v", e.Path, e)
		}
	}
}

func webAccountPerFormat(t *testing.T, s subject) {
	seen := 0
	for _, d := range s.p.Dirs {
		if d.Formats == nil || !strings.HasPrefix(d.Path, "/home/") {
			continue
		}
		seen++
		want := map[plan.Format]string{plan.Deb: "www-data", plan.RPM: "apache", plan.APK: "apache", plan.Arch: "http"}[d.Formats[0]]
		if d.Owner != want || d.Group != s.name || d.Mode != 0o2775 {
			t.Errorf("%+v, want the owner %s", d, want)
		}
	}
	if seen != 8 {
		t.Errorf("the crash stores have %d owners, want one a format for each of two", seen)
	}
	if !slices.Contains(s.p.Depends[plan.RPM], "httpd") {
		t.Errorf("nothing brings the account: %v", s.p.Depends)
	}
}
