package command

import (
	"testing"

	"github.com/nativize/nativize/analyze/value"
)

func TestServices(t *testing.T) {
	check(t, []told{
		{line: "systemctl enable --now app.service worker", want: []string{
			"service systemd enable app what=systemctl enable --now app.service worker", "service systemd start app what=systemctl enable --now app.service worker",
			"service systemd enable worker what=systemctl enable --now app.service worker", "service systemd start worker what=systemctl enable --now app.service worker"}},
		{line: "systemctl --user restart app", want: []string{"service systemd restart app what=systemctl --user restart app args=--user"}},
		{line: "systemctl daemon-reload", want: []string{"system daemon-reload systemd what=systemctl daemon-reload"}},
		{line: "systemctl is-active --quiet app"},
		{line: "systemctl status app --no-pager -l"},
		{line: "service nginx force-reload", want: []string{"service sysv reload nginx what=service nginx force-reload"}},
		{line: "/etc/init.d/NAME restart", want: []string{"service sysv restart NAME what=/etc/init.d/NAME restart"}},
		{line: "update-rc.d -f app remove", want: []string{"service sysv disable app what=update-rc.d -f app remove"}},
		{line: "update-rc.d app defaults 99", want: []string{"service sysv enable app what=update-rc.d app defaults 99"}},
		{line: "chkconfig --level 345 app on", want: []string{"service sysv enable app what=chkconfig --level 345 app on"}},
		{line: "chkconfig --add app", want: []string{"service sysv enable app what=chkconfig --add app"}},
		{line: "rc-update add app default", want: []string{"service openrc enable app what=rc-update add app default"}},
		{line: "restart app", want: []string{"service upstart restart app what=restart app"}},
		{line: "initctl reload-configuration", want: []string{"system reload-configuration upstart what=initctl reload-configuration"}},
		{line: "supervisorctl restart app:*", want: []string{"service supervisor restart app what=supervisorctl restart app:*"}},
		{line: "supervisorctl update", want: []string{"system update supervisor what=supervisorctl update"}},
		{line: "supervisorctl restart all", want: []string{"system restart supervisor what=supervisorctl restart all args=all"}},
		{line: "pm2 start server.js --name api -i 2", want: []string{"service pm2 start api what=pm2 start server.js --name api -i 2"}},
		{line: "pm2 start npm --name web -- run start", want: []string{"service pm2 start web what=pm2 start npm --name web -- run start"}},
		{line: "pm2 restart api worker", want: []string{"service pm2 restart api what=pm2 restart api worker", "service pm2 restart worker what=pm2 restart api worker"}},
		{line: "pm2 start dist/main.js", want: []string{"service pm2 start main what=pm2 start dist/main.js"}},
		{line: "pm2 save", want: []string{"system save pm2 what=pm2 save"}},
		{line: "pm2 list"},
		{line: "sv restart /etc/service/app", want: []string{"service runit restart app what=sv restart /etc/service/app"}},
		{line: "svc -t /service/app", want: []string{"service runit restart app what=svc -t /service/app"}},
		{line: "nginx -t"},
		{line: "nginx -s reload", want: []string{"service other reload nginx what=nginx -s reload"}},
		{line: "apachectl -k graceful", want: []string{"service other reload apache2 what=apachectl -k graceful"}},
		{line: "apache2ctl configtest"},
		{line: "gunicorn -b :8000 app:app -D", want: []string{"start gunicorn what=gunicorn -b :8000 app:app -D"}},
		{line: "celery -A proj worker", want: []string{"start celery what=celery -A proj worker"}},
		{line: "start-stop-daemon --start --chuid app --exec /srv/app/run -- -p 80", want: []string{"start run /srv/app/run what=/srv/app/run -p 80 as=app"}},
		{line: "systemd-run --unit=job /srv/app/run", want: []string{"start job what=systemd-run --unit=job /srv/app/run"}},
		{line: "echo 'd /run/app 0750 app app -' > t.conf; systemd-tmpfiles --create /ex/t.conf", want: []string{
			"write /ex/t.conf", "mkdir /run/app mode=0750"}},
	})
}

func TestCrontab(t *testing.T) {
	check(t, []told{
		{line: "echo '*/5 * * * * /srv/app/run --all' | crontab -u app -", want: []string{"cron crontab what=/srv/app/run --all at=*/5 * * * * as=app"}},
		{line: "echo '@reboot /srv/app/run' > t; crontab t", want: []string{"write /ex/t", "cron crontab from=/ex/t what=/srv/app/run at=@reboot"}},
		{line: "crontab -r", want: []string{"cron remove crontab"}},
		{line: "crontab -l"},
	})
	m := newMini()
	if c := m.line(t, "echo '@daily x' | crontab -; crontab -l"); !c.Out.Is("@daily x\n") || c.Status.Tri != value.Yes {
		t.Errorf("crontab -l: %q, %s", c.Out, c.Status.Tri)
	}
}

func TestServiceState(t *testing.T) {
	m := newMini()
	if c := m.line(t, "systemctl is-active app"); c.Status.Tri != value.Maybe || c.Status.Cond == nil || c.Status.Cond.Key.Name != "app" {
		t.Errorf("unknown service: %+v", c.Status)
	}
	if c := m.line(t, "systemctl start app; systemctl is-active app"); c.Status.Tri != value.Yes {
		t.Errorf("started service: %s", c.Status.Tri)
	}
	if c := m.line(t, "systemctl disable app; systemctl is-enabled app"); c.Status.Tri != value.No || !c.Status.Sure {
		t.Errorf("disabled service: %+v", c.Status)
	}
}
