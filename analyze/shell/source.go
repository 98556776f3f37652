package shell

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/command"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

// sourceCmd reads a file into this shell.
func sourceCmd(in *interp, b *bcall) command.Status {
	args := skipDashes(b.args)
	if len(args) == 0 {
		return command.Success
	}
	p := b.a.Path(args[0])
	n := in.scriptNode(b.a, p)
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
	if st, ok := in.runLocated(b.a, args, b.at, textIn); ok {
		return st
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
		if f := lookupBuiltin(name); f != nil {
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
	if in.cur.funcs[name] != nil || lookupBuiltin(name) != nil {
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
