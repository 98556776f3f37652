package lint

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// A Baseline is a list of known findings that are not reported again. A finding
// is known by its fingerprint (rule, path and statement, not the line), as often
// as the baseline has it.
type Baseline struct {
	Version  int     `json:"version"`
	Findings []Known `json:"findings"`
}

// A Known is one finding of a baseline. Rule and File are for people.
type Known struct {
	Fingerprint string `json:"fingerprint"`
	Rule        string `json:"rule"`
	File        string `json:"file"`
	Count       int    `json:"count,omitempty"` // 0 means 1
}

// baselineVersion is the version of the file's form.
const baselineVersion = 1

// ReadBaseline reads a baseline, or a report of lint in JSON, which serves as one.
func ReadBaseline(r io.Reader) (*Baseline, error) {
	b := &Baseline{}
	dec := json.NewDecoder(r)
	if err := dec.Decode(b); err != nil {
		return nil, fmt.Errorf("it is no baseline: %w", err)
	}
	if b.Version != baselineVersion {
		return nil, fmt.Errorf("its version is %d and this nativize reads version %d", b.Version, baselineVersion)
	}
	for _, k := range b.Findings {
		if k.Fingerprint == "" {
			return nil, fmt.Errorf("a finding in it has no fingerprint")
		}
	}
	return b, nil
}

// NewBaseline makes a baseline of findings.
func NewBaseline(fs []Finding) *Baseline {
	b := &Baseline{Version: baselineVersion, Findings: []Known{}}
	index := map[string]int{}
	for i := range fs {
		f := &fs[i]
		if n, ok := index[f.Fingerprint]; ok {
			b.Findings[n].Count = max(b.Findings[n].Count, 1) + 1
			continue
		}
		index[f.Fingerprint] = len(b.Findings)
		b.Findings = append(b.Findings, Known{Fingerprint: f.Fingerprint, Rule: f.Rule, File: f.Main().File})
	}
	slices.SortFunc(b.Findings, func(x, y Known) int {
		return cmp.Or(strings.Compare(x.File, y.File), strings.Compare(x.Rule, y.Rule), strings.Compare(x.Fingerprint, y.Fingerprint))
	})
	return b
}

// Write prints the baseline; the same findings give the same bytes.
func (b *Baseline) Write(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(b)
}

// Filter takes known findings out. It returns those left, how many were taken
// out, and the known ones that no finding matched: they can be pruned.
func (b *Baseline) Filter(fs []Finding) (left []Finding, known int, stale []Known) {
	have := map[string]int{}
	for _, k := range b.Findings {
		have[k.Fingerprint] += max(k.Count, 1)
	}
	for _, f := range fs {
		if have[f.Fingerprint] > 0 {
			have[f.Fingerprint]--
			known++
			continue
		}
		left = append(left, f)
	}
	for _, k := range b.Findings {
		if n := min(have[k.Fingerprint], max(k.Count, 1)); n > 0 {
			have[k.Fingerprint] -= n
			k.Count = n
			stale = append(stale, k)
		}
	}
	return left, known, stale
}

// Introduced are the findings of now that then did not have: neither the same
// statement nor the same effect. A statement that is only reworded is not new;
// one that was harmless before and is not now is, though its line is the same.
func Introduced(now, then []Finding) []Finding {
	statements, effects := map[string]int{}, map[string]int{}
	for _, f := range then {
		statements[f.Fingerprint]++
		effects[f.Effect]++
	}
	// Statements that stayed as they were go first, with their effects, so that
	// a second one of the same effect is seen.
	var rest []Finding
	for _, f := range now {
		if statements[f.Fingerprint] > 0 {
			statements[f.Fingerprint]--
			effects[f.Effect]--
			continue
		}
		rest = append(rest, f)
	}
	return slices.DeleteFunc(rest, func(f Finding) bool {
		effects[f.Effect]--
		return effects[f.Effect] >= 0
	})
}

// Without is the baseline without some of its findings.
func (b *Baseline) Without(stale []Known) *Baseline {
	gone := map[string]int{}
	for _, k := range stale {
		gone[k.Fingerprint] += max(k.Count, 1)
	}
	out := &Baseline{Version: b.Version, Findings: []Known{}}
	for _, k := range b.Findings {
		n := max(k.Count, 1)
		take := min(n, gone[k.Fingerprint])
		gone[k.Fingerprint] -= take
		if n -= take; n > 0 {
			k.Count = n
			if n == 1 {
				k.Count = 0
			}
			out.Findings = append(out.Findings, k)
		}
	}
	return out
}
