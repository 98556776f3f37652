package verify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/analyze/value"
	"github.com/nativize/nativize/convert/plan"
)

// A Difference is something that the deployment leaves and the package does
// not, or has in another form. Rule says why that is right; a difference
// without one is an error.
type Difference struct {
	Subject   string   `json:"subject"` // account, directory, file, link, service, cron, dependency
	Name      string   `json:"name"`
	Deploy    string   `json:"deployment"`
	Package   string   `json:"package"`
	Rule      string   `json:"rule,omitempty"` // name of one of Rules
	Why       string   `json:"why,omitempty"`  // the rule for this case; without a rule what the plan says, "" nothing
	DeployAt  []string `json:"deployment_at,omitempty"`
	PackageAt []string `json:"package_at,omitempty"`
	// Formats are those whose package differs so, nil all that were compared.
	Formats []plan.Format `json:"formats,omitempty"`
}

// Text is the difference in one line.
func (d Difference) Text() string {
	return fmt.Sprintf("%s %s: deployment: %s; package: %s", d.Subject, d.Name, or(d.Deploy, "none"), or(d.Package, "none"))
}

// A Deployment is a machine after the deployment's scripts ran.
type Deployment struct {
	Host  *host.Host
	Where int32
	Log   []*host.Effect
	// Code are directories that the code was deployed in, besides that of the plan.
	Code []string
	// Start lays on a machine what was there before the deployment; nil for a
	// fresh machine.
	Start func(*host.Host)
}

// DeploymentOf takes the machine of a host on which the deployment makes most.
func DeploymentOf(h *host.Host, log []*host.Effect) *Deployment {
	if h == nil {
		return nil
	}
	d := &Deployment{Host: h, Log: log}
	most := -1
	for i := range h.Machines {
		n := 0
		h.Each(host.File, int32(i), func(_ string, e host.Entry) {
			if e.(*host.Node).Made {
				n++
			}
		})
		if n > most {
			most, d.Where = n, int32(i)
		}
	}
	return d
}

// Compare holds the end state of a deployment against that of its package on a
// machine with the same start, property by property. The differences are
// sorted by subject and name.
func (s *Spec) Compare(d *Deployment) []Difference {
	p := s.Versions[1]
	if d == nil || p.Plan == nil {
		return nil
	}
	begin := *s
	begin.start = func(h *host.Host) {
		servers(h, p)
		if d.Start != nil {
			d.Start(h)
		}
	}
	t := begin.play(Scenario{Name: "fresh install", Steps: []Step{install(1)}}, p.Format != plan.APK)
	c := &comparison{d: d, p: p, w: t.World, t: t, first: NewWorld(p.Format, true, s.Repo)}
	begin.start(c.first.Host)
	c.accounts()
	c.files()
	c.services()
	c.dependencies()
	c.cron()
	c.emptied()
	slices.SortStableFunc(c.out, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Name, b.Name))
	})
	return c.out
}

// servers lays the directories that web servers bring which the package needs or
// recommends: its sites go there.
func servers(h *host.Host, p *Package) {
	for _, name := range slices.Concat(p.Depends, p.Plan.Recommends[p.Format]) {
		for alt := range strings.SplitSeq(name, "|") {
			for _, dir := range serverDirs[p.Format][dependencyName(strings.TrimSpace(alt))] {
				h.Lay(dir, &host.Node{Kind: host.Dir, Presence: value.Yes, Owner: "root", Group: "root", Mode: "0755"})
			}
		}
	}
}

var serverDirs = map[plan.Format]map[string][]string{
	plan.Deb: {
		"nginx":   {"/etc/nginx", "/etc/nginx/sites-available", "/etc/nginx/sites-enabled", "/etc/nginx/conf.d"},
		"apache2": {"/etc/apache2", "/etc/apache2/sites-available", "/etc/apache2/sites-enabled", "/etc/apache2/conf-available", "/etc/apache2/conf-enabled"},
	},
}

type comparison struct {
	d     *Deployment
	p     *Package
	w     *World // with the package installed
	first *World // before
	t     *Trace
	out   []Difference
}

// add lists a difference with what excuses it.
func (c *comparison) add(d Difference, e excuse, at source.Pos) {
	if e == same {
		return
	}
	d.Rule, d.Why = e.rule, e.why
	if !at.IsZero() {
		d.DeployAt = []string{at.String()}
	}
	c.out = append(c.out, d)
}

// oldDirs are the directories in which the deployment had the code.
func (c *comparison) oldDirs() []string {
	var out []string
	for _, d := range append([]string{c.p.Plan.OldDir}, c.d.Code...) {
		if d != "" && !slices.Contains(out, d) {
			out = append(out, d)
		}
	}
	return out
}

// moved returns the place that a path in the old code has in the package's.
func (c *comparison) moved(name string) (string, bool) {
	for _, old := range c.oldDirs() {
		if c.p.Plan.CodeDir != "" && under(name, old) {
			return c.p.Plan.CodeDir + strings.TrimPrefix(name, old), true
		}
	}
	return "", false
}

func describe(n *host.Node) string {
	s := n.Kind.String()
	if n.Kind == host.Link {
		return "link to " + n.Link.String()
	}
	if n.Mode != "" {
		s += " " + n.Mode
	}
	if n.Owner+n.Group != "" {
		s += " " + or(n.Owner, "root") + ":" + or(n.Group, or(n.Owner, "root"))
	}
	if r := n.Content.Repo(); r != "" {
		s += " from " + r
	}
	return s
}

func few(list []string) string {
	if len(list) > 4 {
		return strings.Join(list[:4], ", ") + " ..."
	}
	return strings.Join(list, ", ")
}
