package command

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

// built lays directories that a build makes below the working directory, or
// below the one that an option names; one that is there stays.
func (c *Call) built(in value.Value, dirs ...string) {
	for _, d := range dirs {
		p := value.Text(d)
		if in.IsEmpty() != value.Yes {
			p = join(in, p)
		}
		s := c.Abs(p.Best())
		if c.H.Node(c.Where, s.String()).Presence != value.Yes {
			c.Tree(s, &host.Content{Kind: host.Built, At: c.At}, false)
		}
	}
}

// builds is a Run of a build tool: subcommands in pure do nothing that is kept,
// those in run run the rest. tool "" is the name of the command.
func builds(tool, pure, run string) func(*Call) {
	return func(c *Call) {
		name := tool
		if name == "" {
			name = c.Name
		}
		verb, rest := c.verb()
		switch {
		case c.isHelp():
			c.asked(name)
		case among(run, verb):
			c.delegate(rest)
		case onlyVerbs(pure, c.Args):
			c.Outcome = Mechanics
			c.Out = c.Hole(value.Output, name)
		default:
			e := c.language(name, verb, c.Argv[1:])
			if e.Env == "" {
				e.Path = c.Abs(value.TextStr(".")).String()
			}
			c.built(value.Value{}, outputs[name]...)
		}
	}
}

// outputs are the directories that a tool makes below its project.
var outputs = map[string][]string{"cargo": {"target"}, "mvn": {"target"}, "gradle": {"build"}, "sbt": {"target"}, "lein": {"target"}, "mix": {"_build", "deps"},

	"hugo": {"public"}, "jekyll": {"_site"}, "mkdocs": {"site"}, "gatsby": {"public"}, "bower": {"bower_components"}, "zensical": {"site"}}

// onlyVerbs tells whether there are operands and all are in a list.
func onlyVerbs(list string, words []value.Value) bool {
	if len(words) == 0 {
		return false
	}
	for _, w := range words {
		if !among(list, w.String()) {
			return false
		}
	}
	return true
}

func java(c *Call) {
	jar, isJar := c.Flag("jar")
	switch {
	case isJar:
		c.program(jar, c.Argv)
	case c.isHelp() || c.Has("version", "-version") || len(c.Args) == 0:
		c.asked("java")
	default:
		c.start(path.Base(c.Arg(0)))
	}
}

func bundle(c *Call) {
	verb, rest := c.verb()
	switch {
	case verb == "exec":
		for len(rest) > 0 && strings.HasPrefix(rest[0].String(), "-") {
			rest = rest[1:]
		}
		c.delegate(rest)
	case verb == "check":
		c.asked("bundle")
		c.Status = Asks(value.Maybe, &Cond{Op: Other, Fresh: value.No, Text: "the gems are installed"})
	case c.isHelp() || among("list show info outdated version help env platform doctor open console", verb):
		c.asked("bundle")
	case verb == "config":
		c.Outcome = Mechanics
	default:
		c.language("bundle", verb, c.Argv[1:])
		c.built(value.Value{}, "vendor/bundle")
	}
}

func rake(c *Call) {
	if c.Has("T", "P", "n", "D", "A") || c.isHelp() {
		c.asked("rake")
		return
	}
	c.rakeTasks("rake", c.Args)
}

// rakeTasks: tasks of db change data, others build; assignments are none.
func (c *Call) rakeTasks(tool string, tasks []value.Value) {
	for _, t := range tasks {
		n := t.String()
		if strings.HasPrefix(n, "db:") || dataProgram.MatchString(n) {
			c.migrate(c.Argv)
			return
		}
	}
	verb := ""
	if len(tasks) > 0 {
		verb = tasks[0].String()
	}
	c.language(tool, verb, c.Argv[1:])
}

func rails(c *Call) {
	verb, rest := c.verb()
	switch {
	case among("server s", verb):
		c.start("rails")
	case c.isHelp() || among("console c dbconsole db routes about notes stats test version secret", verb):
		c.asked("rails")
	case among("runner r", verb):
		c.migrate(c.Argv)
	default:
		c.rakeTasks("rails", append([]value.Value{value.Text(verb)}, rest...))
	}
}

func golang(c *Call) {
	verb, rest := c.verb()
	if c.isHelp() || among("version env doc list vet fmt test clean tool help bug fix mod work telemetry", verb) && verb != "mod" || len(c.Args) == 0 {
		c.asked("go_" + verb)
		return
	}
	if verb == "run" {
		ops := operands(rest, "-ldflags", "-tags", "-mod", "-modfile")
		if len(ops) > 0 {
			c.program(ops[0], c.Argv)
			return
		}
	}
	e := c.language("go", verb, c.Argv[1:])
	if out, ok := option(rest, "-o"); ok && verb == "build" {
		e.Path = c.Path(out)
		c.layBuilt(out)
	}
}

// option is the value of an option among words.
func option(words []value.Value, name string) (value.Value, bool) {
	for i, w := range words {
		t := w.Best().Prefix()
		if t == name && i+1 < len(words) {
			return words[i+1], true
		}
		if strings.HasPrefix(t, name+"=") {
			return afterEquals(w), true
		}
	}
	return value.Value{}, false
}

// layBuilt lays a program that a compiler makes.
func (c *Call) layBuilt(p value.Value) {
	if c.node(p).Kind == host.Dir || endsWith(p, "/") {
		return
	}
	c.Lay(p.Best(), &host.Node{Kind: host.Regular, Presence: value.Yes, Owner: c.User, Group: c.User, Mode: "0755", Content: &host.Content{Kind: host.Built, At: c.At}})
}

func compiler(c *Call) {
	if c.isHelp() || c.Has("dumpmachine", "dumpversion", "print-file-name") || len(c.Args) == 0 {
		c.asked(c.Name)
		return
	}
	e := c.language(c.Name, "", c.Argv[1:])
	if out, ok := c.Flag("o"); ok {
		e.Path = c.Path(out)
		c.layBuilt(out)
	}
}

func makeTool(c *Call) {
	switch {
	case c.isHelp() || c.Has("n", "q", "p") && c.Name != "meson" && c.Name != "fpm":
		c.asked(c.Name)
	case onlyVerbs("test tests check clean distclean mrproper help lint fmt format vet mostlyclean", withoutAssigns(c.Args)):
		c.Outcome = Mechanics
	default:
		tool := c.Name
		if tool == "gmake" || tool == "bmake" {
			tool = "make"
		}
		verb := ""
		if ops := withoutAssigns(c.Args); len(ops) > 0 {
			verb = ops[0].String()
		}
		e := c.language(tool, verb, c.Argv[1:])
		dir, _ := c.Flag("C")
		e.Path = c.Path(orDot(dir))
	}
}

// withoutAssigns drops NAME=VALUE.
func withoutAssigns(words []value.Value) []value.Value {
	var out []value.Value
	for _, w := range words {
		if !strings.Contains(w.String(), "=") {
			out = append(out, w)
		}
	}
	return out
}
