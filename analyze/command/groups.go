package command

import (
	"slices"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

// leave takes an account out of a group: what is left of its groups replaces
// them.
func (c *Call) leave(user, group value.Value) {
	c.eachName(user, func(u string) {
		c.eachName(group, func(g string) {
			c.Record(&host.Effect{Op: host.ChangeUser, Name: u, Action: "leave " + g, Account: &host.UserEntry{Name: u}})
			if old := c.H.Account(c.Where, u); old != nil {
				n := *old
				n.Groups = slices.DeleteFunc(slices.Clone(n.Groups), func(s string) bool { return s == g })
				c.H.Set(host.Key{Space: host.User, Where: c.Where, Name: u}, &n)
			}
		})
	})
}

// groupadd fails when the group exists, unless -f is given.
func groupadd(c *Call) {
	switch {
	case len(c.Args) == 0:
		c.asked(c.Name)
	case len(c.Args) == 2 && c.Name == "addgroup":
		c.join(c.Args[0], c.Args[1])
	default:
		c.makeGroup(c.last(), c.Text("g"), c.Has("r", "S"))
		if v, ok := c.Flag("U"); ok {
			for _, u := range commas(v) {
				c.join(value.Text(u), c.last())
			}
		}
	}
}

func (c *Call) makeGroup(name value.Value, gid string, system bool) {
	exists := value.Yes
	c.eachName(name, func(n string) {
		exists = exists.And(c.H.Has(host.Group, c.Where, n))
		c.AddGroup(n, gid, system)
	})
	quiet := c.Has("f") || c.Name == "addgroup" && system
	if exists == value.Yes && !quiet {
		c.Status, c.Detail = Status{Tri: value.No}, "the group is there already"
	}
}

func groupmod(c *Call) {
	to, ok := c.Flag("n")
	if !ok {
		c.setting("group")
		return
	}
	c.eachName(c.last(), c.DelGroup)
	c.eachName(to, func(n string) { c.AddGroup(n, c.Text("g"), false) })
}

func groupdel(c *Call) {
	switch {
	case len(c.Args) == 0:
		c.asked(c.Name)
	case len(c.Args) == 2:
		c.leave(c.Args[0], c.Args[1])
	default:
		c.eachName(c.last(), c.DelGroup)
	}
}

func gpasswd(c *Call) {
	group := c.last()
	if v, ok := c.Flag("g"); ok {
		group = v
	}
	members, some := c.Flag("M")
	switch {
	case c.Has("a"):
		v, _ := c.Flag("a")
		c.join(v, group)
	case c.Has("d"):
		v, _ := c.Flag("d")
		c.leave(v, group)
	case some:
		for _, u := range commas(members) {
			c.join(value.Text(u), group)
		}
	case c.Has("l"):
		c.asked(c.Name)
	default:
		c.setting("group")
	}
}
