package verify

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/analyze/value"
	"github.com/nativize/nativize/convert/plan"
)

// A Difference is something that the deployment leaves and the package does
// not, or the other way round. Rule says why that is right; a difference
// without one is an error.
type Difference struct {
	Subject   string   `json:"subject"` // account, group, directory, file, link, service, cron, dependency
	Name      string   `json:"name"`
	Deploy    string   `json:"deployment"`
	Package   string   `json:"package"`
	Rule      string   `json:"rule,omitempty"`
	DeployAt  []string `json:"deployment_at,omitempty"`
	PackageAt []string `json:"package_at,omitempty"`
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
// fresh machine, property by property. The differences are sorted by subject
// and name.
func (s *Spec) Compare(d *Deployment) []Difference {
	p := s.Versions[1]
	if d == nil || p.Plan == nil {
		return nil
	}
	t := s.play(Scenario{Name: "fresh install", Steps: []Step{install(1)}}, p.Format != plan.APK)
	c := &comparison{d: d, p: p, w: t.World, t: t}
	c.accounts()
	c.files()
	c.services()
	c.dependencies()
	c.cron()
	slices.SortStableFunc(c.out, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Name, b.Name))
	})
	return c.out
}

type comparison struct {
	d   *Deployment
	p   *Package
	w   *World
	t   *Trace
	out []Difference
}

func (c *comparison) add(d Difference, at source.Pos) {
	if !at.IsZero() {
		d.DeployAt = []string{at.String()}
	}
	c.out = append(c.out, d)
}

func (c *comparison) accounts() {
	c.d.Host.Each(host.User, c.d.Where, func(name string, e host.Entry) {
		u := e.(*host.UserEntry)
		if !u.Made || u.Presence == value.No || strings.Contains(name, "${") {
			return
		}
		d := Difference{Subject: "account", Name: name, Deploy: "home " + or(u.Home, "default") + ", shell " + or(u.Shell, "default")}
		got := c.w.Host.Account(0, name)
		switch {
		case got == nil || got.Presence != value.Yes:
			d.Rule = c.fate(u.At)
		default:
			d.Package = "home " + or(got.Home, "default") + ", shell " + or(got.Shell, "default")
			d.PackageAt = c.t.subject(0, name, host.AddUser)
			if d.Rule = accountRule(u, got); d.Rule == same {
				return
			}
		}
		c.add(d, u.At)
	})
}

// same is the rule of what is no difference.
const same = "the same"

func accountRule(deploy, pkg *host.UserEntry) string {
	for _, g := range deploy.Groups {
		if !slices.Contains(pkg.Groups, g) && !strings.Contains(g, "${") {
			return ""
		}
	}
	switch {
	case deploy.Home != "" && deploy.Home != pkg.Home && !strings.HasPrefix(deploy.Home, "/home/"):
		return ""
	case deploy.Home != "" && deploy.Home != pkg.Home:
		return "a service's account has its home outside /home (FHS 3.0, 3.8)"
	case deploy.Shell != pkg.Shell:
		return "a service's account cannot log in"
	}
	return same
}

// files compares every path that the deployment made.
func (c *comparison) files() {
	nodes := map[string]*host.Node{}
	c.d.Host.Each(host.File, c.d.Where, func(name string, e host.Entry) {
		n := e.(*host.Node)
		if n.Made && n.Presence != value.No && strings.HasPrefix(name, "/") && !strings.Contains(name, "${") {
			nodes[name] = n
		}
	})
	for _, name := range sorted(nodes) {
		if host.IsSystemDir(name) {
			continue
		}
		n := nodes[name]
		if n.Content != nil && n.Content.Kind == host.RepoTree {
			c.tree(name, n)
			continue
		}
		c.file(name, n)
	}
}

func (c *comparison) file(name string, n *host.Node) {
	subject := map[host.NodeKind]string{host.Dir: "directory", host.Link: "link"}[n.Kind]
	d := Difference{Subject: or(subject, "file"), Name: name, Deploy: describe(n)}
	if here := c.w.node(name); here.Presence == value.Yes {
		d.Package = describe(here)
		d.PackageAt = append(c.t.cause(0, name), c.asked(name)...)
		if d.Rule = c.nodeRule(name, n, here); d.Rule == same {
			return
		}
	} else {
		d.Package, d.Rule = c.elsewhere(name, n)
	}
	c.add(d, n.At)
}

// asked are the places in the repository that a payload path comes from.
func (c *comparison) asked(name string) []string {
	f, ok := c.p.File(name)
	if !ok {
		return nil
	}
	return positions(f)
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

// nodeRule compares what both sides have at one path.
func (c *comparison) nodeRule(name string, deploy, pkg *host.Node) string {
	a, b := deploy.Content.Repo(), c.source(name, pkg)
	switch {
	case pkg.Kind == host.Link && deploy.Kind != host.Link:
		return "moved to " + pkg.Link.String() + ", with a link from the old place"
	case deploy.Kind == host.Link && pkg.Kind != host.Link:
		return "the package has the file itself in the place of a link"
	case deploy.Kind == host.Link:
		if deploy.Link.String() != pkg.Link.String() {
			return or(c.placed(deploy.At), "")
		}
		return same
	case deploy.Kind != pkg.Kind && deploy.Kind != host.AnyKind:
		return ""
	case a != "" && b != "" && a != b && !under(b, a):
		return c.placed(deploy.At)
	}
	return c.ownerRule(name, deploy, pkg)
}

// source is the repository path of a payload file, also where its text is
// carried along.
func (c *comparison) source(name string, n *host.Node) string {
	for _, e := range c.p.Plan.Payload {
		if e.Path == name && e.Origin == plan.Repo {
			return e.Src
		}
	}
	return n.Content.Repo()
}

// ownerRule compares owner, group and mode: those that the deployment set.
func (c *comparison) ownerRule(name string, deploy, pkg *host.Node) string {
	owner := deploy.OwnerSet && deploy.Owner != "" && deploy.Owner != or(pkg.Owner, "root")
	group := deploy.OwnerSet && deploy.Group != "" && deploy.Group != or(pkg.Group, "root")
	mode := deploy.ModeSet && deploy.Mode != "" && pkg.Mode != "" && deploy.Mode != pkg.Mode
	f, shipped := c.p.File(name)
	switch {
	case !owner && !group && !mode:
		return same
	case strings.Contains(deploy.Owner+deploy.Group, "${"):
		return "the owner is a value of the deployment: " + c.fateOr(deploy.At, "the package names an account of its own")
	case shipped && (f.Kind == host.Regular || f.Kind == host.Dir) && or(pkg.Owner, "root") == "root" && owner && !mode:
		return "code and configuration belong to root: the service cannot change them"
	case mode && tighter(pkg.Mode, deploy.Mode):
		return "fewer may read or write it"
	case shipped && f.Secret:
		return "a secret is readable by its service's group only"
	}
	return c.placed(deploy.At)
}

// tighter tells whether mode a allows nothing that b does not.
func tighter(a, b string) bool {
	if len(a) != 4 || len(b) != 4 {
		return false
	}
	for i := range a {
		if (a[i]-'0')&^(b[i]-'0') != 0 {
			return false
		}
	}
	return true
}

// elsewhere finds what became of a path that the package does not have.
func (c *comparison) elsewhere(name string, n *host.Node) (where, rule string) {
	p := c.p.Plan
	for _, a := range p.TakeOver.Adopt {
		if slices.Contains(a.From, name) && c.w.exists(a.To) {
			return a.To, "configuration moves to /etc; the text of the server is taken over"
		}
	}
	for _, m := range p.TakeOver.State {
		if under(name, m.From) {
			return m.To + strings.TrimPrefix(name, m.From), "data moves to " + m.To + "; it is taken over"
		}
	}
	for _, d := range c.p.dirs() {
		if p.OldDir != "" && under(name, p.OldDir) && path.Base(d.Path) == path.Base(name) && c.w.exists(d.Path) {
			return d.Path, "data and logs move out of the directory of the code"
		}
	}
	if r := n.Content.Repo(); r != "" {
		for _, e := range p.Payload {
			if e.Origin == plan.Repo && e.Src == r && c.w.exists(e.Path) {
				return e.Path, "the file is shipped as " + e.Path
			}
		}
	}
	if p.OldDir != "" && under(name, p.OldDir) && p.CodeDir != p.OldDir {
		if moved := p.CodeDir + strings.TrimPrefix(name, p.OldDir); c.w.exists(moved) {
			return moved, "the code moves to " + p.CodeDir
		}
	}
	for _, a := range p.TakeOver.Aside {
		if under(name, a.Path) {
			return "", "it makes room: " + a.Why
		}
	}
	if volatile(name) {
		return "", "temporary: " + c.fateOr(n.At, "gone when the machine starts again")
	}
	return "", c.fate(n.At)
}

// tree compares a directory that the deployment fills from the repository with
// the payload, file by file of the repository.
func (c *comparison) tree(name string, n *host.Node) {
	c.file(name, &host.Node{Kind: host.Dir, Presence: value.Yes, Made: true, Content: n.Content, At: n.At})
	shipped := map[string]bool{}
	for _, e := range c.p.Plan.Payload {
		if e.Origin == plan.Repo {
			shipped[e.Src] = true
		}
	}
	left := map[string][]string{}
	a := host.Actor{H: c.d.Host, Where: c.d.Where}
	a.Walk(name, 20000, func(q string, m *host.Node, _ int) bool {
		if m.Kind == host.Dir || m.Content == nil || m.Content.Kind != host.RepoFile {
			return true
		}
		if r := m.Content.Path; !shipped[r] {
			why := c.excluded(r, q)
			left[why] = append(left[why], r)
		}
		return true
	})
	for _, why := range sorted(left) {
		files := left[why]
		slices.Sort(files)
		d := Difference{Subject: "file", Name: name + "/", Deploy: fmt.Sprintf("%d files of the repository: %s", len(files), few(files)), Rule: why}
		c.add(d, n.At)
	}
}

func few(list []string) string {
	if len(list) > 4 {
		return strings.Join(list[:4], ", ") + " ..."
	}
	return strings.Join(list, ", ")
}

// excluded says why a file of the repository is not shipped, "" nobody knows.
func (c *comparison) excluded(r, at string) string {
	for _, rule := range c.p.Plan.Exclude {
		if matches(rule.Pattern, r) {
			return "left out: " + or(rule.Why, rule.Pattern)
		}
	}
	if where, rule := c.elsewhere(at, &host.Node{Kind: host.Regular, Content: &host.Content{Kind: host.RepoFile, Path: r}}); rule != "" && where != "" {
		return rule
	}
	for _, e := range c.d.Log { // the deployment copies it to where the package has it
		if e.Content != nil && e.Content.Repo() == r && e.Path != at && !under(e.Path, c.p.Plan.OldDir) && c.w.exists(e.Path) {
			return "it becomes " + e.Path + ", which the package has"
		}
	}
	if r == c.p.Plan.LicenseFile {
		return "the licence is shipped below /usr/share/doc or as the format has it"
	}
	for _, e := range c.p.Files { // a text that was made of it
		if slices.ContainsFunc(e.At, func(p source.Pos) bool { return p.File == r }) {
			return "the package has " + e.Path + " for it"
		}
	}
	return ""
}

// matches tells whether a pattern of the exclude list matches a path or any of
// its elements.
func matches(pattern, p string) bool {
	if ok, _ := path.Match(pattern, p); ok {
		return true
	}
	for dir := p; dir != "."; dir = path.Dir(dir) {
		if ok, _ := path.Match(pattern, dir); ok {
			return true
		}
		if ok, _ := path.Match(pattern, path.Base(dir)); ok {
			return true
		}
	}
	return false
}

func (c *comparison) services() {
	c.d.Host.Each(host.Service, c.d.Where, func(name string, e host.Entry) {
		s := e.(*host.ServiceEntry)
		if !s.Touched || strings.Contains(name, "${") {
			return
		}
		d := Difference{Subject: "service", Name: name, Deploy: stateOf(s)}
		got, ok := c.w.service(name)
		if ok {
			d.Package = stateOf(got)
			d.PackageAt = c.t.subject(0, name, host.ServiceOp)
		}
		switch {
		case ok && (s.Enabled != value.Yes || got.Enabled == value.Yes) && (s.Running != value.Yes || got.Running == value.Yes):
			return
		case !ok:
			d.Rule = c.placed(s.At)
		case s.Enabled == value.Yes && got.Enabled != value.Yes:
			d.Rule = c.timer(name)
		}
		if d.Rule == "" && (c.p.Format == plan.Arch || c.p.Format == plan.APK) {
			d.Rule = "on this system starting a service is the administrator's to do"
		}
		c.add(d, s.At)
	})
}

func (c *comparison) timer(name string) string {
	for _, u := range c.p.Plan.Units {
		if u.Timer != "" && strings.TrimSuffix(u.Name, path.Ext(u.Name)) == name {
			return "its timer starts it"
		}
	}
	return ""
}

func stateOf(s *host.ServiceEntry) string {
	return Service{Enabled: s.Enabled == value.Yes, Running: s.Running == value.Yes, Masked: s.Masked == value.Yes}.words()
}

func (c *comparison) dependencies() {
	seen := map[string]bool{}
	for _, e := range c.d.Log {
		if e.Op != host.PackageOp || e.Action != "install" || seen[e.Name] || strings.Contains(e.Name, "${") {
			continue
		}
		seen[e.Name] = true
		if slices.ContainsFunc(slices.Concat(c.p.Depends, c.p.Plan.Recommends[c.p.Format]), func(d string) bool { return mentions(d, e.Name) }) {
			continue
		}
		c.add(Difference{Subject: "dependency", Name: e.Name, Deploy: "installed with " + e.Manager, Rule: c.placed(e.At.Pos)}, e.At.Pos)
	}
}

func mentions(dep, name string) bool {
	for alt := range strings.SplitSeq(dep, "|") {
		if dependencyName(strings.TrimSpace(alt)) == name {
			return true
		}
	}
	return false
}

func (c *comparison) cron() {
	for _, e := range c.d.Log {
		if e.Op != host.Cron || e.Run > 1 {
			continue
		}
		if slices.ContainsFunc(c.p.Files, func(f File) bool {
			return strings.HasPrefix(f.Path, "/etc/cron") && slices.ContainsFunc(f.At, func(p source.Pos) bool { return p.File == e.At.File && p.Line == e.At.Line })
		}) {
			continue
		}
		c.add(Difference{Subject: "cron", Name: or(e.What, e.Path), Deploy: e.Schedule + " as " + or(e.User, "root"), Rule: c.placed(e.At.Pos)}, e.At.Pos)
	}
}

// placed is the rule of a step that became part of the package in another form,
// or that the package manager does better.
func (c *comparison) placed(at source.Pos) string { return c.fate(at) }

func (c *comparison) fateOr(at source.Pos, or string) string {
	if f := c.fate(at); f != "" {
		return f
	}
	return or
}

// fate says what the plan made of the statement at a place, "" when nothing.
func (c *comparison) fate(at source.Pos) string {
	best, size := "", 1<<30
	for _, f := range c.p.Plan.Fates {
		end := max(f.At.EndLine, f.At.Line)
		if f.At.File != at.File || at.Line < f.At.Line || at.Line > end || f.Part == plan.PartUnplaced {
			continue
		}
		n := end - f.At.Line
		if f.At.Pos == at {
			n = -1
		}
		if n < size {
			best, size = string(f.Part), n
			if f.Target != "" {
				best += " " + f.Target
			}
			if f.Reason != "" {
				best += ": " + f.Reason
			}
		}
	}
	return best
}
