package templates

import (
	"bytes"
	"slices"
	"strings"
)

// A Script is all that the maintainer scripts of one format do. Each script's
// template writes only what there is to do: an empty list leaves no trace.
//
// Every path is absolute and clean. R stands before each path: "$ROOT" in
// Debian's scripts, which dpkg may run from outside the target system
// (deb(7), dpkg(1) --force-script-chrootless), and "" in the others.
type Script struct {
	Name   string // package
	Format string // deb, rpm, apk, arch: which step template
	R      string // "$ROOT" or ""
	Owner  bool   // chown goes through owner(), for R
	Owned  string // shell that succeeds when the package manager knows $1
	Stash  string // where the take-over keeps what it found
	Suffix string // of the packaged default beside an adopted conffile

	Accounts []Account
	Sysusers string // file name in sysusers.d, "" none
	Tmpfiles string // file name in tmpfiles.d, "" none
	Dirs     []Dir
	Protect  []Protect

	Keep  []Keep   // configuration to adopt
	Aside []Aside  // what is moved out of the way
	Swap  []Aside  // conffiles of rpm whose packaged text must win
	Land  []string // conffiles of rpm inside a directory that was moved away
	State []State

	Stop      string   // what stops and starts a unit: deb-systemd-invoke, systemctl
	StopFirst []string // units stopped before anything is moved

	OldUnits []string // units of the old deployment that are not the package's
	OldInits []string // its start scripts, by path

	Services Services
	Before   []Step // before the services start
	After    []Step // after the services started
	Purge    []Step // commands at purge of deb
	Sites    []Step // links to remove on purge, by Path
	Generate []Step // files to remove on purge
	PurgeDir []Dir
	// PurgeParents are directories that stood above those of PurgeDir, deepest
	// first: removed when nothing else is in them.
	PurgeParents []string
}

// An Account is a user with its primary group, or a group alone.
type Account struct {
	Ref    Ref
	Name   string
	User   bool
	Group  string // primary group
	Groups []string
	UID    string // "" free
	GECOS  string // no colon
	Home   string
	Shell  string
}

// A Dir is made when missing.
type Dir struct {
	Ref         Ref
	Path        string
	Mode        uint32
	User, Group string
}

// A Protect sets owner and mode of a path after it is unpacked.
type Protect struct {
	Ref         Ref
	Path        string
	Mode        uint32
	User, Group string
}

// A Keep copies a configuration file of the old deployment: the first of From
// that exists becomes the text of To. With Tree, To and From are directories
// and every file below is kept, the first place that has it winning.
type Keep struct {
	Ref  Ref
	To   string
	From []string
	Tree bool
}

// An Aside moves a path out of the way; with Real only if it is no symbolic
// link, with Unit also the links that enabled it.
type Aside struct {
	Ref  Ref
	Path string
	Real bool
	Unit string
}

// A State copies what the old deployment kept at From to To.
type State struct {
	Ref         Ref
	From, To    string
	User, Group string
	Mode        uint32
	Above       []Dir // directories of the package that To lies in, made first
}

// Services says what becomes of the units, by systemd's or OpenRC's names.
type Services struct {
	All     []string // stopped on removal
	Enable  []string
	Start   []string // first install
	Restart []string // upgrade, if running
	Reload  []string // upgrade, if running
	Ref     Ref
}

// Differ tells whether the first installation and an upgrade do not restart the
// same units.
func (s Services) Differ() bool { return !slices.Equal(s.Start, s.Restart) }

// Kept are the units that an upgrade does not restart.
func (s Services) Kept() []string {
	var out []string
	for _, u := range s.Start {
		if !slices.Contains(s.Restart, u) {
			out = append(out, u)
		}
	}
	return out
}

// Any tells whether there is a unit at all.
func (s Services) Any() bool { return len(s.All) > 0 }

// A Step is run beyond the standard ones.
type Step struct {
	Ref    Ref
	Kind   string // generate, run, reload, nginx, apache
	Moment string // "", first, upgrade
	Name   string
	Why    string // comment above it
	User   string // "" root
	Dir    string
	Shell  string // run: POSIX shell
	Path   string // generate
	Source string // generate
	Mode   uint32
	Group  string
	Values []Value
}

// A Value is a placeholder of a generated file and the shell that prints what
// replaces it.
type Value struct {
	Index int // from 1
	Key   string
	Shell string
}

// TakesOver tells whether the script needs the stash.
func (s Script) TakesOver() bool { return len(s.Keep)+len(s.Aside)+len(s.Swap) > 0 }

// NeedsStash tells whether the script after unpacking needs the stash.
func (s Script) NeedsStash() bool {
	return s.Format == "arch" && s.TakesOver() || len(s.Keep)+len(s.Swap)+len(s.OldInits) > 0 ||
		len(s.State) > 0 && len(s.Aside) > 0
}

// Trees tells whether a directory of configuration is adopted.
func (s Script) Trees() bool {
	return slices.ContainsFunc(s.Keep, func(k Keep) bool { return k.Tree })
}

// StopUnits are stopped before the first start: what the old deployment
// started under other names, and, while state is copied, the package's own, of
// which the old deployment may run one.
func (s Script) StopUnits() []string {
	if len(s.State) == 0 {
		return s.OldUnits
	}
	return slices.Concat(s.OldUnits, s.Services.All)
}

// Stops tells whether anything is stopped before the first start.
func (s Script) Stops() bool { return len(s.StopUnits())+len(s.OldInits) > 0 }

// AsideUnits tells whether units of the old deployment are moved.
func (s Script) AsideUnits() bool {
	return slices.ContainsFunc(s.Aside, func(a Aside) bool { return a.Unit != "" })
}

// PostrmRoot tells whether postrm needs the target's root.
func (s Script) PostrmRoot() bool {
	return s.TakesOver() || s.Services.Any() ||
		len(s.Purge)+len(s.Sites)+len(s.Generate)+len(s.PurgeDir) > 0
}

// FirstSteps are the commands before the first start.
func (s Script) FirstSteps() []Step { return s.At(s.Not(s.Before, "generate"), "first") }

// UpgradeSteps are the commands before a restart.
func (s Script) UpgradeSteps() []Step { return s.At(s.Not(s.Before, "generate"), "upgrade") }

// UsesOwner tells whether anything is given to an account.
func (s Script) UsesOwner() bool {
	return s.Generates() || len(s.Dirs)+len(s.Protect)+len(s.State) > 0
}

// Generates tells whether a file is made from a template.
func (s Script) Generates() bool { return hasKind(s.Before, "generate") }

// Runs tells whether a command of the application is run.
func (s Script) Runs() bool { return hasKind(s.Before, "run") || hasKind(s.After, "run") }

func hasKind(steps []Step, kind string) bool {
	return slices.ContainsFunc(steps, func(s Step) bool { return s.Kind == kind })
}

// Users returns the accounts that are users.
func (s Script) Users() []Account {
	var out []Account
	for _, a := range s.Accounts {
		if a.User {
			out = append(out, a)
		}
	}
	return out
}

// At returns the steps that run at a moment; a step of every configuration is
// in both. moment is "first" or "upgrade".
func (s Script) At(steps []Step, moment string) []Step {
	var out []Step
	for _, st := range steps {
		if st.Moment == "" || st.Moment == moment {
			st.Moment = ""
			out = append(out, st)
		}
	}
	return out
}

// Of returns the steps of a kind, Not the others.
func (s Script) Of(steps []Step, kind string) []Step { return filter(steps, kind, true) }

// Not returns the steps that are not of a kind.
func (s Script) Not(steps []Step, kind string) []Step { return filter(steps, kind, false) }

func filter(steps []Step, kind string, want bool) []Step {
	var out []Step
	for _, st := range steps {
		if (st.Kind == kind) == want {
			out = append(out, st)
		}
	}
	return out
}

// Steps writes steps as the format does, each after an empty line, indented by
// pad spaces.
func (s Script) Steps(steps []Step, moment string, pad int) (string, error) {
	fail := map[string]string{"rpm": " || exit 1", "apk": " || exit 1", "arch": " || return 1"}[s.Format]
	var out strings.Builder
	for _, st := range steps {
		var b bytes.Buffer
		data := struct {
			S       Step
			R, Name string
			Fail    string
		}{st, s.R, s.Name, fail}
		if err := all().ExecuteTemplate(&b, s.Format+"_step", data); err != nil {
			return "", err
		}
		out.WriteString("\n\n" + indent(pad, b.String()))
	}
	return out.String(), nil
}

// Command is the step's shell text as one word. syntax.Quote refuses new lines
// and tabs, which are harmless inside single quotes: the text is quoted in the
// pieces between them.
func (s Step) Command() (string, error) { return quoteText(s.Shell) }

// Expands tells whether the shell text holds an expansion, which quoting then
// leaves to the step's own shell.
func (s Step) Expands() bool { return strings.ContainsAny(s.Shell, "$`") }

// StrictCommand is Command for a shell that was not started with -e.
func (s Step) StrictCommand() (string, error) { return quoteText("set -e; " + s.Shell) }

func quoteText(s string) (string, error) {
	var b strings.Builder
	for s != "" {
		i := strings.IndexAny(s, "\n\t")
		piece := s
		if i >= 0 {
			piece = s[:i]
		}
		if piece != "" {
			q, err := shell(piece)
			if err != nil {
				return "", err
			}
			b.WriteString(q)
		}
		if i < 0 {
			break
		}
		b.WriteString("'" + strings.ReplaceAll(s[i:i+1], "\n", newline) + "'")
		s = s[i+1:]
	}
	if b.Len() == 0 {
		return "''", nil
	}
	return b.String(), nil
}

// DebPreinst is the preinst of a deb: deb-preinst(5), Debian Policy 6.5.
func DebPreinst(s Script) (Text, error) { return fill("deb_preinst.sh.tmpl", s) }

// DebPostinst is the postinst of a deb.
func DebPostinst(s Script) (Text, error) { return fill("deb_postinst.sh.tmpl", s) }

// DebPrerm is the prerm of a deb.
func DebPrerm(s Script) (Text, error) { return fill("deb_prerm.sh.tmpl", s) }

// DebPostrm is the postrm of a deb.
func DebPostrm(s Script) (Text, error) { return fill("deb_postrm.sh.tmpl", s) }

// RPMPre is %pre of an rpm.
func RPMPre(s Script) (Text, error) { return fill("rpm_pre.sh.tmpl", s) }

// RPMPost is %post of an rpm.
func RPMPost(s Script) (Text, error) { return fill("rpm_post.sh.tmpl", s) }

// RPMPreun is %preun of an rpm.
func RPMPreun(s Script) (Text, error) { return fill("rpm_preun.sh.tmpl", s) }

// RPMPostun is %postun of an rpm.
func RPMPostun(s Script) (Text, error) { return fill("rpm_postun.sh.tmpl", s) }

// RPMPosttrans is %posttrans of an rpm.
func RPMPosttrans(s Script) (Text, error) { return fill("rpm_posttrans.sh.tmpl", s) }

// APKPreInstall is .pre-install and .pre-upgrade of an apk.
func APKPreInstall(s Script) (Text, error) { return fill("apk_pre_install.sh.tmpl", s) }

// APKPostInstall is .post-install of an apk.
func APKPostInstall(s Script) (Text, error) { return fill("apk_post_install.sh.tmpl", s) }

// APKPostUpgrade is .post-upgrade of an apk.
func APKPostUpgrade(s Script) (Text, error) { return fill("apk_post_upgrade.sh.tmpl", s) }

// APKPreDeinstall is .pre-deinstall of an apk.
func APKPreDeinstall(s Script) (Text, error) { return fill("apk_pre_deinstall.sh.tmpl", s) }

// ArchPostInstall is the body of post_install() of a pacman package.
func ArchPostInstall(s Script) (Text, error) { return fill("arch_post_install.sh.tmpl", s) }

// ArchPostUpgrade is the body of post_upgrade() of a pacman package.
func ArchPostUpgrade(s Script) (Text, error) { return fill("arch_post_upgrade.sh.tmpl", s) }

// ArchPreRemove is the body of pre_remove() of a pacman package.
func ArchPreRemove(s Script) (Text, error) { return fill("arch_pre_remove.sh.tmpl", s) }
