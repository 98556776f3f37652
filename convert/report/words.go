package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
)

// shortPos is file:line, the form in which people look a place up.
func shortPos(p source.Pos) string {
	p.Col = 0
	return p.String()
}

// conditions says in words how far the evidence holds, "" when it always does.
func conditions(e model.Evidence) string {
	var parts []string
	if e.Certainty != model.Must {
		parts = append(parts, "maybe")
	}
	if e.When != "" {
		parts = append(parts, "when "+conditionWords(strings.TrimPrefix(e.When, "when ")))
	}
	if e.Once {
		parts = append(parts, "first deployment only")
	}
	if e.Machine != "" {
		parts = append(parts, "on "+e.Machine)
	}
	if e.Origin != "" && e.Origin != model.FromScript {
		parts = append(parts, originWord(e.Origin))
	}
	return strings.Join(parts, "; ")
}

func originWord(origin string) string {
	switch origin {
	case model.FromCompanion:
		return "from a companion file"
	case model.FromImplied:
		return "implied"
	}
	return origin
}

func plural(n int, word string) string {
	switch {
	case n == 1:
		return "1 " + word
	case strings.HasSuffix(word, "y") && !strings.HasSuffix(word, "ay"):
		word = strings.TrimSuffix(word, "y") + "ies"
	default:
		word += "s"
	}
	return fmt.Sprintf("%d %s", n, word)
}

// first says at most n of items, and how many more there are.
func first(n int, items []string) string {
	if len(items) <= n {
		return strings.Join(items, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(items[:n], ", "), len(items)-n)
}

// factCount is the number of facts of all subjects.
func factCount(f *model.Facts) int {
	n := 0
	for _, s := range subjects {
		n += len(s.rows(f))
	}
	return n
}

// headline is the deployment in one sentence.
func headline(d *model.Deployment) string {
	switch {
	case d.Class == "" || d.Class == model.Other:
		return fmt.Sprintf("No deployment to a server was recognised: %s has nothing to make packages for.", name(d))
	case !d.Class.Packageable():
		return fmt.Sprintf("%s deploys to %s: there is no server to make packages for.", name(d), classWord(d.Class))
	}
	parts := []string{codePlace(d)}
	if n := len(d.Facts.ConfigFiles); n > 0 {
		parts = append(parts, "writes "+plural(n, "configuration file"))
	}
	if own := ownServices(d); len(own) > 0 {
		parts = append(parts, "runs "+first(3, own))
	}
	last := len(parts) - 1
	if last > 0 {
		parts[last] = "and " + parts[last]
	}
	sep := ", "
	if last == 1 {
		sep = " "
	}
	return name(d) + " " + strings.Join(parts, sep) + "."
}

// codePlace says where the code goes; where no directory is known, what is
// installed.
func codePlace(d *model.Deployment) string {
	switch n := len(d.Facts.Files); {
	case d.CodeDir != "":
		return "puts its code in " + d.CodeDir
	case n > 0:
		return "installs " + plural(n, "file")
	}
	return "puts its code in a directory that is not known"
}

func name(d *model.Deployment) string { return orElse(d.App.Name, "The application") }

func classWord(c model.Class) string {
	switch c {
	case model.Server:
		return "a server"
	case model.RemoteOrchestration:
		return "servers, from another machine"
	case model.Container:
		return "containers"
	case model.Cloud:
		return "a cloud provider"
	case model.StaticSite:
		return "a static host"
	case model.BuildOnly:
		return "nothing: it only builds"
	}
	return "no known kind of place"
}

// ownServices are the names of the programs that are the application's own.
func ownServices(d *model.Deployment) []string {
	var out []string
	for _, u := range d.Facts.Units {
		out = append(out, u.Name)
	}
	for _, s := range d.Facts.Services {
		if s.Own {
			out = append(out, s.Name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// A fact is a line of the summary: what, value, and where it is from.
type fact struct {
	what, value string
	at          []source.Pos
}

// summary leaves out what is not known, and what only a server has when there
// is none.
func summary(d *model.Deployment) []fact {
	f := &d.Facts
	out := []fact{
		{"What", what(d), nil},
		{"Deploys to", classWord(d.Class) + reason(d.ClassReason), d.ClassAt},
		{"By", strings.Join(d.Strategy, ", "), nil},
	}
	if d.Class.Packageable() {
		out = append(out,
			fact{"Runs as", runsAs(d), nil},
			fact{"Code", orElse(d.CodeDir, "not known"), nil},
			fact{"Configuration", configWords(f.ConfigFiles), nil},
			fact{"Services", orElse(first(5, serviceNames(d)), "none"), nil},
			fact{"Hosts", orElse(first(3, hostNames(d)), "the one it runs on"), nil})
	}
	out = append(out, fact{"Scripts", scriptWords(d.Scripts), nil}, fact{"Understood", coverageWords(d.Coverage), nil}, fact{"Source", sourceWords(d.Source), nil})
	return slices.DeleteFunc(out, func(x fact) bool { return x.value == "" })
}

// scriptWords names the scripts, the entry first, as they are read.
func scriptWords(scripts []model.Script) string {
	var entries, others []string
	for _, s := range scripts {
		switch s.Role {
		case "entry":
			entries = append(entries, s.Path)
		case "companion":
		default:
			others = append(others, s.Path)
		}
	}
	return first(6, append(entries, others...))
}

func reason(s string) string {
	if s == "" {
		return ""
	}
	return " (" + s + ")"
}

func what(d *model.Deployment) string {
	parts := []string{name(d)}
	for _, s := range []string{d.App.Version, d.App.Language, d.App.License} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	text := strings.Join(parts, ", ")
	if d.App.Summary != "" {
		text += ": " + d.App.Summary
	}
	return text
}

func runsAs(d *model.Deployment) string {
	var out []string
	for _, u := range d.Facts.Units {
		out = append(out, unitUser(u))
	}
	if len(out) == 0 {
		for _, u := range d.Facts.Users {
			out = append(out, u.Name)
		}
	}
	slices.Sort(out)
	return orElse(first(4, slices.Compact(out)), "not known: no program names an account")
}

// unitUser is the account that a program runs as, where its kind tells it.
func unitUser(u model.Unit) string {
	switch {
	case u.User != "":
		return u.User
	case u.DynamicUser:
		return "an account that systemd makes while it runs"
	case u.Kind == "procfile" || u.Kind == "command" || u.Kind == "pm2":
		return "the account that starts it"
	}
	return "root"
}

func configWords(files []model.ConfigFile) string {
	if len(files) == 0 {
		return "none found"
	}
	inside := 0
	for _, c := range files {
		if c.InCodeDir {
			inside++
		}
	}
	text := plural(len(files), "file")
	if inside > 0 {
		text += fmt.Sprintf(", %d in the code directory", inside)
	}
	return text
}

func serviceNames(d *model.Deployment) []string {
	out := ownServices(d)
	for _, s := range d.Facts.Services {
		out = append(out, s.Name)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func hostNames(d *model.Deployment) []string {
	var out []string
	for _, r := range d.Facts.Remotes {
		host := r.Host
		if r.User != "" {
			host = r.User + "@" + host
		}
		out = append(out, host)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func coverageWords(c model.Coverage) string {
	if c.Statements == 0 {
		return "no statements read"
	}
	return fmt.Sprintf("%d of %d statements (%d %%), %d opaque, %d not reached",
		c.Understood, c.Statements, c.Understood*100/c.Statements, c.Opaque, c.Unreached)
}

func sourceWords(s model.Source) string {
	var parts []string
	for _, v := range []string{s.Remote, s.Branch, shortCommit(s.Commit)} {
		if v != "" {
			parts = append(parts, v)
		}
	}
	if s.Dirty {
		parts = append(parts, "with local changes")
	}
	return strings.Join(parts, ", ")
}

func shortCommit(c string) string { return c[:min(len(c), 12)] }
