package input

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
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

var (
	minaWord  = lazyregexp.New(`require ['"]mina/`)
	capWord   = lazyregexp.New(`(?m)^\s*(set\s*\(?\s*:(deploy_to|application|repo_url|repository|linked_files|linked_dirs|branch|scm)\b|lock ['"]|server ['"]|role\s*\(?\s*:(web|app|db))`)
	stageFile = lazyregexp.New(`(^|/)config/deploy/[^/]+\.rb$`)
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
