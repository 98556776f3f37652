package diag

import (
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/source"
)

// The objects of SARIF 2.1.0 that are used here, named as in the standard.
//
// Source: OASIS SARIF 2.1.0, sections 3.13 to 3.52; limits and required
// properties of code scanning as in GitHub docs, "SARIF support".
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version,omitempty"`
		InformationURI string      `json:"informationUri,omitempty"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string          `json:"id"`
		Name             string          `json:"name"`
		ShortDescription sarifText       `json:"shortDescription"`
		FullDescription  *sarifText      `json:"fullDescription,omitempty"`
		Help             *sarifText      `json:"help,omitempty"`
		HelpURI          string          `json:"helpUri,omitempty"`
		Default          sarifLevel      `json:"defaultConfiguration"`
		Properties       sarifProperties `json:"properties"`
	}
	sarifLevel struct {
		Level string `json:"level"`
	}
	sarifProperties struct {
		Tags       []string `json:"tags,omitempty"`
		Precision  string   `json:"precision,omitempty"`
		Confidence string   `json:"confidence,omitempty"`
		Value      string   `json:"value,omitempty"`
		Help       string   `json:"help,omitempty"`
		Problem    string   `json:"problem.severity,omitempty"`
		Security   string   `json:"security-severity,omitempty"` // "0.0" to "10.0"
	}
	sarifText struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown,omitempty"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Related      []sarifLocation   `json:"relatedLocations,omitempty"`
		Fingerprints map[string]string `json:"partialFingerprints"`
		Properties   sarifProperties   `json:"properties"`
	}
	sarifLocation struct {
		ID       int           `json:"id,omitempty"`
		Message  *sarifText    `json:"message,omitempty"`
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI  string `json:"uri"`
		Base string `json:"uriBaseId"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
		EndLine     int `json:"endLine,omitempty"`
		EndColumn   int `json:"endColumn,omitempty"`
	}
)

const (
	sarifSchema = "https://json.schemastore.org/sarif-2.1.0.json"
	// sarifFingerprint is the name and version of [Fingerprint] in SARIF.
	sarifFingerprint = "nativizeFinding/v1"
)

func writeSARIF(w io.Writer, r *Report) error {
	lines := newLines(r)
	rules, index := sarifRules(r)
	run := sarifRun{
		Tool:       sarifTool{sarifDriver{Name: r.tool(), Version: r.Version, InformationURI: r.URI, Rules: rules}},
		ColumnKind: "utf16CodeUnits",
		Results:    make([]sarifResult, 0, len(r.Findings)),
	}
	for i := range r.Findings {
		d := &r.Findings[i]
		run.Results = append(run.Results, sarifFinding(d, index[d.Rule], lines))
	}
	return encode(w, sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{run}})
}

// sarifRules lists the rules of the report and those that only findings name.
func sarifRules(r *Report) ([]sarifRule, map[string]int) {
	rules := make([]sarifRule, 0, len(r.Rules))
	index := map[string]int{}
	add := func(rule Rule) {
		if _, ok := index[rule.ID]; !ok {
			index[rule.ID] = len(rules)
			rules = append(rules, newSARIFRule(rule))
		}
	}
	for _, rule := range r.Rules {
		add(rule)
	}
	for i := range r.Findings {
		add(r.rule(r.Findings[i].Rule))
	}
	return rules, index
}

func newSARIFRule(rule Rule) sarifRule {
	out := sarifRule{
		ID: rule.ID, Name: pascal(rule.ID), ShortDescription: sarifText{Text: orElse(rule.Title, rule.ID)},
		HelpURI: rule.URI, Default: sarifLevel{sarifSeverity(rule.Severity)},
		Properties: sarifProperties{Tags: slices.Clone(rule.Tags), Precision: precision(rule.Confidence)},
	}
	if slices.Contains(rule.Tags, "security") {
		out.Properties.Security = securitySeverity(rule.Severity)
	} else {
		out.Properties.Problem = problemSeverity(rule.Severity)
	}
	if rule.Text != "" {
		out.FullDescription = &sarifText{Text: rule.Text, Markdown: rule.Text}
	}
	if help := strings.TrimSpace(rule.Text + "\n\n" + rule.Help); help != "" {
		out.Help = &sarifText{Text: help, Markdown: help}
	}
	return out
}

func sarifFinding(d *Diagnostic, index int, l *lines) sarifResult {
	out := sarifResult{
		RuleID: d.Rule, RuleIndex: index, Level: sarifSeverity(d.Severity), Message: sarifText{Text: Visible(d.Message)},
		Locations:    []sarifLocation{},
		Fingerprints: map[string]string{sarifFingerprint: fingerprint(d)},
		Properties:   sarifProperties{Confidence: string(d.Confidence), Value: d.Value, Help: d.Help},
	}
	if at := d.Main(); at.File != "" {
		out.Locations = append(out.Locations, sarifPlace(at, l))
	}
	for _, at := range d.At[min(1, len(d.At)):] {
		out.addRelated(at, "also here", l)
	}
	for _, label := range d.Related {
		out.addRelated(label.At, Visible(label.Text), l)
	}
	return out
}

func (s *sarifResult) addRelated(at source.Span, text string, l *lines) {
	if at.File == "" {
		return
	}
	loc := sarifPlace(at, l)
	loc.ID = len(s.Related) + 1
	loc.Message = &sarifText{Text: text}
	s.Related = append(s.Related, loc)
}

func sarifPlace(at source.Span, l *lines) sarifLocation {
	uri := url.URL{Path: at.File}
	loc := sarifLocation{Physical: sarifPhysical{Artifact: sarifArtifact{URI: uri.String(), Base: "%SRCROOT%"}}}
	if at.Line < 1 {
		return loc
	}
	region := &sarifRegion{StartLine: at.Line, StartColumn: max(l.column(at.File, at.Line, at.Col), 0)}
	if at.EndLine >= at.Line {
		region.EndLine = at.EndLine
		region.EndColumn = max(l.column(at.File, at.EndLine, at.EndCol), 0)
	}
	loc.Physical.Region = region
	return loc
}

func sarifSeverity(s Severity) string {
	if s == Error || s == Warning {
		return string(s)
	}
	return "note"
}

// problemSeverity is code scanning's word for the severity of a rule that is not
// about security.
func problemSeverity(s Severity) string {
	if s == Error || s == Warning {
		return string(s)
	}
	return "recommendation"
}

// securitySeverity is the score that code scanning ranks findings of security
// by: above 9.0 critical, from 7.0 high, from 4.0 medium, below low.
func securitySeverity(s Severity) string {
	switch s {
	case Error:
		return "8.0"
	case Warning:
		return "5.0"
	}
	return "3.0"
}

// precision is code scanning's word for confidence.
func precision(c Confidence) string {
	if c == High || c == Medium || c == Low {
		return string(c)
	}
	return ""
}

// pascal turns unguarded-rm-rf into UnguardedRmRf, the form of a rule's name.
func pascal(id string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(id, "-") {
		if word != "" {
			b.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return b.String()
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
