// Package roottest gives tests their throwaway roots. Imported by tests only.
package roottest

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/nativize/nativize/convert/verify/root"
)

// CI tells whether a test must run everything: the environment variable
// NATIVIZE_CI is 1. What a plain go test skips is then a failure.
func CI() bool { return os.Getenv("NATIVIZE_CI") == "1" }

// Long skips a test that takes tens of seconds of other programs, such as
// lintian, unless it runs for CI.
func Long(t testing.TB) {
	t.Helper()
	if !CI() {
		t.Skip("other programs take tens of seconds: NATIVIZE_CI=1 runs them")
	}
}

// Skip skips the test with a reason, or fails it in CI.
func Skip(t testing.TB, format string, args ...any) {
	t.Helper()
	if CI() {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// Tools skips the test unless all programs are there; in CI it fails.
func Tools(t testing.TB, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, err := exec.LookPath(name); err != nil {
			Skip(t, "the program %s is missing", name)
		}
	}
}

// Options returns the options of roots for a kind, or skips the test where none can be
// made. A plain go test makes none: it takes root's rights, minutes and a network
// the first time. NATIVIZE_CI=1 asks for it, and NATIVIZE_ROOT_CACHE names the
// directory of base trees.
func Options(t testing.TB, kind root.Kind) root.Options {
	t.Helper()
	if !CI() {
		t.Skip("throwaway roots are made only with NATIVIZE_CI=1")
	}
	o := root.Options{Cache: cache()}
	if err := root.Possible(t.Context(), kind, o); err != nil {
		t.Fatal(err)
	}
	return o
}

func cache() string {
	if dir := os.Getenv("NATIVIZE_ROOT_CACHE"); dir != "" {
		return dir
	}
	if os.Getuid() == 0 {
		return "/var/cache/nativize-ci"
	}
	if dir, err := os.UserCacheDir(); err == nil {
		return filepath.Join(dir, "nativize", "roots")
	}
	return filepath.Join(os.TempDir(), "nativize-roots")
}

// New returns a root that is closed when the test ends.
func New(t testing.TB, kind root.Kind) *root.Root {
	t.Helper()
	r, err := root.New(t.Context(), kind, Options(t, kind))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}
