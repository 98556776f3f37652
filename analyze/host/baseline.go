package host

import (
	"strings"

	"github.com/nativize/nativize/analyze/value"
)

// A fresh system: the directories of the Filesystem Hierarchy Standard 3.0 that
// every Debian, Red Hat, Alpine or Arch installation has, some files that
// scripts read, and the accounts of Debian's base-passwd that the others share.

var baseDirs = set(`/ /bin /boot /dev /etc /home /lib /media /mnt /opt /proc /root /run /sbin /srv /sys /tmp /usr /var
/etc/cron.d /etc/cron.daily /etc/cron.hourly /etc/cron.monthly /etc/cron.weekly /etc/default /etc/init.d /etc/logrotate.d
/etc/profile.d /etc/skel /etc/ssl /etc/ssl/certs /etc/systemd /etc/systemd/system /etc/sysctl.d /etc/security /etc/opt /etc/apt
/etc/apt/sources.list.d /etc/apt/keyrings /etc/apt/trusted.gpg.d /etc/apt/preferences.d /etc/apt/apt.conf.d /etc/pam.d
/lib/systemd /lib/systemd/system /usr/bin /usr/include /usr/lib /usr/lib/systemd /usr/lib/systemd/system /usr/lib/tmpfiles.d
/usr/lib/sysusers.d /usr/libexec /usr/sbin /usr/share /usr/share/doc /usr/share/man /usr/share/man/man1 /usr/share/man/man8
/usr/share/keyrings /usr/src /usr/local /usr/local/bin /usr/local/etc /usr/local/include /usr/local/lib /usr/local/man
/usr/local/sbin /usr/local/share /usr/local/src /var/backups /var/cache /var/lib /var/local /var/lock /var/log /var/mail
/var/opt /var/run /var/spool /var/spool/cron /var/tmp /run/lock /dev/shm`)

// maybeDirs come with a package that the machine may have; their type is sure.
var maybeDirs = set(`/etc/nginx /etc/nginx/sites-available /etc/nginx/sites-enabled /etc/nginx/conf.d /etc/nginx/snippets /etc/apache2
/etc/apache2/sites-available /etc/apache2/sites-enabled /etc/apache2/conf-available /etc/apache2/conf-enabled /etc/apache2/conf.d
/etc/apache2/mods-available /etc/apache2/mods-enabled /etc/httpd /etc/httpd/conf.d /etc/httpd/conf /etc/supervisor
/etc/supervisor/conf.d /etc/supervisord.d /etc/init /etc/sudoers.d /etc/lighttpd /etc/lighttpd/conf-available
/etc/lighttpd/conf-enabled /etc/rsyslog.d /etc/udev/rules.d /etc/letsencrypt /etc/letsencrypt/live /etc/php /etc/mysql
/etc/mysql/conf.d /etc/yum.repos.d /etc/sysconfig /etc/rc.d /etc/rc.d/init.d /etc/conf.d /etc/ssh /etc/monit/conf.d /etc/caddy
/etc/haproxy /etc/postgresql /etc/fail2ban /etc/dbus-1/system.d /etc/polkit-1 /etc/polkit-1/rules.d /etc/bash_completion.d
/var/www /var/www/html /var/spool/cron/crontabs /usr/share/nginx/html`)

var baseFiles = set(`/etc/passwd /etc/group /etc/shadow /etc/gshadow /etc/hosts /etc/hostname /etc/fstab /etc/profile /etc/resolv.conf
/etc/os-release /etc/environment /etc/shells /etc/services /etc/nsswitch.conf /etc/sysctl.conf /etc/crontab /etc/issue
/etc/bash.bashrc /root/.bashrc /root/.profile /bin/sh /bin/bash /usr/bin/env /bin/true /bin/false /usr/sbin/nologin
/dev/null /dev/zero /dev/urandom /dev/random /dev/stdin /dev/stdout /dev/stderr /dev/tty /proc/cpuinfo /proc/meminfo /proc/version
/etc/login.defs /etc/localtime`)

// distributionFiles exist on some distributions only: which one is not known.
var distributionFiles = set(`/etc/redhat-release /etc/centos-release /etc/fedora-release /etc/debian_version /etc/lsb-release
/etc/alpine-release /etc/arch-release /etc/SuSE-release /etc/system-release /etc/issue /etc/timezone /etc/rc.local /run/systemd/system
/usr/bin/systemctl /bin/systemctl /usr/bin/apt-get /usr/bin/yum /usr/bin/dnf /sbin/apk /usr/bin/pacman /etc/apt/sources.list
/etc/selinux/config /usr/bin/python3 /usr/bin/python /etc/rpi-issue /.dockerenv`)

var baseUsers = set(`root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc nobody ftp`)

var baseGroups = set(`root daemon bin sys adm tty disk lp mail news uucp man proxy kmem dialout fax voice cdrom floppy tape sudo audio
dip www-data backup operator list irc src shadow utmp video sasl plugdev staff games users nogroup nobody wheel`)

func set(words string) map[string]bool {
	m := make(map[string]bool)
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

// baseline is what is known of a path that nothing has mentioned.
func (h *Host) baseline(where int32, p string) *Node {
	switch {
	case baseDirs[p]:
		return &Node{Kind: Dir, Presence: value.Yes, Owner: "root", Group: "root", Mode: baseMode(p)}
	case baseFiles[p]:
		return &Node{Kind: Regular, Presence: value.Yes, Owner: "root", Group: "root"}
	case h.Closed && where == 0 && !h.mayHold(where, p):
		return &Node{Presence: value.No}
	case maybeDirs[p]:
		return &Node{Kind: Dir, Presence: value.Maybe, Owner: "root", Group: "root", Mode: "0755"}
	}
	return &Node{Presence: value.Maybe}
}

// mayHold tells whether something that is not known was unpacked above p.
func (h *Host) mayHold(where int32, p string) bool {
	for _, k := range h.strewn {
		if k.Where == where && strings.HasPrefix(p, strings.TrimSuffix(k.Name, "/")+"/") {
			return true
		}
	}
	return false
}

func baseMode(p string) string {
	switch p {
	case "/tmp", "/var/tmp", "/dev/shm", "/run/lock", "/var/lock":
		return "1777"
	case "/root":
		return "0700"
	}
	return "0755"
}

// IsSystemDir tells whether p is a directory that any system has, or that a
// well-known package brings: not one that a deployment makes.
func IsSystemDir(p string) bool { return baseDirs[p] || maybeDirs[p] }

// IsBaseUser tells whether every system has the account.
func IsBaseUser(name string) bool { return baseUsers[name] }

// IsBaseGroup tells whether every system has the group.
func IsBaseGroup(name string) bool { return baseGroups[name] }

// Fresh tells whether something of which nothing is known is there on a fresh
// host: files and accounts are not, but which distribution it is stays open.
func (h *Host) Fresh(k Key) value.Tri {
	if h.Closed && k.Where == 0 {
		return value.No
	}
	switch k.Space {
	case File:
		if distributionFiles[k.Name] || maybeDirs[k.Name] || strings.HasPrefix(k.Name, "/proc/") || strings.HasPrefix(k.Name, "/dev/") || strings.HasPrefix(k.Name, "/sys/") {
			return value.Maybe
		}
		return value.No
	case User, Group:
		return value.No
	}
	return value.Maybe
}

// baseCommands are callable on every system: the shell's own, coreutils and what
// else is essential everywhere.
var baseCommands = set(`sh bash ls cp mv rm ln mkdir rmdir cat echo printf test true false sleep date id chmod chown chgrp touch dd df
du head tail wc cut sort uniq tr tee basename dirname readlink env expr uname hostname whoami pwd mktemp install stat sed grep egrep
fgrep awk find xargs tar gzip gunzip which cmp diff ps kill mount umount su passwd groupadd useradd usermod`)
