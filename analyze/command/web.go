package command

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/value"
)

// webServers are what configures web servers and their certificates.
var webServers = []*Model{
	{Name: "a2ensite", Alias: []string{"a2dissite", "a2enmod", "a2dismod", "a2enconf", "a2disconf"}, Flags: "qmpf --quiet=q --maintmode=m --purge=p --force=f", Kind: Changed, Man: "a2enmod(8)",
		Doc: "links a site, module or configuration of Apache, or removes the link", Run: a2en},
	{Name: "phpenmod", Alias: []string{"phpdismod", "php5enmod", "php5dismod", "lighty-enable-mod", "lighttpd-enable-mod", "lighty-disable-mod", "lighttpd-disable-mod", "nginx_ensite", "nginx_dissite", "ngx-conf"}, Flags: "qmv:s:fl -any", Kind: Changed, Man: "phpenmod(8), lighty-enable-mod(1)",
		Doc: "enables a module", Run: sets("web-module")},
	{Name: "certbot", Alias: []string{"letsencrypt", "certbot-auto", "acme.sh", "lego", "dehydrated", "getssl", "step"}, Flags: "-any d:w:m:nqva --domain=d: --domains=d: --email=m: --webroot-path=w: --cert-name: --deploy-hook: --post-hook: --pre-hook: --renew-hook: --preferred-challenges: --server: --rsa-key-size: --authenticator=a: --installer: --key-type:", Kind: Changed, Man: "certbot documentation",
		Doc: "gets and renews certificates", Run: certbot},
	{Name: "caddy", Alias: []string{"traefik"}, Flags: "-any", Kind: Changed, Man: "caddy documentation: Command Line", Doc: "starts or reloads the server", Run: caddy},
	{Name: "varnishadm", Alias: []string{"squidclient", "haproxy-reload", "apxs", "apxs2", "passenger-install-nginx-module", "passenger-install-apache2-module", "passenger-config"}, Flags: "-any", Kind: Changed, Man: "the tools' manuals", Doc: "controls a web server", Run: sets("web-server")},
}

var a2dirs = map[string]string{"site": "sites", "mod": "mods", "conf": "conf"}

// a2en: a2ensite NAME links sites-enabled/NAME.conf to ../sites-available/NAME.conf.
// Which directories are the links of is implied by the tool's nature: the effect
// is a setting; the links are laid out without effects of their own.
func a2en(c *Call) {
	kind := strings.TrimPrefix(strings.TrimPrefix(c.Name, "a2en"), "a2dis")
	on := strings.HasPrefix(c.Name, "a2en")
	if len(c.Args) == 0 {
		c.asked(c.Name)
		return
	}
	for _, v := range c.Args {
		c.eachName(v, func(n string) {
			n = strings.TrimSuffix(path.Base(n), ".conf")
			link := "/etc/apache2/" + a2dirs[kind] + "-enabled/" + n + ".conf"
			target := "../" + a2dirs[kind] + "-available/" + n + ".conf"
			if kind == "mod" {
				link, target = strings.TrimSuffix(link, ".conf")+".load", strings.TrimSuffix(target, ".conf")+".load"
			}
			e := c.setting("apache-" + kind)
			e.Action, e.Path, e.Target, e.Args = map[bool]string{true: "enable", false: "disable"}[on], link, target, []string{n}
			c.silent(func() {
				if on {
					c.Symlink(value.Text(target), value.Text(link), true, false)
				} else {
					c.Remove(value.Text(link), false)
				}
			})
		})
	}
}

func certbot(c *Call) {
	verb, _ := c.verb()
	switch {
	case c.isHelp() || among("certificates plugins show_account", verb):
		c.asked(c.Name)
	default:
		e := c.setting("certificate")
		for _, d := range c.All("d") {
			e.Args = append(e.Args, commas(d)...)
		}
	}
}

func caddy(c *Call) {
	verb, _ := c.verb()
	switch {
	case among("start run", verb), c.Name == "traefik":
		c.start(c.Name)
	case among("reload stop", verb):
		c.act("caddy", "other", verb)
	case among("add-package remove-package upgrade trust untrust", verb):
		c.setting("web-server")
	default:
		c.asked("caddy")
	}
}
