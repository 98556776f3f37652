package host

import (
	"slices"

	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/analyze/value"
)

// A NodeKind is the type of a file.
type NodeKind uint8

// The types of files. AnyKind is something whose type is not known.
const (
	AnyKind NodeKind = iota
	Regular
	Dir
	Link
)

// String names the type in words.
func (k NodeKind) String() string {
	return [...]string{"file or directory", "file", "directory", "link"}[k]
}

// A Node is what is known of one path of a machine. Owner and Group are names
// or numbers, "" for those of whoever made it. Mode is four octal digits, or
// "" when not known.
type Node struct {
	Kind     NodeKind
	Presence value.Tri
	Owner    string
	Group    string
	Mode     string
	OwnerSet bool // by chown, install -o ...
	ModeSet  bool // by chmod, install -m ...
	Content  *Content
	Link     value.Str  // text of a link
	At       source.Pos // where it was made, or last written
	Made     bool       // by the deployment; false for what was merely met
	Deep     *Deep      // what a recursive chown or chmod gave to all below
}

// A Deep is a recursive change of a whole tree. Later ones win.
type Deep struct {
	Owner, Group string
	Mode         string // as given to chmod: octal or symbolic
	Dirs, Files  string // modes given to one type only, as by find -type d -exec chmod
}

// Join merges two possibilities.
func (n *Node) Join(other Entry) Entry {
	m, _ := other.(*Node)
	if m == nil {
		c := *n
		c.Presence = value.Maybe
		if n.Presence == value.No {
			c.Kind = AnyKind
		}
		return &c
	}
	if n == m {
		return n
	}
	if n.Presence == value.No || !n.Made && m.Made {
		n, m = m, n // keep the side that says more
	}
	c := *n
	if n.Presence != m.Presence {
		c.Presence = value.Maybe
	}
	c.Made = n.Made || m.Made
	c.join(m)
	return &c
}

func (n *Node) join(m *Node) {
	if m.Presence == value.No {
		return
	}
	if n.Kind != m.Kind && m.Kind != AnyKind {
		if n.Kind == AnyKind {
			n.Kind = m.Kind
		}
	}
	if n.Content == nil {
		n.Content = m.Content
	} else if m.Content != nil && m.Content != n.Content {
		c := *n.Content
		if !slices.Contains(c.Or, m.Content) && len(c.Or) < value.Max {
			c.Or = append(slices.Clip(c.Or), m.Content)
		}
		n.Content = &c
	}
	if !n.OwnerSet && m.OwnerSet {
		n.Owner, n.Group, n.OwnerSet = m.Owner, m.Group, true
	}
	if !n.ModeSet && m.ModeSet {
		n.Mode, n.ModeSet = m.Mode, true
	}
}

// A ContentKind says where the bytes of a file come from.
type ContentKind uint8

// The kinds of content. RepoTree is a directory of the repository with all
// below it; the nodes below are derived when asked for.
const (
	Unknown   ContentKind = iota
	Empty                 // touch, truncation
	RepoFile              // a file of the repository at the commit
	RepoTree              // a directory of the repository
	Literal               // text written by the script, perhaps with holes
	Edited                // Prev changed in place
	Extracted             // unpacked from an archive that is not the repository's
	Fetched               // downloaded
	Checkout              // cloned from elsewhere
	Built                 // output of a build tool
	Copied                // from a path of the machine of which nothing is known
	Archive               // packed by the script: Members
)

// A Content is where the bytes of a file, or the files of a tree, come from.
type Content struct {
	Kind    ContentKind
	Path    string      // in the repository; or on the machine for Copied and Extracted
	Text    value.Value // for Literal; for Edited what it became, "" not known
	Prev    *Content    // for Edited: before
	Edit    string      // for Edited: what was done, e.g. a sed expression
	URL     string      // for Fetched and Checkout
	Append  bool        // Literal: added to what was there
	Exclude []string    // for RepoTree: patterns left out, as rsync writes them
	Or      []*Content  // other possibilities after a branch
	Members []Member    // for Archive
	At      source.Pos

	asked *Content // c itself when repo is known; a copy must ask again
	repo  string
	added *Content // c itself when whole is known, likewise
	whole whole
}

// A whole is the text of a file that was written piece by piece.
type whole struct {
	text  value.Value
	known bool
}

// Repo returns the repository path that c comes from, looking through edits
// and alternatives; "" when there is none.
func (c *Content) Repo() string {
	if c == nil {
		return ""
	}
	if c.asked != c {
		c.asked, c.repo = c, "" // before looking: the graph of alternatives may be wide
		c.repo = c.findRepo()
	}
	return c.repo
}

func (c *Content) findRepo() string {
	if c.Kind == RepoFile || c.Kind == RepoTree {
		if c.Path == "" {
			return "."
		}
		return c.Path
	}
	if p := c.Prev.Repo(); p != "" {
		return p
	}
	for _, o := range c.Or {
		if p := o.Repo(); p != "" {
			return p
		}
	}
	return ""
}

// wholeText is the text that c was added to, with what was added.
func (c *Content) wholeText() whole {
	before, ok := c.Prev.Known()
	if !ok {
		return whole{c.Text, false}
	}
	return whole{value.Concat(before, c.Text), true}
}

// Known returns the text when it was written by the script. Holes stand as
// ${NAME}.
func (c *Content) Known() (value.Value, bool) {
	if c == nil {
		return value.Value{}, false
	}
	switch c.Kind {
	case Literal:
		if c.Append && c.Prev != nil {
			if c.added != c {
				c.added, c.whole = c, c.wholeText()
			}
			return c.whole.text, c.whole.known
		}
		return c.Text, true
	case Edited:
		return c.Text, c.Text.IsEmpty() != value.Yes
	case Empty:
		return value.Text(""), true
	}
	return value.Value{}, false
}
