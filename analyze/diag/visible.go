package diag

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nativize/nativize/analyze/source"
)

// Visible returns s with every character that could steer a terminal, reorder
// text or break a line made visible as an escape (\n, \x1b, \u202e); bytes that
// are not UTF-8, and the runes that stand for them in the text of a script,
// become \xNN. What is printed of a repository goes through it.
//
// Source: UAX #9 for the bidirectional controls, ECMA-48 for C0 and C1.
func Visible(s string) string { return visible(s, false) }

func visible(s string, keepTab bool) string {
	if !needsEscape(s, keepTab) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		b.WriteString(escapeRune(s[i:i+n], r, keepTab))
		i += n
	}
	return b.String()
}

func needsEscape(s string, keepTab bool) bool {
	for i, r := range s {
		if r == utf8.RuneError && strings.IndexByte("\xef", s[i]) < 0 {
			return true
		}
		if steers(r) && (!keepTab || r != '\t') {
			return true
		}
	}
	return false
}

// steers tells whether r acts on the display instead of being displayed.
func steers(r rune) bool {
	if _, bad := source.ByteOf(r); bad {
		return true
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' || r == utf8.RuneError
}

func escapeRune(raw string, r rune, keepTab bool) string {
	if c, bad := source.ByteOf(r); bad {
		return fmt.Sprintf(`\x%02x`, c)
	}
	switch {
	case r == '\t' && keepTab:
		return raw
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case r == utf8.RuneError && len(raw) == 1:
		return fmt.Sprintf(`\x%02x`, raw[0])
	case r < 0x100 && steers(r):
		return fmt.Sprintf(`\x%02x`, r)
	case steers(r) && r != utf8.RuneError:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return raw
}
