package lint

import (
	"strings"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/source"
)

// An ignore is a comment that silences a rule:
//
//	rm -rf "$dir"/*   # nativize:ignore unguarded-rm-rf: set by the caller above
//
// It holds for its own line or, when it stands alone, for the next line that is
// no comment. The reason is required.
type ignore struct {
	at     source.Span
	rule   string
	reason string
	line   int // that it silences
	used   bool
}

var ignoreComment = lazyregexp.New(`(#|//|;)\s*nativize:\s*ignore\b[ \t]*(.*)$`)

// ignoresOf reads the comments of a file.
func ignoresOf(f *repoFacts, file string) []*ignore {
	if !strings.Contains(string(f.Text(file)), "nativize:") {
		return nil
	}
	var out []*ignore
	last := len(f.starts(file))
	for n := 1; n <= last; n++ {
		line := f.Line(file, n)
		m := ignoreComment.FindStringSubmatchIndex(line)
		if m == nil {
			continue
		}
		rest := strings.TrimSpace(line[m[4]:m[5]])
		rule, reason, _ := strings.Cut(rest, " ")
		ig := &ignore{rule: strings.Trim(rule, ":[]"), reason: strings.TrimSpace(reason), line: n}
		ig.at = source.Span{Pos: source.Pos{File: file, Line: n, Col: m[2] + 1}, EndLine: n, EndCol: len(line) + 1}
		if strings.TrimSpace(line[:m[2]]) == "" {
			ig.line = nextStatement(f, file, n, last)
		}
		out = append(out, ig)
	}
	return out
}

// nextStatement is the next line that is neither blank nor a comment.
func nextStatement(f *repoFacts, file string, from, last int) int {
	for n := from + 1; n <= last; n++ {
		if t := strings.TrimSpace(f.Line(file, n)); t != "" && !strings.HasPrefix(t, "#") {
			return n
		}
	}
	return from
}

// silence takes out the findings that comments silence. It returns those left,
// with findings about the comments themselves, and the number taken out.
// silenced tells whether the rules about ignores run.
func silence(f *repoFacts, fs []Finding, files []string, active func(rule string) bool) (left []Finding, hidden int) {
	byLine := map[string]map[int][]*ignore{}
	var all []*ignore
	for _, file := range files {
		byLine[file] = map[int][]*ignore{}
		for _, ig := range ignoresOf(f, file) {
			all = append(all, ig)
			byLine[file][ig.line] = append(byLine[file][ig.line], ig)
		}
	}
	for _, x := range fs {
		if match(byLine, x.Diagnostic) {
			hidden++
			continue
		}
		left = append(left, x)
	}
	for _, ig := range all {
		if d, ok := ig.complaint(active); ok {
			left = append(left, Finding{Diagnostic: d, Effect: d.Fingerprint})
		}
	}
	return left, hidden
}

func match(byLine map[string]map[int][]*ignore, d diag.Diagnostic) bool {
	at := d.Main()
	for n := at.Line; n <= max(at.Line, min(at.EndLine, at.Line+200)); n++ {
		for _, ig := range byLine[at.File][n] {
			if ig.rule == d.Rule && ig.reason != "" {
				ig.used = true
				return true
			}
		}
	}
	return false
}

// complaint is the finding about a comment that has no reason, names no rule or
// silences nothing. A rule that does not run leaves its comments alone.
func (ig *ignore) complaint(active func(string) bool) (diag.Diagnostic, bool) {
	rule, message, help := ignoreUnused, "", ""
	switch {
	case ByID(ig.rule) == nil:
		message = "the comment names no rule that exists, so it silences nothing"
		if ig.rule != "" {
			message = "the comment names the rule " + ig.rule + ", which does not exist, so it silences nothing"
		}
		help = "nativize rules lists the rules"
	case ig.reason == "":
		rule, message = ignoreReason, "the comment gives no reason, so "+ig.rule+" is still reported"
		help = "write: # nativize:ignore " + ig.rule + ": why it is right here"
	case !ig.used && active(ig.rule):
		message = "nothing here is reported by " + ig.rule + ": the comment is not needed and would hide a later defect"
		help = "remove the comment"
	default:
		return diag.Diagnostic{}, false
	}
	if !active(rule.ID) {
		return diag.Diagnostic{}, false
	}
	return diag.Diagnostic{
		Rule: rule.ID, Severity: rule.Severity, Confidence: rule.Confidence, Message: message, At: []source.Span{ig.at}, Help: help,
		Fingerprint: diag.Fingerprint(rule.ID, ig.at.File, ig.rule+" "+ig.reason),
	}, true
}

// ignoreUnused and ignoreReason are reported by silence.
var ignoreUnused = &Rule{
	ID: "unused-ignore", Group: Control, Severity: diag.Warning, Confidence: diag.High,
	Doc: Doc{
		Title:      "A nativize:ignore comment silences nothing",
		Text:       "A comment that silences nothing hides the next defect on its line.",
		Bad:        "#!/bin/sh\nset -e\necho done # nativize:ignore curl-pipe-shell: the installer is pinned\n",
		Good:       "#!/bin/sh\nset -e\necho done\n",
		Exceptions: "Silent for a rule that does not run, because it is disabled or was not selected.",
		Since:      "0.1",
	},
}

var ignoreReason = &Rule{
	ID: "ignore-without-reason", Group: Control, Severity: diag.Warning, Confidence: diag.High,
	Doc: Doc{
		Title: "A nativize:ignore comment gives no reason",
		Text:  "Who reads the script later must be able to tell a decision from an oversight. Without a reason the finding stays.",
		Bad:   "#!/bin/sh\nset -e\ncurl -fsS https://example.org/i | sh # nativize:ignore curl-pipe-shell\n",
		Good:  "#!/bin/sh\nset -e\ncurl -fsS https://example.org/i | sh # nativize:ignore curl-pipe-shell: our own host, over a private network\n",
		Since: "0.1",
	},
}
