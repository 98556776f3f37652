package detect

import (
	"os"
	"strings"
	"testing"
)

const (
	mitGrant = `Copyright (c) 2024 The Shop

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so`
	mitNotice   = `, subject to the following conditions: The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.`
	mitWarranty = `

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`
	later = `This program is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.

`
)

func TestLicence(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"mit", "The MIT License (MIT)\n\n" + mitGrant + mitNotice + mitWarranty, "MIT"},
		{"mit-0", mitGrant + "." + mitWarranty, "MIT-0"},
		{"notice of the GPL", later, "GPL-3.0-or-later"},
		{"own", "All rights reserved. Do not copy.", ""},
		{"a phrase of MIT in terms of its own", strings.Repeat("Each guest pays for what the house serves on that day. ", 60) + mitGrant, ""},
		{"too large", mitGrant + mitNotice + mitWarranty + strings.Repeat(" ", maxLicence), ""},
		{"empty", "", ""},
	} {
		if got := Licence([]byte(c.text)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestLicenceTexts reads the texts that Debian's base-files installs.
func TestLicenceTexts(t *testing.T) {
	const dir = "/usr/share/common-licenses/"
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no licence texts of base-files on this machine")
	}
	for name, want := range map[string]string{
		"Apache-2.0": "Apache-2.0", "BSD": "BSD-3-Clause", "GPL-2": "GPL-2.0-only", "GPL-3": "GPL-3.0-only",
		"LGPL-2": "LGPL-2.0-only", "LGPL-2.1": "LGPL-2.1-only", "LGPL-3": "LGPL-3.0-only", "MPL-2.0": "MPL-2.0", "CC0-1.0": "CC0-1.0",
	} {
		b, err := os.ReadFile(dir + name)
		if err != nil {
			continue
		}
		if got := Licence(b); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
		if name != "GPL-3" {
			continue
		}
		if got := Licence(append([]byte(later), b...)); got != "GPL-3.0-or-later" {
			t.Errorf("notice and text of GPL-3: %q", got)
		}
		pattern := strings.ReplaceAll(string(b), "<https://www.gnu.org/licenses/>", "{see the web}")
		if got := Licence([]byte(pattern)); got != "GPL-3.0-only" {
			t.Errorf("GPL-3 with a changed pattern of a notice: %q", got)
		}
		agpl := strings.NewReplacer("GNU General Public", "GNU Affero General Public").Replace("This program is under the GNU General Public License. " + later)
		if got := Licence([]byte(agpl)); got != "AGPL-3.0-or-later" {
			t.Errorf("notice of the AGPL: %q", got)
		}
	}
}

func TestLicenceOfSamples(t *testing.T) {
	b, err := os.ReadFile("../../testdata/repos/guestbook/LICENSE")
	if err != nil {
		t.Fatal(err)
	}
	if got := Licence(b); got != "MIT" {
		t.Errorf("licence %q, want MIT", got)
	}
}
