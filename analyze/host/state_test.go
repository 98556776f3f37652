package host

import (
	"testing"

	"github.com/nativize/nativize/analyze/value"
)

func file(p value.Tri, owner string) *Node {
	return &Node{Kind: Regular, Presence: p, Owner: owner, OwnerSet: owner != "", Made: true}
}

var x = Key{File, 0, "/x"}

// TestMerge holds the laws of merging layers: what all arms agree on stays, what
// one has made may be there, and the order of the arms does not matter.
func TestMerge(t *testing.T) {
	arms := []*Node{nil, file(value.Yes, ""), file(value.No, ""), file(value.Maybe, "")}
	for i, a := range arms {
		for j, b := range arms {
			var ab, ba State
			for s, l := range map[*State][2]*Node{&ab: {a, b}, &ba: {b, a}} {
				s.Push()
				s.Merge(layer(s, l[0]), layer(s, l[1]))
			}
			p, q := presence(&ab), presence(&ba)
			if p != q {
				t.Errorf("arms %d and %d: %v one way, %v the other", i, j, p, q)
			}
			if i == j && i > 0 && p != arms[i].Presence {
				t.Errorf("arm %d with itself: %v", i, p)
			}
			if i == 1 && j != 1 && p == value.No {
				t.Errorf("arms %d and %d: a file that one made is not there", i, j)
			}
		}
	}
}

// layer is a closed layer that wrote n, or nothing.
func layer(s *State, n *Node) Layer {
	s.Push()
	if n != nil {
		s.Set(x, n)
	}
	return s.Pop()
}

func presence(s *State) value.Tri {
	if n, ok := s.Get(x).(*Node); ok {
		return n.Presence
	}
	return value.Maybe
}

// TestLayers holds that a closed layer leaves no trace and an applied one all of it.
func TestLayers(t *testing.T) {
	var s State
	s.Set(x, file(value.Yes, "a"))
	s.Push()
	s.Set(x, file(value.No, ""))
	l := s.Pop()
	if presence(&s) != value.Yes {
		t.Error("a closed layer still holds")
	}
	s.Apply(l)
	if presence(&s) != value.No {
		t.Error("an applied layer does not hold")
	}
	s.Late(layer(&s, file(value.Yes, "")))
	if presence(&s) != value.Maybe {
		t.Error("a late layer must be joined")
	}
}

// TestNodes are facts of single nodes that conversions stand on.
func TestNodes(t *testing.T) {
	h := New(nil, "")
	h.Closed = true
	h.Now = Place{Must: true, Run: 1}
	a := &Actor{H: h, User: "root", Cwd: value.TextStr("/")}
	a.MakeDir(value.Text("/srv/app/lib"), "", true)
	a.Chown(value.Text("/srv/app"), "app", "app", true, true)
	a.Write(value.Text("/srv/app/lib/x"), &Content{Kind: Literal, Text: value.Text("1\n")}, false)
	a.Chmod(value.Text("/srv/app"), "g+w", true)
	for p, want := range map[string][3]string{
		"/srv/app":       {"app", "app", "0775"},
		"/srv/app/lib":   {"app", "app", "0775"},
		"/srv/app/lib/x": {"root", "root", "0664"},
	} {
		if n := h.Node(0, p); [3]string{n.Owner, n.Group, n.Mode} != want || n.Presence != value.Yes {
			t.Errorf("%s: %s:%s %s %v, want %v", p, n.Owner, n.Group, n.Mode, n.Presence, want)
		}
	}
	a.Remove(value.Text("/srv/app"), true)
	a.Tree(value.TextStr("/srv/app"), &Content{Kind: Built}, false)
	if n := h.Node(0, "/srv/app/lib/x"); n.Presence != value.Maybe {
		t.Errorf("below a tree made anew: %v, want maybe", n.Presence)
	}
}
