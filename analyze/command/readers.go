package command

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

// readers ask the machine, or compute names, and change nothing.
var readers = []*Model{
	{Name: "basename", Flags: "-first as:z --multiple=a --suffix=s: --zero=z", Kind: Pure, Man: "basename(1)", Doc: "last element of a path", Example: "basename tree/sub/b.sh .sh", Run: basename},
	{Name: "dirname", Flags: "z --zero=z", Kind: Pure, Man: "dirname(1)", Doc: "all but the last element", Example: "dirname tree/sub/b.sh", Run: dirname},
	{Name: "readlink", Flags: "femnqsvz --canonicalize=f --canonicalize-existing=e --canonicalize-missing=m --no-newline=n --quiet=q --silent=s --verbose=v --zero=z", Kind: Pure, Man: "readlink(1)",
		Doc: "text of a link, or the path it leads to", Example: "readlink -f link", Run: readlink},
	{Name: "realpath", Flags: "eEmLPqsz --canonicalize-existing=e --canonicalize-missing=m --logical=L --physical=P --quiet=q --relative-to: --relative-base: --strip=s --no-symlinks=s --zero=z", Kind: Pure, Man: "realpath(1)",
		Doc: "the path that a name leads to", Example: "realpath link", Run: realpath},
	{Name: "ls", Alias: []string{"dir", "vdir", "exa", "eza"}, Flags: "aAbBcCdDfFgGhHiI:klLmnNopqQrRsStT:uUvw:xXZ10 --all=a --almost-all=A --author --block-size: --color? --directory=d --escape=b --file-type --format: --full-time --group-directories-first --hide: " +
		"--human-readable=h --hyperlink? --ignore=I: --indicator-style: --inode=i --numeric-uid-gid=n --no-group=G --quote-name=Q --quoting-style: --recursive=R --reverse=r --si --size=s --sort: --time: --time-style: --width=w: --dereference=L", Kind: Pure, Man: "ls(1)",
		Doc: "names in a directory; fails on what is absent", Example: "ls tree", Run: ls},
	{Name: "stat", Flags: "c:fLt --format=c: --printf: --dereference=L --file-system=f --terse=t --cached:", Kind: Pure, Man: "stat(1)", Doc: "owner, group and mode of a path", Example: "stat -c '%a %U %G' two.txt", Run: stat},
	{Name: "which", Alias: []string{"type", "whereis"}, Flags: "afnpPst --all=a --skip-alias --skip-dot --skip-functions --show-dot --show-tilde --tty-only", Kind: Pure, Man: "which(1)", Doc: "asks whether a command is there", Example: "which sh", Run: which},
	{Name: "getent", Flags: "is: --no-idn=i --service=s:", Kind: Pure, Man: "getent(1)", Doc: "asks whether an account, group or host is there", Example: "getent group root", Run: getent},
	{Name: "id", Flags: "agGnruzZ --user=u --group=g --groups=G --name=n --real=r --zero=z --context=Z", Kind: Pure, Man: "id(1)", Doc: "asks for an account and its numbers", Example: "id -u root", Run: id},
	{Name: "groups", Flags: "", Kind: Pure, Man: "groups(1)", Doc: "groups of an account", Run: groups},
	{Name: "whoami", Alias: []string{"logname"}, Flags: "", Kind: Pure, Man: "whoami(1)", Doc: "the acting account", Example: "whoami", Run: whoami},
	{Name: "diff", Alias: []string{"cmp", "colordiff", "sdiff"}, Flags: "abBcC:dD:eEF:H:I:i:lL:nNopPqrsS:tTuU:vwW:x:X:yZ --brief=q --color? --context? --exclude=x: --exclude-from=X: --ignore-all-space=w --ignore-blank-lines=B --ignore-case=i --ignore-matching-lines=I: --ignore-space-change=b " +
		"--ignore-trailing-space=Z --label=L: --minimal=d --new-file=N --normal --recursive=r --report-identical-files=s --side-by-side=y --silent=s --quiet=s --suppress-common-lines --strip-trailing-cr --text=a --unified? --width=W: --bytes: --print-bytes", Kind: Pure, Man: "diff(1)",
		Doc: "tells whether files are the same", Example: "cmp -s one.txt two.txt", Run: diff},
	{Name: "seq", Flags: "-any", Kind: Pure, Man: "seq(1)", Doc: "numbers", Example: "seq 2 2 8", Run: seq},
	{Name: "expr", Flags: "-any", Kind: Pure, Man: "expr(1)", Doc: "computes two known numbers", Example: "expr 3 + 4", Run: expr},
	{Name: "true", Alias: []string{":"}, Flags: "-any", Kind: Pure, Man: "true(1)", Doc: "succeeds", Example: "true", Run: func(c *Call) { c.Status = Known(true) }},
	{Name: "false", Flags: "-any", Kind: Pure, Man: "false(1)", Doc: "fails", Example: "false", Run: func(c *Call) { c.Status = Known(false) }},
	{Name: "yes", Flags: "", Kind: Pure, Man: "yes(1)", Doc: "prints without end", Run: func(c *Call) { c.Out = c.Hole(value.Output, "yes") }},
	{Name: "printenv", Flags: "0 --null=0", Kind: Pure, Man: "printenv(1)", Doc: "value of a variable", Example: "printenv PORT", Run: printenv},
	{Name: "jq", Alias: []string{"gojq", "jaq"}, Flags: "acCeghijLMnrRsSf: --arg2 --raw-output=r --compact-output=c --exit-status=e --null-input=n --raw-input=R --slurp=s --sort-keys=S --tab --join-output=j --color-output=C --monochrome-output=M --from-file=f: --indent: --args --jsonargs --unbuffered --seq --stream -any",
		Kind: Pure, Man: "jq(1)", Doc: "follows a path in known JSON", Run: jq},
	{Name: "getopt", Flags: "-first al:o:n:qQs:Tu --long=l: --longoptions=l: --options=o: --name=n: --quiet=q --quiet-output=Q --shell=s: --test=T --unquoted=u --alternative=a", Kind: Pure, Man: "getopt(1)",
		Doc: "parses the arguments of a script", Run: getopt},
	{Name: "pgrep", Alias: []string{"pidof", "ps", "lsof", "fuser", "ss", "netstat", "nc", "ncat", "netcat", "ping", "ping6", "nslookup", "dig", "host", "mountpoint", "findmnt", "lsmod", "wait-for-it", "pg_isready", "test_port", "tty", "traceroute", "nmap", "telnet", "lslocks"},
		Flags: "-any", Kind: Pure, Man: "pgrep(1)", Doc: "asks what runs or answers", Run: probe},
	{Name: "uname", Flags: "amnoprsvi --all=a --kernel-name=s --nodename=n --kernel-release=r --kernel-version=v --machine=m --processor=p --hardware-platform=i --operating-system=o", Kind: Pure, Man: "uname(1)",
		Doc: "Linux; the machine and release are facts of the host", Example: "uname -s", Run: uname},
	{Name: "hostname", Flags: "aAbdfF:iIsyv --alias=a --all-fqdns=A --all-ip-addresses=I --boot=b --domain=d --file=F: --fqdn=f --long=f --ip-address=i --short=s --yp=y", Kind: Pure, Man: "hostname(1)", Doc: "the name of the host; with an operand sets it", Run: hostname},
	{Name: "date", Flags: "d:f:I?r:Rs:u --date=d: --debug --file=f: --iso-8601=I? --reference=r: --resolution --rfc-email=R --rfc-3339: --set=s: --utc=u --universal=u", Kind: Pure, Man: "date(1)", Doc: "a time, which is a hole", Example: "date +fixed", Run: date},
}

// facts print something of the host that is not known: each with the name of
// its hole.
var factNames = map[string]string{"nproc": "NPROC", "arch": "ARCH", "lsb_release": "DISTRIBUTION", "hostid": "HOSTID", "free": "MEMORY", "df": "DISK", "du": "SIZE", "uptime": "UPTIME", "lscpu": "CPU",
	"getconf": "GETCONF", "locale": "LOCALE", "blkid": "BLKID", "lsblk": "LSBLK", "dpkg-architecture": "ARCH", "ip": "IP", "ifconfig": "IP", "route": "ROUTE", "file": "FILETYPE", "uuidgen": "UUID", "mcookie": "COOKIE",
	"tput": "TERMINAL", "stty": "TERMINAL", "gcc-config": "CONFIG", "pkg-config": "PKGCONFIG"}

var facts = []*Model{
	{Name: "nproc", Alias: []string{"arch", "hostid", "free", "uptime", "lscpu", "getconf", "locale", "blkid", "lsblk", "lspci", "lsusb", "lshw", "dmidecode", "dmesg", "vmstat", "iostat", "inxi", "df", "du", "ncdu", "file", "uuidgen", "mcookie", "pwgen", "apg", "makepasswd", "who", "w", "last", "lastlog",
		"users", "finger", "top", "htop", "acpi", "sensors", "ldd", "nm", "objdump", "readelf", "pkg-config", "bc", "dc", "factor", "getfacl", "lsattr", "namei", "man", "info", "apropos", "history", "tree", "less", "more", "most", "bat", "strace", "ltrace", "cal", "lsns", "cloc", "neofetch", "screenfetch", "virt-what", "lscgroup", "ipcs", "infocmp", "whois", "speedtest-cli", "hexyl", "mediainfo", "exiftool", "identify", "ffprobe"},
		Flags: "-any", Kind: Pure, Man: "nproc(1)", Doc: "facts of the host, which are holes", Run: fact},
	{Name: "lsb_release", Flags: "acdhirsv --all=a --codename=c --description=d --id=i --release=r --short=s", Kind: Pure, Man: "lsb_release(1)", Doc: "the distribution, which is a hole", Run: lsbRelease},
	{Name: "ip", Alias: []string{"ifconfig", "route", "brctl", "iwconfig", "ethtool", "tc", "iw"}, Flags: "-any", Kind: Pure, Man: "ip(8)", Doc: "addresses are holes; add, del, set change the system", Run: network},
	{Name: "tput", Alias: []string{"stty", "setterm", "reset", "dircolors", "resize"}, Flags: "-any", Kind: Message, Man: "tput(1)", Doc: "sets the terminal", Run: terminal},
	{Name: "clear", Alias: []string{"banner", "figlet", "toilet", "cowsay", "lolcat", "beep", "wall", "write", "notify-send", "mesg", "osascript"}, Flags: "-any", Kind: Message, Man: "clear(1)", Doc: "tells a person something", Run: tells},
	{Name: "logger", Flags: "-any", Kind: Message, Man: "logger(1)", Doc: "writes to the log", Run: tells},
	{Name: "mail", Alias: []string{"mailx", "sendmail", "mutt", "s-nail", "ssmtp", "msmtp", "swaks"}, Flags: "-any", Kind: Message, Man: "mail(1)", Doc: "sends a message", Run: tells},
	{Name: "sleep", Alias: []string{"usleep", "sync", "pv"}, Flags: "-any", Kind: Mechanics, Man: "sleep(1)", Doc: "waits", Run: func(c *Call) { c.Out = c.In.Text; c.Content = c.In.Content }},
	{Name: "whiptail", Alias: []string{"dialog", "zenity", "gum", "kdialog", "select", "systemd-ask-password", "fzf", "pinentry"}, Flags: "-any", Kind: Mechanics, Man: "whiptail(1)", Doc: "asks a person", Run: prompt},
}

func basename(c *Call) {
	suffix, each := c.Flag("s")
	words := c.Args
	if !each && !c.Has("a") && len(words) > 1 {
		suffix, words = words[1], words[:1]
	}
	c.perPath(words, func(v value.Value) value.Value {
		b := base(v)
		if s, ok := suffix.Exact(); ok && s != "" && !b.Is(s) {
			return b.Trim(value.Text(s), true, false)
		}
		return b
	})
}

// tells is a message: nothing is kept of it.
func tells(*Call) {}

// perPath prints f of each word on a line of its own.
func (c *Call) perPath(words []value.Value, f func(value.Value) value.Value) {
	var out value.Value
	for i, w := range words {
		if i > 0 {
			out = value.Concat(out, value.Text("\n"))
		}
		out = value.Concat(out, f(w))
	}
	c.Out = value.Concat(out, value.Text("\n"))
	if len(words) == 0 {
		c.Out = value.Value{}
		c.fails()
	}
}

func dirname(c *Call) {
	c.perPath(c.Args, func(v value.Value) value.Value { return v.Map(value.Str.Dir) })
}

// canonical is the path without links, as far as they are known.
func (c *Call) canonical(v value.Value) value.Value {
	return v.Map(func(s value.Str) value.Str {
		p := c.Abs(s)
		if text, ok := p.Exact(); ok {
			to, _ := c.H.Follow(c.Where, text)
			return value.TextStr(to)
		}
		return p
	})
}

func readlink(c *Call) {
	if c.Has("f", "e", "m") {
		c.perPath(c.Args, c.canonical)
		c.missing("e")
		return
	}
	c.perPath(c.Args, func(v value.Value) value.Value {
		n := c.H.Node(c.Where, c.Path(v))
		if n.Kind == host.Link && n.Presence == value.Yes {
			return value.FromStr(n.Link)
		}
		if n.Presence == value.Yes && n.Kind != host.AnyKind {
			c.Status = Known(false)
			return value.Value{}
		}
		c.Status = Asks(value.Maybe, c.exists(v, host.Link))
		return c.Hole(value.Content, "link_"+base(v).String())
	})
}

// exists is the condition that a path is there.
func (c *Call) exists(v value.Value, kind host.NodeKind) *Cond {
	k := host.Key{Space: host.File, Where: c.Where, Name: c.Path(v)}
	return &Cond{Op: Present, Key: k, Kind: kind, Fresh: c.H.Fresh(k)}
}

// missing fails a command that was told to ask for an existing path.
func (c *Call) missing(option string) {
	if !c.Has(option) {
		return
	}
	for _, a := range c.Args {
		if n := c.node(a); n.Presence != value.Yes {
			c.Status = Asks(n.Presence, c.exists(a, host.AnyKind))
		}
	}
}

func realpath(c *Call) {
	if c.Has("relative-to", "relative-base") {
		c.Out = c.Hole(value.Output, "realpath")
		return
	}
	c.perPath(c.Args, func(v value.Value) value.Value {
		if c.Has("s") {
			return c.abs(v)
		}
		return c.canonical(v)
	})
	c.missing("e")
}

// ls succeeds when all its operands are there.
func ls(c *Call) {
	dirs := c.Args
	if len(dirs) == 0 {
		dirs = []value.Value{value.Text(".")}
	}
	sts := make([]Status, len(c.Args))
	for i, d := range c.Args {
		sts[i] = Asks(c.H.Node(c.Where, c.Path(d)).Presence, c.exists(d, host.AnyKind))
	}
	c.Status = all(sts)
	c.Out = c.listed(dirs)
	if len(dirs) != 1 || c.Has("l", "t", "R", "a", "A", "S", "F", "p", "s", "i", "n", "g", "o", "r", "X", "v", "c", "u") {
		return
	}
	if n := c.node(dirs[0]); c.Has("d") || n.Kind == host.Regular {
		c.Out = value.Concat(dirs[0], value.Text("\n"))
	} else if names, whole := c.H.Children(c.Where, c.Path(dirs[0])); whole {
		c.Out = value.Text(unlines(visible(names)))
	}
}

// listed is what ls prints when the names are not known: of one directory, any
// names.
func (c *Call) listed(dirs []value.Value) value.Value {
	h := value.NewHole(value.Output, "ls", c.At)
	if len(dirs) == 1 && !c.Has("d") && dirs[0].Best().Known() {
		h = &value.Hole{Kind: value.Glob, Name: "*", At: c.At}
	}
	h.Many = true
	return value.Of(h)
}

func visible(names []string) []string {
	var out []string
	for _, n := range names {
		if !strings.HasPrefix(n, ".") {
			out = append(out, n)
		}
	}
	return out
}

// stat prints owner, group, mode and name where they are known.
func stat(c *Call) {
	form, ok := c.Flag("c")
	if len(c.Args) > 0 {
		c.Status = Asks(c.node(c.Args[0]).Presence, c.exists(c.Args[0], host.AnyKind))
	}
	f, exact := form.Exact()
	if !ok || !exact || len(c.Args) != 1 {
		c.Out = c.Hole(value.Fact, "stat")
		return
	}
	n := c.node(c.Args[0])
	known := map[byte]string{'a': strings.TrimLeft(n.Mode, "0"), 'U': n.Owner, 'G': n.Group, 'n': c.Arg(0)}
	var out value.Value
	for i := 0; i < len(f); i++ {
		switch {
		case f[i] != '%' || i+1 == len(f):
			out = value.Concat(out, value.Text(f[i:i+1]))
		default:
			i++
			if s := known[f[i]]; s != "" && n.Presence == value.Yes {
				out = value.Concat(out, value.Text(s))
			} else {
				out = value.Concat(out, c.Hole(value.Fact, "stat_"+f[i:i+1]))
			}
		}
	}
	c.Out = value.Concat(out, value.Text("\n"))
}

// essential are commands that every installation has: Debian's essential
// packages, and what POSIX asks of any system.
var essential = set(`sh bash cat chmod chown chgrp cp cut date dd df dirname basename echo env expr false find grep egrep fgrep gzip gunzip head hostname id install kill
ln ls mkdir mktemp mount mv printf ps pwd readlink rm rmdir sed sleep sort stat stty tail tar tee test touch tr true uname uniq wc whoami xargs su umount mountpoint passwd
awk useradd groupadd usermod userdel getent nohup nice timeout tac seq cksum md5sum sha256sum sha1sum diff cmp which`)

// programDirs are the directories of programs that a system has.
var programDirs = []string{"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"}

// ProgramAt tells whether, on a host of which all is known, a program of the
// system lies at a path: of programs only the names are kept there.
func ProgramAt(h *host.Host, where int32, p string) bool {
	if !h.Exact || !slices.Contains(programDirs, path.Dir(p)) {
		return false
	}
	name := path.Base(p)
	if f, ok := h.Get(host.Key{Space: host.Command, Where: where, Name: name}).(*host.Flag); ok {
		return f.Presence == value.Yes
	}
	return essential[name]
}

// CommandPresent asks whether a program can be called: it came with a package,
// was made by the deployment, or is one of every installation.
func CommandPresent(c *Call, name string) Status {
	if strings.Contains(name, "/") {
		v := value.Text(name)
		return Asks(c.node(v).Presence, c.exists(v, host.Regular))
	}
	if essential[name] && c.H.Get(host.Key{Space: host.Command, Where: c.Where, Name: name}) == nil {
		return Known(true)
	}
	for _, dir := range []string{"/usr/local/sbin/", "/usr/local/bin/", "/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"} {
		if _, n := c.H.Follow(c.Where, dir+name); n.Made && n.Presence == value.Yes {
			return Known(true)
		}
	}
	return c.present(host.Command, name)
}

func which(c *Call) {
	sts := make([]Status, len(c.Args))
	for i, a := range c.Args {
		sts[i] = CommandPresent(c, a.String())
	}
	c.Status = all(sts)
	if len(c.Args) == 0 {
		c.fails()
	}
	h := value.NewHole(value.Fact, "which_"+c.Arg(0), c.At)
	h.Full = c.Status.Tri == value.Yes
	c.Out = value.Of(h)
	if c.Status.Tri == value.No {
		c.Out = value.Value{}
	}
}

// getent: accounts and groups are of the abstract machine; hosts and services
// are asked for.
func getent(c *Call) {
	name := c.Arg(1)
	switch {
	case len(c.Args) < 2:
		c.Out = c.Hole(value.Content, "getent")
	case c.Arg(0) == "passwd" || c.Arg(0) == "shadow":
		c.Status = c.present(host.User, name)
		c.Out = c.passwdLine(name)
	case c.Arg(0) == "group" || c.Arg(0) == "gshadow":
		c.Status = c.present(host.Group, name)
		c.Out = c.fields(value.Text(name), value.Text("x"), c.numberOf(name, host.Group), c.maybeEmpty("members"))
	default:
		c.Status = Asks(value.Maybe, &Cond{Op: Other, Text: c.Arg(0) + " has " + name})
		c.Out = c.Hole(value.Fact, "getent_"+c.Arg(0))
	}
	if c.Status.Tri == value.No {
		c.Out = value.Value{}
	}
}

func (c *Call) fields(fs ...value.Value) value.Value {
	var out value.Value
	for i, f := range fs {
		if i > 0 {
			out = value.Concat(out, value.Text(":"))
		}
		out = value.Concat(out, f)
	}
	return value.Concat(out, value.Text("\n"))
}

func (c *Call) passwdLine(name string) value.Value {
	home, shell := c.Hole(value.Fact, "home_"+name), c.Hole(value.Fact, "shell_"+name)
	u := c.H.Account(c.Where, name)
	switch {
	case name == "root":
		home = value.Text("/root")
	case u != nil && u.Home != "":
		home = value.Text(u.Home)
	}
	if u != nil && u.Shell != "" {
		shell = value.Text(u.Shell)
	}
	return c.fields(value.Text(name), value.Text("x"), c.numberOf(name, host.User), c.Hole(value.Fact, "gid_"+name), c.maybeEmpty("comment_"+name), home, shell)
}

// maybeEmpty is a fact that may be nothing.
func (c *Call) maybeEmpty(name string) value.Value {
	h := value.NewHole(value.Fact, name, c.At)
	h.Full = false
	return value.Of(h)
}

// numberOf is a uid or gid.
func (c *Call) numberOf(name string, space host.Space) value.Value {
	if name == "root" {
		return value.Text("0")
	}
	if space == host.User {
		if u := c.H.Account(c.Where, name); u != nil && u.UID != "" {
			return value.Text(u.UID)
		}
		return c.Hole(value.Fact, "uid_"+name)
	}
	if f, ok := c.H.Get(host.Key{Space: space, Where: c.Where, Name: name}).(*host.Flag); ok && f.ID != "" {
		return value.Text(f.ID)
	}
	return c.Hole(value.Fact, "gid_"+name)
}

// id: with an operand it asks for that account, else of the acting one.
func id(c *Call) {
	name := c.User
	if len(c.Args) > 0 {
		name = c.Arg(0)
		c.Status = c.present(host.User, name)
	}
	switch {
	case c.Has("n") && name != "" && c.Has("u"):
		c.Out = value.Text(name + "\n")
	case c.Has("n") && name != "" && c.Has("g"):
		c.Out = value.Text(c.loginGroup(name) + "\n")
	case c.Has("n"):
		c.Out = c.Hole(value.Fact, "USER")
	case name == "":
		c.Out = c.Hole(value.Fact, "UID")
	case c.Has("u"):
		c.Out = c.numberOf(name, host.User)
	case c.Has("g"):
		c.Out = c.numberOf(c.loginGroup(name), host.Group)
	default:
		c.Out = c.Hole(value.Fact, "id_"+name)
	}
	if c.Status.Tri == value.No {
		c.Out = value.Value{}
	}
}

func groups(c *Call) {
	if len(c.Args) > 0 {
		c.Status = c.present(host.User, c.Arg(0))
	}
	c.Out = c.Hole(value.Fact, "groups")
}

func whoami(c *Call) {
	if c.User == "" {
		c.Out = c.Hole(value.Fact, "USER")
		return
	}
	c.Out = value.Text(c.User + "\n")
}

// diff decides on known texts; else it asks.
func diff(c *Call) {
	if len(c.Args) < 2 {
		return
	}
	a, ok := c.read(c.Args[0])
	b, ok2 := c.read(c.Args[1])
	t := value.Maybe
	if ok && ok2 && !c.Has("w", "b", "B", "i", "I", "Z") {
		t = value.Equals(a, b)
	}
	c.Status = Asks(t, &Cond{Op: Other, Text: c.Arg(0) + " and " + c.Arg(1) + " are the same"})
	if t != value.Yes && !c.Has("q", "s") {
		c.Out = c.Hole(value.Content, c.Name)
	}
}

// seq: LAST, FIRST LAST, FIRST STEP LAST of whole numbers.
func seq(c *Call) {
	var n []int
	sep := "\n"
	words := c.Argv[1:]
	for i := 0; i < len(words); i++ {
		if words[i].Is("-s") && i+1 < len(words) {
			i++
			sep = words[i].String()
			continue
		}
		v, err := strconv.Atoi(words[i].String())
		if err != nil || !words[i].Known() {
			h := value.NewHole(value.Output, "seq", c.At)
			h.Many = true
			c.Out = value.Of(h)
			return
		}
		n = append(n, v)
	}
	first, step, last := 1, 1, 0
	switch len(n) {
	case 1:
		last = n[0]
	case 2:
		first, last = n[0], n[1]
	case 3:
		first, step, last = n[0], n[1], n[2]
	}
	var out []string
	for v := first; step != 0 && (step > 0 && v <= last || step < 0 && v >= last) && len(out) < 1000; v += step {
		out = append(out, strconv.Itoa(v))
	}
	c.Out = value.Text(strings.Join(out, sep) + strings.Repeat("\n", min(1, len(out))))
}

// expr computes A OP B of two known numbers.
func expr(c *Call) {
	w := c.Argv[1:]
	if len(w) == 3 {
		a, err := strconv.Atoi(w[0].String())
		b, err2 := strconv.Atoi(w[2].String())
		if err == nil && err2 == nil && w[0].Known() && w[2].Known() {
			if n, ok := arith(a, w[1].String(), b); ok {
				c.Out = value.Text(strconv.Itoa(n) + "\n")
				c.Status = Known(n != 0)
				return
			}
		}
	}
	c.Out = c.Hole(value.Output, "expr")
	c.Status = Asks(value.Maybe, &Cond{Op: Other, Text: Line(c.Argv)})
}

func arith(a int, op string, b int) (int, bool) {
	truth := map[string]bool{"=": a == b, "!=": a != b, "<": a < b, ">": a > b, "<=": a <= b, ">=": a >= b}
	if t, ok := truth[op]; ok {
		if t {
			return 1, true
		}
		return 0, true
	}
	switch {
	case op == "+":
		return a + b, true
	case op == "-":
		return a - b, true
	case op == "*":
		return a * b, true
	case op == "/" && b != 0:
		return a / b, true
	case op == "%" && b != 0:
		return a % b, true
	}
	return 0, false
}

func printenv(c *Call) {
	if len(c.Args) == 0 {
		c.Out = c.Hole(value.Env, "environment")
		return
	}
	c.perPath(c.Args, func(v value.Value) value.Value { return c.variable(v.String()) })
}

// getopt prints the arguments in order; those of a script are mostly unknown.
func getopt(c *Call) {
	out := value.Text(" --")
	for _, a := range c.Args {
		if a.Best().Prefix() == "" || strings.HasPrefix(a.Best().Prefix(), "-") || !a.Known() || strings.Contains(a.String(), "'") {
			h := value.NewHole(value.Arg, "@", c.At)
			h.Many = true
			c.Out = value.Of(h)
			return
		}
		out = value.Concat(out, value.Text(" '"+a.String()+"'"))
	}
	c.Out = value.Concat(out, value.Text("\n"))
}

// probe asks what runs, listens or answers: nothing of the deployment does on a
// fresh host.
func probe(c *Call) {
	c.Out = c.Hole(value.Output, c.Name)
	fresh := value.Maybe
	switch c.Name {
	case "ps", "dig", "nslookup", "host", "lsmod", "findmnt", "tty":
	default:
		c.Status = Asks(value.Maybe, &Cond{Op: Other, Text: Line(c.Argv), Fresh: fresh})
	}
	if c.Name == "fuser" && strings.Contains(Line(c.Argv), " -k") {
		c.Outcome = Changed
		c.Record(&host.Effect{Op: host.System, Name: "kill", What: Line(c.Argv)})
	}
}

// uname: the deployment runs on Linux; the rest is not known.
func uname(c *Call) {
	switch {
	case len(c.Opts) == 0 || len(c.Opts) == 1 && c.Has("s"):
		c.Out = value.Text("Linux\n")
	case len(c.Opts) == 1 && c.Has("o"):
		c.Out = value.Text("GNU/Linux\n")
	case c.Has("m", "p", "i"):
		c.Out = c.Hole(value.Fact, "ARCH")
	case c.Has("n"):
		c.Out = c.Hole(value.Fact, "HOSTNAME")
	default:
		c.Out = c.Hole(value.Fact, "KERNEL")
	}
}

func hostname(c *Call) {
	if len(c.Args) > 0 || c.Has("F", "b") {
		c.setting("hostname")
		return
	}
	name := "HOSTNAME"
	if c.Has("i", "I") {
		name = "IP"
	} else if c.Has("d") {
		name = "DOMAIN"
	}
	c.Out = c.Hole(value.Fact, name)
}

// date: a format without directives is itself.
func date(c *Call) {
	form := c.Arg(len(c.Args) - 1)
	if c.Has("s") {
		c.setting("time")
		return
	}
	if text, ok := strings.CutPrefix(form, "+"); ok && !strings.Contains(text, "%") && c.Args[len(c.Args)-1].Known() {
		c.Out = value.Text(text + "\n")
		return
	}
	c.Out = c.Hole(value.Date, "date")
}

func fact(c *Call) {
	name := factNames[c.Name]
	if name == "" {
		name = c.Name
	}
	c.Out = c.Hole(value.Fact, name)
	if c.Name == "file" || c.Name == "du" || c.Name == "df" {
		return
	}
	if c.In.Piped && (c.Name == "less" || c.Name == "more" || c.Name == "bat") {
		c.Out = c.In.Text
	}
}

func lsbRelease(c *Call) {
	switch {
	case c.Has("c"):
		c.Out = c.Hole(value.Fact, "CODENAME")
	case c.Has("r"):
		c.Out = c.Hole(value.Fact, "RELEASE")
	default:
		c.Out = c.Hole(value.Fact, "DISTRIBUTION")
	}
}

// network: asking is pure, changing is a setting of the system.
func network(c *Call) {
	for _, a := range c.Args {
		if t, ok := a.Exact(); ok && among("add del delete set replace change flush up down addbr delbr addif", t) {
			c.setting("network")
			return
		}
	}
	c.Out = c.Hole(value.Fact, factNames[c.Name])
}

func terminal(c *Call) {
	c.Out = c.Hole(value.Fact, "TERMINAL")
	if c.Name != "tput" {
		c.Out = value.Value{}
	}
}

func prompt(c *Call) {
	c.Out = c.Hole(value.Prompt, c.Name)
	c.Status = Asks(value.Maybe, &Cond{Op: Other, Text: "the answer to " + path.Base(c.Name) + " is yes"})
}
