package command

import (
	"strings"
	"testing"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/analyze/value"
	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"
)

// line runs a command line and returns the last call.
func (m *mini) line(t *testing.T, text string) *Call {
	t.Helper()
	f, err := syntax.NewParser().Parse(strings.NewReader(text), "")
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	var last *Call
	for _, s := range f.Stmts {
		last = m.stmt(m.a, s, Input{})
	}
	return last
}

func (m *mini) stmt(a *host.Actor, s *syntax.Stmt, in Input) *Call {
	if b, ok := s.Cmd.(*syntax.BinaryCmd); ok && b.Op == syntax.Pipe {
		left := m.stmt(a, b.X, in)
		return m.stmt(a, b.Y, Input{Text: left.Out, Known: left.Out.Known(), Piped: true, Content: left.Content})
	}
	if b, ok := s.Cmd.(*syntax.BinaryCmd); ok {
		m.stmt(a, b.X, in)
		return m.stmt(a, b.Y, in)
	}
	call, ok := s.Cmd.(*syntax.CallExpr)
	if !ok {
		return &Call{Outcome: Opaque, Detail: "not a simple command"}
	}
	for _, r := range s.Redirs {
		switch r.Op {
		case syntax.WordHdoc:
			in = Input{Text: value.Text(word(r.Word) + "\n"), Known: true, Piped: true}
		case syntax.RdrIn:
			v := value.Text(word(r.Word))
			in.From, in.Piped = a.Path(v), true
			in.Text, in.Known = a.H.Text(a.Where, in.From)
		}
	}
	var argv []value.Value
	for _, w := range call.Args {
		argv = append(argv, value.Text(word(w)))
	}
	c := m.call(a, argv, in)
	for _, r := range s.Redirs {
		if r.Op == syntax.RdrOut || r.Op == syntax.AppOut {
			k := &host.Content{Kind: host.Literal, Text: c.Out}
			if c.Content != nil {
				k = c.Content
			}
			a.Write(value.Text(word(r.Word)), k, r.Op == syntax.AppOut)
			c.Out = value.Value{}
		}
	}
	return c
}

func word(w *syntax.Word) string {
	s, err := expand.Literal(&expand.Config{Env: expand.ListEnviron("PORT=80", "HOME=/root")}, w)
	if err != nil {
		return ""
	}
	return s
}

func (m *mini) call(a *host.Actor, argv []value.Value, in Input) *Call {
	c := &Call{Actor: a, Name: argv[0].String(), Argv: argv, In: in, Sh: m}
	if i := strings.LastIndexByte(c.Name, '/'); i >= 0 && Lookup(c.Name) == nil {
		c.Name = c.Name[i+1:]
	}
	if model := Lookup(c.Name); model != nil {
		model.Do(c)
		return c
	}
	switch c.Name {
	case "echo":
		c.Out, c.Status = value.Text(Line(argv[1:])+"\n"), Known(true)
	case "printf":
		c.Out, c.Status = value.Text(strings.ReplaceAll(argv[1].String(), `\n`, "\n")), Known(true)
	case "cd":
		a.Cwd = a.Abs(argv[1].Best())
	default:
		Unknown(c, "no model")
	}
	return c
}

func (m *mini) Call(c *Call, a *host.Actor, argv []value.Value) Status {
	d := m.call(a, argv, c.In)
	c.Out, c.Outcome, c.Content, c.Detail = d.Out, d.Outcome, d.Content, d.Detail
	return d.Status
}

func (m *mini) Script(c *Call, a *host.Actor, text value.Value, _ source.Pos, _ string, _ []value.Value) Status {
	f, err := syntax.NewParser().Parse(strings.NewReader(text.String()), "")
	if err != nil {
		return Known(false)
	}
	var last Status
	for _, s := range f.Stmts {
		d := m.stmt(a, s, c.In)
		c.Out, last = value.Concat(c.Out, d.Out), d.Status
		if stronger(d.Outcome, c.Outcome) {
			c.Outcome = d.Outcome
		}
	}
	return last
}

func (m *mini) File(c *Call, a *host.Actor, path value.Value, args []value.Value) (Status, bool) {
	text, ok := a.H.Text(a.Where, a.Path(path))
	if !ok {
		return Status{}, false
	}
	return m.Script(c, a, text, source.Pos{}, "bash", args), true
}

func (m *mini) Var(name string) (value.Value, bool) {
	if name == "PORT" {
		return value.Text("80"), true
	}
	return value.Value{}, false
}

func (m *mini) SetVar(string, value.Value) {}

func (m *mini) Globbed(*host.Actor, value.Str) ([]value.Value, bool) { return nil, false }

func (m *mini) Background() bool { return false }
