package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// openFlags open for reading without waiting for the other end of a fifo.
const openFlags = os.O_RDONLY | syscall.O_NONBLOCK

// A dirTree is a directory on disk, plain or a git working tree. Content is
// read through os.Root, which no symbolic link leads out of.
type dirTree struct {
	root   *os.Root
	path   string   // of the root on disk
	git    *gitRepo // nil for a plain directory
	prefix string   // the root below the top of the working tree

	index  *gitIndex   // set by list
	ignore *ignoreTree // set by list
}

func openDir(path string) (*dirTree, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, openError(path, err)
	}
	return &dirTree{root: root, path: path}, nil
}

func (t *dirTree) list(ctx context.Context) ([]entry, error) {
	w := &walker{ctx: ctx, top: t.path}
	w.ignore = &ignoreTree{prefix: t.prefix, cache: map[string][]ignoreRule{}}
	w.ignore.rules = func(dir string) []ignoreRule { return t.outerIgnore(dir) }
	var err error
	if t.git != nil {
		w.git = true
		w.ignore.base = t.git.exclude()
		t.index, err = t.git.index()
		w.tracked = trackedBelow(t.index, t.prefix)
		w.fileMode = t.git.fileMode()
	}
	werr := w.walk()
	t.ignore = w.ignore
	return w.found, firstError(err, werr)
}

// outerIgnore reads the .gitignore of a directory above the root. Those below
// are put into the cache by the walk.
func (t *dirTree) outerIgnore(dir string) []ignoreRule {
	if _, inside := below(t.prefix, dir); inside || t.git == nil {
		return nil
	}
	return readIgnoreFile(filepath.Join(t.git.top, filepath.FromSlash(dir), ".gitignore"))
}

// readIgnoreFile reads one ignore file, which git does not do through a
// symbolic link.
func readIgnoreFile(path string) []ignoreRule {
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > DefaultMaxFile {
		return nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	return parseIgnore(b)
}

func (t *dirTree) read(e *entry, max int64) ([]byte, error) {
	f, err := t.open(e.Path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readBounded(f, e.Size, max)
}

// open opens a regular file, and never waits for the other end of a fifo.
func (t *dirTree) open(name string) (*os.File, error) {
	f, err := t.root.OpenFile(filepath.FromSlash(name), openFlags, 0)
	if err != nil {
		return nil, plainError(err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%w but %s", ErrNotRegular, kindOf(info.Mode()))
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func (t *dirTree) size(e *entry) (int64, error) { return e.Size, nil }

func (t *dirTree) close() error { return t.root.Close() }

// readBounded reads at most max bytes; size is how many to expect, if known.
func readBounded(r io.Reader, size, max int64) ([]byte, error) {
	if size < 0 || size > max {
		size = 512
	}
	b := make([]byte, 0, size+1)
	limited := io.LimitReader(r, max+1)
	for {
		n, err := limited.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if int64(len(b)) > max {
			return nil, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, max)
		}
		if err == io.EOF {
			return b, nil
		}
		if err != nil {
			return nil, plainError(err)
		}
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
	}
}

// plainError drops the operation and path that os puts in front, since the
// caller names the path, and translates what has a sentinel.
func plainError(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	switch {
	case isMissing(err):
		return ErrNotFound
	case errors.Is(err, syscall.ELOOP):
		return ErrLoop
	}
	return err
}
