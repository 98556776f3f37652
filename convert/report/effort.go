package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
)

// effort counts what a conversion takes: steps that need nobody, choices that a
// person makes once, and work by hand; the list names the last two.
func effort(d *model.Deployment) model.Effort {
	e := model.Effort{List: []string{}}
	f := &d.Facts
	choice := func(format, what string, at []source.Pos) { e.Choices++; addEffort(&e, format, what, at) }
	hand := func(format, what string, at []source.Pos) { e.Hand++; addEffort(&e, format, what, at) }
	e.Automatic = len(f.Users) + len(f.Groups) + len(f.Directories) + len(f.Files) + len(f.Symlinks) +
		len(f.Services) + len(f.Packages) + len(f.Languages) + len(f.Cron) + len(f.Backups)
	for _, c := range f.ConfigFiles {
		if c.InCodeDir || len(c.Holes) > 0 || c.How == model.HowPrompt {
			choice("Choose where %s goes and who fills it in", c.Path, c.At)
		} else {
			e.Automatic++
		}
	}
	for _, m := range f.Migrations {
		choice("Choose when this runs: %s", m.Command, m.At)
	}
	for _, u := range d.Unknowns {
		choice("Answer: %s", u.Text, u.At)
	}
	for _, x := range f.Downloads {
		if x.Verified {
			e.Automatic++
		} else {
			choice("Pin %s with a checksum, or put it in the package", x.URL, x.At)
		}
	}
	for _, s := range f.Secrets {
		hand("Move the credential out (%s)", s.Rule, s.At)
	}
	for _, s := range f.Steps {
		hand("Decide on the change to the machine: %s", s.Command, s.At)
	}
	for _, s := range opaque(d) {
		hand("Read what is not understood: %s", s.Text, []source.Pos{s.At.Pos})
	}
	return e
}

func addEffort(e *model.Effort, format, what string, at []source.Pos) {
	text := fmt.Sprintf(format, brief(what))
	if len(at) > 0 {
		text += " (" + shortPos(at[0]) + ")"
	}
	e.List = append(e.List, text)
}

// opaque are the statements that were not understood, one a text.
func opaque(d *model.Deployment) []model.Statement {
	var out []model.Statement
	seen := map[string]bool{}
	for _, s := range d.Statements {
		if isOpaque(s.Outcome) && !seen[s.Text] {
			seen[s.Text] = true
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(a, b model.Statement) int { return a.At.Compare(b.At.Pos) })
	return out
}

func isOpaque(outcome string) bool { return strings.HasPrefix(outcome, "opaque") }

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// brief is s on one line of bounded length: enough to know a command by.
func brief(s string) string { return cells.Truncate(oneLine(bounded(s)), 240, "…") }

// bounded is s, cut where it is no longer for people to read.
func bounded(s string) string {
	if len(s) <= maxText {
		return s
	}
	return strings.ToValidUTF8(s[:maxText], "") + "…"
}

// maxText is the most bytes of one text of a repository in a report for people.
const maxText = 2000
