package command

import (
	"strings"

	"github.com/nativize/nativize/analyze/value"
)

const npmPure = "ls list view info show outdated version whoami config get set bin root prefix search help explain why audit doctor ping login logout pack publish docs repo bugs fund owner licenses init create cache store"

func npm(c *Call) {
	verb, rest := c.verb()
	if verb == "workspace" && len(rest) > 1 || verb == "global" && len(rest) > 0 {
		if verb == "workspace" {
			rest = rest[1:]
		}
		verb, rest = rest[0].String(), rest[1:]
	}
	tool := map[string]string{"cnpm": "npm", "yarnpkg": "yarn"}[c.Name]
	if tool == "" {
		tool = c.Name
	}
	switch {
	case c.isHelp():
		c.asked(tool)
	case verb == "" && (tool == "yarn" || len(c.Args) > 0), among("install i ci add isntall clean-install update up upgrade rebuild prune dedupe uninstall remove rm un r link import shrinkwrap fetch deploy install-test it", verb):
		c.nodeModules(tool, verb, rest)
	case verb == "" || among(npmPure, verb):
		c.asked(tool)
		if among("config cache set store", verb) {
			c.Outcome = Mechanics
		}
	case among("exec x dlx", verb):
		c.Args = rest
		runsRest(c)
	case among("run run-script", verb) && len(rest) > 0:
		c.npmScript(tool, rest[0].String())
	case among("start stop restart test t build", verb) || tool != "npm":
		c.npmScript(tool, verb)
	default:
		c.language(tool, verb, c.Argv[1:])
	}
}

// nodeModules: packages go below node_modules, with -g to the system.
func (c *Call) nodeModules(tool, verb string, rest []value.Value) {
	e := c.language(tool, verb, c.Argv[1:])
	dir, _ := c.Flag("prefix", "C", "cwd", "dir")
	if c.Has("g") || c.Name == "yarn" && c.Arg(0) == "global" {
		c.provideNames(rest)
		return
	}
	c.built(dir, "node_modules")
	e.Path = c.Path(join(orDot(dir), value.Text("node_modules")))
}

func orDot(v value.Value) value.Value {
	if v.IsEmpty() == value.Yes {
		return value.Text(".")
	}
	return v
}

// npmScript runs a script of package.json: what it does is told by its name.
func (c *Call) npmScript(tool, name string) {
	switch {
	case name == "test" || name == "t" || strings.HasPrefix(name, "lint") || strings.HasPrefix(name, "test:") || name == "typecheck" || name == "format":
		c.Outcome = Mechanics
	case name == "start" || name == "serve" || name == "stop" || name == "restart" || strings.HasPrefix(name, "start:") || strings.HasPrefix(name, "serve:"):
		if name == "stop" {
			c.setting("process")
			return
		}
		c.start(tool)
	case dataProgram.MatchString(name):
		c.migrate(c.Argv)
	default:
		c.language(tool, name, c.Argv[1:])
		if strings.Contains(name, "build") || name == "prod" || name == "production" {
			dir, _ := c.Flag("prefix", "C", "cwd", "dir")
			c.built(dir, "dist", "build")
		}
	}
}

func webBuild(c *Call) {
	verb, _ := c.verb()
	switch {
	case c.isHelp():
		c.asked(c.Name)
	case verb == "serve" || verb == "preview" || verb == "start" || verb == "dev":
		c.start(c.Name)
	default:
		c.language(c.Name, verb, c.Argv[1:])
	}
}

func versionTool(c *Call) {
	verb, _ := c.verb()
	switch {
	case c.isHelp() || among("ls list current which version versions root where ls-remote list-remote prefix commands env init", verb):
		c.asked(c.Name)
	case among("use local global shell alias default rehash reload activate deactivate set requirements get gemset reshim", verb):
		c.Outcome = Mechanics
	case among("exec run do", verb) && len(c.Args) > 1:
		rest := c.Args[1:]
		if verb != "exec" || c.Name == "nvm" || c.Name == "rvm" {
			rest = rest[min(1, len(rest)-1):]
		}
		c.delegate(rest)
	default:
		c.language(c.Name, verb, c.Argv[1:])
		if c.Name == "nvm" || c.Name == "n" || c.Name == "fnm" {
			c.Provide("node")
			c.Provide("npm")
		}
	}
}
