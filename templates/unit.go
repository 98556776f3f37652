package templates

import (
	"fmt"
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
)

// A Service is a service unit: systemd.service(5), systemd.exec(5). Fields left
// zero are not written.
type Service struct {
	Ref           Ref
	Description   string
	Documentation []string // URIs
	After         []string // unit names
	Wants         []string
	Requires      []string

	Type                string // exec, simple, forking, notify, oneshot
	User, Group         string
	SupplementaryGroups []string
	WorkingDirectory    string
	Environment         []string // NAME=value
	EnvironmentFiles    []string // absolute; a leading - allows it to be missing
	PIDFile             string
	ExecStartPre        []Command
	ExecStart           []Command // more than one for oneshot only
	ExecReload          []Command
	ExecStop            []Command
	KillMode            string
	KillSignal          string
	Restart             string // on-failure, always
	RestartSec          string // systemd.time(7)
	TimeoutStartSec     string
	TimeoutStopSec      string
	UMask               string // octal
	LimitNOFILE         string

	// Directories relative to /var/lib, /var/log, /var/cache and /run; systemd
	// makes them and gives them to User.
	State, Logs, Cache, Runtime                 []string
	StateMode, LogsMode, CacheMode, RuntimeMode uint32
	Harden                                      []Setting
	Extra                                       []Setting // of the [Service] section
	WantedBy                                    []string  // "" makes a unit that others start
	Alias                                       []string
}

// A Setting is one line KEY=value... with the reason as a comment above it.
type Setting struct {
	Ref    Ref
	Key    string // of systemd.directives(7)
	Values []string
	Why    string
}

// A Command is an argument vector. With Expand, ${NAME} in it is a variable of
// the unit's environment; any other $ is literal.
type Command struct {
	Ref    Ref
	Args   []string // the first is absolute
	Prefix string   // of systemd.service(5): "-", "+", "!" or ""
	Expand bool
}

// Text writes the unit.
func (s Service) Text() (Text, error) {
	for _, c := range s.commands() {
		if len(c.Args) == 0 || !strings.HasPrefix(c.Args[0], "/") {
			return Text{}, fmt.Errorf("unit %q: command %q has no absolute path", s.Description, c.Args)
		}
	}
	if len(s.ExecStart) == 0 {
		return Text{}, fmt.Errorf("unit %q: no command", s.Description)
	}
	return fill("service.tmpl", s)
}

func (s Service) commands() []Command {
	var out []Command
	for _, l := range [][]Command{s.ExecStartPre, s.ExecStart, s.ExecReload, s.ExecStop} {
		out = append(out, l...)
	}
	return out
}

var variable = lazyregexp.New(`\$\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)

// Line is the command line, quoted.
func (c Command) Line() (string, error) {
	var words []string
	for _, a := range c.Args {
		w, err := UnitArg(a)
		if err != nil {
			return "", err
		}
		if c.Expand {
			w = variable.ReplaceAllString(w, `$${$1}`)
		}
		words = append(words, w)
	}
	return c.Prefix + strings.Join(words, " "), nil
}

// Line is the setting's line.
func (s Setting) Line() (string, error) {
	words, err := unitWords(s.Values)
	return s.Key + "=" + words, err
}

func unitWords(list []string) (string, error) {
	var out []string
	for _, v := range list {
		w, err := unitWord(v)
		if err != nil {
			return "", err
		}
		out = append(out, w)
	}
	return strings.Join(out, " "), nil
}

// A Timer is a timer unit: systemd.timer(5).
type Timer struct {
	Ref                Ref
	Description        string
	OnCalendar         []string // systemd.time(7), "Calendar events"
	OnBootSec          string
	OnUnitActiveSec    string
	Persistent         bool // catch up on what was missed
	RandomizedDelaySec string
	Unit               string // "" the service of the same name
}

// Text writes the unit.
func (t Timer) Text() (Text, error) { return fill("timer.tmpl", t) }

// Reading is what a static reading of the payload and its configuration found.
// Each field that is true takes a line of Hardening away.
type Reading struct {
	Root     bool     // runs as root
	Sudo     bool     // calls sudo, su or a set-user-ID program
	Tmp      bool     // shares files below /tmp or /var/tmp with others
	Home     bool     // uses paths below /home or /root
	Devices  bool     // uses devices
	Kernel   bool     // changes kernel settings or loads modules
	Writable []string // absolute paths that it writes to, beside its own directories
	Unknown  bool     // part of what it writes to could not be known
}

// Hardening returns the lines that a reading justifies, each with its reason.
func Hardening(r Reading) []Setting {
	var out []Setting
	add := func(key, value, why string) {
		out = append(out, Setting{Key: key, Values: []string{value}, Why: why})
	}
	if !r.Sudo && !r.Root {
		add("NoNewPrivileges", "yes", "it calls no program that changes the user")
		add("RestrictSUIDSGID", "yes", "it makes no set-user-ID file")
		out = append(out, Setting{Key: "CapabilityBoundingSet", Why: "its account has no rights of root, and it calls nothing that would gain them"})
	}
	if !r.Tmp {
		add("PrivateTmp", "yes", "it shares no temporary file with another program")
	}
	switch {
	case r.Root && r.Unknown:
	case r.Unknown:
		add("ProtectSystem", "full", "part of what it writes to is not known, but it is none of /usr, /boot and /etc")
	default:
		add("ProtectSystem", "strict", "it writes to its own directories only")
	}
	if !r.Home {
		add("ProtectHome", "yes", "it uses nothing below /home and /root")
	}
	if !r.Devices && !r.Root {
		add("PrivateDevices", "yes", "it uses no device")
	}
	if !r.Kernel && !r.Root {
		add("ProtectKernelTunables", "yes", "it changes no kernel setting")
		add("ProtectKernelModules", "yes", "it loads no kernel module")
		add("ProtectControlGroups", "yes", "it changes no control group")
		add("ProtectKernelLogs", "yes", "it reads no log of the kernel, which is root's")
		add("ProtectClock", "yes", "it sets no clock, which is root's to do")
		add("ProtectHostname", "yes", "it sets no host name, which is root's to do")
	}
	if len(r.Writable) > 0 {
		w := Setting{Key: "ReadWritePaths", Why: "it writes here as well"}
		for _, p := range r.Writable {
			w.Values = append(w.Values, "-"+p)
		}
		out = append(out, w)
	}
	return out
}
