package verify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/record"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/convert/verify/root"
)

// A DeployScript is the original deployment, as it is run in a throwaway root.
type DeployScript struct {
	Repo    *source.Repo
	Script  string   // path in the repository
	Args    []string // of the script
	Build   string   // script that makes the archive which the deployment downloads, "" none
	Effects []*host.Effect
}

// A DeployResult is what became of the deploy script in a throwaway root.
type DeployResult struct {
	Script     string       `json:"script"`
	NotRun     string       `json:"not_run,omitempty"` // why its end was not reached
	Calls      []string     `json:"calls,omitempty"`   // of recorded programs
	Comparison []Difference `json:"comparison"`
}

// deployDir is where the repository lies in the throwaway root.
const deployDir = "/root/deployment"

// RunDeploy runs a deploy script twice in a throwaway root and compares the tree
// that it leaves with what the package leaves, by the rules of [Spec.Compare]. A script
// that fails is no error: the result says so.
func RunDeploy(ctx context.Context, s *Spec, d DeployScript, opt root.Options) (*DeployResult, error) {
	p := s.Versions[1]
	if p.Plan == nil {
		return nil, fmt.Errorf("run the deploy script: nothing is known of the package's plan")
	}
	kind := kinds[p.Format]
	if kind != root.RPM {
		kind = root.Deb
	}
	if err := root.Possible(ctx, root.Deb, opt); err != nil {
		return &DeployResult{Script: d.Script, NotRun: err.Error()}, nil
	}
	run := root.Deployment{Repo: d.Repo.FS(), Dir: deployDir, Script: d.Script, Args: d.Args, Build: d.Build, Family: kind,
		Borrowed: rootSpec(p.Plan, p.Format).Borrowed, Dirs: webDirs[kind], Runs: 2}
	out, err := root.Deploy(ctx, opt, run)
	if err != nil {
		return nil, fmt.Errorf("run %s in a throwaway root: %w", d.Script, err)
	}
	res := &DeployResult{Script: d.Script}
	for _, c := range out.Calls {
		res.Calls = append(res.Calls, c.String())
	}
	if last := out.Runs[len(out.Runs)-1].Result; !last.OK() {
		res.NotRun = fmt.Sprintf("run %d ended with status %d: %s", len(out.Runs), last.Exit, finalLine(last.Stdout+last.Stderr))
	}
	res.Comparison = s.Compare(deploymentOf(recordOf(d, out, kind), d))
	return res, nil
}

func finalLine(text string) string {
	text = strings.TrimSpace(text)
	return text[strings.LastIndexByte(text, '\n')+1:]
}

// webDirs are the directories that web servers bring.
var webDirs = map[root.Kind][]string{
	root.Deb: {"/etc/nginx/sites-available", "/etc/nginx/sites-enabled", "/etc/nginx/conf.d", "/etc/apache2/sites-available", "/etc/apache2/sites-enabled", "/etc/apache2/conf-available"},
	root.RPM: {"/etc/httpd/conf.d", "/etc/nginx/conf.d"},
}

func deploymentOf(r *record.Record, d DeployScript) *Deployment {
	end := r.End(len(r.Runs))
	h, log := r.Machine(end, origins(d.Effects), func(name string) bool { _, ok := d.Repo.Lookup(name); return ok })
	return &Deployment{Host: h, Log: log, Code: append(end.CodeDirs(), deployDir), Start: r.Start.Lay}
}

// origins are the effects that say where a path comes from: a change of owner or mode
// does not.
func origins(log []*host.Effect) []*host.Effect {
	return slices.DeleteFunc(slices.Clone(log), func(e *host.Effect) bool { return e.Op == host.Chmod || e.Op == host.Chown })
}

// recordOf writes down what the runs did.
func recordOf(d DeployScript, out *root.Deployed, kind root.Kind) *record.Record {
	r := &record.Record{Script: d.Script, Start: record.Start{Src: deployDir, Dirs: webDirs[kind]}}
	if r.Start.OS = "debian"; kind == root.RPM {
		r.Start.OS = "redhat"
	}
	from := sums(d.Repo)
	for _, run := range out.Runs {
		if run.Result.OK() {
			r.Runs = append(r.Runs, runOf(run, from))
		}
	}
	if n := len(r.Runs); n > 0 {
		r.Runs[n-1].Services.Packages = installedBy(out.Calls)
		for name, s := range switched(out.Calls) {
			r.Runs[n-1].Services.Services[name] = s
		}
	}
	return r
}

// sums finds the files of a repository by their text.
func sums(repo *source.Repo) map[string][]string {
	out := map[string][]string{}
	for _, f := range repo.Files() {
		if b, err := repo.Read(f.Path); err == nil && len(b) > 0 {
			h := sha256.Sum256(b)
			key := hex.EncodeToString(h[:])
			out[key] = append(out[key], f.Path)
		}
	}
	return out
}

func runOf(run root.DeployRun, from map[string][]string) record.Run {
	out := record.Run{}
	out.Services.Services = services(run.After)
	for name, before := range services(run.Before) {
		if out.Services.Services[name] == before {
			delete(out.Services.Services, name)
		}
	}
	for _, c := range root.Diff(run.Before, run.After) {
		switch {
		case c.Subject != "file":
		case under(c.Name, deployDir), isWant(c.Name):
		default:
			out.Effects = append(out.Effects, effectOf(c.Name, run, from))
		}
	}
	accountsOf(&out, run)
	return out
}

// isWant tells of links by which units are enabled: they are recorded as services.
func isWant(name string) bool {
	dir := path.Dir(name)
	return strings.HasSuffix(dir, ".wants") || strings.HasSuffix(name, ".wants")
}

func effectOf(name string, run root.DeployRun, from map[string][]string) record.Effect {
	old, was := run.Before.Files[name]
	now, is := run.After.Files[name]
	if !is {
		return record.Effect{Op: "remove", Path: name}
	}
	e := record.Effect{Op: "create", Path: name, Owner: now.Owner, Group: now.Group, Mode: digits(now.Mode), Target: now.Link,
		Type: map[byte]string{'d': "dir", 'l': "link"}[now.Type], From: origin(name, from[now.SHA256])}
	e.Type = or(e.Type, "file")
	if !was || old.Type != now.Type {
		return e
	}
	e.Op = "change"
	for what, differ := range map[string]bool{"owner": old.Owner != now.Owner, "group": old.Group != now.Group, "mode": old.Mode != now.Mode, "content": old.SHA256 != now.SHA256} {
		if differ {
			e.Changed = append(e.Changed, what)
		}
	}
	slices.Sort(e.Changed)
	return e
}

// origin is the file of the repository that has the same text, of several the one
// whose path is most like.
func origin(name string, list []string) string {
	best, most := "", -1
	for _, r := range list {
		n := 0
		for a, b := r, name; n < len(r) && path.Base(a) == path.Base(b) && a != "."; n++ {
			a, b = path.Dir(a), path.Dir(b)
		}
		if n > most {
			best, most = r, n
		}
	}
	return best
}

func accountsOf(out *record.Run, run root.DeployRun) {
	for _, name := range sorted(run.After.Accounts) {
		a := run.After.Accounts[name]
		if old, was := run.Before.Accounts[name]; !was || old.String() != a.String() {
			out.Accounts.Passwd.Added = append(out.Accounts.Passwd.Added, fmt.Sprintf("%s:x:%d:%d::%s:%s", name, a.UID, a.GID, a.Home, a.Shell))
		}
	}
	for _, name := range sorted(run.After.Groups) {
		old, now := groupLine(run.Before, name), groupLine(run.After, name)
		if old != now {
			out.Accounts.Group.Added = append(out.Accounts.Group.Added, now)
			if old != "" {
				out.Accounts.Group.Removed = append(out.Accounts.Group.Removed, old)
			}
		}
	}
}

// groupLine is a line of group(5), "" for none.
func groupLine(s *root.Snapshot, name string) string {
	gid, ok := s.Groups[name]
	if !ok {
		return ""
	}
	var members []string
	for _, user := range sorted(s.Accounts) {
		if slices.Contains(s.Accounts[user].Groups, name) {
			members = append(members, user)
		}
	}
	return fmt.Sprintf("%s:x:%d:%s", name, gid, strings.Join(members, ","))
}

// services are the units that the stand-in for systemctl keeps.
func services(s *root.Snapshot) map[string]record.Service {
	out := map[string]record.Service{}
	for unit := range s.Running {
		out[strings.TrimSuffix(unit, ".service")] = record.Service{Active: true}
	}
	for _, link := range s.Enabled() {
		name := strings.TrimSuffix(path.Base(link), ".service")
		out[name] = record.Service{Active: out[name].Active, Enabled: true}
	}
	return out
}
