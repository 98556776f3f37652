package lint

import (
	"cmp"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze"
	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/source"
)

// A Pass is one rule at work on one analysis: all that is known, with helpers
// to ask and Report to answer.
type Pass struct {
	*analyze.Analysis
	*facts
	rule  *Rule
	found []Finding
}

// A Report is what a rule says of one place. Empty fields take the rule's.
type Report struct {
	At         source.Span
	Message    string // the thing, and the consequence
	Value      string // what the operand resolves to
	Related    []diag.Label
	Help       string
	Severity   diag.Severity
	Confidence diag.Confidence
	Effect     string // what was judged; the value or the message by default
	Fix        *Fix
}

// Report adds a finding.
func (p *Pass) Report(r Report) {
	d := diag.Diagnostic{
		Rule: p.rule.ID, Severity: p.rule.Severity, Confidence: p.rule.Confidence, Message: r.Message,
		At: []source.Span{r.At}, Related: r.Related, Value: r.Value, Help: r.Help,
	}
	if r.Severity != "" {
		d.Severity = r.Severity
	}
	if r.Confidence != "" {
		d.Confidence = r.Confidence
	}
	d.Fingerprint = diag.Fingerprint(d.Rule, r.At.File, p.fingerText(r))
	effect := r.Effect
	if effect == "" {
		effect = r.Value + "\x00" + r.Message
	}
	p.found = append(p.found, Finding{Diagnostic: d, Effect: p.rule.ID + "\x00" + r.At.File + "\x00" + effect, Fix: r.Fix})
}

// fingerText is the statement that a finding is about: its source text, or its
// line, or, for what has no line, what was judged. Messages may count things and
// have no part in it, but where a rule has nothing else.
func (p *Pass) fingerText(r Report) string {
	if p.rule.Secret {
		return r.Message // a fingerprint tells nothing of a credential
	}
	if text := p.SourceOf(r.At); text != "" {
		return text
	}
	return cmp.Or(r.Effect, r.Message)
}

// Warn reports an effect.
func (p *Pass) Warn(e *host.Effect, message string, related ...diag.Label) {
	p.Report(Report{At: e.At, Message: message, Value: valueOf(p.SourceOf(e.At), e.Path), Related: related, Confidence: p.sure(e)})
}

// sure is the rule's confidence, lowered for what only happens when a caller
// chooses it.
func (p *Pass) sure(e *host.Effect) diag.Confidence {
	if e.Alt {
		return Lower(p.rule.Confidence)
	}
	return p.rule.Confidence
}

// Lower is the next lower confidence.
func Lower(c diag.Confidence) diag.Confidence {
	return diag.Confidences[min(c.Rank()+1, len(diag.Confidences)-1)]
}

// Effects returns the effects of the given kinds that are no failure handling,
// in order: of both runs, on all machines. The list is not to be changed.
func (p *Pass) Effects(ops ...host.Op) []*host.Effect {
	if len(ops) == 1 {
		return p.byOp[ops[0]]
	}
	var key strings.Builder
	for _, op := range ops {
		key.WriteString(string(op))
		key.WriteByte(' ')
	}
	return onceEach(p.facts, key.String(), func() []*host.Effect { return p.effects(ops) })
}

func (p *Pass) effects(ops []host.Op) []*host.Effect {
	var out []*host.Effect
	for _, e := range p.Analysis.Effects {
		if !e.Failure && slices.Contains(ops, e.Op) {
			out = append(out, e)
		}
	}
	return out
}

// Run returns the effects of the given kinds of one run: 1 on a fresh host, 2
// on the host that resulted.
func (p *Pass) RunEffects(run int, ops ...host.Op) []*host.Effect {
	return slices.DeleteFunc(slices.Clone(p.Effects(ops...)), func(e *host.Effect) bool { return e.Run != run })
}

// On returns the effects whose path is p, of both runs.
func (p *Pass) On(path string) []*host.Effect { return p.byPath[path] }

// Before tells whether a comes before b in the log of their run.
func (p *Pass) Before(a, b *host.Effect) bool { return p.order[a] < p.order[b] }

// Label points at an effect.
func Label(e *host.Effect, text string) diag.Label { return diag.Label{At: e.At, Text: text} }
