package place

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/convert/plan"
)

// toolOf is the build tool that a command of a language belongs to, "" for one
// of which no build step is known.
func toolOf(tool string) string {
	switch path.Base(tool) {
	case "pip", "pip3", "pip2", "python", "python3", "virtualenv", "venv", "easy_install":
		return "pip"
	case "uv", "poetry", "pipenv", "npm", "yarn", "pnpm", "composer", "make", "go", "cargo", "mvn", "gradle":
		return path.Base(tool)
	case "bundle", "bundler":
		return "bundle"
	case "npx", "node", "gulp", "grunt", "webpack", "bower":
		return "npm"
	case "gradlew":
		return "gradle"
	case "mvnw":
		return "mvn"
	case "collectstatic", "compilemessages", "compilescss", "compress":
		return "django"
	}
	return ""
}

// machineTools install tools or runtimes on the machine itself; no build step
// of a package may do so.
var machineTools = []string{"rustup", "nvm", "pyenv", "rbenv", "asdf", "volta", "n", "pecl", "pear", "gem", "corepack", "dpkg-deb", "perl", "cpan", "cpanm", "opam", "luarocks", "perlbrew"}

// onMachine tells of what installs a tool on the machine.
func onMachine(l model.LangDep) bool {
	words := strings.Fields(l.What)
	return slices.Contains(machineTools, path.Base(l.Tool)) || slices.Contains(words, "-g") || slices.Contains(words, "--global") || slices.Contains(words, "global")
}

// A buildGroup is all that one tool does in one directory of the repository.
type buildGroup struct {
	tool, dir string
	env       string // virtual environment on the machine
	args      []string
	at        []source.Pos
}

// stage turns what the script builds on the server into build steps.
func (x *placer) stage() error {
	for _, g := range x.buildGroups() {
		b, trees, ok := x.build(g)
		if !ok {
			x.mark(g.at, plan.PartManual, g.tool, "no build step is known for this tool")
			x.manual(g.at, "", "The script runs %s in %s. Build it before packing, or add it to packaging/stage.sh.", g.tool, cmp.Or(g.dir, "the root of the repository"))
			continue
		}
		b.Tool, b.At = g.tool, g.at
		x.p.Stage = append(x.p.Stage, b)
		for _, t := range trees {
			t.At, t.Why = g.at, "made by "+g.tool
			x.add(t)
		}
		x.mark(g.at, plan.PartBuild, g.tool, "runs in packaging/stage.sh, not on the server")
	}
	return nil
}

// buildGroups joins what one tool does in one directory, in the order of the
// script, and adds the virtual environment that only a unit names.
func (x *placer) buildGroups() []*buildGroup {
	var out []*buildGroup
	for _, l := range x.f.Languages {
		if onMachine(l) {
			x.mark(l.At, plan.PartManual, l.Tool, "installs a tool on the machine, which the build host must have")
			x.manual(l.At, "", "The script installs a tool with %s: the machine that builds the package must have it.", clip(l.Tool+" "+l.What, 120))
			continue
		}
		tool := toolOf(l.Tool)
		if tool == "" {
			tool = path.Base(l.Tool)
		}
		dir := x.repoDir(l.Dir)
		i := slices.IndexFunc(out, func(g *buildGroup) bool { return g.tool == tool && g.dir == dir })
		if i < 0 {
			out = append(out, &buildGroup{tool: tool, dir: dir})
			i = len(out) - 1
		}
		g := out[i]
		g.args = append(g.args, l.What)
		g.at = append(g.at, l.At...)
		g.env = cmp.Or(g.env, l.Environment)
	}
	slices.SortStableFunc(out, func(a, b *buildGroup) int { return rank(a) - rank(b) })
	if venv := x.venvOfUnits(); venv != "" && !slices.ContainsFunc(out, func(g *buildGroup) bool { return g.tool == "pip" || g.tool == "uv" || g.tool == "poetry" }) {
		out = append(out, &buildGroup{tool: "pip", env: venv, at: x.f.Units[0].At})
	}
	return out
}

// repoDir is the directory of the repository that lies at a path of a machine.
func (x *placer) repoDir(p string) string {
	p = strings.TrimPrefix(strings.TrimPrefix(p, "${PWD}"), "/./")
	rel := ""
	switch {
	case x.inOld(p):
		rel = strings.TrimPrefix(strings.TrimPrefix(p, x.old), "/")
	case !strings.HasPrefix(p, "/") || !strings.Contains(p, "$"):
		rel = strings.Trim(p, "/")
	}
	if rel != "" && x.repo.IsDir(rel) {
		return rel
	}
	return ""
}

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

// build is the step of one tool with the trees that it makes.
func (x *placer) build(g *buildGroup) (plan.Build, []plan.Entry, bool) {
	b := plan.Build{Dir: g.dir}
	in := func(name string) string { return path.Join(g.dir, name) }
	tree := func(name string) plan.Entry {
		return plan.Entry{Path: path.Join(x.installedDir(g.dir), name), Type: plan.Tree, Origin: plan.Staged, Src: in(name)}
	}
	if x.code == "" {
		return b, nil, false
	}
	switch g.tool {
	case "pip", "uv", "poetry", "pipenv":
		return x.buildPython(g)
	case "npm", "yarn", "pnpm":
		b.Shell, b.Why = x.nodeShell(g), "libraries of the program and what its build makes"
		b.Output = []string{in("node_modules"), in(collected)}
		return b, []plan.Entry{tree("node_modules"), x.collectedTree(g.dir)}, true
	case "composer":
		b.Shell = "composer install --no-dev --no-interaction --prefer-dist --optimize-autoloader"
		b.Output, b.Why = []string{in("vendor")}, "libraries of the program"
		return b, []plan.Entry{tree("vendor")}, true
	case "bundle":
		b.Shell = "bundle config set --local path vendor/bundle\nbundle config set --local without 'development test'\nbundle config set --local deployment true\nbundle install"
		b.Output, b.Why = []string{in("vendor/bundle"), in(".bundle")}, "libraries of the program"
		return b, []plan.Entry{tree("vendor/bundle"), tree(".bundle")}, true
	case "make", "go", "cargo", "mvn", "gradle":
		b.Shell, b.Why = collect(programShell(g), g.tool), "programs of the payload"
		b.Output = []string{in(collected)}
		return b, []plan.Entry{x.collectedTree(g.dir)}, true
	case "django":
		sh := x.djangoShell(g)
		if sh == "" {
			return b, nil, false
		}
		b.Shell, b.Why = collect(sh, g.tool), "files that the program makes of its sources"
		b.Output = []string{in(collected)}
		return b, []plan.Entry{x.collectedTree(g.dir)}, true
	}
	if sh := toolShell(g); sh != "" {
		b.Shell, b.Why = collect(sh, g.tool), "made by "+g.tool
		b.Output = []string{in(collected)}
		return b, []plan.Entry{x.collectedTree(g.dir)}, true
	}
	return b, nil, false
}

// toolShell runs a tool of which nothing more is known as the script does.
func toolShell(g *buildGroup) string {
	if !safeWord(g.tool) {
		return ""
	}
	var lines []string
	for _, a := range g.args {
		if strings.Contains(a, "${") {
			return ""
		}
		lines = append(lines, strings.TrimSpace(g.tool+" "+quoted(strings.Fields(a))))
	}
	return strings.Join(distinct(lines), "\n")
}

// djangoShell runs commands of manage.py with the interpreter of the virtual
// environment, and the settings of the sample.
func (x *placer) djangoShell(g *buildGroup) string {
	python := "/usr/bin/python3"
	if v := x.hasVenv(); v != "" {
		python = `"$STAGE` + v + `/bin/python"`
	}
	var lines []string
	for _, a := range g.args {
		words := strings.Fields(a)
		if len(words) > 0 && strings.HasPrefix(path.Base(words[0]), "python") {
			words = words[1:]
		}
		if len(words) > 1 && strings.HasSuffix(words[0], ".py") {
			lines = append(lines, python+" "+quoted(words))
		}
	}
	if len(lines) > 0 && x.isRepoFile(path.Join(g.dir, ".env.example")) {
		lines = append([]string{"set -a", ". ./.env.example", "set +a"}, lines...)
	}
	return strings.Join(distinct(lines), "\n")
}

// installedDir is where a directory of the repository is in the package.
func (x *placer) installedDir(dir string) string {
	if dir == "" || dir == "." {
		return x.code
	}
	for _, n := range x.nodes {
		if rest, ok := strings.CutPrefix(n.repo, dir+"/"); ok && strings.HasSuffix(n.old, "/"+rest) {
			return x.mappedCode(strings.TrimSuffix(n.old, "/"+rest))
		}
	}
	return path.Join(x.code, dir)
}

// collected is the directory, in the directory of a build step, to which the
// files are copied that the step made.
const collected = ".nativize-built"

func (x *placer) collectedTree(dir string) plan.Entry {
	return plan.Entry{Path: x.installedDir(dir), Type: plan.Tree, Origin: plan.Staged, Src: path.Join(dir, collected)}
}

// collect runs commands and gathers the files that were not there before. What
// only serves the next build stays behind.
func collect(commands, tool string) string {
	skip := "-path ./node_modules -o -path ./" + collected
	switch tool {
	case "cargo":
		skip += " -o -path ./target/release/build -o -path ./target/release/deps -o -path ./target/release/incremental -o -path ./target/release/.fingerprint -o -path ./target/debug"
	case "mvn", "gradle":
		skip += " -o -path '*/classes' -o -path '*/tmp' -o -path '*/test-classes' -o -path '*/surefire-reports' -o -path ./.gradle"
	}
	list := `find . \( ` + skip + ` \) -prune -o -type f ! -name '*.log' ! -name '*.o' ! -name '*.d' -print | LC_ALL=C sort`
	return `before=$(mktemp)
` + list + ` > "$before"
` + commands + `
mkdir -p ` + collected + `
` + list + ` | LC_ALL=C comm -13 "$before" - | while IFS= read -r file; do
    mkdir -p "` + collected + `/$(dirname "$file")"
    cp -p "$file" "` + collected + `/$file"
done
rm -f "$before"`
}

// nodeShell installs what the lock file names, builds, and removes what only
// the build needed.
func (x *placer) nodeShell(g *buildGroup) string {
	lock := func(name string) bool { return x.isRepoFile(path.Join(g.dir, name)) }
	var install, prune string
	switch {
	case g.tool == "yarn":
		install, prune = "yarn install --frozen-lockfile --non-interactive", "yarn install --production --frozen-lockfile --non-interactive --ignore-scripts --prefer-offline"
	case g.tool == "pnpm":
		install, prune = "pnpm install --frozen-lockfile", "pnpm prune --prod"
	case lock("package-lock.json"), lock("npm-shrinkwrap.json"):
		install, prune = "npm ci --no-audit --no-fund", "npm prune --omit=dev --no-audit --no-fund"
	default:
		install, prune = "npm install --no-audit --no-fund", "npm prune --omit=dev --no-audit --no-fund"
	}
	var runs []string
	for _, a := range g.args {
		f := strings.Fields(a)
		switch {
		case len(f) > 1 && f[0] == "run" && safeWord(f[1]):
			runs = append(runs, g.tool+" run "+f[1])
		case len(f) == 1 && g.tool != "npm" && f[0] != "install" && safeWord(f[0]):
			runs = append(runs, g.tool+" run "+f[0])
		}
	}
	runs = distinct(runs)
	return collect(strings.Join(slices.Concat([]string{install}, runs, []string{prune, "mkdir -p node_modules"}), "\n"), g.tool)
}

// distinct keeps the first of equal elements.
func distinct(list []string) []string {
	var out []string
	for _, s := range list {
		if s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// safeWord tells of words that need no quoting.
func safeWord(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !(r == '_' || r == '-' || r == '.' || r == ':' || r == '/' || r == '=' || r == '+' || r == ',' || r == '@' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z')
	})
}

// quoted are words for a shell; those with holes or control characters are left
// out.
func quoted(words []string) string {
	var out []string
	for _, w := range words {
		if strings.Contains(w, "${") {
			continue
		}
		if q, err := syntax.Quote(w, syntax.LangPOSIX); err == nil {
			out = append(out, q)
		}
	}
	return strings.Join(out, " ")
}

// programShell runs a compiler's build.
func programShell(g *buildGroup) string {
	var lines []string
	for _, a := range g.args {
		words := strings.Fields(a)
		if slices.ContainsFunc(words, func(w string) bool { return w == "install" && g.tool == "make" || w == "test" || w == "clean" }) {
			continue
		}
		lines = append(lines, strings.TrimSpace(g.tool+" "+quoted(words)))
	}
	switch g.tool {
	case "go":
		lines = append([]string{"export CGO_ENABLED=0 GOFLAGS=-trimpath"}, lines...)
	case "mvn":
		lines = []string{"mvn -B -q -DskipTests package"}
	case "gradle":
		lines = []string{"if [ -x ./gradlew ]; then ./gradlew assemble; else gradle assemble; fi"}
	case "cargo":
		lines = []string{"cargo build --release --locked"}
	}
	if len(lines) == 0 {
		lines = []string{g.tool}
	}
	return strings.Join(distinct(lines), "\n")
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

// rank puts what others need first: an interpreter's libraries before what runs
// with them.
func rank(g *buildGroup) int {
	switch g.tool {
	case "pip", "uv", "poetry", "pipenv":
		return 0
	case "django":
		return 2
	}
	return 1
}
