package source

import (
	"context"
	"os"
	"path/filepath"
	"testing"
)

func TestWith(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"deploy.sh": "old", "other": "other"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	repo, err := Open(context.Background(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer repo.Close()
	with := repo.With(map[string][]byte{"deploy.sh": []byte("new text"), "absent": []byte("x")})
	for name, want := range map[string]string{"deploy.sh": "new text", "other": "other"} {
		if b, err := with.Read(name); err != nil || string(b) != want {
			t.Errorf("With(...).Read(%q) = %q, %v, want %q", name, b, err, want)
		}
	}
	if b, _ := repo.Read("deploy.sh"); string(b) != "old" {
		t.Errorf("the repository itself changed: %q", b)
	}
	if with.Exists("absent") || len(with.Files()) != 2 {
		t.Errorf("With added a file: %v", with.Files())
	}
}
