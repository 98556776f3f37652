package shell

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/source"
)

func TestDump(t *testing.T) {
	dir, script := os.Getenv("DUMP_DIR"), os.Getenv("DUMP")
	if script == "" {
		t.Skip("DUMP is not set")
	}
	r, err := source.Open(t.Context(), dir, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	h := host.New(Tree(r), "")
	m := New(h)
	for run := 1; run <= 2; run++ {
		res, err := m.Run(Options{Script: script, Run: run, Args: strings.Fields(os.Getenv("DUMP_ARGS")), Known: os.Getenv("DUMP_ARGS") != ""})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println("== run", run, "status", res.Status, "problems", len(res.Problems))
		for _, p := range res.Problems {
			fmt.Println("  problem", p)
		}
		for _, q := range res.Requirements {
			fmt.Println("  requires", q.Cond.Neg, q.Cond.Text, q.At)
		}
	}
	for _, e := range h.Log {
		w := ""
		for _, c := range e.When {
			w += fmt.Sprintf(" [neg=%v %s %s]", c.Neg, c.Text, c.Fresh)
		}
		must := " "
		if e.Must {
			must = "!"
		}
		fl := ""
		if e.Failure {
			fl = "FAIL"
		}
		fmt.Printf("%d%s %s %s u=%s path=%s from=%s repo=%s own=%s:%s mode=%s name=%s mgr=%s act=%s what=%.60s url=%s %s%s\n", e.Run, must, e.At.Pos, e.Op, e.User, e.Path, e.From, e.Content.Repo(), e.Owner, e.Group, e.Mode, e.Name, e.Manager, e.Action, e.What, e.URL, fl, w)
	}
	for _, s := range m.Statements() {
		fmt.Println(s.At.Pos, s.Outcome, s.Text, "--", s.Detail)
	}
}
