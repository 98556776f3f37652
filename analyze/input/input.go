// Package input reads the files that accompany a deployment script: units,
// manifests, web server sites, CI jobs, Makefiles and the like.
//
// Every reader is a pure function of a path and the bytes found there. None
// opens a file, starts a program or evaluates shell: shell that a file embeds
// is handed over as text, with the place of each of its bytes. Input is
// hostile until proven otherwise; what cannot be read becomes a [Problem] and
// the rest is still returned.
//
// To add a kind, write one file with one [Kind] and name it in [All].
package input

import (
	"bytes"
	"fmt"
	pathpkg "path"

	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
)

// MaxSize is the size in bytes above which a companion file is not read: no
// file that people write is that long.
const MaxSize = 4 << 20

// HeadSize is the number of leading bytes that Claims is given at least, if
// the file has that many.
const HeadSize = 512

// A Kind is one kind of companion file.
type Kind struct {
	Name string // kebab-case, unique
	Doc  string // one line: what it is, and where its form is described

	// Claims tells whether the file at path is of this kind. head holds its
	// first bytes; Claims is called for every file and must be cheap.
	Claims func(path string, head []byte) bool

	read func(r *reader)
}

// Parse reads data, found at path in the repository. It never fails: what
// could not be read is in the problems of the result.
func (k *Kind) Parse(path string, data []byte) Result {
	r := newReader(k.Name, path, utf8Text(data))
	if len(data) > MaxSize {
		r.problem(0, fmt.Sprintf("the file has %d bytes, more than the %d that are read", len(data), MaxSize))
		return r.out
	}
	if i := bytes.IndexByte(r.data, 0); i >= 0 {
		r.problem(i, "the file has a NUL byte: it is not text")
		return r.out
	}
	k.read(r)
	return r.out
}

// All are the kinds, in the order in which they are asked.
var All = []*Kind{
	Systemd, Supervisor, Procfile, PM2, SysV, Upstart, RunScript,
	Crontab, Logrotate, Tmpfiles, Sysusers,
	Nginx, Apache, Caddy,
	EnvFile, ConfigKeys,
	Requirements, Pyproject, SetupPy, SetupCfg, Pipfile,
	PackageJSON, ComposerJSON, Gemfile, Gemspec, GoMod, POM, Gradle, Cargo, ToolVersions,
	Compose, Dockerfile, Makefile, GitHook,
	GitHubActions, GitLabCI, Jenkinsfile, TravisCI, AppSpec,
	CloudInit, Vagrantfile, Capistrano, Mina, Chef, Fabric, Ansible,
	Markdown,
}

// For returns the kinds that claim the file at path, in the order of [All].
func For(path string, head []byte) []*Kind {
	if foreign[pathpkg.Ext(path)] {
		return nil
	}
	var kinds []*Kind
	for _, k := range All {
		if k.Claims(path, head) {
			kinds = append(kinds, k)
		}
	}
	return kinds
}

// foreign are endings of files that are of no kind, to be quick about them.
var foreign = map[string]bool{
	".png": true, ".jpg": true, ".jpeg": true, ".gif": true, ".svg": true, ".ico": true, ".webp": true, ".pdf": true, ".mp3": true, ".mp4": true,
	".woff": true, ".woff2": true, ".ttf": true, ".eot": true, ".otf": true, ".map": true, ".css": true, ".scss": true, ".sass": true, ".less": true,
	".html": true, ".htm": true, ".java": true, ".kt": true, ".class": true, ".jar": true, ".c": true, ".h": true, ".cc": true, ".cpp": true, ".hpp": true, ".o": true, ".so": true,
	".go": true, ".rs": true, ".ts": true, ".tsx": true, ".jsx": true, ".vue": true, ".php": true, ".swift": true, ".cs": true, ".scala": true, ".lua": true, ".pyc": true,
	".gz": true, ".zip": true, ".tgz": true, ".xz": true, ".bz2": true, ".7z": true, ".po": true, ".pot": true, ".mo": true, ".lock": true, ".csv": true, ".sql": true, ".snap": true, ".rst": true,
}

// A Result is what one file declares. Facts have their place first in At;
// values that could not be known stand as ${NAME}.
type Result struct {
	Kind string // name of the Kind that read the file

	App       model.App
	Languages []model.LangDep
	Packages  []model.OSPackage
	Downloads []model.Download

	Users       []model.User
	Groups      []model.Group
	Required    []model.Account
	Directories []model.Directory
	ConfigFiles []model.ConfigFile
	Files       []model.File
	Symlinks    []model.Symlink

	Units    []model.Unit
	Services []model.Service
	Sites    []model.Site
	Cron     []model.Cron
	Remotes  []model.Remote

	Shell    []Shell   // embedded shell, in the order of the file
	Calls    []Call    // files of the repository that it runs or installs
	Runtime  []Runtime // interpreters it needs
	Start    []Command // commands that start the application
	Settings []Key     // settings that it makes or reads, see Keys
	Ports    []Port    // ports it listens on
	Excludes []Exclude // paths it keeps out of the deployment
	Values   []Setting // literal declarations of a deployment tool
	Targets  []Target  // targets of a Makefile
	Triggers []Trigger // what starts a CI job or hook
	Images   []Image   // base images of containers
	Claims   []Claim   // what the file says a path is
	Natives  []Native  // language packages that need a compiler or a library
	Problems []Problem // what could not be read, in the order of the file
}

// A Problem is a part of a file that could not be read.
type Problem struct {
	Pos  source.Pos
	Text string
}

// A Call is a mention of a file of the repository that is run, installed or
// included. Path is as written there, without a leading "./".
type Call struct {
	Path string
	Args []string
	At   source.Pos
	How  string // run, include, install, copy
}

// A Runtime is an interpreter or tool chain that the application needs.
type Runtime struct {
	Name       string // python, node, php, ruby, java, go, rust, perl, dotnet, erlang, elixir ...
	Constraint string // as written, "" any
	At         source.Pos
}

// A Command is a command line with its place.
type Command struct {
	Name string // process type, script name or ""
	Text string
	At   source.Pos
}

// A Port is a port that the application or its server listens on.
type Port struct {
	Port string // number, or ${NAME}
	Host string // address it is bound to, "" any
	At   source.Pos
}

// An Exclude is a pattern of paths that a tool is told to leave alone.
type Exclude struct {
	Pattern string
	At      source.Pos
}

// A Setting is a literal declaration of a deployment tool: Capistrano's
// `set :deploy_to, "/srv/app"`, an input of a CI action, a Chef attribute.
type Setting struct {
	Name  string
	Value string
	At    source.Pos
}

// A Target is a target of a Makefile.
type Target struct {
	Name    string
	Needs   []string // prerequisites
	Default bool     // the one made when none is named
	At      source.Pos
}

// A Trigger is what starts a CI job or a hook: a push to a branch, a tag.
type Trigger struct {
	Event  string // push, tag, schedule, manual, pull-request, release
	Branch string // pattern, "" any
	Job    string // "" the whole file
	At     source.Pos
}

// An Image is the base of a container.
type Image struct {
	Ref   string // name:tag
	Stage string // name of the stage that starts with it
	Final bool   // the stage is what is shipped
	At    source.Pos
}

// A Claim says what a path is to the deployment, such as a linked directory
// (data) or a linked file (config).
type Claim struct {
	Path string // absolute, or relative to the code
	Role string // see model.RoleCode and its neighbours
	Dir  bool
	At   source.Pos
	Why  string
}

// A Native is a package of a language whose installation compiles code or
// needs a shared library.
type Native struct {
	Name  string
	Needs []string // Debian package names to build it; see osnames.Translate
	Run   []string // Debian package names to run it
	At    source.Pos
}

func at(p source.Pos) []source.Pos { return []source.Pos{p} }

// fact is the evidence of what a companion file states outright.
func fact(p source.Pos, why string) model.Evidence {
	return model.Evidence{At: at(p), Certainty: model.Must, Origin: model.FromCompanion, Why: why}
}

// maybe is the evidence of what holds only when the file is put to use.
func maybe(p source.Pos, why string) model.Evidence {
	e := fact(p, why)
	e.Certainty = model.May
	return e
}
