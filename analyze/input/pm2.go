package input

import (
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/model"
)

// PM2 reads ecosystem files in JavaScript, JSON and YAML.
var PM2 = &Kind{
	Name:   "pm2",
	Doc:    "pm2 ecosystem file: pm2.keymetrics.io/docs, application declaration and deployment",
	Claims: func(p string, head []byte) bool { return pm2Name.MatchString(path.Base(untemplate(p))) },
	read:   readPM2,
}

var (
	pm2Name    = lazyregexp.New(`^(ecosystem([._-][A-Za-z0-9_-]+)*(\.config)?|pm2([._-][A-Za-z0-9_-]+)*(\.config)?|process(es)?([._-](prod|production|dev|development|staging))?)\.(c?js|mjs|json5?|ya?ml)$`)
	pm2Exports = lazyregexp.New(`(?m)(module\.exports\s*=|export\s+default)\s*`)
)

func readPM2(r *reader) {
	root := r.pm2Root()
	if root == nil {
		return
	}
	apps := root.get("apps")
	switch {
	case root.kind == listNode:
		apps = root
	case apps == nil && root.get("script") != nil:
		apps = &node{kind: listNode, items: []*node{root}}
	}
	items := apps.list()
	if apps != nil && apps.kind == tableNode {
		items = []*node{apps}
	}
	for _, app := range items {
		r.pm2App(app)
	}
	for _, e := range root.get("deploy").table() {
		r.pm2Deploy(e)
	}
}

// pm2Root finds the object that the file is, or exports.
func (r *reader) pm2Root() *node {
	switch path.Ext(untemplate(r.path)) {
	case ".yml", ".yaml":
		if docs := r.yaml(); len(docs) > 0 {
			return docs[0]
		}
		return nil
	case ".json", ".json5":
		return r.json()
	}
	m := pm2Exports.FindIndex(r.data)
	if m == nil {
		r.problem(0, "nothing is exported: module.exports = { apps: [...] } was expected")
		return nil
	}
	n := r.literalAt(m[1])
	if n.kind == opaqueNode { // module.exports = config, with const config = {...} above
		decl := regexp.MustCompile(`(?m)^\s*(?:const|let|var)\s+` + regexp.QuoteMeta(n.val.s) + `\s*=\s*`)
		if d := decl.FindIndex(r.data); d != nil && len(n.val.s) < 100 {
			n = r.literalAt(d[1])
		}
	}
	if n.kind == opaqueNode {
		r.problem(n.off, "the exported value is computed, not a literal")
		return nil
	}
	return n
}

// first returns the first of the keys that has a value.
func (n *node) first(keys ...string) *node {
	for _, k := range keys {
		if v := n.get(k); v != nil && (v.kind != scalarNode || v.val.s != "") {
			return v
		}
	}
	return nil
}

// value is a scalar's text; for an expression it is ${name} of what it names.
func (n *node) value() string {
	if n != nil && n.kind == opaqueNode {
		return hole(n.val.s)
	}
	return n.text()
}

var lastName = lazyregexp.New(`[A-Za-z_][A-Za-z0-9_]*`)

// hole makes ${NAME} of an expression such as process.env.HOME or __dirname:
// its last name.
func hole(expr string) string {
	names := lastName.FindAllString(expr, -1)
	if len(names) == 0 {
		return "${VALUE}"
	}
	name := names[len(names)-1]
	if i := strings.Index(expr, "|| "); i >= 0 { // a default stands behind
		if head := lastName.FindAllString(expr[:i], -1); len(head) > 0 {
			name = head[len(head)-1]
		}
	}
	return "${" + name + "}"
}

func (r *reader) pm2App(app *node) {
	if app == nil || app.kind != tableNode {
		return
	}
	u := model.Unit{Kind: "pm2", From: r.path, Environment: []model.KeyValue{}, Restart: "always"}
	take := func(dst *string, field string, keys ...string) {
		if n := app.first(keys...); n != nil {
			*dst = n.value()
			u.SetPlace(field, r.pos(n.offset()))
		}
	}
	take(&u.Name, "name", "name")
	take(&u.Dir, "dir", "cwd")
	take(&u.User, "user", "user", "uid")
	take(&u.Group, "group", "gid")
	take(&u.PIDFile, "pid_file", "pid_file", "pid")
	take(&u.EnvFile, "env_file", "env_file")
	script := app.get("script")
	exec := pm2Command(app)
	u.Exec = exec
	off := app.off
	if script != nil {
		off = script.offset()
		u.SetPlace("exec", r.pos(off))
		if !strings.Contains(script.value(), "/usr/") && !strings.ContainsAny(script.value(), " $") {
			r.call(script.value(), off, "run")
		}
		r.out.Start = append(r.out.Start, Command{u.Name, exec, r.pos(off)})
		r.addShell(stand(exec, off), Shell{Where: Service, User: u.User, Dir: u.Dir, Phase: "start", Name: u.Name})
	}
	if u.Name == "" && script != nil {
		u.Name = strings.TrimSuffix(path.Base(script.value()), path.Ext(script.value()))
	}
	if n, err := strconv.Atoi(app.get("instances").text()); err == nil && n > 1 && n <= maxInstances {
		u.Instances = n
	}
	if v := app.get("autorestart"); v != nil && v.text() == "false" {
		u.Restart = "no"
	}
	r.pm2Environment(&u, app)
	r.pm2Logs(&u, app)
	u.Schedule = app.get("cron_restart").text()
	u.Evidence = r.fact(off, "application of the pm2 file")
	r.out.Units = append(r.out.Units, u)
	r.out.Services = append(r.out.Services, model.Service{Name: u.Name, Manager: "pm2", UnitFrom: r.path, Actions: []string{}, Own: true, Evidence: r.maybe(off, "application of the pm2 file")})
}

// pm2Command joins interpreter, script and arguments; pm2 runs .js by node,
// and others by their shebang or the interpreter of their ending.
func pm2Command(app *node) string {
	script := app.get("script").value()
	if script == "" {
		return ""
	}
	interpreter := app.first("interpreter", "exec_interpreter").value()
	if interpreter == "" {
		interpreter = map[string]string{
			".js": "node", ".cjs": "node", ".mjs": "node", ".py": "python3", ".rb": "ruby", ".sh": "sh", ".php": "php", ".pl": "perl", ".ts": "bun",
		}[path.Ext(script)]
	}
	var words []string
	if interpreter != "" && interpreter != "none" {
		words = append(words, interpreter)
		words = append(words, app.first("node_args", "interpreter_args").texts()...)
	}
	words = append(words, script)
	if args := app.get("args"); args != nil {
		if args.kind == listNode {
			words = append(words, args.texts()...)
		} else {
			words = append(words, args.value())
		}
	}
	return strings.Join(words, " ")
}

// pm2Environment takes env and env_production, the one of a server, in that order.
func (r *reader) pm2Environment(u *model.Unit, app *node) {
	for _, set := range []string{"env", "env_production", "env_prod"} {
		for _, e := range app.get(set).table() {
			value := e.val.value()
			u.Environment = setKey(u.Environment, e.key, value)
			r.out.Settings = append(r.out.Settings, r.key(e.key, value, e.off))
			if e.key == "PORT" {
				if p := r.port(value, e.val.offset()); p.Port != "" {
					r.out.Ports = append(r.out.Ports, p)
				}
			}
		}
	}
}

// setKey sets a key in place, or appends it.
func setKey(list []model.KeyValue, key, value string) []model.KeyValue {
	for i := range list {
		if list[i].Key == key {
			list[i].Value = value
			return list
		}
	}
	if len(list) >= maxEnv {
		return list
	}
	return append(list, model.KeyValue{Key: key, Value: value})
}

// maxEnv bounds the variables of one environment.
const maxEnv = 500

func (r *reader) pm2Logs(u *model.Unit, app *node) {
	for _, key := range []string{"out_file", "error_file", "log_file", "output", "error", "log"} {
		if n := app.get(key); n.value() != "" && n.value() != "/dev/null" {
			u.Logs = addOnce(u.Logs, n.value())
			r.logDirectory(n.val, u.User)
		}
	}
}

// pm2Deploy reads one environment of the deploy section: pm2 clones repo into
// path/source, links path/current, and runs the hooks.
func (r *reader) pm2Deploy(e entry) {
	env := e.val
	if env == nil || env.kind != tableNode {
		return
	}
	user, dir := env.get("user").value(), env.get("path").value()
	for _, h := range env.get("host").scalars() {
		r.out.Remotes = append(r.out.Remotes, model.Remote{Host: h.val.s, User: user, Via: "ssh", Evidence: r.fact(h.offset(), "deploy section of the pm2 file")})
	}
	host := strings.Join(env.get("host").texts(), " ")
	for _, key := range []string{"user", "host", "ref", "repo", "path"} {
		if n := env.get(key); n.value() != "" {
			r.out.Values = append(r.out.Values, Setting{"deploy." + e.key + "." + key, n.value(), r.pos(n.offset())})
		}
	}
	if n := env.get("path"); n != nil && dir != "" {
		r.out.Directories = append(r.out.Directories, model.Directory{Path: dir, Owner: user, Role: model.RoleCode, Evidence: r.fact(n.offset(), "path of the deploy section")})
	}
	for _, h := range []struct{ key, where, phase, dir string }{
		{"pre-deploy-local", Local, "build", ""}, {"post-deploy-local", Local, "other", ""},
		{"pre-setup", Remote, "setup", ""}, {"post-setup", Remote, "setup", path.Join(dir, "source")},
		{"pre-deploy", Remote, "deploy", path.Join(dir, "source")}, {"post-deploy", Remote, "deploy", path.Join(dir, "source")},
	} {
		for _, n := range env.get(h.key).scalars() {
			s := Shell{Where: h.where, Phase: h.phase, Dir: h.dir, Name: e.key + ": " + h.key}
			if h.where == Remote {
				s.User, s.Host = user, host
			}
			r.addShell(n.val, s)
		}
	}
}
