package command

import (
	"path"
	"regexp"
	"strings"

	"github.com/nativize/nativize/analyze/host"
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

// venv is the virtual environment that a Python program belongs to: by its path,
// else the active one.
func (c *Call) venv() string {
	if dir, ok := envOf(c.Argv[0].Best()); ok {
		return c.Abs(dir).String()
	}
	if v := c.shellVar("VIRTUAL_ENV"); v != "" && !strings.HasPrefix(v, "${VIRTUAL_ENV") {
		return v
	}
	return ""
}

// envOf is the directory above bin in the path of a program, false when that is
// the system's.
func envOf(p value.Str) (value.Str, bool) {
	text := p.String()
	i := strings.LastIndex(text, "/bin/")
	if i < 0 || strings.Contains(text[i+5:], "/") {
		return value.Str{}, false
	}
	dir := text[:i]
	if dir == "" || dir == "/usr" || dir == "/usr/local" || strings.HasPrefix(dir, "/usr/lib") || strings.HasSuffix(dir, "/.local") || strings.HasPrefix(dir, "/opt/homebrew") {
		return value.Str{}, false
	}
	return p.Dir().Dir(), true
}

// makeVenv makes a virtual environment. Its activate script is known, so that a
// script that reads it gets the variables.
func (c *Call) makeVenv(dir value.Value) {
	if c.isHelp() || dir.IsEmpty() == value.Yes {
		c.asked(c.Name)
		return
	}
	c.Outcome = Changed
	if c.Name == "mkvirtualenv" {
		dir = join(value.Concat(c.Hole(value.Env, "HOME"), value.Text("/.virtualenvs")), dir)
	}
	p := c.abs(dir)
	c.Record(&host.Effect{Op: host.System, Name: "virtual-environment", Action: "create", Path: p.String(), Val: p, What: Line(c.Argv)})
	c.Tree(p.Best(), &host.Content{Kind: host.Built, At: c.At}, false)
	for _, n := range []string{"python", "python3", "pip", "pip3"} {
		c.Lay(p.Best().Concat(value.TextStr("/bin/"+n)), &host.Node{Kind: host.AnyKind, Presence: value.Yes, Owner: c.User, Group: c.User, Content: &host.Content{Kind: host.Built}})
	}
	text := value.Concat(value.Concat(value.Text("VIRTUAL_ENV='"), p), value.Text("'\nexport VIRTUAL_ENV\nPATH=\"$VIRTUAL_ENV/bin:$PATH\"\nexport PATH\ndeactivate() { unset VIRTUAL_ENV; }\n"))
	c.Lay(p.Best().Concat(value.TextStr("/bin/activate")), &host.Node{Kind: host.Regular, Presence: value.Yes, Owner: c.User, Group: c.User, Mode: "0644",
		Content: &host.Content{Kind: host.Literal, Text: text, At: c.At}})
	if c.Name == "mkvirtualenv" && c.Sh != nil {
		c.Sh.SetVar("VIRTUAL_ENV", p)
	}
}

// built lays directories that a build makes below the working directory, or
// below the one that an option names; one that is there stays.
func (c *Call) built(in value.Value, dirs ...string) {
	for _, d := range dirs {
		p := value.Text(d)
		if in.IsEmpty() != value.Yes {
			p = join(in, p)
		}
		s := c.Abs(p.Best())
		if c.H.Node(c.Where, s.String()).Presence != value.Yes {
			c.Tree(s, &host.Content{Kind: host.Built, At: c.At}, false)
		}
	}
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

// builds is a Run of a build tool: subcommands in pure do nothing that is kept,
// those in run run the rest. tool "" is the name of the command.
func builds(tool, pure, run string) func(*Call) {
	return func(c *Call) {
		name := tool
		if name == "" {
			name = c.Name
		}
		verb, rest := c.verb()
		switch {
		case c.isHelp():
			c.asked(name)
		case among(run, verb):
			c.delegate(rest)
		case onlyVerbs(pure, c.Args):
			c.Outcome = Mechanics
			c.Out = c.Hole(value.Output, name)
		default:
			e := c.language(name, verb, c.Argv[1:])
			if e.Env == "" {
				e.Path = c.Abs(value.TextStr(".")).String()
			}
			c.built(value.Value{}, outputs[name]...)
		}
	}
}

// outputs are the directories that a tool makes below its project.
var outputs = map[string][]string{"cargo": {"target"}, "mvn": {"target"}, "gradle": {"build"}, "sbt": {"target"}, "lein": {"target"}, "mix": {"_build", "deps"},
	"hugo": {"public"}, "jekyll": {"_site"}, "mkdocs": {"site"}, "gatsby": {"public"}, "bower": {"bower_components"}, "zensical": {"site"}}

// onlyVerbs tells whether there are operands and all are in a list.
func onlyVerbs(list string, words []value.Value) bool {
	if len(words) == 0 {
		return false
	}
	for _, w := range words {
		if !among(list, w.String()) {
			return false
		}
	}
	return true
}

func pip(c *Call) {
	verb, rest := c.verb()
	switch {
	case c.Has("V", "version"), len(c.Args) == 0, among("list show freeze check config cache index debug hash search help inspect completion", verb):
		c.asked("pip_" + verb)
		if verb == "show" && len(rest) > 0 {
			c.Status = Asks(value.Maybe, &Cond{Op: Other, Fresh: value.No, Text: "the Python package " + rest[0].String() + " is installed"})
		}
	default:
		e := c.language("pip", verb, c.Argv[1:])
		if t, ok := c.Flag("t"); ok {
			e.Path = c.Path(t)
		}
		if verb == "install" {
			c.provideNames(rest)
		}
	}
}

// provideNames makes programs callable that have the names of packages.
func (c *Call) provideNames(words []value.Value) {
	for _, w := range words {
		n, _, _ := strings.Cut(w.String(), "[")
		if i := strings.IndexAny(n, "=<>~!@"); i > 0 {
			n = n[:i]
		}
		if n != "" && !strings.ContainsAny(n, "/.$:") {
			c.Provide(n)
		}
	}
}

func uv(c *Call) {
	verb, rest := c.verb()
	switch {
	case verb == "pip" && len(rest) > 0:
		if among("list show freeze check tree", rest[0].String()) {
			c.asked("uv_pip")
			return
		}
		e := c.language("pip", rest[0].String(), append([]value.Value{value.Text("uv")}, c.Argv[1:]...))
		if p, ok := c.Flag("python", "p"); ok {
			if dir, is := envOf(p.Best()); is {
				e.Env = c.Abs(dir).String()
			} else if strings.Contains(p.String(), "/") {
				e.Env = c.Path(p)
			}
			e.Path = e.Env
		}
	case verb == "venv":
		dir := value.Text(".venv")
		if len(rest) > 0 {
			dir = rest[0]
		}
		c.makeVenv(dir)
	case verb == "run" && len(rest) > 0:
		c.delegate(rest)
	case verb == "sync":
		c.project("uv", ".venv")
	default:
		builds("uv", "tree version export help cache", "")(c)
	}
}

// project records a tool that installs into an environment of the project.
func (c *Call) project(tool, env string) {
	e := c.language(tool, c.Arg(0), c.Argv[1:])
	if e.Env == "" && env != "" {
		e.Env = c.Abs(value.TextStr(env)).String()
		e.Path = e.Env
	}
	c.built(value.Value{}, env)
}

func projectTool(tool, env string) func(*Call) {
	return func(c *Call) {
		name := tool
		if name == "" {
			name = c.Name
		}
		verb, rest := c.verb()
		switch {
		case among("run", verb):
			c.delegate(rest)
		case among("show env config check search version list about graph shell", verb), c.isHelp(), len(c.Args) == 0:
			c.asked(name + "_" + verb)
		case among("install sync update add", verb):
			c.project(name, env)
		default:
			c.language(name, verb, c.Argv[1:])
		}
	}
}

var writesFiles = regexp.MustCompile(`open\([^)]*,\s*['"][wax]|\bos\.(system|remove|rename|mkdir|makedirs|unlink|popen|chmod|chown)|subprocess|shutil|\.write\(|write_text|writeFile|execSync|spawn|child_process|file_put_contents|\bsystem\(|\bexec\(|File\.write|FileUtils|unlink|psycopg|sqlite3|MySQLdb|create_all|\.save\(`)

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

func python(c *Call) {
	for _, o := range c.Opts { // what follows the first of these is the program's
		switch o.Name {
		case "c":
			c.inline(o.Val, true)
			return
		case "m":
			c.module(o.Val.String(), afterOption(c.Argv, "-m"))
			return
		}
	}
	switch {
	case c.Has("V", "h", "version"):
		c.asked("python_version")
	case len(c.Args) == 0 || c.Args[0].Is("-"):
		c.inline(c.In.Text, c.In.Known)
	default:
		c.pythonScript(c.Args[0], c.Args[1:])
	}
}

// afterOption are the words behind an option and its value.
func afterOption(argv []value.Value, name string) []value.Value {
	for i, w := range argv {
		switch t := w.Best().Prefix(); {
		case t == name:
			return argv[min(i+2, len(argv)):]
		case strings.HasPrefix(t, name):
			return argv[i+1:]
		}
	}
	return nil
}

func (c *Call) pythonScript(script value.Value, args []value.Value) {
	switch name := path.Base(script.String()); {
	case name == "manage.py" || name == "django-admin.py":
		c.manage(c.Argv, args)
	case name == "setup.py":
		c.setupPy(args)
	case name == "get-pip.py":
		c.language("pip", "bootstrap", c.Argv[1:])
		c.Provide("pip")
	case Lookup(name) != nil && !strings.HasSuffix(name, ".py"): // bin/pip run by an interpreter
		c.delegate(append([]value.Value{script}, args...))
	default:
		c.program(script, c.Argv)
	}
}

// module is python -m: one that has a model runs as the program of its name in
// the same environment.
func (c *Call) module(name string, args []value.Value) {
	switch name {
	case "venv", "virtualenv":
		dirs := operands(args, "--prompt", "-p", "--python")
		if len(dirs) == 0 {
			c.asked("python")
			return
		}
		for _, d := range dirs {
			c.makeVenv(d)
		}
		return
	case "http.server", "SimpleHTTPServer", "smtpd":
		c.start(name)
		return
	case "json.tool", "site", "sysconfig", "platform", "unittest", "timeit", "pytest", "this", "base64", "calendar", "py_compile", "compileall", "doctest":
		c.asked("python_" + name)
		return
	case "ensurepip", "build", "PyInstaller", "nuitka", "zipapp", "playwright", "spacy", "nltk.downloader", "cython":
		c.language(name, "", c.Argv[1:])
		return
	case "django":
		c.manage(c.Argv, args)
		return
	}
	if Lookup(name) == nil {
		c.program(value.Text(name), c.Argv)
		return
	}
	prog := value.Text(name)
	if _, ok := envOf(c.Argv[0].Best()); ok {
		prog = join(c.Argv[0].Map(value.Str.Dir), prog)
	}
	c.delegate(append([]value.Value{prog}, args...))
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

func (c *Call) setupPy(args []value.Value) {
	verbs := operands(args)
	if len(verbs) == 0 || onlyVerbs("test check clean --version flake8 nosetests lint", verbs) {
		c.asked("setup.py")
		return
	}
	c.language("python setup.py", verbs[0].String(), args)
	c.built(value.Value{}, "build")
}

const managePure = "check test shell shell_plus dbshell showmigrations sqlmigrate diffsettings help inspectdb sqlall sql show_urls testserver validate version print_settings ping"

// manage is Django's manage.py.
func (c *Call) manage(argv, args []value.Value) {
	ops := operands(args, "--settings", "--pythonpath", "-v", "--verbosity", "-b", "-p")
	verb := ""
	if len(ops) > 0 {
		verb = ops[0].String()
	}
	switch {
	case verb == "" || among(managePure, verb):
		c.asked("manage.py_" + verb)
	case among("collectstatic compress compilemessages makemessages compilescss build_static assets rebuild_static compilejsi18n", verb):
		e := c.language(verb, verb, argv)
		e.Env = c.venv()
	case among("runserver runserver_plus runfcgi runworker rqworker celery celeryd celerybeat celerycam qcluster process_tasks run_gunicorn rungunicorn daphne start_server rundramatiq run_huey", verb):
		c.start(verb)
	case verb == "dumpdata" || verb == "dbbackup":
		c.asked("manage.py_" + verb)
		c.Outcome = Mechanics
		c.Record(&host.Effect{Op: host.Backup, What: Line(argv)})
	default:
		c.migrate(argv)
	}
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

func flask(c *Call) {
	verb, rest := c.verb()
	switch {
	case verb == "run":
		c.start("flask")
	case verb == "db" && len(rest) > 0 && among("current history heads show migrate init revision", rest[0].String()):
		c.asked("flask_db")
	case verb == "routes" || verb == "shell" || verb == "" || c.isHelp():
		c.asked("flask")
	case verb == "assets" || verb == "translate":
		c.language("flask", verb, c.Argv[1:])
	default:
		c.migrate(c.Argv)
	}
}

var (
	dataProgram   = regexp.MustCompile(`(?i)migrat|(setup|create|init|sync|load|seed|update|upgrade|populate|import|install).*db|db.*(setup|create|init|sync|seed|upgrade|update)|database|schema|fixtures|loaddata|seed|alembic`)
	serverProgram = regexp.MustCompile(`(?i)^(app|main|server|run|runserver|wsgi|asgi|bot|daemon|worker|index|start|serve|service|api|web|www|manage|celery|cli|bin|launcher|listener|consumer)([-_.]|$)|server|daemon|bot\.|worker`)
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

func java(c *Call) {
	jar, isJar := c.Flag("jar")
	switch {
	case isJar:
		c.program(jar, c.Argv)
	case c.isHelp() || c.Has("version", "-version") || len(c.Args) == 0:
		c.asked("java")
	default:
		c.start(path.Base(c.Arg(0)))
	}
}

const npmPure = "ls list view info show outdated version whoami config get set bin root prefix search help explain why audit doctor ping login logout pack publish docs repo bugs fund owner licenses init create cache store"

func npm(c *Call) {
	verb, rest := c.verb()
	if verb == "workspace" && len(rest) > 1 || verb == "global" && len(rest) > 0 {
		if verb == "workspace" {
			rest = rest[1:]
		}
		verb, rest = rest[0].String(), rest[1:]
	}
	tool := map[string]string{"cnpm": "npm", "yarnpkg": "yarn"}[c.Name]
	if tool == "" {
		tool = c.Name
	}
	switch {
	case c.isHelp():
		c.asked(tool)
	case verb == "" && (tool == "yarn" || len(c.Args) > 0), among("install i ci add isntall clean-install update up upgrade rebuild prune dedupe uninstall remove rm un r link import shrinkwrap fetch deploy install-test it", verb):
		c.nodeModules(tool, verb, rest)
	case verb == "" || among(npmPure, verb):
		c.asked(tool)
		if among("config cache set store", verb) {
			c.Outcome = Mechanics
		}
	case among("exec x dlx", verb):
		c.Args = rest
		runsRest(c)
	case among("run run-script", verb) && len(rest) > 0:
		c.npmScript(tool, rest[0].String())
	case among("start stop restart test t build", verb) || tool != "npm":
		c.npmScript(tool, verb)
	default:
		c.language(tool, verb, c.Argv[1:])
	}
}

// nodeModules: packages go below node_modules, with -g to the system.
func (c *Call) nodeModules(tool, verb string, rest []value.Value) {
	e := c.language(tool, verb, c.Argv[1:])
	dir, _ := c.Flag("prefix", "C", "cwd", "dir")
	if c.Has("g") || c.Name == "yarn" && c.Arg(0) == "global" {
		c.provideNames(rest)
		return
	}
	c.built(dir, "node_modules")
	e.Path = c.Path(join(orDot(dir), value.Text("node_modules")))
}

func orDot(v value.Value) value.Value {
	if v.IsEmpty() == value.Yes {
		return value.Text(".")
	}
	return v
}

// npmScript runs a script of package.json: what it does is told by its name.
func (c *Call) npmScript(tool, name string) {
	switch {
	case name == "test" || name == "t" || strings.HasPrefix(name, "lint") || strings.HasPrefix(name, "test:") || name == "typecheck" || name == "format":
		c.Outcome = Mechanics
	case name == "start" || name == "serve" || name == "stop" || name == "restart" || strings.HasPrefix(name, "start:") || strings.HasPrefix(name, "serve:"):
		if name == "stop" {
			c.setting("process")
			return
		}
		c.start(tool)
	case dataProgram.MatchString(name):
		c.migrate(c.Argv)
	default:
		c.language(tool, name, c.Argv[1:])
		if strings.Contains(name, "build") || name == "prod" || name == "production" {
			dir, _ := c.Flag("prefix", "C", "cwd", "dir")
			c.built(dir, "dist", "build")
		}
	}
}

func webBuild(c *Call) {
	verb, _ := c.verb()
	switch {
	case c.isHelp():
		c.asked(c.Name)
	case verb == "serve" || verb == "preview" || verb == "start" || verb == "dev":
		c.start(c.Name)
	default:
		c.language(c.Name, verb, c.Argv[1:])
	}
}

func versionTool(c *Call) {
	verb, _ := c.verb()
	switch {
	case c.isHelp() || among("ls list current which version versions root where ls-remote list-remote prefix commands env init", verb):
		c.asked(c.Name)
	case among("use local global shell alias default rehash reload activate deactivate set requirements get gemset reshim", verb):
		c.Outcome = Mechanics
	case among("exec run do", verb) && len(c.Args) > 1:
		rest := c.Args[1:]
		if verb != "exec" || c.Name == "nvm" || c.Name == "rvm" {
			rest = rest[min(1, len(rest)-1):]
		}
		c.delegate(rest)
	default:
		c.language(c.Name, verb, c.Argv[1:])
		if c.Name == "nvm" || c.Name == "n" || c.Name == "fnm" {
			c.Provide("node")
			c.Provide("npm")
		}
	}
}

func bundle(c *Call) {
	verb, rest := c.verb()
	switch {
	case verb == "exec":
		for len(rest) > 0 && strings.HasPrefix(rest[0].String(), "-") {
			rest = rest[1:]
		}
		c.delegate(rest)
	case verb == "check":
		c.asked("bundle")
		c.Status = Asks(value.Maybe, &Cond{Op: Other, Fresh: value.No, Text: "the gems are installed"})
	case c.isHelp() || among("list show info outdated version help env platform doctor open console", verb):
		c.asked("bundle")
	case verb == "config":
		c.Outcome = Mechanics
	default:
		c.language("bundle", verb, c.Argv[1:])
		c.built(value.Value{}, "vendor/bundle")
	}
}

func rake(c *Call) {
	if c.Has("T", "P", "n", "D", "A") || c.isHelp() {
		c.asked("rake")
		return
	}
	c.rakeTasks("rake", c.Args)
}

// rakeTasks: tasks of db change data, others build; assignments are none.
func (c *Call) rakeTasks(tool string, tasks []value.Value) {
	for _, t := range tasks {
		n := t.String()
		if strings.HasPrefix(n, "db:") || dataProgram.MatchString(n) {
			c.migrate(c.Argv)
			return
		}
	}
	verb := ""
	if len(tasks) > 0 {
		verb = tasks[0].String()
	}
	c.language(tool, verb, c.Argv[1:])
}

func rails(c *Call) {
	verb, rest := c.verb()
	switch {
	case among("server s", verb):
		c.start("rails")
	case c.isHelp() || among("console c dbconsole db routes about notes stats test version secret", verb):
		c.asked("rails")
	case among("runner r", verb):
		c.migrate(c.Argv)
	default:
		c.rakeTasks("rails", append([]value.Value{value.Text(verb)}, rest...))
	}
}

func composer(c *Call) {
	verb, rest := c.verb()
	switch {
	case c.isHelp() || len(c.Args) == 0 || among("show info search validate about diagnose licenses outdated prohibits suggests status list help browse home check-platform-reqs audit fund depends why why-not", verb):
		c.asked("composer")
	case among("config clear-cache clearcache clear cc self-update selfupdate", verb):
		c.Outcome = Mechanics
	case verb == "create-project" && len(rest) > 1:
		e := c.language("composer", verb, c.Argv[1:])
		e.Path = c.Path(rest[1])
		c.Tree(c.Abs(rest[1].Best()), &host.Content{Kind: host.Checkout, URL: rest[0].String(), At: c.At}, false)
	default:
		c.language("composer", verb, c.Argv[1:])
		dir, _ := c.Flag("d")
		if verb != "global" {
			c.built(dir, "vendor")
		}
	}
}

func php(c *Call) {
	code, isCode := c.Flag("r")
	file, isFile := c.Flag("f")
	switch {
	case isCode:
		c.phpCode(code)
	case c.Has("S"):
		c.start("php")
	case c.Has("v", "m", "i", "l", "h", "ini", "ri", "rf"):
		c.asked("php")
	case isFile:
		c.phpScript(file, c.Args)
	case len(c.Args) == 0 || c.Args[0].Is("-"):
		c.inline(c.In.Text, c.In.Known)
	default:
		c.phpScript(c.Args[0], c.Args[1:])
	}
}

var (
	phpCopy   = regexp.MustCompile(`\bcopy\(\s*['"]([^'"]+://[^'"]+)['"]\s*,\s*['"]([^'"]+)['"]`)
	phpUnlink = regexp.MustCompile(`\bunlink\(\s*['"]([^'"]+)['"]`)
	phpHash   = regexp.MustCompile(`\bhash_file\(\s*['"]\w+['"]\s*,\s*['"]([^'"]+)['"]`)
)

// phpCode is php -r, as instructions for installing Composer use it: copy()
// downloads, hash_file() verifies, unlink() removes.
func (c *Call) phpCode(code value.Value) {
	text := code.String()
	down, gone, sum := phpCopy.FindStringSubmatch(text), phpUnlink.FindStringSubmatch(text), phpHash.FindStringSubmatch(text)
	switch {
	case down != nil:
		c.download(value.Text(down[1]), value.Text(down[2]), nil)
	case sum != nil:
		c.markVerified(value.Text(sum[1]))
		c.Outcome, c.Out = Mechanics, c.Hole(value.Output, "hash")
	case gone != nil:
		c.Remove(value.Text(gone[1]), false)
	default:
		c.inline(code, true)
	}
}

func (c *Call) phpScript(script value.Value, args []value.Value) {
	switch name := path.Base(script.String()); name {
	case "artisan", "console", "occ", "yii", "spark", "wp-cli.phar", "wp", "drush", "magento", "craft", "think", "typo3", "flarum", "maintenance.php", "phinx":
		c.console(c.Argv, args)
	case "composer", "composer.phar":
		c.delegate(append([]value.Value{value.Text("composer")}, args...))
	case "composer-setup.php", "installer":
		c.composerSetup(script, args)
	default:
		c.program(script, c.Argv)
	}
}

// composerSetup is Composer's installer: --install-dir and --filename say where
// the program goes.
func (c *Call) composerSetup(script value.Value, args []value.Value) {
	dir, name := value.Text("."), value.Text("composer.phar")
	for i, a := range args {
		t := a.Best().Prefix()
		next := value.Value{}
		if i+1 < len(args) {
			next = args[i+1]
		}
		switch {
		case strings.HasPrefix(t, "--install-dir="):
			dir = afterEquals(a)
		case strings.HasPrefix(t, "--filename="):
			name = afterEquals(a)
		case t == "--install-dir":
			dir = next
		case t == "--filename":
			name = next
		}
	}
	n := c.node(script)
	e := &host.Effect{Op: host.RunCode, Manager: "php", Path: c.Path(script), Content: n.Content, What: Line(c.Argv)}
	if n.Content != nil {
		e.URL = n.Content.URL
	}
	c.Record(e)
	c.Write(join(dir, name), &host.Content{Kind: host.Fetched, URL: "https://getcomposer.org/composer.phar"}, false)
	c.Give(join(dir, name), "", "", "0755")
	c.Provide("composer")
}

var consolePure = regexp.MustCompile(`^(list|help|about|tinker|env|inspire|route:list|event:list|schedule:list|queue:failed|queue:monitor|migrate:status|config:show|model:show|debug:.*|lint:.*|make:.*|test|status|-V|--version|core:version|pm:list|option:get|.*:show|.*:list|maintenance:status|doctor)$`)

// console is the console of a PHP application: what it does changes data or
// caches; workers stay.
func (c *Call) console(argv, args []value.Value) {
	ops := operands(args, "--env", "-e", "--path", "--root", "-r", "--uri")
	verb := ""
	if len(ops) > 0 {
		verb = ops[0].String()
	}
	switch {
	case verb == "" || consolePure.MatchString(verb):
		c.asked("console_" + verb)
	case among("serve server:run server:start queue:work queue:listen schedule:work horizon octane:start reverb:start websockets:serve messenger:consume short-schedule:run", verb):
		c.start(verb)
	case among("down up maintenance:enable maintenance:disable maintenance:mode", verb):
		c.Outcome = Mechanics
	case among("queue:restart horizon:terminate octane:reload octane:stop messenger:stop-workers", verb):
		c.setting("workers")
	case among("assets:install asset-map:compile importmap:install vendor:publish ziggy:generate", verb):
		c.language(verb, verb, argv)
	default:
		c.migrate(argv)
	}
}

func golang(c *Call) {
	verb, rest := c.verb()
	if c.isHelp() || among("version env doc list vet fmt test clean tool help bug fix mod work telemetry", verb) && verb != "mod" || len(c.Args) == 0 {
		c.asked("go_" + verb)
		return
	}
	if verb == "run" {
		ops := operands(rest, "-ldflags", "-tags", "-mod", "-modfile")
		if len(ops) > 0 {
			c.program(ops[0], c.Argv)
			return
		}
	}
	e := c.language("go", verb, c.Argv[1:])
	if out, ok := option(rest, "-o"); ok && verb == "build" {
		e.Path = c.Path(out)
		c.layBuilt(out)
	}
}

// option is the value of an option among words.
func option(words []value.Value, name string) (value.Value, bool) {
	for i, w := range words {
		t := w.Best().Prefix()
		if t == name && i+1 < len(words) {
			return words[i+1], true
		}
		if strings.HasPrefix(t, name+"=") {
			return afterEquals(w), true
		}
	}
	return value.Value{}, false
}

// layBuilt lays a program that a compiler makes.
func (c *Call) layBuilt(p value.Value) {
	if c.node(p).Kind == host.Dir || endsWith(p, "/") {
		return
	}
	c.Lay(p.Best(), &host.Node{Kind: host.Regular, Presence: value.Yes, Owner: c.User, Group: c.User, Mode: "0755", Content: &host.Content{Kind: host.Built, At: c.At}})
}

func compiler(c *Call) {
	if c.isHelp() || c.Has("dumpmachine", "dumpversion", "print-file-name") || len(c.Args) == 0 {
		c.asked(c.Name)
		return
	}
	e := c.language(c.Name, "", c.Argv[1:])
	if out, ok := c.Flag("o"); ok {
		e.Path = c.Path(out)
		c.layBuilt(out)
	}
}

func makeTool(c *Call) {
	switch {
	case c.isHelp() || c.Has("n", "q", "p") && c.Name != "meson" && c.Name != "fpm":
		c.asked(c.Name)
	case onlyVerbs("test tests check clean distclean mrproper help lint fmt format vet mostlyclean", withoutAssigns(c.Args)):
		c.Outcome = Mechanics
	default:
		tool := c.Name
		if tool == "gmake" || tool == "bmake" {
			tool = "make"
		}
		verb := ""
		if ops := withoutAssigns(c.Args); len(ops) > 0 {
			verb = ops[0].String()
		}
		e := c.language(tool, verb, c.Argv[1:])
		dir, _ := c.Flag("C")
		e.Path = c.Path(orDot(dir))
	}
}

// withoutAssigns drops NAME=VALUE.
func withoutAssigns(words []value.Value) []value.Value {
	var out []value.Value
	for _, w := range words {
		if !strings.Contains(w.String(), "=") {
			out = append(out, w)
		}
	}
	return out
}
