//go:build unix

package report

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestBrowser opens the pages in a real browser and uses them.
func TestBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes seconds")
	}
	b := newBrowser(t)
	dir := t.TempDir()
	load := func(name, text string) {
		t.Helper()
		file := filepath.Join(dir, name+".html")
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		b.open("file://" + file)
	}
	quiet := func(what string) {
		t.Helper()
		for _, m := range b.console() {
			t.Errorf("%s: console: %s", what, m)
		}
	}

	load("crash", rendered(t, "html", crash()))
	b.size(1280, 900)
	if n := b.count("#facts-directories tbody tr"); n != 4 {
		t.Errorf("%d directories are shown, want 4", n)
	}
	b.keys("body", "/")
	b.keys("#q", "primaryStorage")
	b.eventually("search hides other facts", `document.querySelector("#hits").textContent.includes("match") && document.querySelectorAll("#facts-directories tbody tr:not(.off)").length === 1`)
	if n := b.count("#facts-users"); n != 0 {
		t.Error("a subject without a match is still shown")
	}
	if n := b.count(".src tbody tr"); n != 3 {
		t.Errorf("%d lines match, want 3", n)
	}
	b.keys("#q", "\ue00c") // Escape
	b.eventually("Escape ends the search", `document.querySelectorAll("[data-s].off").length === 0`)

	b.click(`input[data-f="sev"][value="error"]`)
	if n := b.count(".finding"); n != 3 {
		t.Errorf("%d findings without errors, want 3", n)
	}
	b.click(`input[name="lines"][value="opaque"]`)
	if n := b.count(".src tbody tr"); n != 1 || !strings.Contains(b.text(".src tbody tr:not(.off)"), "consul-template") {
		t.Errorf("%d lines that are not understood, want consul-template alone", n)
	}
	b.eval(`location.hash = "#finding-0"; return 0`, nil) // an error, filtered out above
	b.eventually("a link shows what a filter hides", `!document.querySelector("#finding-0").classList.contains("off")`)
	b.click("#theme")
	if theme := b.text("#theme"); theme != "Colours: light" {
		t.Errorf("the button says %q", theme)
	}
	b.eventually("light colours", `document.documentElement.dataset.theme === "light"`)
	quiet("crash")

	load("huge", rendered(t, "html", huge()))
	if n := b.count("#facts-files tbody tr"); n != tableCap {
		t.Errorf("%d of 10000 files are shown at first, want %d", n, tableCap)
	}
	b.keys("#q", "file9999.txt")
	b.eventually("search finds what is beyond the cap", `document.querySelector("#hits").textContent.length > 0`)
	if n := b.count("#facts-files tbody tr"); n != 1 {
		t.Errorf("%d files are called file9999.txt, want 1", n)
	}
	quiet("huge")

	load("hostile", rendered(t, "html", hostile()))
	var scripts int
	b.eval("return document.scripts.length", &scripts)
	if scripts != 1 {
		t.Errorf("%d scripts, want 1", scripts)
	}
	quiet("hostile")

	load("fleet", fleetPage(t))
	b.click("thead th:nth-child(1) button")
	b.click("thead th:nth-child(1) button")
	b.eventually("sorted by name", `document.querySelector("tbody tr th").textContent.startsWith("org/board")`)
	quiet("fleet")
	for _, width := range []int{1280, 390} {
		for name, text := range pagesOf(t) {
			if name == "huge" {
				continue
			}
			b.size(width, 900)
			load(name, text)
			var over int
			b.eval("return document.documentElement.scrollWidth - innerWidth", &over)
			if over > 0 {
				t.Errorf("%s is %d pixels too wide at %d", name, over, width)
			}
		}
	}
}
