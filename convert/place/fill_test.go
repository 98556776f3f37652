package place

import (
	"reflect"
	"strings"
	"testing"

	"github.com/nativize/nativize/convert/plan"
)

func TestSubstitutions(t *testing.T) {
	for _, c := range []struct {
		script string
		want   []substitution
	}{
		{"s/A/b/", []substitution{{"A", "b", false, true}}},
		{"s|%USER%|app|g; s?DIR?/srv/app?g", []substitution{{"%USER%", "app", true, true}, {"DIR", "/srv/app", true, true}}},
		{"s#@HOME@#${HOME}#", []substitution{{"@HOME@", "${HOME}", false, false}}},
		{"s/A/b/g;s/C.*/d/;s/E/f/", []substitution{{"A", "b", true, true}}},
		{"/x/s/A/b/", nil}, {"s/A/&b/", nil}, {`s/A/\n/`, nil}, {"s/A/b/2", nil}, {"s/A/b", nil}, {"s/^/b/", nil}, {"s", nil}, {"", nil}, {"1d", nil},
	} {
		if got := substitutions(c.script); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q: %+v, want %+v", c.script, got, c.want)
		}
	}
}

func FuzzSubstitutions(f *testing.F) {
	f.Add("s|%USER%|app|g; s?DIR?${X}?", "User=%USER%\n")
	f.Add("s/A/b/;s", "A A\nA")
	f.Fuzz(func(t *testing.T, script, text string) {
		for _, s := range substitutions(script) {
			if s.old == "" || strings.ContainsAny(s.old+s.new, "\n\\&") {
				t.Fatalf("%q: %+v", script, s)
			}
			if got := s.apply(text); strings.Count(got, "\n") != strings.Count(text, "\n") {
				t.Fatalf("%+v changed the lines of %q: %q", s, text, got)
			}
		}
	})
}

// textOf is a generated file of a package.
func textOf(t *testing.T, p *plan.Package, name string) string {
	t.Helper()
	for _, f := range p.Texts {
		if f.Path == name {
			return string(f.Data)
		}
	}
	t.Fatalf("no %s: %+v", name, p.Texts)
	return ""
}

func TestPlaceholdersAreFilledOrTold(t *testing.T) {
	p := placedFiles(t, map[string]string{
		"app.py":           "print('x')\n",
		"conf/app.ini":     "dir = @DIR@\nsecret = @KEY@\n",
		"conf/app.service": "# of %USER%\n[Unit]\nDescription=SERVICE\n\n[Service]\nUser=%USER%\nGroup=%USER%\nEnvironmentFile=%ENV%\nExecStart=/usr/bin/python3 /opt/app/app.py --port @PORT@\n",
		"deploy.sh": `#!/bin/sh
mkdir -p /opt/app
cp app.py /opt/app/
cp conf/app.ini /etc/app.ini
sed -i -e "s|@DIR@|/opt/app|" -e "s|@KEY@|$1|" /etc/app.ini
cp conf/app.service /etc/systemd/system/app.service
sed -i "s/SERVICE/app/g;s/%USER%/$2/g;s/@PORT@/8000/" /etc/systemd/system/app.service
systemctl enable --now app
`,
	})
	unit := textOf(t, p, "units/app.service")
	for _, want := range []string{"Description=app\n", "--port 8000\n", "EnvironmentFile=%ENV%\n"} {
		if !strings.Contains(unit, want) {
			t.Errorf("the unit has no %q:\n%s", want, unit)
		}
	}
	if user := setting(unit, "User"); !accountRE.MatchString(user) || setting(unit, "Group") != user || p.Units[0].User != user {
		t.Errorf("the unit runs as %q:%q", user, setting(unit, "Group"))
	}
	if ini := textOf(t, p, "etc/app.ini"); !strings.HasPrefix(ini, "dir = /opt/app\n") {
		t.Errorf("the configuration is %q", ini)
	}
	for _, want := range []string{"Replace %ENV% in packaging/units/app.service", "Replace @KEY@ in /etc/app.ini"} {
		told := false
		for _, n := range p.Manual {
			told = told || strings.HasPrefix(n.Text, want)
		}
		if !told {
			t.Errorf("no note says %q: %+v", want, p.Manual)
		}
	}
}
