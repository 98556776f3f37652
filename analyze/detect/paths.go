package detect

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
)

// serviceDirs hold definitions of services and jobs: not configuration that an
// administrator edits, though they lie below /etc.
var serviceDirs = []string{"/etc/systemd/", "/lib/systemd/", "/usr/lib/systemd/", "/usr/local/lib/systemd/", "/etc/init.d/", "/etc/rc.d/",
	"/etc/init/", "/etc/cron.", "/etc/logrotate.d/", "/etc/apt/", "/etc/yum.repos.d/", "/etc/pki/", "/usr/share/keyrings/", "/etc/ssl/",
	"/etc/supervisor/", "/etc/supervisord.d/", "/etc/sv/", "/etc/service/", "/etc/conf.d/", "/etc/udev/", "/etc/apparmor.d/", "/etc/polkit-1/", "/etc/dbus-1/",
	"/etc/letsencrypt/", "/etc/bash_completion.d/", "/etc/sudoers.d/", "/etc/tmpfiles.d/", "/etc/sysusers.d/", "/var/spool/cron/", "/etc/profile.d/"}

// unitSuffixes are those of systemd's units.
var unitSuffixes = []string{".service", ".timer", ".socket", ".target", ".path", ".mount"}

// accountFiles are changed by tools of their own.
var accountFiles = map[string]bool{"/etc/passwd": true, "/etc/group": true, "/etc/shadow": true, "/etc/gshadow": true}

var configName = lazyregexp.New(`(?i)^(\.env(\..+)?|.+\.env|.+\.(ini|conf|cnf|cfg|properties|toml)(\..+)?|settings.*\.(py|php|js|json|ya?ml|xml)|` +
	`local(_?settings)?\.(py|js|json|ya?ml|php)|(local_?)?config([-_.].+)?\.(py|php|js|cjs|json|ya?ml|xml|rb|inc\.php)|configuration\.(php|ya?ml|json|xml)|wp-config\.php|parameters\.ya?ml|` +
	`(database|secrets|application|credentials|production|staging|environment)([-_.].+)?\.(ya?ml|json|php|rb|xml|py)|appsettings.*\.json|\.htaccess|\.htpasswd|` +
	`\.my\.cnf|\.pgpass|Caddyfile|.+\.(ini|conf|cfg|ya?ml|json|php|py|env)-dist|.+\.local\.(ya?ml|php|json|py)|docker-compose\.env|my\.cnf|php\.ini|authorized_keys|sudoers|rc\.local)$`)

// codeNames look like configuration and are part of the code.
var codeNames = lazyregexp.New(`^(package(-lock)?\.json|composer\.json|tsconfig.*\.json|pyproject\.toml|Cargo\.toml|setup\.cfg|tox\.ini|pytest\.ini|manifest\.json|mypy\.ini|` +
	`webpack\.config\.js|vite\.config\.[jt]s|babel\.config\.js|next\.config\.m?js|ecosystem\.config\.c?js|alembic\.ini-dist|mkdocs\.ya?ml|.*\.lock)$`)

// isConfig tells whether a path is one that an administrator may edit, by where
// it lies and what it is called.
func isConfig(p string) bool {
	base := path.Base(p)
	if accountFiles[p] || isUnit(p) {
		return false
	}
	for _, dir := range serviceDirs {
		if strings.HasPrefix(p, dir) {
			return false
		}
	}
	switch path.Ext(base) {
	case ".db", ".sqlite", ".sqlite3", ".sql", ".js", ".sha1", ".md5", ".log", ".pid", ".gz", ".zip", ".tar", ".tgz", ".deb", ".rpm", ".pem", ".crt", ".key", ".gpg", ".asc", ".sh", ".bak", ".tmp", ".sock":
		return false
	}
	if strings.HasPrefix(p, "/etc/") {
		return true
	}
	return configName.MatchString(base) && !codeNames.MatchString(base)
}

// isUnit tells whether a path is a systemd unit.
func isUnit(p string) bool {
	for _, s := range unitSuffixes {
		if strings.HasSuffix(p, s) {
			return true
		}
	}
	return false
}

// isLog tells whether a path is a log file.
func isLog(p string) bool {
	ext := path.Ext(p)
	return ext == ".log" || ext == ".err" || ext == ".out" || strings.HasPrefix(p, "/var/log/") && !strings.HasSuffix(p, ".conf")
}

var datedName = lazyregexp.New(`(?i)(^|[-_.~])(bak|backup|backups|old|orig|save|saved|prev|previous|rollback)([-_.~0-9]|$)|~$`)

// isBackupPath tells whether a name says that it is a copy kept for later.
func isBackupPath(p string) bool {
	for e := range strings.SplitSeq(p, "/") {
		if datedName.MatchString(e) {
			return true
		}
	}
	return false
}

// roles are recognised by the elements of a path, last first.
var roleNames = []struct {
	re   *lazyregexp.Regexp
	role string
}{
	{lazyregexp.New(`(?i)^(logs?|.+-logs?|.+_logs?)$`), "log"},
	{lazyregexp.New(`(?i)^(caches?|.*[-_.]cache|__pycache__|bootstrap_cache)$`), "cache"},
	{lazyregexp.New(`(?i)^(run|sockets?|pids?|lock|.*\.lock|locks)$`), "run"},
	{lazyregexp.New(`(?i)^(tmp|temp)$`), "tmp"},
	{lazyregexp.New(`(?i)^(backups?|.*[-_.]backups?|bak|old|.*\.old)$`), "backup"},
	{lazyregexp.New(`(?i)^(conf|config|configs|configuration|settings|.*\.d|conf\.avail|sites-.*)$`), "config"},
	{lazyregexp.New(`(?i)^(data|.+[-_]data|db|database|databases|uploads?|media|storage|whisper|rrd|files|spool|sessions?|queue|images|attachments|store|stores|persistent|incoming|shared|state|documents|crash.*|.*crashstore|fallback|processed|mysql|postgres|redis|lib)$`), "data"},
}

func roleOfName(base string) string {
	for _, r := range roleNames {
		if r.re.MatchString(base) {
			return r.role
		}
	}
	return ""
}

// role says what a directory is for: by the well-known places, else by its name.
func role(p, codeDir string) string {
	switch {
	case codeDir != "" && p == codeDir:
		return "code"
	case isBackupPath(p) || strings.HasPrefix(p, "/var/backups"):
		return "backup"
	case strings.HasPrefix(p, "/var/log/"):
		return "log"
	case strings.HasPrefix(p, "/run/"), strings.HasPrefix(p, "/var/run/"), strings.HasPrefix(p, "/var/lock/"), strings.HasPrefix(p, "/run/lock/"):
		return "run"
	case strings.HasPrefix(p, "/var/cache/"):
		return "cache"
	case strings.HasPrefix(p, "/etc/"):
		return "config"
	}
	if r := roleOfName(path.Base(p)); r != "" {
		return r
	}
	for dir := path.Dir(p); strings.Count(dir, "/") > 2 && dir != codeDir; dir = path.Dir(dir) {
		if r := roleOfName(path.Base(dir)); r != "" {
			return r
		}
	}
	switch {
	case strings.Contains(p, "/man/"), strings.Contains(p, "/systemd/"):
		return "other"
	case codeDir != "" && strings.HasPrefix(p, codeDir+"/"):
		return "code"
	case strings.HasPrefix(p, "/var/www"):
		return "code"
	case strings.HasPrefix(p, "/var/"), strings.HasPrefix(p, "/home/") && strings.Count(p, "/") <= 3:
		return "data"
	case strings.HasPrefix(p, "/opt/"), strings.HasPrefix(p, "/srv/"), strings.HasPrefix(p, "/usr/share/"),
		strings.HasPrefix(p, "/usr/local/"), strings.HasPrefix(p, "/usr/lib/"):
		return "code"
	}
	return "other"
}
