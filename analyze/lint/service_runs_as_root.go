package lint

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
)

var serviceAsRoot = &Rule{
	ID: "service-runs-as-root", Group: Security, Severity: diag.Warning, Confidence: diag.High,
	Doc: Doc{
		Title:      "A service runs as root",
		Text:       "A hole in the program is a hole in the machine. A unit without User= runs as root. Give the service an account of its own, and what it needs of root's rights as capabilities.",
		Bad:        "-- deploy.sh --\n#!/bin/sh\nset -e\ncp shop.service /etc/systemd/system/\nsystemctl daemon-reload\nsystemctl enable --now shop\n-- shop.service --\n[Service]\nExecStart=/srv/shop/bin/serve\n",
		Good:       "-- deploy.sh --\n#!/bin/sh\nset -e\ncp shop.service /etc/systemd/system/\nsystemctl daemon-reload\nsystemctl enable --now shop\n-- shop.service --\n[Service]\nUser=shop\nExecStart=/srv/shop/bin/serve\n",
		Exceptions: "Units of Type=oneshot count with low confidence. DynamicUser= is an account.",
		Since:      "0.1",
		References: []string{"systemd.exec(5), User=", "CWE-250: execution with unnecessary privileges"},
	},
	Run: func(p *Pass) {
		for i := range p.Facts.Units {
			p.rootUnit(&p.Facts.Units[i])
		}
		for _, e := range perPlace(p.Effects(host.Write)) {
			if strings.HasSuffix(e.Path, ".service") {
				p.rootHeredoc(e)
			}
		}
	},
}

// rootUnit looks at a unit file of the repository.
func (p *Pass) rootUnit(u *model.Unit) {
	if u.Kind != "systemd" && u.Kind != "supervisor" || u.From == "heredoc" || len(u.At) == 0 || u.Exec == "" || !rootUser(u.User) || userUnit(u.From) || p.forUser(u.From) || vendored(u.From) {
		return
	}
	confidence := p.rule.Confidence
	if u.Kind == "supervisor" && u.User == "" || strings.Contains(u.Text, "DynamicUser=yes") || strings.Contains(u.Text, "DynamicUser=true") {
		return
	}
	if oneshot.MatchString(u.Text) || systemDaemon.MatchString(u.Name) {
		confidence = diag.Low
	}
	at := source.Span{Pos: u.At[0]}
	if pos, ok := u.Places["user"]; ok {
		at.Pos = pos
	}
	p.runsAsRoot(at, u.Name, u.User, confidence)
}

func (p *Pass) runsAsRoot(at source.Span, name, user string, c diag.Confidence) {
	how := "has no User= and so runs as root"
	if user != "" {
		how = "runs as root"
	}
	p.Report(Report{At: at, Confidence: c, Effect: name, Message: "the service " + name + " " + how + ": a hole in it is a hole in the machine",
		Help: "add User=" + p.appName() + " with an account made for it (sysusers.d)"})
}

// systemDaemon are programs that need root and give it up themselves.
var systemDaemon = lazyregexp.New(`^(dhcpcd|hostapd|dnsmasq|wpa_supplicant|sshd?|cron|dockerd?|containerd|nginx|apache2|httpd|haproxy|supervisord?|systemd-.*|nsd|named|munin|fail2ban|openvpn.*|iptables)(@.*)?$`)

var oneshot = lazyregexp.New(`(?m)^Type\s*=\s*oneshot`)

func rootUser(u string) bool { return u == "" || u == "root" || u == "0" }

// forUser tells whether a unit of the repository is installed for an account's
// own manager.
func (p *Pass) forUser(name string) bool {
	return slices.ContainsFunc(p.Effects(host.CopyTo, host.Symlink, host.Write), func(e *host.Effect) bool { return e.Content.Repo() == name && userUnit(e.Path) })
}

// userUnit tells of units that run in an account's own manager.
func userUnit(name string) bool {
	return strings.Contains(name, "systemd/user/") || strings.Contains(name, ".config/systemd/")
}

var unitUser = lazyregexp.New(`(?m)^\s*User\s*=\s*(\S*)`)

// rootHeredoc looks at a unit that the script writes.
func (p *Pass) rootHeredoc(e *host.Effect) {
	text, _ := e.Content.Known()
	s := text.String()
	if !strings.Contains(s, "ExecStart") || strings.Contains(s, "DynamicUser=yes") || userUnit(e.Path) {
		return
	}
	user := ""
	if m := unitUser.FindStringSubmatch(s); m != nil {
		user = m[1]
	}
	if rootUser(user) {
		c := p.sure(e)
		if oneshot.MatchString(s) {
			c = diag.Low
		}
		p.runsAsRoot(e.At, strings.TrimSuffix(path.Base(e.Path), ".service"), user, c)
	}
}
