package lint

import (
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
)

var buildAsRoot = &Rule{
	ID: "build-as-root", Group: Security, Severity: diag.Warning, Confidence: diag.Medium,
	Doc: Doc{
		Title:      "What comes from outside is fetched, unpacked and built as root",
		Text:       "The installation scripts of every dependency run with all rights, and what they leave belongs to root in a tree that others use. Build as an account without rights, best not on the server at all.",
		Bad:        "#!/bin/sh\nset -e\n[ \"$(id -u)\" = 0 ] || { echo 'run me as root' >&2; exit 1; }\ncd /srv/shop\nnpm ci\n",
		Good:       "#!/bin/sh\nset -e\n[ \"$(id -u)\" = 0 ] || { echo 'run me as root' >&2; exit 1; }\ncd /srv/shop\nsudo -u builder npm ci\n",
		Exceptions: "Only where the script demands root, does what only root may without sudo, or becomes root for the step. One finding for a script.",
		Since:      "0.1",
		References: []string{"npm documentation, \"scripts: user\"", "Composer documentation, \"How do I install untrusted packages safely?\""},
	},
	Run: func(p *Pass) {
		for _, e := range perPlace(p.Effects(host.Language, host.Clone, host.Extract, host.Fetch, host.RunCode)) {
			if !p.onTarget(e) || !runsForeignCode(e) || !p.asRoot(e) {
				continue
			}
			p.Report(Report{At: e.At, Confidence: p.sure(e), Effect: "root", Related: p.rootLabel(e),
				Message: foreignName(e) + " runs as root, with the whole script: what comes from outside, and the scripts in it, have all rights", Help: "run it as an account without rights: sudo -u ACCOUNT ..."})
			return
		}
	},
}

// asRoot tells whether an effect happens with root's rights.
func (p *Pass) asRoot(e *host.Effect) bool {
	switch {
	case e.User == "root":
		return e.Op == host.Language || e.Op == host.RunCode || p.rootScript()
	case e.User != "":
		return false
	}
	return p.rootLogin(e) || e.Machine == 0 && p.rootScript()
}

// rootScript tells whether the script as a whole runs as root: it demands it,
// or it does what only root may without becoming root for the step.
func (p *Pass) rootScript() bool {
	return onceEach(p.facts, "rootScript", func() bool {
		if slices.ContainsFunc(p.Requirements, func(r model.Requirement) bool { return r.Kind == "root" }) {
			return true
		}
		return p.onlyRoot() != nil
	})
}

// onlyRoot is a step that only root may take, taken without sudo.
func (p *Pass) onlyRoot() *host.Effect {
	for _, e := range p.RunEffects(1, host.PackageOp, host.AddUser, host.Write, host.CopyTo, host.Chown, host.MakeDir) {
		if e.User != "" || e.Machine != 0 || e.Alt {
			continue
		}
		switch e.Op {
		case host.PackageOp:
			if e.Manager == "apt" || e.Manager == "yum" || e.Manager == "dnf" {
				return e
			}
		case host.AddUser:
			return e
		default:
			if below(e.Path, "/etc") || below(e.Path, "/usr") || below(e.Path, "/lib") {
				return e
			}
		}
	}
	return nil
}

// rootLabel points at what shows that the script runs as root.
func (p *Pass) rootLabel(e *host.Effect) []diag.Label {
	for _, r := range p.Requirements {
		if r.Kind == "root" && len(r.At) > 0 {
			return []diag.Label{{At: source.Span{Pos: r.At[0]}, Text: "the script demands root here"}}
		}
	}
	if o := p.onlyRoot(); o != nil && e.User == "" {
		return []diag.Label{Label(o, "only root may do this")}
	}
	return nil
}

// runsForeignCode tells of steps that bring code from outside or run it.
func runsForeignCode(e *host.Effect) bool {
	switch e.Op {
	case host.Language:
		return builds(e)
	case host.Clone:
		return e.Action == "clone" || strings.HasPrefix(e.Action, "pull") || strings.HasPrefix(e.Action, "reset")
	case host.Fetch:
		return e.Path != "" && e.Action != "probe"
	case host.RunCode:
		return e.URL != ""
	}
	return e.Kind != host.Regular
}

func foreignName(e *host.Effect) string {
	switch e.Op {
	case host.Language:
		return e.Manager
	case host.Clone:
		return "git " + e.Action
	case host.Extract:
		return "the unpacking of " + e.From
	case host.Fetch:
		return "the download"
	}
	return "downloaded code"
}

// rootLogin tells whether an effect happens in a session of root on another machine.
func (p *Pass) rootLogin(e *host.Effect) bool {
	return e.Machine != 0 && p.Target != nil && int(e.Machine) < len(p.Target.Machines) && strings.HasPrefix(p.Target.Machines[e.Machine].Name, "root@")
}
