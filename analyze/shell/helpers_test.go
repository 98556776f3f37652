package shell

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/nativize/nativize/analyze/host"
)

// mapRepo is a repository in memory.
type mapRepo fstest.MapFS

func (m mapRepo) Stat(name string) (fs.FileMode, bool) {
	info, err := fs.Stat(fstest.MapFS(m), clean(name))
	if err != nil {
		return 0, false
	}
	return info.Mode(), true
}

func (m mapRepo) List(name string) []string {
	list, _ := fs.ReadDir(fstest.MapFS(m), clean(name))
	var out []string
	for _, e := range list {
		out = append(out, e.Name())
	}
	slices.Sort(out)
	return out
}

func (m mapRepo) Read(name string) ([]byte, error) { return fs.ReadFile(fstest.MapFS(m), clean(name)) }

func clean(name string) string {
	if name = path.Clean(strings.TrimPrefix(name, "./")); name != "" {
		return name
	}
	return "."
}

// script is a repository that is one script.
func script(text string) mapRepo {
	return mapRepo{"deploy.sh": &fstest.MapFile{Data: []byte(text), Mode: 0o755}}
}

// runText runs a script on a fresh host of which nothing is known.
func runText(tb testing.TB, text string, opt Options) (*Machine, *Result) {
	tb.Helper()
	m := New(host.New(script(text), ""))
	opt.Script = "deploy.sh"
	if opt.Run == 0 {
		opt.Run = 1
	}
	res, err := m.Run(opt)
	if err != nil {
		tb.Fatal(err)
	}
	return m, res
}
