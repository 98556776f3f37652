package detect

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/model"
)

// fragmentCaps bound the score of files that only embed the shell of a
// deployment, by the kind of front: a script whose name says that it deploys is
// always before them.
var fragmentCaps = map[string]int{"ci": 16, "makefile": 16, "doc": 10, "userdata": 16}

// fragments lists the CI jobs, Makefiles and documents whose shell deploys, by
// what that shell does, not by the name of the file.
func (c *Companion) fragments() []model.Candidate {
	var out []model.Candidate
	for i := range c.Results {
		r := &c.Results[i]
		most := fragmentCaps[fronts[r.Kind].kind]
		if most == 0 || slices.ContainsFunc(out, func(o model.Candidate) bool { return o.Path == r.Path }) {
			continue
		}
		if f, ok := fragment(r, most); ok {
			out = append(out, f)
		}
	}
	return out
}

// fragment weighs the shell of one file.
func fragment(r *Declared, most int) (model.Candidate, bool) {
	wants := fronts[r.Kind].wants
	var text strings.Builder
	var names []string
	for i := range r.Shell {
		s := &r.Shell[i]
		if wants != nil && !wants[s.Phase] || s.Phase == "build" {
			continue
		}
		text.WriteString(s.Text + "\n")
		if s.Phase == "deploy" && s.Name != "" {
			names = appendNew(names, s.Name)
		}
	}
	score, class := contentOf(text.String())
	if score <= 0 || !class.Packageable() {
		return model.Candidate{}, false
	}
	where := "its shell"
	if len(names) > 0 {
		where = strings.Join(names[:min(len(names), 3)], ", ")
	}
	reason := where + " in it changes a server"
	if path.Ext(r.Path) == ".md" {
		reason = "people are told to type what changes a server: " + where
	}
	return model.Candidate{Path: r.Path, Class: class, Score: min(score, most), Reason: reason}, true
}

// contentOf weighs what a shell text does, and to what kind of place.
func contentOf(text string) (int, model.Class) {
	sums := map[model.Class]int{}
	content := 0
	for _, s := range signs {
		if s.re.MatchString(text) {
			content += s.score
			sums[s.class] += max(s.score, -s.score)
		}
	}
	return content, strongest(sums)
}
