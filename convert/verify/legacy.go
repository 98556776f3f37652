package verify

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/command"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
	"github.com/nativize/nativize/convert/plan"
)

// A Legacy is a machine that was deployed by hand.
type Legacy struct {
	Host  *host.Host // after the deployment's scripts ran; nil not known
	Where int32      // the machine of Host that it is
	Plan  *plan.Package
}

// plant makes the machine what the deployment left: its files, accounts and
// services, what the take-over of the plan expects beside, and configuration
// that was edited since.
func (l *Legacy) plant(t *Trace) {
	w := t.World
	if l.Host != nil {
		l.files(w)
		l.accounts(w)
		l.services(w)
	}
	for _, a := range l.Plan.TakeOver.Adopt {
		l.edited(t, a)
	}
	for _, m := range l.Plan.TakeOver.State {
		l.state(t, m)
	}
	for _, a := range l.Plan.TakeOver.Aside {
		if !w.exists(a.Path) {
			l.thing(w, a.Path)
		}
	}
	if w.Format == plan.Arch {
		w.aside(t.Spec.Versions[1])
	}
}

// files copies what the scripts made. A tree of the repository stays one node.
func (l *Legacy) files(w *World) {
	var names []string
	l.Host.Each(host.File, l.Where, func(name string, e host.Entry) {
		if n := e.(*host.Node); n.Made && n.Presence != value.No && strings.HasPrefix(name, "/") && !strings.Contains(name, "${") {
			names = append(names, name)
		}
	})
	slices.Sort(names)
	for _, name := range names {
		n := *l.Host.Get(host.Key{Space: host.File, Where: l.Where, Name: name}).(*host.Node)
		if host.IsSystemDir(name) || volatile(name) {
			continue
		}
		n.Presence = value.Yes
		if n.Kind == host.AnyKind {
			n.Kind = host.Regular
		}
		if n.Kind == host.Regular && n.Content == nil {
			n.Content = &host.Content{Kind: host.Copied, Path: name}
		}
		if under(name, "/etc") && n.Kind == host.Regular && n.Content.Kind == host.RepoFile && w.Host.Repo != nil {
			if b, err := w.Host.Repo.Read(n.Content.Path); err == nil {
				n.Content = literal(string(b))
			}
		}
		w.parents(name)
		w.Host.Lay(name, &n)
	}
}

func (l *Legacy) accounts(w *World) {
	var names []string
	l.Host.Each(host.User, l.Where, func(name string, e host.Entry) {
		if u := e.(*host.UserEntry); u.Made && u.Presence != value.No && !strings.Contains(name, "${") {
			names = append(names, name)
		}
	})
	slices.Sort(names)
	a := host.Actor{H: w.Host}
	for i, name := range names {
		u := *l.Host.Account(l.Where, name)
		u.UID = siteID(i)
		if g := or(u.Group, name); w.Host.Has(host.Group, 0, g) != value.Yes {
			a.AddGroup(g, siteID(i), false)
		}
		a.AddUser(u)
	}
}

func (l *Legacy) services(w *World) {
	l.Host.Each(host.Service, l.Where, func(name string, e host.Entry) {
		s := *e.(*host.ServiceEntry)
		if s.Touched && !strings.Contains(name, "${") {
			s.Manager = "legacy"
			w.Host.Set(host.Key{Space: host.Service, Name: name}, &s)
		}
	})
}

// edited puts an edited file at the first place where the take-over looks; the
// conffile must have its text afterwards.
func (l *Legacy) edited(t *Trace, a plan.Adopt) {
	w := t.World
	if len(a.From) == 0 {
		return
	}
	at := a.From[0]
	for _, p := range a.From {
		if w.exists(p) {
			at = p
			break
		}
	}
	f, ok := t.Spec.Versions[1].File(a.To)
	if !ok || f.Kind != host.Regular {
		return
	}
	w.parents(at)
	at, _ = w.Host.Follow(0, at)
	c := appended(f.Content, editLine)
	w.Host.Lay(at, &host.Node{Kind: host.Regular, Presence: value.Yes, Made: true, Owner: "root", Group: "root", Mode: "0644", Content: c})
	t.taken[a.To] = command.ContentID(w.Host, c)
}

// state puts a file of the service into a directory of the old deployment.
func (l *Legacy) state(t *Trace, m plan.Move) {
	w := t.World
	w.parents(m.From)
	at, n := w.Host.Follow(0, m.From)
	switch {
	case n.Presence == value.Yes && n.Kind == host.Dir, n.Presence != value.Yes && path.Ext(m.From) == "":
		if n.Presence != value.Yes {
			w.dir(at)
		}
		at += "/" + seedName
	}
	w.Host.Lay(at, &host.Node{Kind: host.Regular, Presence: value.Yes, Made: true, Owner: "root", Group: "root", Mode: "0600", Content: literal(sown)})
}

// thing is what a legacy path is by its place: a unit, a script, a directory.
func (l *Legacy) thing(w *World, p string) {
	w.parents(p)
	n := &host.Node{Kind: host.Regular, Presence: value.Yes, Made: true, Owner: "root", Group: "root", Mode: "0644", Content: literal("left by the deployment: " + path.Base(p) + "\n")}
	switch {
	case strings.HasPrefix(p, "/etc/init.d/"):
		n.Mode = "0755"
	case slices.ContainsFunc(l.Plan.Payload, func(e plan.Entry) bool { return e.Path == p && e.Type == plan.Symlink }):
		n.Kind, n.Mode, n.Content = host.Dir, "0755", nil
	}
	w.Host.Lay(p, n)
}
