package shell_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/shell"
)

// A witness runs a script with mvdan.cc/sh's interpreter behind closed doors:
// no command is run, no file is read or written. Commands succeed without
// output and no file exists.
type witness struct {
	calls  [][]string
	writes []string
}

// maxWitnessed is the number of commands after which a script is taken for one
// that never ends: the engine shows one turn of it.
const maxWitnessed = 500

type nowhere struct{ io.Writer }

func (nowhere) Read([]byte) (int, error) { return 0, io.EOF }
func (nowhere) Close() error             { return nil }

func (w *witness) exec(interp.ExecHandlerFunc) interp.ExecHandlerFunc {
	return func(_ context.Context, args []string) error {
		if len(w.calls) > maxWitnessed {
			return errors.New("too many commands")
		}
		w.calls = append(w.calls, args)
		return nil
	}
}

func (w *witness) open(ctx context.Context, name string, flag int, _ fs.FileMode) (io.ReadWriteCloser, error) {
	if flag&3 == 0 { // read only
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	if !path.IsAbs(name) {
		name = path.Join(interp.HandlerCtx(ctx).Dir, name)
	}
	w.writes = append(w.writes, path.Clean(name))
	return nowhere{io.Discard}, nil
}

// misread tells of commands of the shell with a word for a number, such as
// "exit A": a shell ends the script with an error there, the witness does not.
func misread(text string) bool {
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), "")
	if err != nil {
		return true
	}
	found := strings.Contains(text, "$0") || strings.Contains(text, "{0") // it has another name for the script
	syntax.Walk(file, func(n syntax.Node) bool {
		if c, ok := n.(*syntax.CallExpr); ok && len(c.Args) > 1 {
			name, arg := c.Args[0].Lit(), c.Args[1].Lit()
			numbered := slices.Contains([]string{"exit", "return", "break", "continue", "shift"}, name)
			found = found || numbered && (arg == "" || strings.Trim(arg, "0123456789") != "")
		}
		if it, ok := n.(*syntax.WordIter); ok {
			found = found || !syntax.ValidName(it.Name.Value)
		}
		return !found
	})
	return found
}

// run tells whether the script ran to its end.
func (w *witness) run(text string) bool {
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), "")
	if err != nil {
		return false
	}
	missing := func(name string) error { return &fs.PathError{Op: "stat", Path: name, Err: fs.ErrNotExist} }
	r, err := interp.New(interp.Dir("/"), interp.Env(expand.ListEnviron("PATH=/usr/bin", "HOME=/root")), interp.StdIO(nil, nil, nil), interp.Params("--", "web", "two"),
		interp.ExecHandlers(w.exec), interp.OpenHandler(w.open),
		interp.StatHandler(func(_ context.Context, name string, _ bool) (fs.FileInfo, error) { return nil, missing(name) }),
		interp.AccessHandler(func(_ context.Context, name string, _ interp.AccessMode) error { return missing(name) }),
		interp.ReadDirHandler2(func(_ context.Context, name string) ([]fs.DirEntry, error) { return nil, missing(name) }))
	if err != nil {
		return false
	}
	ctx, stop := context.WithTimeout(context.Background(), time.Second)
	defer stop()
	r.Run(ctx, file)
	return ctx.Err() == nil && len(w.calls) <= maxWitnessed
}

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
