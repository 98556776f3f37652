package report

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
	page "github.com/nativize/nativize/templates/report"
)

// Bounds of a tree.
const (
	maxDepth = 24  // elements of a path; what is deeper is one name
	treeCap  = 60  // children before "Show all"
	openSize = 400 // a tree of more paths starts folded
)

// A touched is one path of the machine.
type touched struct {
	path, role, note string
	at               []source.Pos
}

func (b *builder) before() *page.Tree {
	return b.tree("As deployed now", touchedBefore(b.d))
}

// touchedBefore are the paths that the deployment touches, with their roles.
func touchedBefore(d *model.Deployment) []touched {
	var out []touched
	f := &d.Facts
	if d.CodeDir != "" {
		out = append(out, touched{d.CodeDir, model.RoleCode, "code directory", nil})
	}
	for _, x := range f.Directories {
		out = append(out, touched{x.Path, x.Role, modeNote(x.Owner, x.Group, x.Mode), x.At})
	}
	for _, c := range f.ConfigFiles {
		note := c.How
		if c.InCodeDir {
			note += ", in the code directory"
		}
		out = append(out, touched{c.Path, model.RoleConfig, note, c.At})
	}
	for _, x := range f.Files {
		out = append(out, touched{x.Path, orElse(x.Role, model.RoleOther), modeNote(x.Owner, x.Group, x.Mode), x.At})
	}
	for _, l := range f.Symlinks {
		out = append(out, touched{l.Path, model.RoleOther, "link to " + l.Target, l.At})
	}
	for _, s := range f.Services {
		if s.UnitPath != "" {
			out = append(out, touched{s.UnitPath, roleUnit, "starts " + s.Name, s.At})
		}
	}
	for _, u := range f.Units {
		for _, l := range u.Logs {
			out = append(out, touched{l, model.RoleLog, "log of " + u.Name, u.At})
		}
	}
	for _, c := range f.Cron {
		if strings.HasPrefix(c.Path, "/") {
			out = append(out, touched{c.Path, roleUnit, "periodic job", c.At})
		}
	}
	return out
}

func modeNote(user, group, mode string) string {
	return strings.TrimSpace(owner(user, group) + " " + mode)
}

// A dir is a tree under construction.
type dir struct {
	name     string
	role     string
	note     string
	at       []source.Pos
	children map[string]*dir
}

// tree makes a tree of paths; nil when there is none.
func (b *builder) tree(title string, paths []touched) *page.Tree {
	root := &dir{children: map[string]*dir{}}
	total := 0
	for _, t := range paths {
		total += root.add(t)
	}
	if total == 0 {
		return nil
	}
	out := &page.Tree{Title: title, Total: total}
	for _, d := range root.sorted() {
		out.Roots = append(out.Roots, b.node(d, "", 0, total <= openSize))
	}
	return out
}

// add adds a path and tells how many are new: 1 or 0. The first role that is
// known stays, notes of one path are joined.
func (d *dir) add(t touched) int {
	for _, name := range elements(t.path) {
		if d.children[name] == nil {
			d.children[name] = &dir{name: name, children: map[string]*dir{}}
		}
		d = d.children[name]
	}
	fresh := d.at == nil && d.role == ""
	if d.role == "" || d.role == model.RoleOther {
		d.role = orElse(t.role, model.RoleOther)
	}
	if t.note != "" && !strings.Contains(d.note, t.note) {
		d.note = strings.TrimPrefix(d.note+", "+t.note, ", ")
	}
	if d.at == nil {
		d.at = t.at
	}
	if fresh {
		return 1
	}
	return 0
}

// elements splits a path; the first of an absolute one has its slash.
func elements(p string) []string {
	clean := path.Clean(p)
	parts := strings.SplitN(strings.TrimPrefix(clean, "/"), "/", maxDepth)
	if strings.HasPrefix(clean, "/") {
		parts[0] = "/" + parts[0]
	}
	return parts
}

func (d *dir) sorted() []*dir {
	out := make([]*dir, 0, len(d.children))
	for _, c := range d.children {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b *dir) int { return strings.Compare(a.name, b.name) })
	return out
}

// node makes the node of d. Directories that nothing says anything of, and that
// have one child, are joined to it: /etc/httpd/conf.d. A role that is not known
// is that of the directory above.
func (b *builder) node(d *dir, role string, depth int, open bool) *page.Node {
	name := d.name
	for d.role == "" && len(d.children) == 1 {
		d = d.sorted()[0]
		name += "/" + d.name
	}
	if d.role != "" && d.role != model.RoleOther {
		role = d.role
	}
	n := &page.Node{Name: visible(name), Role: roleClass(role), Note: visible(d.note), Open: open || depth < 1}
	if len(d.at) > 0 {
		p := b.place(d.at[0])
		n.At = &p
	}
	for i, c := range d.sorted() {
		child := b.node(c, role, depth+1, open)
		if i < treeCap || len(c.children) > 0 {
			n.Children = append(n.Children, child)
		} else {
			n.Rest = append(n.Rest, child)
		}
	}
	return n
}
