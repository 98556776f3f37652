package verify

import (
	"fmt"
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/convert/plan"
)

// Grammars of one dependency: deb-control in deb(5) (Debian Policy 7.1), rpm's
// dependencies, apk-tools, PKGBUILD(5).
var grammars = map[plan.Format]*lazyregexp.Regexp{
	plan.Deb:  lazyregexp.New(`^[a-z0-9][a-z0-9+.-]+(:[a-z0-9-]+)?( \((<<|<=|=|>=|>>) [^ ()]+\))?( \[[^\]]+\])?( \| [a-z0-9][a-z0-9+.-]+(:[a-z0-9-]+)?( \((<<|<=|=|>=|>>) [^ ()]+\))?)*$`),
	plan.RPM:  lazyregexp.New(`^(\(.+\)|[^ |<>=]+(\([^)]*\))*( (<|<=|=|>=|>) [^ ]+)?)$`),
	plan.APK:  lazyregexp.New(`^!?[^ |()]+$`),
	plan.Arch: lazyregexp.New(`^[^ |()]+$`),
}

// familyOf tells to which family a name belongs that only one has.
func familyOf(name string) plan.Format {
	for _, n := range foreign {
		if n.re.MatchString(name) {
			return n.format
		}
	}
	return ""
}

// foreign are names that only one family of distributions uses.
var foreign = []struct {
	re     *lazyregexp.Regexp
	format plan.Format
}{
	{lazyregexp.New(`^(libc6|libgcc-?s?1|libssl[0-9.]+|zlib1g|libpq5|libstdc\+\+6|apache2|adduser|init-system-helpers|libjs-.*|.*-dev|cron-daemon|libsasl2-2|libxslt1\.1|libmemcached[0-9]+)$`), plan.Deb},
	{lazyregexp.New(`^(httpd|shadow-utils|cronie|initscripts|chkconfig|glibc|libgcc|cyrus-sasl|nodejs-less|mod_wsgi|.*-devel|postgresql-libs|libxslt)$`), plan.RPM},
	{lazyregexp.New(`^(musl|busybox|openrc|.*-openrc|so:.*)$`), plan.APK},
}

// shared are names that look like one family's and that others have too.
var shared = map[plan.Format]map[string]bool{
	plan.APK: {"apache2": true, "adduser": true, "chkconfig": true}, plan.Arch: {"cronie": true, "glibc": true, "postgresql-libs": true, "libxslt": true},
	plan.Deb: {"busybox": true, "musl": true, "openrc": true},
}

// checkDepends looks at each dependency by itself.
func checkDepends(p *Package) []Violation {
	var list []Violation
	bad := func(d, format string, args ...any) {
		list = append(list, Violation{Format: p.Format, Scenario: staticScenario, Invariant: dependencies, Text: fmt.Sprintf(format, args...), Evidence: []string{string(p.Format) + " depends: " + d}})
	}
	for _, d := range p.Depends {
		d = strings.TrimSpace(d)
		if strings.HasPrefix(d, "rpmlib(") || strings.HasPrefix(d, "/") {
			continue
		}
		if re := grammars[p.Format]; re != nil && !re.MatchString(d) {
			bad(d, "%q is no dependency in the grammar of %s", d, p.Format)
			continue
		}
		name := dependencyName(d)
		if f := familyOf(name); f != "" && f != p.Format && !shared[p.Format][name] && !(p.Format == plan.APK && strings.HasSuffix(name, "-dev")) {
			bad(d, "%s is the name of a package of another family (%s)", name, f)
		}
	}
	return list
}

// staticScenario names what is checked without playing anything.
const staticScenario = "the package itself"
