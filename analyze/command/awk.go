package command

import (
	"strconv"
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
)

// awk computes programs of one rule that prints: a pattern (none, /re/, !/re/,
// $N == "x", NR == N) and an action print of fields, strings, NR and NF.
func awk(c *Call) {
	args := c.Args
	if len(args) == 0 || c.Has("f", "v", "e") {
		c.unknownOut(args[min(1, len(args)):])
		return
	}
	prog, exact := args[0].Exact()
	rule, ok := parseAwk(prog)
	sep, okSep := awkSeparator(c.Text("F"))
	if !exact || !ok || !okSep {
		c.unknownOut(args[1:])
		return
	}
	c.filter(args[1:], func(s string) string {
		var out []string
		for i, l := range lines(s) {
			f := awkLine{text: l, fields: sep(l), no: i + 1}
			if rule.when(f) {
				out = append(out, rule.print(f))
				if rule.exit {
					break
				}
			}
		}
		return unlines(out)
	})
}

type awkLine struct {
	text   string
	fields []string
	no     int
}

func (l awkLine) field(n int) string {
	switch {
	case n == 0:
		return l.text
	case n > 0 && n <= len(l.fields):
		return l.fields[n-1]
	}
	return ""
}

type awkRule struct {
	when  func(awkLine) bool
	print func(awkLine) string
	exit  bool
}

// awkSeparator is how -F cuts a line.
func awkSeparator(f string) (func(string) []string, bool) {
	switch {
	case f == "" || f == " ":
		return strings.Fields, true
	case f == `\t` || f == "t":
		f = "\t"
	}
	if len(f) == 1 && f != `\` {
		return func(s string) []string {
			if s == "" {
				return nil
			}
			return strings.Split(s, f)
		}, true
	}
	re, err := compileSed(f, true, "")
	if err != nil {
		return nil, false
	}
	return func(s string) []string { return re.Split(s, -1) }, true
}

var (
	awkRuleForm  = lazyregexp.New(`^([^{}]*?)\s*(?:\{\s*([^{}]*?)[\s;]*\})?$`)
	awkMatch     = lazyregexp.New(`^(?:(\$\d+|\$NF)\s*(!?~)\s*)?(!?)/((?:[^/\\]|\\.)*)/$`)
	awkCompare   = lazyregexp.New(`^(\$\d+|\$NF|NR|NF)\s*(==|!=|>=|<=|>|<)\s*(?:"([^"\\]*)"|(\d+))$`)
	awkPrintItem = lazyregexp.New(`^\s*(?:(\$\d+|\$NF|\$\(NF-\d+\)|NR|NF)|"([^"\\]*)")\s*`)
)

func parseAwk(prog string) (awkRule, bool) {
	m := awkRuleForm.FindStringSubmatch(strings.TrimSpace(prog))
	if m == nil || m[1] == "" && m[2] == "" {
		return awkRule{}, false
	}
	var r awkRule
	action := m[2]
	if before, ok := strings.CutSuffix(action, "exit"); ok {
		r.exit, action = true, strings.TrimRight(before, " ;\n\t")
	}
	ok, ok2 := false, false
	r.when, ok = awkPattern(strings.TrimSpace(m[1]))
	r.print, ok2 = awkPrint(action)
	return r, ok && ok2
}

func awkPattern(p string) (func(awkLine) bool, bool) {
	if p == "" {
		return func(awkLine) bool { return true }, true
	}
	if m := awkMatch.FindStringSubmatch(p); m != nil {
		re, err := compileSed(strings.ReplaceAll(m[4], `\/`, "/"), true, "")
		of := awkItem("$0")
		if m[1] != "" {
			of = awkItem(m[1])
		}
		want := (m[3] == "") == (m[2] != "!~")
		return func(l awkLine) bool { return re.MatchString(of(l)) == want }, err == nil
	}
	if m := awkCompare.FindStringSubmatch(p); m != nil {
		return awkTest(awkItem(m[1]), m[2], m[3], m[4])
	}
	return nil, false
}

func awkTest(of func(awkLine) string, op, text, number string) (func(awkLine) bool, bool) {
	return func(l awkLine) bool {
		got := of(l)
		cmp := strings.Compare(got, text)
		if number != "" {
			n, _ := strconv.ParseFloat(number, 64)
			switch g := leadingNumber(got); {
			case g < n:
				cmp = -1
			case g > n:
				cmp = 1
			default:
				cmp = 0
			}
		}
		switch op {
		case "==":
			return cmp == 0
		case "!=":
			return cmp != 0
		case ">":
			return cmp > 0
		case "<":
			return cmp < 0
		case ">=":
			return cmp >= 0
		}
		return cmp <= 0
	}, true
}

func awkItem(name string) func(awkLine) string {
	switch {
	case name == "NR":
		return func(l awkLine) string { return strconv.Itoa(l.no) }
	case name == "NF":
		return func(l awkLine) string { return strconv.Itoa(len(l.fields)) }
	case name == "$NF":
		return func(l awkLine) string { return l.field(len(l.fields)) }
	case strings.HasPrefix(name, "$(NF-"):
		n, _ := strconv.Atoi(strings.TrimSuffix(name[5:], ")"))
		return func(l awkLine) string { return l.field(len(l.fields) - n) }
	}
	n, _ := strconv.Atoi(name[1:])
	return func(l awkLine) string { return l.field(n) }
}

// awkPrint parses "print a, b" and "print a b"; an empty action prints the line.
func awkPrint(action string) (func(awkLine) string, bool) {
	rest, ok := strings.CutPrefix(action, "print")
	if action == "" {
		return awkItem("$0"), true
	}
	if !ok {
		return nil, false
	}
	rest = strings.TrimSpace(rest)
	if rest == "" {
		return awkItem("$0"), true
	}
	var items []func(awkLine) string
	for rest != "" {
		m := awkPrintItem.FindStringSubmatch(rest)
		if m == nil {
			return nil, false
		}
		if m[1] != "" {
			items = append(items, awkItem(m[1]))
		} else {
			items = append(items, func(awkLine) string { return m[2] })
		}
		rest = rest[len(m[0]):]
		if after, comma := strings.CutPrefix(rest, ","); comma {
			rest = after
			items = append(items, func(awkLine) string { return " " })
		}
	}
	return func(l awkLine) string {
		var b strings.Builder
		for _, f := range items {
			b.WriteString(f(l))
		}
		return b.String()
	}, true
}
