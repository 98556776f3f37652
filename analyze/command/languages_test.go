package command

import (
	"testing"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

func TestLanguages(t *testing.T) {
	check(t, []told{
		{line: "/srv/app/venv/bin/pip install -r requirements.txt", want: []string{"language pip install /srv/app/venv what=install -r requirements.txt env=/srv/app/venv"}},
		{line: "pip3 install --upgrade pip", want: []string{"language pip install what=install --upgrade pip"}},
		{line: "pip freeze"},
		{line: "venv/bin/python -m pip install -U wheel", want: []string{"language pip install /ex/venv what=install -U wheel env=/ex/venv"}},
		{line: "python3 -m venv --system-site-packages venv", want: []string{"system create virtual-environment /ex/venv what=python3 -m venv --system-site-packages venv"}},
		{line: "virtualenv -p python3 /srv/env", want: []string{"system create virtual-environment /srv/env what=virtualenv -p python3 /srv/env"}},
		{line: "uv pip install --python /srv/v/bin/python -e .", want: []string{"language pip install /srv/v what=uv pip install --python /srv/v/bin/python -e . env=/srv/v"}},
		{line: "uv sync --frozen", want: []string{"language uv sync /ex/.venv what=sync --frozen env=/ex/.venv"}},
		{line: "python setup.py install --prefix=/opt/x", want: []string{"language python setup.py install what=install --prefix=/opt/x"}},
		{line: "python manage.py migrate --noinput", want: []string{"migrate what=python manage.py migrate --noinput"}},
		{line: "/srv/v/bin/python manage.py collectstatic --noinput", want: []string{"language collectstatic collectstatic /srv/v what=/srv/v/bin/python manage.py collectstatic --noinput env=/srv/v"}},
		{line: "django-admin.py syncdb --settings=app.settings", want: []string{"migrate what=django-admin.py syncdb --settings=app.settings"}},
		{line: "python manage.py runserver 0:8000", want: []string{"start runserver what=python manage.py runserver 0:8000"}},
		{line: "python app.py", want: []string{"start app.py /ex/app.py what=python app.py"}},
		{line: "python tools/setupdb_app.py --fake", want: []string{"migrate what=python tools/setupdb_app.py --fake"}},
		{line: "python scripts/report.py", want: []string{"run-code python /ex/scripts/report.py what=python scripts/report.py"}},
		{line: "python -c 'import sys; print(sys.version)'"},
		{line: "alembic -c a.ini upgrade head", want: []string{"migrate what=alembic -c a.ini upgrade head"}},
		{line: "npm ci --omit=dev", want: []string{"language npm ci /ex/node_modules what=ci --omit=dev"}},
		{line: "npm --prefix web run build", want: []string{"language npm build what=--prefix web run build"}},
		{line: "npm install -g pm2", want: []string{"language npm install what=install -g pm2"}},
		{line: "npm start", want: []string{"start npm what=npm start"}},
		{line: "npm test", outcome: Mechanics},
		{line: "npm -v"},
		{line: "yarn --frozen-lockfile", want: []string{"language yarn /ex/node_modules what=--frozen-lockfile"}},
		{line: "yarn build", want: []string{"language yarn build what=build"}},
		{line: "npx prisma migrate deploy", want: []string{"migrate what=prisma migrate deploy"}},
		{line: "node server.js", want: []string{"start server.js /ex/server.js what=node server.js"}},
		{line: "nvm install v15", want: []string{"language nvm install what=install v15"}},
		{line: "bundle exec rake db:migrate", want: []string{"migrate what=rake db:migrate"}},
		{line: "bundle exec rake assets:precompile", want: []string{"language rake assets:precompile what=assets:precompile"}},
		{line: "bundle install --without development", want: []string{"language bundle install what=install --without development"}},
		{line: "composer install --no-dev -o", want: []string{"language composer install what=install --no-dev -o"}},
		{line: "php artisan migrate --force", want: []string{"migrate what=php artisan migrate --force"}},
		{line: "php artisan config:cache", want: []string{"migrate what=php artisan config:cache"}},
		{line: "php artisan down", outcome: Mechanics},
		{line: "php composer.phar install", want: []string{"language composer install what=install"}},
		{line: "php composer-setup.php --install-dir=/usr/local/bin --filename=composer", want: []string{
			"run-code php /ex/composer-setup.php what=php composer-setup.php --install-dir=/usr/local/bin --filename=composer", "write /usr/local/bin/composer"}},
		{line: "go build -o bin/app ./cmd/app", want: []string{"language go build /ex/bin/app what=build -o bin/app ./cmd/app"}},
		{line: "go version"},
		{line: "cargo build --release", want: []string{"language cargo build /ex what=build --release"}},
		{line: "mvnw clean package", want: []string{"language mvn clean /ex what=clean package"}},
		{line: "make -j4 install PREFIX=/usr", want: []string{"language make install /ex what=-j4 install PREFIX=/usr"}},
		{line: "make test", outcome: Mechanics},
		{line: "gulp build", want: []string{"language gulp build what=build"}},
		{line: "java -jar app.jar", want: []string{"start app.jar /ex/app.jar what=java -jar app.jar"}},
	})
}

// TestActivate: the script that activates a new environment is known.
func TestActivate(t *testing.T) {
	m := newMini()
	m.line(t, "python3 -m venv /srv/v")
	text, ok := m.h.Text(0, "/srv/v/bin/activate")
	if want := "VIRTUAL_ENV='/srv/v'\nexport VIRTUAL_ENV\nPATH=\"$VIRTUAL_ENV/bin:$PATH\"\nexport PATH\ndeactivate() { unset VIRTUAL_ENV; }\n"; !ok || !text.Is(want) {
		t.Errorf("activate: %q", text)
	}
	if n := m.h.Node(0, "/srv/v/bin/pip"); n.Presence != value.Yes || n.Content.Kind != host.Built {
		t.Errorf("pip of the environment: %+v", n)
	}
}
