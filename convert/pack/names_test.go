package pack

import (
	"context"
	"os/exec"
	"strings"
	"testing"

	"github.com/nativize/nativize/convert/plan"
)

func TestVersionFor(t *testing.T) {
	for _, c := range []struct{ version, apk, arch string }{
		{"1.2.3", "1.2.3", "1.2.3"},
		{"1.2~rc1", "1.2_rc1", "1.2rc1"},
		{"1.2~beta.2", "1.2_beta2", "1.2beta.2"},
		{"1.2.3+git4.gabcdef0", "1.2.3_git4", "1.2.3+git4.gabcdef0"},
		{"0~git20240102.abcdef0", "0_alpha_git20240102", "0git20240102.abcdef0"},
		{"3.1.0~git20240102030405.gabcdef0", "3.1_alpha_git20240102030405", "3.1.0git20240102030405.gabcdef0"},
		{"3.1.0~rc1~git20240102030405.gabcdef0", "3.1_rc1_alpha_git20240102030405", "3.1.0rc1git20240102030405.gabcdef0"},
		{"1.2+dfsg1", "1.2_p1", "1.2+dfsg1"},
		{"1.2+3", "1.2_p3", "1.2+3"},
		{"1.2a", "1.2a", "1.2a"},
	} {
		if got := versionFor(plan.APK, c.version); got != c.apk || !apkVersion.MatchString(got) {
			t.Errorf("apk: %q is %q, want %q", c.version, got, c.apk)
		}
		if got := versionFor(plan.Arch, c.version); got != strings.ReplaceAll(c.arch, "~", "") {
			t.Errorf("archlinux: %q is %q, want %q", c.version, got, c.arch)
		}
	}
}

// ordered are versions as they are made of tags, manifests and commits, each
// list from the oldest to the newest: a snapshot is never above its release.
var ordered = [][]string{
	{"0~git20240101000000.gabcdef0", "0~git20240102030405.g1234567", "0.0.1"},
	{"1.1", "1.2~git20240102030405.gabcdef0", "1.2~git20240203040506.g0000001", "1.2", "1.2+git4.gabcdef0", "1.2+git12.g1234567", "1.2.1~git20240102030405.gabcdef0", "1.2.1", "1.10"},
	{"1.2~beta1", "1.2~rc1~git20240203040506.g0000001", "1.2~rc1", "1.2~rc2", "1.2"},
}

// TestVersionsSortAlike asks each packager's own comparison for that order.
func TestVersionsSortAlike(t *testing.T) {
	for _, c := range []struct {
		tool   string
		format plan.Format
		below  func(a, b string) bool
	}{
		{"dpkg", plan.Deb, func(a, b string) bool { return exec.Command("dpkg", "--compare-versions", a, "lt", b).Run() == nil }},
		{"rpm", plan.RPM, func(a, b string) bool {
			return run(t, "rpm", "--eval", `%{lua:print(rpm.vercmp("`+a+`","`+b+`"))}`) == "-1\n"
		}},
		{"vercmp", plan.Arch, func(a, b string) bool { return run(t, "vercmp", a, b) == "-1\n" }},
		{"apk", plan.APK, func(a, b string) bool { return run(t, "apk", "version", "-t", a, b) == "<\n" }},
	} {
		if _, err := exec.LookPath(c.tool); err != nil && c.format == plan.APK {
			t.Log("apk is not available in Debian: it is not asked")
			continue
		}
		t.Run(c.tool, func(t *testing.T) {
			tool(t, c.tool)
			for _, list := range ordered {
				for i, v := range list[:len(list)-1] {
					a, b := versionFor(c.format, v), versionFor(c.format, list[i+1])
					if !c.below(a, b) {
						t.Errorf("%s is not below %s", a, b)
					}
				}
			}
		})
	}
}

func TestFileName(t *testing.T) {
	p := &plan.Package{Name: "libshop++", Epoch: "1", Version: "1.0~rc2", Arch: "arm64"}
	for f, want := range map[plan.Format]string{
		plan.Deb: "libshop++_1.0~rc2_arm64.deb", plan.RPM: "libshop++-1.0~rc2-1.aarch64.rpm",
		plan.Arch: "libshop++-1.0rc2-1-aarch64.pkg.tar.zst", plan.IPK: "libshop++_1.0~rc2_aarch64_generic.ipk",
	} {
		if got, err := FileName(f, p); got != want || err != nil {
			t.Errorf("%s: %q, %v, want %q", f, got, err, want)
		}
	}
	if _, err := FileName(plan.APK, p); err == nil {
		t.Error("apk took an epoch")
	}
	if _, err := FileName("msi", p); err == nil {
		t.Error("an unknown format was taken")
	}
}

// TestEveryArchitecture builds for each of them, so that none is misspelled.
func TestEveryArchitecture(t *testing.T) {
	for arch, words := range arches {
		p, src := sample(t)
		p.Arch = arch
		var list []plan.Format
		for _, f := range all {
			if words[f] != "" {
				list = append(list, f)
			}
		}
		if _, err := Build(context.Background(), p, src, Options{OutDir: t.TempDir(), Formats: list}); err != nil {
			t.Errorf("%s: %v", arch, err)
		}
	}
}

func TestValidRelation(t *testing.T) {
	for f, c := range map[plan.Format]struct{ good, bad []string }{
		plan.Deb: {
			[]string{"a1", "libc6 (>= 2.3)", "aa | bb", "python3:any (>= 3.9~)", "aa (= 1:2-3) | bb", "g++"},
			[]string{"", "a", "A1", "ab>=1", "ab (>=1)", "ab (=> 1)", "ab |cd", "ab, cd", "ab (>= )", "ab (>= ${V})", "ab\ncd"},
		},
		plan.RPM: {
			[]string{"a", "perl(Foo::Bar)", "/usr/bin/x", "a >= 1.2-3", "libc.so.6()(64bit)", "(a or b)", "(a and (b or c))", "(a if b else c)", "(a >= 1 or b < 2)", "a = 1:2"},
			[]string{"", "a>=1", "a >= ", "a => 1", "a, b", "(a or)", "(a or b", "(a || b)", "(a) b", "(((((((((a)))))))))", "a\nb"},
		},
		plan.APK: {
			[]string{"a", "a>=1.2", "so:libc.musl-x86_64.so.1", "cmd:sh", "!a", "a@edge", "a~1.2", "/bin/sh"},
			[]string{"", "a >= 1", "a (>= 1)", "a=>1", "a\nb", "a>=v1"},
		},
		plan.Arch: {
			[]string{"a", "a>=1.2", "libx.so=1-64", "a=1:2.0-1", "python-foo"},
			[]string{"", "a >= 1", "-a", "a=>1", "a|b"},
		},
	} {
		for _, r := range c.good {
			if !validRelation(f, r, true) {
				t.Errorf("%s: %q is refused", f, r)
			}
		}
		for _, r := range c.bad {
			if validRelation(f, r, true) {
				t.Errorf("%s: %q is taken", f, r)
			}
		}
	}
	if validRelation(plan.Deb, "aa | bb", false) || validRelation(plan.RPM, "(a or b)", false) {
		t.Error("a conflict took alternatives")
	}
}

// FuzzRelation: what is taken stays on one line and in one element of a list.
func FuzzRelation(f *testing.F) {
	for _, s := range []string{"a (>= 1)", "(a or b)", "a>=1", "so:x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, format := range all {
			if validRelation(format, s, true) && strings.ContainsAny(s, ",\n\r\x00$") {
				t.Errorf("%s: %q is taken", format, s)
			}
		}
	})
}
