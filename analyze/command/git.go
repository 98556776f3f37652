package command

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

const gitPure = "status log diff show rev-parse describe ls-files ls-remote ls-tree rev-list branch remote tag config symbolic-ref name-rev blame shortlog grep cat-file for-each-ref " +

	"show-ref merge-base cherry reflog whatchanged count-objects var version help check-ignore show-branch diff-index diff-tree diff-files update-index fsck hash-object check-ref-format credential rev-parse ls interpret-trailers range-diff annotate bisect notes"

const gitMech = "fetch push commit add gc prune repack maintenance lfs am apply cherry-pick revert rebase mergetool send-email format-patch remote-update pack-refs update-ref update-server-info " +

	"bundle mv rm filter-branch credential-cache request-pull init-db flow sparse-checkout rerere replace subtree commit-tree write-tree mktag fast-import fast-export daemon"

// A gitCall is a call of git with its options in front of the subcommand seen.
type gitCall struct {
	*Call
	verb string
	opts []value.Value // words that begin with a dash
	args []value.Value // the others, without the values of options
	dash []value.Value // those behind "--"
	tree *host.Actor   // works in the tree
}

// gitValues are the options of subcommands that take the next word as value.
var gitValues = map[string]string{
	"clone": "-b --branch --depth -o --origin -u --upload-pack --reference --reference-if-able --separate-git-dir -c --config -j --jobs --shallow-since --shallow-exclude --template --filter --bundle-uri",
	"pull":  "-s --strategy -X --strategy-option --depth -j --jobs --upload-pack --deepen --shallow-since",
	"fetch": "--depth -j --jobs --upload-pack --deepen --shallow-since",
	"reset": "--pathspec-from-file", "checkout": "-b -B --orphan --conflict --pathspec-from-file", "switch": "-c -C --create --force-create --orphan --conflict",
	"clean": "-e --exclude", "archive": "--format --prefix -o --output --remote --exec --add-file", "submodule": "--reference --depth -j --jobs -b --branch --name",
	"worktree": "-b -B --reason", "init": "--template --separate-git-dir -b --initial-branch --object-format", "restore": "-s --source --conflict --pathspec-from-file",
	"checkout-index": "--prefix --stage", "describe": "--match --exclude --candidates --abbrev", "merge": "-m -s -X --strategy -F", "stash": "-m --message", "commit": "-m -F -C -c -t --author --date",
	"tag": "-m -F -u --sort", "log": "-n --format --since --until --after --before --author", "config": "-f --file --blob",
}

func git(c *Call) {
	verb, rest := c.verb()
	if verb == "" {
		c.asked("git")
		return
	}
	g := &gitCall{Call: c, verb: verb, tree: c.gitActor()}
	skip := false
	for i, w := range rest {
		t := w.Best().Prefix()
		switch {
		case skip:
			skip = false
			g.opts = append(g.opts, w)
			continue
		case w.Is("--"):
			g.dash = rest[i+1:]
		case strings.HasPrefix(t, "-") && len(t) > 1:
			g.opts = append(g.opts, w)
			skip = among(gitValues[verb], t)
		default:
			g.args = append(g.args, w)
		}
		if g.dash != nil {
			break
		}
	}
	c.Status = Success
	g.run()
}

// gitActor works in the tree that -C, --work-tree, --git-dir or the variables of
// the same names say, else in the working directory.
func (c *Call) gitActor() *host.Actor {
	a := *c.Actor
	for _, v := range c.All("C") {
		a.Cwd = a.Abs(v.Best())
	}
	tree, ok := c.Flag("work-tree")
	if !ok {
		tree, ok = c.gitVar("GIT_WORK_TREE")
	}
	if ok {
		a.Cwd = a.Abs(tree.Best())
		return &a
	}
	dir, ok := c.Flag("git-dir")
	if !ok {
		dir, ok = c.gitVar("GIT_DIR")
	}
	if ok && dir.Best().Base().String() == ".git" {
		a.Cwd = a.Abs(dir.Best()).Dir()
	}
	return &a
}

// gitVar is a variable of git's that has a value.
func (c *Call) gitVar(name string) (value.Value, bool) {
	if c.Sh == nil {
		return value.Value{}, false
	}
	v, ok := c.Sh.Var(name)
	if h := v.Hole(); !ok || v.IsEmpty() != value.No || h != nil && h.Kind == value.Env {
		return v, false
	}
	return v, true
}

// has tells whether an option of the subcommand was given.
func (g *gitCall) has(names ...string) bool {
	for _, o := range g.opts {
		t, _, _ := strings.Cut(o.String(), "=")
		for _, n := range names {
			if t == n || len(n) == 2 && len(t) > 1 && t[0] == '-' && t[1] != '-' && strings.Contains(t[1:], n[1:]) {
				return true
			}
		}
	}
	return false
}

// value is the value of an option, separate or after "=".
func (g *gitCall) value(names ...string) (value.Value, bool) {
	for _, n := range names {
		if v, ok := option(g.opts, n); ok {
			return v, true
		}
	}
	return value.Value{}, false
}

func (g *gitCall) run() {
	c := g.Call
	switch g.verb {
	case "clone":
		g.clone()
	case "pull", "reset", "checkout", "switch", "restore", "merge", "checkout-index", "read-tree", "stash":
		g.bring()
	case "clean":
		if g.has("-n", "--dry-run") {
			c.asked("git_clean")
			return
		}
		e := g.tree.Record(&host.Effect{Op: host.Clean, Path: g.tree.Cwd.String(), Val: value.FromStr(g.tree.Cwd), Action: "clean", What: Line(c.Argv)})
		e.Recursive = g.has("-d")
		c.Outcome = Changed
	case "submodule":
		g.submodule()
	case "archive":
		g.archive()
	case "worktree":
		if len(g.args) > 1 && g.args[0].Is("add") {
			g.lay("worktree add", g.tree.Abs(g.args[1].Best()), "", g.own())
		}
	case "init":
		g.init()
	case "rev-parse", "describe", "log", "rev-list", "symbolic-ref", "remote", "config", "branch", "tag", "status", "diff", "ls-remote", "diff-index", "ls-files", "show":
		g.ask()
	default:
		switch {
		case among(gitPure, g.verb):
			c.asked("git_" + g.verb)
		case among(gitMech, g.verb):
			c.Outcome = Mechanics
		default:
			c.Opaque("the subcommand git " + g.verb + " is not modelled")
		}
	}
}

// clone is git clone URL [DIR]: DIR is the last element of URL without .git.
func (g *gitCall) clone() {
	if len(g.args) == 0 {
		g.asked("git")
		return
	}
	url := g.args[0]
	dir := base(url).Map(func(s value.Str) value.Str {
		parts := s.Split(":")
		return trimGit(parts[len(parts)-1])
	})
	bare := g.has("--bare", "--mirror")
	switch {
	case len(g.args) > 1:
		dir = g.args[1]
	case bare:
		dir = value.Concat(dir, value.Text(".git"))
	}
	if g.H.Node(g.Where, g.tree.Abs(dir.Best()).String()).Presence == value.Yes && g.H.IsNew(g.Where, g.tree.Abs(dir.Best()).String()) {
		if names, whole := g.H.Children(g.Where, g.tree.Abs(dir.Best()).String()); whole && len(names) > 0 {
			g.Status = Status{Tri: value.No} // the directory is not empty
		}
	}
	if bare || g.has("--no-checkout", "-n") {
		g.layBare(g.tree.Abs(dir.Best()), url.String())
		return
	}
	g.lay("clone", g.tree.Abs(dir.Best()), url.String(), g.isOwnURL(url))
}

func trimGit(s value.Str) value.Str {
	return value.FromStr(s).Trim(value.Text(".git"), true, false).Best()
}

func (g *gitCall) layBare(dir value.Str, url string) {
	g.Outcome = Changed
	g.tree.Record(&host.Effect{Op: host.Clone, Path: dir.String(), Val: value.FromStr(dir), Kind: host.Dir, Action: "clone --bare", URL: url, What: Line(g.Argv)})
	g.tree.Tree(dir, &host.Content{Kind: host.Built, URL: url, At: g.At}, false)
}

// isOwnURL tells whether an address is that of the repository that is read: its
// last element is the origin's, or nothing is known of either.
func (c *Call) isOwnURL(url value.Value) bool {
	s := url.Best()
	elems := s.Split("/")
	last := elems[len(elems)-1]
	if parts := last.Split(":"); len(parts) > 1 {
		last = parts[len(parts)-1]
	}
	name, ok := trimGit(last).Exact()
	if !ok || name == "" || name == "." {
		return true
	}
	if slices.ContainsFunc(c.H.Pages, func(p string) bool { return strings.EqualFold(name, path.Base(p)) }) {
		return true
	}
	own := path.Base(strings.TrimSuffix(strings.TrimSuffix(c.H.Origin, "/"), ".git"))
	if i := strings.LastIndexByte(own, ':'); i >= 0 {
		own = own[i+1:]
	}
	dir, _ := c.H.Root().Base().Exact()
	return c.H.Origin == "" || strings.EqualFold(name, own) || strings.EqualFold(name, dir)
}

// own tells whether the tree that git works in is the own repository's: that is
// known of a checkout, and taken of a directory of which nothing is known.
func (g *gitCall) own() bool {
	for dir := g.tree.Cwd.String(); dir != "" && dir != "/" && dir != "."; dir = path.Dir(dir) {
		_, n := g.H.Follow(g.Where, dir)
		if n.Content == nil {
			continue
		}
		switch n.Content.Kind {
		case host.Checkout, host.Fetched, host.Extracted:
			return false
		case host.RepoTree:
			return true
		}
	}
	return true
}

// top is the directory of the tree that git works in: the nearest above the
// working directory that a checkout made.
func (g *gitCall) top() value.Str {
	dir := g.tree.Cwd
	for up := dir; ; {
		_, n := g.H.Follow(g.Where, up.String())
		if e, ok := g.H.Get(host.Key{Space: host.File, Where: g.Where, Name: up.String()}).(*host.Node); ok && e.Content != nil && (e.Content.Kind == host.RepoTree || e.Content.Kind == host.Checkout) {
			return up
		}
		next := up.Dir()
		if n == nil || next.Equal(up) || next.String() == "." || next.String() == "/" || up.Hole() != nil {
			return dir
		}
		up = next
	}
}

// lay records that a tree is brought to a revision and lays it out.
func (g *gitCall) lay(action string, dir value.Str, url string, own bool) {
	k := &host.Content{Kind: host.Checkout, URL: url, At: g.At}
	if own {
		k = &host.Content{Kind: host.RepoTree, URL: url, At: g.At}
	} else if _, old := g.H.Follow(g.Where, dir.String()); url == "" && old.Content != nil {
		k.URL = old.Content.URL
	}
	g.Outcome = Changed
	g.tree.Record(&host.Effect{Op: host.Clone, Path: dir.String(), Val: value.FromStr(dir), Content: k, Kind: host.Dir, Action: action, URL: k.URL, What: Line(g.Argv)})
	g.tree.Tree(dir, k, false)
}

// bring is pull, checkout, reset and the like. A branch is made without
// touching files; paths behind "--" are brought back alone.
func (g *gitCall) bring() {
	action := g.verb
	switch {
	case g.verb == "reset" && !g.has("--hard", "--merge", "--keep"), g.verb == "stash" && !g.restores(), g.verb == "read-tree" && !g.has("-u"):
		g.Outcome = Mechanics
		return
	case g.verb == "reset":
		action = "reset --hard"
	case g.verb == "checkout-index":
		g.checkoutIndex()
		return
	case len(g.dash) > 0 || g.verb == "restore":
		g.bringPaths()
		return
	case g.verb == "stash":
		action = "stash"
	}
	if (g.verb == "checkout" || g.verb == "switch") && g.has("-f", "--force", "--discard-changes") {
		action += " --force"
	}
	if g.verb == "stash" && !g.has("--include-untracked", "-u") {
		g.Outcome = Mechanics // local edits are put away
	}
	url := ""
	if g.verb == "pull" && len(g.args) > 0 && strings.ContainsAny(g.args[0].String(), ":/") {
		url = g.args[0].String()
	}
	g.lay(action, g.top(), url, g.own())
}

// restores: stash without a subcommand, and push, bring the tree back to the
// revision.
func (g *gitCall) restores() bool {
	return len(g.args) == 0 || among("push save", g.args[0].String())
}

func (g *gitCall) bringPaths() {
	paths := g.dash
	if len(paths) == 0 {
		paths = g.args
	}
	g.Outcome = Changed
	for _, p := range paths {
		if p.Is(".") || p.Is(":/") {
			g.lay(g.verb, g.top(), "", g.own())
			return
		}
	}
	for _, p := range paths {
		g.tree.Record(&host.Effect{Op: host.Clone, Path: g.tree.Path(p), Val: p.Map(g.tree.Abs), Action: g.verb, Kind: host.Regular, What: Line(g.Argv)})
	}
}

// checkoutIndex copies the tree below a prefix.
func (g *gitCall) checkoutIndex() {
	prefix, ok := g.value("--prefix")
	if !ok || !g.has("-a", "--all") {
		g.Outcome = Mechanics
		return
	}
	g.lay("checkout-index", g.tree.Abs(prefix.Best()), "", g.own())
}
