package shell

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/analyze/value"
)

// A variable is what is known of a shell variable.
type variable struct {
	val      value.Value
	list     []value.Value // elements of an indexed array; val is the first
	array    bool
	many     bool // there may be more elements
	mixed    bool // list is of several possibilities: which element is where is not known
	assoc    map[string]value.Value
	exported bool
	unset    bool
	never    bool // with unset: the script never set it, the environment may
}

// Join merges two possibilities. A variable that one side never set is empty
// there: a script that sets it in one branch only relies on that.
func (v *variable) Join(other host.Entry) host.Entry {
	w, _ := other.(*variable)
	if w == nil {
		w = &variable{unset: true}
	}
	if v == w {
		return v
	}
	c := *v
	c.val = value.Join(v.val, w.val)
	if v.unset {
		c.val = value.Join(w.val, value.Text(""))
		c.list, c.array, c.assoc = w.list, w.array, w.assoc
	}
	c.unset = v.unset && w.unset
	c.exported = v.exported || w.exported
	if !v.unset && !w.unset && (v.array || w.array) {
		c.joinArray(v, w)
	}
	return &c
}

// joinArray gives c the elements of either array.
func (c *variable) joinArray(v, w *variable) {
	if v.assoc != nil && w.assoc != nil {
		c.assoc = joinMaps(v.assoc, w.assoc)
		c.many = v.many || w.many
		return
	}
	a, b := v.asList(), w.asList()
	c.array, c.list, c.many = true, joinLists(a, b), v.many || w.many
	c.mixed = v.mixed || w.mixed || !slices.EqualFunc(a, b, value.Value.Equal)
}

// joinMaps joins the elements of two associative arrays; what one side alone has
// may be missing.
func joinMaps(a, b map[string]value.Value) map[string]value.Value {
	out := maps.Clone(a)
	for k, v := range a {
		out[k] = value.Join(v, b[k])
	}
	for k, v := range b {
		if _, ok := a[k]; !ok {
			out[k] = value.Join(v, value.Value{})
		}
	}
	return out
}

// asList is the elements of an indexed array; a plain variable is one.
func (v *variable) asList() []value.Value {
	if v.array {
		return v.list
	}
	return []value.Value{v.val}
}

// maxJoined is the length of lists beyond which they are not compared: the
// first is kept.
const maxJoined = 1000

func joinLists(a, b []value.Value) []value.Value {
	out := append([]value.Value(nil), a...)
	if len(a) > maxJoined || len(b) > maxJoined {
		return out
	}
next:
	for _, v := range b {
		for _, w := range a {
			if v.Equal(w) {
				continue next
			}
		}
		out = append(out, v)
	}
	return out
}

// key finds the variable that a name stands for now: a local of this call or of
// a caller, else the global of this process.
func (in *interp) key(name string) host.Key {
	for f := in.cur.frame; f != nil; f = f.up {
		if f.locals[name] {
			return host.Key{Space: host.Var, Where: f.id, Name: name}
		}
	}
	return host.Key{Space: host.Var, Where: in.cur.proc, Name: name}
}

// find returns a variable of this process, or one exported to it.
func (in *interp) find(name string) *variable {
	if v, ok := in.Host.Get(in.key(name)).(*variable); ok {
		if v.unset {
			return nil
		}
		return v
	}
	for c := in.cur.caller; c != nil; c = c.caller {
		if c.proc == in.cur.proc || in.cur.remote {
			continue
		}
		if v, ok := in.Host.Get(host.Key{Space: host.Var, Where: c.proc, Name: name}).(*variable); ok {
			if v.exported && !v.unset {
				return v
			}
			return nil
		}
	}
	return nil
}

// set gives a variable a value; the exported mark stays. Of an array it sets the
// first element.
func (in *interp) set(name string, v value.Value) {
	k := in.key(name)
	if size := v.Size(); size > sizeStep {
		in.spend(size/sizeStep, source.Pos{File: in.cur.file.path})
	}
	n := &variable{val: v.Named(name)}
	if old, ok := in.Host.Get(k).(*variable); ok {
		n.exported = old.exported
		if old.array && !old.unset {
			n.first(old)
		}
	}
	in.Host.Set(k, n)
}

// first makes n the array old with the value of n as its first element.
func (n *variable) first(old *variable) {
	n.array, n.many, n.mixed = true, old.many, old.mixed
	if old.assoc != nil {
		n.assoc = maps.Clone(old.assoc)
		n.assoc["0"] = n.val
		return
	}
	n.list = append([]value.Value{n.val}, old.list[min(1, len(old.list)):]...)
	if old.mixed {
		n.list = joinLists(n.list, old.list)
	}
}

func (in *interp) setList(name string, list []value.Value, many bool) {
	n := &variable{list: list, array: true, many: many}
	if len(list) > 0 {
		n.val = list[0]
	}
	in.Host.Set(in.key(name), n)
}

// lookup returns the value of a parameter, and whether it is set.
func (in *interp) lookup(name string, at source.Pos) (value.Value, value.Tri) {
	if v, ok := in.special(name, at); ok {
		return v, value.Yes
	}
	if v := in.find(name); v != nil {
		return v.val, value.Yes
	}
	if v, ok := in.Host.Get(in.key(name)).(*variable); ok && v.unset && !v.never {
		return value.Value{}, value.No
	}
	return in.environ(name, at)
}

// environ returns a variable that the script did not set.
func (in *interp) environ(name string, at source.Pos) (value.Value, value.Tri) {
	if s, ok := in.opt.Env[name]; ok && !in.cur.remote {
		return value.Text(s), value.Yes
	}
	switch name {
	case "HOME":
		return in.home(in.cur.actor.User, at), value.Yes
	case "USER", "LOGNAME":
		if u := in.cur.actor.User; u != "" {
			return value.Text(u), value.Yes
		}
		return value.New(value.Env, name, at), value.Yes
	case "HOSTNAME", "OSTYPE", "HOSTTYPE", "MACHTYPE":
		return value.New(value.Fact, name, at), value.Yes
	case "SHELL":
		return value.Text("/bin/bash"), value.Yes
	case "IFS":
		return value.Text(" \t\n"), value.Yes
	case "PATH", "LANG", "TERM":
		h := value.NewHole(value.Env, name, at)
		h.Full = true
		return value.Of(h), value.Yes
	}
	if in.opt.Closed && !in.cur.remote {
		return value.Value{}, value.No
	}
	return value.New(value.Env, name, at), value.Maybe
}

// home is the home directory of an account.
func (in *interp) home(user string, at source.Pos) value.Value {
	switch user {
	case "root":
		return value.Text("/root")
	case "":
		h := value.NewHole(value.Env, "HOME", at)
		h.Full = true
		return value.Of(h)
	}
	if u := in.Host.Account(in.cur.actor.Where, user); u != nil && u.Home != "" {
		return value.Text(u.Home)
	}
	return value.Text("/home/" + user)
}

// special returns the parameters that are no variables.
func (in *interp) special(name string, at source.Pos) (value.Value, bool) {
	c := in.cur
	if name[0] >= '1' && name[0] <= '9' {
		n, err := strconv.Atoi(name)
		if err != nil {
			return value.Value{}, false
		}
		v, _ := c.args.get(n, at)
		return v, true
	}
	switch name {
	case "0":
		return c.zero, true
	case "#":
		if c.args.open {
			return value.New(value.Arg, "#", at), true
		}
		return value.Text(strconv.Itoa(len(c.args.list))), true
	case "@", "*":
		return in.joined(at), true
	case "?":
		return in.statusValue(at), true
	case "$", "!", "BASHPID", "PPID":
		h := value.NewHole(value.Temp, "PID", at)
		return value.Of(h), true
	case "-":
		return value.Text("hB"), true
	case "PWD":
		return value.FromStr(c.actor.Cwd), true
	case "BASH_SOURCE":
		return c.source, true
	case "FUNCNAME":
		return value.Text(c.fn), true
	case "LINENO":
		return value.Text(strconv.Itoa(at.Line)), true
	case "RANDOM", "SRANDOM":
		return value.New(value.Temp, name, at), true
	case "SECONDS", "EPOCHSECONDS", "EPOCHREALTIME":
		return value.New(value.Date, name, at), true
	case "EUID", "UID":
		return in.uid(name, at), true
	case "BASH_VERSION", "BASH_VERSINFO":
		return value.New(value.Fact, name, at), true
	}
	return value.Value{}, false
}

// uid is the number of the acting account: 0 for root.
func (in *interp) uid(name string, at source.Pos) value.Value {
	switch in.cur.actor.User {
	case "root":
		return value.Text("0")
	default:
		return value.New(value.Fact, name, at)
	}
}

// statusValue is $?: a hole that knows which command it is of.
func (in *interp) statusValue(at source.Pos) value.Value {
	if in.last.Sure && in.last.Tri == value.Yes {
		return value.Text("0")
	}
	h := value.NewHole(value.Status, "?", at)
	h.Full = true
	st := in.last
	h.Ref = &st
	return value.Of(h)
}

func (in *interp) joined(at source.Pos) value.Value {
	return joinWords(in.cur.args.all(at), " ")
}

func joinWords(list []value.Value, sep string) value.Value {
	var v value.Value
	var known strings.Builder // not yet in v
	for i, w := range list {
		if i > 0 {
			known.WriteString(sep)
		}
		if s, ok := w.Exact(); ok {
			known.WriteString(s)
			continue
		}
		v = value.Concat(value.Concat(v, value.Text(known.String())), w)
		known.Reset()
	}
	return value.Concat(v, value.Text(known.String()))
}
