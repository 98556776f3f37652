package place

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/input"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/convert/choices"
	"github.com/nativize/nativize/convert/plan"
)

// A conf is one configuration file on its way to /etc.
type conf struct {
	old    string // where the old deployment had it
	to     string // below /etc
	repo   string // file of the repository with the default, "" none
	text   string // else the text, holes as @NAME@
	known  bool   // there is a default at all
	secret bool
	way    string
	holes  []string
	mode   uint32
	group  string
	also   []string // further places of the old deployment with a copy
	at     []source.Pos
	why    string
}

// config places the files that an administrator may edit.
func (x *placer) config() error {
	for _, f := range x.f.ConfigFiles {
		for _, one := range x.expand(f) {
			x.configFile(one)
		}
	}
	x.samples()
	for _, f := range x.f.Symlinks {
		x.linkBack(f)
	}
	x.directoryLinks()
	for _, c := range x.confs {
		x.conffile(c)
	}
	return nil
}

// expand names each file of a fact that is a pattern, as /etc/app/*.ini from
// config/*.ini-dist.
func (x *placer) expand(f model.ConfigFile) []model.ConfigFile {
	if strings.Count(f.Path, "*") != 1 || strings.Count(f.From, "*") != 1 {
		return []model.ConfigFile{f}
	}
	before, after, _ := strings.Cut(f.From, "*")
	var out []model.ConfigFile
	for _, p := range x.repo.Glob(f.From) {
		if !x.isRepoFile(p) || len(p) < len(before)+len(after) {
			continue
		}
		one := f
		one.From, one.Path = p, strings.Replace(f.Path, "*", p[len(before):len(p)-len(after)], 1)
		out = append(out, one)
	}
	if len(out) == 0 {
		return []model.ConfigFile{f}
	}
	x.mark(f.At, plan.PartConffile, path.Dir(f.Path), "each file that the pattern matches in the repository")
	return out
}

// systemConfig are files of the system or of another package: no package may
// ship them.
var systemConfig = strings.Fields(`/etc/passwd /etc/group /etc/hosts /etc/fstab /etc/crontab /etc/sudoers /etc/sysctl.conf /etc/profile /etc/environment
	/etc/rc.local /etc/ssh/sshd_config /etc/ssh/ssh_config /etc/hostname /etc/resolv.conf /etc/inittab /etc/apt/sources.list /etc/ld.so.conf
	/etc/nsswitch.conf /etc/machine-id /etc/localtime /etc/timezone /etc/locale.gen /etc/shells /etc/motd /etc/issue /etc/exports /etc/modules
	/etc/nginx/nginx.conf /etc/apache2/apache2.conf /etc/apache2/ports.conf /etc/httpd/conf/httpd.conf /etc/mysql/my.cnf /etc/my.cnf /etc/redis/redis.conf
	/etc/supervisor/supervisord.conf /etc/supervisord.conf /etc/haproxy/haproxy.cfg /etc/dhcpcd.conf /etc/security/limits.conf /etc/default/grub
	/etc/systemd/journald.conf /etc/systemd/logind.conf /etc/logrotate.conf /etc/rsyslog.conf /etc/hostapd/hostapd.conf /etc/dnsmasq.conf
	/etc/selinux/config /etc/bash.bashrc /etc/memcached.conf /etc/monit/monitrc /etc/postfix/main.cf /etc/samba/smb.conf /etc/squid/squid.conf
	/etc/nginx/sites-available/default /etc/nginx/sites-enabled/default /etc/docker/daemon.json /etc/network/interfaces /etc/default/hostapd`)

func (x *placer) configFile(f model.ConfigFile) {
	switch {
	case !plainPath(f.Path):
		x.mark(f.At, plan.PartManual, f.Path, "the name of the file is not known before the script runs")
		x.manual(f.At, "", "The script writes the configuration file %s, whose name is known on the server only.", f.Path)
	case isSite(f.Path), isCron(f.Path), isLogrotate(f.Path), isUnitFile(f.Path):
		// their own parts
	case foreignConfig(f):
		x.mark(f.At, plan.PartManual, f.Path, "belongs to another package; no package may change it")
		x.manual(f.At, "", "The script changes %s, which belongs to the system or another package. Make the change once by hand, or with configuration management.", f.Path)
	case x.isDirectory(f.Path):
		x.mark(f.At, plan.PartConffile, x.mapped(f.Path), "each file of it is placed by itself")
	case slices.ContainsFunc(neverConfig, func(d string) bool { return within(f.Path, d) }) && !x.inOld(f.Path):
		x.mark(f.At, plan.PartManual, f.Path, "lies in a place of people, not of packages")
		x.manual(f.At, "", "The script writes %s, which no package may hold. Write it once by hand.", f.Path)
	case isSample(f.Path) && f.How != model.HowSedEdit:
		x.sampleFile(f)
	default:
		x.addConf(x.newConf(f))
	}
}

// neverConfig are places where no package has configuration.
var neverConfig = []string{"/home", "/root", "/tmp", "/var/tmp", "/dev", "/proc", "/sys", "/run"}

// foreignConfig tells of files that the deployment does not make but changes.
func foreignConfig(f model.ConfigFile) bool {
	return slices.Contains(systemConfig, f.Path) || within(f.Path, "/etc/systemd") || within(f.Path, "/etc/sysctl.d") && f.How == model.HowSedEdit ||
		f.From == "" && f.How == model.HowSedEdit && !f.InCodeDir && f.Content == ""
}

func isSample(p string) bool {
	_, ok := input.IsSample(p)
	return ok
}

func (x *placer) isDirectory(p string) bool {
	return x.host != nil && x.host.Node(x.where, p).Kind == host.Dir
}

// newConf finds the default and the place of a configuration file.
func (x *placer) newConf(f model.ConfigFile) *conf {
	c := &conf{old: f.Path, to: x.etcPath(f.Path), at: f.At, mode: mode(f.Mode, 0), secret: f.Secret, why: f.How}
	if f.Group != "" && f.Group != "root" && accountRE.MatchString(f.Group) && !isForeign(f.Group) {
		c.group = f.Group
	}
	c.repo, c.known = x.defaultOf(f)
	if !c.known && f.Content != "" {
		c.text, c.holes, c.known = placeholders(f.Content, f.Holes), f.Holes, true
	}
	if path.Ext(f.From) != "" && c.repo == "" && within(f.From, "/etc") {
		c.also = append(c.also, f.From)
	}
	return c
}

// etcPath is the place below /etc of a configuration file.
func (x *placer) etcPath(p string) string {
	if m := x.mapped(p); within(m, "/etc") {
		return m
	}
	dir, base := "/etc/"+x.p.Name, path.Base(p)
	switch {
	case base == ".env":
		return dir + "/env"
	case strings.HasPrefix(base, ".env."):
		return dir + "/env-" + strings.TrimPrefix(base, ".env.")
	case strings.HasPrefix(base, "."):
		base = base[1:]
	}
	to := path.Join(dir, base)
	if old := x.confTo(to); old != nil && old.old != p && x.inOld(old.old) {
		rel := strings.TrimPrefix(p, x.old+"/")
		return path.Join(dir, strings.ReplaceAll(rel, "/", "-"))
	}
	return to
}

func (x *placer) confTo(to string) *conf {
	for _, c := range x.confs {
		if c.to == to {
			return c
		}
	}
	return nil
}

// defaultOf is the file of the repository that a configuration file starts as.
func (x *placer) defaultOf(f model.ConfigFile) (string, bool) {
	var list []string
	if x.host != nil {
		list = repoFiles(x.host.Node(x.where, f.Path).Content)
	}
	list = append(list, f.From)
	if strings.HasPrefix(f.From, "/") && x.host != nil {
		list = append(list, repoFiles(x.host.Node(x.where, f.From).Content)...)
		list = append(list, strings.TrimPrefix(f.From, x.old+"/"))
	}
	if x.inOld(f.Path) {
		list = append(list, x.sampleOf(f.Path))
	}
	var files []string
	for _, p := range list {
		if p != "" && x.isRepoFile(p) && !slices.Contains(files, p) {
			files = append(files, p)
		}
	}
	if len(files) == 0 {
		return "", false
	}
	if f.How == model.HowHeredoc || f.How == model.HowEcho {
		return "", false
	}
	return x.variant(files), true
}

// repoFiles are the files of the repository that a content may be.
func repoFiles(c *host.Content) []string {
	var out []string
	for ; c != nil; c = c.Prev {
		if c.Kind == host.RepoFile {
			out = append(out, c.Path)
		}
		for _, o := range c.Or {
			out = append(out, repoFiles(o)...)
		}
	}
	return out
}

func (x *placer) isRepoFile(p string) bool {
	f, ok := x.repo.Lookup(p)
	return ok && f.IsRegular() && !f.Ignored
}

// environments are words for variants, the likeliest on a server first.
var environments = []string{"production", "prod", "live", "staging", "stage", "uat", "qa", "test", "development", "dev", "local"}

// variant chooses among the files of several environments.
func (x *placer) variant(files []string) string {
	if len(files) == 1 {
		return files[0]
	}
	var found []string
	for _, env := range environments {
		for _, f := range files {
			if hasWord(f, env) && !slices.Contains(found, env) {
				found = append(found, env)
			}
		}
	}
	if len(found) < 2 {
		return files[0]
	}
	env := x.c.Guess("environment", found[0], choices.Note{Why: "the repository has " + strings.Join(found, ", "), Question: "which environment the package is made for: " + strings.Join(found, ", ")})
	for _, f := range files {
		if hasWord(f, env) {
			return f
		}
	}
	return files[0]
}

func hasWord(s, word string) bool {
	return slices.Contains(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return strings.ContainsRune("/._-", r) }), word)
}

// sampleOf is the sample of the repository that lies beside a path of the code
// and is copied to it.
func (x *placer) sampleOf(p string) string {
	for _, n := range x.nodes {
		if path.Dir(n.old) != path.Dir(p) || n.repo == "" {
			continue
		}
		if t, ok := input.IsSample(n.old); ok && t == p {
			return n.repo
		}
	}
	return ""
}

// placeholders writes holes as @NAME@.
func placeholders(text string, holes []string) string {
	for _, h := range holes {
		text = strings.ReplaceAll(text, "${"+h+"}", "@"+h+"@")
	}
	return text
}

// addConf keeps one file a place below /etc. A copy that the script makes in
// the code of what lies below /etc becomes a link to it.
func (x *placer) addConf(c *conf) {
	if old := x.confTo(c.to); old != nil {
		old.also = append(old.also, c.old)
		old.at = append(old.at, c.at...)
		if !old.known && c.known {
			old.repo, old.text, old.holes, old.known = c.repo, c.text, c.holes, true
		}
		if x.inOld(c.old) {
			x.linkTo(c.old, c.to, c.at)
		}
		return
	}
	x.confs = append(x.confs, c)
}

// samples finds configuration that no script makes: the repository has a
// sample of a file that git is told to ignore.
func (x *placer) samples() {
	if x.old == "" && x.code == "" {
		return
	}
	for _, f := range x.repo.Files() {
		t, ok := input.IsSample(f.Path)
		if !ok || x.treeOf[f.Path] == "" || !f.IsRegular() || !x.repo.Ignored(t) || x.isRepoFile(t) || asideRE.MatchString(f.Path) {
			continue
		}
		old := path.Join(path.Dir(x.treeOf[f.Path]), path.Base(t))
		if slices.ContainsFunc(x.confs, func(c *conf) bool { return c.old == old || slices.Contains(c.also, old) }) {
			continue
		}
		x.addConf(&conf{
			old: old, to: x.etcPath(old), repo: f.Path, known: true, why: "git ignores it, and the repository has a sample",
			at: []source.Pos{{File: f.Path, Line: 1, Col: 1}},
		})
	}
}

// sampleFile ships a sample as documentation.
func (x *placer) sampleFile(f model.ConfigFile) {
	c := x.newConf(f)
	to := "/usr/share/doc/" + x.p.Name + "/examples/" + path.Base(f.Path)
	if c.repo == "" {
		x.mark(f.At, plan.PartManual, f.Path, "a sample whose text is not in the repository")
		return
	}
	x.add(plan.Entry{Path: to, Type: plan.File, Origin: plan.Repo, Src: c.repo, Mode: 0o644, At: f.At, Why: "sample"})
	x.mark(f.At, plan.PartPayload, to, "a sample, read by people")
}

// linkBack takes links of the script from the code to /etc.
func (x *placer) linkBack(s model.Symlink) {
	if x.inOld(s.Path) && x.confTo(x.mapped(s.Target)) != nil {
		x.linkTo(s.Path, x.mapped(s.Target), s.At)
	}
}

// linkTo puts a link into the code.
func (x *placer) linkTo(old, to string, at []source.Pos) {
	p := x.mapped(old)
	if p == to {
		return
	}
	x.add(plan.Entry{Path: p, Type: plan.Symlink, Src: to, At: at, Why: "the program reads it there"})
	x.mark(at, plan.PartConffile, to, "a link in the code leads to it")
}

// conffile adds one configuration file and its way back.
func (x *placer) conffile(c *conf) {
	if !c.known {
		x.mark(c.at, plan.PartManual, c.to, "the repository has no default for it")
		x.manual(c.at, "", "Write %s: the repository has no default for it.", c.to)
		x.wayBack(c)
		return
	}
	text := c.text
	if c.repo != "" {
		b, err := x.repo.Read(c.repo)
		if err != nil {
			x.mark(c.at, plan.PartManual, c.to, "the default cannot be read: "+err.Error())
			return
		}
		text = string(b)
	}
	clean, secret := withoutSecrets(c.to, c.old, text)
	guess := choices.Config{Way: x.guessWay(c), Secret: new(bool)}
	*guess.Secret = c.secret || secret
	dec := x.c.GuessConfig(c.to, guess, choices.Note{Why: c.why, At: c.at})
	c.way, c.secret = dec.Way, *dec.Secret
	if c.way == choices.CodeFile {
		return
	}
	if x.generated(c, clean) {
		x.wayBack(c)
		return
	}
	x.addConffile(c, clean, text)
	x.wayBack(c)
}

// addConffile puts the default into the payload.
func (x *placer) addConffile(c *conf, clean, text string) {
	e := plan.Entry{Path: c.to, Type: plan.File, Conffile: true, Mode: cmp.Or(c.mode, 0o644), Group: c.group, Secret: c.secret, At: c.at, Why: "may be edited by an administrator"}
	if e.Mode&0o007 != 0 && c.secret || c.secret && c.mode == 0 {
		e.Mode = 0o640
	}
	e.Mode &^= 0o022
	if c.secret && e.Group == "" {
		e.Group = x.groupOf(x.account)
	}
	if c.repo != "" && clean == text && !x.isEnvFile(c) && len(c.holes) == 0 {
		e.Origin, e.Src = plan.Repo, c.repo
	} else {
		e.Origin, e.Src = plan.Text_, x.confText(c, clean)
	}
	x.add(e)
	x.mark(c.at, plan.PartConffile, c.to, "a conffile: edits are kept on upgrade")
	x.adopt(c)
	x.ask4values(c, clean)
}

// confText writes the default as a generated file.
func (x *placer) confText(c *conf, text string) string {
	if x.isEnvFile(c) {
		text = x.envText(c, text)
	}
	if !strings.HasSuffix(text, "\n") && text != "" {
		text += "\n"
	}
	name := strings.TrimPrefix(c.to, "/")
	lines := []plan.LineSource{{From: 1, To: max(1, strings.Count(text, "\n")), At: c.at, Why: "default of " + c.to + ": " + c.why}}
	return x.text(name, []byte(text), 0o644, lines)
}

// ask4values names the values that an administrator must fill in.
func (x *placer) ask4values(c *conf, text string) {
	var names []string
	for _, k := range input.Keys(keyName(c), []byte(text)) {
		if k.Secret && k.Blank && !k.Disabled {
			names = append(names, k.Name)
		}
	}
	if len(names) > 0 {
		x.manual(c.at, "", "Set %s in %s: the default is no secret.", strings.Join(names, ", "), c.to)
	}
	if len(c.holes) > 0 {
		x.manual(c.at, "", "Replace the placeholders @%s@ in %s: the script computed them on the server or took them from its caller.", strings.Join(c.holes, "@, @"), c.to)
	}
}

// groupOf is the primary group of an account.
func (x *placer) groupOf(account string) string {
	for _, a := range x.p.Accounts {
		if a.Name == account {
			return cmp.Or(a.Group, a.Name)
		}
	}
	return account
}

// guessWay is how the program finds the file.
func (x *placer) guessWay(c *conf) string {
	switch {
	case x.isEnvFile(c) && x.inOld(c.old):
		return choices.EnvFile
	}
	way := choices.InPlace
	for _, p := range append([]string{c.old}, c.also...) {
		if _, ok := x.linked[path.Dir(p)]; ok {
			return choices.DirLink
		}
		if x.inOld(p) {
			way = choices.Link
		}
	}
	return way
}

// wayBack leads the program to the file.
func (x *placer) wayBack(c *conf) {
	if c.way == choices.Link || c.way == choices.EnvFile {
		x.linkTo(c.old, c.to, c.at)
	}
	x.moves.add(c.old, c.to)
}

// adopt keeps the copies of the old deployment.
func (x *placer) adopt(c *conf) {
	var from []string
	for _, p := range append([]string{c.to, c.old}, c.also...) {
		if plainPath(p) && !slices.Contains(from, p) {
			from = append(from, p)
		}
	}
	x.p.TakeOver.Adopt = append(x.p.TakeOver.Adopt, plan.Adopt{From: from, To: c.to, At: c.at})
}

// directoryLinks finds directories of the code in which all that the script
// leaves is configuration: one link of the directory takes the place of one a
// file, since a program that saves by renaming would replace a link to a file.
func (x *placer) directoryLinks() {
	dirs := map[string][]*conf{}
	for _, c := range x.confs {
		for _, p := range append([]string{c.old}, c.also...) {
			if x.inOld(p) && path.Dir(p) != x.old && !x.isEnvFile(c) && path.Base(p) == path.Base(c.to) {
				dirs[path.Dir(p)] = append(dirs[path.Dir(p)], c)
			}
		}
	}
	for dir, list := range dirs {
		if len(list) > 1 && !x.otherFiles(dir, list) && sameDir(list) {
			x.linked[dir] = path.Dir(list[0].to)
		}
	}
	for dir, to := range x.linked {
		at := dirs[dir][0].at
		x.moves.add(dir, to)
		x.add(plan.Entry{Path: x.code + strings.TrimPrefix(dir, x.old), Type: plan.Symlink, Src: to, At: at, Why: "the whole directory is configuration"})
	}
}

func sameDir(list []*conf) bool {
	return !slices.ContainsFunc(list, func(c *conf) bool {
		return path.Dir(c.to) != path.Dir(list[0].to) || path.Base(c.to) != path.Base(c.old)
	})
}

// otherFiles tells whether the repository has something in a directory that is
// neither configuration nor a sample of it.
func (x *placer) otherFiles(dir string, list []*conf) bool {
	return slices.ContainsFunc(x.nodes, func(n codeNode) bool {
		if !within(n.old, dir) || n.repo == "" || isSample(n.repo) {
			return false
		}
		return !slices.ContainsFunc(list, func(c *conf) bool { return c.old == n.old || slices.Contains(c.also, n.old) })
	})
}
