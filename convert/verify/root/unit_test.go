package root

import (
	"os"
	"path/filepath"
	"testing"
)

func TestMirror(t *testing.T) {
	tests := []struct{ name, file, text, want string }{
		{"one line", "sources.list", "# deb http://no.example bookworm main\ndeb [arch=amd64 signed-by=/k] http://a.example/debian bookworm main\n", "http://a.example/debian"},
		{"other suite", "sources.list", "deb http://a.example/debian sid main\ndeb-src http://a.example/debian bookworm main\n", ""},
		{"stanza", "sources.list.d/d.sources", "Types: deb\nURIs: https://b.example/debian\nSuites: bookworm bookworm-updates\n\nTypes: deb\nURIs: http://c.example\nSuites: x\n", "https://b.example/debian"},
		{"disabled", "sources.list.d/d.sources", "Types: deb\nEnabled: no\nURIs: https://b.example/debian\nSuites: bookworm\n", ""},
		{"no address", "sources.list", "deb cdrom:[Debian] bookworm main\n", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, test.file)
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(test.text), 0o644); err != nil {
				t.Fatal(err)
			}
			if got := mirror(dir, "bookworm"); got != test.want {
				t.Errorf("mirror = %q, want %q", got, test.want)
			}
		})
	}
}

func FuzzParseCalls(f *testing.F) {
	f.Add("3\x000\x00/\x00curl\x00")
	f.Add("4\x000\x00/\x00curl\x00-x\x00" + "3\x001\x00/a\x00git\x00")
	f.Add("3\x000\x00/\x00curl") // the last NUL is not written yet
	f.Add("99999999999999999999\x00")
	f.Fuzz(func(t *testing.T, text string) {
		calls, err := parseCalls(text)
		for _, c := range calls {
			_ = c.String()
		}
		if err == nil && text != "" && len(calls) == 0 {
			t.Errorf("parseCalls(%q) drops text", text)
		}
	})
}
