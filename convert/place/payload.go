package place

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/analyze/value"
	"github.com/nativize/nativize/convert/plan"
)

// A codeNode is one path of the code as the old deployment had it.
type codeNode struct {
	old  string
	repo string     // file of the repository, "" none
	node *host.Node // nil when the repository is shipped as a whole
}

// tree finds what lies in the code directory: what the machine of the
// application has there, else the whole repository.
func (x *placer) tree() error {
	if x.code == "" {
		return nil
	}
	x.treeOf = map[string]string{}
	w := &codeWalker{placer: x, left: 200_000}
	if x.host != nil && x.old != "" {
		w.walk(x.old, 0)
	}
	if w.found == 0 {
		x.whole()
	}
	for _, n := range x.nodes {
		if n.repo != "" {
			if _, ok := x.treeOf[n.repo]; !ok {
				x.treeOf[n.repo] = n.old
			}
		}
	}
	return nil
}

// oldRoot is the code directory of the old deployment, or of the package when
// the old one is not known.
func (x *placer) oldRoot() string {
	if x.old == "" {
		return x.code
	}
	return x.old
}

// payload ships the code.
func (x *placer) payload() error {
	for _, n := range x.nodes {
		switch {
		case n.repo != "" && n.node == nil:
			x.shipRepo(x.mappedCode(n.old), n.repo, nil)
		case n.repo != "":
			x.shipRepo(x.mappedCode(n.old), n.repo, at(n.node))
		case n.node.Kind == host.Link:
			x.link(n.old, n.node)
		default:
			x.written(n.old, n.node)
		}
	}
	if x.code != "" {
		x.markCode()
	}
	return nil
}

// A codeWalker walks the code directory of the abstract machine.
type codeWalker struct {
	*placer
	left  int
	found int // files of the repository
}

const maxDepth = 64

func (w *codeWalker) walk(dir string, depth int) {
	names, _ := w.host.Children(w.where, dir)
	for _, name := range names {
		if w.left--; w.left < 0 || depth > maxDepth {
			return
		}
		p := path.Join(dir, name)
		if !plainName(name) {
			continue
		}
		n := w.host.Node(w.where, p)
		if n.Presence == value.No {
			continue
		}
		w.node(p, n, depth)
	}
}

func (w *codeWalker) node(p string, n *host.Node, depth int) {
	repo := n.Content.Repo()
	switch {
	case n.Kind == host.Link && repo == "":
		w.nodes = append(w.nodes, codeNode{old: p, node: n})
	case n.Kind == host.Dir || n.Content != nil && n.Content.Kind == host.RepoTree:
		if repo != "" && w.excluded(repo) && repo != "." {
			return
		}
		w.walk(p, depth+1)
	case repo != "" && w.isRepoPath(repo):
		w.found++
		if !w.excluded(repo) {
			w.nodes = append(w.nodes, codeNode{p, repo, n})
		}
	case n.Content != nil && n.Content.Kind == host.Literal:
		w.nodes = append(w.nodes, codeNode{old: p, node: n})
	default:
		if names, _ := w.host.Children(w.where, p); len(names) > 0 {
			w.walk(p, depth+1)
		}
	}
}

func at(n *host.Node) []source.Pos {
	if n.At.IsZero() {
		return nil
	}
	return []source.Pos{n.At}
}

// isRepoPath tells whether the repository has a file or link of that name.
func (x *placer) isRepoPath(p string) bool {
	f, ok := x.repo.Lookup(p)
	return ok && !f.Ignored && !f.IsDir()
}

// plainName tells of names that a package can hold.
func plainName(name string) bool {
	return name != "" && !strings.ContainsAny(name, "\x00\n/") && !strings.Contains(name, "${") && !strings.ContainsFunc(name, func(r rune) bool {
		return r < ' ' || r == 0x7f || r == 0xfffd
	})
}

// mappedCode is the place of a path of the code: what is configuration has its
// own entry already.
func (x *placer) mappedCode(p string) string {
	if x.old == "" {
		return p
	}
	return x.code + strings.TrimPrefix(p, x.old)
}

// shipRepo adds a file or link of the repository.
func (x *placer) shipRepo(p, repo string, at []source.Pos) {
	f, ok := x.repo.Lookup(repo)
	switch {
	case !ok || f.Submodule || f.LFS || f.Err != nil:
		x.p.Unplaced = append(x.p.Unplaced, plan.Fate{At: source.Span{Pos: source.Pos{File: repo, Line: 1, Col: 1}}, Text: repo, Part: plan.PartUnplaced, Reason: "its content is not in the repository"})
	case f.Link != "":
		if f.Escapes {
			x.manual([]source.Pos{{File: repo, Line: 1, Col: 1}}, "", "%s is a link out of the repository and is not shipped.", repo)
			return
		}
		x.add(plan.Entry{Path: p, Type: plan.Symlink, Src: f.Link, At: at, Why: "link of the repository"})
	case f.IsRegular():
		x.add(plan.Entry{Path: p, Type: plan.File, Origin: plan.Repo, Src: repo, At: at, Why: "code"})
	}
}

// link ships a link that the script makes inside the code.
func (x *placer) link(p string, n *host.Node) {
	to := n.Link.String()
	if strings.Contains(to, "${") {
		return
	}
	x.add(plan.Entry{Path: x.mappedCode(p), Type: plan.Symlink, Src: x.mapped(to), At: at(n), Why: "link made by the script"})
	x.mark(at(n), plan.PartPayload, x.mappedCode(p), "link of the payload")
}

// written ships a file that the script writes, when its text is known.
func (x *placer) written(p string, n *host.Node) {
	v, ok := n.Content.Known()
	if !ok {
		return
	}
	text := x.withCommit(v)
	if strings.Contains(text, "${") && len(v.Holes()) > 0 {
		x.manual(at(n), "", "The script writes %s with values that it computes: %s.", x.mappedCode(p), clip(text, 120))
		x.mark(at(n), plan.PartManual, p, "its text is known on the server only")
		return
	}
	if path.Base(p) == ".env" || x.excluded(path.Base(p)) {
		return
	}
	src := x.text("files/"+strings.ReplaceAll(strings.TrimPrefix(p, "/"), "/", "_"), []byte(text), 0o644, nil)
	x.add(plan.Entry{Path: x.mappedCode(p), Type: plan.File, Origin: plan.Text_, Src: src, Mode: modeOf(n), At: at(n), Why: "written by the script"})
	x.mark(at(n), plan.PartPayload, x.mappedCode(p), "written by the script")
}

// withCommit fills in what git tells of the revision: it is known now.
func (x *placer) withCommit(v value.Value) string {
	text := v.String()
	commit := x.repo.Info().Commit
	for _, h := range v.Holes() {
		if commit != "" && strings.HasPrefix(h.Name, "git_rev-parse") {
			text = strings.ReplaceAll(text, "${"+h.Name+"}", commit)
		}
	}
	return text
}

func modeOf(n *host.Node) uint32 { return mode(n.Mode, 0o644) &^ 0o022 }

func clip(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > n {
		return strings.ToValidUTF8(s[:n], "") + "..."
	}
	return s
}

// whole takes the repository as it is.
func (x *placer) whole() {
	for _, f := range x.repo.Files() {
		if f.Ignored || f.IsDir() || x.excluded(f.Path) {
			continue
		}
		if !plainName(strings.ReplaceAll(f.Path, "/", "-")) {
			x.p.Unplaced = append(x.p.Unplaced, plan.Fate{At: source.Span{Pos: source.Pos{File: f.Path, Line: 1, Col: 1}}, Text: f.Path, Part: plan.PartUnplaced, Reason: "no package can hold a file of that name"})
			continue
		}
		x.nodes = append(x.nodes, codeNode{old: path.Join(x.oldRoot(), f.Path), repo: f.Path})
	}
}

// markCode marks the statements that bring the code to its place.
func (x *placer) markCode() {
	for _, e := range x.d.Effects {
		if e.Failure || !x.inOld(e.Path) && !within(x.old, e.Path) {
			continue
		}
		pos := []source.Pos{e.At.Pos}
		switch e.Op {
		case host.Clone, host.Extract, host.Sync, host.CopyTo, host.MoveTo, host.Hardlink, host.Symlink:
			x.mark(pos, plan.PartPayload, x.mapped(e.Path), "the code is the payload")
		case host.Chown, host.Chmod:
			x.mark(pos, plan.PartPayload, x.mapped(e.Path), "the code is owned by root; what is written has its own directories")
		}
	}
}
