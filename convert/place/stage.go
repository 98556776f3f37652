package place

import (
	"cmp"
	"path"
	"slices"
	"strings"

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
