package command

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/value"
)

var jqPath = lazyregexp.New(`^(?:\.(?:[A-Za-z_][A-Za-z0-9_]*|"[^"\\]*")|\[\d+\]|\.?\["[^"\\]*"\])+$`)

// jq follows a path such as .version or .scripts["build"] in known JSON.
func jq(c *Call) {
	if len(c.Args) == 0 || !jqPath.MatchString(c.Arg(0)) || !c.Args[0].Known() || c.Has("s", "n", "R", "f") {
		c.unknownOut(c.Args[min(1, len(c.Args)):])
		return
	}
	text, ok := c.input(c.Args[1:])
	s, exact := text.Exact()
	var doc any
	if !ok || !exact || json.Unmarshal([]byte(s), &doc) != nil {
		c.unknownOut(c.Args[1:])
		return
	}
	got := follow(doc, c.Arg(0))
	if str, isText := got.(string); isText && c.Has("r") {
		c.Out = value.Text(str + "\n")
		return
	}
	b, err := json.Marshal(got)
	if _, simple := got.(map[string]any); err != nil || simple {
		c.unknownOut(c.Args[1:])
		return
	}
	c.Out = value.Text(string(b) + "\n")
}

var jqStep = lazyregexp.New(`^\.?(?:([A-Za-z_][A-Za-z0-9_]*)|"([^"]*)"|\[(\d+)\]|\["([^"]*)"\])`)

func follow(doc any, p string) any {
	for p != "" && p != "." {
		m := jqStep.FindStringSubmatch(p)
		if m == nil {
			return nil
		}
		p = p[len(m[0]):]
		if m[3] != "" {
			list, _ := doc.([]any)
			n, err := strconv.Atoi(m[3])
			if err != nil || n >= len(list) {
				return nil
			}
			doc = list[n]
			continue
		}
		object, _ := doc.(map[string]any)
		doc = object[strings.Join([]string{m[1], m[2], m[4]}, "")]
	}
	return doc
}
