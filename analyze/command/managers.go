package command

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/value"
)

func supervisorctl(c *Call) {
	verb, names := c.verb()
	switch {
	case c.Has("h"), len(c.Args) == 0, among("status tail maintail pid avail version help fg clear open", verb):
		c.asked("supervisorctl_" + verb)
		if verb == "status" && len(names) == 1 {
			c.Status = c.serviceState(program(names[0].String()), verb)
		}
		return
	case among("reread update reload shutdown add remove", verb) && len(names) == 0:
		c.setting("supervisor")
		return
	case verb == "signal" && len(names) > 1:
		verb, names = "reload", names[1:]
	case verb == "update" || verb == "add":
		verb = "start"
	case verb == "remove":
		verb = "disable"
	}
	for _, v := range names {
		c.eachName(v, func(n string) { c.actOrAll(program(n), "supervisor", verb) })
	}
}

// program is the name of a program of supervisor: of GROUP:* the group.
func program(n string) string {
	group, name, ok := strings.Cut(n, ":")
	if !ok || name == "*" || name == "" {
		return group
	}
	return name
}

// actOrAll acts on one service, or on all that a manager has.
func (c *Call) actOrAll(name, manager, verb string) {
	if name == "all" {
		e := c.setting(manager)
		e.Action, e.Args = verb, []string{"all"}
		return
	}
	c.act(name, manager, verb)
}

const pm2Pure = "list ls l ps status jlist prettylist describe desc show info monit imonit dash ping logs log id pid version report env conf get inspect sysmonit slist " +

	"plus register login whoami prettyList trigger attach send sendSignal"

func pm2(c *Call) {
	verb, rest := c.verb()
	switch {
	case len(c.Args) == 0 || among(pm2Pure, verb):
		c.asked("pm2_" + verb)
	case among("save dump flush reset resurrect kill update updatePM2 set unset multiset cleardump reloadLogs startup unstartup install uninstall module:install deploy backward forward pull profile:mem heapdump ecosystem init autoinstall", verb):
		c.setting("pm2")
		if verb == "startup" {
			c.act("pm2", "pm2", "enable")
		}
		if verb == "kill" {
			c.Detail = "every process of pm2 stops"
		}
	case among("start restart reload stop delete del startOrRestart startOrReload startOrGracefulReload gracefulReload scale serve", verb):
		c.pm2Act(map[string]string{"del": "delete", "startOrRestart": "restart", "startOrReload": "reload", "startOrGracefulReload": "reload", "gracefulReload": "reload", "scale": "start", "serve": "start"}[verb], verb, rest)
	default:
		c.setting("pm2")
	}
}

func (c *Call) pm2Act(as, verb string, rest []value.Value) {
	if as == "" {
		as = verb
	}
	name := c.Text("n")
	if only, ok := c.Flag("only"); ok {
		for _, n := range commas(only) {
			c.act(n, "pm2", as)
		}
		return
	}
	switch {
	case name != "":
		c.act(name, "pm2", as)
	case len(rest) == 0: // the ecosystem file of the working directory
		rest = []value.Value{value.Text("ecosystem.config.js")}
		fallthrough
	case isEcosystem(rest[0].String()):
		names := c.ecosystem(rest[0])
		for _, n := range names {
			c.act(n, "pm2", as)
		}
		if len(names) == 0 {
			e := c.setting("pm2")
			e.Action, e.Path = as, c.Path(rest[0])
		}
	default:
		for i, v := range rest {
			if i > 0 && as == "start" || c.afterDashes(v) {
				break
			}
			c.eachName(v, func(n string) { c.actOrAll(processName(n), "pm2", as) })
		}
	}
}

// afterDashes tells whether an operand was given after "--": it is the
// program's.
func (c *Call) afterDashes(v value.Value) bool {
	for i, w := range c.Argv {
		if w.Is("--") {
			for _, x := range c.Argv[:i] {
				if x.Equal(v) {
					return false
				}
			}
			return true
		}
	}
	return false
}

func isEcosystem(p string) bool {
	for _, end := range []string{".json", ".yml", ".yaml", ".config.js", ".config.cjs", ".config.mjs"} {
		if strings.HasSuffix(p, end) {
			return true
		}
	}
	return false
}

var processNames = lazyregexp.New(`(?m)(?:^|[\s{,-])["']?name["']?\s*:\s*["']?([\w.@-]+)`)

// ecosystem reads the names of the processes that a file of pm2 declares.
func (c *Call) ecosystem(v value.Value) []string {
	text, ok := c.read(v)
	if !ok {
		return nil
	}
	var out []string
	for _, m := range processNames.FindAllStringSubmatch(text.String(), -1) {
		out = append(out, m[1])
	}
	return out
}

// processName is the name that pm2 and forever give: the program without its
// directory and extension.
func processName(p string) string {
	b := path.Base(p)
	for _, ext := range []string{".js", ".cjs", ".mjs", ".ts", ".py", ".sh", ".rb", ".php"} {
		if n, ok := strings.CutSuffix(b, ext); ok {
			return n
		}
	}
	return b
}

func forever(c *Call) {
	verb, rest := c.verb()
	switch {
	case among("start stop restart", verb) && len(rest) > 0:
		name := c.Text("uid")
		if name == "" {
			name = path.Base(rest[0].String())
		}
		c.act(name, "forever", verb)
	case among("list config logs columns", verb), len(c.Args) == 0:
		c.asked("forever")
	case among("stopall restartall cleanlogs set clear", verb):
		c.setting("forever")
	default:
		c.start(path.Base(c.Arg(0)))
	}
}

func monit(c *Call) {
	verb, rest := c.verb()
	switch {
	case len(c.Args) == 0 && c.Has("t", "V", "h", "H", "r"), among("status summary report validate procmatch", verb):
		c.asked("monit")
	case among("start stop restart monitor unmonitor", verb) && len(rest) > 0:
		c.eachName(rest[0], func(n string) { c.actOrAll(n, "monit", verb) })
	case verb == "reload" || verb == "quit":
		c.act("monit", "monit", action(verb))
	default:
		c.start("monit")
	}
}

// svActions are the commands of sv(8), which may be cut to one letter, and the
// options of svc(8).
var svActions = map[string]string{"u": "start", "up": "start", "start": "start", "d": "stop", "down": "stop", "stop": "stop", "o": "start", "once": "start",

	"t": "restart", "term": "restart", "r": "restart", "restart": "restart", "h": "reload", "hup": "reload", "reload": "reload", "k": "stop", "kill": "stop",
	"x": "stop", "exit": "stop", "shutdown": "stop", "force-stop": "stop", "force-restart": "restart", "force-reload": "reload", "s": "status", "status": "status"}

// sv is sv ACTION DIR...; svc and s6-svc name the action by an option.
func sv(c *Call) {
	verb, rest := c.verb()
	if c.Name != "sv" {
		verb, rest = "", c.Args
		for _, o := range c.Opts {
			if svActions[o.Name] != "" {
				verb = o.Name
			}
		}
	}
	do := svActions[verb]
	if do == "" {
		c.asked(c.Name)
		return
	}
	manager := "runit"
	if c.Name == "s6-svc" {
		manager = "s6"
	}
	for _, v := range rest {
		c.initAction(base(v), manager, do)
	}
}

func s6rc(c *Call) {
	verb, rest := c.verb()
	if verb != "change" && verb != "start" && verb != "stop" {
		c.asked("s6-rc")
		return
	}
	do := "start"
	if c.Has("d") || verb == "stop" {
		do = "stop"
	}
	for _, v := range rest {
		c.eachName(v, func(n string) { c.act(n, "s6", do) })
	}
}

func launchctl(c *Call) {
	verb, rest := c.verb()
	do := map[string]string{"load": "enable", "bootstrap": "enable", "enable": "enable", "unload": "disable", "bootout": "disable", "disable": "disable", "remove": "disable",
		"start": "start", "kickstart": "restart", "stop": "stop", "kill": "stop"}[verb]
	if do == "" || len(rest) == 0 {
		verbs{name: "launchd", pure: "list print print-disabled blame error variant version getenv managername"}.run(c)
		return
	}
	c.eachName(rest[len(rest)-1], func(n string) { c.act(strings.TrimSuffix(path.Base(n), ".plist"), "launchd", do) })
}
