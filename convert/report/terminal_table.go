package report

import (
	"fmt"
	"strings"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/model"
)

// gap is what stands between two columns, and before the place.
const gap = 2

// table prints rows in columns, the place last. What does not fit is cut in
// the middle; verbose, a row takes what it needs.
func (t *terminal) table(rows []row) {
	places := make([]string, len(rows))
	most := 0
	for i, r := range rows {
		places[i] = diag.Visible(t.place(r.ev.At))
		most = max(most, cells.StringWidth(places[i]))
	}
	widths := t.columns(rows, most)
	for i, r := range rows {
		t.row(r, widths, places[i])
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

// columns are the widths of the columns of rows: what they need, and where the
// terminal has no room for that, the widest are narrowed first.
func (t *terminal) columns(rows []row, place int) []int {
	var widths []int
	for _, r := range rows {
		for i, c := range r.cells {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], min(cells.StringWidth(diag.Visible(c)), t.width))
		}
	}
	if !t.verbose {
		narrow(widths, t.width-len("  ")-place)
	}
	return widths
}

// minColumn is the width that a column keeps.
const minColumn = 8

// narrow takes columns off the widest until all of them and their gaps have
// room, as far as each keeps minColumn. The first one, by which a row is known,
// counts a third.
func narrow(widths []int, room int) {
	need := 0
	for _, w := range widths {
		if w > 0 {
			need += w + gap
		}
	}
	for ; need > room; need-- {
		i := widest(widths)
		if i < 0 {
			return
		}
		widths[i]--
	}
}

// widest is the column to narrow, -1 when none can be.
func widest(widths []int) int {
	best, most := -1, 0
	for i, w := range widths {
		weight := 3 * w
		if i == 0 {
			weight = w
		}
		if w > minColumn && weight > most {
			best, most = i, weight
		}
	}
	return best
}

func (t *terminal) row(r row, widths []int, place string) {
	var b strings.Builder
	for i, c := range r.cells {
		if widths[i] == 0 {
			continue
		}
		text := diag.Visible(c)
		if !t.verbose {
			text = squeeze(text, widths[i])
		}
		b.WriteString(text + strings.Repeat(" ", max(0, widths[i]-cells.StringWidth(text))+gap))
	}
	mark := "  "
	if r.ev.Certainty != model.Must {
		mark = "? "
	}
	text := strings.TrimRight(b.String(), " ")
	if room := t.width - len(mark) - gap - cells.StringWidth(place); !t.verbose && cells.StringWidth(text) > room {
		text = cells.Truncate(text, max(room, minColumn), "…")
	}
	fmt.Fprintf(t.w, "%s%s  %s\n", t.paint(yellow, mark), t.paint(roleColor(r.role), text), t.paint(dim, place))
}

// squeeze cuts text to at most width columns. The end of a path tells more than
// its middle.
func squeeze(text string, width int) string {
	if cells.StringWidth(text) <= width || !strings.Contains(text, "/") || strings.Contains(text, " ") {
		return cells.Truncate(text, width, "…")
	}
	tail := cells.TruncateLeft(text, cells.StringWidth(text)-width*2/3, "")
	head := cells.Truncate(text, width-1-cells.StringWidth(tail), "")
	return head + "…" + tail
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
