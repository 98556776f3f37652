package templates

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// unitValue makes s a value of a unit file that is not split into words, such
// as WorkingDirectory=: % is doubled, since systemd.unit(5) expands specifiers
// everywhere. Control characters and a trailing backslash (a continuation) are
// refused.
func unitValue(s string) (string, error) {
	if err := printable(s); err != nil {
		return "", err
	}
	if strings.HasSuffix(s, `\`) {
		return "", &ValueError{Value: s, Reason: "a unit file takes the backslash at the end of a line for a continuation"}
	}
	return strings.ReplaceAll(s, "%", "%%"), nil
}

// UnitArg makes s one word of a unit file's command line or list, by the rules
// of systemd.syntax(7) and systemd.service(5): quoted when it holds white
// space, quotes, a backslash or a lone semicolon; % and $ are doubled.
func UnitArg(s string) (string, error) {
	s, err := unitWord(s)
	return strings.ReplaceAll(s, "$", "$$"), err
}

// unitWord is UnitArg for settings in which $ has no meaning: paths, names.
func unitWord(s string) (string, error) {
	if err := printable(s); err != nil {
		return "", err
	}
	s = strings.ReplaceAll(s, "%", "%%")
	if s != "" && s != ";" && !strings.ContainsAny(s, " \t\"'\\") {
		return s, nil
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`, nil
}

// tmpfilesArg makes s one field of tmpfiles.d(5) or sysusers.d(5): the same
// quoting and specifiers as in units.
func tmpfilesArg(s string) (string, error) { return unitWord(s) }

func printable(s string) error {
	if !utf8.ValidString(s) {
		return &ValueError{Value: s, Reason: "it is not UTF-8"}
	}
	for _, r := range s {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return &ValueError{Value: s, Reason: "it holds the control character " + strconv.QuoteRune(r)}
		}
	}
	return nil
}

// yamlScalar writes s as a double-quoted YAML scalar on one line.
func yamlScalar(s string) (string, error) {
	if !utf8.ValidString(s) {
		return "", &ValueError{Value: s, Reason: "it is not UTF-8"}
	}
	out, err := yaml.Marshal(&yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: s})
	if err != nil {
		return "", &ValueError{Value: s, Reason: err.Error()}
	}
	return strings.TrimSuffix(string(out), "\n"), nil
}

// jinjaScalar is yamlScalar for Ansible: text that its templating would
// evaluate is tagged !unsafe.
func jinjaScalar(s string) (string, error) {
	y, err := yamlScalar(s)
	if err == nil && (strings.Contains(s, "{{") || strings.Contains(s, "{%") || strings.Contains(s, "{#")) {
		y = "!unsafe " + y
	}
	return y, err
}

// ruby writes s as a single-quoted Ruby string, in which only \ and ' are
// special.
func ruby(s string) (string, error) {
	if err := printable(s); err != nil {
		return "", err
	}
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'", nil
}

// toml writes s as a TOML basic string; JSON's escapes are a subset of TOML's.
func toml(s string) (string, error) {
	if !utf8.ValidString(s) {
		return "", &ValueError{Value: s, Reason: "it is not UTF-8"}
	}
	out, err := json.Marshal(s)
	return string(out), err
}

// Markdown escapes s for running text of GitHub Flavored Markdown: no markup, no
// link, no HTML, no table cell and no new line can come out of it.
func Markdown(s string) string {
	var b strings.Builder
	for _, r := range Note(s) {
		switch r {
		case '<':
			b.WriteString("&lt;")
			continue
		case '>':
			b.WriteString("&gt;")
			continue
		case '&':
			b.WriteString("&amp;")
			continue
		}
		if strings.ContainsRune("\\`*_{}[]()#+!|~$", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return autolink.Replace(b.String())
}

// autolink takes apart what becomes a link without any markup.
var autolink = strings.NewReplacer("://", "&#58;//", "www.", "www&#46;", "WWW.", "WWW&#46;", "@", "&#64;")

// MarkdownCode writes s as inline code: fenced by one more backtick than the
// longest run in it. "" is a dash.
func MarkdownCode(s string) string {
	s = Note(s)
	if s == "" {
		return "-"
	}
	run, longest := 0, 0
	for _, r := range s {
		if r != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	fence := strings.Repeat("`", longest+1)
	if longest > 0 || strings.HasPrefix(s, " ") {
		return fence + " " + s + " " + fence
	}
	return fence + s + fence
}

// markdownCell is MarkdownCode in a table, where a bar ends the cell even
// inside code (GitHub Flavored Markdown, "Tables").
func markdownCell(s string) string {
	return strings.ReplaceAll(MarkdownCode(s), "|", `\|`)
}
