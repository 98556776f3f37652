package input

import (
	"encoding/xml"
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
)

// GoMod reads go.mod.
var GoMod = &Kind{
	Name:   "go-mod",
	Doc:    "go.mod: go.dev/ref/mod",
	Claims: func(p string, _ []byte) bool { return path.Base(p) == "go.mod" },
	read:   readGoMod,
}

// POM reads pom.xml of Maven.
var POM = &Kind{
	Name:   "pom",
	Doc:    "pom.xml: maven.apache.org, POM Reference",
	Claims: func(p string, _ []byte) bool { return path.Base(p) == "pom.xml" },
	read:   readPOM,
}

// Gradle reads the literals of Gradle builds.
var Gradle = &Kind{
	Name: "gradle",
	Doc:  "build.gradle, build.gradle.kts, settings.gradle: literal assignments",
	Claims: func(p string, _ []byte) bool {
		switch path.Base(p) {
		case "build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts":
			return true
		}
		return false
	},
	read: readGradle,
}

// Cargo reads Cargo.toml.
var Cargo = &Kind{
	Name:   "cargo",
	Doc:    "Cargo.toml: doc.rust-lang.org/cargo, The Manifest Format",
	Claims: func(p string, _ []byte) bool { return path.Base(p) == "Cargo.toml" },
	read:   readCargo,
}

// ToolVersions reads the files by which version managers are told a version.
var ToolVersions = &Kind{
	Name:   "tool-versions",
	Doc:    ".tool-versions, .ruby-version, .python-version, .nvmrc, .node-version, .java-version, .php-version, .sdkmanrc, runtime.txt, rust-toolchain",
	Claims: func(p string, _ []byte) bool { _, ok := versionFiles[path.Base(p)]; return ok },
	read:   readToolVersions,
}

func readGoMod(r *reader) {
	app := &r.out.App
	app.Language = "go"
	block := ""
	for _, l := range r.lines() {
		t := l.trim()
		t.text, _, _ = strings.Cut(t.text, "//")
		f := t.fields()
		switch {
		case len(f) == 0:
		case f[0].text == ")":
			block = ""
		case len(f) == 2 && f[1].text == "(":
			block = f[0].text
		case f[0].text == "module" && len(f) > 1:
			r.set(&app.Name, "name", moduleName(strings.Trim(f[1].text, `"`)), f[1].off)
			if strings.HasPrefix(f[1].text, "github.com/") {
				r.set(&app.Homepage, "homepage", "https://"+f[1].text, f[1].off)
			}
		case f[0].text == "go" && len(f) > 1:
			r.out.Runtime = append(r.out.Runtime, Runtime{"go", f[1].text, r.pos(f[1].off)})
		case block == "require" && len(f) == 2:
			r.goRequire(f)
		case f[0].text == "require" && len(f) == 3:
			r.goRequire(f[1:])
		}
	}
}

func (r *reader) goRequire(f []line) {
	r.language("go", f[0].text+" "+f[1].text, f[0].off)
	if f[0].text == "github.com/mattn/go-sqlite3" {
		r.out.Natives = append(r.out.Natives, Native{Name: f[0].text, Needs: []string{"gcc"}, At: r.pos(f[0].off)})
	}
}

var majorSuffix = lazyregexp.New(`^v[0-9]+$`)

// moduleName is the last element of a module path that is no major version.
func moduleName(module string) string {
	base := path.Base(module)
	if majorSuffix.MatchString(base) {
		base = path.Base(path.Dir(module))
	}
	return base
}

// readPOM reads elements by their path; the text of properties is put in for
// ${property}.
func readPOM(r *reader) {
	r.out.App.Language = "java"
	values := r.xmlTexts()
	get := func(p string) *node {
		for i := range values {
			if values[i].key == "project/"+p {
				return values[i].val
			}
		}
		return nil
	}
	expand := func(n *node) *node {
		if n == nil {
			return nil
		}
		s := n.val.s
		for range 5 {
			next := propertyRef.ReplaceAllStringFunc(s, func(ref string) string {
				name := ref[2 : len(ref)-1]
				if v := get("properties/" + name); v != nil {
					return v.val.s
				}
				if v := get(strings.TrimPrefix(name, "project.")); v != nil && v != n {
					return v.val.s
				}
				return ref
			})
			if next == s || len(next) > maxExpanded {
				break
			}
			s = next
		}
		return &node{kind: scalarNode, off: n.off, val: plain(s, n.off)}
	}
	app := &r.out.App
	r.field(&app.Name, "name", expand(get("artifactId")))
	r.field(&app.Version, "version", expand(get("version")))
	r.field(&app.Version, "version", expand(get("parent/version")))
	r.field(&app.Summary, "summary", expand(get("description")))
	r.field(&app.Homepage, "homepage", expand(get("url")))
	r.field(&app.License, "license", expand(get("licenses/license/name")))
	for _, key := range []string{"properties/maven.compiler.release", "properties/java.version", "properties/maven.compiler.target", "properties/maven.compiler.source"} {
		if v := expand(get(key)); v != nil {
			r.runtime("java", v)
			break
		}
	}
	if v := expand(get("packaging")); v.text() != "" {
		r.out.Values = append(r.out.Values, Setting{"packaging", v.text(), r.pos(v.off)})
	}
	if v := expand(get("build/finalName")); v.text() != "" {
		r.out.Values = append(r.out.Values, Setting{"build.finalName", v.text(), r.pos(v.off)})
	}
}

var propertyRef = lazyregexp.New(`\$\{[^}$]+\}`)

// xmlTexts lists the elements that hold text, by their path; of several of the
// same path, in their order.
func (r *reader) xmlTexts() []entry {
	dec := xml.NewDecoder(strings.NewReader(r.src))
	dec.Strict = false
	var out []entry
	var stack []string
	var body strings.Builder
	start := 0
	for len(out) < maxKeys && len(stack) < maxYAMLDepth {
		before := int(dec.InputOffset())
		tok, err := dec.RawToken()
		if err != nil {
			if before < len(r.data) {
				r.problem(before, "not valid XML: "+err.Error())
			}
			break
		}
		switch t := tok.(type) {
		case xml.StartElement:
			stack = append(stack, t.Name.Local)
			body.Reset()
			start = int(dec.InputOffset())
		case xml.CharData:
			body.Write(t)
		case xml.EndElement:
			if s := strings.TrimSpace(body.String()); s != "" {
				off := start + len(r.src[start:]) - len(strings.TrimLeft(r.src[start:], " \t\r\n"))
				out = append(out, entry{strings.Join(stack, "/"), off, &node{kind: scalarNode, off: off, val: plain(s, off), str: true}})
			}
			body.Reset()
			stack = stack[:max(0, len(stack)-1)]
		}
	}
	return out
}

var gradleAssign = lazyregexp.New(`(?m)^\s*(version|group|description|rootProject\.name|archivesBaseName|sourceCompatibility|targetCompatibility|mainClassName|archiveFileName|archiveBaseName)\s*(?:=|\s)\s*(?:JavaVersion\.VERSION_)?["']?([^"'\s(){}]+(?: [^"'\n(){}]+)?)["']?\s*$`)
var gradleToolchain = lazyregexp.New(`JavaLanguageVersion\.of\(\s*["']?(\d+)|jvmToolchain\(\s*(\d+)`)

func readGradle(r *reader) {
	app := &r.out.App
	app.Language = "java"
	for _, m := range gradleAssign.FindAllSubmatchIndex(r.data, -1) {
		key, val, off := r.src[m[2]:m[3]], r.src[m[4]:m[5]], m[4]
		switch key {
		case "version":
			r.set(&app.Version, "version", val, off)
		case "description":
			r.set(&app.Summary, "summary", val, off)
		case "rootProject.name", "archivesBaseName":
			r.set(&app.Name, "name", val, off)
		case "sourceCompatibility", "targetCompatibility":
			if len(r.out.Runtime) == 0 {
				r.out.Runtime = append(r.out.Runtime, Runtime{"java", strings.ReplaceAll(val, "_", "."), r.pos(off)})
			}
		default:
			r.out.Values = append(r.out.Values, Setting{key, val, r.pos(off)})
		}
	}
	if m := gradleToolchain.FindSubmatchIndex(r.data); m != nil {
		i := 2
		if m[2] < 0 {
			i = 4
		}
		r.out.Runtime = append([]Runtime{{"java", r.src[m[i]:m[i+1]], r.pos(m[i])}}, r.out.Runtime...)
	}
}

func readCargo(r *reader) {
	root := r.toml()
	app := &r.out.App
	app.Language = "rust"
	p := root.get("package")
	r.field(&app.Name, "name", p.get("name"))
	r.field(&app.Version, "version", p.get("version"))
	r.field(&app.Summary, "summary", p.get("description"))
	r.field(&app.License, "license", p.get("license"))
	r.field(&app.Homepage, "homepage", p.get("homepage"))
	r.field(&app.Homepage, "homepage", p.get("repository"))
	r.person(p.get("authors"))
	r.runtime("rust", p.get("rust-version"))
	if len(r.out.Runtime) == 0 {
		r.out.Runtime = append(r.out.Runtime, Runtime{Name: "rust", At: r.pos(p.offset())})
	}
	for _, b := range root.get("bin").list() {
		if n := b.get("name"); n.text() != "" {
			r.out.Start = append(r.out.Start, Command{n.text(), n.text(), r.pos(n.offset())})
		}
	}
	for _, e := range root.get("dependencies").table() {
		version := e.val.text()
		if version == "" {
			version = e.val.get("version").text()
		}
		r.language("cargo", strings.TrimSpace(e.key+" "+version), e.off)
		if n, ok := rustNatives[e.key]; ok {
			r.out.Natives = append(r.out.Natives, Native{Name: e.key, Needs: n.build, Run: n.run, At: r.pos(e.off)})
		}
	}
}

var rustNatives = map[string]nativeNeed{
	"openssl":         need([]string{"libssl-dev", "pkg-config"}, []string{"libssl3"}),
	"openssl-sys":     need([]string{"libssl-dev", "pkg-config"}, []string{"libssl3"}),
	"native-tls":      need([]string{"libssl-dev", "pkg-config"}, []string{"libssl3"}),
	"pq-sys":          needPostgres,
	"mysqlclient-sys": needMySQL,
	"rusqlite":        needSQLite,
	"libsqlite3-sys":  needSQLite,
	"rdkafka":         need([]string{"librdkafka-dev", "cmake", "g++"}, []string{"librdkafka1"}),
	"zmq":             need([]string{"libzmq3-dev", "pkg-config"}, []string{"libzmq5"}),
}

// versionFiles names the tool of files that hold one version; those with ""
// hold lines of "tool version" or similar.
var versionFiles = map[string]string{
	".tool-versions": "", "runtime.txt": "", ".sdkmanrc": "", "rust-toolchain": "rust", "rust-toolchain.toml": "", ".ruby-version": "ruby",
	".python-version": "python", ".nvmrc": "node", ".node-version": "node", ".java-version": "java", ".php-version": "php", ".go-version": "go", ".perl-version": "perl", ".terraform-version": "terraform", "global.json": "",
}

// toolNames maps names of version managers to ours.
var toolNames = map[string]string{"nodejs": "node", "golang": "go"}

func toolName(s string) string {
	if n, ok := toolNames[s]; ok {
		return n
	}
	return s
}

func readToolVersions(r *reader) {
	add := func(name, version string, off int) {
		r.out.Runtime = append(r.out.Runtime, Runtime{toolName(name), version, r.pos(off)})
	}
	switch base := r.base(); base {
	case "rust-toolchain.toml":
		if v := r.toml().get("toolchain", "channel"); v.text() != "" {
			add("rust", v.text(), v.offset())
		}
		return
	case "global.json":
		if v := r.json().get("sdk", "version"); v.text() != "" {
			add("dotnet", v.text(), v.offset())
		}
		return
	}
	for _, l := range r.lines() {
		t := l.trim()
		t.text = strings.TrimSpace(stripInline(" "+t.text, "#"))
		if t.text == "" || t.text[0] == '#' {
			continue
		}
		switch tool := versionFiles[r.base()]; {
		case tool != "":
			version := strings.TrimPrefix(t.text, tool+"-")
			add(tool, strings.TrimPrefix(version, "v"), t.off+len(t.text)-len(version))
			return
		case r.base() == "runtime.txt": // python-3.11.4
			if name, version, ok := strings.Cut(t.text, "-"); ok {
				add(name, version, t.off+len(name)+1)
			}
		case r.base() == ".sdkmanrc": // java=17.0.1-tem
			if name, version, ok := t.cut("="); ok {
				add(name.text, version.text, version.off)
			}
		default: // .tool-versions: ruby 3.2.2
			if f := t.fields(); len(f) > 1 {
				add(f[0].text, f[1].text, f[1].off)
			} else {
				r.problem(t.off, "a tool and its version were expected")
			}
		}
	}
}
