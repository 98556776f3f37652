package report

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nativize/nativize/analyze/diag"
	page "github.com/nativize/nativize/templates/report"
)

// OverviewForms are the forms of an overview of a fleet, the default first.
var OverviewForms = []string{"html", "csv"}

// Overview writes records, ranked by risk and then by ease of conversion, as
// one HTML file or as CSV (RFC 4180, with a head line).
func Overview(w io.Writer, form string, records []*Record) error {
	var err error
	switch form {
	case "html":
		err = overviewPage(records).Write(w)
	case "csv":
		err = writeCSV(w, records)
	default:
		return fmt.Errorf("unknown form %q (have %s)", form, strings.Join(OverviewForms, ", "))
	}
	if err != nil {
		return fmt.Errorf("write %s overview: %w", form, err)
	}
	return nil
}

// byRisk ranks: the riskiest first, among equals the easiest to convert.
func byRisk(records []*Record) []*Record {
	out := slices.Clone(records)
	slices.SortStableFunc(out, func(a, b *Record) int {
		return cmp.Or(b.Risk-a.Risk, b.Ease-a.Ease, strings.Compare(a.Repo, b.Repo))
	})
	return out
}

var csvHead = []string{"repo", "error", "app", "class", "commit", "entry", "code_dir", "strategy", "services", "risk", "ease", "rung", "score", "max",
	"errors", "warnings", "notes", "config_files", "config_in_code_dir", "facts", "statements", "understood", "opaque", "automatic", "choices", "hand"}

func writeCSV(w io.Writer, records []*Record) error {
	out := csv.NewWriter(w)
	if err := out.Write(csvHead); err != nil {
		return err
	}
	for _, r := range byRisk(records) {
		row := []string{r.Repo, r.Error, r.App, r.Class, r.Commit, r.Entry, r.CodeDir, strings.Join(r.Strategy, " "), strings.Join(r.Services, " ")}
		for i := range row {
			row[i] = plainCell(row[i])
		}
		row = append(row, fmt.Sprint(r.Risk), fmt.Sprint(r.Ease), plainCell(r.Rung))
		for _, n := range []int{r.Score, r.Max, r.Findings.Error, r.Findings.Warning, r.Findings.Note, r.Config, r.ConfigInCode, r.Facts,
			r.Coverage.Statements, r.Coverage.Understood, r.Coverage.Opaque, r.Automatic, r.Choices, r.Hand} {
			row = append(row, fmt.Sprint(n))
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// plainCell keeps spreadsheets from taking text for a formula: by its first
// character, spaces before it and full-width forms included.
func plainCell(s string) string {
	s = diag.Visible(s)
	if first, _ := utf8.DecodeRuneInString(strings.TrimLeftFunc(s, unicode.IsSpace)); strings.ContainsRune("=+-@|%＝＋－＠", first) {
		return "'" + s
	}
	return s
}

func overviewPage(records []*Record) page.Overview {
	records = byRisk(records)
	o := page.Overview{Title: "Fleet audit", Tool: "nativize: read from the scripts, nothing was run", Head: []string{"Repository", "Risk", "Ease", "Class", "Rung", "Findings", "Configuration", "Services", "Effort"}}
	var servers, errs, inCode, easy int
	for _, r := range records {
		if r.Error != "" {
			errs++
			o.Errors = append(o.Errors, page.Item{Code: visible(r.Repo), Text: visible(r.Error)})
			continue
		}
		if r.Max > 0 && r.Ease > 0 {
			servers++
		}
		if r.Ease >= 80 {
			easy++
		}
		if r.ConfigInCode > 0 {
			inCode++
		}
		if len(o.Rows) < 4*tableCap {
			o.Rows = append(o.Rows, fleetRow(r))
		} else {
			o.Rest = append(o.Rest, fleetRow(r))
		}
	}
	o.Cards = []page.Card{
		{Value: fmt.Sprint(len(records)), Text: "repositories"}, {Value: fmt.Sprint(servers), Text: "deploy to servers"},
		{Value: fmt.Sprint(easy), Text: "easy to convert (80 or more)"}, {Value: fmt.Sprint(inCode), Text: "with configuration in the code directory"},
		{Value: fmt.Sprint(errs), Text: "not audited"},
	}
	o.Rules, o.Classes = ruleBars(records), classBars(records)
	return o
}

func fleetRow(r *Record) page.FleetRow {
	row := page.FleetRow{
		Repo: visible(r.Repo), App: visible(r.App), Class: visible(r.Class), Rung: visible(rungTitle(r)), Risk: r.Risk, Ease: r.Ease, RiskKind: "good",
		Findings: fmt.Sprintf("%d / %d / %d", r.Findings.Error, r.Findings.Warning, r.Findings.Note),
		Config:   fmt.Sprintf("%d, %d in code", r.Config, r.ConfigInCode), Services: visible(first(3, r.Services)),
		Effort: fmt.Sprintf("%d choices, %d by hand", r.Choices, r.Hand),
	}
	if r.Risk >= 60 {
		row.RiskKind = "bad"
	} else if r.Risk >= 30 {
		row.RiskKind = "warn"
	}
	return row
}

// rungTitle is empty for what has no place on the ladder.
func rungTitle(r *Record) string {
	if r.Ease == 0 {
		return ""
	}
	return fmt.Sprintf("%s, %d of %d", rungs[rungIndex(r.Rung)].title, r.Score, r.Max)
}

// maxBars is how many bars a chart has.
const maxBars = 15

func ruleBars(records []*Record) []page.Bar {
	count := map[string]int{}
	for _, r := range records {
		for rule := range r.Rules {
			count[rule]++
		}
	}
	return bars(count)
}

func classBars(records []*Record) []page.Bar {
	count := map[string]int{}
	for _, r := range records {
		if r.Error == "" {
			count[orElse(r.Class, "unknown")]++
		}
	}
	return bars(count)
}

func bars(count map[string]int) []page.Bar {
	var out []page.Bar
	most := 1
	for text, n := range count {
		out = append(out, page.Bar{Text: visible(text), Count: n})
		most = max(most, n)
	}
	slices.SortFunc(out, func(a, b page.Bar) int { return cmp.Or(b.Count-a.Count, strings.Compare(a.Text, b.Text)) })
	out = out[:min(len(out), maxBars)]
	for i := range out {
		out[i].Width = 1000 * out[i].Count / most
	}
	return out
}
