package source

import (
	"context"
	"io/fs"
	"sync"
	"time"
)

// Bounds on what is read from a tree that may be hostile.
const (
	// DefaultMaxFile is the largest file read when Options.MaxFile is 0.
	DefaultMaxFile = 8 << 20
	maxFiles       = 2_000_000 // files of one tree
	maxPath        = 4096      // bytes of one path: PATH_MAX of Linux
	maxLinks       = 40        // symbolic links followed for one path: MAXSYMLINKS of Linux
)

// Options say what of a repository to open.
type Options struct {
	// Rev is a revision of a git repository as git rev-parse takes it: a branch,
	// a tag, a full or abbreviated commit, with ^n, ~n and ^{commit} behind it.
	// Empty means the working tree where there is one, else HEAD.
	Rev string
	// MaxFile is the largest file that Read returns, in bytes; 0 means
	// DefaultMaxFile.
	MaxFile int64
}

// A File is one entry of the tree: a regular file, a symbolic link, a
// submodule, or something that is none of these (a fifo, a socket, a device).
type File struct {
	// Path is slash-separated and relative to the root. It may hold any byte
	// but NUL, in any encoding.
	Path string
	// Mode holds the type and, for files, the permission bits. Git keeps only
	// the executable bit: its files have 0644 or 0755.
	Mode fs.FileMode
	// Size is in bytes; -1 where finding it needs the object, which
	// [Repo.Size] reads.
	Size int64
	// Link is the target of a symbolic link as it is written.
	Link string
	// Submodule marks a commit of another repository, and a repository of its
	// own inside a working tree. Its files are not listed.
	Submodule bool
	// LFS marks a Git LFS pointer: the content is elsewhere.
	LFS bool
	// Escapes marks a symbolic link whose target is out of the tree.
	Escapes bool
	// Tracked: git knows the file.
	Tracked bool
	// Ignored: an ignore rule matches and git does not track the file.
	Ignored bool
	// Err says why the entry cannot be read; nil for most.
	Err error
}

// IsDir tells whether the entry is a directory. [Repo.Files] has none but
// submodules and directories that could not be read.
func (f File) IsDir() bool { return f.Mode.IsDir() }

// IsRegular tells whether the entry is a regular file.
func (f File) IsRegular() bool { return f.Mode.IsRegular() && f.Err == nil }

// Name is the last element of the path.
func (f File) Name() string { return baseName(f.Path) }

// A tree is where the files of a repository lie. Paths are of listed entries.
type tree interface {
	// list returns every entry, unsorted, and the directories that hold none.
	// With an error it still returns what could be listed.
	list(ctx context.Context) ([]entry, error)
	// read returns the content of a regular file of at most max bytes.
	read(e *entry, max int64) ([]byte, error)
	// size returns the size of a regular file.
	size(e *entry) (int64, error)
	close() error
}

// An entry is a File with what its tree needs to find it again.
type entry struct {
	File
	modTime time.Time // working trees: to compare with the index
	key     int       // the tree's own number of it
}

// A Repo is a repository as one read-only tree at one commit. Its methods may
// be called by several goroutines.
type Repo struct {
	// Entry is the path of the file that Open was given, when it was given a
	// file and not a directory or an archive.
	Entry string

	ctx  context.Context
	kind string
	path string
	max  int64
	tree tree
	git  *gitRepo // nil without git
	// prefix is the root's place below the top of the git tree, "" or "a/b".
	prefix string
	rev    commitID // the commit that the tree is; "" for a working tree
	// atCommit: the tree is a commit of git, not a working tree.
	atCommit bool

	listOnce sync.Once
	all      []entry // sorted by path; directories without files among them
	files    []File  // all, without those directories
	listErr  error

	contents contents

	ignoreMu sync.Mutex
	ignore   *ignoreTree

	infoOnce sync.Once
	info     Info
	tagsOnce sync.Once
	tags     []Tag
	tagsErr  error
}

// Close releases the open files of the repository. Reading after it fails.
func (r *Repo) Close() error {
	err := r.tree.close()
	if r.git != nil {
		err = firstError(err, r.git.close())
	}
	return err
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
