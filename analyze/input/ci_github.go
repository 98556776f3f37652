package input

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/model"
)

// GitHubActions reads workflows: run steps, and the actions by which workflows
// reach a server.
var GitHubActions = &Kind{
	Name: "github-actions",
	Doc:  "GitHub Actions workflow: docs.github.com, Workflow syntax",
	Claims: func(p string, _ []byte) bool {
		dir := path.Dir(p)
		return isYAML(p) && (strings.HasSuffix(dir, ".github/workflows") || strings.HasSuffix(dir, ".gitea/workflows") || strings.HasSuffix(dir, ".forgejo/workflows"))
	},
	read: readGitHubActions,
}

func isYAML(p string) bool { e := path.Ext(p); return e == ".yml" || e == ".yaml" }

var actionExpr = lazyregexp.New(`\$\{\{\s*([^}]*?)\s*\}\}`)

// ciValue replaces ${{ secrets.X }} by ${X}: the last name of the expression.
func ciValue(t text) text {
	if !strings.Contains(t.s, "${{") {
		return t
	}
	var w weave
	last := 0
	for _, m := range actionExpr.FindAllStringSubmatchIndex(t.s, -1) {
		w.addText(t.cut(last, m[0]))
		w.stand(hole(t.s[m[2]:m[3]]), t.at(m[0]))
		last = m[1]
	}
	w.addText(t.cut(last, len(t.s)))
	return w.text()
}

func ciText(n *node) string {
	if n == nil || n.kind != scalarNode {
		return ""
	}
	return ciValue(n.val).s
}

func readGitHubActions(r *reader) {
	for _, doc := range r.yaml() {
		r.githubTriggers(doc.get("on"))
		env := r.ciEnv(nil, doc.get("env"))
		dir := ciText(doc.get("defaults", "run", "working-directory"))
		for _, e := range doc.get("jobs").table() {
			r.githubJob(e, env, dir)
		}
	}
}

func (r *reader) githubTriggers(on *node) {
	add := func(event, branch string, n int) {
		r.out.Triggers = append(r.out.Triggers, Trigger{Event: event, Branch: branch, At: r.pos(n)})
	}
	for _, s := range on.scalars() {
		add(githubEvent(s.val.s), "", s.offset())
	}
	for _, e := range on.table() {
		event := githubEvent(e.key)
		branches := e.val.get("branches").scalars()
		tags := e.val.get("tags").scalars()
		for _, b := range branches {
			add(event, b.val.s, b.offset())
		}
		for _, b := range tags {
			add("tag", b.val.s, b.offset())
		}
		if len(branches)+len(tags) == 0 {
			add(event, "", e.off)
		}
	}
}

func githubEvent(s string) string {
	switch s {
	case "workflow_dispatch":
		return "manual"
	case "pull_request", "pull_request_target":
		return "pull-request"
	}
	return s
}

// ciEnv appends the settings of an env table to those around it.
func (r *reader) ciEnv(env []model.KeyValue, n *node) []model.KeyValue {
	out := append([]model.KeyValue(nil), env...)
	for _, e := range n.table() {
		value := ciText(e.val)
		out = setKey(out, e.key, value)
		r.out.Settings = append(r.out.Settings, r.key(e.key, value, e.off))
	}
	return out
}

func (r *reader) githubJob(e entry, env []model.KeyValue, dir string) {
	job := e.val
	env = r.ciEnv(env, job.get("env"))
	if d := ciText(job.get("defaults", "run", "working-directory")); d != "" {
		dir = d
	}
	when := ciText(job.get("if"))
	r.ciBranch(when, job.get("if"), e.key)
	phase := ciPhase(e.key)
	if job.get("environment") != nil {
		phase = "deploy"
	}
	for _, step := range job.get("steps").list() {
		s := Shell{Where: Build, Dir: dir, Env: env, Phase: phase, Name: e.key, When: when}
		if cond := ciText(step.get("if")); cond != "" {
			s.When = strings.TrimPrefix(s.When+" && "+cond, " && ")
		}
		r.githubStep(step, s)
	}
}

var ciRef = lazyregexp.New(`refs/(heads|tags)/([A-Za-z0-9_./-]+)|(?:ref_name|CI_COMMIT_BRANCH|CI_COMMIT_REF_NAME)["']?\s*==\s*["']([A-Za-z0-9_./-]+)`)

func (r *reader) ciBranch(cond string, n *node, job string) {
	m := ciRef.FindStringSubmatch(cond)
	if m == nil {
		return
	}
	t := Trigger{Event: "push", Branch: m[2] + m[3], Job: job, At: r.pos(n.offset())}
	if m[1] == "tags" {
		t.Event = "tag"
	}
	r.out.Triggers = append(r.out.Triggers, t)
}

// ciPhase judges a job by the words of its name.
func ciPhase(name string) string {
	for _, w := range splitWords(name) {
		switch {
		case strings.HasPrefix(w, "deploy") || w == "release" || w == "publish" || w == "production" || w == "staging" || w == "prod" || w == "cd":
			return "deploy"
		case w == "test" || w == "tests" || w == "lint" || w == "check" || w == "coverage":
			return "check"
		}
	}
	return "build"
}

func (r *reader) githubStep(step *node, s Shell) {
	if name := step.get("name").text(); name != "" {
		s.Name += ": " + name
		if p := ciPhase(name); p == "deploy" {
			s.Phase = p
		}
	}
	s.Env = r.ciEnv(s.Env, step.get("env"))
	if d := ciText(step.get("working-directory")); d != "" {
		s.Dir = d
	}
	s.Lenient = step.get("continue-on-error").text() == "true"
	if run := step.get("run"); run.text() != "" {
		s.Interpreter, _, _ = strings.Cut(step.get("shell").text(), " ")
		if s.Interpreter == "" || isShell(s.Interpreter) {
			r.addShell(ciValue(run.val), s)
		}
		return
	}
	if uses := step.get("uses"); uses.text() != "" {
		r.githubAction(uses, step.get("with"), s)
	}
}

// An actionInputs says by which inputs an action is told what to do.
type actionInputs struct {
	via                                string
	host, user, script, source, target []string
	args                               []string
	scriptBefore, scriptAfter          []string
}

// actions are those by which workflows reach a server, by owner/name in lower case.
//
// Source: the action.yml of each.
var actions = map[string]actionInputs{
	"appleboy/ssh-action":                   {via: "ssh", host: []string{"host"}, user: []string{"username"}, script: []string{"script"}},
	"appleboy/scp-action":                   {via: "scp", host: []string{"host"}, user: []string{"username"}, source: []string{"source"}, target: []string{"target"}},
	"easingthemes/ssh-deploy":               {via: "rsync", host: []string{"REMOTE_HOST"}, user: []string{"REMOTE_USER"}, source: []string{"SOURCE"}, target: []string{"TARGET"}, args: []string{"ARGS", "EXCLUDE"}, scriptBefore: []string{"SCRIPT_BEFORE"}, scriptAfter: []string{"SCRIPT_AFTER"}},
	"burnett01/rsync-deployments":           {via: "rsync", host: []string{"remote_host"}, user: []string{"remote_user"}, source: []string{"path"}, target: []string{"remote_path"}, args: []string{"switches"}},
	"contention/rsync-deployments":          {via: "rsync", host: []string{"USER_AND_HOST"}, source: []string{"SOURCE"}, target: []string{"DEST"}, args: []string{"FLAGS"}},
	"garygrossgarten/github-action-ssh":     {via: "ssh", host: []string{"host"}, user: []string{"username"}, script: []string{"command"}},
	"garygrossgarten/github-action-scp":     {via: "scp", host: []string{"host"}, user: []string{"username"}, source: []string{"local"}, target: []string{"remote"}},
	"fifsky/ssh-action":                     {via: "ssh", host: []string{"host"}, user: []string{"user"}, script: []string{"command"}},
	"cross-the-world/ssh-scp-ssh-pipelines": {via: "ssh", host: []string{"host"}, user: []string{"user"}, scriptBefore: []string{"first_ssh"}, scriptAfter: []string{"last_ssh"}, source: []string{"scp"}},
	"samkirkland/ftp-deploy-action":         {via: "ftp", host: []string{"server"}, user: []string{"username"}, source: []string{"local-dir"}, target: []string{"server-dir"}, args: []string{"exclude"}},
	"wlixcc/sftp-deploy-action":             {via: "sftp", host: []string{"server"}, user: []string{"username"}, source: []string{"local_path"}, target: []string{"remote_path"}},
	"nogsantos/scp-deploy":                  {via: "scp", host: []string{"host"}, user: []string{"user"}, source: []string{"src"}, target: []string{"remote"}},
	"up9cloud/action-rsync":                 {via: "rsync", host: []string{"HOST"}, user: []string{"USER"}, source: []string{"SOURCE"}, target: []string{"TARGET"}, args: []string{"ARGS"}, scriptBefore: []string{"PRE_SCRIPT"}, scriptAfter: []string{"POST_SCRIPT"}},
	"d3rhase/ssh-deploy-action":             {via: "ssh", host: []string{"HOST"}, user: []string{"USER"}, script: []string{"COMMAND"}, source: []string{"SOURCE_PATH"}, target: []string{"DEPLOY_PATH"}},
	"matheusvanzan/sshpass-action":          {via: "ssh", host: []string{"host"}, user: []string{"username"}, script: []string{"run"}},
	"webfactory/ssh-agent":                  {},
}

// setupActions install a tool chain; the value is the runtime and its input.
var setupActions = map[string][2]string{
	"actions/setup-node": {"node", "node-version"}, "actions/setup-python": {"python", "python-version"}, "actions/setup-java": {"java", "java-version"},
	"actions/setup-go": {"go", "go-version"}, "shivammathur/setup-php": {"php", "php-version"}, "ruby/setup-ruby": {"ruby", "ruby-version"}, "actions/setup-dotnet": {"dotnet", "dotnet-version"},
	"oven-sh/setup-bun": {"bun", "bun-version"}, "erlef/setup-beam": {"elixir", "elixir-version"},
}

func (r *reader) githubAction(uses, with *node, s Shell) {
	name, _, _ := strings.Cut(uses.text(), "@")
	name = strings.ToLower(strings.TrimSuffix(name, "/"))
	if tool, ok := setupActions[name]; ok {
		if v := with.get(tool[1]); v.text() != "" && !strings.Contains(v.text(), "${{") {
			r.runtime(tool[0], v)
		}
		return
	}
	a, ok := actions[name]
	if !ok || a.via == "" {
		if strings.HasPrefix(name, "./") {
			r.call(path.Join(name, "action.yml"), uses.offset(), "include")
		}
		return
	}
	// older versions of some actions take their inputs from the environment
	in := func(keys []string) *node {
		for _, k := range keys {
			for _, e := range with.table() {
				if strings.EqualFold(e.key, k) {
					return e.val
				}
			}
		}
		return nil
	}
	host, user := ciText(in(a.host)), ciText(in(a.user))
	off := uses.offset()
	if h := in(a.host); h != nil {
		off = h.offset()
	}
	if at := strings.LastIndexByte(host, '@'); at >= 0 && user == "" {
		user, host = host[:at], host[at+1:]
	}
	r.out.Remotes = append(r.out.Remotes, model.Remote{Host: host, User: user, Via: a.via, Evidence: r.fact(off, "action "+name)})
	s.Where, s.Host, s.User, s.Dir, s.Env, s.Phase = Remote, host, user, "", nil, "deploy"
	for _, keys := range [][]string{a.scriptBefore, a.script} {
		r.actionScript(in(keys), s)
	}
	r.actionTransfer(a, in, s)
	r.actionScript(in(a.scriptAfter), s)
}

func (r *reader) actionScript(n *node, s Shell) {
	if n != nil && n.kind == scalarNode {
		r.addShell(ciValue(n.val), s)
	}
}

// actionTransfer records what is copied where. As the actions run it, it is
// also a command of the runner.
func (r *reader) actionTransfer(a actionInputs, in func([]string) *node, s Shell) {
	source, target := in(a.source), in(a.target)
	if source == nil && target == nil {
		return
	}
	for i, n := range []*node{source, target} {
		if n.text() != "" {
			name := [...]string{"source", "target"}[i]
			r.out.Values = append(r.out.Values, Setting{a.via + "." + name, ciText(n), r.pos(n.offset())})
		}
	}
	if target.text() != "" {
		dir := ciText(target)
		r.out.Claims = append(r.out.Claims, Claim{Path: strings.TrimSuffix(dir, "/"), Role: model.RoleCode, Dir: true, At: r.pos(target.offset()), Why: "files are copied there by " + a.via})
	}
	if args := in(a.args); args.text() != "" {
		r.excludes(args)
	}
	if a.via != "rsync" && a.via != "scp" {
		return
	}
	to := s.Host + ":" + ciText(target)
	if s.User != "" {
		to = s.User + "@" + to
	}
	words := []string{a.via}
	if a.via == "rsync" {
		words = append(words, "-a")
		if args := in(a.args); args.text() != "" && strings.HasPrefix(strings.TrimSpace(args.text()), "-") {
			words = append(words, strings.TrimSpace(ciText(args)))
		}
	} else {
		words = append(words, "-r")
	}
	for _, src := range strings.FieldsFunc(ciText(source), func(c rune) bool { return c == ',' || c == '\n' }) {
		words = append(words, quoteWord(strings.TrimSpace(src)))
	}
	if source.text() == "" {
		words = append(words, ".")
	}
	off := target.offset()
	if target == nil {
		off = source.offset()
	}
	t := stand(strings.Join(append(words, quoteWord(to)), " "), off)
	r.addShell(t, Shell{Where: Build, Phase: "deploy", Name: s.Name, When: s.When})
}

var rsyncExclude = lazyregexp.New(`--exclude(?:=|\s+)("[^"]*"|'[^']*'|[^\s]+)`)

// excludes records the patterns of --exclude, or of a comma-separated list.
func (r *reader) excludes(n *node) {
	t := n.val
	if !strings.Contains(t.s, "--exclude") && !strings.HasPrefix(strings.TrimSpace(t.s), "-") {
		for _, p := range splitCommas(t) {
			r.exclude(p)
		}
		return
	}
	for _, m := range rsyncExclude.FindAllStringSubmatchIndex(t.s, 200) {
		r.exclude(t.cut(m[2], m[3]))
	}
}

func (r *reader) exclude(p text) {
	s := strings.Trim(p.s, `"'`)
	if s != "" {
		r.out.Excludes = append(r.out.Excludes, Exclude{s, r.pos(p.off())})
	}
}
