package command

import (
	"slices"
	"strings"
	"testing"

	"github.com/nativize/nativize/analyze/host"
)

// A told is a command line, or several, and the effects that its models record.
type told struct {
	line    string
	outcome Outcome // of the last call; "" Changed when there are effects, else Pure
	want    []string
}

// tell prints what matters of an effect, without what was there before.
func tell(e *host.Effect) string {
	words := []string{string(e.Op)}
	for _, f := range []struct{ name, val string }{{"", e.Manager}, {"", e.Action}, {"", e.Name}, {"", e.Path}, {"from=", e.From}, {"url=", e.URL},
		{"what=", e.What}, {"env=", e.Env}, {"at=", e.Schedule}, {"owner=", e.Owner}, {"mode=", e.Mode}} {
		if f.val != "" && f.val != "new" && f.val != "exists" {
			words = append(words, f.name+f.val)
		}
	}
	if u := e.Account; u != nil {
		for _, f := range []struct{ name, val string }{{"home=", u.Home}, {"shell=", u.Shell}, {"uid=", u.UID}, {"group=", u.Group}, {"groups=", strings.Join(u.Groups, ",")}} {
			if f.val != "" {
				words = append(words, f.name+f.val)
			}
		}
	}
	if len(e.Args) > 0 {
		words = append(words, "args="+strings.Join(e.Args, ","))
	}
	if e.User != "root" {
		words = append(words, "as="+e.User)
	}
	return strings.Join(words, " ")
}

// check runs each line on a machine of its own.
func check(t *testing.T, cases []told) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.line, func(t *testing.T) {
			m := newMini()
			m.h.Closed = false
			last := m.line(t, c.line)
			var got []string
			for _, e := range m.h.Log {
				got = append(got, tell(e))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("effects:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
			want := c.outcome
			if want == "" {
				want = Pure
				if len(c.want) > 0 {
					want = Changed
				}
			}
			if last.Outcome != want {
				t.Errorf("outcome %s (%s), want %s", last.Outcome, last.Detail, want)
			}
		})
	}
}

// TestNames holds each name to one model.
func TestNames(t *testing.T) {
	seen := map[string]string{}
	for _, f := range Families() {
		for _, m := range f.Models {
			for _, n := range append([]string{m.Name}, m.Alias...) {
				if seen[n] != "" {
					t.Errorf("%s is in %s and in %s", n, seen[n], f.Name)
				}
				seen[n] = f.Name
			}
			if m.Man == "" || m.Doc == "" || m.Kind == "" {
				t.Errorf("%s/%s: Man, Doc and Kind must be set", f.Name, m.Name)
			}
		}
	}
}
