package shell

import (
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/command"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/analyze/value"
)

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
