package host

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/nativize/nativize/analyze/source"
)

// files is a repository of empty files.
type files map[string]bool

func (f files) Stat(p string) (fs.FileMode, bool) { return 0o644, f[p] }
func (f files) List(string) []string              { return nil }
func (f files) Read(string) ([]byte, error)       { return nil, nil }

func TestOwnFile(t *testing.T) {
	repo := files{"installers/common.sh": true, "run.sh": true}
	for _, c := range []struct{ pages, url, want string }{
		{"github.com/o/r", "https://raw.githubusercontent.com/o/r/main/installers/common.sh", "installers/common.sh"},
		{"github.com/o/r", "https://raw.githubusercontent.com/O/R/main/run.sh?token=x", "run.sh"},
		{"github.com/o/r", "https://user:pw@raw.githubusercontent.com/o/r/refs/heads/main/run.sh", "run.sh"},
		{"github.com/o/r", "https://raw.githubusercontent.com/o/r/fix/this/installers/common.sh", "installers/common.sh"},
		{"github.com/o/r", "https://raw.githubusercontent.com/o/r/main/old/run.sh", ""},
		{"github.com/o/r", "https://github.com/o/r/raw/${branch}/run.sh", "run.sh"},
		{"github.com/o/r", "https://github.com/o/r/blob/main/run.sh?raw=true", "run.sh"},
		{"github.com/o/r", "https://github.com/o/r/blob/main/run.sh", ""},
		{"github.com/o/r", "https://cdn.jsdelivr.net/gh/o/r@1.2/run.sh", "run.sh"},
		{"github.com/o/r", "https://raw.githubusercontent.com/fork/r/main/run.sh", "run.sh"},
		{"github.com/o/r", "https://raw.githubusercontent.com/o/other/main/installers/common.sh", ""},
		{"github.com/o/r", "https://raw.githubusercontent.com/${repo}/${branch}/installers/common.sh", "installers/common.sh"},
		{"github.com/o/r", "https://raw.githubusercontent.com/${repo}/${branch}/run.sh", ""},
		{"gitlab.com/g/s/r", "https://gitlab.com/g/s/r/-/raw/main/run.sh", "run.sh"},
		{"git.example.org/g/r", "https://git.example.org/g/r/-/raw/main/run.sh?inline=false", "run.sh"},
		{"codeberg.org/o/r", "https://codeberg.org/o/r/raw/branch/main/run.sh", "run.sh"},
		{"bitbucket.org/o/r", "https://bitbucket.org/o/r/raw/main/run.sh", "run.sh"},
		{"", "https://raw.githubusercontent.com/o/r/main/installers/common.sh", "installers/common.sh"},
		{"", "https://raw.githubusercontent.com/o/r/main/run.sh", ""},
		{"", "https://example.org/o/r/raw/main/installers/common.sh", ""},
		{"github.com/o/r", "https://example.org/o/r/main/run.sh", ""},
		{"github.com/o/r", "ftp://github.com/o/r/raw/main/run.sh", ""},
		{"github.com/o/r", "https://raw.githubusercontent.com/o/r/main/../run.sh", ""},
	} {
		h := New(repo, "")
		h.Pages = strings.Fields(c.pages)
		if got := h.OwnFile(c.url); got != c.want {
			t.Errorf("%s of %q: %q, want %q", c.url, c.pages, got, c.want)
		}
	}
}

func TestOwnArchive(t *testing.T) {
	for url, want := range map[string]string{
		"https://github.com/o/r/archive/refs/tags/v1.2.tar.gz": "r-1.2",
		"https://github.com/o/r/archive/main.zip":              "r-main",
		"https://codeload.github.com/o/r/tar.gz/main":          "r-main",
		"https://github.com/o/r/archive/${tag}.tar.gz":         "r-${tag}",
		"https://gitlab.com/o/r/-/archive/v1/r-v1.tar.gz":      "r-v1",
		"https://github.com/o/other/archive/main.zip":          "",
		"https://github.com/o/r/releases/download/v1/r.tar.gz": "",
	} {
		h := New(files{}, "")
		h.Pages = []string{"github.com/o/r"}
		got := ""
		if c := h.OwnContent(url, source.Pos{}); c != nil {
			got = c.Members[0].Path
		}
		if got != want {
			t.Errorf("%s: %q, want %q", url, got, want)
		}
	}
}

func FuzzOwnContent(f *testing.F) {
	f.Add("https://raw.githubusercontent.com/o/r/main/run.sh")
	f.Add("https://github.com/o/r/archive/v1.tar.gz")
	f.Add("https://x/-/archive/")
	f.Fuzz(func(t *testing.T, url string) {
		h := New(files{"run.sh": true}, "")
		h.Pages = []string{"github.com/o/r"}
		if c := h.OwnContent(url, source.Pos{}); c != nil && c.Kind == RepoFile && c.Path != "run.sh" {
			t.Errorf("%q: %q is no file of the repository", url, c.Path)
		}
	})
}
