package verify

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/analyze/value"
	"github.com/nativize/nativize/convert/plan"
)

// elsewhere finds what became of a path that the package does not have.
func (c *comparison) elsewhere(name string, n *host.Node) (where string, e excuse) {
	for _, find := range []func(string, *host.Node) (string, excuse){c.adopted, c.carried, c.codeMoves, c.built, c.shippedAs, c.makesRoom, c.versions, c.unitNamed, c.skeleton, c.placeholder, c.environment, c.compiled, c.kept} {
		if where, e = find(name, n); e.ok() {
			return where, e
		}
	}
	switch e = c.fate(subjectOf(n), name, n.At); {
	case e.ok():
	case volatile(name):
		e = excuse{ruleTemporary, "gone when the machine starts again"}
	case n.Content != nil && n.Content.Kind == host.RepoFile && underAny(name, c.oldDirs()):
		e = c.excluded(n.Content.Path, name)
	}
	return "", e
}

func subjectOf(n *host.Node) string {
	switch n.Kind {
	case host.Dir:
		return "directory"
	case host.Link:
		return "link"
	}
	return "file"
}

func (c *comparison) adopted(name string, _ *host.Node) (string, excuse) {
	for _, a := range c.p.Plan.TakeOver.Adopt {
		if slices.Contains(a.From, name) && c.w.exists(a.To) {
			return a.To, excuse{ruleAdopted, "configuration moves to /etc; the text of the server is taken over"}
		}
	}
	return "", excuse{}
}

func (c *comparison) carried(name string, _ *host.Node) (string, excuse) {
	for _, m := range c.p.Plan.TakeOver.State {
		if under(name, m.From) && c.isData(m.To) && (c.w.exists(m.To) || c.w.exists(path.Dir(m.To))) {
			return m.To + strings.TrimPrefix(name, m.From), excuse{ruleState, "data moves to " + m.To + "; it is taken over"}
		}
	}
	return "", excuse{}
}

func (c *comparison) codeMoves(name string, n *host.Node) (string, excuse) {
	moved, ok := c.moved(name)
	if !ok || moved == name {
		return "", excuse{}
	}
	at, m := c.w.Host.Follow(0, moved)
	if !c.w.exists(moved) || m.Kind != n.Kind && n.Kind != host.Link && n.Kind != host.AnyKind && m.Kind != host.AnyKind {
		return "", excuse{}
	}
	if at != moved {
		return at, excuse{ruleCode, "the code moves to " + c.p.Plan.CodeDir + ", where a link leads to " + at}
	}
	return moved, excuse{ruleCode, "the code moves to " + c.p.Plan.CodeDir}
}

func (c *comparison) shippedAs(name string, n *host.Node) (string, excuse) {
	if n.Content == nil || n.Content.Kind != host.RepoFile {
		return "", excuse{}
	}
	for _, e := range c.p.Plan.Payload {
		if e.Origin == plan.Repo && e.Src == n.Content.Path && c.w.exists(e.Path) {
			return e.Path, excuse{ruleShipped, "the file is shipped as " + e.Path}
		}
	}
	return "", excuse{}
}

// built finds a path that is no file of the repository in a tree that a build
// step fills: what is in it is known when it is built.
func (c *comparison) built(name string, n *host.Node) (string, excuse) {
	if n.Content.Repo() != "" {
		return "", excuse{} // a file of the repository is payload or not, whatever is built beside it
	}
	at, ok := c.moved(name)
	if !ok {
		at = name
	}
	for _, e := range c.p.Plan.Payload {
		if e.Type == plan.Tree && under(at, e.Path) {
			return at, excuse{ruleBuild, "in " + e.Path + ", which packaging/stage.sh fills"}
		}
	}
	return "", excuse{}
}

// unitNamed finds the package's unit for a file of a service manager.
func (c *comparison) unitNamed(name string, n *host.Node) (string, excuse) {
	base := strings.TrimSuffix(host.ServiceName(path.Base(name)), path.Ext(name))
	if n.Kind == host.Dir || !isServiceFile(name) || !c.hasUnit(base) && !c.hasUnit(host.ServiceName(path.Base(name))) {
		return "", excuse{}
	}
	return "", excuse{ruleUnit, "the package has a unit of that name"}
}

// skeleton excuses what useradd copies into a home.
func (c *comparison) skeleton(name string, n *host.Node) (string, excuse) {
	if !slices.Contains([]string{".bashrc", ".bash_profile", ".bash_logout", ".profile"}, path.Base(name)) || n.Kind == host.Dir {
		return "", excuse{}
	}
	found := false
	c.d.Host.Each(host.User, c.d.Where, func(_ string, e host.Entry) {
		u := e.(*host.UserEntry)
		found = found || u.Made && u.Home == path.Dir(name) && n.Owner == u.Name
	})
	return "", excuseWhen(found, excuse{ruleSkeleton, "useradd copied it from /etc/skel; a service's account needs no settings of a shell"})
}

// placeholder excuses files that keep an empty directory in version control.
func (c *comparison) placeholder(name string, n *host.Node) (string, excuse) {
	ok := n.Kind != host.Dir && slices.Contains([]string{".gitignore", ".gitkeep", ".keep", ".placeholder"}, path.Base(name))
	return "", excuseWhen(ok, excuse{rulePlaceholder, "it keeps an empty directory in version control"})
}

// environment finds the package's virtual environment for one that the
// deployment makes outside of the code.
func (c *comparison) environment(name string, _ *host.Node) (string, excuse) {
	for dir := name; len(dir) > 1; dir = path.Dir(dir) {
		if c.d.Host.Node(c.d.Where, dir+"/pyvenv.cfg").Presence != value.Yes {
			continue
		}
		for _, e := range c.p.Plan.Payload {
			if e.Type == plan.Tree && slices.ContainsFunc(c.p.Plan.Stage, func(b plan.Build) bool { return b.Tool == "pip" && slices.Contains(b.Output, e.Path) }) {
				return e.Path, excuse{ruleBuild, "the package has its virtual environment in " + e.Path}
			}
		}
	}
	return "", excuse{}
}

// compiled excuses what Python compiles when it runs.
func (c *comparison) compiled(name string, _ *host.Node) (string, excuse) {
	return "", excuseWhen(slices.Contains(strings.Split(name, "/"), "__pycache__"), excuse{ruleCompiled, "made by Python when the program runs"})
}

// kept excuses the copy that cp -b makes of a file that it replaces.
func (c *comparison) kept(name string, _ *host.Node) (string, excuse) {
	of, ok := strings.CutSuffix(name, "~")
	ok = ok && c.d.Host.Node(c.d.Where, of).Presence == value.Yes
	return "", excuseWhen(ok, excuse{ruleKept, "the copy that cp -b makes of " + of + " before it replaces it; the package manager keeps edits"})
}

func excuseWhen(ok bool, e excuse) excuse {
	if ok {
		return e
	}
	return excuse{}
}

// versions excuses the data of version control, and links that name the
// directory of the current release.
func (c *comparison) versions(name string, n *host.Node) (string, excuse) {
	if n.Kind == host.Link && slices.Contains(c.d.Code, leadsTo(name, n)) {
		return c.p.Plan.CodeDir, excuse{ruleVersions, "it names the current release; the package manager knows which version is installed"}
	}
	for _, w := range strings.Split(name, "/") {
		if w == ".git" || w == ".svn" || w == ".hg" {
			return "", excuse{ruleVersions, "versions are the package manager's"}
		}
	}
	return "", excuse{}
}

// emptied excuses directories that are there for what went elsewhere only: all
// that the deployment has below them, and that is something, has a rule.
func (c *comparison) emptied() {
	holds, open := map[string]bool{}, map[string]bool{}
	note := func(m map[string]bool, name string) {
		for dir := path.Dir(name); len(dir) > 1; dir = path.Dir(dir) {
			m[dir] = true
		}
	}
	for _, d := range c.out {
		switch {
		case d.Subject == "directory":
		case d.Rule == "" && (d.Subject == "file" || d.Subject == "link"):
			note(open, d.Name)
		case d.Rule != "":
			note(holds, d.Name)
		}
	}
	for i := range c.out {
		if d := &c.out[i]; d.Subject == "directory" && d.Rule == "" && d.Package == "" && holds[d.Name] && !open[d.Name] {
			d.Rule, d.Why = ruleEmptied, "all that it holds has another place"
		}
	}
}

func (c *comparison) makesRoom(name string, _ *host.Node) (string, excuse) {
	for _, a := range c.p.Plan.TakeOver.Aside {
		if under(name, a.Path) {
			return "", excuse{ruleAside, "it makes room: " + a.Why}
		}
	}
	return "", excuse{}
}

// tree compares a directory that the deployment fills from the repository with
// the payload, file by file of the repository.
func (c *comparison) tree(name string, n *host.Node) {
	c.file(name, &host.Node{Kind: host.Dir, Presence: n.Presence, Made: true, Content: n.Content, At: n.At})
	shipped := map[string]bool{}
	for _, e := range c.p.Plan.Payload {
		if e.Origin == plan.Repo {
			shipped[e.Src] = true
		}
	}
	left := map[excuse][]string{}
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
	for _, why := range sortedExcuses(left) {
		files := left[why]
		slices.Sort(files)
		c.add(Difference{Subject: "file", Name: name + "/", Deploy: fmt.Sprintf("%d files of the repository: %s", len(files), few(files))}, why, n.At)
	}
}

func sortedExcuses(m map[excuse][]string) []excuse {
	var out []excuse
	for e := range m {
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b excuse) int { return strings.Compare(a.rule+a.why, b.rule+b.why) })
	return out
}

// excluded says why a file of the repository is not shipped.
func (c *comparison) excluded(r, at string) excuse {
	for _, rule := range c.p.Plan.Exclude {
		if matches(rule.Pattern, r) {
			return excuse{ruleLeftOut, "left out: " + or(rule.Why, rule.Pattern)}
		}
	}
	n := &host.Node{Kind: host.Regular, Content: &host.Content{Kind: host.RepoFile, Path: r}}
	for _, find := range []func(string, *host.Node) (string, excuse){c.adopted, c.carried, c.codeMoves, c.shippedAs} {
		if _, e := find(at, n); e.ok() {
			return e
		}
	}
	for _, e := range c.d.Log { // the deployment copies it to where the package has it
		if e.Content != nil && e.Content.Repo() == r && e.Path != at && !underAny(e.Path, c.oldDirs()) && c.w.exists(e.Path) {
			return excuse{ruleShipped, "it becomes " + e.Path + ", which the package has"}
		}
	}
	if r == c.p.Plan.LicenseFile {
		return excuse{ruleLicence, "the licence is shipped below /usr/share/doc or as the format has it"}
	}
	for _, f := range c.p.Files { // a text that was made of it
		if slices.ContainsFunc(f.At, func(p source.Pos) bool { return p.File == r }) {
			return excuse{ruleMadeOf, "the package has " + f.Path + " for it"}
		}
	}
	return excuse{}
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
