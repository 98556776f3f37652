package verify

import (
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

// rpm is the order of rpm 4.18 as traced: %pretrans, %pre, files, %post of the
// new version, then %preun, removal, %postun of the old one, %posttrans.
type rpm struct{}

func (r rpm) install(w *World, p *Package) error {
	w.provide(p)
	old, count := w.db.pkg, "1"
	if old != nil {
		count = "2"
	}
	if !w.run(p, "pretrans", count) {
		return failed("%pretrans", count)
	}
	fates := r.fates(w, p) // decided before %pre runs
	if !w.run(p, "preinstall", count) {
		return failed("%pre", count)
	}
	if err := r.fits(w, p); err != nil {
		return err
	}
	w.unpack(p, unpacking{ownDirs: true, config: func(w *World, p *Package, f File) bool { return r.config(w, f, fates[f.Path]) }})
	w.db.pkg, w.db.status = p, installed
	for _, f := range p.Files {
		if p.isConfig(f) {
			w.db.sums[f.Path] = w.shipped(f)
		}
	}
	okay := w.run(p, "postinstall", count)
	if old != nil {
		okay = r.erase(w, old, p) && okay
	}
	okay = w.run(p, "posttrans", count) && okay
	w.db.last = p.Version
	if !okay {
		return errScriptlet // rpm goes on and says so
	}
	return nil
}

// erase removes the old version after the new one is there. A %preun that
// fails keeps it.
func (rpm) erase(w *World, old, p *Package) bool {
	if !w.run(old, "preremove", "1") {
		return false
	}
	w.forget(old, p, func(f File) bool { return !w.saved(f, ".rpmsave") })
	return w.run(old, "postremove", "1")
}

// saved moves an edited configuration file aside; false when it was not edited.
func (w *World) saved(f File, suffix string) bool {
	here := w.sum(f.Path)
	if here == "" || here == w.db.sums[f.Path] {
		return false
	}
	c := *w.node(f.Path)
	w.Host.Lay(f.Path+suffix, &c)
	w.Host.Drop(f.Path)
	return true
}

// A fate is what becomes of a configuration file.
type fate uint8

const (
	create  fate = iota // written
	keepOld             // stays as it is
	beside              // the new one is written as .rpmnew
	backup              // the old one is kept as .rpmsave or .rpmorig, the new one written
)

func (rpm) fates(w *World, p *Package) map[string]fate {
	out := map[string]fate{}
	for _, f := range p.Files {
		if !p.isConfig(f) {
			continue
		}
		now, last, here := w.shipped(f), w.db.sums[f.Path], w.sum(f.Path)
		switch {
		case here == "" || here == now || last != "" && here == last:
			out[f.Path] = create
			if here == now {
				out[f.Path] = keepOld
			}
		case last == now:
			out[f.Path] = keepOld
		case f.Config == Conffile:
			out[f.Path] = beside
		default:
			out[f.Path] = backup
		}
	}
	return out
}

func (rpm) config(w *World, f File, what fate) bool {
	switch what {
	case keepOld:
		if !w.exists(f.Path) { // %pre moved it away
			w.lay(f)
		}
		w.reown(f)
	case beside:
		w.layAs(f, f.Path+".rpmnew")
	case backup:
		if n := w.node(f.Path); n.Presence == value.Yes {
			c := *n
			suffix := ".rpmorig"
			if w.db.sums[f.Path] != "" {
				suffix = ".rpmsave"
			}
			w.Host.Lay(f.Path+suffix, &c)
		}
		w.lay(f)
	default:
		w.lay(f)
	}
	return true
}

// reown gives a file that stays the payload's owner and mode.
func (w *World) reown(f File) {
	at, n := w.Host.Follow(0, f.Path)
	c := *n
	c.Owner, c.Group, c.Mode = w.accountOr(host.User, f.Owner), w.accountOr(host.Group, f.Group), digits(f.Mode)
	w.Host.Lay(at, &c)
}

// fits fails where a directory lies in the place of a file or link: rpm does
// not replace it.
func (rpm) fits(w *World, p *Package) error {
	for _, f := range p.Files {
		if n := w.node(f.Path); f.Kind != host.Dir && n.Presence == value.Yes && n.Kind == host.Dir {
			return conflict(f.Path)
		}
	}
	return nil
}

func (r rpm) remove(w *World) error {
	p := w.db.pkg
	if p == nil {
		return nil
	}
	if !w.run(p, "preremove", "0") {
		return failed("%preun", "0")
	}
	w.forget(p, nil, func(f File) bool { return !w.saved(f, ".rpmsave") })
	ok := w.run(p, "postremove", "0")
	w.db = database{sums: map[string]string{}}
	if !ok {
		return errScriptlet
	}
	return nil
}

func (r rpm) purge(w *World) error { return r.remove(w) }

func (r rpm) repair(w *World) error { return nil }
