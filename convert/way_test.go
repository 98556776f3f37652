package convert

import (
	"context"
	"strings"
	"testing"

	"github.com/nativize/nativize/analyze"
	"github.com/nativize/nativize/convert/choices"
	"github.com/nativize/nativize/convert/plan"
)

// The owner's word on how a program finds a file holds, or is refused with the
// reason.
func TestWayAsTheOwnerChose(t *testing.T) {
	files := map[string]string{
		"deploy.sh": `set -e
rsync -a --exclude .git ./ /opt/app/
[ -f /opt/app/config/app.ini ] || cp config/app.ini.sample /opt/app/config/app.ini
[ -f /opt/app/lib/lib.ini ] || cp lib/lib.ini.sample /opt/app/lib/lib.ini
systemctl restart app
`,
		"config/app.ini.sample": "[app]\nport = 80\n", "lib/lib.ini.sample": "[lib]\na = 1\n", "lib/code.py": "pass\n", "app.py": "pass\n",
	}
	dir := repoOf(t, files)
	links := func(set ...string) (map[string]string, error) {
		c := &choices.Choices{}
		for _, s := range set {
			if err := c.Set(s); err != nil {
				t.Fatal(err)
			}
		}
		p, err := Run(context.Background(), analysis(t, dir, analyze.Options{}), c, Options{Epoch: 1700000000, Arch: "amd64"})
		if err != nil {
			return nil, err
		}
		out := map[string]string{}
		for _, e := range p.Payload {
			if e.Type == plan.Symlink {
				out[strings.TrimPrefix(e.Path, p.CodeDir)] = e.Src
			}
		}
		return out, nil
	}
	for _, c := range []struct {
		set        []string
		link, want string
	}{
		{nil, "/config/app.ini", "/etc/app/app.ini"},
		{[]string{"config./etc/app/app.ini.way=link"}, "/config/app.ini", "/etc/app/app.ini"},
		{[]string{"config./etc/app/app.ini.way=dir-link"}, "/config", "/etc/app"},
	} {
		got, err := links(c.set...)
		if err != nil || got[c.link] != c.want {
			t.Errorf("%v: %v, %v; want %s -> %s", c.set, got, err, c.link, c.want)
		}
	}
	for set, want := range map[string]string{
		"config./etc/app/lib.ini.way=dir-link": "lib/code.py as well, which is no configuration",
	} {
		if _, err := links(set); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", set, err, want)
		}
	}
}
