package shell

import (
	"strconv"
	"strings"

	"github.com/nativize/nativize/analyze/command"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/analyze/value"
)

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
	list, open := in.cur.args.list, in.cur.args.open
	if len(b.args) > 2 { // words given take the place of the parameters
		list, open = b.args[2:], many(b.args[len(b.args)-1])
	}
	if !open {
		return in.nextOption(spec, name, list, at)
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

// nextOption is getopts over words that are known.
func (in *interp) nextOption(spec, name string, list []value.Value, at source.Pos) command.Status {
	ind, off := 1, 1
	if v, _ := in.lookup("OPTIND", at); v.Known() {
		ind = max(1, mustInt(v))
	}
	if v := in.find("__optoff"); v != nil {
		off = max(1, mustInt(v.val))
	}
	in.Host.Set(in.key("OPTARG"), &variable{unset: true})
	if ind > len(list) {
		return in.noOption(name, ind)
	}
	word, ok := list[ind-1].Exact()
	if word == "--" {
		return in.noOption(name, ind+1)
	}
	if !ok || len(word) < 2 || word[0] != '-' {
		return in.noOption(name, ind)
	}
	off = min(off, len(word)-1)
	opt, next := word[off], off+1
	i := strings.IndexByte(spec, opt)
	switch {
	case i < 0 || opt == ':':
		in.badOption(spec, name, '?', opt)
	case i+1 == len(spec) || spec[i+1] != ':':
		in.set(name, value.Text(string(opt)))
	default:
		ind = in.optionArg(spec, name, list, ind, off)
		next = len(word)
	}
	if next >= len(word) {
		ind, next = ind+1, 1
	}
	in.set("OPTIND", value.Text(strconv.Itoa(ind)))
	in.set("__optoff", value.Text(strconv.Itoa(next)))
	return command.Known(true)
}

// noOption is the end of the options: ind is the first operand.
func (in *interp) noOption(name string, ind int) command.Status {
	in.set(name, value.Text("?"))
	in.set("OPTIND", value.Text(strconv.Itoa(ind)))
	return command.Known(false)
}

// badOption is an option that the list does not have, or one that lacks its
// argument; kind is what a list that begins with a colon makes of it.
func (in *interp) badOption(spec, name string, kind, opt byte) {
	if !strings.HasPrefix(spec, ":") {
		in.set(name, value.Text("?"))
		return
	}
	in.set(name, value.Text(string(kind)))
	in.set("OPTARG", value.Text(string(opt)))
}

// optionArg takes the argument of the option at off of word ind: the rest of the
// word, or the next word. It returns the word that the argument ends in.
func (in *interp) optionArg(spec, name string, list []value.Value, ind, off int) int {
	word, _ := list[ind-1].Exact()
	opt := word[off]
	switch {
	case off+1 < len(word):
		in.set("OPTARG", value.Text(word[off+1:]))
	case ind < len(list):
		ind++
		in.set("OPTARG", list[ind-1])
	default:
		in.badOption(spec, name, ':', opt)
		return ind
	}
	in.set(name, value.Text(string(opt)))
	return ind
}

func mustInt(v value.Value) int {
	s, _ := v.Exact()
	n, _ := strconv.Atoi(s)
	return n
}
