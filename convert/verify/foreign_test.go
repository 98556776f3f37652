package verify

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nativize/nativize/convert/pack"
	"github.com/nativize/nativize/convert/plan"
	"github.com/nativize/nativize/convert/target"
)

// defects are planted in real package files, which are read back without a
// plan: what any maker's package is checked for.
var fileDefects = []struct {
	name      string
	format    plan.Format
	scripts   map[string]string
	invariant string
	text      string
}{
	{"nothing", plan.Deb, map[string]string{
		"preremove":  "#!/bin/sh\nset -e\nif [ \"$1\" = remove ] && [ -d /run/systemd/system ]; then deb-systemd-invoke stop metricd.service; fi\n",
		"postremove": "#!/bin/sh\nset -e\nif [ \"$1\" = purge ]; then rm -rf /var/lib/metricd; deb-systemd-helper purge metricd.service; fi\n"}, "", ""},
	{"account is deleted on upgrade", plan.RPM, map[string]string{"preinstall": "getent passwd metricd >/dev/null || useradd -r -d /var/lib/metricd metricd\n", "preremove": "userdel metricd\n"}, "account survives", "metricd is gone"},
	{"code is removed in %postun", plan.RPM, map[string]string{"postremove": "rm -r /usr/bin/metricd\n"}, "complete", "/usr/bin/metricd is missing"},
	{"useradd without a guard", plan.Deb, map[string]string{"postinstall": "#!/bin/sh\nset -e\nuseradd --system metricd\n"}, "succeeds", "account is there already"},
	{"configuration is overwritten", plan.Deb, map[string]string{"postinstall": "#!/bin/sh\nset -e\ncat >/etc/metricd/metricd.conf <<EOF\ntoken = x\nEOF\n"}, "edits kept", "/etc/metricd/metricd.conf was overwritten"},
	{"service is left stopped", plan.Deb, map[string]string{"preremove": "#!/bin/sh\nset -e\nif [ -d /run/systemd/system ]; then deb-systemd-invoke stop metricd.service || true; fi\n"}, "service state", "does not run after it"},
	{"file of another package", plan.RPM, map[string]string{"postinstall": "echo 'Include metricd' >>/etc/ssh/sshd_config\n"}, "own paths only", "/etc/ssh/sshd_config"},
	{"data is removed by an upgrade", plan.RPM, map[string]string{"postinstall": "mkdir -p /var/lib/metricd\n", "postremove": "rm -rf /var/lib/metricd\n"}, "state kept", "/var/lib/metricd"},
}

func TestPackageFiles(t *testing.T) {
	s := convertSample(t, "metricd")
	for _, d := range fileDefects {
		t.Run(strings.ReplaceAll(d.name, " ", "_"), func(t *testing.T) {
			p, err := FromFile(buildFile(t, s, d.format, d.scripts))
			if err != nil {
				t.Fatal(err)
			}
			r, err := SpecOf(p, nil).LifeCycle(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range r.Violations {
				if v.Invariant == d.invariant && strings.Contains(v.Text+strings.Join(v.Evidence, "\n"), d.text) {
					return
				}
			}
			for _, v := range r.Violations {
				if d.invariant != "" || v.Invariant != "runnable" { // these scripts make no account
					t.Errorf("%s: %s %v", v.Invariant, v.Text, v.Evidence)
				}
			}
		})
	}
}

// buildFile writes the sample's package with other maintainer scripts.
func buildFile(t *testing.T, s sample, f plan.Format, scripts map[string]string) string {
	t.Helper()
	p := *s.p
	p.Payload = slices.Concat(p.Payload, target.ExtraEntries(s.p))
	list, err := pack.Build(t.Context(), &p, pack.Sources{Repo: s.a.Repo.FS(), Scripts: map[plan.Format]map[string]string{f: scripts}},
		pack.Options{OutDir: t.TempDir(), Formats: []plan.Format{f}})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range list {
		if a.Format == f {
			return a.Path
		}
	}
	t.Fatal("nothing was built")
	return ""
}

// Package files whose bytes are damaged are errors, never a panic.
func FuzzFromFile(f *testing.F) {
	f.Add([]byte("!<arch>\ndebian-binary   0           0     0     100644  4         `\n2.0\n"))
	f.Add([]byte("\xed\xab\xee\xdb\x03\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		name := filepath.Join(t.TempDir(), "x.deb")
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := FromFile(name)
		if err != nil {
			return
		}
		s := SpecOf(p, nil)
		s.play(Scenarios()[0], true)
	})
}
