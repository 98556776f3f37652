package pack

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/convert/plan"
)

// A Problem is one reason why a package cannot be written.
type Problem struct {
	Format plan.Format  // "" for every format
	Path   string       // payload path, "" when it is not about one
	At     []source.Pos // what asked for the entry
	Text   string       // what is wrong and what to do
}

// String returns the problem on one line: place, path, format, text.
func (p Problem) String() string {
	var b strings.Builder
	if len(p.At) > 0 {
		fmt.Fprintf(&b, "%v: ", p.At[0])
	}
	if p.Path != "" {
		fmt.Fprintf(&b, "%q: ", p.Path)
	}
	if p.Format != "" {
		fmt.Fprintf(&b, "%s: ", p.Format)
	}
	b.WriteString(p.Text)
	return b.String()
}

// An Error lists everything that keeps a package from being written.
type Error struct {
	Package  string
	Problems []Problem
}

// Error returns one line when there is one problem, else one a line.
func (e *Error) Error() string {
	if len(e.Problems) == 1 {
		return fmt.Sprintf("package %q: %v", e.Package, e.Problems[0])
	}
	var b strings.Builder
	fmt.Fprintf(&b, "package %q: %d problems", e.Package, len(e.Problems))
	for _, p := range e.Problems {
		fmt.Fprintf(&b, "\n\t%v", p)
	}
	return b.String()
}

// problems collects what is wrong.
type problems struct{ list []Problem }

func (ps *problems) add(f plan.Format, it *item, format string, args ...any) {
	p := Problem{Format: f, Text: fmt.Sprintf(format, args...)}
	if it != nil {
		p.Path, p.At = it.path, it.at
	}
	ps.list = append(ps.list, p)
}

// err returns the problems sorted and without duplicates, or nil.
func (ps *problems) err(name string) error {
	if len(ps.list) == 0 {
		return nil
	}
	slices.SortStableFunc(ps.list, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Format, b.Format), cmp.Compare(a.Text, b.Text))
	})
	same := func(a, b Problem) bool { return a.Path == b.Path && a.Format == b.Format && a.Text == b.Text }
	return &Error{Package: name, Problems: slices.CompactFunc(ps.list, same)}
}
