package detect

import (
	"cmp"
	"io"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
)

// identity collects who the application is; the first source of a field stands.
type identity struct {
	repo       *source.Repo
	app        model.App
	readme     string
	readmePath string
}

// Identify finds who the application is: by its manifests, its tags, its
// README and licence files and the name of its repository. Nothing is made up:
// what the repository does not say is empty.
func Identify(repo *source.Repo, c *Companion) model.App {
	id := &identity{repo: repo, app: model.App{Arch: "all", From: map[string]source.Pos{}}}
	id.openReadme()
	id.licences()
	id.manifests(c)
	id.version()
	id.title()
	id.names()
	id.pages()
	id.authors()
	id.arch()
	id.app.Language = cmp.Or(language(repo), id.app.Language)
	if len(id.app.From) == 0 {
		id.app.From = nil
	}
	return id.app
}

// set gives a field its value unless it has one.
func (id *identity) set(name string, field *string, text string, at source.Pos) {
	text = strings.TrimSpace(text)
	if text == "" || *field != "" {
		return
	}
	*field = text
	if !at.IsZero() {
		id.app.From[name] = at
	}
}

// manifestKinds declare the application as a whole when they lie in the root.
var manifestKinds = []string{"package-json", "composer-json", "pyproject", "setup-py", "setup-cfg", "cargo", "gemspec", "pom", "gradle", "go-mod"}

// manifests takes the fields of the manifests in the root, then the summaries
// of units.
func (id *identity) manifests(c *Companion) {
	for _, kind := range manifestKinds {
		for i := range c.Results {
			if r := &c.Results[i]; r.Kind == kind && !strings.Contains(r.Path, "/") {
				id.manifest(&r.App)
			}
		}
	}
}

func (id *identity) manifest(m *model.App) {
	if !genericName[PackageName(path.Base(m.Name))] {
		id.set("name", &id.app.Name, m.Name, m.From["name"])
	}
	if m.Version != "0.0.0" {
		id.set("version", &id.app.Version, m.Version, m.From["version"])
	}
	id.set("summary", &id.app.Summary, m.Summary, m.From["summary"])
	id.set("license", &id.app.License, m.License, m.From["license"])
	id.set("maintainer", &id.app.Maintainer, m.Maintainer, m.From["maintainer"])
	id.set("homepage", &id.app.Homepage, m.Homepage, m.From["homepage"])
	id.set("language", &id.app.Language, m.Language, m.From["language"])
}

// genericName are names that say what a part is for, not which application.
var genericName = map[string]bool{"app": true, "application": true, "api": true, "backend": true, "frontend": true, "client": true, "server": true, "web": true, "www": true,
	"site": true, "website": true, "webapp": true, "project": true, "my-app": true, "myapp": true, "my-project": true, "example": true, "demo": true, "test": true, "main": true,
	"workspace": true, "monorepo": true, "root": true, "vite-project": true, "vue-app": true, "react-app": true, "starter": true, "template": true, "laravel": true, "repo": true, "src": true, "html": true, "deploy": true, "master": true}

// version is that of a tag at the very commit, a VERSION file, else the last
// tag, where no manifest has one.
func (id *identity) version() {
	info := id.repo.Info()
	tag, after := splitDescribe(info.Describe)
	if tag != "" && after == "0" {
		id.app.Version = tag
		delete(id.app.From, "version")
		return
	}
	for _, name := range []string{"VERSION", "version", "VERSION.txt", "version.txt", ".version"} {
		if f, ok := id.repo.Lookup(name); !ok || !f.IsRegular() || f.Size > 256 {
			continue
		}
		if b, err := id.repo.Read(name); err == nil {
			line, _, _ := strings.Cut(strings.TrimSpace(string(b)), "\n")
			if v := strings.TrimPrefix(strings.TrimSpace(line), "v"); versionLine.MatchString(v) {
				id.set("version", &id.app.Version, v, source.Pos{File: name, Line: 1, Col: 1})
			}
		}
	}
	id.set("version", &id.app.Version, tag, source.Pos{})
}

var versionLine = lazyregexp.New(`^[0-9]+(\.[0-9A-Za-z+~-]+)*$`)

var describeForm = lazyregexp.New(`^(?:.*?[^0-9.])??([0-9]+(?:\.[0-9A-Za-z]+)*(?:[-.~]?(?:alpha|beta|rc|pre)[.-]?[0-9]*)?)-([0-9]+)-g[0-9a-f]+$`)

// splitDescribe takes the number of a tag and the commits after it from the
// text of git describe --long.
func splitDescribe(s string) (tag, after string) {
	if m := describeForm.FindStringSubmatch(s); m != nil {
		return m[1], m[2]
	}
	return "", ""
}

// openReadme finds the README of the root.
func (id *identity) openReadme() {
	for _, f := range id.repo.ReadDir("") {
		stem := strings.ToLower(strings.TrimSuffix(f.Path, path.Ext(f.Path)))
		if stem != "readme" || !f.IsRegular() || f.Size > maxCompanion {
			continue
		}
		if b, err := id.repo.Read(f.Path); err == nil && !source.IsBinary(b) {
			id.readme, id.readmePath = string(b), f.Path
			return
		}
	}
}

// title takes the first sentence of the README's first paragraph as summary.
func (id *identity) title() {
	line, text := firstParagraph(id.readme)
	if text == "" || boilerplate.MatchString(text) {
		return
	}
	if i := strings.Index(text, ". "); i > 10 {
		text = text[:i]
	}
	id.set("summary", &id.app.Summary, strings.TrimSuffix(text, "."), source.Pos{File: id.readmePath, Line: line, Col: 1})
}

// boilerplate begins texts that generators of projects leave, and greetings:
// they say nothing of the application.
var boilerplate = lazyregexp.New(`(?i)^(this readme would|this project was (bootstrapped|generated)|this is a \[?next\.?js|those templates|this template|welcome to|by @|author|including:|todo\b|coming soon|\S+@\S+|[^ ]+ [^ ]+ \S+@\S+$)`)

var (
	mdImage  = lazyregexp.New(`!?\[!\[[^\]]*\]\([^)]*\)\](\([^)]*\))?|!\[[^\]]*\]\([^)]*\)|<[^>]*>`)
	mdLink   = lazyregexp.New(`\[([^\]]*)\](\([^)]*\)|\[[^\]]*\])`)
	mdMark   = lazyregexp.New("[*_`]{1,3}([^*_`]+)[*_`]{1,3}")
	notProse = lazyregexp.New(`^(#|=|-{3}|\*{3}|\||>|[-*+] |[0-9]+\. |\.\. |:|\[[^\]]*\]:|https?://)`)
)

// firstParagraph returns the first paragraph of prose of a Markdown or plain
// text and the line that it begins at; headings, lists, tables, badges and
// code are none.
func firstParagraph(text string) (int, string) {
	var para []string
	start, n, fenced := 0, 0, false
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "```") || strings.HasPrefix(line, "~~~") {
			fenced = !fenced
			continue
		}
		line = strings.TrimSpace(mdImage.ReplaceAllString(line, ""))
		underline := line != "" && strings.Trim(line, "=-~") == ""
		switch {
		case fenced || n > 200:
		case underline: // what stood above was a heading
			para = nil
		case line == "" || notProse.MatchString(line):
			if p := strings.Join(para, " "); len(p) > 15 {
				return start, p
			}
			para = nil
		default:
			if len(para) == 0 {
				start = n
			}
			line = mdLink.ReplaceAllString(line, "$1")
			para = append(para, mdMark.ReplaceAllString(line, "$1"))
		}
	}
	if p := strings.Join(para, " "); len(p) > 15 {
		return start, p
	}
	return 0, ""
}

// names takes the name of the repository, as its remote or its directory is
// called, where no manifest has a better one; and its page.
func (id *identity) names() {
	info := id.repo.Info()
	remote := strings.TrimSuffix(strings.TrimSuffix(info.Remote, "/"), ".git")
	base := path.Base(strings.ReplaceAll(remote, ":", "/"))
	if base != "." && base != "/" && !genericName[PackageName(base)] {
		id.app.Name = cmp.Or(id.app.Name, base)
	}
	if info.Prefix != "" {
		id.app.Name = cmp.Or(id.app.Name, path.Base(info.Prefix))
	}
	id.app.Name = PackageName(path.Base(cmp.Or(id.app.Name, path.Base(info.Path))))
	id.app.Homepage = cmp.Or(id.app.Homepage, page(remote))
}

// forges serve a page at the address of the repository.
var forges = []string{"github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "git.sr.ht"}

// page is the web page of a repository at one of the well-known forges.
func page(remote string) string {
	if host, p, ok := strings.Cut(strings.TrimPrefix(remote, "git@"), ":"); ok && slices.Contains(forges, host) {
		return "https://" + host + "/" + strings.TrimPrefix(p, "/")
	}
	u, err := url.Parse(remote)
	if err != nil || !slices.Contains(forges, u.Hostname()) {
		return ""
	}
	return "https://" + u.Hostname() + u.Path
}

var person = lazyregexp.New(`^[^<>#\x00-\x1f]{2,80} <[^<>@\s]+@[^<>@\s]+\.[^<>@\s]+>$`)

// authors takes the first person with an address from MAINTAINERS or AUTHORS.
func (id *identity) authors() {
	if !strings.Contains(id.app.Maintainer, "@") {
		id.app.Maintainer = ""
		delete(id.app.From, "maintainer")
	}
	for _, name := range []string{"MAINTAINERS", "MAINTAINERS.md", "AUTHORS", "AUTHORS.md", "AUTHORS.txt"} {
		if f, ok := id.repo.Lookup(name); !ok || !f.IsRegular() || f.Size > maxCompanion {
			continue
		}
		b, err := id.repo.Read(name)
		if err != nil {
			continue
		}
		n := 0
		for line := range strings.Lines(string(b)) {
			n++
			line = strings.Trim(line, " \t\r\n*-")
			if person.MatchString(line) {
				id.set("maintainer", &id.app.Maintainer, line, source.Pos{File: name, Line: n, Col: 1})
			}
		}
	}
}

// maxProgram bounds the files whose header is looked at.
const maxProgram = 32

// machines are the values of e_machine in an ELF header, as Debian calls them.
var machines = map[uint16]string{3: "i386", 40: "armhf", 62: "amd64", 183: "arm64", 21: "ppc64el", 22: "s390x", 243: "riscv64", 258: "loong64"}

// arch is the architecture of the programs in the tree, "all" without any, or
// when they are for several.
func (id *identity) arch() {
	seen := 0
	for _, f := range id.repo.Files() {
		if !f.IsRegular() || f.Ignored || f.Size >= 0 && f.Size < 1024 || !programName(f) || vendored(f.Path) || seen == maxProgram {
			continue
		}
		seen++
		arch := id.elf(f.Path)
		switch {
		case arch == "":
		case id.app.Arch == "all":
			id.app.Arch = arch
			id.app.From["arch"] = source.Pos{File: f.Path}
		case id.app.Arch != arch:
			id.app.Arch = "all"
			delete(id.app.From, "arch")
			return
		}
	}
}

func programName(f source.File) bool {
	ext := path.Ext(f.Path)
	return ext == ".so" || ext == ".bin" || ext == ".elf" || ext == "" && f.Mode&0o111 != 0 || strings.Contains(path.Base(f.Path), ".so.")
}

// elf reads the machine of an ELF header.
func (id *identity) elf(name string) string {
	f, err := id.repo.FS().Open(name)
	if err != nil {
		return ""
	}
	defer f.Close()
	var h [20]byte
	if _, err := io.ReadFull(f, h[:]); err != nil || string(h[:4]) != "\x7fELF" {
		return ""
	}
	if h[5] == 2 { // big-endian
		return machines[uint16(h[18])<<8|uint16(h[19])]
	}
	return machines[uint16(h[19])<<8|uint16(h[18])]
}

// languages are the endings of source files.
var languages = map[string]string{".py": "python", ".js": "javascript", ".mjs": "javascript", ".cjs": "javascript", ".jsx": "javascript", ".ts": "typescript", ".tsx": "typescript", ".vue": "javascript",
	".rb": "ruby", ".php": "php", ".go": "go", ".rs": "rust", ".java": "java", ".kt": "kotlin", ".scala": "scala", ".cs": "csharp", ".c": "c", ".cc": "c++", ".cpp": "c++",
	".pl": "perl", ".pm": "perl", ".ex": "elixir", ".exs": "elixir", ".erl": "erlang", ".lua": "lua", ".sh": "shell", ".bash": "shell", ".hs": "haskell", ".clj": "clojure", ".swift": "swift", ".r": "r"}

// language is the one that most of the source text is in, by size. Shell counts
// only where there is nothing else: scripts stand beside every application.
func language(repo *source.Repo) string {
	size := map[string]int64{}
	for _, f := range repo.Files() {
		l := languages[strings.ToLower(path.Ext(f.Path))]
		if l == "" || f.Ignored || vendored(f.Path) || strings.Contains(f.Path, ".min.") {
			continue
		}
		n := max(f.Size, 1)
		if l == "shell" {
			n = n/8 + 1
		}
		size[l] += min(n, 100_000)
	}
	best := ""
	for l, n := range size {
		if best == "" || n > size[best] || n == size[best] && l < best {
			best = l
		}
	}
	return best
}

var notName = lazyregexp.New(`[^a-z0-9+.-]+`)

// PackageName makes a name valid for Debian, rpm, apk and pacman: lower case,
// digits, plus, minus and dot, at least two, beginning with a letter or digit
// (Debian Policy 5.6.1).
func PackageName(s string) string {
	for _, suffix := range []string{".tar.gz", ".tgz", ".zip", ".tar.xz", ".tar", ".git"} {
		s = strings.TrimSuffix(s, suffix)
	}
	s = strings.Trim(notName.ReplaceAllString(strings.ToLower(s), "-"), "-.+")
	if len(s) < 2 {
		return "app"
	}
	return s
}

// Finish puts the parts of a deployment in order; no list of it is nil.
func Finish(d *model.Deployment) {
	sortFacts(&d.Facts)
}
