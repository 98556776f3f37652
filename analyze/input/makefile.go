package input

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/model"
)

// Makefile reads variables, targets and recipes of Makefiles. Recipes are
// handed over as shell with make's variables expanded where they are constant.
var Makefile = &Kind{
	Name:   "makefile",
	Doc:    "Makefile: GNU make manual; POSIX make(1)",
	Claims: claimsMakefile,
	read:   readMakefile,
}

func claimsMakefile(p string, _ []byte) bool {
	base := path.Base(p)
	switch strings.ToLower(base) {
	case "makefile", "gnumakefile", "makefile.in", "makefile.am":
		return true
	}
	return path.Ext(base) == ".mk" || path.Ext(base) == ".mak" || strings.HasPrefix(base, "Makefile.")
}

// A makeReader holds what is known while a Makefile is read.
type makeReader struct {
	r        *reader
	vars     map[string]makeVar
	exports  map[string]bool
	targets  []*makeTarget
	oneshell bool
	shell    string
	depth    int // of conditionals whose branch is not known
	byName   map[string]*makeTarget
	left     int // references that may still be expanded: they multiply
	recipes  int // recipe lines kept
}

// The bounds on one Makefile.
const (
	maxReferences = 200_000
	maxRecipes    = 20_000
	maxVariable   = 1 << 14
)

// A makeVar is a variable: recursive ones are expanded when used.
type makeVar struct {
	val       text
	recursive bool
}

// A makeTarget is a rule with one target.
type makeTarget struct {
	name  string
	at    int
	needs []string
	own   map[string]makeVar // target-specific variables
	lines []text             // recipe lines, continuation joined
	cond  bool
}

func readMakefile(r *reader) {
	m := &makeReader{r: r, vars: map[string]makeVar{}, exports: map[string]bool{}, byName: map[string]*makeTarget{}, left: maxReferences}
	m.read()
	m.report()
}

var (
	makeAssign = lazyregexp.New(`^\s*(?:(export|override|private|unexport)\s+)*([A-Za-z_.][A-Za-z0-9_.%-]*)\s*(::?:?=|\?=|\+=|!=|=)\s*(.*)$`)
	// computedAssign assigns to a variable whose name is computed: no constant
	computedAssign = lazyregexp.New(`^\s*[A-Za-z0-9_.%-]*\$[({][^:=]*[)}][A-Za-z0-9_.%-]*\s*(::?:?=|\?=|\+=|=)`)
	makeCond       = lazyregexp.New(`^\s*(ifeq|ifneq|ifdef|ifndef)\b`)
)

// read goes over the logical lines of the file.
func (m *makeReader) read() {
	lines := m.r.lines()
	var current []*makeTarget
	for i := 0; i < len(lines); i++ {
		l := lines[i]
		if strings.HasPrefix(l.text, "\t") && len(current) > 0 {
			var t text
			t, i = recipeLine(lines, i)
			for _, c := range current {
				if m.recipes++; m.recipes <= maxRecipes {
					c.lines = append(c.lines, t)
				}
			}
			continue
		}
		var t text
		t, i = logicalLine(lines, i)
		s := strings.TrimSpace(t.s)
		switch {
		case s == "":
		case m.conditional(s):
		case strings.HasPrefix(s, "define "):
			i = m.define(lines, i, t)
		case m.assignment(t, nil):
			// a rule's recipe may go on after an assignment in GNU make
		case m.include(t):
		case strings.HasPrefix(s, "export ") || s == "export":
			for _, name := range strings.Fields(strings.TrimPrefix(s, "export")) {
				m.exports[name] = true
			}
		default:
			current = m.rule(t)
		}
	}
}

// recipeLine joins a recipe line with its continuations as make hands it to
// the shell: backslash and newline stay, the recipe prefix goes.
func recipeLine(lines []line, i int) (text, int) {
	var w weave
	l := lines[i]
	w.add(l.text[1:], l.off+1)
	for strings.HasSuffix(l.text, `\`) && i+1 < len(lines) {
		i++
		l = lines[i]
		w.add("\n", l.off-1)
		cut := 0
		if strings.HasPrefix(l.text, "\t") {
			cut = 1
		}
		w.add(l.text[cut:], l.off+cut)
	}
	return w.text(), i
}

// logicalLine joins continuations outside recipes to one space and drops the
// comment.
func logicalLine(lines []line, i int) (text, int) {
	var w weave
	l := lines[i]
	for strings.HasSuffix(l.text, `\`) && i+1 < len(lines) {
		w.add(strings.TrimRight(strings.TrimSuffix(l.text, `\`), " \t"), l.off)
		w.add(" ", l.off+len(l.text)-1)
		i++
		l = lines[i].trim()
	}
	w.add(l.text, l.off)
	t := w.text()
	for j := 0; j < len(t.s); j++ {
		if t.s[j] == '#' && (j == 0 || t.s[j-1] != '\\') {
			return t.cut(0, j), i
		}
	}
	return t, i
}

// conditional reads ifeq and its kin. Both branches are read: which is taken
// depends on the caller.
func (m *makeReader) conditional(s string) bool {
	word, _, _ := strings.Cut(s, " ")
	switch {
	case makeCond.MatchString(s):
		m.depth++
	case word == "endif":
		m.depth = max(0, m.depth-1)
	case word == "else":
	default:
		return false
	}
	return true
}

func (m *makeReader) define(lines []line, i int, t text) int {
	name := strings.TrimRight(strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(t.s), "define ")), "= :")
	var w weave
	for i++; i < len(lines); i++ {
		if strings.TrimSpace(lines[i].text) == "endef" {
			break
		}
		if w.len() > 0 {
			w.add("\n", lines[i].off-1)
		}
		w.add(lines[i].text, lines[i].off)
	}
	m.vars[name] = makeVar{w.text(), true}
	return i
}

// assignment reads a variable, of the file or of a target.
func (m *makeReader) assignment(t text, of *makeTarget) bool {
	x := makeAssign.FindStringSubmatchIndex(t.s)
	if x == nil || strings.HasPrefix(strings.TrimSpace(t.s), "include ") {
		return false
	}
	name, op, val := t.s[x[4]:x[5]], t.s[x[6]:x[7]], t.cut(x[8], x[9]).trim()
	vars := m.vars
	if of != nil {
		vars = of.own
	}
	old, set := m.vars[name]
	if x[2] >= 0 && t.s[x[2]:x[3]] == "export" {
		m.exports[name] = true
	}
	switch {
	case op == "?=" && set:
		return true
	case m.depth > 0 && set && op != "+=":
		return true // the branch is not known: the first value stands
	case op == "!=":
		val = stand("${"+name+"}", val.off())
	case op == "+=" && set:
		var w weave
		w.addText(old.val)
		w.add(" ", max(0, val.off()-1))
		w.addText(val)
		if w.len() < maxVariable {
			vars[name] = makeVar{w.text(), true}
		}
		return true
	case op == ":=" || op == "::=" || op == ":::=":
		val = m.expand(val, nil, nil)
	}
	vars[name] = makeVar{val, op == "=" || op == "?=" || op == "+="}
	switch name {
	case "SHELL":
		m.shell = path.Base(strings.TrimSpace(val.s))
	}
	m.r.out.Values = append(m.r.out.Values, Setting{name, val.s, m.r.pos(t.at(x[4]))})
	return true
}

func (m *makeReader) include(t text) bool {
	s := strings.TrimSpace(t.s)
	for _, word := range []string{"include ", "-include ", "sinclude "} {
		if !strings.HasPrefix(s, word) {
			continue
		}
		for _, w := range (line{t.s, t.off()}).fields()[1:] {
			p := m.expand(plain(w.text, w.off), nil, nil).s
			if isEnvFile(p) {
				m.r.out.Claims = append(m.r.out.Claims, Claim{Path: p, Role: model.RoleConfig, At: m.r.pos(w.off), Why: "included by the Makefile"})
			}
			m.r.call(path.Join(path.Dir(m.r.path), p), w.off, "include")
		}
		return true
	}
	return false
}

// rule reads "targets: prerequisites [; recipe]" and returns the targets.
func (m *makeReader) rule(t text) []*makeTarget {
	colon := ruleColon(t.s)
	if colon < 0 || computedAssign.MatchString(t.s) {
		if colon < 0 && !computedAssign.MatchString(t.s) && !strings.HasPrefix(strings.TrimSpace(t.s), "$(") { // $(eval ...), $(info ...)
			m.r.problem(t.off(), "neither a rule nor an assignment")
		}
		return nil
	}
	rest := t.cut(colon+1, len(t.s))
	if strings.HasPrefix(rest.s, ":") { // double-colon rule
		rest = rest.cut(1, len(rest.s))
	}
	names := m.expand(t.cut(0, colon), nil, nil)
	var targets []*makeTarget
	for _, w := range strings.Fields(names.s) {
		if len(m.targets) < 5000 && len(targets) < 200 {
			targets = append(targets, m.target(w, t.off()))
		}
	}
	if makeAssign.MatchString(rest.s) && len(targets) > 0 { // target: VAR = value
		for _, tg := range targets {
			m.assignment(rest.trim(), tg)
		}
		return targets
	}
	deps, recipe := rest, text{}
	if i := strings.IndexByte(rest.s, ';'); i >= 0 {
		deps, recipe = rest.cut(0, i), rest.cut(i+1, len(rest.s)).trim()
	}
	for _, tg := range targets {
		for _, dep := range strings.Fields(m.expand(deps, nil, nil).s) {
			if dep != "|" {
				tg.needs = addOnce(tg.needs, dep)
			}
		}
		if recipe.s != "" {
			tg.lines = append(tg.lines, recipe)
		}
		m.special(tg)
	}
	return targets
}

// ruleColon finds the colon of a rule outside $(...) .
func ruleColon(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '(', '{':
			depth++
		case ')', '}':
			depth--
		case ':':
			if depth <= 0 {
				return i
			}
		}
	}
	return -1
}

func (m *makeReader) target(name string, off int) *makeTarget {
	if t := m.byName[name]; t != nil {
		return t
	}
	t := &makeTarget{name: name, at: off, own: map[string]makeVar{}, cond: m.depth > 0}
	m.byName[name] = t
	m.targets = append(m.targets, t)
	return t
}

func (m *makeReader) special(t *makeTarget) {
	switch t.name {
	case ".ONESHELL":
		m.oneshell = true
	case ".EXPORT_ALL_VARIABLES":
		for name := range m.vars {
			m.exports[name] = true
		}
	}
}
