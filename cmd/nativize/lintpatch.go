package main

import (
	"fmt"
	"strings"
)

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
