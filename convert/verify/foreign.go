package verify

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/value"
	"github.com/nativize/nativize/convert/plan"
)

// A package of another maker comes without a plan: what its service writes, what
// its dependencies bring and what its own programs do is not known. The rules
// here keep apart what its files prove and what they leave open.

func (s *Spec) foreign() bool { return s.Versions[1].Plan == nil }

// sharedFiles are files that several packages make and that none may delete: those of
// mail transport agents (Debian Policy 11.6).
var sharedFiles = map[string]bool{"/etc/mailname": true, "/etc/aliases": true}

// family are words at the end of a name that tell the parts of one source apart.
var family = lazyregexp.New(`(-(common|core|base|config|data|bin|daemon|server|client|tools|utils|node|sentinel|dbg|doc|light|heavy|full|extras|system|bus|libs?))+$`)

// stem is a name without the word that tells it from other packages of its
// source, and without a version: nginx for nginx-common, apache for apache2.
func stem(name string) string {
	return strings.TrimRight(family.ReplaceAllString(name, ""), "-.0123456789")
}

// kin tells whether a dependency is of the same source by its name, or bears the
// name that is asked for: what the package misses can be that one's.
func (p *Package) kin(asked string) bool {
	return slices.ContainsFunc(p.Depends, func(d string) bool {
		name := dependencyName(d)
		return name != p.Name && (stem(name) == stem(p.Name) || name == asked)
	})
}

// maxLent bounds the rounds of lend; each finds at least one thing.
const maxLent = 8

// lend lays on the machine what the first installation misses and what a
// dependency of the same source can have made: accounts, and directories named
// after the source. It returns what was lent.
func (s *Spec) lend() []string {
	if !s.foreign() {
		return nil
	}
	var lent []string
	for range maxLent {
		t := s.play(Scenarios()[0], environments(s.Versions[1].Format)[0])
		found := false
		for _, c := range t.Stages[0].Calls {
			if c.Result == nil {
				continue
			}
			for _, f := range c.Result.Failures {
				if what := s.lendOne(f.Why); what != "" && !slices.Contains(lent, what) {
					lent, found = append(lent, what), true
				}
			}
		}
		if !found {
			break
		}
	}
	return lent
}

// lendOne lays one thing that a failure names; "" when it cannot be a
// dependency's.
func (s *Spec) lendOne(why string) string {
	p := s.Versions[1]
	if name, ok := strings.CutPrefix(why, "there is no account "); ok && p.kin(name) {
		s.before(func(h *host.Host) { layAccount(h, name) })
		return "account " + name
	}
	if name, ok := strings.CutPrefix(why, "there is no group "); ok && p.kin(name) {
		s.before(func(h *host.Host) { layGroup(h, name) })
		return "group " + name
	}
	name, ok := strings.CutSuffix(why, " is not there")
	if ok && strings.HasPrefix(name, "/") && strings.Contains(name, "/"+stem(p.Name)) && p.kin("") {
		n := host.Node{Kind: host.Dir, Presence: value.Yes, Owner: "root", Group: "root", Mode: "0755"}
		if path.Ext(name) != "" && !strings.HasSuffix(name, ".d") {
			n.Kind, n.Mode, n.Content = host.Regular, "0644", &host.Content{Kind: host.Unknown}
		}
		s.before(func(h *host.Host) { h.Lay(name, &n) })
		return name
	}
	return ""
}

func layAccount(h *host.Host, name string) {
	h.Set(host.Key{Space: host.User, Name: name}, &host.UserEntry{Name: name, Presence: value.Yes, UID: "49", Group: name})
	layGroup(h, name)
}

func layGroup(h *host.Host, name string) {
	h.Set(host.Key{Space: host.Group, Name: name}, &host.Flag{Presence: value.Yes, ID: "49"})
}

// before adds to what a machine has before the first step.
func (s *Spec) before(lay func(*host.Host)) {
	first := s.start
	s.start = func(h *host.Host) {
		if first != nil {
			first(h)
		}
		lay(h)
	}
}

// settled tells apart what is proven of a package of another maker and what
// hangs on something that is not known.
func (s *Spec) settled(list []Violation) (proven, open []Violation) {
	if !s.foreign() {
		return list, nil
	}
	for _, v := range list {
		if v.open || s.copyOfOpen(list, v) || strings.Contains(v.Text, "${") || s.lacking(v) {
			open = append(open, v)
		} else {
			proven = append(proven, v)
		}
	}
	return proven, open
}

// copyOfOpen tells of a file that scripts keep beside one whose text is not
// known.
func (s *Spec) copyOfOpen(list []Violation, v Violation) bool {
	return slices.ContainsFunc(list, func(o Violation) bool {
		name, _, ok := strings.Cut(strings.TrimPrefix(o.Text, "file "), ": ")
		return ok && strings.Contains(o.Text, "${") && slices.ContainsFunc(suffixes, func(suffix string) bool { return strings.Contains(v.Text, "file "+name+suffix+":") })
	})
}

var noAccount = lazyregexp.New(`there is no (?:account|group) (\S+)$`)

// lacking tells of an account that a unit names and a dependency can make.
func (s *Spec) lacking(v Violation) bool {
	m := noAccount.FindStringSubmatch(v.Text)
	return v.Invariant == "runnable" && m != nil && s.Versions[1].kin(m[1])
}

// undecided tells whether the i-th failure of a call hangs on what is not
// known: a value, a test that was assumed, or a file that a command could have
// made which is not understood.
func (c Call) undecided(why string) bool {
	if c.Result == nil {
		return false
	}
	if strings.Contains(why, "${") || why == "" && len(c.Result.Assumed)+len(c.Result.Opaque) > 0 {
		return true
	}
	return strings.HasSuffix(why, " is not there") && len(c.Result.Opaque) > 0
}

// foreseen tells of a command that its author knows to fail at times: its
// messages are thrown away, it only asks, or the script turns "set -e" off.
func (t *Trace) foreseen(c Call, text string) bool {
	for _, sc := range t.Spec.Versions[1].Scripts {
		if sc.Name == c.Script && goesOnAfterFailure(sc.Text) {
			return true
		}
	}
	return strings.HasPrefix(text, "dpkg-statoverride --list") || silenced(text)
}

// goesOnAfterFailure tells of a script that has the command set +e.
func goesOnAfterFailure(text string) bool {
	f, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), "")
	if err != nil {
		return false
	}
	found := false
	syntax.Walk(f, func(n syntax.Node) bool {
		if c, ok := n.(*syntax.CallExpr); ok && len(c.Args) == 2 && c.Args[0].Lit() == "set" && c.Args[1].Lit() == "+e" {
			found = true
		}
		return !found
	})
	return found
}

// silenced tells of a command whose messages go to /dev/null.
func silenced(text string) bool {
	f, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), "")
	if err != nil || len(f.Stmts) != 1 {
		return false
	}
	return slices.ContainsFunc(f.Stmts[0].Redirs, func(r *syntax.Redirect) bool {
		stderr := r.N != nil && r.N.Value == "2" || r.Op == syntax.RdrAll
		return stderr && r.Word != nil && r.Word.Lit() == "/dev/null"
	})
}

// oneshot tells of a unit that has no process when it has done its work
// (systemd.service(5)): that it is active says nothing of a running program.
func (p *Package) oneshot(unit string) bool {
	for _, f := range p.Files {
		if path.Base(f.Path) != unit || !strings.HasSuffix(path.Dir(f.Path), "systemd/system") {
			continue
		}
		if text, ok := f.Content.Known(); ok {
			return has(unitLines(text.String()), "Type", "oneshot")
		}
	}
	return false
}

// triggered tells of a service that a socket, path or timer of the package
// starts: it runs again when there is work.
func (p *Package) triggered(unit string) bool {
	name := strings.TrimSuffix(unit, ".service")
	for _, f := range p.Files {
		switch base := path.Base(f.Path); path.Ext(base) {
		case ".socket", ".path", ".timer":
			if strings.TrimSuffix(base, path.Ext(base)) == name {
				return true
			}
			if text, ok := f.Content.Known(); ok && (has(unitLines(text.String()), "Service", unit) || has(unitLines(text.String()), "Unit", unit)) {
				return true
			}
		}
	}
	return false
}

// companions are settings of a unit that name others of its own.
var companions = []string{"Alias", "Also", "Sockets", "Requires", "BindsTo", "PartOf", "Requisite", "Upholds", "Wants", "Service", "Unit"}

// ownUnits are the units and init scripts of a package of another maker: those of
// its payload, and those that these name.
func (p *Package) ownUnits() []string {
	var out []string
	for _, f := range p.Files {
		dir, name := path.Dir(f.Path), path.Base(f.Path)
		switch {
		case dir == "/etc/init.d" || dir == "/etc/rc.d/init.d":
			out = append(out, name)
		case strings.HasSuffix(dir, "systemd/system") && f.Kind != host.Dir:
			out = append(out, name)
			if text, ok := f.Content.Known(); ok {
				for _, l := range unitLines(text.String()) {
					if slices.Contains(companions, l.key) {
						out = append(out, strings.Fields(l.value)...)
					}
				}
			}
		}
	}
	return out
}

// created takes in what scripts of a deb make where nothing was: it is the
// package's own, and what of it a purge leaves is found there.
func (o *owned) created(t *Trace) {
	for p := range o.exact {
		if path.Base(p) == o.stem {
			o.trees = append(o.trees, p)
		}
	}
	if t.World.Format != plan.Deb {
		return
	}
	for _, s := range t.Stages {
		for _, e := range t.World.Host.Log[s.from:s.to] {
			if e.User == "" || e.Met != "new" || !slices.Contains(makes, e.Op) {
				continue
			}
			for _, suffix := range append(suffixes, "") {
				o.exact[e.Path+suffix] = true
			}
		}
	}
}

// makes are the effects that make a file; one that only adds to it counts on its
// being there.
var makes = []host.Op{host.Write, host.CopyTo, host.MoveTo, host.Symlink, host.Hardlink, host.Touch, host.Extract, host.Fetch, host.MakeDir}
