package secret

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/input"
	"github.com/nativize/nativize/analyze/lazyregexp"
)

// A Rule is how deployments hand a credential over. The last group of its
// expression is the value.
type Rule struct {
	ID   string
	What string // what is found, in words
	Why  string // what comes of it
	word string // must be on the line: a cheap test first
	re   *lazyregexp.Regexp
}

// value matches one shell word as the value of an option: quoted or not.
const value = `("[^"\n]*"|'[^'\n]*'|[^\s"';|&<>()]+)`

// program matches a command and its arguments up to an option.
const args = `\b[^\n;|&]*?\s`

// Rules are the rules for lines. Rules about whole files and settings are
// private-key, key-file, env-secret, config-secret and weak-default.
var Rules = []*Rule{
	{"mysql-password", "password of a MySQL client", "other users see it in the process list", "-p", lazyregexp.New(`\b(?:mysql|mysqldump|mysqladmin|mysqlimport|mariadb|mariadb-dump|mariadb-admin)` + args + `-p` + value)},
	{"mysql-password", "password of a MySQL client", "other users see it in the process list", "--password", lazyregexp.New(`\b(?:mysql|mysqldump|mysqladmin|mysqlimport|mariadb|mariadb-dump|mariadb-admin)` + args + `--password=` + value)},
	{"sshpass", "password of ssh", "whoever reads the script can log in", "sshpass", lazyregexp.New(`\bsshpass\s+(?:-[vP]\S*\s+)*-p\s*` + value)},
	{"sshpass", "password of ssh", "whoever reads the script can log in", "SSHPASS", lazyregexp.New(`\bSSHPASS=` + value)},
	{"redis-password", "password of Redis", "other users see it in the process list", "redis-cli", lazyregexp.New(`\bredis-cli` + args + `(?:-a|--pass)[ =]` + value)},
	{"redis-password", "password of Redis", "whoever reads the file can use the database", "requirepass", lazyregexp.New(`^\s*requirepass\s+` + value)},
	{"htpasswd", "password for the web server", "other users see it in the process list", "htpasswd", lazyregexp.New(`\bhtpasswd\s+(?:-\w+\s+)*-\w*b\w*\s+(?:-\w+\s+)*(?:\S+\s+){2}` + value)},
	{"mosquitto-password", "password of Mosquitto", "other users see it in the process list", "mosquitto_passwd", lazyregexp.New(`\bmosquitto_passwd\s+(?:-\w+\s+)*-b\s+(?:\S+\s+){2}` + value)},
	{"chpasswd", "password of an account", "whoever reads the script can log in", "chpasswd", lazyregexp.New(`\b(?:echo|printf)\s+(?:-\w+\s+)*["']?[A-Za-z_$][\w${}-]*:([^"'\s|\\]+)["'\\n]*\s*\|\s*(?:sudo\s+)?chpasswd`)},
	{"passwd-stdin", "password of an account", "whoever reads the script can log in", "passwd", lazyregexp.New(`\becho\s+` + value + `\s*\|\s*(?:sudo\s+)?passwd\s+--stdin`)},
	{"sudo-password", "password of sudo", "whoever reads the script becomes root", "sudo", lazyregexp.New(`\b(?:echo|printf)\s+(?:-\w+\s+)?` + value + `\s*\|\s*sudo\s+(?:-\w+\s+)*-\w*S`)},
	{"useradd-password", "password hash of an account", "it can be cracked, and is seen in the process list", "-p", lazyregexp.New(`\b(?:useradd|usermod)` + args + `(?:-p|--password)[ =]` + value)},
	{"pgpassword", "password of PostgreSQL", "whoever reads the script can use the database", "PGPASSWORD", lazyregexp.New(`\bPGPASSWORD=` + value)},
	{"mysql-pwd", "password of MySQL", "whoever reads the script can use the database", "MYSQL_PWD", lazyregexp.New(`\bMYSQL_PWD=` + value)},
	{"sql-password", "password of a database account", "whoever reads the script can use the database", "IDENTIFIED", lazyregexp.New(`(?i)\b(?:USER|GRANT|ROLE|ON|TO)\b[^;\n]*?\bIDENTIFIED\s+(?:WITH\s+\S+\s+)?BY\s+(?:PASSWORD\s+)?\\?['"]([^'"\\\n]+)\\?['"]`)},
	{"sql-password", "password of a database account", "whoever reads the script can use the database", "PASSWORD", lazyregexp.New(`(?i)\b(?:CREATE|ALTER)\s+(?:USER|ROLE)\b[^;\n]*?\bPASSWORD\s+\\?['"]([^'"\\\n]+)\\?['"]`)},
	{"sql-password", "password of a database account", "whoever reads the script can use the database", "identified", lazyregexp.New(`(?i)\b(?:USER|GRANT|ROLE|ON|TO)\b[^;\n]*?\bIDENTIFIED\s+(?:WITH\s+\S+\s+)?BY\s+(?:PASSWORD\s+)?\\?['"]([^'"\\\n]+)\\?['"]`)},
	{"sql-password", "password of a database account", "whoever reads the script can use the database", "password", lazyregexp.New(`(?i)\b(?:CREATE|ALTER)\s+(?:USER|ROLE)\b[^;\n]*?\bPASSWORD\s+\\?['"]([^'"\\\n]+)\\?['"]`)},
	{"rabbitmq-password", "password of RabbitMQ", "other users see it in the process list", "rabbitmqctl", lazyregexp.New(`\brabbitmqctl\s+(?:-\w+\s+\S+\s+)?(?:add_user|change_password)\s+\S+\s+` + value)},
	{"mongo-password", "password of MongoDB", "other users see it in the process list", "mongo", lazyregexp.New(`\bmongo(?:sh|dump|restore|export|import)?` + args + `(?:-p|--password)[ =]` + value)},
	{"ldap-password", "password of the directory", "other users see it in the process list", "ldap", lazyregexp.New(`\bldap(?:add|modify|search|delete|passwd)` + args + `-w\s*` + value)},
	{"curl-user", "credentials of an HTTP request", "whoever reads the script can use the account", "curl", lazyregexp.New(`\bcurl` + args + `(?:-u|--user)[ =]["']?[^\s:"'$]+:([^\s"']+)`)},
	{"wget-password", "credentials of an HTTP request", "whoever reads the script can use the account", "password", lazyregexp.New(`\bwget` + args + `--(?:http-|ftp-|proxy-)?password=` + value)},
	{"http-authorization", "credentials of an HTTP request", "whoever reads the script can use the account", "uthorization", lazyregexp.New(`(?i)\bauthorization:\s*(?:bearer|basic|token)\s+([A-Za-z0-9+/=._~-]{8,})`)},
	{"docker-password", "password of a registry", "other users see it in the process list", "login", lazyregexp.New(`\b(?:docker|podman)\s+login\b[^\n;|&]*?\s(?:-p|--password)[ =]` + value)},
	{"openssl-password", "passphrase of a key", "whoever reads the script can use the key", "pass:", lazyregexp.New(`\bpass:([^\s"'$;]+)`)},
	{"samba-password", "password of a share", "other users see it in the process list", "smb", lazyregexp.New(`\bsmbclient` + args + `-U\s*["']?[^\s%"']+%([^\s"']+)`)},
	{"mount-password", "password of a share", "it is seen in /proc/mounts and fstab", "password=", lazyregexp.New(`\b(?:cifs|mount\b)[^\n]*?[,\s]password=([^,\s"']+)`)},
	{"lftp-password", "password of an FTP server", "whoever reads the script can log in", "lftp", lazyregexp.New(`\blftp` + args + `-u\s*["']?[^\s,"']+,([^\s"']+)`)},
	{"debconf-password", "password preset for a package", "it stays in the debconf database", "password", lazyregexp.New(`\bdebconf-set-selections\b.*?\bpassword\s+([^\s"'<|]+)|\b(?:password|password_again|app-pass|admin-pass|root_password)\s+password\s+([^\s"'|]+)`)},
	{"expect-password", "password typed by expect", "whoever reads the script can log in", "send", lazyregexp.New(`(?i)assword:?[^\n]*\bsend\s+(?:--\s+)?"([^"\\\n]+)\\[rn]"`)},
	{"keystore-password", "password of a key store", "whoever reads the script can use the keys", "pass", lazyregexp.New(`\bkeytool` + args + `-(?:storepass|keypass|srcstorepass|deststorepass)\s+` + value)},
	{"url-credentials", "credentials in a URL", "they are in logs, in the process list and in .git/config", "://", lazyregexp.New(`[a-zA-Z][a-zA-Z0-9+.-]{1,30}://[^\s:/@"'<>{}$]*:([^\s:/@"'<>]+)@[A-Za-z0-9\[$]`)},
	{"write-secret", "credential that is written to a file", "whoever reads the script has it, and it does not change per machine", ">", lazyregexp.New(`\becho\s+(?:-\w+\s+)?["']?(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=["']?([^"'\s>]+)["']*\s*(?:>>?|\|\s*(?:sudo\s+)?tee)`)},
	{"assigned-secret", "credential that is assigned", "whoever reads the script has it", "=", lazyregexp.New(`^\s*(?:-\s+["']?)?(?:export\s+|declare\s+(?:-\w+\s+)?|readonly\s+|local\s+|set\s+|ENV\s+|ARG\s+)?([A-Za-z_][A-Za-z0-9_]*)=` + value + `\s*(?:[;#].*|\\)?$`)},
	{"defined-secret", "credential that is defined", "whoever reads the file has it", "efine", lazyregexp.New(`\bdefine\s*\(\s*["']([A-Za-z_][A-Za-z0-9_]*)["']\s*,\s*["']([^"'\n]+)["']`)},
	{"setting-secret", "credential in a settings file", "whoever reads the file has it", "", lazyregexp.New(`^\s*(?:\$?[A-Za-z_>$-]*\[)?["']?([A-Za-z_][A-Za-z0-9_.-]*)["']?\]?\s*(?:=>|=|:)\s*["']([^"'\n]+)["']\s*[,;]?\s*(?:#.*|//.*)?$`)},
}

// named are the rules whose first group is the name of what is set: they hold
// only when that looks like a credential.
var named = map[string]bool{"write-secret": true, "assigned-secret": true, "defined-secret": true, "setting-secret": true}

// codeSettings are files of code that hold settings, by path.
var codeSettings = lazyregexp.New(`(?i)(^|/)([a-z0-9_.-]*(settings?|config|configuration|local|secrets?|credentials?|database|parameters|production|prod)[a-z0-9_.-]*)\.(py|php|rb|js|ts|pl|inc|cs|exs|lua|groovy|gradle)$`)

// testPath is of files whose credentials are made up.
var testPath = lazyregexp.New(`(?i)(^|/)(tests?|spec|specs|__tests__|fixtures?|testdata|mocks?|e2e|examples?|docs?|locales?|i18n|translations?|lang)(/|$)|[._-](test|spec)s?\.[a-z]+$|(^|/)test_[^/]+$|(^|/)\.env\.(unit-)?test(s|ing)?([.-]|$)`)

// ciPath is of CI jobs, whose databases live for minutes.
var ciPath = lazyregexp.New(`(^|/)(\.github|\.circleci|\.gitlab|\.buildkite)/|(^|/)(\.gitlab-ci[^/]*|\.travis|circle|appveyor|azure-pipelines|bitbucket-pipelines)\.yml$|travis|[._-]ci\.`)

func (f *finder) lines() {
	if document(f.path) || f.bundled() {
		return
	}
	sample := isSample(f.path)
	inTests := testPath.MatchString(f.path)
	settings := codeSettings.MatchString(f.path) && !inTests
	for i, start := range f.starts {
		end := len(f.src)
		if i+1 < len(f.starts) {
			end = f.starts[i+1] - 1
		}
		l := f.src[start:end]
		if len(l) > 4000 || !anyWord(l) {
			continue
		}
		for _, r := range Rules {
			switch {
			case r.word != "" && !strings.Contains(l, r.word):
			case r.ID == "setting-secret" && !settings:
			case named[r.ID] && (sample || inTests || !scriptLike(f.path) && r.ID == "assigned-secret"):
			default:
				f.line(r, l, start)
			}
		}
	}
}

// anyWord is a cheap test that a line may hold a credential at all.
func anyWord(l string) bool {
	return strings.Contains(l, "://") || strings.IndexByte(l, '=') >= 0 || strings.Contains(l, "-p") || strings.Contains(l, "ass") || strings.Contains(l, "ASS") ||
		strings.Contains(l, "-u") || strings.Contains(l, "-a") || strings.Contains(l, "-w") || strings.Contains(l, "sudo") || strings.Contains(l, "user") || strings.Contains(l, "define") || strings.Contains(l, "IDENTIFIED") || strings.Contains(l, "identified") || strings.Contains(l, "uthorization") || strings.Contains(l, "ecret") || strings.Contains(l, "oken") || strings.Contains(l, "-U")
}

// scriptLike tells whether NAME=value in a file at p is an assignment of shell
// or the like; env files are read by their settings.
func scriptLike(p string) bool {
	switch path.Ext(p) {
	case "", ".sh", ".bash", ".zsh", ".ksh", ".mk", ".conf", ".service", ".init", ".dockerfile", ".envrc", ".profile", ".bats", ".command", ".yml", ".yaml":
		return true
	}
	return strings.HasPrefix(path.Base(p), "Dockerfile")
}

func (f *finder) line(r *Rule, l string, start int) {
	comment := strings.HasPrefix(strings.TrimSpace(l), "#") || strings.HasPrefix(strings.TrimSpace(l), "//")
	for _, m := range r.re.FindAllStringSubmatchIndex(l, 20) {
		g := lastGroup(m)
		from, to := unquote(l, m[g], m[g+1])
		v := l[from:to]
		what := r.What
		if named[r.ID] {
			name := l[m[2]:m[3]]
			if !input.LooksSecret(name) {
				continue
			}
			what = "value of " + name
			if !credential(name, v) {
				continue
			}
		}
		f.judge(r.ID, what, v, start+from, comment)
	}
}

// judge reports a value unless it is none: a variable, a placeholder. A
// well-known default is one that works on every machine that runs the script.
func (f *finder) judge(rule, what, v string, off int, comment bool) {
	switch {
	case !literal(v):
	case weak(v):
		if !comment && !ciPath.MatchString(f.path) && !testPath.MatchString(f.path) {
			f.add("weak-default", what+", a well-known default", off, off+len(v), true)
		}
	case input.IsPlaceholder(v) || len(v) < 3:
	default:
		f.add(rule, what, off, off+len(v), false)
	}
}

func lastGroup(m []int) int {
	for g := len(m) - 2; g >= 2; g -= 2 {
		if m[g] >= 0 {
			return g
		}
	}
	return 0
}

func unquote(l string, from, to int) (int, int) {
	if to-from >= 2 && (l[from] == '"' || l[from] == '\'') && l[to-1] == l[from] {
		return from + 1, to - 1
	}
	return from, to
}

var (
	urlPassword  = lazyregexp.New(`:[^:/@\s]+@`)
	pairPassword = lazyregexp.New(`(?i)(password|pwd)\s*=\s*[^;\s]+`)
	connection   = lazyregexp.New(`(?i)(url|uri|dsn|string)$`)
)

// credential tells whether the value of a setting that looks secret by its
// name is one: an address is only with a password in it, and no credential has
// spaces but a passphrase.
func credential(name, v string) bool {
	if connection.MatchString(name) {
		return urlPassword.MatchString(v) || pairPassword.MatchString(v)
	}
	return !strings.ContainsAny(v, " \t") || strings.Contains(strings.ToLower(name), "phrase")
}

// computed are marks of values that are put in later.
var computed = []string{"$", "`", "{{", "<%", "%(", "%s", "process.env", "os.environ", "getenv", "ENV[", "#{", "@@", "<?", "config(", "env(", "...", "op://", "vault:", "arn:aws", "ssm:", "ref+"}

// literal tells whether a value stands there, and is not computed.
func literal(v string) bool {
	if v == "" || strings.HasPrefix(v, "-") || strings.HasPrefix(v, "/") || strings.HasPrefix(v, "./") {
		return false
	}
	if strings.HasPrefix(v, "<") || strings.HasPrefix(v, "{") || strings.HasPrefix(v, "%") && strings.HasSuffix(v, "%") {
		return false
	}
	if strings.Trim(v, "*xX.•_-=#") == "" {
		return false
	}
	switch strings.ToLower(v) {
	case "true", "false", "null", "nil", "none", "yes", "no", "undefined", "required", "0", "1", "read", "write", "prompt", "ask", "stdin", "string", "optional", "nullable":
		return false
	}
	return !slices.ContainsFunc(computed, func(s string) bool { return strings.Contains(v, s) })
}

// weakValues are defaults that everybody tries.
var weakValues = []string{
	"changeme", "change_me", "change-me", "changethis", "changeit", "password", "passwd", "pass", "secret", "admin", "root", "toor", "letmein", "qwerty", "welcome", "default",
	"123", "1234", "12345", "123456", "1234567", "12345678", "123456789", "0000", "1111", "abc123", "password1", "password123", "passw0rd", "p@ssw0rd", "p@ssword", "admin123", "guest", "raspberry", "ubuntu", "vagrant", "postgres", "mysql", "redis", "minioadmin", "supersecret", "mysecretpassword", "notsecure", "insecure", "secretkey", "secret_key", "test", "test123", "demo", "user", "foobar",
}

// weak tells whether a value is a well-known default, perhaps with digits after it.
func weak(v string) bool {
	v = strings.ToLower(v)
	return slices.Contains(weakValues, v) || slices.Contains(weakValues, strings.TrimRight(v, "0123456789!."))
}
