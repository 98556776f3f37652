// Package detect turns effects on the abstract machine into facts of a
// deployment, one file a subject.
package detect

import (
	"cmp"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/analyze/value"
)

// A Run is what the scripts did: all effects of both runs in order, and the
// machines that resulted.
type Run struct {
	Host    *host.Host
	Effects []*host.Effect
	Origin  string // model.FromScript or model.FromCompanion
	App     string // name of the application

	// Sample finds the sample of a configuration file by the base name of that
	// file, "" none. It may be nil.
	Sample func(base string) string
}

// Facts fills d with the facts of a run. Facts of earlier calls stay; those
// with the same key are joined.
func Facts(d *model.Deployment, r Run) {
	x := newContext(d, r)
	x.target()
	x.once()
	x.codeDir()
	x.accounts()
	x.files()
	x.services()
	x.packages()
	x.declared()
	x.languages()
	x.downloads()
	x.cron()
	x.others()
	sortFacts(&d.Facts)
}

// context is what the subjects share.
type context struct {
	d      *model.Deployment
	h      *host.Host
	origin string
	app    string
	sample func(base string) string
	all    []*host.Effect // those that are facts: on the target, not failure handling
	local  []*host.Effect // on the machine the script runs on, when that is not the target
	remote bool
	where  int32           // the target machine
	twice  map[string]bool // steps that the second run does too

	firsts    map[string]map[string]bool // paths that a step of the first run has, by transfer
	redeploys bool                       // the second run does much of the first again: it did not end early

	codeDirs map[string]bool // directories that code is brought to
	codeTops []string        // the same, longest first
}

func newContext(d *model.Deployment, r Run) *context {
	return &context{d: d, h: r.Host, origin: r.Origin, app: r.App, sample: r.Sample, all: r.Effects}
}

// target decides which machine the application ends up on. Effects elsewhere
// are not facts of the deployment, except builds.
func (x *context) target() {
	score := make(map[int32]int)
	for _, e := range x.all {
		if e.Failure || x.h.Machines[e.Machine].Kind == "container" {
			continue
		}
		score[e.Machine] += weight(e)
	}
	best := int32(0)
	for i, m := range x.h.Machines {
		w := int32(i)
		if m.Kind == "remote" && score[w] > 0 && (score[w] > score[best] || best == 0 && score[0] < serverWork) {
			best = w
		}
	}
	x.where = best
	x.remote = x.h.Machines[best].Kind == "remote"
	var facts []*host.Effect
	for _, e := range x.all {
		switch {
		case e.Failure || e.Alt:
		case x.here(e.Machine):
			facts = append(facts, e)
		default:
			x.local = append(x.local, e)
		}
	}
	x.all = facts
	x.d.Remote = x.d.Remote || x.remote
}

// serverWork is the weight of what one change to the system itself has.
const serverWork = 10

// weight says how much an effect shows that its machine is a server.
func weight(e *host.Effect) int {
	switch e.Op {
	case host.ServiceOp, host.AddUser, host.PackageOp, host.Cron:
		return serverWork
	case host.Remote, host.Opaque, host.Fetch, host.Language, host.Chmod, host.Remove, host.System, host.Backup:
		return 0
	case host.Write, host.CopyTo, host.Symlink, host.Edit, host.MakeDir, host.MoveTo, host.Append:
		if strings.HasPrefix(e.Path, "/etc/") || strings.HasPrefix(e.Path, "/usr/") || strings.HasPrefix(e.Path, "/var/lib/") {
			return serverWork
		}
		return 1
	}
	return 1
}

// here tells whether a machine is the target: all remote machines are one kind
// of server when the target is remote.
func (x *context) here(where int32) bool {
	if x.remote {
		return x.h.Machines[where].Kind == "remote"
	}
	return where == x.where || x.h.Machines[where].Kind == "chroot"
}

// once finds the steps that the second run does again.
func (x *context) once() {
	x.twice = make(map[string]bool)
	for _, e := range x.all {
		if e.Run == 2 {
			x.twice[stepKey(e)] = true
		}
	}
	first, again := 0, 0
	for _, e := range x.all {
		if e.Run == 1 {
			first++
			if x.twice[stepKey(e)] {
				again++
			}
		}
	}
	x.redeploys = 3*again >= first
}

func stepKey(e *host.Effect) string { return e.At.Pos.String() + "\x00" + e.Key() }

// evidence says where an effect stands and how far it holds.
func (x *context) evidence(e *host.Effect) model.Evidence {
	ev := model.Evidence{At: []source.Pos{e.At.Pos}, Origin: x.origin, Certainty: model.May, When: When(e.When)}
	if e.Must {
		ev.Certainty = model.Must
	}
	ev.Once = e.Run == 1 && !x.twice[stepKey(e)] || ifAbsent(e)
	if e.Machine != 0 {
		ev.Machine = x.h.Machines[e.Machine].Name
	}
	return ev
}

// When puts conditions into words. Those that only say that an earlier exit
// was not taken are left out.
func When(conds []host.Cond) string {
	var parts []string
	for _, c := range conds {
		if c.Rest || c.Text == "" {
			continue
		}
		text := strings.TrimSuffix(strings.TrimSpace(c.Text), ";")
		if c.Neg {
			text = "not " + text
		}
		if !slices.Contains(parts, text) {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, ", ")
}

// add joins a fact's evidence with that of the same fact seen before.
func add(old *model.Evidence, ev model.Evidence) {
	for _, p := range ev.At {
		if !slices.Contains(old.At, p) {
			old.At = append(old.At, p)
		}
	}
	slices.SortFunc(old.At, source.Pos.Compare)
	if ev.Certainty == model.Must {
		old.Certainty, old.When = model.Must, ""
	}
	if old.Certainty == model.May && old.When == "" {
		old.When = ev.When
	}
	if ev.Origin == model.FromScript {
		old.Origin = model.FromScript
	}
	old.Once = old.Once && ev.Once
}

// A keyed fact is one of a slice that is found by its key.
func upsert[T any](list *[]T, same func(*T) bool, ev func(*T) *model.Evidence, fact T) *T {
	for i := range *list {
		if same(&(*list)[i]) {
			add(ev(&(*list)[i]), *ev(&fact))
			return &(*list)[i]
		}
	}
	*list = append(*list, fact)
	return &(*list)[len(*list)-1]
}

// temporary tells of paths that do not outlive the script.
func temporary(e *host.Effect) bool { return temporaryPath(e.Path, e.Val) }

func temporaryPath(p string, v value.Value) bool {
	for _, h := range v.Best().Holes() {
		if h.Kind == value.Temp {
			return true
		}
	}
	return p == "/tmp" || p == "/var/tmp" || strings.HasPrefix(p, "/tmp/") || strings.HasPrefix(p, "/var/tmp/") || strings.HasPrefix(p, "/dev/")
}

func sortFacts(f *model.Facts) {
	sortBy(f.Users, func(u model.User) string { return u.Name })
	sortBy(f.Groups, func(g model.Group) string { return g.Name })
	sortBy(f.Required, func(a model.Account) string { return a.Kind + a.Name })
	sortBy(f.Directories, func(d model.Directory) string { return d.Path })
	sortBy(f.ConfigFiles, func(c model.ConfigFile) string { return c.Path })
	sortBy(f.Files, func(c model.File) string { return c.Path })
	sortBy(f.Symlinks, func(c model.Symlink) string { return c.Path })
	sortBy(f.Services, func(s model.Service) string { return s.Name })
	sortBy(f.Packages, func(p model.OSPackage) string { return p.Name + p.Via })
	sortBy(f.Downloads, func(d model.Download) string { return d.URL })
	sortBy(f.Secrets, func(s model.Secret) string { return s.Rule + s.At[0].String() })
}

func sortBy[T any](list []T, key func(T) string) {
	slices.SortStableFunc(list, func(a, b T) int { return cmp.Compare(key(a), key(b)) })
}
