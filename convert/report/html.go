package report

import (
	"fmt"
	"io"
	"path"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
	page "github.com/nativize/nativize/templates/report"
)

// tableCap is how many rows of a table are shown before "Show all".
const tableCap = 50

// writeHTML writes one file that needs no other: see templates/report.
func writeHTML(w io.Writer, d *model.Deployment, opt Options) error {
	b := &builder{d: d, opt: opt, files: readFiles(d, opt)}
	return b.page().Write(w)
}

// A builder turns a deployment into a page. Ids on the page are made of
// numbers, never of names.
type builder struct {
	d     *model.Deployment
	opt   Options
	files *fileSet
}

func (b *builder) page() page.Page {
	d := b.d
	p := page.Page{
		Title: visible("Deployment audit: " + name(d)), Tool: visible(orElse(d.Tool, "nativize")), Headline: visible(headline(d)),
		Badges: badges(d), Coverage: coverage(d.Coverage), FindingsText: diag.Summary(d.Findings, 0), Findings: b.findings(),
		Subjects: b.subjects(), Scripts: b.scripts(), Opaque: b.opaqueItems(),
	}
	for _, f := range summary(d) {
		if f.what == "Understood" && p.Coverage.Text != "" {
			continue // has a card of its own
		}
		p.Summary = append(p.Summary, page.Term{What: f.what, Value: visible(f.value), At: b.places(f.at)})
	}
	for _, n := range needs(d) {
		p.Requirements = append(p.Requirements, page.Item{Kind: visible(n.kind), Text: visible(n.text), At: b.places(n.ev.At)})
	}
	for _, u := range d.Unknowns {
		p.Unknowns = append(p.Unknowns, page.Item{Text: visible(u.Text), At: b.places(u.At)})
	}
	if d.Class.Packageable() {
		p.Maturity, p.Answers = b.maturity(), b.answers()
		p.Flow = flow(d)
		p.Before, p.After = b.before(), b.after()
		p.Moves, p.Manual = b.moves(), b.manual()
	}
	p.Nav = nav(&p)
	return p
}

// visible is s as the page has it: bounded, with controls made visible.
func visible(s string) string { return diag.Visible(bounded(s)) }

func nav(p *page.Page) []page.Link {
	links := []page.Link{{ID: "summary", Text: "Summary", Count: -1}}
	add := func(there bool, id, text string, count int) {
		if there {
			links = append(links, page.Link{ID: id, Text: text, Count: count})
		}
	}
	facts := 0
	for _, s := range p.Subjects {
		facts += s.Total()
	}
	add(len(p.Answers) > 0, "answers", "Questions", -1)
	add(true, "findings", "Findings", len(p.Findings))
	add(p.Flow != nil, "flow", "How it is deployed", -1)
	add(p.Before != nil, "machine", "The machine", -1)
	add(true, "facts", "Facts", facts)
	add(len(p.Scripts) > 0, "scripts", "Scripts", len(p.Scripts))
	add(p.Maturity != nil, "maturity", "Maturity and effort", -1)
	add(true, "open", "Requirements, unknowns", len(p.Requirements)+len(p.Unknowns)+len(p.Opaque))
	return links
}

func badges(d *model.Deployment) []page.Badge {
	class := "plain"
	if !d.Class.Packageable() {
		class = "warn"
	}
	out := []page.Badge{{Kind: class, Text: visible(orElse(string(d.Class), "class unknown"))}}
	for _, s := range d.Strategy {
		out = append(out, page.Badge{Kind: "plain", Text: visible(s)})
	}
	c := diag.Counts(d.Findings)
	if c.Error > 0 {
		out = append(out, page.Badge{Kind: "bad", Text: plural(c.Error, "error")})
	}
	if c.Warning > 0 {
		out = append(out, page.Badge{Kind: "warn", Text: plural(c.Warning, "warning")})
	}
	if d.Coverage.Statements > 0 && d.Coverage.Opaque == 0 {
		out = append(out, page.Badge{Kind: "good", Text: "all statements understood"})
	}
	return out
}

func coverage(c model.Coverage) page.Coverage {
	if c.Statements <= 0 {
		return page.Coverage{}
	}
	return page.Coverage{
		Text: coverageWords(c), Understood: c.Understood, Opaque: c.Opaque, Unreached: c.Unreached,
		UnderstoodX: min(1000, 1000*c.Understood/c.Statements), OpaqueX: min(1000, (1000*c.Opaque+c.Statements-1)/c.Statements),
	}
}

func (b *builder) answers() []page.Answer {
	var out []page.Answer
	for _, a := range answers(b.d) {
		q := page.Answer{Question: a.question, None: a.none}
		for _, p := range a.points[:min(len(a.points), tableCap)] {
			q.Points = append(q.Points, page.Item{Text: visible(p.text), At: b.places(p.at)})
		}
		if n := len(a.points) - tableCap; n > 0 {
			q.Points = append(q.Points, page.Item{Text: fmt.Sprintf("… and %d more, below among the facts", n)})
		}
		out = append(out, q)
	}
	return out
}

func (b *builder) findings() []page.Finding {
	var out []page.Finding
	list := ranked(b.d.Findings)
	for i := range list {
		f := &list[i]
		pf := page.Finding{
			ID: fmt.Sprintf("finding-%d", i), Rule: visible(f.Rule), Severity: visible(string(f.Severity)), Confidence: visible(string(f.Confidence)),
			Message: visible(f.Message), Value: visible(f.Value), Help: visible(f.Help),
		}
		for _, at := range f.At {
			pf.At = append(pf.At, b.place(at.Pos))
		}
		for _, l := range f.Related {
			pf.Related = append(pf.Related, page.Item{Text: visible(l.Text), At: []page.Place{b.place(l.At.Pos)}})
		}
		out = append(out, pf)
	}
	return out
}

func (b *builder) opaqueItems() []page.Item {
	var out []page.Item
	for _, s := range opaque(b.d) {
		out = append(out, page.Item{Code: visible(brief(s.Text)), Text: visible(s.Detail), At: []page.Place{b.place(s.At.Pos)}})
	}
	return out
}

func (b *builder) maturity() *page.Maturity {
	m := b.d.Maturity
	out := &page.Maturity{
		Score: m.Score, Max: m.Max, Percent: 100 * m.Score / max(1, m.Max), Next: visible(m.Next), Cost: visible(m.Cost),
		Automatic: m.Effort.Automatic, Choices: m.Effort.Choices, Hand: m.Effort.Hand,
	}
	here := rungIndex(m.Rung)
	for i, r := range rungs {
		state := "ahead"
		if i < here {
			state = "done"
		} else if i == here {
			state = "here"
		}
		out.Rungs = append(out.Rungs, page.Rung{Title: r.title, Text: r.text, State: state})
	}
	for _, p := range m.Properties {
		out.Properties = append(out.Properties, page.Property{Title: visible(propertyTitle(p.Name)), Held: heldWord(p.Held), Reason: visible(p.Reason), At: b.places(p.At)})
	}
	for _, s := range m.First {
		out.First = append(out.First, visible(s))
	}
	for _, s := range m.Effort.List {
		out.Todo = append(out.Todo, visible(s))
	}
	return out
}

// heldWord is one of the four answers, whatever the model says.
func heldWord(held string) string {
	switch held {
	case yes, partly, no:
		return held
	}
	return unknown
}

// maxPlaces is how many places of a fact the page lists.
const maxPlaces = 4

func (b *builder) places(at []source.Pos) []page.Place {
	var out []page.Place
	for _, p := range sortedPlaces(at) {
		if len(out) == maxPlaces {
			out = append(out, page.Place{Text: fmt.Sprintf("+%d", len(at)-maxPlaces)})
			break
		}
		out = append(out, b.place(p))
	}
	return out
}

// place is a link when the line is on the page; a base name that no other
// file there has stands for its path.
func (b *builder) place(p source.Pos) page.Place {
	out := page.Place{Text: visible(shortPos(p)), Target: b.files.target(p)}
	if base := path.Base(p.File); out.Target != "" && base != p.File && b.files.bases[base] == 1 {
		out.Full = out.Text
		p.File = base
		out.Text = visible(shortPos(p))
	}
	return out
}
