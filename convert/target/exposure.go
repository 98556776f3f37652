package target

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// exposureVersion is the release whose weights Exposure has.
const exposureVersion = "systemd 252"

// An Exposure is what systemd-analyze security says of a service in all, from 0
// (safe) to 100 (dangerous), in tenths of the figure that it prints.
type Exposure int

func (e Exposure) String() string {
	word := "perfect"
	for _, w := range []struct {
		from Exposure
		word string
	}{{1, "safe"}, {10, "ok"}, {50, "medium"}, {75, "exposed"}, {90, "unsafe"}, {100, "dangerous"}} {
		if e >= w.from {
			word = w.word
		}
	}
	return fmt.Sprintf("%d.%d %s", e/10, e%10, word)
}

// ExposureOf computes the figure of "systemd-analyze security --offline=true"
// for the text of a service unit, with nothing run. It is false when the unit
// has a setting whose weight hangs on more than the unit: a filter of system
// calls (the calls that the machine has), a value that is not known, one in a
// form that is merged over several lines.
//
// Source: systemd-analyze(1), "systemd-analyze security"; the weights are those
// of systemd 252, which tests compare.
func ExposureOf(text string) (Exposure, bool) {
	u := readUnit(text)
	s := u.security()
	if u.unknown || u.has("SystemCallFilter", "IPIngressFilterPath", "IPEgressFilterPath") {
		return 0, false
	}
	bad, all := 0, 0
	for _, a := range assessments(s) {
		if a.leftOut || a.bootless && !s.defaultDependencies {
			continue
		}
		scale := max(a.scale, 1)
		bad += (a.bad*a.weight + scale - 1) / scale
		all += a.weight
	}
	return Exposure((bad*100 + all - 1) / all), true
}

// An assessment is one line of the table that systemd-analyze prints.
type assessment struct {
	weight   int
	bad      int // of scale
	scale    int // 0 means 1
	leftOut  bool
	bootless bool // left out as well without default dependencies
}

// security is what a unit says of its security, with what systemd adds.
type security struct {
	user                string
	privileged          bool
	dynamic             bool
	defaultDependencies bool
	on                  map[string]bool // the switches
	home, system        string
	caps                map[string]bool // what is bounded away
	ambient, groups     bool
	umask               uint64
	keyring, proc       string
	subset, notify      string
	namespaces          map[string]bool // allowed
	families            map[string]bool // forbidden
	architectures       []string
	ip, device          int // of 10
	root                bool
}

// switches are settings with yes or no and their weights; unset is bad.
var switches = []struct {
	name     string
	weight   int
	bootless bool
}{
	{"PrivateDevices", 1000, false}, {"PrivateMounts", 1000, false}, {"PrivateNetwork", 2500, false}, {"PrivateTmp", 1000, true},
	{"PrivateUsers", 1000, false}, {"ProtectControlGroups", 1000, false}, {"ProtectKernelModules", 1000, false},
	{"ProtectKernelTunables", 1000, false}, {"ProtectKernelLogs", 1000, false}, {"ProtectClock", 1000, false},
	{"ProtectHostname", 50, false}, {"LockPersonality", 100, false}, {"MemoryDenyWriteExecute", 100, false},
	{"NoNewPrivileges", 1000, false}, {"RestrictRealtime", 500, false}, {"RestrictSUIDSGID", 1000, false},
}

// capabilities are the groups that are weighed together: bad when one is left.
var capabilities = []struct {
	names  string
	weight int
}{
	{"SYS_ADMIN", 1500}, {"SETUID SETGID SETPCAP", 1500}, {"SYS_PTRACE", 1500}, {"SYS_TIME", 1000}, {"NET_ADMIN", 1000},
	{"SYS_RAWIO", 1000}, {"SYS_MODULE", 1000}, {"AUDIT_CONTROL AUDIT_READ AUDIT_WRITE", 500}, {"SYSLOG", 500},
	{"SYS_NICE SYS_RESOURCE", 500}, {"MKNOD", 500}, {"CHOWN FSETID SETFCAP", 1000},
	{"DAC_OVERRIDE DAC_READ_SEARCH FOWNER IPC_OWNER", 1000}, {"KILL", 500}, {"NET_BIND_SERVICE NET_BROADCAST NET_RAW", 500},
	{"SYS_BOOT", 100}, {"MAC_ADMIN MAC_OVERRIDE", 100}, {"LINUX_IMMUTABLE", 75}, {"IPC_LOCK", 50}, {"SYS_CHROOT", 50},
	{"BLOCK_SUSPEND", 25}, {"WAKE_ALARM", 25}, {"LEASE", 25}, {"SYS_TTY_CONFIG", 25}, {"SYS_PACCT", 25},
	{"BPF", 25}, {"PERFMON CHECKPOINT_RESTORE", 0}, // not weighed on their own
}

// kinds of namespaces and families of addresses with their weights.
var (
	namespaceKinds  = map[string]int{"user": 1500, "mnt": 500, "ipc": 500, "pid": 500, "cgroup": 500, "net": 500, "uts": 100}
	addressFamilies = map[string]int{"inet": 1500, "unix": 25, "netlink": 200, "packet": 1000, "other": 1250}
)

// callFilters is the weight of all groups of system calls, none of which is
// filtered in a unit that is computed.
const callFilters = 7*1000 + 2*250 + 2*700

func assessments(s security) []assessment {
	out := []assessment{
		{weight: 2000, bad: userExposure(s), scale: 10},
		{weight: 200, bad: badIf(s.groups), leftOut: s.privileged},
		{weight: 1000, bad: level(s.home, map[string]int{"yes": 0, "tmpfs": 1, "read-only": 5}), scale: 10, bootless: true},
		{weight: 1000, bad: level(s.system, map[string]int{"strict": 0, "full": 3, "yes": 5}), scale: 10, bootless: true},
		{weight: 200, bad: badIf(!s.root), bootless: true},
		{weight: 100, bad: umaskExposure(s.umask), scale: 10},
		{weight: 1000, bad: badIf(s.keyring != "private")},
		{weight: 1000, bad: procExposure(s.proc), scale: 3},
		{weight: 10, bad: badIf(s.subset != "pid")},
		{weight: 1000, bad: badIf(s.notify == "all")},
		{weight: 100, bad: badIf(!s.on["RemoveIPC"]), leftOut: s.privileged},
		{weight: 100, bad: badIf(s.on["Delegate"])},
		{weight: 1000, bad: architectureExposure(s.architectures), scale: 10},
		{weight: callFilters, bad: 1},
		{weight: 1000, bad: s.ip, scale: 10},
		{weight: 1000, bad: s.device, scale: 10},
		{weight: 500, bad: badIf(s.ambient)},
	}
	for _, w := range switches {
		out = append(out, assessment{weight: w.weight, bad: badIf(!s.on[w.name]), bootless: w.bootless})
	}
	for _, c := range capabilities {
		left := slices.ContainsFunc(strings.Fields(c.names), func(n string) bool { return !s.caps[n] })
		out = append(out, assessment{weight: c.weight, bad: badIf(left)})
	}
	for kind, weight := range namespaceKinds {
		out = append(out, assessment{weight: weight, bad: badIf(s.namespaces[kind])})
	}
	for family, weight := range addressFamilies {
		out = append(out, assessment{weight: weight, bad: badIf(!s.families[family])})
	}
	return out
}

func badIf(bad bool) int {
	if bad {
		return 1
	}
	return 0
}

// level is the exposure of a value, 10 of 10 when it is none of these.
func level(value string, of map[string]int) int {
	if bad, ok := of[value]; ok {
		return bad
	}
	return 10
}

func userExposure(s security) int {
	switch {
	case s.user == "nobody":
		return 9
	case s.privileged:
		return 10
	}
	return 0
}

func umaskExposure(mask uint64) int {
	switch {
	case mask&0o002 == 0:
		return 10
	case mask&0o004 == 0:
		return 5
	case mask&0o020 == 0:
		return 2
	case mask&0o040 == 0:
		return 1
	}
	return 0
}

func procExposure(value string) int {
	switch value {
	case "noaccess":
		return 1
	case "invisible", "ptraceable":
		return 0
	}
	return 3
}

func architectureExposure(list []string) int {
	switch {
	case len(list) == 0:
		return 10
	case len(list) == 1 && list[0] == "native":
		return 0
	}
	return 8
}

// octal reads a mode, or the default when it is empty; it is false for a value
// that is none.
func octal(value string, unset uint64) (uint64, bool) {
	if value == "" {
		return unset, true
	}
	n, err := strconv.ParseUint(value, 8, 12)
	return n, err == nil
}
