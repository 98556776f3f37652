package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/go-git/go-billy/v5"
	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	gitconfig "github.com/go-git/go-git/v5/plumbing/format/config"
	"github.com/go-git/go-git/v5/storage/filesystem"
	"github.com/go-git/go-git/v5/storage/filesystem/dotgit"
)

// commitID is a full object name in hexadecimal, "" for none.
type commitID string

// A gitRepo is a git directory. Nothing of it is read before it is needed.
// Its objects are read under mu, since go-git's storage is not made for
// several goroutines.
type gitRepo struct {
	dir    string // the git directory: HEAD, index
	common string // where objects, refs and config are; dir but in a linked worktree
	top    string // the top of the working tree, "" for a bare repository

	configOnce sync.Once
	config     *gitconfig.Config
	configErr  error

	mu      sync.Mutex
	store   *filesystem.Storage
	openErr error
	closed  bool
}

// findGit looks for the git working tree that dir is in, as git does: in dir
// and in each directory above. It returns nil where there is none.
func findGit(dir string) (*gitRepo, error) {
	for {
		g, err := gitAt(dir)
		if g != nil || err != nil {
			return g, err
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return nil, nil
		}
		dir = parent
	}
}

// gitAt returns the repository whose working tree has its top at dir.
func gitAt(dir string) (*gitRepo, error) {
	path := filepath.Join(dir, ".git")
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil
	}
	if info.IsDir() {
		if !isGitDir(path) {
			return nil, nil
		}
		return newGitRepo(path, dir), nil
	}
	if !info.Mode().IsRegular() || info.Size() > maxPath+16 {
		return nil, nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("file .git: %w", plainError(err))
	}
	target, ok := strings.CutPrefix(string(b), "gitdir: ")
	if !ok {
		return nil, nil
	}
	target = fromDir(dir, strings.TrimRight(target, "\r\n"))
	if !isGitDir(target) {
		return nil, fmt.Errorf("file .git names the git directory %s, which is not there; "+
			"run git worktree repair, or remove the file", target)
	}
	return newGitRepo(target, dir), nil
}

func newGitRepo(dir, top string) *gitRepo {
	return &gitRepo{dir: dir, common: commonDir(dir), top: top}
}

// isGitDir tells a git directory by what it must hold.
func isGitDir(dir string) bool {
	if _, err := os.Lstat(filepath.Join(dir, "HEAD")); err != nil {
		return false
	}
	common := commonDir(dir)
	for _, name := range []string{"objects", "refs"} {
		if info, err := os.Stat(filepath.Join(common, name)); err != nil || !info.IsDir() {
			return false
		}
	}
	return true
}

// commonDir follows the commondir file of a linked worktree.
func commonDir(dir string) string {
	b, err := readSmall(filepath.Join(dir, "commondir"))
	if err != nil {
		return dir
	}
	return fromDir(dir, strings.TrimSpace(string(b)))
}

// readSmall reads a regular file of git's own.
func readSmall(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > DefaultMaxFile {
		return nil, ErrNotRegular
	}
	return os.ReadFile(path)
}

func fromDir(dir, path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(dir, path)
}

// storage opens the object store; g.mu is held.
func (g *gitRepo) storage() (*filesystem.Storage, error) {
	if g.closed {
		return nil, ErrClosed
	}
	if g.store != nil || g.openErr != nil {
		return g.store, g.openErr
	}
	if g.openErr = g.supported(); g.openErr != nil {
		return nil, g.openErr
	}
	var files billy.Filesystem = osfs.New(g.dir)
	if g.common != g.dir {
		files = dotgit.NewRepositoryFilesystem(files, osfs.New(g.common))
	}
	g.store = filesystem.NewStorageWithOptions(files, cache.NewObjectLRUDefault(), filesystem.Options{
		// Exclusive access lists the loose objects once and not for each object:
		// dear in a small repository, cheap in one with packs, where few are loose.
		ExclusiveAccess: hasPack(g.common), KeepDescriptors: true, AlternatesFS: osfs.New("/"),
	})
	return g.store, nil
}

// hasPack tells whether a git directory has a pack file.
func hasPack(dir string) bool {
	names := siblings(filepath.Join(dir, "objects", "pack"))
	return slices.ContainsFunc(names, func(name string) bool { return strings.HasSuffix(name, ".pack") })
}

// supported refuses the storage formats that go-git cannot read.
func (g *gitRepo) supported() error {
	switch ext := g.section("extensions"); {
	case ext == nil:
	case strings.EqualFold(ext.Option("objectformat"), "sha256"):
		return fmt.Errorf("%w: git repository with SHA-256 objects", ErrUnsupported)
	case strings.EqualFold(ext.Option("refstorage"), "reftable"):
		return fmt.Errorf("%w: git repository with a reftable; run git refs migrate --ref-format=files", ErrUnsupported)
	}
	return nil
}

// section returns a section of .git/config, nil when there is none. Included
// files are not followed.
func (g *gitRepo) section(name string) *gitconfig.Section {
	g.configOnce.Do(func() {
		b, err := readSmall(filepath.Join(g.common, "config"))
		if err != nil {
			return
		}
		g.config = gitconfig.New()
		g.configErr = gitconfig.NewDecoder(bytes.NewReader(b)).Decode(g.config)
	})
	if g.config == nil || !g.config.HasSection(name) {
		return nil
	}
	return g.config.Section(name)
}

func (g *gitRepo) hashSize() int {
	if ext := g.section("extensions"); ext != nil && strings.EqualFold(ext.Option("objectformat"), "sha256") {
		return 32
	}
	return 20
}

// fileMode is core.fileMode: whether executable bits on disk are git's.
func (g *gitRepo) fileMode() bool {
	core := g.section("core")
	return core == nil || !strings.EqualFold(core.Option("filemode"), "false")
}

func (g *gitRepo) index() (*gitIndex, error) {
	return readIndex(filepath.Join(g.dir, "index"), g.hashSize())
}

// exclude returns the rules of info/exclude.
func (g *gitRepo) exclude() []ignoreRule {
	return readIgnoreFile(filepath.Join(g.common, "info", "exclude"))
}

// object reads one object of at most max bytes.
func (g *gitRepo) object(t plumbing.ObjectType, h plumbing.Hash, max int64) ([]byte, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	store, err := g.storage()
	if err != nil {
		return nil, err
	}
	size, err := store.EncodedObjectSize(h)
	if err != nil {
		return nil, objectError(h, err)
	}
	if size > max {
		return nil, tooLarge(size, max)
	}
	obj, err := store.EncodedObject(t, h)
	if err != nil {
		return nil, objectError(h, err)
	}
	r, err := obj.Reader()
	if err != nil {
		return nil, objectError(h, err)
	}
	defer r.Close()
	b, err := readBounded(r, size, max)
	if err != nil && !errors.Is(err, ErrTooLarge) {
		return nil, objectError(h, err)
	}
	return b, err
}

func (g *gitRepo) objectSize(h plumbing.Hash) (int64, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	store, err := g.storage()
	if err != nil {
		return 0, err
	}
	size, err := store.EncodedObjectSize(h)
	if err != nil {
		return 0, objectError(h, err)
	}
	return size, nil
}

func objectError(h plumbing.Hash, err error) error {
	if errors.Is(err, plumbing.ErrObjectNotFound) {
		return fmt.Errorf("%w: git object %s is not in this clone (partial, shallow or damaged)", ErrNotFound, h)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("it ends early")
	}
	return fmt.Errorf("%w: git object %s: %w", ErrDamaged, h, err)
}

func (g *gitRepo) close() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
	if g.store == nil {
		return nil
	}
	err := g.store.Close()
	g.store = nil
	return err
}
