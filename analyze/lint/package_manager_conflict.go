package lint

import (
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
)

var packageConflict = &Rule{
	ID: "package-manager-conflict", Group: Reliability, Severity: diag.Warning, Confidence: diag.High,
	Doc: Doc{
		Title:      "A file that belongs to a distribution's package is replaced, removed or put in its place",
		Text:       "The next upgrade of the package brings its file back, asks at a prompt that nobody sees, or overwrites what the script put there. Local units belong in /etc/systemd/system, programs in /usr/local, settings in the .d directories.",
		Bad:        "#!/bin/sh\nset -e\napt-get install -y nginx\ncp deploy/nginx.conf /etc/nginx/nginx.conf\nrm -f /etc/nginx/sites-enabled/default\n",
		Good:       "#!/bin/sh\nset -e\napt-get install -y nginx\ncp deploy/shop.conf /etc/nginx/conf.d/shop.conf\n",
		Exceptions: "Only well-known files of widely installed packages and directories that only packages write to.",
		Since:      "0.1",
		References: []string{"Debian Policy 10.7.4", "FHS 3.0, section 4.9: /usr/local", "systemd.unit(5), unit file load path"},
	},
	Run: func(p *Pass) {
		for _, e := range perPlace(p.Effects(host.Write, host.CopyTo, host.MoveTo, host.Remove, host.Append, host.Fetch, host.Symlink)) {
			if !p.onTarget(e) {
				continue
			}
			owner := ownerOf(e.Path)
			if owner == "" || e.Op == host.Remove && packaged[e.Path] == "" && p.putThere(e.Path) {
				continue
			}
			verb := "is replaced"
			switch e.Op {
			case host.Remove:
				verb = "is removed"
			case host.Append:
				verb = "is appended to"
			}
			if strings.HasPrefix(owner, "packages") {
				verb = "is put there"
			}
			p.Report(Report{At: e.At, Value: valueOf(p.SourceOf(e.At), e.Path), Confidence: p.sure(e), Effect: e.Path,
				Message: e.Path + ", which belongs to " + owner + ", " + verb + ": an upgrade of the package undoes it or stops to ask", Help: instead(e.Path)})
		}
		for _, e := range perPlace(p.Effects(host.Language)) {
			if sitePackages(e) && p.onTarget(e) {
				p.Report(Report{At: e.At, Confidence: diag.Medium, Effect: e.Manager + e.What, Message: "pip installs into the system's Python, where packages of the distribution lie: an upgrade of either breaks the other", Help: "install into an environment: python3 -m venv"})
			}
		}
	},
}

// putThere tells whether the scripts themselves put a file in place.
func (p *Pass) putThere(name string) bool {
	return slices.ContainsFunc(p.On(name), func(e *host.Effect) bool { return e.Op != host.Remove })
}

// sitePackages tells of pip as root outside an environment.
func sitePackages(e *host.Effect) bool {
	return (e.Manager == "pip" || e.Manager == "pip3") && e.User == "root" && e.Env == "" && strings.HasPrefix(e.What, "install")
}

// packaged are files of widely installed packages that people replace.
var packaged = map[string]string{
	"/etc/nginx/nginx.conf": "nginx", "/etc/nginx/sites-enabled/default": "nginx", "/etc/nginx/sites-available/default": "nginx", "/etc/nginx/conf.d/default.conf": "nginx",
	"/etc/apache2/apache2.conf": "apache2", "/etc/apache2/ports.conf": "apache2", "/etc/apache2/sites-enabled/000-default.conf": "apache2", "/etc/apache2/sites-available/000-default.conf": "apache2",
	"/etc/httpd/conf/httpd.conf": "httpd", "/etc/ssh/sshd_config": "openssh-server", "/etc/collectd/collectd.conf": "collectd", "/etc/mysql/my.cnf": "mysql",
	"/etc/redis/redis.conf": "redis", "/etc/redis.conf": "redis", "/etc/php.ini": "php", "/etc/postfix/main.cf": "postfix", "/etc/sudoers": "sudo", "/etc/crontab": "cron",
	"/etc/supervisor/supervisord.conf": "supervisor", "/etc/supervisord.conf": "supervisor", "/etc/lighttpd/lighttpd.conf": "lighttpd", "/etc/dnsmasq.conf": "dnsmasq", "/etc/mosquitto/mosquitto.conf": "mosquitto",
	"/etc/haproxy/haproxy.cfg": "haproxy", "/etc/memcached.conf": "memcached", "/etc/rsyslog.conf": "rsyslog", "/etc/sysctl.conf": "procps", "/etc/profile": "base-files", "/etc/bash.bashrc": "bash", "/etc/hosts": "the system", "/etc/grafana/grafana.ini": "grafana",
}

// ownerOf names who a path belongs to, "" nobody known.
func ownerOf(name string) string {
	if owner := packaged[name]; owner != "" && name != "/etc/hosts" && name != "/etc/crontab" && name != "/etc/sysctl.conf" {
		return owner
	}
	for _, dir := range []string{"/lib/systemd/system/", "/usr/lib/systemd/system/"} {
		if rest, ok := strings.CutPrefix(name, dir); ok && rest != "" && !strings.Contains(rest, "/") {
			return "packages (" + strings.TrimSuffix(dir, "/") + ")"
		}
	}
	for _, dir := range []string{"/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/"} {
		if rest, ok := strings.CutPrefix(name, dir); ok && rest != "" && !strings.Contains(rest, "/") && !strings.Contains(rest, "${") {
			return "packages (" + strings.TrimSuffix(dir, "/") + ")"
		}
	}
	return ""
}

func instead(name string) string {
	switch {
	case strings.Contains(name, "systemd/system/"):
		return "put it in /etc/systemd/system"
	case strings.Contains(name, "bin/"):
		return "put it in /usr/local/bin, or in a package"
	}
	return "add a file of your own beside it (a .d directory, an include)"
}
