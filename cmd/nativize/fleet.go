package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/convert/report"
)

// runFleet audits many repositories: JSON Lines out, one record a repository.
func (o *auditOptions) runFleet(cmd *cobra.Command, args []string) error {
	list, err := fleetList(args)
	if err != nil {
		return exitWith(exitIO, err)
	}
	if len(list) == 0 {
		return exitWith(exitNothing, fmt.Errorf("no repositories in %s", strings.Join(args, ", ")))
	}
	if list, err = o.part(list); err != nil { // an empty part is no failure of its job
		return err
	}
	out, done, closeOut, err := o.fleetOutput(cmd)
	if err != nil {
		return exitWith(exitIO, err)
	}
	bar := newBar(cmd.ErrOrStderr())
	p, err := report.RunFleet(cmd.Context(), list, o.auditPath, report.FleetOptions{Workers: o.jobs, Out: out, Done: done, Progress: bar.show})
	bar.end(p)
	if cerr := closeOut(); err == nil {
		err = cerr
	}
	if err != nil {
		return exitWith(exitIO, err)
	}
	return nil
}

// auditPath is the audit of one repository of a fleet.
func (o *auditOptions) auditPath(ctx context.Context, path string) (*model.Deployment, error) {
	in := o.input
	a, err := in.audited(ctx, path)
	if err != nil {
		return nil, err
	}
	defer a.Repo.Close()
	return a.Deployment, nil
}

// fleetList expands the arguments: a directory stands for the repositories in
// it, a file for the paths in its lines.
func fleetList(args []string) ([]string, error) {
	var out []string
	for _, arg := range args {
		info, err := os.Stat(arg)
		if err != nil {
			return nil, err
		}
		if info.IsDir() {
			entries, err := os.ReadDir(arg)
			if err != nil {
				return nil, err
			}
			for _, e := range entries {
				if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
					out = append(out, filepath.Join(arg, e.Name()))
				}
			}
			continue
		}
		lines, err := listFile(arg)
		if err != nil {
			return nil, err
		}
		out = append(out, lines...)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// listFile reads paths, one a line; # begins a comment. Relative ones are meant
// from the directory of the file.
func listFile(name string) ([]string, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []string
	sc := bufio.NewScanner(f)
	for sc.Scan() {
		line := strings.TrimSpace(sc.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		if !filepath.IsAbs(line) {
			line = filepath.Join(filepath.Dir(name), line)
		}
		out = append(out, line)
	}
	return out, sc.Err()
}

// part keeps the shard I/N of a list. A repository is in the same shard
// whatever else is in the list.
func (o *auditOptions) part(list []string) ([]string, error) {
	if o.shard == "" {
		return list, nil
	}
	a, b, _ := strings.Cut(o.shard, "/")
	i, err1 := strconv.Atoi(a)
	n, err2 := strconv.Atoi(b)
	if err1 != nil || err2 != nil || i < 1 || n < i {
		return nil, fmt.Errorf("--shard takes I/N with 1 <= I <= N, such as 3/16, not %q", o.shard)
	}
	return slices.DeleteFunc(list, func(name string) bool { return !report.Shard(filepath.Base(name), i, n) }), nil
}

// fleetOutput opens the output; with --resume what it already has is skipped
// and a half-written last line is cut off.
func (o *auditOptions) fleetOutput(cmd *cobra.Command) (w io.Writer, done map[string]bool, closer func() error, err error) {
	if o.output == "" {
		return cmd.OutOrStdout(), nil, func() error { return nil }, nil
	}
	f, err := os.OpenFile(o.output, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, nil, nil, err
	}
	var size int64
	if o.resume {
		done = map[string]bool{}
		if size, err = report.ReadRecords(f, func(r *report.Record) error { done[r.Repo] = true; return nil }); err != nil {
			f.Close()
			return nil, nil, nil, fmt.Errorf("go on in %s: %w; it is no output of audit --fleet", o.output, err)
		}
	}
	if err = f.Truncate(size); err == nil {
		_, err = f.Seek(size, io.SeekStart)
	}
	if err != nil {
		f.Close()
		return nil, nil, nil, err
	}
	return f, done, f.Close, nil
}

// A bar shows progress on a terminal: how many, how fast, how long yet.
type bar struct {
	w     io.Writer
	on    bool
	start time.Time
	last  time.Time
}

func newBar(w io.Writer) *bar {
	width, _ := terminalOf(w)
	return &bar{w: w, on: width > 0, start: time.Now()}
}

func (b *bar) show(p report.FleetProgress) {
	now := time.Now()
	if !b.on || now.Sub(b.last) < 100*time.Millisecond {
		return
	}
	b.last = now
	done, left := p.Written+p.Skipped, p.Total-p.Written-p.Skipped
	rate := float64(p.Written) / max(now.Sub(b.start).Seconds(), 0.001)
	eta := time.Duration(float64(left) / max(rate, 0.001) * float64(time.Second)).Round(time.Second)
	const width = 30
	full := width * done / max(p.Total, 1)
	fmt.Fprintf(b.w, "\r[%s%s] %d/%d, %.0f/s, %s left, %d failed ", strings.Repeat("#", full), strings.Repeat("-", width-full), done, p.Total, rate, eta, p.Failed)
}

func (b *bar) end(p report.FleetProgress) {
	if b.on {
		fmt.Fprint(b.w, "\r\x1b[K")
	}
	fmt.Fprintf(b.w, "nativize: %s audited, %d skipped, %d failed\n", count(p.Written, "repository", "repositories"), p.Skipped, p.Failed)
}

func newMerge() *cobra.Command {
	var format, output string
	forms := append(slices.Clone(report.OverviewForms), "jsonl")
	cmd := &cobra.Command{
		Use:   "merge FILE...",
		Short: "Join the outputs of audit --fleet into an overview",
		Example: "  nativize merge -o fleet.html shard*.jsonl\n" +
			"  nativize merge --format csv shard*.jsonl > fleet.csv\n" +
			"  nativize merge --format jsonl -o all.jsonl shard*.jsonl",
		Args: atLeast(1, "the files that audit --fleet wrote"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(forms, format) {
				return fmt.Errorf("unknown format %q; the formats are %s", format, strings.Join(forms, ", "))
			}
			records, err := readShards(args)
			if err != nil {
				return exitWith(exitIO, err)
			}
			write := func(w io.Writer) error { return writeRecords(w, format, records) }
			if output != "" {
				return writeFile(output, write)
			}
			return write(cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVarP(&format, "format", "f", "html", "html, csv or jsonl")
	cmd.Flags().StringVarP(&output, "output", "o", "", "file to write instead of standard output")
	complete(cmd, "format", forms...)
	return cmd
}

func readShards(files []string) ([]*report.Record, error) {
	var shards [][]*report.Record
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		var list []*report.Record
		_, err = report.ReadRecords(f, func(r *report.Record) error { list = append(list, r); return nil })
		f.Close()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		shards = append(shards, list)
	}
	return report.Merge(shards...), nil
}

func writeRecords(w io.Writer, format string, records []*report.Record) error {
	if format != "jsonl" {
		return report.Overview(w, format, records)
	}
	for _, r := range records {
		if err := report.WriteRecord(w, r); err != nil {
			return err
		}
	}
	return nil
}
