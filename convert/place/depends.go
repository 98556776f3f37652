package place

import (
	"cmp"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/input/osnames"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/convert/plan"
)

// depends places the packages that the script installs, and those that what
// the package ships needs.
func (x *placer) depends() error {
	for _, p := range x.f.Packages {
		x.osPackage(p)
	}
	x.interpreters()
	for _, u := range x.p.Steps {
		if u.Kind == plan.Enable {
			server := map[string]string{"apache": "apache2"}[u.Server]
			x.recommend(cmp.Or(server, u.Server))
		}
	}
	for _, d := range x.p.Dirs {
		if d.Formats != nil && (slices.Contains(webUsers, d.Owner) || slices.Contains(webUsers, d.Group)) {
			x.webAccount(d.Formats[0])
		}
	}
	if slices.ContainsFunc(x.p.Payload, func(e plan.Entry) bool { return isCron(e.Path) }) || x.hasCron() {
		x.recommend("cron")
	}
	for _, m := range []map[plan.Format][]string{x.p.Depends, x.p.Recommends} {
		for f := range m {
			m[f] = unique(m[f])
		}
	}
	for f := range x.p.Recommends {
		x.p.Recommends[f] = slices.DeleteFunc(x.p.Recommends[f], func(r string) bool { return slices.Contains(x.p.Depends[f], r) })
	}
	return nil
}

// webAccount makes sure of the web server's account: every Debian has it, the
// others get it with the server.
func (x *placer) webAccount(f plan.Format) {
	if f == plan.Deb {
		x.recommend("apache2")
		return
	}
	if n, known := osnames.Translate("apache2", osnames.Debian, familyOf[f]); known {
		x.need(f, n)
	}
}

func (x *placer) hasCron() bool {
	for p := range x.entries {
		if within(p, "/etc/cron.d") {
			return true
		}
	}
	return false
}

// osPackage places one package that the script asks of the distribution.
func (x *placer) osPackage(p model.OSPackage) {
	from, ok := osnames.FamilyOf(p.Via)
	name := osnames.Base(p.Name)
	switch {
	case !ok:
		x.mark(p.At, plan.PartManual, p.Name, "the package tool "+p.Via+" belongs to no format")
		return
	case !packageRE.MatchString(name):
		x.mark(p.At, plan.PartManual, p.Name, "the name of the package is not known")
		x.manual(p.At, "", "The script installs a package whose name is known on the server only: %s.", p.Name)
		return
	case osnames.ClassOf(name, from) == osnames.Build:
		x.mark(p.At, plan.PartDependency, name, "needed to build only: dropped")
		return
	case osnames.ClassOf(name, from) == osnames.Admin && !x.calls(name):
		x.mark(p.At, plan.PartDependency, name, "needed by the deployment only: dropped")
		return
	}
	for f, fam := range familyOf {
		names, known := osnames.TranslateAll(name, from, fam)
		if !known && fam != from {
			x.manual(p.At, "", "No name is known on %s for the package %s of %s.", fam, name, from)
			continue
		}
		for _, n := range names {
			x.need(f, n)
		}
	}
	x.mark(p.At, plan.PartDependency, name, "a dependency of each format by its name there")
}

var packageRE = lazyregexp.New(`^[a-zA-Z0-9][A-Za-z0-9+._-]+$`)

// calls tells whether the payload or a unit calls a program of a package.
func (x *placer) calls(name string) bool {
	re, err := regexp.Compile(`(^|[\s"'/;|&(])` + regexp.QuoteMeta(name) + `($|[\s"';|&)])`)
	if err != nil {
		return false
	}
	for _, u := range x.f.Units {
		if re.MatchString(u.Exec) {
			return true
		}
	}
	for _, e := range x.entries {
		if e.Type != plan.File || e.Origin != plan.Repo || within(e.Path, "/usr/share/doc") {
			continue
		}
		b, err := x.repo.Read(e.Src)
		if err == nil && len(b) <= 256<<10 && !source.IsBinary(b) && re.Match(b) {
			return true
		}
	}
	return false
}

// debEssential are on every Debian system and are no dependency (Debian Policy
// 3.5).
var debEssential = strings.Fields(`base-files base-passwd bash bsdutils coreutils dash debianutils diffutils dpkg findutils grep gzip hostname
	init-system-helpers libc-bin login ncurses-base ncurses-bin perl-base sed sysvinit-utils tar util-linux`)

func (x *placer) need(f plan.Format, name string) {
	if name != "" && packageRE.MatchString(name) && !(f == plan.Deb && slices.Contains(debEssential, name)) {
		x.p.Depends[f] = append(x.p.Depends[f], name)
	}
}

// recommend names a package, by its Debian name, that most installations want.
func (x *placer) recommend(debian string) {
	for f, fam := range familyOf {
		if n, known := osnames.Translate(debian, osnames.Debian, fam); n != "" && known {
			x.p.Recommends[f] = append(x.p.Recommends[f], n)
		}
	}
}

// interpreters finds the runtimes that the payload needs, by the first lines
// of its programs and by what its units run.
func (x *placer) interpreters() {
	found := map[string]bool{}
	for _, e := range x.entries {
		if e.Type == plan.File && e.Origin == plan.Repo && !within(e.Path, "/usr/share/doc") {
			found[x.shebang(e.Src)] = true
		}
	}
	for _, u := range x.p.Units {
		for _, t := range x.p.Texts {
			if t.Path == u.Text {
				words := strings.Fields(strings.TrimLeft(setting(string(t.Data), "ExecStart"), "@-:+!"))
				if len(words) > 0 {
					found[path.Base(words[0])] = true
				}
			}
		}
	}
	if x.hasVenv() != "" {
		found["python3"] = true
	}
	for name := range found {
		lang := runtimeOf(name)
		if lang == "" {
			continue
		}
		for f, fam := range familyOf {
			if n, known := osnames.PackageOfRuntime(lang, fam); known {
				x.need(f, n)
			}
		}
	}
}

// runtimeOf is the language that a program interprets, "" none.
func runtimeOf(program string) string {
	switch {
	case strings.HasPrefix(program, "python"), program == "gunicorn", program == "uvicorn", program == "celery":
		return "python"
	case program == "node", program == "nodejs", program == "npm", program == "npx":
		return "node"
	case strings.HasPrefix(program, "php"):
		return "php"
	case strings.HasPrefix(program, "ruby"), program == "bundle", program == "puma", program == "rake":
		return "ruby"
	case program == "java", program == "perl", program == "bash", program == "lua":
		return program
	}
	return ""
}

// shebang is the program that runs a file, "" none.
func (x *placer) shebang(name string) string {
	b, err := x.repo.Read(name)
	if err != nil || len(b) < 3 || b[0] != '#' || b[1] != '!' {
		return ""
	}
	line, _, _ := strings.Cut(string(b[2:min(len(b), 200)]), "\n")
	words := strings.Fields(line)
	if len(words) == 0 {
		return ""
	}
	if path.Base(words[0]) == "env" && len(words) > 1 {
		for _, w := range words[1:] {
			if !strings.HasPrefix(w, "-") && !strings.Contains(w, "=") {
				return path.Base(w)
			}
		}
	}
	return path.Base(words[0])
}
