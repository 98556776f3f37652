package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/nativize/nativize/analyze/lint"
)

func (l *linter) saveBaseline(cmd *cobra.Command, found []lint.Finding) error {
	if err := writeFile(l.writeBaseline, lint.NewBaseline(found).Write); err != nil {
		return err
	}
	if !l.quiet {
		fmt.Fprintf(cmd.ErrOrStderr(), "%d findings are in the baseline %s\n", len(found), l.writeBaseline)
	}
	return nil
}

// known takes the findings of the baseline out, and the stale ones out of the
// baseline when that was asked for.
func (l *linter) known(cmd *cobra.Command, found []lint.Finding) ([]lint.Finding, int, error) {
	file, err := os.Open(l.baseline)
	if err != nil {
		return nil, 0, exitWith(exitIO, fmt.Errorf("read the baseline %s: %w", l.baseline, cause(err)))
	}
	base, err := lint.ReadBaseline(file)
	file.Close()
	if err != nil {
		return nil, 0, exitWith(exitUsage, fmt.Errorf("read the baseline %s: %w", l.baseline, err))
	}
	left, known, stale := base.Filter(found)
	if len(stale) == 0 {
		return left, known, nil
	}
	if !l.pruneBaseline {
		if !l.quiet {
			fmt.Fprintf(cmd.ErrOrStderr(), "%d findings of the baseline are gone; --prune-baseline takes them out\n", len(stale))
		}
		return left, known, nil
	}
	return left, known, writeFile(l.baseline, base.Without(stale).Write)
}
