package verify

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nativize/nativize/convert/pack"
	"github.com/nativize/nativize/convert/plan"
	"github.com/nativize/nativize/convert/target"
	"github.com/nativize/nativize/convert/verify/root"
	"github.com/nativize/nativize/convert/verify/root/roottest"
)

// The packages that nativize makes of the samples live through every scenario
// with real package managers. crashhub plays all of them with systemd, and without it
// those in which its absence shows; the others, whose scripts come from the same
// templates, those that differ most.
func TestGeneratedPackages(t *testing.T) {
	all := map[bool][]root.Scenario{
		false: rootScenarios("fresh install", "upgrade with edits and new defaults", "downgrade", "reinstall after remove", "purge", "take-over"),
		true:  root.Scenarios(),
	}
	some := map[bool][]root.Scenario{
		false: rootScenarios("fresh install", "purge"),
		true:  rootScenarios("upgrade with edits and new defaults", "failed upgrade", "reinstall after remove", "purge", "take-over"),
	}
	for _, s := range samples(t) {
		for _, f := range []plan.Format{plan.Deb, plan.RPM, plan.Arch} {
			play := some
			switch {
			case s.name == "crashhub" && f != plan.Arch:
				play = all
			case f == plan.Arch:
				play = map[bool][]root.Scenario{true: some[true]}
			}
			t.Run(s.name+"/"+string(f), func(t *testing.T) {
				t.Parallel() // package managers wait for the disk more than they work
				live(t, s, f, play)
			})
		}
	}
}

func rootScenarios(names ...string) []root.Scenario {
	return slices.DeleteFunc(root.Scenarios(), func(s root.Scenario) bool { return !slices.Contains(names, s.Name) })
}

// live plays scenarios of one package, with and without systemd.
func live(t *testing.T, s sample, f plan.Format, play map[bool][]root.Scenario) {
	opt := roottest.Options(t, kinds[f])
	scripts, err := target.Scripts(s.p, f)
	if err != nil {
		t.Fatal(err)
	}
	src := pack.Sources{Repo: s.a.Repo.FS(), Stage: staged(t, s.p), Scripts: map[plan.Format]map[string]string{f: scripts}}
	for _, systemd := range []bool{false, true} {
		if play[systemd] == nil {
			continue
		}
		report, err := playInRoot(t.Context(), s.p, src, f, func(suite *root.Suite) {
			suite.Options, suite.Systemd, suite.Scenarios = opt, []bool{systemd}, play[systemd]
			if s.name == "crashhub" {
				suite.Played = crashhubFacts{t, s, f}.check
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		if err := report.Write(&text); err != nil {
			t.Fatal(err)
		}
		t.Log(text.String())
		if n := len(report.Violations()); n > 0 {
			t.Errorf("%d violations", n)
		}
	}
}

// staged is a tree with a stand-in for everything that build steps of the
// plan make: what a life cycle needs of it is that it is there.
func staged(t *testing.T, p *plan.Package) string {
	t.Helper()
	dir := t.TempDir()
	for _, e := range p.Payload {
		if e.Origin != plan.Staged {
			continue
		}
		name := filepath.Join(dir, filepath.FromSlash(e.Src))
		if e.Type == plan.Tree {
			name = filepath.Join(name, "built")
		}
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte("built by "+p.Name+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// crashhubFacts are what an administrator of crashhub relies on, said without
// the plan: nothing of it is taken from what nativize found out.
type crashhubFacts struct {
	*testing.T
	s sample
	f plan.Format
}

// check looks at each machine with the package on it, and at what a removal leaves.
func (c crashhubFacts) check(t *root.Trace) {
	where := fmt.Sprintf("%s, %s, systemd %v", c.f, t.Scenario.Name, t.Systemd)
	last := t.Stages[len(t.Stages)-1]
	c.account(where, t, last.After)
	took := t.Stages[0].Step.Do == root.PlantLegacy
	switch {
	case last.Version != 0:
		c.directories(where, last.After, took)
		c.files(where, last.After)
		c.services(where, t, last.After)
	case last.Step.Do == root.Remove:
		c.left(where, last.After)
	}
	switch t.Scenario.Name {
	case "fresh install":
		c.configuration(where, last.After, "", false)
	case "upgrade with edits", "downgrade", "reinstall", "reinstall after remove", "failed upgrade", "failed upgrade and back":
		c.configuration(where, last.After, "# edited on this machine\n", t.Scenario.Name == "reinstall after remove")
	}
	if t.Scenario.Name == "reinstall" {
		c.unchanged(where, t.Stages[len(t.Stages)-2].After, last.After)
	}
}

func (c crashhubFacts) account(where string, t *root.Trace, s *root.Snapshot) {
	a, ok := s.Accounts["crashhub"]
	site := t.Stages[0].Step.Do != root.Install
	switch {
	case !ok:
		c.Errorf("%s: no account crashhub", where)
	case a.Home != "/home/crashhub" || !site && path.Base(a.Shell) != "nologin":
		c.Errorf("%s: account crashhub: %s", where, a)
	case site && a.UID != 2001, !site && (a.UID == 0 || a.UID >= 1000):
		c.Errorf("%s: account crashhub has the number %d", where, a.UID)
	case s.Groups["crashhub"] != a.GID:
		c.Errorf("%s: account crashhub is in the group %d", where, a.GID)
	}
}

func (c crashhubFacts) directories(where string, s *root.Snapshot, took bool) {
	web := map[plan.Format]string{plan.Deb: "www-data", plan.RPM: "apache", plan.Arch: "http"}[c.f]
	for _, want := range []struct {
		path, owner, group string
		mode               uint32
	}{
		{"/home/crashhub", "crashhub", "crashhub", 0o755},
		{"/home/crashhub/incoming", web, "crashhub", 0o2775},
		{"/home/crashhub/fallback", web, "crashhub", 0o2775},
		{"/home/crashhub/processed", "crashhub", "crashhub", 0o755},
		{"/run/lock/crashhub", "crashhub", "root", 0o755},
		{"/data/crashhub", "root", "root", 0o755},
		{"/etc/crashhub", "root", "root", 0o755},
	} {
		e := s.Files[want.path]
		if e.Type != 'd' || !took && (e.Owner != want.owner || e.Group != want.group || e.Mode != want.mode) {
			c.Errorf("%s: %s is %s, want %+v", where, want.path, e, want)
		}
	}
	// the script left it open to all; nobody but the service needs it
	if e := s.Files["/var/log/crashhub"]; e.Type != 'd' || e.Owner != "crashhub" || e.Mode&^0o755 != 0 {
		c.Errorf("%s: /var/log/crashhub is %s", where, e)
	}
}

// files are code, links from the code to its configuration, and jobs.
func (c crashhubFacts) files(where string, s *root.Snapshot) {
	for name, src := range map[string]string{
		"/data/crashhub/application/crashhub/processor_app.py": "crashhub/processor_app.py",
		"/data/crashhub/application/crashhub/mover_app.py":     "crashhub/mover_app.py",
		"/data/crashhub/webapp/manage.py":                      "webapp/manage.py",
	} {
		if e := s.Files[name]; e.SHA256 != c.sum(src, "") || e.Owner != "root" || e.Mode&0o022 != 0 {
			c.Errorf("%s: %s is %s, want the text of %s, writable by root alone", where, name, e, src)
		}
	}
	for name, to := range map[string]string{
		"/data/crashhub/application/config":                 "/etc/crashhub",
		"/data/crashhub/webapp/crashview/settings/local.py": "/etc/crashhub/local.py",
	} {
		if e := s.Files[name]; e.Type != 'l' || e.Link != to {
			c.Errorf("%s: %s is %s, want a link to %s", where, name, e, to)
		}
	}
	// crond passes over what a group may write to
	if e := s.Files["/etc/cron.d/crashhub"]; e.Type != 'f' || e.Mode != 0o644 || e.Owner != "root" {
		c.Errorf("%s: /etc/cron.d/crashhub is %s", where, e)
	}
}

// services are registered by installation; on Arch that is the administrator's.
func (c crashhubFacts) services(where string, t *root.Trace, s *root.Snapshot) {
	off := strings.Contains(t.Scenario.Name, "stopped") || strings.Contains(t.Scenario.Name, "masked")
	for _, unit := range []string{"crashhub-processor.service", "crashhub-mover.service"} {
		if e := s.Files["/usr/lib/systemd/system/"+unit]; e.Type != 'f' {
			c.Errorf("%s: no unit %s", where, unit)
		}
		if c.f == plan.Arch || c.f == plan.RPM && !t.Systemd || off {
			continue
		}
		if !slices.Contains(s.Enabled(), "multi-user.target.wants/"+unit) {
			c.Errorf("%s: %s does not start at boot: %v", where, unit, s.Enabled())
		}
		if t.Systemd && s.Running[unit] == 0 {
			c.Errorf("%s: %s does not run", where, unit)
		}
	}
	for name := range s.Files {
		if strings.HasPrefix(name, "/etc/init.d/crashhub") {
			c.Errorf("%s: %s is there beside the units", where, name)
		}
	}
}

var crashhubConfigs = []string{"collector.ini", "migrate.ini", "mover.ini", "processor.ini"}

// configuration has the shipped text, with what was appended to it. again tells
// that the package was removed in between.
func (c crashhubFacts) configuration(where string, s *root.Snapshot, edit string, again bool) {
	for _, name := range crashhubConfigs {
		e := s.Files["/etc/crashhub/"+name]
		for _, suffix := range []string{".rpmsave", ".pacsave"} {
			if saved, ok := s.Files["/etc/crashhub/"+name+suffix]; ok && again {
				e = saved // moved aside on removal, and left to the administrator
			}
		}
		if e.SHA256 != c.sum("config/"+name+"-dist", edit) {
			c.Errorf("%s: /etc/crashhub/%s is %s, not the text of the repository followed by %q", where, name, e, edit)
		}
	}
}

// left is what a removal leaves: the account is looked at everywhere.
func (c crashhubFacts) left(where string, s *root.Snapshot) {
	for _, dir := range []string{"incoming", "fallback", "processed"} {
		if e := s.Files["/home/crashhub/"+dir+"/nativize-data"]; e.Type != 'f' {
			c.Errorf("%s: the data in /home/crashhub/%s is gone", where, dir)
		}
	}
	for name, e := range s.Files {
		if e.Type == 'f' && (under(name, "/data/crashhub") || strings.HasPrefix(name, "/usr/lib/systemd/system/crashhub")) {
			c.Errorf("%s: %s is still there", where, name)
		}
	}
}

// unchanged: the second installation of a version changes nothing but what the
// package manager notes.
func (c crashhubFacts) unchanged(where string, before, after *root.Snapshot) {
	for _, d := range root.Diff(before, after) {
		if d.Subject != "file" || underAny(d.Name, []string{"/data", "/etc/crashhub", "/etc/cron.d", "/etc/systemd", "/home", "/usr/lib", "/var/log/crashhub"}) {
			c.Errorf("%s: %s", where, d)
		}
	}
}

// sum is the digest of a file of the repository with a text after it.
func (c crashhubFacts) sum(name, after string) string {
	b, err := c.s.a.Repo.Read(name)
	if err != nil {
		c.Fatal(err)
	}
	h := sha256.Sum256(append(slices.Clone(b), after...))
	return hex.EncodeToString(h[:])
}
