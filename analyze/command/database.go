package command

import (
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/value"
)

const (
	mysqlFlags = "u:p?h:P:D:e:S:BNsfvVtETHrqnAbCGiLwoUX -any --user=u: --password? --host=h: --port=P: --database=D: --execute=e: --socket=S: --batch=B --skip-column-names=N --silent=s --force=f " +
		"--defaults-file: --defaults-extra-file: --login-path: --protocol: --ssl-ca: --ssl-mode: --default-character-set: --init-command: --connect-expired-password --max-allowed-packet: --ignore-table: --result-file=r: --single-transaction"
	psqlFlags = "abAc:d:ef:F:hHlL:no:p:P:qR:sStT:U:v:VwWxXz019CGOZ:j:n:N:t:T:E:g:r:i -any --command=c: --dbname=d: --file=f: --host: --port=p: --username=U: --set=v: --variable=v: --output=o: --no-password=w --password=W " +
		"--quiet=q --tuples-only=t --no-align=A --single-transaction=1 --list=l --echo-all=a --owner=O: --encoding=E: --template=T: --locale: --lc-collate: --lc-ctype: --if-exists --format: --clean --create --jobs=j: --schema=n:"
)

// databases are the clients, servers and tools of databases and message queues.
var databases = []*Model{
	{Name: "mysql", Alias: []string{"mariadb"}, Flags: mysqlFlags, Kind: Changed, Man: "mysql(1)", Doc: "runs SQL: loads change data, CREATE DATABASE and GRANT too; queries only ask", Run: mysql},
	{Name: "mysqladmin", Alias: []string{"mariadb-admin"}, Flags: mysqlFlags, Kind: Changed, Man: "mysqladmin(1)", Doc: "creates and drops databases, sets passwords", Run: mysqladmin},
	{Name: "mysqldump", Alias: []string{"mariadb-dump", "mysqlhotcopy", "xtrabackup", "mariabackup", "innobackupex", "automysqlbackup", "mysqlpump"}, Flags: mysqlFlags, Kind: Mechanics, Man: "mysqldump(1)", Doc: "saves data", Run: dumps("r")},
	{Name: "mysql_secure_installation", Alias: []string{"mysql_install_db", "mariadb-install-db", "mysql_upgrade", "mariadb-upgrade", "mysql_config_editor", "mysql_tzinfo_to_sql", "mysqlcheck", "mysqlimport", "mysqld_multi"}, Flags: mysqlFlags, Kind: Changed, Man: "mysql_secure_installation(1)", Doc: "sets a server up", Run: sets("database")},
	{Name: "psql", Flags: psqlFlags, Kind: Changed, Man: "psql(1)", Doc: "runs SQL: loads change data; queries only ask", Run: psql},
	{Name: "createdb", Alias: []string{"dropdb", "createuser", "dropuser", "createlang"}, Flags: psqlFlags + " DdRrSslLiPEe --pwprompt=P --createdb --no-superuser --no-createrole --no-createdb --superuser --login", Kind: Changed, Man: "createdb(1)", Doc: "creates and drops databases and roles", Run: sets("database")},
	{Name: "pg_dump", Alias: []string{"pg_dumpall", "pg_basebackup", "barman", "pgbackrest", "wal-g"}, Flags: psqlFlags, Kind: Mechanics, Man: "pg_dump(1)", Doc: "saves data", Run: dumps("f", "D")},
	{Name: "pg_restore", Flags: psqlFlags, Kind: Changed, Man: "pg_restore(1)", Doc: "loads data", Run: loads},
	{Name: "pg_lsclusters", Alias: []string{"pg_config", "pg_controldata"}, Flags: psqlFlags, Kind: Pure, Man: "pg_lsclusters(1)", Doc: "asks a server", Run: asks},
	{Name: "pg_ctl", Alias: []string{"pg_ctlcluster", "initdb", "pg_createcluster", "pg_dropcluster", "pg_upgradecluster", "postgresql-setup", "postgresql-new-systemd-unit", "pg_conftool", "reindexdb", "pg_upgrade"}, Flags: "D:l:o:m:wWst:U:p:A:E:kN -any --pgdata=D:", Kind: Changed, Man: "pg_ctl(1)", Doc: "sets a server up, starts and stops it", Run: pgCtl},
	{Name: "vacuumdb", Alias: []string{"clusterdb", "pgbench", "mysqlslap", "mysqlshow", "mytop", "pg_test_fsync"}, Flags: psqlFlags, Kind: Mechanics, Man: "vacuumdb(1)", Doc: "upkeep of a database", Run: mechanics},
	{Name: "redis-cli", Alias: []string{"valkey-cli", "keydb-cli"}, Flags: "-first h:p:s:a:u:n:r:i:d:x -any --user: --pass: --askpass --raw --no-auth-warning --tls --scan --pipe --eval: --rdb:", Kind: Changed, Man: "redis-cli(1)", Doc: "asks a server or changes its data", Run: redisCLI},
	{Name: "redis-server", Alias: []string{"valkey-server", "redis-sentinel", "influxd", "clickhouse-server", "cassandra", "elasticsearch", "kibana", "logstash", "zookeeper", "minio", "neo4j", "rethinkdb", "couchdb", "meilisearch", "opensearch"}, Flags: "-any -first", Kind: Changed, Man: "redis-server(1) and others", Doc: "starts a server", Run: server()},
	{Name: "mongo", Alias: []string{"mongosh"}, Flags: "u:p?h: -any --username=u: --password? --host=h: --port: --eval: --authenticationDatabase: --file:", Kind: Changed, Man: "mongosh documentation", Doc: "runs code on a database", Run: mongo},
	{Name: "mongodump", Alias: []string{"mongoexport"}, Flags: "u:p:h:d:c:o: -any --out=o: --archive? --db=d: --uri:", Kind: Mechanics, Man: "mongodump documentation", Doc: "saves data", Run: dumps("o", "archive")},
	{Name: "mongorestore", Alias: []string{"mongoimport", "pgloader", "cqlsh", "sqlcmd", "sqlplus", "isql", "clickhouse-client", "clickhouse", "influx", "cockroach", "neo4j-admin", "arangosh", "ysqlsh", "beeline"}, Flags: "u:p?h:d:c:q:e:f:s:S:i:x -any --query=q: --execute=e: --database=d: --user=u: --password? --file=f:", Kind: Changed, Man: "the clients' documentation", Doc: "loads or changes data", Run: loads},
	{Name: "sqlite3", Alias: []string{"sqlite"}, Flags: "-any -single --cmd: --init: --separator: --nullvalue:", Kind: Changed, Man: "sqlite3(1)", Doc: "runs SQL on a file; .backup and .dump save it", Run: sqlite},
	{Name: "rabbitmqctl", Alias: []string{"rabbitmq-plugins", "rabbitmqadmin", "rabbitmq-diagnostics"}, Flags: "p:n:ql -any --vhost=p: --node=n:", Kind: Changed, Man: "rabbitmqctl(8)", Doc: "makes accounts and vhosts of a broker", Run: rabbit},
	{Name: "kafka-topics", Alias: []string{"kafka-topics.sh", "kafka-configs.sh", "kafka-server-start.sh", "kafka-console-producer.sh", "elasticsearch-plugin", "elasticsearch-users", "logstash-plugin", "kibana-plugin", "opensearch-plugin", "elasticsearch-setup-passwords", "elasticsearch-reset-password", "nodetool", "grafana-cli", "grafana-server", "influx_inspect", "vtctl", "etcdctl", "consul-template", "mosquitto_passwd", "slapadd", "ldapadd", "ldapmodify", "slappasswd", "kadmin"},
		Flags: "-any", Kind: Changed, Man: "the tools' documentation", Doc: "changes a service's settings or data", Run: verbs{name: "service-data", pure: "list status get ls health member endpoint --list describe"}.run},
}

var (
	sqlReads   = lazyregexp.New(`(?is)^\s*(select|show|describe|desc|explain|\\l|\\d|\\q|\\dt|\\du|\\conninfo|use\s|status|version|pragma)`)
	sqlWrites  = lazyregexp.New(`(?i)\b(insert|update|delete|create|drop|alter|grant|revoke|truncate|replace|set|flush|call|load|copy|source|\\i|reindex|vacuum|analyze|comment|rename)\b`)
	sqlCreates = lazyregexp.New("(?i)\\bcreate\\s+database\\s+(?:if\\s+not\\s+exists\\s+)?[`\"]?([^\\s;`\"]+)")
	sqlSecret  = lazyregexp.New(`(?i)((?:identified\s+(?:with\s+\S+\s+)?by|password)\s*(?:=\s*|\(\s*)?)'([^']*)'`)
)

// sql records statements: those that only read ask; text is what the client
// gets, from where it was read.
func (c *Call) sql(text value.Value, known bool, line string, secret bool) {
	t := text.String()
	if known && sqlReads.MatchString(t) && !sqlWrites.MatchString(t) {
		c.asked(c.Name)
		c.Status = Success
		return
	}
	if m := sqlSecret.FindStringSubmatch(t); m != nil && !strings.Contains(m[2], "${") && m[2] != "" {
		secret = true
	}
	c.Outcome = Changed
	if known {
		for _, m := range sqlCreates.FindAllStringSubmatch(t, -1) {
			c.Record(&host.Effect{Op: host.System, Name: "database", Action: "create", Args: []string{m[1]}})
		}
		if !strings.Contains(line, t) && len(t) < 2000 {
			line += ": " + strings.Join(strings.Fields(t), " ")
		}
	}
	line = sqlSecret.ReplaceAllString(line, "$1'***'")
	c.Record(&host.Effect{Op: host.Migrate, What: line, From: c.In.From, Args: secretWord(secret)})
	c.Out = c.Hole(value.Output, c.Name)
}

// client runs statements of options, of files, or of standard input.
func (c *Call) client(statements, files []value.Value, line string, secret bool) {
	done := false
	for _, s := range statements {
		c.sql(s, true, line, secret)
		done = true
	}
	for _, f := range files {
		text, ok := c.read(f)
		c.sql(text, ok && text.Known(), line, secret)
		done = true
	}
	if done {
		return
	}
	if c.In.Piped || c.In.Known && c.In.Text.IsEmpty() != value.Yes {
		if c.In.From != "" {
			line += " < " + c.In.From
			c.sql(value.Value{}, false, line, secret)
			return
		}
		c.sql(c.In.Text, c.In.Known, line, secret)
		return
	}
	c.asked(c.Name)
}

func mysql(c *Call) {
	line, secret := masked(c.Argv, "-p", "--password")
	if c.Has("V", "version", "help") {
		c.asked("mysql")
		return
	}
	c.client(c.All("e"), nil, line, secret)
}

func psql(c *Call) {
	if c.Has("V", "l", "version", "help") {
		c.asked("psql")
		return
	}
	line, secret := masked(c.Argv)
	for _, a := range c.Args {
		if s := a.String(); strings.HasPrefix(s, "postgres") && strings.Contains(s, "@") {
			secret = secret || a.Known()
			line = strings.ReplaceAll(line, s, hidePassword(s))
		}
	}
	c.client(c.All("c"), c.All("f"), line, secret)
}

var urlPassword = lazyregexp.New(`(://[^:/@\s]+:)[^@\s]+@`)

// hidePassword removes the password from an address.
func hidePassword(s string) string { return urlPassword.ReplaceAllString(s, "$1***@") }

func mysqladmin(c *Call) {
	line, secret := masked(c.Argv, "-p", "--password")
	verb, _ := c.verb()
	switch {
	case among("ping status version processlist variables extended-status", verb), verb == "":
		c.asked("mysqladmin")
		c.Status = Asks(value.Maybe, &Cond{Op: Other, Text: "the database server answers"})
	case verb == "password":
		c.Outcome = Changed
		c.Record(&host.Effect{Op: host.SetPassword, Name: "mysql:" + c.Text("u"), Args: secretWord(len(c.Args) > 1 && c.Args[1].Known())})
	default:
		c.setting("database").What = line
		if secret {
			c.H.Log[len(c.H.Log)-1].Args = secretWord(true)
		}
	}
}

// dumps is a Run of what saves data: to the file that an option names, else to
// standard output.
func dumps(options ...string) func(*Call) {
	return func(c *Call) {
		if c.isHelp() {
			c.asked(c.Name)
			return
		}
		line, secret := masked(c.Argv, "-p", "--password")
		e := &host.Effect{Op: host.Backup, What: hidePassword(line), Args: secretWord(secret)}
		if to, ok := c.Flag(options...); ok && to.IsEmpty() != value.Yes {
			e.Path = c.Path(to)
			c.silent(func() { c.Write(to, &host.Content{Kind: host.Built, At: c.At}, false) })
		} else {
			c.Out, c.Content = c.Hole(value.Content, c.Name), &host.Content{Kind: host.Built, At: c.At}
		}
		c.Record(e)
	}
}

// loads is the Run of a client that changes data, or asks with a query that
// only reads.
func loads(c *Call) {
	if c.isHelp() {
		c.asked(c.Name)
		return
	}
	line, secret := masked(c.Argv, "-p", "--password")
	statements := append(c.All("q"), c.All("e")...)
	if len(statements) > 0 {
		c.client(statements, nil, line, secret)
		return
	}
	c.Outcome = Changed
	c.Record(&host.Effect{Op: host.Migrate, What: hidePassword(line), From: c.In.From, Args: secretWord(secret)})
}

func pgCtl(c *Call) {
	verb, rest := c.verb()
	if c.Name == "pg_ctlcluster" && len(rest) > 1 {
		verb = rest[1].String()
	}
	if among("start stop restart reload status promote", verb) && strings.HasPrefix(c.Name, "pg_ctl") {
		c.initAction(value.Text("postgresql"), "other", verb)
		return
	}
	c.setting("database")
}

func redisCLI(c *Call) {
	verb := strings.ToLower(c.Arg(0))
	switch {
	case among("ping get info keys exists ttl dbsize llen hget hgetall lrange smembers scan type monitor time", verb), verb == "" && !c.In.Piped:
		c.asked("redis-cli")
		c.Status = Asks(value.Maybe, &Cond{Op: Other, Text: "redis answers"})
	case verb == "save" || verb == "bgsave":
		c.Outcome = Mechanics
		c.Record(&host.Effect{Op: host.Backup, What: Line(c.Argv)})
	case verb == "shutdown":
		c.act("redis", "other", "stop")
	default:
		line, secret := masked(c.Argv, "-a ", "--pass")
		c.Outcome = Changed
		c.Record(&host.Effect{Op: host.Migrate, What: line, Args: secretWord(secret)})
	}
}

var mongoWrites = lazyregexp.New(`(?i)create|insert|update|remove|delete|drop|initiate|add|set|grant|reconfig|\.save`)

func mongo(c *Call) {
	code, ok := c.Flag("eval")
	line, secret := masked(c.Argv, "-p ", "--password")
	switch {
	case c.isHelp(), ok && code.Known() && !mongoWrites.MatchString(code.String()):
		c.asked("mongo")
		c.Status = Asks(value.Maybe, &Cond{Op: Other, Text: "the database server answers"})
	case !ok && !c.In.Piped && len(c.Args) == 0:
		c.asked("mongo")
	default:
		c.Outcome = Changed
		c.Record(&host.Effect{Op: host.Migrate, What: hidePassword(line), From: c.In.From, Args: secretWord(secret)})
	}
}

// sqlite is sqlite3 FILE [SQL].
func sqlite(c *Call) {
	if len(c.Args) == 0 {
		c.asked("sqlite3")
		return
	}
	for _, s := range c.Args[1:] {
		if t := s.String(); strings.HasPrefix(t, ".backup") || strings.HasPrefix(t, ".dump") || strings.HasPrefix(t, "VACUUM INTO") || strings.HasPrefix(t, ".clone") {
			c.sqliteBackup(t)
			return
		}
		if strings.HasPrefix(s.String(), ".") {
			c.asked("sqlite3")
			return
		}
	}
	c.client(c.Args[1:], nil, Line(c.Argv), false)
}

func (c *Call) sqliteBackup(command string) {
	e := &host.Effect{Op: host.Backup, From: c.Path(c.Args[0]), What: Line(c.Argv)}
	f := strings.Fields(command)
	if to := strings.Trim(f[len(f)-1], `'"`); len(f) > 1 {
		e.Path = c.Path(value.Text(to))
	} else {
		c.Out = c.Hole(value.Content, "sqlite3")
	}
	c.Outcome = Mechanics
	c.Record(e)
}

func rabbit(c *Call) {
	verb, rest := c.verb()
	verbs{name: "message-broker", pure: "status list_users list_vhosts list_queues list_exchanges list_permissions list cluster_status environment report wait ping await_startup node_health_check"}.run(c)
	if c.Outcome == Changed && (verb == "add_user" || verb == "change_password") && len(rest) > 1 {
		e := c.H.Log[len(c.H.Log)-1]
		e.Args = secretWord(rest[1].Known())
		e.What = c.Name + " " + verb + " " + rest[0].String() + " ***"
	}
}
