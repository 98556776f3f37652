package convert

import (
	"slices"
	"strings"
	"testing"

	"github.com/nativize/nativize/convert/choices"
	"github.com/nativize/nativize/convert/plan"
)

// What the script fetches onto the server is fetched by stage.sh, against the
// digest that the owner pins; until then it is a question.
func TestDownloadsArePinned(t *testing.T) {
	const jar, lib = "https://example.org/agent-1.2.jar", "https://example.org/lib.tgz"
	dir := repoOf(t, map[string]string{
		"deploy.sh": `set -e
rsync -a --exclude .git ./ /opt/app/
curl -fsSL -o /opt/app/agent.jar ` + jar + `
curl -fsSL -o /usr/share/keyrings/x.gpg https://example.org/x.gpg
wget -O /tmp/t.tgz https://example.org/t.tgz
cd /opt/app
wget -O lib.tgz ` + lib + `
make LIB=lib.tgz
systemctl restart app
`,
		"app.py": "pass\n", "Makefile": "all:\n\ttar xzf $(LIB)\n",
	})
	c := &choices.Choices{}
	_, p := run(t, dir, c)
	open := c.Open()
	for _, u := range []string{jar, lib} {
		if !slices.Contains(open, "downloads."+u) {
			t.Errorf("%s is no question: %v", u, open)
		}
	}
	if strings.Contains(strings.Join(open, " "), "x.gpg") || strings.Contains(strings.Join(open, " "), "t.tgz") {
		t.Errorf("questions %v", open)
	}
	e := entry(p, p.CodeDir+"/agent.jar", plan.Deb)
	if e == nil || e.Origin != plan.Staged || e.Type != plan.File {
		t.Errorf("entry of the download: %+v", e)
	}
	if err := c.Set("downloads." + jar + "=" + strings.Repeat("a", 64)); err != nil {
		t.Fatal(err)
	}
	_, p = run(t, dir, c)
	got := map[string]string{}
	for _, b := range p.Stage {
		for _, d := range b.Downloads {
			got[d.URL] = b.Tool + " " + d.To + " " + d.SHA256
		}
	}
	if got[jar] != "download .nativize-fetched"+p.CodeDir+"/agent.jar "+strings.Repeat("a", 64) || got[lib] != "make lib.tgz " {
		t.Errorf("downloads %v", got)
	}
}
