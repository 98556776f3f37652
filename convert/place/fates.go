package place

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/command"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/convert/plan"
)

// fates gives every statement of the scripts its one fate, and every effect a
// part or a reason why there is none.
func (x *placer) fates() {
	for _, e := range x.d.Effects {
		if !e.Failure {
			x.effect(e)
		}
	}
	for _, s := range x.d.Statements {
		f := x.fate(s)
		if f.Part == plan.PartUnplaced {
			x.p.Unplaced = append(x.p.Unplaced, f)
		}
		x.p.Fates = append(x.p.Fates, f)
	}
	x.orphans()
	x.byHand()
}

// byHand tells the administrator of every step that became a manual one, where
// the part that left it to a person has said nothing better: no step is a manual
// one without a note on what to do.
func (x *placer) byHand() {
	told := map[source.Pos]bool{}
	for _, n := range x.p.Manual {
		for _, at := range n.At {
			told[at] = true
		}
	}
	for _, f := range x.p.Fates {
		if f.Part != plan.PartManual || told[f.At.Pos] {
			continue
		}
		what := clip(f.Text, 160)
		if f.Target != "" && !strings.Contains(what, f.Target) {
			what += ", for " + clip(f.Target, 120)
		}
		x.manual([]source.Pos{f.At.Pos}, "", "No part of the package does this: %s. The reason: %s. Do it once by hand if it is still wanted.", what, f.Reason)
	}
}

// fate is what became of one statement.
func (x *placer) fate(s model.Statement) plan.Fate {
	f := plan.Fate{At: s.At, Text: clip(s.Text, 400)}
	if p, ok := x.placed[s.At.Pos]; ok {
		f.Part, f.Target, f.Reason = p.part, p.target, p.reason
		return f
	}
	switch s.Outcome {
	case string(command.Mechanics):
		f.Part, f.Reason = plan.PartManager, mechanics(s)
	case string(command.Opaque):
		f.Part, f.Reason = plan.PartUnplaced, "what it does is not known"+detail(s)
	case string(command.Unreached):
		f.Part, f.Reason = plan.PartNothing, "never reached in a deployment"
	case string(command.Message):
		f.Part, f.Reason = plan.PartNothing, "tells people what happens"
	case string(command.Handling):
		f.Part, f.Reason = plan.PartManager, "errors stop the package manager by themselves"
	case string(command.Pure):
		f.Part, f.Reason = plan.PartNothing, "computes or tests, and changes nothing"
	default:
		f.Part, f.Reason = plan.PartUnplaced, "its effect has no part in a package"+detail(s)
	}
	return f
}

func detail(s model.Statement) string {
	if s.Detail == "" {
		return ""
	}
	return ": " + clip(s.Detail, 160)
}

func mechanics(s model.Statement) string {
	if s.Detail != "" {
		return "mechanics of a deployment, which the package manager has: " + clip(s.Detail, 160)
	}
	return "mechanics of a deployment, which the package manager has"
}

// effect gives an effect that no part has taken its reason.
func (x *placer) effect(e *host.Effect) {
	at := []source.Pos{e.At.Pos}
	if old, ok := x.placed[e.At.Pos]; ok && old.part != plan.PartNothing {
		return
	}
	switch e.Op {
	case host.Fetch:
		x.fetch(e, at)
	case host.Backup:
		x.mark(at, plan.PartManager, e.Path, "no backup of the code is needed: every version can be installed again")
	case host.Remote:
		x.mark(at, plan.PartManager, e.Name, "the package is brought to the server by the package manager")
	case host.Language:
		x.mark(at, plan.PartBuild, e.Manager, "done before packing")
	case host.Remove, host.Clean:
		x.removal(e, at)
	case host.System:
		x.system(e, at)
	case host.RunCode:
		x.mark(at, plan.PartManual, e.URL+e.Path, "runs code that is not in the repository")
		x.manual(at, "", "The script runs code that is not in the repository: %s. See what it does and do it once by hand.", clip(e.What+e.URL+e.Path, 200))
	case host.StartOp:
		x.mark(at, plan.PartManual, e.What, "a program is started, and no unit could be made of it")
		x.manual(at, "", "The script starts %q. Write a unit for it.", clip(e.What, 160))
	case host.SetPassword:
		x.mark(at, plan.PartManual, e.Name, "no package sets a password")
		x.manual(at, "", "The script sets the password of %s. No package may do so.", e.Name)
	case host.Opaque:
		x.mark(at, plan.PartUnplaced, clip(e.What, 80), "what it does is not known")
	default:
		x.onFiles(e, at)
	}
}

// fetch explains a download that became no build step. The release of the
// application itself is one of an address that is known on the server only.
func (x *placer) fetch(e *host.Effect, at []source.Pos) {
	to := x.mapped(e.Path)
	switch {
	case e.Path == "" || !literalURL(e.URL):
		x.mark(at, plan.PartManager, e.URL, "downloads of the application are the package manager's; the payload is in the package")
	case strings.Contains(e.Path, "${") || within(e.Path, "/tmp") || within(e.Path, "/var/tmp"):
		x.mark(at, plan.PartManager, e.URL, "fetched for the deployment itself; what is made of it is told where it is made")
	case x.entries[to] != nil:
		x.mark(at, plan.PartPayload, to, "in the package")
	default:
		x.mark(at, plan.PartManual, e.URL, "the package does not have it")
		x.manual(at, "", "The script fetches %s to %s. The package does not have it: install it from its own package, or add it to packaging/stage.sh.", clip(e.URL, 200), e.Path)
	}
}

// removal explains what is deleted.
func (x *placer) removal(e *host.Effect, at []source.Pos) {
	switch {
	case x.inOld(e.Path), within(x.old, e.Path) && x.old != "":
		x.mark(at, plan.PartManager, e.Path, "files of an old version go with it")
	case strings.Contains(e.Path, "${"), within(e.Path, "/tmp"), within(e.Path, "/var/tmp"):
		x.mark(at, plan.PartManager, e.Path, "cleans up after the deployment itself")
	case x.entries[x.mapped(e.Path)] != nil, isUnitFile(e.Path), x.conffileAnywhere(e.Path):
		x.mark(at, plan.PartManager, e.Path, "the package manager removes what it installed")
	default:
		x.mark(at, plan.PartManual, e.Path, "a package removes nothing that is not its own")
		x.manual(at, "", "The script removes %s, which is not the package's. Do it once by hand if it is still wanted.", e.Path)
	}
}

// conffileAnywhere tells of files that the package has in another place on some
// formats.
func (x *placer) conffileAnywhere(p string) bool {
	return slices.ContainsFunc(x.p.TakeOver.Adopt, func(a plan.Adopt) bool { return slices.Contains(a.From, p) })
}

// system explains what is set on the machine as a whole.
func (x *placer) system(e *host.Effect, at []source.Pos) {
	switch e.Name {
	case "systemd", "pm2":
		x.mark(at, plan.PartManager, e.What, "the distribution's tools do it")
	case "virtual-environment":
		x.mark(at, plan.PartBuild, e.What, "made by packaging/stage.sh")
	default:
		x.mark(at, plan.PartManual, e.Name, "changes the machine as a whole")
		x.manual(at, clip(e.What, 300), "The script changes the machine as a whole (%s). Do it once by hand, or with configuration management.", e.Name)
	}
}

// onFiles explains effects on files that are no fact of the deployment.
func (x *placer) onFiles(e *host.Effect, at []source.Pos) {
	p := e.Path
	switch {
	case x.host != nil && e.Machine != x.where && x.d.Remote:
		x.mark(at, plan.PartManager, p, "prepares what is sent; the package has it")
	case p == "", strings.HasPrefix(p, "${"), within(p, "/tmp"), within(p, "/var/tmp"), within(p, "/dev"):
		x.mark(at, plan.PartManager, p, "a file of the deployment itself")
	case within(p, "/var/log"):
		x.mark(at, plan.PartManager, p, "a log of the deployment itself")
	case isUnitFile(p):
		x.mark(at, plan.PartUnit, path.Base(p), "a unit of the package takes its place")
	case x.entries[x.mapped(p)] != nil, x.hasDir(x.mapped(p)):
		x.mark(at, plan.PartPayload, x.mapped(p), "owner, mode and text are in the package")
	case x.inOld(p):
		x.mark(at, plan.PartPayload, x.code, "part of the code")
	case host.IsSystemDir(p):
		x.mark(at, plan.PartManager, p, "the directory belongs to the system and is left alone")
	case e.Op == host.Edit || e.Op == host.Append:
		x.mark(at, plan.PartManual, p, "changes a file that is not the package's")
		x.manual(at, "", "The script changes %s, which is not the package's. Make the change once by hand.", p)
	default:
		x.mark(at, plan.PartUnplaced, p, fmt.Sprintf("no part of a package takes %s of %s", e.Op, p))
	}
}

func (x *placer) hasDir(p string) bool {
	for _, d := range x.p.Dirs {
		if within(p, d.Path) {
			return true
		}
	}
	return false
}

// orphans are effects whose place is no statement: text that a script hands to
// another shell. They are listed, so that nothing is lost.
func (x *placer) orphans() {
	have := map[source.Pos]bool{}
	for _, s := range x.d.Statements {
		have[s.At.Pos] = true
	}
	for _, e := range x.d.Effects {
		if e.Failure || have[e.At.Pos] {
			continue
		}
		have[e.At.Pos] = true
		p := x.placed[e.At.Pos]
		f := plan.Fate{At: e.At, Text: clip(string(e.Op)+" "+e.Path+e.Name+" "+e.What, 200), Part: p.part, Target: p.target, Reason: p.reason}
		if f.Part == "" || f.Part == plan.PartUnplaced {
			f.Part, f.Reason = plan.PartUnplaced, "no part of a package takes it"
			x.p.Unplaced = append(x.p.Unplaced, f)
		}
		x.p.Fates = append(x.p.Fates, f)
	}
}
