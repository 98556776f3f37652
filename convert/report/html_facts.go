package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/model"
	page "github.com/nativize/nativize/templates/report"
)

// roleClass is role when the style knows it; text of the repository never
// becomes a class.
func roleClass(role string) string {
	switch role {
	case model.RoleCode, model.RoleConfig, model.RoleLog, model.RoleData, model.RoleCache, model.RoleRun, model.RoleTmp, model.RoleBackup, roleUnit:
		return role
	}
	return model.RoleOther
}

// roleUnit is the colour of units, services and scheduled jobs.
const roleUnit = "unit"

// rowID is the id of fact j of subject i.
func rowID(i, j int) string { return fmt.Sprintf("f%d-%d", i, j) }

func (b *builder) subjects() []page.Subject {
	var out []page.Subject
	for i, s := range subjects {
		rows := s.rows(&b.d.Facts)
		if len(rows) == 0 {
			continue
		}
		used := usedColumns(rows)
		ps := page.Subject{ID: "facts-" + s.id, Title: s.title, HowFar: slices.ContainsFunc(rows, limited)}
		for c, h := range s.head {
			if used[c] {
				ps.Head = append(ps.Head, h)
			}
		}
		for j, r := range rows {
			row := b.row(s, r, used)
			row.ID, row.HowFar = rowID(i, j), ps.HowFar
			if j < tableCap {
				ps.Rows = append(ps.Rows, row)
			} else {
				ps.Rest = append(ps.Rest, row)
			}
		}
		out = append(out, ps)
	}
	return out
}

// limited tells whether something is to be said of how far the fact holds.
func limited(r row) bool { return conditions(r.ev) != "" || r.ev.Why != "" }

// usedColumns tells which columns have a value; the first always stands.
func usedColumns(rows []row) []bool {
	used := make([]bool, len(rows[0].cells))
	used[0] = true
	for _, r := range rows {
		for i, c := range r.cells {
			used[i] = used[i] || c != ""
		}
	}
	return used
}

func (b *builder) row(s subject, r row, used []bool) page.Row {
	out := page.Row{Certainty: "may", Origin: originClass(r.ev.Origin), Note: visible(withoutMaybe(r.ev)), Why: visible(r.ev.Why), At: b.places(r.ev.At)}
	if r.ev.Certainty == model.Must {
		out.Certainty = "must"
	}
	for i, c := range r.cells {
		if !used[i] {
			continue
		}
		cell := page.Cell{Head: s.head[i], Text: visible(c), Mono: i > 0 && strings.Contains(c, "/")}
		switch {
		case i == 0 && r.role != "":
			cell.Role = roleClass(r.role)
		case s.head[i] == "Role" && c != "":
			cell.Role = roleClass(c)
		}
		out.Cells = append(out.Cells, cell)
	}
	return out
}

// withoutMaybe is conditions without "maybe", which the page shows as a tag.
func withoutMaybe(e model.Evidence) string {
	e.Certainty = model.Must
	return conditions(e)
}

func originClass(origin string) string {
	switch origin {
	case model.FromCompanion, model.FromImplied:
		return origin
	}
	return model.FromScript
}
