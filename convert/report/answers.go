package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
)

// An answer is what an administrator asks first, answered from the facts.
type answer struct {
	question string
	points   []point
	none     string // said when there is no point
}

type point struct {
	text string
	at   []source.Pos
}

func answers(d *model.Deployment) []answer {
	return []answer{
		{"Which account runs it?", whichAccount(d), "No program of the repository names an account: it runs as whoever runs the script."},
		{"What must be backed up?", whatToBackUp(d), "No configuration, data or migration was found."},
		{"What is lost or breaks on the next run?", whatBreaks(d), "Nothing was found that a second run loses or repeats."},
		{"What must be there first?", whatFirst(d), "Nothing: the scripts demand nothing that was seen."},
		{"What must be decided before packaging?", whatToDecide(d), "Nothing: the conversion can run without a question."},
	}
}

func whichAccount(d *model.Deployment) []point {
	var out []point
	for _, u := range d.Facts.Units {
		text := fmt.Sprintf("%s runs as %s", u.Name, unitUser(u))
		if u.Group != "" {
			text += ", group " + u.Group
		}
		out = append(out, point{text, u.At})
	}
	for _, u := range d.Facts.Users {
		out = append(out, point{fmt.Sprintf("%s is created%s", u.Name, homeWords(u)), u.At})
	}
	for _, a := range d.Facts.Required {
		out = append(out, point{fmt.Sprintf("%s (%s) is used and must exist", a.Name, a.Kind), a.At})
	}
	return out
}

func homeWords(u model.User) string {
	if u.Home == "" {
		return ""
	}
	return ", home " + u.Home
}

func whatToBackUp(d *model.Deployment) []point {
	var out []point
	for _, c := range d.Facts.ConfigFiles {
		text := c.Path + ": configuration"
		if c.InCodeDir {
			text += ", in the code directory"
		}
		if c.Secret {
			text += ", holds a credential"
		}
		out = append(out, point{text, c.At})
	}
	for _, x := range d.Facts.Directories {
		if x.Role == model.RoleData {
			out = append(out, point{x.Path + ": data", x.At})
		}
	}
	for _, m := range d.Facts.Migrations {
		out = append(out, point{"the data that this changes: " + brief(m.Command), m.At})
	}
	return out
}

// rerunRules are the rules whose findings are about the next run.
var rerunRules = map[string]bool{
	"config-overwritten-on-deploy": true, "unit-overwritten-on-deploy": true, "git-clean-eats-config": true, "config-edited-in-place": true,
	"generated-config-not-idempotent": true, "not-idempotent": true, "delete-before-new-copy-ready": true,
	"unguarded-useradd": true, "state-in-code-dir": true, "upload-in-code-dir": true, "env-file-in-checkout": true,
}

func whatBreaks(d *model.Deployment) []point {
	var out []point
	said := map[line]bool{}
	for i := range d.Findings {
		f := &d.Findings[i]
		if !rerunRules[f.Rule] {
			continue
		}
		p := point{text: f.Message}
		for _, at := range f.At {
			p.at = append(p.at, at.Pos)
			said[line{at.File, at.Line}] = true
		}
		out = append(out, p)
	}
	for _, c := range d.Facts.ConfigFiles {
		if overwrites(c) && !(len(c.At) > 0 && said[line{c.At[0].File, c.At[0].Line}]) {
			out = append(out, point{"edits of " + c.Path + " are lost: each deployment writes it (" + c.How + ")", c.At})
		}
	}
	for _, s := range d.Facts.Services {
		if p := s.UnitPath; s.Own && p != "" && writtenAlways(d, p) && !(len(s.At) > 0 && said[line{s.At[0].File, s.At[0].Line}]) && !speaksOf(out, p) {
			out = append(out, point{"edits of " + p + " are lost: each deployment writes it", s.At[:min(1, len(s.At))]})
		}
	}
	return out
}

// speaksOf tells whether a point names a path.
func speaksOf(points []point, path string) bool {
	return slices.ContainsFunc(points, func(p point) bool {
		return slices.ContainsFunc(strings.Fields(p.text), func(w string) bool { return strings.TrimRight(w, ":,") == path })
	})
}

// writtenAlways tells whether each deployment writes a file again.
func writtenAlways(d *model.Deployment, p string) bool {
	for _, f := range d.Facts.Files {
		if f.Path == p {
			return !f.Once
		}
	}
	return false
}

func whatFirst(d *model.Deployment) []point {
	var out []point
	for _, n := range needs(d) {
		out = append(out, point{n.words(), n.ev.At})
	}
	var names []string
	var at []source.Pos
	for _, p := range d.Facts.Packages {
		names = append(names, p.Name)
		at = append(at, p.At...)
	}
	if len(names) > 0 {
		out = append(out, point{"packages of the distribution, which it installs itself: " + first(12, names), at})
	}
	return out
}

func whatToDecide(d *model.Deployment) []point {
	var out []point
	for _, u := range d.Unknowns {
		out = append(out, point{u.Text, u.At})
	}
	for _, c := range d.Facts.ConfigFiles {
		if len(c.Holes) > 0 {
			out = append(out, point{"who gives " + strings.Join(c.Holes, ", ") + " for " + c.Path, c.At})
		} else if c.InCodeDir {
			out = append(out, point{"where " + c.Path + " moves to, and how the program finds it there", c.At})
		}
	}
	for _, m := range d.Facts.Migrations {
		out = append(out, point{"when this runs: " + brief(m.Command), m.At})
	}
	for _, x := range d.Facts.Downloads {
		if !x.Verified {
			out = append(out, point{"what " + brief(x.URL) + " is replaced by: a pinned checksum, or a package", x.At})
		}
	}
	for _, s := range d.Facts.Secrets {
		out = append(out, point{"where the credential is kept (" + s.Rule + ")", s.At})
	}
	return out
}
