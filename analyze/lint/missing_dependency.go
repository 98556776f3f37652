package lint

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/shell"
)

var missingDependency = &Rule{
	ID: "missing-dependency", Group: Reliability, Severity: diag.Note, Confidence: diag.Medium,
	Doc: Doc{
		Title:      "A program is used that nothing installs",
		Text:       "The script installs packages, but not the one that holds this program. On the machine it was written on it was there; a fresh one stops here.",
		Bad:        "#!/bin/sh\nset -e\napt-get update\napt-get install -y nginx\njq -r .version package.json > /srv/version\n",
		Good:       "#!/bin/sh\nset -e\napt-get update\napt-get install -y nginx jq\njq -r .version package.json > /srv/version\n",
		Exceptions: "Only for scripts that install packages themselves, and programs whose package is known. Silent behind a test for the program.",
		Since:      "0.1",
	},
	Run: func(p *Pass) {
		installed := map[string]bool{}
		for _, pkg := range p.Facts.Packages {
			installed[strings.ToLower(pkg.Name)] = true
		}
		if len(installed) == 0 || p.Remote {
			return
		}
		seen := map[string]bool{}
		p.Calls(func(t shell.Parsed, c *syntax.CallExpr, words []string) {
			name := calledProgram(words)
			pkgs, known := programPackages[name]
			if !known || seen[name] || slices.ContainsFunc(pkgs, func(s string) bool { return has(installed, s) }) || p.tests(name) {
				return
			}
			seen[name] = true
			p.Report(Report{At: t.Span(c), Effect: name, Message: name + " is used and nothing installs it: on a fresh machine the script stops here", Help: "install " + pkgs[0] + " with the other packages"})
		})
	},
}

// has tells whether a package, or one whose name begins with it, is installed.
func has(installed map[string]bool, name string) bool {
	for p := range installed {
		if p == name || strings.HasPrefix(p, name+"-") || strings.HasPrefix(p, name+"=") || p == "build-essential" && name == "make" {
			return true
		}
	}
	return false
}

// programPackages are programs that no minimal system has, with the packages
// that bring them.
var programPackages = map[string][]string{
	"jq": {"jq"}, "git": {"git"}, "unzip": {"unzip"}, "zip": {"zip"}, "rsync": {"rsync"}, "make": {"make"}, "gcc": {"gcc", "build-essential"},
	"cmake": {"cmake"}, "virtualenv": {"virtualenv", "python3-virtualenv", "python-virtualenv"}, "supervisorctl": {"supervisor"}, "nginx": {"nginx", "nginx-full"},
	"a2ensite": {"apache2"}, "a2enmod": {"apache2"}, "redis-cli": {"redis-tools", "redis", "redis-server"}, "psql": {"postgresql-client", "postgresql"},
	"ffmpeg": {"ffmpeg"}, "convert": {"imagemagick"}, "certbot": {"certbot", "python3-certbot", "letsencrypt"}, "ufw": {"ufw"}, "dos2unix": {"dos2unix"},
}

// calledProgram is the program that a command line runs, behind sudo.
func calledProgram(words []string) string {
	for i, w := range words {
		if i == 0 && w == "sudo" || i > 0 && strings.HasPrefix(w, "-") {
			continue
		}
		if strings.Contains(w, "/") {
			return ""
		}
		return w
	}
	return ""
}

// tests tells whether a script asks for a program before.
func (p *Pass) tests(name string) bool {
	return slices.ContainsFunc(p.Statements(), func(s shell.Statement) bool {
		return (strings.HasPrefix(s.Text, "command -v") || strings.HasPrefix(s.Text, "which") || strings.HasPrefix(s.Text, "type ") || strings.HasPrefix(s.Text, "hash ")) && strings.Contains(s.Text, name)
	})
}
