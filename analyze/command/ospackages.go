package command

import (
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/value"
)

const aptFlags = "yq?sdmfbuVhvc:o:t:a:P:K --yes=y --assume-yes=y --assume-no --quiet? --simulate=s --dry-run=s --just-print=s --no-act=s --recon=s --download-only=d " +

	"--fix-broken=f --fix-missing=m --ignore-missing=m --no-download --build=b --compile=b --show-upgraded=u --verbose-versions=V --host-architecture=a: " +
	"--build-profiles=P: --ignore-hold --with-new-pkgs --no-upgrade --only-upgrade --allow-downgrades --allow-remove-essential --allow-change-held-packages --force-yes " +
	"--print-uris --purge --reinstall --list-cleanup --no-list-cleanup --default-release=t: --target-release=t: --trivial-only --no-remove --auto-remove --autoremove --only-source " +
	"--diff-only --dsc-only --tar-only --arch-only --indep-only --allow-unauthenticated --no-allow-insecure-repositories --allow-insecure-repositories " +
	"--allow-releaseinfo-change --show-progress --with-source: --error-on? --install-recommends --no-install-recommends --install-suggests --no-install-suggests " +
	"--without-recommends=no-install-recommends --with-recommends --option=o: --config-file=c: --help=h --version=v --all-versions --installed --upgradable --manual-installed --auto-removable --no-auto-remove --solver: --update=U --full --names-only=n --recurse --important=i --no-pager"

// osPackages are the package managers of distributions and what configures
// packages.
var osPackages = []*Model{
	{Name: "apt-get", Alias: []string{"apt", "apt-fast", "nala"}, Flags: aptFlags + " UniL", Kind: Changed, Man: "apt-get(8), apt(8)",
		Doc: "installs and removes packages; updates are mechanics", Run: apt},
	{Name: "aptitude", Flags: aptFlags + " rRDiZF:O:w:xAU -any", Kind: Changed, Man: "aptitude(8)", Doc: "installs and removes packages", Run: apt},
	{Name: "apt-cache", Alias: []string{"apt-config", "apt-file", "apt-rdepends", "apt-show-versions", "apt-listchanges", "dpkg-architecture", "dpkg-parsechangelog"}, Flags: aptFlags + " gn -any", Kind: Pure, Man: "apt-cache(8)",
		Doc: "asks about packages", Run: aptCache},
	{Name: "apt-mark", Flags: "f:hvc:o:as --file=f: --option=o: --config-file=c: --help=h", Kind: Changed, Man: "apt-mark(8)", Doc: "holds packages",
		Run: verbs{name: "package-hold", pure: "showauto showmanual showhold showinstall showremove showpurge"}.run},
	{Name: "apt-key", Flags: "-any --keyring: --keyserver: --recv-keys: --recv: --fetch-keys: --keyserver-options:", Kind: Changed, Man: "apt-key(8)", Doc: "trusts the key of a package source", Run: aptKey},
	{Name: "add-apt-repository", Alias: []string{"apt-add-repository"}, Flags: "ymrkusnldhc:p:P:S:U:C: --yes=y --remove=r --no-update=n --update=u --enable-source=s --massive-debug=m --keyserver=k --help=h --list --component=c: --pocket=p: --ppa=P: --sourceslist=S: --uri=U: --cloud=C: --login --dry-run",
		Kind: Changed, Man: "add-apt-repository(1)", Doc: "adds a package source", Run: sets("repository")},
	{Name: "dpkg", Flags: "iPrABCD:lLsSvVpYbcexXIfEGORa:W --install=i --unpack --configure --triggers-only --remove=r --purge=P --verify=V --audit=C --update-avail --merge-avail " +
		"--record-avail=A --forget-old-unavail --clear-avail --yet-to-unpack --status=s --print-avail=p --listfiles=L --list=l --search=S --add-architecture " +
		"--remove-architecture --print-architecture --print-foreign-architectures --assert-support-predepends --assert-working-epoch --assert-long-filenames " +
		"--assert-multi-conrep --validate-pkgname --validate-trigname --validate-archname --validate-version --compare-versions --get-selections --set-selections " +
		"--clear-selections --predep-package --force-all --build=b --contents=c --extract=x --vextract=X --control=e --info=I --field=f --show=W --abort-after: --admindir: --root: --instdir: --log: " +
		"--no-act --simulate --dry-run --recursive=R --refuse-downgrade=G --selected-only=O --skip-same-version=E --auto-deconfigure=B --no-triggers --triggers --status-fd: " +
		"--path-exclude: --path-include: --pre-invoke: --post-invoke: --help --version --ignore-depends: --debug=D: --no-pager --pending=a -any",
		Kind: Changed, Man: "dpkg(1)", Doc: "installs package files, removes packages, asks", Run: dpkg},
	{Name: "dpkg-query", Flags: "lWsLSpcf: --list=l --show=W --status=s --listfiles=L --search=S --control-list --control-path --control-show --print-avail=p --admindir: --root: --load-avail --showformat=f: --no-pager",
		Kind: Pure, Man: "dpkg-query(1)", Doc: "asks about installed packages", Run: dpkgQuery},
	{Name: "dpkg-deb", Flags: "bcIfxXeRWD hvz:Z:S: --build=b --contents=c --info=I --field=f --extract=x --vextract=X --raw-extract=R --control=e --ctrl-tarfile --fsys-tarfile --show=W --showformat: " +
		"--root-owner-group --uniform-compression --no-uniform-compression --deb-format: --nocheck --threads-max: --debug=D --help=h --version", Kind: Changed, Man: "dpkg-deb(1)",
		Doc: "builds and unpacks package files", Run: dpkgDeb},
	{Name: "dpkg-reconfigure", Flags: "f:p:aueh --frontend=f: --priority=p: --default-priority --unseen-only=u --force --no-reload --terse --all=a", Kind: Changed,
		Man: "dpkg-reconfigure(8)", Doc: "configures a package again", Run: sets("debconf")},
	{Name: "debconf-set-selections", Flags: "cvu --checkonly=c --verbose=v --unseen=u", Kind: Changed, Man: "debconf-set-selections(1)", Doc: "answers questions of packages", Run: selections},
	{Name: "debconf-show", Alias: []string{"debconf-get-selections", "debconf-communicate"}, Flags: "-any", Kind: Pure, Man: "debconf-show(1)", Doc: "asks for answers", Run: asks},
	{Name: "update-alternatives", Alias: []string{"alternatives"}, Flags: "-any --install --set --remove --remove-all --remove-for-upgrade --all --auto --display --get-selections --set-selections --list --query --config --slave --altdir: --admindir: --instdir: " +
		"--root: --log: --force --skip-auto --quiet --verbose --debug --help --version --initscript: --family: --follower --keep-missing --keep-foreign", Kind: Changed, Man: "update-alternatives(1)", Doc: "chooses the program behind a name",
		Example: "update-alternatives --quiet --install /usr/local/bin/nv nv /ex/one.txt 1", Run: alternatives},
	{Name: "gdebi", Alias: []string{"gdebi-core"}, Flags: "nqo: --non-interactive=n --quiet=q --option=o: --root: --apt-line", Kind: Changed, Man: "gdebi(1)", Doc: "installs package files", Run: packageFiles("apt")},
	{Name: "tasksel", Flags: "t --test=t --new-install --list-tasks --task-packages: --task-desc: --debconf-apt-progress:", Kind: Changed, Man: "tasksel(8)", Doc: "installs tasks", Run: names("apt", "install", "remove")},
	{Name: "yum", Alias: []string{"dnf", "microdnf", "dnf5", "tdnf"}, Flags: "yqvCbThe:d:x:c:R: --assumeyes=y --assumeno --quiet=q --verbose=v --cacheonly=C --best=b --nobest --enablerepo: --disablerepo: --repo: --repoid: --enable --disable --nogpgcheck --no-gpgchecks --skip-broken " +
		"--allowerasing --setopt: --exclude=x: --excludepkgs: --installroot: --releasever: --add-repo: --set-enabled --set-disabled --save --save-options --disableexcludes: --disableplugin: --enableplugin: --noplugins --security --bugfix " +
		"--downloadonly --downloaddir: --destdir: --config=c: --color: --refresh --obsoletes --showduplicates --installed --available --errorlevel=e: --debuglevel=d: --rpmverbosity: --allmatches --from-repo: " +
		"--setvar: --forcearch: --nodocs --noautoremove --retry: --randomwait=R: --help=h --version --from-vendor --advisory: --queryformat: --qf: --whatprovides: --installed --latest-limit: --arch:",
		Kind: Changed, Man: "yum(8), dnf(8)", Doc: "installs and removes packages and groups; updates are mechanics", Run: yum},
	{Name: "rpm", Flags: "qaivhUFeVlfcdpKE:D:R -any --install=i --upgrade=U --freshen=F --erase=e --query=q --all=a --import --eval=E: --define=D: --nodeps --force --replacepkgs --oldpackage --nosignature --nodigest --quiet --root: --dbpath: --queryformat: --qf: --prefix: --verify=V --test --percent --excludedocs --rebuilddb --initdb --whatprovides --nogpg",
		Kind: Changed, Man: "rpm(8)", Doc: "installs package files, removes packages, asks", Run: rpm},
	{Name: "yum-config-manager", Alias: []string{"subscription-manager", "crb", "amazon-linux-extras", "authconfig", "authselect"}, Flags: "-any", Kind: Changed, Man: "yum-config-manager(1)", Doc: "changes package sources", Run: verbs{name: "repository", pure: "list status identity", empty: true}.run},
	{Name: "debuginfo-install", Alias: []string{"yum-builddep", "repoquery", "needs-restarting", "package-cleanup", "reposync", "createrepo", "createrepo_c", "yumdownloader"}, Flags: "-any", Kind: Mechanics, Man: "yum-utils(1)", Doc: "helpers of yum", Run: mechanics},
	{Name: "apk", Flags: "t:X:p:UqvfiluhVelLrRa --no-cache --update-cache=U --update --virtual=t: --repository=X: --root=p: --allow-untrusted --no-progress --quiet=q --upgrade=u --latest=l --initdb --arch: --keys-dir: --repositories-file: --force=f --force-overwrite --purge --available=a --no-scripts --no-network --installed=e --interactive=i --rdepends=r --wait: --cache-dir: --simulate=s --print-arch --verbose=v",
		Kind: Changed, Man: "apk(8)", Doc: "installs and removes packages", Run: apk},
	{Name: "pacman", Alias: []string{"yay", "paru", "pacman-key", "yaourt"}, Flags: "SRQUDFTVyucnsiqlgpwdkmebor:hta -any --sync=S --remove=R --query=Q --upgrade=U --refresh=y --sysupgrade=u --noconfirm --needed --asdeps --asexplicit --noprogressbar --root=r: --dbpath=b --config: --overwrite: --ignore: --cachedir: --init --populate",
		Kind: Changed, Man: "pacman(8)", Doc: "installs and removes packages", Run: pacman},
	{Name: "zypper", Flags: "nqvxip:c:D:R:r:t:lfyC:k -any --non-interactive=n --quiet=q --verbose=v --gpg-auto-import-keys --no-gpg-checks --no-refresh --plus-repo=p: --config=c: --root=R: --repo=r: --from: --type=t: --auto-agree-with-licenses=l --no-recommends --recommends --force=f --no-confirm=y --name: --oldpackage --capability",
		Kind: Changed, Man: "zypper(8)", Doc: "installs and removes packages", Run: zypper},
	{Name: "emerge", Flags: "avqnuDNCc1kgGKbBofptUO -any --ask=a --verbose=v --quiet=q --noreplace=n --update=u --deep=D --newuse=N --unmerge=C --depclean=c --oneshot=1 --sync --jobs? --autounmask-write --getbinpkg=g --usepkg=k",
		Kind: Changed, Man: "emerge(1)", Doc: "installs and removes packages", Run: emerge},
	{Name: "brew", Flags: "fqvdn -any --force=f --quiet=q --verbose=v --cask --formula --prefix --cellar --repository --HEAD --versions", Kind: Changed, Man: "brew(1)", Doc: "installs and removes packages, controls services", Run: brew},
	{Name: "snap", Flags: "-any --classic --channel: --devmode --dangerous --revision: --edge --beta --candidate --stable", Kind: Changed, Man: "snap(8)", Doc: "installs and removes snaps, controls their services", Run: snap},
	{Name: "flatpak", Flags: "-any y --assumeyes=y --noninteractive --user --system --if-not-exists --from", Kind: Changed, Man: "flatpak(1)", Doc: "installs and removes applications", Run: names("flatpak", "install", "uninstall remove")},
	{Name: "opkg", Alias: []string{"ipkg"}, Flags: "-any d:o:f:", Kind: Changed, Man: "opkg documentation", Doc: "installs and removes packages", Run: names("opkg", "install", "remove")},
	{Name: "pkg", Alias: []string{"pkg_add", "xbps-install", "port", "swupd", "eopkg", "pkgin", "slackpkg"}, Flags: "yfqnRUSur:o:C:j: -any --yes=y", Kind: Changed, Man: "pkg(8) and others", Doc: "installs and removes packages", Run: names("pkg", "install add bundle-add", "delete remove uninstall")},
	{Name: "nix-env", Alias: []string{"nix", "nix-shell", "nix-channel", "nixos-rebuild", "guix"}, Flags: "-any", Kind: Changed, Man: "nix-env(1)", Doc: "installs packages", Run: sets("nix")},
	{Name: "needrestart", Alias: []string{"unattended-upgrade", "unattended-upgrades", "checkrestart", "apt-listbugs", "deborphan", "debfoster", "apt-ftparchive", "reprepro", "apt-mirror", "aptly"}, Flags: "-any", Kind: Mechanics, Man: "needrestart(1) and others", Doc: "upkeep of packages", Run: mechanics},
}

var debArch = lazyregexp.New(`:(any|native|all|amd64|i386|arm64|armhf|armel|ppc64el|s390x|riscv64|mips64el)$`)

// packageName is a name without version, release, architecture and the signs
// that ask for installing or removing.
func packageName(manager, n string) string {
	switch manager {
	case "apt":
		n, _, _ = strings.Cut(n, "=")
		n, _, _ = strings.Cut(n, "/")
		n = strings.TrimSuffix(debArch.ReplaceAllString(n, ""), "-")
		if !strings.HasSuffix(n, "++") {
			n = strings.TrimSuffix(n, "+")
		}
	case "apk", "emerge", "zypper":
		if i := strings.IndexAny(n, "=<>~"); i >= 0 {
			n = strings.TrimSuffix(n[:i], "!")
		}
		if i := strings.LastIndexByte(n, '@'); i > 0 && manager == "apk" {
			n = n[:i]
		}
	case "pacman":
		if _, after, ok := strings.Cut(n, "/"); ok {
			n = after
		}
	}
	return n
}

// isPackageFile tells whether an operand is a file, or is at an address.
func isPackageFile(n string) bool {
	return strings.Contains(n, "://") || strings.HasPrefix(n, "/") || strings.HasPrefix(n, "./") || strings.HasPrefix(n, "../") ||
		strings.HasSuffix(n, ".deb") || strings.HasSuffix(n, ".rpm") || strings.HasSuffix(n, ".apk") || strings.HasSuffix(n, ".pkg.tar.zst")
}

// packages installs or removes what operands name: packages, or files.
func (c *Call) packages(words []value.Value, manager, action string) {
	done := false
	for _, w := range words {
		if isPackageFile(w.String()) {
			c.packageFile(w, manager)
			done = true
			continue
		}
		c.eachName(w, func(n string) {
			do := action
			if manager == "apt" && action == "install" && strings.HasSuffix(n, "-") && n != "-" {
				do = "remove"
			}
			c.Package(packageName(manager, n), manager, do)
			done = true
		})
	}
	c.Outcome = Changed
	if !done {
		c.Outcome = Mechanics
	}
}

// packageFile: the package in a file is code that is not the repository's,
// unless the file is.
func (c *Call) packageFile(v value.Value, manager string) {
	text := v.String()
	e := &host.Effect{Op: host.RunCode, Manager: manager, Action: "install", What: Line(c.Argv)}
	if strings.Contains(text, "://") {
		e.URL = text
		c.Record(&host.Effect{Op: host.Fetch, URL: text})
	} else {
		e.Path, e.Val, e.Content = c.Path(v), c.abs(v), c.node(v).Content
		if e.Content != nil {
			e.URL = e.Content.URL
		}
	}
	c.Record(e)
}

func packageFiles(manager string) func(*Call) {
	return func(c *Call) { c.packages(c.Args, manager, "install") }
}

// names is a Run of a manager with one word for installing and one for removing;
// its other subcommands are mechanics, or ask.
func names(manager, install, remove string) func(*Call) {
	return func(c *Call) {
		verb, rest := c.verb()
		switch {
		case strings.HasPrefix(c.Name, "pkg_add"), strings.HasPrefix(c.Name, "xbps-install"):
			c.packages(c.Args, manager, "install")
		case among(install, verb):
			c.packages(rest, manager, "install")
		case among(remove, verb):
			c.packages(rest, manager, "remove")
		case among("update upgrade refresh clean autoremove audit fetch bootstrap check repair", verb):
			c.Outcome = Mechanics
		case among("info search query list show which", verb), len(c.Args) == 0:
			c.asked(c.Name)
			if verb == "info" && len(rest) == 1 {
				c.Status = c.present(host.Package, rest[0].String())
			}
		default:
			c.setting("packages")
		}
	}
}

func apt(c *Call) {
	verb, rest := c.verb()
	switch {
	case c.Has("s", "h", "v", "print-uris"), len(c.Args) == 0 && !c.Has("f"),
		among("list show search policy depends rdepends changelog check showsrc why why-not versions moo help indextargets history showpkg", verb):
		c.asked(c.Name + "_" + verb)
		if among("show list", verb) && len(rest) == 1 {
			c.Status = Asks(value.Maybe, &Cond{Op: Other, Text: "the package " + rest[0].String() + " exists"})
		}
	case verb == "install" || verb == "reinstall" || verb == "satisfy":
		if c.Has("d") {
			c.Outcome = Mechanics
			return
		}
		c.packages(rest, "apt", "install")
	case verb == "remove" && c.Has("purge"), verb == "purge":
		c.packages(rest, "apt", "purge")
	case verb == "remove":
		c.packages(rest, "apt", "remove")
	case verb == "build-dep":
		e := c.setting("build-dependencies")
		e.Args = texts(rest)
	case among("update upgrade dist-upgrade full-upgrade safe-upgrade clean autoclean auto-clean distclean autoremove auto-remove autopurge source download dselect-upgrade fetch", verb) || verb == "":
		c.Outcome = Mechanics
		for _, p := range rest {
			if among("upgrade safe-upgrade full-upgrade", verb) && !strings.HasPrefix(p.String(), "?") {
				c.Package(packageName("apt", p.String()), "apt", "install")
				c.Outcome = Changed
			}
		}
	case among("hold unhold markauto unmarkauto keep edit-sources modernize-sources forbid-version", verb):
		c.setting("packages")
	default:
		c.Opaque("the subcommand " + verb + " is not modelled")
	}
}

func aptCache(c *Call) {
	c.asked(c.Name)
	if c.Name == "dpkg-architecture" {
		c.Out = c.Hole(value.Fact, "arch")
	}
	if verb, rest := c.verb(); among("show policy showpkg", verb) && len(rest) == 1 {
		c.Status = Asks(value.Maybe, &Cond{Op: Other, Text: "the package " + rest[0].String() + " exists"})
	}
}

// aptKey: a key from a file or standard input, or from a key server.
func aptKey(c *Call) {
	verb, rest := c.verb()
	if among("list finger export exportall net-update update", verb) {
		c.asked("apt-key")
		return
	}
	e := c.setting("repository-key")
	if verb == "add" && len(rest) > 0 && !rest[0].Is("-") {
		e.From = c.Path(rest[0])
	}
	e.URL = c.In.Net
}
