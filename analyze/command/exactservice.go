package command

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

// unitDirs are the directories of units, the one that counts first
// (systemd.unit(5)).
var unitDirs = []string{"/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"}

// UnitFile returns the path of the file that defines a unit, "" when there is none.
func UnitFile(h *host.Host, unit string) string {
	name := unit
	if i := strings.IndexByte(unit, '@'); i > 0 {
		name = unit[:i+1] + path.Ext(unit)
	}
	for _, dir := range unitDirs {
		for _, n := range []string{unit, name} {
			if _, node := h.Follow(0, dir+"/"+n); node.Presence == value.Yes {
				return dir + "/" + n
			}
		}
	}
	return ""
}

// fullName is a unit's name with its type.
func fullName(unit string) string {
	if path.Ext(unit) == "" {
		return unit + ".service"
	}
	return unit
}

// entry returns a copy of what is known of a service.
func (c *Call) entry(unit string) *host.ServiceEntry {
	name := serviceKey(unit)
	if s, ok := c.H.Get(host.Key{Space: host.Service, Where: c.Where, Name: name}).(*host.ServiceEntry); ok {
		n := *s
		return &n
	}
	return &host.ServiceEntry{Name: name, Enabled: value.No, Running: value.No, Masked: value.No}
}

// serviceKey keeps the type of a unit other than a service apart: a timer and
// its service have states of their own.
func serviceKey(unit string) string {
	if strings.HasSuffix(unit, ".service") {
		return strings.TrimSuffix(unit, ".service")
	}
	return unit
}

func (c *Call) keep(s *host.ServiceEntry) {
	s.At = c.At
	c.H.Set(host.Key{Space: host.Service, Where: c.Where, Name: s.Name}, s)
}

// does records an action and does it; false when it fails.
func (c *Call) does(unit, manager, verb string) bool {
	unit = fullName(unit)
	s := c.entry(unit)
	s.Manager = manager
	c.Outcome = Changed
	c.Record(&host.Effect{Op: host.ServiceOp, Name: s.Name, Manager: manager, Action: verb, What: Line(c.Argv)})
	switch verb {
	case "enable":
		if s.Masked == value.Yes {
			return false
		}
		s.Enabled = value.Yes
	case "disable":
		s.Enabled = value.No
	case "mask":
		s.Masked = value.Yes
	case "unmask":
		s.Masked = value.No
	case "stop":
		s.Running = value.No
		c.stopDependents(unit)
	case "reload":
		return s.Running == value.Yes
	case "start", "restart":
		if s.Masked == value.Yes {
			return false
		}
		c.started(s, verb == "restart")
	}
	c.keep(s)
	return true
}

// stopDependents stops what needs a unit that is stopped (Requires=, BindsTo=,
// PartOf= in systemd.unit(5)).
func (c *Call) stopDependents(unit string) {
	if !c.booted() {
		return
	}
	var needs []*host.ServiceEntry
	c.H.Each(host.Service, c.Where, func(name string, e host.Entry) {
		s := e.(*host.ServiceEntry)
		if s.Running == value.Yes && fullName(name) != unit && c.needsUnit(fullName(name), unit) {
			n := *s
			needs = append(needs, &n)
		}
	})
	for _, n := range needs {
		n.Running = value.No
		c.keep(n)
	}
}

// needsUnit tells whether the file of one unit says that it stops with another.
func (c *Call) needsUnit(unit, other string) bool {
	text, ok := c.H.Text(c.Where, UnitFile(c.H, unit))
	if !ok {
		return false
	}
	for _, l := range lines(text.String()) {
		key, names, found := strings.Cut(strings.TrimSpace(l), "=")
		if found && among("Requires BindsTo PartOf", key) && slices.Contains(strings.Fields(names), other) {
			return true
		}
	}
	return false
}

// started notes that a service runs, and for a restart which code it runs now.
func (c *Call) started(s *host.ServiceEntry, again bool) {
	if s.Running != value.Yes || again {
		c.H.SetSetting("started:"+s.Name, c.H.CodeVersion(), true)
	}
	if u := c.runsAs(s.Name); u != "" {
		c.H.SetSetting("runs-as:"+u, s.Name, true)
	}
	s.Running = value.Yes
}

// runsAs is the account of a unit's process, "" when its file does not say.
func (c *Call) runsAs(unit string) string {
	text, ok := c.H.Text(c.Where, UnitFile(c.H, fullName(unit)))
	if !ok {
		return ""
	}
	for _, l := range lines(text.String()) {
		if u, ok := strings.CutPrefix(strings.TrimSpace(l), "User="); ok {
			return u
		}
	}
	return ""
}

func systemctlExact(c *Call) {
	verb, units := c.verb()
	if c.Has("user", "root", "global") || len(units) == 0 || !among("start stop restart try-restart reload reload-or-restart try-reload-or-restart reload-or-try-restart condrestart "+
		"force-reload enable disable reenable mask unmask preset is-active is-enabled", verb) {
		c.decline()
		return
	}
	if !c.booted() && among("start stop restart try-restart reload reload-or-restart try-reload-or-restart reload-or-try-restart condrestart force-reload is-active", verb) {
		c.Status, c.Detail = Known(false), "systemd does not run"
		return
	}
	ok := true
	for _, u := range units {
		c.eachName(u, func(n string) { ok = c.systemd(verb, path.Base(n)) && ok })
	}
	if !ok {
		c.Status = Known(false)
	}
}

// booted is sd_booted(3).
func (c *Call) booted() bool {
	return c.H.Node(c.Where, "/run/systemd/system").Presence == value.Yes
}

func (c *Call) systemd(verb, unit string) bool {
	unit = fullName(unit)
	s := c.entry(unit)
	file := UnitFile(c.H, unit)
	known := file != "" || s.Manager != ""
	switch verb {
	case "is-active":
		c.Outcome = Pure
		return s.Running == value.Yes
	case "is-enabled":
		c.Outcome = Pure
		return s.Enabled == value.Yes && s.Masked != value.Yes
	case "preset":
		if file == "" {
			c.Detail = "there is no unit " + unit
			return false
		}
		if c.presetEnables(unit) {
			return c.does(unit, "systemd", "enable")
		}
		return c.does(unit, "systemd", "disable")
	case "try-restart", "condrestart", "try-reload-or-restart", "reload-or-try-restart":
		if s.Running != value.Yes {
			return true
		}
		verb = "restart"
	case "reload-or-restart", "force-reload":
		verb = "restart"
	case "reenable":
		verb = "enable"
	}
	if !known && verb != "mask" && verb != "unmask" && verb != "disable" {
		c.Record(&host.Effect{Op: host.ServiceOp, Name: s.Name, Manager: "systemd", Action: verb, What: Line(c.Argv)}) // elsewhere there is one
		c.Detail = "there is no unit " + unit
		return false
	}
	if c.Has("now") {
		switch verb {
		case "enable":
			return c.does(unit, "systemd", "enable") && c.does(unit, "systemd", "start")
		case "disable", "mask":
			c.does(unit, "systemd", "stop")
		}
	}
	ok := c.does(unit, "systemd", verb)
	if !ok {
		c.Detail = unit + " is masked or does not run"
	}
	return ok
}

// presetEnables reads systemd.preset(5): the first line that matches decides,
// and what no line names is enabled on Debian, disabled where a distribution's
// own preset ends with "disable *".
func (c *Call) presetEnables(unit string) bool {
	for _, f := range c.confPresets() {
		text, ok := c.H.Text(c.Where, f)
		if !ok {
			continue
		}
		for _, l := range lines(text.String()) {
			w := strings.Fields(l)
			if len(w) < 2 || w[0] != "enable" && w[0] != "disable" {
				continue
			}
			if m, err := path.Match(w[1], unit); err == nil && m {
				return w[0] == "enable"
			}
		}
	}
	return !c.H.IsSet("preset-default-disable")
}

func (c *Call) confPresets() []string {
	var out []string
	for _, dir := range []string{"/etc/systemd/system-preset", "/usr/lib/systemd/system-preset", "/lib/systemd/system-preset"} {
		names, _ := c.H.Children(c.Where, dir)
		for _, n := range names {
			if strings.HasSuffix(n, ".preset") {
				out = append(out, dir+"/"+n)
			}
		}
	}
	return out
}

// helperExact is deb-systemd-helper: it keeps whether a unit was enabled, so
// that a removal and an installation leave the administrator's choice alone.
func helperExact(c *Call) {
	verb, units := c.verb()
	if c.Has("user") || len(units) == 0 {
		c.decline()
		return
	}
	ok := true
	for _, u := range units {
		c.eachName(u, func(n string) { ok = c.helper(verb, fullName(n)) && ok })
	}
	if !ok {
		c.Status = Known(false)
	}
}

func (c *Call) helper(verb, unit string) bool {
	s := c.entry(unit)
	seen := "dsh:" + unit
	switch verb {
	case "was-enabled":
		c.Outcome = Pure
		return !c.H.IsSet(seen) || s.Enabled == value.Yes
	case "debian-installed":
		c.Outcome = Pure
		return c.H.IsSet(seen)
	case "is-enabled":
		c.Outcome = Pure
		return s.Enabled == value.Yes
	case "enable", "reenable":
		if UnitFile(c.H, unit) == "" {
			c.Detail = "there is no unit " + unit
			return false
		}
		if s.Masked != value.Yes {
			c.does(unit, "systemd", "enable")
		}
		c.H.SetSetting(seen, "", true)
	case "update-state":
		c.setting("systemd")
		c.H.SetSetting(seen, "", true)
	case "disable":
		c.does(unit, "systemd", "disable")
	case "purge":
		c.does(unit, "systemd", "disable")
		c.H.SetSetting(seen, "", false)
		c.H.SetSetting("dsh-masked:"+unit, "", false)
	case "mask":
		if s.Masked != value.Yes { // one that the administrator masked is left alone
			c.does(unit, "systemd", "mask")
			c.H.SetSetting("dsh-masked:"+unit, "", true)
		}
	case "unmask": // only what it masked itself
		if c.H.IsSet("dsh-masked:" + unit) {
			c.does(unit, "systemd", "unmask")
			c.H.SetSetting("dsh-masked:"+unit, "", false)
		} else {
			c.setting("systemd")
		}
	default:
		c.decline()
	}
	return true
}

// invokeExact is deb-systemd-invoke: what is disabled and does not run is not
// started.
func invokeExact(c *Call) {
	verb, units := c.verb()
	if verb == "daemon-reload" || verb == "daemon-reexec" {
		c.setting("systemd")
		return
	}
	if c.Has("user") || len(units) == 0 {
		c.decline()
		return
	}
	if !c.booted() {
		c.Status, c.Detail = Known(false), "systemd does not run"
		return
	}
	ok := true
	for _, u := range units {
		c.eachName(u, func(n string) { ok = c.invoke(verb, fullName(n)) && ok })
	}
	if !ok {
		c.Status = Known(false)
	}
}

func (c *Call) invoke(verb, unit string) bool {
	s := c.entry(unit)
	if among("start restart try-restart reload", verb) && s.Running != value.Yes && (s.Enabled == value.No || s.Masked == value.Yes) && !isStatic(c.H, unit) {
		c.Outcome = Mechanics
		return true // "is a disabled or a static unit, not starting it"
	}
	if verb == "stop" && s.Running != value.Yes {
		c.Record(&host.Effect{Op: host.ServiceOp, Name: s.Name, Manager: "systemd", Action: verb, What: Line(c.Argv)})
		return true
	}
	return c.systemd(verb, unit)
}

// isStatic tells that a unit has no [Install] section.
func isStatic(h *host.Host, unit string) bool {
	text, ok := h.Text(0, UnitFile(h, unit))
	return ok && !strings.Contains(text.String(), "[Install]")
}

// serviceExact is service, invoke-rc.d and rc-service.
func serviceExact(c *Call) {
	if len(c.Args) < 2 || c.Has("query") {
		c.decline()
		return
	}
	unit, verb := path.Base(c.Arg(0)), c.Arg(1)
	s := c.entry(fullName(unit))
	switch verb {
	case "status":
		c.Outcome = Pure
		c.Status = Known(s.Running == value.Yes)
		return
	case "condrestart", "try-restart":
		verb = "restart"
		if s.Running != value.Yes {
			return
		}
	case "force-reload", "graceful":
		verb = "reload"
	}
	if c.Has("ifstarted", "s") && s.Running != value.Yes {
		return
	}
	init := c.H.Node(c.Where, "/etc/init.d/"+unit).Presence == value.Yes
	if !init && UnitFile(c.H, fullName(unit)) == "" && s.Manager == "" {
		c.Status, c.Detail = Known(false), "there is no service "+unit
		return
	}
	if c.Has("skip-systemd-native") && c.booted() && UnitFile(c.H, fullName(unit)) != "" {
		c.Outcome = Mechanics
		return // deb-systemd-invoke does it (invoke-rc.d(8))
	}
	if c.Name == "invoke-rc.d" && among("start restart reload", verb) && s.Running != value.Yes && (s.Enabled == value.No || s.Masked == value.Yes) {
		c.Outcome = Mechanics
		return // what is disabled or masked is not started (invoke-rc.d(8), its own text)
	}
	if !c.does(unit, managerOf(c.Name), verb) {
		c.Status, c.Detail = Known(false), unit+" is masked or does not run"
	}
}

func managerOf(name string) string {
	if name == "rc-service" || name == "rc-update" {
		return "openrc"
	}
	return "sysv"
}

func rcUpdateExact(c *Call) {
	verb, rest := c.verb()
	do := map[string]string{"add": "enable", "del": "disable", "delete": "disable"}[verb]
	if do == "" || len(rest) == 0 {
		c.decline()
		return
	}
	unit := rest[0].String()
	if do == "enable" && c.H.Node(c.Where, "/etc/init.d/"+unit).Presence != value.Yes {
		c.Status, c.Detail = Known(false), "there is no service "+unit
		return
	}
	if do == "disable" && c.entry(unit).Enabled != value.Yes {
		c.Status, c.Detail = Known(false), unit+" is in no runlevel"
		return
	}
	c.does(unit, "openrc", do)
}

func updateRCExact(c *Call) {
	if len(c.Args) < 2 {
		c.decline()
		return
	}
	unit := c.Arg(0)
	do := map[string]string{"defaults": "enable", "enable": "enable", "remove": "disable", "disable": "disable", "defaults-disabled": "disable", "start": "enable", "stop": "enable"}[c.Arg(1)]
	if do == "" {
		c.decline()
		return
	}
	if c.Arg(1) != "remove" && c.H.Node(c.Where, "/etc/init.d/"+unit).Presence != value.Yes && UnitFile(c.H, fullName(unit)) == "" {
		c.Status, c.Detail = Known(false), "there is no init script "+unit
		return
	}
	links := "rc-links:" + unit
	if among("defaults defaults-disabled start stop", c.Arg(1)) && c.H.IsSet(links) {
		c.Outcome = Mechanics
		return // a service that has links already keeps them; start and stop mean defaults (update-rc.d(8))
	}
	c.H.SetSetting(links, "", c.Arg(1) != "remove")
	c.does(unit, "sysv", do)
}

func chkconfigExact(c *Call) {
	unit, do := c.Arg(0), ""
	switch {
	case c.Has("add"):
		unit, do = c.Text("add"), "register"
	case c.Has("del"):
		unit, do = c.Text("del"), "disable"
	case c.Arg(1) == "on":
		do = "enable"
	case c.Arg(1) == "off":
		do = "disable"
	default:
		c.decline()
		return
	}
	if c.H.Node(c.Where, "/etc/init.d/"+unit).Presence != value.Yes && UnitFile(c.H, fullName(unit)) == "" {
		c.Status, c.Detail = Known(false), "there is no service "+unit
		return
	}
	if do == "register" {
		c.setting("sysv")
		return
	}
	c.does(unit, "sysv", do)
}
