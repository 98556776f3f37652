package command

import (
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/value"
)

func dpkg(c *Call) {
	switch {
	case c.Has("print-architecture", "print-foreign-architectures"):
		c.Outcome, c.Status = Pure, Known(true)
		c.Out = value.Concat(c.Hole(value.Fact, "arch"), value.Text("\n"))
	case c.Has("compare-versions"):
		c.asked("dpkg")
		c.Status = Asks(value.Maybe, &Cond{Op: Other, Text: "version " + Line(c.Args)})
	case c.Has("s", "l", "L", "S", "p", "W", "V", "C", "get-selections", "no-act", "simulate", "dry-run", "help", "version"):
		dpkgQuery(c)
	case c.Has("i", "unpack"):
		c.packages(filesOf(c.Args), "dpkg", "install")
	case c.Has("P"):
		c.packages(c.Args, "dpkg", "purge")
	case c.Has("r"):
		c.packages(c.Args, "dpkg", "remove")
	case c.Has("configure", "triggers-only", "clear-avail", "update-avail", "forget-old-unavail"):
		c.Outcome = Mechanics
	case c.Has("x", "X", "e", "b", "c", "I", "f"):
		dpkgDeb(c)
	case c.Has("add-architecture", "remove-architecture", "set-selections", "clear-selections"):
		c.setting("packages")
	default:
		c.asked("dpkg")
	}
}

// filesOf marks operands of dpkg -i as paths.
func filesOf(words []value.Value) []value.Value {
	out := make([]value.Value, len(words))
	for i, w := range words {
		if out[i] = w; !isPackageFile(w.String()) {
			out[i] = value.Concat(value.Text("./"), w)
		}
	}
	return out
}

// dpkgQuery: asking for a package that is not installed fails.
func dpkgQuery(c *Call) {
	c.asked(c.Name)
	if !c.Has("s", "l", "W", "L") || len(c.Args) == 0 {
		if c.Has("S") {
			c.Status = Asks(value.Maybe, &Cond{Op: Other, Text: "a package owns " + c.Arg(0)})
		}
		return
	}
	var sts []Status
	for _, v := range c.Args {
		n := packageName("apt", v.String())
		if strings.ContainsAny(n, "*?[") {
			sts = append(sts, Asks(value.Maybe, &Cond{Op: Other, Text: "a package matches " + n}))
			continue
		}
		sts = append(sts, c.present(host.Package, n))
	}
	c.Status = all(sts)
}

// dpkgDeb builds a package file from a tree, or unpacks one.
func dpkgDeb(c *Call) {
	switch {
	case c.Has("b") && len(c.Args) > 0:
		to := value.Concat(c.Args[0], value.Text(".deb"))
		if len(c.Args) > 1 {
			to = c.Args[1]
		}
		c.Write(to, &host.Content{Kind: host.Built, Path: c.Path(c.Args[0])}, false)
		c.Record(&host.Effect{Op: host.Language, Manager: "dpkg-deb", Action: "build", What: Line(c.Argv[1:]), Path: c.Path(to)})
	case c.Has("x", "X", "e", "R") && len(c.Args) > 0:
		dir := value.Text("DEBIAN")
		if len(c.Args) > 1 {
			dir = c.Args[1]
		}
		c.Unpack(c.node(c.Args[0]).Content, dir, host.UnpackOpts{From: c.Path(c.Args[0])})
	default:
		c.asked(c.Name)
	}
}

var passwordQuestion = lazyregexp.New(`(?i)passw|secret|token`)

// selections: an answer to a question for a password is a secret in the script.
func selections(c *Call) {
	e := c.setting("debconf")
	if text, ok := c.input(c.Args); ok && text.Known() && passwordQuestion.MatchString(text.String()) {
		e.Args = secretWord(true)
	}
}

// alternatives: --install LINK NAME PATH PRIORITY, --set NAME PATH.
func alternatives(c *Call) {
	if c.Has("display", "list", "query", "get-selections", "help", "version") || len(c.Args) == 0 {
		c.asked(c.Name)
		return
	}
	e := c.setting("alternatives")
	switch {
	case c.Has("install") && len(c.Args) > 3:
		e.Action, e.Path, e.Target = "install", c.Path(c.Args[0]), c.Arg(2)
		c.silent(func() { c.Symlink(join(value.Text("/etc/alternatives"), c.Args[1]), c.Args[0], true, false) })
	case c.Has("set") && len(c.Args) > 1:
		e.Action, e.Target = "set", c.Arg(1)
	}
}
