package input

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/model"
)

// Ansible reads tasks of playbooks and roles with literal arguments.
var Ansible = &Kind{
	Name:   "ansible",
	Doc:    "Ansible playbook or role: docs.ansible.com, ansible.builtin modules; literal arguments only",
	Claims: claimsAnsible,
	read:   readAnsible,
}

var ansibleDirs = lazyregexp.New(`(^|/)(tasks|handlers|playbooks?|roles/[^/]+/(tasks|handlers))/[^/]+\.ya?ml$`)
var ansibleWord = lazyregexp.New(`(?m)^-?\s+(hosts|roles|tasks|become):`)

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

var itemExpr = lazyregexp.New(`\{\{\s*([^}]*?)\s*\}\}`)

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
