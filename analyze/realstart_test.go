package analyze_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/shell"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/analyze/value"
)

// A record is what a script really did in a throwaway root, and from what
// start.
type record struct {
	Script     string
	Tree       string
	Label      string
	Runs       []realRun
	LocalEdits []struct{ Path, Edit string } `json:"local_edits"`
	Start      start
}

type realRun struct {
	Run      int
	Argv     []string
	Exit     int
	Effects  []realEffect
	LeftOut  bool `json:"effects_left_out"`
	Accounts struct {
		Passwd, Group struct{ Added, Removed []string }
	}
	Commands []struct {
		Argv []string
		Cwd  string
		User string
	}
}

type realEffect struct {
	Op, Path, Type, Owner, Group, Mode, Target string
	Changed                                    []string
}

// A start is the recorded state of the machine before the first run.
type start struct {
	Repo      string
	Src       string
	Cwd       string
	ScriptAt  string `json:"script_at"`
	OS        string
	User      string
	Users     []string
	Owners    map[string][]string
	Files     map[string]string
	Dirs      []string
	Links     map[string]string
	Copies    map[string]string
	Services  map[string]string
	Initd     []string
	Env       map[string]string
	Absent    []string
	Present   []string
	Checkouts []string
	Venvs     []string
	Stdin     string
	Setup     []string
	Before1   before
	Before2   before
	Before3   before
	Tarballs  [][2]string
	Commands  []recorder
	Downloads []recorder
	OwnRepos  *[]string `json:"own_repos"`
}

type before struct{ Setup []string }

// A recorder says what stood in for a command printed and made.
type recorder struct {
	pattern string
	made    []string
}

// UnmarshalJSON reads the pair of a pattern and what the recorder made.
func (r *recorder) UnmarshalJSON(b []byte) error {
	var made struct {
		Files map[string]string
		Dirs  []string
	}
	if err := json.Unmarshal(b, &[]any{&r.pattern, &made}); err != nil {
		return err
	}
	r.made = append(slices.Sorted(maps.Keys(made.Files)), made.Dirs...)
	return nil
}

// simulated tells whether a recorder laid the path in place of the real
// command: the command is what the script did.
func (s *start) simulated(p string) bool {
	for _, r := range s.Commands {
		for _, m := range r.made {
			if m == p || strings.HasPrefix(m, p+"/") {
				return true
			}
		}
	}
	return slices.Contains(s.Absent, path.Base(p)) // made callable by its installation
}

func (s *start) before(run int) []string {
	return [][]string{s.Before1.Setup, s.Before2.Setup, s.Before3.Setup}[run-1]
}

func (s *start) user() string {
	if s.User == "" {
		return "root"
	}
	return s.User
}

// src is where the checkout lies.
func (s *start) src() string {
	if s.Src != "" {
		return s.Src
	}
	return "/root/" + path.Base(s.Repo)
}

func (s *start) cwd() string {
	if s.Cwd != "" {
		return s.Cwd
	}
	return s.src()
}

// realDir names the directory of the records: NATIVIZE_REAL, or the one beside
// the work tree.
func realDir() string {
	if dir := os.Getenv("NATIVIZE_REAL"); dir != "" {
		return dir
	}
	return "../../shared/accuracy/real"
}

// treesDir names the directory of the laid out repositories.
func treesDir() string {
	return os.Getenv("NATIVIZE_TREES")
}

func readRecords(tb testing.TB) []*record {
	names, _ := filepath.Glob(filepath.Join(realDir(), "*.json"))
	if len(names) == 0 {
		tb.Skipf("no records in %s: set NATIVIZE_REAL", realDir())
	}
	if treesDir() == "" {
		tb.Skip("NATIVIZE_TREES does not name the directory of the laid out repositories")
	}
	var out []*record
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			tb.Fatal(err)
		}
		r := &record{}
		if err := json.Unmarshal(b, r); err != nil {
			tb.Fatalf("%s: %v", name, err)
		}
		out = append(out, r)
	}
	return out
}

// A stage is a record's machine, ready to run.
type stage struct {
	*record
	h    *host.Host
	m    *shell.Machine
	repo *overlay
}

// An overlay is a repository with the commands that prepare a run as scripts
// of their own; they can be read but are not listed. A script that they call
// and that the commit does not have is that of another commit of the
// repository.
type overlay struct {
	host.Repo
	setup map[string]string
}

func (o *overlay) Read(name string) ([]byte, error) {
	if text, ok := o.setup[name]; ok {
		return []byte(text), nil
	}
	return o.Repo.Read(name)
}

func (o *overlay) Stat(name string) (fs.FileMode, bool) {
	if _, ok := o.setup[name]; ok {
		return 0o755, true
	}
	mode, ok := o.Repo.Stat(name)
	if ok && !mode.IsDir() { // the recorded checkouts have scripts executable
		if b, err := o.Repo.Read(name); err == nil && strings.HasPrefix(string(b), "#!") {
			mode |= 0o111
		}
	}
	return mode, ok
}

// borrow finds the scripts that the preparations call and the commit lacks.
func (s *stage) borrow() {
	base, _, _ := strings.Cut(s.Tree, "@")
	others, _ := filepath.Glob(filepath.Join(treesDir(), base+"@*"))
	for run := range s.Runs {
		for _, command := range s.Start.before(run + 1) {
			for _, w := range strings.FieldsFunc(command, func(r rune) bool { return r == ' ' || r == ';' }) {
				if _, ok := s.repo.Repo.Stat(w); ok || path.Ext(w) != ".sh" {
					continue
				}
				for _, dir := range others {
					if b, err := os.ReadFile(filepath.Join(dir, w)); err == nil {
						s.repo.setup[w] = string(b)
					}
				}
			}
		}
	}
}

func newStage(tb testing.TB, r *record) *stage {
	dir := filepath.Join(treesDir(), r.Tree)
	if _, err := os.Stat(filepath.Join(dir, r.Script)); err != nil {
		tb.Skipf("%s is not laid out", r.Tree)
	}
	repo, err := source.Open(tb.Context(), dir, source.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { repo.Close() })
	s := &stage{record: r, repo: &overlay{Repo: shell.Tree(repo), setup: map[string]string{}}}
	s.h = host.New(s.repo, r.Start.src())
	s.h.Closed = true
	if r.Start.OwnRepos == nil {
		s.h.Origin = "https://github.com/" + r.Start.Repo + ".git"
	}
	s.m = shell.New(s.h)
	s.borrow()
	s.lay()
	return s
}

func (s *stage) set(p string, n host.Node) {
	for dir := path.Dir(p); dir != "/"; dir = path.Dir(dir) {
		if s.h.Node(0, dir).Presence == value.Yes {
			break
		}
		s.h.Set(host.Key{Space: host.File, Name: dir}, &host.Node{Kind: host.Dir, Presence: value.Yes, Owner: "root", Group: "root", Mode: "0755"})
	}
	n.Presence = value.Yes
	if n.Owner == "" {
		n.Owner, n.Group = "root", "root"
	}
	if n.Mode == "" {
		n.Mode = map[host.NodeKind]string{host.Regular: "0644", host.Dir: "0755", host.Link: "0777"}[n.Kind]
	}
	s.h.Set(host.Key{Space: host.File, Name: p}, &n)
}

func (s *stage) file(p, text string) {
	mode := ""
	if strings.HasPrefix(text, "#!") {
		mode = "0755"
	}
	s.set(p, host.Node{Kind: host.Regular, Mode: mode, Content: &host.Content{Kind: host.Literal, Text: value.Text(text)}})
}

func (s *stage) program(p string) {
	s.set(p, host.Node{Kind: host.Regular, Mode: "0755", Content: &host.Content{Kind: host.Copied, Path: p}})
}

func (s *stage) tree(p string) {
	s.set(p, host.Node{Kind: host.Dir, Content: &host.Content{Kind: host.RepoTree}})
}

// lay writes the start state.
func (s *stage) lay() {
	st := &s.Start
	s.system()
	for _, u := range st.Users {
		s.h.Set(host.Key{Space: host.User, Name: u}, &host.UserEntry{Name: u, Presence: value.Yes, Home: "/home/" + u, Shell: "/bin/bash", Group: u})
		s.h.Set(host.Key{Space: host.Group, Name: u}, &host.Flag{Presence: value.Yes})
		s.set("/home/"+u, host.Node{Kind: host.Dir, Owner: u, Group: u})
	}
	s.program("/opt/realrun/stub")
	s.tree(st.src())
	s.set("/opt/realrun/tree", host.Node{Kind: host.Dir, Content: &host.Content{Kind: host.RepoTree}, Deep: &host.Deep{Dirs: "g+w", Files: "g+w"}})
	for _, c := range st.Checkouts {
		s.tree(c)
	}
	for _, d := range st.Dirs {
		s.set(d, host.Node{Kind: host.Dir})
	}
	for _, v := range st.Venvs {
		s.set(v, host.Node{Kind: host.Dir})
		s.file(v+"/pyvenv.cfg", "home = /usr/bin\n")
		s.file(v+"/bin/activate", "VIRTUAL_ENV="+v+"\nexport VIRTUAL_ENV\n")
		for _, p := range strings.Fields("alembic celery flask gunicorn pip pip3 python python3 uv uvicorn") {
			s.set(v+"/bin/"+p, host.Node{Kind: host.Link, Link: value.TextStr("/opt/realrun/stub")})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(st.Files)) {
		s.file(name, st.Files[name])
	}
	for _, i := range st.Initd {
		s.program("/etc/init.d/" + i)
	}
	for to, from := range st.Copies {
		s.set(to, host.Node{Kind: host.Regular, Content: &host.Content{Kind: host.RepoFile, Path: from}})
	}
	for name, to := range st.Links {
		s.set(name, host.Node{Kind: host.Link, Link: value.TextStr(to)})
	}
	for name := range st.Services {
		s.h.Set(host.Key{Space: host.Service, Name: name}, &host.ServiceEntry{Name: name, Enabled: value.Yes, Running: value.Yes})
	}
	s.tarballs()
	s.chown()
}

// tarballs packs what start.tarballs names: the repository under a directory.
func (s *stage) tarballs() {
	for _, t := range s.Start.Tarballs {
		tree := &host.Node{Kind: host.Dir, Presence: value.Yes, Mode: "0755", Content: &host.Content{Kind: host.RepoTree}}
		s.set(t[0], host.Node{Kind: host.Regular, Content: &host.Content{Kind: host.Archive, Members: []host.Member{{Path: t[1], Node: tree}}}})
	}
}

func (s *stage) chown() {
	for _, owner := range slices.Sorted(maps.Keys(s.Start.Owners)) {
		for _, dir := range s.Start.Owners[owner] {
			own := func(p string, n *host.Node) {
				c := *n
				c.Owner, c.Group = owner, owner
				s.h.Set(host.Key{Space: host.File, Name: p}, &c)
			}
			own(dir, s.h.Node(0, dir))
			s.h.Under(0, dir, own)
		}
	}
}

var releases = map[string][2]string{
	"":            {"debian", "12"},
	"ubuntu16.04": {"ubuntu", "16.04"},
	"ubuntu18.04": {"ubuntu", "18.04"},
	"ubuntu24.04": {"ubuntu", "24.04"},
	"redhat":      {"", ""},
}

// system lays what tells distributions apart, and the programs that the
// recorders stand for.
func (s *stage) system() {
	rel := releases[s.Start.OS]
	if rel[0] != "" {
		s.file("/etc/os-release", fmt.Sprintf("ID=%s\nVERSION_ID=%q\nNAME=%q\n", rel[0], rel[1], rel[0]))
		s.file("/etc/debian_version", "12.5\n")
	}
	for link, to := range map[string]string{"/lib": "usr/lib", "/bin": "usr/bin", "/sbin": "usr/sbin", "/var/run": "/run", "/var/lock": "/run/lock"} {
		s.set(link, host.Node{Kind: host.Link, Link: value.TextStr(to)})
	}
	for _, d := range []string{"/var/www", "/var/www/html", "/etc/nginx", "/etc/nginx/sites-available", "/etc/nginx/sites-enabled",
		"/etc/nginx/conf.d", "/etc/apache2", "/etc/apache2/sites-available", "/etc/apache2/sites-enabled", "/etc/apache2/conf-available", "/etc/apache2/mods-available", "/etc/apache2/conf-enabled", "/etc/apache2/mods-enabled", "/etc/udev/rules.d",
		"/etc/sudoers.d", "/etc/init", "/etc/supervisor/conf.d", "/etc/ssh", "/usr/lib/systemd/system", "/run/systemd/system", "/etc/ld.so.conf.d"} {
		s.set(d, host.Node{Kind: host.Dir})
	}
	s.file("/etc/nginx/nginx.conf", "events {}\n")
	for _, c := range recorded {
		s.h.Set(host.Key{Space: host.Command, Name: c}, &host.Flag{Presence: value.Yes})
	}
	for _, c := range s.Start.Present {
		s.h.Set(host.Key{Space: host.Command, Name: c}, &host.Flag{Presence: value.Yes})
	}
	gone := s.Start.Absent
	if s.Start.OS == "redhat" {
		gone = append(gone, "apt-get", "apt", "dpkg", "update-rc.d")
	}
	for _, c := range gone {
		s.h.Set(host.Key{Space: host.Command, Name: c}, &host.Flag{Presence: value.No})
	}
}

// recorded are the programs that were replaced by recorders.
var recorded = strings.Fields(`systemctl service chkconfig update-rc.d apt-get apt dpkg git curl wget php composer python3 python pip pip3 virtualenv
npm node pnpm yarn pm2 mysql psql nginx a2ensite a2enmod a2dissite a2enconf cargo rustc uv certbot django-admin.py nc hostname sv ssh scp
udevadm supervisorctl add-apt-repository apt-key rsync crontab tar unzip sudo lsb_release openssl jq make`)

// options are those of one run.
func (s *stage) options(run int) shell.Options {
	st := &s.Start
	env := map[string]string{}
	for k, v := range st.Env {
		env[k] = strings.NewReplacer("{n}", strconv.Itoa(run), "{commit}", strings.Repeat("c0ffee00", 5)).Replace(v)
	}
	argv := s.Runs[run-1].Argv[1:]
	for len(argv) > 0 && strings.HasPrefix(argv[0], "-") {
		argv = argv[1:] // options of the shell
	}
	o := shell.Options{Script: s.Script, Args: argv[1:], Known: true, Env: env, Closed: true, User: st.user(), Cwd: st.cwd(), Run: min(run, 2)}
	o.Stdin = &st.Stdin
	o.Zero = argv[0]
	return o
}

// prepare runs the commands that stand before a run.
func (s *stage) prepare(tb testing.TB, name string, commands []string, run int) {
	if len(commands) == 0 {
		return
	}
	s.repo.setup[name] = strings.Join(commands, "\n") + "\n"
	o := shell.Options{Script: name, Known: true, Closed: true, User: "root", Cwd: "/root", Run: min(run, 2)}
	if _, err := s.m.Run(o); err != nil {
		tb.Fatal(err)
	}
}
