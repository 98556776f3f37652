package detect

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/command"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
)

// tally counts the evidence for each class of deployment.
type tally struct {
	n  map[model.Class]int
	at map[model.Class][]source.Pos
	ex map[model.Class]string // first example

	carried int // part of what is counted for a server that only brings code to a place
}

func (t *tally) add(c model.Class, n int, at source.Pos, what string) {
	t.n[c] += n
	t.at[c] = append(t.at[c], at)
	if t.ex[c] == "" {
		t.ex[c] = what
	}
}

// Classify says what kind of place the deployment deploys to, and why.
func Classify(d *model.Deployment, c *Companion) {
	t := &tally{n: map[model.Class]int{}, at: map[model.Class][]source.Pos{}, ex: map[model.Class]string{}}
	seen := map[string]bool{}
	for _, e := range d.Effects {
		if key := stepKey(e); !e.Failure && !seen[key] {
			seen[key] = true
			t.effect(e)
		}
	}
	t.pushes(d.Statements)
	t.entry(d, c)
	if len(t.n) == 0 {
		t.unreached(d.Statements)
		t.fetched(d, c)
	}
	d.Class, d.ClassReason = t.decide(d)
	d.ClassAt = append([]source.Pos{}, t.at[d.Class][:min(len(t.at[d.Class]), 5)]...)
	d.Strategy = strategy(d)
}

// effect counts what one effect shows.
func (t *tally) effect(e *host.Effect) {
	at := e.At.Pos
	switch e.Op {
	case host.System:
		t.system(e)
	case host.ServiceOp:
		if engine.MatchString(e.Name) {
			t.add(model.Container, 1, at, "the service "+e.Name)
			return
		}
		t.add(model.Server, 12, at, "the service "+e.Name)
	case host.AddUser, host.AddGroup:
		t.add(model.Server, 12, at, "the account "+e.Name)
	case host.Cron:
		t.add(model.Server, 12, at, "the job "+e.What)
	case host.PackageOp:
		if e.Action == "install" && !engine.MatchString(e.Name) {
			t.add(model.Server, 6, at, "the package "+e.Name)
		}
	case host.Migrate, host.StartOp:
		t.add(model.Server, 6, at, cmp.Or(e.What, e.Name))
	case host.Clone:
		t.checkout(e)
	case host.Remote:
		t.carry(6, at, e.Manager+" "+e.Name)
	case host.CopyTo, host.Write, host.Symlink, host.Sync, host.MakeDir, host.Chown, host.Extract, host.MoveTo, host.Append, host.Edit:
		t.file(e)
	case host.Language:
		t.add(model.BuildOnly, 2, at, e.Manager+" "+e.What)
	}
}

// entry counts what the file that drives the deployment is: what a unit or a
// recipe runs on is a server, what an image is made from is none.
func (t *tally) entry(d *model.Deployment, c *Companion) {
	for _, cand := range d.Candidates {
		if !cand.Chosen || !c.IsFront(cand.Path) {
			continue
		}
		for _, r := range c.Of(cand.Path) {
			at := source.Pos{File: cand.Path, Line: 1, Col: 1}
			switch fronts[r.Kind].kind {
			case "dockerfile", "compose":
				t.add(model.Container, 1000, at, cand.Path+" makes containers")
			case "unit", "remote", "recipe", "userdata":
				t.add(model.Server, 12, at, cand.Path+" is for a server")
			}
		}
	}
}

// engine matches the names of services and packages that run containers.
var engine = lazyregexp.New(`^(docker|docker[-.](io|ce|compose|engine|buildx).*|podman.*|containerd(\.io)?|kubelet|kubectl|kubeadm|k3s)$`)

// system counts an effect of a tool that is none of the subjects.
func (t *tally) system(e *host.Effect) {
	class := map[string]model.Class{"container": model.Container, "cloud": model.Cloud, "static-hosting": model.StaticSite}[e.Name]
	if class != "" {
		t.add(class, 10, e.At.Pos, e.What)
		return
	}
	t.add(model.Server, 4, e.At.Pos, e.What)
}

// checkout counts what brings code to a place. A branch that is only changed in
// the tree that the script lies in shows nothing.
func (t *tally) checkout(e *host.Effect) {
	switch e.Action {
	case "pull", "clone", "reset", "fetch":
		t.carry(4, e.At.Pos, "git "+e.Action)
	default:
		if !strings.HasPrefix(e.Path, "${PWD}") {
			t.carry(4, e.At.Pos, e.What)
		}
	}
}

// carry counts what brings code to a machine: a server, unless what is done
// with it there is for containers or another host.
func (t *tally) carry(n int, at source.Pos, what string) {
	t.add(model.Server, n, at, what)
	t.carried += n
}

// fetched counts what the scripts do that an installer downloads from its own
// repository and goes on with.
func (t *tally) fetched(d *model.Deployment, c *Companion) {
	for _, dl := range d.Facts.Downloads {
		if d.Target == nil {
			return
		}
		name := d.Target.OwnFile(dl.URL)
		if name == "" {
			continue
		}
		b, err := c.repo.Read(name)
		if err != nil || source.IsBinary(b) {
			continue
		}
		for _, sign := range signs {
			if sign.score > 4 && sign.class == model.Server && sign.re.Match(b) {
				t.add(sign.class, sign.score, dl.At[0], name+", which it downloads")
			}
		}
	}
}

// unreached counts what stands in scripts of which nothing could be followed:
// their functions may be called by what is not in the repository.
func (t *tally) unreached(list []model.Statement) {
	for _, s := range list {
		if s.Outcome != string(command.Unreached) && s.Outcome != string(command.Opaque) {
			continue
		}
		for _, sign := range signs {
			if sign.score > 4 && sign.re.MatchString(s.Text) {
				t.add(sign.class, sign.score, s.At.Pos, s.Text+" (not reached from the beginning of the script)")
			}
		}
	}
	if n := t.n[model.RemoteOrchestration]; n > 0 { // decided by the machine that is reached
		t.n[model.Server] += n
		t.at[model.Server] = append(t.at[model.Server], t.at[model.RemoteOrchestration]...)
		t.ex[model.Server] = cmp.Or(t.ex[model.Server], t.ex[model.RemoteOrchestration])
	}
}

// buildPlace matches paths in the tree that the script lies in, and those that
// are named for what is built.
var buildPlace = lazyregexp.New(`^\$\{(PWD|BUILD|DIST|OUT|STAG|WORKSPACE|PKG|PACKAGE|DESTDIR|ARTIFACT)`)

// file counts a change of a file: of the machine when its path is absolute; one
// that is only known from a caller's value on counts less.
func (t *tally) file(e *host.Effect) {
	switch {
	case temporary(e):
	case strings.HasPrefix(e.Path, "/"):
		t.add(model.Server, 3, e.At.Pos, e.Path)
	case buildPlace.MatchString(e.Path):
		t.add(model.BuildOnly, 1, e.At.Pos, e.Path)
	case strings.HasPrefix(e.Path, "${"):
		t.add(model.Server, 1, e.At.Pos, e.Path)
	}
}

var (
	pushPages = lazyregexp.New(`\bgit push\b.*\b(gh-pages|pages)\b|\.github\.io`)
	pushCloud = lazyregexp.New(`\bgit push\b.*\b(heroku|dokku|scalingo|clever|gigalixir|piku|azure)\b`)
)

// pushes counts what is pushed to a host of pages or a platform: it changes no
// machine that a script sees.
func (t *tally) pushes(list []model.Statement) {
	for _, s := range list {
		switch {
		case s.Outcome == "unreached" || !strings.HasPrefix(s.Text, "git "):
		case pushPages.MatchString(s.Text):
			t.add(model.StaticSite, 20, s.At.Pos, s.Text)
		case pushCloud.MatchString(s.Text):
			t.add(model.Cloud, 20, s.At.Pos, s.Text)
		}
	}
}

// reasons begin the sentence that says why.
var reasons = map[model.Class]string{
	model.Server:     "the scripts change this machine: ",
	model.Container:  "the application runs in containers: ",
	model.Cloud:      "the application is handed to a cloud service: ",
	model.StaticSite: "the pages are handed to a static host: ",
}

// hosted are the classes of deployments to what is no server of one's own.
var hosted = []model.Class{model.Container, model.Cloud, model.StaticSite}

// decide takes the class with the strongest evidence.
func (t *tally) decide(d *model.Deployment) (model.Class, string) {
	best := t.strongest()
	switch {
	case best == model.Other && t.n[model.BuildOnly] > 0, best == model.Server && t.n[best] < 6 && t.n[model.BuildOnly] > 3*t.n[best]:
		return model.BuildOnly, "the scripts build and change no machine: " + t.ex[model.BuildOnly]
	case best == model.Other:
		return best, "no script was found that puts an application on a machine"
	case best == model.Server && d.Remote:
		t.at[model.RemoteOrchestration] = t.at[best]
		return model.RemoteOrchestration, "the scripts change another machine over the network: " + t.ex[best] + t.rest()
	case best == model.Server:
		return best, reasons[best] + t.ex[best] + t.rest()
	case t.n[model.Server] >= 12:
		return best, reasons[best] + t.ex[best] + "; only what they change on a machine itself can be packaged: " + t.ex[model.Server]
	}
	return best, reasons[best] + t.ex[best]
}

// strongest is the class with the most evidence. Code that is only carried to a
// machine, to be run there by an engine for containers or handed on, is theirs.
func (t *tally) strongest() model.Class {
	best := model.Other
	for _, c := range hosted {
		if t.n[c] > t.n[best] {
			best = c
		}
	}
	server := t.n[model.Server]
	if server > 0 && server >= t.n[best] && (best == model.Other || server > t.carried) {
		return model.Server
	}
	return best
}

// rest says which part of a mixed deployment no package can hold.
func (t *tally) rest() string {
	for _, c := range hosted {
		if t.n[c] > 0 {
			return fmt.Sprintf("; this part cannot be packaged: %s (%s)", t.ex[c], t.at[c][0])
		}
	}
	return ""
}

// strategy names the ways by which the code gets to its place.
func strategy(d *model.Deployment) []string {
	found := map[string]bool{}
	for _, e := range d.Effects {
		if e.Failure {
			continue
		}
		switch e.Op {
		case host.Clone:
			found["git-"+e.Action] = true
		case host.Sync:
			found["rsync"] = true
		case host.Remote:
			if e.Manager == "scp" || e.Manager == "rsync" {
				found[e.Manager] = true
			}
		case host.Extract:
			if strings.HasSuffix(e.From, ".zip") {
				found["zip"] = true
			} else {
				found["tarball"] = true
			}
		case host.Language:
			found["build-on-server"] = true
		case host.System:
			if e.Name == "container" {
				found["docker"] = true
			}
		case host.CopyTo:
			if e.Content.Repo() != "" && e.Kind == host.Dir {
				found["cp"] = true
			}
		}
	}
	out := make([]string, 0, len(found))
	for s := range found {
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}
