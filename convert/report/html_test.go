package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func rendered(t testing.TB, form string, s sample) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, form, s.d, s.options()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// nodes calls each for every element of a page.
func nodes(t *testing.T, text string, each func(*html.Node)) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			each(n)
		}
	}
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func pagesOf(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{"fleet": fleetPage(t)}
	for name, s := range samples(t) {
		out[name] = rendered(t, "html", s)
	}
	return out
}

func fleetPage(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	if err := Overview(&b, "html", fleetRecords(t)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func fleetRecords(t testing.TB) []*Record {
	t.Helper()
	var out []*Record
	for name, s := range samples(t) {
		out = append(out, NewRecord("org/"+name, s.d))
	}
	out = append(out, errorRecord("org/broken"+evil, fmt.Errorf("open %q: %s", "deploy.sh", evil)))
	return Merge(out)
}

// TestPagePolicy holds that a page runs its own script and style only, and that
// its policy names them by the hashes of what is really in it.
func TestPagePolicy(t *testing.T) {
	for name, text := range pagesOf(t) {
		t.Run(name, func(t *testing.T) {
			policy, inline := "", map[string]int{}
			nodes(t, text, func(n *html.Node) {
				switch {
				case n.Data == "meta" && attr(n, "http-equiv") == "Content-Security-Policy":
					policy = attr(n, "content")
				case n.Data == "script" || n.Data == "style":
					inline[n.Data]++
					sum := sha256.Sum256([]byte(n.FirstChild.Data))
					if want := n.Data + "-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(policy, want) {
						t.Errorf("policy %q has no %s", policy, want)
					}
				}
			})
			if !strings.HasPrefix(policy, "default-src 'none'; base-uri 'none'; form-action 'none'") || strings.Contains(policy, "unsafe") {
				t.Errorf("policy %q is not strict", policy)
			}
			if inline["script"] != 1 || inline["style"] != 1 {
				t.Errorf("inline elements %v, want one script and one style", inline)
			}
		})
	}
}

// TestPageInert holds that no text of a repository becomes markup: only known
// elements, no handlers, no addresses but places on the page, no double ids.
func TestPageInert(t *testing.T) {
	known := strings.Fields("html head meta title link style script body a header div span label input button nav ul li main section h1 h2 h3 p dl dt dd " +
		"svg circle text rect defs marker path g ol code strong fieldset legend table thead tbody tr th td details summary footer noscript")
	for name, text := range pagesOf(t) {
		t.Run(name, func(t *testing.T) {
			ids, links := map[string]bool{}, map[string]bool{}
			nodes(t, text, func(n *html.Node) {
				if !slices.Contains(known, n.Data) {
					t.Errorf("element %q", n.Data)
				}
				for _, a := range n.Attr {
					switch {
					case strings.HasPrefix(a.Key, "on"), a.Key == "src", a.Key == "srcdoc", a.Key == "style", a.Key == "action":
						t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
					case a.Key == "href" && n.Data == "a":
						links[a.Val] = true
					case a.Key == "href" && a.Val != "data:,":
						t.Errorf("<%s href=%q>", n.Data, a.Val)
					case a.Key == "id" && ids[a.Val]:
						t.Errorf("id %q twice", a.Val)
					case a.Key == "id":
						ids[a.Val] = true
					}
				}
			})
			for l := range links {
				if !strings.HasPrefix(l, "#") || !ids[l[1:]] {
					t.Errorf("link to %q leads nowhere", l)
				}
			}
		})
	}
}

func TestPageSame(t *testing.T) {
	for name := range samples(t) {
		if a, b := rendered(t, "html", samples(t)[name]), rendered(t, "html", samples(t)[name]); a != b {
			t.Errorf("%s: two pages of one deployment differ", name)
		}
	}
}

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

func BenchmarkHTML(b *testing.B) {
	for _, s := range []struct {
		name string
		s    sample
	}{{"crash", crash()}, {"huge", huge()}} {
		b.Run(s.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				rendered(b, "html", s.s)
			}
		})
	}
}
