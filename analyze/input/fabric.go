package input

import (
	"bytes"
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/model"
)

// Fabric reads the literal shell strings of fabfiles.
var Fabric = &Kind{
	Name: "fabric",
	Doc:  "Fabric 1 and 2 fabfile: literal run, sudo and local strings only",
	Claims: func(p string, head []byte) bool {
		base := path.Base(p)
		return base == "fabfile.py" || path.Ext(p) == ".py" && bytes.Contains(head, []byte("fabric")) && fabricWord.Match(head)
	},
	read: readFabric,
}

var (
	fabricWord = lazyregexp.New(`(?m)^\s*(from|import) fabric\b`)
	pyDef      = lazyregexp.New(`^def\s+([A-Za-z_][A-Za-z0-9_]*)`)
	pyWith     = lazyregexp.New(`^\s*with\s+(.*):\s*(#.*)?$`)
)

// fabricCalls are the functions that run shell, with where.
var fabricCalls = map[string]string{"run": Remote, "sudo": Remote, "local": Local}

func readFabric(r *reader) {
	f := r.code(pythonCode)
	for i := range f.calls {
		c := &f.calls[i]
		name := c.name[strings.LastIndexByte(c.name, '.')+1:]
		where, ok := fabricCalls[name]
		if ok && len(c.args) > 0 {
			r.fabricCommand(c, name, where)
			continue
		}
		switch name {
		case "put", "upload_template", "append", "rsync_project":
			r.fabricCopy(c, name)
		}
	}
	r.fabricSettings(f)
}

func (r *reader) fabricCommand(c *codeCall, name, where string) {
	n := c.args[0]
	if n.kind != scalarNode || !n.str {
		if n.kind == opaqueNode && strings.ContainsAny(n.val.s, `"'`) {
			if t, ok := pythonFormat(r, n); ok {
				r.fabricShell(t, c, name, where)
				return
			}
		}
		r.problem(c.off, "the text of "+name+" is computed")
		return
	}
	r.fabricShell(n.val, c, name, where)
}

func (r *reader) fabricShell(t text, c *codeCall, name, where string) {
	task, dir := r.pythonContext(c.off)
	s := Shell{Where: where, Dir: dir, Phase: taskPhase(task), Name: task, User: c.named("user").text(), Lenient: c.named("warn").text() == "True" || c.named("warn_only").text() == "True"}
	if name == "sudo" && s.User == "" {
		s.User = "root"
	}
	r.addShell(t, s)
}

var pyPlaceholder = lazyregexp.New(`%\(([A-Za-z_][A-Za-z0-9_.]*)\)[sdr]|%[sdr]|\{([A-Za-z_][A-Za-z0-9_.]*)?(?:\[[^\]}]*\])?\}`)

// pythonFormat reads "text" % x and "text".format(x): placeholders become holes.
func pythonFormat(r *reader, n *node) (text, bool) {
	if len(n.val.s) > maxExpanded {
		return text{}, false
	}
	sub := newReader("", r.path, []byte(n.val.s))
	l := &lexer{r: sub, src: sub.src, style: pythonCode}
	l.run()
	var parts []token
	for _, t := range l.tokens {
		if t.kind != stringToken {
			if t.kind == newlineToken {
				continue
			}
			break
		}
		parts = append(parts, t)
	}
	if len(parts) == 0 || len(l.tokens) <= len(parts) {
		return text{}, false
	}
	if next := l.tokens[len(parts)]; next.text != "%" && next.text != "." && next.kind != newlineToken {
		return text{}, false
	}
	operands := formatOperands(sub.src[parts[len(parts)-1].end:])
	var w weave
	for _, p := range parts {
		t := p.val.val
		last := 0
		for _, m := range pyPlaceholder.FindAllStringIndex(t.s, -1) {
			w.add(t.s[last:m[0]], n.off+t.at(last))
			name := t.s[m[0]+1 : m[1]-1]
			if len(lastName.FindString(name)) == 0 && len(operands) > 0 { // %s, {} and {0}
				name, operands = operands[0], operands[1:]
			}
			w.stand(hole(name), n.off+t.at(m[0]))
			last = m[1]
		}
		w.add(t.s[last:], n.off+t.at(last))
	}
	return w.text(), true
}

// formatOperands splits what follows a format string, "% (a, b)" or
// ".format(a, b)", at its commas.
func formatOperands(s string) []string {
	s = strings.TrimSpace(s)
	s = strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(s, "%"), ".format"))
	if strings.HasPrefix(s, "(") {
		s = s[1:max(1, matching(s, 0))]
	}
	var out []string
	depth, start := 0, 0
	for i := 0; i <= len(s); i++ {
		switch {
		case i == len(s) || s[i] == ',' && depth == 0:
			out = append(out, s[start:i])
			start = i + 1
		case s[i] == '(' || s[i] == '[' || s[i] == '{':
			depth++
		case s[i] == ')' || s[i] == ']' || s[i] == '}':
			depth--
		}
	}
	return out
}

// pythonContext finds the function around off, and the directory of the `with
// cd(...)` blocks around it, by indentation.
func (r *reader) pythonContext(off int) (task, dir string) {
	lines := r.lines()
	n := r.pos(off).Line - 1
	indent := leading(lines[n].text)
	for i := n - 1; i >= 0 && i > n-2000; i-- {
		t := lines[i].text
		if strings.TrimSpace(t) == "" || leading(t) >= indent {
			continue
		}
		indent = leading(t)
		if m := pyWith.FindStringSubmatch(t); m != nil && dir == "" {
			if _, after, ok := strings.Cut(m[1], "cd("); ok {
				arg, _, _ := strings.Cut(after, ")")
				dir = strings.Trim(arg, `"'`)
				if dir == arg { // not a literal
					dir = hole(arg)
				}
			}
		}
		if m := pyDef.FindStringSubmatch(strings.TrimSpace(t)); m != nil {
			return m[1], dir
		}
	}
	return "", dir
}

func leading(s string) int { return len(s) - len(strings.TrimLeft(s, " \t")) }

// fabricCopy records files put on the server.
func (r *reader) fabricCopy(c *codeCall, name string) {
	if name == "rsync_project" || len(c.args) < 2 {
		return
	}
	from, to := c.args[0].text(), c.args[1].text()
	if name == "append" {
		from, to = "", c.args[0].text()
	}
	if to == "" {
		return
	}
	ev := r.maybe(c.off, name+" of the fabfile")
	if isConfigPath(to) {
		how := map[string]string{"put": model.HowCopy, "upload_template": model.HowTemplate, "append": model.HowEcho}[name]
		r.out.ConfigFiles = append(r.out.ConfigFiles, model.ConfigFile{Path: to, From: from, How: how, Evidence: ev})
		return
	}
	r.out.Files = append(r.out.Files, model.File{Path: to, From: from, Evidence: ev})
}

// fabricSettings reads env.x = literal.
func (r *reader) fabricSettings(f *codeFile) {
	for i := 0; i+4 < len(f.tokens); i++ {
		t := f.tokens
		if t[i].text != "env" || t[i+1].text != "." || t[i+2].kind != nameToken || t[i+3].text != "=" || t[i+4].text == "=" {
			continue
		}
		n := f.literal(i + 4)
		if n == nil {
			continue
		}
		key := t[i+2].text
		for _, s := range n.scalars() {
			r.out.Values = append(r.out.Values, Setting{key, s.val.s, r.pos(s.offset())})
			if key == "hosts" || key == "host_string" {
				user, host, ok := strings.Cut(s.val.s, "@")
				if !ok {
					user, host = "", s.val.s
				}
				r.out.Remotes = append(r.out.Remotes, model.Remote{Host: host, User: user, Via: "ssh", Evidence: r.fact(s.offset(), "hosts of the fabfile")})
			}
		}
	}
}
