package lint

import (
	"fmt"
	"strings"

	"github.com/nativize/nativize/analyze/diag"
)

// Page is the page of a rule in Markdown, as `nativize explain RULE` prints it
// and docs/rules.md holds it. It is "" for an unknown rule.
func Page(id string) string {
	r := ByID(id)
	if r == nil {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s", r.ID, r.body("##"))
	return b.String()
}

// body is the page below its heading.
func (r *Rule) body(heading string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s.\n\n", r.Doc.Title)
	fmt.Fprintf(&b, "Group: %s. Severity: %s. Confidence: %s. Since: %s. Fix: %s.\n\n", r.Group, r.Severity, r.Confidence, r.Doc.Since, r.fixWord())
	fmt.Fprintf(&b, "%s\n\n", strings.TrimSpace(r.Doc.Text))
	example(&b, heading+" Bad", r.Doc.Bad)
	example(&b, heading+" Good", r.Doc.Good)
	if r.Doc.Exceptions != "" {
		fmt.Fprintf(&b, "%s Exceptions\n\n%s\n\n", heading, strings.TrimSpace(r.Doc.Exceptions))
	}
	if len(r.Doc.References) > 0 {
		fmt.Fprintf(&b, "%s References\n\n", heading)
		for _, ref := range r.Doc.References {
			fmt.Fprintf(&b, "- %s\n", ref)
		}
		b.WriteByte('\n')
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

func (r *Rule) fixWord() string {
	switch {
	case r.Fix == "":
		return "by hand"
	case r.Unsafe:
		return r.Fix + " (with --unsafe-fixes)"
	}
	return r.Fix
}

func example(b *strings.Builder, heading, text string) {
	if text == "" {
		return
	}
	lang := "sh"
	if strings.HasPrefix(text, "-- ") {
		lang = "text"
	}
	fmt.Fprintf(b, "%s\n\n```%s\n%s\n```\n\n", heading, lang, strings.Trim(text, "\n"))
}

// help is what to do, for SARIF.
func (r *Rule) help() string {
	var b strings.Builder
	example(&b, "Instead of", r.Doc.Bad)
	example(&b, "write", r.Doc.Good)
	return strings.TrimSpace(b.String())
}

// Markdown is docs/rules.md: an index, then every page, by group.
func Markdown() string {
	var b strings.Builder
	b.WriteString("# Rules\n\n")
	fmt.Fprintf(&b, "The %d rules of `nativize lint`, generated from the code; `nativize explain RULE` prints one page. Severity says how bad a "+
		"finding is, confidence how sure. Rules judge what the scripts do, run twice on an abstract machine, not how their text reads.\n", len(All))
	for _, g := range Groups {
		fmt.Fprintf(&b, "\n## %s\n\n| rule | what it finds | severity | confidence | fix |\n| --- | --- | --- | --- | --- |\n", title(string(g)))
		for _, r := range inGroup(g) {
			fix := ""
			if r.Fix != "" {
				fix = "yes"
			}
			if r.Unsafe {
				fix = "unsafe"
			}
			fmt.Fprintf(&b, "| [%s](#%s) | %s | %s | %s | %s |\n", r.ID, r.ID, r.Doc.Title, r.Severity, r.Confidence, fix)
		}
	}
	for _, g := range Groups {
		for _, r := range inGroup(g) {
			fmt.Fprintf(&b, "\n## %s\n\n%s", r.ID, r.body("###"))
		}
	}
	return b.String()
}

func title(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func inGroup(g Group) []*Rule {
	var out []*Rule
	for _, r := range All {
		if r.Group == g {
			out = append(out, r)
		}
	}
	return out
}

// ParseSeverity reads a severity as it is written in flags and files.
func ParseSeverity(s string) (diag.Severity, error) {
	for _, v := range diag.Severities {
		if string(v) == s {
			return v, nil
		}
	}
	return "", fmt.Errorf("unknown severity %q (have error, warning, note)", s)
}

// ParseConfidence reads a confidence as it is written in flags and files.
func ParseConfidence(s string) (diag.Confidence, error) {
	for _, v := range diag.Confidences {
		if string(v) == s {
			return v, nil
		}
	}
	return "", fmt.Errorf("unknown confidence %q (have high, medium, low)", s)
}
