package verify

import (
	"cmp"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nativize/nativize/analyze/shell"
	"github.com/nativize/nativize/convert/plan"
)

// dpkgInfo is where dpkg keeps the maintainer scripts of installed packages.
const dpkgInfo = "/var/lib/dpkg/info"

// installedScripts are the maintainer scripts of the packages that are
// installed here, those in other languages than shell left out.
func installedScripts(t testing.TB) (pkgs map[string]*Package, scripts, other int) {
	t.Helper()
	pkgs = map[string]*Package{}
	for hook, suffix := range map[string]string{"preinstall": "preinst", "postinstall": "postinst", "preremove": "prerm", "postremove": "postrm"} {
		names, _ := filepath.Glob(filepath.Join(dpkgInfo, "*."+suffix))
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if lang := shell.Language(name, string(text)); lang != "sh" && lang != "bash" {
				other++
				continue
			}
			pkg := strings.TrimSuffix(filepath.Base(name), "."+suffix)
			if pkgs[pkg] == nil {
				pkgs[pkg] = installedPackage(pkg)
			}
			pkgs[pkg].Scripts[hook] = Script{Name: filepath.Base(name), Text: string(text)}
			scripts++
		}
	}
	if scripts == 0 {
		t.Skip("there is no " + dpkgInfo + ": this is no Debian")
	}
	return pkgs, scripts, other
}

// installedPackage has the files that dpkg lists for a package.
func installedPackage(pkg string) *Package {
	name, _, _ := strings.Cut(pkg, ":")
	p := &Package{Format: plan.Deb, Name: name, Version: "1.0", Scripts: map[string]Script{}}
	conf := map[string]bool{}
	if b, err := os.ReadFile(filepath.Join(dpkgInfo, pkg+".conffiles")); err == nil {
		for l := range strings.Lines(string(b)) {
			conf[strings.TrimSpace(l)] = true
		}
	}
	b, _ := os.ReadFile(filepath.Join(dpkgInfo, pkg+".list"))
	for l := range strings.Lines(string(b)) {
		if f, ok := installedFile(strings.TrimSpace(l), conf); ok {
			p.Files = append(p.Files, f)
		}
	}
	p.sort()
	if len(p.Files) > 300 { // what the scripts look at is among them
		p.Files = slices.DeleteFunc(p.Files, func(f File) bool { return !scriptsRead(f) })
	}
	return p
}

// scriptsRead tells of payload that maintainer scripts look at.
func scriptsRead(f File) bool {
	return underAny(f.Path, []string{"/etc", "/usr/lib/systemd", "/lib/systemd", "/usr/lib/sysusers.d", "/usr/lib/tmpfiles.d", "/var"}) || f.Kind == 2 && strings.Count(f.Path, "/") < 4
}

func installedFile(name string, conf map[string]bool) (File, bool) {
	i, err := os.Lstat(name)
	if err != nil || name == "/." {
		return File{}, false
	}
	f := File{Path: name, Mode: uint32(i.Mode().Perm())}
	switch {
	case i.IsDir():
		f.Kind = 2
	case i.Mode()&os.ModeSymlink != 0:
		f.Kind = 3
		f.Link, _ = os.Readlink(name)
	default:
		f.Kind = 1
		f.Content = literal("bytes of " + name)
		if text := smallText(name, i.Size()); text != "" {
			f.Content = literal(text)
		}
		if conf[name] {
			f.Config = Conffile
		}
	}
	return f, true
}

func smallText(name string, size int64) string {
	if size > 32<<10 || !underAny(name, []string{"/usr/lib/sysusers.d", "/usr/lib/tmpfiles.d", "/usr/lib/systemd", "/lib/systemd", "/etc"}) {
		return ""
	}
	b, err := os.ReadFile(name)
	if err != nil || strings.ContainsRune(string(b), 0) {
		return ""
	}
	return string(b)
}

// Each maintainer script of the installed packages is parsed and run to its end
// with the arguments of every scenario, and at least 95 of 100 commands are
// understood.
func TestInstalledMaintainerScripts(t *testing.T) {
	pkgs, scripts, other := installedScripts(t)
	var commands, opaque, assumed, played int
	unknown := map[string]int{}
	start := time.Now()
	for _, name := range slices.Sorted(maps.Keys(pkgs)) {
		s := &Spec{Versions: Versions(pkgs[name])}
		for _, sc := range Scenarios() {
			if s.possible(sc, true) != "" {
				continue
			}
			tr := s.play(sc, true)
			played++
			for _, st := range tr.Stages {
				for _, c := range st.Calls {
					if c.Result == nil {
						continue
					}
					for _, p := range c.Result.Problems {
						t.Errorf("%s: %v", c, p)
					}
					commands += c.Result.Commands
					opaque += len(c.Result.Opaque)
					assumed += len(c.Result.Assumed)
					for _, o := range c.Result.Opaque {
						unknown[o.Why]++
					}
				}
			}
		}
	}
	took := time.Since(start)
	share := 100 * float64(commands-opaque) / float64(max(commands, 1))
	t.Logf("%d shell scripts of %d packages (%d scripts in other languages), %d scenarios in %v: %.0f scenarios per second", scripts, len(pkgs), other, played, took.Round(time.Millisecond), float64(played)/took.Seconds())
	t.Logf("%d commands called, %.2f %% understood, %d tests assumed", commands, share, assumed)
	words := slices.SortedFunc(maps.Keys(unknown), func(a, b string) int { return cmp.Or(unknown[b]-unknown[a], strings.Compare(a, b)) })
	for _, w := range words[:min(20, len(words))] {
		t.Logf("%6d  %s", unknown[w], w)
	}
	if share < 95 {
		t.Errorf("%.2f %% of the commands are understood, want 95 %%", share)
	}
}

// BenchmarkLifeCycle is the abstract verification of the sample that is shaped
// like the largest deployment.
func BenchmarkLifeCycle(b *testing.B) {
	s := convertSample(b, "crashhub")
	for b.Loop() {
		if _, err := s.spec(b, plan.Deb).LifeCycle(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
