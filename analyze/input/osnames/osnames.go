// Package osnames knows the names of packages, services and programs across
// families of distributions.
//
// The names are data, in packages.txt, services.txt and tools.txt beside this
// file; to add one, add a line there.
package osnames

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/nativize/nativize/analyze/lazyregexp"
)

// A Family is a family of distributions that share package names.
type Family int

// The families.
const (
	Debian Family = iota // Debian, Ubuntu, Raspberry Pi OS
	RPM                  // Fedora, RHEL and its rebuilds, Amazon Linux
	Alpine
	Arch
	families
)

// String returns the family's name in lower case.
func (f Family) String() string {
	if f < 0 || f >= families {
		return "unknown"
	}
	return [...]string{"debian", "rpm", "alpine", "arch"}[f]
}

// FamilyOf returns the family that a package tool belongs to: apt, apt-get,
// yum, dnf, rpm, apk, pacman. openSUSE's zypper is taken for RPM, whose names
// it mostly shares.
func FamilyOf(via string) (Family, bool) {
	switch via {
	case "apt", "apt-get", "aptitude", "dpkg":
		return Debian, true
	case "yum", "dnf", "rpm", "microdnf", "zypper":
		return RPM, true
	case "apk":
		return Alpine, true
	case "pacman", "yay", "makepkg":
		return Arch, true
	}
	return Debian, false
}

// A Class says what a package is needed for.
type Class string

// The classes.
const (
	Run     Class = "run"   // by the application when it runs
	Build   Class = "build" // to build only: compilers, headers, package tools of languages
	Admin   Class = "admin" // by the deployment; by the application if it calls it
	Unknown Class = ""
)

//go:embed packages.txt
var packagesText string

//go:embed services.txt
var servicesText string

//go:embed tools.txt
var toolsText string

// A row is one line of a table.
type row struct {
	names [families][]string // as written: with * and #, "-" and "?"
	last  string             // class of a package, Debian package of a service
}

// A table finds rows by name.
type table struct {
	exact    [families]map[string]*row
	patterns [families][]pattern
}

type pattern struct {
	re  *regexp.Regexp
	row *row
}

var packages = sync.OnceValue(func() *table { return parse(packagesText) })
var services = sync.OnceValue(func() *table { return parse(servicesText) })
var tools = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	for _, f := range lines(toolsText) {
		out[f[0]] = f[1]
	}
	return out
})

func lines(text string) [][]string {
	var out [][]string
	for l := range strings.Lines(text) {
		if f := strings.Fields(l); len(f) > 1 && f[0] != "#" && !strings.HasPrefix(f[0], "#") {
			out = append(out, f)
		}
	}
	return out
}

func parse(text string) *table {
	t := &table{}
	for f := range families {
		t.exact[f] = map[string]*row{}
	}
	for _, cols := range lines(text) {
		r := &row{last: cols[families]}
		for f := range families {
			r.names[f] = strings.Split(cols[f], ",")
			t.index(f, r)
		}
	}
	return t
}

// index makes a row be found by the first of its names in a family.
func (t *table) index(f Family, r *row) {
	name := r.names[f][0]
	switch {
	case name == "-" || name == "?":
	case strings.ContainsAny(name, "*#"):
		quoted := regexp.QuoteMeta(name)
		quoted = strings.ReplaceAll(quoted, `\*`, `([0-9]+(?:\.[0-9]+)*)`)
		quoted = strings.ReplaceAll(quoted, "#", `([0-9]+)`)
		t.patterns[f] = append(t.patterns[f], pattern{regexp.MustCompile("^" + quoted + "$"), r})
	case t.exact[f][name] == nil:
		t.exact[f][name] = r
	}
}

// find returns the row of a name, and the version in it.
func (t *table) find(name string, f Family) (*row, string) {
	if f < 0 || f >= families {
		return nil, ""
	}
	if r := t.exact[f][name]; r != nil {
		return r, ""
	}
	for _, p := range t.patterns[f] {
		if m := p.re.FindStringSubmatch(name); m != nil {
			return p.row, m[1]
		}
	}
	return nil, ""
}

// in returns the names of a row in a family; nil for none, not ok when the
// family has no such package.
func (r *row) in(f Family, version string) (names []string, ok bool) {
	for _, n := range r.names[f] {
		switch n {
		case "-":
			return nil, true
		case "?":
			return nil, false
		}
		if version == "" && strings.ContainsAny(n, "*#") {
			return nil, false // the version is not known
		}
		n = strings.ReplaceAll(n, "*", version)
		names = append(names, strings.ReplaceAll(n, "#", strings.ReplaceAll(version, ".", "")))
	}
	return names, true
}

// Translate returns the name that a package of one family has in another. A
// package that the other family does not need is "" and known. Of several
// packages it is the first; see TranslateAll. A name that is not in the table
// is returned as it is, and not known.
func Translate(name string, from, to Family) (translated string, known bool) {
	all, known := TranslateAll(name, from, to)
	if len(all) == 0 {
		return "", known
	}
	return all[0], known
}

// TranslateAll returns the packages of another family that take the place of
// one: build-essential is gcc, gcc-c++ and make in RPM distributions.
func TranslateAll(name string, from, to Family) (names []string, known bool) {
	name = Base(name)
	r, version := packages().find(name, from)
	switch {
	case from == to:
		return []string{name}, r != nil
	case r == nil || to < 0 || to >= families:
		return []string{name}, false
	}
	if names, ok := r.in(to, version); ok {
		return names, true
	}
	return []string{name}, false
}

// Base removes what package tools allow after a name: =version, :arch, /suite
// and the @group sign before it.
func Base(name string) string {
	name = strings.TrimPrefix(name, "@")
	if i := strings.IndexAny(name, "=:/<>~"); i > 0 {
		name = name[:i]
	}
	return name
}

var buildName = lazyregexp.New(`(-dev|-devel|-headers|-sdk|-src|-doc|-dbg|-debuginfo)$|^(gcc|g\+\+|clang|llvm|linux-headers|kernel-devel)([-0-9].*)?$`)

// ClassOf tells what a package is needed for. A name that is not in the table
// is Build when it has the ending of headers or of a tool chain, else Unknown.
func ClassOf(name string, f Family) Class {
	name = Base(name)
	if r, _ := packages().find(name, f); r != nil {
		return Class(r.last)
	}
	if buildName.MatchString(name) {
		return Build
	}
	return Unknown
}

// Service returns the name that a service of one family has in another, as
// apache2 is httpd. Names that are not in the table are returned as they are,
// and not known.
func Service(name string, from, to Family) (translated string, known bool) {
	name = strings.TrimSuffix(name, ".service")
	r, version := services().find(name, from)
	if r == nil || to < 0 || to >= families {
		return name, false
	}
	if from == to {
		return name, true
	}
	names, ok := r.in(to, version)
	if !ok || len(names) == 0 {
		return name, false
	}
	return names[0], true
}

// ServiceFamilies are the families in which a service has that name.
func ServiceFamilies(name string) []Family {
	var out []Family
	for f := range families {
		if r, _ := services().find(strings.TrimSuffix(name, ".service"), f); r != nil {
			out = append(out, f)
		}
	}
	return out
}

// PackageOfService returns the package, in a family's names, that a service
// of any family comes with.
func PackageOfService(service string, f Family) (name string, known bool) {
	for from := range families {
		if r, _ := services().find(strings.TrimSuffix(service, ".service"), from); r != nil {
			return Translate(r.last, Debian, f)
		}
	}
	return "", false
}

// PackageOfProgram returns the package, in a family's names, that has a
// program. Programs that every system has are "" and known.
func PackageOfProgram(program string, f Family) (name string, known bool) {
	if Essential(program) {
		return "", true
	}
	pkg, ok := tools()[program]
	if !ok {
		return "", false
	}
	if f == Debian {
		return pkg, true
	}
	return Translate(pkg, Debian, f)
}

var essential = strings.Fields(`
sh dash cat cp mv rm ln ls mkdir rmdir chmod chown chgrp touch install mktemp readlink realpath basename dirname stat df du
echo printf test true false sleep date env id whoami groups uname pwd tee head tail cut sort uniq wc tr nl od split seq expr
cksum md5sum sha1sum sha256sum sha512sum base64 nohup nice timeout kill sync dd tty stty chroot
sed grep egrep fgrep find xargs tar gzip gunzip zcat hostname login su mount umount dpkg diff cmp which getopt logger flock
`)

// Essential tells whether a program is on every system: POSIX utilities and
// what comes with coreutils, sed, grep, findutils, tar and gzip.
func Essential(program string) bool { return slices.Contains(essential, program) }

// An interpreter is the package of a runtime, by Debian name.
var interpreters = map[string]string{
	"python": "python3", "node": "nodejs", "php": "php-cli", "ruby": "ruby", "java": "default-jre-headless", "perl": "perl",
	"erlang": "erlang", "elixir": "elixir", "lua": "lua5.4", "mono": "mono-complete", "bash": "bash",
}

// PackageOfRuntime returns the package, in a family's names, of the
// interpreter that a language needs at run time. Languages that compile to
// programs, as go and rust, need none: "" and known.
func PackageOfRuntime(language string, f Family) (name string, known bool) {
	switch language {
	case "go", "rust", "c", "c++", "shell", "sh":
		return "", true
	}
	pkg, ok := interpreters[language]
	if !ok {
		return "", false
	}
	if f == Debian {
		return pkg, true
	}
	return Translate(pkg, Debian, f)
}
