package place

import (
	"slices"
	"strings"
	"testing"

	"github.com/nativize/nativize/convert/plan"
)

// What another package has is put beside the documentation; what is added to it
// by a file of its own is shipped.
func TestConfigurationOfOtherPackages(t *testing.T) {
	p := placedFiles(t, map[string]string{
		"app.py": "print('x')\n", "collectd.conf": "Interval 10\n", "plugin.conf": "LoadPlugin x\n", "redis.conf": "maxmemory 1mb\npassword = hunter2hunter2\n",
		"app.conf": "a = b\n", "default": "START=yes\n",
		"app.service": "[Service]\nExecStart=/usr/bin/python3 /opt/app/app.py\n",
		"deploy.sh": `#!/bin/sh
apt-get install -y collectd redis-server
mkdir -p /opt/app
cp app.py /opt/app/
cp collectd.conf /etc/collectd/collectd.conf
cp plugin.conf /etc/collectd/collectd.conf.d/app.conf
cp redis.conf /etc/redis/cache.conf
cp default /etc/default/watchd
cp app.conf /etc/app.conf
cp app.service /etc/systemd/system/app.service
systemctl enable --now app
service watchd restart
`,
	})
	shipped := func(name string) bool {
		return slices.ContainsFunc(p.Payload, func(e plan.Entry) bool { return e.Path == name && e.Type == plan.File })
	}
	for _, name := range []string{"/etc/collectd/collectd.conf", "/etc/redis/cache.conf", "/etc/default/watchd"} {
		if shipped(name) {
			t.Errorf("%s is in the payload", name)
		}
		if !slices.ContainsFunc(p.Manual, func(n plan.Note) bool { return strings.Contains(n.Text, name) }) {
			t.Errorf("nobody is told of %s", name)
		}
	}
	for _, name := range []string{"/etc/collectd/collectd.conf.d/app.conf", "/etc/app.conf", "/usr/share/doc/" + p.Name + "/examples/collectd.conf"} {
		if !shipped(name) {
			t.Errorf("%s is not in the payload", name)
		}
	}
	if shipped("/usr/share/doc/" + p.Name + "/examples/cache.conf") {
		t.Error("a text with a password is in the payload")
	}
}
