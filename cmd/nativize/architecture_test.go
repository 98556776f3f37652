package main

import (
	"go/ast"
	"go/token"
	"maps"
	"slices"
	"strings"
	"testing"
)

// layers are the packages of the module, each with those that it may import
// besides analyze/lazyregexp. A new package is added here.
var layers = map[string]string{
	"analyze/lazyregexp": "",

	"analyze/source":        "",
	"analyze/value":         "analyze/source",
	"analyze/diag":          "analyze/source",
	"analyze/host":          "analyze/source analyze/value",
	"analyze/command":       "analyze/source analyze/value analyze/host",
	"analyze/shell":         "analyze/source analyze/value analyze/host analyze/command",
	"analyze/model":         "analyze/source analyze/diag analyze/host",
	"analyze/input":         "analyze/source analyze/model",
	"analyze/input/osnames": "",
	"analyze/input/secret":  "analyze/source analyze/input",
	"analyze/detect":        "analyze/source analyze/value analyze/host analyze/command analyze/shell analyze/model analyze/input analyze/input/osnames analyze/input/secret",
	"analyze":               "analyze/source analyze/host analyze/shell analyze/model analyze/input/secret analyze/detect",
	"analyze/lint": "analyze analyze/source analyze/value analyze/diag analyze/host analyze/command analyze/shell analyze/model analyze/input " +
		"analyze/input/osnames analyze/input/secret analyze/detect",

	"analyze/record": "analyze/source analyze/value analyze/host",

	"templates":        "",
	"templates/report": "",

	"convert/plan":    "analyze/source",
	"convert/choices": "analyze/source convert/plan",
	"convert/place": "analyze analyze/source analyze/value analyze/diag analyze/host analyze/command analyze/shell analyze/model analyze/input " +
		"analyze/input/osnames analyze/detect convert/plan convert/choices templates",
	"convert/commit":               "",
	"convert/target":               "analyze/source convert/plan templates",
	"convert/pack":                 "analyze/source convert/plan",
	"convert/report":               "analyze/source analyze/diag analyze/model convert/plan templates/report",
	"convert/verify":               "analyze/source analyze/value analyze/host analyze/command analyze/shell analyze/model analyze/record convert/plan convert/target convert/pack convert/verify/root",
	"convert/verify/root":          "",
	"convert/verify/root/roottest": "convert/verify/root",
	"convert":                      "analyze analyze/source analyze/model convert/plan convert/choices convert/place convert/target",
}

// TestImports holds the direction of the data: cmd, convert, analyze.
func TestImports(t *testing.T) {
	tree := code(t)
	for dir, p := range tree.packages {
		allowed, known := layers[dir]
		if dir == "cmd/nativize" {
			continue // the top: it may import all
		}
		if !known {
			t.Errorf("package %s is not in layers", dir)
		}
		for name, file := range p.Files {
			for _, imported := range slices.Sorted(maps.Keys(imports(file))) {
				rel, ours := strings.CutPrefix(imported, module)
				if !ours || rel == "analyze/lazyregexp" || slices.Contains(strings.Fields(allowed), rel) {
					continue
				}
				t.Errorf("%s imports %s: the imports of %s are: %s", name, rel, dir, allowed)
			}
		}
	}
	for dir := range layers {
		if tree.packages[dir] == nil {
			t.Errorf("package %s of layers is gone", dir)
		}
	}
}

// A door is a way out of the program, and the packages that may take it.
type door struct {
	pkg   string
	names string // used names of the package; "" for the import itself
	who   string
	why   string
}

// readers and writers of the file system, and who they belong to.
const (
	opens = "Open OpenFile ReadFile ReadDir Stat Lstat Readlink DirFS OpenRoot OpenInRoot"
	makes = "Create CreateTemp WriteFile Mkdir MkdirAll MkdirTemp Rename Remove RemoveAll Symlink Link Chmod Chown Lchown Chtimes Truncate CopyFS"
)

// doors: only analyze/source opens the repository; convert/pack and
// convert/verify work on directories that were made for them.
var doors = []door{
	{"os", opens, "analyze/source convert/pack convert/verify convert/verify/root convert/verify/root/roottest cmd/nativize", "only analyze/source opens the repository"},
	{"os", makes, "convert/pack convert/verify convert/verify/root convert/verify/root/roottest cmd/nativize", "nothing outside the output is written"},
	{"os", "Getenv LookupEnv Environ ExpandEnv UserCacheDir UserHomeDir", "cmd/nativize convert/verify/root/roottest", "only cmd reads the environment"},
	{"os", "Args Exit Stdin Stdout Stderr", "cmd/nativize", "only cmd exits and prints"},
	{"os/exec", "", "cmd/nativize convert/verify/root convert/verify/root/roottest", "nothing of a repository is run; packaging/stage.sh and the tools of throwaway roots are"},
	{"path/filepath", "Walk WalkDir Glob EvalSymlinks", "analyze/source convert/pack convert/verify/root cmd/nativize", "only analyze/source opens the repository"},
	{"fmt", "Print Println Printf Scan Scanln Scanf", "", "results go to a writer"},
	{"log", "", "", "messages are errors"},
	{"log/slog", "", "", "messages are errors"},
	{"flag", "", "", "flags are cobra's"},
	{"time", "Now Since Until Tick NewTicker After AfterFunc Sleep", "cmd/nativize convert/verify/root", "the same input gives the same bytes"},
	{"math/rand", "", "", "the same input gives the same bytes"},
	{"math/rand/v2", "", "", "the same input gives the same bytes"},
	{"net", "", "", "nothing goes over the network"},
	{"net/http", "", "", "nothing goes over the network"},
	{"unsafe", "", "", "no"},
	{"plugin", "", "", "no"},
}

func TestDoors(t *testing.T) {
	tree := code(t)
	for dir, p := range tree.packages {
		for name, file := range p.Files {
			have := imports(file)
			for _, d := range doors {
				local, imported := have[d.pkg]
				if !imported || slices.Contains(strings.Fields(d.who), dir) {
					continue
				}
				if d.names == "" {
					t.Errorf("%s imports %s: %s", name, d.pkg, d.why)
					continue
				}
				uses(file, local, func(used string, n ast.Node) {
					if slices.Contains(strings.Fields(d.names), used) {
						t.Errorf("%s: %s.%s: %s", tree.at(n), local, used, d.why)
					}
				})
			}
		}
	}
}

// changing are package-level variables that may change: caches, which nothing
// that is written depends on.
var changing = map[string]string{
	"analyze/value.patterns": "compiled glob patterns",
	"analyze/shell.parsers":  "parsers to use again",
}

// TestNoState looks for package-level variables that functions assign to, and
// for those of a type made to change.
func TestNoState(t *testing.T) {
	tree := code(t)
	for dir, p := range tree.packages {
		vars := packageVars(p)
		for name, spec := range vars {
			if holdsState(spec.Type) && changing[dir+"."+name] == "" {
				t.Errorf("%s: the package-level variable %s is of a type made to change", tree.at(spec), name)
			}
		}
		for _, file := range p.Files {
			for _, decl := range file.Decls {
				fn, ok := decl.(*ast.FuncDecl)
				if !ok || fn.Body == nil || fn.Recv == nil && fn.Name.Name == "init" {
					continue
				}
				assigned(fn.Body, func(id *ast.Ident) {
					if spec := vars[id.Name]; spec != nil && id.Name != "_" && (id.Obj == nil || id.Obj.Decl == spec) && changing[dir+"."+id.Name] == "" {
						t.Errorf("%s: the package-level variable %s is changed", tree.at(id), id.Name)
					}
				})
			}
		}
	}
}

func packageVars(p *sourcePackage) map[string]*ast.ValueSpec {
	out := map[string]*ast.ValueSpec{}
	for _, file := range p.Files {
		for _, decl := range file.Decls {
			g, ok := decl.(*ast.GenDecl)
			if !ok || g.Tok != token.VAR {
				continue
			}
			for _, s := range g.Specs {
				spec := s.(*ast.ValueSpec)
				for _, id := range spec.Names {
					out[id.Name] = spec
				}
			}
		}
	}
	return out
}

// holdsState tells types of sync and sync/atomic.
func holdsState(typ ast.Expr) bool {
	sel, ok := typ.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	x, ok := sel.X.(*ast.Ident)
	return ok && (x.Name == "sync" || x.Name == "atomic")
}

// assigned calls f for the variable at the root of everything that is assigned
// to, incremented or deleted from.
func assigned(body *ast.BlockStmt, f func(*ast.Ident)) {
	root := func(e ast.Expr) {
		if id := rootOf(e); id != nil {
			f(id)
		}
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				if n.Tok != token.DEFINE {
					root(l)
				}
			}
		case *ast.IncDecStmt:
			root(n.X)
		case *ast.CallExpr:
			if id, ok := n.Fun.(*ast.Ident); ok && (id.Name == "delete" || id.Name == "clear") && id.Obj == nil {
				root(n.Args[0])
			}
		}
		return true
	})
}

func rootOf(e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x
		case *ast.IndexExpr:
			e = x.X
		case *ast.SelectorExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return nil
		}
	}
}

// TestDocumented wants a comment at every exported identifier, and at every
// package.
func TestDocumented(t *testing.T) {
	tree := code(t)
	for dir, p := range tree.packages {
		documented := false
		for _, file := range p.Files {
			documented = documented || file.Doc != nil
			for _, decl := range file.Decls {
				switch d := decl.(type) {
				case *ast.FuncDecl:
					if d.Name.IsExported() && exportedReceiver(d) && d.Doc == nil && !conventional(d) {
						t.Errorf("%s: %s has no comment", tree.at(d), d.Name.Name)
					}
				case *ast.GenDecl:
					for _, s := range d.Specs {
						undocumented(d, s, func(id *ast.Ident) { t.Errorf("%s: %s has no comment", tree.at(id), id.Name) })
					}
				}
			}
		}
		if !documented {
			t.Errorf("package %s has no comment", dir)
		}
	}
}

func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	id := rootOf(d.Recv.List[0].Type)
	return id == nil || id.IsExported()
}

// conventional are methods that say what every one of their name says.
func conventional(d *ast.FuncDecl) bool {
	return d.Recv != nil && slices.Contains([]string{"Error", "String"}, d.Name.Name)
}

// undocumented calls f for the exported names of a declaration without comment.
func undocumented(d *ast.GenDecl, s ast.Spec, f func(*ast.Ident)) {
	switch s := s.(type) {
	case *ast.TypeSpec:
		if s.Name.IsExported() && s.Doc == nil && d.Doc == nil {
			f(s.Name)
		}
	case *ast.ValueSpec:
		for _, id := range s.Names {
			if id.IsExported() && s.Doc == nil && s.Comment == nil && d.Doc == nil {
				f(id)
			}
		}
	}
}
