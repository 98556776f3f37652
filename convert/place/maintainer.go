package place

import (
	"fmt"
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/convert/choices"
)

// maintainer is who answers for the package: whom the sources of a package in
// the repository name, else its manifest, else who wrote most of the commits.
// An address is never made up: without any of these the choice stays open.
func (x *placer) maintainer() string {
	const key = "maintainer"
	if x.c.Maintainer != "" {
		return x.c.Maintainer
	}
	if who, at := x.packagedBy(); who != "" {
		return x.c.Guess(key, who, choices.Note{Why: "who answers for the package that the repository has", At: []source.Pos{at}})
	}
	if who := person(x.d.App.Maintainer); who != "" {
		return x.c.Guess(key, who, x.from(key, ""))
	}
	if who, why := x.author(); who != "" {
		return x.c.Guess(key, who, choices.Note{Why: why})
	}
	return x.c.Guess(key, "", choices.Note{Why: "the repository does not say", Question: `who answers for the package, as "Name <address>"`})
}

// packageField finds the field of debian/control (Debian Policy 5.6.2), or of a
// spec file's preamble, that names who answers for a package.
var packageField = lazyregexp.New(`(?i)^(?:Maintainer|Packager):[ \t]*(.+?)[ \t\r]*$`)

// packagedBy reads the sources of a package in the repository.
func (x *placer) packagedBy() (string, source.Pos) {
	for _, f := range x.repo.Files() {
		if !f.IsRegular() || f.Ignored || f.Path != "debian/control" && path.Ext(f.Path) != ".spec" {
			continue
		}
		b, err := x.repo.Read(f.Path)
		if err != nil {
			continue
		}
		n := 0
		for line := range strings.Lines(string(b)) {
			n++
			if m := packageField.FindStringSubmatch(strings.TrimSuffix(line, "\n")); m != nil && person(m[1]) != "" {
				return m[1], source.Pos{File: f.Path, Line: n, Col: 1}
			}
		}
	}
	return "", source.Pos{}
}

// author is who wrote most of the commits and can be written to.
func (x *placer) author() (string, string) {
	list, total := x.repo.Authors()
	for _, a := range list {
		if who := person(a.Name + " <" + a.Mail + ">"); who != "" && !strings.HasSuffix(a.Name, "[bot]") {
			return who, fmt.Sprintf("git log: author of %d of the last %d commits", a.Commits, total)
		}
	}
	return "", ""
}

var (
	personRE = lazyregexp.New(`^[^<>\x00-\x1f\x7f]+ <[^<>@\s]+@[^<>@\s]+\.[^<>@\s.]+>$`)
	// nobodyRE finds addresses that reach nobody: those of machines, of forges
	// for people who hide theirs, of names reserved by RFC 2606 and RFC 6762,
	// and what a template leaves to be filled in.
	nobodyRE = lazyregexp.New(`(?i)([ <]your|<you@|<(no|do-?not)-?reply@|[@.]noreply\.|\.(invalid|localhost|localdomain|local|internal|lan|home|test)>$)`)
)

// person is a name with an address as Debian Policy 5.6.2 wants it, "" for
// anything else and for an address that reaches nobody.
func person(s string) string {
	if personRE.MatchString(s) && !nobodyRE.MatchString(s) {
		return s
	}
	return ""
}
