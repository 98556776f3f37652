package pack

import (
	"fmt"
	"testing"

	apk "github.com/knqyf263/go-apk-version"

	"github.com/nativize/nativize/convert/plan"
)

// apkBelow compares as apk-tools does, by a translation of its comparison that
// is none of ours.
func apkBelow(t *testing.T, a, b string) bool {
	t.Helper()
	x, err := apk.NewVersion(a)
	if err != nil {
		t.Fatalf("%q: %v", a, err)
	}
	y, err := apk.NewVersion(b)
	if err != nil {
		t.Fatalf("%q: %v", b, err)
	}
	return x.LessThan(y)
}

// TestApkOrder asks for the order of apk where apk itself is not there.
func TestApkOrder(t *testing.T) {
	for _, list := range ordered {
		for i := range list {
			for j := range list[:i] {
				a, b := versionFor(plan.APK, list[j]), versionFor(plan.APK, list[i])
				if !apkBelow(t, a, b) || apkBelow(t, b, a) {
					t.Errorf("%s is not below %s", a, b)
				}
			}
		}
	}
}

// FuzzApkOrder holds that a snapshot before a release sorts below it, one after
// it above, and both in the order of their time or count, whatever numbers the
// release ends in. The comparison is that of apk 2; apk 3 differs in what follows
// a number that is 0, which no version here has before a suffix.
func FuzzApkOrder(f *testing.F) {
	f.Add(uint16(1), uint16(2), uint16(0), uint32(20240102), uint32(4))
	f.Add(uint16(0), uint16(0), uint16(9), uint32(0), uint32(0))
	f.Add(uint16(1), uint16(2), uint16(0), uint32(0), uint32(0))
	f.Add(uint16(3), uint16(0), uint16(0), uint32(7), uint32(1))
	f.Fuzz(func(t *testing.T, major, minor, patch uint16, when, n uint32) {
		last := uint32(patch)
		release := fmt.Sprintf("%d.%d.%d", major, minor, last)
		chain := []string{
			fmt.Sprintf("%s~beta%d", release, n), fmt.Sprintf("%s~rc%d~git%010d.gabcdef0", release, n, when), fmt.Sprintf("%s~rc%d", release, n), release,
			fmt.Sprintf("%s+git%d.gabcdef0", release, uint64(n)+1), fmt.Sprintf("%s+git%d.g1234567", release, uint64(n)+2),
			fmt.Sprintf("%d.%d.%d~git%010d.gabcdef0", major, minor, last+1, when), fmt.Sprintf("%d.%d.%d~git%010d.g0000001", major, minor, last+1, uint64(when)+1),
			fmt.Sprintf("%d.%d.%d", major, minor, last+1),
		}
		for i := range chain[1:] {
			a, b := versionFor(plan.APK, chain[i]), versionFor(plan.APK, chain[i+1])
			if !apkVersion.MatchString(a) || !apkBelow(t, a, b) {
				t.Errorf("%s (%s) is not below %s (%s)", a, chain[i], b, chain[i+1])
			}
		}
	})
}
