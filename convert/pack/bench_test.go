package pack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goreleaser/nfpm/v2"
	"github.com/goreleaser/nfpm/v2/apk"
	"github.com/goreleaser/nfpm/v2/arch"
	"github.com/goreleaser/nfpm/v2/deb"
	"github.com/goreleaser/nfpm/v2/rpm"

	"github.com/nativize/nativize/convert/plan"
)

// payload fills dir with size bytes: half incompressible files of 1 MiB, a
// third text files of 14 KiB, the rest half compressible ones of 256 KiB. An
// existing directory is left as it is.
func payload(t testing.TB, dir string, size int) {
	t.Helper()
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return
	}
	seed := [32]byte{1}
	r := rand.NewChaCha8(seed)
	text := prose(rand.New(r), 14<<10)
	fill := func(kind string, each, total int, make func([]byte)) {
		buf := bytes.Repeat([]byte("x"), each)
		for i := range total / each {
			make(buf)
			write(t, dir, fmt.Sprintf("%s/d%03d/f%05d", kind, i/100, i), string(buf), 0o644)
		}
	}
	fill("random", 1<<20, size/2, func(b []byte) { r.Read(b) })
	fill("text", len(text), size/3, func(b []byte) { copy(b, text); r.Read(b[:64]); shuffle(rand.New(r), b) })
	fill("mixed", 256<<10, size/6, func(b []byte) { r.Read(b[:len(b)/2]) })
}

// prose is a text of n bytes that deflate shrinks to about a quarter.
func prose(r *rand.Rand, n int) []byte {
	words := make([]string, 2000)
	for i := range words {
		w := make([]byte, 2+r.IntN(8))
		for j := range w {
			w[j] = "etaoinshrdlucmfw"[r.IntN(16)]
		}
		words[i] = string(w)
	}
	var b bytes.Buffer
	for b.Len() < n {
		b.WriteString(words[int(float64(len(words))*r.Float64()*r.Float64())])
		b.WriteString(" \n("[r.IntN(3):][:1])
	}
	return b.Bytes()[:n]
}

// shuffle swaps pieces, so that no two texts are the same.
func shuffle(r *rand.Rand, b []byte) {
	const piece = 64
	for range len(b) / piece {
		i, j := r.IntN(len(b)-piece), r.IntN(len(b)-piece)
		for k := range piece {
			b[i+k], b[j+k] = b[j+k], b[i+k]
		}
	}
}

// large is a package whose payload is the directory of the environment's
// PACK_PAYLOAD, made with 500 MB when it is missing.
func large(b *testing.B) (*plan.Package, Sources) {
	dir := os.Getenv("PACK_PAYLOAD")
	if dir == "" {
		b.Skip("set PACK_PAYLOAD to a directory, which is filled with 500 MB when it is missing")
	}
	payload(b, dir, 500e6)
	p, src := sample(b)
	src.Stage = dir
	p.Payload = []plan.Entry{{Path: "/usr/share/shop", Type: plan.Tree, Origin: plan.Staged, Src: "."}}
	return p, src
}

var compared = []struct {
	format      plan.Format
	compression string
	nfpm        nfpm.Packager
}{
	{plan.Deb, "gzip:6", deb.Default},
	{plan.Deb, "zstd:3", deb.Default},
	{plan.RPM, "zstd:3", rpm.DefaultRPM},
	{plan.RPM, "gzip:6", rpm.DefaultRPM},
	{plan.APK, "", apk.Default},
	{plan.Arch, "zstd:3", arch.Default},
}

// BenchmarkLarge writes the 500 MB package, checks and reading back included.
// For wall time and peak memory of one: docs/packing.md.
func BenchmarkLarge(b *testing.B) {
	for _, c := range compared {
		b.Run(strings.TrimSuffix(string(c.format)+"-"+c.compression, "-"), func(b *testing.B) {
			p, src := large(b)
			for b.Loop() {
				opt := Options{Formats: []plan.Format{c.format}, Compression: map[plan.Format]string{c.format: c.compression}}
				reportSize(b, build(b, p, src, opt)[c.format].Path)
			}
		})
	}
}

// BenchmarkLargeNFPM writes the same with nfpm alone.
func BenchmarkLargeNFPM(b *testing.B) {
	for _, c := range compared {
		b.Run(strings.TrimSuffix(string(c.format)+"-"+c.compression, "-"), func(b *testing.B) {
			p, src := large(b)
			for b.Loop() {
				reportSize(b, throughPlainNFPM(b, c.format, c.compression, c.nfpm, p, src))
			}
		})
	}
}

func reportSize(b *testing.B, name string) {
	info, err := os.Stat(name)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(info.Size())/1e6, "MB-package")
}

// throughPlainNFPM gives the same items to nfpm's own packager.
func throughPlainNFPM(t testing.TB, f plan.Format, compression string, packager nfpm.Packager, p *plan.Package, src Sources) string {
	t.Helper()
	opt := Options{Compression: map[plan.Format]string{f: compression}}
	bd := &builder{p: p, src: src, opt: opt, work: t.TempDir()}
	if err := bd.prepare(context.Background(), []plan.Format{f}); err != nil {
		t.Fatal(err)
	}
	posttrans := bd.bundles[0].scripts["posttrans"] // not among nfpm's common ones
	scripts := map[string]string{}
	for name, text := range bd.bundles[0].scripts {
		if name != "posttrans" {
			scripts[name] = text
		}
	}
	bd.bundles[0].scripts = scripts
	info, err := bd.bundles[0].info()
	if err != nil {
		t.Fatal(err)
	}
	if posttrans != "" {
		info.RPM.Scripts.PostTrans = filepath.Join(bd.work, "posttrans")
		write(t, bd.work, "posttrans", posttrans, 0o644)
	}
	out, err := os.Create(filepath.Join(bd.work, "package"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if err := packager.Package(info, out); err != nil {
		t.Fatal(err)
	}
	return out.Name()
}

// BenchmarkBuild writes four formats of a package with 2 MB in 100 files.
func BenchmarkBuild(b *testing.B) {
	p, src := sample(b)
	payload(b, filepath.Join(src.Stage, "data"), 2e6)
	p.Payload = append(p.Payload, plan.Entry{Path: "/usr/share/shop/data", Type: plan.Tree, Origin: plan.Staged, Src: "data"})
	b.ReportAllocs()
	for b.Loop() {
		build(b, p, src, Options{OutDir: b.TempDir(), Formats: plan.Formats})
	}
}

// BenchmarkInspect lists each format of the same package.
func BenchmarkInspect(b *testing.B) {
	p, src := sample(b)
	payload(b, filepath.Join(src.Stage, "data"), 2e6)
	p.Payload = append(p.Payload, plan.Entry{Path: "/usr/share/shop/data", Type: plan.Tree, Origin: plan.Staged, Src: "data"})
	arts := build(b, p, src, Options{})
	for _, f := range all {
		b.Run(string(f), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Inspect(arts[f].Path); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
