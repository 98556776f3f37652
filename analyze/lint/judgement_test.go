package lint

import (
	"strings"
	"testing"
)

// TestJudgement holds what tells a defect from what only looks like one: pairs of
// scripts with nearly the same words.
func TestJudgement(t *testing.T) {
	const service = "-- shop.service --\n[Service]\nExecStart=/opt/shop/shop\n"
	for _, c := range []struct {
		name, rule, text string
		found            int // findings of the rule at medium confidence or higher
	}{
		{"a unit is replaced", "unit-overwritten-on-deploy", "cp shop.service /etc/systemd/system/shop.service\n" + service, 1},
		{"a unit is no configuration", "config-overwritten-on-deploy", "cp shop.service /etc/systemd/system/shop.service\n" + service, 0},
		{"a cron table is replaced", "unit-overwritten-on-deploy", "cp shop.cron /etc/cron.d/shop\n-- shop.cron --\n* * * * * root true\n", 1},
		{"vendor data", "config-overwritten-on-deploy", "cp shop.conf /usr/share/shop/shop.conf\n-- shop.conf --\na=1\n", 0},
		{"configuration under /usr/local", "config-overwritten-on-deploy", "cp shop.conf /usr/local/etc/shop.conf\n-- shop.conf --\na=1\n", 1},
		{"a file is kept before it is replaced", "config-overwritten-on-deploy",
			"cp /etc/other/other.conf /etc/other/other.conf.shop\ncp other.conf /etc/other/other.conf\n-- other.conf --\na=1\n", 1},
		{"a file of the machine is renamed", "config-overwritten-on-deploy", "mv /etc/other/000-a.conf /etc/other/111-a.conf\n", 0},

		{"a checkout that runs", "no-rollback", "cd /srv/shop\ngit pull\nsystemctl restart shop\n", 1},
		{"a checkout that is only a source", "no-rollback", "cd /srv/shop\ngit pull\ncp lib.sh /usr/share/shop/lib.sh\n", 0},
		{"a checkout that an environment is built from", "no-rollback", "cd /srv/shop\ngit pull\n/opt/shop/venv/bin/pip install .\n", 0},
		{"sources", "no-rollback", "cd /usr/local/src/shop\ngit pull\nsystemctl restart shop\n", 0},
		{"a built program", "no-rollback", "cargo build --release\ncp target/release/shop /usr/local/bin/shop\n", 1},
		{"a tool from elsewhere", "no-rollback", "php setup.php\nmv tool.phar /usr/local/bin/tool\n", 0},

		{"an application is removed, then copied", "delete-before-new-copy-ready", "rm -rf /opt/shop\nmkdir /opt/shop\ninstall -m 755 shop /opt/shop/shop\n", 1},
		{"a cache is removed, then filled", "delete-before-new-copy-ready", "rm -rf /var/cache/shop\nmkdir /var/cache/shop\ncp index /var/cache/shop/index\n", 0},

		{"mkdir that stops the second run", "not-idempotent", "set -e\nmkdir /var/lib/shop\ntouch /var/lib/shop/a\n", 1},
		{"mkdir that somebody tests", "not-idempotent", "mkdir /var/lib/shop || exit 1\ntouch /var/lib/shop/a\n", 1},
		{"mkdir that nobody tests", "not-idempotent", "mkdir /var/lib/shop\ntouch /var/lib/shop/a\n", 0},
		{"a clone that nobody tests", "not-idempotent", "set -e\ngit clone https://example.org/shop.git /srv/shop\nsystemctl restart shop\n", 1},
		{"a clone that has another way", "not-idempotent", "git clone https://example.org/shop.git /srv/shop || git -C /srv/shop pull\n", 0},
		{"a clone into a place made free", "not-idempotent", "rm -rf /srv/shop\ngit clone https://example.org/shop.git /srv/shop\n", 0},

		{"a unit of its own is removed", "package-manager-conflict", "rm -f /lib/systemd/system/shop.service\ncp shop.service /lib/systemd/system/\n" + service, 1},
		{"a relative name is removed", "unguarded-rm-rf", "cd \"$1/shop\"\nrm -rf build/old\n", 0},
		{"a name below a variable is removed", "unguarded-rm-rf", "rm -rf \"$1/old\"\n", 1},
		{"a channel is updated", "build-on-server", "pecl channel-update pecl.php.net\nsystemctl restart shop\n", 0},
		{"a script and what it sends by ssh", "no-error-handling", "cp a /srv/a\nssh h 'rm -rf /srv/b; mkdir /srv/b'\nscp a h:/srv/b\n", 1},
		{"a download by a function", "unverified-download",
			"run() { if [ -n \"$V\" ]; then \"$@\"; else \"$@\" >/dev/null; fi; }\nrun curl -fsSLo /usr/local/bin/tool https://example.org/tool-1.2\n", 1},
		{"code for the account of a unit", "recursive-chown-of-code",
			"git clone --branch v1 https://example.org/shop.git /srv/shop\nchown -R shop /srv/shop\ncp shop.service /etc/systemd/system/\n-- shop.service --\n[Service]\nUser=shop\nExecStart=/srv/shop/run\n", 0},
		{"code for the web server", "code-writable-by-service", "cd /srv/shop\ngit pull\nchown -R www-data /srv/shop\n", 0},

		{"dependencies of the second run alone", "build-on-server", "[ -d /srv/shop ] || exit 1\ncd /srv/shop\ngit pull\npip install -r requirements.txt\n", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			res := lintText(t, "#!/bin/sh\n"+c.text, Options{Config: Config{Enable: []string{c.rule}}, MinConfidence: "medium"})
			var got []string
			for _, f := range res.Findings {
				got = append(got, f.Message)
			}
			if len(got) != c.found {
				t.Errorf("%d findings, want %d:\n%s", len(got), c.found, strings.Join(got, "\n"))
			}
		})
	}
}
