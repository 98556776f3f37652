package lint

import (
	"bytes"
	"slices"
	"sort"
	"strings"
	"sync"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/shell"
	"github.com/nativize/nativize/analyze/source"
)

// facts is what rules ask for, computed once an analysis.
type facts struct {
	*repoFacts
	byOp    map[host.Op][]*host.Effect
	byPath  map[string][]*host.Effect
	byPlace map[source.Pos][]*host.Effect
	memo    map[string]any
	order   map[*host.Effect]int
	trees   []shell.Parsed
	stmts   []shell.Statement
	reach   map[source.Pos]bool
}

func newFacts(a *analyze.Analysis, repo *repoFacts) *facts {
	f := &facts{
		repoFacts: repo, byOp: map[host.Op][]*host.Effect{}, byPath: map[string][]*host.Effect{},
		order: make(map[*host.Effect]int, len(a.Effects)), reach: map[source.Pos]bool{},
		byPlace: map[source.Pos][]*host.Effect{}, memo: map[string]any{},
	}
	for i, e := range a.Effects {
		f.order[e] = i
		if e.Failure {
			continue
		}
		f.byOp[e.Op] = append(f.byOp[e.Op], e)
		f.byPlace[e.At.Pos] = append(f.byPlace[e.At.Pos], e)
		if e.Path != "" {
			f.byPath[e.Path] = append(f.byPath[e.Path], e)
		}
	}
	if a.Machine != nil {
		f.trees = a.Machine.Trees()
		f.stmts = a.Machine.Statements()
		for _, s := range f.stmts {
			if s.Outcome != "unreached" {
				f.reach[s.At.Pos] = true
			}
		}
	}
	return f
}

// onceEach computes a thing about the analysis the first time it is asked for.
func onceEach[T any](f *facts, key string, compute func() T) T {
	if v, ok := f.memo[key]; ok {
		return v.(T)
	}
	v := compute()
	f.memo[key] = v
	return v
}

// Trees are the syntax trees of all texts that were read as shell.
func (f *facts) Trees() []shell.Parsed { return f.trees }

// Statements is the account of the simple commands.
func (f *facts) Statements() []shell.Statement { return f.stmts }

// Reached tells whether the simple command at a place is ever evaluated.
func (f *facts) Reached(at source.Pos) bool { return f.reach[at] }

// A node is one of a tree's, in the order of syntax.Walk.
type node struct {
	tree *shell.Parsed
	n    syntax.Node
	end  int // index of the first node behind those below it
}

// Walk visits every node of every tree; when visit returns false those below a
// node are passed over.
func (f *facts) Walk(visit func(t shell.Parsed, n syntax.Node) bool) {
	nodes := onceEach(f, "nodes", f.flatten)
	for i := 0; i < len(nodes); {
		if visit(*nodes[i].tree, nodes[i].n) {
			i++
		} else {
			i = nodes[i].end
		}
	}
}

// bytesPerNode is about how much shell text a node of its tree takes.
const bytesPerNode = 4

// size is the length, in bytes, of the texts of the trees.
func (f *facts) size() int {
	n := 0
	for i := range f.trees {
		for _, s := range f.trees[i].Stmts {
			n += int(s.End().Offset()) - int(s.Pos().Offset())
		}
	}
	return max(n, 0) // a statement that does not end where it should has its end before its start
}

// flatten lists the nodes of the trees: many rules visit them.
func (f *facts) flatten() []node {
	out := make([]node, 0, f.size()/bytesPerNode)
	var open []int
	for i := range f.trees {
		for _, s := range f.trees[i].Stmts {
			syntax.Walk(s, func(n syntax.Node) bool {
				if n == nil {
					out[open[len(open)-1]].end = len(out)
					open = open[:len(open)-1]
					return true
				}
				open = append(open, len(out))
				out = append(out, node{tree: &f.trees[i], n: n})
				return true
			})
		}
	}
	return out
}

// A call is a simple command that is reached, with its words as written.
type call struct {
	tree  *shell.Parsed
	expr  *syntax.CallExpr
	words []string
}

// Calls visits every simple command that is reached, with its words as written.
func (f *facts) Calls(visit func(t shell.Parsed, c *syntax.CallExpr, words []string)) {
	for _, c := range onceEach(f, "calls", f.calls) {
		visit(*c.tree, c.expr, c.words)
	}
}

func (f *facts) calls() []call {
	var out []call
	for _, x := range onceEach(f, "nodes", f.flatten) {
		c, ok := x.n.(*syntax.CallExpr)
		if !ok || len(c.Args) == 0 || !f.reach[x.tree.Pos(c.Pos())] {
			continue
		}
		words := make([]string, len(c.Args))
		for i, w := range c.Args {
			words[i] = Literal(w)
		}
		out = append(out, call{x.tree, c, words})
	}
	return out
}

// Literal is a word without its quotes; expansions stand as they are written.
func Literal(w *syntax.Word) string {
	if len(w.Parts) == 1 {
		if lit, ok := w.Parts[0].(*syntax.Lit); ok {
			return lit.Value
		}
	}
	var b strings.Builder
	for _, part := range w.Parts {
		literalPart(&b, part)
	}
	return b.String()
}

func literalPart(b *strings.Builder, part syntax.WordPart) {
	switch p := part.(type) {
	case *syntax.Lit:
		b.WriteString(p.Value)
	case *syntax.SglQuoted:
		b.WriteString(p.Value)
	case *syntax.DblQuoted:
		for _, q := range p.Parts {
			literalPart(b, q)
		}
	default:
		printer := printers.Get().(*syntax.Printer)
		defer printers.Put(printer)
		var out strings.Builder
		if printer.Print(&out, &syntax.Word{Parts: []syntax.WordPart{part}}) == nil {
			b.WriteString(out.String())
		}
	}
}

// printers are kept: each has a buffer of its own.
var printers = sync.Pool{New: func() any { return syntax.NewPrinter(syntax.Minify(true)) }}

// repoFacts is what is known of the files of a repository, whatever its entry.
type repoFacts struct {
	repo  *source.Repo
	only  map[string]bool // the files that are judged, nil for all
	texts map[string][]byte
	lines map[string][]int
	cache map[string]any
}

func newRepoFacts(repo *source.Repo) *repoFacts {
	return &repoFacts{repo: repo, texts: map[string][]byte{}, lines: map[string][]int{}, cache: map[string]any{}}
}

// judged are the files that rules on files of the repository look at.
func (f *repoFacts) judged() []source.File {
	if f.only == nil {
		return f.repo.Files()
	}
	return slices.DeleteFunc(slices.Clone(f.repo.Files()), func(file source.File) bool { return !f.only[file.Path] })
}

// once computes a thing about the repository the first time it is asked for.
func once[T any](f *repoFacts, key string, compute func() T) T {
	if v, ok := f.cache[key]; ok {
		return v.(T)
	}
	v := compute()
	f.cache[key] = v
	return v
}

// Text is the content of a file of the repository, nil when it cannot be read.
func (f *repoFacts) Text(path string) []byte {
	b, ok := f.texts[path]
	if !ok {
		b, _ = f.repo.Read(path)
		f.texts[path] = b
	}
	return b
}

// starts are the offsets of the lines of a file.
func (f *repoFacts) starts(path string) []int {
	if s, ok := f.lines[path]; ok {
		return s
	}
	s := []int{0}
	for i, c := range f.Text(path) {
		if c == '\n' {
			s = append(s, i+1)
		}
	}
	f.lines[path] = s
	return s
}

// offset is where a place lies in its file, -1 when it does not.
func (f *repoFacts) offset(file string, line, col int) int {
	s := f.starts(file)
	if line < 1 || line > len(s) || col < 1 {
		return -1
	}
	off := s[line-1] + col - 1
	if off > len(f.Text(file)) {
		return -1
	}
	return off
}

// SourceOf is the text of a span; the whole line when only its start is known.
func (f *repoFacts) SourceOf(at source.Span) string {
	if at.File == "" || at.Line < 1 {
		return ""
	}
	from := f.offset(at.File, at.Line, max(at.Col, 1))
	to := f.offset(at.File, at.EndLine, at.EndCol)
	if from >= 0 && to > from {
		return string(f.Text(at.File)[from:to])
	}
	return f.Line(at.File, at.Line)
}

// Line is one line of a file without its end, "" when there is none.
func (f *repoFacts) Line(file string, line int) string {
	s := f.starts(file)
	if line < 1 || line > len(s) {
		return ""
	}
	text := f.Text(file)[s[line-1]:]
	if i := bytes.IndexByte(text, '\n'); i >= 0 {
		text = text[:i]
	}
	return strings.TrimSuffix(string(text), "\r")
}

// At is the place of an offset in a file, up to another.
func (f *repoFacts) At(file string, from, to int) source.Span {
	a, b := f.pos(file, from), f.pos(file, to)
	return source.Span{Pos: a, EndLine: b.Line, EndCol: b.Col}
}

func (f *repoFacts) pos(file string, off int) source.Pos {
	s := f.starts(file)
	line := sort.SearchInts(s, off+1)
	return source.Pos{File: file, Line: line, Col: off - s[line-1] + 1}
}

// LineSpan is a whole line without the blanks around it.
func (f *repoFacts) LineSpan(file string, line int) source.Span {
	text := f.Line(file, line)
	trimmed := strings.TrimSpace(text)
	col := 1 + max(strings.Index(text, trimmed), 0)
	return source.Span{Pos: source.Pos{File: file, Line: line, Col: col}, EndLine: line, EndCol: col + len(trimmed)}
}
