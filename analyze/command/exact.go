package command

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

// On an Exact host commands fail where the real ones do. The models say what a
// command does when it succeeds; the tables here say when it does not, and
// answer the questions that the models leave open.

// refusals say why a command fails, "" when it does not. What it may have done
// to its other operands before is not followed.
var refusals map[string]func(c *Call) string

// answers take the place of a model where everything is known.
var answers map[string]func(c *Call)

func init() {
	refusals = map[string]func(c *Call) string{
		"rmdir": rmdirRefuses, "mkdir": mkdirRefuses,
		"cp": cpRefuses, "mv": mvRefuses, "ln": lnRefuses, "install": installRefuses, "touch": touchRefuses,
		"chown": chownRefuses, "chgrp": chownRefuses, "chmod": chmodRefuses, "sed": sedRefuses,
		"userdel": userdelRefuses, "deluser": userdelRefuses, "groupdel": groupdelRefuses, "delgroup": groupdelRefuses,
		"usermod": usermodRefuses, "runuser": runAsRefuses, "setfacl": chmodRefuses,
	}
	answers = map[string]func(c *Call){
		"cmp": sameBytes, "diff": sameBytes, "ls": lsExact, "dpkg-query": dpkgExact, "dpkg": dpkgExact, "rpm": rpmExact, "apk": ownerAsked, "pacman": ownerAsked,
		"dpkg-statoverride": overridesExact, "dpkg-divert": divertExact, "ischroot": func(c *Call) { c.Outcome, c.Status = Pure, Known(false) },
		"systemctl": systemctlExact, "deb-systemd-helper": helperExact, "deb-systemd-invoke": invokeExact,
		"service": serviceExact, "invoke-rc.d": serviceExact, "rc-service": serviceExact,
		"rc-update": rcUpdateExact, "update-rc.d": updateRCExact, "chkconfig": chkconfigExact, "getent": getentExact, "id": idExact,
		"rmdir": rmdirExact, "rm": rmExact, "unlink": rmExact, "dpkg-maintscript-helper": maintscriptExact,
		"ucfr": ucfrExact, "mktemp": mktempExact, "update-alternatives": alternativesExact,
	}
}

// exactly runs a command on an Exact host; false leaves it to its model.
func exactly(c *Call) bool {
	if f := refusals[c.Model.Name]; f != nil {
		if why := f(c); why != "" {
			c.Status, c.Detail = Known(false), why
			return true
		}
	}
	if c.Model.Name == "apk" && c.Arg(0) == "info" {
		c.Bad = "" // --who-owns
	}
	if f := answers[c.Model.Name]; f != nil && c.Bad == "" {
		f(c)
		return !c.declined
	}
	return false
}

// decline hands a call back to its model.
func (c *Call) decline() { c.declined = true }

func (c *Call) absent(v value.Value) bool {
	return c.H.Node(c.Where, c.Path(v)).Presence == value.No
}

// gone is absent for what a link leads to.
func (c *Call) gone(v value.Value) bool { return c.node(v).Presence == value.No }

func (c *Call) isDir(v value.Value) bool {
	n := c.node(v)
	return n.Presence != value.No && n.Kind == host.Dir
}

// noDir names the directory that a file cannot be made in, "" when it can.
func (c *Call) noDir(v value.Value) string {
	dir := path.Dir(c.Path(v))
	if _, n := c.H.Follow(c.Where, dir); n.Presence == value.No && !host.IsSystemDir(dir) {
		return dir + " is not there"
	}
	return ""
}

// rmExact removes what it can and fails when there was something that it
// cannot.
func rmExact(c *Call) {
	for _, v := range c.Args {
		n := c.H.Node(c.Where, c.Path(v))
		switch {
		case n.Presence == value.No && !c.Has("f"):
			c.Status, c.Detail = Known(false), c.Path(v)+" is not there"
		case n.Presence == value.Yes && n.Kind == host.Dir && !c.Has("r", "R", "d"):
			c.Status, c.Detail = Known(false), c.Path(v)+" is a directory"
		default:
			c.Remove(v, c.Has("r", "R"))
		}
	}
}

func rmdirRefuses(c *Call) string {
	for _, v := range c.Args {
		if c.absent(v) {
			return c.Path(v) + " is not there"
		}
		if c.holds(v) && !c.Has("ignore-fail-on-non-empty") {
			return c.Path(v) + " is not empty"
		}
	}
	return ""
}

func rmdirExact(c *Call) {
	for _, v := range c.Args {
		if !c.holds(v) {
			c.Remove(v, false)
		}
	}
}

// holds tells whether something is in a directory; in those that every system
// has other packages' files are.
func (c *Call) holds(v value.Value) bool {
	names, _ := c.H.Children(c.Where, c.Path(v))
	return len(names) > 0 || host.IsSystemDir(c.Path(v))
}

func mkdirRefuses(c *Call) string {
	for _, v := range c.Args {
		n := c.H.Node(c.Where, c.Path(v))
		if c.Has("p") {
			if n.Presence == value.Yes && n.Kind == host.Regular {
				return c.Path(v) + " is a file"
			}
			continue
		}
		if n.Presence == value.Yes {
			return c.Path(v) + " is there already"
		}
		if why := c.noDir(v); why != "" {
			return why
		}
	}
	return ""
}

func cpRefuses(c *Call) string {
	srcs, dst, into, ok := c.targets()
	if !ok {
		return "operands are missing"
	}
	for _, s := range srcs {
		switch {
		case c.gone(s) && !(c.Has("a", "P", "d") && !c.absent(s)):
			return c.Path(s) + " is not there"
		case c.isDir(s) && !c.Has("a", "r", "R"):
			return c.Path(s) + " is a directory"
		}
	}
	return c.destination(dst, into)
}

func (c *Call) destination(dst value.Value, into bool) string {
	if into && !c.isDir(dst) {
		return c.Path(dst) + " is no directory"
	}
	if c.absent(dst) {
		return c.noDir(dst)
	}
	return ""
}

func mvRefuses(c *Call) string {
	srcs, dst, into, ok := c.targets()
	if !ok {
		return "operands are missing"
	}
	for _, s := range srcs {
		if c.absent(s) {
			return c.Path(s) + " is not there"
		}
	}
	return c.destination(dst, into)
}

func lnRefuses(c *Call) string {
	srcs, dst, into, ok := c.targets()
	if !ok {
		return ""
	}
	if !c.Has("s") && len(srcs) > 0 && c.absent(srcs[0]) {
		return c.Path(srcs[0]) + " is not there"
	}
	if why := c.destination(dst, into); why != "" {
		return why
	}
	n := c.H.Node(c.Where, c.Path(dst))
	if n.Presence == value.Yes && !c.Has("f", "i", "b") && !(c.isDir(dst) && !c.Has("n", "T")) {
		return c.Path(dst) + " is there already"
	}
	return ""
}

func installRefuses(c *Call) string {
	if why := c.noAccount(c.Text("o"), c.Text("g")); why != "" {
		return why
	}
	if c.Has("d") {
		return ""
	}
	srcs, dst, into, ok := c.targets()
	if !ok {
		return "operands are missing"
	}
	for _, s := range srcs {
		if c.gone(s) && !strings.HasPrefix(c.Path(s), "/dev/") {
			return c.Path(s) + " is not there"
		}
	}
	if c.Has("D") {
		return ""
	}
	return c.destination(dst, into)
}

func touchRefuses(c *Call) string {
	for _, v := range c.Args {
		if c.absent(v) && !c.Has("c") {
			if why := c.noDir(v); why != "" {
				return why
			}
		}
	}
	return ""
}

// noAccount says which of an owner and a group, given by name, is not there.
func (c *Call) noAccount(user, group string) string {
	if isName(user) && c.H.Has(host.User, c.Where, user) == value.No {
		return "there is no account " + user
	}
	if isName(group) && c.H.Has(host.Group, c.Where, group) == value.No {
		return "there is no group " + group
	}
	return ""
}

func isName(s string) bool {
	return s != "" && (s[0] < '0' || s[0] > '9') && !strings.Contains(s, "${")
}

func chownRefuses(c *Call) string {
	args := c.Args
	if !c.Has("reference") && len(args) > 0 {
		spec := args[0].String()
		args = args[1:]
		user, group, _ := strings.Cut(spec, ":")
		if c.Name == "chgrp" {
			user, group = "", spec
		} else if !strings.Contains(spec, ":") && strings.Contains(spec, ".") && c.H.Has(host.User, c.Where, spec) == value.No {
			user, group, _ = strings.Cut(spec, ".")
		}
		if why := c.noAccount(user, group); why != "" {
			return why
		}
	}
	if len(args) == 0 {
		return "an operand is missing"
	}
	return c.firstGone(args)
}

func chmodRefuses(c *Call) string {
	if len(c.Args) < 2 || c.Model.Name == "setfacl" {
		return ""
	}
	return c.firstGone(c.Args[1:])
}

func (c *Call) firstGone(list []value.Value) string {
	for _, v := range list {
		if c.gone(v) && !(c.Has("h") && !c.absent(v)) {
			return c.Path(v) + " is not there"
		}
	}
	return ""
}

func sedRefuses(c *Call) string {
	files := c.Args
	if !c.Has("e", "expression", "f", "file") && len(files) > 0 {
		files = files[1:]
	}
	return c.firstGone(files)
}

func userdelRefuses(c *Call) string {
	if len(c.Args) != 1 {
		return ""
	}
	name := c.Arg(0)
	if c.Model.Name == "deluser" && c.H.Has(host.User, c.Where, name) == value.No && c.Has("system") {
		return ""
	}
	if c.H.Has(host.User, c.Where, name) == value.No {
		return "there is no account " + name
	}
	if s := c.H.Setting("runs-as:" + name); s != nil && s.Presence == value.Yes && !c.Has("f") && c.running(s.ID) {
		return "the account " + name + " runs the process of " + s.ID
	}
	return ""
}

func (c *Call) running(unit string) bool {
	s, ok := c.H.Get(host.Key{Space: host.Service, Where: c.Where, Name: host.ServiceName(unit)}).(*host.ServiceEntry)
	return ok && s.Running == value.Yes
}

func groupdelRefuses(c *Call) string {
	if len(c.Args) == 1 && c.H.Has(host.Group, c.Where, c.Arg(0)) == value.No && !c.Has("system", "only-if-empty") {
		return "there is no group " + c.Arg(0)
	}
	return ""
}

func usermodRefuses(c *Call) string {
	if len(c.Args) == 1 && c.H.Has(host.User, c.Where, c.Arg(0)) == value.No {
		return "there is no account " + c.Arg(0)
	}
	return ""
}

func runAsRefuses(c *Call) string { return c.noAccount(c.Text("u"), "") }

// sameBytes is cmp and diff: by the text where it is known, else by where the
// bytes come from.
func sameBytes(c *Call) {
	c.Outcome = Pure
	if len(c.Args) < 2 || c.Has("r", "recursive") {
		c.decline()
		return
	}
	if c.gone(c.Args[0]) || c.gone(c.Args[1]) {
		c.fails()
		return
	}
	c.Status = Known(SameContent(c.H, c.node(c.Args[0]).Content, c.node(c.Args[1]).Content))
}

// SameContent tells whether two contents are the same bytes, as far as is known.
func SameContent(h *host.Host, a, b *host.Content) bool {
	return a == b || ContentID(h, a) == ContentID(h, b)
}

// ContentID names the bytes of a file: by its text where it is known, else by
// where it comes from.
func ContentID(h *host.Host, c *host.Content) string {
	if c == nil {
		return ""
	}
	if v, ok := c.Known(); ok {
		if s, exact := v.Exact(); exact {
			return "text " + s
		}
		return "text " + v.String()
	}
	switch c.Kind {
	case host.RepoFile, host.RepoTree:
		return "repo " + c.Path
	case host.Edited:
		return "edited " + c.Edit + "\n" + ContentID(h, c.Prev)
	case host.Literal:
		return "append " + c.Text.String() + "\n" + ContentID(h, c.Prev)
	}
	return strings.Join([]string{"other", c.Path, c.URL, c.At.String()}, " ")
}

func lsExact(c *Call) {
	c.Outcome = Pure
	if len(c.Args) != 1 || c.Has("d", "l") {
		c.decline()
		return
	}
	if c.gone(c.Args[0]) {
		c.fails()
		return
	}
	if !c.isDir(c.Args[0]) {
		c.Out = value.Concat(c.Args[0], value.Text("\n"))
		return
	}
	names, _ := c.H.Children(c.Where, c.Path(c.Args[0]))
	if !c.Has("a", "A") {
		names = visible(names)
	}
	if len(names) > 0 {
		c.Out = value.Text(strings.Join(names, "\n") + "\n")
	}
}

// OwnedBy is the name of the setting that a package manager keeps for a path of
// a package, whose name is its value.
func OwnedBy(p string) string { return "owned:" + p }

// ownerAsked answers which package owns a path: dpkg-query -S, pacman -Qo, apk
// info --who-owns.
func ownerAsked(c *Call) {
	v, ok := c.Flag("S", "o", "W", "who-owns", "owns")
	args := c.Args
	if len(args) > 0 && args[0].Is("info") {
		args = args[1:]
	}
	if c.Model.Name == "apk" && (c.Arg(0) != "info" || !c.Has("W", "who-owns")) || !ok || c.Model.Name == "dpkg-query" && !c.Has("S") {
		c.decline()
		return
	}
	if v.String() != "" && len(args) == 0 {
		args = []value.Value{v}
	}
	c.owns(args)
}

func (c *Call) owns(paths []value.Value) {
	c.Outcome = Pure
	for _, p := range paths {
		f := c.H.Setting(OwnedBy(c.Path(p)))
		if f == nil || f.Presence != value.Yes {
			c.fails()
			return
		}
		c.Out = value.Text(f.ID + ": " + c.Path(p) + "\n")
	}
}

func rpmExact(c *Call) {
	if !c.Has("q") || !c.Has("f", "file") {
		c.decline()
		return
	}
	args := c.Args
	if v, ok := c.Flag("f"); ok && len(args) == 0 && v.String() != "" {
		args = []value.Value{v}
	}
	c.owns(args)
}

func getentExact(c *Call) {
	if len(c.Args) != 2 {
		c.decline()
		return
	}
	getent(c)
	name := c.Arg(1)
	u := c.H.Account(c.Where, name)
	if c.Arg(0) == "passwd" && c.Status.Tri == value.Yes && u != nil && u.UID != "" {
		c.Out = value.Text(strings.Join([]string{name, "x", u.UID, c.gid(u), "", u.Home, u.Shell}, ":") + "\n")
	}
}

func (c *Call) gid(u *host.UserEntry) string {
	group := u.Group
	if group == "" {
		group = u.Name
	}
	if f, ok := c.H.Get(host.Key{Space: host.Group, Where: c.Where, Name: group}).(*host.Flag); ok && f.ID != "" {
		return f.ID
	}
	return u.UID
}

func idExact(c *Call) {
	id(c)
	if len(c.Args) == 0 && c.Has("u") && !c.Has("n") {
		c.Out = value.Text("0\n")
	} else if u := c.H.Account(c.Where, c.Arg(0)); u != nil && u.UID != "" && c.Status.Tri == value.Yes && !c.Has("n", "g", "G") {
		c.Out = value.Text(u.UID + "\n")
	}
}
