package convert

import (
	"strings"
	"testing"

	"github.com/nativize/nativize/convert/choices"
)

// A unit of the repository is kept and completed: what it says stands, what is
// added has its reason above it and its source for explain.
func TestExistingUnitIsCompleted(t *testing.T) {
	dir := repoOf(t, map[string]string{
		"deploy.sh": `set -e
id app || useradd -r app
install -d -o app -g app -m 0750 /var/lib/app /var/log/app
rsync -a --exclude .git ./ /opt/app/
cp app.service /etc/systemd/system/
systemctl daemon-reload
systemctl enable --now app
`,
		"app.py": "open('/dev/ttyUSB0')\n",
		"app.service": `[Unit]
Description=App
[Service]
User=app
WorkingDirectory=/opt/app
ExecStart=/usr/bin/python3 /opt/app/app.py
LogsDirectory=app
PrivateTmp=no

[Install]
WantedBy=multi-user.target
`,
	})
	_, p := run(t, dir, &choices.Choices{})
	unit := text(p, "units/app.service")
	for _, want := range []string{"StateDirectory=app\n", "StateDirectoryMode=0750\n", "NoNewPrivileges=yes\n", "ProtectHome=yes\n", "PrivateTmp=no\n"} {
		if strings.Count(unit, want) != 1 {
			t.Errorf("%q stands %d times:\n%s", want, strings.Count(unit, want), unit)
		}
	}
	for _, not := range []string{"PrivateTmp=yes", "PrivateDevices=yes", "LogsDirectoryMode"} {
		if strings.Contains(unit, not) {
			t.Errorf("%q is there:\n%s", not, unit)
		}
	}
	if i, j := strings.Index(unit, "NoNewPrivileges"), strings.Index(unit, "[Install]"); i > j {
		t.Errorf("the addition is in another section:\n%s", unit)
	}
	lines := strings.Split(unit, "\n")
	for _, x := range p.Texts {
		if x.Path != "units/app.service" {
			continue
		}
		for _, l := range x.Lines {
			if strings.HasPrefix(l.Why, "added") && !strings.HasPrefix(lines[l.From-1], "# nativize: ") {
				t.Errorf("line %d is said to be added: %q", l.From, lines[l.From-1])
			}
			if strings.Contains(l.Why, "follows the code") && !strings.Contains(lines[l.From-1], p.CodeDir) {
				t.Errorf("line %d is said to follow the code: %q", l.From, lines[l.From-1])
			}
		}
	}
	for _, d := range p.Dirs {
		if d.Path == "/var/lib/app" && d.Unit != "app.service" {
			t.Errorf("directory %+v", d)
		}
	}
}
