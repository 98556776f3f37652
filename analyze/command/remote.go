package command

import (
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

const shellFlags = "-first abcCDeEfhHiklmnpPrstTuvxBo?O? --login=l --norc --noprofile --posix --rcfile: --init-file: --verbose=v --restricted=r --debugger --dump-strings --noediting --version"

// shells are those that read shell text: here and on other machines.
var shells = []*Model{
	{Name: "bash", Alias: []string{"sh", "dash", "ash", "zsh", "ksh", "mksh", "rbash"}, Flags: shellFlags, Kind: Pure, Man: "bash(1)",
		Doc: "runs -c, a file, or standard input", Example: "bash -ec 'touch made'", Run: shell},
	{Name: "ssh", Alias: []string{"autossh", "dbclient"}, Flags: "-first 46AaCfGgKkMNnqsTtVvXxYyB:b:c:D:E:e:F:I:i:J:L:l:m:O:o:P:p:Q:R:S:W:w:", Kind: Pure, Man: "ssh(1)",
		Doc: "runs a command or standard input on another machine", Run: ssh},
	{Name: "sshpass", Flags: "-first ef:p:d:P:vhV", Kind: Pure, Man: "sshpass(1)", Doc: "runs ssh with a password", Run: sshpass},
	{Name: "ssh-keygen", Flags: "AqvBlyceEipLkDhUgoQXHFRK a:b:C:E:f:F:I:m:N:O:P:r:R:s:t:V:w:W:Y:z:Z:M:n:", Kind: Changed, Man: "ssh-keygen(1)", Doc: "makes a pair of keys, or forgets a host",
		Example: "ssh-keygen -q -t ed25519 -N '' -f key", Run: sshKeygen},
	{Name: "ssh-keyscan", Flags: "46cDHqvf:O:p:T:t:", Kind: Pure, Man: "ssh-keyscan(1)", Doc: "prints the keys of hosts", Run: func(c *Call) { c.Out = c.Hole(value.Net, "host_keys") }},
	{Name: "ssh-copy-id", Flags: "fnsxi?p:o:F:t:", Kind: Changed, Man: "ssh-copy-id(1)", Doc: "adds a key to a login", Run: sshCopyID},
	{Name: "ssh-agent", Flags: "-first cDdksa:E:O:P:t:", Kind: Mechanics, Man: "ssh-agent(1)", Doc: "prints variables, or runs a command", Run: sshAgent},
	{Name: "ssh-add", Flags: "CcDdHhKkLlMqTvXxE:e:S:s:t:", Kind: Mechanics, Man: "ssh-add(1)", Doc: "gives a key to the agent", Run: tells},
}

// shell: -c TEXT [$0 ARG...], -s ARG..., FILE ARG..., or standard input. -o and
// +o take their name from the next word.
func shell(c *Call) {
	words := c.shellWords()
	lang := shellLang(c.Name)
	switch {
	case c.Has("n"):
		return
	case c.Has("c") && len(words) > 0:
		args := words[1:]
		if len(args) == 0 {
			args = []value.Value{value.Text(c.Name)}
		}
		c.scriptAs(c.Actor, words[0], lang, args)
	case c.Has("c"):
		c.fails()
	case len(words) > 0 && !c.Has("s") && !words[0].Is("-") && !words[0].Is("/dev/stdin"):
		c.runFile(c.Actor, words[0], words[1:])
	case c.In.Known && c.In.Piped && c.In.Net == "":
		c.scriptAs(c.Actor, c.In.Text, lang, append([]value.Value{value.Text(c.Name)}, words...))
	default:
		c.stdinShell(c.Actor, lang)
	}
}

// shellWords are the operands without option names that -o left among them.
func (c *Call) shellWords() []value.Value {
	words := c.Args
	for len(words) > 0 {
		t, _ := words[0].Exact()
		prev, known := c.before(words)
		switch {
		case t == "-o" || t == "+o" || t == "+O":
			words = words[min(2, len(words)):]
		case strings.HasPrefix(t, "+") && len(t) > 1:
			words = words[1:]
		case known && len(prev) > 1 && prev[0] == '-' && prev[1] != '-' && (strings.HasSuffix(prev, "o") || strings.HasSuffix(prev, "O")) && len(words) < len(c.Argv):
			words = c.moreOptions(words[1:])
		default:
			return words
		}
	}
	return nil
}

// before is the word that stands before the given tail of the command line.
func (c *Call) before(words []value.Value) (string, bool) {
	i := len(c.Argv) - len(words) - 1
	if i < 1 {
		return "", false
	}
	return c.Argv[i].Exact()
}

// moreOptions parses options that follow an operand.
func (c *Call) moreOptions(words []value.Value) []value.Value {
	sub := &Call{Actor: c.Actor, Argv: append([]value.Value{c.Argv[0]}, words...)}
	c.Model.spec.get().parse(sub)
	c.Opts = append(c.Opts, sub.Opts...)
	if c.Bad == "" {
		c.Bad = sub.Bad
	}
	return sub.Args
}

func ssh(c *Call) {
	if len(c.Args) == 0 || c.Has("G", "Q", "V", "O") {
		c.Outcome = Mechanics
		return
	}
	dest := c.Args[0]
	cmd := c.moreOptions(c.Args[1:])
	if c.Name == "autossh" && c.Has("M") && len(cmd) > 0 && !c.Has("N") {
		dest, cmd = cmd[0], cmd[1:] // -M takes a port there
	}
	e := endpoint{remote: true}
	e.user, e.host = splitLogin(strings.TrimPrefix(dest.String(), "ssh://"))
	if u := c.Text("l"); u != "" {
		e.user = u
	}
	a := c.at(e, c.sshArgs())
	switch {
	case len(cmd) > 0:
		c.scriptAs(a, joined(cmd), "bash", nil)
	case c.Has("N", "f", "W"):
		c.Outcome, c.Detail = Mechanics, "a tunnel"
	default:
		c.stdinShell(a, "bash")
	}
}

// sshpass: a password on the command line can be read by every account.
func sshpass(c *Call) {
	c.callAs(c.Actor, c.Args)
	if _, ok := c.Flag("p"); ok {
		c.Detail = "password on the command line"
	}
}

func sshKeygen(c *Call) {
	file, ok := c.Flag("f")
	known := value.FromStr(c.home(c.User).Concat(value.TextStr("/.ssh/known_hosts")))
	switch {
	case c.Has("R"):
		if ok {
			known = file
		}
		c.Edit(known, "remove "+c.Text("R"))
	case c.Has("F", "l", "y", "B", "L", "Y"):
		c.Outcome, c.Out = Pure, c.Hole(value.Content, "key")
		if c.Has("F") {
			c.Status = Asks(value.Maybe, &Cond{Op: Other, Text: "the key of " + c.Text("F") + " is known"})
		}
	case c.Has("A"):
		c.Record(&host.Effect{Op: host.System, Name: "ssh-host-keys", What: Line(c.Argv)})
	default:
		if !ok {
			kind := c.Text("t")
			if kind == "" {
				kind = "ed25519"
			}
			file = value.FromStr(c.home(c.User).Concat(value.TextStr("/.ssh/id_" + kind)))
		}
		c.newKey(file, value.Concat(file, value.Text(".pub")))
	}
}

// newKey writes a private file and a public one.
func (c *Call) newKey(private, public value.Value) {
	c.Write(private, &host.Content{Kind: host.Built, At: c.At}, false)
	c.Give(private, "", "", "0600")
	if public.IsEmpty() != value.Yes {
		c.Write(public, &host.Content{Kind: host.Built, At: c.At}, false)
	}
}

func sshCopyID(c *Call) {
	if len(c.Args) == 0 {
		c.fails()
		return
	}
	e := endpoint{remote: true}
	e.user, e.host = splitLogin(c.Arg(len(c.Args) - 1))
	a := c.at(e, c.sshArgs())
	a.Write(value.FromStr(a.Cwd.Concat(value.TextStr("/.ssh/authorized_keys"))), &host.Content{Kind: host.Copied, Path: c.Text("i"), At: c.At}, true)
}

// sshAgent prints assignments to be evaluated.
func sshAgent(c *Call) {
	if len(c.Args) > 0 {
		c.callAs(c.Actor, c.Args)
		return
	}
	if c.Has("k") {
		c.Out = value.Text("unset SSH_AUTH_SOCK;\nunset SSH_AGENT_PID;\n")
		return
	}
	c.Out = value.Text("SSH_AUTH_SOCK=")
	for _, w := range []value.Value{c.Hole(value.Temp, "SSH_AUTH_SOCK"), value.Text("; export SSH_AUTH_SOCK;\nSSH_AGENT_PID="), c.Hole(value.Output, "SSH_AGENT_PID"), value.Text("; export SSH_AGENT_PID;\n")} {
		c.Out = value.Concat(c.Out, w)
	}
}
