package verify

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/convert/plan"
)

// A mutation is a defect that is planted in a package without one. It must be
// caught by its invariant, by a violation that has text in it.
type mutation struct {
	name      string
	from      string // where the defect is taken from
	format    plan.Format
	edit      func(*testing.T, *Package)
	invariant string
	text      string
}

// atStart puts commands in front of a script's own.
func atStart(script, commands string) func(*testing.T, *Package) {
	return func(t *testing.T, p *Package) {
		s := p.Scripts[script]
		switch {
		case s.Text == "":
			s = Script{Name: shown(p.Format, script), Text: "#!/bin/sh\nset -e\n" + commands + "\nexit 0\n"}
			if p.Format == plan.RPM {
				s.Text = commands + "\n"
			}
		case strings.Contains(s.Text, "set -e\n"):
			s.Text = strings.Replace(s.Text, "set -e\n", "set -e\n"+commands+"\n", 1)
		default:
			s.Text = commands + "\n" + s.Text
		}
		p.Scripts[script] = s
	}
}

// instead replaces text of a script, which must be there.
func instead(script, old, text string) func(*testing.T, *Package) {
	return func(t *testing.T, p *Package) {
		s := p.Scripts[script]
		if !strings.Contains(s.Text, old) {
			t.Fatalf("%s of the sample has no %q", script, old)
		}
		s.Text = strings.ReplaceAll(s.Text, old, text)
		p.Scripts[script] = s
	}
}

// wholly replaces a script.
func wholly(script, text string) func(*testing.T, *Package) {
	return func(t *testing.T, p *Package) { p.Scripts[script] = Script{Name: shown(p.Format, script), Text: text} }
}

func all(edits ...func(*testing.T, *Package)) func(*testing.T, *Package) {
	return func(t *testing.T, p *Package) {
		for _, e := range edits {
			e(t, p)
		}
	}
}

// file changes an entry of the payload.
func file(name string, f func(*File)) func(*testing.T, *Package) {
	return func(t *testing.T, p *Package) {
		for i := range p.Files {
			if p.Files[i].Path == name {
				f(&p.Files[i])
				return
			}
		}
		t.Fatalf("the sample ships no %s", name)
	}
}

// add ships a further file.
func add(f File) func(*testing.T, *Package) {
	return func(_ *testing.T, p *Package) {
		if f.Mode == 0 {
			f.Mode = defaultMode(f.Kind)
		}
		p.Files = append(p.Files, f)
		p.sort()
	}
}

// text replaces a part of a payload file's text.
func text(name, old, new string) func(*testing.T, *Package) {
	return file(name, func(f *File) {
		v, _ := f.Content.Known()
		s := v.String()
		if !strings.Contains(s, old) {
			panic(name + " has no " + old)
		}
		f.Content = literal(strings.Replace(s, old, new, 1))
	})
}

func without(name string) func(*testing.T, *Package) {
	return func(t *testing.T, p *Package) {
		n := len(p.Files)
		p.Files = slices.DeleteFunc(p.Files, func(f File) bool { return f.Path == name })
		if len(p.Files) == n {
			t.Fatalf("the sample ships no %s", name)
		}
	}
}

func depends(d string) func(*testing.T, *Package) {
	return func(_ *testing.T, p *Package) { p.Depends = append(slices.Clone(p.Depends), d) }
}

const (
	unitFile = "/usr/lib/systemd/system/metricd.service"
	confFile = "/etc/metricd/metricd.conf"
)

// mutations are the planted defects. D1 to D26 are those of the packages that
// a project wrote by hand over a year (docs/verify.md); the others are traps
// of dpkg, rpm, pacman and apk that were found by experiment.
var mutations = []mutation{
	// the hand-written packages
	{"code is removed by %postun", "D1", plan.RPM, atStart("postremove", "rm -r /usr/bin/metricd /usr/share/doc/metricd"), "complete", "/usr/bin/metricd is missing"},
	{"account is deleted by %preun of the old version", "D2", plan.RPM, atStart("preremove", "userdel -f metricd"), "account survives", "the account metricd is gone"},
	{"service is stopped by %preun of the old version", "D2", plan.RPM, all(instead("preremove", `"$1" -eq 0 ] &&`, `"$1" -ge 0 ] &&`)), "service state", "is not after it"},
	{"useradd without a guard under set -e", "D3", plan.RPM, wholly("preinstall", "set -e\nuseradd -r -d /var/lib/metricd -s /sbin/nologin metricd 2>/dev/null\n"), "succeeds", "%pre"},
	{"account is deleted and made again with another number", "D4", plan.RPM, atStart("postremove", `if [ "$1" -eq 0 ]; then userdel metricd; fi`), "account survives", "metricd is gone"},
	{"prerm deletes the account with its home on upgrade", "D5", plan.Deb, atStart("preremove", "userdel -f -r metricd"), "state kept", "/var/lib/metricd/"},
	{"postrm removes the code on upgrade", "D6", plan.Deb, atStart("postremove", "rm -r /usr/bin/metricd"), "complete", "/usr/bin/metricd is missing"},
	{"purge fails as the account still runs a process", "D7", plan.Deb, all(atStart("postremove", `if [ "$1" = purge ]; then userdel metricd; fi`), instead("preremove", "deb-systemd-invoke stop", "deb-systemd-invoke status")), "succeeds", "postrm purge"},
	{"service is not stopped by the removal", "D7", plan.Deb, wholly("preremove", "#!/bin/sh\nset -e\nexit 0\n"), "service state", "still runs"},
	{"dependency of another family in a deb", "D8", plan.Deb, depends("cyrus-sasl"), dependencies, "another family"},
	{"dependency of another family in an rpm", "D8", plan.RPM, depends("zlib1g"), dependencies, "another family"},
	{"configuration is no conffile", "D9", plan.Deb, file(confFile, func(f *File) { f.Config = NoConfig }), "edits kept", ""},
	{"configuration is %config without noreplace", "D9", plan.RPM, file(confFile, func(f *File) { f.Config = Replaced }), "edits kept", confFile},
	{"another package's service is enabled", "D10", plan.RPM, atStart("postinstall", "systemctl enable --now nginx >/dev/null 2>&1 || :"), "own paths only", "nginx"},
	{"socket directory that nothing makes", "D11", plan.RPM, text(unitFile, "[Install]", "ReadWritePaths=/run/metricd-sock\n[Install]"), "runnable", "/run/metricd-sock"},
	{"database work in %post fails", "D12", plan.RPM, atStart("postinstall", "false || exit 1"), "succeeds", "post 1"},
	{"the last command of %post decides", "D13", plan.RPM, instead("postinstall", "\nexit 0", "\nsystemctl reload nginx"), "succeeds", "post"},
	{"link to a file that is not shipped", "D14", plan.Deb, atStart("postinstall", "ln -fs /etc/metricd/local.conf /usr/share/doc/metricd/local.conf"), "complete", "which is not there"},
	{"link over a file of the package", "D14", plan.Deb, atStart("postinstall", "ln -fs /etc/metricd/metricd.conf /usr/bin/metricd"), "complete", "/usr/bin/metricd is a link"},
	{"nothing enables the unit", "D15", plan.RPM, instead("postinstall", "systemctl --no-reload preset", ": systemctl --no-reload preset"), "service state", "not enabled"},
	{"unit runs on after the removal", "D15", plan.RPM, wholly("preremove", "exit 0\n"), "service state", "still runs"},
	{"chmod of a file that is no longer shipped", "D16", plan.Deb, atStart("postinstall", "chmod 644 /etc/cron.d/metricd"), "succeeds", "/etc/cron.d/metricd is not there"},
	{"program of the unit is not where it was built", "D18", plan.Deb, text(unitFile, "ExecStart=/usr/bin/metricd", "ExecStart=/home/build/metricd/bin/metricd"), "runnable", "/home/build/metricd/bin/metricd is not there"},
	{"rm -r of the code to make up for directories", "D20", plan.RPM, atStart("postremove", "rm -r /usr/share/licenses/metricd"), "complete", "/usr/share/licenses/metricd"},
	{"mkdir without -p", "D22", plan.RPM, atStart("postinstall", "mkdir /var/lib/metricd-temp"), "succeeds", "is there already"},
	{"chown without a user", "D22", plan.Deb, atStart("postinstall", "chown /var/lib/metricd-temp"), "succeeds", "/var/lib/metricd-temp"},
	{"a stray file from a wrong redirection", "D23", plan.Deb, atStart("postinstall", "cd /; echo upgrade heads 2>&1 >1"), "own paths only", "/1 is not"},
	{"sed on a conffile", "D24", plan.Deb, instead("postinstall", "        enable_unit", "        sed -i 's/^#.*//' /etc/metricd/metricd.conf\n        enable_unit"), "asks nothing", confFile},
	{"secret that all may read", "D24", plan.Deb, instead("postinstall", "protect /etc/metricd/metricd.conf 0640", "protect /etc/metricd/metricd.conf 0644"), "complete", "has mode 0644"},
	{"the account is looked for by a substring", "D25", plan.Deb, all(instead("postinstall", `if command -v systemd-sysusers >/dev/null 2>&1; then`, `if grep -q root /etc/passwd; then`), instead("postinstall", `systemd-sysusers ${ROOT:+--root="$ROOT"} metricd.conf`, ":")), "succeeds", "no account metricd"},
	{"owner that only another package makes", "D26", plan.RPM, atStart("preinstall", "set -e\nmkdir -p /var/lib/metricd-drop\nchown apache:metricd /var/lib/metricd-drop"), "succeeds", "no account apache"},

	// traps of the package managers
	{"unknown argument is a success for nobody", "2.3", plan.Deb, instead("postremove", "upgrade | failed-upgrade | abort-upgrade | disappear) ;;", "nothing) ;;"), "succeeds", "postrm"},
	{"configuration put in place by preinst", "3.4", plan.Deb, all(wholly("preinstall", "#!/bin/sh\nset -e\nif [ \"$1\" = install ]; then mkdir -p /etc/metricd; echo 'old = 1' >/etc/metricd/metricd.conf; fi\n")), "asks nothing", confFile},
	{"configuration put in place by %pre", "3.4", plan.RPM, instead("preinstall", "take_over() {", "take_over() {\n    return 0"), "take-over", ""},
	{"legacy unit shadows the packaged one", "3.4", plan.Deb, instead("preinstall", "aside_unit metricd.service", "true"), "take-over", "shadows"},
	{"take-over at every upgrade", "3.4", plan.Deb, instead("preinstall", "upgrade | abort-upgrade) ;;", "upgrade) take_over ;;\n    abort-upgrade) ;;"), "second install changes nothing", "metricd-legacy"},
	{"edits are not adopted", "3.4", plan.Deb, instead("postinstall", "then adopt_all; fi", "then :; fi"), "take-over", "does not have the text"},
	{"legacy data is deleted", "3.4", plan.Deb, atStart("postinstall", `if [ "$1" = configure ] && [ -z "${2:-}" ]; then rm -rf /usr/local/bin; fi`), "own paths only", "/usr/local/bin"},
	{"state is removed on remove", "2.2", plan.Deb, atStart("postremove", `if [ "$1" = remove ]; then rm -rf /var/lib/metricd; fi`), "state kept", "/var/lib/metricd"},
	{"state is removed on erase", "2.2", plan.RPM, atStart("postremove", `if [ "$1" -eq 0 ]; then rm -rf /var/lib/metricd; fi`), "state kept", "/var/lib/metricd"},
	{"account is deleted on purge", "2.2", plan.Deb, atStart("postremove", `if [ "$1" = purge ]; then userdel metricd; fi`), "account survives", "metricd is gone"},
	{"disabled service is enabled by an upgrade", "2.4", plan.Deb, instead("postinstall", "if deb-systemd-helper --quiet was-enabled", "if true ||"), "service state", "enabled"},
	{"stopped service is started by an upgrade", "2.4", plan.RPM, instead("posttrans", "systemctl try-restart", "systemctl restart"), "service state", "was stopped"},
	{"masked service is unmasked by an upgrade", "2.4", plan.Deb, instead("postinstall", "deb-systemd-helper unmask \"$1\"", "systemctl unmask \"$1\""), "service state", "masked"},
	{"service is not restarted", "2.4", plan.Deb, instead("postinstall", "deb-systemd-invoke restart", "deb-systemd-invoke start"), "service state", "still runs the code"},
	{"restart in %postun of the old package only", "2.1", plan.RPM, instead("posttrans", "systemctl try-restart", "systemctl status"), "service state", "still runs the code"},
	{"systemctl without a guard", "2.3", plan.Deb, instead("postinstall", "deb-systemd-invoke restart metricd.service >/dev/null || true", "systemctl restart metricd.service\n        fi\n        if true; then\n            systemctl is-system-running-not || systemctl restart metricd.service"), "succeeds", ""},
	{"systemctl outside of systemd", "2.3", plan.Deb, instead("postinstall", `        enable_unit metricd.service`, "        enable_unit metricd.service\n        systemctl daemon-reload"), "succeeds", "systemctl is not installed"},
	{"adduser without a dependency", "2.2", plan.Deb, func(_ *testing.T, p *Package) {
		p.Depends = slices.DeleteFunc(slices.Clone(p.Depends), func(d string) bool { return dependencyName(d) == "adduser" })
	}, "succeeds", "is not installed"},
	{"directory is re-owned at each installation", "2.5", plan.Deb, instead("postinstall", "        enable_unit metricd.service", "        chown -R root:root /var/lib/metricd\n        enable_unit metricd.service"), "complete", "/var/lib/metricd belongs to root"},
	{"recursive chown of a shared directory", "2.3", plan.Deb, atStart("postinstall", "chown -R root:root /var/log"), "own paths only", "/var/log"},
	{"another package's configuration is edited", "2.3", plan.Deb, atStart("postinstall", "sed -i 's/a/b/' /etc/hosts"), "own paths only", "/etc/hosts"},
	{"a line is added at each installation", "3.2", plan.Deb, instead("postinstall", "        enable_unit metricd.service", "        echo '# x' >>/etc/metricd/metricd.conf\n        enable_unit metricd.service"), "second install changes nothing", confFile},
	{"leftovers of a purge", "2.5", plan.Deb, instead("postinstall", "        enable_unit metricd.service", "        mkdir -p /var/cache/metricd; echo x >/var/cache/metricd/x\n        enable_unit metricd.service"), "clean after purge", "/var/cache/metricd"},
	{"no postrm: purging is impossible", "2.5", plan.Deb, func(_ *testing.T, p *Package) { delete(p.Scripts, "postremove") }, "clean after purge", ""},
	{"unit names an account that nobody makes", "2.2", plan.Deb, text(unitFile, "User=metricd", "User=metrics"), "runnable", "there is no account metrics"},
	{"environment file that is not shipped", "3.3", plan.Deb, text(unitFile, "[Install]", "EnvironmentFile=/etc/metricd/env\n[Install]"), "runnable", "/etc/metricd/env"},
	{"working directory that is not there", "2.2", plan.Deb, text(unitFile, "[Install]", "WorkingDirectory=/srv/metricd\n[Install]"), "runnable", "/srv/metricd"},
	{"program is not executable", "1.4", plan.Deb, file("/usr/bin/metricd", func(f *File) { f.Mode = 0o644 }), "runnable", "cannot be executed"},
	{"symlink became a directory", "1.6", plan.Deb, add(File{Path: "/usr/share/metricd", Kind: host.Link, Link: "/etc/metricd/nowhere"}), "complete", "which is not there"},
	{"cron file whose name has a dot", "2.2", plan.Deb, add(File{Path: "/etc/cron.d/metricd.cron", Kind: host.Regular, Config: Conffile, Content: literal("0 1 * * * metricd /usr/bin/metricd\n")}), "runnable", "has a dot"},
	{"cron file names an account that nobody makes", "2.2", plan.Deb, add(File{Path: "/etc/cron.d/metricd", Kind: host.Regular, Config: Conffile, Content: literal("0 1 * * * reports /usr/bin/metricd\n")}), "runnable", "no such account"},
	{"cron file that the group may write", "D16", plan.Deb, add(File{Path: "/etc/cron.d/metricd", Kind: host.Regular, Mode: 0o664, Config: Conffile, Content: literal("0 1 * * * root /usr/bin/metricd\n")}), "runnable", "does not read"},
	{"account of sysusers.d without its home", "2.2", plan.Deb, all(text("/usr/lib/sysusers.d/metricd.conf", "/var/lib/metricd", "/nonexistent")), "complete", "home of metricd"},
	{"sysusers.d file is not shipped", "2.2", plan.Deb, without("/usr/lib/sysusers.d/metricd.conf"), "succeeds", ""},
	{"preset is not shipped", "2.2", plan.RPM, without("/usr/lib/systemd/system-preset/50-metricd.preset"), "service state", "not enabled"},
	{"configuration of the host is lost when a copy fails", "3.4", plan.Deb, instead("preinstall", "            mkdir -p \"$STASH/adopt$(dirname \"$conffile\")\" && chmod 0700 \"$STASH\" &&", "            mv -- \"$place\" \"$place.moving\"; rm -f -- \"$STASH/adopt$conffile\"; mv -- \"$place.moving\" \"$place\"; mkdir -p \"$STASH/adopt$(dirname \"$conffile\")\" && chmod 0700 \"$STASH\" &&"), recovers, ""},
	{"a step that cannot be repeated", "2.3", plan.Deb, instead("postinstall", "        enable_unit metricd.service", "        if [ -z \"${2:-}\" ]; then mkdir /var/lib/metricd/spool; chown metricd:metricd /var/lib/metricd/spool; fi\n        enable_unit metricd.service"), recovers, ""},
	{"apk: account is made on installation only after the files", "2.2", plan.APK, instead("preinstall", "adduser", ": adduser"), "succeeds", ""},
	{"pacman: account is deleted on upgrade", "2.1", plan.Arch, atStart("preupgrade", "userdel -f metricd"), "account survives", "metricd"},
	{"pacman: configuration is no backup file", "3.1", plan.Arch, file(confFile, func(f *File) { f.Config = NoConfig }), "edits kept", ""},
}

// caught tells whether a mutation shows. What needs an injected failure to
// show is looked for in the whole life cycle.
func (m mutation) caught(t *testing.T, s sample) bool {
	t.Helper()
	if m.invariant != recovers {
		return m.hit(t, s)
	}
	texts := func(edit func(*testing.T, *Package)) []string {
		p, err := FromPlan(s.p, m.format, s.a.Repo.Read)
		if err != nil {
			t.Fatal(err)
		}
		edit(t, p)
		spec := s.spec(t, m.format)
		spec.Versions = Versions(p)
		r, err := spec.LifeCycle(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		return m.about(slices.DeleteFunc(r.Violations, func(v Violation) bool { return v.Invariant != recovers }))
	}
	before := texts(func(*testing.T, *Package) {})
	return slices.ContainsFunc(texts(m.edit), func(v string) bool { return !slices.Contains(before, v) })
}

// At least 95 of 100 planted defects are caught, by the invariant that is about
// them; the sample without defects has no violations.
func TestMutations(t *testing.T) {
	s := convertSample(t, "metricd")
	missed := 0
	for _, m := range mutations {
		t.Run(strings.ReplaceAll(m.name, " ", "_"), func(t *testing.T) {
			if !m.caught(t, s) {
				missed++
				t.Logf("MISSED: %s (%s, %s) is not caught by %q", m.name, m.from, m.format, m.invariant)
			}
		})
	}
	t.Logf("%d of %d planted defects are caught", len(mutations)-missed, len(mutations))
	if 100*missed > 5*len(mutations) {
		t.Errorf("%d of %d planted defects are not caught", missed, len(mutations))
	}
}
