package input

import (
	"bytes"
	"path"
	"regexp"
	"strings"

	"github.com/nativize/nativize/analyze/model"
)

// Fabric reads the literal shell strings of fabfiles.
var Fabric = &Kind{
	Name: "fabric",
	Doc:  "Fabric 1 and 2 fabfile: literal run, sudo and local strings only",
	Claims: func(p string, head []byte) bool {
		base := path.Base(p)
		return base == "fabfile.py" || path.Ext(p) == ".py" && bytes.Contains(head, []byte("fabric")) && fabricWord.Match(head)
	},
	read: readFabric,
}

// Ansible reads tasks of playbooks and roles with literal arguments.
var Ansible = &Kind{
	Name:   "ansible",
	Doc:    "Ansible playbook or role: docs.ansible.com, ansible.builtin modules; literal arguments only",
	Claims: claimsAnsible,
	read:   readAnsible,
}

var (
	fabricWord = regexp.MustCompile(`(?m)^\s*(from|import) fabric\b`)
	pyDef      = regexp.MustCompile(`^def\s+([A-Za-z_][A-Za-z0-9_]*)`)
	pyWith     = regexp.MustCompile(`^\s*with\s+(.*):\s*(#.*)?$`)
)

// fabricCalls are the functions that run shell, with where.
var fabricCalls = map[string]string{"run": Remote, "sudo": Remote, "local": Local}

func readFabric(r *reader) {
	f := r.code(pythonCode)
	for i := range f.calls {
		c := &f.calls[i]
		name := c.name[strings.LastIndexByte(c.name, '.')+1:]
		where, ok := fabricCalls[name]
		if ok && len(c.args) > 0 {
			r.fabricCommand(c, name, where)
			continue
		}
		switch name {
		case "put", "upload_template", "append", "rsync_project":
			r.fabricCopy(c, name)
		}
	}
	r.fabricSettings(f)
}

func (r *reader) fabricCommand(c *codeCall, name, where string) {
	n := c.args[0]
	if n.kind != scalarNode || !n.str {
		if n.kind == opaqueNode && strings.ContainsAny(n.val.s, `"'`) {
			if t, ok := pythonFormat(r, n); ok {
				r.fabricShell(t, c, name, where)
				return
			}
		}
		r.problem(c.off, "the text of "+name+" is computed")
		return
	}
	r.fabricShell(n.val, c, name, where)
}

func (r *reader) fabricShell(t text, c *codeCall, name, where string) {
	task, dir := r.pythonContext(c.off)
	s := Shell{Where: where, Dir: dir, Phase: taskPhase(task), Name: task, User: c.named("user").text(), Lenient: c.named("warn").text() == "True" || c.named("warn_only").text() == "True"}
	if name == "sudo" && s.User == "" {
		s.User = "root"
	}
	r.addShell(t, s)
}

var pyPlaceholder = regexp.MustCompile(`%\(([A-Za-z_][A-Za-z0-9_.]*)\)[sdr]|%[sdr]|\{([A-Za-z_][A-Za-z0-9_.]*)?(?:\[[^\]}]*\])?\}`)

// pythonFormat reads "text" % x and "text".format(x): placeholders become holes.
func pythonFormat(r *reader, n *node) (text, bool) {
	if len(n.val.s) > maxExpanded {
		return text{}, false
	}
	sub := newReader("", r.path, []byte(n.val.s))
	l := &lexer{r: sub, src: sub.src, style: pythonCode}
	l.run()
	var parts []token
	for _, t := range l.tokens {
		if t.kind != stringToken {
			if t.kind == newlineToken {
				continue
			}
			break
		}
		parts = append(parts, t)
	}
	if len(parts) == 0 || len(l.tokens) <= len(parts) {
		return text{}, false
	}
	if next := l.tokens[len(parts)]; next.text != "%" && next.text != "." && next.kind != newlineToken {
		return text{}, false
	}
	operands := formatOperands(sub.src[parts[len(parts)-1].end:])
	var w weave
	for _, p := range parts {
		t := p.val.val
		last := 0
		for _, m := range pyPlaceholder.FindAllStringIndex(t.s, -1) {
			w.add(t.s[last:m[0]], n.off+t.at(last))
			name := t.s[m[0]+1 : m[1]-1]
			if len(lastName.FindString(name)) == 0 && len(operands) > 0 { // %s, {} and {0}
				name, operands = operands[0], operands[1:]
			}
			w.stand(hole(name), n.off+t.at(m[0]))
			last = m[1]
		}
		w.add(t.s[last:], n.off+t.at(last))
	}
	return w.text(), true
}

// formatOperands splits what follows a format string, "% (a, b)" or
// ".format(a, b)", at its commas.
func formatOperands(s string) []string {
	s = strings.TrimSpace(s)
	s = strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(s, "%"), ".format"))
	if strings.HasPrefix(s, "(") {
		s = s[1:max(1, matching(s, 0))]
	}
	var out []string
	depth, start := 0, 0
	for i := 0; i <= len(s); i++ {
		switch {
		case i == len(s) || s[i] == ',' && depth == 0:
			out = append(out, s[start:i])
			start = i + 1
		case s[i] == '(' || s[i] == '[' || s[i] == '{':
			depth++
		case s[i] == ')' || s[i] == ']' || s[i] == '}':
			depth--
		}
	}
	return out
}

// pythonContext finds the function around off, and the directory of the `with
// cd(...)` blocks around it, by indentation.
func (r *reader) pythonContext(off int) (task, dir string) {
	lines := r.lines()
	n := r.pos(off).Line - 1
	indent := leading(lines[n].text)
	for i := n - 1; i >= 0 && i > n-2000; i-- {
		t := lines[i].text
		if strings.TrimSpace(t) == "" || leading(t) >= indent {
			continue
		}
		indent = leading(t)
		if m := pyWith.FindStringSubmatch(t); m != nil && dir == "" {
			if _, after, ok := strings.Cut(m[1], "cd("); ok {
				arg, _, _ := strings.Cut(after, ")")
				dir = strings.Trim(arg, `"'`)
				if dir == arg { // not a literal
					dir = hole(arg)
				}
			}
		}
		if m := pyDef.FindStringSubmatch(strings.TrimSpace(t)); m != nil {
			return m[1], dir
		}
	}
	return "", dir
}

func leading(s string) int { return len(s) - len(strings.TrimLeft(s, " \t")) }

// fabricCopy records files put on the server.
func (r *reader) fabricCopy(c *codeCall, name string) {
	if name == "rsync_project" || len(c.args) < 2 {
		return
	}
	from, to := c.args[0].text(), c.args[1].text()
	if name == "append" {
		from, to = "", c.args[0].text()
	}
	if to == "" {
		return
	}
	ev := r.maybe(c.off, name+" of the fabfile")
	if isConfigPath(to) {
		how := map[string]string{"put": model.HowCopy, "upload_template": model.HowTemplate, "append": model.HowEcho}[name]
		r.out.ConfigFiles = append(r.out.ConfigFiles, model.ConfigFile{Path: to, From: from, How: how, Evidence: ev})
		return
	}
	r.out.Files = append(r.out.Files, model.File{Path: to, From: from, Evidence: ev})
}

// fabricSettings reads env.x = literal.
func (r *reader) fabricSettings(f *codeFile) {
	for i := 0; i+4 < len(f.tokens); i++ {
		t := f.tokens
		if t[i].text != "env" || t[i+1].text != "." || t[i+2].kind != nameToken || t[i+3].text != "=" || t[i+4].text == "=" {
			continue
		}
		n := f.literal(i + 4)
		if n == nil {
			continue
		}
		key := t[i+2].text
		for _, s := range n.scalars() {
			r.out.Values = append(r.out.Values, Setting{key, s.val.s, r.pos(s.offset())})
			if key == "hosts" || key == "host_string" {
				user, host, ok := strings.Cut(s.val.s, "@")
				if !ok {
					user, host = "", s.val.s
				}
				r.out.Remotes = append(r.out.Remotes, model.Remote{Host: host, User: user, Via: "ssh", Evidence: r.fact(s.offset(), "hosts of the fabfile")})
			}
		}
	}
}

var ansibleDirs = regexp.MustCompile(`(^|/)(tasks|handlers|playbooks?|roles/[^/]+/(tasks|handlers))/[^/]+\.ya?ml$`)
var ansibleWord = regexp.MustCompile(`(?m)^-?\s+(hosts|roles|tasks|become):`)

func claimsAnsible(p string, head []byte) bool {
	if !isYAML(p) || strings.Contains(p, ".github/") {
		return false
	}
	if ansibleDirs.MatchString(p) {
		return true
	}
	s := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(string(head)), "---"))
	return strings.Contains(s, "hosts:") && ansibleWord.Match(head) && (strings.HasPrefix(s, "-") || strings.HasPrefix(s, "#"))
}

// An ansibleTask is one task: its module's arguments and the keywords around.
type ansibleTask struct {
	r      *reader
	args   *node
	off    int
	user   string
	name   string
	when   string
	module string
}

func readAnsible(r *reader) {
	for _, doc := range r.yaml() {
		for _, item := range doc.list() {
			if item.get("hosts") == nil {
				r.ansibleTasks(&node{items: []*node{item}, kind: listNode}, "", 0)
				continue
			}
			r.ansiblePlay(item)
		}
	}
}

func (r *reader) ansiblePlay(play *node) {
	user := becomeUser(play, "")
	for _, h := range play.get("hosts").scalars() {
		r.out.Remotes = append(r.out.Remotes, model.Remote{Host: h.val.s, User: play.first("remote_user", "user").text(), Via: "ssh", Evidence: r.fact(h.offset(), "hosts of the play")})
	}
	for _, e := range play.get("vars").table() {
		if e.val.kind == scalarNode {
			r.out.Settings = append(r.out.Settings, r.key(e.key, e.val.text(), e.off))
		}
	}
	for _, key := range []string{"pre_tasks", "tasks", "post_tasks", "handlers"} {
		r.ansibleTasks(play.get(key), user, 0)
	}
	for _, role := range play.get("roles").list() {
		name := role.text()
		if name == "" {
			name = role.first("role", "name").text()
		}
		if name != "" {
			r.call(path.Join(path.Dir(r.path), "roles", name, "tasks/main.yml"), role.offset(), "include")
		}
	}
}

func becomeUser(n *node, outer string) string {
	if u := n.get("become_user").text(); u != "" {
		return u
	}
	if b := n.first("become", "sudo"); isTrue(b.text()) {
		return "root"
	}
	return outer
}

func (r *reader) ansibleTasks(list *node, user string, depth int) {
	if depth > 20 {
		return
	}
	for _, n := range list.list() {
		u := becomeUser(n, user)
		for _, key := range []string{"block", "rescue", "always"} {
			r.ansibleTasks(n.get(key), u, depth+1)
		}
		for _, e := range n.table() {
			module := e.key[strings.LastIndexByte(e.key, '.')+1:]
			read, ok := ansibleModules[module]
			if !ok {
				continue
			}
			t := &ansibleTask{r: r, args: e.val, off: e.off, user: u, name: n.get("name").text(), when: strings.Join(n.get("when").texts(), " and "), module: module}
			t.loop(n, read)
		}
	}
}

// loop runs read for each item of with_items or loop.
func (t *ansibleTask) loop(n *node, read func(*ansibleTask, string, *node)) {
	items := n.first("with_items", "loop")
	if items == nil || items.kind != listNode {
		read(t, "", nil)
		return
	}
	for _, item := range items.items {
		if item.kind == scalarNode {
			read(t, item.val.s, item)
		}
	}
}

var itemExpr = regexp.MustCompile(`\{\{\s*([^}]*?)\s*\}\}`)

// get returns an argument; {{ item }} is replaced, other expressions become holes.
func (t *ansibleTask) get(item string, keys ...string) string {
	v := t.args.first(keys...)
	s := v.text()
	if v == nil && t.args.text() != "" { // the free form: apt: name=x state=present
		for _, w := range (line{t.args.text(), 0}).words() {
			if k, val, ok := strings.Cut(w.text, "="); ok && k == keys[0] {
				s = val
			}
		}
	}
	return ansibleText(s, item)
}

func ansibleText(s, item string) string {
	return itemExpr.ReplaceAllStringFunc(s, func(e string) string {
		expr := itemExpr.FindStringSubmatch(e)[1]
		if expr == "item" && item != "" {
			return item
		}
		name, _, _ := strings.Cut(expr, "|")
		return hole(name)
	})
}

func (t *ansibleTask) evidence(at *node, keys ...string) model.Evidence {
	off := t.off
	if at != nil {
		off = at.offset()
	} else if v := t.args.first(keys...); v != nil {
		off = v.offset()
	}
	ev := t.r.fact(off, "Ansible module "+t.module)
	if t.when != "" {
		ev.Certainty, ev.When = model.May, t.when
	}
	return ev
}

// ansibleModules are the modules that are read.
var ansibleModules = map[string]func(t *ansibleTask, item string, at *node){
	"apt": (*ansibleTask).pkg, "yum": (*ansibleTask).pkg, "dnf": (*ansibleTask).pkg, "package": (*ansibleTask).pkg, "apk": (*ansibleTask).pkg, "pacman": (*ansibleTask).pkg, "zypper": (*ansibleTask).pkg,
	"service": (*ansibleTask).service, "systemd": (*ansibleTask).service, "systemd_service": (*ansibleTask).service, "supervisorctl": (*ansibleTask).service,
	"user": (*ansibleTask).account, "group": (*ansibleTask).account,
	"file": (*ansibleTask).file, "copy": (*ansibleTask).copyFile, "template": (*ansibleTask).copyFile, "lineinfile": (*ansibleTask).edit, "blockinfile": (*ansibleTask).edit, "replace": (*ansibleTask).edit,
	"shell": (*ansibleTask).shell, "command": (*ansibleTask).shell, "raw": (*ansibleTask).shell, "script": (*ansibleTask).script,
	"get_url": (*ansibleTask).download, "cron": (*ansibleTask).cron, "pip": (*ansibleTask).language, "npm": (*ansibleTask).language, "composer": (*ansibleTask).language, "bundler": (*ansibleTask).language,
	"include_tasks": (*ansibleTask).include, "import_tasks": (*ansibleTask).include, "include": (*ansibleTask).include, "import_playbook": (*ansibleTask).include,
	"git": (*ansibleTask).git,
}

func (t *ansibleTask) pkg(item string, at *node) {
	via := t.module
	if via == "package" {
		via = "apt"
	}
	if v := t.args.first("name", "pkg"); v != nil && v.kind == listNode {
		for _, s := range v.scalars() {
			t.r.out.Packages = append(t.r.out.Packages, model.OSPackage{Name: ansibleText(s.val.s, item), Via: via, Evidence: t.evidence(s)})
		}
		return
	}
	for _, name := range strings.Split(t.get(item, "name", "pkg"), ",") {
		name, _, _ = strings.Cut(strings.TrimSpace(name), "=")
		if name != "" && name != "*" {
			t.r.out.Packages = append(t.r.out.Packages, model.OSPackage{Name: name, Via: via, Evidence: t.evidence(at, "name", "pkg")})
		}
	}
}

func (t *ansibleTask) service(item string, at *node) {
	name := t.get(item, "name")
	if name == "" {
		return
	}
	actions := []string{}
	if isTrue(t.get(item, "enabled")) {
		actions = append(actions, "enable")
	}
	if a := map[string]string{"started": "start", "restarted": "restart", "reloaded": "reload", "stopped": "stop"}[t.get(item, "state")]; a != "" {
		actions = append(actions, a)
	}
	manager := "systemd"
	if t.module == "supervisorctl" {
		manager = "supervisor"
	}
	t.r.out.Services = append(t.r.out.Services, model.Service{Name: strings.TrimSuffix(name, ".service"), Manager: manager, Actions: actions, Evidence: t.evidence(at, "name")})
}

func (t *ansibleTask) account(item string, at *node) {
	name := t.get(item, "name")
	if name == "" || t.get(item, "state") == "absent" {
		return
	}
	ev := t.evidence(at, "name")
	if t.module == "group" {
		t.r.out.Groups = append(t.r.out.Groups, model.Group{Name: name, GID: t.get(item, "gid"), Evidence: ev})
		return
	}
	system := isTrue(t.get(item, "system"))
	u := model.User{Name: name, Home: t.get(item, "home"), Shell: t.get(item, "shell"), System: &system, UID: t.get(item, "uid"), Group: t.get(item, "group"), Groups: []string{}, Evidence: ev}
	for _, g := range strings.Split(t.get(item, "groups"), ",") {
		u.Groups = addOnce(u.Groups, strings.TrimSpace(g))
	}
	for _, g := range t.args.get("groups").scalars() {
		if t.args.get("groups").kind == listNode {
			u.Groups = addOnce(u.Groups, g.val.s)
		}
	}
	t.r.out.Users = append(t.r.out.Users, u)
}

func (t *ansibleTask) file(item string, at *node) {
	p := strings.TrimSuffix(t.get(item, "path", "dest", "name"), "/")
	if p == "" {
		return
	}
	ev := t.evidence(at, "path", "dest", "name")
	switch t.get(item, "state") {
	case "directory":
		t.r.out.Directories = append(t.r.out.Directories, model.Directory{Path: p, Owner: t.get(item, "owner"), Group: t.get(item, "group"), Mode: octal(t.get(item, "mode")), Role: roleOfPath(p), Evidence: ev})
	case "link":
		t.r.out.Symlinks = append(t.r.out.Symlinks, model.Symlink{Path: p, Target: t.get(item, "src"), Evidence: ev})
	case "touch":
		t.r.out.Files = append(t.r.out.Files, model.File{Path: p, Owner: t.get(item, "owner"), Group: t.get(item, "group"), Mode: octal(t.get(item, "mode")), Evidence: ev})
	}
}

func (t *ansibleTask) copyFile(item string, at *node) {
	dest, src := t.get(item, "dest"), t.get(item, "src")
	if dest == "" {
		return
	}
	if strings.HasSuffix(dest, "/") {
		dest = path.Join(dest, path.Base(src))
	}
	how, dir := model.HowCopy, "files"
	if t.module == "template" {
		how, dir = model.HowTemplate, "templates"
	}
	from := ""
	if src != "" {
		from = path.Join(path.Dir(path.Dir(t.r.path)), dir, src)
	} else {
		how = model.HowHeredoc
	}
	owner, group, mode := t.get(item, "owner"), t.get(item, "group"), octal(t.get(item, "mode"))
	ev := t.evidence(at, "dest")
	if isConfigPath(dest) {
		t.r.out.ConfigFiles = append(t.r.out.ConfigFiles, model.ConfigFile{Path: dest, From: from, How: how, Owner: owner, Group: group, Mode: mode, Evidence: ev})
		return
	}
	t.r.out.Files = append(t.r.out.Files, model.File{Path: dest, From: from, Owner: owner, Group: group, Mode: mode, Evidence: ev})
}

func (t *ansibleTask) edit(item string, at *node) {
	if p := t.get(item, "path", "dest", "destfile"); p != "" {
		t.r.out.ConfigFiles = append(t.r.out.ConfigFiles, model.ConfigFile{Path: p, How: model.HowSedEdit, Evidence: t.evidence(at, "path", "dest")})
	}
}

func (t *ansibleTask) shell(item string, at *node) {
	n := t.args
	if n.kind != scalarNode {
		n = n.first("cmd", "_raw_params")
	}
	if n == nil || n.kind != scalarNode {
		return
	}
	dir := t.get(item, "chdir")
	var w weave
	last := 0
	for _, m := range itemExpr.FindAllStringIndex(n.val.s, -1) {
		w.addText(n.val.cut(last, m[0]))
		w.stand(ansibleText(n.val.s[m[0]:m[1]], item), n.val.at(m[0]))
		last = m[1]
	}
	w.addText(n.val.cut(last, len(n.val.s)))
	t.r.addShell(w.text(), Shell{Where: Remote, User: t.user, Dir: dir, Phase: "deploy", Name: t.name, When: t.when})
}

func (t *ansibleTask) script(item string, at *node) {
	if words := (line{t.args.text(), t.args.offset()}).words(); len(words) > 0 {
		t.r.call(ansibleText(words[0].text, item), words[0].off, "run")
	}
}

func (t *ansibleTask) download(item string, at *node) {
	if url := t.get(item, "url"); url != "" {
		t.r.out.Downloads = append(t.r.out.Downloads, model.Download{URL: url, To: t.get(item, "dest"), Verified: t.get(item, "checksum", "sha256sum") != "", Evidence: t.evidence(at, "url")})
	}
}

func (t *ansibleTask) cron(item string, at *node) {
	job := t.get(item, "job")
	if job == "" {
		return
	}
	schedule := make([]string, 0, 5)
	for _, k := range []string{"minute", "hour", "day", "month", "weekday"} {
		v := t.get(item, k)
		if v == "" {
			v = "*"
		}
		schedule = append(schedule, v)
	}
	c := model.Cron{Command: job, Schedule: strings.Join(schedule, " "), User: t.get(item, "user"), Path: "crontab", Evidence: t.evidence(at, "job")}
	if s := t.get(item, "special_time"); s != "" {
		c.Schedule = "@" + s
	}
	if f := t.get(item, "cron_file"); f != "" {
		c.Path = path.Join("/etc/cron.d", path.Base(f))
	}
	t.r.out.Cron = append(t.r.out.Cron, c)
}

func (t *ansibleTask) language(item string, at *node) {
	what := t.get(item, "name")
	if req := t.get(item, "requirements"); req != "" {
		what = "-r " + req
	}
	tool := map[string]string{"bundler": "bundle"}[t.module]
	if tool == "" {
		tool = t.module
	}
	t.r.out.Languages = append(t.r.out.Languages, model.LangDep{Tool: tool, What: what, Environment: t.get(item, "virtualenv"), Dir: t.get(item, "path", "chdir", "working_dir"), User: t.user, Evidence: t.evidence(at)})
}

func (t *ansibleTask) include(item string, at *node) {
	p := t.args.text()
	if p == "" {
		p = t.args.get("file").text()
	}
	if p = ansibleText(p, item); p != "" && !strings.Contains(p, "$") {
		t.r.call(path.Join(path.Dir(t.r.path), p), t.args.offset(), "include")
	}
}

func (t *ansibleTask) git(item string, at *node) {
	if dest := t.get(item, "dest"); dest != "" {
		t.r.out.Directories = append(t.r.out.Directories, model.Directory{Path: dest, Role: model.RoleCode, Evidence: t.evidence(at, "dest")})
	}
}
