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
	text   string // the text, holes as @NAME@, where it is not that of repo
	known  bool   // there is a default at all
	secret bool
	way    string
	holes  []string
	open   []string // words that the script replaces by what is known on the server only
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
	if err := x.directoryLinks(); err != nil {
		return err
	}
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
	case x.othersConfig(f.Path) != "":
		file := model.File{Path: f.Path, From: f.From}
		x.othersFile(f.Path, x.othersConfig(f.Path), x.fileSource(file), x.fileText(f.Path, f.From, f.Content), f.At)
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
		text, c.open = x.filled(c.old, string(b))
		if text != string(b) {
			c.text = text
		}
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
	if c.repo != "" && c.text == "" && clean == text && !x.isEnvFile(c) && len(c.holes) == 0 {
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
	if len(c.open) > 0 {
		x.manual(c.at, "", "Replace %s in %s: the script puts there what is known on the server only.", strings.Join(c.open, ", "), c.to)
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
