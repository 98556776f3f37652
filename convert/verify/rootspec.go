package verify

import (
	"cmp"
	"path"
	"slices"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/convert/plan"
	"github.com/nativize/nativize/convert/target"
	"github.com/nativize/nativize/convert/verify/root"
)

// rootSpec is what a plan says of one format, as package root asks for it.
func rootSpec(p *plan.Package, f plan.Format) *root.Spec {
	b := &specBuilder{p: p, f: f, pkg: &Package{Plan: p, Format: f}, spec: &root.Spec{}}
	b.accounts()
	b.payload()
	b.dirs()
	b.steps()
	for _, u := range p.Units {
		if u.Enable && u.Timer == "" {
			b.spec.Units = append(b.spec.Units, u.Name)
		}
	}
	b.legacy()
	return b.spec
}

type specBuilder struct {
	p    *plan.Package
	f    plan.Format
	pkg  *Package
	spec *root.Spec
}

func (b *specBuilder) accounts() {
	for _, a := range b.p.Accounts {
		if a.IsUser && !host.IsBaseUser(a.Name) {
			b.spec.Accounts = append(b.spec.Accounts, root.WantAccount{Name: a.Name, Home: a.Home, Shell: a.Shell, Groups: a.Groups})
		}
		if a.Home != "" && !host.IsSystemDir(a.Home) {
			b.spec.MayTouch = append(b.spec.MayTouch, a.Home)
			b.spec.Keep = append(b.spec.Keep, a.Home)
		}
	}
}

// payload asks for every path that the package ships, but the trees of build steps.
func (b *specBuilder) payload() {
	for _, e := range shipped(b.p) {
		if e.Type == plan.Tree || host.IsSystemDir(e.Path) || len(e.Formats) > 0 && !slices.Contains(e.Formats, b.f) {
			continue
		}
		w := root.Want{Path: path.Clean(e.Path), Type: 'f', Mode: digits(cmp.Or(e.Mode, 0o644)), Owner: or(e.Owner, "root"), Group: or(e.Group, "root")}
		switch e.Type {
		case plan.Dir_:
			w.Type, w.Mode = 'd', digits(cmp.Or(e.Mode, 0o755))
		case plan.Symlink:
			w = root.Want{Path: w.Path, Type: 'l', Link: e.Src}
		}
		b.spec.Wants = append(b.spec.Wants, w)
		b.borrow(e.Owner, e.Group)
	}
}

// dirs are the directories outside the payload.
func (b *specBuilder) dirs() {
	for _, d := range b.pkg.dirs() {
		switch d.Kind {
		case plan.State, plan.Spool, plan.Home, plan.Other:
			b.spec.State = append(b.spec.State, d.Path)
		}
		if !d.Purge {
			b.spec.Keep = append(b.spec.Keep, d.Path)
		}
		b.spec.MayTouch = append(b.spec.MayTouch, d.Path)
		w := root.Want{Path: d.Path, Type: 'd', Owner: or(d.Owner, "root"), Group: or(d.Group, "root")}
		if d.Mode != 0 {
			w.Mode = digits(d.Mode)
		}
		if !host.IsSystemDir(d.Path) {
			b.spec.Wants = append(b.spec.Wants, w)
		}
		b.borrow(d.Owner, d.Group)
	}
}

// borrow notes an account that another package brings, one that this package
// depends on: the web server's, say.
func (b *specBuilder) borrow(owner, group string) {
	own := func(name string) bool {
		return name == "" || slices.Contains(b.spec.Borrowed, name) ||
			slices.ContainsFunc(b.p.Accounts, func(a plan.Account) bool { return a.Name == name || a.Group == name })
	}
	for _, name := range []string{owner, group} {
		if !own(name) {
			b.spec.Borrowed = append(b.spec.Borrowed, name)
		}
	}
}

// steps are the paths that steps beyond the standard ones make.
func (b *specBuilder) steps() {
	stash := target.Stash(b.p, b.f)
	b.spec.MayTouch = append(b.spec.MayTouch, stash)
	b.spec.Keep = append(b.spec.Keep, stash)
	for _, s := range b.p.Steps {
		switch s.Kind {
		case plan.Generate:
			b.spec.MayTouch = append(b.spec.MayTouch, s.Path)
		case plan.Enable:
			b.spec.MayTouch = append(b.spec.MayTouch, "/etc/nginx/sites-enabled/"+s.Name, "/etc/apache2/sites-enabled/"+s.Name+".conf")
		}
	}
}

// legacy is the machine before the take-over: edited configuration, data, and what
// stands in the payload's way, each in its old place.
func (b *specBuilder) legacy() {
	t := b.p.TakeOver
	for _, a := range t.Adopt {
		if len(a.From) > 0 && shipsConffile(b.p, a.To, b.f) {
			b.plant(root.Legacy{File: root.File{Path: a.From[0], Data: []byte("old = 1\n" + editLine)}, Role: root.LegacyConfig, Config: a.To})
		}
		b.spec.MayTouch = append(b.spec.MayTouch, a.To)
	}
	for _, m := range t.State {
		at, to := m.From, m.To
		if path.Ext(m.From) == "" {
			at, to = path.Join(at, seedName), path.Join(to, seedName)
		}
		b.plant(root.Legacy{File: root.File{Path: at, Data: []byte(sown), Mode: 0o600}, Role: root.LegacyState, Config: to})
		b.spec.MayTouch = append(b.spec.MayTouch, m.To, m.To+".take-over")
	}
	for _, a := range t.Aside {
		// pacman refuses what lies where its package has something: the
		// administrator has moved it, as MIGRATION.md says
		if b.f != plan.Arch || !slices.ContainsFunc(b.spec.Wants, func(w root.Want) bool { return under(w.Path, a.Path) }) {
			b.plant(b.inTheWay(a.Path))
		}
		b.spec.MayTouch = append(b.spec.MayTouch, a.Path)
	}
}

// inTheWay is what an old deployment has at a path: a directory where the package has a
// link, a script that can be run, or a text.
func (b *specBuilder) inTheWay(p string) root.Legacy {
	l := root.Legacy{File: root.File{Path: p, Data: []byte("#!/bin/sh\n# left by the deployment: " + path.Base(p) + "\nexit 0\n")}, Role: root.LegacyOther}
	switch {
	case under(p, "/etc/init.d"):
		l.Mode = 0o755
	case path.Ext(p) == "" && slices.ContainsFunc(b.p.Payload, func(e plan.Entry) bool { return e.Path == p && e.Type == plan.Symlink }):
		l.Path = path.Join(p, "left-by-the-deployment")
	}
	return l
}

// plant adds a legacy file unless one of them is above, below or at its path.
func (b *specBuilder) plant(l root.Legacy) {
	if !slices.ContainsFunc(b.spec.Legacy, func(o root.Legacy) bool { return under(o.Path, l.Path) || under(l.Path, o.Path) }) {
		b.spec.Legacy = append(b.spec.Legacy, l)
	}
}

func shipsConffile(p *plan.Package, name string, f plan.Format) bool {
	return slices.ContainsFunc(p.Payload, func(e plan.Entry) bool {
		return e.Path == name && e.Conffile && (len(e.Formats) == 0 || slices.Contains(e.Formats, f))
	})
}
