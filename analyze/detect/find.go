package detect

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/shell"
	"github.com/nativize/nativize/analyze/source"
)

// maxCandidate is the size, in bytes, beyond which a file is not looked at as a
// candidate.
const maxCandidate = 1 << 20

type entryName struct {
	re    *lazyregexp.Regexp
	score int
	why   string
}

// entryNames are names that the entry of a deployment has, with the weight of
// each.
var entryNames = []entryName{
	{lazyregexp.New(`(?i)^deploy(\.(sh|bash))?$`), 60, "its name is deploy"},
	{lazyregexp.New(`(?i)^(deploy|redeploy|deployment)[-_.].*|.*[-_]deploy(\.(sh|bash))?$`), 50, "its name has deploy in it"},
	{lazyregexp.New(`(?i)^(install|installer|setup|provision|bootstrap)(\.(sh|bash))?$`), 35, "its name says that it installs"},
	{lazyregexp.New(`(?i)^(update|upgrade|release|publish|rollout|ship)(\.(sh|bash))?$`), 30, "its name says that it updates"},
	{lazyregexp.New(`(?i)^(install|setup|update|upgrade|provision|bootstrap)[-_].*|.*[-_](install|setup|update|upgrade)(\.(sh|bash))?$`), 22, "its name says that it installs or updates"},
	{lazyregexp.New(`(?i)^post-(receive|update)$`), 40, "it is a git hook that deploys"},
}

// EntryName tells whether a file of this base name may be the entry of a
// deployment by its name alone.
func EntryName(base string) bool {
	return slices.ContainsFunc(entryNames, func(n entryName) bool { return n.re.MatchString(base) })
}

// signs are texts that show what a script does to a server.
var signs = []struct {
	re    *lazyregexp.Regexp
	score int
	class model.Class
}{
	{lazyregexp.New(`\b(systemctl|service|supervisorctl|initctl|chkconfig|update-rc\.d|pm2|rc-service)\b`), 12, model.Server},
	{lazyregexp.New(`\b(useradd|adduser|groupadd)\b`), 8, model.Server},
	{lazyregexp.New(`\b(apt-get|apt|yum|dnf|apk|pacman|zypper) +(-\S+ +)*(install|add|-S)`), 8, model.Server},
	{lazyregexp.New(`/etc/(nginx|apache2|httpd|systemd|init\.d|supervisor|cron)`), 8, model.Server},
	{lazyregexp.New(`\bgit +(-C +\S+ +)?(pull|reset|fetch|clone|checkout)\b`), 8, model.Server},
	{lazyregexp.New(`\b(rsync|scp|ssh)\b`), 8, model.RemoteOrchestration},
	{lazyregexp.New(`\b(chown|chmod|install +-)`), 4, model.Server},
	{lazyregexp.New(`\b(migrate|syncdb|artisan|alembic)\b`), 5, model.Server},
	{lazyregexp.New(`\b(docker|docker-compose|podman|kubectl|helm)\b`), -6, model.Container},
	{lazyregexp.New(`\b(heroku|gcloud|aws +(s3|ecs|lambda|cloudformation|ecr)|firebase|vercel|netlify|flyctl|wrangler|serverless|terraform|az +webapp)\b`), -6, model.Cloud},
	{lazyregexp.New(`\b(gh-pages|surge)\b|github\.io`), -6, model.StaticSite},
}

// Candidates lists the files that may be the entry of the deployment, the
// likeliest first.
func Candidates(repo *source.Repo, companions *Companion) []model.Candidate {
	var out []model.Candidate
	for _, f := range repo.Files() {
		if f.Ignored || !f.IsRegular() || f.Size > maxCandidate || vendored(f.Path) {
			continue
		}
		c, ok := candidate(repo, f)
		if ok {
			out = append(out, c)
		}
	}
	calledBy(repo, out)
	companions.mentions(out)
	out = append(out, companions.fragments()...)
	slices.SortStableFunc(out, func(a, b model.Candidate) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(strings.Count(a.Path, "/"), strings.Count(b.Path, "/")), cmp.Compare(a.Path, b.Path))
	})
	return out
}

func vendored(p string) bool {
	for _, dir := range []string{"node_modules/", "vendor/", "third_party/", ".git/", "bower_components/", "site-packages/"} {
		if strings.HasPrefix(p, dir) || strings.Contains(p, "/"+dir) {
			return true
		}
	}
	return false
}

func candidate(repo *source.Repo, f source.File) (model.Candidate, bool) {
	base := path.Base(f.Path)
	score, why := 0, ""
	for _, n := range entryNames {
		if n.re.MatchString(base) && n.score > score {
			score, why = n.score, n.why
		}
	}
	dir := path.Dir(f.Path)
	ext := path.Ext(base)
	inDir := regexpDeployDir.MatchString(dir)
	shellName := ext == ".sh" || ext == ".bash" || ext == ""
	if score == 0 && !(inDir && shellName) && ext != ".sh" || !shellName {
		return model.Candidate{}, false
	}
	b, err := repo.Read(f.Path)
	if err != nil || source.IsBinary(b) {
		return model.Candidate{}, false
	}
	text := string(b)
	if lang := shell.Language(f.Path, text); lang == "cloud-init" {
		why = strings.TrimPrefix(why+"; it is user data of cloud-init", "; ")
	} else if lang != "sh" && lang != "bash" || ext == "" && !strings.HasPrefix(text, "#!") {
		return model.Candidate{}, false
	}
	c := model.Candidate{Path: f.Path, Score: score, Reason: why}
	weigh(&c, text, inDir)
	if c.Score > 0 && deployDir.MatchString(dir) {
		c.Score += 12
		c.Reason += "; it lies in a directory for deployment"
	}
	return c, c.Score > 0
}

// deployDir is a directory whose name says that what lies in it deploys.
var deployDir = lazyregexp.New(`(?i)(^|/)(deploy|deployment|deployments)$`)

var regexpDeployDir = lazyregexp.New(`(?i)(^|/)(deploy|deployment|deployments|ops|scripts|bin|script|infra|hooks|devops|tools|contrib)(/|$)`)

// weigh adds what the text of a script shows.
func weigh(c *model.Candidate, text string, inDir bool) {
	if inDir {
		c.Score += 4
	}
	if c.Score < 20 && !inDir {
		c.Score -= 4 // a script of any name must show more
	}
	content, class := contentOf(text)
	c.Score += content
	c.Class = class
	if content > 0 {
		c.Reason = strings.TrimPrefix(c.Reason+"; it changes a server", "; ")
	} else if c.Reason == "" {
		c.Score = 0
	}
	c.Score -= 3 * strings.Count(c.Path, "/")
}

func strongest(sums map[model.Class]int) model.Class {
	best := model.Other
	for _, class := range []model.Class{model.Server, model.RemoteOrchestration, model.Container, model.Cloud, model.StaticSite} {
		if sums[class] > sums[best] {
			best = class
		}
	}
	return best
}

// calledBy raises the scripts that are entries and lowers those that others call.
func calledBy(repo *source.Repo, list []model.Candidate) {
	texts := make([]string, len(list))
	for i, c := range list {
		if b, err := repo.Read(c.Path); err == nil {
			texts[i] = string(b)
		}
	}
	for i := range list {
		name := path.Base(list[i].Path)
		for j, t := range texts {
			if i != j && len(name) > 4 && strings.Contains(t, name) && callsScript(t, name) {
				list[i].Score -= 15
				list[i].Reason += "; " + list[j].Path + " calls it"
				break
			}
		}
	}
}

// mentions raises the scripts that documents, CI jobs and Makefiles tell to run.
func (c *Companion) mentions(list []model.Candidate) {
	seen := map[string]bool{}
	for _, r := range c.Results {
		n, why := 0, ""
		switch {
		case r.Kind == "markdown":
			n, why = 8, r.Path+" tells people to run it"
		case r.Kind == "appspec":
			n, why = 30, r.Path+" runs it on the server"
		case fronts[r.Kind].kind == "ci" || r.Kind == "makefile" || r.Kind == "git-hook":
			n, why = 12, r.Path+" runs it"
		default:
			continue
		}
		for _, call := range r.Calls {
			for i := range list {
				if p := list[i].Path; call.How == "run" && (call.Path == p || path.Join(path.Dir(r.Path), call.Path) == p) && !seen[p+why] {
					seen[p+why] = true
					list[i].Score += n
					list[i].Reason += "; " + why
				}
			}
		}
	}
}

// callsScript tells whether a text runs or sources a script of that name,
// outside comments.
func callsScript(text, name string) bool {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "#") || strings.HasPrefix(line, "echo") {
			continue
		}
		if i := strings.Index(line, name); i >= 0 && (i == 0 || strings.ContainsRune("/ \"'", rune(line[i-1]))) {
			return true
		}
	}
	return false
}

// Suggest names the likeliest candidates, for an error message.
func Suggest(list []model.Candidate) string {
	if len(list) == 0 {
		return ""
	}
	var names []string
	for _, c := range list[:min(3, len(list))] {
		names = append(names, c.Path)
	}
	return "; candidates are " + strings.Join(names, ", ")
}
