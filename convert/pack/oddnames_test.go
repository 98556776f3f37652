package pack

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nativize/nativize/convert/plan"
)

// TestOddNames carries names with spaces, quotes and letters beyond ASCII
// through every format and through the tools.
func TestOddNames(t *testing.T) {
	p, src := sample(t)
	for _, name := range []string{"a b.txt", `q"uo'te$x`, "größe", "back\\slash", "-dash", "*", "%s", "#hash"} {
		write(t, src.Stage, "venv/odd/"+name, name, 0o644)
	}
	link(t, src.Stage, "venv/odd/link to", "a b.txt")
	arts := build(t, p, src, Options{})
	for _, f := range all {
		l, err := Inspect(arts[f].Path)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := l.File("/usr/share/shop/venv/odd/größe"); !ok {
			t.Errorf("%s: größe is missing", f)
		}
	}
	tool(t, "pacman", "dpkg", "rpm")
	if os.Getuid() != 0 {
		t.Skip("pacman --root needs root")
	}
	root := t.TempDir()
	write(t, root, "var/lib/pacman/x", "", 0o644)
	pacman := []string{"--root", root, "--dbpath", filepath.Join(root, "var/lib/pacman"), "--cachedir", t.TempDir(), "--config", "/dev/null", "--noconfirm"}
	run(t, "pacman", append(pacman, "-Udd", "--noscriptlet", arts[plan.Arch].Path)...)
	if out := run(t, "pacman", append(pacman, "-Qkk", "shop")...); !strings.Contains(out, "0 altered files") || strings.Contains(out, " 0 total files") {
		t.Errorf("pacman -Qkk: %s", out)
	}
	root = debRoot(t)
	run(t, "dpkg", "--root="+root, "--force-depends,script-chrootless", "-i", arts[plan.Deb].Path)
	if out := run(t, "dpkg", "--root="+root, "--verify", "shop"); out != "" {
		t.Errorf("dpkg --verify: %s", out)
	}
	root = t.TempDir()
	run(t, "rpm", "--root", root, "--initdb")
	run(t, "rpm", "--root", root, "-i", "--nodeps", "--noscripts", arts[plan.RPM].Path)
	run(t, "rpm", "--root", root, "-V", "--nodeps", "--nogroup", "shop")
}
