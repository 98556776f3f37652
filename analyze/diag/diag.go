// Package diag holds findings about a repository and their printing.
package diag

import "github.com/nativize/nativize/analyze/source"

// A Severity orders findings.
type Severity string

// The severities, gravest first.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Note    Severity = "note"
)

// A Confidence says how sure a finding is.
type Confidence string

// The confidences, surest first.
const (
	High   Confidence = "high"
	Medium Confidence = "medium"
	Low    Confidence = "low"
)

// A Label is a place that belongs to a finding, with its part in it.
type Label struct {
	At   source.Span `json:"at"`
	Text string      `json:"text"`
}

// A Diagnostic is one finding. Message names the thing and the consequence.
type Diagnostic struct {
	Rule        string        `json:"rule"`
	Severity    Severity      `json:"severity"`
	Confidence  Confidence    `json:"confidence"`
	Message     string        `json:"message"`
	At          []source.Span `json:"at"` // the first is the main place
	Related     []Label       `json:"related,omitempty"`
	Value       string        `json:"value,omitempty"` // what the operand resolves to
	Help        string        `json:"help,omitempty"`
	Fingerprint string        `json:"fingerprint"`
}
