package shell

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/nativize/nativize/analyze/host"
)

// TestCases runs the scripts of testdata/cases. An archive holds deploy.sh, other files of
// the repository, and want: one line for each effect, statement that is not
// understood or reached, and problem. Its comment may give arguments after
// "args:". UPDATE=1 rewrites want.
func TestCases(t *testing.T) {
	names, _ := filepath.Glob("testdata/cases/*.txtar")
	if len(names) == 0 {
		t.Fatal("no cases")
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) { runCase(t, name) })
	}
}

func runCase(t *testing.T, name string) {
	ar, err := readArchive(name)
	if err != nil {
		t.Fatal(err)
	}
	repo, want := mapRepo{}, -1
	for i, f := range ar.files {
		if f.name == "want" {
			want = i
			continue
		}
		data := f.data
		if strings.Contains(string(ar.comment), "crlf") {
			data = []byte(strings.ReplaceAll(string(data), "\n", "\r\n"))
		}
		data = []byte(strings.ReplaceAll(string(data), "<FF>", "\xff"))
		repo[f.name] = &fstest.MapFile{Data: data, Mode: 0o644}
	}
	m := New(host.New(repo, ""))
	opt := Options{Script: "deploy.sh"}
	for line := range strings.SplitSeq(string(ar.comment), "\n") {
		if rest, ok := strings.CutPrefix(line, "args:"); ok {
			opt.Args, opt.Known = strings.Fields(rest), true
		}
		if _, err := fmt.Sscanf(line, "steps: %d", &opt.Steps); err == nil {
			continue
		}
	}
	got := ""
	for opt.Run = 1; opt.Run <= 2; opt.Run++ {
		res, err := m.Run(opt)
		if err != nil {
			t.Fatal(err)
		}
		if opt.Run == 2 {
			got = told(m, res)
		}
	}
	if want >= 0 && got == string(ar.files[want].data) {
		return
	}
	if os.Getenv("UPDATE") == "" {
		t.Fatalf("got:\n%s", got)
	}
	if want < 0 {
		ar.files = append(ar.files, member{name: "want"})
		want = len(ar.files) - 1
	}
	ar.files[want].data = []byte(got)
	if err := os.WriteFile(name, ar.format(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// An archive is a comment and files, in the txtar form: each file follows a
// line "-- NAME --".
type archive struct {
	comment string
	files   []member
}

type member struct {
	name string
	data []byte
}

func readArchive(name string) (*archive, error) {
	b, err := os.ReadFile(name)
	a := &archive{}
	for line := range strings.SplitAfterSeq(string(b), "\n") {
		rest, ok := strings.CutPrefix(line, "-- ")
		file, end := strings.CutSuffix(strings.TrimSpace(rest), " --")
		switch {
		case ok && end:
			a.files = append(a.files, member{name: file})
		case len(a.files) == 0:
			a.comment += line
		default:
			last := &a.files[len(a.files)-1]
			last.data = append(last.data, line...)
		}
	}
	return a, err
}

func (a *archive) format() []byte {
	var b strings.Builder
	b.WriteString(a.comment)
	for _, f := range a.files {
		fmt.Fprintf(&b, "-- %s --\n%s", f.name, f.data)
	}
	return []byte(b.String())
}

// told prints what a machine tells after two runs. Effects that both runs have
// are marked 12, those of the first alone 1; "!" is a must, "-" failure
// handling.
func told(m *Machine, res *Result) string {
	second := map[string]bool{}
	for _, e := range m.Host.Log {
		if e.Run == 2 {
			second[line(m.Host, e)] = true
		}
	}
	var b strings.Builder
	for _, e := range m.Host.Log {
		s := line(m.Host, e)
		runs := "1 "
		if second[s] {
			runs = "12"
		}
		if e.Run == 1 {
			fmt.Fprintf(&b, "%s %s\n", runs, s)
			delete(second, s)
		}
	}
	for _, e := range m.Host.Log {
		if s := line(m.Host, e); e.Run == 2 && second[s] {
			fmt.Fprintf(&b, " 2 %s\n", s)
		}
	}
	for _, s := range m.Statements() {
		if s.Outcome == "opaque" || s.Outcome == "unreached" {
			fmt.Fprintf(&b, "%s %d: %s\n", s.Outcome, s.At.Line, s.Text)
		}
	}
	for _, r := range res.Requirements {
		not := ""
		if r.Cond.Neg {
			not = "not "
		}
		fmt.Fprintf(&b, "requires %s%s\n", not, r.Cond.Text)
	}
	for _, p := range res.Problems {
		fmt.Fprintf(&b, "problem %v\n", p)
	}
	return b.String()
}

// line is one effect on one line.
func line(h *host.Host, e *host.Effect) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %s%s", e.At.Line, map[bool]string{true: "!"}[e.Must], map[bool]string{true: "-"}[e.Failure])
	b.WriteString(string(e.Op))
	add := func(name, v string) {
		if v != "" {
			fmt.Fprintf(&b, " %s=%q", name, v)
		}
	}
	if m := h.Machines[e.Machine]; m.Name != "" {
		add("on", m.Name)
	}
	add("as", e.User)
	add("path", e.Path)
	add("from", e.From)
	add("repo", e.Content.Repo())
	if v, ok := e.Content.Known(); ok {
		add("text", v.String())
	}
	add("owner", e.Owner)
	add("group", e.Group)
	add("mode", e.Mode)
	add("target", e.Target)
	add("name", e.Name)
	add("manager", e.Manager)
	add("do", e.Action)
	if e.Op != host.Edit || e.What != "" {
		add("what", e.What)
	}
	add("url", e.URL)
	for _, c := range e.When {
		fmt.Fprintf(&b, " [%s%s]", map[bool]string{true: "not "}[c.Neg], c.Text)
	}
	return b.String()
}
