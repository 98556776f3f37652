package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/lint"
)

// mend prints the changes as a patch, or makes them. The files are written
// whole or not at all.
func (l *linter) mend(cmd *cobra.Command, all []linted) error {
	n, unsafe := 0, 0
	for _, r := range all {
		unsafe += r.fixes.Unsafe
		for _, why := range r.fixes.Refused {
			if !l.quiet {
				fmt.Fprintln(cmd.ErrOrStderr(), "left as it is: "+diag.Visible(why))
			}
		}
		for _, c := range r.fixes.Changes {
			n += len(c.Fixed)
			if err := l.change(cmd.OutOrStdout(), r.target, c); err != nil {
				return err
			}
		}
	}
	if !l.quiet {
		fmt.Fprintln(cmd.ErrOrStderr(), l.mended(n, unsafe))
	}
	if l.diff && n > 0 && !l.exitZero {
		return exitWith(exitFindings, nil)
	}
	return nil
}

func (l *linter) mended(n, unsafe int) string {
	line := fmt.Sprintf("%d findings mended", n)
	if l.diff {
		line = fmt.Sprintf("%d findings can be mended", n)
	}
	if unsafe > 0 {
		line += fmt.Sprintf("; %d more with --unsafe-fixes", unsafe)
	}
	return line
}

func (l *linter) change(w io.Writer, t lintTarget, c lint.Change) error {
	if l.diff {
		name := c.Path
		if t.prefix != "" && t.prefix != "." {
			name = t.prefix + "/" + name
		}
		_, err := io.WriteString(w, unified(name, string(c.Old), string(c.New)))
		return err
	}
	return rewrite(filepath.Join(t.path, filepath.FromSlash(c.Path)), c)
}

// rewrite replaces a file that is still as it was read, keeping its mode. A
// link is not followed: what it leads to may lie outside of the repository.
func rewrite(name string, c lint.Change) error {
	info, err := os.Lstat(name)
	if err != nil {
		return exitWith(exitIO, fmt.Errorf("mend %s: %w", name, cause(err)))
	}
	if !info.Mode().IsRegular() {
		return exitWith(exitIO, fmt.Errorf("mend %s: it is no regular file", name))
	}
	if now, err := os.ReadFile(name); err != nil || string(now) != string(c.Old) {
		return exitWith(exitIO, fmt.Errorf("mend %s: it has changed since it was read", name))
	}
	err = writeFile(name, func(w io.Writer) error {
		_, err := w.Write(c.New)
		return err
	})
	if err != nil {
		return err
	}
	return os.Chmod(name, info.Mode().Perm())
}
