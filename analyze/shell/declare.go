package shell

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/command"
	"github.com/nativize/nativize/analyze/value"
)

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
