package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const module = "github.com/nativize/nativize/"

// A sourcePackage is the code of one package of the module, tests left out.
type sourcePackage struct {
	Path  string // from the top of the module
	Files map[string]*ast.File
}

// A sourceTree is all code of the module.
type sourceTree struct {
	fset     *token.FileSet
	packages map[string]*sourcePackage
}

var codeOnce = sync.OnceValues(parseModule)

func code(t *testing.T) *sourceTree {
	t.Helper()
	tree, err := codeOnce()
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func parseModule() (*sourceTree, error) {
	const top = "../.."
	tree := &sourceTree{fset: token.NewFileSet(), packages: map[string]*sourcePackage{}}
	return tree, filepath.WalkDir(top, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if base := d.Name(); name != top && (base == "testdata" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_")) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(tree.fset, name, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(top, name)
		if err != nil {
			return err
		}
		dir := path.Dir(filepath.ToSlash(rel))
		p := tree.packages[dir]
		if p == nil {
			p = &sourcePackage{Path: dir, Files: map[string]*ast.File{}}
			tree.packages[dir] = p
		}
		p.Files[rel] = file
		return nil
	})
}

// at is where a node stands, from the top of the module.
func (tree *sourceTree) at(n ast.Node) string {
	p := tree.fset.Position(n.Pos())
	return strings.TrimPrefix(filepath.ToSlash(p.Filename), "../../") + ":" + strconv.Itoa(p.Line)
}

// imports maps each import of a file to the name that it has there.
func imports(f *ast.File) map[string]string {
	out := map[string]string{}
	for _, spec := range f.Imports {
		name, _ := strconv.Unquote(spec.Path.Value)
		local := path.Base(name)
		if spec.Name != nil {
			local = spec.Name.Name
		}
		out[name] = local
	}
	return out
}

// uses calls f for each use pkg.Name of the package imported as local.
func uses(file *ast.File, local string, f func(name string, n ast.Node)) {
	ast.Inspect(file, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == local && x.Obj == nil {
				f(sel.Sel.Name, n)
			}
		}
		return true
	})
}
