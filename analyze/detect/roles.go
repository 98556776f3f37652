package detect

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/input"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
)

// claimed adds the configuration that units name and that no script makes: the
// file that EnvironmentFile= reads must come from somewhere.
func (c *Companion) claimed(d *model.Deployment) {
	for _, u := range d.Facts.Units {
		p := strings.TrimPrefix(u.EnvFile, "-")
		if !path.IsAbs(p) || strings.ContainsAny(p, "$%*") || slices.ContainsFunc(d.Facts.ConfigFiles, func(o model.ConfigFile) bool { return o.Path == p }) {
			continue
		}
		at := u.At[:1]
		if place, ok := u.Places["env_file"]; ok {
			at = []source.Pos{place}
		}
		d.Facts.ConfigFiles = append(d.Facts.ConfigFiles, model.ConfigFile{Path: p, From: c.Sample(path.Base(p)), How: model.HowCopyIfAbsent,
			InCodeDir: d.CodeDir != "" && strings.HasPrefix(p, d.CodeDir+"/"), Reasons: []string{"the unit " + u.Name + " reads it as its environment"},
			Evidence: model.Evidence{At: slices.Clone(at), Certainty: model.May, Origin: model.FromCompanion, Why: "EnvironmentFile of the unit " + u.Name}})
	}
}

// Sample finds the sample of a configuration file in the repository, "" none:
// the one that lies highest.
func (c *Companion) Sample(base string) string {
	best := ""
	for _, f := range c.repo.Files() {
		if !f.IsRegular() || f.Ignored || !strings.HasPrefix(path.Base(f.Path), base) && !strings.Contains(path.Base(f.Path), strings.TrimPrefix(base, ".")) {
			continue
		}
		if t, ok := input.IsSample(path.Base(f.Path)); ok && t == base && (best == "" || strings.Count(f.Path, "/") < strings.Count(best, "/")) {
			best = f.Path
		}
	}
	return best
}

// hows are what the ways of making a file tell of it.
var hows = map[string]string{
	model.HowCopyIfAbsent: "the scripts never replace it once it is there",
	model.HowTemplate:     "the scripts fill in values of the machine",
	model.HowSedEdit:      "the scripts change single values in it",
	model.HowPrompt:       "its values are asked of a person",
	model.HowHeredoc:      "the scripts write it for this machine",
}

// Reasons says why each configuration file is taken for one, and how the
// program is told of it.
func Reasons(d *model.Deployment, repo *source.Repo) {
	for i := range d.Facts.ConfigFiles {
		c := &d.Facts.ConfigFiles[i]
		say := func(text string) {
			if !slices.Contains(c.Reasons, text) {
				c.Reasons = append(c.Reasons, text)
			}
		}
		if strings.HasPrefix(c.Path, "/etc/") {
			say("it lies below /etc")
		} else if configName.MatchString(path.Base(c.Path)) {
			say("its name is one that configuration has")
		}
		if text := hows[c.How]; text != "" {
			say(text)
		}
		if c.From != "" {
			if _, ok := input.IsSample(path.Base(c.From)); ok {
				say(c.From + " is a sample of it")
			}
		}
		if rest, ok := strings.CutPrefix(c.Path, d.CodeDir+"/"); ok && d.CodeDir != "" && repo.Ignored(rest) {
			say("git ignores it: each machine has its own")
		}
		c.Reader = readerOf(&d.Facts, c.Path)
	}
}

// readerOf is how a program is told of a file: the option of a unit's command,
// or the variable of its environment, that holds the path.
func readerOf(f *model.Facts, p string) string {
	for _, u := range f.Units {
		for _, e := range u.Environment {
			if e.Value == p {
				return e.Key
			}
		}
		words := strings.Fields(u.Exec)
		for i, w := range words {
			w = strings.Trim(w, `"'`)
			if flag, value, ok := strings.Cut(w, "="); ok && value == p && strings.HasPrefix(flag, "-") {
				return flag
			}
			if w == p && i > 0 && strings.HasPrefix(words[i-1], "-") {
				return words[i-1]
			}
		}
	}
	return ""
}
