package command

import (
	"encoding/base64"
	"regexp"
	"strconv"
	"strings"

	"github.com/nativize/nativize/analyze/value"
)

// grep decides its status on known text; of other text it asks, and the
// condition names what is looked for and where.
func grep(c *Call) {
	pats, files := c.All("e"), c.Args
	if len(pats) == 0 && !c.Has("f") && len(files) > 0 {
		pats, files = files[:1], files[1:]
	}
	re, ok := c.grepExpr(pats)
	input, known := c.input(files)
	text, exact := input.Exact()
	if !ok || !known || !exact || c.Has("r", "R", "A", "B", "C", "f", "b", "z") || c.Name == "zgrep" || c.Name == "ack" {
		c.grepUnknown(pats, files)
		return
	}
	var out []string
	for i, l := range lines(text) {
		if re.MatchString(l) != c.Has("v") {
			out = append(out, c.grepLine(re, i+1, l)...)
		}
	}
	c.Status = Known(len(out) > 0)
	c.grepOut(out, files)
}

// grepLine is what a matching line prints.
func (c *Call) grepLine(re *regexp.Regexp, n int, l string) []string {
	pre := ""
	if c.Has("n") {
		pre = strconv.Itoa(n) + ":"
	}
	if !c.Has("o") {
		return []string{pre + l}
	}
	var out []string
	for _, m := range re.FindAllString(l, -1) {
		if m != "" {
			out = append(out, pre+m)
		}
	}
	return out
}

func (c *Call) grepOut(out []string, files []value.Value) {
	if v := c.Text("m"); v != "" {
		if n, err := strconv.Atoi(v); err == nil {
			out = out[:min(n, len(out))]
		}
	}
	switch {
	case c.Has("q"):
	case c.Has("c"):
		c.Out = value.Text(strconv.Itoa(len(out)) + "\n")
	case c.Has("l") && len(files) == 1:
		if len(out) > 0 {
			c.Out = value.Text(files[0].String() + "\n")
		}
	case len(files) > 1 && !c.Has("h") || c.Has("H", "L", "l"):
		c.Out = c.Hole(value.Content, "grep")
	default:
		c.Out = value.Text(unlines(out))
	}
}

func (c *Call) grepUnknown(pats, files []value.Value) {
	where := "its input"
	if len(files) > 0 {
		where = Line(files)
	}
	c.Status = Asks(value.Maybe, &Cond{Op: Other, Text: where + " has " + Line(pats), Fresh: c.grepFresh(files)})
	if !c.Has("q") {
		c.unknownOut(files)
	}
}

// grepFresh: a file that the deployment would make is not there on a fresh
// host, so nothing is found in it.
func (c *Call) grepFresh(files []value.Value) value.Tri {
	if len(files) != 1 || c.node(files[0]).Presence != value.No {
		return value.Maybe
	}
	return value.Bool(c.Has("v"))
}

// grepExpr compiles the patterns; false when one has a hole or no equal in Go.
func (c *Call) grepExpr(pats []value.Value) (*regexp.Regexp, bool) {
	var alts []string
	for _, p := range pats {
		text, ok := p.Exact()
		if !ok {
			return nil, false
		}
		for alt := range strings.SplitSeq(text, "\n") {
			expr, ok := c.grepOne(alt)
			if !ok {
				return nil, false
			}
			alts = append(alts, expr)
		}
	}
	expr := strings.Join(alts, "|")
	switch {
	case c.Has("x"):
		expr = "^(?:" + expr + ")$"
	case c.Has("w"):
		expr = `(?:^|\b)(?:` + expr + `)(?:\b|$)`
	}
	if c.Has("i", "y") {
		expr = "(?i)" + expr
	}
	re, err := regexp.Compile(expr)
	return re, err == nil && len(alts) > 0
}

func (c *Call) grepOne(pat string) (string, bool) {
	switch {
	case c.Has("F") || c.Name == "fgrep":
		return regexp.QuoteMeta(pat), true
	case c.Has("P") || c.Name == "rg":
		return pat, !strings.Contains(pat, "(?") && !strings.Contains(pat, `\K`)
	}
	expr, err := posixExpr(pat, c.Has("E") || c.Name == "egrep")
	return expr, err == nil
}

func base64Text(c *Call) {
	wrap := 76
	if w, ok := c.Flag("w"); ok {
		wrap, _ = strconv.Atoi(w.String())
	}
	if c.Has("d") {
		text, ok := c.input(c.Args)
		s, exact := text.Exact()
		b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(s), ""))
		if !ok || !exact || err != nil {
			opaqueText(c)
			return
		}
		c.Out = value.Text(string(b))
		return
	}
	c.filter(c.Args, func(s string) string {
		enc := base64.StdEncoding.EncodeToString([]byte(s))
		if wrap == 0 {
			return enc
		}
		var out []string
		for len(enc) > wrap {
			out, enc = append(out, enc[:wrap]), enc[wrap:]
		}
		return unlines(append(out, enc))
	})
}
