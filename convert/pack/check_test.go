package pack

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"

	"github.com/nativize/nativize/convert/plan"
)

// pemKey is a fresh private key in PEM.
func pemKey(t testing.TB) []byte {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
}

// TestProblems: each change to a sound package is refused with the words.
func TestProblems(t *testing.T) {
	key := pemKey(t)
	elf := append([]byte("\x7fELF\x02\x01\x01"), make([]byte, 57)...)
	elf[18] = 62
	// repo adds a file of the repository to the payload
	repo := func(path, name string, data []byte) func(*plan.Package, *Sources) {
		return func(p *plan.Package, s *Sources) {
			s.Repo.(fstest.MapFS)[name] = &fstest.MapFile{Data: data, Mode: 0o644}
			p.Payload = append(p.Payload, plan.Entry{Path: path, Type: plan.File, Origin: plan.Repo, Src: name})
		}
	}
	entry := func(e plan.Entry) func(*plan.Package, *Sources) {
		return func(p *plan.Package, _ *Sources) { p.Payload = append(p.Payload, e) }
	}
	staged := func(make func(dir string)) func(*plan.Package, *Sources) {
		return func(_ *plan.Package, s *Sources) { make(filepath.Join(s.Stage, "venv")) }
	}
	text := plan.Entry{Path: "/usr/share/shop/x", Type: plan.File, Origin: plan.Text_, Src: "copyright"}
	with := func(change func(*plan.Entry)) func(*plan.Package, *Sources) {
		e := text
		change(&e)
		return entry(e)
	}
	for _, c := range []struct {
		name   string
		change func(*plan.Package, *Sources)
		want   string
	}{
		{"name", func(p *plan.Package, _ *Sources) { p.Name = "My App" }, `deb: "My App" is not a valid package name (Debian Policy 5.6.1`},
		{"name that leaves", func(p *plan.Package, _ *Sources) { p.Name = "../x" }, "is not a valid package name"},
		{"version", func(p *plan.Package, _ *Sources) { p.Version = "v1 2" }, `"v1 2" is not a valid version`},
		{"hyphen", func(p *plan.Package, _ *Sources) { p.Version = "1.2-3" }, "is not a valid version"},
		{"release", func(p *plan.Package, _ *Sources) { p.Release = "a-b" }, "is not a valid release"},
		{"epoch", func(p *plan.Package, _ *Sources) { p.Epoch = "1" }, "apk: the version has the epoch"},
		{"architecture", func(p *plan.Package, _ *Sources) { p.Arch = "vax" }, `architecture "vax" does not exist`},
		{"summary", func(p *plan.Package, _ *Sources) { p.Summary = " " }, "the summary is empty"},
		{"maintainer", func(p *plan.Package, _ *Sources) { p.Maintainer = "root" }, `"root" is not a maintainer`},
		{"injected field", func(p *plan.Package, _ *Sources) { p.Homepage = "http://a/\nEssential: yes" }, "a control character"},
		{"dependency", func(p *plan.Package, _ *Sources) { p.Depends[plan.Deb] = []string{"a>=1"} }, `depends: "a>=1" is not a relation`},
		{"empty", func(p *plan.Package, _ *Sources) { p.Payload = p.Payload[:1] }, "the payload is empty"},
		{"relative", with(func(e *plan.Entry) { e.Path = "usr/x" }), "a payload path is absolute"},
		{"unclean", with(func(e *plan.Entry) { e.Path = "/usr/../etc/x" }), "a payload path is absolute, clean"},
		{"line break", with(func(e *plan.Entry) { e.Path = "/usr/a\nb" }), "clean and printable"},
		{"twice", with(func(e *plan.Entry) { e.Path = "/usr/bin/shop" }), "in the payload twice"},
		{"below a file", with(func(e *plan.Entry) { e.Path = "/usr/bin/shop/x" }), "lies below /usr/bin/shop, which is a file"},
		{"below a link", with(func(e *plan.Entry) { e.Path = "/usr/share/shop/config/x" }), "which is a symlink"},
		{"volatile", with(func(e *plan.Entry) { e.Path = "/run/shop/x" }), "no package may hold files below /run"},
		{"home", with(func(e *plan.Entry) { e.Path = "/home/shop/x" }), "no package may hold files below /home"},
		{"base system", with(func(e *plan.Entry) { e.Path = "/etc/sudoers" }), "belongs to the base system"},
		{"decimal mode", with(func(e *plan.Entry) { e.Mode = 0o200 }), "the owner cannot read it"},
		{"type bits", with(func(e *plan.Entry) { e.Mode = 0o100644 }), "more than permission bits"},
		{"world-writable", with(func(e *plan.Entry) { e.Mode = 0o666 }), "everybody can write it"},
		{"owner", with(func(e *plan.Entry) { e.Owner = "a b" }), "not a valid account name"},
		{"conffile elsewhere", with(func(e *plan.Entry) { e.Conffile = true }), "a conffile is below /etc"},
		{"conffile link", entry(plan.Entry{Path: "/etc/shop/l", Type: plan.Symlink, Src: "app.ini", Conffile: true}), "a conffile is a regular file"},
		{"missing text", with(func(e *plan.Entry) { e.Src = "nothing" }), "packaging/nothing is not among the generated files"},
		{"missing source", with(func(e *plan.Entry) { e.Origin, e.Src = plan.Repo, "nothing" }), `"nothing" of the repository: file does not exist`},
		{"source outside", with(func(e *plan.Entry) { e.Origin, e.Src = plan.Repo, "../etc/passwd" }), "invalid argument"},
		{"directory as file", with(func(e *plan.Entry) { e.Origin, e.Src = plan.Staged, "venv/bin" }), "is a directory, not a regular file"},
		{"no stage", func(_ *plan.Package, s *Sources) { s.Stage = "" }, "there is no staging tree"},
		{"dangling link", entry(plan.Entry{Path: "/usr/share/shop/l", Type: plan.Symlink, Src: "../../../srv/shop"}), `links to "../../../srv/shop", which neither`},
		{"build path", staged(func(dir string) { os.Symlink(dir, filepath.Join(dir, "self")) }), "which neither the payload nor the system has"},
		{"fifo", staged(func(dir string) { syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600) }), "is a named pipe, which no package can hold"},
		{"file name", staged(func(dir string) { os.WriteFile(filepath.Join(dir, "a\xffb"), nil, 0o600) }), "no valid path of a payload"},
		{"private key", repo("/usr/share/shop/conf", "conf", append([]byte("# key\n"), key...)), "holds a private key;"},
		{"key in a header", repo("/usr/share/shop/conf", "conf", []byte("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtz\n-----END OPENSSH PRIVATE KEY-----\n")), "holds a private key;"},
		{"encrypted key", repo("/usr/share/shop/conf", "conf", []byte("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtz\n")), "holds a private key;"},
		{"key by name", repo("/usr/share/shop/id_ed25519", "k", []byte("x")), "a private key, by its name"},
		{"odd pem", repo("/usr/share/shop/x.pem", "x", []byte("binary")), "below a name for keys"},
		{"passwd", repo("/usr/share/shop/passwd.bak", "pw", []byte("root:x:0:0:root:/root:/bin/bash\n")), "an account database"},
		{"shadow", repo("/usr/share/shop/shadow", "sh", []byte("root:$6$abc$def:19000:0:99999:7:::\n")), "a password database"},
		{"gshadow", repo("/usr/share/shop/gshadow", "gs", []byte("root:*::\nadm:*::ann\n")), "a password database"},
		{"object for all", repo("/usr/share/shop/x.so", "so", elf), "is a compiled object, but the package is for all"},
		{"foreign object", func(p *plan.Package, s *Sources) {
			p.Arch = "arm64"
			repo("/usr/lib/shop/x.so", "so", elf)(p, s)
		}, "is compiled for another machine than arm64"},
		{"script", func(_ *plan.Package, s *Sources) { s.Scripts[plan.RPM]["preinstall"] = "if true; then\n" }, "script preinstall:1:1"},
		{"bashism", func(_ *plan.Package, s *Sources) { s.Scripts[plan.RPM]["preinstall"] = "x=(a b)\n" }, "script preinstall:1:3"},
		{"unknown script", func(_ *plan.Package, s *Sources) { s.Scripts[plan.RPM]["prein"] = "true\n" }, `there is no script "prein"`},
		{"no interpreter", func(_ *plan.Package, s *Sources) {
			s.Scripts[plan.Deb] = map[string]string{"postinstall": "exit 0\n"}
		}, "has no interpreter"},
		{"empty function", func(_ *plan.Package, s *Sources) { s.Scripts[plan.Arch]["postinstall"] = "# nothing\n" }, "has no command"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, src := sample(t)
			c.change(p, &src)
			out := t.TempDir()
			_, err := Build(context.Background(), p, src, Options{OutDir: out, Formats: plan.Formats})
			var list *Error
			if !errors.As(err, &list) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is\n%v\nwant %q", err, c.want)
			}
			if left, _ := os.ReadDir(out); len(left) > 0 {
				t.Errorf("the output directory has %v", left)
			}
		})
	}
}

// TestSoundPayloads: what looks like a secret or a foreign thing, and is none.
func TestSoundPayloads(t *testing.T) {
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: bytes.Repeat([]byte("c"), 300)})
	for name, data := range map[string]string{
		"cacert.pem":  string(cert),
		"id_rsa.pub":  "ssh-rsa AAAA ann@example.org\n",
		"keys.py":     "PEM = '-----BEGIN RSA PRIVATE KEY-----\\n'\nHEADER = \"\"\"\n-----BEGIN PRIVATE KEY-----\n...\n\"\"\"\n",
		"passwd":      "complete -F _passwd passwd\n",
		"shadow.css":  ".shadow { box-shadow: 1px }\n",
		"README.html": "root:x:0:0:root:/root:/bin/bash\n",
	} {
		p, src := sample(t)
		src.Repo.(fstest.MapFS)["f"] = &fstest.MapFile{Data: []byte(data), Mode: 0o644}
		p.Payload = append(p.Payload, plan.Entry{Path: "/usr/share/shop/" + name, Type: plan.File, Origin: plan.Repo, Src: "f"})
		if err := Check(context.Background(), p, src, Options{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAllowedSecret(t *testing.T) {
	p, src := sample(t)
	src.Repo.(fstest.MapFS)["k"] = &fstest.MapFile{Data: pemKey(t), Mode: 0o644}
	p.Payload = append(p.Payload, plan.Entry{Path: "/usr/share/shop/test.key", Type: plan.File, Origin: plan.Repo, Src: "k"})
	if err := Check(context.Background(), p, src, Options{AllowSecrets: []string{"/usr/share/shop/test.key"}}); err != nil {
		t.Error(err)
	}
}

// TestProblemsComeTogether: one run tells everything.
func TestProblemsComeTogether(t *testing.T) {
	p, src := sample(t)
	p.Version, p.Summary = "x y", ""
	p.Payload = append(p.Payload, plan.Entry{Path: "/tmp/x", Type: plan.File, Origin: plan.Text_, Src: "copyright", Mode: 0o777})
	err := Check(context.Background(), p, src, Options{})
	for _, want := range []string{"problems\n", "is not a valid version", "the summary is empty", "below /tmp", "everybody can write"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in:\n%v", want, err)
		}
	}
}

// TestHostileLinks: a repository cannot make the build read outside of it.
func TestHostileLinks(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "secret", "host\n", 0o600)
	repo := filepath.Join(dir, "repo")
	write(t, repo, "real/file", "inside\n", 0o644)
	link(t, repo, "out", "../secret")
	link(t, repo, "abs", filepath.Join(dir, "secret"))
	link(t, repo, "dirout", "..")
	link(t, repo, "loop", "loop")
	link(t, repo, "in", "real/file")
	for name, want := range map[string]string{
		"out": errLeaves.Error(), "abs": errLeaves.Error(), "dirout/secret": errLeaves.Error(), "loop": errLoop.Error(), "in": "",
	} {
		p, src := sample(t)
		src.Repo, src.RepoDir = os.DirFS(repo), repo
		p.Payload = []plan.Entry{{Path: "/usr/share/shop/x", Type: plan.File, Origin: plan.Repo, Src: name}}
		err := Check(context.Background(), p, src, Options{})
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: error is %v, want %q", name, err, want)
		}
	}
}

// TestExplicitEntryWins: a link of the plan takes the place of a directory of a
// tree, with all that is in it.
func TestExplicitEntryWins(t *testing.T) {
	p, src := sample(t)
	write(t, src.Stage, "venv/config/app.ini", "x", 0o644)
	p.Payload = append(p.Payload, plan.Entry{Path: "/usr/share/shop/venv/config", Type: plan.Symlink, Src: "/etc/shop"})
	l, err := Inspect(build(t, p, src, Options{Formats: []plan.Format{plan.Deb}})[plan.Deb].Path)
	if err != nil {
		t.Fatal(err)
	}
	if f, _ := l.File("/usr/share/shop/venv/config"); f.Type != plan.Symlink {
		t.Errorf("config is %v", f)
	}
	if _, ok := l.File("/usr/share/shop/venv/config/app.ini"); ok {
		t.Error("the tree's file is still there")
	}
	if _, ok := l.File("/usr/share/shop/venv/.git/config"); ok {
		t.Error("a version control directory is in the payload")
	}
}

// TestRepoTreeExcludes: the plan's rules hold for trees of the repository.
func TestRepoTreeExcludes(t *testing.T) {
	p, src := sample(t)
	p.Payload = []plan.Entry{{Path: "/usr/share/shop", Type: plan.Tree, Origin: plan.Repo, Src: "app"}}
	p.Exclude = []plan.Rule{{Pattern: "tests"}, {Pattern: "*.css"}}
	l, err := Inspect(build(t, p, src, Options{Formats: []plan.Format{plan.Deb}})[plan.Deb].Path)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{
		"/usr/share/shop/main.py": true, "/usr/share/shop/tests": false, "/usr/share/shop/static/a.css": false,
	} {
		if _, got := l.File(path); got != want {
			t.Errorf("%s is in the payload: %v, want %v", path, got, want)
		}
	}
}

func TestFailureKeepsEarlierArtifacts(t *testing.T) {
	p, src := sample(t)
	out := t.TempDir()
	before := build(t, p, src, Options{OutDir: out})
	entries, _ := os.ReadDir(out)
	ctx, cancel := context.WithCancel(context.Background())
	_, err := Build(ctx, p, src, Options{OutDir: out, SourceDateEpoch: 1, Progress: func(e Event) {
		if e.Kind == Writing {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want a cancellation", err)
	}
	after, _ := os.ReadDir(out)
	if len(after) != len(entries) {
		t.Errorf("the output directory has %v, had %v", after, entries)
	}
	for f, a := range before {
		data, err := os.ReadFile(a.Path)
		if err != nil || int64(len(data)) != a.Size {
			t.Errorf("%s: the earlier artifact is gone: %v", f, err)
		}
	}
}

func TestProgress(t *testing.T) {
	p, src := sample(t)
	if err := os.Chmod(filepath.Join(src.Stage, "venv/bin/tool"), 0o4755); err != nil {
		t.Fatal(err)
	}
	p.Payload[3].Mode = 0o4755
	kinds := map[EventKind]int{}
	build(t, p, src, Options{Progress: func(e Event) { kinds[e.Kind]++ }})
	if kinds[Checked] != 1 || kinds[Finished] != len(all)+2 || kinds[Reading] != len(all) || kinds[Warning] != 1 {
		t.Errorf("events are %v", kinds)
	}
}
