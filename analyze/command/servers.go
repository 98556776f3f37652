package command

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

// start records a program that is started to stay.
func (c *Call) start(name string) {
	c.Outcome = Changed
	c.Record(&host.Effect{Op: host.StartOp, Name: name, What: Line(c.Argv), Path: programPath(c)})
}

// programPath is the path of the program, when the command line has one.
func programPath(c *Call) string {
	if strings.Contains(c.Argv[0].String(), "/") {
		return c.Path(c.Argv[0])
	}
	return ""
}

func starts(c *Call) {
	if c.isHelp() {
		c.asked(c.Name)
		return
	}
	name := c.Name
	if among("nodemon daemonize daemon", c.Name) && len(c.Args) > 0 {
		name = path.Base(c.Arg(0))
	}
	c.start(name)
}

// server is a Run of a server: the options named only ask.
func server(ask ...string) func(*Call) {
	return func(c *Call) {
		if c.isHelp() || c.Has(ask...) {
			c.asked(c.Name)
			return
		}
		c.start(c.Name)
	}
}

// controls is a Run of a program whose first operand is an action on a server.
func controls(name, manager string) func(*Call) {
	return func(c *Call) {
		if verb, _ := c.verb(); verb != "" {
			c.initAction(value.Text(name), manager, verb)
			return
		}
		c.asked(c.Name)
	}
}

func startStop(c *Call) {
	exec, ok := c.Flag("a")
	if !ok {
		exec, ok = c.Flag("x")
	}
	name := path.Base(exec.String())
	if !ok {
		name = c.Text("n")
	}
	switch {
	case c.Has("T", "t", "H", "V"):
		c.asked("start-stop-daemon")
		c.Status = c.serviceState(name, "status")
	case c.Has("K"):
		e := c.setting("process")
		e.Action, e.Args = "stop", []string{name}
	default:
		e := &host.Effect{Op: host.StartOp, Name: name, What: Line(append([]value.Value{exec}, c.Args...))}
		if ok {
			e.Path = c.Path(exec)
		}
		user, _, _ := strings.Cut(c.Text("c"), ":")
		if user == "" {
			user = c.User
		}
		c.As(user).Record(e)
	}
}

func nginx(c *Call) {
	switch {
	case c.Has("t", "T", "v", "V", "h"):
		c.asked("nginx")
	case c.Has("s"):
		c.act("nginx", "other", action(c.Text("s")))
	default:
		c.act("nginx", "other", "start")
	}
}

func apachectl(c *Call) {
	name := "apache2"
	if c.Name == "httpd" {
		name = "httpd"
	}
	verb, _ := c.verb()
	if k, ok := c.Flag("k"); ok {
		verb = k.String()
	}
	switch {
	case c.Has("t", "S", "M", "l", "L", "v", "V", "h", "T"), among("configtest status fullstatus", verb):
		c.asked(c.Name)
	case verb == "":
		c.act(name, "other", "start")
	default:
		c.act(name, "other", action(verb))
	}
}

func uwsgi(c *Call) {
	switch {
	case c.isHelp():
		c.asked("uwsgi")
	case c.Has("reload"):
		c.act("uwsgi", "other", "reload")
	case c.Has("stop"):
		c.act("uwsgi", "other", "stop")
	default:
		c.start("uwsgi")
	}
}

func celery(c *Call) {
	verb, rest := c.verb()
	switch {
	case among("worker beat flower events", verb):
		c.start("celery")
	case verb == "multi" && len(rest) > 0:
		c.act("celery", "other", action(strings.TrimSuffix(rest[0].String(), "_verify")))
	case among("purge control call upgrade migrate", verb):
		c.setting("celery")
	default:
		c.asked("celery")
	}
}
