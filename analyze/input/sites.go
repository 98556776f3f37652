package input

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
)

// Nginx reads server blocks.
var Nginx = &Kind{
	Name:   "nginx",
	Doc:    "nginx configuration: nginx.org/en/docs/dirindex.html",
	Claims: claimsNginx,
	read:   readNginx,
}

// Apache reads virtual hosts.
var Apache = &Kind{
	Name:   "apache",
	Doc:    "Apache httpd configuration: httpd.apache.org/docs/2.4/mod/directives.html",
	Claims: claimsApache,
	read:   readApache,
}

// Caddy reads Caddyfiles.
var Caddy = &Kind{
	Name: "caddy",
	Doc:  "Caddyfile: caddyserver.com/docs/caddyfile",
	Claims: func(p string, _ []byte) bool {
		base := path.Base(untemplate(p))
		return base == "Caddyfile" || strings.HasPrefix(base, "Caddyfile.") || path.Ext(base) == ".caddy" || path.Ext(base) == ".caddyfile"
	},
	read: readCaddy,
}

var (
	nginxWord  = lazyregexp.New(`(?m)^\s*(server|upstream\s+\S+|location\s+\S.*|http|events)\s*\{|^\s*(proxy_pass|fastcgi_pass|uwsgi_pass|server_name|worker_processes)\s`)
	apacheWord = lazyregexp.New(`(?mi)^\s*(<VirtualHost\b|<Directory(Match)?\b|DocumentRoot\b|WSGI(ScriptAlias|DaemonProcess)\b|ProxyPass\b|<IfModule\b|LoadModule\b|Alias\s+/)`)
)

func siteFile(p string) bool {
	p = untemplate(p)
	switch path.Ext(p) {
	case ".sh", ".py", ".rb", ".md", ".yml", ".yaml", ".json", ".js", ".txt":
		return false
	case ".conf", "", ".nginx", ".vhost", ".apache", ".apache2", ".site", ".inc", ".httpd":
		return true
	}
	return strings.Contains(p, "sites-available/") || strings.Contains(p, "sites-enabled/") || strings.Contains(strings.ToLower(p), "nginx")
}

func claimsNginx(p string, head []byte) bool {
	if shebang(head) != "" || !siteFile(p) {
		return false
	}
	return nginxWord.Match(head) && !apacheWord.Match(head) || strings.Contains(strings.ToLower(untemplate(p)), "nginx") && path.Ext(untemplate(p)) == ".conf"
}

func claimsApache(p string, head []byte) bool {
	return siteFile(p) && shebang(head) == "" && apacheWord.Match(head) && !strings.HasSuffix(p, ".htaccess")
}
