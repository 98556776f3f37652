package source

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"slices"
	"strings"
)

// maxRehash bounds how much content is hashed to find out whether a file whose
// time changed is the same; beyond it such a file counts as changed.
const maxRehash = 256 << 20

// dirty tells whether a tracked file below the root differs from the commit:
// in the index, or on disk. As git does, it compares size and modification
// time with the index, and reads a file only when the time tells nothing.
func (r *Repo) dirty(c *commit) bool {
	t, ok := r.tree.(*dirTree)
	if !ok || t.git == nil {
		return false
	}
	r.load()
	if t.index == nil {
		return false
	}
	budget := int64(maxRehash)
	for i := range t.index.entries {
		e := &t.index.entries[i]
		if name, ok := below(r.prefix, e.path); ok && r.changed(t, e, name, &budget) {
			return true
		}
	}
	return r.staged(t, c)
}

// changed compares one file with the index.
func (r *Repo) changed(t *dirTree, ie *indexEntry, name string, budget *int64) bool {
	kind := ie.mode & typeMask
	switch {
	case ie.stage != 0:
		return true
	case ie.skip, kind == gitlinkMode, kind == treeMode:
		return false
	}
	e := r.at(name)
	if e == nil || e.Err != nil {
		return true
	}
	if kind == symlinkMode {
		return e.Mode&fs.ModeSymlink == 0 || !bytes.Equal(blobHash(len(ie.hash), []byte(e.Link)), ie.hash)
	}
	if !e.Mode.IsRegular() || e.Mode != fileMode(ie.mode) {
		return true
	}
	if ie.size != 0 && uint32(e.Size) != ie.size {
		return true
	}
	mtime := e.modTime
	sameTime := mtime.Unix() == int64(ie.sec) && (ie.nsec == 0 || mtime.Nanosecond() == int(ie.nsec))
	if sameTime && uint32(e.Size) == ie.size && mtime.Before(t.index.written) {
		return false
	}
	*budget -= e.Size
	return *budget < 0 || !t.sameContent(e, ie.hash)
}

// sameContent hashes a file as a git blob; as it is, and with the line ends
// that core.autocrlf would have stored.
func (t *dirTree) sameContent(e *entry, want []byte) bool {
	f, err := t.open(e.Path)
	if err != nil {
		return false
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxRehash))
	if err != nil {
		return false
	}
	if bytes.Equal(blobHash(len(want), b), want) {
		return true
	}
	lf := bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
	return len(lf) != len(b) && bytes.Equal(blobHash(len(want), lf), want)
}

func blobHash(size int, b []byte) []byte {
	var h hash.Hash = sha1.New()
	if size == sha256.Size {
		h = sha256.New()
	}
	fmt.Fprintf(h, "blob %d\x00", len(b))
	h.Write(b)
	return h.Sum(nil)
}

// staged tells whether the index below the root differs from the commit. The
// index usually names the tree it equals; else the trees are compared.
func (r *Repo) staged(t *dirTree, c *commit) bool {
	if bytes.Equal(t.index.tree, c.tree[:]) {
		return false
	}
	root, err := r.git.subtree(c.tree, r.prefix)
	if err != nil {
		return true
	}
	lister := &gitTree{git: r.git, root: root, namesOnly: true}
	committed, err := lister.list(r.ctx)
	if err != nil {
		return true
	}
	slices.SortFunc(committed, func(a, b entry) int { return strings.Compare(a.Path, b.Path) })
	i := 0
	for k := range t.index.entries {
		ie := &t.index.entries[k]
		name, ok := below(r.prefix, ie.path)
		if !ok || ie.mode&typeMask == treeMode {
			continue
		}
		if i >= len(committed) || committed[i].Path != name {
			return true
		}
		h := lister.blobs[committed[i].key]
		if !bytes.Equal(h[:], ie.hash) || committed[i].Mode != fileMode(ie.mode) {
			return true
		}
		i++
	}
	return i < len(committed)
}
