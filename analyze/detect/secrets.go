package detect

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/input/secret"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/shell"
	"github.com/nativize/nativize/analyze/source"
)

// Secrets finds credentials in the scripts, in what accompanies them and in
// tracked settings, and takes their values out of all text of the deployment.
// Facts hold places, never values.
func Secrets(d *model.Deployment, m *shell.Machine, c *Companion) {
	hide := &redactor{values: map[string]bool{}}
	for _, name := range c.searched(m) {
		for _, f := range c.credentials(name) {
			if s := f.secret; !s.Weak {
				d.Facts.Secrets = append(d.Facts.Secrets, model.Secret{Rule: s.Rule, Evidence: model.Evidence{
					At: []source.Pos{s.At.Pos}, Certainty: model.Must, Origin: model.FromScript, Why: s.What}})
			}
			hide.add(f)
		}
	}
	markSecret(d)
	hide.deployment(d)
}

// secretNames end the names of files that hold settings or keys.
var secretNames = []string{".env", ".pem", ".key", ".p12", ".pfx", ".jks", ".htpasswd", ".pgpass", ".netrc", ".npmrc", "_rsa", "_dsa", "_ecdsa", "_ed25519", "credentials", "master.key",
	"settings.py", "settings.php", "config.php", "configuration.php", "wp-config.php", "database.yml", "database.php", "secrets.yml", "application.properties", "application.yml", "appsettings.json", "web.config"}

// searched lists the files to be searched: the scripts, the files that declare
// something, and those whose name says that they hold settings or keys.
func (c *Companion) searched(m *shell.Machine) []string {
	if c.settings == nil {
		c.settings = c.mayHoldSecrets()
	}
	if m == nil {
		return c.settings
	}
	out := slices.Clone(c.settings)
	for _, s := range m.Scripts() {
		out = append(out, s.Path)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// mayHoldSecrets lists those of them that are no scripts.
func (c *Companion) mayHoldSecrets() []string {
	out := []string{}
	for _, r := range c.Results {
		out = append(out, r.Path)
	}
	for _, f := range c.repo.Files() {
		if f.Ignored || !f.IsRegular() || f.Size > secret.MaxSize || vendored(f.Path) {
			continue
		}
		base := strings.ToLower(path.Base(f.Path))
		if strings.HasPrefix(base, ".env") || slices.ContainsFunc(secretNames, func(end string) bool { return strings.HasSuffix(base, end) }) {
			out = append(out, f.Path)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// A credential is a secret with the text that it is.
type credential struct {
	secret secret.Secret
	value  string
}

// credentials are the secrets of a file, read once.
func (c *Companion) credentials(name string) []credential {
	if out, ok := c.secrets[name]; ok {
		return out
	}
	var out []credential
	if b, err := c.repo.Read(name); err == nil {
		for _, s := range secret.Quick(name, b) {
			out = append(out, credential{s, spanText(b, s.At)})
		}
	}
	if c.secrets == nil {
		c.secrets = map[string][]credential{}
	}
	c.secrets[name] = out
	return out
}

// SecretsIn returns the credentials in a file of the repository.
func (c *Companion) SecretsIn(name string) []secret.Secret {
	list, ok := c.secrets[name]
	if !ok {
		b, err := c.repo.Read(name)
		if err != nil {
			return nil
		}
		return secret.Quick(name, b)
	}
	var out []secret.Secret
	for i := range list {
		out = append(out, list[i].secret)
	}
	return out
}

// markSecret notes the configuration files that hold credentials: the samples
// in the repository say so, or their names do.
func markSecret(d *model.Deployment) {
	files := map[string]bool{}
	for _, s := range d.Facts.Secrets {
		files[s.At[0].File] = true
	}
	for i := range d.Facts.ConfigFiles {
		c := &d.Facts.ConfigFiles[i]
		base := path.Base(c.Path)
		c.Secret = c.Secret || c.From != "" && files[c.From] || base == ".env" || strings.HasPrefix(base, ".env.") || base == ".htpasswd" || base == ".pgpass" || base == ".my.cnf"
	}
}

// hidden stands for a value that is not shown.
const hidden = "***"

// A redactor takes credentials out of text.
type redactor struct {
	values map[string]bool // long enough to be replaced anywhere
	marks  []mark
}

// A mark is a value at its place.
type mark struct {
	at    source.Span
	value string
}

// minAnywhere is the length, in bytes, from which a value is replaced wherever
// it stands; shorter ones may be words, and are replaced at their place only.
const minAnywhere = 8

// unusual tells whether a value is no word that may stand elsewhere for itself:
// it has a digit or a sign beside letters.
func unusual(v string) bool {
	return strings.ContainsAny(v, "0123456789!@#%^&*+=?~") && strings.ContainsFunc(v, func(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' })
}

func (r *redactor) add(c credential) {
	s, v := c.secret, c.value
	if v == "" || strings.ContainsAny(v, "\n") {
		return
	}
	r.marks = append(r.marks, mark{s.At, v})
	if len(v) >= minAnywhere && unusual(v) && !s.Weak && !strings.Contains(v, "$") {
		r.values[v] = true
	}
}

// spanText is the text of a span of one line.
func spanText(text []byte, at source.Span) string {
	lines := strings.SplitN(string(text), "\n", at.Line+1)
	if at.Line < 1 || at.Line > len(lines) {
		return ""
	}
	line := lines[at.Line-1]
	from, to := at.Col-1, len(line)
	if at.EndLine == at.Line {
		to = min(to, at.EndCol-1)
	}
	if from < 0 || from >= to {
		return ""
	}
	return line[from:to]
}

// text replaces the values in a text that stands at some places.
func (r *redactor) text(s string, at []source.Pos, end int) string {
	for v := range r.values {
		s = strings.ReplaceAll(s, v, hidden)
	}
	for _, m := range r.marks {
		for _, p := range at {
			if p.File == m.at.File && p.Line <= m.at.Line && m.at.Line <= max(end, p.Line) {
				s = replaceWord(s, m.value)
			}
		}
	}
	return s
}

// replaceWord replaces a value where it stands for itself, not within a word.
func replaceWord(s, v string) string {
	var b strings.Builder
	for {
		i := strings.Index(s, v)
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		end := i + len(v)
		if end < len(s) && wordByte(s[end]) {
			b.WriteString(s[:end])
		} else {
			b.WriteString(s[:i] + hidden)
		}
		s = s[end:]
	}
}

func wordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// deployment takes the values out of all that is printed of a deployment.
func (r *redactor) deployment(d *model.Deployment) {
	if len(r.marks) == 0 {
		return
	}
	for i := range d.Statements {
		s := &d.Statements[i]
		s.Text = r.text(s.Text, []source.Pos{s.At.Pos}, s.At.EndLine)
		s.Detail = r.text(s.Detail, []source.Pos{s.At.Pos}, s.At.EndLine)
	}
	for i := range d.Requirements {
		d.Requirements[i].Text = r.text(d.Requirements[i].Text, d.Requirements[i].At, 0)
	}
	d.ClassReason = r.text(d.ClassReason, d.ClassAt, 0)
	r.commands(&d.Facts)
	r.units(&d.Facts)
}

// commands takes the values out of the facts that are command lines.
func (r *redactor) commands(f *model.Facts) {
	for i := range f.Migrations {
		r.line(&f.Migrations[i].Command, &f.Migrations[i].Evidence)
	}
	for i := range f.Steps {
		r.line(&f.Steps[i].Command, &f.Steps[i].Evidence)
	}
	for i := range f.Cron {
		r.line(&f.Cron[i].Command, &f.Cron[i].Evidence)
	}
	for i := range f.Backups {
		r.line(&f.Backups[i].Command, &f.Backups[i].Evidence)
	}
	for i := range f.Languages {
		r.line(&f.Languages[i].What, &f.Languages[i].Evidence)
	}
	for i := range f.Downloads {
		r.line(&f.Downloads[i].URL, &f.Downloads[i].Evidence)
	}
	for i := range f.Remotes {
		r.line(&f.Remotes[i].Host, &f.Remotes[i].Evidence)
	}
}

func (r *redactor) line(s *string, ev *model.Evidence) {
	*s = r.text(*s, ev.At, 0)
	ev.When = r.text(ev.When, ev.At, 0)
}

// units takes the values out of what is printed of units; the text of a unit
// file is not.
func (r *redactor) units(f *model.Facts) {
	for i := range f.Units {
		u := &f.Units[i]
		r.line(&u.Exec, &u.Evidence)
		u.Pre = slices.Clone(u.Pre) // another deployment of the repository may share it
		for k := range u.Pre {
			r.line(&u.Pre[k], &u.Evidence)
		}
	}
}
