package command

import (
	"strconv"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

// minusMode are the letters of modes such as -x, which look like options.
const minusMode = "rwxXstugoa"

// chmod: the first operand is the mode unless it was written as -x or taken
// from a reference.
func chmod(c *Call) {
	mode, paths := "", c.Args
	for _, o := range c.Opts {
		if len(o.Name) == 1 && strings.Contains(minusMode, o.Name) {
			mode += o.Name
		}
	}
	switch ref, given := c.Flag("reference"); {
	case given:
		mode = c.node(ref).Mode
		if mode == "" {
			mode = "${mode}"
		}
	case mode != "":
		mode = "-" + mode
	case len(paths) > 0:
		mode, paths = paths[0].String(), paths[1:]
	}
	for _, p := range paths {
		c.Chmod(p, mode, c.Has("R"))
	}
	if len(paths) == 0 {
		c.fails()
	}
}

// chown: OWNER, OWNER:GROUP, OWNER: (the login group), :GROUP; a dot is taken
// for the colon when no account of that name is known.
func chown(c *Call) {
	paths := c.Args
	owner, group := "", ""
	if ref, given := c.Flag("reference"); given {
		n := c.node(ref)
		owner, group = n.Owner, n.Group
	} else if len(paths) > 0 {
		owner, group = c.ownerGroup(paths[0].Best())
		paths = paths[1:]
	}
	for _, p := range paths {
		c.Chown(p, owner, group, c.Has("R"), !c.Has("h"))
	}
	if len(paths) == 0 {
		c.fails()
	}
}

func (c *Call) ownerGroup(s value.Str) (owner, group string) {
	parts := s.Split(":")
	if len(parts) == 1 {
		if t, ok := s.Exact(); ok && strings.Contains(t, ".") && c.H.Account(c.Where, t) == nil {
			parts = s.Split(".")
		}
	}
	owner = parts[0].String()
	if len(parts) > 1 {
		group = parts[1].String()
		if group == "" && owner != "" {
			group = c.loginGroup(owner)
		}
	}
	return owner, group
}

// loginGroup is the primary group of an account: as it was made, else the one
// of its own name.
func (c *Call) loginGroup(user string) string {
	if u := c.H.Account(c.Where, user); u != nil && u.Group != "" {
		return u.Group
	}
	return user
}

func chgrp(c *Call) {
	group, paths := "", c.Args
	if ref, given := c.Flag("reference"); given {
		group = c.node(ref).Group
	} else if len(paths) > 0 {
		group, paths = paths[0].String(), paths[1:]
	}
	for _, p := range paths {
		c.Chown(p, "", group, c.Has("R"), !c.Has("h"))
	}
	if len(paths) == 0 {
		c.fails()
	}
}

// acl: an access control list has no place in the tree; the command is kept.
func acl(c *Call) {
	paths := c.Args
	if c.Name == "chattr" && len(paths) > 0 && strings.ContainsAny(paths[0].Best().Prefix(), "+=") {
		paths = paths[1:]
	}
	for _, p := range paths {
		c.Record(&host.Effect{Op: host.System, Name: c.Name, Path: c.Path(p), Val: c.abs(p), Recursive: c.Has("R"), What: Line(c.Argv)})
	}
}

// mktemp prints a path that nobody can know; its beginning is known when a
// template is given.
func mktemp(c *Call) {
	hole := value.NewHole(value.Temp, "mktemp", c.At)
	out := value.Of(hole)
	dir, inDir := c.tempDir()
	if len(c.Args) > 0 {
		out = c.Args[0].Map(func(s value.Str) value.Str { return template(s, hole) })
	}
	if inDir || len(c.Args) == 0 && c.Has("suffix") {
		out = join(dir, out)
	}
	if suffix, ok := c.Flag("suffix"); ok {
		out = value.Concat(out, suffix)
	}
	c.Out = value.Concat(out, value.Text("\n"))
	if c.Has("u") {
		return
	}
	n := &host.Node{Kind: host.Regular, Presence: value.Yes, Owner: c.User, Group: c.User, Mode: "0600", Content: &host.Content{Kind: host.Empty}}
	if c.Has("d") {
		n.Kind, n.Mode, n.Content = host.Dir, "0700", nil
	}
	c.Lay(out.Best(), n)
}

// tempDir is the directory that -p, --tmpdir or -t name.
func (c *Call) tempDir() (value.Value, bool) {
	v, given := c.Flag("p", "tmpdir")
	if given && v.IsEmpty() != value.Yes {
		return v, true
	}
	tmp := value.Text("/tmp")
	if c.Sh != nil {
		if t, ok := c.Sh.Var("TMPDIR"); ok && t.Known() && t.IsEmpty() == value.No {
			tmp = t
		}
	}
	return tmp, given || c.Has("t")
}

// template puts the hole where the last run of X is.
func template(s value.Str, hole *value.Hole) value.Str {
	text := s.Suffix()
	i := strings.LastIndex(text, "XXX")
	if i < 0 {
		return s.Concat(value.MakeStr(value.Part{Hole: hole}))
	}
	end := i + 3
	for i > 0 && text[i-1] == 'X' {
		i--
	}
	parts := append([]value.Part(nil), s.Parts()...)
	parts = parts[:len(parts)-1]
	parts = append(parts, lit(text[:i])...)
	parts = append(parts, value.Part{Hole: hole})
	return value.MakeStr(append(parts, lit(text[end:])...)...)
}

func lit(s string) []value.Part {
	if s == "" {
		return nil
	}
	return []value.Part{{Lit: s}}
}

// rename moves files to names that are computed; each operand may go.
func rename(c *Call) {
	skip := 1 // perl: EXPR FILE...; util-linux: FROM TO FILE...
	if len(c.Args) > 2 && !strings.ContainsAny(c.Arg(0), "/{") {
		skip = 2
	}
	if c.Has("n") {
		c.Outcome = Pure
		return
	}
	for _, p := range c.Args[min(skip, len(c.Args)):] {
		to := join(p.Map(value.Str.Dir), c.Hole(value.Glob, "renamed"))
		e := c.Record(&host.Effect{Op: host.MoveTo, From: c.Path(p), Path: c.Path(to), Val: c.abs(to), What: Line(c.Argv)})
		e.Must = false
	}
}

// split writes PREFIXaa, PREFIXab, ...: how many depends on the size.
func split(c *Call) {
	prefix := value.Text("x")
	if len(c.Args) > 1 {
		prefix = c.Args[1]
	}
	from := ""
	if len(c.Args) > 0 {
		from = c.Path(c.Args[0])
	}
	to := value.Concat(prefix, c.Hole(value.Glob, "part"))
	c.Record(&host.Effect{Op: host.Write, From: from, Path: c.Path(to), Val: c.abs(to), What: Line(c.Argv),
		Content: &host.Content{Kind: host.Copied, Path: from, At: c.At}})
}

// numbered is cat with the options that change text: -n, -b, -s, -E.
func numbered(c *Call, s string) string {
	var out []string
	n, blank := 0, false
	for _, l := range lines(s) {
		if c.Has("s") && l == "" && blank {
			continue
		}
		blank = l == ""
		if c.Has("n") || c.Has("b") && l != "" {
			n++
			l = pad(strconv.Itoa(n), 6) + "\t" + l
		}
		if c.Has("E", "A", "e") {
			l += "$"
		}
		out = append(out, l)
	}
	return unlines(out)
}

// pad puts blanks before s up to a width.
func pad(s string, width int) string {
	return strings.Repeat(" ", max(0, width-len(s))) + s
}
