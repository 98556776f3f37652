// Package host is the abstract machine: what is known of the files, accounts,
// services and packages of the machines that scripts work on, and the effects
// that change it.
//
// Nothing here touches a real machine. Commands are modelled in
// analyze/command; they change the machine by the verbs of an Actor, which
// write each effect down.
package host

import (
	"io/fs"

	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/analyze/value"
)

// A Repo is the repository as the machine sees it. Paths are slash-separated
// and relative; "" and "." are the root.
type Repo interface {
	// Stat returns the type and permission bits of a path.
	Stat(path string) (fs.FileMode, bool)
	// List returns the names in a directory, sorted.
	List(path string) []string
	// Read returns the text of a file.
	Read(path string) ([]byte, error)
}

// A Machine is one of the machines that the scripts work on.
type Machine struct {
	Name string // as given to ssh; "" for the one the script runs on
	Kind string // local, remote, container, chroot
	Home string
}

// A Host is all machines with what was done to them.
type Host struct {
	State
	Machines []Machine
	Repo     Repo
	Log      []*Effect
	Origin   string // URL or directory that the repository comes from

	// Pages are the addresses of the repository at forges, as "host/owner/name"
	// in lower case.
	Pages []string

	// Closed means that a path of which nothing is known does not exist; else
	// it may, though not on a fresh host.
	Closed bool

	// Exact means that everything is known of the host, as verification needs
	// it: a directory holds what is known to lie in it, accounts get numbers,
	// and commands fail where the real ones would. It implies Closed.
	Exact bool

	// Bare means, on an Exact host, that a program that was not mentioned and
	// that not every system has is missing; else it is there.
	Bare bool

	// The place of the present command, set by the interpreter.
	Now Place

	// Artifact is what the build script packed, when it is known: an archive
	// that is fetched from an address of which nothing is known is taken for it.
	Artifact *Content

	alt     bool  // the present effect is on an alternative that a caller may choose
	passing []Key // paths with a time or temporary name in them
	copied  int   // paths copied one by one so far, see maxCopied
	strewn  []Key // system directories that something was unpacked into

	// root is where the repository lies on the first machine; it prints as
	// ${PWD} when that is not known.
	root value.Str
}

// A Place is where and when the present command runs.
type Place struct {
	At      source.Span
	Via     []source.Pos
	When    []Cond
	Must    bool
	Run     int
	Failure bool
}

// New returns a fresh host. checkout is the directory that the repository lies
// in, "" when not known; files below it are the repository's.
func New(repo Repo, checkout string) *Host {
	h := &Host{Repo: repo, Machines: []Machine{{Kind: "local"}}}
	h.root = value.MakeStr(value.Part{Hole: value.NewHole(value.Checkout, "PWD", source.Pos{})})
	if checkout != "" {
		h.root = value.TextStr(checkout)
	}
	if repo != nil {
		h.Set(Key{File, 0, h.root.String()}, &Node{Kind: Dir, Presence: value.Yes, Content: &Content{Kind: RepoTree}})
	}
	return h
}

// Checkout lays the repository on another machine, at the same place.
func (h *Host) Checkout(where int32) {
	h.Set(Key{File, where, h.root.String()}, &Node{Kind: Dir, Presence: value.Yes, Content: &Content{Kind: RepoTree}})
}

// Root is the directory that the repository lies in on the first machine.
func (h *Host) Root() value.Str { return h.root }

// Machine returns the index of the machine with that name and kind, making it
// when it is new.
func (h *Host) Machine(name, kind string) int32 {
	for i, m := range h.Machines {
		if m.Name == name && m.Kind == kind {
			return int32(i)
		}
	}
	h.Machines = append(h.Machines, Machine{Name: name, Kind: kind})
	return int32(len(h.Machines) - 1)
}

// Record writes an effect down at the present place.
func (h *Host) Record(e *Effect) *Effect {
	p := &h.Now
	e.At, e.Via, e.When, e.Run, e.Failure = p.At, p.Via, p.When, p.Run, p.Failure
	e.Must = e.Must || p.Must
	h.Log = append(h.Log, e)
	return e
}

// NextRun forgets paths whose name has a time in it: at the next run they have
// another.
func (h *Host) NextRun() {
	for _, k := range h.passing {
		h.Under(k.Where, k.Name, func(p string, _ *Node) { h.Set(Key{File, k.Where, p}, &Node{}) })
		h.Set(k, &Node{})
	}
	h.passing = nil
}
