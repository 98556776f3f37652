package input

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/model"
)

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
