package root_test

import (
	"strings"
	"testing"
)

// A defect is planted in every version of a correct package; the scenario must
// show it, as a violation of the invariant.
type defect struct {
	name      string
	edit      func(*testing.T, sample) sample
	scenario  string
	invariant string
	text      string // a part of the violation
}

// put returns a defect's edit: it replaces text in a script or file.
func put(name, old, text string) func(*testing.T, sample) sample {
	return func(t *testing.T, s sample) sample { return s.change(t, name, old, text) }
}

// before puts commands in front of a script's own; shebang and set -e stay first.
func before(name, commands string) func(*testing.T, sample) sample {
	return put(name, "set -e\n", "set -e\n"+commands+"\n")
}

// both returns the edits one after the other.
func both(first, second func(*testing.T, sample) sample) func(*testing.T, sample) sample {
	return func(t *testing.T, s sample) sample { return second(t, first(t, s)) }
}

var debDefects = []defect{
	{"script fails", before("postinst", "false"), "fresh install", "succeeds", "fails"},
	{"a failure is ignored", before("postinst", "setup-shopd || true"), "fresh install", "succeeds", "not found"},
	{"account is not guarded", put("postinst", "if ! getent passwd shopd >/dev/null; then", "if true; then useradd shopd || :"),
		"account of the site", "succeeds", "already exists"},
	{"account goes with the purge", before("postrm", `if [ "$1" = purge ]; then deluser --quiet --system shopd; fi`), "purge", "account survives", "account shopd"},
	{"account goes on removal", before("postrm", `if [ "$1" = remove ]; then userdel shopd; fi`), "remove", "account survives", "account shopd"},
	{"login shell of the site is changed", before("postinst", "usermod -s /bin/sh shopd 2>/dev/null || :"), "account of the site", "account survives", "shell"},
	{"state belongs to root", put("postinst", "-o shopd -g shopd", ""), "fresh install", "complete", "owner"},
	{"state is open to all", put("postinst", "-m 0750", "-m 0777"), "fresh install", "complete", "mode"},
	{"state goes on upgrade", before("postrm", "rm -rf /var/lib/shopd"), "upgrade", "state kept", "shopd/"},
	{"state goes on removal", before("postrm", "rm -rf /var/lib/shopd"), "remove", "state kept", "shopd/"},
	{"data is re-owned", put("postinst", "	deb-systemd-helper unmask", "	find /var/lib/shopd -mindepth 1 -exec chown root {} +\n	deb-systemd-helper unmask"), "reinstall", "state kept", "nativize-data"},
	{"configuration is overwritten", put("postinst", "	deb-systemd-helper unmask", "	echo port=1 >/etc/shopd/app.ini\n	deb-systemd-helper unmask"),
		"upgrade with edits", "edits kept", "app.ini"},
	{"configuration is no conffile", func(_ *testing.T, s sample) sample { s.configs = nil; return s }, "upgrade with edits", "edits kept", "app.ini"},
	{"configuration goes on removal", before("postrm", "rm -f /etc/shopd/app.ini"), "remove", "edits kept", "app.ini"},
	{"a line is added each time", put("postinst", "	deb-systemd-helper unmask", "	echo '# x' >>/etc/shopd/app.ini\n	deb-systemd-helper unmask"),
		"reinstall", "second install changes nothing", "app.ini"},
	{"another package's file", before("postinst", "sed -i 's/^127/127/; 1i # shop' /etc/hosts"), "fresh install", "own paths only", "/etc/hosts"},
	{"recursive chown of another's tree", before("postinst", "chown -R 1:1 /etc/apt"), "fresh install", "own paths only", "/etc/apt"},
	{"a stray file", before("postinst", "echo x >/usr/bin/shop-helper"), "fresh install", "own paths only", "/usr/bin/shop-helper"},
	{"leftovers", before("postinst", "mkdir -p /var/log/shopd; echo x >>/var/log/shopd/log"), "purge", "clean after purge", "/var/log/shopd"},
	{"state stays after the purge", put("postrm", "rm -rf /var/lib/shopd /var", "rm -rf /var"), "purge", "clean after purge", "/var/lib/shopd"},
	{"upgrade differs from fresh", put("postinst", `	if [ -z "$2" ] &&`, "	if [ -z \"$2\" ]; then chmod 0700 /usr/lib/shopd/run; fi\n	if [ -z \"$2\" ] &&"),
		"upgrade", "version replaced", "/usr/lib/shopd/run"},
	{"old code stays", before("prerm", `if [ "$1" = upgrade ]; then cp /usr/lib/shopd/only-in-1.0 /usr/lib/shopd/.keep 2>/dev/null || :; fi`),
		"upgrade", "own paths only", "/usr/lib/shopd/.keep"},
	{"not started", put("postinst", "action=start", "action=status"), "fresh install", "service state", "does not run"},
	{"not enabled", put("postinst", "deb-systemd-helper enable", "deb-systemd-helper update-state"), "fresh install", "service state", "disabled"},
	{"left stopped by an upgrade", both(put("prerm", `"$1" = remove ] && [`, `-n "$1" ] && [`), put("postinst", "action=restart", "action=status")),
		"upgrade", "service state", "before or after"},
	{"old code keeps running", put("postinst", "action=restart", "action=start-nothing"), "upgrade", "service state", "not restarted"},
	{"not stopped by the removal", put("prerm", "stop shopd", "status shopd"), "remove", "service state", "still runs"},
	{"enabled again by an upgrade", put("postinst", "if deb-systemd-helper --quiet was-enabled shopd.service; then", "if true; then systemctl enable shopd.service || :"),
		"upgrade of a stopped service", "service state", "enabled"},
	{"unmasked by an upgrade", before("postinst", "rm -f /etc/systemd/system/shopd.service"), "upgrade of a masked service", "service state", "masked"},
	{"enabled after the purge", put("postrm", "deb-systemd-helper purge shopd.service", "true"), "purge", "service state", "enabled"},
	{"edits are not taken over", put("postinst", `"$stash/adopt" ]; then`, `"$stash/never" ]; then`), "take-over", "take-over", "does not hold"},
	{"legacy data is deleted", before("postinst", "rm -rf /srv/shop/data"), "take-over", "take-over", "nowhere"},
}

func TestBadDebs(t *testing.T) { catches(t, deb, debDefects) }

var rpmDefects = []defect{
	{"scriptlet fails", put("post", "exit 0", "exit 1"), "fresh install", "succeeds", "scriptlet failed"},
	{"removed by the old version's script", put("preun", "exit 0", "rm -rf /usr/lib/shopd/run; exit 0"), "upgrade", "version replaced", "/usr/lib/shopd/run"},
	{"account goes on upgrade", put("preun", "exit 0", "userdel shopd; exit 0"), "upgrade", "account survives", "shopd"},
	{"state goes with the package", put("preun", "exit 0", "rm -rf /var/lib/shopd; exit 0"), "remove", "state kept", "nativize-data"},
	{"stopped on upgrade", put("preun", `"$1" = 0 ] && [`, `-n "$1" ] && [`), "upgrade", "service state", ""},
	{"not restarted", put("posttrans", "systemctl try-restart shopd.service", "true"), "upgrade", "service state", "not restarted"},
	{"configuration is replaced", put("post", "exit 0", "echo port=1 >/etc/shopd/app.ini; exit 0"), "upgrade with edits", "edits kept", "app.ini"},
	{"take-over in the wrong script", put("post", "cp /var/backups/shopd-legacy/adopt /etc/shopd/app.ini", "true"), "take-over", "take-over", "does not hold"},
	{"a user of the system is changed", put("pre", "exit 0", "usermod -s /bin/false games; exit 0"), "fresh install", "own paths only", "games"},
}

func TestBadRPMs(t *testing.T) { catches(t, rpm, rpmDefects) }

var archDefects = []defect{
	{"scriptlet fails", put(".INSTALL", "	true\n", "	false\n"), "fresh install", "succeeds", "command failed"},
	{"state goes on upgrade", put(".INSTALL", "post_upgrade() {", "post_upgrade() {\n	rm -rf /var/lib/shopd"), "upgrade", "state kept", "nativize-data"},
	{"configuration is replaced", put(".INSTALL", "post_upgrade() {", "post_upgrade() {\n	echo x >/etc/shopd/app.ini"), "upgrade with edits", "edits kept", "app.ini"},
}

func TestBadArchPackages(t *testing.T) { catches(t, arch, archDefects) }

// catches runs the scenario of each defect alone, with systemd, and looks for
// the violation.
func catches(t *testing.T, f format, defects []defect) {
	for _, d := range defects {
		t.Run(strings.ReplaceAll(d.name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			s := f.suite(t, func(s sample) sample { return d.edit(t, s) })
			s.Scenarios, s.Systemd, s.Parallel = scenarios(d.scenario), []bool{true}, 1
			if len(s.Scenarios) != 1 {
				t.Fatalf("no scenario %q", d.scenario)
			}
			report := run(t, s)
			for _, v := range report.Violations() {
				if v.Invariant == d.invariant && strings.Contains(v.Text+v.Evidence, d.text) {
					return
				}
			}
			t.Errorf("not caught by %q; the violations are %v", d.invariant, report.Violations())
		})
	}
}
