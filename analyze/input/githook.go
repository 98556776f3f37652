package input

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/model"
)

// GitHook reads hooks of a git repository that deploy on push. The body is
// shell, handed over whole; its standard input is lines of "old new ref".
var GitHook = &Kind{
	Name:   "git-hook",
	Doc:    "git hook: githooks(5), post-receive, post-update, update, post-merge, post-checkout",
	Claims: claimsGitHook,
	read:   readGitHook,
}

var (
	hookNames = map[string]bool{"post-receive": true, "post-update": true, "update": true, "post-merge": true, "post-checkout": true}
	workTree  = lazyregexp.New(`(?:GIT_WORK_TREE=|--work-tree[= ])("[^"\n]*"|'[^'\n]*'|[^\s;&|]+)`)
	branchRef = lazyregexp.New(`refs/heads/([A-Za-z0-9_./-]+)|(?:checkout|reset)\s+(?:-f\s+|--force\s+|--hard\s+)+(?:origin/)?([A-Za-z0-9_.-]+)|\bBRANCH=["']?([A-Za-z0-9_./-]+)`)
)

func claimsGitHook(p string, head []byte) bool {
	base := path.Base(p)
	stem := strings.TrimSuffix(strings.TrimSuffix(untemplate(base), ".sh"), ".bash")
	if !hookNames[stem] {
		return false
	}
	dir := "/" + path.Dir(p)
	inHooks := strings.Contains(dir, "hook") || strings.Contains(dir, "git")
	switch {
	case stem == "post-receive":
		return true
	case strings.Contains(dir, ".husky") || strings.Contains(dir, "githooks"):
		return false // hooks of developers
	}
	return inHooks && (len(head) == 0 || shebang(head) != "" || strings.Contains(string(head), "git "))
}

func readGitHook(r *reader) {
	interpreter := shebang(r.data)
	if interpreter != "" && !isShell(interpreter) || strings.HasPrefix(r.src, "<?php") {
		r.problem(0, "the hook is not a shell script: it runs under "+interpreter)
		return
	}
	name := strings.TrimSuffix(untemplate(r.base()), ".sh")
	vars := map[string]text{}
	for _, l := range r.lines() {
		if m := shellSet.FindStringSubmatchIndex(l.text); m != nil {
			key := l.text[m[2]:m[3]]
			if _, set := vars[key]; !set {
				vars[key] = shellValue(line{l.text[m[4]:m[5]], l.off + m[4]}, vars)
			}
		}
		if strings.HasPrefix(strings.TrimSpace(l.text), "#") {
			continue
		}
		if m := workTree.FindStringSubmatchIndex(l.text); m != nil {
			r.workTree(shellValue(line{l.text[m[2]:m[3]], l.off + m[2]}, vars))
		}
		r.hookBranches(name, l)
	}
	r.addShell(plain(r.src, 0), Shell{Where: Local, Interpreter: interpreter, Phase: "deploy", Name: name})
}

func (r *reader) workTree(dir text) {
	p := strings.TrimSuffix(dir.s, "/")
	if p == "" || p == "." || len(r.out.Claims) >= maxOnce {
		return
	}
	for _, c := range r.out.Claims {
		if c.Path == p {
			return
		}
	}
	r.out.Claims = append(r.out.Claims, Claim{Path: p, Role: model.RoleCode, Dir: true, At: r.pos(dir.off()), Why: "work tree that the hook checks out"})
}

func (r *reader) hookBranches(name string, l line) {
	for _, m := range branchRef.FindAllStringSubmatchIndex(l.text, 5) {
		for g := 2; g < len(m); g += 2 {
			if m[g] < 0 {
				continue
			}
			branch := l.text[m[g]:m[g+1]]
			t := Trigger{Event: "push", Branch: branch, Job: name, At: r.pos(l.off + m[g])}
			if !hasTrigger(r.out.Triggers, t) {
				r.out.Triggers = append(r.out.Triggers, t)
			}
		}
	}
}

func hasTrigger(list []Trigger, t Trigger) bool {
	if len(list) >= maxOnce {
		return true
	}
	for _, o := range list {
		if o.Event == t.Event && o.Branch == t.Branch && o.Job == t.Job {
			return true
		}
	}
	return false
}
