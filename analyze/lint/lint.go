// Package lint holds the rules of `nativize lint`: one file each, listed in
// [All].
//
// A rule judges what the engine found a deployment to do, its effects with
// resolved paths, where content comes from, and how the second run differs from
// the first, not how its text reads. To add a rule, write a file with one
// unexported *Rule and put its name in All; its examples are run as tests and
// docs/rules.md is made from it.
package lint

import (
	"context"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze"
	"github.com/nativize/nativize/analyze/diag"
)

// A Rule is one thing that lint looks for.
type Rule struct {
	// ID is kebab-case words. It is never reused for another thing.
	ID         string
	Group      Group
	Severity   diag.Severity
	Confidence diag.Confidence // of its findings, unless they say otherwise
	// Secret tells that findings point at a credential.
	Secret bool
	// Fix names what --fix can do, "" nothing. Unsafe fixes change what the
	// script does in a way that its author has to agree to.
	Fix    string
	Unsafe bool
	// Repo tells that the rule judges files of the repository whatever script is
	// the entry: it runs once.
	Repo bool
	Doc  Doc
	// Run reports what it finds; nil for rules that are judged elsewhere.
	Run func(*Pass)
}

// A Group is the subject of a rule.
type Group string

// The groups, in the order of the documentation.
const (
	Configuration Group = "configuration"
	State         Group = "state"
	Security      Group = "security"
	Reliability   Group = "reliability"
	Packaging     Group = "packaging"
	Control       Group = "control"
)

// Groups are all groups, in order.
var Groups = []Group{Configuration, State, Security, Reliability, Packaging, Control}

// A Doc is the page of a rule. Bad and Good are examples that tests run: a
// script, or a tree of files in the txtar format. Bad must be found and Good
// must not.
type Doc struct {
	Title      string // one line, no full stop
	Text       string // why it matters, Markdown
	Bad, Good  string
	Exceptions string   // where the rule is silent or may be wrong
	Since      string   // first release that has it
	References []string // manual pages, policy sections, documents
}

// ByID returns the rule of that ID, nil when there is none.
func ByID(id string) *Rule {
	i := slices.IndexFunc(All, func(r *Rule) bool { return r.ID == id })
	if i < 0 {
		return nil
	}
	return All[i]
}

// Docs is where the rules' pages are published.
const Docs = "https://github.com/nativize/nativize/blob/main/docs/rules.md"

// URI is the address of the rule's page.
func (r *Rule) URI() string { return Docs + "#" + r.ID }

// Meta is what the output formats tell about the rule.
func (r *Rule) Meta() diag.Rule {
	return diag.Rule{
		ID: r.ID, Title: r.Doc.Title, Text: r.Doc.Text, Help: r.help(), Severity: r.Severity, Confidence: r.Confidence,
		URI: r.URI(), Tags: []string{string(r.Group)}, Secret: r.Secret,
	}
}

// Metas is Meta of all rules.
func Metas() []diag.Rule {
	out := make([]diag.Rule, len(All))
	for i, r := range All {
		out[i] = r.Meta()
	}
	return out
}

// Check runs the rules on one analysis and returns what they found, sorted and
// without duplicates. It changes nothing of a.
func Check(ctx context.Context, a *analyze.Analysis, rules []*Rule) ([]Finding, error) {
	return check(ctx, a, rules, newRepoFacts(a.Repo))
}

func check(ctx context.Context, a *analyze.Analysis, rules []*Rule, repo *repoFacts) ([]Finding, error) {
	facts := newFacts(a, repo)
	var out []Finding
	for _, r := range rules {
		if r.Run == nil {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p := &Pass{Analysis: a, facts: facts, rule: r}
		r.Run(p)
		out = append(out, p.found...)
	}
	return merged(out), nil
}

// Names lists the IDs of rules, for messages.
func Names(rules []*Rule) string {
	names := make([]string, len(rules))
	for i, r := range rules {
		names[i] = r.ID
	}
	return strings.Join(names, ", ")
}
