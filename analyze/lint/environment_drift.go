package lint

import (
	"maps"
	"path"
	"slices"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/input"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/source"
)

var environmentDrift = &Rule{
	ID: "environment-drift", Group: Configuration, Severity: diag.Warning, Confidence: diag.High, Repo: true,
	Doc: Doc{
		Title:      "Settings files of two environments have different keys",
		Text:       "A key that only staging has was never tested the way production runs, and one that only production has was never tested at all. The program falls back to a default nobody chose.",
		Bad:        "-- deploy.sh --\n#!/bin/sh\nset -e\ncp config/$1.env /etc/shop.env\n-- config/staging.env --\nURL=http://staging\nCACHE=redis\nTIMEOUT=5\n-- config/production.env --\nURL=http://www\nTIMEOUT=5\n",
		Good:       "-- deploy.sh --\n#!/bin/sh\nset -e\ncp config/$1.env /etc/shop.env\n-- config/staging.env --\nURL=http://staging\nCACHE=redis\n-- config/production.env --\nURL=http://www\nCACHE=none\n",
		Exceptions: "Only files of one directory that differ in the environment's name are compared, and only when they share most of their keys.",
		Since:      "0.1",
	},
	Run: func(p *Pass) {
		groups := map[string][]string{}
		for _, f := range p.judged() {
			if g := environmentGroup(f.Path); g != "" && f.IsRegular() && !f.Ignored && !vendored(f.Path) && f.Size < 256<<10 {
				groups[g] = append(groups[g], f.Path)
			}
		}
		for _, g := range slices.Sorted(maps.Keys(groups)) {
			if files := groups[g]; len(files) > 1 {
				p.drift(files)
			}
		}
	},
}

var environmentName = lazyregexp.New(`(?i)(^|[-_./])(production|prod|staging|stage|preprod|uat)([-_.]|$)`)

// environmentGroup is a path with the environment's name taken out, "" when it
// has none or holds no settings.
func environmentGroup(p string) string {
	base := path.Base(p)
	m := environmentName.FindStringSubmatchIndex(base)
	if m == nil || !input.EnvFile.Claims(p, nil) && !input.ConfigKeys.Claims(p, nil) {
		return ""
	}
	if _, ok := input.IsSample(p); ok {
		return ""
	}
	return path.Dir(p) + "/" + base[:m[4]] + "*" + base[m[5]:]
}

// drift compares each file with the first.
func (p *Pass) drift(files []string) {
	first := p.keysOf(files[0])
	for _, name := range files[1:] {
		keys := p.keysOf(name)
		p.missing(files[0], name, keys, first)
		p.missing(name, files[0], first, keys)
	}
}

func (p *Pass) keysOf(name string) map[string]source.Pos {
	out := map[string]source.Pos{}
	for _, k := range input.Keys(name, p.Text(name)) {
		if !k.Disabled {
			out[k.Name] = k.At
		}
	}
	return out
}

// missing reports the keys of another file that a file lacks, when the two are
// alike enough to be meant as the same.
func (p *Pass) missing(name, other string, theirs, ours map[string]source.Pos) {
	var absent []string
	for _, k := range slices.Sorted(maps.Keys(theirs)) {
		if _, ok := ours[k]; !ok {
			absent = append(absent, k)
		}
	}
	if len(absent) == 0 || len(theirs)-len(absent) < len(theirs)/2 || len(absent) == len(theirs) {
		return
	}
	at := source.Span{Pos: theirs[absent[0]]}
	p.Report(Report{
		At: at, Effect: name + list(absent), Related: []diag.Label{{At: source.Span{Pos: source.Pos{File: name, Line: 1, Col: 1}}, Text: "the file that lacks it"}},
		Message: list(absent) + " is set here and not in " + path.Base(name) + ": the two environments run with different settings", Help: "set it in both, if only to the default",
	})
}
