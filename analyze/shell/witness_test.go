package shell_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"
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

// misread tells of what the witness reads otherwise than a shell does.
func misread(text string) bool {
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), "")
	if err != nil {
		return true
	}
	found := false
	syntax.Walk(file, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.CallExpr:
			found = found || misnumbered(n) || misoptioned(n)
		case *syntax.WordIter:
			found = found || !syntax.ValidName(n.Name.Value)
		case *syntax.DblQuoted:
			found = found || len(n.Parts) > 1 && slices.ContainsFunc(n.Parts, isList)
		case *syntax.ParamExp:
			found = found || n.Param != nil && slices.Contains([]string{"0", "-"}, n.Param.Value)
		}
		return !found
	})
	return found
}

// misnumbered tells of a command of the shell with a word for a number, such as
// "exit A": a shell ends the script with an error there, the witness does not.
func misnumbered(c *syntax.CallExpr) bool {
	if len(c.Args) < 2 || !slices.Contains([]string{"exit", "return", "break", "continue", "shift"}, c.Args[0].Lit()) {
		return false
	}
	arg := c.Args[1].Lit()
	return arg == "" || strings.Trim(arg, "0123456789") != ""
}

// misoptioned tells of getopts with a list that does not begin with a colon: for
// an option that lacks its argument the witness answers as if it did.
func misoptioned(c *syntax.CallExpr) bool {
	if len(c.Args) < 2 || c.Args[0].Lit() != "getopts" {
		return false
	}
	var b strings.Builder
	syntax.NewPrinter().Print(&b, c.Args[1])
	return strings.Contains(b.String(), ":") && !strings.HasPrefix(strings.Trim(b.String(), `"'`), ":")
}

// isList tells of $@ and ${a[@]}: with text beside them in double quotes the
// witness makes one word.
func isList(p syntax.WordPart) bool {
	e, ok := p.(*syntax.ParamExp)
	if !ok || e.Param == nil {
		return false
	}
	w, ok := e.Index.(*syntax.Word)
	return e.Param.Value == "@" || ok && w.Lit() == "@"
}

// run tells whether the script ran to its end. What makes the witness panic did
// not.
func (w *witness) run(text string) (done bool) {
	defer func() { done = recover() == nil && done }()
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
