package verify

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/analyze/value"
	"github.com/nativize/nativize/convert/plan"
	"github.com/nativize/nativize/convert/target"
)

// A Package is one version of a package in one format, as a package manager
// sees it.
type Package struct {
	Format  plan.Format
	Name    string
	Version string
	Files   []File            // sorted by path, parents before children
	Scripts map[string]Script // by nfpm's names, see pack.Listing
	Depends []string          // in the format's grammar
	Plan    *plan.Package     // nil for a package made elsewhere
}

// A Config says what a package manager does with a file that was edited.
type Config uint8

// The kinds of configuration files. On deb and archlinux there is only
// Conffile; on rpm Conffile is %config(noreplace) and Replaced plain %config.
const (
	NoConfig Config = iota
	Conffile
	Replaced
)

// A File is one path of the payload.
type File struct {
	Path         string
	Kind         host.NodeKind
	Mode         uint32 // permission bits with setuid, setgid and sticky
	Owner, Group string // "" is root
	Link         string // text of a link
	Config       Config
	Secret       bool // nobody but its group may read it
	Content      *host.Content
	At           []source.Pos // what asked for it
}

// A Script is a maintainer script with the name it has in positions.
type Script struct {
	Name string
	Text string
}

// File returns the entry of a path.
func (p *Package) File(name string) (File, bool) {
	i, ok := slices.BinarySearchFunc(p.Files, name, func(f File, n string) int { return cmp.Compare(f.Path, n) })
	if !ok {
		return File{}, false
	}
	return p.Files[i], true
}

// Configs returns the paths of the configuration files.
func (p *Package) Configs() []string {
	var out []string
	for _, f := range p.Files {
		if p.isConfig(f) {
			out = append(out, f.Path)
		}
	}
	return out
}

// editable returns the files that an administrator may edit: the configuration
// files, and what else lies below /etc but init scripts.
func (p *Package) editable() []string {
	var out []string
	for _, f := range p.Files {
		if p.isConfig(f) || f.Kind == host.Regular && under(f.Path, "/etc") && !underAny(f.Path, []string{"/etc/init.d", "/etc/rc.d", "/etc/systemd/system"}) {
			out = append(out, f.Path)
		}
	}
	return out
}

// isConfig tells whether the package manager keeps edits of a file. apk keeps
// those of every file below /etc (apk-tools, protected paths).
func (p *Package) isConfig(f File) bool {
	if f.Kind != host.Regular {
		return false
	}
	return f.Config != NoConfig || p.Format == plan.APK && strings.HasPrefix(f.Path, "/etc/") && !strings.HasPrefix(f.Path, "/etc/init.d/")
}

// scriptFiles are the files of generated maintainer scripts, by format and by
// nfpm's names.
var scriptFiles = map[plan.Format]map[string]string{
	plan.Deb: {"preinstall": "deb/preinst", "postinstall": "deb/postinst", "preremove": "deb/prerm", "postremove": "deb/postrm"},
	plan.RPM: {"pretrans": "rpm/pretrans", "preinstall": "rpm/pre", "postinstall": "rpm/post", "preremove": "rpm/preun", "postremove": "rpm/postun", "posttrans": "rpm/posttrans"},
	plan.APK: {"preinstall": "apk/pre-install", "postinstall": "apk/post-install", "preremove": "apk/pre-deinstall", "postremove": "apk/post-deinstall",
		"preupgrade": "apk/pre-upgrade", "postupgrade": "apk/post-upgrade"},
	plan.Arch: {"preinstall": "arch/pre_install", "postinstall": "arch/post_install", "preremove": "arch/pre_remove", "postremove": "arch/post_remove",
		"preupgrade": "arch/pre_upgrade", "postupgrade": "arch/post_upgrade"},
}

// FromPlan returns the package that a plan makes in one format. read returns
// files of the repository; a configuration file that it does not have is an
// error.
func FromPlan(p *plan.Package, format plan.Format, read func(string) ([]byte, error)) (*Package, error) {
	out := &Package{Format: format, Name: p.Name, Version: p.Version, Plan: p, Depends: p.Depends[format], Scripts: map[string]Script{}}
	scripts, err := target.Scripts(p, format)
	if err != nil {
		return nil, fmt.Errorf("write the maintainer scripts of %s: %w", format, err)
	}
	for name, text := range scripts {
		out.Scripts[name] = Script{Name: "packaging/scripts/" + scriptFiles[format][name], Text: text}
	}
	for _, e := range slices.Concat(p.Payload, target.ExtraEntries(p)) {
		if len(e.Formats) > 0 && !slices.Contains(e.Formats, format) {
			continue
		}
		f, err := fromEntry(p, e, read)
		if err != nil {
			return nil, err
		}
		out.Files = append(out.Files, f)
	}
	out.sort()
	out.trees()
	return out, nil
}

// trees gives the directories below one that a build step makes its content:
// what else lies in them is not known.
func (p *Package) trees() {
	var top []File
	for i := range p.Files {
		f := &p.Files[i]
		for len(top) > 0 && !under(f.Path, top[len(top)-1].Path) {
			top = top[:len(top)-1]
		}
		if f.Kind == host.Dir && f.Content == nil && len(top) > 0 {
			f.Content = top[len(top)-1].Content
		}
		if f.Kind == host.Dir && f.Content != nil {
			top = append(top, *f)
		}
	}
}

func (p *Package) sort() {
	slices.SortStableFunc(p.Files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	p.Files = slices.CompactFunc(p.Files, func(a, b File) bool { return a.Path == b.Path })
}

func fromEntry(p *plan.Package, e plan.Entry, read func(string) ([]byte, error)) (File, error) {
	f := File{Path: path.Clean(e.Path), Mode: e.Mode, Owner: e.Owner, Group: e.Group, Secret: e.Secret, At: e.At}
	switch e.Type {
	case plan.Dir_:
		f.Kind = host.Dir
	case plan.Symlink:
		f.Kind, f.Link = host.Link, e.Src
	case plan.Tree:
		f.Kind, f.Content = host.Dir, &host.Content{Kind: host.Built, Path: e.Src}
	default:
		f.Kind = host.Regular
		if e.Conffile {
			f.Config = Conffile
		}
		c, err := contentOf(p, e, read)
		if err != nil {
			return File{}, err
		}
		f.Content = c
	}
	if f.Mode == 0 {
		f.Mode = defaultMode(f.Kind)
	}
	return f, nil
}

func defaultMode(k host.NodeKind) uint32 {
	switch k {
	case host.Dir:
		return 0o755
	case host.Link:
		return 0o777
	}
	return 0o644
}

func contentOf(p *plan.Package, e plan.Entry, read func(string) ([]byte, error)) (*host.Content, error) {
	switch e.Origin {
	case plan.Text_:
		for _, t := range p.Texts {
			if t.Path == e.Src {
				return literal(string(t.Data)), nil
			}
		}
		return nil, fmt.Errorf("the payload's %s has no text %s", e.Path, e.Src)
	case plan.Staged:
		return &host.Content{Kind: host.Built, Path: e.Src}, nil
	}
	if !e.Conffile {
		return &host.Content{Kind: host.RepoFile, Path: e.Src}, nil
	}
	b, err := read(e.Src)
	if err != nil {
		return nil, fmt.Errorf("read the configuration file %s: %w", e.Src, err)
	}
	return literal(string(b)), nil
}

func literal(text string) *host.Content {
	return &host.Content{Kind: host.Literal, Text: value.Text(text)}
}

// Versions makes, from one package, those that the scenarios need: 1 the package, 2
// a later one with other code, 3 a later one with other shipped configuration,
// 4 a later one without its configuration files.
func Versions(p *Package) [5]*Package {
	next := func(n string, f func(File) (File, bool)) *Package {
		c := *p
		c.Version = p.Version + "+" + n
		c.Files = nil
		for _, file := range p.Files {
			if g, keep := f(file); keep {
				c.Files = append(c.Files, g)
			}
		}
		return &c
	}
	later := func(f File) (File, bool) { return p.newCode(f), true }
	return [5]*Package{1: p, 2: next("2", later),
		3: next("3", func(f File) (File, bool) {
			f = p.newCode(f)
			if p.isConfig(f) {
				f.Content = appended(f.Content, "# a new default\n")
			}
			return f, true
		}),
		4: next("4", func(f File) (File, bool) { return p.newCode(f), !p.isConfig(f) || p.Format == plan.APK }),
	}
}

// newCode gives a file of code other bytes; texts that the scripts and the
// service manager read stay.
func (p *Package) newCode(f File) File {
	if c := f.Content; c != nil && f.Kind == host.Regular && !p.isConfig(f) && (c.Kind == host.Extracted || c.Kind == host.RepoFile && !p.template(f.Path)) {
		n := *c
		n.Kind, n.URL = host.Extracted, n.URL+"+"
		f.Content = &n
	}
	return f
}

// template tells whether a step of the plan reads a file.
func (p *Package) template(name string) bool {
	return p.Plan != nil && slices.ContainsFunc(p.Plan.Steps, func(s plan.Step) bool { return s.Source == name })
}

func appended(c *host.Content, text string) *host.Content {
	if v, ok := c.Known(); ok {
		return &host.Content{Kind: host.Literal, Text: value.Concat(v, value.Text(text))}
	}
	return &host.Content{Kind: host.Edited, Prev: c, Edit: text}
}
