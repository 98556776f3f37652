package command

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/value"
)

const (
	npmFlags = "C:w:gDSEPOBfqsyhvldn -any --prefix: --registry: --loglevel: --cache: --userconfig: --workspace=w: --workspaces --omit: --include: --only: --tag: --otp: --global=g " +
		"--cwd: --dir: --filter: --modules-folder: --mutex: --network-timeout: --cache-folder: --store-dir: --reporter: --production? --max-old-space-size:"
	pipFlags = "r:c:e:t:i:f:b:d:w:UqvyIhV -any --requirement=r: --constraint=c: --editable=e: --target=t: --prefix: --root: --src: --index-url=i: --extra-index-url: --find-links=f: " +
		"--trusted-host: --upgrade=U --upgrade-strategy: --user --no-cache-dir --cache-dir: --timeout: --retries: --proxy: --cert: --python: --platform: --python-version: " +
		"--only-binary: --no-binary: --build=b: --log: --progress-bar: --install-option: --global-option: --config-settings: --exists-action: --group: --abi: --implementation: --dest=d: --wheel-dir=w: --break-system-packages --quiet=q --yes=y"
	buildFlags = "-any C:f:j?p:o: --directory=C: --file=f: --jobs? --output:"
)

// languages are the tools of programming languages: what installs dependencies,
// builds, runs programs and changes data.
var languages = []*Model{
	{Name: "pip", Alias: append([]string{"pip2", "pip3", "pip2.7"}, versions("pip3.%s", "4 5 6 7 8 9 10 11 12 13 14")...), Flags: pipFlags, Kind: Changed, Man: "pip documentation",
		Doc: "installs Python packages, into the virtual environment that it lies in or that is active", Run: pip},
	{Name: "pipx", Flags: pipFlags, Kind: Changed, Man: "pipx documentation", Doc: "installs Python programs", Run: builds("pipx", "list environment version completions", "run")},
	{Name: "uv", Flags: pipFlags + " p: --directory: --project: --extra: --with: --index:", Kind: Changed, Man: "uv documentation", Doc: "installs Python packages, makes virtual environments", Run: uv},
	{Name: "uvx", Flags: "-any -first --from: --with:", Kind: Changed, Man: "uv documentation", Doc: "runs a Python program", Run: runsRest},
	{Name: "poetry", Flags: "-any C:P:E:nqv --directory=C: --project=P: --extras=E: --only: --with: --without: --format: --output:", Kind: Changed, Man: "Poetry documentation", Doc: "installs Python packages, builds", Run: projectTool("poetry", ".venv")},
	{Name: "pipenv", Flags: "-any p:r:", Kind: Changed, Man: "Pipenv documentation", Doc: "installs Python packages", Run: projectTool("pipenv", ".venv")},
	{Name: "pdm", Alias: []string{"hatch", "rye"}, Flags: "-any p:", Kind: Changed, Man: "PDM documentation", Doc: "installs Python packages", Run: projectTool("", ".venv")},
	{Name: "conda", Alias: []string{"mamba", "micromamba"}, Flags: "n:p:c:f:yq -any --name=n: --prefix=p: --channel=c: --file=f: --yes=y", Kind: Changed, Man: "conda documentation", Doc: "installs packages, makes environments",
		Run: builds("conda", "list info search activate deactivate config init clean", "run")},
	{Name: "virtualenv", Alias: []string{"pyvenv", "virtualenv3", "virtualenv-3", "mkvirtualenv"}, Flags: "p:vqh -any --python=p: --prompt: --app-data: --creator: --seeder: --extra-search-dir: --pip: --setuptools: --wheel:", Kind: Changed,
		Man: "virtualenv documentation", Doc: "makes a virtual environment", Run: func(c *Call) { c.makeVenv(c.last()) }},
	{Name: "python", Alias: append([]string{"python2", "python3", "python2.7", "pypy", "pypy3"}, versions("python3.%s", "4 5 6 7 8 9 10 11 12 13 14")...), Flags: "-first c:m:W:X:Q:bBdEhiIOPqsSuvVx --version --help=h --check-hash-based-pycs: -any", Kind: Changed,
		Man: "python(1)", Doc: "runs modules that are modelled (venv, pip ...), setup.py, manage.py; other programs by their names", Run: python},
	{Name: "manage.py", Alias: []string{"django-admin", "django-admin.py"}, Flags: "-first", Kind: Changed, Man: "Django documentation: django-admin", Doc: "changes data, collects files, starts a server", Run: func(c *Call) { c.manage(c.Argv, c.Args) }},
	{Name: "setup.py", Flags: "-first", Kind: Changed, Man: "setuptools documentation", Doc: "builds or installs a Python package", Run: func(c *Call) { c.setupPy(c.Args) }},
	{Name: "alembic", Flags: "c:n:x: -any --config=c: --name=n:", Kind: Changed, Man: "Alembic documentation", Doc: "changes a database's schema", Run: migrates("upgrade downgrade stamp", "current history heads show branches check revision")},
	{Name: "flask", Flags: "A:e: -any --app=A: --env-file=e:", Kind: Changed, Man: "Flask documentation", Doc: "changes data, starts a server", Run: flask},
	{Name: "easy_install", Alias: []string{"easy_install3"}, Flags: "-any", Kind: Changed, Man: "setuptools documentation", Doc: "installs Python packages", Run: builds("easy_install", "", "")},
	{Name: "npm", Alias: []string{"cnpm"}, Flags: npmFlags, Kind: Changed, Man: "npm documentation: CLI Commands", Doc: "installs packages below node_modules, runs scripts", Run: npm},
	{Name: "yarn", Alias: []string{"yarnpkg"}, Flags: npmFlags, Kind: Changed, Man: "Yarn documentation: CLI", Doc: "installs packages below node_modules, runs scripts", Run: npm},
	{Name: "pnpm", Flags: npmFlags, Kind: Changed, Man: "pnpm documentation: CLI", Doc: "installs packages below node_modules, runs scripts", Run: npm},
	{Name: "bun", Flags: npmFlags, Kind: Changed, Man: "Bun documentation", Doc: "installs packages below node_modules, runs scripts", Run: npm},
	{Name: "npx", Alias: []string{"bunx", "pnpx"}, Flags: "-first p:c:yq --package=p: --call=c: --yes=y --no-install --no --quiet=q --ignore-existing --prefix: -any", Kind: Changed, Man: "npm documentation: npx", Doc: "runs a program of a package", Run: runsRest},
	{Name: "node", Alias: []string{"nodejs", "ts-node", "tsx", "deno", "coffee"}, Flags: "-first r:e:p:cvih -any --require=r: --eval=e: --print=p: --import: --loader: --env-file: --max-old-space-size: --version=v --check=c", Kind: Changed, Man: "node(1)",
		Doc: "runs a program", Run: interpreter("e", "p")},
	{Name: "nvm", Alias: []string{"n", "fnm", "volta", "rbenv", "rvm", "pyenv", "asdf", "mise", "phpenv", "goenv", "sdk", "jabba", "chruby"}, Flags: "-any -first", Kind: Changed, Man: "the tools' own documentation",
		Doc: "installs and chooses versions of a language", Run: versionTool},
	{Name: "corepack", Flags: "-any", Kind: Changed, Man: "Corepack documentation", Doc: "provides yarn and pnpm", Run: builds("corepack", "", "")},
	{Name: "bundle", Alias: []string{"bundler"}, Flags: "-first -any", Kind: Changed, Man: "bundle(1)", Doc: "installs gems, runs programs of theirs", Run: bundle},
	{Name: "gem", Flags: "v:i:n:P:NfV -any --version=v: --install-dir=i: --bindir=n: --no-document=N --no-ri --no-rdoc --source: --conservative", Kind: Changed, Man: "gem(1)", Doc: "installs gems", Run: builds("gem", "list env environment search query specification which contents dependency outdated sources help", "")},
	{Name: "rake", Flags: "f:R:I:r:T?stqnvPDAgjm -any --rakefile=f: --tasks=T --trace? --silent=s --dry-run=n", Kind: Changed, Man: "rake(1)", Doc: "runs tasks: those of db change data", Run: rake},
	{Name: "rails", Flags: "-first -any", Kind: Changed, Man: "Rails guides: The Rails Command Line", Doc: "runs tasks, starts a server", Run: rails},
	{Name: "ruby", Alias: []string{"jruby"}, Flags: "-first e:r:I:C:E:K?W?cnpvwshyT -any --version", Kind: Changed, Man: "ruby(1)", Doc: "runs a program", Run: interpreter("e")},
	{Name: "composer", Alias: []string{"composer.phar"}, Flags: "d:nqvho -any --working-dir=d: --no-interaction=n --quiet=q --optimize-autoloader=o --install-dir: --filename:", Kind: Changed, Man: "Composer documentation: Command-line interface", Doc: "installs PHP packages below vendor", Run: composer},
	{Name: "php", Alias: versions("php%s", "5 5.6 7 7.0 7.1 7.2 7.3 7.4 8 8.0 8.1 8.2 8.3 8.4 8.5"), Flags: "-first f:r:d:c:S:t:z:B:R:F:E:naCilmsvwheqH --version=v --ini --modules=m --run=r: --define=d: --file=f: --info=i --syntax-check=l --rf: --ri:", Kind: Changed, Man: "php(1)",
		Doc: "runs artisan, bin/console, composer and other programs", Run: php},
	{Name: "artisan", Flags: "-first", Kind: Changed, Man: "Laravel documentation: Artisan", Doc: "changes data and caches, starts workers", Run: func(c *Call) { c.console(c.Argv, c.Args) }},
	{Name: "wp", Alias: []string{"drush", "occ", "console", "drupal", "yii", "magento", "craft", "typo3", "flarum", "spark"}, Flags: "-any", Kind: Changed, Man: "the programs' own documentation",
		Doc: "changes the data of a PHP application", Run: func(c *Call) { c.console(c.Argv, c.Args) }},
	{Name: "pear", Alias: []string{"pecl", "phpize", "php-config"}, Flags: "-any", Kind: Changed, Man: "pecl(1)", Doc: "installs extensions", Run: builds("pecl", "list info config-show channel-update channel-discover", "")},
	{Name: "go", Flags: "-first -single o:C:v", Kind: Changed, Man: "go(1)", Doc: "builds and installs programs", Run: golang},
	{Name: "cargo", Flags: buildFlags + " --manifest-path: --target-dir: --target: --features: --bin: --package: --root: --path: --version: --git: --branch: --tag: --rev: --profile: r", Kind: Changed, Man: "cargo(1)", Doc: "builds below target, installs programs",
		Run: builds("cargo", "test check clippy fmt doc bench search tree metadata version help login verify-project clean", "")},
	{Name: "rustup", Alias: []string{"rustup-init"}, Flags: "-any", Kind: Changed, Man: "rustup documentation", Doc: "installs Rust", Run: builds("rustup", "show which check doc", "")},
	{Name: "rustc", Alias: []string{"javac", "kotlinc", "scalac", "ghc", "ocamlopt", "valac", "swiftc", "fpc", "gfortran", "nasm", "ld", "strip", "ar", "ranlib", "objcopy", "moc", "uic", "protoc", "swig", "bison", "flex", "yacc", "lex"}, Flags: "-any -single o:d:", Kind: Changed,
		Man: "the compilers' manuals", Doc: "compiles", Run: compiler},
	{Name: "gcc", Alias: []string{"cc", "g++", "c++", "clang", "clang++", "gcc-12", "g++-12", "tcc", "emcc"}, Flags: "-any -single o:", Kind: Changed, Man: "gcc(1)", Doc: "compiles to -o", Run: compiler},
	{Name: "mvn", Alias: []string{"mvnw", "maven", "mvnd"}, Flags: "f:P:s:D?T:BqUXoeN -any --pl: --projects: --file=f: --settings=s:", Kind: Changed, Man: "Maven documentation", Doc: "builds below target", Run: builds("mvn", "test verify validate dependency:tree", "")},
	{Name: "gradle", Alias: []string{"gradlew"}, Flags: "b:p:c:x:P?D?qiS -any --project-dir=p:", Kind: Changed, Man: "Gradle documentation", Doc: "builds below build", Run: builds("gradle", "test tasks check dependencies projects properties", "")},
	{Name: "ant", Alias: []string{"sbt", "lein", "stack", "cabal", "mix", "rebar3", "dotnet", "nuget", "msbuild", "zig", "swift", "dub", "nimble", "shards", "opam", "dune", "bazel", "buck", "scons", "rebar", "govendor", "luarocks", "R", "Rscript", "cpanm", "cpan", "perlbrew", "carton", "wasm-pack", "flutter", "dart", "tox", "hugo", "jekyll", "mkdocs", "sphinx-build", "zensical", "hexo", "gatsby", "antora", "asciidoctor"},
		Flags: buildFlags, Kind: Changed, Man: "the tools' own documentation", Doc: "builds", Run: builds("", "test version help clean tree deps.tree --version info list show serve-none", "")},
	{Name: "make", Alias: []string{"gmake", "bmake", "ninja", "meson", "qmake", "autoreconf", "autoconf", "automake", "libtoolize", "aclocal", "autoheader", "dh", "debuild", "dpkg-buildpackage", "rpmbuild", "fpm", "nfpm", "checkinstall", "makepkg", "abuild", "dh_make", "gbp", "sbuild", "pbuilder"},
		Flags: "-any C:f:I:j?l?o:W:bBdeikLnpqrRsStvwm --directory=C: --file=f: --makefile=f: --jobs? --dry-run=n --just-print=n --question=q --silent=s --always-make=B --keep-going=k", Kind: Changed, Man: "make(1)", Doc: "builds targets", Run: makeTool},
	{Name: "cmake", Flags: "-any S:B:D?G:P:E:C:U:T:A:j? --build: --install: --target: --prefix: --config: --component: --parallel?", Kind: Changed, Man: "cmake(1)", Doc: "configures, builds and installs", Run: builds("cmake", "", "")},
	{Name: "configure", Alias: []string{"config.status", "bootstrap.sh", "autogen.sh"}, Flags: "-any", Kind: Changed, Man: "Autoconf manual: Running configure Scripts", Doc: "prepares a build", Run: builds("configure", "", "")},
	{Name: "webpack", Alias: []string{"vite", "grunt", "gulp", "bower", "tsc", "rollup", "esbuild", "parcel", "next", "nuxt", "ng", "vue-cli-service", "lerna", "turbo", "nx", "babel", "sass", "lessc", "uglifyjs", "node-gyp", "react-scripts", "astro", "svelte-kit", "eleventy", "ember", "browserify", "typings", "jspm", "postcss", "tailwindcss", "quasar", "swc", "encore"},
		Flags: "-any c:", Kind: Changed, Man: "the tools' own documentation", Doc: "builds the parts for browsers", Run: webBuild},
	{Name: "eslint", Alias: []string{"prettier", "jest", "mocha", "pytest", "phpunit", "rspec", "flake8", "pylint", "mypy", "black", "ruff", "cypress", "playwright", "karma", "golangci-lint", "rubocop", "shellcheck", "shfmt", "hadolint", "yamllint", "cucumber", "ava", "vitest", "coverage", "nosetests", "ctest", "pre-commit", "isort", "bandit", "trivy", "nosetests3", "py.test", "jshint", "gofmt", "gofumpt", "staticcheck", "phpcs", "phpstan", "stylelint", "commitlint"},
		Flags: "-any", Kind: Mechanics, Man: "the tools' own documentation", Doc: "checks or tests", Run: mechanics},
	{Name: "prisma", Alias: []string{"knex", "sequelize", "sequelize-cli", "typeorm", "drizzle-kit", "mikro-orm", "db-migrate", "node-pg-migrate", "flyway", "liquibase", "goose", "dbmate", "migrate", "sqitch", "phinx", "doctrine", "atlas", "sqlx", "diesel", "sea-orm-cli", "refinery", "yoyo", "aerich", "sql-migrate"},
		Flags: "-any", Kind: Changed, Man: "the tools' own documentation", Doc: "changes a database's schema", Run: migrateTool},
	{Name: "java", Flags: "-first -single -any --cp: --classpath: --jar: --version D?X?", Kind: Changed, Man: "java(1)", Doc: "runs a program", Run: java},
}

// language records that a tool builds or installs. What are its arguments.
func (c *Call) language(tool, action string, args []value.Value) *host.Effect {
	c.Outcome = Changed
	env := c.venv()
	e := &host.Effect{Op: host.Language, Manager: tool, Action: action, What: Line(args), Path: env}
	if env != "" {
		e.Env = env
	}
	return c.Record(e)
}

// delegate runs another command line in place of this one.
func (c *Call) delegate(argv []value.Value) {
	if c.Sh == nil || len(argv) == 0 {
		c.asked(c.Name)
		return
	}
	c.Status = c.Sh.Call(c, c.Actor, argv)
}

// runsRest is a Run of a tool that runs the program its operands are.
func runsRest(c *Call) {
	if len(c.Args) == 0 {
		c.asked(c.Name)
		return
	}
	argv := append([]value.Value(nil), c.Args...)
	if n, _, ok := strings.Cut(strings.TrimPrefix(argv[0].String(), "@"), "@"); ok && argv[0].Known() && !strings.HasPrefix(argv[0].String(), "@") {
		argv[0] = value.Text(n)
	}
	if Lookup(path.Base(argv[0].String())) == nil {
		c.language(c.Name, "run", c.Argv[1:])
		return
	}
	c.delegate(argv)
}

var writesFiles = lazyregexp.New(`open\([^)]*,\s*['"][wax]|\bos\.(system|remove|rename|mkdir|makedirs|unlink|popen|chmod|chown)|subprocess|shutil|\.write\(|write_text|writeFile|execSync|spawn|child_process|file_put_contents|\bsystem\(|\bexec\(|File\.write|FileUtils|unlink|psycopg|sqlite3|MySQLdb|create_all|\.save\(`)

// inline is code in the command line or from standard input: it only computes
// unless it calls something that writes.
func (c *Call) inline(code value.Value, known bool) {
	if known && code.Known() && !writesFiles.MatchString(code.String()) {
		c.asked(c.Name)
		return
	}
	c.Out = c.Hole(value.Output, c.Name)
	if known {
		c.Opaque("code of " + c.Name + " in the script that changes something is not read")
		c.Record(&host.Effect{Op: host.Opaque, Name: c.Name, What: Line(c.Argv[:1])})
		return
	}
	c.Outcome = Changed
	c.Record(&host.Effect{Op: host.RunCode, Manager: c.Name, Path: c.In.From, URL: c.In.Net, What: Line(c.Argv)})
}

// operands are the words that are no options, nor the values of those named.
func operands(words []value.Value, withValue ...string) []value.Value {
	var out []value.Value
	skip := false
	for _, w := range words {
		t := w.Best().Prefix()
		switch {
		case skip:
			skip = false
		case strings.HasPrefix(t, "-") && len(t) > 1:
			for _, o := range withValue {
				skip = skip || t == o
			}
		default:
			out = append(out, w)
		}
	}
	return out
}

// migrate records a command against data.
func (c *Call) migrate(argv []value.Value) *host.Effect {
	c.Outcome = Changed
	return c.Record(&host.Effect{Op: host.Migrate, What: Line(argv), Env: c.venv()})
}

// migrates is a Run of a tool some of whose subcommands change a schema.
func migrates(change, pure string) func(*Call) {
	return func(c *Call) {
		verb, _ := c.verb()
		switch {
		case among(change, verb):
			c.migrate(c.Argv)
		case among(pure, verb), verb == "", c.isHelp():
			c.asked(c.Name)
		default:
			c.migrate(c.Argv)
		}
	}
}

// migrateTool: generating code is a build step.
func migrateTool(c *Call) {
	verb, rest := c.verb()
	switch {
	case c.isHelp() || len(c.Args) == 0 || among("status info validate version studio format history list current db:version prepare check", verb):
		c.asked(c.Name)
	case verb == "generate" || strings.HasPrefix(verb, "migration:") || among("init new create", verb) && len(rest) < 3:
		c.language(c.Name, verb, c.Argv[1:])
	default:
		c.migrate(c.Argv)
	}
}

var (
	dataProgram   = lazyregexp.New(`(?i)migrat|(setup|create|init|sync|load|seed|update|upgrade|populate|import|install).*db|db.*(setup|create|init|sync|seed|upgrade|update)|database|schema|fixtures|loaddata|seed|alembic`)
	serverProgram = lazyregexp.New(`(?i)^(app|main|server|run|runserver|wsgi|asgi|bot|daemon|worker|index|start|serve|service|api|web|www|manage|celery|cli|bin|launcher|listener|consumer)([-_.]|$)|server|daemon|bot\.|worker`)
)

// program runs a program that an interpreter reads. What it does is told by its
// name alone: it changes data, it stays, or it is code that was not read.
func (c *Call) program(script value.Value, argv []value.Value) {
	c.Outcome = Changed
	name := path.Base(script.String())
	switch {
	case dataProgram.MatchString(name):
		c.migrate(argv)
	case serverProgram.MatchString(name):
		c.Record(&host.Effect{Op: host.StartOp, Name: name, What: Line(argv), Path: c.Path(script), Env: c.venv()})
	default:
		n := c.node(script)
		e := &host.Effect{Op: host.RunCode, Manager: c.Name, Path: c.Path(script), Val: c.abs(script), Content: n.Content, What: Line(argv), Env: c.venv()}
		if n.Content != nil {
			e.URL = n.Content.URL
		}
		c.Record(e)
		c.Detail = "the program is not read"
	}
	c.Out = c.Hole(value.Output, name)
}

// interpreter is a Run of an interpreter; the options named take code.
func interpreter(code ...string) func(*Call) {
	return func(c *Call) {
		v, isCode := c.Flag(code...)
		switch {
		case c.isHelp() || c.Has("v") && len(c.Args) == 0 || c.Has("c", "i") && len(c.Args) > 0 && c.Name == "ruby":
			c.asked(c.Name)
		case isCode:
			c.inline(v, true)
		case len(c.Args) == 0 || c.Args[0].Is("-"):
			c.inline(c.In.Text, c.In.Known)
		default:
			script := c.Args[0]
			if b := path.Base(script.String()); Lookup(b) != nil && !strings.Contains(b, ".") && strings.Contains(script.String(), "/") { // bin/rails, node_modules/.bin/tsc
				c.delegate(c.Args)
				return
			}
			c.program(script, c.Argv)
		}
	}
}

var (
	phpCopy   = lazyregexp.New(`\bcopy\(\s*['"]([^'"]+://[^'"]+)['"]\s*,\s*['"]([^'"]+)['"]`)
	phpUnlink = lazyregexp.New(`\bunlink\(\s*['"]([^'"]+)['"]`)
	phpHash   = lazyregexp.New(`\bhash_file\(\s*['"]\w+['"]\s*,\s*['"]([^'"]+)['"]`)
)
