package detect

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/model"
)

// services finds what is started, enabled, or has a definition installed.
func (x *context) services() {
	for _, e := range x.all {
		if e.Op == host.ServiceOp && e.Name != "" {
			x.service(e.Name, e.Manager, e.Action, e)
		}
	}
	for _, f := range slices.Clone(x.d.Facts.Files) {
		x.definition(f.Path, f.From, f.Content, f.Evidence)
	}
	for _, c := range slices.Clone(x.d.Facts.ConfigFiles) {
		x.definition(c.Path, c.From, c.Content, c.Evidence)
	}
	for _, s := range slices.Clone(x.d.Facts.Symlinks) {
		if name, _, ok := definitionOf(s.Path); ok && !strings.Contains(s.Path, ".wants/") {
			x.definitionFrom(name, s.Path, x.linkedRepo(s), s.Evidence)
		}
	}
}

// linkedRepo is the repository file that a link points to, "" none.
func (x *context) linkedRepo(s model.Symlink) string {
	_, n := x.h.Follow(x.where, s.Path)
	return n.Content.Repo()
}

func (x *context) service(name, manager, action string, e *host.Effect) {
	manager = knownManager(manager)
	if manager == "supervisor" {
		name = strings.TrimSuffix(name, ":*") // all of a group
	}
	if strings.Contains(name, "*") || manager == "pm2" && processNumber.MatchString(name) {
		return
	}
	s := upsert(&x.d.Facts.Services, func(o *model.Service) bool { return o.Name == name }, evServ,
		model.Service{Name: name, Manager: manager, Evidence: x.evidence(e)})
	if manager == "systemd" && (s.Manager == "sysv" || s.Manager == "upstart") && !s.Own {
		s.Manager = manager // service(8) stands for any manager
	}
	if action != "" && !slices.Contains(s.Actions, action) {
		s.Actions = append(s.Actions, action)
	}
}

// processNumber is how pm2 numbers what it runs: no name.
var processNumber = lazyregexp.New(`^[0-9]+$`)

// knownManager is the manager as facts name it.
func knownManager(s string) string {
	switch s {
	case "systemd", "sysv", "upstart", "supervisor", "pm2", "cron":
		return s
	}
	return "other"
}

// definition notes the service that an installed file defines.
func (x *context) definition(p, from, content string, ev model.Evidence) {
	name, manager, ok := definitionOf(p)
	if !ok {
		return
	}
	if from == "" && content != "" {
		from = "heredoc"
	}
	if manager == "supervisor" {
		for _, prog := range programs(content) {
			x.definitionNamed(prog, manager, p, from, ev)
		}
		if len(programs(content)) > 0 {
			return
		}
	}
	x.definitionNamed(name, manager, p, from, ev)
}

func (x *context) definitionFrom(name, p, from string, ev model.Evidence) {
	_, manager, _ := definitionOf(p)
	x.definitionNamed(name, manager, p, from, ev)
}

func (x *context) definitionNamed(name, manager, p, from string, ev model.Evidence) {
	s := upsert(&x.d.Facts.Services, func(o *model.Service) bool { return o.Name == name }, evServ,
		model.Service{Name: name, Manager: manager, Evidence: ev})
	s.Own = true
	s.UnitPath = p
	if s.UnitFrom == "" {
		s.UnitFrom = from
	}
	if s.Manager == "" || s.Manager == "systemd" {
		s.Manager = manager
	}
}

// programs lists the [program:x] sections of a supervisor file.
func programs(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		for _, kind := range []string{"[program:", "[group:"} {
			if rest, ok := strings.CutPrefix(line, kind); ok {
				name, _, _ := strings.Cut(rest, "]")
				out = append(out, name)
			}
		}
	}
	return out
}

// definitionOf tells which service a file at p defines.
func definitionOf(p string) (name, manager string, ok bool) {
	base := path.Base(p)
	dir := path.Dir(p)
	switch {
	case isUnit(p) && strings.Contains(dir, "systemd"):
		name = host.ServiceName(base)
		return name, "systemd", path.Ext(base) != ".target" && path.Ext(base) != ".mount"
	case dir == "/etc/init.d" || dir == "/etc/rc.d/init.d":
		return base, "sysv", true
	case dir == "/etc/init" && strings.HasSuffix(base, ".conf"):
		return strings.TrimSuffix(base, ".conf"), "upstart", true
	case strings.HasPrefix(dir, "/etc/supervisor") && !strings.HasPrefix(base, "supervisord"):
		return strings.TrimSuffix(strings.TrimSuffix(base, ".conf"), ".ini"), "supervisor", true
	}
	return "", "", false
}
