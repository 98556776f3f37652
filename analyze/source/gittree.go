package source

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io/fs"
	"strconv"

	"github.com/go-git/go-git/v5/plumbing"
)

// A gitTree is the tree of one commit, read without a checkout.
type gitTree struct {
	git   *gitRepo
	root  plumbing.Hash
	top   plumbing.Hash   // the tree of the whole commit
	blobs []plumbing.Hash // by entry.key
	found []entry
	ctx   context.Context
	// namesOnly leaves the targets of symbolic links unread.
	namesOnly bool
}

// maxTreeObject bounds one tree object: 100,000 names in one directory.
const maxTreeObject = 64 << 20

// maxLinkText bounds the target of a symbolic link.
const maxLinkText = maxPath

func (t *gitTree) list(ctx context.Context) ([]entry, error) {
	t.ctx, t.found, t.blobs = ctx, nil, nil
	err := t.dir("", t.root)
	found := t.found
	t.found = nil
	return found, err
}

// dir lists one tree object. A tree that cannot be read is an entry with Err,
// and the rest goes on.
func (t *gitTree) dir(rel string, h plumbing.Hash) error {
	if err := t.ctx.Err(); err != nil {
		return err
	}
	if len(rel) > maxPath {
		return fmt.Errorf("%w: path of %d bytes", ErrTooLarge, len(rel))
	}
	b, err := t.git.object(plumbing.TreeObject, h, maxTreeObject)
	if err == nil {
		err = eachTreeEntry(b, func(mode uint32, name string, h plumbing.Hash) error {
			return t.one(join(rel, name), mode, h)
		})
	}
	if err != nil && rel != "" && t.ctx.Err() == nil && len(t.found) < maxFiles {
		t.found = append(t.found, entry{File: File{Path: rel, Mode: fs.ModeDir, Err: err}})
		return nil
	}
	return err
}

func (t *gitTree) one(rel string, mode uint32, h plumbing.Hash) error {
	if mode&typeMask == treeMode {
		return t.dir(rel, h)
	}
	if len(t.found) >= maxFiles {
		return fmt.Errorf("%w: more than %d files", ErrTooLarge, maxFiles)
	}
	e := entry{key: len(t.blobs)}
	e.File = File{Path: rel, Mode: fileMode(mode), Size: -1, Tracked: true}
	switch mode & typeMask {
	case gitlinkMode:
		e.Submodule, e.Size = true, 0
	case symlinkMode:
		if t.namesOnly {
			break
		}
		var text []byte
		text, e.Err = t.git.object(plumbing.BlobObject, h, maxLinkText)
		e.Link, e.Size = string(text), int64(len(text))
	}
	t.blobs = append(t.blobs, h)
	t.found = append(t.found, e)
	return nil
}

// eachTreeEntry decodes a tree object. Names that could leave the tree are
// damage, as in git fsck.
func eachTreeEntry(b []byte, do func(mode uint32, name string, h plumbing.Hash) error) error {
	for len(b) > 0 {
		head, rest, ok := bytes.Cut(b, []byte{0})
		octal, name, ok2 := bytes.Cut(head, []byte{' '})
		var h plumbing.Hash
		if !ok || !ok2 || len(rest) < len(h) {
			return fmt.Errorf("%w: tree object", ErrDamaged)
		}
		mode, err := strconv.ParseUint(string(octal), 8, 32)
		if err != nil {
			return fmt.Errorf("%w: tree object: mode %q", ErrDamaged, octal)
		}
		if !safeName(string(name)) {
			return fmt.Errorf("%w: tree object: name %q", ErrEscapes, name)
		}
		copy(h[:], rest)
		b = rest[len(h):]
		if string(name) == ".git" {
			continue
		}
		if err := do(uint32(mode), string(name), h); err != nil {
			return err
		}
	}
	return nil
}

// subtree finds the tree object of a directory.
func (g *gitRepo) subtree(root plumbing.Hash, dir string) (plumbing.Hash, error) {
	for rest := dir; rest != ""; {
		var elem string
		elem, rest = cutElem(rest)
		b, err := g.object(plumbing.TreeObject, root, maxTreeObject)
		if err != nil {
			return root, err
		}
		found := false
		err = eachTreeEntry(b, func(mode uint32, name string, h plumbing.Hash) error {
			if name == elem && mode&typeMask == treeMode {
				root, found = h, true
			}
			return nil
		})
		if err != nil {
			return root, err
		}
		if !found {
			return root, fmt.Errorf("directory %q: %w in this commit", dir, ErrNotFound)
		}
	}
	return root, nil
}

// outerIgnore reads the .gitignore of a directory above the root.
func (t *gitTree) outerIgnore(dir string) []ignoreRule {
	h, err := t.git.subtree(t.top, dir)
	if err != nil {
		return nil
	}
	b, err := t.git.object(plumbing.TreeObject, h, maxTreeObject)
	if err != nil {
		return nil
	}
	var rules []ignoreRule
	_ = eachTreeEntry(b, func(mode uint32, name string, h plumbing.Hash) error {
		if name == ".gitignore" && fileMode(mode).IsRegular() {
			if b, err := t.git.object(plumbing.BlobObject, h, DefaultMaxFile); err == nil {
				rules = parseIgnore(b)
			}
		}
		return nil
	})
	return rules
}

func cutElem(path string) (elem, rest string) {
	for i := range len(path) {
		if path[i] == '/' {
			return path[:i], path[i+1:]
		}
	}
	return path, ""
}

func (t *gitTree) read(e *entry, max int64) ([]byte, error) {
	return t.git.object(plumbing.BlobObject, t.blobs[e.key], max)
}

func (t *gitTree) size(e *entry) (int64, error) { return t.git.objectSize(t.blobs[e.key]) }

func (t *gitTree) close() error { return nil }

func hashOf(id commitID) plumbing.Hash {
	var h plumbing.Hash
	b, err := hex.DecodeString(string(id))
	if err == nil {
		copy(h[:], b)
	}
	return h
}
