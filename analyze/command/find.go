package command

import (
	"path"
	"strconv"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

// finders look for files by name.
var finders = []*Model{
	{Name: "find", Flags: "-first -any", Kind: Pure, Man: "find(1)", Doc: "finds by name, path and type in what is known; -exec, -delete",
		Example: "find tree -name '*.txt' -exec chmod 600 {} +", Run: find},
	{Name: "locate", Alias: []string{"mlocate", "plocate", "updatedb", "fd", "fdfind"}, Flags: "-any", Kind: Pure, Man: "locate(1)", Doc: "its output is a hole", Run: opaqueText},
}

// A finding is a parsed find command line.
type finding struct {
	roots   []value.Value
	tests   []func(p, name string, n *host.Node) value.Tri
	names   []string // patterns of -name, for the name of a hole
	kind    host.NodeKind
	exact   bool // every test can be decided on what is known
	min     int
	max     int
	prune   []string
	actions []findAction
	typed   bool // -type is the only test
}

type findAction struct {
	verb string // print, print0, delete, exec, each (of exec with ;), printf
	argv []value.Value
	dir  bool // -execdir
}

// Tests and options of find by the number of words that follow them. Those that
// are not decided here make the result a subset.
var findArity = map[string]int{"-amin": 1, "-anewer": 1, "-atime": 1, "-cmin": 1, "-cnewer": 1, "-ctime": 1, "-empty": 0, "-executable": 0, "-false": 0, "-fstype": 1,
	"-gid": 1, "-group": 1, "-ilname": 1, "-inum": 1, "-iregex": 1, "-links": 1, "-lname": 1, "-mmin": 1, "-mtime": 1, "-newer": 1, "-newermt": 1, "-newerct": 1, "-newerat": 1, "-nogroup": 0,
	"-nouser": 0, "-perm": 1, "-readable": 0, "-regex": 1, "-samefile": 1, "-size": 1, "-true": 0, "-uid": 1, "-used": 1, "-user": 1, "-writable": 0, "-xtype": 1,
	"-daystart": 0, "-depth": 0, "-d": 0, "-follow": 0, "-ignore_readdir_race": 0, "-mount": 0, "-noignore_readdir_race": 0, "-noleaf": 0, "-regextype": 1,
	"-warn": 0, "-nowarn": 0, "-xdev": 0, "-fls": 1, "-fprint": 1, "-fprint0": 1, "-fprintf": 2, "-ls": 0, "-quit": 0, "-context": 1}

// findNeutral are options that do not choose among files.
var findNeutral = set("-daystart -depth -d -follow -mount -xdev -warn -nowarn -noleaf -regextype -ignore_readdir_race -noignore_readdir_race -true -ls -a -and")

func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

func find(c *Call) {
	f := &finding{exact: true, max: 1 << 20}
	words := leadingOptions(c.Argv[1:])
	for len(words) > 0 {
		t := words[0].Best().Prefix()
		if strings.HasPrefix(t, "-") && len(t) > 1 || t == "(" || t == "!" || t == ")" {
			break
		}
		f.roots, words = append(f.roots, words[0]), words[1:]
	}
	if len(f.roots) == 0 {
		f.roots = []value.Value{value.Text(".")}
	}
	if why := f.parse(words); why != "" {
		c.Bad = why
	}
	if len(f.actions) == 0 {
		f.actions = []findAction{{verb: "print"}}
	}
	for _, a := range f.actions {
		f.act(c, a)
	}
}

// leadingOptions skips -H, -L, -P, -D TOPICS and -O LEVEL, which stand before
// the paths.
func leadingOptions(words []value.Value) []value.Value {
	for len(words) > 0 {
		switch t := words[0].String(); {
		case t == "-H" || t == "-L" || t == "-P" || strings.HasPrefix(t, "-O"):
			words = words[1:]
		case t == "-D":
			words = words[min(2, len(words)):]
		default:
			return words
		}
	}
	return nil
}

// parse reads the expression; it returns why it is not understood, or "".
func (f *finding) parse(words []value.Value) string {
	not := false
	for len(words) > 0 {
		word := words[0].String()
		words = words[1:]
		arg := ""
		if len(words) > 0 {
			arg = words[0].String()
		}
		var skip int
		switch word {
		case "(", ")", "\\(", "\\)":
			f.exact = f.exact && len(f.actions) == 0
			continue
		case "!", "-not":
			not = !not
			continue
		case "-o", "-or", ",":
			f.exact, f.typed = false, false
			continue
		case "-exec", "-execdir", "-ok", "-okdir":
			words = f.exec(word, words)
		case "-print", "-print0", "-delete", "-printf":
			f.actions = append(f.actions, findAction{verb: word[1:]})
			if word == "-printf" {
				skip = 1
			}
		case "-prune":
			if len(f.names) > 0 {
				f.prune = append(f.prune, f.names...)
			}
		case "-maxdepth", "-mindepth":
			n, err := strconv.Atoi(arg)
			if err != nil {
				f.exact = false
			} else if word == "-maxdepth" {
				f.max = n
			} else {
				f.min = n
			}
			skip = 1
		case "-name", "-iname", "-path", "-ipath", "-wholename", "-type":
			f.test(word, words, not)
			skip = 1
		default:
			n, ok := findArity[word]
			if !ok && !findNeutral[word] {
				return "find: " + word + " is not modelled"
			}
			if !findNeutral[word] {
				f.exact, f.typed = false, false
			}
			skip = n
		}
		words, not = words[min(skip, len(words)):], false
	}
	return ""
}

// exec takes the command of -exec up to ";" or "{} +".
func (f *finding) exec(word string, words []value.Value) []value.Value {
	a := findAction{verb: "each", dir: strings.HasSuffix(word, "dir")}
	for i, w := range words {
		if w.Is(";") || w.Is("\\;") {
			a.argv = words[:i]
			f.actions = append(f.actions, a)
			return words[i+1:]
		}
		if w.Is("+") && i > 0 && words[i-1].Is("{}") {
			a.verb, a.argv = "exec", words[:i-1]
			f.actions = append(f.actions, a)
			return words[i+1:]
		}
	}
	a.argv = words
	f.actions = append(f.actions, a)
	return nil
}

func (f *finding) test(word string, words []value.Value, not bool) {
	first := len(f.tests) == 0
	f.typed = word == "-type" && first && !not
	pat, ok := "", false
	if len(words) > 0 {
		pat, ok = words[0].Exact()
	}
	if !ok {
		f.exact, f.typed = false, false
		return
	}
	decide := func(p, name string, n *host.Node) bool { return nameMatches(pat, name) }
	switch word {
	case "-name":
		if !not {
			f.names = append(f.names, pat)
		}
	case "-iname":
		decide = func(_, name string, _ *host.Node) bool {
			return nameMatches(strings.ToLower(pat), strings.ToLower(name))
		}
	case "-path", "-wholename", "-ipath":
		decide = func(p, _ string, _ *host.Node) bool {
			return value.Matches(value.Text(p), value.Text(pat)) == value.Yes
		}
	case "-type":
		f.typeTest(pat, not)
		return
	}
	f.tests = append(f.tests, func(p, name string, n *host.Node) value.Tri { return value.Bool(decide(p, name, n) != not) })
}

var findTypes = map[string]host.NodeKind{"f": host.Regular, "d": host.Dir, "l": host.Link}

func (f *finding) typeTest(pat string, not bool) {
	kind, ok := findTypes[pat]
	if !ok {
		f.exact, f.typed = false, false
		return
	}
	f.kind = kind
	f.tests = append(f.tests, func(_, _ string, n *host.Node) value.Tri {
		if n.Kind == host.AnyKind {
			return value.Maybe
		}
		return value.Bool((n.Kind == kind) != not)
	})
}

func nameMatches(pat, name string) bool {
	return value.Matches(value.Text(name), value.Text(pat)) == value.Yes
}

// act does what an action does with what is found.
func (f *finding) act(c *Call, a findAction) {
	if f.recursive(c, a) {
		return
	}
	found, whole := f.found(c)
	if !whole {
		found = append(found, f.rest()...)
	}
	switch a.verb {
	case "print", "print0", "printf":
		f.print(c, a, found, whole)
	case "delete":
		c.Outcome = Changed
		for i := len(found) - 1; i >= 0; i-- {
			c.Remove(found[i], false)
		}
	case "exec":
		if len(found) > 0 {
			f.run(c, a, append(a.argv[:len(a.argv):len(a.argv)], found...))
		}
	case "each":
		for _, p := range found {
			f.run(c, a, replaced(a.argv, "{}", p))
		}
	}
}

func (f *finding) run(c *Call, a findAction, argv []value.Value) {
	who := *c.Actor
	if a.dir && len(argv) > 0 {
		who.Cwd = c.Abs(argv[len(argv)-1].Map(value.Str.Dir).Best())
	}
	st, outcome := c.Status, c.Outcome
	c.callEach(&who, argv)
	c.Status = st
	if stronger(outcome, c.Outcome) {
		c.Outcome = outcome
	}
}

func stronger(a, b Outcome) bool {
	for i := len(Outcomes) - 1; i >= 0; i-- {
		if Outcomes[i] == a || Outcomes[i] == b {
			return Outcomes[i] == a
		}
	}
	return false
}

// recursive turns `find DIR [-type d] -exec chmod MODE {}` into one change of
// the tree, which also holds for what nobody knows below it.
func (f *finding) recursive(c *Call, a findAction) bool {
	plain := len(f.tests) == 0 || f.typed && len(f.tests) == 1
	if !plain || !f.exact || f.max < 1<<20 || f.min > 1 || len(a.argv) < 2 || f.prune != nil {
		return false
	}
	words := a.argv
	if words[0].Is("sudo") {
		words = words[1:]
	}
	words, deref := withoutDeref(words)
	if len(words) < 2 || len(words) > 3 {
		return false
	}
	for _, root := range f.roots {
		switch words[0].String() {
		case "chmod":
			if f.kind == host.AnyKind {
				c.Chmod(root, words[1].String(), true)
			} else {
				c.ChmodTyped(root, words[1].String(), f.kind)
			}
		case "chown":
			if f.kind != host.AnyKind {
				return false
			}
			owner, group := c.ownerGroup(words[1].Best())
			c.Chown(root, owner, group, true, deref)
		default:
			return false
		}
	}
	c.Outcome = Changed
	return true
}

// withoutDeref takes -h, and -- for the end of options, from a command line of
// chown or chmod; deref tells that links are followed.
func withoutDeref(words []value.Value) (rest []value.Value, deref bool) {
	rest, deref = words[:1:1], true
	for _, w := range words[1:] {
		switch {
		case w.Is("-h") || w.Is("--no-dereference"):
			deref = false
		case !w.Is("--"):
			rest = append(rest, w)
		}
	}
	return rest, deref
}

// found lists what is known to match, and whether that is all.
func (f *finding) found(c *Call) (out []value.Value, whole bool) {
	whole = f.exact
	for _, root := range f.roots {
		s, known := root.Exact()
		if !known {
			s = root.String()
		}
		abs := c.Path(root)
		all := c.Walk(abs, 4*maxItems*maxItems, func(p string, n *host.Node, depth int) bool {
			shown := s + strings.TrimPrefix(p, abs)
			name := path.Base(p)
			for _, pr := range f.prune {
				if nameMatches(pr, name) {
					return false
				}
			}
			if depth >= f.min && depth <= f.max {
				switch t := f.matches(shown, name, n); {
				case t == value.Yes && f.exact:
					out = append(out, value.Text(shown))
				case t == value.Maybe:
					whole = false
				}
			}
			return depth < f.max
		})
		whole = whole && all && known
	}
	if len(out) > maxItems {
		return out[:maxItems], false
	}
	return out, whole
}

func (f *finding) matches(p, name string, n *host.Node) value.Tri {
	t := n.Presence
	for _, test := range f.tests {
		t = t.And(test(p, name, n))
	}
	return t
}

// rest stands for matches that nobody knows: a hole below each root, between
// the literal ends of the pattern.
func (f *finding) rest() []value.Value {
	var out []value.Value
	for _, root := range f.roots {
		before, after, name := "", "", "found"
		if len(f.names) == 1 && strings.Count(f.names[0], "*") == 1 && !strings.ContainsAny(f.names[0], "?[\\") {
			before, after, _ = strings.Cut(f.names[0], "*")
		}
		h := &value.Hole{Kind: value.Glob, Name: name, Many: true, Full: true}
		parts := append(lit(before), value.Part{Hole: h})
		out = append(out, join(root, value.FromStr(value.MakeStr(append(parts, lit(after)...)...))))
	}
	return out
}

func (f *finding) print(c *Call, a findAction, found []value.Value, whole bool) {
	if !whole || a.verb == "printf" {
		h := value.NewHole(value.Glob, "found", c.At)
		h.Many = true
		c.Out = value.Of(h)
		if len(found) == 1 && len(f.names) <= 1 && a.verb == "print" {
			c.Out = found[0]
		}
		return
	}
	end := "\n"
	if a.verb == "print0" {
		end = "\x00"
	}
	var out value.Value
	for _, p := range found {
		out = value.Concat(out, value.Concat(p, value.Text(end)))
	}
	c.Out = out
}
