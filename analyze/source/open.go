package source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Open opens the repository at a path: a directory, a git working tree or a
// directory in one, a bare git repository or a .git directory, an archive
// (.tar, .zip, and .tar compressed with gzip, xz, bzip2 or zstd, told by
// content), or one file, which opens its directory and is named by Repo.Entry.
//
// Of a working tree the files are read as they lie there, without those that
// are ignored and not tracked, unless opts.Rev names a commit.
func Open(ctx context.Context, path string, opts Options) (*Repo, error) {
	r := &Repo{ctx: ctx, path: path, max: opts.MaxFile}
	if r.max <= 0 {
		r.max = DefaultMaxFile
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, openError(path, err)
	}
	switch {
	case info.IsDir():
		err = r.openDir(path, opts.Rev)
	case info.Mode().IsRegular():
		err = r.openFile(path, opts.Rev)
	default:
		err = fmt.Errorf("%w but %s", ErrNotRegular, kindOf(info.Mode()))
	}
	if err != nil {
		r.closeAll()
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return r, nil
}

func (r *Repo) closeAll() {
	if r.tree != nil {
		r.tree.close()
	}
	if r.git != nil {
		r.git.close()
	}
}

// openError names the path once and says what to check.
func openError(path string, err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	switch {
	case isMissing(err):
		err = fmt.Errorf("%w: no such file or directory%s", ErrNotFound, missingHint(path))
	case errors.Is(err, syscall.ELOOP):
		err = ErrLoop
	}
	return fmt.Errorf("open %s: %w", path, err)
}

// missingHint names the nearest directory that does exist.
func missingHint(path string) string {
	dir := filepath.Dir(filepath.Clean(path))
	if _, err := os.Stat(dir); err == nil {
		return near(filepath.Base(path), siblings(dir))
	}
	for dir != filepath.Dir(dir) {
		dir = filepath.Dir(dir)
		if _, err := os.Stat(dir); err == nil {
			break
		}
	}
	return fmt.Sprintf("; only %s exists", dir)
}

// siblings lists the names in a directory, up to a bound.
func siblings(dir string) []string {
	f, err := os.Open(dir)
	if err != nil {
		return nil
	}
	defer f.Close()
	names, _ := f.Readdirnames(10_000)
	return names
}

func (r *Repo) openDir(path, rev string) error {
	abs, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		abs = real
	}
	if isGitDir(abs) {
		r.kind, r.git = "git", newGitRepo(abs, "")
		return r.openCommit(rev)
	}
	g, err := findGit(abs)
	if err != nil && rev == "" {
		// The files are there all the same.
		g = nil
	} else if err != nil {
		return err
	}
	if g == nil {
		if rev != "" {
			return fmt.Errorf("%w, so revision %q names nothing in it", ErrNotGit, rev)
		}
		return r.openPlain(abs)
	}
	prefix, err := filepath.Rel(g.top, abs)
	if err != nil {
		return err
	}
	r.git = g
	if prefix != "." {
		r.prefix = filepath.ToSlash(prefix)
	}
	if rev != "" {
		r.kind = "git"
		return r.openCommit(rev)
	}
	return r.openWorktree(abs)
}

func (r *Repo) openPlain(abs string) error {
	t, err := openDir(abs)
	if err != nil {
		return err
	}
	r.kind, r.tree = "dir", t
	return notEmpty(abs)
}

// openWorktree opens a git working tree, or a directory in one. A directory
// that git ignores (a build result, a checkout of something else) is a plain
// directory, whatever repository happens to lie above.
func (r *Repo) openWorktree(abs string) error {
	t, err := openDir(abs)
	if err != nil {
		return err
	}
	t.git, t.prefix = r.git, r.prefix
	r.kind, r.tree = "git", t
	if r.prefix != "" && t.rootIgnored() {
		t.git, t.prefix = nil, ""
		r.kind, r.git, r.prefix = "dir", nil, ""
	}
	if err := notEmpty(abs); err != nil {
		if r.git != nil && r.prefix == "" && r.git.hasCommit() {
			err = fmt.Errorf("%w but .git; name the revision to read with --rev HEAD", err)
		}
		return err
	}
	return nil
}

// rootIgnored tells whether the working tree ignores the root, and tracks
// nothing in it.
func (t *dirTree) rootIgnored() bool {
	rules := &ignoreTree{cache: map[string][]ignoreRule{}, base: t.git.exclude()}
	rules.rules = func(dir string) []ignoreRule {
		return readIgnoreFile(filepath.Join(t.git.top, filepath.FromSlash(dir), ".gitignore"))
	}
	if !rules.ignored(t.prefix, true) {
		return false
	}
	idx, err := t.git.index()
	return err == nil && len(trackedBelow(idx, t.prefix).files) == 0
}

// notEmpty refuses a directory that holds nothing but .git.
func notEmpty(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return plainError(err)
	}
	defer f.Close()
	names, err := f.Readdirnames(2)
	if len(names) == 0 && err != nil || len(names) == 1 && names[0] == ".git" {
		return fmt.Errorf("the directory %w", ErrEmpty)
	}
	return nil
}

// openCommit opens the tree of a commit; an empty rev is HEAD.
func (r *Repo) openCommit(rev string) error {
	id, err := r.git.resolveRev(rev)
	if err != nil {
		return err
	}
	c, err := r.git.commit(id)
	if err != nil {
		return err
	}
	root, err := r.git.subtree(c.tree, r.prefix)
	if err != nil {
		return err
	}
	if b, err := r.git.object(treeType, root, maxTreeObject); err == nil && len(b) == 0 {
		return fmt.Errorf("the commit %s %w", id.short(), ErrEmpty)
	}
	r.rev, r.atCommit = id, true
	r.tree = &gitTree{git: r.git, root: root, top: c.tree}
	return nil
}

// openFile opens an archive, or the directory of one file.
func (r *Repo) openFile(path, rev string) error {
	format, err := sniff(path)
	if err != nil {
		return err
	}
	if format != "" {
		if rev != "" {
			return fmt.Errorf("an archive is %w, so revision %q names nothing in it", ErrNotGit, rev)
		}
		r.kind = "tarball"
		t, err := openArchive(r.ctx, path, format, r.max)
		if err != nil {
			return err
		}
		r.tree, r.rev = t, t.commit
		return nil
	}
	r.Entry = filepath.Base(path)
	if err := r.openDir(filepath.Dir(path), rev); err != nil {
		return err
	}
	if r.atCommit {
		if _, ok := r.Lookup(r.Entry); !ok {
			return fmt.Errorf("%w in revision %q", ErrNotFound, rev)
		}
	}
	return nil
}
