package report

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/model"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

const schemaFile = "../../docs/report.schema.json"

// enums are the values of types and fields that have a fixed set.
var enums = map[string][]string{
	"Class":      {"server", "remote-orchestration", "container", "cloud", "static-site", "build-only", "other"},
	"Certainty":  {"may", "must"},
	"Severity":   {"error", "warning", "note"},
	"Confidence": {"high", "medium", "low"},

	"Evidence.origin": {model.FromScript, model.FromCompanion, model.FromImplied},
	"Account.kind":    {"user", "group"},
	"Directory.role":  {"code", "config", "log", "data", "cache", "run", "tmp", "backup", "other"},
	"Maturity.rung":   {"scm+ssh", "language-package", "tarball", "native-package"},
	"Property.held":   {yes, partly, no, unknown},
	"Source.kind":     {"git", "dir", "tarball"},
}

// TestSchema keeps docs/report.schema.json what the types say, with their
// comments as descriptions; UPDATE=1 rewrites it.
func TestSchema(t *testing.T) {
	g := &schemaMaker{docs: typeDocs(t, "../../analyze/model/model.go", "../../analyze/diag/diag.go", "../../analyze/source/pos.go"), defs: map[string]any{}}
	root := g.of(reflect.TypeFor[model.Deployment]())
	schema := map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema",
		"title":   "nativize audit --format json, version 1",
		"$ref":    root["$ref"], "$defs": g.defs,
	}
	var want bytes.Buffer
	enc := json.NewEncoder(&want)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(schema); err != nil {
		t.Fatal(err)
	}
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(schemaFile, want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want.String(), string(got)); d != "" {
		t.Errorf("docs/report.schema.json is not what the types say (-types +file), run with UPDATE=1:\n%s", d)
	}
}

// A schemaMaker writes the schema of Go types, closed: a field that the types
// do not have is not valid.
type schemaMaker struct {
	docs map[string]string
	defs map[string]any
}

func (g *schemaMaker) of(t reflect.Type) map[string]any {
	switch t.Kind() {
	case reflect.String:
		s := map[string]any{"type": "string"}
		if e := enums[t.Name()]; e != nil {
			s["enum"] = e
		}
		return s
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int:
		return map[string]any{"type": "integer"}
	case reflect.Slice:
		return map[string]any{"type": "array", "items": g.of(t.Elem())}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": g.of(t.Elem())}
	case reflect.Pointer:
		if t.Elem().Kind() == reflect.Struct {
			return g.of(t.Elem())
		}
		return map[string]any{"anyOf": []any{g.of(t.Elem()), map[string]any{"type": "null"}}}
	case reflect.Struct:
		return g.object(t)
	}
	panic("no schema of " + t.String())
}

func (g *schemaMaker) object(t reflect.Type) map[string]any {
	ref := map[string]any{"$ref": "#/$defs/" + t.Name()}
	if g.defs[t.Name()] != nil {
		return ref
	}
	props := map[string]any{}
	required := []string{}
	def := map[string]any{"type": "object", "additionalProperties": false, "properties": props}
	g.defs[t.Name()] = def
	if doc := g.docs[t.Name()]; doc != "" {
		def["description"] = doc
	}
	g.fields(t, props, &required)
	slices.Sort(required)
	def["required"] = required
	return ref
}

func (g *schemaMaker) fields(t reflect.Type, props map[string]any, required *[]string) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			g.fields(f.Type, props, required)
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" {
			continue
		}
		s := g.of(f.Type)
		if e := enums[t.Name()+"."+name]; e != nil {
			s["enum"] = e
		}
		if doc := g.docs[t.Name()+"."+f.Name]; doc != "" {
			s["description"] = doc
		}
		props[name] = s
		if options != "omitempty" {
			*required = append(*required, name)
		}
	}
}

// typeDocs are the comments of types and of their fields, as Type and
// Type.Field.
func typeDocs(t *testing.T, names ...string) map[string]string {
	t.Helper()
	docs := map[string]string{}
	for _, name := range names {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			decl, ok := n.(*ast.GenDecl)
			if !ok || decl.Tok != token.TYPE {
				return true
			}
			for _, s := range decl.Specs {
				spec := s.(*ast.TypeSpec)
				docs[spec.Name.Name] = oneLine(decl.Doc.Text())
				if st, ok := spec.Type.(*ast.StructType); ok {
					fieldDocs(docs, spec.Name.Name, st)
				}
			}
			return true
		})
	}
	return docs
}

func fieldDocs(docs map[string]string, typ string, st *ast.StructType) {
	for _, f := range st.Fields.List {
		for _, name := range f.Names {
			docs[typ+"."+name.Name] = oneLine(f.Doc.Text() + " " + f.Comment.Text())
		}
	}
}

// TestJSONValid holds that what is printed is valid, also for nothing and for
// hostile content.
func TestJSONValid(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range samples(t) {
		t.Run(name, func(t *testing.T) {
			if name == "hostile" { // names of sets are the tool's own, never the repository's
				tame(s.d)
			}
			if name == "empty" {
				s.d.Class, s.d.Source.Kind = model.Other, "dir"
			}
			doc, err := jsonschema.UnmarshalJSON(strings.NewReader(rendered(t, "json", s)))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(doc); err != nil {
				t.Error(err)
			}
		})
	}
}

// tame gives the fields with fixed sets a value of their set.
func tame(d *model.Deployment) {
	d.Source.Kind, d.Maturity.Rung, d.Maturity.Properties[0].Held = "git", "tarball", yes
	d.Candidates[0].Class = model.Cloud
	d.Findings[0].Severity, d.Findings[0].Confidence = diag.Note, diag.Low
	d.Facts.Required[0].Kind, d.Facts.Directories[0].Role = "user", model.RoleLog
	tameEvidence(reflect.ValueOf(d).Elem())
}

func tameEvidence(v reflect.Value) {
	switch v.Kind() {
	case reflect.Slice:
		for i := range v.Len() {
			tameEvidence(v.Index(i))
		}
	case reflect.Struct:
		if e, ok := v.Addr().Interface().(*model.Evidence); ok {
			e.Certainty, e.Origin = model.May, model.FromScript
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				tameEvidence(v.Field(i))
			}
		}
	}
}

// TestJSONRound holds that the JSON reads back as the same deployment.
func TestJSONRound(t *testing.T) {
	first := rendered(t, "json", crash())
	d := &model.Deployment{}
	if err := json.Unmarshal([]byte(first), d); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, rendered(t, "json", sample{d: d})); diff != "" {
		t.Errorf("(-first +second):\n%s", diff)
	}
}
