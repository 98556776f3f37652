package shell_test

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/shell"
)

// confirmed are commands whose last operand, when it is absolute, the engine
// must show in an effect, with the number of operands that they need.
var confirmed = map[string]int{"mkdir": 1, "touch": 1, "rm": 1, "cp": 2, "mv": 2, "chmod": 2, "chown": 2, "ln": 2,
	"install": 2, "rsync": 2, "tee": 1, "truncate": 1, "sed": 2, "tar": 0}

// plainly are those of confirmed whose operands can be told from the values of
// options in any call that a fuzzer makes.
var plainly = strings.Fields("mkdir touch rm cp mv chmod chown ln")

// claims are the paths that a call must change; written tells of a script that
// a person wrote, whose options are sensible.
func claims(call []string, written bool) []string {
	need, ok := confirmed[call[0]]
	ok = ok && (written || slices.Contains(plainly, call[0]))
	operands := slices.DeleteFunc(slices.Clone(call[1:]), func(w string) bool { return strings.HasPrefix(w, "-") })
	has := func(options ...string) bool {
		return slices.ContainsFunc(call, func(w string) bool { return slices.Contains(options, w) })
	}
	switch {
	case !ok || len(operands) < need || strings.HasPrefix(call[len(call)-1], "-"):
		return nil
	case call[0] == "sed" && !has("-i", "-i.bak"), call[0] == "install" && has("-t"):
		return nil
	case call[0] == "tar":
		i := slices.Index(call, "-C")
		if i < 0 || i+1 == len(call) || !has("-xf", "-xzf", "xzf", "-x") {
			return nil
		}
		return call[i+1 : i+2]
	}
	return call[len(call)-1:]
}

// confirm returns what the witness saw and the engine did not predict.
func confirm(log []*host.Effect, w *witness, written bool) []string {
	var missed []string
	for _, p := range w.writes {
		if p != "/dev/null" && !shown(log, p) {
			missed = append(missed, "written: "+p)
		}
	}
	for _, c := range w.calls {
		for _, p := range claims(c, written) {
			if path.IsAbs(p) && !shown(log, path.Clean(p)) {
				missed = append(missed, fmt.Sprintf("called: %q", c))
			}
		}
	}
	return missed
}

func shown(log []*host.Effect, p string) bool {
	if host.IsSystemDir(p) {
		return true // it is there already
	}
	return slices.ContainsFunc(log, func(e *host.Effect) bool {
		for _, s := range e.Val.Alts() {
			if t, ok := s.Exact(); ok && (t == p || path.Dir(t) == p) || !ok && strings.HasPrefix(p, s.Prefix()) && strings.HasSuffix(p, s.Suffix()) {
				return true
			}
		}
		return e.Path == p || e.Op == host.Opaque
	})
}

// oneFile is a repository that is one script.
type oneFile string

func (f oneFile) Stat(name string) (fs.FileMode, bool) {
	switch path.Clean(name) {
	case ".":
		return fs.ModeDir | 0o755, true
	case "deploy.sh":
		return 0o755, true
	}
	return 0, false
}

func (f oneFile) List(string) []string { return []string{"deploy.sh"} }

func (f oneFile) Read(string) ([]byte, error) { return []byte(f), nil }

func predict(t *testing.T, text string) []*host.Effect {
	h := host.New(oneFile(text), "/")
	h.Closed = true
	empty := ""
	res, err := shell.New(h).Run(shell.Options{Script: "deploy.sh", Args: []string{"web", "two"}, Known: true, Closed: true, User: "root",
		Env: map[string]string{"HOME": "/root", "PATH": "/usr/bin"}, Stdin: &empty, Cwd: "/", Run: 1, Steps: 2000})
	if err != nil {
		t.Skip(err)
	}
	if len(res.Problems) > 0 {
		t.Skip("the engine has reported a limit")
	}
	return h.Log
}

// FuzzConfirm runs scripts concretely and abstractly: all that happens must be
// covered by what is predicted.
func FuzzConfirm(f *testing.F) {
	seeds := slices.Concat(witnessed, deployed)
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		written := slices.Contains(seeds, text)
		if len(text) > 1<<12 || strings.ContainsAny(text, "<>&\x00") && !written {
			t.Skip("process substitution and background jobs leave the closed doors")
		}
		if misread(text) && !written {
			t.Skip("the witness goes on where a shell ends")
		}
		log := predict(t, text)
		w := &witness{}
		if !w.run(text) {
			t.Skip("not run")
		}
		for _, m := range confirm(log, w, written) {
			t.Errorf("not predicted, %s, in:\n%s", m, text)
		}
	})
}
