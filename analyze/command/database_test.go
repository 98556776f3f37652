package command

import "testing"

func TestDatabases(t *testing.T) {
	check(t, []told{
		{line: `mysql -u root -pVooph6ei -e 'CREATE DATABASE IF NOT EXISTS app; GRANT ALL ON app.* TO app'`, want: []string{
			"system create database args=app", "migrate what=mysql -u root -p*** -e CREATE DATABASE IF NOT EXISTS app; GRANT ALL ON app.* TO app args=secret"}},
		{line: `mysql -u root -e "CREATE USER app IDENTIFIED BY 'Vooph6ei'"`, want: []string{"migrate what=mysql -u root -e CREATE USER app IDENTIFIED BY '***' args=secret"}},
		{line: "mysql app < schema.sql", want: []string{"migrate from=/ex/schema.sql what=mysql app < /ex/schema.sql"}},
		{line: "mysql -N -e 'SELECT 1'"},
		{line: "mysqladmin ping"},
		{line: "mysqldump -u root --password=x app", outcome: Mechanics, want: []string{"backup what=mysqldump -u root --password=*** app args=secret"}},
		{line: "psql -U app -d app -f schema.sql", want: []string{"migrate what=psql -U app -d app -f schema.sql"}},
		{line: "psql -tAc 'SELECT 1 FROM pg_roles'"},
		{line: "psql -c 'CREATE DATABASE app OWNER app'", want: []string{"system create database args=app", "migrate what=psql -c CREATE DATABASE app OWNER app"}},
		{line: "createdb -O app app", want: []string{"system app database what=createdb -O app app"}},
		{line: "pg_dump -Fc app -f /backup/app.dump", outcome: Mechanics, want: []string{"backup /backup/app.dump what=pg_dump -Fc app -f /backup/app.dump"}},
		{line: "sqlite3 app.db '.backup /backup/app.db'", outcome: Mechanics, want: []string{"backup /backup/app.db from=/ex/app.db what=sqlite3 app.db .backup /backup/app.db"}},
		{line: "redis-cli ping"},
		{line: "redis-cli -a Vooph6ei flushall", want: []string{"migrate what=redis-cli -a *** flushall args=secret"}},
		{line: "rabbitmqctl add_user app Vooph6ei", want: []string{"system add_user message-broker what=rabbitmqctl add_user app *** args=secret"}},
	})
}

func TestWebServers(t *testing.T) {
	check(t, []told{
		{line: "a2ensite app.conf", want: []string{"system enable apache-site /etc/apache2/sites-enabled/app.conf what=a2ensite app.conf args=app"}},
		{line: "a2enmod rewrite ssl", want: []string{"system enable apache-mod /etc/apache2/mods-enabled/rewrite.load what=a2enmod rewrite ssl args=rewrite",
			"system enable apache-mod /etc/apache2/mods-enabled/ssl.load what=a2enmod rewrite ssl args=ssl"}},
		{line: "a2dissite 000-default", want: []string{"system disable apache-site /etc/apache2/sites-enabled/000-default.conf what=a2dissite 000-default args=000-default"}},
		{line: "certbot --nginx -n -d a.example.org -d b.example.org", want: []string{"system certificate what=certbot --nginx -n -d a.example.org -d b.example.org args=a.example.org,b.example.org"}},
		{line: "caddy reload --config /etc/caddy/Caddyfile", want: []string{"service other reload caddy what=caddy reload --config /etc/caddy/Caddyfile"}},
	})
}
