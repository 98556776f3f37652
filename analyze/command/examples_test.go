package command

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

// Every model's Example is run twice: by the real command, in a throwaway root
// laid over this machine's, and by the model on the abstract machine. What the
// real command changed must be what the model says, and the other way round.

// exampleDir is the working directory of the examples.
const exampleDir = "/ex"

// exampleFiles are there before each example.
var exampleFiles = []struct {
	path, text string
	mode       fs.FileMode
}{
	{"one.txt", "one\n", 0o644},
	{"two.txt", "two 2\nthree 3\n", 0o600},
	{"app.ini", "[db]\nhost = localhost\nport = 5432\n", 0o640},
	{"words", "b 2\na 1\nb 2\nc 3\n", 0o644},
	{"tree/a.txt", "a\n", 0o644},
	{"tree/sub/b.sh", "#!/bin/sh\necho b\n", 0o755},
	{"tmpl.conf", "listen ${PORT};\n", 0o644},
}

var exampleDirs = []string{"tree", "tree/sub", "gone", "gone/below", "etc"}

// exampleSetup are command lines that run, in both worlds, before the example of
// a model.
var exampleSetup = map[string][]string{
	"gunzip":    {"gzip one.txt"},
	"bunzip2":   {"bzip2 one.txt"},
	"unxz":      {"xz one.txt"},
	"unzip":     {"zip -qr tree.zip tree"},
	"deluser":   {"useradd nvtest"},
	"userdel":   {"useradd nvtest"},
	"usermod":   {"useradd nvtest"},
	"groupdel":  {"groupadd nvtest"},
	"delgroup":  {"groupadd nvtest"},
	"groupmod":  {"groupadd nvtest"},
	"gpasswd":   {"useradd nvtest", "groupadd nvgroup"},
	"chsh":      {"useradd nvtest"},
	"chfn":      {"useradd nvtest"},
	"chage":     {"useradd nvtest"},
	"passwd":    {"useradd nvtest"},
	"chpasswd":  {"useradd nvtest"},
	"readlink":  {"ln -s one.txt link"},
	"realpath":  {"ln -s one.txt link"},
	"sha256sum": {"cp one.txt copy.txt"},
}

const inNamespace = "NATIVIZE_TEST_NAMESPACE"

func TestExamples(t *testing.T) {
	if os.Getenv(inNamespace) == "" {
		replayInNamespace(t)
		return
	}
	r := newReplay(t)
	for _, family := range Families() {
		for _, m := range family.Models {
			if m.Example != "" {
				t.Run(family.Name+"/"+m.Name, func(t *testing.T) { r.example(t, m, exampleSetup[m.Name]) })
			}
		}
	}
	replayMore(t, r)
}

// replayInNamespace runs this test again where mounts are private and the
// network is closed.
func replayInNamespace(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root: examples run in a throwaway root made of overlay mounts")
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestExamples$", "-test.v="+strconv.FormatBool(testing.Verbose()))
	if f := os.Getenv("EXAMPLE"); f != "" {
		cmd.Args[1] = "-test.run=^TestExamples$/" + f
	}
	cmd.Env = append(os.Environ(), inNamespace+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWNET}
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		t.Errorf("examples:\n%s", out)
	case err != nil:
		t.Skipf("cannot make a mount namespace: %v", err)
	case testing.Verbose():
		t.Logf("%s", out)
	}
}

type replay struct {
	dir    string
	common string // lower directory with the files of every example
	count  int
}

func newReplay(t *testing.T) *replay {
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		t.Skipf("make mounts private: %v", err)
	}
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, ""); err != nil {
		t.Skipf("mount tmpfs: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	syscall.Umask(0o022)
	r := &replay{dir: dir, common: filepath.Join(dir, "common")}
	if err := layFiles(r.common + exampleDir); err != nil {
		t.Fatal(err)
	}
	return r
}

// layer mounts a throwaway root over the lower directories; what is changed
// lands in upper.
func (r *replay) layer(t *testing.T, name, lower string) (root, upper string) {
	base := filepath.Join(r.dir, strconv.Itoa(r.count), name)
	root, upper = filepath.Join(base, "root"), filepath.Join(base, "upper")
	for _, d := range []string{root, upper, filepath.Join(base, "work")} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	opts := "lowerdir=" + lower + ",upperdir=" + upper + ",workdir=" + filepath.Join(base, "work")
	if err := syscall.Mount("overlay", root, "overlay", 0, opts); err != nil {
		t.Skipf("mount overlay: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(root, syscall.MNT_DETACH) })
	for _, d := range []string{"/dev", "/proc"} {
		if err := syscall.Mount(d, root+d, "", syscall.MS_BIND|syscall.MS_REC, ""); err != nil {
			t.Fatalf("bind %s: %v", d, err)
		}
		t.Cleanup(func() { _ = syscall.Unmount(root+d, syscall.MNT_DETACH) })
	}
	return root, upper
}

// run runs a command line in a root.
func run(root, line string) (string, error) {
	cmd := exec.Command("/bin/bash", "-c", "cd "+exampleDir+" && umask 022 && "+line)
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root}
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C.UTF-8", "PORT=80", "DEBIAN_FRONTEND=noninteractive"}
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("%q: %w: %s", line, err, errOut.String())
	}
	return out.String(), nil
}

func (r *replay) example(t *testing.T, m *Model, setup []string) {
	if _, err := exec.LookPath(m.Name); err != nil {
		t.Skipf("%s is not installed", m.Name)
	}
	r.count++
	before := r.common
	root := ""
	if len(setup) > 0 {
		root, before = r.layer(t, "setup", r.common+":/")
		before += ":" + r.common
	}
	model := newMini()
	for _, line := range setup {
		if _, err := run(root, line); err != nil {
			t.Skipf("set up: %v", err)
		}
		model.line(t, line)
	}
	root, upper := r.layer(t, "example", before+":/")
	out, err := run(root, m.Example)
	call := model.line(t, m.Example)
	if call == nil {
		t.Fatal("the example has no call of a model")
	}
	if call.Outcome == Opaque {
		t.Errorf("example is opaque: %s", call.Detail)
	}
	if failed := call.Status.Tri == value.No; (err != nil) != failed && call.Status.Tri != value.Maybe {
		t.Errorf("real: %v; model: %s", err, call.Status.Tri)
	}
	compareOut(t, call, out)
	compareTrees(t, model, root, upper, strings.Split(before, ":"))
	compareAccounts(t, model, root)
}

func layFiles(dir string) error {
	for _, d := range exampleDirs {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			return err
		}
	}
	for _, f := range exampleFiles {
		name := filepath.Join(dir, f.path)
		if err := os.WriteFile(name, []byte(f.text), f.mode); err != nil {
			return err
		}
		if err := os.Chmod(name, f.mode); err != nil {
			return err
		}
	}
	return nil
}

func compareOut(t *testing.T, c *Call, real string) {
	trimmed := c.Out.Map(func(s value.Str) value.Str {
		if text, ok := s.Exact(); ok {
			return value.TextStr(strings.TrimRight(text, "\n"))
		}
		return s
	})
	if c.Model.Kind != Pure && trimmed.Is("") {
		return
	}
	if value.Equals(c.Out, value.Text(real)) == value.No && value.Equals(trimmed, value.Text(strings.TrimRight(real, "\n"))) == value.No {
		t.Errorf("output: real %q, model %q", real, trimmed)
	}
}

// ignored are files that tools write for themselves.
func ignored(p string) bool {
	for _, prefix := range []string{"/dev", "/proc", "/run", "/var/log", "/var/cache", "/var/lib/dpkg", "/var/lib/apt", "/var/lib/systemd/deb-systemd",
		"/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow", "/etc/subuid", "/etc/subgid", "/etc/.pwd.lock", "/etc/ld.so.cache",
		"/etc/.resolv", "/var/mail", "/var/spool/mail", "/root/.cache", "/root/.gnupg", "/etc/alternatives", "/var/lib/alternatives"} {
		if p == prefix || strings.HasPrefix(p, prefix+"/") || p == prefix+"-" {
			return true
		}
	}
	return strings.HasPrefix(p, "/tmp/") || p == "/tmp"
}

// compareTrees holds every path that the real command changed, and every one
// that the model knows, against each other.
func compareTrees(t *testing.T, m *mini, root, upper string, lower []string) {
	paths := map[string]bool{}
	for _, p := range changedPaths(t, upper, lower) {
		paths[p] = true
	}
	m.h.Each(host.File, 0, func(name string, e host.Entry) {
		if n := e.(*host.Node); n.Presence != value.Maybe && !strings.Contains(name, "${") {
			paths[name] = true
		}
	})
	var all []string
	for p := range paths {
		all = append(all, p)
	}
	slices.Sort(all)
	for _, p := range all {
		if !ignored(p) {
			comparePath(t, m, root, p)
		}
	}
}

// changedPaths lists what lies in the upper layer and is not a directory that
// only came along.
func changedPaths(t *testing.T, upper string, lower []string) []string {
	var out []string
	err := filepath.WalkDir(upper, func(name string, d fs.DirEntry, err error) error {
		p := strings.TrimPrefix(name, upper)
		if err != nil || p == "" {
			return err
		}
		for _, dir := range append(lower, "") {
			if d.IsDir() && sameMeta(name, dir+p) {
				return nil
			}
		}
		out = append(out, p)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func sameMeta(a, b string) bool {
	x, err := os.Lstat(a)
	y, err2 := os.Lstat(b)
	if err != nil || err2 != nil {
		return false
	}
	s, u := x.Sys().(*syscall.Stat_t), y.Sys().(*syscall.Stat_t)
	return s.Mode == u.Mode && s.Uid == u.Uid && s.Gid == u.Gid
}

func comparePath(t *testing.T, m *mini, root, p string) {
	n := m.h.Node(0, p)
	info, err := os.Lstat(root + p)
	switch {
	case err != nil && n.Presence == value.Yes:
		t.Errorf("%s: model says it exists; real: %v", p, err)
	case err == nil && n.Presence == value.No:
		t.Errorf("%s: model says it is gone; real: %s", p, info.Mode())
	case err == nil && n.Presence == value.Maybe && !m.covered(p):
		t.Errorf("%s: changed by the real command, not by the model", p)
	}
	if err != nil || n.Presence != value.Yes || !n.Made {
		return
	}
	compareMeta(t, root, p, n, info)
	if text, ok := m.h.Text(0, p); ok && info.Mode().IsRegular() {
		real, err := os.ReadFile(root + p)
		if err != nil {
			t.Fatal(err)
		}
		if value.Equals(text, value.Text(string(real))) == value.No {
			t.Errorf("%s: content: real %q, model %q", p, real, text)
		}
	}
}

func compareMeta(t *testing.T, root, p string, n *host.Node, info fs.FileInfo) {
	kind := host.Regular
	switch {
	case info.IsDir():
		kind = host.Dir
	case info.Mode()&fs.ModeSymlink != 0:
		kind = host.Link
	}
	if n.Kind != host.AnyKind && n.Kind != kind {
		t.Errorf("%s: real %s, model %s", p, kind, n.Kind)
	}
	st := info.Sys().(*syscall.Stat_t)
	if mode := fmt.Sprintf("%04o", st.Mode&0o7777); len(n.Mode) == 4 && n.Mode != mode {
		t.Errorf("%s: mode: real %s, model %s", p, mode, n.Mode)
	}
	compareID(t, p, "owner", n.Owner, st.Uid, filepath.Join(root, "etc/passwd"))
	compareID(t, p, "group", n.Group, st.Gid, filepath.Join(root, "etc/group"))
	if kind == host.Link {
		target, _ := os.Readlink(root + p)
		if n.Link.String() != target {
			t.Errorf("%s: target: real %s, model %s", p, target, n.Link)
		}
	}
}

func compareID(t *testing.T, p, what, name string, id uint32, table string) {
	real := strconv.Itoa(int(id))
	want := name
	if want == "" {
		want = "0"
	} else if e := tableEntry(table, name); e != nil {
		want = e[2]
	}
	if want != real {
		t.Errorf("%s: %s: real %s, model %q", p, what, real, name)
	}
}

// tableEntry finds a line of passwd or group by name.
func tableEntry(table, name string) []string {
	b, _ := os.ReadFile(table)
	for _, l := range lines(string(b)) {
		if f := strings.Split(l, ":"); f[0] == name && len(f) > 2 {
			return f
		}
	}
	return nil
}

// covered tells whether an effect that is not sure, or a pattern, stands for a
// change of p.
func (m *mini) covered(p string) bool {
	for _, e := range m.h.Log {
		path := e.Path
		if e.Val.Len() > 0 && value.Equals(e.Val, value.Text(p)) != value.No && path != "" {
			return true
		}
		opaqueTree := e.Content == nil || e.Content.Kind != host.Literal
		if path != "" && opaqueTree && (e.Recursive || e.Op == host.Extract || e.Op == host.System || e.Op == host.Language || e.Op == host.Clone) && strings.HasPrefix(p, strings.TrimSuffix(path, "/")+"/") {
			return true
		}
	}
	return false
}

func compareAccounts(t *testing.T, m *mini, root string) {
	passwd, group := filepath.Join(root, "etc/passwd"), filepath.Join(root, "etc/group")
	m.h.Each(host.User, 0, func(name string, e host.Entry) {
		u := e.(*host.UserEntry)
		real := tableEntry(passwd, name)
		switch {
		case real == nil && u.Presence == value.Yes:
			t.Errorf("user %s: model says it exists", name)
		case real != nil && u.Presence == value.No:
			t.Errorf("user %s: model says it is gone", name)
		case len(real) > 6:
			compareUser(t, name, u, real)
		}
	})
	m.h.Each(host.Group, 0, func(name string, e host.Entry) {
		if f := e.(*host.Flag); f.Presence != value.Maybe && value.Bool(tableEntry(group, name) != nil) != f.Presence {
			t.Errorf("group %s: real %t, model %s", name, tableEntry(group, name) != nil, f.Presence)
		}
	})
	for _, space := range []struct {
		table string
		space host.Space
	}{{"etc/passwd", host.User}, {"etc/group", host.Group}} {
		b, _ := os.ReadFile(filepath.Join(root, space.table))
		for _, l := range lines(string(b)) {
			name, _, _ := strings.Cut(l, ":")
			if tableEntry("/"+space.table, name) == nil && m.h.Has(space.space, 0, name) != value.Yes {
				t.Errorf("%s: %s is new and not in the model", space.table, name)
			}
		}
	}
}

func compareUser(t *testing.T, name string, u *host.UserEntry, real []string) {
	for i, want := range map[int]string{2: u.UID, 5: u.Home, 6: u.Shell} {
		if want != "" && real[i] != want {
			t.Errorf("user %s: field %d: real %q, model %q", name, i, real[i], want)
		}
	}
}

// A mini runs command lines on the abstract machine without the shell: simple
// commands, pipes, here-strings and redirects of words that are known.
type mini struct {
	h *host.Host
	a *host.Actor
}

func newMini() *mini {
	h := host.New(nil, "")
	h.Closed = true
	h.Now.Run, h.Now.Must = 1, true
	m := &mini{h: h, a: &host.Actor{H: h, User: "root", Cwd: value.TextStr(exampleDir)}}
	set := func(p string, n *host.Node) {
		n.Presence, n.Owner, n.Group, n.Made = value.Yes, "root", "root", true
		h.Set(host.Key{Space: host.File, Name: filepath.Join(exampleDir, p)}, n)
	}
	set("", &host.Node{Kind: host.Dir, Mode: "0755"})
	for _, d := range exampleDirs {
		set(d, &host.Node{Kind: host.Dir, Mode: "0755"})
	}
	for _, f := range exampleFiles {
		set(f.path, &host.Node{Kind: host.Regular, Mode: fmt.Sprintf("%04o", f.mode), Content: &host.Content{Kind: host.Literal, Text: value.Text(f.text)}})
	}
	if u, err := user.Current(); err != nil || u.Uid != "0" {
		m.a.User = ""
	}
	return m
}
