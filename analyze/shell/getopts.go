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
	ind := 1
	if v, _ := in.lookup("OPTIND", at); v.Known() {
		ind = max(1, mustInt(v))
	}
	off := 1
	if v := in.find("__optoff"); v != nil {
		off = max(1, mustInt(v.val))
	}
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
	opt, next := word[off], off+1
	found := string(opt)
	switch i := strings.IndexByte(spec, opt); {
	case i < 0 || opt == ':':
		found = "?" // as POSIX getopts has it for an option that is not in the list
		if strings.HasPrefix(spec, ":") {
			in.set("OPTARG", value.Text(string(opt)))
		}
	case i+1 < len(spec) && spec[i+1] == ':':
		if next < len(word) {
			in.set("OPTARG", value.Text(word[next:]))
		} else if ind < len(list) {
			ind++
			in.set("OPTARG", list[ind-1])
		} else {
			found = "?"
			if spec[0] == ':' {
				found = ":"
			}
		}
		next = len(word)
	}
	in.set(name, value.Text(found))
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
