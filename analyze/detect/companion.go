package detect

import (
	"path"
	"slices"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/input"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/shell"
	"github.com/nativize/nativize/analyze/source"
)

// A Companion is what the files beside the scripts declare.
type Companion struct {
	Results []Declared

	repo     *source.Repo
	settings []string                // files that may hold credentials, nil before they are asked for
	secrets  map[string][]credential // of the files that were searched
	late     map[string][]Declared   // of the files that were passed over first
}

// A Declared is what one companion file declares.
type Declared struct {
	Path string
	input.Result
}

// maxCompanion is the size, in bytes, beyond which a companion file is not read.
const maxCompanion = 256 << 10

// Companions reads the files of a repository that declare something about its
// deployment.
func Companions(repo *source.Repo) *Companion {
	c := &Companion{repo: repo}
	for _, f := range repo.Files() {
		if f.Ignored || !f.IsRegular() || f.Size > maxCompanion || vendored(f.Path) || notOurs.MatchString(f.Path) {
			continue
		}
		if len(input.For(f.Path, nil)) == 0 && !maybeClaimed(f) {
			continue
		}
		c.Results = append(c.Results, c.read(f.Path)...)
	}
	c.exported()
	return c
}

// notOurs are places of what is not deployed: tests and examples of others.
var notOurs = lazyregexp.New(`(^|/)(tests?|spec|fixtures?|testdata|__tests__|e2e|locales?|i18n|translations?)/`)

// read reads one file as all that it claims to be.
func (c *Companion) read(name string) []Declared {
	b, err := c.repo.Read(name)
	if err != nil || source.IsBinary(b) {
		return nil
	}
	var out []Declared
	for _, k := range input.For(name, b[:min(len(b), input.HeadSize)]) {
		out = append(out, Declared{name, k.Parse(name, b)})
	}
	return out
}

// Of returns what one file declares; a file that was passed over is read now.
func (c *Companion) Of(name string) []Declared {
	var out []Declared
	for _, r := range c.Results {
		if r.Path == name {
			out = append(out, r)
		}
	}
	if len(out) > 0 {
		return out
	}
	late, ok := c.late[name]
	if !ok {
		if c.late == nil {
			c.late = map[string][]Declared{}
		}
		late = c.read(name)
		c.late[name] = late
	}
	return late
}

// maybeClaimed tells of files that only their beginning shows: scripts without
// a suffix.
func maybeClaimed(f source.File) bool {
	return f.Mode&0o111 != 0 && path.Ext(f.Path) == "" && f.Size < 64<<10
}

// Join adds what the companion files declare to the facts of the scripts. What
// an analysed script installs counts as the script's; the rest has the origin
// companion.
func (c *Companion) Join(d *model.Deployment, entry string) {
	newJoiner(d, shell.Tree(c.repo), model.FromScript).written()
	j := newJoiner(d, shell.Tree(c.repo), model.FromCompanion)
	for i := range c.Results {
		if r := &c.Results[i]; r.Path != entry {
			j.result(r)
		}
	}
	dropKnownAccounts(&d.Facts)
	c.claimed(d)
	c.kept(d)
	Reasons(d, c.repo)
}

var setupName = lazyregexp.New(`(?i)^(install|setup|provision|bootstrap|init|prepare|create)([-_.].*)?$|[-_](install|setup|provision|bootstrap)(\.(sh|bash))?$`)

var undoName = lazyregexp.New(`(?i)(uninstall|remove|rollback|teardown|destroy|clean|test|dev|local|mac|windows|docker|ci)`)

// maxSiblings bounds the scripts beside the entry that are read.
const maxSiblings = 3

// Siblings reads the scripts beside the entry that set the machine up, on the
// machine as the entry leaves it: the account, the packages and the unit that
// they make are facts of the origin companion. The machine and the effects of
// the deployment are left as they were.
func (c *Companion) Siblings(d *model.Deployment, entry string, m *shell.Machine) {
	n := 0
	for _, s := range d.Candidates {
		if n == maxSiblings || c.IsFront(s.Path) || s.Class != model.Server && s.Class != model.Other || s.Path == entry || !setupName.MatchString(path.Base(s.Path)) ||
			undoName.MatchString(path.Base(s.Path)) || !beside(s.Path, entry) || wasRead(m, s.Path) {
			continue
		}
		n++
		c.sibling(d, s.Path, m)
	}
}

func wasRead(m *shell.Machine, name string) bool {
	return slices.ContainsFunc(m.Scripts(), func(s shell.ScriptInfo) bool { return s.Path == name })
}

func (c *Companion) sibling(d *model.Deployment, name string, m *shell.Machine) {
	h := m.Host
	from, remote := len(h.Log), d.Remote
	h.Push()
	if _, err := m.Run(shell.Options{Script: name, Run: 1}); err == nil {
		effects := slices.Clone(h.Log[from:])
		Facts(d, Run{Host: h, Effects: effects, Origin: model.FromCompanion, App: d.App.Name, Sample: c.Sample})
		for _, s := range m.Scripts() {
			if s.Path == name {
				d.Scripts = append(d.Scripts, model.Script{Path: name, Role: "setup", Language: s.Language, Bashism: s.Bashism, Error: s.Error})
			}
		}
	}
	h.Pop()
	h.Log = h.Log[:from:from]
	d.Remote = remote
}

// A front is a file that is no shell script and drives a deployment.
type front struct {
	kind  string
	wants map[string]bool // phases of its shell that belong to a deployment; nil all
}

// fronts are the kinds of files that may be named as the entry.
var fronts = map[string]front{
	"makefile": {"makefile", map[string]bool{"deploy": true, "setup": true, "build": true, "restart": true, "reload": true}}, "dockerfile": {kind: "dockerfile"},
	"github-actions": {"ci", map[string]bool{"deploy": true, "build": true, "setup": true}}, "gitlab-ci": {"ci", map[string]bool{"deploy": true, "build": true, "setup": true}},
	"jenkinsfile": {"ci", map[string]bool{"deploy": true, "build": true, "setup": true}}, "travis-ci": {"ci", map[string]bool{"deploy": true, "build": true, "setup": true}},
	"systemd": {"unit", map[string]bool{}}, "supervisor": {"unit", map[string]bool{}}, "procfile": {"unit", map[string]bool{}}, "pm2": {"unit", map[string]bool{}},
	"upstart": {"unit", map[string]bool{"setup": true, "start": true}}, "sysv": {"unit", map[string]bool{}}, "compose": {"compose", map[string]bool{}},
	"capistrano": {kind: "remote"}, "mina": {kind: "remote"}, "fabric": {kind: "remote"}, "chef": {kind: "recipe"}, "ansible": {kind: "recipe"}, "vagrantfile": {kind: "recipe"},
	"cloud-init": {kind: "userdata"},
	"git-hook":   {"hook", map[string]bool{}}, "markdown": {"doc", map[string]bool{"deploy": true, "setup": true}},
}

// IsFront tells whether a file is read as the entry of a deployment by what it
// embeds, not as a shell script: git hooks and init scripts are such scripts.
func (c *Companion) IsFront(name string) bool {
	return slices.ContainsFunc(c.Of(name), func(r Declared) bool {
		_, ok := fronts[r.Kind]
		return ok && r.Kind != "git-hook" && r.Kind != "sysv"
	})
}

// RunFront walks the shell that a front embeds, for the given run, on the
// machine where it works.
func (c *Companion) RunFront(m *shell.Machine, name string, run int) []*shell.Result {
	var out []*shell.Result
	for _, r := range c.Of(name) {
		f, ok := fronts[r.Kind]
		if !ok {
			continue
		}
		for i := range r.Shell {
			s := &r.Shell[i]
			if f.wants != nil && !f.wants[s.Phase] || s.Interpreter != "" && shell.Language("", "#!"+s.Interpreter) != "sh" && shell.Language("", "#!"+s.Interpreter) != "bash" {
				continue
			}
			out = append(out, m.RunAt(s.Text, s.At, shellOptions(m.Host, s, run)))
		}
	}
	return out
}

// shellOptions says how embedded shell is started.
func shellOptions(h *host.Host, s *input.Shell, run int) shell.Options {
	opt := shell.Options{Run: run, User: s.User, Args: s.Args, Env: map[string]string{}}
	if path.IsAbs(s.Dir) {
		opt.Cwd = s.Dir
	}
	for _, e := range s.Env {
		opt.Env[e.Key] = e.Value
	}
	if s.Where == input.Remote {
		name := s.Host
		if name == "" {
			name = "${SERVER}"
		}
		opt.Where = h.Machine(name, "remote")
	}
	return opt
}

// Declared adds what the entry itself declares: a unit, a Makefile or the like
// that was named as the script.
func (c *Companion) Declared(d *model.Deployment, entry string) {
	j := newJoiner(d, shell.Tree(c.repo), model.FromScript)
	for _, r := range c.Of(entry) {
		if _, ok := fronts[r.Kind]; ok {
			j.result(&r)
			if fronts[r.Kind].kind == "remote" {
				d.Remote = true
			}
		}
	}
}
