package analyze_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/nativize/nativize/analyze"
	"github.com/nativize/nativize/analyze/source"
)

// BenchmarkOne is all stages on a repository of one short script.
func BenchmarkOne(b *testing.B) {
	dir := b.TempDir()
	text := "#!/bin/bash\nset -e\nAPP=/srv/app\nmkdir -p $APP\ncp -r . $APP\ncd $APP\nnpm ci\nsystemctl restart app\n"
	if err := os.WriteFile(filepath.Join(dir, "deploy.sh"), []byte(text), 0o755); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		repo, err := source.Open(b.Context(), dir, source.Options{})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := analyze.Run(b.Context(), repo, analyze.Options{}); err != nil {
			b.Fatal(err)
		}
		repo.Close()
	}
}
