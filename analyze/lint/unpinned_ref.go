package lint

import (
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/lazyregexp"
)

var unpinnedRef = &Rule{
	ID: "unpinned-ref", Group: Security, Severity: diag.Note, Confidence: diag.High,
	Doc: Doc{
		Title:      "What is deployed is whatever a branch holds now",
		Text:       "Two servers, or a server and its rollback, get different code from the same deploy, and nobody can say later what ran. Deploy a tag or a commit, and lock dependencies.",
		Bad:        "#!/bin/sh\nset -e\ncd /srv/shop\ngit pull\n",
		Good:       "#!/bin/sh\nset -e\ncd /srv/shop\ngit fetch --tags origin\ngit checkout --detach \"$1\"\n",
		Exceptions: "Silent when a tag or a commit is checked out afterwards, and for branches that a caller names.",
		Since:      "0.1",
		References: []string{"git-checkout(1), --detach"},
	},
	Run: func(p *Pass) {
		for _, e := range perPlace(p.RunEffects(1, host.Clone)) {
			if what := floating(e); what != "" && p.onTarget(e) && !p.pinnedLater(e) {
				p.Report(Report{At: e.At, Value: valueOf(p.SourceOf(e.At), e.Path), Confidence: p.sure(e), Effect: e.Path + what,
					Message: what + ": the same deploy brings different code tomorrow", Help: "deploy a tag or a commit: git checkout --detach REF"})
			}
		}
		for _, e := range perPlace(p.RunEffects(1, host.Fetch, host.RunCode)) {
			if m := floatingURL.FindString(e.URL); m != "" && (e.Op == host.RunCode || p.used(e) || strings.Contains(e.URL, "releases/latest")) {
				p.Report(Report{At: e.At, Value: valueOf(p.SourceOf(e.At), e.URL), Confidence: p.sure(e), Effect: e.URL,
					Message: e.URL + " names no version (" + strings.Trim(m, "/") + "): the same deploy brings another file tomorrow", Help: "name a version in the address"})
			}
		}
		for _, e := range perPlace(p.RunEffects(1, host.Language)) {
			if upgrades(e) && p.onTarget(e) {
				p.Report(Report{At: e.At, Confidence: Lower(p.rule.Confidence), Effect: e.Manager + e.What,
					Message: e.Manager + " " + e.What + " takes the newest versions of that moment: the same deploy brings other code tomorrow", Help: "install what a lock file names"})
			}
		}
	},
}

var floatingURL = lazyregexp.New(`/(master|main|latest|HEAD)(/|\.zip|\.tar\.gz|\.tgz|$)`)

// floating says in words how a checkout follows a branch, "" when it does not.
func floating(e *host.Effect) string {
	w := strings.Fields(e.What)
	switch verb := e.Action; {
	case strings.HasPrefix(verb, "pull"):
		return "git pull brings whatever the branch holds now"
	case strings.HasPrefix(verb, "reset"):
		if i := slices.Index(w, "--hard"); i >= 0 && i+1 < len(w) && branchLike(w[len(w)-1]) {
			return "git reset --hard " + w[len(w)-1] + " brings whatever the branch holds now"
		}
	case verb == "clone":
		return floatingClone(w)
	case strings.HasPrefix(verb, "merge"), strings.HasPrefix(verb, "checkout"):
		if len(w) > 0 && strings.HasPrefix(w[len(w)-1], "origin/") {
			return "git " + verb + " follows " + w[len(w)-1]
		}
	}
	return ""
}

// branchLike tells whether a revision is a branch as fetched.
func branchLike(rev string) bool {
	return strings.HasPrefix(rev, "origin") || rev == "FETCH_HEAD" || rev == "@{u}" || rev == "@{upstream}" || rev == "main" || rev == "master" || strings.HasPrefix(rev, "upstream/")
}

var versionLike = lazyregexp.New(`^v?[0-9]+(\.[0-9x]+)*|\$\{`)

func floatingClone(w []string) string {
	for i, s := range w {
		if (s == "-b" || s == "--branch") && i+1 < len(w) {
			if versionLike.MatchString(w[i+1]) {
				return ""
			}
			return "git clone takes whatever the branch " + w[i+1] + " holds now"
		}
		if v, ok := strings.CutPrefix(s, "--branch="); ok && versionLike.MatchString(v) {
			return ""
		}
		if s == "--bare" || s == "--mirror" {
			return ""
		}
	}
	return "git clone takes whatever the default branch holds now"
}

// pinnedLater tells whether a later step checks out a fixed revision there.
func (p *Pass) pinnedLater(e *host.Effect) bool {
	for _, o := range p.On(e.Path) {
		if o.Op != host.Clone || o.Run != e.Run || !p.Before(e, o) {
			continue
		}
		w := strings.Fields(o.What)
		if strings.HasPrefix(o.Action, "checkout") || strings.HasPrefix(o.Action, "reset") || strings.HasPrefix(o.Action, "switch") {
			if last := w[max(len(w)-1, 0)]; !branchLike(last) && last != "-f" && last != "." && !strings.HasPrefix(last, "-") && (versionLike.MatchString(last) || len(last) == 40) {
				return true
			}
		}
	}
	return false
}

func upgrades(e *host.Effect) bool {
	w := strings.Fields(e.What)
	switch e.Manager {
	case "composer":
		return slices.Contains(w, "update")
	case "pip", "pip3":
		return len(w) > 1 && w[0] == "install" && slices.ContainsFunc(w[1:], unpinnedName) && !slices.ContainsFunc(w, func(s string) bool { return strings.HasPrefix(s, "-r") || s == "-e" || s == "-c" })
	case "npm", "yarn", "pnpm":
		return slices.Contains(w, "update") || slices.Contains(w, "upgrade")
	case "bundle":
		return slices.Contains(w, "update")
	}
	return false
}

// unpinnedName tells of a package of pip without a version; pip's own tools do
// not count.
func unpinnedName(s string) bool {
	switch s {
	case "pip", "setuptools", "wheel", "virtualenv", "install", "":
		return false
	}
	return !strings.HasPrefix(s, "-") && !strings.ContainsAny(s, "=<>~/.$@")
}
