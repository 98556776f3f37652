package input

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
)

// EnvFile reads files of environment variables and their samples.
var EnvFile = &Kind{
	Name:   "env",
	Doc:    "environment file: KEY=value lines as systemd, Docker and dotenv libraries read them",
	Claims: func(p string, _ []byte) bool { return isEnvFile(p) },
	read: func(r *reader) {
		r.out.Settings = append(r.out.Settings, r.envKeys()...)
	},
}

var envName = lazyregexp.New(`(?i)^(\.env(\.[a-z0-9_.-]+)?|\.?env[._-](example|sample|dist|template|default|production|prod|staging|development|local|test)|[a-z0-9_-]+\.env(\.[a-z0-9_-]+)?|\.flaskenv|\.envrc|environment|env)$`)

// isEnvFile tells by its name whether a file holds environment variables.
func isEnvFile(p string) bool {
	base := path.Base(p)
	if !strings.Contains(base, "env") && !strings.Contains(base, "ENV") && !strings.Contains(p, "default/") {
		return false
	}
	return envName.MatchString(base) || path.Base(path.Dir(p)) == "default" && strings.Contains(p, "etc/default/")
}

// IsSample tells whether a file is a sample that is copied and then edited, and
// the path of the copy: ".env.example" becomes ".env", "app.ini-dist" "app.ini".
func IsSample(p string) (target string, ok bool) {
	dir, base := path.Split(p)
	for _, word := range []string{"example", "sample", "dist", "template", "tmpl", "default", "defaults"} {
		for _, sep := range []string{".", "-", "_"} {
			if t := strings.TrimSuffix(base, sep+word); t != base && t != "" {
				return dir + t, true
			}
			if i := strings.Index(base, sep+word+"."); i > 0 {
				return dir + base[:i] + base[i+len(sep)+len(word):], true
			}
			if t := strings.TrimPrefix(base, word+sep); t != base && strings.Contains(t, ".") {
				return dir + t, true
			}
		}
	}
	if strings.EqualFold(base, "env.example") || strings.EqualFold(base, "env-example") || strings.EqualFold(base, "example.env") {
		return dir + ".env", true
	}
	return "", false
}

var (
	envLine     = lazyregexp.New(`^(?:export\s+)?([A-Za-z_][A-Za-z0-9_.]*)\s*[=:]\s*`)
	envDisabled = lazyregexp.New(`^#+\s?(?:export\s+)?([A-Z_][A-Z0-9_]*)=\s*`)
)

// envKeys reads KEY=value lines: quotes are removed, a double-quoted value may
// go over several lines, " #" starts a comment after an unquoted one. A
// commented-out assignment counts as disabled.
func (r *reader) envKeys() []Key {
	var out []Key
	var comment []string
	lines := r.lines()
	for i := 0; i < len(lines) && len(out) < maxKeys; i++ {
		l := lines[i].trim()
		switch m := envLine.FindStringSubmatchIndex(l.text); {
		case l.text == "":
			comment = nil
		case l.text[0] == '#':
			if d := envDisabled.FindStringSubmatchIndex(l.text); d != nil {
				k := r.key(l.text[d[2]:d[3]], envValue(l.text[d[1]:]), l.off+d[2])
				k.Disabled, k.Comment = true, strings.Join(comment, " ")
				out = append(out, k)
				comment = nil
				continue
			}
			comment = append(comment, strings.TrimSpace(strings.TrimLeft(l.text, "#")))
		case m == nil:
			if !strings.HasPrefix(l.text, "[") && path.Base(r.path) != ".envrc" {
				r.problem(l.off, "a line of the form KEY=value was expected")
			}
		default:
			var raw string
			raw, i = quotedLines(lines, i, l, m[1])
			k := r.key(l.text[m[2]:m[3]], envValue(raw), l.off+m[2])
			k.Comment = strings.Join(comment, " ")
			out = append(out, k)
			comment = nil
		}
	}
	return out
}

// quotedLines returns the value that starts at byte from of the line l; one in
// quotes may end on a later line, whose index is returned.
func quotedLines(lines []line, i int, l line, from int) (string, int) {
	value := l.text[from:]
	if value == "" || value[0] != '"' && value[0] != '\'' || closed(value) {
		return value, i
	}
	for j := i + 1; j < len(lines) && j < i+200; j++ {
		value += "\n" + lines[j].text
		if closed(value) {
			return value, j
		}
	}
	return l.text[from:], i
}

// closed tells whether the quote that a value starts with is closed in it.
func closed(value string) bool {
	for i := 1; i < len(value); i++ {
		if value[i] == '\\' && value[0] == '"' {
			i++
		} else if value[i] == value[0] {
			return true
		}
	}
	return false
}

// envValue removes quotes, or the comment after an unquoted value.
func envValue(raw string) string {
	if raw == "" {
		return ""
	}
	if q := raw[0]; (q == '"' || q == '\'') && closed(raw) {
		end := 1
		for end < len(raw) && raw[end] != q {
			if raw[end] == '\\' && q == '"' {
				end++
			}
			end++
		}
		value := raw[1:min(end, len(raw))]
		if q == '"' {
			value = strings.NewReplacer(`\n`, "\n", `\"`, `"`, `\\`, `\`, `\$`, `$`).Replace(value)
		}
		return value
	}
	return strings.TrimSpace(stripInline(" "+raw, "#"))
}
