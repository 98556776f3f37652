package commit

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/format/index"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// A blob is what a tree, the index or the work tree has at a path.
type blob struct {
	hash plumbing.Hash
	mode filemode.FileMode
}

// newSuffix ends the names of files that stand beside edited ones.
const newSuffix = ".nativize-new"

// Check refuses changes of people in the paths of the series: what is staged,
// what differs from the index, and files that git does not know unless own says
// that convert wrote them. own gets a path relative to the output directory and
// the file's bytes.
func (s *Series) Check(own func(path string, data []byte) bool) error {
	_, tree, err := s.head()
	if err != nil {
		return err
	}
	head, err := s.committed(tree)
	if err != nil {
		return err
	}
	disk, err := s.onDisk()
	if err != nil {
		return err
	}
	idx, err := s.index()
	if err != nil {
		return err
	}
	staged, err := s.staged(idx)
	if err != nil {
		return err
	}
	for _, name := range paths(head, staged, disk) {
		if err := s.changed(name, head, staged, disk, own); err != nil {
			return err
		}
	}
	return nil
}

// changed tells of a change in one file.
func (s *Series) changed(name string, head, staged, disk map[string]blob, own func(string, []byte) bool) error {
	h, committed := head[name]
	i, known := staged[name]
	d, exists := disk[name]
	switch {
	case committed != known || h != i:
		return fmt.Errorf("%s has staged changes: commit them first, or git restore --staged them", name)
	case known && !exists:
		return fmt.Errorf("%s is gone from the work tree: git restore it, or commit its removal first", name)
	case known && i != d:
		return fmt.Errorf("%s has changes that are not committed: commit them first, or git restore it", name)
	case known:
		return nil
	}
	data, err := s.read(name)
	if err != nil {
		return err
	}
	if !own(strings.TrimPrefix(name, s.prefix), data) {
		return fmt.Errorf("%s is not known to git and not as nativize wrote it: commit it or move it away first", name)
	}
	return nil
}

// paths are the keys of all maps, sorted.
func paths(list ...map[string]blob) []string {
	all := map[string]blob{}
	for _, m := range list {
		maps.Copy(all, m)
	}
	return slices.Sorted(maps.Keys(all))
}

// ours tells whether a path of the work tree is one that the series may touch.
func (s *Series) ours(name string) bool {
	return !strings.HasSuffix(name, newSuffix) &&
		slices.ContainsFunc(s.roots, func(r string) bool { return name == r || strings.HasPrefix(name, r+"/") })
}

// committed are the files of the series in a tree.
func (s *Series) committed(tree plumbing.Hash) (map[string]blob, error) {
	out := map[string]blob{}
	if tree.IsZero() {
		return out, nil
	}
	t, err := s.repo.TreeObject(tree)
	if err != nil {
		return nil, fmt.Errorf("read the tree %s: %w", tree, err)
	}
	for _, r := range s.roots {
		e, err := t.FindEntry(r)
		if errors.Is(err, object.ErrEntryNotFound) || errors.Is(err, object.ErrDirectoryNotFound) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read the tree %s: %w", tree, err)
		}
		if e.Mode != filemode.Dir {
			out[r] = blob{e.Hash, e.Mode}
			continue
		}
		if err := s.below(e.Hash, r, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// below adds the files of a tree.
func (s *Series) below(tree plumbing.Hash, dir string, out map[string]blob) error {
	t, err := s.repo.TreeObject(tree)
	if err != nil {
		return fmt.Errorf("read the tree of %s: %w", dir, err)
	}
	walker := object.NewTreeWalker(t, true, nil)
	defer walker.Close()
	for {
		name, e, err := walker.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the tree of %s: %w", dir, err)
		}
		if name = dir + "/" + name; e.Mode != filemode.Dir && s.ours(name) {
			out[name] = blob{e.Hash, e.Mode}
		}
	}
}

// staged are the files of the series in the index.
func (s *Series) staged(idx *index.Index) (map[string]blob, error) {
	out := map[string]blob{}
	for _, e := range idx.Entries {
		if e.Stage != 0 {
			return nil, fmt.Errorf("%s is not merged: resolve the conflict first", e.Name)
		}
		if s.ours(e.Name) {
			out[e.Name] = blob{e.Hash, e.Mode}
		}
	}
	return out, nil
}

// onDisk are the files of the series in the work tree.
func (s *Series) onDisk() (map[string]blob, error) {
	out := map[string]blob{}
	for _, r := range s.roots {
		info, err := s.work.Lstat(r)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = s.walk(r, info, out)
		}
		if err != nil {
			return nil, fmt.Errorf("read the work tree: %w", err)
		}
	}
	return out, nil
}

// walk adds the files at and below name; links are not followed.
func (s *Series) walk(name string, info fs.FileInfo, out map[string]blob) error {
	if info.IsDir() {
		list, err := s.work.ReadDir(name)
		if err != nil {
			return err
		}
		for _, e := range list {
			if err := s.walk(name+"/"+e.Name(), e, out); err != nil {
				return err
			}
		}
		return nil
	}
	mode := filemode.Regular
	switch {
	case !s.ours(name):
		return nil
	case info.Mode()&fs.ModeSymlink != 0:
		mode = filemode.Symlink
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is no file that git can keep", name)
	case info.Mode()&0o100 != 0:
		mode = filemode.Executable
	}
	data, err := s.read(name)
	if err != nil {
		return err
	}
	out[name] = blob{plumbing.ComputeHash(plumbing.BlobObject, data), mode}
	return nil
}

// read returns the bytes of a file of the work tree, of a link its text.
func (s *Series) read(name string) ([]byte, error) {
	info, err := s.work.Lstat(name)
	if err != nil {
		return nil, err
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		to, err := s.work.Readlink(name)
		return []byte(to), err
	}
	f, err := s.work.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

// index reads the index, and refuses one that go-git would not write back with
// the same entries: marks such as assume-unchanged would be lost.
func (s *Series) index() (*index.Index, error) {
	idx, err := s.repo.Storer.Index()
	if err != nil {
		return nil, fmt.Errorf("read git's index: %w", err)
	}
	f, err := s.dot.Open("index")
	if errors.Is(err, fs.ErrNotExist) {
		return idx, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read git's index: %w", err)
	}
	defer f.Close()
	have, err := io.ReadAll(f)
	if err != nil {
		return nil, fmt.Errorf("read git's index: %w", err)
	}
	var again bytes.Buffer
	if err := index.NewEncoder(&again).Encode(idx); err != nil {
		return nil, fmt.Errorf("write git's index: %w", err)
	}
	if entries := again.Bytes()[:again.Len()-len(plumbing.ZeroHash)]; !bytes.HasPrefix(have, entries) {
		return nil, errors.New("git's index has entries that would not be kept as they are (conflicts, assume-unchanged, or a newer form): commit by hand, without --commits")
	}
	return idx, nil
}
