package detect

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/source"
)

// A licenceText is a licence by phrases that all versions of its text have and
// no other licence has. The phrases are in lower case with single blanks.
type licenceText struct {
	id  string // SPDX identifier
	has []string
	not []string
}

// licenceTexts are asked in order; the first that matches stands.
var licenceTexts = []licenceText{
	{"AGPL-3.0-only", []string{"gnu affero general public license", "version 3, 19 november 2007"}, nil},
	{"LGPL-3.0-only", []string{"gnu lesser general public license", "version 3, 29 june 2007"}, nil},
	{"LGPL-2.1-only", []string{"gnu lesser general public license", "version 2.1, february 1999"}, nil},
	{"GPL-3.0-only", []string{"gnu general public license", "version 3, 29 june 2007"}, nil},
	{"GPL-2.0-only", []string{"gnu general public license", "version 2, june 1991"}, nil},
	{"Apache-2.0", []string{"apache license", "version 2.0"}, nil},
	{"MPL-2.0", []string{"mozilla public license", "version 2.0"}, nil},
	{"MPL-1.1", []string{"mozilla public license", "version 1.1"}, nil},
	{"EPL-2.0", []string{"eclipse public license - v 2.0"}, nil},
	{"EPL-1.0", []string{"eclipse public license - v 1.0"}, nil},
	{"EUPL-1.2", []string{"european union public licence v. 1.2"}, nil},
	{"BSL-1.0", []string{"boost software license - version 1.0"}, nil},
	{"CC0-1.0", []string{"cc0 1.0 universal"}, nil},
	{"Unlicense", []string{"this is free and unencumbered software released into the public domain"}, nil},
	{"WTFPL", []string{"do what the fuck you want to public license"}, nil},
	{"Artistic-2.0", []string{"the artistic license 2.0"}, nil},
	{"Zlib", []string{"altered source versions must be plainly marked", "without any express or implied warranty"}, nil},
	{"MIT", []string{"permission is hereby granted, free of charge, to any person obtaining a copy", "to deal in the software without restriction", "the above copyright notice"}, nil},
	{"MIT-0", []string{"permission is hereby granted, free of charge, to any person obtaining a copy", "to deal in the software without restriction"}, []string{"the above copyright notice"}},
	{"ISC", []string{"permission to use, copy, modify, and", "with or without fee is hereby granted", "provided that the above copyright notice"}, nil},
	{"0BSD", []string{"permission to use, copy, modify, and", "with or without fee is hereby granted"}, []string{"provided that the above copyright notice"}},
	{"BSD-4-Clause", []string{"redistribution and use in source and binary forms", "all advertising materials"}, nil},
	{"BSD-3-Clause", []string{"redistribution and use in source and binary forms", "neither the name"}, nil},
	{"BSD-2-Clause", []string{"redistribution and use in source and binary forms"}, []string{"neither the name", "all advertising materials"}},
}

// maxLicence is how much of a licence file, in bytes, is compared: the phrases
// of all but the longest stand before that.
const maxLicence = 16 << 10

// Licence names the licence whose text this is as an SPDX identifier, "" when
// it is none that is known. Where the text does not say whether later versions
// may be taken, it is the -only form.
func Licence(text []byte) string {
	words := strings.Fields(strings.ToLower(string(text[:min(len(text), maxLicence)])))
	flat := strings.Join(words, " ")
	for _, l := range licenceTexts {
		if l.matches(flat) {
			return l.id
		}
	}
	return ""
}

func (l *licenceText) matches(flat string) bool {
	for _, s := range l.has {
		if !strings.Contains(flat, s) {
			return false
		}
	}
	for _, s := range l.not {
		if strings.Contains(flat, s) {
			return false
		}
	}
	return true
}

// licences reads the licence files in the root; several are a choice between
// them, as is usual where MIT and Apache stand side by side.
func (id *identity) licences() {
	var found []string
	var at source.Pos
	for _, f := range id.repo.ReadDir("") {
		if !f.IsRegular() || !licenceFile(f.Path) {
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
