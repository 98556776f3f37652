package root

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// mirror returns the address that the machine's apt is set up to take a Debian
// suite from, or "" when it names none: debootstrap then uses its own default.
// etcApt is /etc/apt.
//
// Source: sources.list(5), both styles.
func mirror(etcApt, suite string) string {
	files, _ := filepath.Glob(filepath.Join(etcApt, "sources.list.d", "*"))
	for _, file := range append([]string{filepath.Join(etcApt, "sources.list")}, files...) {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		find := findOneLine
		if filepath.Ext(file) == ".sources" {
			find = findStanza
		}
		if uri := find(string(text), suite); uri != "" {
			return uri
		}
	}
	return ""
}

// findOneLine reads lines of the form: deb [option=value ...] uri suite component ...
func findOneLine(text, suite string) string {
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		kind, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if kind != "deb" {
			continue
		}
		rest = strings.TrimSpace(rest)
		if strings.HasPrefix(rest, "[") {
			_, rest, _ = strings.Cut(rest, "]")
		}
		f := strings.Fields(rest)
		if len(f) > 2 && f[1] == suite && usable(f[0]) {
			return f[0]
		}
	}
	return ""
}

// findStanza reads paragraphs of "Types:", "URIs:", "Suites:" and "Enabled:" fields.
func findStanza(text, suite string) string {
	for _, stanza := range strings.Split(text, "\n\n") {
		fields := map[string][]string{}
		for line := range strings.Lines(stanza) {
			if name, value, ok := strings.Cut(line, ":"); ok && !strings.HasPrefix(line, "#") {
				fields[strings.ToLower(name)] = strings.Fields(value)
			}
		}
		if has(fields["enabled"], "no") || !has(fields["types"], "deb") || !has(fields["suites"], suite) {
			continue
		}
		for _, uri := range fields["uris"] {
			if usable(uri) {
				return uri
			}
		}
	}
	return ""
}

// usable tells whether debootstrap can read from uri.
func usable(uri string) bool {
	scheme, _, ok := strings.Cut(uri, "://")
	return ok && has([]string{"http", "https"}, scheme) || strings.HasPrefix(uri, "file:/")
}

func has(list []string, s string) bool { return slices.Contains(list, s) }
