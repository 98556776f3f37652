package shell

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/command"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/analyze/value"
)

type sourcePos = source.Pos

// printf formats; a format with holes, or an operand with one where its text
// matters, leaves a hole there.
func printf(in *interp, b *bcall) command.Status {
	b.what = command.Message
	if in.out != nil {
		b.what = command.Pure
	}
	args := b.args
	name := ""
	if len(args) > 1 && args[0].Is("-v") {
		name, _ = args[1].Exact()
		args = args[2:]
		b.what = command.Pure
	}
	args = skipDashes(args)
	if len(args) == 0 {
		return command.Success
	}
	v := in.format(args[0], args[1:], b)
	if name != "" {
		in.set(name, v)
	} else {
		in.emitContent(v, nil)
	}
	return command.Known(true)
}

// maxFormat bounds how often a format is used again for further operands.
const maxFormat = 64

func (in *interp) format(f value.Value, args []value.Value, b *bcall) value.Value {
	text, ok := f.Exact()
	if !ok {
		v := f.Text("printf", true, escapes)
		for _, a := range args {
			v = value.Concat(v, a)
		}
		return v
	}
	var out value.Value
	for range maxFormat {
		v, rest := formatOnce(text, args, b.at.span.Pos)
		out = value.Concat(out, v)
		if len(rest) == 0 || len(rest) == len(args) {
			break
		}
		args = rest
	}
	return out
}

// formatOnce goes through the format once and returns the operands left.
func formatOnce(f string, args []value.Value, at source.Pos) (value.Value, []value.Value) {
	var out value.Value
	for f != "" {
		i := strings.IndexByte(f, '%')
		if i < 0 {
			return value.Concat(out, value.Text(escapes(f))), args
		}
		out = value.Concat(out, value.Text(escapes(f[:i])))
		f = f[i+1:]
		if strings.HasPrefix(f, "%") {
			out, f = value.Concat(out, value.Text("%")), f[1:]
			continue
		}
		flags := f[:len(f)-len(strings.TrimLeft(f, "-+ #0123456789.'*"))]
		f = f[len(flags):]
		if f == "" {
			break
		}
		verb := f[0]
		f = f[1:]
		if verb == '(' { // %(fmt)T
			_, after, _ := strings.Cut(f, ")")
			f = strings.TrimPrefix(after, "T")
			out = value.Concat(out, value.New(value.Date, "DATE", at))
			if len(args) > 0 {
				args = args[1:]
			}
			continue
		}
		var a value.Value
		if len(args) > 0 {
			a, args = args[0], args[1:]
		}
		out = value.Concat(out, verbatim(verb, flags, a))
	}
	return out, args
}

func verbatim(verb byte, flags string, a value.Value) value.Value {
	switch verb {
	case 'b':
		return a.Text("printf", true, escapes)
	case 'q':
		return a.Text("printf", false, func(s string) string {
			q, err := syntax.Quote(s, syntax.LangBash)
			if err != nil {
				return s
			}
			return q
		})
	case 'd', 'i', 'u':
		if a.Is("") {
			a = value.Text("0")
		}
		return pad(a, flags)
	case 'x', 'X', 'o', 'c', 'e', 'f', 'g', 'F', 'G', 'E':
		return a.Text("printf", false, func(s string) string { return number2(verb, flags, s) })
	}
	return pad(a, flags)
}

func number2(verb byte, flags, s string) string {
	n, err := strconv.ParseInt(s, 0, 64)
	if err != nil {
		if verb == 'c' && s != "" {
			return s[:1]
		}
		return s
	}
	switch verb {
	case 'x':
		s = strconv.FormatInt(n, 16)
	case 'X':
		s = strings.ToUpper(strconv.FormatInt(n, 16))
	case 'o':
		s = strconv.FormatInt(n, 8)
	}
	return padText(s, flags)
}

func pad(a value.Value, flags string) value.Value {
	if strings.Trim(flags, "-0123456789") != "" || flags == "" {
		return a
	}
	return a.Text("printf", false, func(s string) string { return padText(s, flags) })
}

// maxPad bounds the width that a format may ask for.
const maxPad = 1024

func padText(s, flags string) string {
	width, err := strconv.Atoi(strings.Trim(flags, "-"))
	if err != nil || width > maxPad || len(s) >= width {
		return s
	}
	fill := strings.Repeat(" ", width-len(s))
	switch {
	case strings.HasPrefix(flags, "-"):
		return s + fill
	case strings.HasPrefix(flags, "0"):
		return strings.Repeat("0", width-len(s)) + s
	}
	return fill + s
}

// sourceCmd reads a file into this shell.
func sourceCmd(in *interp, b *bcall) command.Status {
	args := skipDashes(b.args)
	if len(args) == 0 {
		return command.Success
	}
	p := b.a.Path(args[0])
	_, n := in.Host.Follow(b.a.Where, p)
	if n.Presence != value.No && n.Content != nil {
		if st, ok := in.runContent(b.a, n.Content, args, b.at, textIn); ok {
			return st
		}
	}
	if name, ok := args[0].Exact(); ok && !strings.Contains(name, "/") { // searched in PATH, then here
		if st, ok := in.runContent(b.a, &host.Content{Kind: host.RepoFile, Path: name}, args, b.at, textIn); ok && in.Host.Repo != nil {
			return st
		}
	}
	return in.sourceUnknown(b, args[0], p)
}

// sourceUnknown handles files that are not the repository's: well-known ones
// set well-known variables.
func (in *interp) sourceUnknown(b *bcall, v value.Value, p string) command.Status {
	at := b.at.span.Pos
	switch {
	case strings.HasSuffix(p, "/bin/activate"):
		in.set("VIRTUAL_ENV", value.FromStr(in.cur.actor.Abs(v.Best()).Dir().Dir()))
		b.why = "a virtual environment is entered"
	case p == "/etc/os-release" || p == "/usr/lib/os-release" || p == "/etc/lsb-release":
		for _, name := range []string{"ID", "ID_LIKE", "NAME", "PRETTY_NAME", "VERSION", "VERSION_ID", "VERSION_CODENAME",
			"UBUNTU_CODENAME", "DISTRIB_ID", "DISTRIB_RELEASE", "DISTRIB_CODENAME"} {
			in.set(name, value.New(value.Fact, name, at))
		}
		b.why = "facts of the distribution"
	default:
		b.why = "the file is not in the repository: what it sets is not known"
	}
	return command.Success
}

// execCmd replaces the shell, or redirects it.
func execCmd(in *interp, b *bcall) command.Status {
	args := b.args
	for len(args) > 0 {
		s, ok := args[0].Exact()
		if !ok || !strings.HasPrefix(s, "-") || s == "-" {
			break
		}
		args = args[1:]
		if s == "-a" && len(args) > 0 {
			args = args[1:]
		}
	}
	if len(args) == 0 {
		return command.Known(true)
	}
	st := in.run(b.a, args, b.at)
	if in.cur.flow == goes {
		in.cur.flow, in.cur.status = exits, st
	}
	return st
}

// commandCmd is command: -v and -V ask, else functions are passed over.
func commandCmd(in *interp, b *bcall) command.Status {
	args := b.args
	for len(args) > 0 {
		s, ok := args[0].Exact()
		if !ok || len(s) < 2 || s[0] != '-' {
			break
		}
		args = args[1:]
		if strings.ContainsAny(s, "vV") {
			return in.asksCommand(b, args)
		}
	}
	if len(args) == 0 {
		return command.Success
	}
	if name, ok := args[0].Exact(); ok {
		if f, isBuiltin := builtins[name]; isBuiltin {
			return in.runBuiltin(f, b.a, name, args, b.at)
		}
		return in.model(b.a, path.Base(name), args, b.at)
	}
	return in.run(b.a, args, b.at)
}

func typeCmd(in *interp, b *bcall) command.Status {
	return in.asksCommand(b, skipFlags(b.args))
}

// asksCommand tells whether a command can be called.
func (in *interp) asksCommand(b *bcall, args []value.Value) command.Status {
	if len(args) == 0 {
		return command.Known(false)
	}
	name := args[0].String()
	if in.cur.funcs[name] != nil || builtins[name] != nil {
		in.emit(value.Text(name + "\n"))
		return command.Known(true)
	}
	st := in.callable(b.a, args[0])
	switch st.Tri {
	case value.Yes:
		in.emit(value.Text("/usr/bin/" + path.Base(name) + "\n"))
	case value.Maybe:
		h := value.NewHole(value.Output, path.Base(name), b.at.span.Pos)
		h.Ref = st.Cond
		in.emit(value.Of(h))
	}
	return st
}

// callable tells whether a program can be called: by path, or by name in PATH.
func (in *interp) callable(a *host.Actor, v value.Value) command.Status {
	name, ok := v.Exact()
	if !ok {
		return command.Asks(value.Maybe, &command.Cond{Op: command.Other})
	}
	if strings.Contains(name, "/") {
		t, c := in.presence("-x", a.Path(v), host.AnyKind)
		return command.Asks(t, c)
	}
	k := host.Key{Space: host.Command, Where: a.Where, Name: name}
	return command.Asks(in.Host.Has(host.Command, a.Where, name), &command.Cond{Op: command.Present, Key: k})
}

// declareWords is export, local and the like when they come as plain commands.
func declareWords(in *interp, b *bcall) command.Status {
	flags := ""
	for _, v := range b.args {
		s := v.Best()
		pre := s.Prefix()
		if strings.HasPrefix(pre, "-") || strings.HasPrefix(pre, "+") {
			flags += pre
			continue
		}
		name, _, has := strings.Cut(pre, "=")
		if !isName(name) {
			continue
		}
		val := value.Value{}
		if has {
			val = v.Map(func(s value.Str) value.Str {
				parts := slices.Clone(s.Parts())
				if len(parts) > 0 && strings.HasPrefix(parts[0].Lit, name+"=") {
					parts[0].Lit = parts[0].Lit[len(name)+1:]
				}
				return value.MakeStr(dropEmpty(parts)...)
			})
		}
		in.declareOne(b.name, flags, name, has, func() { in.set(name, val) })
	}
	return command.Known(true)
}

func dropEmpty(parts []value.Part) []value.Part {
	return slices.DeleteFunc(parts, func(p value.Part) bool { return p.Hole == nil && p.Lit == "" })
}

// declare is export, local, declare, readonly, typeset, nameref.
func (in *interp) declare(c *syntax.DeclClause) command.Status {
	in.note(c, command.Pure, "")
	flags := ""
	st := command.Known(true)
	for _, a := range c.Args {
		if a.Name == nil {
			if a.Value != nil {
				flags += in.word(a.Value).String()
			}
			continue
		}
		in.declareOne(c.Variant.Value, flags, a.Name.Value, !a.Naked, func() { in.assign(a) })
	}
	return st
}

// declareOne declares a variable; assign gives it its value when it has one.
func (in *interp) declareOne(variant, flags, name string, has bool, assign func()) {
	local := variant == "local" || (variant == "declare" || variant == "typeset") && in.cur.fn != "" && !strings.Contains(flags, "g")
	if local && in.cur.frame != nil && in.cur.frame.id != 0 && !in.cur.frame.locals[name] {
		in.declareLocal(name, has, assign, flags)
		return
	}
	if strings.Contains(flags, "A") && in.find(name) == nil {
		in.Host.Set(in.key(name), &variable{array: true, assoc: map[string]value.Value{}})
	} else if strings.Contains(flags, "a") && in.find(name) == nil {
		in.setList(name, nil, false)
	}
	if has {
		assign()
	}
	if variant == "export" || strings.Contains(flags, "x") {
		in.exportVar(name)
	}
}

// declareLocal makes a name local to this call. Its value is expanded before
// the name changes its meaning: local x="$x/y".
func (in *interp) declareLocal(name string, has bool, assign func(), flags string) {
	f := in.cur.frame
	n := &variable{}
	if strings.Contains(flags, "A") {
		n.array, n.assoc = true, map[string]value.Value{}
	} else if strings.Contains(flags, "a") {
		n.array = true
	}
	if has {
		k := in.key(name)
		outer := in.Host.Get(k)
		assign()
		if v := in.find(name); v != nil {
			n = v
		}
		if outer == nil {
			outer = &variable{unset: true, never: true}
		}
		in.Host.Set(k, outer)
	}
	locals := map[string]bool{name: true}
	for k := range f.locals {
		locals[k] = true
	}
	f.locals = locals
	in.Host.Set(in.key(name), n)
}

func (in *interp) exportVar(name string) {
	k := in.key(name)
	if v, ok := in.Host.Get(k).(*variable); ok {
		n := *v
		n.exported = true
		in.Host.Set(k, &n)
	}
}

// read takes a line of standard input, or asks a person.
func read(in *interp, b *bcall) command.Status {
	names, prompt, array := readArgs(b.args)
	at := b.at.span.Pos
	if in.stdin != nil && in.stdin.piped {
		line, more := in.stdin.line(at)
		in.assignFields(names, array, line, at, value.Content)
		switch more {
		case value.Yes:
			return command.Known(true)
		case value.No:
			return command.Known(false)
		}
		return command.Asks(value.Maybe, &command.Cond{Op: command.Other, Text: "there is a further line"})
	}
	b.what = command.Mechanics
	b.why = "asks a person"
	if prompt != "" {
		b.why = "asks a person: " + oneLine(prompt)
	}
	in.assignFields(names, array, value.Value{}, at, value.Prompt)
	return command.Success
}

// readArgs returns the variables that read fills, its prompt and array.
func readArgs(args []value.Value) (names []string, prompt, array string) {
	for len(args) > 0 {
		s, ok := args[0].Exact()
		args = args[1:]
		if !ok || !strings.HasPrefix(s, "-") {
			if ok {
				names = append(names, s)
			}
			continue
		}
		for i := 1; i < len(s); i++ {
			if strings.IndexByte("adinNptu", s[i]) < 0 {
				continue
			}
			val := value.Text(s[i+1:])
			if i+1 == len(s) && len(args) > 0 {
				val, args = args[0], args[1:]
			}
			switch s[i] {
			case 'p':
				prompt = val.String()
			case 'a':
				array = val.String()
			}
			break
		}
	}
	if len(names) == 0 && array == "" {
		names = []string{"REPLY"}
	}
	return names, prompt, array
}

// assignFields gives variables the fields of a line, or holes.
func (in *interp) assignFields(names []string, array string, line value.Value, at source.Pos, kind value.Kind) {
	known := kind == value.Content && line.Hole() == nil
	if array != "" && isName(array) {
		if known {
			fields, f := in.split(nil, field{}, line)
			in.setList(array, in.finish(fields, f), false)
		} else {
			in.setList(array, nil, true)
		}
	}
	if !known {
		for _, n := range names {
			if isName(n) {
				in.set(n, value.New(kind, n, at))
			}
		}
		return
	}
	if len(names) == 1 {
		if isName(names[0]) {
			in.set(names[0], line)
		}
		return
	}
	fields := in.splitIFS(line)
	for i, n := range names {
		var v value.Value
		switch {
		case i >= len(fields):
		case i == len(names)-1:
			v = joinWords(fields[i:], " ")
		default:
			v = fields[i]
		}
		if isName(n) {
			in.set(n, v)
		}
	}
}

// splitIFS splits a line at white space, or at the one character that IFS is.
func (in *interp) splitIFS(line value.Value) []value.Value {
	ifs, _ := in.lookup("IFS", in.cur.file.base)
	sep, ok := ifs.Exact()
	if ok && len(sep) == 1 && sep != " " {
		var out []value.Value
		for _, e := range line.Best().Split(sep) {
			out = append(out, value.FromStr(e))
		}
		return out
	}
	fields, f := in.split(nil, field{}, line)
	return in.finish(fields, f)
}

// mapfile reads all lines into an array.
func mapfile(in *interp, b *bcall) command.Status {
	name := "MAPFILE"
	for _, v := range b.args {
		if s, ok := v.Exact(); ok && isName(s) && !strings.HasPrefix(s, "-") {
			name = s
		}
	}
	var list []value.Value
	for in.stdin != nil && len(list) < 4096 {
		line, more := in.stdin.line(b.at.span.Pos)
		if more != value.Yes {
			if more == value.Maybe {
				in.setList(name, list, true)
				return command.Success
			}
			break
		}
		list = append(list, line)
	}
	in.setList(name, list, in.stdin == nil)
	return command.Success
}

// getopts takes the next option. When the parameters are not known the variable
// is any of the options.
func getopts(in *interp, b *bcall) command.Status {
	if len(b.args) < 2 {
		return command.Success
	}
	spec, name := b.args[0].String(), b.args[1].String()
	if !isName(name) {
		return command.Success
	}
	at := b.at.span.Pos
	if !in.cur.args.open {
		return in.nextOption(spec, name, at)
	}
	var v value.Value
	for i, c := range strings.Trim(strings.ReplaceAll(spec, ":", ""), " ") {
		if i == 0 {
			v = value.Text(string(c))
		} else {
			v = value.Join(v, value.Text(string(c)))
		}
	}
	in.set(name, v)
	in.set("OPTARG", value.New(value.Arg, "OPTARG", at))
	in.set("OPTIND", value.New(value.Arg, "OPTIND", at))
	return command.Asks(value.Maybe, &command.Cond{Op: command.Other, Text: "an option is given"})
}

// nextOption is getopts over parameters that are known.
func (in *interp) nextOption(spec, name string, at source.Pos) command.Status {
	ind := 1
	if v, _ := in.lookup("OPTIND", at); v.Known() {
		ind = max(1, mustInt(v))
	}
	off := 1
	if v := in.find("__optoff"); v != nil {
		off = max(1, mustInt(v.val))
	}
	list := in.cur.args.list
	if ind > len(list) {
		return command.Known(false)
	}
	word, ok := list[ind-1].Exact()
	if !ok || len(word) < 2 || word[0] != '-' || word == "--" {
		if word == "--" {
			in.set("OPTIND", value.Text(strconv.Itoa(ind+1)))
		}
		return command.Known(false)
	}
	off = min(off, len(word)-1)
	opt := word[off]
	in.set(name, value.Text(string(opt)))
	next := off + 1
	if i := strings.IndexByte(spec, opt); i >= 0 && i+1 < len(spec) && spec[i+1] == ':' {
		if next < len(word) {
			in.set("OPTARG", value.Text(word[next:]))
		} else if ind < len(list) {
			ind++
			in.set("OPTARG", list[ind-1])
		}
		next = len(word)
	}
	if next >= len(word) {
		ind, next = ind+1, 1
	}
	in.set("OPTIND", value.Text(strconv.Itoa(ind)))
	in.set("__optoff", value.Text(strconv.Itoa(next)))
	return command.Known(true)
}

func mustInt(v value.Value) int {
	s, _ := v.Exact()
	n, _ := strconv.Atoi(s)
	return n
}
