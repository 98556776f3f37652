package report

import (
	"fmt"
	"slices"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
)

// An advice is one thing to do, with how much it weighs.
type advice struct {
	weight int
	text   string
	at     []source.Pos
}

func (a advice) words() string {
	if len(a.at) == 0 {
		return a.text
	}
	return a.text + " (" + places1(a.at) + ")"
}

// firstThree names what weighs most, each with its place: properties that are
// lacking, and errors that no property speaks of.
func firstThree(d *model.Deployment, ps []model.Property) []string {
	list := append(lacking(ps), graveFindings(d.Findings)...)
	slices.SortStableFunc(list, func(a, b advice) int { return b.weight - a.weight })
	out := []string{}
	for _, a := range list[:min(3, len(list))] {
		out = append(out, a.words())
	}
	return out
}

// lacking are the properties that are not held: their weight, halved when they
// are partly held.
func lacking(ps []model.Property) []advice {
	var out []advice
	for i, p := range ps {
		if p.Held == no || p.Held == partly {
			out = append(out, advice{properties[i].weight * (2 - points[p.Held]), properties[i].todo + ": " + p.Reason, p.At})
		}
	}
	return out
}

// judged are the rules whose findings a property weighs already.
var judged = []string{
	"secret-in-script", "secret-in-repository", "private-key-in-repository", "config-tracked-with-secrets", "sudo-password-in-script",
	"config-in-code-dir", "config-overwritten-on-deploy", "unit-overwritten-on-deploy", "git-clean-eats-config", "config-edited-in-place", "generated-config-not-idempotent",
	"not-idempotent", "unguarded-useradd", "delete-before-new-copy-ready", "tls-check-disabled", "host-key-check-disabled", "http-download",
	"curl-pipe-shell", "unverified-download", "checksum-from-same-place", "checksum-cannot-match", "untrusted-branch-deployed",
}

// graveWeight is the weight of an error that no property speaks of: what may
// remove more than it should weighs nearly as much as credentials, anything else
// less than configuration that is lost.
func graveWeight(f *diag.Diagnostic) int {
	switch f.Rule {
	case "unguarded-rm-rf", "data-removed-on-upgrade", "account-deleted-on-upgrade":
		if f.Confidence == diag.High {
			return 17
		}
	}
	return 8
}

// graveFindings are the errors that no property weighs, of which there is
// little doubt: one advice a rule, with the places of all of them.
func graveFindings(ds []diag.Diagnostic) []advice {
	var out []advice
	index := map[string]int{}
	count := map[string]int{}
	for _, f := range ranked(ds) {
		if f.Severity != diag.Error || f.Confidence == diag.Low || slices.Contains(judged, f.Rule) {
			continue
		}
		i, ok := index[f.Rule]
		if !ok {
			i = len(out)
			index[f.Rule] = i
			out = append(out, advice{weight: graveWeight(&f), text: "Mend this: " + f.Message})
		}
		count[f.Rule]++
		out[i].at = append(out[i].at, f.Main().Pos)
	}
	for rule, i := range index {
		if n := count[rule]; n > 1 {
			out[i].text += fmt.Sprintf(", and %d more like it", n-1)
		}
	}
	return out
}
