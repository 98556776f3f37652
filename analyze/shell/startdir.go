package shell

import (
	"path"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

// startDir is the directory that a script is started in when the caller does
// not say: the root of the repository, or the script's own when more of the
// paths that it names before it first changes directory are only there.
func (in *interp) startDir(f *file) value.Str {
	root, dir := in.Host.Root(), path.Dir(f.path)
	if dir == "." || in.Host.Repo == nil || in.opt.Known || in.opt.Zero != "" {
		return root
	}
	s := &starts{repo: in.Host.Repo, dir: dir}
	for _, stmt := range f.stmts {
		syntax.Walk(stmt, s.node)
	}
	if s.own > s.top {
		return value.Abs(root, value.TextStr(dir))
	}
	return root
}

// starts counts the paths of a script that are in its own directory only, and
// those that are in the root only.
type starts struct {
	repo     host.Repo
	dir      string
	own, top int
	moved    bool // the script has changed directory
}

// node counts what a simple command names. Functions are called later, and what
// a subshell does to its directory does not last.
func (s *starts) node(n syntax.Node) bool {
	switch n := n.(type) {
	case *syntax.FuncDecl, *syntax.Subshell, *syntax.CmdSubst, *syntax.ProcSubst:
		return false
	case *syntax.CallExpr:
		if !s.moved {
			s.call(n)
		}
	}
	return !s.moved
}

func (s *starts) call(c *syntax.CallExpr) {
	if len(c.Args) == 0 {
		return
	}
	name := c.Args[0].Lit()
	moves := name == "cd" || name == "pushd"
	for i, w := range c.Args {
		p := literal(w)
		if p == "" || p[0] == '-' || p[0] == '/' || p[0] == '~' || moves && i == 0 || !moves && !strings.ContainsAny(p, "./") || !moves && p == ".." {
			continue
		}
		own, top := s.has(path.Join(s.dir, p)), s.has(path.Clean(p))
		if own && !top {
			s.own++
		}
		if top && !own {
			s.top++
		}
	}
	s.moved = moves
}

// has tells whether a path of the repository is there; the root is.
func (s *starts) has(p string) bool {
	if p == ".." || strings.HasPrefix(p, "../") {
		return false
	}
	if p == "." {
		return true
	}
	_, ok := s.repo.Stat(p)
	return ok
}

// literal is the text of a word that has no expansions, quoted or not; "" for
// any other.
func literal(w *syntax.Word) string {
	var b strings.Builder
	for _, p := range w.Parts {
		switch p := p.(type) {
		case *syntax.Lit:
			b.WriteString(p.Value)
		case *syntax.SglQuoted:
			b.WriteString(p.Value)
		case *syntax.DblQuoted:
			if len(p.Parts) != 1 {
				return ""
			}
			lit, ok := p.Parts[0].(*syntax.Lit)
			if !ok {
				return ""
			}
			b.WriteString(lit.Value)
		default:
			return ""
		}
	}
	return b.String()
}
