package command

import (
	"path"
	"strconv"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

// mktempExact makes a temporary file or directory under a name of its own: the
// last run of X of the template becomes the first number that is free
// (mktemp(1)).
func mktempExact(c *Call) {
	dir, inDir := c.tempDir()
	text := path.Join(dir.String(), "tmp.XXXXXXXXXX")
	switch {
	case len(c.Args) > 0 && inDir:
		text = path.Join(dir.String(), c.Arg(0))
	case len(c.Args) > 0:
		text = c.Path(c.Args[0])
	}
	c.Outcome = Mechanics
	p := c.freeName(text + c.Text("suffix"))
	if _, n := c.H.Follow(c.Where, path.Dir(p)); n.Presence == value.No {
		c.Status, c.Detail = Known(false), path.Dir(p)+" is not there"
		return
	}
	c.Out = value.Text(p + "\n")
	if c.Has("u") {
		return
	}
	n := &host.Node{Kind: host.Regular, Presence: value.Yes, Owner: c.User, Group: c.User, Mode: "0600", Content: &host.Content{Kind: host.Empty}}
	if c.Has("d") {
		n.Kind, n.Mode, n.Content = host.Dir, "0700", nil
	}
	c.Lay(value.TextStr(p), n)
}

// freeName puts a number in the place of the last run of X.
func (c *Call) freeName(template string) string {
	end := strings.LastIndex(template, "XXX")
	if end < 0 {
		return template
	}
	end += len("XXX")
	start := end
	for start > 0 && template[start-1] == 'X' {
		start--
	}
	for i := 1; ; i++ {
		digits := strconv.Itoa(i)
		p := template[:start] + strings.Repeat("0", max(0, end-start-len(digits))) + digits + template[end:]
		if c.H.Node(c.Where, p).Presence != value.Yes || i > 1<<16 {
			return p
		}
	}
}
