// Package commit puts the files that convert wrote into the git repository that
// holds them, as a short series of commits, one idea each.
//
// It runs neither git nor hooks and signs nothing: objects, the branch and the
// index are written with go-git. Of the index it changes the entries of the
// series only; an index that go-git cannot write back as it was is refused.
package commit

import (
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-git/go-billy/v5"
	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/config"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/storage/filesystem"
)

// A Person is an author or a committer.
type Person struct{ Name, Email string }

// An Idea is one commit of a series: the files that it takes.
type Idea struct {
	Topic  string   // what stands before the colon of the subject
	Object string   // what is added, updated or removed
	Body   string   // why, one paragraph
	Paths  []string // files and directories relative to the output directory; "." takes the rest
}

// A Commit is one that was made.
type Commit struct {
	Hash    string // hexadecimal
	Subject string
	Files   int
}

// A Series is a checkout that is about to get commits.
type Series struct {
	// Author and Committer are those of git's configuration and environment.
	Author, Committer Person
	// Signs tells that the configuration wants commits signed, which they are not.
	Signs bool

	repo   *git.Repository
	dot    billy.Filesystem // the git directory
	work   billy.Filesystem // the work tree
	prefix string           // of the output directory in the work tree: "" or "a/b/"
	roots  []string         // what the series may touch, in the work tree
}

// underway are the files of a git directory that say that something else will
// make the next commit (gitrepository-layout(5)).
var underway = map[string]string{
	"MERGE_HEAD": "a merge", "CHERRY_PICK_HEAD": "a cherry-pick", "REVERT_HEAD": "a revert",
	"rebase-merge": "a rebase", "rebase-apply": "a rebase", "index.lock": "another git command",
}

// Open finds the checkout that holds dir, an absolute path without symbolic
// links that need not exist yet. roots are the files and directories below dir
// that the series may touch. env looks a variable of the environment up. It
// fails when there is no checkout, nobody to name as the author, or something
// under way in the repository.
func Open(dir string, roots []string, env func(string) string) (*Series, error) {
	repo, err := git.PlainOpenWithOptions(dir, &git.PlainOpenOptions{DetectDotGit: true, EnableDotGitCommonDir: true})
	if errors.Is(err, git.ErrRepositoryNotExists) {
		return nil, fmt.Errorf("%s is in no git checkout: run git init first, or convert without --commits", dir)
	}
	if err != nil {
		return nil, fmt.Errorf("open the git repository of %s: %w", dir, err)
	}
	s := &Series{repo: repo}
	if err := s.locate(dir, roots); err != nil {
		return nil, err
	}
	for name, what := range underway {
		if _, err := s.dot.Lstat(name); err == nil {
			return nil, fmt.Errorf("%s is under way in %s (.git/%s): finish it first", what, s.work.Root(), name)
		}
	}
	return s, s.identify(env)
}

// locate sets what belongs to the place of the output directory.
func (s *Series) locate(dir string, roots []string) error {
	tree, err := s.repo.Worktree()
	store, ok := s.repo.Storer.(*filesystem.Storage)
	if err != nil || !ok {
		return fmt.Errorf("%s is in a git repository without a work tree", dir)
	}
	s.work, s.dot = tree.Filesystem, store.Filesystem()
	rel, err := filepath.Rel(s.work.Root(), dir)
	rel = filepath.ToSlash(rel)
	if err != nil || !filepath.IsLocal(rel) || rel == git.GitDirName || strings.HasPrefix(rel, git.GitDirName+"/") {
		return fmt.Errorf("%s is no part of the work tree %s", dir, s.work.Root())
	}
	if rel != "." {
		s.prefix = rel + "/"
	}
	for _, r := range roots {
		s.roots = append(s.roots, s.prefix+path.Clean(r))
	}
	return nil
}

// identify reads who commits, as git does: the environment comes before the
// configuration, author.* before user.* (git-commit(1), "COMMIT INFORMATION").
func (s *Series) identify(env func(string) string) error {
	c, err := s.repo.ConfigScoped(config.SystemScope)
	if err != nil {
		return fmt.Errorf("read git's configuration: %w", err)
	}
	s.Signs = strings.EqualFold(c.Raw.Section("commit").Option("gpgsign"), "true")
	s.Author = Person{first(env("GIT_AUTHOR_NAME"), c.Author.Name, c.User.Name), first(env("GIT_AUTHOR_EMAIL"), c.Author.Email, c.User.Email)}
	s.Committer = Person{first(env("GIT_COMMITTER_NAME"), c.Committer.Name, c.User.Name), first(env("GIT_COMMITTER_EMAIL"), c.Committer.Email, c.User.Email)}
	for _, p := range []Person{s.Author, s.Committer} {
		if p.Name == "" || p.Email == "" {
			return errors.New("git's configuration does not say who commits: git config user.name NAME, git config user.email ADDRESS")
		}
		if strings.ContainsAny(p.Name+p.Email, "<>\n\x00") {
			return fmt.Errorf("git's configuration names %q <%q>, which cannot stand in a commit", p.Name, p.Email)
		}
	}
	return nil
}

func first(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

// head returns the reference that a commit moves, the commit that it has and the
// tree of that; a branch without a commit has zero ones.
func (s *Series) head() (ref *plumbing.Reference, tree plumbing.Hash, err error) {
	ref, err = s.repo.Storer.Reference(plumbing.HEAD)
	if err != nil {
		return nil, tree, fmt.Errorf("read HEAD: %w", err)
	}
	if ref.Type() == plumbing.SymbolicReference {
		name := ref.Target()
		if ref, err = s.repo.Storer.Reference(name); errors.Is(err, plumbing.ErrReferenceNotFound) {
			return plumbing.NewHashReference(name, plumbing.ZeroHash), tree, nil
		}
		if err != nil {
			return nil, tree, fmt.Errorf("read %s: %w", name, err)
		}
	}
	c, err := s.repo.CommitObject(ref.Hash())
	if err != nil {
		return nil, tree, fmt.Errorf("read the commit %s: %w", ref.Hash(), err)
	}
	return ref, c.TreeHash, nil
}

// signature is a person at a time.
func (p Person) signature(at time.Time) object.Signature {
	return object.Signature{Name: p.Name, Email: p.Email, When: at}
}
