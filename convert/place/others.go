package place

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/input/osnames"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/convert/plan"
)

// othersSuffixRE is what names of packages have beside the software's name, on
// which its directory below /etc is called: redis-server, postgresql-15.
var othersSuffixRE = lazyregexp.New(`(-(server|daemon|common|core|base|bin|utils))?-?[0-9.]*$`)

// configSuffixes are endings of configuration files that lie in /etc itself.
var configSuffixes = []string{".conf", ".cfg", ".cnf", ".ini", ".json", ".toml", ".yaml", ".yml", "rc"}

// othersConfig returns the software of another package whose configuration a
// path is: a file of /etc by its name, or one directly in its directory. "" is
// the application's own, which includes what lies in directories for the
// additions of others, such as /etc/collectd/collectd.conf.d.
//
// Other packages are those that the script installs, and those whose services it
// runs and the repository does not define. No package may ship what another one
// does: Debian Policy 10.7.4.
func (x *placer) othersConfig(p string) string {
	rel, ok := strings.CutPrefix(p, "/etc/")
	if !ok || x.inOld(p) {
		return ""
	}
	dir, base := path.Split(rel)
	software := strings.TrimSuffix(dir, "/")
	switch {
	case dir == "default/", dir == "sysconfig/":
		software = base
	case dir == "":
		i := slices.IndexFunc(configSuffixes, func(s string) bool { return strings.HasSuffix(base, s) })
		if i < 0 {
			return ""
		}
		software = strings.TrimSuffix(base, configSuffixes[i])
	case strings.Contains(base, x.p.Name):
		return ""
	}
	if software != x.p.Name && slices.Contains(x.others(), software) {
		return software
	}
	return ""
}

// others are the names of software that is not the application's, sorted.
func (x *placer) others() []string {
	var out []string
	add := func(name string) {
		if short := othersSuffixRE.ReplaceAllString(name, ""); short != "" {
			name = short
		}
		if !x.isOwn(name) && !slices.ContainsFunc(x.f.Services, func(s model.Service) bool { return s.Own && host.ServiceName(s.Name) == name }) {
			out = append(out, name)
		}
	}
	for _, p := range x.f.Packages {
		if _, known := osnames.FamilyOf(p.Via); known {
			add(osnames.Base(p.Name))
		}
	}
	for _, s := range x.f.Services {
		if !s.Own && len(s.Actions) > 0 {
			add(host.ServiceName(s.Name))
		}
	}
	return unique(out)
}

// othersFile places a file that another package has: its text is shipped beside
// the documentation, and an administrator puts it into its place.
func (x *placer) othersFile(p, software string, repo, text string, at []source.Pos) {
	x.mark(at, plan.PartManual, p, "belongs to "+software+", another package; no package may ship it")
	if _, secret := withoutSecrets(p, p, text); text == "" || secret || strings.Contains(text, "${") {
		x.manual(at, "", "The script writes %s, which belongs to %s, another package. Write it once by hand, or with configuration management.", p, software)
		return
	}
	to := "/usr/share/doc/" + x.p.Name + "/examples/" + path.Base(p)
	e := plan.Entry{Path: to, Type: plan.File, Origin: plan.Repo, Src: repo, Mode: 0o644, At: at, Why: "configuration of " + software + ", for its administrator"}
	if repo == "" {
		e.Origin, e.Src = plan.Text_, x.text("examples/"+path.Base(p), []byte(text), 0o644, nil)
	}
	x.add(e)
	x.manual(at, "install -m 644 "+quoted([]string{to, p}), "The script writes %s, which belongs to %s, another package: no package may ship it. Its text is in %s: put it into its place once, or with configuration management.", p, software, to)
}
