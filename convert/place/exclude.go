package place

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/convert/plan"
)

// usual is what of a repository is never part of a payload. The list is written
// into the plan, so that everybody sees it.
var usual = []plan.Rule{
	{Pattern: ".git", Why: "version control"}, {Pattern: ".gitignore", Why: "version control"},
	{Pattern: ".gitattributes", Why: "version control"}, {Pattern: ".gitmodules", Why: "version control"},
	{Pattern: ".gitkeep", Why: "keeps an empty directory in git"}, {Pattern: ".keep", Why: "keeps an empty directory in git"},
	{Pattern: ".svn", Why: "version control"}, {Pattern: ".hg", Why: "version control"}, {Pattern: ".bzr", Why: "version control"},
	{Pattern: ".github", Why: "CI"}, {Pattern: ".gitlab-ci.yml", Why: "CI"}, {Pattern: ".gitlab", Why: "CI"}, {Pattern: ".travis.yml", Why: "CI"},
	{Pattern: ".circleci", Why: "CI"}, {Pattern: "Jenkinsfile", Why: "CI"}, {Pattern: "bitbucket-pipelines.yml", Why: "CI"},
	{Pattern: "azure-pipelines.yml", Why: "CI"}, {Pattern: "appveyor.yml", Why: "CI"}, {Pattern: ".drone.yml", Why: "CI"},
	{Pattern: ".ci", Why: "CI"}, {Pattern: ".pre-commit-config.yaml", Why: "CI"}, {Pattern: ".editorconfig", Why: "for editors"},
	{Pattern: ".vscode", Why: "for editors"}, {Pattern: ".idea", Why: "for editors"}, {Pattern: "*.swp", Why: "for editors"}, {Pattern: "*~", Why: "for editors"},
	{Pattern: ".DS_Store", Why: "of a desktop"}, {Pattern: "Thumbs.db", Why: "of a desktop"},
	{Pattern: "__pycache__", Why: "made by running it"}, {Pattern: "*.pyc", Why: "made by running it"}, {Pattern: "*.pyo", Why: "made by running it"},
	{Pattern: ".pytest_cache", Why: "made by tests"}, {Pattern: ".mypy_cache", Why: "made by tests"}, {Pattern: ".tox", Why: "made by tests"},
	{Pattern: ".coverage", Why: "made by tests"}, {Pattern: ".nyc_output", Why: "made by tests"},
	{Pattern: "node_modules", Why: "made by a build step"}, {Pattern: "venv", Why: "made by a build step"}, {Pattern: ".venv", Why: "made by a build step"},
	{Pattern: ".bundle", Why: "settings of a machine"}, {Pattern: ".vagrant", Why: "of a virtual machine"}, {Pattern: "Vagrantfile", Why: "of a virtual machine"},
	{Pattern: "tests", Why: "tests"}, {Pattern: "test", Why: "tests"}, {Pattern: "__tests__", Why: "tests"}, {Pattern: "spec", Why: "tests"},
	{Pattern: "testdata", Why: "tests"},
	{Pattern: "Dockerfile", Why: "for containers"}, {Pattern: ".dockerignore", Why: "for containers"}, {Pattern: "docker-compose*.yml", Why: "for containers"},
	{Pattern: "docker-compose*.yaml", Why: "for containers"},
	{Pattern: ".env", Why: "settings of one machine, with secrets"}, {Pattern: ".env.local", Why: "settings of one machine, with secrets"},
	{Pattern: ".env.production", Why: "settings of one machine, with secrets"}, {Pattern: ".env.staging", Why: "settings of one machine, with secrets"},
	{Pattern: "id_rsa*", Why: "a key"}, {Pattern: "id_dsa*", Why: "a key"}, {Pattern: "id_ecdsa*", Why: "a key"}, {Pattern: "id_ed25519*", Why: "a key"},
	{Pattern: "*.pem", Why: "a key"}, {Pattern: "*.key", Why: "a key"}, {Pattern: "*.p12", Why: "a key"}, {Pattern: "*.pfx", Why: "a key"}, {Pattern: "*.ppk", Why: "a key"},
	{Pattern: "*.kdbx", Why: "passwords"}, {Pattern: "*.jks", Why: "a key"}, {Pattern: "*.keystore", Why: "a key"}, {Pattern: ".htpasswd", Why: "passwords"},
	{Pattern: ".netrc", Why: "passwords"}, {Pattern: ".pgpass", Why: "passwords"}, {Pattern: ".npmrc", Why: "may hold a token"}, {Pattern: ".pypirc", Why: "passwords"},
	{Pattern: "*.log", Why: "a log"}, {Pattern: "*.sqlite3", Why: "data of one machine"}, {Pattern: "*.pid", Why: "of a running program"},
	{Pattern: "packaging", Why: "written by nativize"}, {Pattern: "nativize.yaml", Why: "read by nativize"},
}

// excludes makes the list of what stays out: the usual, the owner's, and what
// served the old deployment only.
func (x *placer) excludes() error {
	x.p.Exclude = append(x.p.Exclude, usual...)
	for _, p := range x.c.Exclude {
		x.p.Exclude = append(x.p.Exclude, plan.Rule{Pattern: p, Why: "nativize.yaml"})
	}
	for _, s := range x.d.Scripts {
		if s.Role == "entry" || s.Role == "build" || s.Role == "setup" {
			x.p.Exclude = append(x.p.Exclude, plan.Rule{Pattern: escapePattern(s.Path), Why: "the old deployment; the package takes its place"})
		}
	}
	return nil
}

// escapePattern makes a path match only itself.
func escapePattern(p string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(p)
}

// excludedBy applies rules to a path of the repository and to each of its
// elements, as convert/pack does.
func excludedBy(rules []plan.Rule, name string) bool {
	elements := strings.Split(name, "/")
	for _, r := range rules {
		match := func(s string) bool { return r.Pattern == s }
		if strings.ContainsAny(r.Pattern, `*?[\`) { // few have one, and there are many files
			match = func(s string) bool { ok, _ := path.Match(r.Pattern, s); return ok }
		}
		if match(name) || slices.ContainsFunc(elements, match) {
			return true
		}
	}
	return false
}

func (x *placer) excluded(name string) bool { return excludedBy(x.p.Exclude, name) }
