// Package shell is the abstract interpreter: it walks the syntax tree of a
// shell script with an abstract state and runs nothing.
//
// Both sides of a test that cannot be decided are walked on layers of the state
// that are then merged, so the cost stays linear; what happened on one side
// carries the condition. A command that does something is taken to succeed;
// what is written to happen when it fails is walked as failure handling.
package shell

import (
	"fmt"
	"slices"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/command"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/analyze/value"
)

// Options say how a script is started.
type Options struct {
	Script string            // path of the script in the repository
	Args   []string          // positional parameters; nil means not known
	Known  bool              // Args are all there are, even when empty
	Env    map[string]string // environment; other variables are holes unless Closed
	Closed bool              // Env is the whole environment
	User   string            // who runs it; "" not known
	Cwd    string            // working directory; "" the root of the repository
	Run    int               // 1 on a fresh host, 2 on the host that resulted
	Steps  int               // budget of statements; 0 means DefaultSteps
	Where  int32             // machine that it runs on, an index of Host.Machines
	Zero   string            // $0 as called; "" the path of the script
	Stdin  *string           // text of standard input; nil not known

	// FailAt makes a command fail without having done anything: the FailAt-th,
	// from 1, of those that change the machine. 0 means none. It is for runs on
	// an Exact host.
	FailAt int
}

// DefaultSteps is the budget of statements of one run.
const DefaultSteps = 50_000

// maxDepth bounds function calls, nested scripts and substitutions in each other.
const maxDepth = 60

// maxRecursion bounds a function within itself.
const maxRecursion = 3

// maxUnroll bounds the turns of a loop that are walked one by one.
const maxUnroll = 64

// A Requirement is what a script demands: unless it holds the script stops.
type Requirement struct {
	Cond host.Cond
	At   source.Pos
}

// A Result is what one run of a script told, beside the effects in Host.Log.
type Result struct {
	Requirements []Requirement
	Problems     []*source.Error // syntax errors, budgets spent
	Status       value.Tri       // of the script

	// The rest is of runs on an Exact host.

	Changes  int        // commands that change the machine, those that failed included
	Injected *Failure   // the command that FailAt made fail
	Failures []Failure  // commands that failed without the script looking at it
	Assumed  []Failure  // tests that nothing decides; Why says what was taken
	Commands int        // commands that were called, those of the shell itself left out
	Opaque   []Failure  // of them those that are not understood
	End      source.Pos // the command that set -e or exit ended the script at; zero at its end
}

// A Failure is a command that failed, or a test that is open.
type Failure struct {
	At   source.Pos
	Text string // the command, one line
	Why  string
}

// A Machine runs scripts on one abstract host and keeps the account of their
// statements. It may be used for several runs, one after the other.
type Machine struct {
	Host  *host.Host
	names map[string][]string // paths of the repository by base name; nil not yet listed
	files map[string]*file    // by path in the repository, or text
	order []*file
}

// New returns a machine that works on h.
func New(h *host.Host) *Machine {
	return &Machine{Host: h, files: map[string]*file{}}
}

// A file is a text that was parsed: a file of the repository, or shell text
// found in a value.
type file struct {
	path  string // in the repository; of nested text that of the file around it
	text  string
	base  source.Pos // where the text begins; zero for a whole file
	nest  bool
	lang  string
	stmts []*syntax.Stmt
	notes []*source.Error
	bash  bool // declared sh, needs bash
	what  map[syntax.Node]outcome

	simples []simple // nil before they are asked for
}

type outcome struct {
	what   command.Outcome
	detail string
}

// interp is one run.
type interp struct {
	*Machine
	opt    Options
	res    *Result
	steps  int
	spent  bool
	depth  int
	nextID int32 // of frames

	cur    *context
	stdin  *stream
	out    *capture
	last   command.Status // $?
	bg     bool
	notInd int    // inside the condition of if, while, && or ||: set -e is off
	why    string // on an Exact host: why the last command failed
}

// A context is what changes with functions, subshells and scripts.
type context struct {
	actor  host.Actor
	file   *file
	fn     string
	zero   value.Value // $0
	args   args
	frame  *frame
	funcs  map[string]*function
	caller *context
	proc   int32 // frame id of the globals of this process
	opts   options
	via    []source.Pos
	guards []host.Cond
	fail   bool // walking what happens when a command failed
	flow   flow
	count  int // levels left for break and continue
	status command.Status
	remote bool
	source value.Value // BASH_SOURCE
	dirs   []value.Str // pushd
	trap   []*trap
	loop   *pending
	call   *pending
}

type trap struct {
	text value.Value
	at   source.Pos
}

type options struct{ errexit, nounset, pipefail bool }

type flow uint8

const (
	goes flow = iota
	breaks
	continues
	returns
	exits
)

type function struct {
	body *syntax.Stmt
	file *file
}

// A frame holds the names that are local to a function call.
type frame struct {
	id     int32
	locals map[string]bool
	up     *frame
}

// Run walks a script of the repository. It fails when the script cannot be
// read or is no shell script.
func (m *Machine) Run(opt Options) (*Result, error) {
	f, err := m.load(opt.Script)
	if err != nil {
		return nil, err
	}
	if opt.Steps == 0 {
		opt.Steps = DefaultSteps
	}
	in := &interp{Machine: m, opt: opt, res: &Result{Problems: slices.Clone(f.notes)}}
	in.start(f)
	return in.res, nil
}

func (in *interp) start(f *file) {
	h := in.Host
	h.NextRun()
	h.Push()
	in.nextID = 1
	cwd := in.startDir(f)
	if in.opt.Cwd != "" {
		cwd = value.TextStr(in.opt.Cwd)
	}
	zero := value.FromStr(value.Abs(h.Root(), value.TextStr(in.opt.Script)))
	if in.opt.Known {
		zero = value.Text(in.opt.Script)
		if in.opt.Cwd != "" && h.Root().String() != in.opt.Cwd {
			zero = value.FromStr(value.Abs(h.Root(), value.TextStr(in.opt.Script)))
		}
	}
	if in.opt.Zero != "" {
		zero = value.Text(in.opt.Zero)
	}
	if in.opt.Stdin != nil {
		in.stdin = newStream(value.Text(*in.opt.Stdin), source.Pos{File: in.opt.Script})
	}
	a := args{open: !in.opt.Known}
	for _, s := range in.opt.Args {
		a.list = append(a.list, value.Text(s))
	}
	in.cur = &context{
		actor: host.Actor{H: h, Where: in.opt.Where, User: in.opt.User, Cwd: cwd}, file: f, zero: zero, source: zero, args: a,
		funcs: map[string]*function{}, frame: &frame{id: 0},
	}
	h.Now = host.Place{Run: in.opt.Run, Must: true}
	in.stmts(f.stmts)
	in.traps(in.cur)
	in.res.Status = in.exitStatus()
	h.Apply(h.Pop().DropVars())
}

func (in *interp) exitStatus() value.Tri {
	if in.cur.flow == exits {
		return in.cur.status.Tri
	}
	return in.last.Tri
}

// traps walks what is to be done on exit.
func (in *interp) traps(c *context) {
	list := c.trap
	c.trap = nil
	for _, t := range list {
		c.flow = goes
		in.text(&c.actor, t.text, t.at, "bash", nil, textIn)
	}
}

// problem notes something that limits the analysis.
func (in *interp) problem(at source.Pos, format string, a ...any) {
	for _, p := range in.res.Problems {
		if p.Pos == at {
			return
		}
	}
	in.res.Problems = append(in.res.Problems, &source.Error{Pos: at, Err: fmt.Errorf(format, a...)})
}

// pos is the place of a node of the current file.
func (in *interp) pos(p syntax.Pos) source.Pos { return in.cur.file.pos(p) }

func (f *file) pos(p syntax.Pos) source.Pos {
	q := source.Pos{File: f.path, Line: int(p.Line()), Col: int(p.Col())}
	if f.nest {
		if q.Line == 1 {
			q.Col += f.base.Col - 1
		}
		q.Line += f.base.Line - 1
	}
	return q
}

func (f *file) span(n syntax.Node) source.Span {
	end := f.pos(n.End())
	return source.Span{Pos: f.pos(n.Pos()), EndLine: end.Line, EndCol: end.Col}
}

// src is the text of a node, on one line.
func (f *file) src(from, to syntax.Pos) string {
	a, b := int(from.Offset()), int(to.Offset())
	if a < 0 || b > len(f.text) || a >= b {
		return ""
	}
	return oneLine(f.text[a:b])
}
