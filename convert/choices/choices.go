// Package choices is nativize.yaml: what the owner of a deployment decides
// about its package. Everything left open is guessed by convert/place, which
// says what the guess rests on.
package choices

import (
	"slices"
	"strconv"
	"strings"

	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/convert/plan"
)

// FileName is the name of the file below the output directory.
const FileName = "nativize.yaml"

// The values of Choices.Layout.
const (
	Auto = "auto" // Keep where the old path is hard-wired, else FHS
	Keep = "keep" // the code stays where the old deployment had it
	FHS  = "fhs"  // /usr/share/NAME, /usr/lib/NAME with programs of one machine
	Opt  = "opt"  // /opt/NAME
)

// The values of Config.Way: how the program finds a file that moved to /etc.
const (
	Link     = "link"     // a link in the code directory, to the file
	DirLink  = "dir-link" // a link in the code directory, to the whole directory
	EnvFile  = "env-file" // EnvironmentFile= of the units, and a link
	InPlace  = "in-place" // it lies below /etc already, or the program is told
	CodeFile = "code"     // no configuration: part of the code
)

// The values of Service.Restart: what happens to a running service on upgrade.
const (
	Restart = "restart"
	Reload  = "reload"
	None    = "none"
)

// The values of Choices.Migrations: how a command against data is run.
const (
	Command  = "command"  // by an administrator, with the command NAME-migrate
	Postinst = "postinst" // on each upgrade, by the maintainer scripts
	Unit     = "unit"     // by a oneshot unit, before the services
	Manual   = "manual"   // by hand, as MIGRATION.md says
)

// Choices are the decisions. A zero field is open.
type Choices struct {
	Name       string // package name, Debian Policy 5.6.7
	Version    string // "auto": from tags of git or the manifest
	Maintainer string // "Name <address>"
	Summary    string
	License    string // SPDX
	Arch       string // "all" or a Debian architecture
	Layout     string
	CodeDir    string
	OldDir     string // where the old deployment kept the code
	Formats    []string
	Account    string // that runs the services
	Config     map[string]Config
	Services   map[string]Service
	Migrations string
	// Environment is the variant that the package is made for: one of those in
	// which the repository has its configuration, such as production.
	Environment string
	Exclude     []string // patterns, beside the usual ones
	Downloads   map[string]string
	Lint        []byte // the section as it is written, for package lint

	// Notes say of a key, such as config./etc/app/app.ini.way, what its value
	// rests on.
	Notes map[string]Note `json:"-"`
}

// Config is the decision about one configuration file, by its path below /etc.
type Config struct {
	Way    string
	Secret *bool // 0640 root:ACCOUNT
}

// Service is the decision about one service.
type Service struct {
	Enable  *bool
	Restart string
}

// A Note is what the value of a key rests on.
type Note struct {
	Guessed bool
	Why     string
	At      []source.Pos
	// Question is set for what the owner should look at: a guess with more
	// than one sensible answer.
	Question string
}

// Note sets the note of a key.
func (c *Choices) Note(key string, n Note) {
	if c.Notes == nil {
		c.Notes = map[string]Note{}
	}
	c.Notes[key] = n
}

// Open returns the keys whose value is a guess that the owner should look at,
// or that nobody but the owner can say, sorted.
func (c *Choices) Open() []string {
	var out []string
	for k, n := range c.Notes {
		if n.Question != "" && (n.Guessed || c.Value(k) == "") {
			out = append(out, k)
		}
	}
	slices.Sort(out)
	return out
}

// PackageFormats are the formats to build.
func (c *Choices) PackageFormats() []plan.Format {
	var out []plan.Format
	for _, f := range c.Formats {
		out = append(out, plan.Format(f))
	}
	return out
}

// guess fills an open string field and notes why.
func (c *Choices) guess(field *string, key, value string, n Note) {
	if *field != "" {
		return
	}
	*field = value
	n.Guessed = true
	n.Why = strings.TrimSpace(n.Why)
	c.Note(key, n)
}

// Guess fills the open field with that key and notes why; a decided one stays.
// It reports the value that holds.
func (c *Choices) Guess(key, value string, n Note) string {
	f := c.field(key)
	if f == nil {
		return value
	}
	c.guess(f, key, value, n)
	return *f
}

// field is the string field of a key, nil for none.
func (c *Choices) field(key string) *string {
	return map[string]*string{
		"name": &c.Name, "version": &c.Version, "maintainer": &c.Maintainer, "summary": &c.Summary,
		"license": &c.License, "arch": &c.Arch, "layout": &c.Layout, "code_dir": &c.CodeDir, "old_dir": &c.OldDir,
		"account": &c.Account, "migrations": &c.Migrations, "environment": &c.Environment,
	}[key]
}

// GuessConfig fills what is open of the decision about a configuration file.
func (c *Choices) GuessConfig(path string, g Config, n Note) Config {
	have, key := c.Config[path], "config."+path
	if have.Way == "" {
		have.Way = g.Way
		n.Guessed = true
		c.Note(key+".way", n)
	}
	if have.Secret == nil {
		have.Secret = g.Secret
		c.Note(key+".secret", Note{Guessed: true, Why: n.Why, At: n.At})
	}
	if c.Config == nil {
		c.Config = map[string]Config{}
	}
	c.Config[path] = have
	return have
}

// GuessService fills what is open of the decision about a service. A question of
// n is about its start.
func (c *Choices) GuessService(name string, g Service, n Note) Service {
	have, key := c.Services[name], "services."+name
	n.Guessed = true
	if have.Enable == nil {
		have.Enable = g.Enable
		c.Note(key+".enable", n)
	}
	if have.Restart == "" {
		have.Restart = g.Restart
		n.Question = ""
		c.Note(key+".restart", n)
	}
	if c.Services == nil {
		c.Services = map[string]Service{}
	}
	c.Services[name] = have
	return have
}

// GuessDownload opens the question of a digest that nobody has written down,
// and returns the one that holds, "" for none.
func (c *Choices) GuessDownload(url string, n Note) string {
	if c.Downloads[url] == "" {
		if c.Downloads == nil {
			c.Downloads = map[string]string{}
		}
		c.Downloads[url] = ""
		c.Note("downloads."+url, n)
	}
	return c.Downloads[url]
}

// Value is the value of a key as text, "" when it is open or no key.
func (c *Choices) Value(key string) string {
	if f := c.field(key); f != nil {
		return *f
	}
	table, rest, _ := strings.Cut(key, ".")
	if table == "downloads" {
		return c.Downloads[rest]
	}
	i := strings.LastIndexByte(rest, '.')
	if i < 0 {
		return ""
	}
	name, field := rest[:i], rest[i+1:]
	switch {
	case table == "config" && field == "way":
		return c.Config[name].Way
	case table == "services" && field == "restart":
		return c.Services[name].Restart
	case table == "services" && field == "enable" && c.Services[name].Enable != nil:
		return strconv.FormatBool(*c.Services[name].Enable)
	}
	return ""
}
