package place

import (
	"slices"
	"testing"

	"github.com/nativize/nativize/convert/plan"
)

func TestHomeOfAnAccountIsStateOutsideOfUsrOnly(t *testing.T) {
	for _, c := range []struct {
		home, code string
		want       bool
	}{{"/usr/local/share/app", "/usr/local/share/app/git", false}, {"/usr/lib/app", "/srv/app", false}, {"/var/lib/app-home", "/srv/app", true}, {"/home/app", "/srv/app", true}} {
		p := placedFiles(t, map[string]string{
			"app.py": "print('x')\n",
			"deploy.sh": "#!/bin/sh\nuseradd -r -M -d " + c.home + " app\nmkdir -p " + c.code + "\ncp app.py " + c.code + "/\n" +
				"printf '[Service]\\nUser=app\\nExecStart=/usr/bin/python3 " + c.code + "/app.py\\n' > /etc/systemd/system/app.service\nsystemctl enable --now app\n",
		})
		owned := slices.ContainsFunc(p.Dirs, func(d plan.Dir) bool { return d.Path == c.home && d.Owner == "app" })
		if owned != c.want {
			t.Errorf("%s is the account's: %t, want %t: %+v", c.home, owned, c.want, p.Dirs)
		}
	}
}

func TestDirectoryOfAUnitIsNamedAsTheScriptFillsIt(t *testing.T) {
	p := placedFiles(t, map[string]string{
		"app.py":      "print('x')\n",
		"app.service": "[Service]\nUser=app\nRuntimeDirectory=SERVICE\nExecStart=/usr/bin/python3 /srv/app/app.py\n",
		"deploy.sh":   "#!/bin/sh\nmkdir -p /srv/app\ncp app.py /srv/app/\ncp app.service /etc/systemd/system/app.service\nsed -i s/SERVICE/app/g /etc/systemd/system/app.service\nsystemctl enable --now app\n",
	})
	for _, d := range p.Dirs {
		if d.Path == "/run/SERVICE" {
			t.Errorf("the placeholder is a directory: %+v", d)
		}
	}
	if unit := textOf(t, p, "units/app.service"); setting(unit, "RuntimeDirectory") != "app" {
		t.Errorf("the unit is %q", unit)
	}
}
