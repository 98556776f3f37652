package input

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/model"
)

// GitLabCI reads .gitlab-ci.yml.
var GitLabCI = &Kind{
	Name: "gitlab-ci",
	Doc:  "GitLab CI: docs.gitlab.com, CI/CD YAML syntax reference",
	Claims: func(p string, _ []byte) bool {
		base := path.Base(p)
		return isYAML(p) && (strings.HasSuffix(base, ".gitlab-ci.yml") || strings.HasPrefix(base, ".gitlab-ci") || strings.Contains(path.Dir(p), ".gitlab/ci"))
	},
	read: readGitLabCI,
}

// TravisCI reads .travis.yml.
var TravisCI = &Kind{
	Name:   "travis-ci",
	Doc:    "Travis CI: docs.travis-ci.com, Script deployment",
	Claims: func(p string, _ []byte) bool { return path.Base(p) == ".travis.yml" },
	read:   readTravisCI,
}

// Jenkinsfile reads literal sh steps of Jenkins pipelines.
var Jenkinsfile = &Kind{
	Name: "jenkinsfile",
	Doc:  "Jenkins pipeline: jenkins.io, Pipeline Syntax; literal sh steps only",
	Claims: func(p string, _ []byte) bool {
		base := path.Base(p)
		return strings.HasPrefix(base, "Jenkinsfile") || path.Ext(base) == ".jenkinsfile"
	},
	read: readJenkinsfile,
}

// gitlabGlobal are keys of .gitlab-ci.yml that are no jobs.
var gitlabGlobal = map[string]bool{"stages": true, "variables": true, "image": true, "services": true, "cache": true, "before_script": true, "after_script": true, "include": true, "default": true, "workflow": true, "pages": false, "spec": true}

func readGitLabCI(r *reader) {
	for _, doc := range r.yaml() {
		env := r.gitlabVariables(nil, doc.get("variables"))
		before := doc.first("before_script")
		if before == nil {
			before = doc.get("default", "before_script")
		}
		for _, inc := range append(doc.get("include").scalars(), doc.get("include", "local")) {
			if inc.text() != "" && !strings.Contains(inc.text(), "://") {
				r.call(strings.TrimPrefix(inc.text(), "/"), inc.offset(), "include")
			}
		}
		for _, inc := range doc.get("include").list() {
			if l := inc.get("local"); l.text() != "" {
				r.call(strings.TrimPrefix(l.text(), "/"), l.offset(), "include")
			}
		}
		for i, e := range doc.table() {
			if i >= maxSections || e.val.kind != tableNode || gitlabGlobal[e.key] {
				continue
			}
			r.gitlabJob(doc, e, before, env)
		}
	}
}

func (r *reader) gitlabVariables(env []model.KeyValue, n *node) []model.KeyValue {
	out := append([]model.KeyValue(nil), env...)
	for _, e := range n.table() {
		value := e.val.text()
		if value == "" {
			value = e.val.get("value").text()
		}
		out = setKey(out, e.key, value)
		r.out.Settings = append(r.out.Settings, r.key(e.key, value, e.off))
	}
	return out
}

// inherited looks a key up in a job and the jobs that it extends.
func inherited(doc, job *node, key string) *node {
	for range 10 {
		if v := job.get(key); v != nil {
			return v
		}
		parents := job.get("extends").texts()
		if len(parents) == 0 {
			return nil
		}
		job = doc.get(parents[len(parents)-1])
	}
	return nil
}

func (r *reader) gitlabJob(doc *node, e entry, before *node, env []model.KeyValue) {
	hidden := strings.HasPrefix(e.key, ".")
	script := inherited(doc, e.val, "script")
	if script == nil || hidden {
		return
	}
	env = r.gitlabVariables(env, e.val.get("variables"))
	s := Shell{Where: Build, Env: env, Name: e.key, Phase: ciPhase(e.key + " " + inherited(doc, e.val, "stage").text())}
	if inherited(doc, e.val, "environment") != nil {
		s.Phase = "deploy"
	}
	s.When = r.gitlabRules(doc, e)
	if b := inherited(doc, e.val, "before_script"); b != nil {
		before = b
	}
	r.ciLines(&node{kind: listNode, items: present(before, script)}, s) // they share a shell
	r.ciLines(inherited(doc, e.val, "after_script"), s)
}

// present are the nodes that are there.
func present(nodes ...*node) []*node {
	return slices.DeleteFunc(nodes, func(n *node) bool { return n == nil })
}

// ciLines joins the commands of a list: they run in one shell.
func (r *reader) ciLines(n *node, s Shell) {
	var w weave
	add := func(item *node) {
		if w.len() > 0 {
			w.add("\n", max(0, item.offset()-1))
		}
		w.addText(item.val)
	}
	var walk func(n *node, depth int)
	walk = func(n *node, depth int) {
		switch {
		case n == nil || depth > 10:
		case n.kind == scalarNode:
			add(n)
		default:
			for _, item := range n.items { // lists nest through anchors
				walk(item, depth+1)
			}
		}
	}
	walk(n, 0)
	r.addShell(w.text(), s)
}

// gitlabRules reads only, rules and when; it returns the condition in words.
func (r *reader) gitlabRules(doc *node, e entry) string {
	var when []string
	only := inherited(doc, e.val, "only")
	for _, b := range append(only.scalars(), only.get("refs").scalars()...) {
		t := Trigger{Event: "push", Branch: b.val.s, Job: e.key, At: r.pos(b.offset())}
		if b.val.s == "tags" {
			t.Event, t.Branch = "tag", ""
		}
		r.out.Triggers = append(r.out.Triggers, t)
		when = append(when, b.val.s)
	}
	for _, rule := range inherited(doc, e.val, "rules").list() {
		if c := rule.get("if"); c.text() != "" {
			when = append(when, c.text())
			r.ciBranch(c.text(), c, e.key)
		}
	}
	if w := inherited(doc, e.val, "when"); w.text() == "manual" {
		r.out.Triggers = append(r.out.Triggers, Trigger{Event: "manual", Job: e.key, At: r.pos(w.offset())})
		when = append(when, "manual")
	}
	return strings.Join(when, " or ")
}

func readTravisCI(r *reader) {
	for _, doc := range r.yaml() {
		if lang := doc.get("language"); lang.text() != "" {
			name := map[string]string{"node_js": "node", "generic": "", "bash": "", "minimal": ""}
			tool, ok := name[lang.text()]
			if !ok {
				tool = lang.text()
			}
			if versions := doc.first(lang.text(), "rvm", "jdk", "php", "go").scalars(); len(versions) > 0 && tool != "" {
				r.runtime(tool, versions[len(versions)-1])
			}
		}
		for _, sec := range []struct{ key, phase string }{
			{"before_install", "build"}, {"install", "build"}, {"before_script", "build"}, {"script", "check"},
			{"before_deploy", "deploy"}, {"after_success", "deploy"}, {"after_deploy", "deploy"},
		} {
			r.ciLines(doc.get(sec.key), Shell{Where: Build, Phase: sec.phase, Name: sec.key})
		}
		deploys := doc.get("deploy").list()
		if d := doc.get("deploy"); d != nil && d.kind == tableNode {
			deploys = []*node{d}
		}
		for _, d := range deploys {
			r.travisDeploy(d)
		}
		for _, p := range doc.get("addons", "apt", "packages").scalars() {
			r.out.Packages = append(r.out.Packages, model.OSPackage{Name: p.val.s, Via: "apt", Evidence: r.maybe(p.offset(), "the CI job installs it")})
		}
	}
}

func (r *reader) travisDeploy(d *node) {
	branch := d.get("on", "branch")
	if branch == nil {
		branch = d.get("on")
	}
	when := strings.Join(branch.texts(), " or ")
	for _, b := range branch.scalars() {
		r.out.Triggers = append(r.out.Triggers, Trigger{Event: "push", Branch: b.val.s, Job: "deploy", At: r.pos(b.offset())})
	}
	if p := d.get("provider"); p.text() != "" {
		r.out.Values = append(r.out.Values, Setting{"deploy.provider", p.text(), r.pos(p.offset())})
	}
	r.ciLines(d.get("script"), Shell{Where: Build, Phase: "deploy", Name: "deploy", When: when})
}

// readJenkinsfile takes sh 'text' and sh script: 'text', with the stage around.
func readJenkinsfile(r *reader) {
	f := r.code(groovyCode)
	stage, dir := "", ""
	dirDepth := 0
	for i := range f.calls {
		c := &f.calls[i]
		if dir != "" && c.depth < dirDepth {
			dir = ""
		}
		switch {
		case c.name == "stage":
			stage = c.arg(0).text()
		case c.name == "dir":
			dir, dirDepth = c.arg(0).text(), c.depth+1
		case c.name == "sh":
			n := c.arg(0)
			if n == nil {
				n = c.named("script")
			}
			if n.text() == "" {
				r.problem(c.off, "the text of the sh step is computed")
				continue
			}
			r.addShell(n.val, Shell{Where: Build, Dir: dir, Phase: ciPhase(stage), Name: stage})
		case c.name == "branch" && c.arg(0).text() != "":
			r.out.Triggers = append(r.out.Triggers, Trigger{Event: "push", Branch: c.arg(0).text(), Job: stage, At: r.pos(c.arg(0).offset())})
		}
	}
}
