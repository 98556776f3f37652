package place

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

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
