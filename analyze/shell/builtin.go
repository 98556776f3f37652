package shell

import (
	"maps"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/command"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/analyze/value"
)

// A builtin is a command of the shell itself.
type builtin func(in *interp, b *bcall) command.Status

// A bcall is a call of a builtin.
type bcall struct {
	name string
	args []value.Value // without the name
	a    *host.Actor
	at   site
	what command.Outcome
	why  string
}

// specialBuiltins come before functions of the same name (POSIX 2.14).
var specialBuiltins = map[string]bool{".": true, ":": true, "break": true, "continue": true, "eval": true, "exec": true,
	"exit": true, "export": true, "readonly": true, "return": true, "set": true, "shift": true, "trap": true, "unset": true}

// lookupBuiltin returns the builtin of that name, nil for none.
func lookupBuiltin(name string) builtin {
	switch name {
	case ":", "true", "hash", "bind", "alias", "unalias", "bg", "fg", "jobs", "disown", "times", "ulimit", "enable", "caller", "shopt",
		"history", "complete", "compgen", "suspend", "logout", "dirs", "let":
		return pure
	case "false":
		return falseCmd
	case "cd", "chdir":
		return cd
	case "pushd":
		return pushd
	case "popd":
		return popd
	case "pwd":
		return pwd
	case "echo":
		return echo
	case "printf":
		return printf
	case "test", "[":
		return testCmd
	case "eval":
		return eval
	case ".", "source":
		return sourceCmd
	case "exec":
		return execCmd
	case "command", "builtin":
		return commandCmd
	case "type":
		return typeCmd
	case "exit":
		return exit
	case "return":
		return ret
	case "break", "continue":
		return breakCmd
	case "shift":
		return shift
	case "set":
		return setCmd
	case "unset":
		return unset
	case "export", "readonly", "local", "declare", "typeset":
		return declareWords
	case "trap":
		return trapCmd
	case "read":
		return read
	case "mapfile", "readarray":
		return mapfile
	case "getopts":
		return getopts
	case "umask":
		return umask
	case "wait":
		return wait
	}
	return nil
}

func (in *interp) runBuiltin(f builtin, a *host.Actor, name string, argv []value.Value, at site) command.Status {
	b := &bcall{name: name, args: argv[1:], a: a, at: at, what: command.Pure}
	in.place(at.span)
	st := f(in, b)
	in.noteAt(at, b.what, b.why)
	return st
}

func pure(in *interp, b *bcall) command.Status { return command.Known(true) }

func falseCmd(in *interp, b *bcall) command.Status { return command.Known(false) }

// cd changes the directory; "cd -" goes back.
func cd(in *interp, b *bcall) command.Status {
	args := skipFlags(b.args)
	c := in.cur
	old := c.actor.Cwd
	switch {
	case len(args) == 0:
		home, _ := in.lookup("HOME", b.at.span.Pos)
		c.actor.Cwd = value.Clean(home.Best())
	case args[0].Is("-"):
		if v := in.find("OLDPWD"); v != nil {
			c.actor.Cwd = v.val.Best()
		}
	case args[0].Is(""):
		return command.Success
	default:
		c.actor.Cwd = value.Abs(old, args[0].Best())
	}
	in.set("OLDPWD", value.FromStr(old))
	return in.cdStatus()
}

// cdStatus is whether the directory is there: it is taken to be, unless it is
// known that nothing of that name exists.
func (in *interp) cdStatus() command.Status {
	h, a := in.Host, &in.cur.actor
	if _, n := h.Follow(a.Where, a.Cwd.String()); n.Presence == value.No && h.Closed {
		return command.Status{Tri: value.No}
	}
	return command.Success
}

func skipFlags(args []value.Value) []value.Value {
	for len(args) > 0 {
		s, ok := args[0].Exact()
		if ok && s == "--" {
			return args[1:]
		}
		if !ok || len(s) < 2 || s[0] != '-' {
			break
		}
		args = args[1:]
	}
	return args
}

func pushd(in *interp, b *bcall) command.Status {
	in.cur.dirs = append(in.cur.dirs[:len(in.cur.dirs):len(in.cur.dirs)], in.cur.actor.Cwd)
	if len(b.args) > 0 {
		return cd(in, b)
	}
	return command.Success
}

func popd(in *interp, b *bcall) command.Status {
	if n := len(in.cur.dirs); n > 0 {
		in.cur.actor.Cwd = in.cur.dirs[n-1]
		in.cur.dirs = in.cur.dirs[:n-1]
	}
	return command.Success
}

func pwd(in *interp, b *bcall) command.Status {
	in.emit(value.Concat(value.FromStr(in.cur.actor.Cwd), value.Text("\n")))
	return command.Known(true)
}

// echo prints its words. Escapes are taken with -e, and always by sh.
func echo(in *interp, b *bcall) command.Status {
	args, nl, esc := b.args, true, in.cur.file.lang == "sh" && !in.cur.file.bash
	for len(args) > 0 {
		s, ok := args[0].Exact()
		if !ok || len(s) < 2 || s[0] != '-' || strings.Trim(s[1:], "neE") != "" {
			break
		}
		nl = nl && !strings.Contains(s, "n")
		esc = esc || strings.Contains(s, "e")
		args = args[1:]
	}
	v := joinWords(args, " ")
	if esc {
		v = v.Text("echo", true, escapes)
	}
	if nl {
		v = value.Concat(v, value.Text("\n"))
	}
	in.emitContent(v, nil)
	b.what = command.Message
	if in.out != nil {
		b.what = command.Pure
	}
	return command.Known(true)
}

// escapes replaces the backslash escapes of echo -e and printf.
func escapes(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			out.WriteByte(s[i])
			continue
		}
		i++
		if j := strings.IndexByte(`abefnrtv\"'`, s[i]); j >= 0 {
			out.WriteByte("\a\b\x1b\f\n\r\t\v\\\"'"[j])
			continue
		}
		n, width := escapeNumber(s[i:])
		if width == 0 {
			out.WriteByte('\\')
			out.WriteByte(s[i])
			continue
		}
		out.WriteByte(byte(n))
		i += width - 1
	}
	return out.String()
}

// escapeNumber reads 0nnn, nnn (octal) or xhh (hexadecimal).
func escapeNumber(s string) (n, width int) {
	base, limit := 8, 3
	switch {
	case s[0] == 'x':
		base, limit, width = 16, 2, 1
	case s[0] == '0':
		limit, width = 3, 1
	case s[0] < '0' || s[0] > '7':
		return 0, 0
	}
	digits := 0
	for digits < limit && width < len(s) {
		d := strings.IndexByte("0123456789abcdef", lower(s[width]))
		if d < 0 || d >= base {
			break
		}
		n, width, digits = n*base+d, width+1, digits+1
	}
	if digits == 0 && s[0] == 'x' {
		return 0, 0
	}
	return n, width
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// testCmd is test and [.
func testCmd(in *interp, b *bcall) command.Status {
	args := b.args
	if b.name == "[" {
		if len(args) == 0 || args[len(args)-1].Known() && !args[len(args)-1].Is("]") {
			return command.Known(false) // the closing ] is missing: status 2
		}
		args = args[:len(args)-1]
	}
	names := in.argNames(b, len(args))
	words := make([]operand, len(args))
	for i, v := range args {
		words[i] = operand{v: v}
		if i < len(names) {
			words[i].name = names[i]
		}
	}
	return in.test(words)
}

// argNames returns the parameters that the words of a call are, when words and
// fields are one to one.
func (in *interp) argNames(b *bcall, n int) []string {
	c, ok := b.at.node.(*syntax.CallExpr)
	if !ok || b.at.file != in.cur.file {
		return nil
	}
	words := c.Args[1:]
	if b.name == "[" && len(words) > 0 {
		words = words[:len(words)-1]
	}
	if len(words) != n {
		return nil
	}
	names := make([]string, n)
	for i, w := range words {
		names[i] = varName(w)
	}
	return names
}

func eval(in *interp, b *bcall) command.Status {
	return in.text(b.a, joinWords(b.args, " "), in.evalPos(b), "bash", nil, textIn)
}

// evalPos is where the text of eval begins when it is one quoted word.
func (in *interp) evalPos(b *bcall) source.Pos {
	br := &bridge{in, b.at}
	if len(b.args) == 1 {
		return br.textPos(b.args[0], b.at.span.Pos)
	}
	return b.at.span.Pos
}

// exit leaves the shell.
func exit(in *interp, b *bcall) command.Status {
	b.what = command.Handling
	in.cur.status = in.given(b)
	in.cur.flow = exits
	return in.cur.status
}

// ret leaves a function or a sourced file.
func ret(in *interp, b *bcall) command.Status {
	b.what = command.Handling
	in.cur.status = in.given(b)
	in.cur.flow = returns
	return in.cur.status
}

// given is the status that exit or return names.
func (in *interp) given(b *bcall) command.Status {
	if len(b.args) == 0 {
		return in.last
	}
	if s, ok := b.args[0].Exact(); ok {
		return command.Known(strings.Trim(s, "0") == "")
	}
	if h := b.args[0].Hole(); h != nil {
		if st, ok := h.Ref.(*command.Status); ok {
			return *st
		}
	}
	return command.Asks(value.Maybe, &command.Cond{Op: command.Other})
}

func breakCmd(in *interp, b *bcall) command.Status {
	if in.cur.loop == nil {
		return command.Success
	}
	in.cur.count = arithArg(b.args)
	in.cur.flow = breaks
	if b.name == "continue" {
		in.cur.flow = continues
	}
	return command.Known(true)
}

func unset(in *interp, b *bcall) command.Status {
	for _, v := range b.args {
		name, ok := v.Exact()
		if !ok || strings.HasPrefix(name, "-") {
			continue
		}
		if array, index, ok := strings.Cut(name, "["); ok {
			in.unsetElement(array, strings.TrimSuffix(index, "]"))
			continue
		}
		if in.find(name) == nil && in.cur.funcs[name] != nil {
			delete(in.cur.funcs, name)
			continue
		}
		in.Host.Set(in.key(name), &variable{unset: true})
	}
	return command.Known(true)
}

// unsetElement removes one element of an array. The others keep their indexes:
// of an indexed array none is known then.
func (in *interp) unsetElement(name, index string) {
	old := in.find(name)
	if old == nil || !old.array {
		return
	}
	n := *old
	if n.assoc != nil {
		n.assoc = maps.Clone(n.assoc)
		delete(n.assoc, index)
	} else {
		n.mixed = true
	}
	in.Host.Set(in.key(name), &n)
}

// umask sets the mode of what is made from now on.
func umask(in *interp, b *bcall) command.Status {
	if len(b.args) > 0 {
		if s, ok := b.args[len(b.args)-1].Exact(); ok {
			if n, ok := parseInt("0" + strings.TrimLeft(s, "0")); ok && n > 0 && n <= 0o777 {
				in.cur.actor.Umask = uint16(n)
			}
		}
	}
	return command.Known(true)
}

func wait(in *interp, b *bcall) command.Status {
	b.what = command.Mechanics
	return command.Success
}

// trapCmd notes what is to be done at the end, and walks what is done on errors.
func trapCmd(in *interp, b *bcall) command.Status {
	b.what = command.Handling
	args := skipDashes(b.args)
	if len(args) < 2 || args[0].Is("-") || args[0].Is("") {
		if len(args) >= 2 {
			in.cur.trap = nil
		}
		return command.Success
	}
	at := (&bridge{in, b.at}).textPos(args[0], b.at.span.Pos)
	done := false
	for _, sig := range args[1:] {
		switch sig.String() {
		case "EXIT", "0", "exit":
			in.cur.trap = append(in.cur.trap[:len(in.cur.trap):len(in.cur.trap)], &trap{args[0], at})
		case "DEBUG", "RETURN":
		default:
			if !done && !in.Host.Exact {
				in.failure("a command", func() command.Status { return in.text(b.a, args[0], at, "bash", nil, textIn) })
				done = true
			}
		}
	}
	return command.Success
}

func skipDashes(args []value.Value) []value.Value {
	if len(args) > 0 && args[0].Is("--") {
		return args[1:]
	}
	return args
}
