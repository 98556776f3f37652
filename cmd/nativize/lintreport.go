package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/lint"
	"github.com/nativize/nativize/analyze/source"
)

// finish joins the targets' results and prints them.
func (l *linter) finish(cmd *cobra.Command, all []linted) error {
	found, suppressed, nothing := gather(all)
	if l.fix || l.diff {
		return l.mend(cmd, all)
	}
	if l.writeBaseline != "" {
		return l.saveBaseline(cmd, found)
	}
	if l.baseline != "" {
		left, known, err := l.known(cmd, found)
		if err != nil {
			return err
		}
		found, suppressed = left, suppressed+known
	}
	if err := l.print(cmd, all, found, suppressed); err != nil {
		return exitWith(exitIO, err)
	}
	l.close(cmd, found, suppressed)
	switch {
	case nothing && len(found) == 0:
		return exitWith(exitNothing, errors.New("no deployment script was found: nothing was looked at"))
	case l.fails(found):
		return exitWith(exitFindings, nil)
	}
	return nil
}

// gather joins results; the paths of several repositories are told apart by
// where each lies.
func gather(all []linted) (found []lint.Finding, suppressed int, nothing bool) {
	nothing = true
	seen := map[string]bool{}
	for _, r := range all {
		nothing = nothing && r.res.Nothing
		suppressed += r.res.Suppressed
		for _, f := range r.res.Findings {
			f.Diagnostic = moved(f.Diagnostic, r.target.prefix)
			k := f.Main().Pos.String() + f.Rule + f.Message
			if seen[k] {
				continue // scripts of one repository that call each other
			}
			seen[k] = true
			found = append(found, f)
		}
	}
	slices.SortStableFunc(found, func(a, b lint.Finding) int { return diag.Compare(a.Diagnostic, b.Diagnostic) })
	return found, suppressed, nothing
}

// moved puts a prefix before the paths of a finding.
func moved(d diag.Diagnostic, prefix string) diag.Diagnostic {
	if prefix == "" || prefix == "." {
		return d
	}
	at := slices.Clone(d.At)
	for i := range at {
		at[i].File = prefix + "/" + at[i].File
	}
	related := slices.Clone(d.Related)
	for i := range related {
		related[i].At.File = prefix + "/" + related[i].At.File
	}
	d.At, d.Related = at, related
	return d
}

// print writes the findings in the format that was asked for.
func (l *linter) print(cmd *cobra.Command, all []linted, found []lint.Finding, suppressed int) error {
	w := cmd.OutOrStdout()
	width, color := terminalOf(w)
	r := &diag.Report{
		Tool: "nativize", Version: version, URI: "https://github.com/nativize/nativize", Rules: lint.Metas(),
		Findings: lint.Diagnostics(found), Suppressed: suppressed, Sources: l.sources(all), Color: color, Links: color && width > 0, Width: width,
	}
	var buf bytes.Buffer
	if err := diag.Write(&buf, l.format, r); err != nil {
		return err
	}
	_, err := w.Write(buf.Bytes())
	return err
}

// sources reads the files that findings point at, by their path in the report.
func (l *linter) sources(all []linted) func(string) ([]byte, error) {
	return func(name string) ([]byte, error) {
		for _, r := range all {
			rel, ok := name, r.target.prefix == "" || r.target.prefix == "."
			if !ok {
				rel, ok = strings.CutPrefix(name, r.target.prefix+"/")
			}
			if !ok {
				continue
			}
			repo, err := source.Open(context.Background(), r.target.path, source.Options{Rev: l.rev})
			if err != nil {
				return nil, err
			}
			b, err := repo.Read(rel)
			repo.Close()
			if err == nil {
				return b, nil
			}
		}
		return nil, fmt.Errorf("there is no file %q", name)
	}
}

// close writes the closing line.
func (l *linter) close(cmd *cobra.Command, found []lint.Finding, suppressed int) {
	if l.quiet {
		return
	}
	line := diag.Summary(lint.Diagnostics(found), suppressed)
	mendable := 0
	for _, f := range found {
		if f.Fix != nil && !f.Fix.Unsafe {
			mendable++
		}
	}
	if mendable > 0 {
		line += fmt.Sprintf("; --fix can mend %d of them", mendable)
	}
	fmt.Fprintln(cmd.ErrOrStderr(), line)
}

// fails tells whether a finding is as grave as --fail-on asks for.
func (l *linter) fails(found []lint.Finding) bool {
	if l.exitZero || l.failOn == "never" {
		return false
	}
	limit := diag.Severity(l.failOn).Rank()
	return slices.ContainsFunc(found, func(f lint.Finding) bool { return f.Severity.Rank() <= limit })
}
