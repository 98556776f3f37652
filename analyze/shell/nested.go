package shell

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/command"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/analyze/value"
)

// A mode says in what relation nested text stands to the shell around it.
type mode uint8

const (
	textIn     mode = iota // eval, source, trap: the same shell
	textChild              // sh -c, a script: a process of its own, with exported variables
	textRemote             // ssh: a process on another machine, without them
)

// text walks shell text found in a value.
func (in *interp) text(a *host.Actor, v value.Value, at source.Pos, lang string, words []value.Value, m mode) command.Status {
	if v.Len() == 1 {
		return in.textOne(a, v.At(0), at, lang, words, m)
	}
	st := command.Success
	for i := range min(v.Len(), 4) {
		s := v.At(i)
		if t, ok := s.Exact(); ok && strings.TrimSpace(t) == "" {
			continue
		}
		pos := in.cur.file.nodePos()
		st = in.perhaps(pos, "the command is "+oneLine(s.String()), func() command.Status {
			return in.textOne(a, s, at, lang, words, m)
		})
	}
	return st
}

// nodePos is a position for what has none of its own.
func (f *file) nodePos() syntax.Pos { return syntax.NewPos(0, 1, 1) }

func (in *interp) textOne(a *host.Actor, s value.Str, at source.Pos, lang string, words []value.Value, m mode) command.Status {
	if in.depth > maxDepth {
		in.problem(at, "shell text is nested more than %d deep: it was not followed", maxDepth)
		return command.Success
	}
	if h := s.Hole(); h != nil {
		if own := in.ownDownload(h, at); own != nil {
			if len(words) == 0 {
				words = []value.Value{value.Text(own.Path)}
			}
			st, _ := in.runContent(a, own, words, site{file: in.cur.file, span: source.Span{Pos: at}}, m)
			return st
		}
		return command.Status{Tri: value.Maybe, Cond: &command.Cond{Op: command.Other}}
	}
	text, holes := in.plug(s)
	if !in.spend(len(text)/textStep, at) {
		return command.Success
	}
	f := in.nested(text, at, lang)
	for _, n := range f.notes {
		in.problem(n.Pos, "%w", n.Err)
	}
	ctx := in.context(a, f, words, m)
	for name, h := range holes {
		in.Host.Set(host.Key{Space: host.Var, Where: ctx.proc, Name: name}, &variable{val: value.Of(h)})
	}
	st := in.enter(ctx, func() command.Status {
		st := in.stmts(f.stmts)
		if m != textIn {
			in.traps(in.cur)
		}
		return st
	})
	return in.leave(ctx, st, m)
}

// ownDownload is the script of the repository whose text a hole is: it was
// downloaded from the repository's own page.
func (in *interp) ownDownload(h *value.Hole, at source.Pos) *host.Content {
	if url, ok := h.Ref.(string); ok && h.Kind == value.Net {
		if c := in.Host.OwnContent(url, at); c != nil && c.Kind == host.RepoFile {
			return c
		}
	}
	return nil
}

// plug puts ${__hN} for each hole, so that the text can be parsed.
func (in *interp) plug(s value.Str) (string, map[string]*value.Hole) {
	if t, ok := s.Exact(); ok {
		return t, nil
	}
	var b strings.Builder
	holes := map[string]*value.Hole{}
	for _, p := range s.Parts() {
		if p.Hole == nil {
			b.WriteString(p.Lit)
			continue
		}
		name := "__h" + strconv.Itoa(in.depth) + "_" + strconv.Itoa(len(holes))
		holes[name] = p.Hole
		b.WriteString("${" + name + "}")
	}
	return b.String(), holes
}

// unplug restores holes in text that the inner shell does not expand.
func (in *interp) unplug(s string) value.Value {
	if !in.cur.file.nest || !strings.Contains(s, "${__h") {
		return value.Text(s)
	}
	var v value.Value
	for {
		before, rest, ok := strings.Cut(s, "${__h")
		v = value.Concat(v, value.Text(before))
		if !ok {
			return v
		}
		name, after, ok := strings.Cut(rest, "}")
		if !ok {
			return value.Concat(v, value.Text("${__h"+rest))
		}
		if h := in.find("__h" + name); h != nil {
			v = value.Concat(v, h.val)
		}
		s = after
	}
}

// context makes the context of nested text or a script.
func (in *interp) context(a *host.Actor, f *file, words []value.Value, m mode) *context {
	ctx := *in.cur
	ctx.caller, ctx.file = in.cur, f
	ctx.actor = *a
	ctx.guards = slices.Clip(in.cur.guards)
	ctx.call = &pending{}
	if m == textIn {
		if words != nil {
			ctx.args = args{list: words}
		}
		return &ctx
	}
	in.nextID++
	ctx.proc, ctx.frame = in.nextID, nil
	ctx.funcs = map[string]*function{}
	ctx.opts, ctx.trap, ctx.loop, ctx.fn = options{}, nil, nil, ""
	ctx.remote = m == textRemote || in.cur.remote
	ctx.args = args{}
	if len(words) > 0 {
		ctx.zero = words[0]
		ctx.args = spreadArgs(args{list: words[1:]})
	}
	return &ctx
}

// leave takes over what nested text changed, and ends a process of its own.
func (in *interp) leave(ctx *context, st command.Status, m mode) command.Status {
	if m == textIn {
		c := in.cur
		c.actor.Cwd, c.args, c.opts, c.trap, c.funcs, c.dirs = ctx.actor.Cwd, ctx.args, ctx.opts, ctx.trap, ctx.funcs, ctx.dirs
		c.flow, c.count, c.status = ctx.flow, ctx.count, ctx.status
		return st
	}
	if ctx.flow == exits {
		st = ctx.status
	}
	return st
}

// runFile walks a script that is called by its path. It tells false when the
// path is of a program of the machine.
func (in *interp) runFile(a *host.Actor, argv []value.Value, at site) (command.Status, bool) {
	p := a.Path(argv[0])
	if command.InitScript(p) != nil {
		return in.model(a, p, argv, at), true
	}
	if wrapped[host.Base(p)] {
		return in.model(a, host.Base(p), argv, at), true
	}
	return in.runScript(a, p, argv, at)
}

// runScript walks the script at path p of the machine.
func (in *interp) runScript(a *host.Actor, p string, argv []value.Value, at site) (command.Status, bool) {
	n := in.scriptNode(a, p)
	if n.Presence == value.No || n.Content == nil {
		return in.runLocated(a, argv, at, textChild)
	}
	return in.runContent(a, n.Content, argv, at, textChild)
}

// scriptNode is the file of a script. One of which nothing is known, but whose
// path ends like that of a script of the repository, shows where the checkout
// lies.
func (in *interp) scriptNode(a *host.Actor, p string) *host.Node {
	_, n := in.Host.Follow(a.Where, p)
	if n.Presence != value.Maybe || n.Content != nil || in.Host.Repo == nil || in.Host.Closed || !strings.HasPrefix(p, "/") || ofSystem(p) {
		return n
	}
	rest := p
	for {
		i := strings.IndexByte(rest[1:], '/')
		if i < 0 {
			return n
		}
		rest = rest[i+1:]
		root := strings.TrimSuffix(p, rest)
		if mode, ok := in.Host.Repo.Stat(rest[1:]); ok && mode.IsRegular() && len(root) > 1 && !host.IsSystemDir(root) {
			in.Host.Set(host.Key{Space: host.File, Where: a.Where, Name: root},
				&host.Node{Kind: host.Dir, Presence: value.Yes, Content: &host.Content{Kind: host.RepoTree}})
			_, n = in.Host.Follow(a.Where, p)
			return n
		}
	}
}

// wrapped are scripts of a repository that only fetch and call a tool: its
// model says more than they do.
var wrapped = map[string]bool{"mvnw": true, "gradlew": true}

func (in *interp) runContent(a *host.Actor, c *host.Content, argv []value.Value, at site, m mode) (command.Status, bool) {
	switch c.Kind {
	case host.RepoFile:
		return in.runRepoFile(a, c.Path, argv, at, m)
	case host.Literal:
		text := c.Text
		lang := Language("", text.String())
		if lang != "sh" && lang != "bash" {
			return in.otherLanguage(a, lang, argv, at), true
		}
		in.noteAt(at, command.Pure, "the script written at "+c.At.String())
		if m == textIn { // the first word is the file; without others $1 and the like stay
			defer in.keepArgs(in.cur, argv[1:])()
			argv = slices.Clip(argv[1:])
			if len(argv) == 0 {
				argv = nil
			}
		}
		return in.text(a, text, c.At, lang, argv, m), true
	case host.Edited:
		if c.Prev != nil {
			return in.runContent(a, c.Prev, argv, at, m)
		}
	}
	return command.Status{}, false
}

// keepArgs gives back, after a file was sourced with words of its own, the
// positional parameters that were before.
func (in *interp) keepArgs(c *context, words []value.Value) func() {
	if len(words) == 0 {
		return func() {}
	}
	saved := c.args
	return func() { c.args = saved }
}

func (in *interp) runRepoFile(a *host.Actor, name string, argv []value.Value, at site, m mode) (command.Status, bool) {
	level := 0
	for c := in.cur; c != nil; c = c.caller {
		if !c.file.nest && c.file.path == name && c.fn == "" {
			level++
		}
	}
	if level >= 2 {
		in.noteAt(at, command.Pure, "the script calls itself: not followed further")
		return command.Success, true
	}
	f, err := in.load(name)
	if err != nil {
		if errors.Is(err, ErrNotShell) {
			if b, e := in.Host.Repo.Read(name); e == nil {
				return in.otherLanguage(a, Language(name, string(b[:min(len(b), 256)])), argv, at), true
			}
		}
		in.problem(at.span.Pos, "%s was not followed: %v", name, err)
		return command.Status{}, false
	}
	for _, n := range f.notes {
		in.problem(n.Pos, "%w", n.Err)
	}
	in.noteAt(at, command.Pure, "script "+name)
	ctx := in.context(a, f, argv, m)
	ctx.via = append(slices.Clip(in.cur.via), at.span.Pos)
	ctx.source = argv[0]
	if m == textIn && len(argv) == 1 {
		ctx.args = in.cur.args
	}
	if m == textIn {
		ctx.zero = in.cur.zero
	} else {
		ctx.zero = value.FromStr(a.Abs(argv[0].Best()))
	}
	st := in.enter(ctx, func() command.Status {
		st := in.stmts(f.stmts)
		if m != textIn {
			in.traps(in.cur)
		}
		return st
	})
	if m == textIn {
		ctx.file = in.cur.file
	}
	return in.leave(ctx, st, m), true
}

// otherLanguage runs a program of the repository by its interpreter's model.
func (in *interp) otherLanguage(a *host.Actor, lang string, argv []value.Value, at site) command.Status {
	name := lang
	if lang == "javascript" {
		name = "node"
	}
	if command.Lookup(name) == nil {
		return in.model(a, name, argv, at)
	}
	return in.model(a, name, append([]value.Value{value.Text(name)}, argv...), at)
}

// A bridge is what the interpreter offers to the models of wrappers.
type bridge struct {
	in *interp
	at site
}

// Call runs a command line of words as the actor.
func (b *bridge) Call(c *command.Call, a *host.Actor, argv []value.Value) command.Status {
	if len(argv) == 0 {
		return command.Success
	}
	in := b.in
	in.depth++
	defer func() { in.depth-- }()
	saved := in.stdin
	if c.In.Piped {
		in.stdin = &stream{text: c.In.Text, known: c.In.Known, piped: true, at: c.In.At, from: c.In.From, content: c.In.Content}
	}
	st := in.run(a, argv, b.at)
	in.stdin = saved
	return st
}

// Script runs shell text as the actor.
func (b *bridge) Script(c *command.Call, a *host.Actor, text value.Value, at source.Pos, lang string, words []value.Value) command.Status {
	in := b.in
	m := textChild
	if a.Where != in.cur.actor.Where {
		m = textRemote
	}
	if at == c.At || at.IsZero() {
		at = b.textPos(text, c.At)
	}
	in.depth++
	defer func() { in.depth-- }()
	return in.text(a, text, at, lang, words, m)
}

// textPos finds where text that stands quoted on the command line begins.
func (b *bridge) textPos(text value.Value, at source.Pos) source.Pos {
	call, ok := b.at.node.(*syntax.CallExpr)
	if !ok {
		return at
	}
	want := text.Best().Prefix()
	for _, w := range call.Args {
		if len(w.Parts) != 1 {
			continue
		}
		switch p := w.Parts[0].(type) {
		case *syntax.SglQuoted:
			if strings.HasPrefix(p.Value, firstLine(want)) && want != "" {
				return after(b.at.file.pos(p.Pos()))
			}
		case *syntax.DblQuoted:
			if len(p.Parts) == 0 {
				continue
			}
			lit, ok := p.Parts[0].(*syntax.Lit)
			if want == "" && !ok || ok && want != "" && strings.HasPrefix(lit.Value, firstLine(want)) {
				return after(b.at.file.pos(p.Pos()))
			}
		}
	}
	return at
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

func after(p source.Pos) source.Pos {
	p.Col++
	return p
}

// File runs a script file of the machine.
func (b *bridge) File(c *command.Call, a *host.Actor, path value.Value, words []value.Value) (command.Status, bool) {
	b.in.depth++
	defer func() { b.in.depth-- }()
	return b.in.runScript(a, a.Path(path), append([]value.Value{path}, words...), b.at)
}

// Var reads a variable.
func (b *bridge) Var(name string) (value.Value, bool) {
	v, set := b.in.lookup(name, b.at.span.Pos)
	return v, set == value.Yes
}

// SetVar sets a variable.
func (b *bridge) SetVar(name string, v value.Value) { b.in.set(name, v) }

// Globbed returns the paths that a pattern names.
func (b *bridge) Globbed(a *host.Actor, pattern value.Str) ([]value.Value, bool) {
	return b.in.glob(a, pattern)
}

// Background tells whether the statement runs in the background.
func (b *bridge) Background() bool { return b.in.bg }
