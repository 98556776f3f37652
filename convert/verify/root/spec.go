package root

import (
	"path"
	"strings"
)

// A Spec says what a package is to do and what it may touch. Only V1 is required:
// of what is left out, a scenario checks only what can be told from the package itself.
type Spec struct {
	V1 string // package file on the host
	V2 string // a later version; the upgrade scenarios are not run without it
	V3 string // a later version whose shipped configuration differs from V1's
	V4 string // a later version one of whose scripts fails, so that it cannot be installed

	Accounts []WantAccount
	Wants    []Want   // what must be there after each installation
	Configs  []string // files an administrator edits; those that the package manager lists when nil
	State    []string // directories with the service's data; an installation has made them
	Units    []string // services that run and start at boot after an installation, as "app.service"
	Legacy   []Legacy // what a deployment by hand left, laid out before the first installation
	MayTouch []string // further paths that may change, each with all below it
	Keep     []string // paths that a purge leaves, each with all below it: homes, what a take-over moved
	Borrowed []string // accounts that packages it depends on bring; the tree gets them beforehand
}

// A WantAccount is an account that must exist once the package is installed.
// Empty fields are not compared.
type WantAccount struct {
	Name, Home, Shell string
	Groups            []string // at least these
}

// A Want is a path that must be there. Empty fields are not compared.
type Want struct {
	Path         string
	Type         byte   // as in [Entry]
	Mode         string // octal, as in chmod(1): "0750"
	Owner, Group string
	Link         string
	SHA256       string
}

// A Role is what a file of the legacy deployment is.
type Role string

// The roles. Code and units may be moved or replaced; edits and data may not get lost.
const (
	LegacyConfig Role = "config"
	LegacyState  Role = "state"
	LegacyOther  Role = "other"
)

// A Legacy is a file of the legacy deployment.
type Legacy struct {
	File
	Role   Role
	Config string // the configuration file that must hold its text after the take-over; "" for none
	Link   string // target, when it is a symbolic link and not a file
}

// under tells whether name is dir or lies below it.
func under(name, dir string) bool {
	return name == dir || strings.HasPrefix(name, strings.TrimSuffix(dir, "/")+"/")
}

func underAny(name string, dirs []string) bool {
	for _, dir := range dirs {
		if under(name, dir) {
			return true
		}
	}
	return false
}

// parents returns the directories above name, but not "/".
func parents(name string) []string {
	var list []string
	for dir := path.Dir(name); dir != "/" && dir != "."; dir = path.Dir(dir) {
		list = append(list, dir)
	}
	return list
}
