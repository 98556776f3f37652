package command

import (
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

// maintainer are the commands of maintainer scripts of Debian and Red Hat
// packages.
var maintainer = []*Model{
	{Name: "dpkg-maintscript-helper", Flags: "-first --help --version", Kind: Changed, Man: "dpkg-maintscript-helper(1)", Doc: "removes and renames conffiles, swaps links and directories", Run: maintscript},
	{Name: "dpkg-divert", Flags: "-any --add --remove --list --listpackage --truename --rename --no-rename --package: --divert: --local --quiet --test --admindir: --instdir: --root:", Kind: Changed, Man: "dpkg-divert(1)", Doc: "moves a package's file out of the way",
		Example: "dpkg-divert --quiet --local --rename --divert /ex/one.real --add /ex/one.txt", Run: divert},
	{Name: "dpkg-statoverride", Flags: "--add --remove --list --update --force --force-all --force-statoverride-add --force-statoverride-remove --quiet --admindir: --root: --instdir: --help --version", Kind: Changed, Man: "dpkg-statoverride(1)", Doc: "sets owner, group and mode of a package's file",
		Example: "dpkg-statoverride --update --add root daemon 0600 /ex/one.txt", Run: statoverride},
	{Name: "dpkg-trigger", Flags: "-any --by-package: --no-await --await --check-supported --no-act --admindir:", Kind: Changed, Man: "dpkg-trigger(1)", Doc: "activates a trigger", Run: trigger},
	{Name: "ucf", Flags: "hHnd?vp --help=h --no-action=n --debug=d? --verbose=v --three-way --purge=p --debconf-ok --debconf-template: --src-dir: --sum-file: --state-dir: --root: --package:", Kind: Changed, Man: "ucf(1)", Doc: "installs a configuration file, asking before local edits are lost", Run: ucf},
	{Name: "ucfr", Alias: []string{"ucfq"}, Flags: "hpnfvd? -any --purge=p --force=f", Kind: Changed, Man: "ucfr(1)", Doc: "notes which package a configuration file belongs to", Run: sets("ucf")},
	{Name: "db_get", Alias: []string{"db_set", "db_input", "db_go", "db_stop", "db_version", "db_purge", "db_fset", "db_fget", "db_subst", "db_title", "db_register", "db_unregister", "db_reset", "db_capb", "db_settitle", "db_beginblock", "db_endblock", "db_metaget", "db_info", "db_progress", "db_x_loadtemplatefile", "db_previous_module", "db_unset", "db_clear", "db_data"}, Flags: "-any", Kind: Mechanics, Man: "debconf-devel(7)",
		Doc: "asks questions of debconf: the answer is in RET", Run: debconf},
	{Name: "py3compile", Alias: []string{"pycompile", "py3clean", "pyclean", "pypycompile", "pypyclean", "pypy3compile", "pypy3clean", "py3versions", "pyversions", "update-python-modules", "dh_python3"}, Flags: "-any p:V:X:", Kind: Changed, Man: "py3compile(1)", Doc: "compiles Python files", Run: sets("cache")},
	{Name: "update-mime-database", Alias: []string{"update-desktop-database", "gtk-update-icon-cache", "gtk-update-icon-cache-3.0", "update-icon-caches", "glib-compile-schemas", "fc-cache", "update-fonts-dir", "update-fonts-scale", "update-fonts-alias", "update-xmlcatalog", "update-catalog", "mandb", "update-menus", "install-info", "update-info-dir", "gio-querymodules", "gdk-pixbuf-query-loaders", "update-gio-modules", "update-gtk-immodules", "update-mime", "update-fmtutil", "helpztags", "mtxrun", "appstreamcli", "systemd-machine-id-setup", "shadowconfig", "nscd", "update-language", "update-language-dat", "update-language-def", "update-language-lua", "update-updmap", "pg_updatedicts", "gtk-query-immodules-2.0", "gtk-query-immodules-3.0", "update-texmf", "mktexlsr", "updmap-sys", "texhash", "update-pciids", "update-usbids", "update-cracklib", "update-perl-sax-parsers", "update-ispell-dictionary", "update-dictcommon-aspell", "update-dictcommon-hunspell", "update-default-ispell", "update-default-wordlist", "xdg-desktop-menu", "xdg-icon-resource", "update-passwd", "update-inetd", "update-binfmts", "update-smart-drivedb", "update-exim4.conf", "update-exim4defaults", "update-motd", "update-apt-xapian-index", "register-python-module", "scrollkeeper-update", "gconftool-2", "update-gsfontmap", "install-sgmlcatalog", "phpquery", "dbus-uuidgen"},
		Flags: "-any -first", Kind: Changed, Man: "the tools' manuals", Doc: "rebuilds a cache or registry", Run: sets("cache")},
	{Name: "update-ca-certificates", Alias: []string{"update-ca-trust", "c_rehash", "keytool", "certutil", "update-java-alternatives", "make-ssl-cert"}, Flags: "-any -first", Kind: Changed, Man: "update-ca-certificates(8)", Doc: "rebuilds or changes the trusted certificates", Run: sets("certificates")},
	{Name: "add-shell", Alias: []string{"remove-shell", "update-shells"}, Flags: "-any v --root: --no-act --verbose=v", Kind: Changed, Man: "add-shell(8)", Doc: "lists a program in /etc/shells", Run: func(c *Call) { c.Edit(value.Text("/etc/shells"), Line(c.Argv)) }},
	{Name: "ischroot", Flags: "ft --default-false=f --default-true=t --help --version", Kind: Pure, Man: "ischroot(1)", Doc: "tells whether this is a changed root", Run: ischroot},
	{Name: "policy-rc.d", Alias: []string{"/usr/sbin/policy-rc.d"}, Flags: "-any", Kind: Pure, Man: "invoke-rc.d(8)", Doc: "tells whether services may be started", Run: asks},
	{Name: "dbconfig-generate-include", Alias: []string{"dbc_go", "dh_installxmlcatalogs", "emacs-package-install", "emacs-package-remove", "install-docs", "tcltk-depends", "ghc-pkg", "gcj-dbtool", "paperconfig", "defoma-app", "aspell-autobuildhash", "ispell-autobuildhash", "update-hunspell", "fmtutil", "fmtutil-sys", "mktexfmt"}, Flags: "-any", Kind: Changed, Man: "the tools' manuals", Doc: "registers a package with another", Run: sets("registry")},
}

// maintscript: "supports" asks; the others act on what the package had before.
func maintscript(c *Call) {
	verb, rest := c.verb()
	if verb == "supports" || verb == "" {
		c.Outcome = Pure
		return
	}
	e := c.setting("conffile")
	if len(rest) > 0 {
		e.Path, e.Val = c.Path(rest[0]), c.abs(rest[0])
		e.Must = false // only when that version is upgraded from
	}
}

func divert(c *Call) {
	if c.Has("list", "listpackage", "truename", "test") {
		c.asked("dpkg-divert")
		return
	}
	e := c.setting("diversion")
	e.Action = "add"
	if c.Has("remove") {
		e.Action = "remove"
	}
	if len(c.Args) > 0 {
		e.Path, e.Val = c.Path(c.last()), c.abs(c.last())
		e.Target = c.Text("divert")
		if e.Target == "" {
			e.Target = e.Path + ".distrib"
		}
		c.renameDiverted(e)
	}
}

// renameDiverted moves the file that is there, with --rename.
func (c *Call) renameDiverted(e *host.Effect) {
	if !c.Has("rename") || c.Has("no-rename") {
		return
	}
	from, to := value.Text(e.Path), value.Text(e.Target)
	if e.Action == "remove" {
		from, to = to, from
	}
	if c.node(from).Presence == value.Yes {
		c.Move(from, to, host.CopyOpts{Exact: true})
	}
}

// statoverride is --add USER GROUP MODE FILE; with --update the file is changed
// at once. --list asks for a file.
func statoverride(c *Call) {
	switch {
	case c.Has("list") || len(c.Args) == 0:
		c.asked("dpkg-statoverride")
		c.Status = Asks(value.Maybe, &Cond{Op: Other, Fresh: value.No, Text: "an override is set for " + c.Arg(0)})
	case c.Has("remove"):
		c.setting("statoverride")
	case len(c.Args) > 3:
		e := c.setting("statoverride")
		e.Action, e.Path, e.Val, e.Owner, e.Group, e.Mode = "add", c.Path(c.Args[3]), c.abs(c.Args[3]), c.Arg(0), c.Arg(1), c.Arg(2)
		if c.Has("update") {
			c.Chown(c.Args[3], c.Arg(0), c.Arg(1), false, true)
			c.Chmod(c.Args[3], c.Arg(2), false)
		}
	}
}

func trigger(c *Call) {
	if c.Has("check-supported", "no-act") {
		c.Outcome = Pure
		return
	}
	c.setting("trigger")
}

// ucf is ucf NEW DESTINATION: a copy that keeps local edits.
func ucf(c *Call) {
	switch {
	case c.Has("p") && len(c.Args) > 0:
		c.setting("ucf")
	case len(c.Args) > 1:
		c.Copy(c.Args[0], c.Args[1], host.CopyOpts{Exact: true, NoClobber: true})
	default:
		c.asked("ucf")
	}
}

// debconf: an answer is known to nobody before it is given.
func debconf(c *Call) {
	if c.Sh == nil {
		return
	}
	switch c.Name {
	case "db_get", "db_fget", "db_metaget":
		name := c.Arg(0)
		if i := strings.LastIndexByte(name, '/'); i >= 0 {
			name = name[i+1:]
		}
		c.Sh.SetVar("RET", c.Hole(value.Prompt, name))
	case "db_input":
		c.Status = Asks(value.Maybe, &Cond{Op: Other, Text: "the question " + c.Arg(1) + " is shown"})
	}
}

func ischroot(c *Call) {
	c.Outcome = Pure
	c.Status = Asks(value.Maybe, &Cond{Op: Other, Fresh: value.No, Text: "this is a chroot"})
}
