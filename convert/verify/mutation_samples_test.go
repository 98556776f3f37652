package verify

import (
	"slices"
	"strings"
	"testing"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/convert/plan"
)

// A victim is what a sample's package has that a defect can be planted in.
type victim struct {
	sample
	account, unit, unitFile, conf, program, state string
}

func newVictim(t *testing.T, s sample) victim {
	t.Helper()
	v := victim{sample: s}
	for _, a := range s.p.Accounts {
		if a.IsUser && v.account == "" {
			v.account = a.Name
		}
	}
	for _, u := range s.p.Units {
		if u.Enable && v.unit == "" {
			v.unit, v.unitFile = u.Name, "/usr/lib/systemd/system/"+u.Name
		}
	}
	for _, e := range s.p.Payload {
		switch deb := len(e.Formats) == 0; {
		case deb && e.Conffile && v.conf == "" && e.Origin == plan.Text_ || deb && e.Conffile && v.conf == "":
			v.conf = e.Path
		case deb && e.Type == plan.File && !e.Conffile && e.Origin == plan.Repo && v.program == "":
			v.program = e.Path
		}
	}
	for _, d := range s.p.Dirs {
		if d.Kind == plan.State && len(d.Formats) == 0 && v.state == "" {
			v.state = d.Path
		}
	}
	if v.account == "" || v.unit == "" || v.conf == "" || v.program == "" {
		t.Fatalf("%s has no part for a defect: %+v", s.name, v)
	}
	return v
}

// general are defects that can be planted in every package: in its scripts, its
// manifest and its units.
func (v victim) general() []mutation {
	inner := func(commands string) func(*testing.T, *Package) { // at each configuration, after the package's own work
		return instead("postinstall", "        enable_unit "+v.unit, "        "+commands+"\n        enable_unit "+v.unit)
	}
	list := []mutation{
		{"account is deleted on purge", "2.2", plan.Deb, atStart("postremove", `if [ "$1" = purge ]; then userdel `+v.account+`; fi`), "account survives", v.account + " is gone"},
		{"code is removed by an upgrade", "D6", plan.Deb, atStart("postremove", "rm -f "+v.program), "complete", v.program + " is missing"},
		{"useradd without a guard", "D3", plan.Deb, inner("useradd --system " + v.account), "succeeds", "is there already"},
		{"service is not stopped by the removal", "D7", plan.Deb, wholly("preremove", "#!/bin/sh\nset -e\nexit 0\n"), "service state", "still runs"},
		{"another package's file is changed", "2.3", plan.Deb, inner("echo x >>/etc/hosts"), "own paths only", "/etc/hosts"},
		{"configuration is overwritten at each configuration", "3.4", plan.Deb, inner("echo new >" + v.conf), "edits kept", v.conf},
		{"leftovers of a purge", "2.5", plan.Deb, inner("mkdir -p /var/lib/" + v.p.Name + "-more; echo x >/var/lib/" + v.p.Name + "-more/x"), "clean after purge", "-more"},
		{"mkdir without -p", "D22", plan.Deb, inner("mkdir /opt/" + v.p.Name + "-temp"), "succeeds", "is there already"},
		{"a line is added at each installation", "3.2", plan.Deb, inner("echo '# x' >>" + v.conf), "second install changes nothing", v.conf},
		{"unknown command under set -e", "2.3", plan.Deb, inner("no-such-command"), "succeeds", "no-such-command"},
		{"a stopped service is started by an upgrade", "2.4", plan.Deb, inner(`if [ -d /run/systemd/system ]; then systemctl start ` + v.unit + `; fi`), "service state", "stopped"},
		{"service is not restarted", "2.4", plan.Deb, instead("postinstall", "deb-systemd-invoke restart", "deb-systemd-invoke status"), "service state", ""},
		{"purge is impossible", "2.5", plan.Deb, func(_ *testing.T, p *Package) { delete(p.Scripts, "postremove") }, "clean after purge", ""},
		{"another package's service is stopped", "D10", plan.Deb, inner("systemctl stop cron || true"), "own paths only", "cron"},
		{"code is removed by %postun", "D1", plan.RPM, atStart("postremove", "rm -rf "+v.program), "complete", v.program + " is missing"},
		{"account is deleted by %preun of the old version", "D2", plan.RPM, atStart("preremove", "userdel -f "+v.account), "account survives", v.account + " is gone"},
		{"unit runs on after the removal", "D15", plan.RPM, wholly("preremove", "exit 0\n"), "service state", "still runs"},
		{"the last command of %post decides", "D13", plan.RPM, instead("postinstall", "\nexit 0", "\nfalse"), "succeeds", "post"},

		{"configuration is no conffile", "D9", plan.Deb, file(v.conf, func(f *File) { f.Config = NoConfig }), "edits kept", v.conf},
		{"dependency of another family", "D8", plan.Deb, depends("httpd"), dependencies, "another family"},
		{"code of an old version is not replaced", "1.6", plan.Deb, add(File{Path: "/usr/share/" + v.p.Name + "-link", Kind: host.Link, Link: "/etc/" + v.p.Name + "/nowhere"}), "complete", "which is not there"},
		{"cron file whose name has a dot", "2.2", plan.Deb, add(File{Path: "/etc/cron.d/" + v.p.Name + ".cron", Kind: host.Regular, Config: Conffile, Content: literal("0 1 * * * root /bin/true\n")}), "runnable", "has a dot"},

		{"unit names an account that nobody makes", "2.2", plan.Deb, v.inUnit("[Service]", "[Service]\nUser=nobody-made"), "runnable", "no account nobody-made"},
		{"environment file that is not shipped", "3.3", plan.Deb, v.inUnit("[Service]", "[Service]\nEnvironmentFile=/etc/"+v.p.Name+"/none"), "runnable", "/none"},
		{"program that is not there", "D18", plan.Deb, v.inUnit("ExecStart=", "ExecStart=/opt/build/"), "runnable", "/opt/build/"},
		{"working directory that is not there", "2.2", plan.Deb, v.inUnit("[Service]", "[Service]\nWorkingDirectory=/srv/nowhere"), "runnable", "/srv/nowhere"},
		{"unit in the wrong section", "2.2", plan.Deb, v.inUnit("[Service]", "[Service]\nWantedBy=multi-user.target"), "runnable", "section Install"},
	}
	if v.state != "" {
		list = append(list,
			mutation{"state is removed on remove", "2.2", plan.Deb, atStart("postremove", `if [ "$1" = remove ]; then rm -rf `+v.state+`; fi`), "state kept", v.state},
			mutation{"state is removed on erase", "2.2", plan.RPM, atStart("postremove", `if [ "$1" -eq 0 ]; then rm -rf `+v.state+`; fi`), "state kept", v.state},
			mutation{"state gets another owner", "2.5", plan.Deb, inner("chown -R root:root " + v.state), "complete", "belongs to root"})
	}
	return list
}

func (v victim) inUnit(old, new string) func(*testing.T, *Package) {
	return text(v.unitFile, old, new)
}

// The defects that every package can have, in the samples whose packages are
// larger: at least 95 of 100 are caught.
func TestMutationsOfSamples(t *testing.T) {
	missed, all := 0, 0
	for _, s := range samples(t) {
		if s.name == "metricd" {
			continue // TestMutations is about it
		}
		v := newVictim(t, s)
		for _, m := range v.general() {
			t.Run(s.name+"/"+strings.ReplaceAll(m.name, " ", "_"), func(t *testing.T) {
				if all++; !m.hit(t, s) {
					missed++
					t.Logf("MISSED: %s (%s, %s) is not caught by %q", m.name, m.from, m.format, m.invariant)
				}
			})
		}
	}
	t.Logf("%d of %d planted defects are caught", all-missed, all)
	if 100*missed > 5*all {
		t.Errorf("%d of %d planted defects are not caught", missed, all)
	}
}

// hit tells whether the invariant that a defect breaks says so in a scenario
// without an injected failure, and does not say it there without the defect.
func (m mutation) hit(t *testing.T, s sample) bool {
	t.Helper()
	good := s.spec(t, m.format)
	p, err := FromPlan(s.p, m.format, s.a.Repo.Read)
	if err != nil {
		t.Fatal(err)
	}
	m.edit(t, p)
	bad := *good
	bad.Versions = Versions(p)
	if m.invariant == dependencies {
		return len(m.about(checkDepends(p))) > 0
	}
	inv := Invariants()[slices.IndexFunc(Invariants(), func(i Invariant) bool { return i.Name == m.invariant })]
	for _, sc := range Scenarios() {
		for _, systemd := range environments(m.format) {
			if bad.possible(sc, systemd) != "" {
				continue
			}
			if list := m.about(inv.Check(bad.play(sc, systemd))); len(list) > 0 {
				before := m.about(inv.Check(good.play(sc, systemd)))
				if slices.ContainsFunc(list, func(v string) bool { return !slices.Contains(before, v) }) {
					return true
				}
			}
		}
	}
	return false
}

// about are the texts of the violations that hold the mutation's text.
func (m mutation) about(list []Violation) []string {
	var out []string
	for _, v := range list {
		if strings.Contains(v.Text+"\n"+strings.Join(v.Evidence, "\n"), m.text) {
			out = append(out, v.Text)
		}
	}
	return out
}
