package input

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/model"
)

// PackageJSON reads package.json of npm.
var PackageJSON = &Kind{
	Name: "package-json",
	Doc:  "package.json: docs.npmjs.com, package.json",
	Claims: func(p string, _ []byte) bool {
		return path.Base(p) == "package.json" && !strings.Contains(p, "node_modules/")
	},
	read: readPackageJSON,
}

// ComposerJSON reads composer.json.
var ComposerJSON = &Kind{
	Name: "composer-json",
	Doc:  "composer.json: getcomposer.org, The composer.json schema",
	Claims: func(p string, _ []byte) bool {
		return path.Base(p) == "composer.json" && !strings.Contains(p, "vendor/")
	},
	read: readComposerJSON,
}

func readPackageJSON(r *reader) {
	root := r.json()
	if root == nil {
		return
	}
	app := &r.out.App
	app.Language = "javascript"
	r.field(&app.Name, "name", root.get("name"))
	r.field(&app.Version, "version", root.get("version"))
	r.field(&app.Summary, "summary", root.get("description"))
	r.field(&app.License, "license", root.get("license"))
	r.field(&app.License, "license", root.get("license", "type"))
	r.field(&app.Homepage, "homepage", root.get("homepage"))
	r.npmAuthor(root.get("author"))
	for _, e := range root.get("engines").table() {
		r.runtime(e.key, e.val)
	}
	if m := root.get("packageManager"); m.text() != "" {
		name, version, _ := strings.Cut(m.text(), "@")
		r.out.Runtime = append(r.out.Runtime, Runtime{name, version, r.pos(m.offset())})
	}
	if len(r.out.Runtime) == 0 {
		r.out.Runtime = append(r.out.Runtime, Runtime{Name: "node", At: r.pos(root.off)})
	}
	r.npmScripts(root.get("scripts"))
	for _, group := range []string{"dependencies", "optionalDependencies"} {
		for _, e := range root.get(group).table() {
			r.language("npm", e.key+" "+e.val.value(), e.off)
			r.native("node", e.key, e.off)
		}
	}
}

func (r *reader) npmAuthor(n *node) {
	if n.text() != "" {
		if name, _, ok := strings.Cut(n.text(), "("); ok {
			r.set(&r.out.App.Maintainer, "maintainer", name, n.offset())
		} else {
			r.field(&r.out.App.Maintainer, "maintainer", n)
		}
	}
	if name, mail := n.get("name"), n.get("email"); name.text() != "" && mail.text() != "" {
		r.set(&r.out.App.Maintainer, "maintainer", name.text()+" <"+mail.text()+">", name.offset())
	}
}

// npmPhases are the scripts that have a part in a deployment.
var npmPhases = map[string]string{
	"start": "start", "serve": "start", "production": "start", "prod": "start", "start:prod": "start", "start:production": "start",
	"build": "build", "prebuild": "build", "postbuild": "build", "build:prod": "build", "compile": "build",
	"preinstall": "build", "install": "build", "postinstall": "build", "prepare": "build", "heroku-postbuild": "build",
	"deploy": "deploy", "predeploy": "deploy", "postdeploy": "deploy", "release": "deploy", "migrate": "deploy", "db:migrate": "deploy",
	"stop": "stop", "restart": "restart",
}

func (r *reader) npmScripts(scripts *node) {
	for _, e := range scripts.table() {
		phase := npmPhases[e.key]
		if prefix, _, ok := strings.Cut(e.key, ":"); phase == "" && ok && (prefix == "deploy" || prefix == "build" || prefix == "migrate") {
			phase = npmPhases[prefix]
		}
		if phase == "" || e.val.text() == "" {
			continue
		}
		where := Local
		switch phase {
		case "start":
			where = Service
			r.out.Start = append(r.out.Start, Command{e.key, e.val.text(), r.pos(e.val.offset())})
		case "build":
			where = Build
		}
		r.addShell(e.val.val, Shell{Where: where, Phase: phase, Name: e.key})
	}
}

func readComposerJSON(r *reader) {
	root := r.json()
	if root == nil {
		return
	}
	app := &r.out.App
	app.Language = "php"
	r.field(&app.Name, "name", root.get("name"))
	r.field(&app.Version, "version", root.get("version"))
	r.field(&app.Summary, "summary", root.get("description"))
	r.field(&app.Homepage, "homepage", root.get("homepage"))
	if l := root.get("license"); l != nil && l.kind == listNode && len(l.texts()) > 0 {
		r.set(&app.License, "license", strings.Join(l.texts(), " OR "), l.scalars()[0].offset())
	} else {
		r.field(&app.License, "license", l)
	}
	r.person(root.get("authors"))
	for _, e := range root.get("require").table() {
		switch ext, isExt := strings.CutPrefix(e.key, "ext-"); {
		case e.key == "php" || e.key == "php-64bit":
			r.runtime("php", e.val)
		case isExt:
			r.phpExtension(ext, e.off)
		case strings.HasPrefix(e.key, "lib-") || strings.HasPrefix(e.key, "composer-"):
		default:
			r.language("composer", e.key+" "+e.val.text(), e.off)
		}
	}
	for _, e := range root.get("scripts").table() {
		for _, s := range e.val.scalars() {
			if strings.HasPrefix(s.val.s, "@php ") || !strings.HasPrefix(s.val.s, "@") && strings.Contains(s.val.s, " ") && !strings.Contains(s.val.s, "::") {
				r.addShell(s.val, Shell{Where: Build, Phase: "build", Name: e.key})
			}
		}
	}
}

// phpBuiltin are extensions that come with PHP's own packages.
var phpBuiltin = []string{"json", "ctype", "filter", "hash", "pcre", "spl", "session", "tokenizer", "fileinfo", "iconv", "date", "openssl", "phar", "posix", "reflection", "standard", "pdo", "zlib", "libxml", "sodium", "random", "ftp", "exif", "gettext", "sockets", "calendar"}

// phpExtension records the Debian package of an extension.
func (r *reader) phpExtension(ext string, off int) {
	ext = strings.ToLower(ext)
	if slices.Contains(phpBuiltin, ext) {
		return
	}
	name := map[string]string{
		"dom": "xml", "simplexml": "xml", "xmlreader": "xml", "xmlwriter": "xml", "mysqli": "mysql", "pdo_mysql": "mysql",
		"pdo_pgsql": "pgsql", "pdo_sqlite": "sqlite3", "zend-opcache": "opcache", "pdo_sqlsrv": "",
	}
	pkg, known := name[ext]
	if !known {
		pkg = ext
	}
	if pkg == "" {
		return
	}
	r.out.Packages = append(r.out.Packages, model.OSPackage{Name: "php-" + pkg, Via: "apt", Evidence: r.fact(off, "PHP extension "+ext)})
}
