package verify

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/convert/plan"
)

// debianHelpers are packages of other makers whose scripts lean on Debian's
// helpers. want is an invariant that is broken, "" none; open one that is left
// undecided.
var debianHelpers = []struct {
	name    string
	depends string
	files   []File
	scripts map[string]string
	want    string
	open    string
}{
	{name: "a helper is looked for by its path", scripts: map[string]string{
		"postremove": "set -e\nif [ \"$1\" = purge ] && [ -x /usr/bin/deb-systemd-helper ]; then deb-systemd-helper purge app.service app.timer >/dev/null || true; fi\n"}},
	{name: "the timer stays enabled", want: "clean after purge"},
	{name: "dpkg lists the package's files", scripts: map[string]string{"preremove": "set -e\ndpkg -L app | grep -q /usr/bin/app\nfind /usr/lib/none -type d -print0 | xargs --null --no-run-if-empty rmdir\n"}},
	{name: "an override holds when the file is unpacked again", scripts: map[string]string{
		"postinstall": "set -e\nif ! dpkg-statoverride --list /usr/bin/app >/dev/null; then dpkg-statoverride --update --add root adm 2755 /usr/bin/app; fi\n"}},
	{name: "ucf knows the files of a package", depends: "ucf", scripts: map[string]string{
		"postinstall": "set -e\nucf --debconf-ok /usr/share/app/app.ini /etc/app.ini\nucfr app /etc/app.ini\n",
		"postremove":  "set -e\n[ \"$1\" = purge ] || exit 0\nfor f in $(ucfq --with-colons app | cut -d: -f1); do rm -f \"$f\" \"$f.ucf-old\"; ucf --purge \"$f\"; ucfr --purge app \"$f\"; done\n"}},
	{name: "an alternative goes with its package", scripts: map[string]string{
		"postinstall": "set -e\nupdate-alternatives --install /usr/bin/editor-x editor-x /usr/bin/app 10\n",
		"preremove":   "set -e\n[ \"$1\" = upgrade ] || update-alternatives --remove editor-x /usr/bin/app\n"}},
	{name: "an alternative is left", want: "clean after purge", scripts: map[string]string{"postinstall": "set -e\nupdate-alternatives --install /usr/bin/editor-x editor-x /usr/bin/app 10\n"}},
	{name: "two temporary files are two", scripts: map[string]string{"postinstall": "set -e\na=$(mktemp)\nb=$(mktemp)\nrm \"$a\"\ncp /usr/bin/app \"$b\"\nrm \"$b\"\n"}},
	{name: "a diversion is made once", scripts: map[string]string{
		"preinstall": "set -e\ndpkg-divert --package app --rename --divert /usr/bin/tool.app --add /usr/bin/tool >/dev/null\n",
		"postremove": "set -e\n[ \"$1\" != remove ] || dpkg-divert --package app --rename --divert /usr/bin/tool.app --remove /usr/bin/tool\n"}},
	{name: "a pattern that matches nothing", scripts: map[string]string{"postinstall": "for f in $(ls /etc/app/*.conf 2>/dev/null); do touch \"$f\"; done\n"}},
	{name: "an account of a dependency of the same source", depends: "app-common", scripts: map[string]string{"postinstall": "set -e\nchown app:adm /usr/share/app\n"}},
	{name: "an account that nobody makes", depends: "libc6", want: "succeeds", scripts: map[string]string{"postinstall": "set -e\nchown app:adm /usr/share/app\n"}},
	{name: "an answer that nobody has given", open: "second install changes nothing", scripts: map[string]string{
		"postinstall": "set -e\n. /usr/share/debconf/confmodule\ndb_get app/mode\nmkdir -p /var/lib/app\necho \"mode=$RET$(cat /var/lib/app/mode 2>/dev/null)\" >/var/lib/app/mode\n",
		"postremove":  "[ \"$1\" != purge ] || rm -rf /var/lib/app\n"}},
	{name: "a sourced file keeps the arguments", files: []File{{Path: "/usr/share/app/functions", Kind: host.Regular, Mode: 0o644, Content: literal("hello() { :; }\n")}},
		scripts: map[string]string{"postinstall": "set -e\n. /usr/share/app/functions\ncase \"$1\" in configure) hello;; *) exit 1;; esac\n"}},
	{name: "a log that has not its owner after a failure", want: "recovers", scripts: map[string]string{
		"postinstall": "set -e\nif [ ! -e /var/log/app.log ]; then touch /var/log/app.log; chown www-data:adm /var/log/app.log; fi\n",
		"postremove":  "[ \"$1\" != purge ] || rm -f /var/log/app.log\n"}},
	{name: "the account goes on removal", depends: "adduser", want: "account survives", scripts: map[string]string{
		"postinstall": "set -e\nadduser --system --group app\n",
		"postremove":  "[ \"$1\" != remove ] || deluser --quiet --system app\n"}},
}

func TestDebianHelpers(t *testing.T) {
	for _, c := range debianHelpers {
		t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
			p := &Package{Format: plan.Deb, Name: "app", Version: "1.0", Scripts: map[string]Script{}}
			p.Files = append(slices.Clone(c.files),
				File{Path: "/usr/bin/app", Kind: host.Regular, Mode: 0o755, Content: literal("#!/bin/sh\n")},
				File{Path: "/usr/share/app", Kind: host.Dir, Mode: 0o755},
				File{Path: "/usr/share/app/app.ini", Kind: host.Regular, Mode: 0o644, Content: literal("port=1\n")})
			if strings.Contains(c.name, "timer") || strings.Contains(c.name, "by its path") {
				p.Files = append(p.Files, File{Path: "/usr/lib/systemd/system/app.timer", Kind: host.Regular, Mode: 0o644, Content: literal("[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n")})
				p.Scripts["preremove"] = Script{Name: "prerm", Text: "set -e\n[ \"$1\" != remove ] || [ ! -d /run/systemd/system ] || deb-systemd-invoke stop app.timer\n"}
			}
			if c.depends != "" {
				p.Depends = []string{c.depends}
			}
			for name, text := range c.scripts {
				p.Scripts[name] = Script{Name: shown(plan.Deb, name), Text: "#!/bin/sh\n" + text}
			}
			p.sort()
			holds(t, p, c.want, c.open)
		})
	}
}

// holds plays a package and asks for the one invariant that is broken or open.
func holds(t *testing.T, p *Package, want, open string) {
	t.Helper()
	r, err := SpecOf(p, nil).LifeCycle(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	found := want == ""
	for _, v := range r.Violations {
		if found = found || v.Invariant == want; v.Invariant != want {
			t.Errorf("%s: %s %v", v.Invariant, v.Text, v.Evidence)
		}
	}
	if !found {
		t.Errorf("%q holds", want)
	}
	if open != "" && !slices.ContainsFunc(r.Undecided, func(v Violation) bool { return v.Invariant == open }) {
		t.Errorf("%q is not left open: %v", open, r.Undecided)
	}
}

// knownFindings are the packages of Debian 12 in which verify finds what is
// true of them: docs/verify.md says what. Others are to have none.
var knownFindings = strings.Fields(`at icecast2 isc-dhcp-server knockd lighttpd lldpd mini-httpd minidlna mpd nfs-common nginx-common ntpsec nullmailer
postgresql-common proftpd-core prosody rsyslog stunnel4 tftpd-hpa tomcat10 unattended-upgrades uptimed varnish vsftpd`)

// TestDebianPackages reads every package file of $NATIVIZE_DEBS (apt-get download)
// and names those that are reported. At most one of ten that are good may be.
func TestDebianPackages(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(os.Getenv("NATIVIZE_DEBS"), "*.deb"))
	if len(files) == 0 {
		t.Skip("NATIVIZE_DEBS names no directory with package files")
	}
	good, alarms := 0, 0
	for _, f := range files {
		p, err := FromFile(f)
		if err != nil {
			t.Fatal(err)
		}
		r, err := SpecOf(p, nil).LifeCycle(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(knownFindings, p.Name) {
			continue
		}
		good++
		if len(r.Violations) > 0 {
			alarms++
			t.Logf("%s: %v", p.Name, r.Violations)
		}
	}
	if t.Logf("%d of %d packages without a true finding have an alarm", alarms, good); alarms*10 > good {
		t.Error("more than one in ten")
	}
}
