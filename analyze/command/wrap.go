package command

import (
	"slices"
	"strings"
	"sync"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

const suFlags = "c:flmpPs:g:G:w:TVhu: --command=c: --session-command=c: --login=l --shell=s: --preserve-environment=m --fast=f --group=g: --supp-group=G: --pty=P --whitelist-environment=w: --user=u:"

// wrappers run another command, with other rights, surroundings or timing.
var wrappers = []*Model{
	{Name: "sudo", Flags: "-first AbBEeHhiKklnNPSsVvg:u:U:p:C:r:t:T:D:R: --user=u: --group=g: --login=i --shell=s --non-interactive=n --preserve-env=E? --set-home=H --stdin=S --askpass=A --background=b " +
		"--close-from=C: --chdir=D: --chroot=R: --edit=e --validate=v --reset-timestamp=k --remove-timestamp=K --prompt=p: --command-timeout=T: --list=l --other-user=U: --preserve-groups=P --role=r: --type=t: --bell=B",
		Kind: Pure, Man: "sudo(8)", Doc: "runs the command as root or -u", Example: "sudo -u root touch made", Run: sudo},
	{Name: "doas", Flags: "-first C:Lnsu:a:", Kind: Pure, Man: "doas(1)", Doc: "runs the command as root or -u", Run: sudo},
	{Name: "sudoedit", Flags: "-first u:", Kind: Changed, Man: "sudo(8)", Doc: "edits files by hand", Run: ed},
	{Name: "su", Flags: suFlags, Kind: Pure, Man: "su(1)", Doc: "runs -c, or standard input, as another account", Example: "su root -c 'touch made'", Run: su},
	{Name: "runuser", Flags: "-first " + suFlags, Kind: Pure, Man: "runuser(1)", Doc: "runs a command as another account", Example: "runuser -u root -- touch made", Run: runuser},
	{Name: "gosu", Alias: []string{"su-exec", "setuidgid"}, Flags: "-first", Kind: Pure, Man: "gosu(1)", Doc: "runs the command as its first operand", Run: gosu},
	{Name: "setpriv", Flags: "-first d --reuid: --ruid: --euid: --regid: --rgid: --egid: --init-groups --clear-groups --keep-groups --groups: --no-new-privs --nnp --inh-caps: --ambient-caps: --bounding-set: " +
		"--securebits: --pdeathsig: --reset-env --dump=d --selinux-label: --apparmor-profile:", Kind: Pure, Man: "setpriv(1)", Doc: "runs the command as --reuid", Example: "setpriv --reuid=root touch made", Run: setpriv},
	{Name: "chpst", Flags: "-first u:U:e:/:C:n:l:L:m:d:o:p:f:c:t:vP012b:", Kind: Pure, Man: "chpst(8)", Doc: "runs the command as -u", Run: setpriv},
	{Name: "env", Flags: "-first i0vu:C:S: --ignore-environment=i --null=0 --unset=u: --chdir=C: --split-string=S: --debug=v --block-signal? --default-signal? --ignore-signal?", Kind: Pure, Man: "env(1)",
		Doc: "runs the command with variables", Example: "env A=b touch made", Run: env},
	{Name: "nohup", Flags: "-first", Kind: Changed, Man: "nohup(1)", Doc: "starts a program that stays", Run: nohup},
	{Name: "setsid", Flags: "-first cfw --ctty=c --fork=f --wait=w", Kind: Changed, Man: "setsid(1)", Doc: "starts a program in a session of its own", Run: nohup},
	{Name: "nice", Flags: "-first n:0123456789 --adjustment=n:", Kind: Pure, Man: "nice(1)", Doc: "runs the command", Example: "nice -n 5 touch made", Run: plain},
	{Name: "ionice", Flags: "-first c:n:p:P:u:t --class=c: --classdata=n: --pid=p: --ignore=t", Kind: Pure, Man: "ionice(1)", Doc: "runs the command", Example: "ionice -c 3 touch made", Run: plain},
	{Name: "stdbuf", Flags: "-first i:o:e: --input=i: --output=o: --error=e:", Kind: Pure, Man: "stdbuf(1)", Doc: "runs the command", Example: "stdbuf -oL touch made", Run: plain},
	{Name: "time", Flags: "-first apqvf:o: --append=a --format=f: --output=o: --portability=p --quiet=q --verbose=v", Kind: Pure, Man: "time(1)", Doc: "runs the command", Run: plain},
	{Name: "unbuffer", Alias: []string{"fakeroot", "eatmydata", "busybox", "toybox", "catchsegv", "command_not_found_handle", "caffeinate", "torsocks", "proxychains4", "linux32", "linux64", "setarch", "choom"},
		Flags: "-first -any", Kind: Pure, Man: "unbuffer(1)", Doc: "runs the command", Run: plain},
	{Name: "taskset", Alias: []string{"chrt"}, Flags: "-first abcdefimoprRvT:P:D: --all-tasks=a --cpu-list=c --pid=p", Kind: Pure, Man: "taskset(1)", Doc: "runs the command after its first operand", Run: afterOne},
	{Name: "timeout", Flags: "-first fk:ps:v --foreground=f --kill-after=k: --preserve-status=p --signal=s: --verbose=v", Kind: Pure, Man: "timeout(1)", Doc: "runs the command after its first operand",
		Example: "timeout -k 5 10s touch made", Run: afterOne},
	{Name: "chronic", Alias: []string{"ts", "ifne", "mispipe", "isutf8"}, Flags: "-first -any", Kind: Pure, Man: "chronic(1)", Doc: "runs the command", Run: plain},
	{Name: "chroot", Flags: "-first --userspec: --groups: --skip-chdir", Kind: Pure, Man: "chroot(8)", Doc: "runs the command on the machine below a directory", Run: chroot},
	{Name: "flock", Flags: "-first c:eE:Fhnosuw:xVv --close=o --command=c: --conflict-exit-code=E: --exclusive=e --no-fork=F --nonblock=n --nb=n --shared=s --timeout=w: --wait=w: --unlock=u --verbose", Kind: Mechanics, Man: "flock(1)",
		Doc: "takes a lock and runs the command", Example: "flock -n app.lock touch made", Run: flock},
	{Name: "watch", Flags: "-first bcCdegn:pqrtwx -any", Kind: Pure, Man: "watch(1)", Doc: "runs the command again and again", Run: watch},
	{Name: "script", Flags: "-first aB:c:eE:fI:m:O:qT:t?o: --append=a --command=c: --return=e --flush=f --quiet=q --force --log-out=O:", Kind: Pure, Man: "script(1)", Doc: "runs -c and keeps what it prints", Run: scriptLog},
	{Name: "xargs", Flags: "-first 0a:d:E:e?I:i?L:l?n:oP:prs:tx --null=0 --arg-file=a: --delimiter=d: --eof? --replace=i? --max-lines=l? --max-args=n: --open-tty=o --max-procs=P: --interactive=p --process-slot-var: " +
		"--no-run-if-empty=r --max-chars=s: --show-limits --verbose=t --exit=x", Kind: Pure, Man: "xargs(1)", Doc: "runs the command with the items it reads", Example: "echo made other | xargs -n 1 touch", Run: xargs},
	{Name: "parallel", Flags: "-first 0a:C:d:j:P:I:kL:mn:N:qrS:tuvX --jobs=j: --bar --colsep=C: --delay: --dry-run --eta --halt: --joblog: --keep-order=k --line-buffer --lb --null=0 --no-notice --progress --retries: --tag --timeout: --ungroup=u --will-cite --arg-file=a: --sshlogin=S:",
		Kind: Pure, Man: "parallel(1)", Doc: "runs the command for each item", Run: parallel},
	{Name: "screen", Flags: "-first AaD?d?h:imLlq?r?R?s:S:t:T:UvwX:x?c:e:p:Q: -any", Kind: Changed, Man: "screen(1)", Doc: "starts a program in a detached session", Run: screen},
	{Name: "tmux", Flags: "-first 2CDf:L:lNqS:uvV", Kind: Changed, Man: "tmux(1)", Doc: "starts a program in a detached session", Run: tmux},
	{Name: "at", Alias: []string{"batch"}, Flags: "f:lq:mMt:drvVc:b", Kind: Changed, Man: "at(1)", Doc: "runs a script later", Run: at},
}

// callAs runs a command line as an actor; without one the wrapper does nothing.
func (c *Call) callAs(a *host.Actor, argv []value.Value) {
	if len(argv) == 0 {
		return
	}
	if c.Sh == nil {
		c.Opaque("no shell to run " + Line(argv))
		return
	}
	c.Status = c.Sh.Call(c, a, argv)
}

// callEach runs one of several command lines; their outputs follow each other.
func (c *Call) callEach(a *host.Actor, argv []value.Value) {
	before := c.Out
	c.Out = value.Value{}
	c.callAs(a, argv)
	c.Out = value.Concat(before, c.Out)
}

// scriptAs runs shell text as an actor.
func (c *Call) scriptAs(a *host.Actor, text value.Value, lang string, args []value.Value) {
	if c.Sh == nil {
		c.Opaque("no shell to run a script")
		return
	}
	c.Status = c.Sh.Script(c, a, text, c.At, lang, args)
}

// plain runs the operands.
func plain(c *Call) { c.callAs(c.Actor, c.Args) }

// afterOne runs the operands after the first.
func afterOne(c *Call) { c.callAs(c.Actor, c.Args[min(1, len(c.Args)):]) }

// assignment splits NAME=VALUE.
func assignment(w value.Value) (name string, v value.Value, ok bool) {
	name, _, ok = strings.Cut(w.Best().Prefix(), "=")
	if !ok || name == "" || strings.ContainsAny(name, "/-.${}:") {
		return "", w, false
	}
	return name, afterEquals(w), true
}

// withVars sets the leading assignments while f runs with the words after them.
func (c *Call) withVars(words []value.Value, f func(argv []value.Value)) {
	var undo []func()
	for len(words) > 0 {
		name, v, ok := assignment(words[0])
		if !ok {
			break
		}
		words = words[1:]
		if c.Sh == nil {
			continue
		}
		old, had := c.Sh.Var(name)
		if !had {
			old = c.Hole(value.Env, name)
		}
		c.Sh.SetVar(name, v)
		undo = append(undo, func() { c.Sh.SetVar(name, old) })
	}
	f(words)
	for _, u := range undo {
		u()
	}
}

// home is the home directory of an account on the machine of the call.
func (c *Call) home(user string) value.Str {
	if u := c.H.Account(c.Where, user); u != nil && u.Home != "" {
		return value.TextStr(u.Home)
	}
	return homeOf(user)
}

// login is an actor in a session of its own: in the home directory.
func (c *Call) login(user string, ownDir bool) *host.Actor {
	a := c.As(user)
	if ownDir {
		a.Cwd = c.home(user)
	}
	return a
}

func sudo(c *Call) {
	user := c.Text("u")
	if user == "" && !c.Has("g") {
		user = "root"
	}
	if user == "" {
		user = c.User
	}
	if strings.HasPrefix(user, "#0") {
		user = "root"
	}
	a := c.login(user, c.Has("i"))
	if d, ok := c.Flag("D"); ok {
		a.Cwd = c.Abs(d.Best())
	}
	switch {
	case c.Has("v", "k", "K") && len(c.Args) == 0, c.Has("l"):
		c.Outcome = Mechanics
	case c.Has("e"):
		ed(c)
		c.Outcome = Changed
	case len(c.Args) == 0:
		c.stdinShell(a, "bash")
	default:
		c.withVars(c.Args, func(argv []value.Value) { c.callAs(a, argv) })
	}
}

// stdinShell is a shell without a command: it reads standard input, or a person
// types.
func (c *Call) stdinShell(a *host.Actor, lang string) {
	switch {
	case c.In.Content != nil && c.In.Content.Kind == host.RepoFile:
		c.runStdin(a, c.Args)
	case c.In.Net != "":
		c.runsCode(a, "", c.In.Net, "")
	case c.In.Known && c.In.Piped:
		c.scriptAs(a, c.In.Text, lang, nil)
	case c.In.From != "":
		c.runFile(a, value.Text(c.In.From), nil)
	case c.In.Piped && c.In.Content != nil && c.In.Content.URL != "":
		c.runsCode(a, "", c.In.Content.URL, "")
	case c.In.Piped:
		c.runsCode(a, "", "", c.In.Text.String())
	default:
		c.Outcome, c.Detail = Mechanics, "a person types commands"
	}
}

// runStdin runs the script of the repository that standard input is.
func (c *Call) runStdin(a *host.Actor, args []value.Value) {
	k := host.Key{Space: host.File, Where: a.Where, Name: "/dev/stdin"}
	if len(args) > 0 && (args[0].Is("-") || args[0].Is(k.Name)) {
		args = args[1:]
	}
	a.H.Set(k, &host.Node{Kind: host.Regular, Presence: value.Yes, Content: c.In.Content})
	c.runFile(a, value.Text(k.Name), args)
	a.H.Set(k, &host.Node{})
}

// runsCode records that code is run which is not in the repository.
func (c *Call) runsCode(a *host.Actor, path, url, what string) {
	a.Record(&host.Effect{Op: host.RunCode, Path: path, URL: url, What: what, Name: c.Name, Args: texts(c.Args)})
	c.Outcome, c.Out = Changed, c.Hole(value.Output, c.Name)
}

// runFile runs a script file: the repository's or one written by the script;
// any other is code that is not in the repository.
func (c *Call) runFile(a *host.Actor, path value.Value, args []value.Value) {
	if c.Sh != nil {
		if st, ok := c.Sh.File(c, a, path, args); ok {
			c.Status = st
			return
		}
	}
	_, n := a.H.Follow(a.Where, a.Path(path))
	url := ""
	for k := n.Content; k != nil && url == ""; k = k.Prev {
		url = k.URL
	}
	c.runsCode(a, a.Path(path), url, "")
}

// su: `su [-] [USER [ARG...]] [-c COMMAND]`.
func su(c *Call) {
	words := c.Args
	own := c.Has("l")
	if len(words) > 0 && words[0].Is("-") {
		own, words = true, words[1:]
	}
	user := "root"
	if len(words) > 0 {
		user, words = words[0].String(), words[1:]
	}
	a := c.login(user, own)
	lang := shellLang(c.Text("s"))
	if cmd, ok := c.Flag("c"); ok {
		c.scriptAs(a, cmd, lang, words)
		return
	}
	if len(words) > 0 && words[0].Is("-c") && len(words) > 1 {
		c.scriptAs(a, words[1], lang, words[2:])
		return
	}
	c.stdinShell(a, lang)
}

// shellLang is the language of a shell by its name; bash when not known.
func shellLang(shell string) string {
	switch host.Base(shell) {
	case "sh", "dash", "ash":
		return "sh"
	}
	return "bash"
}

// runuser is su with -u USER COMMAND too.
func runuser(c *Call) {
	if u, ok := c.Flag("u"); ok {
		c.callAs(c.As(u.String()), c.Args)
		return
	}
	// Options may follow the account: parse what comes after it.
	if len(c.Args) > 0 {
		rest := c.Args
		c.Args = nil
		for len(rest) > 0 && !strings.HasPrefix(rest[0].Best().Prefix(), "-") || len(rest) > 0 && rest[0].Is("-") {
			c.Args = append(c.Args, rest[0])
			rest = rest[1:]
		}
		sub := &Call{Actor: c.Actor, Argv: append([]value.Value{c.Argv[0]}, rest...)}
		c.Model.spec.get().parse(sub)
		c.Opts, c.Args = append(c.Opts, sub.Opts...), append(c.Args, sub.Args...)
	}
	su(c)
}

func gosu(c *Call) {
	if len(c.Args) == 0 {
		return
	}
	user, _, _ := strings.Cut(c.Arg(0), ":")
	c.callAs(c.As(user), c.Args[1:])
}

func setpriv(c *Call) {
	user := c.Text("reuid", "euid", "u")
	user, _, _ = strings.Cut(user, ":")
	if user == "" {
		user = c.User
	}
	c.callAs(c.As(user), c.Args)
}

// env: without a command it prints the environment.
func env(c *Call) {
	a := *c.Actor
	if d, ok := c.Flag("C"); ok {
		a.Cwd = c.Abs(d.Best())
	}
	words := c.Args
	if s, ok := c.Flag("S"); ok {
		var split []value.Value
		for w := range strings.FieldsSeq(s.String()) {
			split = append(split, value.Text(w))
		}
		words = append(split, words...)
	}
	c.withVars(words, func(argv []value.Value) {
		if len(argv) == 0 {
			c.Out = c.Hole(value.Env, "environment")
		}
		c.callAs(&a, argv)
	})
}

// nohup starts a program that outlives the script. Scripts and wrappers are
// followed; of other programs that they run is all there is to say. In the
// foreground a program that is understood does its work and ends.
func nohup(c *Call) {
	if len(c.Args) == 0 {
		c.fails()
		return
	}
	c.Outcome = Changed
	stays := c.Sh.Background() || c.Name == "setsid" && c.Has("f")
	model := Lookup(host.Base(c.Arg(0))) != nil
	if model || strings.Contains(c.Arg(0), "/") && c.node(c.Args[0]).Content.Repo() != "" {
		done := c.since(func() { c.callAs(c.Actor, c.Args) })
		if slices.ContainsFunc(done, func(e *host.Effect) bool { return e.Op == host.StartOp }) {
			return // the model of the program says so itself
		}
		if !stays && (model || len(done) > 0) {
			return
		}
	}
	c.Outcome = Changed
	c.Record(&host.Effect{Op: host.StartOp, Name: c.Arg(0), What: Line(c.Args)})
}

// chroot: the directory is another machine of this host.
func chroot(c *Call) {
	if len(c.Args) == 0 {
		c.fails()
		return
	}
	a := *c.Actor
	a.Where = c.H.Machine(c.Path(c.Args[0]), "chroot")
	a.Cwd, a.User = value.TextStr("/"), "root"
	if u := c.Text("userspec"); u != "" {
		a.User, _, _ = strings.Cut(u, ":")
	}
	if len(c.Args) == 1 {
		c.stdinShell(&a, "bash")
		return
	}
	c.callAs(&a, c.Args[1:])
}

// flock: FILE COMMAND..., FILE -c COMMAND, or a descriptor.
func flock(c *Call) {
	if len(c.Args) == 0 {
		return
	}
	rest := c.Args[1:]
	if len(rest) == 0 && !c.Has("c") {
		return // a descriptor that is open already
	}
	c.Touch(c.Args[0])
	switch {
	case len(rest) > 1 && (rest[0].Is("-c") || rest[0].Is("--command")):
		c.scriptAs(c.Actor, rest[1], "sh", nil)
	case c.Has("c"):
		cmd, _ := c.Flag("c")
		c.scriptAs(c.Actor, cmd, "sh", nil)
	default:
		c.callAs(c.Actor, rest)
	}
}

func watch(c *Call) {
	if len(c.Args) > 0 {
		c.scriptAs(c.Actor, joined(c.Args), "sh", nil)
	}
}

// joined puts words together with blanks, as ssh and eval do.
func joined(words []value.Value) value.Value {
	var out value.Value
	for i, w := range words {
		if i > 0 {
			out = value.Concat(out, value.Text(" "))
		}
		out = value.Concat(out, w)
	}
	return out
}

func scriptLog(c *Call) {
	file := value.Text("typescript")
	if len(c.Args) > 0 {
		file = c.Args[0]
	}
	c.Write(file, &host.Content{Kind: host.Unknown, At: c.At}, c.Has("a"))
	if cmd, ok := c.Flag("c"); ok {
		c.scriptAs(c.Actor, cmd, "sh", nil)
	} else {
		c.stdinShell(c.Actor, "bash")
	}
}

// screen: -dmS NAME COMMAND starts; -X sends commands to a session.
func screen(c *Call) {
	switch {
	case len(c.Args) > 0:
		c.Record(&host.Effect{Op: host.StartOp, Name: c.Text("S"), Manager: "screen", What: Line(c.Args)})
	case c.Has("X"):
		c.Record(&host.Effect{Op: host.ServiceOp, Name: c.Text("S"), Manager: "screen", Action: c.Text("X")})
	default:
		c.Outcome = Pure
	}
}

// tmux: new-session and new-window start; kill-session stops.
func tmux(c *Call) {
	verb := c.Arg(0)
	sub := &Call{Actor: c.Actor, Argv: c.Args}
	if len(c.Args) > 0 {
		tmuxSpec().parse(sub)
	}
	switch verb {
	case "new", "new-session", "neww", "new-window", "split-window", "respawn-pane":
		c.Record(&host.Effect{Op: host.StartOp, Name: sub.Text("s", "n", "t"), Manager: "tmux", What: Line(sub.Args)})
	case "send", "send-keys":
		c.Record(&host.Effect{Op: host.StartOp, Name: sub.Text("t"), Manager: "tmux", What: strings.TrimSuffix(strings.TrimSuffix(Line(sub.Args), " C-m"), " Enter")})
	case "kill-session", "kill-window", "kill-server":
		c.Record(&host.Effect{Op: host.ServiceOp, Name: sub.Text("t"), Manager: "tmux", Action: "stop"})
	case "has", "has-session":
		c.Outcome, c.Status = Pure, Asks(value.Maybe, &Cond{Op: Other, Text: "tmux session " + sub.Text("t") + " runs"})
	default:
		c.Outcome, c.Out = Pure, c.Hole(value.Output, "tmux")
	}
}

var tmuxSpec = sync.OnceValue(func() *spec { return parseSpec("-first AadDEPXe:F:f:n:s:t:x:y:c:hvblkRKHMNl -any") })

// at runs the script of -f or standard input later; what it does is done.
func at(c *Call) {
	if c.Has("l", "d", "r", "c") {
		c.Outcome = Pure
		return
	}
	if f, ok := c.Flag("f"); ok {
		c.runFile(c.Actor, f, nil)
	} else {
		c.stdinShell(c.Actor, "sh")
	}
}
