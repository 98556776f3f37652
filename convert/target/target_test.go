package target

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/nativize/nativize/convert/plan"
)

var plans = map[string]func() *plan.Package{"inplace": inplace, "minimal": minimal, "rich": rich}

func emit(t testing.TB, p *plan.Package) []File {
	t.Helper()
	files, err := Emit(complete(t, p), Options{SourcePrefix: "source/", Read: func(name string) ([]byte, error) {
		return []byte("# " + name + "\nkey = <%= 1 %> {{ lookup }} {% x %}\n"), nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestEmitGolden(t *testing.T) {
	for name, make := range plans {
		t.Run(name, func(t *testing.T) {
			var a txtar.Archive
			for _, f := range emit(t, make()) {
				a.Files = append(a.Files, txtar.File{Name: f.Path, Data: f.Data})
			}
			got := txtar.Format(&a)
			golden := filepath.Join("testdata", name+".txtar")
			if os.Getenv("UPDATE") != "" {
				if err := os.MkdirAll("testdata", 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), string(got)); d != "" {
				t.Errorf("UPDATE=1 rewrites %s; -want +got:\n%s", golden, d)
			}
		})
	}
}

func TestEmitIsDeterministic(t *testing.T) {
	a, b := emit(t, rich()), emit(t, rich())
	for i := range a {
		if a[i].Path != b[i].Path || !bytes.Equal(a[i].Data, b[i].Data) {
			t.Errorf("%s differs between two runs", a[i].Path)
		}
	}
}

func TestCompleteTwice(t *testing.T) {
	p := complete(t, rich())
	n := len(p.Texts)
	complete(t, p)
	if len(p.Texts) != n {
		t.Errorf("a second Complete makes %d texts of %d", len(p.Texts), n)
	}
}

func TestEveryTextIsAFile(t *testing.T) {
	files := map[string]bool{}
	p := complete(t, rich())
	for _, f := range emit(t, p) {
		files[f.Path] = true
	}
	for _, e := range append(p.Payload, ExtraEntries(p)...) {
		if e.Origin == plan.Text_ && e.Type == plan.File && !files["packaging/"+e.Src] {
			t.Errorf("%s has no file packaging/%s", e.Path, e.Src)
		}
	}
}

func TestExplain(t *testing.T) {
	files := emit(t, rich())
	for _, tt := range []struct {
		file, line string
		want       int
	}{
		{"packaging/scripts/deb/postinst", "make_dir /var/log/shopd ", 9},
		{"packaging/scripts/deb/preinst", "keep /etc/shopd/app.ini ", 20},
		{"packaging/scripts/rpm/pre", "useradd", 6},
		{"packaging/nfpm.yaml", "dst: /usr/share/shopd/main.sh", 12},
		{"packaging/sysusers.d/shopd.conf", "u shopd", 6},
		{"packaging/etc/cron.d/shopd", "17 3", 40},
	} {
		l, ok := Explain(files, tt.file, lineOf(t, files, tt.file, tt.line))
		if !ok || len(l.At) == 0 || l.At[0].Line != tt.want {
			t.Errorf("Explain(%s, %q) = %+v, %v, want line %d", tt.file, tt.line, l, ok, tt.want)
		}
	}
	if l, ok := Explain(files, "packaging/scripts/deb/postinst", 1); ok {
		t.Errorf("Explain of the first line = %+v, want none", l)
	}
}

// lineOf is the first line of a file that holds text.
func lineOf(t *testing.T, files []File, name, text string) int {
	t.Helper()
	for _, f := range files {
		if f.Path != name {
			continue
		}
		n := 0
		for l := range strings.Lines(string(f.Data)) {
			n++
			if strings.Contains(l, text) && !strings.HasSuffix(l, "then\n") {
				return n
			}
		}
	}
	t.Fatalf("%s has no line with %q", name, text)
	return 0
}

func TestMinimalHasNoScripts(t *testing.T) {
	p := complete(t, minimal())
	for _, f := range plan.Formats {
		got, err := Scripts(p, f)
		if err != nil || len(got) != 0 {
			t.Errorf("Scripts(%s) = %v, %v, want none", f, got, err)
		}
	}
}
