package command

import (
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

// edits are the commands that change files in place, or text on its way.
var edits = []*Model{
	{Name: "sed", Alias: []string{"gsed"}, Flags: "nbsuzErE e:f:i?l: --quiet=n --silent=n --expression=e: --file=f: --in-place=i? --line-length=l: --posix --regexp-extended=E " +
		"--separate=s --sandbox --unbuffered=u --null-data=z --follow-symlinks --debug", Kind: Pure, Man: "sed(1)",
		Doc:     "edits in place with -i; else computes s y d p q a i c on known text",
		Example: "sed -i.bak -e 's/^host = .*/host = db1/' -e '/port/d' app.ini", Run: sed},
	{Name: "perl", Flags: "-first acCd?D:e:E:fF:h0?i?I:l?m:M:nNpsStTuUvVwWxX", Kind: Pure, Man: "perlrun(1)", Doc: "edits in place with -pi -e; else runs code",
		Example: "perl -pi -e s/one/two/ one.txt", Run: perl},
	{Name: "envsubst", Flags: "vhV --variables=v", Kind: Pure, Man: "envsubst(1)", Doc: "puts variables into a template", Example: "envsubst < tmpl.conf", Run: envsubst},
	{Name: "patch", Flags: "bcd:D:eEfF:g:i:lnNo:p:r:RstTuvV:x:Y:z:Z --backup=b --batch=t --binary --directory=d: --dry-run --force=f --forward=N --fuzz=F: --ignore-whitespace=l " +
		"--input=i: --merge? --output=o: --posix --quiet=s --reject-file=r: --remove-empty-files=E --reverse=R --silent=s --strip=p: --suffix=z: --unified=u --verbose --no-backup-if-mismatch",
		Kind: Changed, Man: "patch(1)", Doc: "changes the files that a patch names", Run: patch},
	{Name: "crudini", Flags: "--set --del --get --merge --existing? --inplace --format: --output: --list --list-sep: --verbose", Kind: Changed, Man: "crudini(1)",
		Doc: "sets or deletes a key of an INI file", Run: crudini},
	{Name: "augtool", Flags: "sbcef:I:Lt:nAiqr:SvT --root=r: --autosave=s --file=f: --noload=L --nostdinc=S --transform=t: --echo=e --backup=b --new=n --include=I: --noautoload=A --interactive=i", Kind: Changed,
		Man: "augtool(1)", Doc: "changes files by paths of their tree", Run: augtool},
	{Name: "ed", Alias: []string{"red"}, Flags: "EGlp:rsv --quiet=s --silent=s --prompt=p: --extended-regexp=E --restricted=r", Kind: Changed, Man: "ed(1)",
		Doc: "edits a file by the commands on standard input", Example: "printf '1d\\nw\\nq\\n' | ed -s two.txt", Run: ed},
	{Name: "ex", Alias: []string{"vim", "vi", "nano", "emacs", "editor"}, Flags: "sec:u:nERi:T:b -any --cmd:", Kind: Changed, Man: "ex(1)", Doc: "edits a file, by -c or by hand", Run: ed},
	{Name: "dos2unix", Alias: []string{"unix2dos", "fromdos", "todos"}, Flags: "bc:fhikloqnsv --force=f --keepdate=k --quiet=q", Kind: Changed, Man: "dos2unix(1)",
		Doc: "changes line ends", Run: dos2unix},
}

// sed: scripts are -e and -f in order, else the first operand.
func sed(c *Call) {
	script, files, ok := c.sedScript()
	if suffix, in := c.Flag("i"); in {
		c.Outcome = Changed
		for _, f := range files {
			c.sedFile(f, script, ok, suffix)
		}
		if len(files) == 0 {
			c.fails()
		}
		return
	}
	if w := c.sedStream(script, ok, files); w {
		return
	}
	c.unknownOut(files)
}

// sedScript joins the scripts; ok is false when a file of them is not known.
func (c *Call) sedScript() (script value.Value, files []value.Value, ok bool) {
	ok = true
	files = c.Args
	n := 0
	for _, o := range c.Opts {
		text := o.Val
		switch o.Name {
		case "f":
			var known bool
			if text, known = c.read(o.Val); !known {
				ok, text = false, value.Concat(value.Text("-f "), o.Val)
			}
		case "e":
		default:
			continue
		}
		if n++; n > 1 {
			script = value.Concat(script, value.Text("\n"))
		}
		script = value.Concat(script, text)
	}
	if n == 0 && len(files) > 0 {
		script, files = files[0], files[1:]
	}
	return script, files, ok
}

const maxComputed = 64 << 10 // bytes of text that filters compute

// sedText runs a script on text, holes in either standing for themselves.
func (c *Call) sedText(script, text value.Value) (value.Value, bool) {
	var m marks
	s, ok := m.plain(script)
	in, ok2 := m.plain(text)
	if !ok || !ok2 || len(in) > maxComputed || c.Has("z", "s") {
		return value.Value{}, false
	}
	prog, err := parseSed(s, c.Has("E", "r"))
	if err != nil {
		return value.Value{}, false
	}
	return m.value(prog.run(in, c.Has("n") || strings.HasPrefix(s, "#n\n"))), true
}

// sedStream sets the output when it can be computed.
func (c *Call) sedStream(script value.Value, ok bool, files []value.Value) bool {
	k := c.content(files)
	text, known := c.input(files)
	done := false
	if ok && known {
		c.Out, done = c.sedText(script, text)
	}
	if k != nil && (len(files) > 0 || k.Kind != host.Literal) {
		c.Content = &host.Content{Kind: host.Edited, Prev: k, Edit: oneLine(script), At: c.At}
		if done {
			c.Content.Text = c.Out
		}
	}
	return done
}

// oneLine prints a script of several lines as one.
func oneLine(script value.Value) string {
	return strings.ReplaceAll(strings.TrimSpace(script.String()), "\n", "; ")
}

func (c *Call) sedFile(f, script value.Value, ok bool, suffix value.Value) {
	n := *c.node(f)
	if suffix.IsEmpty() != value.Yes {
		to := value.Concat(f, suffix)
		if s, exact := suffix.Exact(); exact && strings.Contains(s, "*") {
			to = join(f.Map(value.Str.Dir), value.Text(strings.ReplaceAll(s, "*", base(f).String())))
		}
		c.Record(&host.Effect{Op: host.Backup, From: c.Path(f), Path: c.Path(to), Val: c.abs(to)})
		if n.Presence == value.Yes {
			c.Lay(to.Best(), &n)
		}
	}
	text, known := c.read(f)
	c.Edit(f, oneLine(script))
	if !known || !ok {
		return
	}
	if out, done := c.sedText(script, text); done {
		c.edited(f, out)
	}
}

// edited notes the text that a file has after the edit just made.
func (c *Call) edited(f, text value.Value) {
	n := *c.node(f)
	if n.Content == nil || n.Content.Kind != host.Edited {
		return
	}
	n.Content.Text = text
}

// perl: with -i the operands are edited by -e; without, code runs.
func perl(c *Call) {
	code := oneLine(value.Text(strings.Join(texts(append(c.All("e"), c.All("E")...)), "\n")))
	if suffix, ok := c.Flag("i"); ok {
		c.Outcome = Changed
		for _, f := range c.Args {
			if s := suffix.String(); s != "" {
				c.Record(&host.Effect{Op: host.Backup, From: c.Path(f), Path: c.Path(f) + s})
			}
			c.Edit(f, code)
		}
		return
	}
	c.Out = c.Hole(value.Output, "perl")
	if code == "" && len(c.Args) > 0 {
		c.Outcome = Changed
		c.Record(&host.Effect{Op: host.Language, Manager: "perl", What: Line(c.Args), Path: c.Path(c.Args[0])})
	}
}

// envsubst puts in what the shell knows of each variable; others stay as holes
// of the environment.
func envsubst(c *Call) {
	if c.Has("v") {
		c.Out = c.Hole(value.Output, "envsubst")
		return
	}
	only := map[string]bool{}
	for _, name := range shellNames(c.Arg(0)) {
		only[name] = true
	}
	text, ok := c.input(nil)
	if ok {
		c.Out = c.expandNames(text, only)
	} else {
		c.unknownOut(nil)
	}
	if k := c.content(nil); k != nil {
		c.Content = &host.Content{Kind: host.Edited, Prev: k, Edit: "envsubst " + c.Arg(0), At: c.At}
		if ok {
			c.Content.Text = c.Out
		}
	}
}

// shellNames lists the $NAME and ${NAME} of a text.
func shellNames(s string) []string {
	var out []string
	eachName(s, func(_, name string) {
		if name != "" {
			out = append(out, name)
		}
	})
	return out
}

// eachName calls f with the text before each reference, and its name; last with
// the rest and "".
func eachName(s string, f func(before, name string)) {
	last := 0
	for i := 0; i < len(s); i++ {
		if s[i] != '$' {
			continue
		}
		rest := s[i+1:]
		brace := strings.HasPrefix(rest, "{")
		if brace {
			rest = rest[1:]
		}
		n := 0
		for n < len(rest) && (rest[n] == '_' || rest[n] >= 'a' && rest[n] <= 'z' || rest[n] >= 'A' && rest[n] <= 'Z' || n > 0 && rest[n] >= '0' && rest[n] <= '9') {
			n++
		}
		if n == 0 || brace && !strings.HasPrefix(rest[n:], "}") {
			continue
		}
		f(s[last:i], rest[:n])
		i += n
		if brace {
			i += 2
		}
		last = i + 1
	}
	f(s[last:], "")
}

func (c *Call) expandNames(text value.Value, only map[string]bool) value.Value {
	return text.Map(func(s value.Str) value.Str {
		var out value.Str
		for _, p := range s.Parts() {
			if p.Hole != nil {
				out = out.Concat(value.MakeStr(p))
				continue
			}
			eachName(p.Lit, func(before, name string) {
				out = out.Concat(value.TextStr(before))
				switch {
				case name == "":
				case len(only) > 0 && !only[name]:
					out = out.Concat(value.TextStr("${" + name + "}"))
				default:
					out = out.Concat(c.variable(name).Best())
				}
			})
		}
		return out
	})
}

func (c *Call) variable(name string) value.Value {
	if c.Sh != nil {
		if v, ok := c.Sh.Var(name); ok {
			return v
		}
	}
	return c.Hole(value.Env, name)
}

// patch: the file given, else those that the patch names, without their first
// -p elements.
func patch(c *Call) {
	if c.Has("dry-run") {
		c.Outcome = Pure
		return
	}
	dir := value.FromStr(c.Cwd)
	if d, ok := c.Flag("d"); ok {
		dir = value.FromStr(c.Abs(d.Best()))
	}
	from, text, ok := "stdin", c.In.Text, c.In.Known
	if p, given := c.Flag("i"); given {
		from = p.String()
		text, ok = c.read(p)
	} else if len(c.Args) > 1 {
		from = c.Arg(1)
		text, ok = c.read(c.Args[1])
	} else if c.In.From != "" {
		from = c.In.From
	}
	if len(c.Args) > 0 {
		c.Edit(c.Args[0], "patch "+from)
		return
	}
	names := patched(text.String(), c.Text("p"))
	for _, n := range names {
		c.Edit(join(dir, value.Text(n)), "patch "+from)
	}
	if !ok || len(names) == 0 {
		c.Edit(join(dir, c.Hole(value.Glob, "patched")), "patch "+from)
	}
}

// patched lists the files that a unified diff changes.
func patched(text, strip string) []string {
	n := 0
	for _, d := range strip {
		n = n*10 + int(d-'0')
	}
	var out []string
	for _, l := range lines(text) {
		name, ok := strings.CutPrefix(l, "+++ ")
		if !ok {
			continue
		}
		name, _, _ = strings.Cut(name, "\t")
		if elems := strings.Split(strings.TrimSpace(name), "/"); n >= 0 && n < len(elems) && name != "/dev/null" {
			out = append(out, strings.Join(elems[n:], "/"))
		}
	}
	return out
}

func crudini(c *Call) {
	if c.Has("get") || len(c.Args) == 0 {
		c.Outcome, c.Out = Pure, c.Hole(value.Content, "crudini")
		return
	}
	verb := "set"
	if c.Has("del") {
		verb = "del"
	}
	c.Edit(c.Args[0], verb+" "+Line(c.Args[1:]))
}

// augtool: "set /files/etc/ssh/sshd_config/Port 22" changes that file; where
// the file's path ends is not known, so the longest known file is taken.
func augtool(c *Call) {
	script := Line(c.Args)
	if c.In.Known {
		script += "\n" + c.In.Text.String()
	}
	changed := false
	for _, l := range lines(script) {
		words := strings.Fields(l)
		if len(words) < 2 || !strings.Contains(" set rm ins clear setm mv defnode ", " "+words[0]+" ") {
			continue
		}
		if p, ok := strings.CutPrefix(words[1], "/files"); ok {
			c.Edit(value.Text(c.augFile(p)), l)
			changed = true
		}
	}
	if !changed {
		c.Outcome = Pure
	}
}

func (c *Call) augFile(p string) string {
	for q := p; q != "" && q != "/"; q = q[:strings.LastIndexByte(q, '/')] {
		if c.H.Node(c.Where, q).Kind == host.Regular {
			return q
		}
	}
	dir, _, _ := strings.Cut(p, "[")
	if i := strings.LastIndexByte(dir, '/'); i > 0 {
		return dir[:i]
	}
	return p
}

func ed(c *Call) {
	what := strings.Join(texts(c.All("c", "cmd")), "; ")
	if c.In.Known && what == "" {
		what = oneLine(c.In.Text)
	}
	for _, f := range c.Args {
		c.Edit(f, c.Name+": "+what)
	}
	if len(c.Args) == 0 {
		c.Outcome = Pure
	}
}

func dos2unix(c *Call) {
	for _, f := range c.Args {
		c.Edit(f, c.Name)
	}
}
