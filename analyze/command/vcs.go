package command

import (
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

// versionControl are the tools that bring trees of files to a revision.
var versionControl = []*Model{
	{Name: "git", Flags: "-first C:c:phvP --git-dir: --work-tree: --namespace: --exec-path? --html-path --man-path --info-path --paginate=p --no-pager=P --no-replace-objects " +
		"--bare --literal-pathspecs --config-env: --version=v --help=h --no-optional-locks --super-prefix:",
		Kind: Mechanics, Man: "git(1)", Doc: "clone, pull, checkout, reset and clean bring a tree to a revision; the own repository is known", Run: git},
	{Name: "svn", Flags: "-any r:qvNm:F:c: --revision=r: --username: --password: --message=m: --file=F: --depth: --config-dir: --config-option: --non-interactive --trust-server-cert --no-auth-cache --force --quiet=q",
		Kind: Mechanics, Man: "svn(1)", Doc: "checkout, export, update and switch bring a tree to a revision", Run: svn},
	{Name: "hg", Flags: "-any R:r:b:u:qvyCU --repository=R: --rev=r: --branch=b: --cwd: --config: --updaterev=u: --clean=C --update --insecure", Kind: Mechanics, Man: "hg(1)",
		Doc: "clone, pull and update bring a tree to a revision", Run: hg},
	{Name: "bzr", Alias: []string{"cvs", "fossil", "darcs", "repo", "p4"}, Flags: "-any r:d:", Kind: Mechanics, Man: "bzr(1) and others", Doc: "brings a tree to a revision", Run: bzr},
	{Name: "gh", Alias: []string{"glab", "hub", "tea"}, Flags: "-any R:t:n:F:p:D:O:b:B:f:q: --repo=R: --title=t: --notes=n: --notes-file=F: --pattern=p: --dir=D: --output=O: --jq=q: --json: --body=b:",
		Kind: Mechanics, Man: "gh(1)", Doc: "downloads releases, clones; asks the service", Run: gh},
}

func svn(c *Call) {
	verb, rest := c.verb()
	switch {
	case among("checkout co export", verb) && len(rest) > 0:
		dir := base(rest[0])
		if len(rest) > 1 {
			dir = rest[1]
		}
		c.checkedOut(verb, dir, rest[0], c.isOwnURL(rest[0]))
	case among("update up switch sw revert", verb):
		dir := value.Text(".")
		if len(rest) > 0 {
			dir = rest[len(rest)-1]
		}
		c.checkedOut(verb, dir, value.Value{}, true)
	case among("info status st log diff list ls cat propget help blame proplist", verb), verb == "":
		c.asked("svn_" + verb)
	default:
		c.Outcome = Mechanics
	}
}

// checkedOut records that a tool other than git brings a tree to a revision.
func (c *Call) checkedOut(action string, dir, url value.Value, own bool) {
	k := &host.Content{Kind: host.Checkout, URL: url.String(), At: c.At}
	if own {
		k.Kind = host.RepoTree
	}
	c.Outcome = Changed
	p := c.abs(dir)
	c.Record(&host.Effect{Op: host.Clone, Path: p.String(), Val: p, Content: k, Kind: host.Dir, Action: action, URL: k.URL, What: Line(c.Argv)})
	c.Tree(p.Best(), k, false)
}

func hg(c *Call) {
	verb, rest := c.verb()
	here := value.Text(".")
	if r, ok := c.Flag("R", "cwd"); ok {
		here = r
	}
	switch {
	case verb == "clone" && len(rest) > 0:
		dir := base(rest[0])
		if len(rest) > 1 {
			dir = rest[1]
		}
		c.checkedOut(verb, dir, rest[0], c.isOwnURL(rest[0]))
	case verb == "pull" && c.Has("u", "update"), among("update up checkout co revert", verb):
		c.checkedOut(verb, here, value.Value{}, true)
	case among("id identify log status st parents branch tip summary paths diff help root tags", verb), verb == "":
		c.asked("hg_" + verb)
	default:
		c.Outcome = Mechanics
	}
}

func bzr(c *Call) {
	verb, rest := c.verb()
	switch {
	case among("branch checkout co clone get export", verb) && len(rest) > 0:
		dir := base(rest[0])
		if len(rest) > 1 {
			dir = rest[1]
		}
		c.checkedOut(verb, dir, rest[0], c.isOwnURL(rest[0]))
	case among("update up pull sync", verb):
		c.checkedOut(verb, value.Text("."), value.Value{}, true)
	default:
		c.asked(c.Name)
	}
}

func gh(c *Call) {
	verb, rest := c.verb()
	sub := ""
	if len(rest) > 0 {
		sub = rest[0].String()
	}
	switch {
	case verb == "release" && sub == "download":
		to := orDot(c.flagOr("D"))
		if o, ok := c.Flag("O"); ok {
			to = o
		} else if p, ok := c.Flag("p"); ok {
			to = join(to, p)
		}
		url := "https://github.com/" + c.Text("R") + "/releases"
		c.download(value.Text(url), to, nil)
	case verb == "repo" && sub == "clone" && len(rest) > 1:
		dir := base(rest[1])
		if len(rest) > 2 {
			dir = rest[2]
		}
		c.checkedOut("clone", dir, rest[1], c.isOwnURL(rest[1]))
	case among("create upload edit delete merge close set run comment review", sub), verb == "workflow":
		c.Outcome = Mechanics
	default:
		c.asked("gh_" + verb)
		c.Status = Success
	}
}

// flagOr is the value of an option, empty when it was not given.
func (c *Call) flagOr(names ...string) value.Value {
	v, _ := c.Flag(names...)
	return v
}
