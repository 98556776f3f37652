package input

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/model"
)

// Chef reads resources with literal arguments in recipes.
var Chef = &Kind{
	Name: "chef",
	Doc:  "Chef recipe: docs.chef.io, Resources; literal arguments only",
	Claims: func(p string, _ []byte) bool {
		return path.Ext(p) == ".rb" && (path.Base(path.Dir(p)) == "recipes" || path.Base(path.Dir(p)) == "attributes" && strings.Contains(p, "cookbook"))
	},
	read: readChef,
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
