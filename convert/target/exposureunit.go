package target

import (
	"slices"
	"strings"
)

// A serviceUnit is a service unit as far as its security is concerned.
type serviceUnit struct {
	settings map[string][]string // of [Service] and DefaultDependencies; an empty value resets
	unknown  bool                // a value is not understood
}

// readUnit reads the settings of a unit (systemd.syntax(7)).
func readUnit(text string) *serviceUnit {
	u := &serviceUnit{settings: map[string][]string{}}
	section, before := "", ""
	for _, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "#") || strings.HasPrefix(line, ";") {
			continue // also within a continued line
		}
		line = before + line
		if head, more := strings.CutSuffix(line, `\`); more {
			before = head + " "
			continue
		}
		before = ""
		if strings.HasPrefix(line, "[") {
			section = line
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		key = strings.TrimSpace(key)
		if ok && (section == "[Service]" || section == "[Unit]" && key == "DefaultDependencies") {
			u.settings[key] = append(u.settings[key], strings.TrimSpace(value))
		}
	}
	return u
}

// has tells whether one of the settings is there.
func (u *serviceUnit) has(keys ...string) bool {
	return slices.ContainsFunc(keys, func(k string) bool { return len(u.settings[k]) > 0 })
}

// last is the value that holds, "" when there is none.
func (u *serviceUnit) last(key string) string {
	list := u.settings[key]
	if len(list) == 0 {
		return ""
	}
	return list[len(list)-1]
}

// words are those of all lines since the last that resets the list.
func (u *serviceUnit) words(key string) []string {
	var out []string
	for _, v := range u.settings[key] {
		if v == "" {
			out = nil
		}
		out = append(out, strings.Fields(v)...)
	}
	return out
}

// one is the value of a list that only one line may set here: how systemd merges
// several hangs on their order.
func (u *serviceUnit) one(key string) (value string, set bool) {
	if len(u.settings[key]) > 1 {
		u.unknown = true
	}
	return u.last(key), u.has(key)
}

// boolean reads a value as systemd does (systemd.syntax(7)); ok is false when it
// is none.
func boolean(value string) (on, ok bool) {
	switch strings.ToLower(value) {
	case "1", "yes", "y", "true", "t", "on":
		return true, true
	case "0", "no", "n", "false", "f", "off":
		return false, true
	}
	return false, false
}

// on reads a switch.
func (u *serviceUnit) on(key string) bool {
	v := u.last(key)
	if v == "" {
		return false
	}
	on, ok := boolean(v)
	u.unknown = u.unknown || !ok
	return on
}

// oneOf reads a value of a list; yes and no stand for the booleans.
func (u *serviceUnit) oneOf(key, unset string, values ...string) string {
	v := u.last(key)
	if v == "" {
		return unset
	}
	if on, ok := boolean(v); ok && slices.Contains(values, "yes") {
		if on {
			return "yes"
		}
		return "no"
	}
	u.unknown = u.unknown || !slices.Contains(values, v)
	return v
}

// security is what the unit says, with what systemd adds when it loads it.
func (u *serviceUnit) security() security {
	s := security{
		user: u.last("User"), dynamic: u.on("DynamicUser"), on: map[string]bool{},
		home:    u.oneOf("ProtectHome", "no", "yes", "read-only", "tmpfs"),
		system:  u.oneOf("ProtectSystem", "no", "yes", "full", "strict"),
		caps:    u.capabilities(),
		ambient: len(u.words("AmbientCapabilities")) > 0, groups: len(u.words("SupplementaryGroups")) > 0,
		keyring:    u.oneOf("KeyringMode", "private", "private", "shared", "inherit"),
		proc:       u.oneOf("ProtectProc", "default", "default", "noaccess", "invisible", "ptraceable"),
		subset:     u.oneOf("ProcSubset", "all", "all", "pid"),
		notify:     u.oneOf("NotifyAccess", "none", "none", "main", "exec", "all"),
		namespaces: u.namespaces(), families: u.families(),
		architectures: u.words("SystemCallArchitectures"),
		ip:            u.addresses(), device: u.devices(),
		root:                strings.Trim(u.last("RootDirectory"), "/") != "" || u.last("RootImage") != "",
		defaultDependencies: !u.has("DefaultDependencies") || u.on("DefaultDependencies"),
	}
	var known bool
	s.umask, known = octal(u.last("UMask"), 0o022)
	u.unknown = u.unknown || !known || strings.Contains(s.user, "%")
	for _, w := range switches {
		s.on[w.name] = u.on(w.name)
	}
	s.on["RemoveIPC"] = u.on("RemoveIPC")
	if delegate, ok := boolean(u.last("Delegate")); delegate || !ok && u.last("Delegate") != "" {
		s.on["Delegate"] = true
	}
	s.privileged = s.user == "root" || s.user == "0" || s.user == "" && !s.dynamic
	s.implied()
	return s
}

// implied adds what other settings bring with them (systemd.exec(5),
// DynamicUser=, PrivateDevices=, ProtectKernelModules= and the like).
func (s *security) implied() {
	if s.dynamic {
		s.on["PrivateTmp"], s.on["RemoveIPC"], s.on["NoNewPrivileges"], s.on["RestrictSUIDSGID"] = true, true, true, true
		s.system = "strict"
		if s.home == "no" {
			s.home = "read-only"
		}
	}
	for name, caps := range map[string]string{
		"PrivateDevices": "MKNOD SYS_RAWIO", "ProtectKernelModules": "SYS_MODULE",
		"ProtectKernelLogs": "SYSLOG", "ProtectClock": "SYS_TIME WAKE_ALARM",
	} {
		for _, c := range strings.Fields(caps) {
			s.caps[c] = s.caps[c] || s.on[name]
		}
	}
}

// capabilities are those that CapabilityBoundingSet= takes away: the first list
// stands, later ones with ~ take more away and others add.
func (u *serviceUnit) capabilities() map[string]bool {
	var all []string
	for _, c := range capabilities {
		all = append(all, strings.Fields(c.names)...)
	}
	away := map[string]bool{}
	for _, line := range u.settings["CapabilityBoundingSet"] {
		list, inverted := strings.CutPrefix(line, "~")
		named := map[string]bool{}
		for _, word := range strings.Fields(list) {
			name := strings.TrimPrefix(strings.ToUpper(word), "CAP_")
			u.unknown = u.unknown || !slices.Contains(all, name)
			named[name] = true
		}
		first := !slices.ContainsFunc(all, func(c string) bool { return away[c] })
		for _, c := range all {
			switch {
			case inverted:
				away[c] = (away[c] || named[c]) && len(named) > 0
			case first || len(named) == 0:
				away[c] = !named[c]
			default:
				away[c] = away[c] && !named[c]
			}
		}
	}
	return away
}

// namespaces are the kinds that the service may make.
func (u *serviceUnit) namespaces() map[string]bool {
	value, _ := u.one("RestrictNamespaces")
	list, inverted := strings.CutPrefix(value, "~")
	out := map[string]bool{}
	restricted, isBool := boolean(value)
	words := strings.Fields(list)
	for kind := range namespaceKinds {
		switch {
		case value == "":
			out[kind] = true
		case isBool:
			out[kind] = !restricted
		default:
			out[kind] = slices.Contains(words, kind) != inverted
		}
	}
	u.unknown = u.unknown || !isBool && slices.ContainsFunc(words, func(w string) bool { return namespaceKinds[w] == 0 })
	return out
}

// families are the kinds of addresses that no socket may have.
func (u *serviceUnit) families() map[string]bool {
	out := map[string]bool{}
	value, _ := u.one("RestrictAddressFamilies")
	if value == "" {
		return out
	}
	list, denied := strings.CutPrefix(value, "~")
	for kind := range addressFamilies {
		out[kind] = !denied
	}
	for _, word := range strings.Fields(list) {
		switch word {
		case "none":
		case "AF_INET", "AF_INET6":
			out["inet"] = denied
		case "AF_UNIX", "AF_NETLINK", "AF_PACKET":
			out[strings.ToLower(strings.TrimPrefix(word, "AF_"))] = denied
		default:
			out["other"] = denied
		}
	}
	return out
}

// addresses is the exposure by IPAddressDeny= and IPAddressAllow=, of 10.
func (u *serviceUnit) addresses() int {
	if !slices.Contains(u.words("IPAddressDeny"), "any") {
		return 10
	}
	bad := 0
	for _, a := range u.words("IPAddressAllow") {
		if a == "localhost" || strings.HasPrefix(a, "127.") || a == "::1" || a == "::1/128" {
			bad = max(bad, 2)
		} else {
			bad = 5
		}
	}
	return bad
}

// devices is the exposure by DevicePolicy= and DeviceAllow=, of 10. ProtectClock=
// lets the clock be read, which counts as a device.
func (u *serviceUnit) devices() int {
	policy := u.oneOf("DevicePolicy", "auto", "auto", "closed", "strict")
	if policy == "auto" && u.on("PrivateDevices") {
		policy = "closed"
	}
	switch {
	case policy == "auto":
		return 10
	case len(u.words("DeviceAllow")) > 0 || u.on("ProtectClock"):
		return 5
	}
	return 0
}
