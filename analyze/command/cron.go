package command

import (
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

// crontabs is where the tables of accounts lie (Debian's cron).
const crontabs = "/var/spool/cron/crontabs/"

// crontab installs a table from a file or standard input, lists it or removes
// it. What it installs is remembered, so that `crontab -l` on the next run has it.
func crontab(c *Call) {
	user := c.Text("u")
	if user == "" {
		user = c.User
	}
	a := c.As(user)
	if user == "" {
		user = "root"
	}
	table := crontabs + user
	switch {
	case c.Has("l"):
		c.listTable(table)
	case c.Has("r"):
		a.Record(&host.Effect{Op: host.Cron, Path: "crontab", Action: "remove"})
		c.silent(func() { c.Remove(value.Text(table), false) })
	case c.Has("e"):
		c.setting("crontab")
	case c.Has("V", "T"):
		c.asked("crontab")
	default:
		c.installTable(a, table)
	}
}

func (c *Call) listTable(table string) {
	c.Outcome = Pure
	if text, ok := c.H.Text(c.Where, table); ok {
		c.Out, c.Status = text, Known(true)
		return
	}
	c.Out = c.Hole(value.Content, "crontab")
	c.Status = Asks(value.Maybe, &Cond{Op: Present, Key: host.Key{Space: host.File, Where: c.Where, Name: table}, Kind: host.Regular,
		Fresh: value.No, Text: "there is a crontab"})
}

func (c *Call) installTable(a *host.Actor, table string) {
	text, known := c.input(c.Args)
	from := ""
	if len(c.Args) > 0 && !c.Args[0].Is("-") {
		from = c.Path(c.Args[0])
	}
	k := c.content(c.Args)
	if k == nil {
		k = &host.Content{Kind: host.Unknown, At: c.At}
	}
	c.Lay(value.TextStr(table), &host.Node{Kind: host.Regular, Presence: value.Yes, Owner: a.User, Group: "crontab", Mode: "0600", Content: k})
	n := 0
	if known || !text.Known() {
		for _, l := range text.Best().Split("\n") {
			if when, what, ok := cronLine(l); ok {
				a.Record(&host.Effect{Op: host.Cron, Path: "crontab", Schedule: when, What: what, From: from, Content: k})
				n++
			}
		}
	}
	if n == 0 && !known {
		a.Record(&host.Effect{Op: host.Cron, Path: "crontab", From: from, Content: k})
	}
}

// cronLine splits a line of crontab(5) into when and what. A hole before it
// stands for lines that were there.
func cronLine(l value.Str) (when, what string, ok bool) {
	parts := l.Parts()
	for len(parts) > 1 && parts[0].Hole != nil && strings.Trim(parts[1].Lit, " \t") != "" && startsSchedule(parts[1].Lit) {
		parts = parts[1:]
	}
	text := strings.TrimSpace(value.MakeStr(parts...).String())
	if text == "" || text[0] == '#' {
		return "", "", false
	}
	n := 5
	if text[0] == '@' {
		n = 1
	}
	rest := text
	var fields []string
	for range n {
		f, after, found := strings.Cut(rest, " ")
		if i := strings.IndexByte(rest, '\t'); i >= 0 && (!found || i < len(f)) {
			f, after, found = rest[:i], rest[i+1:], true
		}
		if !found || strings.ContainsRune(f, '=') {
			return "", "", false
		}
		fields = append(fields, f)
		rest = strings.TrimLeft(after, " \t")
	}
	return strings.Join(fields, " "), rest, rest != ""
}

// startsSchedule tells whether text begins like a line of a table.
func startsSchedule(text string) bool {
	c := text[0]
	return c == '*' || c == '@' || '0' <= c && c <= '9'
}
