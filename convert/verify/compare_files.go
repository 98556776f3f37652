package verify

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
	"github.com/nativize/nativize/convert/plan"
)

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
	var e excuse
	if here := c.w.node(name); here.Presence == value.Yes && !c.before(name) {
		d.Package = describe(here)
		d.PackageAt = append(c.t.cause(0, name), c.asked(name)...)
		e = c.nodeRule(name, n, here)
	} else {
		d.Package, e = c.elsewhere(name, n)
	}
	c.add(d, e, n.At)
}

// before tells whether a path is only what the machine had before: the package
// neither ships it nor do its scripts change it.
func (c *comparison) before(name string) bool {
	_, shipped := c.p.File(name)
	return !shipped && c.first.exists(name) && len(c.t.cause(0, name)) == 0
}

// asked are the places in the repository that a payload path comes from.
func (c *comparison) asked(name string) []string {
	f, ok := c.p.File(name)
	if !ok {
		return nil
	}
	return positions(f)
}

// nodeRule compares what both sides have at one path.
func (c *comparison) nodeRule(name string, deploy, pkg *host.Node) excuse {
	a, b := deploy.Content.Repo(), c.source(name, pkg)
	switch {
	case pkg.Kind == host.Link && deploy.Kind != host.Link:
		return c.linked(name, deploy, pkg)
	case deploy.Kind == host.Link && pkg.Kind != host.Link:
		return c.itself(name, deploy)
	case deploy.Kind == host.Link && leadsTo(name, deploy) == leadsTo(name, pkg):
		return same
	case deploy.Kind == host.Link:
		if to, ok := c.moved(deploy.Link.String()); ok && to == pkg.Link.String() {
			return excuse{ruleCode, "the code moves to " + c.p.Plan.CodeDir}
		}
		return c.fate("link", name, deploy.At)
	case deploy.Kind != pkg.Kind && deploy.Kind != host.AnyKind:
		return excuse{}
	case a != "" && b != "" && a != b && !under(b, a):
		return c.fate("file", name, deploy.At)
	}
	return c.ownerRule(name, deploy, pkg)
}

// leadsTo is where a link leads, absolute.
func leadsTo(name string, link *host.Node) string {
	if to := link.Link.String(); strings.HasPrefix(to, "/") {
		return path.Clean(to)
	}
	return path.Join(path.Dir(name), link.Link.String())
}

// linked is the rule of a link in the place of what the deployment had.
func (c *comparison) linked(name string, deploy, pkg *host.Node) excuse {
	at, n := c.w.Host.Follow(0, name)
	if n.Presence != value.Yes || deploy.Kind != host.AnyKind && n.Kind != deploy.Kind {
		return excuse{}
	}
	f, _ := c.p.File(at)
	dir := slices.ContainsFunc(c.p.dirs(), func(d plan.Dir) bool { return under(at, d.Path) })
	r := deploy.Content.Repo()
	if c.p.isConfig(f) || dir || r != "" && r == c.source(at, n) || n.Kind == host.Dir && under(at, "/etc") {
		return excuse{ruleLinked, "moved to " + pkg.Link.String() + ", with a link from the old place"}
	}
	return c.fate("file", name, deploy.At)
}

// itself is the rule of a file in the place of the deployment's link to it.
func (c *comparison) itself(name string, deploy *host.Node) excuse {
	f, ok := c.p.File(name)
	if !ok {
		return c.fate("link", name, deploy.At)
	}
	to := c.d.Host.Node(c.d.Where, deploy.Link.String())
	if r := or(to.Content.Repo(), deploy.Content.Repo()); c.p.isConfig(f) || r != "" && r == c.source(name, c.w.node(name)) {
		return excuse{ruleItself, "the package has the file itself in the place of a link"}
	}
	return c.fate("link", name, deploy.At)
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
func (c *comparison) ownerRule(name string, deploy, pkg *host.Node) excuse {
	o := ownership{deploy: deploy, pkg: pkg}
	if here := familyNames(deploy, pkg); here != nil {
		if o.deploy = here; !o.owner() && !o.group() && !o.mode() {
			return excuse{ruleWeb, "the web server's account has this name here"}
		}
	}
	if !o.owner() && !o.group() && !o.mode() {
		return same
	}
	f, shipped := c.p.File(name)
	code := shipped && (f.Kind == host.Regular || f.Kind == host.Dir) && !c.isData(name)
	fits := !o.mode() || o.fewer()
	switch {
	case !fits:
	case strings.Contains(deploy.Owner+deploy.Group, "${"):
		return excuse{ruleOpenOwner, "the owner is a value of the deployment; here it is " + or(pkg.Owner, "root")}
	case o.owner() && code && or(pkg.Owner, "root") == "root" && o.readable(c.service()):
		return excuse{ruleRoot, "code and configuration belong to root: the service cannot change them"}
	case !o.owner() && (o.mode() || o.group()) && o.readable(c.service()):
		return excuse{ruleFewer, "fewer may read or write it"}
	}
	return c.fate("owner", name, deploy.At)
}

// webAccounts are the names that the web server's account has: on Debian and
// Alpine, on Red Hat, on Arch Linux.
var webAccounts = []string{"www-data", "apache", "http", "httpd", "nginx"}

// familyNames returns the deployment's node with the web server's account by
// every name as the package's, nil when no such account is in it.
func familyNames(deploy, pkg *host.Node) *host.Node {
	n := *deploy
	web := func(have *string, want string) bool {
		if *have == want || !slices.Contains(webAccounts, *have) || !slices.Contains(webAccounts, want) {
			return false
		}
		*have = want
		return true
	}
	owner, group := web(&n.Owner, pkg.Owner), web(&n.Group, pkg.Group)
	if !owner && !group {
		return nil
	}
	return &n
}

// isData tells whether the plan makes the path, or a directory above it, for
// what the service writes.
func (c *comparison) isData(name string) bool {
	return slices.ContainsFunc(c.p.dirs(), func(d plan.Dir) bool { return under(name, d.Path) && d.Kind != plan.Other })
}

// service is the first account that runs a unit of the package, "" root.
func (c *comparison) service() *Account {
	for _, u := range c.p.Plan.Units {
		if a, ok := c.t.Stages[0].After.Accounts[u.User]; ok && u.User != "root" {
			a.UID = u.User // its name; numbers do not matter here
			return &a
		}
	}
	return nil
}

// An ownership is owner, group and mode on both sides.
type ownership struct{ deploy, pkg *host.Node }

func (o ownership) owner() bool {
	return o.deploy.OwnerSet && o.deploy.Owner != "" && o.deploy.Owner != or(o.pkg.Owner, "root")
}

func (o ownership) group() bool {
	return o.deploy.OwnerSet && o.deploy.Group != "" && o.deploy.Group != or(o.pkg.Group, "root")
}

func (o ownership) mode() bool {
	return o.deploy.ModeSet && o.deploy.Mode != "" && o.pkg.Mode != "" && o.deploy.Mode != o.pkg.Mode
}

// fewer tells whether the package's mode gives group and others nothing more
// than the deployment's, and the owner what it had. What belongs to root now
// may give its group, that of the service, the reading that its owner had.
func (o ownership) fewer() bool {
	a, b := o.pkg.Mode, o.deploy.Mode
	if len(a) != 4 || len(b) != 4 || a[0] != b[0] {
		return false
	}
	bits := func(c byte) byte { return c - '0' }
	group := bits(b[2])
	if o.owner() {
		group |= bits(b[1]) &^ 2
	}
	return bits(b[1])&^bits(a[1]) == 0 && bits(a[1])&^bits(b[1])&^2 == 0 && bits(a[2])&^group == 0 && bits(a[3])&^bits(b[3]) == 0
}

// readable tells whether the account that runs the service can read, and run,
// what it could before.
func (o ownership) readable(a *Account) bool {
	if a == nil || len(o.pkg.Mode) != 4 || len(o.deploy.Mode) != 4 {
		return true
	}
	had := rights(o.deploy, a) &^ 2
	return had&^rights(o.pkg, a) == 0
}

// rights are those of an account on a node, as the digit of a mode. Account.UID
// holds the name.
func rights(n *host.Node, a *Account) byte {
	switch group := or(n.Group, "root"); {
	case or(n.Owner, "root") == a.UID:
		return n.Mode[1] - '0'
	case group == a.Group || slices.Contains(a.Groups, group):
		return n.Mode[2] - '0'
	}
	return n.Mode[3] - '0'
}
