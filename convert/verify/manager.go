package verify

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/nativize/nativize/analyze/command"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
	"github.com/nativize/nativize/convert/plan"
)

// A manager is the rules of one package manager. Its methods return what went
// wrong, nil when nothing did; what a manager only warns of is in Call.OK.
type manager interface {
	// install installs, upgrades, downgrades or installs again.
	install(w *World, p *Package) error
	// remove keeps configuration and data.
	remove(w *World) error
	// purge removes those too; where there is no purging it is remove.
	purge(w *World) error
	// repair does what an administrator does after a failure, before the same
	// command is given again.
	repair(w *World) error
}

var managers = map[plan.Format]manager{plan.Deb: dpkg{}, plan.RPM: rpm{}, plan.APK: simple{apkRules}, plan.Arch: simple{pacmanRules}}

// HasPurge tells whether a format tells removal from purging.
func HasPurge(f plan.Format) bool { return f == plan.Deb }

// An unpacking is how payload files are laid down.
type unpacking struct {
	ownDirs bool                                    // directories that exist get the payload's owner and mode
	config  func(w *World, p *Package, f File) bool // lays a configuration file; nil lays it as any other
}

// unpack lays the payload of p over the machine. A path whose type does not
// fit is an error where the manager says so.
func (w *World) unpack(p *Package, u unpacking) {
	w.Host.SetSetting("version", p.Version, true)
	for _, f := range p.Files {
		w.parents(f.Path)
		w.own(p, f.Path)
		if p.Plan == nil { // what a plan's own programs do is not modelled
			w.program(f, true)
		}
		old := w.node(f.Path)
		switch {
		case f.Kind == host.Dir && w.isDir(f.Path):
			if c := *old; old.Kind == host.Dir && f.Content == nil {
				w.Host.Lay(f.Path, &c) // also where it was only known by the tree above
			}
			if u.ownDirs && old.Kind == host.Dir {
				w.lay(f)
			}
		case f.Kind == host.Link && old.Kind == host.Dir && old.Presence == value.Yes:
			// a real directory in the place of a link stays (dpkg(1))
		case p.isConfig(f) && u.config != nil && u.config(w, p, f):
		default:
			w.lay(f)
		}
	}
}

func (w *World) isDir(p string) bool {
	_, n := w.Host.Follow(0, p)
	return n.Presence == value.Yes && n.Kind == host.Dir
}

func (w *World) parents(p string) {
	dir := path.Dir(p)
	if dir == "/" || w.exists(dir) {
		return
	}
	w.parents(dir)
	w.dir(dir)
}

// own notes that the package owns a path, as its database does.
func (w *World) own(p *Package, name string) {
	if !host.IsSystemDir(name) {
		w.Host.SetSetting(command.OwnedBy(name), p.Name, true)
	}
}

// lay puts a payload file down with an owner that exists.
func (w *World) lay(f File) { w.layAs(f, f.Path) }

func (w *World) layAs(f File, at string) {
	n := &host.Node{Kind: f.Kind, Presence: value.Yes, Made: true, Mode: digits(f.Mode), Content: f.Content,
		Owner: w.accountOr(host.User, f.Owner), Group: w.accountOr(host.Group, f.Group)}
	if f.Kind == host.Link {
		n.Link, n.Mode = value.TextStr(f.Link), "0777"
	}
	if f.Kind == host.Dir && f.Content != nil {
		w.Host.Drop(at)
	}
	w.override(n, f.Path)
	w.Host.Lay(at, n)
}

// override gives a path the owner and mode that an administrator or a script
// asked for: dpkg unpacks with them (dpkg-statoverride(1)).
func (w *World) override(n *host.Node, p string) {
	owner, group, mode, ok := command.Override(w.Host, p)
	if !ok || w.Format != plan.Deb {
		return
	}
	n.Owner, n.Group = owner, group
	if m, err := strconv.ParseUint(mode, 8, 32); err == nil {
		n.Mode = digits(uint32(m))
	}
}

// programDirs are the directories whose files can be called by name.
var programDirs = []string{"/usr/bin", "/usr/sbin", "/bin", "/sbin"}

// program makes a program of the payload callable, or no longer.
func (w *World) program(f File, there bool) {
	if f.Kind != host.Dir && slices.Contains(programDirs, path.Dir(f.Path)) {
		w.Host.Set(host.Key{Space: host.Command, Name: path.Base(f.Path)}, &host.Flag{Presence: value.Bool(there)})
	}
}

// accountOr returns the account, or root when there is none of that name: the
// package managers only warn.
func (w *World) accountOr(space host.Space, name string) string {
	if name == "" || w.Host.Has(space, 0, name) == value.No {
		return "root"
	}
	return name
}

// forget removes what only the old version had; configuration files only where
// drop says so.
func (w *World) forget(old, p *Package, drop func(f File) bool) {
	r := w.remover()
	for _, f := range slices.Backward(old.Files) {
		if p != nil {
			if _, ok := p.File(f.Path); ok {
				continue
			}
		}
		if old.isConfig(f) && drop != nil && !drop(f) {
			continue
		}
		r.take(f)
	}
}

// A remover removes payload paths. It counts what lies in each directory once,
// so that a large package takes no longer than its files.
type remover struct {
	w     *World
	holds map[string]int // directory to the number of names in it
}

func (w *World) remover() *remover {
	r := &remover{w: w, holds: map[string]int{}}
	w.Host.Each(host.File, 0, func(name string, e host.Entry) {
		if e.(*host.Node).Presence != value.No {
			r.holds[path.Dir(name)]++
		}
	})
	return r
}

// take removes a payload path; a directory only when nothing is left in it.
func (r *remover) take(f File) {
	w := r.w
	w.Host.SetSetting(command.OwnedBy(f.Path), "", false)
	w.program(f, false)
	n := w.node(f.Path)
	switch {
	case n.Presence != value.Yes, host.IsSystemDir(f.Path):
	case f.Kind == host.Dir && f.Content == nil:
		if n.Kind == host.Dir && r.empty(f.Path) {
			r.drop(f.Path)
		}
	case n.Kind == host.Dir && f.Kind != host.Dir:
	case f.Kind == host.Dir:
		w.Host.Drop(f.Path)
		r.holds = w.remover().holds
	default:
		r.drop(f.Path)
	}
	r.prune(path.Dir(f.Path))
}

// drop removes a path that nothing lies below.
func (r *remover) drop(p string) {
	r.w.Host.Lay(p, &host.Node{Presence: value.No})
	r.holds[path.Dir(p)]--
}

// empty tells whether a directory holds nothing; of one that was a tree of the
// repository its nodes say.
func (r *remover) empty(dir string) bool {
	if r.holds[dir] > 0 {
		return false
	}
	n := r.w.node(dir)
	if n.Content == nil {
		return true
	}
	names, _ := r.w.Host.Children(0, dir)
	return len(names) == 0
}

// prune removes directories above a removed file that nothing is left in; rpm
// keeps those that the package does not own.
func (r *remover) prune(dir string) {
	w := r.w
	if w.Format == plan.RPM {
		return
	}
	for ; dir != "/" && !host.IsSystemDir(dir) && r.holds[dir] <= 0; dir = path.Dir(dir) {
		n := w.node(dir)
		if n.Presence != value.Yes || n.Kind != host.Dir || !r.empty(dir) || n.Made && w.Host.Setting(command.OwnedBy(dir)) == nil {
			return
		}
		r.drop(dir)
	}
}

// sum identifies the bytes at a path, "" when nothing is there.
func (w *World) sum(p string) string {
	_, n := w.Host.Follow(0, p)
	if n.Presence != value.Yes {
		return ""
	}
	return w.content(n.Content)
}

func (w *World) shipped(f File) string { return w.content(f.Content) }

// failed is the error of a script.
func failed(script string, args ...string) error {
	return fmt.Errorf("%s %s fails", script, strings.Join(quoted(args), " "))
}
