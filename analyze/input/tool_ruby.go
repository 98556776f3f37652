package input

import (
	"path"
	"regexp"
	"strings"

	"github.com/nativize/nativize/analyze/model"
)

// Capistrano reads the literal settings of deploy.rb, its stage files and
// rake tasks.
var Capistrano = &Kind{
	Name:   "capistrano",
	Doc:    "Capistrano: capistranorb.com, Configuration and Tasks; literal settings and shell strings only",
	Claims: claimsCapistrano,
	read:   readCapistrano,
}

// Mina reads the literal settings of Mina's deploy.rb.
var Mina = &Kind{
	Name:   "mina",
	Doc:    "Mina: mina-deploy, settings and commands; literals only",
	Claims: func(p string, head []byte) bool { return path.Ext(p) == ".rb" && minaWord.Match(head) },
	read:   readMina,
}

// Vagrantfile reads the shell provisioners of Vagrantfiles.
var Vagrantfile = &Kind{
	Name:   "vagrantfile",
	Doc:    "Vagrantfile: developer.hashicorp.com, Shell provisioner",
	Claims: func(p string, _ []byte) bool { return path.Base(p) == "Vagrantfile" },
	read:   readVagrantfile,
}

// Chef reads resources with literal arguments in recipes.
var Chef = &Kind{
	Name: "chef",
	Doc:  "Chef recipe: docs.chef.io, Resources; literal arguments only",
	Claims: func(p string, _ []byte) bool {
		return path.Ext(p) == ".rb" && (path.Base(path.Dir(p)) == "recipes" || path.Base(path.Dir(p)) == "attributes" && strings.Contains(p, "cookbook"))
	},
	read: readChef,
}

var (
	minaWord  = regexp.MustCompile(`require ['"]mina/`)
	capWord   = regexp.MustCompile(`(?m)^\s*(set\s*\(?\s*:(deploy_to|application|repo_url|repository|linked_files|linked_dirs|branch|scm)\b|lock ['"]|server ['"]|role\s*\(?\s*:(web|app|db))`)
	stageFile = regexp.MustCompile(`(^|/)config/deploy/[^/]+\.rb$`)
)

func claimsCapistrano(p string, head []byte) bool {
	base := path.Base(p)
	if ext := path.Ext(p); ext != ".rb" && ext != ".rake" && base != "Capfile" || minaWord.Match(head) {
		return false
	}
	return base == "Capfile" || path.Ext(p) == ".rb" && (base == "deploy.rb" || stageFile.MatchString(p)) || path.Ext(p) == ".rake" && strings.Contains(p, "capistrano/") || path.Ext(p) == ".rb" && bytesContainAny(head, ":deploy_to", ":repo_url", ":repository", ":linked_", ":application", "role :", "lock ") && capWord.Match(head)
}

func readCapistrano(r *reader) {
	f := r.code(rubyCode)
	tr := &taskReader{r: r}
	for i := range f.calls {
		c := &f.calls[i]
		tr.enter(c)
		if !r.capSetting(c) {
			tr.command(c)
		}
	}
	if r.capTemplate() {
		r.problem(0, "this is the untouched template of the tool")
	}
}

// capTemplate tells whether the names are those of the generated template.
func (r *reader) capTemplate() bool {
	for _, v := range r.out.Values {
		if v.Name == "application" && v.Value == "my_app_name" || v.Name == "repo_url" && strings.Contains(v.Value, "git@example.com") {
			return true
		}
	}
	return false
}

// A taskReader follows which task calls are in.
type taskReader struct {
	r    *reader
	open []openTask
}

type openTask struct {
	name  string
	depth int
	user  string
	dir   string
	local bool
	host  string
}

// enter notes the block that a call opens and leaves those that have ended.
func (t *taskReader) enter(c *codeCall) {
	for len(t.open) > 0 && c.depth <= t.open[len(t.open)-1].depth {
		t.open = t.open[:len(t.open)-1]
	}
	if c.block == 0 || len(t.open) > maxYAMLDepth {
		return
	}
	o := openTask{depth: c.depth}
	if len(t.open) > 0 {
		o = t.open[len(t.open)-1]
		o.depth = c.depth
	}
	switch c.name {
	case "namespace", "task":
		name := c.arg(0).text()
		if len(c.opts) > 0 && name == "" { // task :a => :b
			name = c.opts[0].key
		}
		o.name = strings.TrimPrefix(o.name+":"+name, ":")
	case "run_locally":
		o.local = true
	case "within", "cd", "in_path":
		o.dir = c.arg(0).value()
	case "as":
		o.user = c.arg(0).value()
	case "with", "on", "queue", "command", "desc":
	}
	t.open = append(t.open, o)
}

func (t *taskReader) top() openTask {
	if len(t.open) == 0 {
		return openTask{}
	}
	return t.open[len(t.open)-1]
}

// command takes the text of execute, run, sudo and their kin. Several words
// are one command.
func (t *taskReader) command(c *codeCall) {
	o := t.top()
	s := Shell{Where: Remote, User: o.user, Dir: o.dir, Phase: taskPhase(o.name), Name: o.name}
	switch c.name {
	case "execute", "run", "queue", "queue!", "command", "capture", "test":
	case "sudo":
		s.User = "root"
	case "run_locally", "system":
		s.Where = Local
	default:
		return
	}
	if o.local {
		s.Where = Local
	}
	if c.name == "capture" || c.name == "test" {
		return // asked for their answer
	}
	if len(c.args) == 0 {
		return
	}
	t.r.addShell(joinArgs(c.args), s)
}

// joinArgs joins the arguments of a call; what is no literal becomes a hole.
func joinArgs(args []*node) text {
	var w weave
	for i, a := range args {
		if i > 0 {
			w.add(" ", max(0, a.offset()-1))
		}
		switch {
		case a.kind == scalarNode:
			w.addText(a.val)
		case a.kind == opaqueNode:
			w.stand(hole(a.val.s), a.offset())
		}
	}
	return w.text()
}

func taskPhase(name string) string {
	last := name[strings.LastIndexByte(name, ':')+1:]
	if p := makePhase(last); p != "other" {
		return p
	}
	if strings.HasPrefix(name, "deploy") {
		return "deploy"
	}
	return "other"
}

// capSetting reads set, append, server, role and the old ways of naming files.
func (r *reader) capSetting(c *codeCall) bool {
	switch c.name {
	case "set", "set_default", "append", "add":
		key := c.arg(0).text()
		if key == "" || len(c.args) < 2 {
			return true
		}
		for _, v := range c.args[1:] {
			r.capValue(key, v)
		}
		return true
	case "server", "role":
		r.capServer(c)
		return true
	case "require", "install_plugin", "load":
		if s := c.arg(0).text(); s != "" {
			r.out.Values = append(r.out.Values, Setting{"require", s, r.pos(c.arg(0).offset())})
		}
		return true
	}
	return false
}

func (r *reader) capValue(key string, v *node) {
	if key == "linked_files" || key == "linked_dirs" || key == "shared_files" || key == "shared_paths" || key == "shared_dirs" || key == "shared_children" {
		r.linked(key, v)
		return
	}
	value := v.value()
	if v.kind == listNode {
		value = strings.Join(v.texts(), " ")
	}
	if value == "" {
		return
	}
	at := r.pos(v.offset())
	r.out.Values = append(r.out.Values, Setting{key, value, at})
	switch {
	case v.kind != scalarNode:
	case key == "application" || key == "application_name":
		r.set(&r.out.App.Name, "name", value, v.offset())
	case key == "deploy_to":
		r.out.Directories = append(r.out.Directories, model.Directory{Path: value, Role: model.RoleCode, Evidence: r.maybe(v.offset(), "deploy_to")})
	case key == "user" || key == "runner":
		r.require("user", value, v.offset(), "the deployment logs in as it")
	case key == "rvm_ruby_version" || key == "rbenv_ruby" || key == "chruby_ruby":
		r.out.Runtime = append(r.out.Runtime, Runtime{"ruby", strings.TrimPrefix(value, "ruby-"), at})
	case key == "nvm_node" || key == "node_version":
		r.out.Runtime = append(r.out.Runtime, Runtime{"node", strings.TrimPrefix(value, "v"), at})
	}
}

// linked reads lists of shared files (configuration) and directories (state).
// An expression such as fetch(:linked_dirs, []).push("a", "b") gives its strings.
func (r *reader) linked(key string, v *node) {
	items := v.scalars()
	if v.kind == opaqueNode && len(v.val.s) <= maxExpanded {
		sub := newReader("", r.path, []byte(v.val.s))
		for _, tok := range sub.tokens() {
			switch {
			case tok.kind == stringToken:
				items = append(items, &node{kind: scalarNode, val: plain(tok.val.val.s, v.val.at(tok.off+1))})
			case tok.kind == listToken:
				for _, it := range tok.val.items {
					items = append(items, &node{kind: scalarNode, val: plain(it.val.s, v.val.at(min(it.off, max(0, len(v.val.s)-1))))})
				}
			}
		}
	}
	isDir := key != "linked_files" && key != "shared_files"
	for _, item := range items {
		for _, w := range (line{item.val.s, item.offset()}).fields() {
			claim := Claim{Path: strings.TrimSuffix(w.text, "/"), Role: model.RoleConfig, At: r.pos(w.off), Why: key + ": kept across deployments"}
			if isDir {
				claim.Dir, claim.Role = true, roleOfLinked(w.text)
			}
			r.out.Claims = append(r.out.Claims, claim)
		}
	}
}

// tokens are those of Ruby text.
func (r *reader) tokens() []token {
	l := &lexer{r: r, src: r.src, style: rubyCode}
	l.run()
	return l.tokens
}

// roleOfLinked judges a shared directory by its name.
func roleOfLinked(p string) string {
	switch base := path.Base(strings.TrimSuffix(p, "/")); {
	case base == "log" || base == "logs":
		return model.RoleLog
	case base == "pids" || base == "sockets" || base == "run":
		return model.RoleRun
	case base == "cache" || base == "bundle" || base == "node_modules" || base == "assets" || base == "packs" || base == ".bundle":
		return model.RoleCache
	case base == "tmp":
		return model.RoleTmp
	case base == "config":
		return model.RoleConfig
	}
	return model.RoleData
}

func (r *reader) capServer(c *codeCall) {
	args := c.args
	if c.name == "role" {
		if len(args) > 0 {
			args = args[1:]
		}
	} else if len(args) > 1 {
		args = args[:1] // the rest are roles
	}
	user := c.named("user").text()
	for _, a := range args {
		for _, s := range a.scalars() {
			host, u := s.val.s, user
			if at := strings.IndexByte(host, '@'); at >= 0 {
				u, host = host[:at], host[at+1:]
			}
			host, _, _ = strings.Cut(host, ":")
			if host != "" {
				r.out.Remotes = append(r.out.Remotes, model.Remote{Host: host, User: u, Via: "ssh", Evidence: r.fact(s.offset(), c.name+" of the deployment")})
			}
		}
	}
}

func readMina(r *reader) {
	f := r.code(rubyCode)
	tr := &taskReader{r: r}
	for i := range f.calls {
		c := &f.calls[i]
		tr.enter(c)
		switch c.name {
		case "invoke":
			if n := c.arg(0); n.text() != "" {
				r.out.Values = append(r.out.Values, Setting{"invoke", n.text(), r.pos(n.offset())})
			}
		case "set":
			if key := c.arg(0).text(); key == "domain" && c.arg(1).text() != "" {
				r.out.Remotes = append(r.out.Remotes, model.Remote{Host: c.arg(1).text(), Via: "ssh", Evidence: r.fact(c.arg(1).offset(), "domain of the deployment")})
			}
			r.capSetting(c)
		default:
			if !r.capSetting(c) {
				tr.command(c)
			}
		}
	}
}

func readVagrantfile(r *reader) {
	for _, c := range r.code(rubyCode).calls {
		if !strings.HasSuffix(c.name, ".provision") || c.arg(0).text() != "shell" && c.named("type").text() != "shell" {
			continue
		}
		s := Shell{Where: Remote, User: "root", Phase: "setup", Name: "provision"}
		if c.named("privileged").text() == "false" {
			s.User = "vagrant"
		}
		if n := c.named("inline"); n.text() != "" {
			r.addShell(n.val, s)
		} else if n != nil && n.kind == opaqueNode {
			r.vagrantVariable(n, s)
		}
		if n := c.named("path"); n.text() != "" && !strings.Contains(n.text(), "://") {
			r.call(path.Join(path.Dir(r.path), n.text()), n.offset(), "run", c.named("args").texts()...)
		}
	}
}

// vagrantVariable finds `$script = <<TEXT`.
func (r *reader) vagrantVariable(n *node, s Shell) {
	tokens := r.tokens()
	name := strings.TrimPrefix(n.val.s, "$")
	for i := 0; i+2 < len(tokens); i++ {
		if strings.TrimPrefix(tokens[i].text, "$") == name && tokens[i+1].text == "=" && tokens[i+2].kind == stringToken {
			r.addShell(tokens[i+2].val.val, s)
			return
		}
	}
	r.problem(n.off, "the inline script is computed")
}

// chefResources are the resources that are read; the value tells whether the
// block of one is looked into.
var chefResources = map[string]bool{
	"package": true, "apt_package": true, "yum_package": true, "dnf_package": true, "service": true, "systemd_unit": true, "directory": true, "template": true, "cookbook_file": true, "file": true, "remote_file": true,
	"user": true, "group": true, "link": true, "cron": true, "execute": true, "bash": true, "script": true, "git": true, "remote_directory": true,
}

func readChef(r *reader) {
	f := r.code(rubyCode)
	calls, loops := f.calls, f.loops()
	inside := -1 // depth of the resource whose properties are being passed
	for i := range calls {
		c := &calls[i]
		if inside >= 0 && c.depth > inside {
			continue
		}
		inside = -1
		if c.name == "include_recipe" && c.arg(0).text() != "" {
			r.out.Values = append(r.out.Values, Setting{"include_recipe", c.arg(0).text(), r.pos(c.arg(0).offset())})
		}
		if !chefResources[c.name] || len(c.args) == 0 {
			continue
		}
		if c.block > 0 {
			inside = c.depth
		}
		props := map[string]*node{}
		for j := i + 1; j < len(calls) && c.block > 0 && calls[j].depth > c.depth; j++ {
			if calls[j].depth == c.depth+1 && len(calls[j].args) > 0 && props[calls[j].name] == nil {
				props[calls[j].name] = calls[j].args[0]
			}
		}
		names := c.args[0].scalars()
		if c.args[0].kind == opaqueNode {
			names = loops[c.args[0].val.s].scalars()
		}
		for _, name := range names {
			r.chefResource(c.name, name, props)
		}
		if len(names) == 0 {
			r.problem(c.off, "the name of the "+c.name+" is computed")
		}
	}
}

func (r *reader) chefResource(kind string, name *node, props map[string]*node) {
	prop := func(keys ...string) string {
		for _, k := range keys {
			if v := props[k].value(); v != "" {
				return v
			}
		}
		return ""
	}
	target := prop("path")
	if target == "" {
		target = name.val.s
	}
	actions := props["action"].texts()
	ev := r.fact(name.offset(), "Chef resource "+kind)
	mode := octal(strings.TrimPrefix(prop("mode"), "0o"))
	switch kind {
	case "package", "apt_package", "yum_package", "dnf_package":
		pkg := prop("package_name")
		if pkg == "" {
			pkg = name.val.s
		}
		via := map[string]string{"yum_package": "yum", "dnf_package": "dnf"}[kind]
		if via == "" {
			via = "apt"
		}
		r.out.Packages = append(r.out.Packages, model.OSPackage{Name: pkg, Via: via, Evidence: ev})
	case "service", "systemd_unit":
		r.out.Services = append(r.out.Services, model.Service{Name: strings.TrimSuffix(name.val.s, ".service"), Manager: "systemd", Actions: serviceActions(actions), Evidence: ev})
	case "directory", "remote_directory":
		r.out.Directories = append(r.out.Directories, model.Directory{Path: target, Owner: prop("owner", "user"), Group: prop("group"), Mode: mode, Role: roleOfPath(target), Evidence: ev})
	case "template", "cookbook_file", "file":
		r.chefFile(kind, target, prop("source"), prop("owner", "user"), prop("group"), mode, ev)
	case "remote_file":
		r.out.Downloads = append(r.out.Downloads, model.Download{URL: prop("source"), Verified: len(prop("checksum")) == 64, To: target, Evidence: ev})
	case "user":
		system := isTrue(prop("system"))
		r.out.Users = append(r.out.Users, model.User{Name: name.val.s, Home: prop("home"), Shell: prop("shell"), System: &system, UID: prop("uid"), Group: prop("gid", "group"), Groups: []string{}, Evidence: ev})
	case "group":
		r.out.Groups = append(r.out.Groups, model.Group{Name: name.val.s, GID: prop("gid"), Evidence: ev})
	case "link":
		r.out.Symlinks = append(r.out.Symlinks, model.Symlink{Path: name.val.s, Target: prop("to"), Evidence: ev})
	case "cron":
		r.chefCron(name, props, prop("user"), ev)
	case "execute", "bash", "script":
		r.chefShell(kind, name, props)
	case "git":
		r.out.Values = append(r.out.Values, Setting{"git", prop("repository") + " " + prop("revision", "reference"), r.pos(name.offset())})
	}
}

// loops are the literal lists that `list.each do |name|` goes over, by name.
func (f *codeFile) loops() map[string]*node {
	out := map[string]*node{}
	t := f.tokens
	for i := 2; i+4 < len(t); i++ {
		if t[i].text != "each" || t[i-1].text != "." || t[i+2].text != "|" || t[i+3].kind != nameToken {
			continue
		}
		if t[i-2].kind == listToken {
			out[t[i+3].text] = t[i-2].val
			continue
		}
		if t[i-2].text == "]" {
			start := i - 2
			for start > 0 && t[start].text != "[" {
				start--
			}
			out[t[i+3].text] = f.literal(start)
		}
	}
	return out
}

func serviceActions(list []string) []string {
	out := []string{}
	for _, a := range list {
		if a != "nothing" {
			out = append(out, a)
		}
	}
	return out
}

func (r *reader) chefFile(kind, target, source, owner, group, mode string, ev model.Evidence) {
	from := ""
	if source != "" {
		dir := map[string]string{"template": "templates/default", "cookbook_file": "files/default"}[kind]
		from = path.Join(path.Dir(path.Dir(r.path)), dir, source)
	}
	how := map[string]string{"template": model.HowTemplate, "cookbook_file": model.HowCopy, "file": model.HowHeredoc}[kind]
	if isConfigPath(target) {
		r.out.ConfigFiles = append(r.out.ConfigFiles, model.ConfigFile{Path: target, From: from, How: how, Owner: owner, Group: group, Mode: mode, Evidence: ev})
		return
	}
	r.out.Files = append(r.out.Files, model.File{Path: target, From: from, Owner: owner, Group: group, Mode: mode, Evidence: ev})
}

func (r *reader) chefCron(name *node, props map[string]*node, user string, ev model.Evidence) {
	schedule := make([]string, 0, 5)
	for _, k := range []string{"minute", "hour", "day", "month", "weekday"} {
		v := props[k].value()
		if v == "" {
			v = "*"
		}
		schedule = append(schedule, v)
	}
	if cmd := props["command"].value(); cmd != "" {
		r.out.Cron = append(r.out.Cron, model.Cron{Command: cmd, Schedule: strings.Join(schedule, " "), User: user, Path: "crontab", Evidence: ev})
	}
}

func (r *reader) chefShell(kind string, name *node, props map[string]*node) {
	n := props["command"]
	if kind != "execute" {
		n = props["code"]
	} else if n == nil {
		n = name
	}
	if n != nil && n.kind == scalarNode {
		r.addShell(n.val, Shell{Where: Local, User: props["user"].value(), Dir: props["cwd"].value(), Phase: "setup", Name: kind + " " + name.val.s})
	}
}
