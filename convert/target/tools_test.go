package target

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	_ "github.com/goreleaser/nfpm/v2/apk"
	_ "github.com/goreleaser/nfpm/v2/arch"
	_ "github.com/goreleaser/nfpm/v2/deb"
	_ "github.com/goreleaser/nfpm/v2/ipk"
	_ "github.com/goreleaser/nfpm/v2/rpm"

	"github.com/goreleaser/nfpm/v2"
	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/convert/plan"
)

// writeTree writes the generated files and a source tree for them.
func writeTree(t testing.TB, p *plan.Package) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name string, data []byte, mode os.FileMode) {
		full := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, data, mode); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range emit(t, p) {
		write(f.Path, f.Data, f.Mode)
	}
	for _, e := range append(p.Payload, ExtraEntries(p)...) {
		if e.Origin == plan.Staged {
			write("stage/"+e.Src+"/file", []byte("built\n"), 0o644)
		}
		if e.Type == plan.File && e.Origin == plan.Repo {
			write("source/"+e.Src, []byte("#!/bin/sh\n# "+e.Src+" @SECRET@ @HOST@\n"), 0o755)
		}
	}
	return dir
}

// buildAll builds the packages with nfpm as its command does.
func buildAll(t testing.TB, p *plan.Package, formats []plan.Format) map[plan.Format]string {
	t.Helper()
	dir := writeTree(t, p)
	out := map[plan.Format]string{}
	old, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chdir(dir); err != nil {
		t.Fatal(err)
	}
	defer os.Chdir(old)
	for _, f := range formats {
		config, err := nfpm.ParseFile("packaging/nfpm.yaml")
		if err != nil {
			t.Fatal(err)
		}
		if err := config.Validate(); err != nil {
			t.Fatal(err)
		}
		info, err := config.Get(string(f))
		if err != nil {
			t.Fatal(err)
		}
		packager, err := nfpm.Get(string(f))
		if err != nil {
			t.Fatal(err)
		}
		info.Target = packager.ConventionalFileName(info)
		w, err := os.Create(info.Target)
		if err != nil {
			t.Fatal(err)
		}
		if err := packager.Package(info, w); err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		out[f] = filepath.Join(dir, info.Target)
	}
	return out
}

func TestManifestBuilds(t *testing.T) {
	for name, make := range plans {
		t.Run(name, func(t *testing.T) {
			for f, file := range buildAll(t, make(), append(plan.Formats, plan.IPK)) {
				if st, err := os.Stat(file); err != nil || st.Size() < 200 {
					t.Errorf("%s: %v, %v", f, st, err)
				}
			}
		})
	}
}

// A script is a generated shell text in a file of its own; pacman's bodies get
// the function around them that nfpm writes.
func shellFiles(t *testing.T, p *plan.Package) []string {
	t.Helper()
	dir := t.TempDir()
	var out []string
	for _, f := range emit(t, p) {
		text, head := string(f.Data), ""
		switch {
		case strings.HasPrefix(f.Path, "packaging/scripts/arch/"):
			head, text = "#!/bin/bash\n", "post() {\n"+text+"\n}\npost \"$@\"\n"
		case strings.HasPrefix(f.Path, "packaging/scripts/rpm/"):
			head = "#!/bin/sh\n"
		case strings.HasPrefix(f.Path, "packaging/scripts/"), strings.HasSuffix(f.Path, ".sh"):
		default:
			continue
		}
		name := filepath.Join(dir, strings.ReplaceAll(f.Path, "/", "_"))
		if err := os.WriteFile(name, []byte(head+text), 0o755); err != nil {
			t.Fatal(err)
		}
		out = append(out, name)
	}
	return out
}

func TestScriptsParse(t *testing.T) {
	for name, make := range plans {
		for _, file := range shellFiles(t, make()) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(string(data)), file); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// TestScriptsPassCheckers runs each checker that is installed.
func TestScriptsPassCheckers(t *testing.T) {
	for _, checker := range [][]string{
		{"sh", "-n"}, {"dash", "-n"}, {"bash", "-n"},
		{"shellcheck", "-s", "sh"}, {"checkbashisms", "-f"},
	} {
		t.Run(strings.Join(checker, " "), func(t *testing.T) {
			if _, err := exec.LookPath(checker[0]); err != nil {
				t.Skipf("%s is not installed", checker[0])
			}
			for name, make := range plans {
				files := shellFiles(t, make())
				if len(files) == 0 {
					continue
				}
				// a shell reads one file, the others any number in one run
				step := len(files)
				if checker[1] == "-n" {
					step = 1
				}
				for batch := range slices.Chunk(files, step) {
					if out, err := exec.Command(checker[0], append(checker[1:], batch...)...).CombinedOutput(); err != nil {
						t.Errorf("%s: %v\n%s", name, err, out)
					}
				}
			}
		})
	}
}
