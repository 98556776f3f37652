package command

import (
	"sort"
	"strconv"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

// filters compute what they print when their input is known.
var filters = []*Model{
	{Name: "awk", Alias: []string{"gawk", "mawk", "nawk"}, Flags: "-first F:v:f:i:W:bcCdDe:EghI?l:L?MnNo?OpPrsStV --field-separator=F: --assign=v: --file=f: --posix --re-interval --source=e: --include=i: --sandbox", Kind: Pure, Man: "awk(1)",
		Doc: "prints fields of chosen lines", Example: "awk '/b/{print $2, $1}' words", Run: awk},
	{Name: "tr", Flags: "cCdst --complement=c --delete=d --squeeze-repeats=s --truncate-set1=t", Kind: Pure, Man: "tr(1)", Doc: "maps, deletes, squeezes characters", Example: "tr 'a-z' 'A-Z' < one.txt", Run: tr},
	{Name: "cut", Flags: "b:c:d:f:nsz --bytes=b: --characters=c: --delimiter=d: --fields=f: --complement --only-delimited=s --output-delimiter: --zero-terminated=z", Kind: Pure, Man: "cut(1)",
		Doc: "prints fields or characters", Example: "cut -d ' ' -f 2 words", Run: cut},
	{Name: "head", Flags: "0123456789c:n:qvz --bytes=c: --lines=n: --quiet=q --silent=q --verbose=v --zero-terminated=z", Kind: Pure, Man: "head(1)", Doc: "prints the first lines", Example: "head -n 2 words", Run: head},
	{Name: "tail", Flags: "0123456789c:fFn:qs:vz --bytes=c: --follow=f? --lines=n: --pid: --quiet=q --silent=q --retry --sleep-interval=s: --verbose=v --zero-terminated=z --max-unchanged-stats:", Kind: Pure, Man: "tail(1)",
		Doc: "prints the last lines; -f waits", Example: "tail -n +2 words", Run: tail},
	{Name: "sort", Flags: "bcCdfghik:mMno:rRsS:t:T:uVz --ignore-leading-blanks=b --dictionary-order=d --ignore-case=f --general-numeric-sort=g --ignore-nonprinting=i --month-sort=M --human-numeric-sort=h " +
		"--numeric-sort=n --random-sort=R --random-source: --reverse=r --sort: --version-sort=V --batch-size: --check=c? --compress-program: --files0-from: --key=k: --merge=m --output=o: --stable=s " +
		"--buffer-size=S: --field-separator=t: --temporary-directory=T: --parallel: --unique=u --zero-terminated=z --debug", Kind: Pure, Man: "sort(1)",
		Doc: "sorts; writes to -o", Example: "sort -u words", Run: sortText},
	{Name: "uniq", Flags: "cdDf:is:uw:z --count=c --repeated=d --all-repeated? --skip-fields=f: --group? --ignore-case=i --skip-chars=s: --unique=u --zero-terminated=z --check-chars=w:", Kind: Pure, Man: "uniq(1)",
		Doc: "drops repeated lines", Example: "sort words | uniq -d", Run: uniq},
	{Name: "wc", Flags: "clLmw --bytes=c --chars=m --lines=l --files0-from: --max-line-length=L --words=w --total:", Kind: Pure, Man: "wc(1)", Doc: "counts lines, words, bytes", Example: "wc -l < words", Run: wc},
	{Name: "rev", Flags: "0", Kind: Pure, Man: "rev(1)", Doc: "reverses lines", Example: "rev one.txt", Run: perLine(reverse)},
	{Name: "tac", Flags: "brs: --before=b --regex=r --separator=s:", Kind: Pure, Man: "tac(1)", Doc: "reverses the order of lines", Example: "tac words", Run: tac},
	{Name: "nl", Flags: "b:d:f:h:i:l:n:ps:v:w: --body-numbering=b: --number-format=n: --number-width=w: --number-separator=s: --starting-line-number=v: --line-increment=i:", Kind: Pure, Man: "nl(1)", Doc: "numbers lines", Example: "nl -b a words", Run: nl},
	{Name: "paste", Flags: "d:sz --delimiters=d: --serial=s --zero-terminated=z", Kind: Pure, Man: "paste(1)", Doc: "joins lines", Example: "paste -sd, words", Run: paste},
	{Name: "fold", Flags: "bsw: --bytes=b --spaces=s --width=w:", Kind: Pure, Man: "fold(1)", Doc: "wraps lines", Run: opaqueText},
	{Name: "column", Flags: "c:tN:R:s:o:nexJ --table=t --separator=s: --output-separator=o: --table-columns=N: --json=J", Kind: Pure, Man: "column(1)", Doc: "lays out columns", Run: opaqueText},
	{Name: "expand", Alias: []string{"unexpand", "fmt", "pr", "comm", "join", "shuf", "tsort", "iconv", "hexdump", "xxd", "od", "strings", "col", "numfmt", "csvtool", "xmllint", "xmlstarlet", "pandoc", "jo", "yq", "xsltproc", "base32", "uuencode"},
		Flags: "-any -single", Kind: Pure, Man: "coreutils", Doc: "filters whose output is a hole", Run: opaqueText},
	{Name: "base64", Flags: "diw: --decode=d --ignore-garbage=i --wrap=w:", Kind: Pure, Man: "base64(1)", Doc: "encodes or decodes known text", Example: "base64 -w 0 one.txt", Run: base64Text},
	{Name: "grep", Alias: []string{"egrep", "fgrep", "rg", "zgrep", "ack"}, Flags: "EFGPivwxzyce:f:lLm:oqsbHhnTZA:B:C:aUrRdD:I0123456789 --extended-regexp=E --fixed-strings=F --basic-regexp=G --perl-regexp=P --regexp=e: --file=f: --ignore-case=i " +
		"--no-ignore-case --invert-match=v --word-regexp=w --line-regexp=x --count=c --color? --colour? --files-without-match=L --files-with-matches=l --max-count=m: --only-matching=o --quiet=q --silent=q " +
		"--no-messages=s --byte-offset=b --with-filename=H --no-filename=h --label: --line-number=n --initial-tab=T --null=Z --after-context=A: --before-context=B: --context=C: --text=a " +
		"--binary-files: --devices=D: --directories=d: --exclude: --exclude-from: --exclude-dir: --include: --recursive=r --dereference-recursive=R --line-buffered --null-data=z --binary=U", Kind: Pure, Man: "grep(1)",
		Doc: "decides on known text, else asks", Example: "grep -n '^b' words", Run: grep},
}

// opaqueText is a filter that is not computed.
func opaqueText(c *Call) { c.unknownOut(c.Args) }

// perLine is a filter of lines.
func perLine(f func(string) string) func(c *Call) {
	return func(c *Call) {
		c.filter(c.Args, func(s string) string {
			ls := lines(s)
			for i, l := range ls {
				ls[i] = f(l)
			}
			return unlines(ls)
		})
	}
}

func reverse(s string) string {
	r := []rune(s)
	for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
		r[i], r[j] = r[j], r[i]
	}
	return string(r)
}

func tac(c *Call) {
	c.filter(c.Args, func(s string) string {
		ls := lines(s)
		for i, j := 0, len(ls)-1; i < j; i, j = i+1, j-1 {
			ls[i], ls[j] = ls[j], ls[i]
		}
		return unlines(ls)
	})
}

func nl(c *Call) {
	if c.Text("b") != "a" || len(c.Opts) > 1 {
		opaqueText(c)
		return
	}
	n := 0
	perLine(func(l string) string { n++; return pad(strconv.Itoa(n), 6) + "\t" + l })(c)
}

func paste(c *Call) {
	delim := "\t"
	if d, ok := c.Flag("d"); ok {
		delim = d.String()
	}
	if !c.Has("s") || len(c.Args) > 1 || len(delim) != 1 {
		opaqueText(c)
		return
	}
	c.filter(c.Args, func(s string) string { return strings.Join(lines(s), delim) + "\n" })
}

// tr works on the known parts of a text that has holes, unless it squeezes or
// complements.
func tr(c *Call) {
	if len(c.Args) == 0 || !c.In.Known && c.In.Text.Hole() != nil {
		opaqueText(c)
		return
	}
	a, ok := trSet(c.Arg(0))
	b, ok2 := trSet(c.Arg(1))
	if !ok || !ok2 || !c.Args[0].Known() || c.Has("c", "C") && !c.Has("d") && !c.Has("s") || !c.In.Known {
		opaqueText(c)
		return
	}
	c.Out = c.In.Text.Text("tr", !c.Has("s", "c", "C"), func(s string) string { return c.translate(s, a, b) })
}

// trSet expands ranges, classes and escapes.
func trSet(s string) ([]rune, bool) {
	for class, members := range map[string]string{"[:upper:]": "A-Z", "[:lower:]": "a-z", "[:digit:]": "0-9", "[:alpha:]": "A-Za-z", "[:alnum:]": "0-9A-Za-z",
		"[:space:]": "\t\n\v\f\r ", "[:blank:]": " \t", "[:punct:]": "!-/:-@[-`{-~", "[:cntrl:]": "\x01-\x1f\x7f", "[:print:]": " -~", "[:graph:]": "!-~", "[:xdigit:]": "0-9A-Fa-f"} {
		s = strings.ReplaceAll(s, class, members)
	}
	if strings.Contains(s, "[=") || strings.Contains(s, "*]") {
		return nil, false
	}
	r := []rune(s)
	var out []rune
	for i := 0; i < len(r); i++ {
		if r[i] == '\\' && i+1 < len(r) {
			i++
			if j := strings.IndexRune(`nrtabfv\`, r[i]); j >= 0 {
				out = append(out, rune("\n\r\t\a\b\f\v\\"[j]))
			} else if r[i] >= '0' && r[i] <= '7' {
				n := rune(0)
				for k := 0; k < 3 && i < len(r) && r[i] >= '0' && r[i] <= '7'; k++ {
					n = n*8 + r[i] - '0'
					i++
				}
				i--
				out = append(out, n)
			} else {
				out = append(out, r[i])
			}
			continue
		}
		if i+2 < len(r) && r[i+1] == '-' {
			for x := r[i]; x <= r[i+2] && x-r[i] < 256; x++ {
				out = append(out, x)
			}
			i += 2
			continue
		}
		out = append(out, r[i])
	}
	return out, true
}

func (c *Call) translate(s string, a, b []rune) string {
	at := map[rune]int{}
	for i, r := range a {
		if _, ok := at[r]; !ok {
			at[r] = i
		}
	}
	in := func(r rune) bool { _, ok := at[r]; return ok != c.Has("c", "C") }
	squeeze := map[rune]bool{}
	for _, r := range b {
		squeeze[r] = true
	}
	var out strings.Builder
	last := rune(-1)
	for _, r := range s {
		hit := in(r)
		switch {
		case hit && c.Has("d"):
			continue
		case hit && len(b) > 0 && !c.Has("d"):
			if c.Has("c", "C") {
				r = b[len(b)-1]
			} else {
				r = b[min(at[r], len(b)-1)]
			}
		}
		if c.Has("s") && r == last && (squeeze[r] || len(b) == 0 && hit) {
			continue
		}
		last = r
		out.WriteRune(r)
	}
	return out.String()
}

// A span is a range of fields, from 1; to is 0 for the end.
type span struct{ from, to int }

func parseSpans(s string) ([]span, bool) {
	var out []span
	for part := range strings.SplitSeq(s, ",") {
		a, b, isRange := strings.Cut(part, "-")
		from, err := strconv.Atoi(a)
		if a == "" {
			from, err = 1, nil
		}
		to := from
		if isRange {
			to = 0
			if b != "" {
				var err2 error
				if to, err2 = strconv.Atoi(b); err2 != nil {
					return nil, false
				}
			}
		}
		if err != nil {
			return nil, false
		}
		out = append(out, span{from, to})
	}
	return out, true
}

func inSpans(spans []span, i int) bool {
	for _, s := range spans {
		if i >= s.from && (s.to == 0 || i <= s.to) {
			return true
		}
	}
	return false
}

func cut(c *Call) {
	delim, list := "\t", c.Text("f")
	chars := list == ""
	if chars {
		list = c.Text("c", "b")
	}
	if d, ok := c.Flag("d"); ok {
		delim = d.String()
	}
	spans, ok := parseSpans(list)
	if !ok || c.Has("z", "complement") {
		opaqueText(c)
		return
	}
	outDelim := delim
	if d, given := c.Flag("output-delimiter"); given {
		outDelim = d.String()
	}
	c.filter(c.Args, func(s string) string {
		var out []string
		for _, l := range lines(s) {
			switch {
			case chars:
				out = append(out, pick(strings.Split(l, ""), spans, ""))
			case strings.Contains(l, delim):
				out = append(out, pick(strings.Split(l, delim), spans, outDelim))
			case !c.Has("s"):
				out = append(out, l)
			}
		}
		return unlines(out)
	})
}

func pick(fields []string, spans []span, delim string) string {
	var out []string
	for i, f := range fields {
		if inSpans(spans, i+1) {
			out = append(out, f)
		}
	}
	return strings.Join(out, delim)
}

// count is the number given by -n, -c or -5; fallback when there is none.
func (c *Call) count(fallback int) (n int, bytes, fromStart bool, ok bool) {
	digits := ""
	for _, o := range c.Opts {
		if len(o.Name) == 1 && o.Name[0] >= '0' && o.Name[0] <= '9' {
			digits += o.Name
		}
	}
	bytes = c.Has("c")
	if v := c.Text("n", "c"); v != "" {
		digits = v
	}
	if digits == "" {
		return fallback, bytes, false, true
	}
	fromStart = digits[0] == '+'
	n, err := strconv.Atoi(strings.TrimPrefix(digits, "+"))
	return n, bytes, fromStart, err == nil
}

func head(c *Call) {
	n, bytes, _, ok := c.count(10)
	if !ok || len(c.Args) > 1 {
		opaqueText(c)
		return
	}
	c.excerpt()
	c.filter(c.Args, func(s string) string {
		if bytes {
			return s[:clamp(n, len(s))]
		}
		ls := lines(s)
		return unlines(ls[:clamp(n, len(ls))])
	})
	if len(c.Args) == 0 && !c.In.Text.Known() && n == 1 && !bytes {
		c.Out = c.In.Text // the first line of a hole is that hole still
	}
}

// excerpt keeps the provenance of text that is only cut short.
func (c *Call) excerpt() {
	if k := c.content(c.Args); k != nil && k.Kind != host.Literal {
		c.Content = &host.Content{Kind: host.Edited, Prev: k, Edit: Line(c.Argv), At: c.At}
	}
}

// clamp is n within a length; a negative n counts from the end.
func clamp(n, length int) int {
	if n < 0 {
		n += length
	}
	return max(0, min(n, length))
}

func tail(c *Call) {
	n, bytes, fromStart, ok := c.count(10)
	if c.Has("f", "F") {
		c.Outcome, c.Out = Mechanics, c.Hole(value.Content, "tail")
		return
	}
	if !ok || len(c.Args) > 1 {
		opaqueText(c)
		return
	}
	c.excerpt()
	c.filter(c.Args, func(s string) string {
		length := len(s)
		ls := lines(s)
		if !bytes {
			length = len(ls)
		}
		from := length - clamp(max(n, -n), length)
		if fromStart {
			from = clamp(n-1, length)
		}
		if bytes {
			return s[from:]
		}
		return unlines(ls[from:])
	})
	if len(c.Args) == 0 && !c.In.Text.Known() && n == 1 && !bytes {
		c.Out = c.In.Text
	}
}

func sortText(c *Call) {
	files := c.Args
	plain := !c.Has("k", "t", "h", "M", "g", "R", "f", "d", "i", "b", "z", "m", "c", "C")
	if plain {
		c.filter(files, c.sorted)
	} else {
		opaqueText(c)
	}
	if f, ok := c.Flag("o"); ok {
		c.Outcome = Changed
		c.Write(f, &host.Content{Kind: host.Literal, Text: c.Out}, false)
		c.Out = value.Value{}
	}
}

func (c *Call) sorted(s string) string {
	ls := lines(s)
	less := func(a, b string) bool { return a < b }
	switch {
	case c.Has("V"):
		less = versionLess
	case c.Has("n"):
		less = func(a, b string) bool { x, y := leadingNumber(a), leadingNumber(b); return x < y || x == y && a < b }
	}
	sort.SliceStable(ls, func(i, j int) bool {
		if c.Has("r") {
			i, j = j, i
		}
		return less(ls[i], ls[j])
	})
	if c.Has("u") {
		ls = compact(ls)
	}
	return unlines(ls)
}

func compact(ls []string) []string {
	out := ls[:0]
	for i, l := range ls {
		if i == 0 || l != ls[i-1] {
			out = append(out, l)
		}
	}
	return out
}

func leadingNumber(s string) float64 {
	s = strings.TrimLeft(s, " \t")
	n := 0
	for n < len(s) && (s[n] >= '0' && s[n] <= '9' || s[n] == '.' || n == 0 && s[n] == '-') {
		n++
	}
	f, err := strconv.ParseFloat(s[:n], 64)
	if err != nil {
		return 0
	}
	return f
}

// versionLess compares runs of digits as numbers.
func versionLess(a, b string) bool {
	for a != "" && b != "" {
		x, y := digitsOf(a), digitsOf(b)
		if x > 0 && y > 0 {
			m, n := strings.TrimLeft(a[:x], "0"), strings.TrimLeft(b[:y], "0")
			if len(m) != len(n) {
				return len(m) < len(n)
			}
			if m != n {
				return m < n
			}
			a, b = a[x:], b[y:]
			continue
		}
		if a[0] != b[0] {
			return a[0] < b[0]
		}
		a, b = a[1:], b[1:]
	}
	return a == "" && b != ""
}

func digitsOf(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

func uniq(c *Call) {
	if c.Has("f", "s", "w", "i", "D", "z", "all-repeated", "group") || len(c.Args) > 1 {
		opaqueText(c)
		return
	}
	c.filter(c.Args, func(s string) string {
		var out []string
		ls := lines(s)
		for i := 0; i < len(ls); {
			n := 1
			for i+n < len(ls) && ls[i+n] == ls[i] {
				n++
			}
			l := ls[i]
			if i += n; c.Has("d") && n == 1 || c.Has("u") && n > 1 {
				continue
			}
			if c.Has("c") {
				l = pad(strconv.Itoa(n), 7) + " " + l
			}
			out = append(out, l)
		}
		return unlines(out)
	})
}

func wc(c *Call) {
	counts := map[string]func(string) int{
		"l": func(s string) int { return strings.Count(s, "\n") },
		"w": func(s string) int { return len(strings.Fields(s)) },
		"c": func(s string) int { return len(s) },
		"m": func(s string) int { return len([]rune(s)) },
	}
	if len(c.Opts) != 1 || counts[c.Opts[0].Name] == nil || len(c.Args) > 1 {
		opaqueText(c)
		return
	}
	c.filter(c.Args, func(s string) string {
		out := strconv.Itoa(counts[c.Opts[0].Name](s))
		if len(c.Args) == 1 {
			out += " " + c.Arg(0)
		}
		return out + "\n"
	})
}
