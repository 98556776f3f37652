package shell

import (
	"strconv"
	"strings"

	"github.com/nativize/nativize/analyze/command"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/analyze/value"
)

// args are positional parameters: those known, and perhaps more.
type args struct {
	list []value.Value
	open bool        // there may be more, or fewer
	base int         // shifted so far, to name what is not known
	rest *value.Hole // what the parameters beyond list are of; nil those of the script
}

// get returns positional parameter n, from 1, and whether it is set.
func (a args) get(n int, at source.Pos) (value.Value, value.Tri) {
	switch {
	case n <= len(a.list):
		return a.list[n-1], value.Yes
	case a.open && a.rest != nil:
		return one(value.Of(a.rest)), value.Maybe
	case a.open:
		return value.New(value.Arg, strconv.Itoa(n+a.base), at), value.Maybe
	}
	return value.Value{}, value.No
}

// all returns the fields of "$@".
func (a args) all(at source.Pos) []value.Value {
	out := append([]value.Value(nil), a.list...)
	switch {
	case a.open && a.rest != nil:
		out = append(out, value.Of(a.rest))
	case a.open:
		h := value.NewHole(value.Arg, "@", at)
		h.Many = true
		out = append(out, value.Of(h))
	}
	return out
}

// shift removes n parameters.
func (a args) shift(n int) args {
	if n <= len(a.list) {
		a.list = a.list[n:]
		return a
	}
	if a.open {
		a.base += n - len(a.list)
		a.list = nil
	}
	return a
}

// spreadArgs turns a last "$@" of unknown length into open parameters.
func spreadArgs(a args) args {
	if n := len(a.list); n > 0 {
		if h := a.list[n-1].Hole(); h != nil && h.Many && h.Name == "@" {
			a.list, a.open = a.list[:n-1], true
		}
	}
	return a
}

// wordArgs are parameters given by set: from a word that may be any number of
// words on nothing is known.
func wordArgs(list []value.Value) args {
	for i, v := range list {
		if h := v.Hole(); h != nil && many(v) && h.Name != "@" {
			return args{list: list[:i:i], open: true, rest: manyOf(h)}
		}
	}
	return spreadArgs(args{list: list})
}

// manyOf is h where it stands for any number of words.
func manyOf(h *value.Hole) *value.Hole {
	c := *h
	c.Many = true
	return &c
}

func shift(in *interp, b *bcall) command.Status {
	n := arithArg(b.args)
	if !in.cur.args.open && n > len(in.cur.args.list) {
		return command.Known(false)
	}
	in.cur.args = in.cur.args.shift(n)
	return command.Known(true)
}

// setFlags are the options of set that are letters.
const setFlags = "abefhkmnptuvxBCEHPTo"

// setCmd sets options and positional parameters. With an option that there is
// none of it does nothing.
func setCmd(in *interp, b *bcall) command.Status {
	args, opts := b.args, in.cur.opts
	for len(args) > 0 {
		s, ok := args[0].Exact()
		if pre := args[0].Best().Prefix(); !ok && pre != "" && (pre[0] == '-' || pre[0] == '+') {
			in.cur.args.open = true
			return command.Success
		}
		if !ok || s == "" || s == "-" || s[0] != '-' && s[0] != '+' {
			break
		}
		args = args[1:]
		if s == "--" {
			in.cur.args, in.cur.opts = wordArgs(args), opts
			return command.Known(true)
		}
		if strings.Trim(s[1:], setFlags) != "" {
			return command.Known(false)
		}
		args = opts.flags(s, args)
	}
	in.cur.opts = opts
	if len(args) > 0 && args[0].Is("-") {
		args = args[1:]
	}
	if len(args) > 0 {
		in.cur.args = wordArgs(args)
	}
	return command.Known(true)
}

// flags takes an option word of set; it returns the words behind the names of
// options that -o takes from args.
func (o *options) flags(word string, args []value.Value) []value.Value {
	on := word[0] == '-'
	for _, c := range word[1:] {
		switch c {
		case 'e':
			o.errexit = on
		case 'u':
			o.nounset = on
		case 'o':
			if len(args) > 0 {
				o.named(args[0].String(), on)
				args = args[1:]
			}
		}
	}
	return args
}

func (o *options) named(name string, on bool) {
	switch name {
	case "errexit":
		o.errexit = on
	case "nounset":
		o.nounset = on
	case "pipefail":
		o.pipefail = on
	}
}
