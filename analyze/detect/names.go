package detect

import "strings"

// IsConfig tells whether a path is one that an administrator may edit, by where
// it lies and what it is called.
func IsConfig(p string) bool { return isConfig(p) }

// IsDefinition tells whether a path is the definition of a service or a job: a
// unit, an init script, a file of cron.
func IsDefinition(p string) bool {
	if isUnit(p) {
		return true
	}
	for _, dir := range []string{"/etc/init.d/", "/etc/rc.d/init.d/", "/etc/init/", "/etc/cron.", "/etc/supervisor/", "/etc/supervisord.d/", "/etc/systemd/", "/etc/logrotate.d/", "/etc/sv/"} {
		if strings.HasPrefix(p, dir) {
			return true
		}
	}
	return false
}

// IsLog tells whether a path is a log file.
func IsLog(p string) bool { return isLog(p) }

// IsBackup tells whether a name says that it is a copy kept for later.
func IsBackup(p string) bool { return isBackupPath(p) }

// Role says what a directory is for, by its place and name: one of the roles of
// the model.
func Role(p, codeDir string) string { return role(p, codeDir) }
