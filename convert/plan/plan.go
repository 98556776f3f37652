// Package plan is a package before it is written: types only.
package plan

import "github.com/nativize/nativize/analyze/source"

// A Format is a package format, by nfpm's name.
type Format string

// The formats.
const (
	Deb  Format = "deb"
	RPM  Format = "rpm"
	APK  Format = "apk"
	Arch Format = "archlinux"
	IPK  Format = "ipk"
)

// Formats are those built by default, in that order.
var Formats = []Format{Deb, RPM, APK, Arch}

// A Package is all that a package manager needs. Every effect of the
// Deployment is in one of its parts, and every step has its Fate.
type Package struct {
	Name       string // valid on every format: [a-z0-9][a-z0-9+.-]+
	Epoch      string
	Version    string // orders right on every format; no hyphen
	Release    string
	Arch       string // "all", or a Debian architecture
	Summary    string // one line, no full stop
	Text       string // description, lines of plain text
	Maintainer string // "Name <address>", "" when nobody is named
	Vendor     string
	Homepage   string
	License    string // SPDX
	// LicenseFile is the path in the repository of the licence's text, "" none.
	// It is shipped as the copyright file of deb and the licence of the others.
	LicenseFile string
	Section     string // Debian section
	Changelog   []Release
	MTime       int64 // seconds since 1970 for all payload: commit date or SOURCE_DATE_EPOCH

	CodeDir string // where the code is installed, absolute
	OldDir  string // where the old deployment kept it, "" unknown

	Payload  []Entry   // sorted by Path; parents before children
	Accounts []Account // sysusers.d(5)
	Dirs     []Dir     // state, logs, cache, run: made at install, not payload
	Units    []Unit    // systemd.unit(5); the texts are payload entries as well
	Steps    []Step    // run by maintainer scripts beyond the standard ones, in order
	TakeOver TakeOver

	Depends    map[Format][]string // in each format's own grammar, sorted
	Recommends map[Format][]string
	Conflicts  map[Format][]string

	Stage   []Build // build steps, in order; empty when nothing is built
	Exclude []Rule  // what of the repository stays out of the payload
	Texts   []Text  // generated files of packaging/ that are payload sources

	Manual   []Note // what an administrator must do once
	Fates    []Fate // one a statement of the scripts, in their order
	Unplaced []Fate // what became of nothing
}

// NoContact stands where a format demands a maintainer and nobody is named:
// deb (Debian Policy 5.6.2) and changelogs. It is nobody's mailbox and cannot
// become one: names below "invalid" never exist (RFC 2606, RFC 6761 6.4).
const NoContact = "Maintainer not named <not-named@maintainer.invalid>"

// Contact is the maintainer, or NoContact.
func (p *Package) Contact() string {
	if p.Maintainer == "" {
		return NoContact
	}
	return p.Maintainer
}

// A Release is one entry of the changelog.
type Release struct {
	Version string
	Date    int64
	Author  string // "Name <address>", "" the maintainer
	Changes []string
}

// An EntryType is the type of a payload entry.
type EntryType string

// The types of payload entries. A Tree is a directory that a build step makes:
// it is walked when the package is built.
const (
	File    EntryType = "file"
	Dir_    EntryType = "dir"
	Symlink EntryType = "symlink"
	Tree    EntryType = "tree"
)

// An Origin says where the bytes of an entry come from.
type Origin string

// The origins: Repo is a path of the repository, Text a path of packaging/
// (one of Package.Texts), Staged a path of the staging tree that
// packaging/stage.sh makes.
const (
	Repo   Origin = "repo"
	Text_  Origin = "text"
	Staged Origin = "staged"
)

// An Entry is one path of the payload.
type Entry struct {
	Path     string // absolute on the machine
	Type     EntryType
	Origin   Origin
	Src      string // relative to its origin; the link text for a Symlink
	Mode     uint32 // permission bits with setuid, setgid, sticky; 0 means 0644, 0755 for a directory
	Owner    string // "" is root
	Group    string // "" is root
	Conffile bool
	Secret   bool     // mode and group are also set by postinst on deb and archlinux
	Formats  []Format // nil means all
	At       []source.Pos
	Why      string
}

// A Text is a generated file below packaging/ that goes into the payload.
type Text struct {
	Path  string // relative to packaging/, e.g. "etc/app.ini", "units/app.service"
	Data  []byte
	Mode  uint32
	Lines []LineSource // where its lines come from, for explain
}

// A LineSource ties lines of a generated file to their cause.
type LineSource struct {
	From, To int // lines, from 1, inclusive
	At       []source.Pos
	Why      string
}

// An Account is a system user with its group, or a group alone.
type Account struct {
	Name   string
	Group  string   // primary group, "" of the same name
	Groups []string // further memberships
	Home   string
	Shell  string // "" nologin
	UID    string // "" free
	Text   string // GECOS
	IsUser bool   // false: group only
	System bool
	At     []source.Pos
}

// A DirKind says what a directory is for.
type DirKind string

// The kinds of directories that are made at install.
const (
	State DirKind = "state"
	Log   DirKind = "log"
	Cache DirKind = "cache"
	Run   DirKind = "run" // volatile
	Spool DirKind = "spool"
	Home  DirKind = "home"
	Other DirKind = "other"
)

// A Dir is a directory outside the payload: made when missing, left alone when
// present, removed on purge only.
type Dir struct {
	Path  string
	Owner string
	Group string
	Mode  uint32
	Kind  DirKind
	// Unit names the unit that creates it by StateDirectory= and the like; ""
	// when tmpfiles.d does.
	Unit string
	// Purge tells that the package made it, so purge may remove it.
	Purge bool
	// Formats are those in which the directory is made, nil means all: accounts
	// of other packages have other names there. With formats it is made by the
	// maintainer scripts only, not by tmpfiles.d.
	Formats []Format
	At      []source.Pos
	Why     string
}

// A Unit is a systemd unit that the package ships.
type Unit struct {
	Name    string // with suffix: app.service, app.timer
	Text    string // path in Package.Texts
	Enable  bool   // enabled and started on first install
	Restart string // on upgrade: restart, reload, none
	Timer   string // name of the timer that starts it, "" none
	User    string
	OpenRC  string // path in Package.Texts of an OpenRC script for apk, "" none
	// Blanks are words of the text that stand for values of the server: it is not
	// built and started while it has one, unless the owner decided that.
	Blanks []string
	At     []source.Pos
	Why    string
}

// A Moment is when a step runs.
type Moment string

// The moments: Configure is every postinst configure (install and upgrade),
// First the first install only, Upgrade upgrades only, Purge removal of data.
const (
	Configure Moment = "configure"
	First     Moment = "first"
	Upgrade   Moment = "upgrade"
	Purge     Moment = "purge"
)

// A StepKind says which standard shape a step has.
type StepKind string

// The kinds of steps. Each is written by one template.
const (
	Generate StepKind = "generate" // a file made from a template if it is missing, with values computed on the machine
	Migrate  StepKind = "migrate"  // a command against data, as the owner chose
	Reload   StepKind = "reload"   // another package's service, if it runs
	Enable   StepKind = "enable"   // another package's switch: a2ensite, nginx link
	Command  StepKind = "command"  // a command line, already quoted POSIX shell
)

// A Step is one thing that a maintainer script does beyond the standard ones.
type Step struct {
	Kind    StepKind
	Moment  Moment
	Name    string            // service, site or a few words
	User    string            // run as, "" root
	Dir     string            // working directory, "" /
	Shell   string            // POSIX shell text for Migrate and Command
	Path    string            // for Generate: the file
	Source  string            // for Generate: the template's path on the machine
	Values  map[string]string // for Generate: placeholder -> POSIX shell that prints its value
	Mode    uint32
	Group   string
	Server  string // for Enable: nginx, apache
	Formats []Format
	At      []source.Pos
	Why     string
}

// TakeOver is what the first install on a hand-deployed server must do.
type TakeOver struct {
	Adopt []Adopt // configuration edited on the server
	Aside []Aside // what stands in the payload's way
	State []Move  // state to be carried to its new place
}

// Adopt keeps an edited file: its text becomes that of the conffile To.
type Adopt struct {
	From []string // old places, the first that exists wins
	To   string   // conffile of the payload
	At   []source.Pos
}

// Aside moves a legacy file, link or directory out of the way; the rollback
// puts it back.
type Aside struct {
	Path string
	Why  string // shadows the unit, real directory where a link comes ...
	At   []source.Pos
}

// Move carries a state directory from the old tree to its new place: copied,
// the old one stays as the way back.
type Move struct {
	From, To     string
	Owner, Group string
	At           []source.Pos
}

// A Build is one step of packaging/stage.sh. It works on a copy of the source
// tree, never on the checkout itself.
type Build struct {
	Tool string // pip, npm, composer, bundle, make ...
	// Shell is POSIX shell, run with set -e in Dir. $SRC is the absolute path
	// of the copy of the source tree. "$STAGE/opt/app/venv" names the final
	// place /opt/app/venv: inside the sandbox $STAGE is empty and the final
	// place is the staging tree; without a sandbox it is the staging tree's
	// absolute path, which stage.sh afterwards removes from what was built.
	Shell string
	Dir   string // relative to the source tree, "" its root
	// Output is what the step makes. An absolute path is a final place that the
	// step filled through $STAGE: it must exist afterwards. A relative path is
	// below the source tree and is copied to the same place below the staging
	// tree. Entries of Origin Staged name both relative to the staging tree.
	Output    []string
	Downloads []Download // fetched into the source tree's copy before Shell runs
	At        []source.Pos
	Why       string
}

// A Download is a file that a build step needs. Without a digest stage.sh
// refuses to fetch it.
type Download struct {
	URL    string
	To     string // relative to the source tree
	SHA256 string // 64 hex digits, "" not pinned yet
}

// A Rule is one line of the exclude list: a path.Match pattern against the
// path or any of its elements.
type Rule struct {
	Pattern string
	Why     string
}

// A Note is something that a person must do or know.
type Note struct {
	Text string
	Cmd  string // command to type, "" none
	At   []source.Pos
}

// A Part says which part of the package a step became.
type Part string

// The parts.
const (
	PartPayload    Part = "payload"
	PartConffile   Part = "conffile"
	PartAccount    Part = "account"
	PartDirectory  Part = "directory"
	PartUnit       Part = "unit"
	PartCron       Part = "cron"
	PartHook       Part = "maintainer script"
	PartDependency Part = "dependency"
	PartBuild      Part = "build step"
	PartManual     Part = "manual step"
	PartManager    Part = "package manager" // done better by dpkg, rpm ...: downloads, backups, checks
	PartNothing    Part = "nothing"         // messages, pure computation
	PartUnplaced   Part = "unplaced"
)

// A Fate is what became of one step of the scripts.
type Fate struct {
	At     source.Span
	Text   string // the statement, one line
	Part   Part
	Target string // path, account, unit ... in the package
	Reason string
}
