package command

import (
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

// accounts are the commands that make and change accounts and groups.
var accounts = []*Model{
	{Name: "useradd", Flags: "b:c:d:De:f:Fg:G:hk:K:lmMNop:rR:P:s:u:UZ: --badname --badnames --base-dir=b: --comment=c: --home-dir=d: --home=d: --defaults=D " +
		"--expiredate=e: --inactive=f: --add-subids-for-system=F --gid=g: --groups=G: --help=h --skel=k: --key=K: --no-log-init=l --create-home=m " +
		"--no-create-home=M --no-user-group=N --non-unique=o --password=p: --system=r --root=R: --prefix=P: --shell=s: --uid=u: --user-group=U " +
		"--selinux-user=Z: --btrfs-subvolume-home",
		Kind: Changed, Man: "useradd(8)", Doc: "creates an account: home, shell, groups, system range; fails when it exists",
		Example: "useradd -r -d /srv/nv -s /usr/sbin/nologin -G daemon nvtest", Run: useradd},
	{Name: "adduser", Flags: "b:c:d:De:f:g:G:h:Hk:K:lmMNop:qrs:Su:U --conf: --debug --quiet=q --verbose --version --help --allow-bad-names --allow-badname " +
		"--allow-all-names --force-badname --add-extra-groups --add_extra_groups --comment: --gecos: --disabled-password --disabled-login --encrypt-home " +
		"--home: --home-dir=home: --shell: --no-create-home --uid: --gid: --ingroup: --firstuid: --lastuid: --firstgid: --lastgid: --group --system " +
		"--create-home=m --groups: --user-group=U --no-user-group=N --password=p:",
		Kind: Changed, Man: "adduser(8) of Debian, of busybox, and useradd(8) under that name",
		Doc:     "creates an account, or puts one into a group",
		Example: "adduser --system --group --quiet --no-create-home --home /srv/nv nvtest", Run: adduser},
	{Name: "usermod", Flags: "abc:d:e:f:g:G:hl:Lmop:rR:P:s:u:Uv:V:w:W:Z: --append=a --badname=b --badnames=b --comment=c: --home=d: --expiredate=e: --inactive=f: " +
		"--gid=g: --groups=G: --help=h --login=l: --lock=L --move-home=m --non-unique=o --password=p: --remove=r --root=R: --prefix=P: --shell=s: " +
		"--uid=u: --unlock=U --add-subuids=v: --del-subuids=V: --add-subgids=w: --del-subgids=W: --selinux-user=Z:",
		Kind: Changed, Man: "usermod(8)", Doc: "changes an account; -aG adds it to groups", Example: "usermod -aG daemon -s /bin/sh nvtest", Run: usermod},
	{Name: "userdel", Flags: "fhrR:P:Z --force=f --help=h --remove=r --root=R: --prefix=P: --selinux-user=Z", Kind: Changed, Man: "userdel(8)",
		Doc: "removes an account, with -r its home", Example: "userdel nvtest", Run: userdel},
	{Name: "deluser", Flags: "q --conf: --debug --quiet=q --verbose --version --help --remove-home=r --remove-all-files=r --backup --backup-to: --backup-suffix: " +
		"--force --system --group --only-if-empty", Kind: Changed, Man: "deluser(8)",
		Doc: "removes an account, or an account from a group", Example: "deluser --quiet nvtest", Run: userdel},
	{Name: "groupadd", Flags: "fg:hK:op:rR:P:U: --force=f --gid=g: --help=h --key=K: --non-unique=o --password=p: --system=r --root=R: --prefix=P: --users=U:",
		Kind: Changed, Man: "groupadd(8)", Doc: "creates a group", Example: "groupadd -r nvgroup", Run: groupadd},
	{Name: "addgroup", Flags: "g:qS --conf: --debug --quiet=q --verbose --version --help --allow-bad-names --allow-badname --allow-all-names --force-badname --gid=g: " +
		"--firstgid: --lastgid: --system=r --group", Kind: Changed, Man: "addgroup(8) of Debian and of busybox",
		Doc: "creates a group, or puts an account into one", Example: "addgroup --system --quiet nvgroup", Run: groupadd},
	{Name: "groupmod", Flags: "ag:hn:op:R:P:U: --append=a --gid=g: --help=h --new-name=n: --non-unique=o --password=p: --root=R: --prefix=P: --users=U:",
		Kind: Changed, Man: "groupmod(8)", Doc: "renames a group or changes its number", Example: "groupmod -n nvother nvtest", Run: groupmod},
	{Name: "groupdel", Alias: []string{"delgroup"}, Flags: "fhqR:P: --force=f --help=h --root=R: --prefix=P: --quiet=q --only-if-empty --system --conf: --group",
		Kind: Changed, Man: "groupdel(8), delgroup(8)", Doc: "removes a group, or an account from one", Example: "groupdel nvtest", Run: groupdel},
	{Name: "gpasswd", Flags: "a:d:hQ:rRA:M: --add=a: --delete=d: --help=h --root=Q: --remove-password=r --restrict=R --administrators=A: --members=M:",
		Kind: Changed, Man: "gpasswd(1)", Doc: "adds and removes members of a group", Example: "gpasswd -a nvtest nvgroup", Run: gpasswd},
	{Name: "groupmems", Flags: "a:d:g:lpR: --add=a: --delete=d: --group=g: --list=l --purge=p --root=R:", Kind: Changed, Man: "groupmems(8)",
		Doc: "adds and removes members of a group", Run: gpasswd},
	{Name: "newgrp", Alias: []string{"sg"}, Flags: "-any -first", Kind: Mechanics, Man: "newgrp(1)", Doc: "a shell with another group", Run: mechanics},
	{Name: "passwd", Flags: "adeghi:kln:qr:R:P:Suw:x:f --all=a --delete=d --expire=e --help=h --inactive=i: --keep-tokens=k --lock=l --mindays=n: --quiet=q " +
		"--repository=r: --root=R: --prefix=P: --status=S --unlock=u --warndays=w: --maxdays=x: --stdin=s --force=f", Kind: Changed, Man: "passwd(1)",
		Doc: "sets, locks or deletes a password", Example: "passwd -l nvtest", Run: passwd},
	{Name: "chpasswd", Flags: "c:ehmR:P:s: --crypt-method=c: --encrypted=e --help=h --md5=m --root=R: --prefix=P: --sha-rounds=s:", Kind: Changed, Man: "chpasswd(8)",
		Doc: "sets the passwords that it reads: one in the script is a secret", Example: "echo nvtest:Vooph6ei | chpasswd", Run: chpasswd},
	{Name: "chsh", Flags: "hR:P:s:lu --help=h --root=R: --prefix=P: --shell=s: --list-shells=l", Kind: Changed, Man: "chsh(1)",
		Doc: "changes a login shell", Example: "chsh -s /bin/sh nvtest", Run: usermod},
	{Name: "chfn", Flags: "f:h:o:p:r:R:P:uw: --full-name=f: --home-phone=h: --other=o: --root=R: --room=r: --help=u --work-phone=w: --office:", Kind: Changed, Man: "chfn(1)",
		Doc: "changes the full name of an account", Example: "chfn -f Test nvtest", Run: usermod},
	{Name: "chage", Flags: "d:E:hiI:lm:M:R:P:W: --lastday=d: --expiredate=E: --help=h --iso8601=i --inactive=I: --list=l --mindays=m: --maxdays=M: --root=R: --prefix=P: --warndays=W:",
		Kind: Changed, Man: "chage(1)", Doc: "changes how long a password holds", Example: "chage -M 90 nvtest", Run: chage},
	{Name: "newusers", Flags: "bc:hrR:s: --badname=b --crypt-method=c: --help=h --system=r --root=R: --sha-rounds=s:", Kind: Changed, Man: "newusers(8)",
		Doc: "creates the accounts that a file lists", Run: newusers},
	{Name: "vipw", Alias: []string{"vigr"}, Flags: "ghpqRs -any", Kind: Changed, Man: "vipw(8)", Doc: "a person edits the accounts", Run: sets("accounts")},
	{Name: "visudo", Flags: "chqsVIOPf?x? --check=c --help=h --quiet=q --strict=s --version=V --file? --no-includes=I --owner=O --perms=P", Kind: Changed, Man: "visudo(8)",
		Doc: "checks a sudoers file, or a person edits it", Run: visudo},
	{Name: "loginctl", Flags: "H:M:lPp:n:o:s: -any --no-pager --no-ask-password --full=l --host=H: --machine=M: --property=p: --signal=s: --lines=n: --output=o: --value --all --help --version",
		Kind: Changed, Man: "loginctl(1)", Doc: "enable-linger: services of an account run without a login", Run: loginctl},
	{Name: "systemd-sysusers", Flags: "h --help=h --version --root: --image: --image-policy: --replace: --dry-run --inline --cat-config --tldr --no-pager",
		Kind: Changed, Man: "systemd-sysusers(8), sysusers.d(5)", Doc: "creates the accounts that sysusers.d files declare",
		Example: `echo 'u nvtest - "Test" /srv/nv' | systemd-sysusers -`, Run: sysusers},
	{Name: "pwck", Alias: []string{"grpck", "pwconv", "grpconv", "pwunconv", "grpunconv"}, Flags: "-any", Kind: Mechanics, Man: "pwck(8)",
		Doc: "checks the account files", Run: mechanics},
	{Name: "pw", Flags: "V:R:c:C:d:e:p:g:G:L:mM:k:w:s:oNqPYn:u:h:H:l:ayrb:f:xDZ:", Kind: Changed, Man: "pw(8) of FreeBSD",
		Doc: "creates, changes and removes accounts and groups", Run: pw},
}

// useradd: the home directory is made with -m only (Debian; Red Hat makes it
// for accounts of people as login.defs says).
func useradd(c *Call) {
	if c.Has("D", "h") || len(c.Args) == 0 {
		c.asked("useradd_defaults")
		return
	}
	u := host.UserEntry{Home: c.Text("d"), Shell: c.Text("s"), UID: c.Text("u"), Group: c.Text("g"), System: value.Bool(c.Has("r"))}
	if v, ok := c.Flag("G"); ok {
		u.Groups = commas(v)
	}
	if b := c.Text("b"); b != "" && u.Home == "" {
		u.Home = strings.TrimSuffix(b, "/") + "/" + c.last().String()
	}
	if u.Group == "" && c.Has("N") {
		u.Group = "users"
	}
	c.create(c.last(), u, c.Has("m"))
	c.givenPassword("p")
}

// last is the last operand.
func (c *Call) last() value.Value {
	if len(c.Args) == 0 {
		return value.Value{}
	}
	return c.Args[len(c.Args)-1]
}

// create makes an account; home says that its directory is made.
func (c *Call) create(name value.Value, u host.UserEntry, home bool) {
	exists := value.Yes
	c.eachName(name, func(n string) {
		u := u
		u.Name = n
		if home && u.Home == "" {
			u.Home = "/home/" + n
		}
		here := c.H.Has(host.User, c.Where, n)
		exists = exists.And(here)
		c.AddUser(u)
		switch {
		case here == value.Yes:
		case home:
			c.layHome(u)
		case c.Name == "useradd" && u.System != value.Yes && !c.Has("M", "no-create-home") && !c.H.Exact:
			c.mayHaveHome(u)
		}
	})
	if exists == value.Yes && len(c.Args) > 0 {
		c.Status = Status{Tri: value.No}
		c.Detail = "the account is there already"
	}
}

// layHome makes the home directory, which belongs to the account; what the
// distribution puts there is not known.
func (c *Call) layHome(u host.UserEntry) {
	group := u.Group
	if group == "" {
		group = u.Name
	}
	p := value.TextStr(u.Home)
	if c.H.Node(c.Where, u.Home).Presence == value.Yes {
		return
	}
	c.Lay(p, &host.Node{Kind: host.Dir, Presence: value.Yes, Owner: u.Name, Group: group, OwnerSet: true,
		Content: &host.Content{Kind: host.Copied, Path: "/etc/skel"}})
}

// mayHaveHome is for an account that useradd makes without a word on its home:
// CREATE_HOME of login.defs(5) decides, which Red Hat sets and Debian does not.
func (c *Call) mayHaveHome(u host.UserEntry) {
	if u.Home == "" {
		u.Home = "/home/" + u.Name
	}
	if c.H.Node(c.Where, u.Home).Presence == value.Yes {
		return
	}
	c.Lay(value.TextStr(u.Home), &host.Node{Kind: host.Dir, Presence: value.Maybe, Owner: u.Name, Group: u.Name,
		Content: &host.Content{Kind: host.Copied, Path: "/etc/skel"}})
}

// givenPassword records a password that an option gives.
func (c *Call) givenPassword(option string) {
	v, ok := c.Flag(option)
	if !ok {
		return
	}
	c.Record(&host.Effect{Op: host.SetPassword, Name: c.last().String(), Args: secretWord(isSecret(v))})
}

// adduser has three forms: Debian's long options, busybox's -S -D -H -h -G, and
// that of useradd.
func adduser(c *Call) {
	switch {
	case c.Has("help", "version") || len(c.Args) == 0:
		c.asked("adduser")
	case len(c.Args) == 2:
		c.join(c.Args[0], c.Args[1])
	case c.Has("group") && !c.Has("system"):
		c.makeGroup(c.Args[0], c.Text("gid"), false)
	case c.Has("r", "m", "M", "d", "c", "U", "N", "p", "l", "o", "e", "f") && !c.Has("S", "D", "H", "h"):
		useradd(c)
	case c.Has("S", "D", "H", "h", "G", "g"):
		c.busyboxUser()
	default:
		c.debianUser()
	}
}

// busyboxUser: -S a system account, -H no home, -h DIR, -G primary group.
func (c *Call) busyboxUser() {
	u := host.UserEntry{Home: c.Text("h"), Shell: c.Text("s"), UID: c.Text("u"), Group: c.Text("G"), System: value.Bool(c.Has("S"))}
	c.create(c.Args[0], u, !c.Has("H"))
}

// debianUser: a system account has group nogroup unless --group or --ingroup
// says otherwise, and since Debian 12 no home unless one is named.
func (c *Call) debianUser() {
	system := c.Has("system")
	u := host.UserEntry{Home: c.Text("home"), Shell: c.Text("shell", "s"), UID: c.Text("uid", "u"), Group: c.Text("ingroup", "gid"), System: value.Bool(system)}
	if v, ok := c.Flag("groups"); ok {
		u.Groups = commas(v)
	}
	if system && u.Group == "" && !c.Has("group") {
		u.Group = "nogroup"
	}
	home := !c.Has("no-create-home") && (!system || u.Home != "")
	exists := system && c.H.Has(host.User, c.Where, c.Arg(0)) == value.Yes
	c.create(c.Args[0], u, home)
	if exists { // adduser(8): a system account that exists is no error
		c.Status, c.Detail = Success, "the account is there already"
	}
}

// join puts accounts into groups.
func (c *Call) join(user, group value.Value) {
	c.eachName(user, func(u string) {
		c.eachName(group, func(g string) { c.AddMember(u, g) })
	})
}

func usermod(c *Call) {
	if len(c.Args) == 0 {
		if c.Name == "chsh" && c.Has("s") && c.User != "" {
			c.ChangeUser(host.UserEntry{Name: c.User, Shell: c.Text("s")}, false)
			return
		}
		c.asked(c.Name)
		return
	}
	groups, hasGroups := c.Flag("G")
	if hasGroups && c.Has("a") {
		for _, g := range commas(groups) {
			c.join(c.last(), value.Text(g))
		}
	}
	u := host.UserEntry{Home: c.Text("d"), Shell: c.Text("s"), UID: c.Text("u"), Group: c.Text("g")}
	if hasGroups && !c.Has("a") && !c.Has("r") {
		u.Groups = commas(groups)
	}
	changes := u.Home+u.Shell+u.UID+u.Group != "" || u.Groups != nil || c.Has("l", "L", "U", "e", "f", "c", "r")
	c.eachName(c.last(), func(n string) {
		if c.Name == "chfn" {
			c.setting("account")
			return
		}
		if changes {
			u.Name = n
			c.ChangeUser(u, u.Groups != nil)
		}
		if c.Has("d") && c.Has("m") {
			c.moveHome(n)
		}
	})
	if c.Name == "usermod" {
		c.givenPassword("p")
	}
}

// moveHome is usermod -m: the files of the old home go along.
func (c *Call) moveHome(name string) {
	old := "/home/" + name
	if a := c.H.Account(c.Where, name); a != nil && a.Home != "" && a.Home != c.Text("d") {
		old = a.Home
	}
	if to, ok := c.Flag("d"); ok {
		c.Move(value.Text(old), to, host.CopyOpts{Exact: true})
	}
}

// userdel; deluser with two operands takes an account out of a group.
func userdel(c *Call) {
	switch {
	case len(c.Args) == 0:
		c.asked(c.Name)
	case c.Name == "deluser" && len(c.Args) == 2:
		c.leave(c.Args[0], c.Args[1])
	case c.Name == "deluser" && c.Has("group"):
		c.eachName(c.Args[0], c.DelGroup)
	default:
		c.eachName(c.last(), c.removeUser)
	}
}

func (c *Call) removeUser(n string) {
	here := c.H.Has(host.User, c.Where, n)
	old := c.H.Account(c.Where, n)
	c.DelUser(n, c.Has("r"))
	if old != nil && (old.Group == "" || old.Group == n) && c.H.Has(host.Group, c.Where, n) == value.Yes {
		c.H.Set(host.Key{Space: host.Group, Where: c.Where, Name: n}, &host.Flag{Presence: value.No})
	}
	if c.Has("r") && old != nil && old.Home != "" {
		c.silent(func() { c.Remove(value.Text(old.Home), true) })
	}
	if here == value.No {
		c.Status = Status{Tri: value.No}
	}
}

func passwd(c *Call) {
	name := c.last().String()
	if name == "" {
		name = c.User
	}
	if c.Has("S") {
		c.asked("passwd_status")
		return
	}
	e := &host.Effect{Op: host.SetPassword, Name: name}
	switch {
	case c.Has("l"):
		e.Action = "lock"
	case c.Has("u"):
		e.Action = "unlock"
	case c.Has("d"):
		e.Action = "delete"
	case c.Has("e"):
		e.Action = "expire"
	case c.In.Piped && c.In.Known && c.In.Text.Known():
		e.Args = secretWord(true)
	}
	c.Record(e)
}

// chpasswd reads lines of NAME:PASSWORD.
func chpasswd(c *Call) {
	if !c.In.Known {
		c.Record(&host.Effect{Op: host.SetPassword})
		return
	}
	for _, l := range c.In.Text.Best().Split("\n") {
		f := l.Split(":")
		if len(f) < 2 || f[0].String() == "" {
			continue
		}
		c.Record(&host.Effect{Op: host.SetPassword, Name: f[0].String(), Args: secretWord(f[1].Known() && f[1].String() != "")})
	}
}

func chage(c *Call) {
	if c.Has("l", "h") || len(c.Args) == 0 {
		c.asked("chage")
		return
	}
	c.setting("account")
}

func visudo(c *Call) {
	if c.Has("c", "V", "h") {
		c.asked("visudo")
		return
	}
	c.setting("sudoers")
}

func loginctl(c *Call) {
	verb, rest := c.verb()
	switch {
	case verb == "enable-linger" || verb == "disable-linger":
		if len(rest) == 0 {
			rest = []value.Value{value.Text(c.User)}
		}
		for _, u := range rest {
			c.eachName(u, func(n string) {
				c.Record(&host.Effect{Op: host.System, Name: "linger", Action: verb, Args: []string{n}, What: Line(c.Argv)})
			})
		}
	default:
		verbs{name: "login", pure: "list-sessions session-status show-session list-users user-status show-user list-seats seat-status show-seat"}.run(c)
	}
}
