package place

import (
	"testing"
	"time"

	"github.com/nativize/nativize/analyze/source"
)

func TestVersion(t *testing.T) {
	date := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	for _, c := range []struct {
		manifest string
		info     source.Info
		want     string
	}{
		{"", source.Info{Describe: "v1.2.3-0-gabcdef0", Commit: "abcdef0123", Date: date}, "1.2.3"},
		{"9.9", source.Info{Describe: "v1.2.3-4-gabcdef0", Commit: "abcdef0123", Date: date}, "1.2.3+git4.gabcdef0"},
		{"", source.Info{Describe: "release-2.0-rc1-0-gabcdef0", Commit: "abcdef0123", Date: date}, "2.0~rc1"},
		{"3.1.0", source.Info{}, "3.1.0"},
		{"3.1.0-beta.2", source.Info{}, "3.1.0~beta2"},
		{"0.0.1-SNAPSHOT", source.Info{}, "0.0.1~pre"},
		{"1.2.dev3", source.Info{}, "1.2~pre3"},
		{"", source.Info{Commit: "abcdef0123", Date: date}, "0~git20240506070809.gabcdef0"},
		{"3.1.0", source.Info{Commit: "abcdef0123", Date: date}, "3.1.0~git20240506070809.gabcdef0"},
		{"3.1.0-rc1", source.Info{Commit: "abcdef0123", Date: date}, "3.1.0~rc1~git20240506070809.gabcdef0"},
		{"v2", source.Info{Describe: "v1.0-0-gabcdef0", Prefix: "sub", Commit: "abcdef0123", Date: date}, "2"},
		{"next", source.Info{}, "0.0.1"},
		{"1.0 (final)", source.Info{}, "1.0.final"},
	} {
		if got := version(c.manifest, c.info); got != c.want {
			t.Errorf("version(%q, %+v) = %q, want %q", c.manifest, c.info, got, c.want)
		}
	}
}

func TestSummary(t *testing.T) {
	for in, want := range map[string]string{
		"A small shop.": "small shop", "The shop. It sells.": "shop. It sells", "An application for guests. Really": "application for guests",
		"one\ntwo": "one two", "": "",
		"Takes the reports that programs send, sorts them by what went wrong, and shows them to people": "Takes the reports that programs send, sorts them by what went wrong",
	} {
		if got := summary(in); got != want {
			t.Errorf("summary(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestMoves(t *testing.T) {
	var m moves
	m.add("/srv/app", "/usr/share/app")
	m.add("/srv/app/logs", "/var/log/app")
	for in, want := range map[string]string{
		"/srv/app": "/usr/share/app", "/srv/app/logs/x": "/var/log/app/x", "/srv/application": "/srv/application", "/mnt/srv/app": "/mnt/srv/app",
		`root "/srv/app/static";`: `root "/usr/share/app/static";`, "see /srv/app.": "see /usr/share/app.", "/srv/app.conf": "/srv/app.conf",
		"PATH=/srv/app/bin:/srv/app/logs": "PATH=/usr/share/app/bin:/var/log/app", "/srv/app-old/x": "/srv/app-old/x",
	} {
		if got, _ := m.text(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
	if _, lines := m.text("a\n/srv/app\nb\n/srv/app /srv/app\n"); len(lines) != 2 || lines[0] != 2 || lines[1] != 4 {
		t.Errorf("lines %v", lines)
	}
}

func FuzzMoves(f *testing.F) {
	f.Add("/srv/app/x /srv/app")
	f.Fuzz(func(t *testing.T, s string) {
		m := moves{{"/srv/app", "/opt/app"}}
		out, _ := m.text(s)
		if again, _ := m.text(out); again != out {
			t.Errorf("%q is rewritten twice: %q, %q", s, out, again)
		}
	})
}

func TestParseCommand(t *testing.T) {
	for in, want := range map[string]struct {
		first, dir, env string
		n               int
	}{
		"gunicorn -b :80 app":               {"gunicorn", "", "", 4},
		"cd /srv/a && exec node x.js":       {"node", "/srv/a", "", 2},
		"A=1 B='x y' python m.py":           {"python", "", "A=1", 2},
		"node x.js | tee log":               {"/bin/sh", "", "", 3},
		"echo $HOME":                        {"/bin/sh", "", "", 3},
		"env PORT=3 nohup node x >log 2>&1": {"node", "", "PORT=3", 2},
	} {
		c := parseCommand(in)
		env := ""
		if len(c.env) > 0 {
			env = c.env[0]
		}
		if len(c.args) != want.n || c.args[0] != want.first || c.dir != want.dir || env != want.env {
			t.Errorf("%q: %+v", in, c)
		}
	}
}

func TestUnwrap(t *testing.T) {
	for in, want := range map[string]string{
		"/usr/sbin/daemonize -c /d -a -e /l -u app /bin/prog x":                                    "app /d /bin/prog x",
		"start-stop-daemon --start --chuid app:app --chdir /d --exec /bin/prog -- x":               "app /d /bin/prog x",
		"start-stop-daemon --start --background --make-pidfile --pidfile /p --exec /bin/prog -- x": "  /bin/prog x",
		"/bin/prog x": "  /bin/prog x",
	} {
		c := unwrap(parseCommand(in))
		got := c.user + " " + c.dir
		for _, a := range c.args {
			got += " " + a
		}
		if got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestPerson(t *testing.T) {
	for in, ok := range map[string]bool{
		"Ada Lovelace <ada@example.org>": true, "Ada <ada@sub.example.org>": true,
		"Ada": false, "Ada <ada>": false, "Ada <ada@host>": false, "<ada@example.org>": false, "Ada <ada@laptop.local>": false,
		"Ada <1+ada@users.noreply.github.com>": false, "Your Name <you@example.com>": false, "x <noreply@example.org>": false,
		"Ada\n <ada@example.org>": false, "Ada <ada@x.invalid>": false, "Ada <ada@example.org.>": false,
	} {
		if got := person(in); (got != "") != ok {
			t.Errorf("person(%q) = %q", in, got)
		}
	}
}
