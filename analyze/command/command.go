// Package command holds the models of commands: what each does to a machine,
// as data. A family of commands is a table in a file of its own; a new model is
// one element of such a table.
//
// A model has four answers: it did its work, it failed, this option is not
// modelled, or (when there is no model) the command is unknown. The last two
// are opaque: reported, never dropped, and they never stop the analysis.
package command

import (
	"strings"
	"sync"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/analyze/value"
)

// An Outcome is what became of one simple command of a script.
type Outcome string

// The outcomes, weakest first: of several evaluations the strongest counts.
const (
	Unreached Outcome = "unreached"
	Pure      Outcome = "pure"    // computes or asks, changes nothing
	Message   Outcome = "message" // tells a person something
	Handling  Outcome = "error-handling"
	Mechanics Outcome = "deploy-mechanics" // downloads, checksums, backups, locks, prompts, waiting
	Changed   Outcome = "effect"
	Opaque    Outcome = "opaque"
)

// Outcomes lists the outcomes, weakest first.
var Outcomes = []Outcome{Unreached, Pure, Message, Handling, Mechanics, Changed, Opaque}

// A Model says what one command does.
type Model struct {
	Name  string   // as called
	Alias []string // other names with the same behaviour
	// Flags are the options, in the form of Spec.
	Flags string
	// Kind is the outcome when Run does not set another.
	Kind Outcome
	// Man names the source of the facts: manual page or document.
	Man string
	// Example is a command line that a test replays against the real command,
	// "" when the command cannot be run in a test root.
	Example string
	// Doc says in a few words what is modelled.
	Doc string
	Run func(c *Call)

	spec *lazySpec
}

// A Call is one call of a command, parsed by its model.
type Call struct {
	*host.Actor
	Model *Model
	Name  string        // as called, without directory
	Argv  []value.Value // all words, the name first
	Args  []value.Value // operands
	Opts  []Opt         // options in order
	In    Input         // standard input
	At    source.Pos
	Sh    Shell // the interpreter, for wrappers

	Out value.Value // standard output, for capture
	// Content is where the bytes of standard output come from, when they are a
	// file's, perhaps edited, or an archive: it keeps provenance through
	// `sed ... template > file` and `tar c . | ssh host tar x`. nil: only Out.
	Content *host.Content
	Status  Status
	Outcome Outcome
	Detail  string
	// Bad says why the call is opaque: an option that is not modelled.
	Bad string

	declined bool // on an Exact host: the model has the answer

	help bool // --help or --version, which every command of GNU has
}

// An Opt is one option given.
type Opt struct {
	Name string // without dashes: "m", "mode"
	Val  value.Value
	Has  bool // it came with a value
}

// An Input is what a command reads from standard input.
type Input struct {
	Text  value.Value
	Known bool // Text is all of it
	Piped bool // it does come from somewhere: pipe, here-document, redirect
	At    source.Pos
	From  string // path on the machine that it is read from, "" none
	Net   string // URL that it is fetched from, "" none
	// Content is Call.Content of the command before in a pipe.
	Content *host.Content
}

// A Status is how a command ends. The zero Status is success that is assumed:
// the command may fail for reasons outside the model.
type Status struct {
	Tri  value.Tri // Yes success, No failure; Maybe with Cond
	Sure bool      // Tri is certain, not assumed
	Cond *Cond     // what success tells, when Tri is Maybe
}

// Success is the status that is assumed of commands that do something.
var Success = Status{Tri: value.Yes}

// Known is a certain status.
func Known(ok bool) Status { return Status{Tri: value.Bool(ok), Sure: true} }

// Asks is the status of a test: t, and what it tells when t is Maybe.
func Asks(t value.Tri, c *Cond) Status {
	if t == value.Maybe {
		return Status{Tri: t, Cond: c}
	}
	return Status{Tri: t, Sure: true, Cond: c}
}

// A Cond is what the success of a test tells.
type Cond struct {
	Op    CondOp
	L, R  *Cond // for And, Or; L for Not
	Key   host.Key
	Kind  host.NodeKind // for File keys: the type asked for
	Equal value.Value   // for variables: the value it has
	Var   string        // name of the variable that is compared, "" none
	Fresh value.Tri     // whether it holds on a fresh host
	Text  string        // in words, "" to use the source text
}

// A CondOp is the form of a Cond.
type CondOp uint8

// The forms of conditions.
const (
	Present CondOp = iota // Key is there
	VarIs                 // Var equals Equal
	Other                 // something else; Text says what
	NotOp
	AndOp
	OrOp
)

// Not negates a condition.
func (c *Cond) Not() *Cond {
	if c == nil {
		return nil
	}
	if c.Op == NotOp {
		return c.L
	}
	return &Cond{Op: NotOp, L: c, Fresh: c.Fresh.Not()}
}

// A Shell is what the interpreter offers to the models of wrappers.
type Shell interface {
	// Call runs a command line of words as the actor; stdin goes along.
	Call(c *Call, a *host.Actor, argv []value.Value) Status
	// Script runs shell text as the actor. lang is sh or bash; args are its
	// positional parameters, $0 first.
	Script(c *Call, a *host.Actor, text value.Value, at source.Pos, lang string, args []value.Value) Status
	// File runs a script file of the machine, or tells that it is none that can be read.
	File(c *Call, a *host.Actor, path value.Value, args []value.Value) (Status, bool)
	// Var reads a variable.
	Var(name string) (value.Value, bool)
	// SetVar sets one.
	SetVar(name string, v value.Value)
	// Background tells whether the statement runs in the background.
	Background() bool
	// Globbed returns the paths that a pattern names, false when not known.
	Globbed(a *host.Actor, pattern value.Str) ([]value.Value, bool)
}

// Flag returns the value of the last of the named options.
func (c *Call) Flag(names ...string) (value.Value, bool) {
	for i := len(c.Opts) - 1; i >= 0; i-- {
		for _, n := range names {
			if c.Opts[i].Name == n {
				return c.Opts[i].Val, true
			}
		}
	}
	return value.Value{}, false
}

// Has tells whether one of the options was given.
func (c *Call) Has(names ...string) bool {
	_, ok := c.Flag(names...)
	return ok
}

// Text returns the printed value of the last of the named options, "" none.
func (c *Call) Text(names ...string) string {
	v, ok := c.Flag(names...)
	if !ok {
		return ""
	}
	return v.String()
}

// All returns the values of all options of these names, in order.
func (c *Call) All(names ...string) []value.Value {
	var out []value.Value
	for _, o := range c.Opts {
		for _, n := range names {
			if o.Name == n {
				out = append(out, o.Val)
			}
		}
	}
	return out
}

// Arg prints operand i, "" when there is none.
func (c *Call) Arg(i int) string {
	if i < 0 || i >= len(c.Args) {
		return ""
	}
	return c.Args[i].String()
}

// Line prints words joined by spaces.
func Line(words []value.Value) string {
	n := len(words)
	for i := range words {
		n += words[i].Best().Size()
	}
	b := make([]byte, 0, n)
	for i := range words {
		if i > 0 {
			b = append(b, ' ')
		}
		b = words[i].Best().Append(b)
	}
	return string(b)
}

// Hole returns a fresh hole caused by this call.
func (c *Call) Hole(k value.Kind, name string) value.Value { return value.New(k, name, c.At) }

// As returns the actor on the same machine under another account.
func (c *Call) As(user string) *host.Actor {
	a := *c.Actor
	a.User = user
	return &a
}

// Opaque marks the call as not understood and keeps what it may touch.
func (c *Call) Opaque(why string) {
	c.Bad = why
}

// Lookup returns the model of a command by the name it is called, nil none.
func Lookup(name string) *Model { return byName()[name] }

// byName is the index of all models, made when the first is looked up.
var byName func() map[string]*Model

// Models of wrappers look models up, so the index cannot be an initial value.
func init() { byName = sync.OnceValue(index) }

func index() map[string]*Model {
	m := make(map[string]*Model, 1024)
	for _, family := range families {
		specs := make([]lazySpec, len(family.Models))
		for i, model := range family.Models {
			model.spec = &specs[i]
			specs[i].text = model.Flags
			m[model.Name] = model
			for _, a := range model.Alias {
				m[a] = model
			}
		}
	}
	return m
}

// A Family is the models of one subject.
type Family struct {
	Name   string
	Models []*Model
}

// Families returns all models by subject.
func Families() []Family {
	byName() // models know their options from here on
	return families
}

// Do runs the model on a call whose Argv is set. It parses the options first;
// one that the model does not know makes the call opaque but its operands are
// still seen.
func (m *Model) Do(c *Call) {
	c.Model = m
	c.Outcome = m.Kind
	c.Status = Success
	m.spec.get().parse(c)
	if c.help {
		c.Outcome, c.Out = Pure, c.Hole(value.Output, c.Name)
		return
	}
	if c.Actor != nil && c.H.Exact && exactly(c) {
		return
	}
	if m.Run != nil {
		m.Run(c)
	}
	if c.Bad != "" {
		c.Outcome = Opaque
		c.Detail = c.Bad
	}
}

// Unknown records a call of a command that has no model: opaque, with each path
// it was given.
func Unknown(c *Call, why string) {
	c.Outcome, c.Detail = Opaque, why
	c.Status = Status{Tri: value.Yes}
	c.Out = c.Hole(value.Output, c.Name)
	touched, line := 0, Line(c.Argv)
	for _, a := range c.Argv[min(1, len(c.Argv)):] {
		s := a.Best()
		if p := s.Prefix(); strings.HasPrefix(p, "/") && len(p) > 1 {
			c.Record(&host.Effect{Op: host.Opaque, Name: c.Name, What: line, Path: c.Path(value.FromStr(s))})
			touched++
		}
	}
	if touched == 0 {
		c.Record(&host.Effect{Op: host.Opaque, Name: c.Name, What: line})
	}
}
