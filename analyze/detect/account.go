package detect

import (
	"strings"

	"github.com/nativize/nativize/analyze/command"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/shell"
	"github.com/nativize/nativize/analyze/source"
)

// Account takes over the scripts that were read and the outcome of each of
// their statements.
func Account(d *model.Deployment, m *shell.Machine, entry, build string) {
	d.Scripts = nil
	for _, s := range m.Scripts() {
		role := "library"
		switch s.Path {
		case entry:
			role = "entry"
		case build:
			role = "build"
		}
		d.Scripts = append(d.Scripts, model.Script{Path: s.Path, Role: role, Language: s.Language, Bashism: s.Bashism, Error: s.Error})
	}
	d.Statements, d.Coverage = nil, model.Coverage{}
	for _, s := range m.Statements() {
		d.Statements = append(d.Statements, model.Statement{At: s.At, Text: s.Text, Outcome: string(s.Outcome), Detail: s.Detail})
		switch s.Outcome {
		case command.Unreached:
			d.Coverage.Unreached++
		case command.Opaque:
			d.Coverage.Opaque++
			d.Coverage.Statements++
		default:
			d.Coverage.Understood++
			d.Coverage.Statements++
		}
	}
}

// Demands turns the tests that stop a script into requirements, and what was
// not read into unknowns.
func Demands(d *model.Deployment, res *shell.Result) {
	for _, r := range res.Requirements {
		text := When([]host.Cond{r.Cond})
		Requirements(d, kindOf(text), text, r.At)
	}
	for _, p := range res.Problems {
		d.Unknowns = append(d.Unknowns, model.Unknown{ID: "read-" + p.Pos.String(), Text: p.Err.Error(), At: []source.Pos{p.Pos}})
	}
}

// kindOf sorts a requirement by what its text is about.
func kindOf(text string) string {
	for _, k := range []struct {
		kind  string
		signs []string
	}{
		{"root", []string{"run as root", "EUID", "id -u", "whoami", "sudo"}},
		{"argument", []string{"$#", "$1", "$2", "${1", "${#", "$@", "$*"}},
		{"distribution", []string{"release", "debian", "ubuntu", "centos", "apt-get", "yum", "dnf", "uname", "$ID", "OSTYPE"}},
		{"tool", []string{"command -v", "which ", "type ", "hash ", "-x "}},
		{"file", []string{"-f ", "-d ", "-e ", "-s ", "-r "}},
		{"environment", []string{"-z ", "-n ", "${"}},
	} {
		for _, s := range k.signs {
			if strings.Contains(text, s) {
				return k.kind
			}
		}
	}
	return "other"
}
