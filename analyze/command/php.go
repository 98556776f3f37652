package command

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/value"
)

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

var consolePure = lazyregexp.New(`^(list|help|about|tinker|env|inspire|route:list|event:list|schedule:list|queue:failed|queue:monitor|migrate:status|config:show|model:show|debug:.*|lint:.*|make:.*|test|status|-V|--version|core:version|pm:list|option:get|.*:show|.*:list|maintenance:status|doctor)$`)

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
