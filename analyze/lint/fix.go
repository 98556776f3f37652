package lint

import (
	"cmp"
	"slices"

	"github.com/nativize/nativize/analyze/source"
)

// A Change is the new content of one file.
type Change struct {
	Path     string
	Old, New []byte
	Fixed    []Finding
}

// A Fixes is what --fix would do.
type Fixes struct {
	Changes []Change
	Unsafe  int // findings that only an unsafe fix mends, when those were not asked for
	Refused []string
}

// edits are all edits of findings, by place.
func edits(fs []Finding) []Edit {
	var out []Edit
	for _, f := range fs {
		for _, e := range f.Fix.Edits {
			if !slices.Contains(out, e) {
				out = append(out, e)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Edit) int {
		return cmp.Or(a.At.Compare(b.At.Pos), cmp.Compare(a.At.EndLine, b.At.EndLine), cmp.Compare(a.At.EndCol, b.At.EndCol))
	})
	return out
}

// overlap tells whether two edits want the same bytes.
func overlap(fs []Finding) bool {
	list := edits(fs)
	for i := 1; i < len(list); i++ {
		end := source.Pos{File: list[i-1].At.File, Line: list[i-1].At.EndLine, Col: list[i-1].At.EndCol}
		if end.Compare(list[i].At.Pos) > 0 || list[i].At == list[i-1].At {
			return true
		}
	}
	return false
}

// applyAll makes the edits of findings.
func applyAll(old []byte, fs []Finding) []byte {
	f := &repoFacts{texts: map[string][]byte{"": old}, lines: map[string][]int{}}
	var out []byte
	at := 0
	for _, e := range edits(fs) {
		from, to := f.offset("", e.At.Line, e.At.Col), f.offset("", e.At.EndLine, e.At.EndCol)
		if from < at || to < from {
			continue
		}
		out = append(append(out, old[at:from]...), e.New...)
		at = to
	}
	return append(out, old[at:]...)
}
