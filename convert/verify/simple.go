package verify

import (
	"errors"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

// errScriptlet is the failure of a script that the manager only reports: its
// transaction goes on.
var errScriptlet = errors.New("a script failed; the package manager went on")

// simple is apk and pacman: separate scripts for installation, upgrade and
// removal, of which on an upgrade only the new version's run; a script that
// fails is reported and no more.
type simple struct{ rules simpleRules }

type simpleRules struct {
	beside string // suffix of a new configuration file beside an edited one
	saved  string // suffix of an edited one after removal, "" it stays
	strict bool   // a directory in the place of a link stops the transaction
}

var (
	apkRules    = simpleRules{beside: ".apk-new"}
	pacmanRules = simpleRules{beside: ".pacnew", saved: ".pacsave", strict: true}
)

func (s simple) install(w *World, p *Package) error {
	w.provide(p)
	old := w.db.pkg
	before, after, args := "preinstall", "postinstall", []string{p.Version}
	if old != nil {
		before, after, args = "preupgrade", "postupgrade", []string{p.Version, old.Version}
	}
	if s.rules.strict {
		if err := (rpm{}).fits(w, p); err != nil {
			return err
		}
	}
	ok := w.run(p, before, args...)
	w.unpack(p, unpacking{config: func(w *World, p *Package, f File) bool { return s.config(w, f) }})
	if old != nil {
		w.forget(old, p, func(f File) bool { return w.sum(f.Path) == w.db.sums[f.Path] })
	}
	for _, f := range p.Files {
		if p.isConfig(f) {
			w.db.sums[f.Path] = w.shipped(f)
		}
	}
	w.db.pkg, w.db.status, w.db.last = p, installed, p.Version
	ok = w.run(p, after, args...) && ok
	if !ok {
		return errScriptlet
	}
	return nil
}

func (s simple) config(w *World, f File) bool {
	now, last, here := w.shipped(f), w.db.sums[f.Path], w.sum(f.Path)
	switch {
	case here == "" || last != "" && here == last:
		w.lay(f)
	case here == now || last == now:
	default:
		w.layAs(f, f.Path+s.rules.beside)
	}
	return true
}

func (s simple) remove(w *World) error {
	p := w.db.pkg
	if p == nil {
		return nil
	}
	ok := w.run(p, "preremove", p.Version)
	w.forget(p, nil, func(f File) bool {
		if s.rules.saved != "" {
			return !w.saved(f, s.rules.saved)
		}
		return w.sum(f.Path) == w.db.sums[f.Path]
	})
	ok = w.run(p, "postremove", p.Version) && ok
	w.db = database{sums: map[string]string{}}
	if !ok {
		return errScriptlet
	}
	return nil
}

func (s simple) purge(w *World) error  { return s.remove(w) }
func (s simple) repair(w *World) error { return nil }

// aside moves what pacman would stop at out of the way, as its administrator
// has to do by hand before a take-over.
func (w *World) aside(p *Package) {
	for _, f := range p.Files {
		if n := w.node(f.Path); f.Kind != host.Dir && n.Presence == value.Yes && n.Kind == host.Dir {
			a := host.Actor{H: w.Host}
			a.Move(value.Text(f.Path), value.Text(f.Path+".old"), host.CopyOpts{Exact: true})
		}
	}
}
