package source

import (
	"errors"
	"fmt"
)

// The failures a caller decides by. Each comes wrapped with the path and what
// to do about it.
var (
	// ErrNotFound: no such path on disk, in the tree, or no such object.
	ErrNotFound = errors.New("not found")
	// ErrEmpty: the directory, commit or archive holds no file.
	ErrEmpty = errors.New("holds no files")
	// ErrNoCommits: the git repository has no commit to read.
	ErrNoCommits = errors.New("has no commits")
	// ErrUnknownRev: the revision names nothing in the git repository.
	ErrUnknownRev = errors.New("unknown revision")
	// ErrNotGit: a revision was asked of something that is no git repository.
	ErrNotGit = errors.New("not a git repository")
	// ErrDamaged: an archive, an index or an object cannot be decoded.
	ErrDamaged = errors.New("damaged")
	// ErrEscapes: a path or a symbolic link leads out of the tree.
	ErrEscapes = errors.New("leads out of the tree")
	// ErrLoop: symbolic links that never end at a file.
	ErrLoop = errors.New("symbolic links form a loop")
	// ErrTooLarge: a file beyond Options.MaxFile, or a tree beyond all bounds.
	ErrTooLarge = errors.New("too large")
	// ErrNotRegular: a directory, fifo, socket or device where a file is needed.
	ErrNotRegular = errors.New("not a regular file")
	// ErrUnsupported: a git repository or an archive in a form not read here.
	ErrUnsupported = errors.New("unsupported form")
	// ErrClosed: the Repo was closed.
	ErrClosed = errors.New("repository is closed")
)

// A PathError is a failure at one path of the tree. It prints as
// `read "etc/x.ini": too large: ...`.
type PathError struct {
	Op   string // what was tried: read, list, open
	Path string // slash-separated, relative to the root
	Err  error
}

func (e *PathError) Error() string { return fmt.Sprintf("%s %q: %v", e.Op, e.Path, e.Err) }

// Unwrap returns the cause.
func (e *PathError) Unwrap() error { return e.Err }

func pathError(op, path string, err error) error {
	return &PathError{Op: op, Path: path, Err: err}
}
