package host

// A Space tells the kinds of things in a State apart.
type Space uint8

// The spaces. Var belongs to the shell: its Where is the function call that a
// variable is local to. For the others Where is the machine.
const (
	Var Space = iota
	File
	User
	Group
	Service
	Package
	Command // a program that can be called
	Setting // anything else that a test asks for: a port, a database
)

// A Key names one thing.
type Key struct {
	Space Space
	Where int32
	Name  string
}

// An Entry is what is known of one thing. Entries are never changed once they
// are in a State. Join gives what is known when either may hold; other is nil
// when the thing was never mentioned on that side.
type Entry interface {
	Join(other Entry) Entry
}

// A State maps things to what is known of them. It has layers: a branch writes
// into a layer of its own, and the join touches only what was written there.
type State struct {
	layers []map[Key]Entry
}

// Get returns what is known, or nil.
func (s *State) Get(k Key) Entry {
	for i := len(s.layers) - 1; i >= 0; i-- {
		if s.layers[i] == nil {
			continue
		}
		if e, ok := s.layers[i][k]; ok {
			return e
		}
	}
	return nil
}

// Set records what is known now.
func (s *State) Set(k Key, e Entry) {
	if len(s.layers) == 0 {
		s.layers = append(s.layers, nil)
	}
	top := len(s.layers) - 1
	if s.layers[top] == nil {
		s.layers[top] = make(map[Key]Entry)
	}
	s.layers[top][k] = e
}

// Push opens a layer.
func (s *State) Push() {
	if len(s.layers) == 0 {
		s.layers = append(s.layers, nil)
	}
	s.layers = append(s.layers, nil)
}

// Depth returns the number of open layers.
func (s *State) Depth() int { return len(s.layers) }

// A Layer is a closed layer: what a branch wrote.
type Layer map[Key]Entry

// Pop closes the top layer and returns it; what was written in it is gone from
// the state.
func (s *State) Pop() Layer {
	top := len(s.layers) - 1
	l := s.layers[top]
	s.layers = s.layers[:top]
	return l
}

// Apply writes a closed layer into the state.
func (s *State) Apply(l Layer) {
	for k, e := range l {
		s.Set(k, e)
	}
}

// Merge writes the join of closed layers that all began at the present state.
func (s *State) Merge(layers ...Layer) {
	if len(layers) == 1 {
		s.Apply(layers[0])
		return
	}
	done := make(map[Key]bool)
	for i, l := range layers {
		for k := range l {
			if i > 0 && done[k] {
				continue
			}
			done[k] = true
			s.Set(k, joinAll(layers, k, s.Get(k)))
		}
	}
}

// joinAll is the join of what the layers say of k; base is what holds where a
// layer says nothing.
func joinAll(layers []Layer, k Key, base Entry) Entry {
	var out Entry
	for i, l := range layers {
		e, ok := l[k]
		if !ok {
			e = base
		}
		if i == 0 {
			out = e
		} else {
			out = join(out, e)
		}
	}
	return out
}

// Late writes what another way through the script may have left: each entry is
// joined with what is known now.
func (s *State) Late(l Layer) {
	for k, e := range l {
		s.Set(k, join(e, s.Get(k)))
	}
}

// Fill writes those entries of a layer of which nothing is known.
func (s *State) Fill(l Layer) {
	for k, e := range l {
		if s.Get(k) == nil && k.Space != Var {
			s.Set(k, e.Join(nil))
		}
	}
}

func join(a, b Entry) Entry {
	switch {
	case a == nil && b == nil:
		return nil
	case a == nil:
		return b.Join(nil)
	}
	return a.Join(b)
}

// Each calls f for everything in space at where, topmost layer's entry only,
// in no order.
func (s *State) Each(space Space, where int32, f func(name string, e Entry)) {
	var seen map[string]bool
	last := len(s.layers) - 1
	for i := last; i >= 0; i-- {
		for k, e := range s.layers[i] {
			if k.Space != space || k.Where != where || seen[k.Name] {
				continue
			}
			if i > 0 {
				if seen == nil {
					seen = make(map[string]bool)
				}
				seen[k.Name] = true
			}
			f(k.Name, e)
		}
	}
}

// DropVars removes the variables from a layer: what a subshell does to them is
// gone with it.
func (l Layer) DropVars() Layer {
	for k := range l {
		if k.Space == Var {
			delete(l, k)
		}
	}
	return l
}
