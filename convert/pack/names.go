package pack

import (
	"fmt"
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/convert/plan"
)

// An identity is what a package is called on one format.
type identity struct {
	format                        plan.Format
	name, epoch, version, release string
	arch                          string // in the format's own words
}

// A grammar is what a format allows in names and versions.
type grammar struct {
	source                 string // where the rule stands
	name, version, release *lazyregexp.Regexp
	epoch                  bool
	defaultRelease         string // for an empty Release
}

var digits = lazyregexp.New(`^[0-9]{1,9}$`)

// apkVersion is the grammar of apk versions: apk-tools, src/version.c, and
// abuild's APKBUILD(5), without the release.
var apkVersion = lazyregexp.New(`^[0-9]+(\.[0-9]+)*[a-z]?(_(alpha|beta|pre|rc|cvs|svn|git|hg|p)[0-9]*)*(~[0-9a-f]+)?$`)

var grammars = map[plan.Format]grammar{
	plan.Deb: {
		source:  "Debian Policy 5.6.1 and 5.6.12",
		name:    lazyregexp.New(`^[a-z0-9][a-z0-9+.-]+$`),
		version: lazyregexp.New(`^[0-9][A-Za-z0-9.+~]*$`),
		release: lazyregexp.New(`^[A-Za-z0-9.+~]+$`),
		epoch:   true,
	},
	plan.IPK: {
		source:  "opkg, as Debian Policy 5.6.1 and 5.6.12",
		name:    lazyregexp.New(`^[a-z0-9][a-z0-9+.-]+$`),
		version: lazyregexp.New(`^[0-9][A-Za-z0-9.+~]*$`),
		release: lazyregexp.New(`^[A-Za-z0-9.+~]+$`),
		epoch:   true,
	},
	plan.RPM: {
		source:         "rpm, build/parsePreamble.c",
		name:           lazyregexp.New(`^[A-Za-z0-9_][A-Za-z0-9._+-]*$`),
		version:        lazyregexp.New(`^[A-Za-z0-9._+~^]+$`),
		release:        lazyregexp.New(`^[A-Za-z0-9._+~^]+$`),
		epoch:          true,
		defaultRelease: "1",
	},
	plan.APK: {
		source:         "APKBUILD(5)",
		name:           lazyregexp.New(`^[a-z0-9_][a-z0-9._+-]*$`),
		version:        apkVersion,
		release:        digits,
		defaultRelease: "0",
	},
	plan.Arch: {
		source:         "PKGBUILD(5)",
		name:           lazyregexp.New(`^[a-z0-9_+][a-z0-9._+-]*$`),
		version:        lazyregexp.New(`^[A-Za-z0-9._+]+$`),
		release:        digits,
		epoch:          true,
		defaultRelease: "1",
	},
}

// arches gives each Debian architecture the words of the other formats.
// Sources: dpkg's cputable, rpm's rpmrc, Alpine's and Arch Linux's (ARM)
// architecture lists.
var arches = map[string]map[plan.Format]string{
	"all":      {plan.Deb: "all", plan.IPK: "all", plan.RPM: "noarch", plan.APK: "noarch", plan.Arch: "any"},
	"amd64":    {plan.Deb: "amd64", plan.IPK: "x86_64", plan.RPM: "x86_64", plan.APK: "x86_64", plan.Arch: "x86_64"},
	"arm64":    {plan.Deb: "arm64", plan.IPK: "aarch64_generic", plan.RPM: "aarch64", plan.APK: "aarch64", plan.Arch: "aarch64"},
	"armel":    {plan.Deb: "armel", plan.IPK: "arm_xscale", plan.RPM: "armv5tel", plan.Arch: "arm"},
	"armhf":    {plan.Deb: "armhf", plan.IPK: "arm_cortex-a7_neon-vfpv4", plan.RPM: "armv7hl", plan.APK: "armv7", plan.Arch: "armv7h"},
	"i386":     {plan.Deb: "i386", plan.IPK: "i386_pentium4", plan.RPM: "i686", plan.APK: "x86", plan.Arch: "i686"},
	"loong64":  {plan.Deb: "loong64", plan.IPK: "loongarch64_generic", plan.RPM: "loongarch64", plan.APK: "loongarch64", plan.Arch: "loong64"},
	"mips64el": {plan.Deb: "mips64el", plan.IPK: "mips64el_mips64r2", plan.RPM: "mips64el"},
	"ppc64el":  {plan.Deb: "ppc64el", plan.RPM: "ppc64le", plan.APK: "ppc64le"},
	"riscv64":  {plan.Deb: "riscv64", plan.IPK: "riscv64_riscv64", plan.RPM: "riscv64", plan.APK: "riscv64", plan.Arch: "riscv64"},
	"s390x":    {plan.Deb: "s390x", plan.RPM: "s390x", plan.APK: "s390x"},
}

// apkSuffixes turns Debian's ~ and + parts into apk's suffixes, which sort the
// same way: _alpha, _beta, _pre, _rc before the plain version; _git, _p after.
var apkSuffixes = []struct {
	re *lazyregexp.Regexp
	to string
}{
	{lazyregexp.New(`~(alpha|beta|pre|rc)\.?([0-9]*)`), "_$1$2"},
	{lazyregexp.New(`\+(git|svn|hg|cvs)\.?([0-9]+)(\.[a-z]?[0-9a-f]{4,40})?$`), "_$1$2"},
	{lazyregexp.New(`~(git|svn|hg|cvs)\.?([0-9]+)(\.[a-z]?[0-9a-f]{4,40})?$`), "_alpha_$1$2"},
	{lazyregexp.New(`\+(?:dfsg|ds|really)?\.?([0-9]+)$`), "_p$1"},
	// Up to 2.14, apk does not see the suffix behind a number that is 0, and has
	// 1.2.0_rc1 above 1.2.0; 1.2_rc1 is below it, and above 1.1.
	{lazyregexp.New(`(?:\.0+)+(_(?:alpha|beta|pre|rc))`), "$1"},
}

// versionFor spells the version in the format's grammar, order kept.
func versionFor(f plan.Format, version string) string {
	switch f {
	case plan.APK:
		for _, s := range apkSuffixes {
			version = s.re.ReplaceAllString(version, s.to)
		}
	case plan.Arch: // vercmp(8): 1.0rc1 < 1.0, as ~ has no meaning there
		version = strings.ReplaceAll(version, "~", "")
	}
	return version
}

// identify returns what p is called on format f; what is not valid there is
// added to ps.
func identify(f plan.Format, p *plan.Package, ps *problems) identity {
	id := identity{format: f, name: p.Name, epoch: p.Epoch, version: versionFor(f, p.Version), release: p.Release}
	g, ok := grammars[f]
	if !ok {
		ps.add(f, nil, "unknown format; known are deb, rpm, apk, archlinux and ipk")
		return id
	}
	if f == plan.APK {
		id.release = strings.TrimPrefix(id.release, "r")
	}
	if id.release == "" {
		id.release = g.defaultRelease
	}
	id.arch = arches[p.Arch][f]
	g.check(id, p, ps)
	return id
}

func (g grammar) check(id identity, p *plan.Package, ps *problems) {
	if !g.name.MatchString(id.name) || len(id.name) > 128 {
		ps.add(id.format, nil, "%q is not a valid package name (%s)", id.name, g.source)
	}
	if !g.version.MatchString(id.version) {
		ps.add(id.format, nil, "%q is not a valid version (%s); give one with digits and dots, such as 1.2.3", p.Version, g.source)
	}
	if id.release != "" && !g.release.MatchString(id.release) {
		ps.add(id.format, nil, "%q is not a valid release (%s)", p.Release, g.source)
	}
	if id.epoch != "" && !g.epoch {
		ps.add(id.format, nil, "the version has the epoch %q, which this format has not; leave the format or the epoch out", id.epoch)
	}
	if id.epoch != "" && !digits.MatchString(id.epoch) {
		ps.add(id.format, nil, "%q is not a valid epoch: a whole number is", id.epoch)
	}
	if id.arch == "" {
		ps.add(id.format, nil, "architecture %q does not exist on this format; give \"all\" or one of Debian's", p.Arch)
	}
}

// full returns [epoch:]version[-release].
func (id identity) full() string {
	v := id.version
	if id.format == plan.APK {
		return v + "-r" + id.release
	}
	if id.epoch != "" {
		v = id.epoch + ":" + v
	}
	if id.release != "" {
		v += "-" + id.release
	}
	return v
}

// fileName returns the conventional name of the artifact; no epoch is in it.
//
// Sources: dpkg-name(1); rpm's default _rpmfilename; nfpm's for apk, since the
// abuild name (NAME-VERSION.apk) has no architecture; makepkg(8).
func (id identity) fileName() string {
	e := id
	e.epoch = ""
	switch id.format {
	case plan.Deb, plan.IPK, plan.APK:
		return fmt.Sprintf("%s_%s_%s.%s", id.name, e.full(), id.arch, id.format)
	case plan.RPM:
		return fmt.Sprintf("%s-%s.%s.rpm", id.name, e.full(), id.arch)
	default:
		return fmt.Sprintf("%s-%s-%s.pkg.tar.zst", id.name, e.full(), id.arch)
	}
}

// FileName returns the name of the artifact that Build writes for p on format
// f, without a directory. It fails with an [Error] when a name or version is
// not valid there.
func FileName(f plan.Format, p *plan.Package) (string, error) {
	var ps problems
	id := identify(f, p, &ps)
	if err := ps.err(p.Name); err != nil {
		return "", err
	}
	return id.fileName(), nil
}
