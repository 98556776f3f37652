package input

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/model"
)

// A siteReader gathers the parts of a site.
type siteReader struct {
	r    *reader
	site model.Site
	off  int
	seen bool
}

func (r *reader) newSite(server string) *siteReader {
	return &siteReader{r: r, site: model.Site{Server: server, From: r.path, Roots: []string{}, Logs: []string{}, Upstream: []string{}, Certs: []string{}}}
}

func (s *siteReader) found(off int) {
	if !s.seen {
		s.off, s.seen = off, true
	}
}

func (s *siteReader) add(list *[]string, w line) {
	*list = addOnce(*list, w.text)
	s.found(w.off)
}

func (s *siteReader) root(w line) {
	s.add(&s.site.Roots, w)
	s.r.out.Claims = append(s.r.out.Claims, Claim{Path: w.text, Role: model.RoleCode, Dir: true, At: s.r.pos(w.off), Why: "served by " + s.site.Server})
}

func (s *siteReader) log(w line) {
	switch w.text {
	case "off", "stderr", "syslog", "/dev/null", "/dev/stdout", "/dev/stderr":
		return
	}
	if strings.HasPrefix(w.text, "syslog:") || strings.HasPrefix(w.text, "|") {
		return
	}
	s.add(&s.site.Logs, w)
	s.r.out.Claims = append(s.r.out.Claims, Claim{Path: w.text, Role: model.RoleLog, At: s.r.pos(w.off), Why: "log of the web server's site"})
}

func (s *siteReader) cert(w line) {
	s.add(&s.site.Certs, w)
	s.r.out.Claims = append(s.r.out.Claims, Claim{Path: w.text, Role: model.RoleConfig, At: s.r.pos(w.off), Why: "certificate or key of the site"})
}

// upstream records host:port or a socket; scheme and path are cut.
func (s *siteReader) upstream(w line) {
	text := w.text
	for _, scheme := range []string{"http://", "https://", "uwsgi://", "fcgi://", "scgi://", "ajp://", "balancer://", "ws://", "wss://", "h2c://", "grpc://"} {
		if rest, ok := strings.CutPrefix(text, scheme); ok {
			text = rest
			if !strings.HasPrefix(text, "unix:") {
				text, _, _ = strings.Cut(text, "/")
			}
			break
		}
	}
	if strings.HasPrefix(text, "unix:") {
		text = strings.TrimPrefix(text, "unix:")
		text, _, _ = strings.Cut(text, "|")
		if i := strings.LastIndexByte(text, ':'); i > 0 {
			text = text[:i]
		}
		text = strings.TrimPrefix(text, "//")
	}
	if text != "" && text != "!" {
		s.add(&s.site.Upstream, line{text, w.off})
	}
}

func (s *siteReader) listen(w line) {
	p := s.r.port(w.text, w.off)
	if p.Port == "" || len(s.r.out.Ports) >= maxOnce {
		return
	}
	for _, q := range s.r.out.Ports {
		if q.Port == p.Port && q.Host == p.Host {
			return
		}
	}
	s.r.out.Ports = append(s.r.out.Ports, p)
}

func (s *siteReader) name(w line) {
	if w.text != "" && w.text != "_" {
		s.r.out.Values = append(s.r.out.Values, Setting{"server_name", w.text, s.r.pos(w.off)})
	}
}

func (s *siteReader) done() {
	if !s.seen {
		return
	}
	s.site.Evidence = s.r.maybe(s.off, "the repository has the site")
	s.r.out.Sites = append(s.r.out.Sites, s.site)
}

func readNginx(r *reader) {
	s := r.newSite("nginx")
	groups := map[string]bool{} // names of upstream blocks
	all := r.braces(false)
	for _, d := range all {
		if d.opens && d.words[0].text == "upstream" && len(d.words) > 1 {
			groups[d.words[1].text] = true
		}
	}
	for _, d := range all {
		if len(d.words) >= 2 {
			s.nginx(d, groups)
		} else if d.opens && d.words[0].text == "server" {
			s.found(d.words[0].off)
		}
	}
	s.done()
}

func (s *siteReader) nginx(d directive, groups map[string]bool) {
	arg := d.words[1]
	switch d.words[0].text {
	case "root", "alias":
		s.root(arg)
	case "access_log", "error_log":
		s.log(arg)
	case "ssl_certificate", "ssl_certificate_key", "ssl_dhparam", "ssl_trusted_certificate", "auth_basic_user_file":
		s.cert(arg)
	case "proxy_pass", "fastcgi_pass", "uwsgi_pass", "scgi_pass", "grpc_pass":
		name := strings.TrimPrefix(strings.TrimPrefix(arg.text, "http://"), "https://")
		name, _, _ = strings.Cut(name, "/")
		if !groups[name] {
			s.upstream(arg)
		}
	case "server":
		if len(d.block) > 0 && d.block[len(d.block)-1] == "upstream" {
			s.upstream(arg)
		}
	case "listen":
		s.listen(arg)
	case "server_name":
		for _, w := range d.words[1:] {
			s.name(w)
		}
	case "include":
		if !path.IsAbs(arg.text) {
			s.r.call(arg.text, arg.off, "include")
		}
	case "user":
		s.r.require("user", arg.text, arg.off, "nginx runs as it")
	}
}

func readApache(r *reader) {
	s := r.newSite("apache")
	lines := r.lines()
	for i := 0; i < len(lines); i++ {
		l := lines[i].trim()
		for strings.HasSuffix(l.text, `\`) && i+1 < len(lines) && len(l.text) < maxJoined {
			i++
			l.text = strings.TrimSuffix(l.text, `\`) + " " + strings.TrimSpace(lines[i].text)
		}
		if l.text == "" || l.text[0] == '#' {
			continue
		}
		if w := l.words(); len(w) >= 2 {
			s.apache(w)
		}
	}
	s.done()
}

func (s *siteReader) apache(w []line) {
	arg := w[1]
	switch strings.ToLower(w[0].text) {
	case "documentroot":
		s.root(arg)
	case "alias", "scriptalias", "wsgiscriptalias":
		if len(w) > 2 {
			s.root(w[2])
		}
	case "errorlog", "customlog", "transferlog":
		arg.text = strings.ReplaceAll(arg.text, "${APACHE_LOG_DIR}", "/var/log/apache2")
		s.log(arg)
	case "sslcertificatefile", "sslcertificatekeyfile", "sslcertificatechainfile", "authuserfile":
		s.cert(arg)
	case "proxypass", "proxypassmatch":
		if len(w) > 2 {
			s.upstream(w[2])
		} else {
			s.upstream(arg)
		}
	case "sethandler":
		if rest, ok := strings.CutPrefix(arg.text, "proxy:"); ok {
			s.upstream(line{rest, arg.off + len("proxy:")})
		}
	case "balancermember":
		s.upstream(arg)
	case "listen", "<virtualhost":
		s.found(arg.off)
		s.listen(line{strings.TrimSuffix(arg.text, ">"), arg.off})
	case "servername", "serveralias":
		for _, name := range w[1:] {
			s.name(name)
		}
	case "wsgidaemonprocess":
		s.wsgi(w[2:])
	case "include", "includeoptional":
		if !path.IsAbs(arg.text) {
			s.r.call(arg.text, arg.off, "include")
		}
	}
}

// wsgi reads user=, group=, home= and python-home= of WSGIDaemonProcess.
func (s *siteReader) wsgi(options []line) {
	for _, o := range options {
		key, value, _ := o.cut("=")
		switch key.text {
		case "user", "group":
			s.r.require(key.text, value.text, value.off, "mod_wsgi runs as it")
		case "python-home", "python-path", "home":
			s.r.out.Values = append(s.r.out.Values, Setting{"wsgi." + key.text, value.text, s.r.pos(value.off)})
		}
	}
}

func readCaddy(r *reader) {
	s := r.newSite("caddy")
	for _, d := range r.braces(true) {
		if len(d.block) == 0 && d.opens {
			for _, w := range d.words {
				s.found(w.off)
				s.name(line{strings.TrimSuffix(w.text, ","), w.off})
			}
			continue
		}
		if len(d.words) >= 2 {
			s.caddy(d)
		}
	}
	s.done()
}

func (s *siteReader) caddy(d directive) {
	last := d.words[len(d.words)-1]
	switch d.words[0].text {
	case "root":
		s.root(last)
	case "reverse_proxy", "php_fastcgi", "proxy", "to":
		for _, w := range d.words[1:] {
			if strings.ContainsAny(w.text, ":") || strings.HasPrefix(w.text, "unix/") {
				s.upstream(line{strings.TrimPrefix(w.text, "unix/"), w.off})
			}
		}
	case "output":
		if d.words[1].text == "file" && len(d.words) > 2 {
			s.log(d.words[2])
		}
	case "tls":
		for _, w := range d.words[1:] {
			if strings.Contains(w.text, "/") {
				s.cert(w)
			}
		}
	case "import":
		s.r.call(d.words[1].text, d.words[1].off, "include")
	}
}
