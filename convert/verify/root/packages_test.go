package root_test

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nativize/nativize/convert/verify/root"
	"github.com/nativize/nativize/convert/verify/root/roottest"
)

// A sample is a small package, built by hand from its parts with the format's
// own tools, so that the harness is not proved with the code it is to judge.
type sample struct {
	version string
	files   map[string]string // path to text
	configs []string
	scripts map[string]string // by the format's names
}

// change edits one script or file: the first text must occur, and is replaced.
func (s sample) change(t *testing.T, name, old, text string) sample {
	t.Helper()
	s.files, s.scripts = maps.Clone(s.files), maps.Clone(s.scripts)
	for _, m := range []map[string]string{s.files, s.scripts} {
		if strings.Contains(m[name], old) {
			m[name] = strings.Replace(m[name], old, text, 1)
			return s
		}
	}
	t.Fatalf("%s does not contain %q", name, old)
	return s
}

const unit = `[Unit]
Description=shop
[Service]
User=shopd
ExecStart=/usr/lib/shopd/run
StateDirectory=shopd
[Install]
WantedBy=multi-user.target
`

func shop(version string) sample {
	return sample{
		version: version,
		files: map[string]string{
			"usr/lib/shopd/run":                         "#!/bin/sh\necho " + version + "\n",
			"usr/lib/shopd/only-in-" + version:          version,
			"usr/lib/systemd/system/shopd.service":      unit,
			"usr/lib/systemd/system-preset/50-x.preset": "enable shopd.service\n",
			"etc/shopd/app.ini":                         "port = 8080\n",
		},
		configs: []string{"/etc/shopd/app.ini"},
	}
}

// debScripts are small correct scripts. The stash of a take-over is kept until a purge.
var debScripts = map[string]string{
	"preinst": `#!/bin/sh
set -e
stash=/var/backups/shopd-legacy
if [ "$1" = install ] && [ -z "$2" ]; then
	if [ -f /srv/shop/app.ini ]; then
		install -d -m 0700 "$stash"
		cp -p /srv/shop/app.ini "$stash/adopt"
	fi
	if [ -f /etc/systemd/system/shopd.service ]; then
		install -d -m 0700 "$stash"
		mv /etc/systemd/system/shopd.service "$stash/"
	fi
fi
exit 0
`,
	"postinst": `#!/bin/sh
set -e
stash=/var/backups/shopd-legacy
if [ "$1" = configure ]; then
	if ! getent passwd shopd >/dev/null; then
		adduser --quiet --system --group --home /var/lib/shopd --no-create-home --shell /usr/sbin/nologin shopd
	fi
	[ -d /var/lib/shopd ] || install -d -m 0750 -o shopd -g shopd /var/lib/shopd
	if [ -z "$2" ] && [ -f "$stash/adopt" ]; then
		cp "$stash/adopt" /etc/shopd/app.ini.new
		mv /etc/shopd/app.ini.new /etc/shopd/app.ini
	fi
	deb-systemd-helper unmask shopd.service >/dev/null || true
	if deb-systemd-helper --quiet was-enabled shopd.service; then
		deb-systemd-helper enable shopd.service >/dev/null || true
	else
		deb-systemd-helper update-state shopd.service >/dev/null || true
	fi
	if [ -d /run/systemd/system ]; then
		systemctl --system daemon-reload >/dev/null || true
		if [ -n "$2" ]; then action=restart; else action=start; fi
		deb-systemd-invoke $action shopd.service >/dev/null || true
	fi
fi
exit 0
`,
	"prerm": `#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
	deb-systemd-invoke stop shopd.service >/dev/null || true
fi
exit 0
`,
	"postrm": `#!/bin/sh
set -e
if [ "$1" = purge ]; then
	deb-systemd-helper purge shopd.service >/dev/null || true
	rm -rf /var/lib/shopd /var/backups/shopd-legacy
fi
exit 0
`,
}

func debShop(version string) sample {
	s := shop(version)
	s.scripts = debScripts
	return s
}

// writeTree lays out the files below dir.
func writeTree(t *testing.T, dir string, files map[string]string, mode func(string) os.FileMode) {
	t.Helper()
	for name, text := range files {
		full := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(full, mode(name)); err != nil {
			t.Fatal(err)
		}
	}
}

func fileMode(name string) os.FileMode {
	if strings.HasSuffix(name, "/run") {
		return 0o755
	}
	return 0o644
}

func tool(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

func buildDeb(t *testing.T, s sample) string {
	t.Helper()
	roottest.Tools(t, "dpkg-deb")
	dir := t.TempDir()
	writeTree(t, dir, s.files, fileMode)
	control := map[string]string{
		"control": "Package: shopd\nVersion: " + s.version + "\nArchitecture: all\nMaintainer: A <a@example.org>\nDescription: shop\n",
	}
	if len(s.configs) > 0 {
		control["conffiles"] = strings.Join(s.configs, "\n") + "\n"
	}
	maps.Copy(control, s.scripts)
	writeTree(t, filepath.Join(dir, "DEBIAN"), control, func(name string) os.FileMode {
		if s.scripts[name] != "" {
			return 0o755
		}
		return 0o644
	})
	file := filepath.Join(t.TempDir(), "shopd.deb")
	tool(t, "", "dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", dir, file)
	return file
}

// rpmScripts are small correct scriptlets.
var rpmScripts = map[string]string{
	"pre": `
getent group shopd >/dev/null || groupadd -r shopd
getent passwd shopd >/dev/null || useradd -r -g shopd -d /var/lib/shopd -M -s /usr/sbin/nologin shopd
stash=/var/backups/shopd-legacy
if [ "$1" = 1 ] && [ -f /srv/shop/app.ini ]; then
	install -d -m 0700 "$stash"
	cp -p /srv/shop/app.ini "$stash/adopt"
	[ ! -f /etc/systemd/system/shopd.service ] || mv /etc/systemd/system/shopd.service "$stash/"
fi
exit 0
`,
	"post": `
[ -d /var/lib/shopd ] || install -d -m 0750 -o shopd -g shopd /var/lib/shopd
if [ "$1" = 1 ]; then
	if [ -f /var/backups/shopd-legacy/adopt ]; then
		cp /var/backups/shopd-legacy/adopt /etc/shopd/app.ini
	fi
	if [ -d /run/systemd/system ]; then
		systemctl daemon-reload
		systemctl preset shopd.service
		systemctl start shopd.service
	fi
fi
exit 0
`,
	"preun": `
if [ "$1" = 0 ] && [ -d /run/systemd/system ]; then systemctl disable --now shopd.service; fi
exit 0
`,
	"posttrans": `
if [ -d /run/systemd/system ]; then systemctl daemon-reload; systemctl try-restart shopd.service; fi
exit 0
`,
}

func rpmShop(version string) sample {
	s := shop(version)
	s.scripts = rpmScripts
	return s
}

func buildRPM(t *testing.T, s sample) string {
	t.Helper()
	roottest.Tools(t, "rpmbuild")
	dir := t.TempDir()
	writeTree(t, filepath.Join(dir, "tree"), s.files, fileMode)
	var spec bytes.Buffer
	spec.WriteString("Name: shopd\nVersion: " + s.version + "\nRelease: 1\nSummary: shop\nLicense: MIT\nBuildArch: noarch\nAutoReqProv: no\n")
	spec.WriteString("%description\nshop\n%install\ncp -a " + dir + "/tree/. %{buildroot}/\n")
	for name, text := range s.scripts {
		spec.WriteString("%" + name + "\n" + text)
	}
	spec.WriteString("%files\n%defattr(-,root,root)\n%dir /usr/lib/shopd\n%dir /etc/shopd\n")
	for name := range s.files {
		line := "/" + name + "\n"
		if "/"+name == s.configs[0] {
			line = "%config(noreplace) " + line
		}
		spec.WriteString(line)
	}
	file := filepath.Join(dir, "shopd.spec")
	if err := os.WriteFile(file, spec.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	tool(t, dir, "rpmbuild", "--quiet", "-bb", "--define", "_topdir "+dir+"/top", "--define", "_tmppath "+dir, "--buildroot", dir+"/build", file)
	return filepath.Join(dir, "top/RPMS/noarch/shopd-"+s.version+"-1.noarch.rpm")
}

const archInstall = `
post_install() {
	getent passwd shopd >/dev/null || useradd -r -U -d /var/lib/shopd -M -s /usr/sbin/nologin shopd
	[ -d /var/lib/shopd ] || install -d -m 0750 -o shopd -g shopd /var/lib/shopd
	if [ -f /srv/shop/app.ini ]; then
		install -d -m 0700 /var/backups/shopd-legacy
		cp -p /srv/shop/app.ini /var/backups/shopd-legacy/adopt
		cp /srv/shop/app.ini /etc/shopd/app.ini
	fi
	true
}
post_upgrade() {
	if [ -d /run/systemd/system ]; then systemctl try-restart shopd.service; fi
}
pre_remove() {
	if [ -d /run/systemd/system ]; then systemctl disable --now shopd.service; fi
}
`

func archShop(version string) sample {
	s := shop(version)
	s.scripts = map[string]string{".INSTALL": archInstall}
	return s
}

func buildArch(t *testing.T, s sample) string {
	t.Helper()
	roottest.Tools(t, "tar", "zstd")
	dir := t.TempDir()
	files := maps.Clone(s.files)
	maps.Copy(files, s.scripts)
	files[".PKGINFO"] = "pkgname = shopd\npkgver = " + s.version + "-1\npkgdesc = shop\nsize = 1\narch = any\nbackup = etc/shopd/app.ini\n"
	writeTree(t, dir, files, fileMode)
	file := filepath.Join(t.TempDir(), "shopd.pkg.tar.zst")
	list := []string{"--zstd", "--owner=0", "--group=0", "--create", "--file", file, "--directory", dir, ".PKGINFO", ".INSTALL", "etc", "usr"}
	tool(t, "", "tar", list...)
	return file
}

// newDefaults ships other configuration than its version 2.
func newDefaults(s sample) sample {
	s.files = maps.Clone(s.files)
	s.files["etc/shopd/app.ini"] = "port = 9090\n"
	return s
}

// spec is what all samples are to do.
func shopSpec(v1, v2, v3 string) root.Spec {
	return root.Spec{
		V1: v1, V2: v2, V3: v3,
		Accounts: []root.WantAccount{{Name: "shopd", Home: "/var/lib/shopd", Shell: "/usr/sbin/nologin"}},
		Wants: []root.Want{
			{Path: "/var/lib/shopd", Type: 'd', Mode: "0750", Owner: "shopd", Group: "shopd"},
			{Path: "/usr/lib/shopd/run", Type: 'f', Mode: "0755", Owner: "root", Group: "root"},
			{Path: "/etc/shopd/app.ini", Type: 'f', Mode: "0644"},
		},
		Configs:  []string{"/etc/shopd/app.ini"},
		State:    []string{"/var/lib/shopd"},
		Units:    []string{"shopd.service"},
		MayTouch: []string{"/var/backups/shopd-legacy"},
		Legacy: []root.Legacy{
			{File: root.File{Path: "/srv/shop/app.ini", Data: []byte("port = 7\n"), Owner: "shopd:shopd"}, Role: root.LegacyConfig, Config: "/etc/shopd/app.ini"},
			{File: root.File{Path: "/srv/shop/data/orders", Data: []byte("1\n"), Owner: "shopd:shopd"}, Role: root.LegacyState},
			{File: root.File{Path: "/etc/systemd/system/shopd.service", Data: []byte(unit + "# by hand\n")}, Role: root.LegacyOther},
		},
	}
}
