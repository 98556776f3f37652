package place

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/input"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/convert/choices"
	"github.com/nativize/nativize/convert/plan"
)

// defaultOf is the file of the repository that a configuration file starts as.
func (x *placer) defaultOf(f model.ConfigFile) (string, bool) {
	var list []string
	if x.host != nil {
		list = repoFiles(x.host.Node(x.where, f.Path).Content)
	}
	list = append(list, f.From)
	if strings.HasPrefix(f.From, "/") && x.host != nil {
		list = append(list, repoFiles(x.host.Node(x.where, f.From).Content)...)
		list = append(list, strings.TrimPrefix(f.From, x.old+"/"))
	}
	if x.inOld(f.Path) {
		list = append(list, x.sampleOf(f.Path))
	}
	var files []string
	for _, p := range list {
		if p != "" && x.isRepoFile(p) && !slices.Contains(files, p) {
			files = append(files, p)
		}
	}
	if len(files) == 0 {
		return "", false
	}
	if f.How == model.HowHeredoc || f.How == model.HowEcho {
		return "", false
	}
	return x.variant(files), true
}

// repoFiles are the files of the repository that a content may be.
func repoFiles(c *host.Content) []string {
	var out []string
	for ; c != nil; c = c.Prev {
		if c.Kind == host.RepoFile {
			out = append(out, c.Path)
		}
		for _, o := range c.Or {
			out = append(out, repoFiles(o)...)
		}
	}
	return out
}

func (x *placer) isRepoFile(p string) bool {
	f, ok := x.repo.Lookup(p)
	return ok && f.IsRegular() && !f.Ignored
}

// environments are words for variants, the likeliest on a server first.
var environments = []string{"production", "prod", "live", "staging", "stage", "uat", "qa", "test", "development", "dev", "local"}

// variant chooses among the files of several environments.
func (x *placer) variant(files []string) string {
	if len(files) == 1 {
		return files[0]
	}
	var found []string
	for _, env := range environments {
		for _, f := range files {
			if hasWord(f, env) && !slices.Contains(found, env) {
				found = append(found, env)
			}
		}
	}
	if len(found) < 2 {
		return files[0]
	}
	env := x.c.Guess("environment", found[0], choices.Note{Why: "the repository has " + strings.Join(found, ", "), Question: "which environment the package is made for: " + strings.Join(found, ", ")})
	for _, f := range files {
		if hasWord(f, env) {
			return f
		}
	}
	return files[0]
}

func hasWord(s, word string) bool {
	return slices.Contains(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return strings.ContainsRune("/._-", r) }), word)
}

// sampleOf is the sample of the repository that lies beside a path of the code
// and is copied to it.
func (x *placer) sampleOf(p string) string {
	for _, n := range x.nodes {
		if path.Dir(n.old) != path.Dir(p) || n.repo == "" {
			continue
		}
		if t, ok := input.IsSample(n.old); ok && t == p {
			return n.repo
		}
	}
	return ""
}

// placeholders writes holes as @NAME@.
func placeholders(text string, holes []string) string {
	for _, h := range holes {
		text = strings.ReplaceAll(text, "${"+h+"}", "@"+h+"@")
	}
	return text
}

// samples finds configuration that no script makes: the repository has a
// sample of a file that git is told to ignore.
func (x *placer) samples() {
	if x.old == "" && x.code == "" {
		return
	}
	for _, f := range x.repo.Files() {
		t, ok := input.IsSample(f.Path)
		if !ok || x.treeOf[f.Path] == "" || !f.IsRegular() || !x.repo.Ignored(t) || x.isRepoFile(t) || asideRE.MatchString(f.Path) {
			continue
		}
		old := path.Join(path.Dir(x.treeOf[f.Path]), path.Base(t))
		if slices.ContainsFunc(x.confs, func(c *conf) bool { return c.old == old || slices.Contains(c.also, old) }) {
			continue
		}
		x.addConf(&conf{
			old: old, to: x.etcPath(old), repo: f.Path, known: true, why: "git ignores it, and the repository has a sample",
			at: []source.Pos{{File: f.Path, Line: 1, Col: 1}},
		})
	}
}

// sampleFile ships a sample as documentation.
func (x *placer) sampleFile(f model.ConfigFile) {
	c := x.newConf(f)
	to := "/usr/share/doc/" + x.p.Name + "/examples/" + path.Base(f.Path)
	if c.repo == "" {
		x.mark(f.At, plan.PartManual, f.Path, "a sample whose text is not in the repository")
		return
	}
	x.add(plan.Entry{Path: to, Type: plan.File, Origin: plan.Repo, Src: c.repo, Mode: 0o644, At: f.At, Why: "sample"})
	x.mark(f.At, plan.PartPayload, to, "a sample, read by people")
}
