package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/nativize/nativize/analyze/model"
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

// The header of a row says what the row is of, also when that is not known: an
// empty header is nothing to a reader of the screen.
func TestRowHeaderIsNeverEmpty(t *testing.T) {
	s := crash()
	s.d.Facts.Cron = append(s.d.Facts.Cron, model.Cron{Path: "crontab", Schedule: "@daily"})
	unknown := 0
	nodes(t, rendered(t, "html", s), func(n *html.Node) {
		if n.Data != "th" {
			return
		}
		var text strings.Builder
		for d := range n.Descendants() {
			if d.Type == html.TextNode {
				text.WriteString(d.Data)
			}
		}
		switch strings.TrimSpace(text.String()) {
		case "":
			t.Error("a header is empty")
		case "not known":
			unknown++
		}
	})
	if unknown == 0 {
		t.Error("the job without a command has no header")
	}
}
