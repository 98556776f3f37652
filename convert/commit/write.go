package commit

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/format/index"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// lockName is git's lock of the index: who makes it may write the index.
const lockName = "index.lock"

// Commit makes a commit of each idea that has changes, in their order: of what
// the work tree has now below the roots of the series, and of what it has no
// more. The branch moves once, when all of them stand. It returns none when
// nothing changed. The ideas together take every file; when is the time of
// author and committer.
func (s *Series) Commit(ctx context.Context, ideas []Idea, when time.Time) (made []Commit, err error) {
	lock, err := s.dot.OpenFile(lockName, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return nil, errors.New("another git command works on the index (.git/index.lock): run convert again when it is done")
	}
	if err != nil {
		return nil, fmt.Errorf("lock git's index: %w", err)
	}
	published := false
	defer func() {
		if _ = lock.Close(); !published {
			_ = s.dot.Remove(lockName)
		}
	}()
	ref, tree, err := s.head()
	if err != nil {
		return nil, err
	}
	idx, err := s.index()
	if err != nil {
		return nil, err
	}
	all, err := s.changes(tree)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	made, last, err := s.series(ctx, ideas, all, point{ref.Hash(), tree}, when)
	if err != nil {
		return nil, err
	}
	edit(idx, all)
	if err := index.NewEncoder(lock).Encode(idx); err != nil {
		return nil, fmt.Errorf("write git's index: %w", err)
	}
	if err := s.move(ref, last); err != nil {
		return nil, fmt.Errorf("move %s: %w", ref.Name(), err)
	}
	published = true
	if err := s.dot.Rename(lockName, "index"); err != nil {
		return nil, fmt.Errorf("write git's index: %w; git reset brings it up to the commits", err)
	}
	return made, nil
}

// A point is a commit and its tree.
type point struct{ commit, tree plumbing.Hash }

// series writes the commits on top of at, and returns the last.
func (s *Series) series(ctx context.Context, ideas []Idea, all map[string]change, at point, when time.Time) ([]Commit, plumbing.Hash, error) {
	var made []Commit
	left := maps.Clone(all)
	for _, idea := range ideas {
		mine := s.take(idea, left)
		if len(mine) == 0 {
			continue
		}
		err := ctx.Err()
		if err == nil {
			at.tree, err = s.graft(at.tree, "", mine)
		}
		subject := idea.subject(mine)
		if err == nil {
			at.commit, err = s.commit(subject+"\n\n"+idea.Body+"\n", at, when)
		}
		if err != nil {
			return nil, at.commit, err
		}
		made = append(made, Commit{at.commit.String(), subject, len(mine)})
	}
	for name := range left {
		return nil, at.commit, fmt.Errorf("commit %s: it belongs to no commit of the series", name)
	}
	return made, at.commit, nil
}

// A change is a file with what it was and is; an absent one has no mode.
type change struct{ from, to blob }

// changes are the files of the series that differ between a tree and the work tree.
func (s *Series) changes(tree plumbing.Hash) (map[string]change, error) {
	head, err := s.committed(tree)
	if err != nil {
		return nil, err
	}
	disk, err := s.onDisk()
	if err != nil {
		return nil, err
	}
	out := map[string]change{}
	for _, name := range paths(head, disk) {
		if head[name] != disk[name] {
			out[name] = change{head[name], disk[name]}
		}
	}
	return out, nil
}

// take moves the changes of an idea out of all.
func (s *Series) take(idea Idea, all map[string]change) map[string]change {
	out := map[string]change{}
	for name, c := range all {
		rel := strings.TrimPrefix(name, s.prefix)
		if slices.ContainsFunc(idea.Paths, func(p string) bool { return p == "." || rel == p || strings.HasPrefix(rel, p+"/") }) {
			out[name] = c
			delete(all, name)
		}
	}
	return out
}

// subject says what the commit does.
func (idea Idea) subject(list map[string]change) string {
	added, removed := 0, 0
	for _, c := range list {
		if c.from.mode == filemode.Empty {
			added++
		}
		if c.to.mode == filemode.Empty {
			removed++
		}
	}
	verb := "update"
	switch len(list) {
	case added:
		verb = "add"
	case removed:
		verb = "remove"
	}
	return idea.Topic + ": " + verb + " " + idea.Object
}

// graft writes the tree that base becomes by changes, whose names are relative
// to dir, a path with a slash at its end or "". It returns the zero hash for a
// tree without entries, which git does not keep.
func (s *Series) graft(base plumbing.Hash, dir string, list map[string]change) (plumbing.Hash, error) {
	entries := map[string]object.TreeEntry{}
	if !base.IsZero() {
		t, err := s.repo.TreeObject(base)
		if err != nil {
			return base, fmt.Errorf("read the tree of %q: %w", dir, err)
		}
		for _, e := range t.Entries {
			entries[e.Name] = e
		}
	}
	below := map[string]map[string]change{}
	for name, c := range list {
		if sub, rest, deeper := strings.Cut(name, "/"); deeper {
			if below[sub] == nil {
				below[sub] = map[string]change{}
			}
			below[sub][rest] = c
			continue
		}
		delete(entries, name)
		if c.to.mode == filemode.Empty {
			continue
		}
		if err := s.store(dir+name, c.to); err != nil {
			return base, err
		}
		entries[name] = object.TreeEntry{Name: name, Mode: c.to.mode, Hash: c.to.hash}
	}
	for sub, changes := range below {
		var old plumbing.Hash
		if e := entries[sub]; e.Mode == filemode.Dir {
			old = e.Hash
		}
		h, err := s.graft(old, dir+sub+"/", changes)
		if err != nil {
			return base, err
		}
		switch {
		case !h.IsZero():
			entries[sub] = object.TreeEntry{Name: sub, Mode: filemode.Dir, Hash: h}
		case !old.IsZero():
			delete(entries, sub)
		}
	}
	if len(entries) == 0 && dir != "" {
		return plumbing.ZeroHash, nil
	}
	t := &object.Tree{Entries: slices.Collect(maps.Values(entries))}
	sort.Sort(object.TreeEntrySorter(t.Entries))
	return s.object(t)
}

// store writes the blob of a file of the work tree, and fails when the file is
// not what it was a moment ago.
func (s *Series) store(name string, want blob) error {
	data, err := s.read(name)
	if err != nil {
		return fmt.Errorf("commit %s: %w", name, err)
	}
	o := s.repo.Storer.NewEncodedObject()
	o.SetType(plumbing.BlobObject)
	w, err := o.Writer()
	if err == nil {
		_, err = w.Write(data)
	}
	if err == nil {
		err = w.Close()
	}
	if err == nil && o.Hash() != want.hash {
		err = errors.New("it changed meanwhile; run convert again")
	}
	if err == nil {
		_, err = s.repo.Storer.SetEncodedObject(o)
	}
	if err != nil {
		return fmt.Errorf("commit %s: %w", name, err)
	}
	return nil
}

// object writes a tree or a commit.
func (s *Series) object(t interface {
	Encode(plumbing.EncodedObject) error
}) (plumbing.Hash, error) {
	o := s.repo.Storer.NewEncodedObject()
	if err := t.Encode(o); err != nil {
		return plumbing.ZeroHash, fmt.Errorf("write to the git repository: %w", err)
	}
	h, err := s.repo.Storer.SetEncodedObject(o)
	if err != nil {
		return h, fmt.Errorf("write to the git repository: %w", err)
	}
	return h, nil
}

// commit writes a commit of the tree of at on top of the commit of it.
func (s *Series) commit(message string, at point, when time.Time) (plumbing.Hash, error) {
	c := &object.Commit{Author: s.Author.signature(when), Committer: s.Committer.signature(when), Message: message, TreeHash: at.tree}
	if !at.commit.IsZero() {
		c.ParentHashes = []plumbing.Hash{at.commit}
	}
	return s.object(c)
}

// edit puts changes into the index. Their times are left out, so that git
// compares the files when it looks next.
func edit(idx *index.Index, list map[string]change) {
	idx.Entries = slices.DeleteFunc(idx.Entries, func(e *index.Entry) bool { _, ok := list[e.Name]; return ok })
	for name, c := range list {
		if c.to.mode != filemode.Empty {
			idx.Entries = append(idx.Entries, &index.Entry{Name: name, Hash: c.to.hash, Mode: c.to.mode})
		}
	}
}

// move sets the branch, or a detached HEAD, if it still is where it was.
func (s *Series) move(old *plumbing.Reference, to plumbing.Hash) error {
	ref := plumbing.NewHashReference(old.Name(), to)
	if old.Hash().IsZero() {
		return s.repo.Storer.SetReference(ref)
	}
	return s.repo.Storer.CheckAndSetReference(ref, old)
}
