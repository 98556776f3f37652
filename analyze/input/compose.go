package input

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/model"
)

// Compose reads compose files: the services beside the application, the
// volumes that hold state, ports and settings.
var Compose = &Kind{
	Name:   "compose",
	Doc:    "compose file: docs.docker.com, Compose file reference",
	Claims: func(p string, _ []byte) bool { return composeName.MatchString(path.Base(p)) },
	read:   readCompose,
}

var composeName = lazyregexp.New(`(?i)^(docker-)?compose([._-][a-z0-9_.-]+)?\.ya?ml$`)

func readCompose(r *reader) {
	for _, doc := range r.yaml() {
		services := doc.get("services")
		if services == nil && doc.get("version") == nil { // version 1: services at the top
			services = doc
		}
		for _, e := range services.table() {
			if e.val.kind == tableNode {
				r.composeService(e)
			}
		}
	}
}

func (r *reader) composeService(e entry) {
	s := e.val
	own := s.get("build") != nil
	if image := s.get("image"); image.text() != "" {
		r.out.Images = append(r.out.Images, Image{Ref: image.text(), Stage: e.key, Final: own, At: r.pos(image.offset())})
		if !own {
			r.backing(e.key, image)
		}
	}
	if b := s.get("build"); b != nil {
		dir := b.text()
		if dir == "" {
			dir = b.get("context").text()
		}
		file := b.get("dockerfile").text()
		if file == "" {
			file = "Dockerfile"
		}
		r.call(path.Join(path.Dir(r.path), dir, file), b.offset(), "include")
	}
	for _, f := range s.get("env_file").scalars() {
		r.call(path.Join(path.Dir(r.path), f.val.s), f.offset(), "include")
		r.out.Claims = append(r.out.Claims, Claim{Path: f.val.s, Role: model.RoleConfig, At: r.pos(f.offset()), Why: "env_file of service " + e.key})
	}
	for _, p := range s.get("ports").scalars() {
		parts := strings.Split(p.val.s, ":")
		port, _, _ := strings.Cut(parts[len(parts)-1], "/")
		if q := r.port(port, p.offset()); q.Port != "" && own {
			r.out.Ports = append(r.out.Ports, q)
		}
	}
	r.composeCommand(e, own)
	r.composeEnvironment(s)
	for _, v := range s.get("volumes").list() {
		r.composeVolume(e.key, v)
	}
}

// backingServices are images of software that a distribution packages.
var backingServices = map[string]struct{ pkg, service string }{
	"postgres": {"postgresql", "postgresql"}, "mysql": {"default-mysql-server", "mysql"}, "mariadb": {"mariadb-server", "mariadb"},
	"redis": {"redis-server", "redis-server"}, "valkey": {"valkey-server", "valkey-server"}, "memcached": {"memcached", "memcached"},
	"rabbitmq": {"rabbitmq-server", "rabbitmq-server"}, "nginx": {"nginx", "nginx"}, "httpd": {"apache2", "apache2"},
	"mosquitto": {"mosquitto", "mosquitto"}, "eclipse-mosquitto": {"mosquitto", "mosquitto"}, "haproxy": {"haproxy", "haproxy"}, "caddy": {"caddy", "caddy"},
	"postgis": {"postgis", "postgresql"},
}

func (r *reader) backing(name string, image *node) {
	ref, _, _ := strings.Cut(image.text(), ":")
	if b, ok := backingServices[path.Base(ref)]; ok {
		r.out.Packages = append(r.out.Packages, model.OSPackage{Name: b.pkg, Via: "apt", Evidence: r.maybe(image.offset(), "service "+name+" of the compose file runs "+path.Base(ref))})
		r.out.Services = append(r.out.Services, model.Service{Name: b.service, Manager: "systemd", Actions: []string{}, Evidence: r.maybe(image.offset(), "service "+name+" of the compose file runs "+path.Base(ref))})
	}
}

func (r *reader) composeCommand(e entry, own bool) {
	if !own {
		return
	}
	for _, key := range []string{"entrypoint", "command"} {
		n := e.val.get(key)
		if n == nil {
			continue
		}
		var list []text
		for _, s := range n.scalars() {
			list = append(list, s.val)
		}
		cmd := n.val
		if n.kind == listNode {
			cmd = joinWords(list)
		}
		if cmd.s == "" {
			continue
		}
		r.out.Start = append(r.out.Start, Command{e.key, cmd.s, r.pos(cmd.off())})
		r.addShell(cmd, Shell{Where: Service, User: e.val.get("user").text(), Dir: e.val.get("working_dir").text(), Phase: "start", Name: e.key})
	}
}

func (r *reader) composeEnvironment(s *node) {
	env := s.get("environment")
	for _, e := range env.table() {
		r.out.Settings = append(r.out.Settings, r.key(e.key, e.val.text(), e.off))
	}
	if env == nil || env.kind != listNode {
		return
	}
	for _, n := range env.scalars() {
		k, v, _ := strings.Cut(n.val.s, "=")
		r.out.Settings = append(r.out.Settings, r.key(k, v, n.offset()))
	}
}

// composeVolume reads "name:/path[:ro]", "./file:/path" and the long form. A
// named volume holds state; a mounted file of the repository is configuration.
func (r *reader) composeVolume(service string, v *node) {
	from, to, off := v.get("source").text(), v.get("target").text(), v.offset()
	readOnly := isTrue(v.get("read_only").text())
	if v.kind == scalarNode {
		parts := strings.Split(v.val.s, ":")
		if len(parts) < 2 {
			from, to = "", v.val.s
		} else {
			from, to = parts[0], parts[1]
			readOnly = len(parts) > 2 && strings.Contains(parts[2], "ro")
		}
	}
	if to == "" || strings.HasSuffix(to, "docker.sock") || to == "/etc/localtime" || to == "/etc/timezone" {
		return
	}
	named := from == "" || !strings.ContainsAny(from[:1], "./~$")
	claim := Claim{Path: to, Role: model.RoleData, Dir: true, At: r.pos(off), Why: "volume of service " + service + ": state outlives the container"}
	switch {
	case !named && (readOnly || configEnding.MatchString(from)):
		claim.Role, claim.Dir, claim.Why = model.RoleConfig, path.Ext(from) == "", "file mounted into service "+service
		r.call(path.Join(path.Dir(r.path), from), off, "install")
	case !named && (from == "." || from == "./"):
		claim.Role, claim.Why = model.RoleCode, "the repository is mounted there"
	}
	r.out.Claims = append(r.out.Claims, claim)
}
