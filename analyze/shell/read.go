package shell

import (
	"strings"

	"github.com/nativize/nativize/analyze/command"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/analyze/value"
)

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
