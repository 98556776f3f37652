package target

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/convert/plan"
)

var (
	// Debian Policy 5.6.7, which is the narrowest of the formats.
	nameRE = lazyregexp.New(`^[a-z0-9][a-z0-9+.-]+$`)
	// No hyphen: it separates the release in rpm, apk and pacman. No colon: the
	// epoch is a field of its own.
	versionRE = lazyregexp.New(`^[0-9][A-Za-z0-9.+~_]*$`)
	releaseRE = lazyregexp.New(`^[A-Za-z0-9.+~]*$`)
	archRE    = lazyregexp.New(`^[a-z0-9_]+$`)
	// useradd(8), shadow's own check; 31 for the oldest utmp.
	accountRE = lazyregexp.New(`^[a-z_][a-z0-9_-]{0,30}$`)
	numberRE  = lazyregexp.New(`^[0-9]{0,10}$`)
	// systemd.unit(5).
	unitRE = lazyregexp.New(`^[A-Za-z0-9:_.@\\-]+\.(service|timer|socket|path|target|mount|slice)$`)
	siteRE = lazyregexp.New(`^[A-Za-z0-9_][A-Za-z0-9_.@-]*$`)
)

// Check tells whether p can be written: every name, path and shell text is
// well-formed, and nothing that is moved or purged belongs to the system. The
// error lists all that is wrong.
func Check(p *plan.Package) error {
	c := &checker{}
	c.match("package name", p.Name, nameRE)
	c.match("version", p.Version, versionRE)
	c.match("release", p.Release, releaseRE)
	c.match("epoch", p.Epoch, numberRE)
	c.match("architecture", p.Arch, archRE)
	c.accounts(p)
	c.paths(p)
	c.units(p)
	c.steps(p)
	if len(c.errs) == 0 {
		return nil
	}
	return fmt.Errorf("package %q cannot be written: %w", p.Name, errors.Join(c.errs...))
}

// A checker collects what is wrong.
type checker struct{ errs []error }

func (c *checker) errorf(format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf(format, args...))
}

func (c *checker) match(what, s string, re *lazyregexp.Regexp) {
	if !re.MatchString(s) {
		c.errorf("%s %q does not match %s", what, s, re)
	}
}

func (c *checker) accounts(p *plan.Package) {
	for _, a := range p.Accounts {
		c.match("account", a.Name, accountRE)
		c.match("id of account "+a.Name, a.UID, numberRE)
		for _, g := range append(slices.Clone(a.Groups), or(a.Group, a.Name)) {
			c.match("group", g, accountRE)
		}
		for _, f := range []string{a.Home, a.Shell} {
			if f != "" {
				c.path("account "+a.Name, f)
			}
			if strings.Contains(f, ":") {
				c.errorf("account %s: %q holds a colon", a.Name, f)
			}
		}
	}
}

// owner checks an owner or group: "" is root, numbers are taken.
func (c *checker) owner(what, name string) {
	if name != "" && !numberRE.MatchString(name) {
		c.match(what, name, accountRE)
	}
}

func (c *checker) paths(p *plan.Package) {
	for _, e := range p.Payload {
		c.path("payload", e.Path)
		c.owner("owner of "+e.Path, e.Owner)
		c.owner("group of "+e.Path, e.Group)
		if e.Type != plan.Symlink && e.Type != plan.Dir_ && !local(e.Src) {
			c.errorf("payload %s: source %q leaves its tree", e.Path, e.Src)
		}
	}
	for _, d := range p.Dirs {
		c.path("directory", d.Path)
		c.owner("owner of "+d.Path, d.Owner)
		c.owner("group of "+d.Path, d.Group)
		if d.Purge {
			c.own("purge", d.Path)
		}
	}
	for _, a := range p.TakeOver.Adopt {
		c.path("conffile", a.To)
		for _, f := range a.From {
			c.path("old place of "+a.To, f)
		}
	}
	for _, a := range p.TakeOver.Aside {
		c.own("move out of the way", a.Path)
	}
	for _, m := range p.TakeOver.State {
		c.path("state", m.From)
		c.own("carry state to", m.To)
		c.owner("owner of "+m.To, m.Owner)
		c.owner("group of "+m.To, m.Group)
	}
	for _, t := range p.Texts {
		if !local(t.Path) {
			c.errorf("text %q leaves packaging/", t.Path)
		}
	}
}

// local tells whether a relative path stays in its tree.
func local(name string) bool {
	return name != "" && !strings.HasPrefix(name, "/") && name != ".." && !strings.HasPrefix(path.Clean(name), "../")
}

// path demands an absolute, clean path that a shell can name.
func (c *checker) path(what, name string) {
	if !strings.HasPrefix(name, "/") || path.Clean(name) != name {
		c.errorf("%s: %q is no absolute clean path", what, name)
		return
	}
	if _, err := syntax.Quote(name, syntax.LangPOSIX); err != nil {
		c.errorf("%s: path %q: %w", what, name, err)
	}
}

// system are directories of the distribution: what lies in them may be an
// application's, they themselves never are.
var system = strings.Fields(`/ /bin /boot /data /dev /etc /home /lib /lib64 /media /mnt /opt /proc /root /run /sbin /srv /sys /tmp /usr /var
	/etc/apache2 /etc/cron.d /etc/cron.daily /etc/default /etc/httpd /etc/init.d /etc/logrotate.d /etc/nginx /etc/ssl /etc/supervisor
	/etc/sysconfig /etc/systemd /etc/systemd/system /usr/bin /usr/lib /usr/libexec /usr/local /usr/local/bin /usr/sbin /usr/share /usr/lib/systemd
	/var/backups /var/cache /var/lib /var/local /var/lock /var/log /var/mail /var/opt /var/run /var/spool /var/tmp /var/www /var/www/html
	/var/lib/dpkg /var/lib/rpm /var/lib/pacman /var/lib/systemd /var/log/nginx /var/log/apache2 /var/log/httpd /var/lib/mysql /var/lib/postgresql`)

// own demands a path that can be an application's alone.
func (c *checker) own(what, name string) {
	c.path(what, name)
	if slices.Contains(system, name) {
		c.errorf("%s: %s belongs to the system", what, name)
	}
}

func (c *checker) units(p *plan.Package) {
	for _, u := range p.Units {
		c.match("unit", u.Name, unitRE)
	}
}

func (c *checker) steps(p *plan.Package) {
	for _, st := range p.Steps {
		what := "step " + or(st.Name, string(st.Kind))
		c.owner("user of "+what, st.User)
		c.owner("group of "+what, st.Group)
		if st.Dir != "" {
			c.path(what, st.Dir)
		}
		switch st.Kind {
		case plan.Generate:
			c.path(what, st.Path)
			c.path(what, st.Source)
			for key, sh := range st.Values {
				if key == "" {
					c.errorf("%s: an empty placeholder", what)
				}
				// one line, and nothing that would hide the closing parenthesis
				c.shell(what+", value of "+key, "x=$("+strings.TrimSpace(sh)+")")
				if strings.Contains(strings.TrimSpace(sh), "\n") {
					c.errorf("%s, value of %s: more than one line", what, key)
				}
			}
		case plan.Migrate, plan.Command:
			c.shell(what, st.Shell)
		case plan.Reload:
			c.match(what+": service", st.Name, siteRE)
		case plan.Enable:
			c.match(what+": site", st.Name, siteRE)
			if st.Server != "nginx" && st.Server != "apache" {
				c.errorf("%s: server %q is none of nginx, apache", what, st.Server)
			}
		default:
			c.errorf("%s: kind %q is unknown", what, st.Kind)
		}
	}
	for _, b := range p.Stage {
		c.shell("build step "+b.Tool, b.Shell)
		if b.Dir != "" && !local(b.Dir) {
			c.errorf("build step %s: directory %q leaves the source tree", b.Tool, b.Dir)
		}
		for _, o := range b.Output {
			if path.IsAbs(o) {
				c.path("output of "+b.Tool, o)
			} else if !local(o) {
				c.errorf("build step %s: output %q leaves the source tree", b.Tool, o)
			}
		}
		for _, d := range b.Downloads {
			c.download(d)
		}
	}
}

// shell demands a whole POSIX shell program.
func (c *checker) shell(what, text string) {
	if strings.TrimSpace(text) == "" {
		c.errorf("%s: no command", what)
		return
	}
	if i := strings.IndexFunc(text, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f }); i >= 0 {
		c.errorf("%s: control character at byte %d", what, i)
		return
	}
	if _, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(text), ""); err != nil {
		c.errorf("%s: %w", what, err)
	}
}

var (
	digestRE = lazyregexp.New(`^([0-9a-f]{64})?$`)
	urlRE    = lazyregexp.New(`^(https?|ftp)://[^\s]+$`)
)

func (c *checker) download(d plan.Download) {
	c.match("download", d.URL, urlRE)
	c.match("digest of "+d.URL, d.SHA256, digestRE)
	if !local(d.To) {
		c.errorf("download %s: %q leaves the source tree", d.URL, d.To)
	}
}
