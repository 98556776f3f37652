package detect

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
)

// tally counts the evidence for each class of deployment.
type tally struct {
	n  map[model.Class]int
	at map[model.Class][]source.Pos
	ex map[model.Class]string // first example
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
	t := &tally{map[model.Class]int{}, map[model.Class][]source.Pos{}, map[model.Class]string{}}
	for _, e := range d.Effects {
		if !e.Failure && e.Run == 1 {
			t.effect(e, d)
		}
	}
	d.Class, d.ClassReason = t.decide(d)
	d.ClassAt = t.at[d.Class]
	d.ClassAt = slices.Clip(d.ClassAt[:min(len(d.ClassAt), 5)])
	if d.ClassAt == nil {
		d.ClassAt = []source.Pos{}
	}
	d.Strategy = strategy(d)
}

// effect counts what one effect shows.
func (t *tally) effect(e *host.Effect, d *model.Deployment) {
	at := e.At.Pos
	switch e.Op {
	case host.System:
		switch e.Name {
		case "container":
			t.add(model.Container, 10, at, e.What)
		case "cloud":
			t.add(model.Cloud, 10, at, e.What)
		case "static-hosting":
			t.add(model.StaticSite, 10, at, e.What)
		default:
			t.add(model.Server, 4, at, e.What)
		}
	case host.ServiceOp:
		t.add(model.Server, 12, at, "the service "+e.Name)
	case host.AddUser, host.AddGroup, host.Cron:
		t.add(model.Server, 12, at, "the account or job "+e.Name+e.What)
	case host.PackageOp, host.Migrate, host.StartOp:
		t.add(model.Server, 6, at, e.Name+e.What)
	case host.Clone:
		if e.Action == "pull" || e.Action == "clone" || e.Action == "reset" || e.Action == "checkout" || e.Action == "fetch" {
			t.add(model.Server, 4, at, "git "+e.Action)
		}
	case host.Remote:
		t.add(model.Server, 6, at, e.Manager+" "+e.Name)
	case host.CopyTo, host.Write, host.Symlink, host.Sync, host.MakeDir, host.Chown, host.Extract, host.MoveTo, host.Append, host.Edit:
		if strings.HasPrefix(e.Path, "/") && !temporary(e) {
			t.add(model.Server, 3, at, e.Path)
		}
	case host.Language:
		t.add(model.BuildOnly, 2, at, e.Manager+" "+e.What)
	}
}

// decide takes the class with the strongest evidence: hosting that is not ours
// outweighs traces of a server.
func (t *tally) decide(d *model.Deployment) (model.Class, string) {
	best := model.Other
	for _, c := range []model.Class{model.Server, model.Container, model.Cloud, model.StaticSite} {
		if t.n[c] > t.n[best] {
			best = c
		}
	}
	if best == model.Server && d.Remote {
		t.at[model.RemoteOrchestration], t.ex[model.RemoteOrchestration] = t.at[best], t.ex[best]
		return model.RemoteOrchestration, "the scripts change another machine over the network: " + t.ex[model.Server]
	}
	if best == model.Other {
		if t.n[model.BuildOnly] > 0 {
			return model.BuildOnly, "the scripts build and change no machine: " + t.ex[model.BuildOnly]
		}
		return best, "no script was found that puts an application on a machine"
	}
	reason := map[model.Class]string{
		model.Server:     "the scripts change this machine: ",
		model.Container:  "the application runs in containers: ",
		model.Cloud:      "the application is handed to a cloud service: ",
		model.StaticSite: "the pages are handed to a static host: ",
	}[best]
	return best, reason + fmt.Sprintf("%s", t.ex[best])
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
