package command

import (
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

// newusers reads lines of passwd(5).
func newusers(c *Call) {
	text, ok := c.input(c.Args)
	if !ok {
		c.setting("accounts")
		return
	}
	for _, l := range lines(text.String()) {
		f := strings.Split(l, ":")
		if len(f) < 7 || f[0] == "" {
			continue
		}
		u := host.UserEntry{Name: f[0], UID: f[2], Group: f[3], Home: f[5], Shell: f[6], System: value.Bool(c.Has("r"))}
		c.AddUser(u)
		if f[1] != "" {
			c.Record(&host.Effect{Op: host.SetPassword, Name: f[0], Args: secretWord(true)})
		}
		if u.Home != "" {
			c.layHome(u)
		}
	}
}

// sysusers reads declarations: files named, lines with --inline, or all files of
// the directories when none is named.
func sysusers(c *Call) {
	if c.Has("h", "version", "dry-run", "cat-config", "tldr") {
		c.asked("systemd-sysusers")
		return
	}
	done := false
	read := func(v value.Value) {
		if text, ok := c.read(v); ok {
			c.declared(text.String())
			done = true
		}
	}
	switch {
	case c.Has("inline"):
		c.declared(strings.Join(texts(c.Args), "\n"))
		done = true
	case len(c.Args) > 0:
		for _, v := range c.Args {
			if !v.Is("-") && !strings.Contains(v.String(), "/") {
				v = join(value.Text("/usr/lib/sysusers.d"), v)
			}
			read(v)
		}
	default:
		for _, dir := range []string{"/usr/lib/sysusers.d", "/etc/sysusers.d", "/run/sysusers.d"} {
			names, _ := c.H.Children(c.Where, dir)
			for _, n := range names {
				if strings.HasSuffix(n, ".conf") {
					read(value.Text(dir + "/" + n))
				}
			}
		}
	}
	if !done {
		c.setting("sysusers")
	}
}

// declared creates what lines of sysusers.d(5) declare.
func (c *Call) declared(text string) {
	for _, l := range lines(text) {
		f := quotedFields(l)
		if len(f) < 2 || strings.HasPrefix(f[0], "#") {
			continue
		}
		switch strings.TrimRight(f[0], "!-") {
		case "u":
			c.declaredUser(f)
		case "g":
			if c.H.Has(host.Group, c.Where, f[1]) != value.Yes {
				c.AddGroup(f[1], dashed(f, 2), true)
			}
		case "m":
			if len(f) > 2 {
				c.AddMember(f[1], f[2])
			}
		}
	}
}

func (c *Call) declaredUser(f []string) {
	if c.H.Has(host.User, c.Where, f[1]) == value.Yes {
		return
	}
	uid, group, _ := strings.Cut(dashed(f, 2), ":")
	if strings.HasPrefix(uid, "/") {
		uid = ""
	}
	c.AddUser(host.UserEntry{Name: f[1], UID: uid, Group: group, Home: dashed(f, 4), Shell: dashed(f, 5), System: value.Yes})
}

// dashed is field i; a dash, or no field, is "".
func dashed(f []string, i int) string {
	if i >= len(f) || f[i] == "-" {
		return ""
	}
	return f[i]
}

// quotedFields splits a line at blanks outside double quotes.
func quotedFields(l string) []string {
	var out []string
	var b strings.Builder
	in, has := false, false
	for _, r := range l {
		switch {
		case r == '"':
			in, has = !in, true
		case !in && (r == ' ' || r == '\t'):
			if has {
				out = append(out, b.String())
			}
			b.Reset()
			has = false
		default:
			b.WriteRune(r)
			has = true
		}
	}
	if has {
		out = append(out, b.String())
	}
	return out
}

// pw is pw OBJECT-VERB NAME or pw OBJECT VERB NAME.
func pw(c *Call) {
	args := texts(c.Args)
	verb := ""
	for len(args) > 0 && among("user group useradd userdel usermod usershow groupadd groupdel groupmod groupshow add del mod show next lock unlock usernext", args[0]) {
		verb, args = verb+args[0], args[1:]
	}
	name := c.Text("n")
	if name == "" && len(args) > 0 {
		name = args[0]
	}
	switch verb {
	case "useradd":
		u := host.UserEntry{Home: c.Text("d"), Shell: c.Text("s"), UID: c.Text("u"), Group: c.Text("g")}
		if v, ok := c.Flag("G"); ok {
			u.Groups = commas(v)
		}
		c.create(value.Text(name), u, c.Has("m"))
	case "userdel":
		c.removeUser(name)
	case "usermod":
		u := host.UserEntry{Name: name, Home: c.Text("d"), Shell: c.Text("s"), Group: c.Text("g")}
		if v, ok := c.Flag("G"); ok {
			u.Groups = commas(v)
		}
		c.ChangeUser(u, u.Groups != nil)
	case "groupadd":
		c.AddGroup(name, c.Text("g"), false)
	case "groupdel":
		c.DelGroup(name)
	case "groupmod":
		if v, ok := c.Flag("m"); ok {
			for _, u := range commas(v) {
				c.AddMember(u, name)
			}
			return
		}
		c.setting("group")
	default:
		c.asked("pw")
	}
}
