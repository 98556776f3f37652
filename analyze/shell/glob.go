package shell

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/analyze/value"
)

// maxGlob bounds the names that one pattern is expanded to.
const maxGlob = 256

// expandGlob puts the path names in that a pattern stands for; when they are not
// all known the pattern stays, as a hole that prints as the pattern.
func (in *interp) expandGlob(s value.Str) []value.Value {
	names, whole := in.glob(&in.cur.actor, s)
	if whole && len(names) == 0 {
		return []value.Value{value.FromStr(s)} // no match: the word stays as it is
	}
	if whole {
		return names
	}
	return append(names, value.FromStr(globHole(s, in.cur.file.base)))
}

// globHole turns each path element that is a pattern into a hole.
func globHole(s value.Str, at source.Pos) value.Str {
	var out value.Str
	for i, e := range s.Split("/") {
		if i > 0 {
			out = out.Concat(value.TextStr("/"))
		}
		if hasPattern(e) {
			h := &value.Hole{Kind: value.Glob, Name: e.String(), At: at, Full: true, Many: true}
			out = out.Concat(value.MakeStr(value.Part{Hole: h}))
			continue
		}
		out = out.Concat(e)
	}
	return out
}

// glob expands a pattern over the repository and what is known of the machine.
// whole tells that there can be no other names.
func (in *interp) glob(a *host.Actor, s value.Str) (names []value.Value, whole bool) {
	dirs := []value.Str{value.TextStr("")}
	if s.IsAbs() && strings.HasPrefix(s.Prefix(), "/") {
		dirs[0] = value.TextStr("/")
	}
	whole = true
	for _, e := range s.Split("/") {
		if t, ok := e.Exact(); ok && t == "" {
			continue
		}
		if !hasPattern(e) {
			for i := range dirs {
				dirs[i] = join(dirs[i], e)
			}
			continue
		}
		var all bool
		if dirs, all = in.matchIn(a, dirs, e); !all {
			whole = false
		}
	}
	for _, d := range dirs {
		p := a.Path(value.FromStr(d))
		if n := in.Host.Node(a.Where, p); n.Presence != value.No && (n.Presence == value.Yes || !hasPattern(s)) {
			names = append(names, value.FromStr(d))
		}
	}
	return names, whole
}

func join(dir, e value.Str) value.Str {
	t, ok := dir.Exact()
	switch {
	case ok && t == "":
		return e
	case ok && t == "/":
		return dir.Concat(e)
	}
	return dir.Concat(value.TextStr("/")).Concat(e)
}

// matchIn lists the names in directories that match one element of a pattern.
func (in *interp) matchIn(a *host.Actor, dirs []value.Str, e value.Str) ([]value.Str, bool) {
	pat, ok := e.Exact()
	if !ok {
		return nil, false
	}
	var out []value.Str
	all := true
	for _, d := range dirs {
		p := a.Cwd.String()
		if t, ok := d.Exact(); !ok || t != "" {
			p = a.Path(value.FromStr(d))
		}
		names, whole := in.Host.Children(a.Where, p)
		all = all && whole
		for _, name := range names {
			if strings.HasPrefix(name, ".") && !strings.HasPrefix(pat, ".") {
				continue
			}
			if ok, err := path.Match(pat, name); err == nil && ok && len(out) < maxGlob {
				out = append(out, join(d, value.TextStr(name)))
			}
		}
	}
	return out, all
}
