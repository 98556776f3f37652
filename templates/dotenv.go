package templates

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/nativize/nativize/analyze/lazyregexp"
)

// A DotEnvProblem is a line of a .env file that has no counterpart in an
// EnvironmentFile.
type DotEnvProblem struct {
	Line int
	Text string
}

func (p DotEnvProblem) String() string { return fmt.Sprintf("line %d: %s", p.Line, p.Text) }

var assignment = lazyregexp.New(`^(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*(.*)$`)

// DotEnv turns a .env file, which a shell or a dotenv library reads, into the
// grammar of EnvironmentFile= in systemd.exec(5): no export, no expansion.
// References to variables that the file itself set before are filled in; any
// other reference and any line that is no assignment is a problem, and the line
// becomes a comment. Each value is written so that systemd and POSIX sh read
// the same from it. Comments and empty lines stay.
func DotEnv(data []byte) (string, []DotEnvProblem) {
	d := dotEnv{vars: map[string]string{}}
	lines := strings.Split(strings.TrimSuffix(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		i += d.line(i+1, lines[i:])
	}
	return d.out.String(), d.problems
}

type dotEnv struct {
	vars     map[string]string
	out      strings.Builder
	problems []DotEnvProblem
}

// line reads the first of lines and returns how many more belong to it.
func (d *dotEnv) line(n int, lines []string) int {
	l := strings.TrimSpace(lines[0])
	if l == "" || strings.HasPrefix(l, "#") {
		d.out.WriteString(l + "\n")
		return 0
	}
	// What ends the line may lie within quotes.
	m := assignment.FindStringSubmatch(strings.TrimLeftFunc(lines[0], unicode.IsSpace))
	if m == nil {
		d.drop(n, l, "no assignment")
		return 0
	}
	value, more, err := d.value(m[2], lines[1:])
	if err != nil {
		d.drop(n, m[1]+"=...", err.Error())
		return more
	}
	d.vars[m[1]] = value
	d.out.WriteString(m[1] + "=" + envQuote(value) + "\n")
	return more
}

// drop writes what could not be kept as a comment, without a value, which may
// be a secret.
func (d *dotEnv) drop(n int, text, why string) {
	if !strings.HasSuffix(text, "=...") {
		text = "line " + fmt.Sprint(n)
	}
	d.problems = append(d.problems, DotEnvProblem{Line: n, Text: strings.TrimSuffix(text, "=...") + ": " + why})
	d.out.WriteString("# " + Note(text) + " (" + why + ")\n")
}

// value reads a value in any of the three quotings; rest are the lines after
// it, for a quoted value with new lines.
func (d *dotEnv) value(s string, rest []string) (string, int, error) {
	if s == "" {
		return "", 0, nil
	}
	q := s[0]
	if q != '\'' && q != '"' {
		if i := strings.Index(s, " #"); i >= 0 {
			s = s[:i]
		}
		v, err := d.expand(strings.TrimSpace(s))
		return v, 0, err
	}
	body, more, ok := quoted(s[1:], q, rest)
	if !ok {
		return "", 0, fmt.Errorf("its quote is not closed")
	}
	if q == '\'' {
		return body, more, nil
	}
	v, err := d.expand(body)
	return v, more, err
}

// quoted returns the text up to the closing quote, which may be lines below.
func quoted(s string, q byte, rest []string) (string, int, bool) {
	for more := 0; ; more++ {
		for i := 0; i < len(s); i++ {
			switch {
			case s[i] == '\\' && q == '"':
				i++
			case s[i] == q:
				return s[:i], more, true
			}
		}
		if more == len(rest) {
			return "", 0, false
		}
		s += "\n" + rest[more]
	}
}

var reference = lazyregexp.New(`^\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))`)

// expand takes escapes away and fills in variables.
func (d *dotEnv) expand(s string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && strings.IndexByte("\"\\$`", s[i+1]) >= 0:
			i++
			b.WriteByte(s[i])
		case s[i] == '\\' && i+1 < len(s) && s[i+1] == 'n':
			i++
			b.WriteByte('\n')
		case s[i] == '`' || strings.HasPrefix(s[i:], "$("):
			return "", fmt.Errorf("it runs a command")
		case s[i] == '$':
			m := reference.FindStringSubmatch(s[i:])
			if m == nil {
				if strings.HasPrefix(s[i:], "${") {
					return "", fmt.Errorf("it expands a variable")
				}
				b.WriteByte('$')
				continue
			}
			v, ok := d.vars[m[1]+m[2]]
			if !ok {
				return "", fmt.Errorf("it uses %s, which the file does not set before", m[1]+m[2])
			}
			b.WriteString(v)
			i += len(m[0]) - 1
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), nil
}

var plainEnv = lazyregexp.New(`^[A-Za-z0-9_./:@%+,-]+$`)

// envQuote quotes so that systemd and sh agree: inside double quotes both take
// a backslash before ", \, $ and ` away.
func envQuote(s string) string {
	if s == "" || plainEnv.MatchString(s) {
		return s
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, `$`, `\$`, "`", "\\`").Replace(s) + `"`
}
