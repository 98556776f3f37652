package command

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

// The helpers of Debian's maintainer scripts on an Exact host. What they keep in
// files of their own is kept as settings of the machine, named by their kind.

// settingsOf lists the settings whose name begins with a kind, by the rest of
// their names, sorted, with their values.
func settingsOf(h *host.Host, kind string) [][2]string {
	var out [][2]string
	h.Each(host.Setting, 0, func(name string, e host.Entry) {
		if rest, ok := strings.CutPrefix(name, kind); ok && e.(*host.Flag).Presence == value.Yes {
			out = append(out, [2]string{rest, e.(*host.Flag).ID})
		}
	})
	slices.SortFunc(out, func(a, b [2]string) int { return cmp.Compare(a[0], b[0]) })
	return out
}

// Override is what dpkg-statoverride noted for a path: owner, group and mode,
// with which dpkg unpacks it (dpkg-statoverride(1)).
func Override(h *host.Host, p string) (owner, group, mode string, ok bool) {
	f := h.Setting("statoverride:" + p)
	if f == nil || f.Presence != value.Yes {
		return "", "", "", false
	}
	w := strings.Fields(f.ID)
	if len(w) != 3 {
		return "", "", "", false
	}
	return w[0], w[1], w[2], true
}

func overridesExact(c *Call) {
	switch {
	case c.Has("list"):
		c.listOverrides()
	case c.Has("remove"):
		p := "statoverride:" + c.Path(c.last())
		if !c.H.IsSet(p) && !c.Has("force", "force-all", "force-statoverride-remove") {
			c.Status, c.Detail = Known(false), "there is no override for "+c.Arg(0)
			return
		}
		c.H.SetSetting(p, "", false)
		c.setting("statoverride")
	case len(c.Args) > 3:
		p := "statoverride:" + c.Path(c.Args[3])
		if why := c.noAccount(c.Arg(0), c.Arg(1)); why != "" {
			c.Status, c.Detail = Known(false), why
			return
		}
		if c.H.IsSet(p) && !c.Has("force", "force-all", "force-statoverride-add") {
			c.Status, c.Detail = Known(false), "there is an override for "+c.Arg(3)+" already"
			return
		}
		statoverride(c)
		c.H.SetSetting(p, Line(c.Args[:3]), true)
	default:
		c.decline()
	}
}

// listOverrides prints "owner group mode path" of the paths that match, and
// fails when none does.
func (c *Call) listOverrides() {
	c.Outcome = Pure
	var out strings.Builder
	for _, s := range settingsOf(c.H, "statoverride:") {
		if match, err := path.Match(c.Arg(0), s[0]); len(c.Args) == 0 || err == nil && match || c.Path(c.Args[0]) == s[0] {
			out.WriteString(s[1] + " " + s[0] + "\n")
		}
	}
	c.Out = value.Text(out.String())
	if out.Len() == 0 && len(c.Args) > 0 {
		c.fails()
	}
}

// divertExact keeps diversions; --rename moves the file at once, and a diversion
// that is there already is left as it is.
func divertExact(c *Call) {
	if c.Has("list", "listpackage", "truename", "test") || len(c.Args) == 0 {
		c.decline()
		return
	}
	p := c.Path(c.last())
	to := c.Text("divert")
	if to == "" {
		to = p + ".distrib"
	}
	from, dest := p, to
	if c.Has("remove") {
		from, dest = to, p
	}
	if c.Has("remove") != c.H.IsSet("divert:"+p) {
		c.Outcome = Pure
		return
	}
	divert(c)
	if c.Has("rename") && c.H.Node(c.Where, from).Presence != value.No {
		c.silent(func() { c.Move(value.Text(from), value.Text(dest), host.CopyOpts{Exact: true}) })
	}
	c.H.SetSetting("divert:"+p, to, !c.Has("remove"))
}

// maintscriptExact is what dpkg-maintscript-helper rm_conffile does when a
// conffile has been dropped; the other verbs are left to the model.
func maintscriptExact(c *Call) {
	verb, rest := c.verb()
	if verb != "rm_conffile" || len(rest) == 0 {
		c.decline()
		return
	}
	c.setting("conffile")
	c.H.SetSetting("rm-conffile:"+c.Path(rest[0]), "", true)
}

// ucfrExact is ucf's register of which package a file belongs to: ucfr PACKAGE
// FILE notes and forgets, ucfq lists.
func ucfrExact(c *Call) {
	if c.Name == "ucfq" {
		c.askRegister()
		return
	}
	if len(c.Args) < 2 {
		c.decline()
		return
	}
	c.setting("ucf")
	c.H.SetSetting("ucf:"+c.Path(c.Args[1]), c.Arg(0), !c.Has("p"))
}

// askRegister lists, a line a file, path and package, whether it is there and
// whether it was edited: of the files that are named, and of those of packages.
func (c *Call) askRegister() {
	c.Outcome = Pure
	sep := " "
	if c.Has("w", "with-colons") {
		sep = ":"
	}
	var out strings.Builder
	for _, s := range settingsOf(c.H, "ucf:") {
		if slices.ContainsFunc(c.Args, func(v value.Value) bool { return v.Is(s[1]) || c.Path(v) == s[0] }) {
			there := "Yes"
			if c.H.Node(c.Where, s[0]).Presence == value.No {
				there = ""
			}
			out.WriteString(strings.Join([]string{s[0], s[1], there, ""}, sep) + "\n")
		}
	}
	c.Out = value.Text(out.String())
}

// alternativesExact is update-alternatives: --install makes the links, --remove
// and --remove-all take the name's link again when no alternative is left.
func alternativesExact(c *Call) {
	names := map[string]bool{}
	switch {
	case c.Has("install") && len(c.Args) > 3:
		alternatives(c)
		c.silent(func() { c.Symlink(c.Args[2], join(value.Text("/etc/alternatives"), c.Args[1]), true, false) })
		c.H.SetSetting("alternative:"+c.Arg(1)+" "+c.Path(c.Args[2]), c.Path(c.Args[0]), true)
		return
	case c.Has("remove") && len(c.Args) > 1:
		names[c.Arg(0)+" "+c.Path(c.Args[1])] = true
	case c.Has("remove-all") && len(c.Args) > 0:
		for _, s := range settingsOf(c.H, "alternative:"+c.Arg(0)+" ") {
			names[c.Arg(0)+" "+s[0]] = true
		}
	default:
		c.decline()
		return
	}
	c.setting("alternatives")
	for _, s := range settingsOf(c.H, "alternative:"+c.Arg(0)+" ") {
		if name := c.Arg(0) + " " + s[0]; names[name] {
			c.H.SetSetting("alternative:"+name, "", false)
			c.dropLinks(s[1])
		}
	}
}

// dropLinks takes the links of a name that has no alternative any more.
func (c *Call) dropLinks(link string) {
	if len(settingsOf(c.H, "alternative:"+c.Arg(0)+" ")) > 0 {
		return
	}
	c.silent(func() {
		for _, p := range []string{link, "/etc/alternatives/" + c.Arg(0)} {
			if n := c.H.Node(c.Where, p); n.Presence == value.Yes && n.Kind == host.Link {
				c.Remove(value.Text(p), false)
			}
		}
	})
}

// dpkgExact answers what dpkg knows of the package whose scripts run: the paths
// that it owns, for -L.
func dpkgExact(c *Call) {
	if !c.Has("L") || len(c.Args) != 1 {
		ownerAsked(c)
		return
	}
	c.Outcome = Pure
	name, _, _ := strings.Cut(c.Arg(0), ":")
	var out strings.Builder
	for _, s := range settingsOf(c.H, OwnedBy("")) {
		if s[1] == name {
			out.WriteString(s[0] + "\n")
		}
	}
	if out.Len() == 0 {
		c.decline()
		return
	}
	c.Out = value.Text(out.String())
}
