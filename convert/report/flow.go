package report

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/model"
)

// maxParts is how many boxes a column has; the rest is one box.
const maxParts = 12

// A part is a box of the picture. The first line is its name.
type part struct {
	kind  string // source, host, service, other
	lines []string
}

// An edge is an arrow between boxes of neighbouring columns, by their indices.
type edge struct {
	from, to int
	label    string
}

// A picture is how the deployment goes: from the sources to the hosts to what
// runs there.
type picture struct {
	sources, hosts, services []part
	in, out                  []edge
}

func newPicture(d *model.Deployment) *picture {
	p := &picture{hosts: hostParts(d)}
	p.addSources(d)
	p.addServices(d)
	return p
}

func hostParts(d *model.Deployment) []part {
	details := []string{}
	if d.CodeDir != "" {
		details = append(details, "code in "+d.CodeDir)
	}
	if len(d.Facts.Units)+len(d.Facts.Users) > 0 {
		details = append(details, "runs as "+runsAs(d))
	}
	names := hostNames(d)
	if len(names) == 0 {
		names = []string{"The server"}
	}
	var out []part
	for i, n := range names {
		p := part{kind: "host", lines: []string{n}}
		if i == 0 {
			p.lines = append(p.lines, details...)
		}
		out = append(out, p)
	}
	return capParts(out, "hosts")
}

// capParts keeps a column small.
func capParts(parts []part, word string) []part {
	if len(parts) <= maxParts {
		return parts
	}
	more := fmt.Sprintf("%d more %s", len(parts)-maxParts+1, word)
	return append(parts[:maxParts-1:maxParts-1], part{kind: "other", lines: []string{more}})
}

func (p *picture) addSources(d *model.Deployment) {
	add := func(label string, lines ...string) {
		p.sources = append(p.sources, part{kind: "source", lines: lines})
		p.in = append(p.in, edge{len(p.sources) - 1, 0, label})
	}
	switch {
	case d.Remote:
		p.addSender(d)
	case usesGit(d):
		add(strategyLabel(d, "git"), "Repository", orElse(d.Source.Remote, d.Source.Branch))
	case len(d.Facts.Downloads) == 0:
		add(orElse(strings.Join(d.Strategy, ", "), "copy"), handedOver(d), d.Source.Branch)
	}
	for _, h := range downloadHosts(d) {
		add(h.label, h.name, h.detail)
	}
	if n := len(d.Facts.Packages); n > 0 {
		add(plural(n, "package"), "Distribution's packages", packageNames(d))
	}
	if tools := buildTools(d); len(tools) > 0 {
		add("dependencies", "Language registries", strings.Join(tools, ", "))
	}
	p.sources = capParts(p.sources, "sources")
	for i := range p.in {
		p.in[i].from = min(p.in[i].from, len(p.sources)-1)
	}
}

// handedOver names what somebody has put on the server before the script runs.
func handedOver(d *model.Deployment) string {
	if slices.Contains(d.Strategy, "tarball") || slices.Contains(d.Strategy, "zip") {
		return "Archive on the server"
	}
	return "Checkout on the server"
}

// addSender adds the machine that the script runs on, when it acts on others.
func (p *picture) addSender(d *model.Deployment) {
	p.sources = append(p.sources, part{kind: "source", lines: []string{sender(d), "runs " + orElse(entry(d), "the script")}})
	via := map[string][]string{}
	for _, r := range d.Facts.Remotes {
		host := r.Host
		if r.User != "" {
			host = r.User + "@" + host
		}
		via[host] = append(via[host], r.Via)
	}
	for i, h := range p.hosts {
		tools := via[h.lines[0]]
		slices.Sort(tools)
		p.in = append(p.in, edge{0, i, orElse(strings.Join(slices.Compact(tools), ", "), strings.Join(d.Strategy, ", "))})
	}
}

// sender names the machine that sends, by where the scripts are called from.
func sender(d *model.Deployment) string {
	for _, s := range d.Scripts {
		if strings.HasPrefix(s.Path, ".github/") || strings.HasPrefix(s.Path, ".gitlab-ci") || strings.Contains(s.Path, "Jenkinsfile") {
			return "CI job"
		}
	}
	return "Laptop or CI"
}

func strategyLabel(d *model.Deployment, prefix string) string {
	var out []string
	for _, s := range d.Strategy {
		if strings.HasPrefix(s, prefix) {
			out = append(out, s)
		}
	}
	return strings.Join(out, ", ")
}

type downloadHost struct{ name, detail, label string }

// downloadHosts are the places of downloads, one a host.
func downloadHosts(d *model.Deployment) []downloadHost {
	count, open := map[string]int{}, map[string]int{}
	var names []string
	for _, x := range d.Facts.Downloads {
		name := x.URL
		if u, err := url.Parse(x.URL); err == nil && u.Host != "" {
			name = u.Host
		}
		if count[name] == 0 {
			names = append(names, name)
		}
		count[name]++
		if !x.Verified {
			open[name]++
		}
	}
	slices.Sort(names)
	var out []downloadHost
	for _, n := range names {
		label := "checked"
		if open[n] > 0 {
			label = "not checked"
		}
		out = append(out, downloadHost{n, plural(count[n], "download"), label})
	}
	return out
}

func packageNames(d *model.Deployment) string {
	var names []string
	for _, p := range d.Facts.Packages {
		names = append(names, p.Name)
	}
	return first(4, names)
}

func buildTools(d *model.Deployment) []string {
	var out []string
	for _, l := range d.Facts.Languages {
		if !d.Remote || l.Machine != "" {
			out = append(out, l.Tool)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (p *picture) addServices(d *model.Deployment) {
	seen := map[string]bool{}
	add := func(kind, label string, e model.Evidence, lines ...string) {
		if !seen[lines[0]] {
			seen[lines[0]] = true
			p.services = append(p.services, part{kind: kind, lines: lines})
			p.out = append(p.out, edge{p.hostOf(e), len(p.services) - 1, label})
		}
	}
	actions := map[string]string{}
	for _, s := range d.Facts.Services {
		actions[s.Name] = strings.Join(s.Actions, ", ")
	}
	for _, u := range d.Facts.Units {
		add("service", actions[u.Name], u.Evidence, u.Name, u.Kind+", as "+unitUser(u), u.Exec)
	}
	for _, s := range d.Facts.Services {
		kind, what := "other", s.Manager+", of another package"
		if s.Own {
			kind, what = "service", s.Manager
		}
		add(kind, strings.Join(s.Actions, ", "), s.Evidence, s.Name, what)
	}
	for _, s := range d.Facts.Sites {
		add("other", "site", s.Evidence, s.Server+" site", orElse(s.Path, s.From), list(append(slices.Clone(s.Roots), s.Upstream...)))
	}
	if n := len(d.Facts.Cron); n > 0 {
		add("service", "", d.Facts.Cron[0].Evidence, plural(n, "periodic job"), d.Facts.Cron[0].Schedule+" "+d.Facts.Cron[0].Command)
	}
	if n := len(d.Facts.Migrations); n > 0 {
		add("other", "", d.Facts.Migrations[0].Evidence, plural(n, "migration"), d.Facts.Migrations[0].Command)
	}
	p.services = capParts(p.services, "services")
	for i := range p.out {
		p.out[i].to = min(p.out[i].to, len(p.services)-1)
	}
}

// hostOf is the index of the host that the evidence is about.
func (p *picture) hostOf(e model.Evidence) int {
	for i, h := range p.hosts {
		if e.Machine != "" && strings.HasSuffix(h.lines[0], e.Machine) {
			return i
		}
	}
	return 0
}
