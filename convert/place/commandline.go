package place

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/input/osnames"
	"github.com/nativize/nativize/analyze/lazyregexp"
)

// A commandLine is a command as a unit needs it.
type commandLine struct {
	args []string
	env  []string // NAME=value
	dir  string
	user string
}

// parseCommand reads a command line: assignments before it, cd before it, exec
// and redirections are taken apart; anything else is left to a shell.
func parseCommand(text string) commandLine {
	f, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), "")
	whole := commandLine{args: []string{"/bin/sh", "-c", text}}
	if err != nil || len(f.Stmts) == 0 {
		return whole
	}
	var c commandLine
	stmts := f.Stmts
	if len(stmts) == 1 {
		if b, ok := stmts[0].Cmd.(*syntax.BinaryCmd); ok && b.Op == syntax.AndStmt {
			stmts = []*syntax.Stmt{b.X, b.Y}
		}
	}
	if len(stmts) == 2 {
		args, _, ok := simple(stmts[0])
		if !ok || len(args) != 2 || args[0] != "cd" {
			return whole
		}
		c.dir, stmts = args[1], stmts[1:]
	}
	if len(stmts) != 1 {
		return whole
	}
	args, env, ok := simple(stmts[0])
	if !ok || len(args) == 0 {
		return whole
	}
	for len(args) > 1 && slices.Contains([]string{"exec", "nohup", "setsid", "env"}, args[0]) {
		args = args[1:]
		for len(args) > 1 && assignRE.MatchString(args[0]) {
			env, args = append(env, args[0]), args[1:]
		}
	}
	c.args, c.env = args, env
	return c
}

// A wrapper starts another program; its options say as whom and where. The
// letters of options that take a value are in values.
type wrapper struct {
	values    string
	user, dir []string // options
	exec      []string // options whose value is the program
}

// wrappers are those that systemd does the work of.
var wrappers = map[string]wrapper{
	"daemonize": {values: "ceopulE", user: []string{"-u"}, dir: []string{"-c"}},
	"start-stop-daemon": {
		values: "pncugdrRPskxax", user: []string{"-c", "--chuid", "-u", "--user"}, dir: []string{"-d", "--chdir"}, exec: []string{"-x", "--exec", "-a", "--startas"},
	},
	"setuidgid": {}, "chpst": {values: "ueb/nmdofpcrtlL", user: []string{"-u"}}, "runuser": {values: "ug", user: []string{"-u"}},
	"daemon": {user: []string{"--user"}},
}

// unwrap takes a wrapper off a command line.
func unwrap(c commandLine) commandLine {
	if len(c.args) == 0 {
		return c
	}
	w, ok := wrappers[path.Base(c.args[0])]
	if !ok {
		return c
	}
	rest := c.args[1:]
	var program string
	for len(rest) > 0 && strings.HasPrefix(rest[0], "-") {
		opt, value := rest[0], ""
		rest = rest[1:]
		if opt == "--" {
			break
		}
		if name, v, ok := strings.Cut(opt, "="); ok && strings.HasPrefix(opt, "--") {
			opt, value = name, v
		} else if len(rest) > 0 && w.takes(opt) {
			value, rest = rest[0], rest[1:]
		}
		switch {
		case slices.Contains(w.user, opt):
			c.user, _, _ = strings.Cut(value, ":")
		case slices.Contains(w.dir, opt):
			c.dir = value
		case slices.Contains(w.exec, opt) && program == "":
			program = value
		}
	}
	if program != "" {
		rest = append([]string{program}, rest...)
	}
	if len(rest) == 0 || !accountRE.MatchString(cmp.Or(c.user, "root")) {
		return c
	}
	c.args = rest
	return c
}

// takes tells whether an option has its value in the next word.
func (w wrapper) takes(opt string) bool {
	if strings.HasPrefix(opt, "--") {
		return slices.Contains(slices.Concat(w.user, w.dir, w.exec, []string{"--pidfile", "--name", "--group", "--retry", "--signal", "--umask", "--nicelevel"}), opt)
	}
	return len(opt) == 2 && strings.ContainsRune(w.values, rune(opt[1]))
}

var assignRE = lazyregexp.New(`^[A-Za-z_][A-Za-z0-9_]*=`)

// simple takes a simple command apart when all of its words are literal.
func simple(s *syntax.Stmt) (args, env []string, ok bool) {
	call, isCall := s.Cmd.(*syntax.CallExpr)
	if !isCall || s.Negated {
		return nil, nil, false
	}
	for _, a := range call.Assigns {
		v := ""
		if a.Value != nil {
			if v, ok = literal(a.Value); !ok {
				return nil, nil, false
			}
		}
		env = append(env, a.Name.Value+"="+v)
	}
	for _, w := range call.Args {
		v, ok := literal(w)
		if !ok {
			return nil, nil, false
		}
		args = append(args, v)
	}
	return args, env, true
}

// literal is the text of a word without expansions.
func literal(w *syntax.Word) (string, bool) {
	var b strings.Builder
	for _, p := range w.Parts {
		switch p := p.(type) {
		case *syntax.Lit:
			if strings.ContainsAny(p.Value, "*?[") || strings.HasPrefix(p.Value, "~") {
				return "", false
			}
			b.WriteString(strings.ReplaceAll(p.Value, `\`, ""))
		case *syntax.SglQuoted:
			b.WriteString(p.Value)
		case *syntax.DblQuoted:
			for _, q := range p.Parts {
				l, ok := q.(*syntax.Lit)
				if !ok {
					return "", false
				}
				b.WriteString(l.Value)
			}
		default:
			return "", false
		}
	}
	return b.String(), true
}

// programPaths are programs that no distribution has below /usr/bin.
var programPaths = map[string]string{
	"nginx": "/usr/sbin/nginx", "python": "/usr/bin/python3", "apache2": "/usr/sbin/apache2", "httpd": "/usr/sbin/httpd", "php-fpm": "/usr/sbin/php-fpm",
	"nodejs": "/usr/bin/node", "bash": "/bin/bash", "sh": "/bin/sh", "true": "/bin/true", "sleep": "/bin/sleep", "kill": "/bin/kill",
	"mkdir": "/bin/mkdir", "chown": "/bin/chown", "chmod": "/bin/chmod", "rm": "/bin/rm", "cat": "/bin/cat", "echo": "/bin/echo", "cp": "/bin/cp",
}

// program is the path of a program that is named without one.
func program(name string) string {
	return cmp.Or(programPaths[name], "/usr/bin/"+name)
}

// pythonPrograms come with a virtual environment when there is one.
var pythonPrograms = []string{
	"python", "python3", "gunicorn", "uwsgi", "celery", "uvicorn", "daphne", "hypercorn", "waitress-serve", "flask", "django-admin", "twistd", "rq", "streamlit", "pserve", "alembic",
}

// resolve gives the first word of a command its path in the package.
func (x *placer) resolve(word, dir string) string {
	switch {
	case strings.HasPrefix(word, "/"):
		return x.mapped(word)
	case strings.Contains(word, "/"):
		return path.Join(cmp.Or(dir, x.code, "/"), word)
	case x.hasVenv() != "" && slices.Contains(pythonPrograms, word):
		return x.hasVenv() + "/bin/" + word
	}
	if _, ok := osnames.PackageOfProgram(word, osnames.Debian); !ok && programPaths[word] == "" {
		if x.isRepoFile(word) && x.code != "" {
			return path.Join(x.code, word)
		}
	}
	return program(word)
}

// daemonFlags let a program go to the background; systemd watches it in the
// foreground.
var daemonFlags = map[string][]string{
	"gunicorn": {"-D", "--daemon"}, "uwsgi": {"--daemonize", "-d"}, "celery": {"--detach"}, "puma": {"-d", "--daemon"}, "unicorn": {"-D"}, "thin": {"-d"},
	"daphne": {"--daemonize"}, "java": {}, "nginx": {},
}

// foreground drops the flags of a daemon.
func foreground(args []string) []string {
	flags := daemonFlags[path.Base(args[0])]
	return slices.DeleteFunc(slices.Clone(args), func(a string) bool { return slices.Contains(flags, a) })
}
