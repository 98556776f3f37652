package command

import (
	"os"
	"strings"
	"testing"
)

func TestDoc(t *testing.T) {
	const golden = "../../docs/commands.md"
	got := Doc()
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not up to date: run UPDATE=1 go test ./analyze/command -run TestDoc", golden)
	}
	for i, l := range strings.Split(got, "\n") {
		if strings.HasPrefix(l, "|") && strings.Count(l, "|")-strings.Count(l, `\|`) != 7 {
			t.Errorf("line %d: not a row of six cells: %s", i+1, l)
		}
	}
}

func TestDescribe(t *testing.T) {
	text, ok := Describe("egrep")
	if !ok || !strings.Contains(text, "grep(1)") || !strings.Contains(text, "--quiet") || !strings.Contains(text, "-e=") {
		t.Errorf("Describe(egrep) = %q, %t", text, ok)
	}
	if _, ok := Describe("no-such-command"); ok {
		t.Error("Describe knows no-such-command")
	}
}
