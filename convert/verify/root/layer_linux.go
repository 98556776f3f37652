package root

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"syscall"
)

// A layer is the upper directory of an overlay, read over what lies below it.
// Only root of the host can: the files belong to mapped accounts.
//
// A character device 0:0 stands for a path that is gone; a directory with
// the attribute opaque hides what the layers below have there.
//
// Source: Linux, Documentation/filesystems/overlayfs.rst.
type layer struct {
	files  map[string]Entry
	hashes map[hashKey]string
	dir    string
	root   *os.Root // nothing that a tree holds leads out of it
}

const opaqueAttribute = "user.overlay.opaque"

func (l *layer) read(dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	l.dir, l.root = dir, root
	return l.walk(".", "/")
}

// walk takes in the entry rel of the layer, which is name in the tree, with all below it.
func (l *layer) walk(rel, name string) error {
	if outside(name) {
		return nil
	}
	info, err := l.root.Lstat(rel)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // it went while the layer was read
	} else if err != nil {
		return err
	}
	st := info.Sys().(*syscall.Stat_t)
	if st.Mode&syscall.S_IFMT == syscall.S_IFCHR && st.Rdev == 0 {
		l.hide(name, true)
		return nil
	}
	e := entryOf(st)
	if old, ok := l.files[name]; ok && old.Type == 'd' && (e.Type != 'd' || l.opaque(rel)) {
		l.hide(name, false)
	}
	if e, err = l.fill(e, st, rel, name); err != nil {
		return err
	}
	l.files[name] = e
	if e.Type != 'd' {
		return nil
	}
	return l.children(rel, name)
}

func (l *layer) children(rel, name string) error {
	f, err := l.root.Open(rel)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	names, err := f.Readdirnames(-1)
	f.Close()
	if err != nil {
		return err
	}
	for _, child := range names {
		if err := l.walk(path.Join(rel, child), path.Join(name, child)); err != nil {
			return err
		}
	}
	return nil
}

// hide takes out what the layers below have under name, and name itself if it is gone.
func (l *layer) hide(name string, gone bool) {
	old := l.files[name]
	if gone {
		delete(l.files, name)
	}
	if old.Type != 'd' {
		return
	}
	for other := range l.files {
		if strings.HasPrefix(other, name+"/") {
			delete(l.files, other)
		}
	}
}

func (l *layer) opaque(rel string) bool {
	var value [1]byte
	n, err := syscall.Getxattr(path.Join(l.dir, rel), opaqueAttribute, value[:])
	return err == nil && n == 1 && value[0] == 'y'
}

// fileTypes are the letters that find(1) prints.
var fileTypes = map[uint32]byte{
	syscall.S_IFREG: 'f', syscall.S_IFDIR: 'd', syscall.S_IFLNK: 'l', syscall.S_IFIFO: 'p',
	syscall.S_IFSOCK: 's', syscall.S_IFCHR: 'c', syscall.S_IFBLK: 'b',
}

func entryOf(st *syscall.Stat_t) Entry {
	return Entry{Type: fileTypes[st.Mode&syscall.S_IFMT], Mode: st.Mode &^ syscall.S_IFMT, UID: mapped(st.Uid), GID: mapped(st.Gid)}
}

// mapped is an account of the host as the tree counts it; one that the tree does
// not have is shown there as nobody.
func mapped(id uint32) int {
	if id < firstID || id >= firstID+idCount {
		return idCount - 2
	}
	return int(id - firstID)
}

// fill adds what an entry of its type has beside.
func (l *layer) fill(e Entry, st *syscall.Stat_t, rel, name string) (Entry, error) {
	var err error
	switch e.Type {
	case 'l':
		e.Link, err = l.root.Readlink(rel)
	case 'f':
		e.Size = st.Size
		key := hashKey{name, fmt.Sprint(st.Size), fmt.Sprint(syscall.TimespecToNsec(st.Mtim)), fmt.Sprint(syscall.TimespecToNsec(st.Ctim))}
		if e.SHA256 = l.hashes[key]; e.SHA256 == "" {
			e.SHA256, err = l.sum(rel)
			l.hashes[key] = e.SHA256
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return e, err
}

func (l *layer) sum(rel string) (string, error) {
	f, err := l.root.OpenFile(rel, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
