package report_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/nativize/nativize/analyze"
	"github.com/nativize/nativize/analyze/lint"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/convert/report"
)

// BenchmarkAudit audits a fleet of 1,000 repositories in one process, as
// `nativize audit --fleet` does: opened, walked, held against every rule,
// condensed. The repositories are made, of 5 to 400 lines; NATIVIZE_FLEET names
// a directory of others.
func BenchmarkAudit(b *testing.B) {
	dir := os.Getenv("NATIVIZE_FLEET")
	if dir == "" {
		dir = madeFleet(b, 1000)
	}
	list, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(list) == 0 {
		b.Fatalf("no repositories in %s (%v)", dir, err)
	}
	b.ReportAllocs()
	for b.Loop() {
		p, err := report.RunFleet(b.Context(), list, auditOne, report.FleetOptions{Out: io.Discard})
		if err != nil || p.Failed > 0 {
			b.Fatalf("%+v, %v", p, err)
		}
	}
	b.ReportMetric(float64(len(list)*b.N)/b.Elapsed().Seconds(), "repos/s")
}

// auditOne is the audit of a repository with the findings of all rules.
func auditOne(ctx context.Context, path string) (*model.Deployment, error) {
	repo, err := source.Open(ctx, path, source.Options{})
	if err != nil {
		return nil, err
	}
	defer repo.Close()
	a, err := analyze.Run(ctx, repo, analyze.Options{Tool: "nativize"})
	if err != nil {
		return nil, err
	}
	found, err := lint.Check(ctx, a, lint.All)
	if err != nil {
		return nil, err
	}
	a.Findings = lint.Diagnostics(found)
	return a.Deployment, nil
}

// A step of the deployments that madeFleet writes; %[1]d is the number of the
// repository, %[2]d that of the step.
var madeSteps = []string{
	"if ! id app%[1]d >/dev/null 2>&1; then\n  useradd --system --home-dir /srv/app%[1]d --shell /bin/false app%[1]d\nfi\n",
	"mkdir -p /srv/app%[1]d/part%[2]d /var/log/app%[1]d\nchown -R app%[1]d:app%[1]d /srv/app%[1]d/part%[2]d\n",
	"cp conf/part%[2]d.ini-dist /srv/app%[1]d/part%[2]d.ini\nsed -i \"s/HOST/$DB_HOST/\" /srv/app%[1]d/part%[2]d.ini\n",
	"[ -f /etc/app%[1]d/%[2]d.conf ] || cp conf/%[2]d.conf /etc/app%[1]d/%[2]d.conf\n",
	"apt-get install -y package%[2]d || error $? 'no package'\n",
	"cat > /etc/systemd/system/app%[1]d-%[2]d.service <<EOF\n[Unit]\nDescription=Part %[2]d\n[Service]\nUser=app%[1]d\nExecStart=/srv/app%[1]d/part%[2]d/run\n[Install]\nWantedBy=multi-user.target\nEOF\nsystemctl daemon-reload\nsystemctl enable --now app%[1]d-%[2]d\n",
	"wget -q https://downloads.example.org/part%[2]d-${VERSION}.tar.gz -O /tmp/p%[2]d.tar.gz\ntar xzf /tmp/p%[2]d.tar.gz -C /srv/app%[1]d/part%[2]d\n",
	"for f in one two three; do\n  install -m 0644 files/$f.txt /srv/app%[1]d/part%[2]d/$f.txt\ndone\n",
	"case \"$1\" in\n  prod) ln -sfn /srv/app%[1]d/part%[2]d /srv/app%[1]d/current ;;\n  *) log \"nothing for part %[2]d\" ;;\nesac\n",
}

// madeFleet writes n repositories of one deployment script each below a new
// directory.
func madeFleet(tb testing.TB, n int) string {
	tb.Helper()
	dir := tb.TempDir()
	for i := range n {
		repo := filepath.Join(dir, fmt.Sprintf("repo%04d", i))
		if err := os.Mkdir(repo, 0o755); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(repo, "deploy.sh"), []byte(madeScript(i)), 0o755); err != nil {
			tb.Fatal(err)
		}
	}
	return dir
}

func madeScript(i int) string {
	var s strings.Builder
	s.WriteString("#!/bin/bash\nset -e\nVERSION=${1:-1.0}\nerror() { [ $1 = 0 ] || { echo \"$2\" >&2; exit $1; }; }\nlog() { echo \"[app] $*\"; }\n")
	for step := range 1 + i*7%40 { // 20 on average: as long as real ones
		fmt.Fprintf(&s, madeSteps[(i+step)%len(madeSteps)], i, step)
	}
	return s.String()
}

// TestFleetMemory holds that what an audit leaves behind does not grow with the
// fleet: the heap after three times as many repositories is as large.
func TestFleetMemory(t *testing.T) {
	list, err := filepath.Glob(filepath.Join(madeFleet(t, 40), "*"))
	if err != nil {
		t.Fatal(err)
	}
	heap := func(times int) uint64 {
		for range times {
			if _, err := report.RunFleet(t.Context(), list, auditOne, report.FleetOptions{Out: io.Discard}); err != nil {
				t.Fatal(err)
			}
		}
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	first := heap(1) // what is made once: models, expressions
	if after := heap(3); after > first+first/4+2<<20 {
		t.Errorf("%d bytes are held after 160 audits, %d after 40", after, first)
	}
}
