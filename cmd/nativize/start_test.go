package main

import (
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestStart keeps the start of the process cheap: no package-level variable is
// a compiled expression or a parsed template, which every run would pay for.
// sync.OnceValue and analyze/lazyregexp make them at their first use.
func TestStart(t *testing.T) {
	tree := code(t)
	for _, p := range tree.packages {
		for _, file := range p.Files {
			initial(file, func(call *ast.CallExpr) {
				name := callee(call)
				for _, slow := range []string{"regexp.MustCompile", "template.Must", "template.New", "json.Unmarshal", "yaml.Unmarshal", "embed.ReadFile"} {
					if name == slow {
						t.Errorf("%s: %s runs at the start of every process", tree.at(call), name)
					}
				}
			})
		}
	}
}

// TestExpressions compiles every expression that analyze/lazyregexp would
// compile at its first use.
func TestExpressions(t *testing.T) {
	tree := code(t)
	seen := 0
	for _, p := range tree.packages {
		consts := stringConsts(p)
		for _, file := range p.Files {
			initial(file, func(call *ast.CallExpr) {
				if callee(call) != "lazyregexp.New" {
					return
				}
				text, ok := textOf(call.Args[0], consts)
				if !ok {
					return // made at run time
				}
				seen++
				if _, err := regexp.Compile(text); err != nil {
					t.Errorf("%s: %v", tree.at(call), err)
				}
			})
		}
	}
	if seen < 100 {
		t.Errorf("only %d expressions were found", seen)
	}
}

// initial calls f for the calls in initial values of package-level variables
// that run at the start.
func initial(file *ast.File, f func(*ast.CallExpr)) {
	for _, decl := range file.Decls {
		g, ok := decl.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			continue
		}
		ast.Inspect(g, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				return false
			case *ast.CallExpr:
				f(n)
			}
			return true
		})
	}
}

func callee(call *ast.CallExpr) string {
	if sel, ok := call.Fun.(*ast.SelectorExpr); ok {
		if x, ok := sel.X.(*ast.Ident); ok {
			return x.Name + "." + sel.Sel.Name
		}
	}
	return ""
}

// stringConsts are the constants of a package with literal values.
func stringConsts(p *sourcePackage) map[string]string {
	out := map[string]string{}
	for _, file := range p.Files {
		for _, decl := range file.Decls {
			g, ok := decl.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, s := range g.Specs {
				spec := s.(*ast.ValueSpec)
				for i, v := range spec.Values {
					if text, ok := textOf(v, out); ok {
						out[spec.Names[i].Name] = text
					}
				}
			}
		}
	}
	return out
}

// textOf evaluates a constant string.
func textOf(e ast.Expr, consts map[string]string) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind != token.STRING {
			return "", false
		}
		text, err := strconv.Unquote(e.Value)
		return text, err == nil
	case *ast.Ident:
		text, ok := consts[e.Name]
		return text, ok
	case *ast.ParenExpr:
		return textOf(e.X, consts)
	case *ast.BinaryExpr:
		a, ok1 := textOf(e.X, consts)
		b, ok2 := textOf(e.Y, consts)
		return strings.Join([]string{a, b}, ""), ok1 && ok2 && e.Op == token.ADD
	}
	return "", false
}
