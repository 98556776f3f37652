package verify

import (
	"errors"
	"fmt"
	"path"
	"slices"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

// dpkg is deb: Debian Policy 6.5 to 6.8, dpkg(1), and what was traced of dpkg
// 1.21. Conffiles are handled as by --force-confdef --force-confold, which is
// what runs unattended; that it would have asked is noted.
type dpkg struct{}

func (d dpkg) install(w *World, p *Package) error {
	w.provide(p)
	switch w.db.status {
	case halfRemoved:
		if err := d.remove(w); err != nil {
			return err
		}
		return d.first(w, p)
	case absent, configFiles:
		return d.first(w, p)
	}
	return d.upgrade(w, p)
}

// first is an installation where no files of the package are.
func (d dpkg) first(w *World, p *Package) error {
	args := []string{"install"}
	if w.db.status == configFiles {
		args = append(args, w.db.last, p.Version)
	}
	if !w.run(p, "preinstall", args...) {
		args[0] = "abort-install"
		w.run(p, "postremove", args...)
		return failed("preinst", "install")
	}
	d.unpack(w, p)
	w.db.pkg = p
	return d.configure(w)
}

func (d dpkg) upgrade(w *World, p *Package) error {
	old := w.db.pkg
	if w.db.status == installed && !w.run(old, "preremove", "upgrade", p.Version) {
		if !w.run(p, "preremove", "failed-upgrade", old.Version, p.Version) {
			w.run(old, "postinstall", "abort-upgrade", p.Version)
			return failed("prerm", "upgrade", p.Version)
		}
	}
	if !w.run(p, "preinstall", "upgrade", old.Version, p.Version) {
		d.back(w, old, p)
		return failed("preinst", "upgrade", old.Version, p.Version)
	}
	if !d.replace(w, old, p) {
		return failed("postrm", "upgrade", p.Version)
	}
	w.db.pkg = p
	return d.configure(w)
}

// replace unpacks the new version over the old one; when both postrm fail the
// old files come back.
func (d dpkg) replace(w *World, old, p *Package) bool {
	w.Host.Push()
	mark, db := w.Host.Mark(), w.db.clone()
	d.unpack(w, p)
	if !w.run(old, "postremove", "upgrade", p.Version) && !w.run(p, "postremove", "failed-upgrade", old.Version, p.Version) {
		w.Host.Rewind(mark)
		w.db = db
		w.run(old, "preinstall", "abort-upgrade", p.Version)
		d.back(w, old, p)
		return false
	}
	w.Host.Apply(w.Host.Pop())
	w.forget(old, p, func(f File) bool {
		w.db.gone = append(w.db.gone, f.Path) // an obsolete conffile stays
		return false
	})
	return true
}

// back undoes an upgrade whose unpacking did not happen.
func (dpkg) back(w *World, old, p *Package) {
	w.run(p, "postremove", "abort-upgrade", old.Version, p.Version)
	if !w.run(old, "postinstall", "abort-upgrade", p.Version) {
		w.db.status = unpacked
	}
}

func (d dpkg) unpack(w *World, p *Package) {
	w.unpack(p, unpacking{config: func(w *World, p *Package, f File) bool { return true }}) // laid by configure
	w.db.status = unpacked
}

func (d dpkg) configure(w *World) error {
	p := w.db.pkg
	for _, f := range p.Files {
		if p.isConfig(f) {
			d.conffile(w, f)
		}
	}
	w.dropObsolete(p)
	if !w.run(p, "postinstall", "configure", w.db.last) {
		return failed("postinst", "configure", w.db.last)
	}
	w.db.status, w.db.last = installed, p.Version
	return nil
}

// conffile decides by three texts: shipped now, shipped when last installed,
// and what lies there. An existing conffile keeps its owner and mode.
func (dpkg) conffile(w *World, f File) {
	now, last, here := w.shipped(f), w.db.sums[f.Path], w.sum(f.Path)
	_, known := w.db.sums[f.Path]
	defer func() { w.db.sums[f.Path] = now }()
	switch {
	case here == now:
	case !known && here == "":
		w.lay(f)
	case known && here == "" && last == now: // deleted by the administrator
	case known && here == "":
		w.asked(f.Path, "deleted here, other text shipped")
	case known && here == last:
		w.replaceText(f)
	case known && last == now: // edited, nothing new
	case known:
		w.asked(f.Path, "edited here, other text shipped")
		w.layAs(f, f.Path+".dpkg-dist")
	default:
		w.asked(f.Path, "was there before the package, with another text")
		w.layAs(f, f.Path+".dpkg-dist")
	}
}

// asked notes that dpkg would stop and ask what to do with a conffile.
func (w *World) asked(p, why string) {
	w.calls = append(w.calls, Call{Script: "conffile prompt", Args: []string{p, why}, OK: true, From: w.Host.Mark(), To: w.Host.Mark()})
}

// replaceText gives a configuration file other bytes, keeping owner and mode.
func (w *World) replaceText(f File) {
	at, n := w.Host.Follow(0, f.Path)
	c := *n
	c.Content = f.Content
	w.Host.Lay(at, &c)
}

// dropObsolete does what rm_conffile asked for: an edited file is kept aside.
func (w *World) dropObsolete(p *Package) {
	w.db.gone = slices.DeleteFunc(w.db.gone, func(name string) bool {
		if _, back := p.File(name); back {
			return true
		}
		if !w.Host.IsSet("rm-conffile:" + name) {
			return false
		}
		if n := w.node(name); n.Presence == value.Yes && w.sum(name) != w.db.sums[name] {
			c := *n
			w.Host.Lay(name+".dpkg-bak", &c)
		}
		w.Host.Drop(name)
		return true
	})
}

func (d dpkg) remove(w *World) error {
	p := w.db.pkg
	if w.db.status == configFiles || w.db.status == absent {
		return nil
	}
	if w.db.status != halfRemoved && !w.run(p, "preremove", "remove") {
		if !w.run(p, "postinstall", "abort-remove") {
			w.db.status = unpacked
		}
		return failed("prerm", "remove")
	}
	w.forget(p, nil, func(File) bool { return false })
	w.db.status = halfRemoved
	if !w.run(p, "postremove", "remove") {
		return failed("postrm", "remove")
	}
	w.db.status = configFiles
	if _, ok := p.Scripts["postremove"]; !ok && len(p.Configs()) == 0 {
		w.db = database{sums: map[string]string{}} // nothing is left to purge
	}
	return nil
}

func (d dpkg) purge(w *World) error {
	p := w.db.pkg
	if w.db.status == absent {
		return nil
	}
	if w.db.status != configFiles {
		if err := d.remove(w); err != nil {
			return err
		}
		if w.db.status == absent {
			return nil
		}
	}
	for _, c := range slices.Concat(p.Configs(), w.db.gone) {
		for _, suffix := range []string{"", "~", ".dpkg-old", ".dpkg-new", ".dpkg-dist", ".dpkg-tmp"} {
			w.Host.Drop(c + suffix)
		}
		w.remover().prune(path.Dir(c))
	}
	w.forget(p, nil, nil)
	if !w.run(p, "postremove", "purge") {
		return failed("postrm", "purge")
	}
	w.forgetDirs(p)
	w.db = database{sums: map[string]string{}}
	return nil
}

// forgetDirs removes the directories of the payload that postrm emptied.
func (w *World) forgetDirs(p *Package) {
	r := w.remover()
	for _, f := range slices.Backward(p.Files) {
		if f.Kind == host.Dir {
			r.take(f)
		}
	}
}

// repair is dpkg --configure -a.
func (d dpkg) repair(w *World) error {
	if w.db.status == unpacked && w.db.pkg != nil {
		return d.configure(w)
	}
	return nil
}

var errPath = errors.New("a path of the payload is something else here")

func conflict(p string) error { return fmt.Errorf("%w: %s", errPath, p) }
