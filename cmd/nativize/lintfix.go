package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

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

// contextLines is the number of lines around a change in a patch.
const contextLines = 3

// unified is the difference of two texts in the unified format, for git apply
// and patch. The texts differ in few lines, each a replacement at its place.
func unified(name, a, b string) string {
	old, now := lines(a), lines(b)
	ops := script(old, now)
	if len(ops) == 0 {
		return ""
	}
	var out strings.Builder
	fmt.Fprintf(&out, "--- a/%s\n+++ b/%s\n", name, name)
	for len(ops) > 0 {
		n := 1
		for n < len(ops) && ops[n].a-ops[n-1].aEnd <= 2*contextLines {
			n++
		}
		hunk(&out, old, now, ops[:n])
		ops = ops[n:]
	}
	return out.String()
}

// lines splits a text behind each newline.
func lines(s string) []string {
	out := strings.SplitAfter(s, "\n")
	if out[len(out)-1] == "" {
		out = out[:len(out)-1]
	}
	return out
}

// An op replaces lines a to aEnd of the old text by lines b to bEnd of the new.
type op struct{ a, aEnd, b, bEnd int }

// lookAhead bounds how far script looks for the lines that are common again.
const lookAhead = 50

// script finds the replacements that turn old into now, by looking ahead for
// the next common line.
func script(old, now []string) []op {
	var out []op
	i, j := 0, 0
	for i < len(old) || j < len(now) {
		if i < len(old) && j < len(now) && old[i] == now[j] {
			i, j = i+1, j+1
			continue
		}
		di, dj := resume(old[i:], now[j:])
		out = append(out, op{i, i + di, j, j + dj})
		i, j = i+di, j+dj
	}
	return out
}

// resume is how many lines of each to skip until they agree.
func resume(old, now []string) (int, int) {
	for sum := 1; sum <= 2*lookAhead; sum++ {
		for di := 0; di <= sum; di++ {
			if dj := sum - di; di < len(old) && dj < len(now) && old[di] == now[dj] {
				return di, dj
			}
		}
	}
	return len(old), len(now)
}

func hunk(out *strings.Builder, old, now []string, ops []op) {
	first, last := ops[0], ops[len(ops)-1]
	before := min(contextLines, first.a)
	after := min(contextLines, len(old)-last.aEnd)
	a, b := first.a-before, first.b-before
	fmt.Fprintf(out, "@@ -%s +%s @@\n", hunkRange(a, last.aEnd+after-a), hunkRange(b, last.bEnd+after-b))
	at := a
	for _, o := range ops {
		mark(out, ' ', old[at:o.a])
		mark(out, '-', old[o.a:o.aEnd])
		mark(out, '+', now[o.b:o.bEnd])
		at = o.aEnd
	}
	mark(out, ' ', old[at:last.aEnd+after])
}

func hunkRange(from, n int) string {
	if n == 0 {
		return fmt.Sprintf("%d,0", from)
	}
	return fmt.Sprintf("%d,%d", from+1, n)
}

func mark(out *strings.Builder, c byte, list []string) {
	for _, s := range list {
		out.WriteByte(c)
		out.WriteString(s)
		if !strings.HasSuffix(s, "\n") {
			out.WriteString("\n\\ No newline at end of file\n")
		}
	}
}
