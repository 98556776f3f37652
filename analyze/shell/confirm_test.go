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

type nowhere struct{ io.Writer }

func (nowhere) Read([]byte) (int, error) { return 0, io.EOF }
func (nowhere) Close() error             { return nil }

func (w *witness) exec(interp.ExecHandlerFunc) interp.ExecHandlerFunc {
	return func(_ context.Context, args []string) error {
		if len(w.calls) > 500 {
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
	return ctx.Err() == nil
}

// confirmed are commands whose absolute operands the engine must show in an
// effect.
var confirmed = strings.Fields("mkdir touch rm cp mv chmod chown ln")

// confirm returns what the witness saw and the engine did not predict.
func confirm(log []*host.Effect, w *witness) []string {
	var missed []string
	for _, p := range w.writes {
		if p != "/dev/null" && !shown(log, p) {
			missed = append(missed, "written: "+p)
		}
	}
	for _, c := range w.calls {
		if !slices.Contains(confirmed, c[0]) || strings.HasPrefix(c[len(c)-1], "-") || len(c) < 2 {
			continue
		}
		if p := c[len(c)-1]; path.IsAbs(p) && !shown(log, path.Clean(p)) {
			missed = append(missed, fmt.Sprintf("called: %q", c))
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

// witnessed are scripts that the witness and the engine must agree on.
var witnessed = []string{
	"mkdir -p /srv/$1/{a,b}\nfor x in \"$@\"; do touch \"/srv/$x\"; done\n",
	"x=/srv/app.tar.gz\nmkdir ${x%.tar.gz} /n/${#x} /s/${x:1:3} /u/${x^^}\n",
	"f() { local d=$1; shift; mkdir \"/f/$d\" && for a; do echo $a > /f/$d/$a; done; }\nf one two three\n",
	"case $1 in web|app) mkdir /web;; *) mkdir /other;; esac\n[[ $2 == t* ]] && touch /t\n",
	"i=0\nwhile [ $i -lt 3 ]; do mkdir /i/$i; i=$((i + 1)); done\nuntil [ $i -eq 0 ]; do ((i--)); touch /d/$i; done\n",
	"a=(x 'y z')\na+=(w)\nfor e in \"${a[@]}\"; do mkdir \"/a/$e\"; done\nmkdir /a/${#a[@]} /l/${a[-1]}\n",
	"cat > /etc/a <<EOF\n$1\nEOF\nprintf '%s\\n' b >> /etc/b\n{ echo c; } > /etc/c 2> /etc/d\n",
	"while read -r k v; do touch \"/k/$k-$v\"; done <<EOF\na 1\nb 2 3\nEOF\n",
	"set -e\nif [ -f /etc/x ]; then mkdir /yes; else mkdir /no; fi\n[ -d /a ] || mkdir /a\ntrap 'rm -f /lock' EXIT\n",
	"x=$(echo one two | tr a-z A-Z)\nset -- $1 y z\nmkdir /p/$# /q/$3\nshift 2\nmkdir /r/$1 /s/${2:-none}\neval \"mkdir /e/$1\"\n",
	"g() { return 1; }\ng || mkdir /or\ng && mkdir /and\n! g && touch /not\n(x=1; mkdir /sub/$x)\nmkdir /after/${x:-unset}\n",
	"declare -A m=([a]=1)\nm[b]=2\nmkdir /m/${m[a]}${m[b]}\nfor ((j = 0; j < 2; j++)); do mkdir /j/$j; done\nn=m2; m2=v; mkdir /ref/${!n}\n",
	"while getopts 'ab:' o -a -b val rest; do touch /o/$o${OPTARG:-}; done\n",
	"mkdir $7 /\n",
	"IFS=:\nfor p in $(echo a:b:c) a:b; do mkdir \"/ifs/$p\"; done\n",
}

// FuzzConfirm runs scripts concretely and abstractly: all that happens must be
// covered by what is predicted.
func FuzzConfirm(f *testing.F) {
	for _, s := range witnessed {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<12 || strings.ContainsAny(text, "<>&\x00") && !slices.Contains(witnessed, text) {
			t.Skip("process substitution and background jobs leave the closed doors")
		}
		log := predict(t, text)
		w := &witness{}
		if !w.run(text) {
			t.Skip("not run")
		}
		for _, m := range confirm(log, w) {
			t.Errorf("not predicted, %s, in:\n%s", m, text)
		}
	})
}
