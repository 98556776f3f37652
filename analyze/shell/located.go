package shell

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/command"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

// runLocated walks the file of the repository that a path with holes most
// likely names. That it is this file is assumed: what it does hangs on it.
func (in *interp) runLocated(a *host.Actor, argv []value.Value, at site, m mode) (command.Status, bool) {
	name, ok := in.located(a, argv[0].Best())
	if !ok {
		return command.Status{}, false
	}
	guards := in.cur.guards
	in.cur.guards = append(guards[:len(guards):len(guards)],
		host.Cond{Text: argv[0].String() + " is " + name + " of the repository", At: at.span.Pos})
	st, ok := in.runRepoFile(a, name, argv, at, m)
	in.cur.guards = guards
	if ok {
		in.noteAt(at, command.Pure, "script "+name+": assumed, no other file of the repository has a path that ends so")
	}
	return st, ok
}

// located is the one file of the repository whose path ends in what is known
// behind the last hole of s. Where no path ends so, the repository may lie in a
// directory that s names: then it is the file whose whole path s ends in.
func (in *interp) located(a *host.Actor, s value.Str) (string, bool) {
	if s.Known() || in.Host.Repo == nil || in.Host.Closed || a.Where != 0 || !maybeCheckout(s) {
		return "", false
	}
	_, tail, ok := strings.Cut(s.Suffix(), "/")
	if tail = path.Clean(tail); !ok || tail == "." || strings.HasPrefix(tail, "../") {
		return "", false
	}
	found, several := "", false
	for _, name := range in.named(path.Base(tail)) {
		if name == tail || strings.HasSuffix(name, "/"+tail) {
			found, several = name, several || found != ""
		}
	}
	if found != "" || several {
		return found, !several
	}
	for _, rest, ok := strings.Cut(tail, "/"); ok && strings.Contains(rest, "/"); _, rest, ok = strings.Cut(rest, "/") {
		if mode, is := in.Host.Repo.Stat(rest); is && mode.IsRegular() {
			return rest, true
		}
	}
	return "", false
}

// maybeCheckout tells whether a path may lie in the checkout: not in what
// belongs to the system, in a fresh temporary directory, or among the files that
// programs keep in a home.
func maybeCheckout(s value.Str) bool {
	if ofSystem(s.Prefix()) {
		return false
	}
	for _, h := range s.Holes() {
		if h.Kind == value.Temp || h.Kind == value.Date || h.Kind == value.Net || h.Name == "HOME" && strings.HasPrefix(s.Suffix(), "/.") {
			return false
		}
	}
	return true
}

// ofSystem tells of paths where nobody checks out a repository.
func ofSystem(p string) bool {
	for _, dir := range [...]string{"/etc/", "/usr/bin/", "/usr/lib", "/usr/sbin/", "/usr/share/", "/lib", "/bin/", "/sbin/", "/proc/", "/sys/", "/dev/", "/run/"} {
		if strings.HasPrefix(p, dir) {
			return true
		}
	}
	return false
}

// maxNamed bounds the entries of a repository that are looked at for names.
const maxNamed = 200_000

// named returns the paths of the files of the repository with a base name.
func (m *Machine) named(base string) []string {
	if m.names == nil {
		m.names = map[string][]string{}
		left := maxNamed
		m.nameBelow("", &left)
	}
	return m.names[base]
}

func (m *Machine) nameBelow(dir string, left *int) {
	for _, name := range m.Host.Repo.List(dir) {
		if *left--; *left < 0 {
			return
		}
		p := path.Join(dir, name)
		mode, ok := m.Host.Repo.Stat(p)
		switch {
		case !ok:
		case mode.IsDir():
			m.nameBelow(p, left)
		case mode.IsRegular():
			m.names[name] = append(m.names[name], p)
		}
	}
}
