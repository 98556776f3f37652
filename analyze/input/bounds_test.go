package input

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// hostile are texts that make naive readers slow when repeated.
var hostile = map[string]string{
	"brackets":   "[{(",
	"calls":      "f(a(",
	"quotes":     `"'`,
	"braces":     "a {\n",
	"templates":  "{{ a }} ${{ b }} <% c %> ",
	"references": "$(A)${A}$A ",
	"assigns":    "A=$A$A\nB := $(A)$(A)\nA += $(B)\n",
	"keys":       "[a]\nk = v\n",
	"lists":      "- a\n",
	"flow":       "[a, {b: c}],",
	"words":      "After=a b c d e f\n",
	"continued":  "a \\\n",
	"indented":   "  a: b\n",
	"rules":      "a b c: d\n\tx $(X)\n",
	"heredocs":   "RUN <<A <<B\n",
	"env":        "ENV A$A=$A\nRUN x\n",
	"fences":     "```sh\n./a.sh\n```\n",
	"wide":       "é: é, ",
}

// TestBounds reads long hostile texts with every kind; one whose time grows
// with the square of the length makes this test run into its time limit.
func TestBounds(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	paths := samplePaths(t)
	for name, unit := range sortedMap(hostile) {
		text := []byte(strings.Repeat(unit, 40_000/len(unit)))
		for _, k := range All {
			k.Parse(paths[k.Name], text)
		}
		t.Log(name)
	}
}

// samplePaths are a path for each kind, from the samples.
func samplePaths(t *testing.T) map[string]string {
	t.Helper()
	paths := map[string]string{}
	names, _ := filepath.Glob("testdata/*.txtar")
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range txtar.Parse(data).Files {
			for _, k := range For(f.Name, f.Data[:min(len(f.Data), HeadSize)]) {
				paths[k.Name] = f.Name
			}
		}
	}
	return paths
}
