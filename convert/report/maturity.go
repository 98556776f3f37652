package report

import (
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
)

// The rungs of the ladder, lowest first.
var rungs = []rung{
	{"scm+ssh", "Checkout over SSH", "the server pulls, or is sent, a working tree",
		"A versioned artefact: the same bytes on every host, and a number to go back to.",
		"Publish the application as a package of its language, with pinned dependencies."},
	{"language-package", "Language package", "pip, npm, gem or the like installs the application",
		"One artefact that also carries what the language does not: units, configuration, assets.",
		"Build one archive a release, with a checksum beside it, instead of building on each host."},
	{"tarball", "Tarball", "a built archive is fetched and unpacked by a script",
		"The package manager keeps the files: checked, owned, upgraded, removed, with edited configuration kept.",
		"Run nativize convert, decide what it asks, and install the package on a test server."},
	{"native-package", "Native package", "dpkg, rpm, apk or pacman installs it",
		"Top of the ladder: what is left is a signed repository and a tested upgrade.",
		"Sign the repository, and run nativize verify on every release."},
}

// A rung is one step of the ladder.
type rung struct{ id, title, text, next, cost string }

// points are what a property gives: held 2, partly 1.
var points = map[string]int{yes: 2, partly: 1}

// The answers of a property.
const (
	yes     = "yes"
	partly  = "partly"
	no      = "no"
	unknown = "unknown"
)

// Assess places d on the ladder scm+ssh, language package, tarball, native
// package, from its facts and findings alone: twelve properties, each with its
// evidence, two points when held and one when partly. A property that nothing
// tells is unknown and gives none.
func Assess(d *model.Deployment) *model.Maturity {
	m := &model.Maturity{Properties: make([]model.Property, 0, len(properties))}
	for _, p := range properties {
		v := p.judge(d)
		m.Properties = append(m.Properties, model.Property{Name: p.name, Held: v.held, Reason: v.reason, At: sortedPlaces(v.at)})
		m.Score += points[v.held]
		m.Max += 2
	}
	r := rungs[rungOf(d)]
	m.Effort = effort(d)
	m.Rung, m.Next, m.Cost = r.id, r.next, r.cost
	if r.id == rungs[0].id && len(d.Facts.Languages) == 0 {
		m.Cost = rungs[1].cost // no language that could have a package of it
	}
	switch work := plural(m.Effort.Choices, "choice") + " and " + plural(m.Effort.Hand, "thing") + " by hand"; rungOf(d) {
	case len(rungs) - 1:
	case len(rungs) - 2:
		m.Cost += " Before that: " + work + "."
	default:
		m.Cost += " Or go to the top at once, with nativize convert: " + work + "."
	}
	m.First = firstThree(d, m.Properties)
	return m
}

// rungOf judges by how the application's own code travels; packages of the
// distribution and of the language may come along as its dependencies.
func rungOf(d *model.Deployment) int {
	has := func(words ...string) bool {
		return slices.ContainsFunc(d.Strategy, func(s string) bool {
			return slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(s, w) })
		})
	}
	switch {
	case has("git", "hg", "svn", "rsync", "scp", "sftp"):
		return 0
	case has("tarball", "zip", "binary-download"):
		return 2
	case has("cp", "build-on-server"):
		return 0
	case has("language-package"):
		return 1
	case has("os-package"):
		return 3
	}
	return 0
}

func rungIndex(id string) int {
	return max(0, slices.IndexFunc(rungs, func(r rung) bool { return r.id == id }))
}

// maxEvidence is how many places a property keeps.
const maxEvidence = 12

// sortedPlaces are the places in order, one a line.
func sortedPlaces(at []source.Pos) []source.Pos {
	out := slices.Clone(at)
	slices.SortFunc(out, source.Pos.Compare)
	out = slices.CompactFunc(out, func(a, b source.Pos) bool { return a.File == b.File && a.Line == b.Line })
	if out == nil {
		out = []source.Pos{}
	}
	return out[:min(len(out), maxEvidence)]
}
