package source

import (
	"bytes"
	"slices"
	"strings"
)

// Sizes of Git LFS pointer files: the specification bounds them at 1024 bytes;
// one without extensions has 120 to 145.
//
// Source: github.com/git-lfs/git-lfs, docs/spec.md.
const (
	lfsMin = 100
	lfsMax = 1024
)

var lfsHead = []byte("version https://git-lfs.github.com/spec/v1\n")

// lfsSize tells a size that a pointer file can have.
func lfsSize(n int64) bool { return n >= lfsMin && n < lfsMax }

// isLFSPointer tells the content of a Git LFS pointer file.
func isLFSPointer(b []byte) bool {
	return lfsSize(int64(len(b))) && bytes.HasPrefix(b, lfsHead) && bytes.Contains(b, []byte("\noid sha256:"))
}

// markLFS sets File.LFS of files that .gitattributes gives to the lfs filter
// and that are pointers. Without such a rule no file is read.
func (r *Repo) markLFS() {
	if _, ok := r.tree.(*archiveTree); ok {
		return // done while unpacking
	}
	t := &ignoreTree{cache: map[string][]ignoreRule{}}
	any := false
	for i := range r.all {
		if e := &r.all[i]; e.Name() == ".gitattributes" {
			rules := parseLFSRules(r.small(e.Path))
			t.cache[dirName(e.Path)] = rules
			any = any || slices.ContainsFunc(rules, func(r ignoreRule) bool { return !r.keep })
		}
	}
	if !any {
		return
	}
	t.rules = func(string) []ignoreRule { return nil }
	for i := range r.all {
		if e := &r.all[i]; e.IsRegular() && t.decide(e.Path, false) {
			b, err := r.tree.read(e, lfsMax)
			e.LFS = err == nil && isLFSPointer(b)
		}
	}
}

// parseLFSRules reads the lines of a .gitattributes file that set a filter;
// rules that set another one have keep.
//
// Source: gitattributes(5).
func parseLFSRules(b []byte) []ignoreRule {
	var rules []ignoreRule
	for line := range strings.Lines(string(b)) {
		fields := strings.Fields(line)
		if len(fields) < 2 || strings.HasPrefix(fields[0], "!") {
			continue
		}
		rule, ok := parseIgnoreLine(fields[0])
		for _, attr := range fields[1:] {
			name, _, _ := strings.Cut(attr, "=")
			if strings.TrimLeft(name, "-!") == "filter" && ok {
				rule.keep = attr != "filter=lfs"
				rules = append(rules, rule)
			}
		}
	}
	return rules
}
