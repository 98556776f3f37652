package pack

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nativize/nativize/convert/plan"
)

func TestDebIsReadByDpkg(t *testing.T) {
	tool(t, "dpkg-deb")
	p, src := sample(t)
	p.Epoch = "2"
	file := build(t, p, src, Options{Formats: []plan.Format{plan.Deb}})[plan.Deb].Path
	for field, want := range map[string]string{
		"Package": "shop", "Version": "2:1.2.3-1", "Architecture": "all", "Section": "web",
		"Depends": "adduser, python3 (>= 3.9)", "Recommends": "cron | systemd-cron", "Conflicts": "oldshop",
		"Description": "sells things\n Shop sells things.\n .\n It has:\n   * a list",
	} {
		if got := strings.TrimRight(run(t, "dpkg-deb", "-f", file, field), "\n"); got != want {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
	list := run(t, "dpkg-deb", "-c", file)
	for _, line := range []string{
		"-rw-r----- root/root        16 2023-11-14 22:13 ./etc/shop/secret.ini",
		"lrwxrwxrwx root/root         0 2023-11-14 22:13 ./usr/share/shop/config -> /etc/shop",
		"drwxr-xr-x root/root         0 2023-11-14 22:13 ./usr/share/shop/venv/bin/",
	} {
		if !strings.Contains(list, line) {
			t.Errorf("the list lacks %q:\n%s", line, list)
		}
	}
	if got := run(t, "dpkg-deb", "--info", file, "conffiles"); got != "/etc/shop/app.ini\n/etc/shop/secret.ini\n" {
		t.Errorf("conffiles are %q", got)
	}
}

// debRoot makes an empty root with dpkg's database.
func debRoot(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for _, dir := range []string{"info", "updates", "triggers"} {
		if err := os.MkdirAll(filepath.Join(root, "var/lib/dpkg", dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write(t, root, "var/lib/dpkg/status", "", 0o644)
	return root
}

func TestDebInstallsAndPurges(t *testing.T) {
	tool(t, "dpkg", "fakeroot")
	p, src := sample(t)
	file := build(t, p, src, Options{Formats: []plan.Format{plan.Deb}})[plan.Deb].Path
	root := debRoot(t)
	dpkg := func(args ...string) string {
		return run(t, "fakeroot", append([]string{"dpkg", "--root=" + root, "--force-not-root,depends,script-chrootless"}, args...)...)
	}
	if out := dpkg("-i", file); !strings.Contains(out, "postinst configure") {
		t.Errorf("postinst was not called:\n%s", out)
	}
	if got, err := os.Readlink(filepath.Join(root, "usr/share/shop/config")); got != "/etc/shop" {
		t.Errorf("config links to %q, %v", got, err)
	}
	if out := dpkg("--verify", "shop"); out != "" {
		t.Errorf("dpkg --verify: %s", out)
	}
	write(t, root, "etc/shop/app.ini", "edited\n", 0o644)
	dpkg("-r", "shop")
	if _, err := os.Stat(filepath.Join(root, "etc/shop/app.ini")); err != nil {
		t.Errorf("removal took the conffile: %v", err)
	}
	dpkg("-P", "shop")
	for _, dir := range []string{"etc/shop", "usr/share/shop"} {
		if _, err := os.Lstat(filepath.Join(root, dir)); err == nil {
			t.Errorf("%s is left after purge", dir)
		}
	}
}

func TestLintianHasNoErrors(t *testing.T) {
	tool(t, "lintian")
	p, src := sample(t)
	file := build(t, p, src, Options{Formats: []plan.Format{plan.Deb}})[plan.Deb].Path
	out, err := exec.Command("lintian", "--allow-root", "--fail-on", "error", "--tag-display-limit", "0", file).CombinedOutput()
	if err != nil {
		t.Errorf("lintian: %v\n%s", err, out)
	}
	for _, tag := range []string{"md5sums", "installed-size", "changelog", "malformed", "control-file", "conffile"} {
		if strings.Contains(string(out), tag) {
			t.Errorf("lintian has something on %s:\n%s", tag, out)
		}
	}
}

func TestRPMIsReadByRPM(t *testing.T) {
	tool(t, "rpm")
	p, src := sample(t)
	for _, compression := range []string{"zstd:3", "gzip:6"} {
		file := build(t, p, src, Options{Formats: []plan.Format{plan.RPM}, Compression: map[plan.Format]string{plan.RPM: compression}})[plan.RPM].Path
		if out := run(t, "rpm", "-K", "--nosignature", file); !strings.Contains(out, "digests OK") {
			t.Errorf("%s: rpm -K: %s", compression, out)
		}
		query := "%{NAME} %{EPOCH} %{VERSION} %{RELEASE} %{ARCH} %{LICENSE} %{BUILDHOST}\n%{POSTTRANS}\n[%{RECOMMENDNAME}]\n[%{FILENAMES} %{FILEFLAGS:fflags} %{FILEMODES:perms} %{FILEUSERNAME}:%{FILEGROUPNAME}\n]"
		got := run(t, "rpm", "-qp", "--nosignature", "--qf", query, file)
		for _, line := range []string{
			"shop (none) 1.2.3 1 noarch Apache-2.0 localhost\n", "echo trans\n", "(cronie or systemd)\n",
			"/etc/shop  drwxr-xr-x root:root\n", "/etc/shop/secret.ini cn -rw-r----- root:shop\n",
			"/usr/share/shop  drwxr-xr-x root:root\n", "/usr/share/shop/config  lrwxrwxrwx root:root\n",
			"/usr/share/doc/shop/copyright d -rw-r--r-- root:root\n",
		} {
			if !strings.Contains(got, line) {
				t.Errorf("%s: the query lacks %q:\n%s", compression, line, got)
			}
		}
		if strings.Contains(got, "/usr/share  ") || strings.Contains(got, "/etc  ") {
			t.Errorf("the package owns directories of the system:\n%s", got)
		}
	}
}

func TestRPMInstallsAndErases(t *testing.T) {
	tool(t, "rpm")
	if os.Getuid() != 0 {
		t.Skip("rpm --root needs root")
	}
	p, src := sample(t)
	p.Payload[2].Group = ""
	file := build(t, p, src, Options{Formats: []plan.Format{plan.RPM}})[plan.RPM].Path
	root := t.TempDir()
	rpm := func(args ...string) string {
		return run(t, "rpm", append([]string{"--root", root, "--nosignature"}, args...)...)
	}
	rpm("--initdb")
	rpm("-i", "--nodeps", "--noscripts", file)
	if got, err := os.Readlink(filepath.Join(root, "usr/share/shop/config")); got != "/etc/shop" {
		t.Errorf("config links to %q, %v", got, err)
	}
	rpm("-V", "--nodeps", "shop")
	rpm("-e", "--noscripts", "shop")
	for _, dir := range []string{"etc/shop", "usr/share/shop", "usr/share/doc/shop"} {
		if _, err := os.Lstat(filepath.Join(root, dir)); err == nil {
			t.Errorf("%s is left after the package", dir)
		}
	}
}

func TestRPMPayloadUnpacksBelow(t *testing.T) {
	tool(t, "rpm2cpio", "cpio")
	p, src := sample(t)
	file := build(t, p, src, Options{Formats: []plan.Format{plan.RPM}})[plan.RPM].Path
	list := run(t, "sh", "-c", `rpm2cpio "$1" | cpio -t --quiet`, "sh", file)
	for line := range strings.Lines(list) {
		if !strings.HasPrefix(line, "./") {
			t.Errorf("member %q is not below the current directory", line)
		}
	}
	if !strings.Contains(list, "./usr/share/shop/venv/bin/tool\n") {
		t.Errorf("members are\n%s", list)
	}
}

func TestArchIsReadByPacman(t *testing.T) {
	tool(t, "pacman")
	p, src := sample(t)
	p.Epoch = "1"
	file := build(t, p, src, Options{Formats: []plan.Format{plan.Arch}})[plan.Arch].Path
	info := run(t, "pacman", "--config", "/dev/null", "-Qip", file)
	for _, want := range []string{"1:1.2.3-1", "python>=3.9", "oldshop", "Install Script  : Yes"} {
		if !strings.Contains(info, want) {
			t.Errorf("pacman -Qip lacks %q:\n%s", want, info)
		}
	}
	if os.Getuid() != 0 {
		t.Skip("pacman --root needs root")
	}
	root := t.TempDir()
	db := filepath.Join(root, "var/lib/pacman")
	if err := os.MkdirAll(db, 0o755); err != nil {
		t.Fatal(err)
	}
	pacman := []string{"--root", root, "--dbpath", db, "--cachedir", t.TempDir(), "--config", "/dev/null", "--noconfirm"}
	run(t, "pacman", append(pacman, "-Udd", "--noscriptlet", file)...)
	if out := run(t, "pacman", append(pacman, "-Qkk", "shop")...); !strings.Contains(out, "0 altered files") || strings.Contains(out, " 0 total files") {
		t.Errorf("pacman -Qkk: %s", out)
	}
	run(t, "pacman", append(pacman, "-Rdd", "--noscriptlet", "shop")...)
}

// TestAPKIsOneTar holds what apk-tools reads: gzip members that make up one tar.
func TestAPKIsOneTar(t *testing.T) {
	tool(t, "tar", "gzip")
	p, src := sample(t)
	file := build(t, p, src, Options{Formats: []plan.Format{plan.APK}})[plan.APK].Path
	run(t, "gzip", "-t", "--suffix=.apk", file)
	list := run(t, "tar", "--warning=no-unknown-keyword", "-tzf", file)
	if !strings.HasPrefix(list, ".PKGINFO\n.pre-install\n.pre-upgrade\netc/\netc/shop/\n") {
		t.Errorf("members are\n%s", list)
	}
	info := run(t, "tar", "--warning=no-unknown-keyword", "-xzOf", file, ".PKGINFO")
	for _, line := range []string{"pkgver = 1.2.3-r1\n", "depend = python3>=3.9\n", "depend = !oldshop\n", "arch = noarch\n"} {
		if !strings.Contains(info, line) {
			t.Errorf(".PKGINFO lacks %q:\n%s", line, info)
		}
	}
}
