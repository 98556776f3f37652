package root_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nativize/nativize/convert/verify/root"
	"github.com/nativize/nativize/convert/verify/root/roottest"
)

// TestBase makes the base tree, so that no other test waits for it.
func TestBase(t *testing.T) {
	o := roottest.Options(t, root.Deb)
	dir, err := root.Base(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	again, err := root.Base(t.Context(), o)
	if err != nil || again != dir {
		t.Errorf("Base again = %q, %v, want %q", again, err, dir)
	}
}

// What a maintainer script may do as root of the tree must not reach the host.
func TestIsolation(t *testing.T) {
	r := roottest.New(t, root.Deb)
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, script string
		want         string // on standard output; the script must print nothing else
	}{
		{"host files are not there", "cat " + secret + " 2>/dev/null || echo hidden", "hidden"},
		{"the way up ends in the tree", "ls /../../.." + secret + " 2>/dev/null || echo hidden", "hidden"},
		{"chroot leads nowhere", "mkdir -p /x/y; chroot /x /bin/true 2>/dev/null; ls /x", "y"},
		{"no other processes", "ls /proc | grep -c '^[0-9]*$' | { read n; [ $n -lt 10 ] && echo few; }", "few"},
		{"no network", "cat /proc/net/route | wc -l", "0"},
		{"no devices", "mknod /disk b 254 0 2>/dev/null || echo refused", "refused"},
		{"no kernel settings", "(echo x >/proc/sys/kernel/core_pattern) 2>/dev/null || echo refused", "refused"},
		{"no system request", "(echo s >/proc/sysrq-trigger) 2>/dev/null || echo refused", "refused"},
		{"accounts are mapped", "awk '$2 == 0 { bad = 1 } END { print bad + 0 }' /proc/self/uid_map", "0"},
		{"host name", "hostname", "throwaway"},
		{"environment", "env | grep -c -e GO -e SSH -e NATIVIZE", "0"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := r.Run(t.Context(), root.RunOptions{}, "sh", "-c", test.script)
			if err != nil {
				t.Fatal(err)
			}
			if strings.TrimSpace(got.Stdout) != test.want {
				t.Errorf("%s", got.Text())
			}
		})
	}
}

func TestRun(t *testing.T) {
	r := roottest.New(t, root.Deb)
	o := root.RunOptions{Env: []string{"GREETING=a b"}, Stdin: strings.NewReader("in"), Dir: "/usr/share"}
	got, err := r.Run(t.Context(), o, "sh", "-c", `cat; echo ":$GREETING:$PWD:$1"; echo bad >&2; exit 7`, "sh", "$(id)")
	if err != nil {
		t.Fatal(err)
	}
	if got.Exit != 7 || got.Stdout != "in:a b:/usr/share:$(id)\n" || got.Stderr != "bad\n" {
		t.Errorf("Run = %+v", got)
	}
	for _, argv := range [][]string{nil, {""}, {"A=b", "true"}} {
		if _, err := r.Run(t.Context(), root.RunOptions{}, argv...); err == nil {
			t.Errorf("Run(%q) succeeds", argv)
		}
	}
}

// A command that never ends is ended with its context.
func TestRunEnds(t *testing.T) {
	r := roottest.New(t, root.Deb)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err := r.Run(ctx, root.RunOptions{}, "sh", "-c", "sleep 1000 & sleep 1000")
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Run = %v, want the end of its context", err)
	}
}

func TestSnapshot(t *testing.T) {
	ctx := t.Context()
	r := roottest.New(t, root.Deb)
	before, err := r.Snapshot(ctx)
	if err != nil {
		t.Fatal(err)
	}
	const script = `
		useradd --system --home-dir /srv/x --no-create-home --shell /bin/false app
		mkdir -m 2750 /srv/x && chown app:app /srv/x
		printf hi >'/srv/x/new
line'
		ln -s /nowhere /srv/link
		chmod 600 /etc/hosts
		echo x >>/etc/issue
		rm /etc/issue.net
		mkdir -p /etc/systemd/system/multi-user.target.wants
		ln -s /usr/lib/systemd/system/a.service /etc/systemd/system/multi-user.target.wants/a.service
	`
	if got, err := r.Run(ctx, root.RunOptions{}, "sh", "-ec", script); err != nil || !got.OK() {
		t.Fatal(got.Text(), err)
	}
	after, err := r.Snapshot(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range root.Diff(before, after) {
		got = append(got, c.String())
	}
	want := []string{
		"file /etc/hosts: mode 0644 -> mode 0600",
		"file /etc/issue: content ",
		"file /etc/issue.net: removed (was ",
		"file /etc/systemd/system/multi-user.target.wants/a.service: added (link 0777 root:root to /usr/lib/systemd/system/a.service)",
		"file /srv/link: added (link 0777 root:root to /nowhere)",
		"file /srv/x: added (directory 2750 app:app)",
		`file "/srv/x/new\nline": added (file 0644 root:app 2 bytes 8f434346648f)`,
		"account app: added (uid 999 gid 999 home /srv/x shell /bin/false groups )",
		"group app: added (gid 999)",
	}
	for _, w := range want {
		if !slices.ContainsFunc(got, func(g string) bool { return strings.HasPrefix(g, w) }) {
			t.Errorf("no change %q in\n%s", w, strings.Join(got, "\n"))
		}
	}
	if enabled := after.Enabled(); !slices.Contains(enabled, "multi-user.target.wants/a.service") {
		t.Errorf("Enabled = %q", enabled)
	}
}

func TestRecorder(t *testing.T) {
	ctx := t.Context()
	r := roottest.New(t, root.Deb)
	rec, err := r.Record(ctx, "curl", "apt-get")
	if err != nil {
		t.Fatal(err)
	}
	if err := rec.Answer(ctx, "curl", root.Answer{Stdout: "page\n", Exit: 22}); err != nil {
		t.Fatal(err)
	}
	const script = `cd /tmp; curl -o 'a b' "$(printf 'x\ny')"; echo $?; PATH=/bin:/usr/bin apt-get install -y nginx; /usr/bin/apt-get update`
	got, err := r.Run(ctx, root.RunOptions{}, "sh", "-c", script)
	if err != nil || got.Stdout != "page\n22\n" {
		t.Errorf("Run = %s, %v", got.Text(), err)
	}
	calls, err := rec.Calls(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var text []string
	for _, c := range calls {
		text = append(text, c.Dir+": "+c.String())
	}
	want := []string{`/tmp: curl -o a b "x\ny"`, "/tmp: apt-get install -y nginx", "/tmp: apt-get update"}
	if !slices.Equal(text, want) {
		t.Errorf("Calls = %q, want %q", text, want)
	}
	if _, err := r.Record(ctx, "../curl"); err == nil {
		t.Error("Record takes a path")
	}
}

// The tree is deleted, and nothing that was not made here.
func TestClose(t *testing.T) {
	o := roottest.Options(t, root.Deb)
	o.Dir = filepath.Join(t.TempDir(), "r")
	r, err := root.New(t.Context(), root.Deb, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(o.Dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there: %v", o.Dir, err)
	}
	for _, dir := range []string{"/", "/etc", t.TempDir()} {
		o.Dir = dir
		if dir != "/" && dir != "/etc" {
			if err := os.WriteFile(filepath.Join(dir, "mine"), nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := root.New(t.Context(), root.Deb, o); !errors.Is(err, root.ErrNotOurs) {
			t.Errorf("New in %s: %v, want ErrNotOurs", dir, err)
		}
	}
}

func TestAPK(t *testing.T) {
	_, err := root.New(t.Context(), root.APK, root.Options{Cache: t.TempDir()})
	if err == nil || !strings.Contains(err.Error(), "Debian has no apk") {
		t.Errorf("New(apk) = %v", err)
	}
}
