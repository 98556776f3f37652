package command

import (
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

// verb splits the operands into the subcommand and what follows it. A
// subcommand that is not known is "".
func (c *Call) verb() (string, []value.Value) {
	if len(c.Args) == 0 {
		return "", nil
	}
	v, _ := c.Args[0].Exact()
	return v, c.Args[1:]
}

// among tells whether word is one of the words of a list.
func among(list, word string) bool {
	if word == "" {
		return false
	}
	for w := range strings.FieldsSeq(list) {
		if w == word {
			return true
		}
	}
	return false
}

// asked sets a pure outcome whose output is not known.
func (c *Call) asked(name string) {
	c.Outcome = Pure
	c.Out = c.Hole(value.Output, name)
}

// setting records a change of the system that has no place of its own in the
// abstract machine: name is the kind of setting, the command is kept.
func (c *Call) setting(name string) *host.Effect {
	c.Outcome = Changed
	return c.Record(&host.Effect{Op: host.System, Name: name, Action: c.Arg(0), What: Line(c.Argv)})
}

// A verbs says what the subcommands of a tool come to. Those that neither list
// has change a setting of the system.
type verbs struct {
	name  string // kind of setting
	pure  string // subcommands that only ask
	mech  string // subcommands that are mechanics: caches, logins, waiting
	empty bool   // without a subcommand the tool changes something too
}

func (v verbs) run(c *Call) {
	verb, _ := c.verb()
	switch {
	case c.isHelp(), len(c.Args) == 0 && !v.empty, among(v.pure, verb):
		c.asked(c.Name + "_" + verb)
	case among(v.mech, verb):
		c.Outcome = Mechanics
	default:
		c.setting(v.name)
	}
}

// isHelp tells whether only help or the version is asked for.
func (c *Call) isHelp() bool {
	return c.Has("help", "version") || len(c.Argv) == 2 && (c.Argv[1].Is("-h") || c.Argv[1].Is("-V") || c.Argv[1].Is("-v") || c.Argv[1].Is("-version"))
}

// asks is a Run that only asks.
func asks(c *Call) { c.asked(c.Name) }

// mechanics is a Run that changes nothing that is kept.
func mechanics(c *Call) {}

// sets is a Run that changes a setting of the system.
func sets(name string) func(*Call) {
	return func(c *Call) {
		if c.isHelp() {
			c.asked(c.Name)
			return
		}
		c.setting(name)
	}
}

// eachName calls f with every alternative of a name. What f records for one of
// several happens perhaps.
func (c *Call) eachName(v value.Value, f func(name string)) {
	for i := range v.Len() {
		name := v.At(i).String()
		if name == "" {
			continue
		}
		for _, e := range c.since(func() { f(name) }) {
			e.Must = e.Must && v.Len() == 1
		}
	}
}

// commas splits a list at its commas.
func commas(v value.Value) []string {
	var out []string
	for _, s := range v.Best().Split(",") {
		if t := s.String(); t != "" {
			out = append(out, t)
		}
	}
	return out
}

// present is the status of a test whether something is there.
func (c *Call) present(space host.Space, name string) Status {
	k := host.Key{Space: space, Where: c.Where, Name: name}
	t := c.H.Has(space, c.Where, name)
	fresh := t
	if t == value.Maybe {
		fresh = c.H.Fresh(k)
	}
	return Asks(t, &Cond{Op: Present, Key: k, Fresh: fresh})
}

// all joins the statuses of tests that must all hold.
func all(sts []Status) Status {
	out := Known(true)
	for _, st := range sts {
		switch {
		case st.Tri == value.No || out.Tri == value.Yes:
			out = st
		case st.Tri == value.Maybe:
			out = Asks(value.Maybe, &Cond{Op: AndOp, L: out.Cond, R: st.Cond})
		}
		if out.Tri == value.No {
			return out
		}
	}
	return out
}

// shellVar reads a variable of the script, "" when it is unset or not known.
func (c *Call) shellVar(name string) string {
	if c.Sh == nil {
		return ""
	}
	v, ok := c.Sh.Var(name)
	if !ok {
		return ""
	}
	return v.String()
}

// masked prints words without the values of secret options. "-p" is an option
// with its value glued, "-p " one whose value is the next word, "--password" one
// with either.
func masked(words []value.Value, options ...string) (line string, secret bool) {
	out := texts(words)
	hide := false
	for i, w := range words {
		if hide {
			secret = secret || isSecret(w)
			out[i], hide = "***", false
			continue
		}
		for _, o := range options {
			name, next := strings.CutSuffix(o, " ")
			rest, ok := strings.CutPrefix(out[i], name)
			long := strings.HasPrefix(name, "--")
			switch {
			case !ok:
			case rest == "":
				hide = next || long
			case long && rest[0] == '=':
				secret = secret || isSecret(w)
				out[i] = name + "=***"
			case !long && !next:
				secret = secret || isSecret(w)
				out[i] = name + "***"
			}
		}
	}
	return strings.Join(out, " "), secret
}

// isSecret tells whether a password stands in the script: it is known.
func isSecret(w value.Value) bool { return w.Known() }

// secretWord is what Effect.Args says of a password in the script.
func secretWord(secret bool) []string {
	if secret {
		return []string{"secret"}
	}
	return nil
}
