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
	spaces
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
//
// There is one table, whatever the number of layers. A layer is the list of
// what was written since it was opened, with what held before: to close it is
// to go back along the list. So reading takes one look at the table.
type State struct {
	slots map[Key]*slot
	all   [spaces][]*slot // those of slots, in the order they were first mentioned
	log   []written       // of all open layers, oldest first
	open  []int           // where in log each open layer begins
}

// A slot holds what is known of one thing now.
type slot struct {
	key   Key
	e     Entry
	layer int32 // number of layers open when it was last written

	joined Entry // while layers are merged: the join so far,
	upto   int32 // and the number of layers that it is of; 0 otherwise
}

// A written says that something was written in a layer. While the layer is open
// e and layer are what held before; of a closed layer e is what it wrote.
type written struct {
	s     *slot
	e     Entry
	layer int32
}

// Get returns what is known, or nil.
func (s *State) Get(k Key) Entry {
	if sl := s.slots[k]; sl != nil {
		return sl.e
	}
	return nil
}

// Set records what is known now.
func (s *State) Set(k Key, e Entry) {
	sl := s.slots[k]
	if sl == nil {
		if s.slots == nil {
			s.slots = make(map[Key]*slot)
		}
		sl = &slot{key: k}
		s.slots[k] = sl
		s.all[k.Space] = append(s.all[k.Space], sl)
	}
	s.write(sl, e)
}

func (s *State) write(sl *slot, e Entry) {
	if n := int32(len(s.open)); n > 0 && sl.layer != n {
		s.log = append(s.log, written{sl, sl.e, sl.layer})
		sl.layer = n
	}
	sl.e = e
}

// Push opens a layer.
func (s *State) Push() { s.open = append(s.open, len(s.log)) }

// Depth returns the number of open layers, the lowest included.
func (s *State) Depth() int { return 1 + len(s.open) }

// A Layer is a closed layer: what a branch wrote.
type Layer []written

// Pop closes the top layer and returns it; what was written in it is gone from
// the state.
func (s *State) Pop() Layer {
	top := len(s.open) - 1
	from := s.open[top]
	s.open = s.open[:top]
	if from == len(s.log) {
		return nil
	}
	l := make(Layer, len(s.log)-from)
	for i, w := range s.log[from:] {
		l[i] = written{s: w.s, e: w.s.e}
		w.s.e, w.s.layer = w.e, w.layer
	}
	clear(s.log[from:]) // lets go of what held before
	s.log = s.log[:from]
	return l
}

// Apply writes a closed layer into the state.
func (s *State) Apply(l Layer) {
	for _, w := range l {
		s.write(w.s, w.e)
	}
}

// Merge writes the join of closed layers that all began at the present state.
func (s *State) Merge(layers ...Layer) {
	if len(layers) == 1 {
		s.Apply(layers[0])
		return
	}
	for i, l := range layers {
		for _, w := range l {
			w.s.skip(int32(i))
			w.s.take(w.e)
		}
	}
	for _, l := range layers {
		for _, w := range l {
			if w.s.upto > 0 {
				w.s.skip(int32(len(layers)))
				s.write(w.s, w.s.joined)
				w.s.joined, w.s.upto = nil, 0
			}
		}
	}
}

// skip takes in the layers before layer n that say nothing of the slot: there
// holds what did before.
func (sl *slot) skip(n int32) {
	for sl.upto < n {
		sl.take(sl.e)
	}
}

// take takes in what one more layer says.
func (sl *slot) take(e Entry) {
	if sl.upto == 0 {
		sl.joined = e
	} else {
		sl.joined = join(sl.joined, e)
	}
	sl.upto++
}

// Late writes what another way through the script may have left: each entry is
// joined with what is known now.
func (s *State) Late(l Layer) {
	for _, w := range l {
		s.write(w.s, join(w.e, w.s.e))
	}
}

// Fill writes those entries of a layer of which nothing is known.
func (s *State) Fill(l Layer) {
	for _, w := range l {
		if w.s.e == nil && w.s.key.Space != Var {
			s.write(w.s, w.e.Join(nil))
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

// Each calls f for everything in space at where. f may write what is there, and
// what it adds is not seen.
func (s *State) Each(space Space, where int32, f func(name string, e Entry)) {
	for _, sl := range s.all[space] {
		if sl.key.Where == where && sl.e != nil {
			f(sl.key.Name, sl.e)
		}
	}
}

// DropVars removes the variables from a layer: what a subshell does to them is
// gone with it.
func (l Layer) DropVars() Layer {
	kept := l[:0]
	for _, w := range l {
		if w.s.key.Space != Var {
			kept = append(kept, w)
		}
	}
	return kept
}
