// Package report holds the HTML that reports are written in: templates with
// their style and script, and one typed page each. Every value reaches the
// page through html/template; only the embedded style and script are trusted,
// and the page's content security policy names them by their hashes.
//
// To add to a page, add a field to its type and its place to the template.
package report

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"io"
	"sync"
)

//go:embed *.tmpl *.css *.js
var files embed.FS

// pages are the templates, parsed for the first page that is written.
var pages = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("").ParseFS(files, "*.tmpl"))
})

// assets are what all pages embed.
var assets = sync.OnceValue(newAssets)

// Assets are the style and script of a page, with the policy that allows these
// and nothing else.
type Assets struct {
	Style  template.CSS
	Script template.JS
	Policy string
}

func newAssets() Assets {
	style, script := mustRead("report.css"), mustRead("report.js")
	return Assets{
		Style:  template.CSS(style), // embedded, ours
		Script: template.JS(script), // embedded, ours
		Policy: "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; style-src '" + hash(style) + "'; script-src '" + hash(script) + "'",
	}
}

// mustRead reads an embedded file; its absence is a bug that any test shows.
func mustRead(name string) string {
	data, err := files.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return string(data)
}

// hash is the source expression of an inline element: CSP 3, section 2.3.1.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// Assets makes the assets reachable from the templates of all pages.
func (Page) Assets() Assets { return assets() }

// Assets makes the assets reachable from the templates of all pages.
func (Overview) Assets() Assets { return assets() }

// Write writes the page.
func (p Page) Write(w io.Writer) error { return pages().ExecuteTemplate(w, "report.html.tmpl", p) }

// Write writes the page.
func (o Overview) Write(w io.Writer) error {
	return pages().ExecuteTemplate(w, "overview.html.tmpl", o)
}

// A Place is a place in a file: a link when the file is on the page.
type Place struct {
	Text   string // file:line, the file's base name where that is enough
	Full   string // file:line with its path, "" when Text has it
	Target string // id of the line on the page, "" none
}

// Page is the data of report.html.tmpl: one deployment.
type Page struct {
	Title    string
	Tool     string
	Headline string
	Badges   []Badge
	Nav      []Link
	Summary  []Term
	Coverage Coverage
	Answers  []Answer
	Maturity *Maturity // nil when there is no server to make packages for

	FindingsText string
	Findings     []Finding

	Before, After *Tree // nil when not known
	Moves         []Move
	Flow          *Flow

	Subjects []Subject
	Scripts  []Script

	Requirements []Item
	Unknowns     []Item
	Opaque       []Item
	Manual       []Item
}

// A Badge is a word with a colour: Kind is good, bad, warn or plain.
type Badge struct{ Kind, Text string }

// A Link is an entry of the contents; Count below 0 is not shown.
type Link struct {
	ID, Text string
	Count    int
}

// A Term is one line of the summary.
type Term struct {
	What, Value string
	At          []Place
}

// Coverage is how much of the scripts is understood. The percentages are of
// the bar and add up to 100.
type Coverage struct {
	Text                          string
	Understood, Opaque, Unreached int // statements
	UnderstoodX, OpaqueX          int // tenths of a percent: widths in a bar of 1000
}

// UnreachedX is the rest of the bar.
func (c Coverage) UnreachedX() int { return max(0, 1000-c.UnderstoodX-c.OpaqueX) }

// OpaqueFrom is where the opaque part of the bar begins.
func (c Coverage) OpaqueFrom() int { return c.UnderstoodX }

// UnreachedFrom is where the rest of the bar begins.
func (c Coverage) UnreachedFrom() int { return c.UnderstoodX + c.OpaqueX }

// An Answer is a question with what the facts say about it.
type Answer struct {
	Question, None string
	Points         []Item
}

// An Item is a text with places. Kind is a word set before it, "" none.
type Item struct {
	Kind, Text string
	Code       string // a command, "" none
	At         []Place
}

// Maturity is the ladder and what it is judged by.
type Maturity struct {
	Score, Max int
	Percent    int
	Rungs      []Rung
	Next, Cost string
	Properties []Property
	First      []string
	Automatic  int
	Choices    int
	Hand       int
	Todo       []string
}

// A Rung is one step of the ladder; State is done, here or ahead.
type Rung struct{ Title, Text, State string }

// A Property is held yes, partly, no or unknown.
type Property struct {
	Title, Held, Reason string
	At                  []Place
}

// A Finding is one finding. ID is its id on the page.
type Finding struct {
	ID, Rule, Severity, Confidence string
	Message, Value, Help           string
	At                             []Place
	Related                        []Item
}

// A Tree is the files of the machine that the deployment touches.
type Tree struct {
	Title string
	Roots []*Node
	Total int
}

// A Node is a path, or several that have no branches. Role is code, config,
// data, log, cache, run, unit or other.
type Node struct {
	Name, Role, Note string
	At               *Place
	Children         []*Node
	Rest             []*Node // children beyond the cap
	Open             bool
}

// Files is the number of nodes directly below n.
func (n *Node) Files() int { return len(n.Children) + len(n.Rest) }

// A Move is what goes where on take-over.
type Move struct {
	Role, From, To, Why string
	At                  []Place
}

// A Flow is a picture of the deployment: boxes in columns and arrows.
type Flow struct {
	Width, Height int
	Columns       []FlowText
	Boxes         []Box
	Arrows        []Arrow
	Words         []string // the picture in sentences
}

// A FlowText is text at a place of the picture.
type FlowText struct {
	X, Y   int
	Anchor string // text-anchor of a label: start or end
	Text   string
}

// A Box is a machine, a source or a program.
type Box struct {
	X, Y, W, H int
	Kind       string // source, host, service, other
	Full       string // for the tooltip
	Lines      []FlowText
}

// An Arrow is a path from box to box with its label.
type Arrow struct {
	D     string // SVG path data
	Label FlowText
}

// A Subject is a table of facts; rows beyond the cap stand in Rest.
type Subject struct {
	ID, Title string
	Head      []string
	HowFar    bool // some fact is uncertain or has conditions
	Rows      []Row
	Rest      []Row
}

// Total is the number of facts.
func (s Subject) Total() int { return len(s.Rows) + len(s.Rest) }

// A Row is one fact.
type Row struct {
	ID        string
	Cells     []Cell
	Certainty string // must, may
	Origin    string
	HowFar    bool   // the table has the column of the next two
	Note      string // conditions, in words
	Why       string
	At        []Place
}

// A Cell is one value under its column's name.
type Cell struct {
	Head, Text string
	Role       string // coloured as a role, "" not
	Mono       bool   // a path or a command
}

// A Script is a file with its lines. Error is why it could not be read.
type Script struct {
	ID, Path, Role, Language, Error string
	Open                            bool
	Lines                           []Line
}

// A Line is one line and what is known of it.
type Line struct {
	ID      string
	N       int
	Text    string
	Outcome string // class of the outcome: effect, opaque, unreached, quiet, ""
	Title   string // outcome in words
	Notes   []Note
	More    int // notes left out
}

// A Note is what a line does, or what becomes of it. Kind is fact, finding,
// fate or outcome.
type Note struct {
	Kind, Role, Text string
	Target           string // id on the page, "" none
}

// Overview is the data of overview.html.tmpl: a fleet.
type Overview struct {
	Title   string
	Tool    string
	Cards   []Card
	Rules   []Bar
	Classes []Bar
	Head    []string
	Rows    []FleetRow
	Rest    []FleetRow
	Errors  []Item
}

// A Card is a number with its meaning.
type Card struct{ Value, Text string }

// A Bar is a count drawn as a bar: Width of 1000.
type Bar struct {
	Text  string
	Count int
	Width int
}

// A FleetRow is one repository.
type FleetRow struct {
	Repo, App, Class, Rung string
	Risk, Ease             int
	RiskKind               string // bad, warn, good
	Findings               string
	Config, Services       string
	Effort                 string
}
