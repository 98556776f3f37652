package report

import (
	"fmt"
	"strings"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/model"
)

// table prints rows in columns. A row that is too wide is cut, its place kept;
// verbose, it runs over several lines instead.
func (t *terminal) table(rows []row) {
	widths := t.columns(rows)
	for _, r := range rows {
		t.row(r, widths)
		if !t.verbose {
			continue
		}
		if c := conditions(r.ev); c != "" {
			t.wrapped("      ", t.paint(yellow, "      "), c, nil)
		}
		if r.ev.Why != "" {
			t.wrapped("      ", "      ", "why: "+r.ev.Why, nil)
		}
	}
}

// columns are the widths of the columns of rows: the first at most half of the
// terminal, the others what they need, at most a quarter.
func (t *terminal) columns(rows []row) []int {
	var widths []int
	for _, r := range rows {
		for i, c := range r.cells {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			limit := t.width / 4
			if i == 0 {
				limit = t.width / 2
			}
			widths[i] = max(widths[i], min(cells.StringWidth(diag.Visible(c)), limit))
		}
	}
	return widths
}

func (t *terminal) row(r row, widths []int) {
	var b strings.Builder
	for i, c := range r.cells {
		if widths[i] == 0 {
			continue
		}
		text := diag.Visible(c)
		if !t.verbose {
			text = cells.Truncate(text, widths[i], "…")
		}
		b.WriteString(text + strings.Repeat(" ", max(0, widths[i]-cells.StringWidth(text))+2))
	}
	mark := "  "
	if r.ev.Certainty != model.Must {
		mark = "? "
	}
	place := diag.Visible(places1(r.ev.At))
	text := strings.TrimRight(b.String(), " ")
	if room := t.width - 4 - cells.StringWidth(place); !t.verbose && cells.StringWidth(text) > room {
		text = cells.Truncate(text, max(room, 10), "…")
	}
	fmt.Fprintf(t.w, "%s%s  %s\n", t.paint(yellow, mark), t.paint(roleColor(r.role), text), t.paint(dim, place))
}

func roleColor(role string) string {
	switch role {
	case model.RoleConfig:
		return yellow
	case model.RoleData:
		return green
	case model.RoleLog, model.RoleCache, model.RoleRun, model.RoleTmp, model.RoleBackup:
		return blue
	case model.RoleCode:
		return cyan
	}
	return ""
}

// open prints what is not understood, and, verbose, each statement's outcome.
func (t *terminal) open(d *model.Deployment) {
	if list := opaque(d); len(list) > 0 {
		t.head(fmt.Sprintf("Not understood (%d)", len(list)))
		n := t.cap(len(list))
		for _, s := range list[:n] {
			text := brief(s.Text)
			if s.Detail != "" {
				text += " (" + s.Detail + ")"
			}
			t.wrapped("  ", "  ", text, append(d.ClassAt[:0:0], s.At.Pos))
		}
		t.more(n, len(list))
	}
	for _, s := range d.Scripts {
		if s.Error != "" {
			t.wrapped("  ", "  ", "cannot be read: "+s.Path+": "+s.Error, nil)
		}
	}
	if !t.verbose || len(d.Statements) == 0 {
		return
	}
	t.head(fmt.Sprintf("Statements (%d)", len(d.Statements)))
	for _, s := range d.Statements {
		head := fmt.Sprintf("  %-12s ", diag.Visible(s.Outcome))
		t.wrapped(head, t.paint(dim, head), oneLine(s.Text), append(d.ClassAt[:0:0], s.At.Pos))
	}
}
