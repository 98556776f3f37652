package analyze_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nativize/nativize/analyze"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
)

// run lays out a repository and analyses it.
func run(t *testing.T, script string, files map[string]string) *analyze.Analysis {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "app")
	for name, text := range files {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	repo, err := source.Open(t.Context(), dir, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { repo.Close() })
	a, err := analyze.Run(t.Context(), repo, analyze.Options{Script: script})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestOwnDownloads holds that what a script fetches from the repository's own
// page at a forge is the file of the repository: a script is followed, a
// configuration file has its source.
func TestOwnDownloads(t *testing.T) {
	const setup = "#!/bin/sh\nuseradd --system app\ninstall -D -m 755 bin/app /usr/bin/app\n"
	for name, script := range map[string]string{
		"saved":    "curl -fsSL $URL/lib/setup.sh -o /tmp/setup.sh\n. /tmp/setup.sh\n",
		"called":   "wget -q $URL/lib/setup.sh -O /tmp/setup.sh\nsh /tmp/setup.sh\n",
		"piped":    "curl -fsSL $URL/lib/setup.sh | sudo bash -s -- --yes\n",
		"replaced": "bash <(curl -fsSL $URL/lib/setup.sh)\n",
		"read":     "bash -c \"$(curl -fsSL $URL/lib/setup.sh)\"\n",
		"printed":  "curl -fsSL $URL/lib/setup.sh > /tmp/setup.sh\nbash /tmp/setup.sh\n",
		"archive":  "wget -q https://github.com/o/app/archive/v1.tar.gz\ntar xf v1.tar.gz\ncd app-1\nsh lib/setup.sh\n",
	} {
		t.Run(name, func(t *testing.T) {
			a := run(t, "install.sh", map[string]string{
				"README.md":    "# app\n\nServes pages.\n\n    git clone --depth 1 https://github.com/o/app.git\n",
				"install.sh":   "#!/bin/bash\nURL=https://raw.githubusercontent.com/o/app/main\n" + script + "wget -q $URL/app.conf -O /etc/app.conf\n",
				"lib/setup.sh": setup, "app.conf": "port=1\n", "bin/app": "#!/bin/sh\n",
			})
			f := a.Facts
			if len(f.Users) != 1 || f.Users[0].Name != "app" || f.Users[0].At[0].File != "lib/setup.sh" {
				t.Errorf("users %+v", f.Users)
			}
			if len(f.ConfigFiles) != 1 || f.ConfigFiles[0].From != "app.conf" {
				t.Errorf("configuration %+v", f.ConfigFiles)
			}
		})
	}
}

// TestOthersDownloads holds that a file of another project is not taken for
// the repository's, however it is called.
func TestOthersDownloads(t *testing.T) {
	a := run(t, "deploy.sh", map[string]string{
		"README.md":  "# app\n\n    git clone https://github.com/o/app.git\n",
		"deploy.sh":  "#!/bin/sh\ncurl -fsSL https://raw.githubusercontent.com/nvm-sh/nvm/v0.39.0/install.sh | bash\n",
		"install.sh": "#!/bin/sh\nuseradd --system app\n",
	})
	for _, u := range a.Facts.Users {
		if u.Origin == model.FromScript {
			t.Errorf("the other project's script was taken for the own: %+v", u)
		}
	}
}

// TestStartDirectory holds that a script which counts on being started in its
// own directory finds what it sources and copies.
func TestStartDirectory(t *testing.T) {
	for _, head := range []string{
		"cd ..\n. lib/common.sh\n", "pushd .. >/dev/null\nsource ./lib/common.sh\n", "cd '..' && . lib/common.sh\n", ". ../lib/common.sh\ncd ..\n",
		"cd \"$(dirname \"$0\")/..\"\n. lib/common.sh\n", "HERE=$(cd \"$(dirname \"${BASH_SOURCE[0]}\")\" && pwd)\ncd \"$HERE/..\"\n. lib/common.sh\n",
		". lib/common.sh\n", "cd lib\n. ./common.sh\ncd ..\n",
	} {
		a := run(t, "scripts/deploy.sh", map[string]string{
			"scripts/deploy.sh": "#!/bin/bash\n" + head + "cp conf/app.ini $ETC/app.ini\n",
			"lib/common.sh":     "ETC=/etc/app\n", "conf/app.ini": "port=1\n",
		})
		if f := a.Facts.ConfigFiles; len(f) != 1 || f[0].Path != "/etc/app/app.ini" || f[0].From != "conf/app.ini" {
			t.Errorf("%q: %+v", head, f)
		}
	}
}

// TestUserData holds that user data of cloud-init is read by its parts, with
// the places of the file, and is never taken for a shell script.
func TestUserData(t *testing.T) {
	a := run(t, "boot.sh", map[string]string{"boot.sh": "Content-Type: multipart/mixed; boundary=\"//\"\nMIME-Version: 1.0\n\n--//\nContent-Type: text/cloud-config\n\n" +
		"#cloud-config\npackages: [nginx]\n--//\nContent-Type: text/x-shellscript\n\n#!/bin/bash\nuseradd --system app\n--//--\n"})
	f := a.Facts
	if len(f.Users) != 1 || f.Users[0].At[0].String() != "boot.sh:13:1" {
		t.Errorf("users %+v", f.Users)
	}
	if len(f.Packages) != 1 || f.Packages[0].At[0].String() != "boot.sh:8:12" {
		t.Errorf("packages %+v", f.Packages)
	}
	for _, s := range a.Statements {
		if s.At.Line != 13 {
			t.Errorf("statement %s: %s", s.At, s.Text)
		}
	}
	if len(a.Candidates) != 1 || a.Class != model.Server {
		t.Errorf("class %s, candidates %+v", a.Class, a.Candidates)
	}
}

// TestServiceNames holds that services are called what the machine calls them.
func TestServiceNames(t *testing.T) {
	a := run(t, "deploy.sh", map[string]string{
		"service.service": "[Service]\nExecStart=/usr/bin/app\n",
		"deploy.sh": "#!/bin/sh\ncp service.service /etc/systemd/system/app.service\nsystemctl enable app\npm2 stop 0\npm2 restart all\n" +
			"supervisorctl restart workers:*\nservice --status-all\n",
	})
	var names []string
	for _, s := range a.Facts.Services {
		names = append(names, s.Name)
	}
	if got := strings.Join(names, " "); got != "app workers" {
		t.Errorf("services %s", got)
	}
	if u := a.Facts.Units; len(u) != 1 || u[0].Name != "app" {
		t.Errorf("units %+v", u)
	}
}
