package place

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/convert/plan"
)

// venvOfUnits is the virtual environment that a unit runs from, "" none.
func (x *placer) venvOfUnits() string {
	for _, u := range x.f.Units {
		for _, w := range strings.Fields(u.Exec) {
			dir := path.Dir(path.Dir(w))
			if path.Base(path.Dir(w)) == "bin" && plainPath(w) && x.inOld(w) && venvRE.MatchString(path.Base(dir)) {
				return dir
			}
		}
	}
	return ""
}

var venvRE = lazyregexp.New(`(?i)(^|[-_.])(v?env|virtualenv|ve)$`)

// venv is where the package has its virtual environment.
func (x *placer) venv(env string) string {
	env = strings.TrimPrefix(env, "${PWD}/")
	if v := x.venvOfUnits(); v != "" && (env == "" || path.Base(env) == path.Base(v)) {
		return x.mapped(v)
	}
	if plainPath(env) && x.inOld(env) {
		return x.mapped(env)
	}
	if env != "" && !strings.ContainsAny(env, "$/") && plainName(env) && env != "." {
		return x.code + "/" + env
	}
	return x.code + "/venv"
}

// buildPython makes a virtual environment at its final place.
func (x *placer) buildPython(g *buildGroup) (plan.Build, []plan.Entry, bool) {
	venv := x.venv(g.env)
	b := plan.Build{Dir: g.dir, Output: []string{venv}, Why: "libraries of the interpreter, in a virtual environment at its final place"}
	at := `"$STAGE` + venv + `"`
	lines := []string{"/usr/bin/python3 -m venv " + at} // the distribution's own: a venv links to its interpreter
	pip := `"$STAGE` + venv + `/bin/pip" install --no-cache-dir --disable-pip-version-check `
	for _, a := range x.pipArgs(g) {
		lines = append(lines, pip+a)
	}
	lines = append(lines, `"$STAGE`+venv+`/bin/python" -m pip uninstall --yes --quiet pip`) // it served the build only
	b.Shell = strings.Join(lines, "\n")
	x.manual(g.at, "", "The virtual environment %s belongs to one minor version of Python: build the package anew for each release of the distribution.", venv)
	return b, []plan.Entry{{Path: venv, Type: plan.Tree, Origin: plan.Staged, Src: strings.TrimPrefix(venv, "/")}}, true
}

// pipArgs are what pip is to install: what the script says, else what the
// manifests of the directory name.
func (x *placer) pipArgs(g *buildGroup) []string {
	var out []string
	for _, a := range g.args {
		words := strings.Fields(a)
		if len(words) > 0 && (words[0] == "install" || words[0] == "sync" || words[0] == "pip") {
			words = words[1:]
		}
		words = slices.DeleteFunc(words, func(w string) bool {
			return w == "install" || w == "-q" || w == "-U" || w == "--quiet" || w == "--upgrade" || w == "--user" || w == "--break-system-packages" ||
				w == "pip" || w == "setuptools" || w == "wheel" || w == "-m" || w == "venv" || strings.HasPrefix(w, "--python") || strings.HasPrefix(w, "${") || strings.HasPrefix(w, "/")
		})
		if g.tool == "pip" && len(words) > 0 && words[0] != "-p" && !strings.HasPrefix(words[0], "python") && !(len(words) == 1 && (words[0] == path.Base(g.env) || strings.HasPrefix(words[0], "-"))) {
			if q := quoted(words); q != "" {
				out = append(out, q)
			}
		}
	}
	if slices.ContainsFunc(out, func(a string) bool { return strings.Contains(a, "-r ") || a == "." || strings.HasSuffix(a, " .") }) {
		return distinct(out)
	}
	return distinct(append(out, x.manifestArgs(g)...))
}

// manifestArgs are what the manifests of a directory ask of pip.
func (x *placer) manifestArgs(g *buildGroup) []string {
	for _, name := range []string{"requirements.txt", "requirements/production.txt", "requirements/base.txt"} {
		if x.isRepoFile(path.Join(g.dir, name)) {
			return []string{"-r " + name}
		}
	}
	if x.isRepoFile(path.Join(g.dir, "pyproject.toml")) || x.isRepoFile(path.Join(g.dir, "setup.py")) {
		return []string{"."}
	}
	return nil
}

// hasVenv is the virtual environment of the package, "" none.
func (x *placer) hasVenv() string {
	for _, b := range x.p.Stage {
		if len(b.Output) == 1 && strings.HasPrefix(b.Output[0], "/") && !strings.HasSuffix(b.Output[0], collected) {
			return b.Output[0]
		}
	}
	return ""
}
