package command

import (
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

func (g *gitCall) submodule() {
	if len(g.args) > 0 && among("status summary foreach init sync deinit absorbgitdirs", g.args[0].String()) {
		g.Outcome = Mechanics
		return
	}
	g.Outcome = Changed
	dir := g.top()
	g.tree.Record(&host.Effect{Op: host.Clone, Path: dir.String(), Val: value.FromStr(dir), Action: "submodule update", Kind: host.Dir, What: Line(g.Argv)})
}

// archive packs the own tree, or paths in it.
func (g *gitCall) archive() {
	prefix := ""
	if v, ok := g.value("--prefix"); ok {
		prefix = v.String()
	}
	names := []value.Str{value.TextStr(".")}
	if len(g.args) > 1 {
		names = strs(g.args[1:])
	}
	if len(g.dash) > 0 {
		names = strs(g.dash)
	}
	k := g.tree.Pack(g.top(), names, prefix, nil)
	if remote, ok := g.value("--remote"); ok && !g.isOwnURL(remote) {
		k = &host.Content{Kind: host.Checkout, URL: remote.String(), At: g.At}
	}
	if out, ok := g.value("-o", "--output"); ok {
		g.tree.Write(out, k, false)
		g.Outcome = Changed
		return
	}
	g.Out, g.Content = g.Hole(value.Content, "git_archive"), k
	g.Outcome = Mechanics
}

func (g *gitCall) init() {
	dir := g.tree.Cwd
	if len(g.args) > 0 {
		dir = g.tree.Abs(g.args[0].Best())
		g.MakeDir(value.FromStr(dir), "", true)
		g.Outcome = Changed
	}
	if g.has("--bare") {
		g.Outcome = Changed
		g.tree.Tree(dir, &host.Content{Kind: host.Built, At: g.At}, false)
	}
}

// ask are the subcommands whose output scripts capture; some change settings of
// the repository, which are mechanics.
func (g *gitCall) ask() {
	c := g.Call
	c.asked("git_" + g.verb)
	first := ""
	if len(g.args) > 0 {
		first = g.args[0].String()
	}
	switch g.verb {
	case "rev-parse":
		g.revParse(first)
	case "remote":
		if among("add set-url remove rm rename update prune set-head", first) {
			c.Outcome, c.Out = Mechanics, value.Value{}
		}
		if first == "get-url" && c.H.Origin != "" && g.own() {
			c.Out = value.Text(c.H.Origin + "\n")
		}
	case "config":
		if len(g.args) > 1 || g.has("--add", "--unset", "--unset-all", "--replace-all") {
			c.Outcome, c.Out = Mechanics, value.Value{}
		} else if first == "remote.origin.url" && c.H.Origin != "" && g.own() {
			c.Out = value.Text(c.H.Origin + "\n")
		}
	case "branch", "tag":
		if len(g.args) > 0 && !g.has("-l", "--list", "--contains", "--show-current", "--merged", "--points-at") {
			c.Outcome, c.Out = Mechanics, value.Value{}
		}
	case "diff", "diff-index":
		c.Status = Success
		if g.has("--quiet", "--exit-code") {
			c.Status = Asks(value.Maybe, &Cond{Op: Other, Fresh: value.Yes, Text: "the tree has no local changes"})
		}
	case "ls-files", "ls-remote", "show":
		if g.has("--error-unmatch", "--exit-code") {
			c.Status = Asks(value.Maybe, &Cond{Op: Other})
		}
	}
}

// revParse knows the directory of the tree; revisions are holes.
func (g *gitCall) revParse(first string) {
	c := g.Call
	switch {
	case g.has("--show-toplevel"):
		c.Out = value.Concat(value.FromStr(g.top()), value.Text("\n"))
	case g.has("--git-dir", "--absolute-git-dir"):
		c.Out = value.Concat(value.FromStr(g.top()), value.Text("/.git\n"))
		c.Status = Asks(value.Maybe, &Cond{Op: Other, Text: "a git repository is here"})
	case g.has("--is-inside-work-tree"):
		c.Out = value.Text("true\n")
		c.Status = Asks(value.Maybe, &Cond{Op: Other, Text: "a git repository is here"})
	case g.has("--verify"):
		c.Status = Asks(value.Maybe, &Cond{Op: Other, Text: "the revision " + first + " exists"})
	}
}
