package root

import (
	"context"
	"fmt"
	"maps"
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
	layers  []string // trees below this root's own changes, the uppermost first
	holder  *holder
	stop    sync.Once
	close   sync.Once
	below   map[string]Entry // what the layers below hold, without names of owners
	hashes  map[hashKey]string
	brought map[string]string // package files of the host to where they lie in the tree
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
	layers := []string{filepath.Join(base, "tree")}
	r := &Root{Kind: kind, Dir: dir, keep: o.Keep, layers: layers, hashes: map[hashKey]string{}, brought: map[string]string{}}
	if err := r.start(); err != nil {
		_ = remove(dir)
		return nil, err
	}
	err = r.learnBase(ctx, base)
	if err == nil && kind != Arch {
		err = r.systemdTools(ctx, hideTools)
	}
	if err != nil {
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

// start lays out the directories and starts the holder.
func (r *Root) start() error {
	for _, name := range append(lowers(r.layers), "upper", "work", "tree") {
		path := filepath.Join(r.Dir, name)
		if err := os.Mkdir(path, 0o755); err != nil {
			return fmt.Errorf("lay a throwaway root: %w", err)
		}
		if err := give(path); err != nil {
			return fmt.Errorf("lay a throwaway root: %w", err)
		}
	}
	var err error
	// The mapped root looks up these names, but cannot list or change them.
	if err = os.Chmod(r.Dir, 0o711); err == nil {
		r.holder, err = hold(r.layers, r.Dir)
	}
	return err
}

// lowers names the directories that the layers are mounted at.
func lowers(layers []string) []string {
	var names []string
	for i := range layers {
		names = append(names, fmt.Sprintf("lower%d", i))
	}
	return names
}

// freeze ends every process of the root. Its tree stays until Close and does not
// change any more; fork makes roots that begin with it.
func (r *Root) freeze() { r.stop.Do(r.holder.end) }

// fork makes a new root whose tree begins as the frozen one of r, at no cost.
// It must be closed before r.
func (r *Root) fork(ctx context.Context) (*Root, error) {
	below, err := r.inherited(ctx)
	if err != nil {
		return nil, err
	}
	dir, err := place("")
	if err != nil {
		return nil, err
	}
	f := &Root{Kind: r.Kind, Dir: dir, below: below, hashes: maps.Clone(r.hashes), brought: maps.Clone(r.brought)}
	f.layers = append([]string{filepath.Join(r.Dir, "upper")}, r.layers...)
	if err := f.start(); err != nil {
		_ = remove(dir)
		return nil, err
	}
	return f, nil
}

// inherited is what a fork has below its own layer, nil where that cannot be read
// without a process in the tree.
func (r *Root) inherited(ctx context.Context) (map[string]Entry, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	return r.list(ctx)
}

// Close ends every process of the root and deletes its tree, unless it is kept.
func (r *Root) Close() error {
	var err error
	r.close.Do(func() {
		r.freeze()
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
		const script = "cd /proc/self/fd/3 && rm -rf lower* upper work tree"
		if err := withFiles(isolated(context.Background(), "/bin/sh", "-c", script), dir); err != nil {
			return fmt.Errorf("delete a throwaway root: %w", err)
		}
	}
	if err := clearDir(dir); err != nil {
		return err
	}
	return os.Remove(dir)
}
