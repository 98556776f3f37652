package report

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nativize/nativize/analyze/model"
)

func names(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("org/repo%04d", i)
	}
	return out
}

// analyse is an audit that fails for some repositories and panics for others.
func analyse(_ context.Context, path string) (*model.Deployment, error) {
	switch path[len(path)-1] {
	case '7':
		return nil, fmt.Errorf("open %q: not a repository", path)
	case '3':
		panic("boom in " + path)
	case '5':
		return nil, nil
	}
	time.Sleep(time.Duration(len(path)%3) * time.Millisecond)
	d := crash().d
	d.App.Name = path
	return d, nil
}

func readAll(t *testing.T, text string) []*Record {
	t.Helper()
	var out []*Record
	if _, err := ReadRecords(strings.NewReader(text), func(r *Record) error { out = append(out, r); return nil }); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRunFleet(t *testing.T) {
	list := names(60)
	for _, workers := range []int{1, 2, 8} {
		t.Run(fmt.Sprint(workers), func(t *testing.T) {
			var b bytes.Buffer
			calls := 0
			p, err := RunFleet(t.Context(), list, analyse, FleetOptions{Workers: workers, Out: &b, Progress: func(FleetProgress) { calls++ }})
			if err != nil {
				t.Fatal(err)
			}
			if want := (FleetProgress{Total: 60, Written: 60, Failed: 18, Last: list[59]}); p != want || calls != 60 {
				t.Errorf("progress %+v after %d calls, want %+v", p, calls, want)
			}
			for i, r := range readAll(t, b.String()) {
				if r.Repo != list[i] {
					t.Fatalf("record %d is of %q, want %q", i, r.Repo, list[i])
				}
				if bad := strings.ContainsAny(r.Repo[len(r.Repo)-1:], "357"); bad != (r.Error != "") {
					t.Errorf("%s: error %q", r.Repo, r.Error)
				}
			}
		})
	}
}

// TestResume holds that an interrupted run, its last line torn, and the run
// that goes on after it give what one run gives.
func TestResume(t *testing.T) {
	list := names(40)
	var whole bytes.Buffer
	if _, err := RunFleet(t.Context(), list, analyse, FleetOptions{Workers: 2, Out: &whole}); err != nil {
		t.Fatal(err)
	}
	torn := whole.String()[:whole.Len()*2/5]
	done := map[string]bool{}
	size, err := ReadRecords(strings.NewReader(torn), func(r *Record) error { done[r.Repo] = true; return nil })
	if err != nil {
		t.Fatal(err)
	}
	rest := bytes.NewBufferString(torn[:size])
	p, err := RunFleet(t.Context(), list, analyse, FleetOptions{Workers: 4, Out: rest, Done: done})
	if err != nil {
		t.Fatal(err)
	}
	if p.Skipped != len(done) || p.Skipped == 0 || p.Skipped+p.Written != 40 {
		t.Errorf("progress %+v with %d done", p, len(done))
	}
	if d := cmp.Diff(whole.String(), rest.String()); d != "" {
		t.Errorf("(-whole +resumed):\n%s", d)
	}
}

type full struct{ left int }

func (f *full) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errors.New("no space left")
	}
	return len(p), nil
}

func TestFleetStops(t *testing.T) {
	before := runtime.NumGoroutine()
	_, err := RunFleet(t.Context(), names(200), analyse, FleetOptions{Workers: 4, Out: &full{5000}})
	if err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("error = %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var b bytes.Buffer
	p, err := RunFleet(ctx, names(200), func(ctx context.Context, path string) (*model.Deployment, error) {
		if strings.HasSuffix(path, "0050") {
			cancel()
		}
		return analyse(ctx, path)
	}, FleetOptions{Workers: 4, Out: &b})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v", err)
	}
	if got := readAll(t, b.String()); len(got) != p.Written {
		t.Errorf("%d whole records, progress says %d", len(got), p.Written)
	}
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines are left of %d before", runtime.NumGoroutine(), before)
}

// TestFleetBounded holds that a slow repository keeps the others from running
// far ahead: records that wait are bounded whatever the length of the list.
func TestFleetBounded(t *testing.T) {
	const workers = 2
	release := make(chan struct{})
	var started atomic.Int64
	go func() {
		time.Sleep(200 * time.Millisecond)
		if n := started.Load(); n > workers*window+2*workers+2 {
			t.Errorf("%d audits ran ahead of a slow one", n)
		}
		close(release)
	}()
	_, err := RunFleet(t.Context(), names(1000), func(_ context.Context, path string) (*model.Deployment, error) {
		started.Add(1)
		if strings.HasSuffix(path, "0000") {
			<-release
		}
		return &model.Deployment{Class: model.Server}, nil
	}, FleetOptions{Workers: workers, Out: &bytes.Buffer{}})
	if err != nil {
		t.Fatal(err)
	}
}

func TestReadRecords(t *testing.T) {
	tests := []struct{ name, in, err string }{
		{"nothing", "", ""},
		{"torn", `{"version":1,"repo":"a"}` + "\n" + `{"version":1,"re`, ""},
		{"not JSON", "{\n", "record 1:"},
		{"another version", `{"version":9,"repo":"a"}` + "\n", "record 1: not a fleet record"},
		{"no name", `{"version":1}` + "\n", "record 1: not a fleet record"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ReadRecords(strings.NewReader(tt.in), func(*Record) error { return nil })
			if (err == nil) != (tt.err == "") || (err != nil && !strings.Contains(err.Error(), tt.err)) {
				t.Errorf("error = %v, want %q", err, tt.err)
			}
		})
	}
}

func TestMerge(t *testing.T) {
	ok := func(repo string, facts int) *Record { return &Record{Repo: repo, Facts: facts} }
	bad := func(repo string) *Record { return &Record{Repo: repo, Error: "x"} }
	got := Merge([]*Record{ok("b", 1), bad("a"), bad("c")}, []*Record{ok("a", 2), bad("b"), bad("c")}, []*Record{ok("b", 3)})
	var text []string
	for _, r := range got {
		text = append(text, fmt.Sprintf("%s %d %s", r.Repo, r.Facts, r.Error))
	}
	if d := cmp.Diff([]string{"a 2 ", "b 3 ", "c 0 x"}, text); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestShard(t *testing.T) {
	const n = 16
	sizes := make([]int, n+1)
	for _, name := range names(16000) {
		in := 0
		for i := 1; i <= n; i++ {
			if Shard(name, i, n) {
				in++
				sizes[i]++
			}
		}
		if in != 1 {
			t.Fatalf("%s is in %d shards", name, in)
		}
	}
	for i, s := range sizes[1:] {
		if s < 800 || s > 1200 {
			t.Errorf("shard %d has %d of 16000", i+1, s)
		}
	}
	if !Shard("x", 1, 1) || !Shard("x", 1, 0) {
		t.Error("one shard is not all")
	}
	if !Shard("org/repo0001", 10, 16) {
		t.Error("org/repo0001 moved: shards made by different versions overlap")
	}
}

func TestRanking(t *testing.T) {
	r := map[string]*Record{}
	for _, x := range fleetRecords(t) {
		r[strings.TrimPrefix(x.Repo, "org/")] = x
	}
	if r["crash"].Risk <= r["board"].Risk || r["shop"].Risk <= r["board"].Risk {
		t.Errorf("risk: crash %d, shop %d, board %d", r["crash"].Risk, r["shop"].Risk, r["board"].Risk)
	}
	if r["board"].Ease <= r["crash"].Ease {
		t.Errorf("ease: board %d, crash %d", r["board"].Ease, r["crash"].Ease)
	}
	if r["empty"].Ease != 0 || r["empty"].Risk != 0 {
		t.Errorf("nothing to convert has risk %d, ease %d", r["empty"].Risk, r["empty"].Ease)
	}
	var b bytes.Buffer
	if err := Overview(&b, "csv", fleetRecords(t)); err != nil {
		t.Fatal(err)
	}
	table, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(table) != 8 || len(table[0]) != len(csvHead) {
		t.Errorf("%d rows of %d columns", len(table), len(table[0]))
	}
	for _, row := range table {
		for _, c := range row {
			if c != "" && strings.ContainsRune("=+-@", rune(c[0])) {
				t.Errorf("cell %q is a formula", c)
			}
		}
	}
	if err := Overview(&b, "xls", nil); err == nil {
		t.Error("an unknown form is no error")
	}
}

// TestCSVHostile holds that no text of a repository is a formula, a line of its
// own, or steers a terminal that shows the table.
func TestCSVHostile(t *testing.T) {
	texts := []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r=1", "\n=1", "|calc", "%0A", "＝1", "a,b\"c", "a\r\n=1", "\x1b[31mred", "\u202eevil", "\xff=1", evil}
	for _, text := range texts {
		var b bytes.Buffer
		r := &Record{Version: 1, Repo: text, Error: text, App: text, Class: text, Commit: text, Entry: text, CodeDir: text,
			Strategy: []string{text}, Services: []string{text}, Rung: text}
		if err := Overview(&b, "csv", []*Record{r}); err != nil {
			t.Fatal(err)
		}
		table, err := csv.NewReader(&b).ReadAll()
		if err != nil || len(table) != 2 {
			t.Errorf("%q: %d rows, %v", text, len(table), err)
			continue
		}
		for _, c := range table[1] {
			c := strings.TrimLeft(c, " \t")
			if c != "" && strings.ContainsAny(c[:1], "=+-@|%") || strings.HasPrefix(c, "＝") || strings.ContainsAny(c, "\x1b\u202e\r\n\t") {
				t.Errorf("%q: the cell %q is not plain", text, c)
			}
		}
	}
}

// BenchmarkFleet is the cost of the fleet itself, an audit costing nothing.
func BenchmarkFleet(b *testing.B) {
	list := names(1000)
	d := shop().d
	b.ReportAllocs()
	for b.Loop() {
		_, err := RunFleet(context.Background(), list, func(context.Context, string) (*model.Deployment, error) { return d, nil }, FleetOptions{Out: &bytes.Buffer{}})
		if err != nil {
			b.Fatal(err)
		}
	}
}
