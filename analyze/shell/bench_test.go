package shell

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/host"
)

// maxCorpus is the number of scripts of the corpus.
const maxCorpus = 1000

// corpus are shell scripts of the laid out repositories, else the bundled ones
// over and over.
func corpus(b *testing.B) []string {
	var out []string
	if dir := os.Getenv("NATIVIZE_TREES"); dir != "" {
		out = scriptsBelow(dir)
	}
	if len(out) == 0 {
		out = scriptsBelow("../../testdata/repos")
	}
	if len(out) == 0 {
		b.Skip("no scripts")
	}
	for n := len(out); len(out) < maxCorpus; {
		out = append(out, out[len(out)-n])
	}
	return out[:maxCorpus]
}

func scriptsBelow(dir string) []string {
	var out []string
	filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || len(out) == maxCorpus {
			return nil
		}
		if ext := filepath.Ext(p); ext != ".sh" && ext != "" || strings.Contains(p, "/.git/") {
			return nil
		}
		text, err := os.ReadFile(p)
		if err != nil || len(text) > 1<<17 || filepath.Ext(p) == "" && !strings.HasPrefix(string(text), "#!") {
			return nil
		}
		if lang := Language(p, string(text)); lang == "sh" || lang == "bash" {
			out = append(out, string(text))
		}
		return nil
	})
	return out
}

func size(texts []string) (n int64) {
	for _, t := range texts {
		n += int64(len(t))
	}
	return n
}

// BenchmarkParse is the floor: the same bytes, parsed only.
func BenchmarkParse(b *testing.B) {
	texts := corpus(b)
	b.SetBytes(size(texts))
	p := syntax.NewParser(syntax.Variant(syntax.LangBash))
	var each []time.Duration
	for b.Loop() {
		for _, t := range texts {
			start := time.Now()
			p.Parse(strings.NewReader(t), "")
			each = append(each, time.Since(start))
		}
	}
	quantiles(b, each)
}

// BenchmarkRun walks each script on a fresh host.
func BenchmarkRun(b *testing.B) {
	texts := corpus(b)
	b.SetBytes(size(texts))
	b.ReportAllocs()
	var each []time.Duration
	for b.Loop() {
		for _, t := range texts {
			start := time.Now()
			m := New(host.New(script(t), ""))
			m.Run(Options{Script: "deploy.sh", Run: 1})
			each = append(each, time.Since(start))
		}
	}
	quantiles(b, each)
}

// BenchmarkWorst is a script that spends all its budget.
func BenchmarkWorst(b *testing.B) {
	text := wideCalls(40)
	for b.Loop() {
		m := New(host.New(script(text), ""))
		m.Run(Options{Script: "deploy.sh", Run: 1})
	}
}

func quantiles(b *testing.B, each []time.Duration) {
	slices.Sort(each)
	at := func(q float64) float64 { return float64(each[int(q*float64(len(each)-1))].Microseconds()) }
	b.ReportMetric(at(0.5), "µs-median")
	b.ReportMetric(at(0.99), "µs-p99")
	b.ReportMetric(at(1), "µs-max")
}
