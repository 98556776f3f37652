package command

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

// venv is the virtual environment that a Python program belongs to: by its path,
// else the active one.
func (c *Call) venv() string {
	if dir, ok := envOf(c.Argv[0].Best()); ok {
		return c.Abs(dir).String()
	}
	if v := c.shellVar("VIRTUAL_ENV"); v != "" && !strings.HasPrefix(v, "${VIRTUAL_ENV") {
		return v
	}
	return ""
}

// envOf is the directory above bin in the path of a program, false when that is
// the system's.
func envOf(p value.Str) (value.Str, bool) {
	text := p.String()
	i := strings.LastIndex(text, "/bin/")
	if i < 0 || strings.Contains(text[i+5:], "/") {
		return value.Str{}, false
	}
	dir := text[:i]
	if dir == "" || dir == "/usr" || dir == "/usr/local" || strings.HasPrefix(dir, "/usr/lib") || strings.HasSuffix(dir, "/.local") || strings.HasPrefix(dir, "/opt/homebrew") {
		return value.Str{}, false
	}
	return p.Dir().Dir(), true
}

// makeVenv makes a virtual environment. Its activate script is known, so that a
// script that reads it gets the variables.
func (c *Call) makeVenv(dir value.Value) {
	if c.isHelp() || dir.IsEmpty() == value.Yes {
		c.asked(c.Name)
		return
	}
	c.Outcome = Changed
	if c.Name == "mkvirtualenv" {
		dir = join(value.Concat(c.Hole(value.Env, "HOME"), value.Text("/.virtualenvs")), dir)
	}
	p := c.abs(dir)
	c.Record(&host.Effect{Op: host.System, Name: "virtual-environment", Action: "create", Path: p.String(), Val: p, What: Line(c.Argv)})
	c.Tree(p.Best(), &host.Content{Kind: host.Built, At: c.At}, false)
	for _, n := range []string{"python", "python3", "pip", "pip3"} {
		c.Lay(p.Best().Concat(value.TextStr("/bin/"+n)), &host.Node{Kind: host.AnyKind, Presence: value.Yes, Owner: c.User, Group: c.User, Content: &host.Content{Kind: host.Built}})
	}
	text := value.Concat(value.Concat(value.Text("VIRTUAL_ENV='"), p), value.Text("'\nexport VIRTUAL_ENV\nPATH=\"$VIRTUAL_ENV/bin:$PATH\"\nexport PATH\ndeactivate() { unset VIRTUAL_ENV; }\n"))
	c.Lay(p.Best().Concat(value.TextStr("/bin/activate")), &host.Node{Kind: host.Regular, Presence: value.Yes, Owner: c.User, Group: c.User, Mode: "0644",
		Content: &host.Content{Kind: host.Literal, Text: text, At: c.At}})
	if c.Name == "mkvirtualenv" && c.Sh != nil {
		c.Sh.SetVar("VIRTUAL_ENV", p)
	}
}

func pip(c *Call) {
	verb, rest := c.verb()
	switch {
	case c.Has("V", "version"), len(c.Args) == 0, among("list show freeze check config cache index debug hash search help inspect completion", verb):
		c.asked("pip_" + verb)
		if verb == "show" && len(rest) > 0 {
			c.Status = Asks(value.Maybe, &Cond{Op: Other, Fresh: value.No, Text: "the Python package " + rest[0].String() + " is installed"})
		}
	default:
		e := c.language("pip", verb, c.Argv[1:])
		if t, ok := c.Flag("t"); ok {
			e.Path = c.Path(t)
		}
		if verb == "install" {
			c.provideNames(rest)
		}
	}
}

// provideNames makes programs callable that have the names of packages.
func (c *Call) provideNames(words []value.Value) {
	for _, w := range words {
		n, _, _ := strings.Cut(w.String(), "[")
		if i := strings.IndexAny(n, "=<>~!@"); i > 0 {
			n = n[:i]
		}
		if n != "" && !strings.ContainsAny(n, "/.$:") {
			c.Provide(n)
		}
	}
}

func uv(c *Call) {
	verb, rest := c.verb()
	switch {
	case verb == "pip" && len(rest) > 0:
		if among("list show freeze check tree", rest[0].String()) {
			c.asked("uv_pip")
			return
		}
		e := c.language("pip", rest[0].String(), append([]value.Value{value.Text("uv")}, c.Argv[1:]...))
		if p, ok := c.Flag("python", "p"); ok {
			if dir, is := envOf(p.Best()); is {
				e.Env = c.Abs(dir).String()
			} else if strings.Contains(p.String(), "/") {
				e.Env = c.Path(p)
			}
			e.Path = e.Env
		}
	case verb == "venv":
		dir := value.Text(".venv")
		if len(rest) > 0 {
			dir = rest[0]
		}
		c.makeVenv(dir)
	case verb == "run" && len(rest) > 0:
		c.delegate(rest)
	case verb == "sync":
		c.project("uv", ".venv")
	default:
		builds("uv", "tree version export help cache", "")(c)
	}
}

// project records a tool that installs into an environment of the project.
func (c *Call) project(tool, env string) {
	e := c.language(tool, c.Arg(0), c.Argv[1:])
	if e.Env == "" && env != "" {
		e.Env = c.Abs(value.TextStr(env)).String()
		e.Path = e.Env
	}
	c.built(value.Value{}, env)
}

func projectTool(tool, env string) func(*Call) {
	return func(c *Call) {
		name := tool
		if name == "" {
			name = c.Name
		}
		verb, rest := c.verb()
		switch {
		case among("run", verb):
			c.delegate(rest)
		case among("show env config check search version list about graph shell", verb), c.isHelp(), len(c.Args) == 0:
			c.asked(name + "_" + verb)
		case among("install sync update add", verb):
			c.project(name, env)
		default:
			c.language(name, verb, c.Argv[1:])
		}
	}
}

func python(c *Call) {
	for _, o := range c.Opts { // what follows the first of these is the program's
		switch o.Name {
		case "c":
			c.inline(o.Val, true)
			return
		case "m":
			c.module(o.Val.String(), afterOption(c.Argv, "-m"))
			return
		}
	}
	switch {
	case c.Has("V", "h", "version"):
		c.asked("python_version")
	case len(c.Args) == 0 || c.Args[0].Is("-"):
		c.inline(c.In.Text, c.In.Known)
	default:
		c.pythonScript(c.Args[0], c.Args[1:])
	}
}

// afterOption are the words behind an option and its value.
func afterOption(argv []value.Value, name string) []value.Value {
	for i, w := range argv {
		switch t := w.Best().Prefix(); {
		case t == name:
			return argv[min(i+2, len(argv)):]
		case strings.HasPrefix(t, name):
			return argv[i+1:]
		}
	}
	return nil
}

func (c *Call) pythonScript(script value.Value, args []value.Value) {
	switch name := path.Base(script.String()); {
	case name == "manage.py" || name == "django-admin.py":
		c.manage(c.Argv, args)
	case name == "setup.py":
		c.setupPy(args)
	case name == "get-pip.py":
		c.language("pip", "bootstrap", c.Argv[1:])
		c.Provide("pip")
	case Lookup(name) != nil && !strings.HasSuffix(name, ".py"): // bin/pip run by an interpreter
		c.delegate(append([]value.Value{script}, args...))
	default:
		c.program(script, c.Argv)
	}
}

// module is python -m: one that has a model runs as the program of its name in
// the same environment.
func (c *Call) module(name string, args []value.Value) {
	switch name {
	case "venv", "virtualenv":
		dirs := operands(args, "--prompt", "-p", "--python")
		if len(dirs) == 0 {
			c.asked("python")
			return
		}
		for _, d := range dirs {
			c.makeVenv(d)
		}
		return
	case "http.server", "SimpleHTTPServer", "smtpd":
		c.start(name)
		return
	case "json.tool", "site", "sysconfig", "platform", "unittest", "timeit", "pytest", "this", "base64", "calendar", "py_compile", "compileall", "doctest":
		c.asked("python_" + name)
		return
	case "ensurepip", "build", "PyInstaller", "nuitka", "zipapp", "playwright", "spacy", "nltk.downloader", "cython":
		c.language(name, "", c.Argv[1:])
		return
	case "django":
		c.manage(c.Argv, args)
		return
	}
	if Lookup(name) == nil {
		c.program(value.Text(name), c.Argv)
		return
	}
	prog := value.Text(name)
	if _, ok := envOf(c.Argv[0].Best()); ok {
		prog = join(c.Argv[0].Map(value.Str.Dir), prog)
	}
	c.delegate(append([]value.Value{prog}, args...))
}

func (c *Call) setupPy(args []value.Value) {
	verbs := operands(args)
	if len(verbs) == 0 || onlyVerbs("test check clean --version flake8 nosetests lint", verbs) {
		c.asked("setup.py")
		return
	}
	c.language("python setup.py", verbs[0].String(), args)
	c.built(value.Value{}, "build")
}

const managePure = "check test shell shell_plus dbshell showmigrations sqlmigrate diffsettings help inspectdb sqlall sql show_urls testserver validate version print_settings ping"

// manage is Django's manage.py.
func (c *Call) manage(argv, args []value.Value) {
	ops := operands(args, "--settings", "--pythonpath", "-v", "--verbosity", "-b", "-p")
	verb := ""
	if len(ops) > 0 {
		verb = ops[0].String()
	}
	switch {
	case verb == "" || among(managePure, verb):
		c.asked("manage.py_" + verb)
	case among("collectstatic compress compilemessages makemessages compilescss build_static assets rebuild_static compilejsi18n", verb):
		e := c.language(verb, verb, argv)
		e.Env = c.venv()
	case among("runserver runserver_plus runfcgi runworker rqworker celery celeryd celerybeat celerycam qcluster process_tasks run_gunicorn rungunicorn daphne start_server rundramatiq run_huey", verb):
		c.start(verb)
	case verb == "dumpdata" || verb == "dbbackup":
		c.asked("manage.py_" + verb)
		c.Outcome = Mechanics
		c.Record(&host.Effect{Op: host.Backup, What: Line(argv)})
	default:
		c.migrate(argv)
	}
}

func flask(c *Call) {
	verb, rest := c.verb()
	switch {
	case verb == "run":
		c.start("flask")
	case verb == "db" && len(rest) > 0 && among("current history heads show migrate init revision", rest[0].String()):
		c.asked("flask_db")
	case verb == "routes" || verb == "shell" || verb == "" || c.isHelp():
		c.asked("flask")
	case verb == "assets" || verb == "translate":
		c.language("flask", verb, c.Argv[1:])
	default:
		c.migrate(c.Argv)
	}
}
