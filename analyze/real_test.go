package analyze_test

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/nativize/nativize/analyze/command"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/shell"
	"github.com/nativize/nativize/analyze/value"
)

// A score counts what was found of what there is.
type score struct{ hit, all int }

func (s *score) add(ok bool) {
	s.all++
	if ok {
		s.hit++
	}
}

func (s *score) sum(t score) { s.hit += t.hit; s.all += t.all }

func (s score) share() float64 {
	if s.all == 0 {
		return 1
	}
	return float64(s.hit) / float64(s.all)
}

func (s score) String() string { return fmt.Sprintf("%d/%d", s.hit, s.all) }

// A tally is the comparison of one script, or of all.
type tally struct {
	covered, accounts, commands, edits score
	exact                              score // of covered: owner, group and mode known and equal
	absent                             score // must effects that did not happen, of those that can be checked
	misses                             []string
}

func (t *tally) sum(o *tally) {
	t.covered.sum(o.covered)
	t.exact.sum(o.exact)
	t.accounts.sum(o.accounts)
	t.commands.sum(o.commands)
	t.edits.sum(o.edits)
	t.absent.sum(o.absent)
}

func (t *tally) miss(format string, a ...any) { t.misses = append(t.misses, fmt.Sprintf(format, a...)) }

// TestReal compares what scripts really did with what the engine predicts for
// the same start. The floors are what was reached: they may only rise.
func TestReal(t *testing.T) {
	var total tally
	w := tabwriter.NewWriter(t.Output(), 2, 0, 2, ' ', 0)
	fmt.Fprintln(w, "script\tcovered\texact\tmust absent\taccounts\tcommands\tlocal edits")
	for _, r := range readRecords(t) {
		t.Run(r.Label, func(t *testing.T) {
			got := compare(t, r)
			total.sum(got)
			fmt.Fprintf(w, "%s\t%v\t%v\t%v\t%v\t%v\t%v\n", r.Label, got.covered, got.exact, got.absent, got.accounts, got.commands, got.edits)
			for _, m := range got.misses {
				t.Log(m)
			}
		})
	}
	fmt.Fprintf(w, "total\t%v\t%v\t%v\t%v\t%v\t%v\n", total.covered, total.exact, total.absent, total.accounts, total.commands, total.edits)
	fmt.Fprintf(w, "share\t%.4f\t%.4f\t%.4f\t%.4f\t%.4f\t%.4f\n", total.covered.share(), total.exact.share(), total.absent.share(), total.accounts.share(), total.commands.share(), total.edits.share())
	w.Flush()
	if total.covered.all == 0 {
		return
	}
	floor := func(what string, got, least float64) {
		if got < least {
			t.Errorf("%s: %.4f, at least %.4f was reached before", what, got, least)
		}
	}
	floor("effects covered", total.covered.share(), 0.997)
	floor("of these with kind, owner, group and mode known", total.exact.share(), 0.895)
	floor("accounts", total.accounts.share(), 1)
	floor("commands", total.commands.share(), 1)
	floor("local edits", total.edits.share(), 0.943)
	floor("must effects that happened", 1-total.absent.share(), 0.974)
}

func compare(t *testing.T, r *record) *tally {
	s := newStage(t, r)
	s.prepare(t, ".setup", r.Start.Setup, 1)
	got := &tally{}
	before := map[string]bool{}
	for i := range r.Runs {
		run := i + 1
		s.prepare(t, fmt.Sprintf(".before%d", run), r.Start.before(run), run)
		edits := s.editLocally(run)
		from := len(s.h.Log)
		if _, err := s.m.Run(s.options(run)); err != nil {
			t.Fatal(err)
		}
		c := &comparer{stage: s, run: &r.Runs[i], log: s.h.Log[from:], got: got, before: before}
		c.index()
		c.effects()
		c.accounts()
		c.commands()
		c.musts()
		for _, e := range r.Runs[i].Effects {
			before[e.Path] = e.Op != "remove"
		}
		s.checkEdits(edits, got)
	}
	return got
}

// A comparer compares one run.
type comparer struct {
	*stage
	before map[string]bool // paths that earlier runs made
	run    *realRun
	log    []*host.Effect
	got    *tally
	paths  []touched
	did    map[string]bool // op and path of what happened
}

// A touched path is one that an effect changes: name is the engine's, form
// matches what its holes may be.
type touched struct {
	e    *host.Effect
	name string
	form *regexp.Regexp
	deep bool // what lies below changes too
	gone bool
}

func (c *comparer) index() {
	for _, e := range c.log {
		deep := e.Recursive || e.Kind == host.Dir && e.Op != host.MakeDir || e.Op == host.Clone || e.Op == host.Extract || e.Op == host.Sync ||
			e.Op == host.MoveTo || e.Op == host.Language || e.Op == host.System && e.Name == "virtual-environment" || e.Op == host.Clean
		if e.Path != "" {
			c.touch(e, e.Val, e.Path, deep, e.Op == host.Remove)
		}
		if e.Op == host.MoveTo {
			c.touch(e, value.Value{}, e.From, true, true)
		}
		if e.Op == host.Language && e.Cwd != "" {
			c.touch(e, value.Value{}, e.Cwd, true, false)
		}
		if e.Op == host.Language && e.Env != "" {
			c.touch(e, value.Value{}, e.Env, true, false)
		}
	}
	c.h.Each(host.File, 0, func(name string, e host.Entry) {
		if n := e.(*host.Node); n.Made && n.Presence != value.No && strings.Contains(name, "${") && len(name) > 2 && name[0] == '/' {
			c.paths = append(c.paths, touched{&host.Effect{}, name, wild(name), false, false})
		}
	})
	c.did = map[string]bool{}
	for _, e := range c.run.Effects {
		c.did[e.Op+" "+e.Path] = true
	}
}

func (c *comparer) touch(e *host.Effect, v value.Value, name string, deep, gone bool) {
	if v.Len() == 1 && v.Is("") {
		v = value.Text(name)
		if strings.Contains(name, "${") {
			c.paths = append(c.paths, touched{e, name, wild(name), deep, gone})
			return
		}
	}
	for i := range v.Len() {
		s := v.At(i)
		if p := s.Prefix(); len(p) < 2 {
			continue // a prediction of everything covers nothing
		}
		if s.Known() {
			c.paths = append(c.paths, touched{e, c.resolve(e.Machine, s.String()), nil, deep, gone})
			continue
		}
		var b strings.Builder
		b.WriteString("^")
		for _, p := range s.Parts() {
			switch {
			case p.Hole == nil:
				b.WriteString(regexp.QuoteMeta(p.Lit))
			case p.Hole.Kind == value.Glob:
				b.WriteString("[^/]*")
			case p.Hole.Kind == value.Date || p.Hole.Kind == value.Temp || p.Hole.Kind == value.Fact:
				b.WriteString("[^/]+")
			default:
				b.WriteString(".+")
			}
		}
		c.paths = append(c.paths, touched{e, s.String(), regexp.MustCompile(b.String() + "$"), deep, gone})
	}
}

var hole = regexp.MustCompile(`\\\$\\\{[^}]*\\\}`)

func wild(name string) *regexp.Regexp {
	return regexp.MustCompile("^" + hole.ReplaceAllString(regexp.QuoteMeta(name), ".+") + "$")
}

// resolve follows the links above the last element of a path.
func (s *stage) resolve(where int32, p string) string {
	for range 8 {
		next := p
		for dir := path.Dir(p); len(dir) > 1; dir = path.Dir(dir) {
			if n := s.h.Node(where, dir); n.Kind == host.Link && n.Presence == value.Yes {
				next = value.Abs(value.TextStr(path.Dir(dir)), n.Link).String() + p[len(dir):]
			}
		}
		if next == p {
			break
		}
		p = next
	}
	return p
}

// names returns the engine's names for a real path where t touches it.
func (t *touched) names(p string) []string {
	var out []string
	for up := p; ; up = path.Dir(up) {
		if t.form == nil && t.name == up || t.form != nil && t.form.MatchString(up) {
			out = append(out, t.name+p[len(up):])
		}
		if !t.deep || len(up) < 2 {
			return out
		}
	}
}

func (c *comparer) effects() {
	for _, e := range c.run.Effects {
		ok, exact, why := c.effect(&e)
		c.got.covered.add(ok)
		if ok {
			c.got.exact.add(exact)
			if !exact {
				c.got.miss("run %d: LOOSE %s %s %s %s", c.run.Run, e.Op, e.Type, e.Path, why)
			}
		} else {
			c.got.miss("run %d: %s %s %s %s:%s %s %v: %s", c.run.Run, e.Op, e.Type, e.Path, e.Owner, e.Group, e.Mode, e.Changed, why)
		}
	}
}

var accountFile = regexp.MustCompile(`^/etc/(passwd|group|shadow|gshadow|subuid|subgid)-?$`)

func (c *comparer) effect(e *realEffect) (ok, exact bool, why string) {
	if accountFile.MatchString(e.Path) {
		return slices.ContainsFunc(c.log, isAccount), true, "no account is changed"
	}
	if c.Start.simulated(e.Path) && e.Op == "create" && slices.ContainsFunc(c.log, isInstall) {
		return true, false, ""
	}
	why = "no effect on it"
	if e.Op != "remove" {
		if n := c.h.Node(0, e.Path); n.Made && n.Presence != value.No {
			if ok, exact, why = c.like(n, e); ok {
				return ok, exact, why
			}
		}
	}
	for i := range c.paths {
		for _, name := range c.paths[i].names(e.Path) {
			if ok, exact, why = c.by(&c.paths[i], name, e); ok {
				return ok, exact, why
			}
		}
	}
	return false, false, why
}

// by tells whether a predicted effect covers what happened; name is the
// engine's name of the path.
func (c *comparer) by(t *touched, name string, e *realEffect) (ok, exact bool, why string) {
	n := c.h.Node(t.e.Machine, name)
	if e.Op == "remove" {
		ok = t.gone || n.Presence != value.Yes || t.e.Action == "delete" || t.e.Op == host.Clean
		return ok, true, "it is still there"
	}
	if n.Presence == value.No && t.form == nil {
		return false, false, "it is not there"
	}
	return c.like(n, e)
}

func isInstall(e *host.Effect) bool { return e.Op == host.PackageOp || e.Op == host.Language }

func isAccount(e *host.Effect) bool {
	switch e.Op {
	case host.AddUser, host.ChangeUser, host.DelUser, host.AddGroup, host.DelGroup, host.AddMember, host.SetPassword:
		return true
	}
	return false
}

// like tells whether a predicted node covers what happened. What the engine
// does not claim to know covers, but not exactly.
func (c *comparer) like(n *host.Node, e *realEffect) (ok, exact bool, why string) {
	kind := map[string]host.NodeKind{"file": host.Regular, "dir": host.Dir, "link": host.Link}[e.Type]
	if n.Kind != host.AnyKind && n.Kind != kind {
		return false, false, "predicted a " + n.Kind.String()
	}
	if exact = n.Kind == kind; !exact {
		why = "kind"
	}
	if e.Type == "link" {
		return true, exact, ""
	}
	for _, f := range [][3]string{{"owner", n.Owner, e.Owner}, {"group", n.Group, e.Group}, {"mode", n.Mode, e.Mode}} {
		if f[1] == "" || f[0] == "mode" && !isOctal(f[1]) {
			exact = false
			why += " " + f[0]
			continue
		}
		if f[1] != f[2] {
			return false, false, "predicted " + f[0] + " " + f[1]
		}
	}
	return true, exact, why
}

func isOctal(s string) bool { return len(s) == 4 && strings.Trim(s, "01234567") == "" }

func (c *comparer) accounts() {
	for _, line := range slices.Concat(c.run.Accounts.Passwd.Added, c.run.Accounts.Group.Added) {
		name, _, _ := strings.Cut(line, ":")
		ok := slices.ContainsFunc(c.log, func(e *host.Effect) bool {
			return isAccount(e) && (e.Name == name || e.Action == name || e.Account != nil && slices.Contains(e.Account.Groups, name))
		})
		if f := strings.Split(line, ":"); ok && len(f) == 7 {
			u := c.h.Account(0, name)
			ok = u != nil && (u.Home == "" || u.Home == f[5]) && (u.Shell == "" || u.Shell == f[6])
		}
		c.got.accounts.add(ok)
		if !ok {
			c.got.miss("run %d: account %s", c.run.Run, line)
		}
	}
}

var managers = strings.Fields(`systemctl service chkconfig update-rc.d sysv-rc-conf sv supervisorctl pm2 apt-get apt yum dnf dpkg
add-apt-repository pip pip3 npm pnpm yarn composer uv cargo a2ensite a2dissite a2enmod a2enconf`)

// asks are the verbs of managers that change nothing.
var asks = map[string]bool{"status": true, "is-active": true, "is-enabled": true, "list": true, "-V": true, "--version": true, "show": true, "cat": true, "list-units": true, "list-unit-files": true}

func (c *comparer) commands() {
	for _, k := range c.run.Commands {
		argv := k.Argv
		name := path.Base(argv[0])
		if strings.HasPrefix(name, "python") && len(argv) > 3 && argv[1] == "-m" && argv[2] == "pip" {
			name, argv = "pip", argv[2:]
		}
		if !slices.Contains(managers, name) || slices.ContainsFunc(argv[1:], func(s string) bool { return asks[s] }) {
			continue
		}
		ok := slices.ContainsFunc(c.log, func(e *host.Effect) bool { return tells(e, name, argv[1:]) }) || slices.Contains(argv, "update") && c.reached(name, "update")
		c.got.commands.add(ok)
		if !ok {
			c.got.miss("run %d: command %q", c.run.Run, k.Argv)
		}
	}
}

// reached tells of a command that changes nothing that the engine keeps track
// of, a fresh package list, whether it is accounted for.
func (c *comparer) reached(words ...string) bool {
	return slices.ContainsFunc(c.m.Statements(), func(s shell.Statement) bool {
		return s.Outcome != command.Unreached && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(s.Text, w) })
	})
}

// tells whether an effect is what a command of a manager does: its subject and
// verb stand among the words.
func tells(e *host.Effect, name string, words []string) bool {
	line := " " + strings.Join(words, " ") + " "
	has := func(w string) bool {
		return w != "" && (strings.Contains(line, " "+w+" ") || strings.Contains(line, w+".") || strings.Contains(line, "="+w) || strings.Contains(line, w+"="))
	}
	switch e.Op {
	case host.ServiceOp:
		return (has(e.Name) || e.Name == "") && (has(e.Action) || name == "chkconfig" || name == "sysv-rc-conf" || name == "pm2") || e.Name == "" && has(e.Action)
	case host.PackageOp:
		if strings.Contains(e.Name, "${") {
			return has(e.Action) // which packages, is not known
		}
		return has(e.Name) || e.Name == "" && has(e.Action)
	case host.Language, host.System, host.Opaque:
		return e.Manager == name || e.Manager == strings.TrimSuffix(name, "3") || e.Name == name || strings.Contains(e.What, name)
	}
	return strings.HasPrefix(name, "a2") && (e.Op == host.Symlink || e.Op == host.Remove)
}

// musts counts the effects that were predicted for every run and did not happen.
func (c *comparer) musts() {
	for _, e := range c.log {
		if !e.Must || e.Failure || e.Machine != 0 || e.Alt {
			continue
		}
		happened, can := c.happened(e)
		if !can {
			continue
		}
		c.got.absent.add(!happened)
		if !happened {
			c.got.miss("run %d: MUST %s %s %s %s %s at %v did not happen", c.run.Run, e.Op, e.Path, e.Manager, e.Action, e.Name, e.At.Pos)
		}
	}
}

// happened tells whether an effect happened, and whether that can be told: an
// effect on what was there before may leave no difference.
func (c *comparer) happened(e *host.Effect) (happened, can bool) {
	switch e.Op {
	case host.MakeDir, host.Write, host.CopyTo, host.MoveTo, host.Symlink, host.Touch, host.Extract, host.Clone, host.Fetch, host.Append:
		s := e.Val.Best()
		if !s.Known() || e.Path == "" || c.run.LeftOut || c.h.Node(0, e.Path).Presence != value.Yes {
			return false, false
		}
		if p := c.resolve(0, e.Path); c.did["create "+p] || c.did["change "+p] {
			return true, true
		}
		return false, e.Met == "new" && !c.before[c.resolve(0, e.Path)]
	case host.Remove:
		if e.Met != "exists" || !e.Val.Best().Known() || c.run.LeftOut || c.h.Node(0, e.Path).Presence != value.No {
			return false, false
		}
		p := c.resolve(0, e.Path)
		return c.did["remove "+p], c.before[p]
	case host.ServiceOp, host.PackageOp:
		for _, k := range c.run.Commands {
			if tells(e, path.Base(k.Argv[0]), k.Argv[1:]) {
				return true, true
			}
		}
		return false, true
	case host.AddUser, host.AddGroup:
		for _, line := range slices.Concat(c.run.Accounts.Passwd.Added, c.run.Accounts.Group.Added) {
			if strings.HasPrefix(line, e.Name+":") {
				return true, true
			}
		}
		return false, true
	}
	return false, false
}

// An edit is a line that an administrator added to a file between two runs.
type edit struct {
	path, real string
	content    *host.Content
	links      map[string]string // links to a directory above it, with their targets
}

// linksAbove returns the links that point to a directory above a path.
func (s *stage) linksAbove(p string) map[string]string {
	out := map[string]string{}
	s.h.Each(host.File, 0, func(name string, e host.Entry) {
		if n := e.(*host.Node); n.Kind == host.Link && strings.HasPrefix(p, n.Link.String()+"/") {
			out[name] = n.Link.String()
		}
	})
	return out
}

// editLocally adds a line to each file that was edited before the third run.
func (s *stage) editLocally(run int) []edit {
	if run != 3 {
		return nil
	}
	var out []edit
	for _, l := range s.LocalEdits {
		p, n := s.h.Follow(0, l.Path)
		c := *n
		c.Presence, c.Kind = value.Yes, host.Regular
		c.Content = &host.Content{Kind: host.Literal, Append: true, Prev: n.Content, Text: value.Text("# local edit\n")}
		s.h.Set(host.Key{Space: host.File, Name: p}, &c)
		out = append(out, edit{l.Path, l.Edit, c.Content, s.linksAbove(l.Path)})
	}
	return out
}

func (s *stage) checkEdits(list []edit, got *tally) {
	for _, e := range list {
		_, n := s.h.Follow(0, e.path)
		is := "lost"
		if keeps(n.Content, e.content) && n.Presence != value.No {
			is = "kept"
			if n.Content != e.content && len(n.Content.Or) > 0 || n.Presence != value.Yes {
				is = "may be lost"
			}
		} else if n.Presence != value.No && n.Content != nil && slices.ContainsFunc(n.Content.Or, func(c *host.Content) bool { return keeps(c, e.content) }) {
			is = "may be lost"
		}
		for link, to := range e.links { // what is live is elsewhere now
			if n := s.h.Node(0, link); is == "kept" && n.Link.String() != to {
				is = "superseded"
			}
		}
		got.edits.add(is == e.real)
		if is != e.real {
			got.miss("run 3: local edit of %s was %s, predicted %s", e.path, e.real, is)
		}
	}
}

// keeps tells whether c is made from the edited content.
func keeps(c, edited *host.Content) bool {
	for ; c != nil; c = c.Prev {
		if c == edited {
			return true
		}
	}
	return false
}
