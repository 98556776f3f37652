package root

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// Options say how a root is made. Only Cache is required.
type Options struct {
	Cache   string   // directory of base trees; made if missing
	Dir     string   // where the root is laid: empty, not existing, or a root of before; a temporary directory when ""
	Suite   string   // Debian release of the base tree; [DefaultSuite] when ""
	Mirror  string   // address of a Debian mirror; the machine's own when ""
	Include []string // Debian packages in the base tree beside the usual ones
	Keep    bool     // Close leaves the tree where it is
}

// A Root is a tree with a package manager in it. Its methods may be called
// from one goroutine at a time; several roots may be used at once.
type Root struct {
	Kind Kind
	Dir  string // on the host

	keep    bool
	holder  *holder
	systemd bool // PretendSystemd was called
	close   sync.Once
	hashes  map[hashKey]string
	copies  int // package files brought in
}

// private is a directory of the tree that belongs to this package: recorders and
// packages are put there, and snapshots leave it out.
const private = "/.nativize"

// New makes a root for a package manager, from a base tree that it makes first
// if the cache has none. Close it after use.
func New(ctx context.Context, kind Kind, o Options) (*Root, error) {
	if _, err := managerOf(kind); err != nil {
		return nil, err
	}
	base, err := Base(ctx, o)
	if err != nil {
		return nil, err
	}
	dir, err := place(o.Dir)
	if err != nil {
		return nil, err
	}
	r := &Root{Kind: kind, Dir: dir, keep: o.Keep, hashes: map[hashKey]string{}}
	if err := r.start(base); err != nil {
		_ = clearDir(dir)
		return nil, err
	}
	if err := r.learnHashes(ctx, base); err != nil {
		return nil, fmt.Errorf("%w (and closing: %v)", err, r.Close())
	}
	return r, nil
}

// place returns a marked directory to lay a root in.
func place(dir string) (string, error) {
	var err error
	if dir == "" {
		dir, err = os.MkdirTemp("", "nativize-root-")
	} else {
		dir, err = filepath.Abs(dir)
	}
	if err != nil {
		return "", fmt.Errorf("lay a throwaway root: %w", err)
	}
	return dir, claim(dir)
}

func (r *Root) start(base string) error {
	for _, name := range []string{"lower", "upper", "work", "tree"} {
		path := filepath.Join(r.Dir, name)
		if err := os.Mkdir(path, 0o755); err != nil {
			return fmt.Errorf("lay a throwaway root: %w", err)
		}
		if err := give(path); err != nil {
			return fmt.Errorf("lay a throwaway root: %w", err)
		}
	}
	var err error
	// The mapped root looks up the four names, but cannot list or change them.
	if err = os.Chmod(r.Dir, 0o711); err == nil {
		r.holder, err = hold(filepath.Join(base, "tree"), r.Dir)
	}
	return err
}

// Close ends every process of the root and deletes its tree, unless it is kept.
func (r *Root) Close() error {
	var err error
	r.close.Do(func() {
		r.holder.end()
		if !r.keep {
			err = remove(r.Dir)
		}
	})
	return err
}

// remove deletes a marked directory. Files of mapped accounts can only be
// deleted by their mapped root.
func remove(dir string) error {
	if err := checkMark(dir); err != nil {
		return err
	}
	if os.Getuid() != 0 {
		const script = "cd /proc/self/fd/3 && rm -rf lower upper work tree"
		if err := withFiles(isolated(context.Background(), "/bin/sh", "-c", script), dir); err != nil {
			return fmt.Errorf("delete a throwaway root: %w", err)
		}
	}
	if err := clearDir(dir); err != nil {
		return err
	}
	return os.Remove(dir)
}
