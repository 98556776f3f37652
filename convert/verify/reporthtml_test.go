package verify

import (
	"strings"
	"testing"
)

// TestReportHTML holds that each part of a report is in its page, as text.
func TestReportHTML(t *testing.T) {
	d := Difference{Subject: "file", Name: "/etc/<b>x", Deploy: "0644", Package: "0640", DeployAt: []string{"deploy.sh:31"}, PackageAt: []string{"postinst:12"}, Rule: "split", Why: "moved"}
	r := &Report{
		Source:     "app",
		Comparison: []Difference{d},
		Roots:      []RootResult{{Format: "deb", Table: "install ok", Violations: []string{"state <lost>"}}, {Format: "apk", NotRun: "no apk here"}},
		Deployed:   &DeployResult{Script: "deploy.sh", NotRun: "run 2 ended with status 1", Calls: []string{"systemctl restart app"}, Comparison: []Difference{d}},
	}
	var page, text strings.Builder
	if err := r.Write(&page, "html"); err != nil {
		t.Fatal(err)
	}
	if err := r.Write(&text, "text"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"/etc/&lt;b&gt;x", "deploy.sh:31", "postinst:12", "deb in a throwaway root", "install ok", "state &lt;lost&gt;", "Not played: no apk here",
		"deploy.sh in a throwaway root", "1 calls recorded", "Not run to its end: run 2 ended with status 1",
	} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if n := strings.Count(page.String(), "<td>split: moved</td>"); n != 2 {
		t.Errorf("%d differences, want 2", n)
	}
	if want := "at deploy.sh:31, postinst:12"; strings.Count(text.String(), want) != 2 {
		t.Errorf("the text has %q %d times, want 2", want, strings.Count(text.String(), want))
	}
}
