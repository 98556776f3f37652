package detect

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/google/licensecheck"

	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/source"
)

// A licenceFamily names the licences of the library that a text with a certain
// phrase can be. To build a matcher of all of them takes seconds, of one family
// milliseconds.
type licenceFamily struct {
	phrase string   // in lower case with single blanks
	ids    []string // their identifiers in the library
}

var licenceFamilies = []licenceFamily{
	{"permission is hereby granted, free of charge", []string{"MIT", "MIT-0", "X11"}},
	{"redistribution and use in source and binary forms", []string{"BSD-2-Clause", "BSD-3-Clause", "BSD-4-Clause"}},
	{"apache license", []string{"Apache-1.1", "Apache-2.0"}},
	{"gnu general public license", []string{"GPL-1.0", "GPL-2.0", "GPL-2.0-only", "GPL-2.0-or-later", "GPL-3.0", "GPL-3.0-only", "GPL-3.0-or-later"}},
	{"gnu library general public license", []string{"LGPL-2.0", "LGPL-2.0-only", "LGPL-2.0-or-later"}},
	{"gnu lesser general public license", []string{"LGPL-2.1", "LGPL-2.1-only", "LGPL-2.1-or-later", "LGPL-3.0", "LGPL-3.0-only", "LGPL-3.0-or-later"}},
	{"gnu affero general public license", []string{"AGPL-3.0", "AGPL-3.0-only", "AGPL-3.0-or-later"}},
	{"mozilla public license", []string{"MPL-1.0", "MPL-1.1", "MPL-2.0"}},
	{"eclipse public license", []string{"EPL-1.0", "EPL-2.0"}},
	{"european union public licen", []string{"EUPL-1.1", "EUPL-1.2"}},
	{"boost software license", []string{"BSL-1.0"}},
	{"cc0 1.0 universal", []string{"CC0-1.0"}},
	{"creative commons", []string{"CC-BY-3.0", "CC-BY-4.0", "CC-BY-SA-3.0", "CC-BY-SA-4.0"}},
	{"free and unencumbered software", []string{"Unlicense"}},
	{"do what the fuck you want to", []string{"WTFPL"}},
	{"artistic license", []string{"Artistic-1.0", "Artistic-1.0-Perl", "Artistic-2.0"}},
	{"altered source versions must be plainly marked", []string{"Zlib"}},
	{"permission to use, copy, modify, and", []string{"ISC", "0BSD", "PostgreSQL"}},
	{"server side public license", []string{"SSPL-1.0"}},
	{"open software license", []string{"OSL-3.0"}},
	{"academic free license", []string{"AFL-3.0"}},
}

const (
	// maxLicence is how large a licence file may be, in bytes.
	maxLicence = 1 << 20
	// minCoverage is how much of the words of the file, in percent, must be
	// those of known licences; below it the text has terms of its own.
	minCoverage = 75
)

// Licence names the licences whose text this is as an SPDX expression, "" when
// it is none that is known or has terms of its own. All texts in one file hold
// together. Where a text of the GNU licences does not say whether later
// versions may be taken, it is the -only form: the notice with the gap "name of
// author" that they print at their end is a pattern and grants nothing.
func Licence(text []byte) string {
	if len(text) > maxLicence {
		return ""
	}
	known := candidates(strings.Join(strings.Fields(strings.ToLower(string(text))), " "))
	if len(known) == 0 {
		return ""
	}
	scanner, err := licensecheck.NewScanner(known)
	if err != nil {
		return ""
	}
	cover := scanner.Scan(text)
	if cover.Percent < minCoverage {
		return ""
	}
	var found []string
	end := 0
	for _, m := range cover.Match {
		pattern := strings.HasSuffix(m.ID, "-or-later") && bytes.Contains(text[end:m.End], []byte("name of author"))
		if !m.IsURL && !pattern {
			found = append(found, spdx(m.ID))
		}
		end = m.End
	}
	return strings.Join(withoutNotices(found), " AND ")
}

// candidates are the licences of the library that the text can be.
func candidates(flat string) []licensecheck.License {
	var list []licensecheck.License
	for _, l := range licensecheck.BuiltinLicenses() {
		if l.LRE != "" && slices.ContainsFunc(licenceFamilies, func(f licenceFamily) bool {
			return slices.Contains(f.ids, l.ID) && strings.Contains(flat, f.phrase)
		}) {
			list = append(list, l)
		}
	}
	return list
}

var gnuLicence = lazyregexp.New(`^[AL]?GPL-[0-9.]+$`)

// spdx is the SPDX expression of an identifier of the library.
func spdx(id string) string {
	if gnuLicence.MatchString(id) {
		return id + "-only"
	}
	return id
}

// withoutNotices sorts; beside the text of a GNU licence a notice that allows
// later versions of it decides.
func withoutNotices(ids []string) []string {
	slices.Sort(ids)
	return slices.DeleteFunc(slices.Compact(ids), func(id string) bool {
		stem, only := strings.CutSuffix(id, "-only")
		return only && slices.Contains(ids, stem+"-or-later")
	})
}

// licences reads the licence files in the root; several are a choice between
// them, as is usual where MIT and Apache stand side by side.
func (id *identity) licences() {
	var found []string
	var at source.Pos
	for _, f := range id.repo.ReadDir("") {
		if !f.IsRegular() || !licenceFile(f.Path) || f.Size > maxLicence {
			continue
		}
		b, err := id.repo.Read(f.Path)
		if err != nil {
			continue
		}
		if spdx := Licence(b); spdx != "" && !slices.Contains(found, spdx) {
			found = append(found, spdx)
			if at.IsZero() {
				at = source.Pos{File: f.Path, Line: 1, Col: 1}
			}
		}
	}
	if len(found) == 0 {
		return
	}
	slices.Sort(found)
	spdx := strings.Join(found, " OR ")
	if len(found) == 1 && strings.HasSuffix(spdx, "-only") && id.laterToo() {
		spdx = strings.TrimSuffix(spdx, "-only") + "-or-later"
	}
	id.set("license", &id.app.License, spdx, at)
}

// licenceFile tells whether a name is that of a licence text.
func licenceFile(name string) bool {
	stem := strings.ToLower(strings.TrimSuffix(name, path.Ext(name)))
	if ext := strings.ToLower(path.Ext(name)); ext != "" && ext != ".txt" && ext != ".md" && ext != ".rst" {
		stem = strings.ToLower(name)
	}
	for _, s := range []string{"license", "licence", "copying", "unlicense"} {
		if stem == s || strings.HasPrefix(stem, s+"-") || strings.HasPrefix(stem, s+".") || strings.HasPrefix(stem, s+"_") {
			return true
		}
	}
	return false
}

// laterToo tells whether the README allows later versions of the licence.
func (id *identity) laterToo() bool {
	text := strings.Join(strings.Fields(strings.ToLower(id.readme)), " ")
	return strings.Contains(text, "any later version") || strings.Contains(text, "or later") || strings.Contains(text, "or-later")
}
