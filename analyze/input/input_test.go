package input

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/nativize/nativize/analyze/source"
)

// TestGolden reads every file of testdata/*.txtar with the kinds that claim it
// and compares what is found with the file "want" of the archive. UPDATE=1
// rewrites it.
func TestGolden(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("no samples", err)
	}
	covered := map[string]bool{}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			golden(t, name, covered)
		})
	}
	for _, k := range All {
		if !covered[k.Name] {
			t.Errorf("kind %s has no sample in testdata", k.Name)
		}
	}
}

func golden(t *testing.T, name string, covered map[string]bool) {
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	ar := txtar.Parse(data)
	var got strings.Builder
	want, files := "", ar.Files[:0:0]
	for _, f := range ar.Files {
		if f.Name == "want" {
			want = string(f.Data)
			continue
		}
		files = append(files, f)
		kinds := For(f.Name, f.Data[:min(len(f.Data), HeadSize)])
		if len(kinds) == 0 {
			t.Errorf("no kind claims %s", f.Name)
		}
		for _, k := range kinds {
			covered[k.Name] = true
			r := k.Parse(f.Name, f.Data)
			checkPlaces(t, k, f.Name, f.Data, r)
			got.WriteString(render(t, k, f.Name, r))
		}
	}
	if os.Getenv("UPDATE") != "" {
		ar.Files = append(files, txtar.File{Name: "want", Data: []byte(got.String())})
		if err := os.WriteFile(name, txtar.Format(ar), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// render prints a result one value a line, without what is empty.
func render(t *testing.T, k *Kind, path string, r Result) string {
	raw, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("# " + k.Name + " " + path + "\n")
	for name := range sortedMap(fields) {
		var list []any
		if json.Unmarshal(fields[name], &list) == nil {
			for _, item := range list {
				b.WriteString(name + " " + compact(item) + "\n")
			}
			continue
		}
		var one any
		json.Unmarshal(fields[name], &one)
		if s := compact(one); name == "App" && s != "{}" {
			b.WriteString(name + " " + s + "\n")
		}
	}
	return b.String()
}

// compact prints a value without empty parts; places as line:col.
func compact(v any) string {
	out, err := json.Marshal(prune(v))
	if err != nil {
		return err.Error()
	}
	return string(out)
}

func prune(v any) any {
	switch x := v.(type) {
	case map[string]any:
		if line, ok := x["line"]; ok && len(x) == 3 {
			return source.Pos{File: "f", Line: int(line.(float64)), Col: int(x["col"].(float64))}.String()[2:]
		}
		for key, item := range x {
			p := prune(item)
			switch p {
			case nil, "", false, 0.0:
				delete(x, key)
				continue
			}
			if l, ok := p.([]any); ok && len(l) == 0 || key == "origin" {
				delete(x, key)
				continue
			}
			x[key] = p
		}
	case []any:
		for i := range x {
			x[i] = prune(x[i])
		}
	}
	return v
}

// checkPlaces holds that places are in the file, and that embedded shell that
// was not expanded is found where it says.
func checkPlaces(t *testing.T, k *Kind, path string, data []byte, r Result) {
	t.Helper()
	lines := strings.Split(string(data), "\n")
	ok := func(p source.Pos) bool {
		return p.File == path && p.Line >= 1 && p.Line <= len(lines) && p.Col >= 1 && p.Col <= len(lines[p.Line-1])+1
	}
	check := func(what string, p source.Pos) {
		if !ok(p) {
			t.Errorf("%s: %s: %s is not a place in %s", k.Name, what, p, path)
		}
	}
	for _, s := range r.Shell {
		check("shell", s.At)
		for i := range len(s.Text) {
			check("shell byte", s.Pos(i))
		}
	}
	for _, p := range r.Problems {
		check("problem", p.Pos)
	}
	for _, u := range r.Units {
		for _, p := range u.At {
			check("unit", p)
		}
		for f, p := range u.Places {
			check("unit "+f, p)
		}
	}
	for _, s := range r.Settings {
		check("setting", s.At)
	}
	for _, c := range r.Calls {
		check("call", c.At)
	}
	for _, c := range r.Claims {
		check("claim", c.At)
	}
	for _, c := range r.Runtime {
		check("runtime", c.At)
	}
	for _, c := range r.Languages {
		check("language", c.At[0])
	}
	for f, p := range r.App.From {
		check("app "+f, p)
	}
}

// TestKinds holds what the table says of itself.
func TestKinds(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range All {
		if k.Name == "" || k.Doc == "" || k.Claims == nil || k.read == nil {
			t.Errorf("kind %q is not complete", k.Name)
		}
		if seen[k.Name] {
			t.Errorf("kind %q is there twice", k.Name)
		}
		seen[k.Name] = true
	}
}

// FuzzParse holds that no input makes a reader panic or name a place outside
// the file.
func FuzzParse(f *testing.F) {
	paths := map[string]string{}
	names, _ := filepath.Glob("testdata/*.txtar")
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range txtar.Parse(data).Files {
			for _, k := range For(file.Name, file.Data[:min(len(file.Data), HeadSize)]) {
				paths[k.Name] = file.Name
				for i := range All {
					if All[i] == k {
						f.Add(uint(i), file.Data)
					}
				}
			}
		}
	}
	f.Fuzz(func(t *testing.T, n uint, data []byte) {
		k := All[n%uint(len(All))]
		path := paths[k.Name]
		k.Claims(path, data[:min(len(data), HeadSize)])
		r := k.Parse(path, data)
		checkPlaces(t, k, path, utf8Text(data), r)
	})
}

// TestCrashers holds inputs that made a reader panic once.
func TestCrashers(t *testing.T) {
	for _, tt := range []struct {
		kind       *Kind
		path, text string
	}{
		{Makefile, "Makefile", "a: $,b $"},
		{Tmpfiles, "a.tmpfiles.conf", `"" x`},
		{Sysusers, "sysusers.d/a.conf", `"" x`},
		{Gemspec, "a.gemspec", "s.licenses = [x y"},
	} {
		r := tt.kind.Parse(tt.path, []byte(tt.text))
		checkPlaces(t, tt.kind, tt.path, []byte(tt.text), r)
	}
}

func FuzzKeys(f *testing.F) {
	f.Add("a/config.yml", "a:\n  b: 1\n")
	f.Add(".env", "A='x\ny'\n# B=2\n")
	f.Add("config.json", `{"a": {"b": [1, {"c": 2}]}}`)
	f.Add("app.properties", "a.b = c \\\n d\n")
	f.Add("web.config", `<configuration><add key="a" value="b"/></configuration>`)
	f.Fuzz(func(t *testing.T, path, data string) {
		Keys(path, []byte(data))
	})
}

func BenchmarkFor(b *testing.B) {
	head := []byte(strings.Repeat("x = 1 # something\n", HeadSize/18))
	paths := []string{"src/app/models/user.py", "app/controllers/users_controller.rb", "public/js/app.js", "config/deploy.rb", "etc/app.conf", "docs/README.md", "bin/run"}
	b.ReportAllocs()
	for b.Loop() {
		for _, p := range paths {
			For(p, head)
		}
	}
}
