// Package model is what is known of a deployment: types only.
//
// A Deployment marshals to version 1 of the JSON that `nativize audit
// --format json` prints. Text taken from scripts is in it as it was written
// there, unescaped; values that could not be known stand as ${NAME}.
package model

import (
	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/source"
)

// A Class says what kind of place a deployment deploys to.
type Class string

// The classes. Server and RemoteOrchestration can be packaged; the others are
// declined with their evidence.
const (
	Server              Class = "server"
	RemoteOrchestration Class = "remote-orchestration"
	Container           Class = "container"
	Cloud               Class = "cloud"
	StaticSite          Class = "static-site"
	BuildOnly           Class = "build-only"
	Other               Class = "other"
)

// Packageable tells whether there is a server to make packages for.
func (c Class) Packageable() bool { return c == Server || c == RemoteOrchestration }

// A Deployment is what the repository sets up on a machine, by subject.
type Deployment struct {
	Version     int          `json:"version"` // of this form: 1
	Tool        string       `json:"tool"`    // "nativize X.Y.Z"
	App         App          `json:"app"`
	Source      Source       `json:"source"`
	Class       Class        `json:"class"`
	ClassReason string       `json:"class_reason"`
	ClassAt     []source.Pos `json:"class_at"`
	Candidates  []Candidate  `json:"candidates"` // entry scripts considered, best first
	Strategy    []string     `json:"strategy"`
	Remote      bool         `json:"remote"`
	CodeDir     string       `json:"code_dir"` // where the code ends up on the server; "" unknown
	Scripts     []Script     `json:"scripts"`
	Facts       Facts        `json:"facts"`
	Statements  []Statement  `json:"statements"`
	Coverage    Coverage     `json:"coverage"`

	Findings     []diag.Diagnostic `json:"findings"`
	Maturity     *Maturity         `json:"maturity,omitempty"`
	Requirements []Requirement     `json:"requirements"`
	Unknowns     []Unknown         `json:"unknowns"`

	// Effects are all that the scripts do, in the order of the scripts, on a
	// fresh host and then on the host that resulted. Facts are made from them;
	// convert places each of them.
	Effects []*host.Effect `json:"-"`
	// Target is the machine that the application ends up on, after the first
	// run. It is nil when nothing was run.
	Target *host.Host `json:"-"`
}

// An App is who the application is.
type App struct {
	Name       string `json:"name"`    // a valid Debian package name
	Version    string `json:"version"` // upstream version, "" unknown
	Summary    string `json:"summary"`
	License    string `json:"license"`    // SPDX expression
	Maintainer string `json:"maintainer"` // never made up
	Homepage   string `json:"homepage"`
	Arch       string `json:"arch"`     // "all" or a Debian architecture
	Language   string `json:"language"` // main language, lower case

	// Pages are the addresses of the repository at forges, by its remote, its
	// manifests and its README: "host/owner/name" in lower case.
	Pages []string `json:"-"`

	From map[string]source.Pos `json:"from,omitempty"` // field name -> where it was read
}

// A Source is where the files came from.
type Source struct {
	Kind   string `json:"kind"` // git, dir, tarball
	Path   string `json:"path,omitempty"`
	Commit string `json:"commit,omitempty"` // 40 hex digits
	Branch string `json:"branch,omitempty"`
	Remote string `json:"remote,omitempty"` // URL of origin without credentials
	Date   string `json:"date,omitempty"`   // committer date of Commit, RFC 3339
	Dirty  bool   `json:"dirty"`
}

// A Candidate is a file that may be the entry of the deployment.
type Candidate struct {
	Path   string `json:"path"`
	Class  Class  `json:"class"`
	Score  int    `json:"score"`
	Reason string `json:"reason"`
	Chosen bool   `json:"chosen"`
}

// A Script is a file that was read as a program.
type Script struct {
	Path     string `json:"path"`
	Role     string `json:"role"`     // entry, build, setup, library, hook, companion
	Language string `json:"language"` // bash, sh, python ...
	Bashism  bool   `json:"bashism,omitempty"`
	Error    string `json:"error,omitempty"` // syntax error, with its place
}

// A Certainty says whether a thing happens on every successful run.
type Certainty string

// May is the cautious answer.
const (
	May  Certainty = "may"
	Must Certainty = "must"
)

// The origins of facts.
const (
	FromScript    = "script"    // the scripts and what they reach
	FromCompanion = "companion" // a unit, Procfile, sibling script no analysed script reaches
	FromImplied   = "implied"   // by the nature of a tool
)

// Evidence is where a fact comes from and how far it holds.
type Evidence struct {
	At        []source.Pos `json:"at"`
	Certainty Certainty    `json:"certainty"`
	When      string       `json:"when,omitempty"` // condition, in words
	Origin    string       `json:"origin"`
	// Once is true for what only the first deployment does: created if absent.
	Once bool `json:"once,omitempty"`
	// Machine is the host it happens on when that is not the one the script
	// runs on: the destination of ssh, as written there.
	Machine string `json:"machine,omitempty"`
	// Why says how the fact was concluded, when At alone does not show it.
	Why string `json:"why,omitempty"`
}

// Facts are the facts by subject; every slice is sorted by its key and then by place.
type Facts struct {
	Users       []User       `json:"users"`
	Groups      []Group      `json:"groups"`
	Directories []Directory  `json:"directories"`
	ConfigFiles []ConfigFile `json:"config_files"`
	Files       []File       `json:"files"`
	Symlinks    []Symlink    `json:"symlinks"`
	Services    []Service    `json:"services"`
	Packages    []OSPackage  `json:"packages"`
	Languages   []LangDep    `json:"language_packages"`
	Downloads   []Download   `json:"downloads"`
	Cron        []Cron       `json:"cron"`
	Migrations  []Migration  `json:"migrations"`
	Backups     []Backup     `json:"backups"`
	Secrets     []Secret     `json:"secrets"`
	Units       []Unit       `json:"units"`             // programs to be run as services
	Sites       []Site       `json:"sites"`             // web server sites
	Remotes     []Remote     `json:"remotes"`           // machines reached
	Required    []Account    `json:"accounts_required"` // used but not created
	Steps       []Step       `json:"steps"`             // firewall, databases, locale and the like
}

// A User is an account that the deployment creates.
type User struct {
	Name   string   `json:"name"`
	Home   string   `json:"home"`
	Shell  string   `json:"shell"`
	System *bool    `json:"system"`
	UID    string   `json:"uid,omitempty"`
	Group  string   `json:"group,omitempty"` // primary group when named
	Groups []string `json:"groups"`
	Evidence
}

// A Group is a group that the deployment creates.
type Group struct {
	Name string `json:"name"`
	GID  string `json:"gid,omitempty"`
	Evidence
}

// An Account is a user or group that is used and must exist beforehand.
type Account struct {
	Name string `json:"name"`
	Kind string `json:"kind"` // user, group
	Evidence
}

// The roles of directories and files.
const (
	RoleCode   = "code"
	RoleConfig = "config"
	RoleLog    = "log"
	RoleData   = "data"
	RoleCache  = "cache"
	RoleRun    = "run"
	RoleTmp    = "tmp"
	RoleBackup = "backup"
	RoleOther  = "other"
)

// A Directory is a directory created, or given an owner or mode.
type Directory struct {
	Path  string `json:"path"`
	Owner string `json:"owner"`
	Group string `json:"group"`
	Mode  string `json:"mode"` // four octal digits, "" unknown
	Role  string `json:"role"`
	Evidence
}

// The ways a configuration file comes to be.
const (
	HowCopy         = "copy"
	HowCopyIfAbsent = "copy-if-absent"
	HowTemplate     = "template"
	HowHeredoc      = "heredoc"
	HowEcho         = "echo"
	HowSedEdit      = "sed-edit"
	HowSymlink      = "symlink"
	HowDownload     = "download"
	HowPrompt       = "prompt"
)

// A ConfigFile is a file that an administrator may edit.
type ConfigFile struct {
	Path      string   `json:"path"`
	From      string   `json:"from"` // path in the repository, "" none
	How       string   `json:"how"`
	InCodeDir bool     `json:"in_code_dir"`
	Owner     string   `json:"owner,omitempty"`
	Group     string   `json:"group,omitempty"`
	Mode      string   `json:"mode,omitempty"`
	Secret    bool     `json:"secret,omitempty"`  // holds or is likely to hold a credential
	Content   string   `json:"-"`                 // text where known, holes as ${NAME}
	Holes     []string `json:"holes,omitempty"`   // names of the values not known
	Reasons   []string `json:"reasons,omitempty"` // why it is taken for configuration
	Reader    string   `json:"reader,omitempty"`  // environment variable or flag the program is known to take
	Evidence
}

// A File is another installed file.
type File struct {
	Path    string `json:"path"`
	From    string `json:"from"`
	Owner   string `json:"owner"`
	Group   string `json:"group"`
	Mode    string `json:"mode"`
	Role    string `json:"role,omitempty"`
	Content string `json:"-"`
	Evidence
}

// A Symlink is a symbolic link that is made by name.
type Symlink struct {
	Path   string `json:"path"`
	Target string `json:"target"`
	Evidence
}

// A Service is a program that the deployment starts, enables or installs a
// definition for. Name has no .service suffix.
type Service struct {
	Name     string   `json:"name"`
	Manager  string   `json:"manager"`   // systemd, sysv, upstart, supervisor, pm2, cron, other
	UnitFrom string   `json:"unit_from"` // path in the repository, "heredoc", or ""
	UnitPath string   `json:"unit_path,omitempty"`
	Actions  []string `json:"actions"`
	// Own tells that the deployment installs the definition itself, unlike a
	// restart of somebody else's service.
	Own bool `json:"own"`
	Evidence
}

// An OSPackage is a package asked of the distribution.
type OSPackage struct {
	Name string `json:"name"`
	Via  string `json:"via"` // apt, yum, dnf, apk, pacman, zypper, brew
	Evidence
}

// A LangDep is a build or installation by a language's own tool.
type LangDep struct {
	Tool        string `json:"tool"`
	What        string `json:"what"`
	Environment string `json:"environment"` // virtualenv, "" none
	Dir         string `json:"dir,omitempty"`
	User        string `json:"user,omitempty"`
	Evidence
}

// A Download is a URL fetched, not by git.
type Download struct {
	URL      string `json:"url"`
	Verified bool   `json:"verified"` // a checksum or signature is checked
	To       string `json:"to,omitempty"`
	Evidence
}

// A Cron is a periodic job.
type Cron struct {
	Command  string `json:"command"`
	Schedule string `json:"schedule"`
	User     string `json:"user"`
	Path     string `json:"path"` // "crontab" for a user's own
	Evidence
}

// A Migration is a command run against data at deployment.
type Migration struct {
	Command string `json:"command"`
	As      string `json:"as"`
	Dir     string `json:"dir,omitempty"`
	Evidence
}

// A Backup is a copy that the deployment makes of what it replaces.
type Backup struct {
	Command string `json:"command"`
	Evidence
}

// A Secret is a credential found; never its value.
type Secret struct {
	Rule string `json:"rule"`
	Evidence
}

// A Unit is a long-running program with all that is needed to run it. It is
// made from a systemd unit, a supervisor program, a Procfile line, a sysv or
// upstart script, a pm2 file, or a command started in the background.
type Unit struct {
	Name        string     `json:"name"`
	Kind        string     `json:"kind"` // systemd, timer, supervisor, procfile, sysv, upstart, pm2, command
	From        string     `json:"from"` // path in the repository, or "heredoc"
	Text        string     `json:"-"`    // whole text, for systemd units
	Exec        string     `json:"exec"` // command line
	Pre         []string   `json:"pre,omitempty"`
	Reload      string     `json:"reload,omitempty"`
	User        string     `json:"user"`
	DynamicUser bool       `json:"dynamic_user,omitempty"` // systemd makes an account while it runs
	Group       string     `json:"group"`
	Dir         string     `json:"dir"`
	Environment []KeyValue `json:"environment"`
	EnvFile     string     `json:"env_file"`
	PIDFile     string     `json:"pid_file,omitempty"`
	Forks       bool       `json:"forks,omitempty"`
	Restart     string     `json:"restart,omitempty"`
	Instances   int        `json:"instances,omitempty"`
	After       []string   `json:"after,omitempty"`
	Logs        []string   `json:"logs,omitempty"` // files it logs to
	Schedule    string     `json:"schedule,omitempty"`
	// Places says where fields were read, by their name in JSON.
	Places map[string]source.Pos `json:"-"`
	Evidence
}

// SetPlace notes where a field was read; field is its name in JSON.
func (u *Unit) SetPlace(field string, at source.Pos) {
	if u.Places == nil {
		u.Places = map[string]source.Pos{}
	}
	u.Places[field] = at
}

// A KeyValue is one setting, in its file's order.
type KeyValue struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// A Site is a web server's definition of one site.
type Site struct {
	Server   string   `json:"server"` // nginx, apache, caddy, lighttpd
	From     string   `json:"from"`
	Path     string   `json:"path"` // where it is installed, "" not installed
	Roots    []string `json:"roots"`
	Logs     []string `json:"logs"`
	Upstream []string `json:"upstream"` // sockets and host:port
	Certs    []string `json:"certs"`
	Evidence
}

// A Remote is a machine that the scripts reach.
type Remote struct {
	Host string `json:"host"`
	User string `json:"user"`
	Via  string `json:"via"` // ssh, rsync, scp, sftp
	Evidence
}

// A Step is something done to the machine that is none of the other facts.
type Step struct {
	Kind    string `json:"kind"` // firewall, database, sysctl, locale, certificate, remote-code ...
	Command string `json:"command"`
	Evidence
}

// A Statement is one simple command of a script, with its one outcome.
type Statement struct {
	At      source.Span `json:"at"`
	Text    string      `json:"text"`
	Outcome string      `json:"outcome"` // see host.Outcome
	Detail  string      `json:"detail,omitempty"`
}

// Coverage is the account of the statements.
type Coverage struct {
	Statements int `json:"statements"`
	Understood int `json:"understood"`
	Opaque     int `json:"opaque"`
	Unreached  int `json:"unreached"`
}

// A Requirement is what the scripts demand of the machine or the caller.
type Requirement struct {
	Kind string `json:"kind"` // distribution, root, tool, argument, environment, file
	Text string `json:"text"`
	Evidence
}

// An Unknown is a question that the repository does not answer.
type Unknown struct {
	ID   string       `json:"id"`
	Text string       `json:"text"`
	At   []source.Pos `json:"at"`
}

// Maturity is where the deployment stands between scm+ssh and a native package.
type Maturity struct {
	Rung       string     `json:"rung"` // scm+ssh, language-package, tarball, native-package
	Score      int        `json:"score"`
	Max        int        `json:"max"`
	Properties []Property `json:"properties"`
	Next       string     `json:"next"` // what the next rung gives
	Cost       string     `json:"cost"` // and what it takes
	Effort     Effort     `json:"effort"`
	First      []string   `json:"first"` // do these three first
}

// A Property is one thing that the ladder is about.
type Property struct {
	Name   string       `json:"name"`
	Held   string       `json:"held"` // yes, partly, no, unknown
	Reason string       `json:"reason"`
	At     []source.Pos `json:"at"`
}

// An Effort is what a conversion takes.
type Effort struct {
	Automatic int      `json:"automatic"` // steps
	Choices   int      `json:"choices"`
	Hand      int      `json:"hand"`
	List      []string `json:"list"`
}
