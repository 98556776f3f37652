package command

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/value"
)

// services are the commands that start, stop and enable services. Managers are
// systemd, sysv, upstart, openrc, supervisor, pm2, forever, monit, runit, s6,
// launchd, and other for a server's own control program.
var services = []*Model{
	{Name: "systemctl", Flags: "H:M:t:p:P:s:n:o:i:halrqflT --user --system --global --now --no-block --no-pager --no-ask-password --quiet=q --force=f --all=a --full=l " +
		"--type=t: --state: --property=p: --value --runtime --root: --image: --host=H: --machine=M: --lines=n: --output=o: --no-reload --no-legend --legend: " +
		"--recursive=r --reverse --failed --plain --signal=s: --kill-who: --kill-whom: --kill-value: --job-mode: --fail --ignore-dependencies --no-wall --wait " +
		"--show-types --show-transaction=T --preset-mode: --message: --check-inhibitors: --help=h --version --dry-run --what: --with-dependencies --after --before " +
		"--boot-loader-entry: --boot-loader-menu: --firmware-setup --marked --mkdir --read-only --stdin --timestamp: --drop-in: --when: --no-warn",
		Kind: Changed, Man: "systemctl(1)", Doc: "enables, starts, stops, restarts, reloads and masks units; asks for their state", Run: systemctl},
	{Name: "service", Flags: "-first --status-all --full-restart --help=h --version h e", Kind: Changed, Man: "service(8)",
		Doc: "runs the action of an init script or unit", Run: service},
	{Name: "invoke-rc.d", Flags: "--quiet --force --try-anyway --disclose-deny --query --no-fallback --skip-systemd-native --help", Kind: Changed, Man: "invoke-rc.d(8)",
		Doc: "runs the action of an init script, as maintainer scripts do", Run: service},
	{Name: "rc-service", Flags: "CcDdeilqsSvZNI:rV: --ifcrashed=c --ifexists=i --ifinactive=N --ifnotstarted=N --ifstarted=s --ifstopped=S --exists=e --list=l --quiet=q --nodeps=D --debug=d --resolve=r " +
		"--verbose=v --dry-run=Z --nocolor=C --help --version", Kind: Changed, Man: "rc-service(8)", Doc: "runs the action of an OpenRC script", Run: service},
	{Name: "/etc/init.d/NAME", Flags: "-any", Kind: Changed, Man: "LSB 5.0, Init Script Actions", Doc: "runs the action of an init script by its path", Run: initScript},
	{Name: "update-rc.d", Flags: "fn --force=f", Kind: Changed, Man: "update-rc.d(8)", Doc: "enables and disables init scripts",
		Run: enables("sysv", 0, 1)},
	{Name: "chkconfig", Flags: "--add: --del: --list? --level: --levels: --type: --override: --no-redirect", Kind: Changed, Man: "chkconfig(8)",
		Doc: "enables and disables init scripts", Run: chkconfig},
	{Name: "rc-update", Flags: "asuqvC --all=a --stack=s --update=u --quiet=q --verbose=v --nocolor=C", Kind: Changed, Man: "rc-update(8)",
		Doc: "enables and disables OpenRC scripts", Run: enables("openrc", 1, 0)},
	{Name: "insserv", Flags: "drvfnp:i:o:c:u:shq -any --default=d --remove=r --force=f", Kind: Changed, Man: "insserv(8)", Doc: "enables init scripts", Run: insserv},
	{Name: "rcctl", Flags: "df --debug=d", Kind: Changed, Man: "rcctl(8) of OpenBSD", Doc: "enables and starts services", Run: rcctl},
	{Name: "sysrc", Flags: "-any", Kind: Changed, Man: "sysrc(8) of FreeBSD", Doc: "enables services in rc.conf", Run: sysrc},
	{Name: "initctl", Flags: "nqv --session --system --no-wait=n --quiet=q --verbose=v --dest: --user", Kind: Changed, Man: "initctl(8)",
		Doc: "starts and stops upstart jobs", Run: initctl},
	{Name: "start", Alias: []string{"stop", "restart", "reload", "status"}, Flags: "nqv --session --system --no-wait=n --quiet=q --verbose=v --dest:",
		Kind: Changed, Man: "initctl(8)", Doc: "starts and stops upstart jobs", Run: upstart},
	{Name: "supervisorctl", Flags: "c:s:u:p:r:hi --configuration=c: --serverurl=s: --username=u: --password=p: --history-file=r: --help=h --interactive=i",
		Kind: Changed, Man: "supervisor: Running Supervisor", Doc: "starts, stops and updates programs and groups", Run: supervisorctl},
	{Name: "supervisord", Flags: "nc:e:l:j:d:u:m:y:z:q:a:tksvh --nodaemon=n --configuration=c: --user=u: --loglevel=e: --logfile=l: --pidfile=j: --directory=d: " +
		"--version=v --help=h --silent=s --umask=m: --nocleanup=k", Kind: Changed, Man: "supervisor: Running Supervisor", Doc: "starts the supervisor", Run: starts},
	{Name: "pm2", Flags: "n:i:o:e:l:p:c:u:fmxws -any --name=n: --instances=i: --namespace: --env: --only: --interpreter: --interpreter-args: --node-args: " +
		"--max-memory-restart: --cwd: --output=o: --error=e: --log=l: --log-date-format: --exp-backoff-restart-delay: --restart-delay: --max-restarts: " +
		"--cron-restart: --cron: --watch? --ignore-watch: --uid: --gid: --user=u: --hp: --service-name: --kill-timeout: --listen-timeout: --port: --lines: " +
		"--stop-exit-codes: --log-type: --parallel: --sort: --silent=s --force=f --pid=p: --args: --exec-mode: --shutdown-with-message --update-env",
		Kind: Changed, Man: "pm2 documentation: CLI", Doc: "starts, restarts, saves and removes processes; startup enables pm2 itself", Run: pm2},
	{Name: "forever", Flags: "m:l:o:e:p:c:avdsw -any --uid: --pidFile: --sourceDir: --workingDir: --minUptime: --spinSleepTime: --killSignal: --colors --append=a " +
		"--plain --watch=w --watchDirectory: --watchIgnore:", Kind: Changed, Man: "forever documentation", Doc: "starts and stops processes", Run: forever},
	{Name: "nodemon", Flags: "-any -first", Kind: Changed, Man: "nodemon documentation", Doc: "starts a program", Run: starts},
	{Name: "monit", Flags: "c:d:g:l:p:s:BDItvVhHr -any", Kind: Changed, Man: "monit(1)", Doc: "starts and stops what monit watches", Run: monit},
	{Name: "sv", Alias: []string{"svc", "s6-svc"}, Flags: "vw:udoptcxkhi12aqrT: -any", Kind: Changed, Man: "sv(8), svc(8)", Doc: "controls services of runit, daemontools and s6", Run: sv},
	{Name: "s6-rc", Flags: "v:n:t:l:bpauDdX -any", Kind: Changed, Man: "s6-rc documentation", Doc: "controls s6 services", Run: s6rc},
	{Name: "launchctl", Flags: "wFkS:D:ps -any", Kind: Changed, Man: "launchctl(1)", Doc: "loads and unloads launchd jobs", Run: launchctl},
	{Name: "deb-systemd-helper", Flags: "--quiet --user --system", Kind: Changed, Man: "deb-systemd-helper(1p)", Doc: "enables units as maintainer scripts do", Run: debSystemd},
	{Name: "deb-systemd-invoke", Flags: "--quiet --user --system --no-dbus", Kind: Changed, Man: "deb-systemd-invoke(1p)", Doc: "starts and stops units as maintainer scripts do", Run: debSystemd},
	{Name: "systemd-tmpfiles", Flags: "Eh --create --clean --remove --purge --boot --graceful --prefix: --exclude-prefix: --root: --replace: --image: --user --no-pager --cat-config --dry-run --tldr --help=h --version",
		Kind: Changed, Man: "systemd-tmpfiles(8), tmpfiles.d(5)", Doc: "makes the directories and files that tmpfiles.d files declare",
		Example: "echo 'd /srv/nv 0750 daemon daemon' | systemd-tmpfiles --create -", Run: tmpfiles},
	{Name: "systemd-run", Flags: "-first -any u:p:E:H:M:tPqdrGS --unit=u: --property=p: --setenv=E: --uid: --gid: --nice: --slice: --working-directory: --description: --on-active: " +
		"--on-boot: --on-calendar: --on-startup: --on-unit-active: --timer-property: --service-type: --host=H: --machine=M: --user --system --scope --wait --pipe=P --pty=t --collect=G",
		Kind: Changed, Man: "systemd-run(1)", Doc: "starts a program as a transient unit", Run: systemdRun},
	{Name: "systemd-analyze", Alias: []string{"systemd-escape", "systemd-path", "busctl", "networkctl", "resolvectl"}, Flags: "-any", Kind: Pure,
		Man: "systemd-analyze(1) and others", Doc: "asks about systemd", Run: asks},
	{Name: "start-stop-daemon", Flags: "SKTHVx:n:u:g:p:s:R:r:d:c:a:oqtN:bmk:vCP:I:iO: --start=S --stop=K --status=T --help=H --version=V --exec=x: --name=n: --user=u: " +
		"--group=g: --pidfile=p: --pid: --ppid: --signal=s: --retry=R: --chroot=r: --chdir=d: --chuid=c: --startas=a: --oknodo=o --quiet=q --test=t --nicelevel=N: " +
		"--procsched=P: --iosched=I: --umask=k: --background=b --notify-await --notify-timeout: --make-pidfile=m --remove-pidfile --verbose=v --no-close=C --output=O:",
		Kind: Changed, Man: "start-stop-daemon(8)", Doc: "starts or stops a daemon", Run: startStop},
	{Name: "daemonize", Alias: []string{"daemon"}, Flags: "-first -any a e:o:p:l:u:E:c:v n:", Kind: Changed, Man: "daemonize(1)", Doc: "starts a program to stay", Run: starts},
	{Name: "crontab", Flags: "u:lreinc:sVT", Kind: Changed, Man: "crontab(1), crontab(5)", Doc: "installs, lists or removes an account's table", Run: crontab},
	{Name: "journalctl", Flags: "u:n:p:S:U:D:o:b?t:g:c:M: -any fxeraqklm --unit=u: --lines=n: --since=S: --until=U: --no-pager --output=o: --vacuum-time: --vacuum-size: --rotate --follow=f --user-unit: --priority=p: --boot=b? --identifier=t:",
		Kind: Pure, Man: "journalctl(1)", Doc: "prints the journal", Run: asks},
	{Name: "nginx", Alias: []string{"openresty"}, Flags: "htTqvVs:c:g:p:e: -any", Kind: Changed, Man: "nginx(8)", Doc: "tests the configuration, signals or starts the server", Run: nginx},
	{Name: "apachectl", Alias: []string{"apache2ctl", "httpd", "apache2"}, Flags: "k:f:c:C:D:e:E:d:hlLvVtTSMX -any", Kind: Changed, Man: "apachectl(8)",
		Doc: "tests the configuration, signals or starts the server", Run: apachectl},
	{Name: "php-fpm", Alias: versions("php-fpm%s", "5.6 7.0 7.1 7.2 7.3 7.4 8.0 8.1 8.2 8.3 8.4 8.5"), Flags: "c:d:e:h i m n p:t v y:g:DFROZ -any --fpm-config=y: --pid=g: --daemonize=D --nodaemonize=F --test=t --version=v", Kind: Changed,
		Man: "php-fpm(8)", Doc: "tests the configuration or starts the server", Run: server("t", "v", "i", "m", "h")},
	{Name: "gunicorn", Alias: []string{"gunicorn3", "gunicorn_django", "gunicorn_paster"}, Flags: "b:w:k:c:t:u:g:m:n:p:D -any --bind=b: --workers=w: --worker-class=k: --config=c: --daemon=D --name=n: --pid=p: --chdir: --check-config --user=u: --group=g: --timeout=t: " +
		"--log-file: --log-level: --access-logfile: --error-logfile: --threads: --env: --pythonpath:", Kind: Changed, Man: "gunicorn documentation: Settings", Doc: "starts an application server", Run: server("check-config")},
	{Name: "uwsgi", Flags: "-any -single --reload: --stop: --ini: --socket: --http: --daemonize: --pidfile:", Kind: Changed, Man: "uWSGI documentation", Doc: "starts, reloads or stops an application server", Run: uwsgi},
	{Name: "celery", Flags: "A:b:l:c:Q:n:P:DBE -any --app=A: --broker=b: --workdir: --loglevel=l: --logfile: --pidfile: --concurrency=c: --queues=Q: --hostname=n:", Kind: Changed,
		Man: "Celery documentation: Command Line Interface", Doc: "starts workers; asks or controls them", Run: celery},
	{Name: "uvicorn", Alias: []string{"daphne", "hypercorn", "waitress-serve", "puma", "unicorn", "unicorn_rails", "thin", "sidekiq", "resque", "rackup", "mongrel_rails", "streamlit", "jupyter", "jupyter-lab", "http-server", "serve", "tracd", "twistd", "circusd", "honcho", "foreman", "memcached", "mysqld", "mysqld_safe", "mariadbd", "mongod", "etcd", "consul", "vault", "dockerd", "containerd", "sshd", "crond", "cron", "rsyslogd", "dnsmasq", "slapd", "haproxy", "varnishd", "squid", "lighttpd", "named", "catalina.sh", "startup.sh", "standalone.sh", "rabbitmq-server", "nats-server", "prometheus", "postgres", "vsftpd", "xinetd"},
		Flags: "-any -first", Kind: Changed, Man: "the servers' own manuals", Doc: "starts a server", Run: server()},
	{Name: "pumactl", Flags: "S:P:C:p:F:T:qQ -any", Kind: Changed, Man: "pumactl documentation", Doc: "restarts or stops puma", Run: controls("puma", "other")},
	{Name: "shutdown.sh", Flags: "-any", Kind: Changed, Man: "Tomcat documentation", Doc: "stops Tomcat", Run: sets("tomcat")},
}

// versions makes the names of a program that carries its version.
func versions(format, list string) []string {
	var out []string
	for v := range strings.FieldsSeq(list) {
		out = append(out, strings.Replace(format, "%s", v, 1))
	}
	return out
}

// InitScript returns the model of a call by path of a script in a directory of
// init scripts, nil when path is none.
func InitScript(name string) *Model {
	switch path.Dir(name) {
	case "/etc/init.d", "/etc/rc.d/init.d", "/etc/rc.d", "/usr/local/etc/rc.d":
		return Lookup("/etc/init.d/NAME")
	}
	return nil
}

// act records an action on a service with the whole command line.
func (c *Call) act(name, manager, action string) {
	c.Outcome = Changed
	for _, e := range c.since(func() { c.Service(name, manager, action) }) {
		e.What = Line(c.Argv)
		if c.Has("user") && manager == "systemd" {
			e.Args = []string{"--user"}
		}
	}
}

// actions maps what managers call an action to the names used here.
var actions = map[string]string{"try-restart": "restart", "condrestart": "restart", "reload-or-restart": "restart", "try-reload-or-restart": "reload",

	"reload-or-try-restart": "reload", "force-reload": "reload", "condreload": "reload", "condstop": "stop", "graceful": "reload", "graceful-stop": "stop",
	"reenable": "enable", "full-restart": "restart", "force-restart": "restart", "force-stop": "stop", "rotate": "reload", "quit": "stop", "reopen": "reload",
	"bounce": "restart", "up": "start", "down": "stop", "upgrade": "restart"}

func action(word string) string {
	if a, ok := actions[word]; ok {
		return a
	}
	return word
}

// service is service NAME ACTION; actions of a script's own are kept by name.
func service(c *Call) {
	manager := "sysv"
	if c.Name == "rc-service" {
		manager = "openrc"
	}
	if c.Has("status-all", "list", "exists", "help", "version", "h") || len(c.Args) == 0 {
		c.asked(c.Name)
		return
	}
	verb := "status"
	if len(c.Args) > 1 {
		verb = c.Arg(1)
	}
	c.initAction(c.Args[0], manager, verb)
}

func (c *Call) initAction(name value.Value, manager, verb string) {
	switch verb {
	case "status":
		c.asked(c.Name + "_status")
		c.Status = c.serviceState(name.String(), verb)
	case "configtest", "checkconfig", "config", "testconfig", "--version", "usage", "help", "":
		c.asked(c.Name + "_" + verb)
	default:
		c.eachName(name, func(n string) { c.act(n, manager, action(verb)) })
	}
}

func initScript(c *Call) {
	c.initAction(base(c.Argv[0]), "sysv", c.Arg(0))
}

// enables is a Run for NAME and VERB at the given places of the operands.
func enables(manager string, name, verb int) func(*Call) {
	return func(c *Call) {
		if len(c.Args) < 2 {
			c.asked(c.Name)
			return
		}
		switch v := c.Arg(verb); v {
		case "defaults", "defaults-disabled", "enable", "add", "start", "stop", "on":
			if v == "defaults-disabled" {
				v = "disable"
			} else {
				v = "enable"
			}
			c.eachName(c.Args[name], func(n string) { c.act(n, manager, v) })
		case "disable", "remove", "del", "delete", "off":
			c.eachName(c.Args[name], func(n string) { c.act(n, manager, "disable") })
		default:
			c.asked(c.Name)
		}
	}
}

func chkconfig(c *Call) {
	add, isAdd := c.Flag("add")
	del, isDel := c.Flag("del")
	switch {
	case isAdd:
		c.eachName(add, func(n string) { c.act(n, "sysv", "enable") })
	case isDel:
		c.eachName(del, func(n string) { c.act(n, "sysv", "disable") })
	case len(c.Args) > 1 && !c.Has("list"):
		verb := "enable"
		if c.Arg(1) == "off" {
			verb = "disable"
		}
		c.eachName(c.Args[0], func(n string) { c.act(n, "sysv", verb) })
	case len(c.Args) == 1:
		c.asked("chkconfig")
		c.Status = c.serviceState(c.Arg(0), "is-enabled")
	default:
		c.asked("chkconfig")
	}
}

func insserv(c *Call) {
	verb := "enable"
	if c.Has("r") {
		verb = "disable"
	}
	for _, v := range c.Args {
		c.eachName(base(v), func(n string) { c.act(n, "sysv", verb) })
	}
}

func rcctl(c *Call) {
	verb, rest := c.verb()
	if !among("enable disable start stop restart reload", verb) {
		verbs{name: "services", pure: "ls get getdef check"}.run(c)
		return
	}
	for _, v := range rest {
		c.eachName(v, func(n string) { c.act(n, "other", verb) })
	}
}

// sysrc: NAME_enable=YES enables a service.
func sysrc(c *Call) {
	set := false
	for _, v := range c.Args {
		name, val, ok := strings.Cut(v.String(), "=")
		if !ok {
			continue
		}
		set = true
		if svc, is := strings.CutSuffix(name, "_enable"); is {
			c.act(svc, "other", map[bool]string{true: "enable", false: "disable"}[strings.EqualFold(val, "YES")])
			continue
		}
		c.setting("rc.conf")
	}
	if !set {
		c.asked("sysrc")
	}
}

func initctl(c *Call) {
	verb, rest := c.verb()
	switch {
	case among("start stop restart reload", verb) && len(rest) > 0:
		c.eachName(rest[0], func(n string) { c.act(n, "upstart", verb) })
	case verb == "status" && len(rest) > 0:
		c.asked("initctl_status")
		c.Status = c.serviceState(rest[0].String(), verb)
	default:
		verbs{name: "upstart", pure: "list version show-config check-config usage get-env list-env"}.run(c)
	}
}

func upstart(c *Call) {
	if len(c.Args) == 0 {
		c.asked(c.Name)
		return
	}
	c.initAction(c.Args[0], "upstart", c.Name)
}
