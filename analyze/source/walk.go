package source

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
)

// A walker lists the files of a directory on disk.
type walker struct {
	ctx    context.Context
	top    string // of the root on disk
	ignore *ignoreTree

	git      bool // a working tree: ignored files are left out
	fileMode bool // the executable bits on disk mean something
	tracked  trackedSet

	found []entry
	jobs  []statJob
}

// A statJob is a found file whose mode and size are still to be read. That is
// most of the time of a large tree, and is done by several goroutines.
type statJob struct {
	at      int // in walker.found
	d       fs.DirEntry
	tracked *indexEntry
}

// statChunk is how many files one goroutine takes at a time; fewer are not
// worth a goroutine.
const statChunk = 1024

// A trackedSet is what the index knows below the root.
type trackedSet struct {
	files map[string]*indexEntry // by path from the root
	dirs  map[string]bool        // directories with a tracked file
}

func trackedBelow(idx *gitIndex, prefix string) trackedSet {
	set := trackedSet{files: map[string]*indexEntry{}, dirs: map[string]bool{}}
	if idx == nil {
		return set
	}
	set.files = make(map[string]*indexEntry, len(idx.entries))
	lastDir := ""
	for i := range idx.entries {
		e := &idx.entries[i]
		name, ok := below(prefix, e.path)
		if !ok || name == "" || e.mode&typeMask == treeMode {
			continue
		}
		set.files[name] = e
		dir := dirName(name)
		if dir == lastDir {
			continue
		}
		lastDir = dir
		for ; dir != "" && !set.dirs[dir]; dir = dirName(dir) {
			set.dirs[dir] = true
		}
	}
	return set
}

func (w *walker) walk() error {
	w.found = make([]entry, 0, len(w.tracked.files)+16)
	w.jobs = make([]statJob, 0, len(w.tracked.files)+16)
	err := w.dir("", false)
	w.stat()
	return firstError(err, w.ctx.Err())
}

// stat does the jobs; each writes only its own entry.
func (w *walker) stat() {
	var group sync.WaitGroup
	var next atomic.Int64
	work := func() {
		for w.ctx.Err() == nil {
			from := int(next.Add(statChunk)) - statChunk
			if from >= len(w.jobs) {
				return
			}
			for _, job := range w.jobs[from:min(from+statChunk, len(w.jobs))] {
				w.fill(&w.found[job.at], job)
			}
		}
	}
	for range min(runtime.GOMAXPROCS(0)-1, 7, len(w.jobs)/statChunk) {
		group.Go(work)
	}
	work()
	group.Wait()
	w.jobs = nil
}

// dir lists one directory; ignored says that a rule for it or one above
// matched.
func (w *walker) dir(rel string, ignored bool) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	list, err := os.ReadDir(filepath.Join(w.top, filepath.FromSlash(rel)))
	if err != nil {
		w.add(entry{File: File{Path: rel, Mode: fs.ModeDir, Err: plainError(err)}})
		return nil
	}
	w.learn(rel, list)
	kept := 0
	for _, d := range list {
		if d.Name() == ".git" {
			continue
		}
		kept++
		if err := w.one(join(rel, d.Name()), d, ignored); err != nil {
			return err
		}
	}
	if kept == 0 && rel != "" {
		w.add(entry{File: File{Path: rel, Mode: fs.ModeDir | 0o755}})
	}
	return nil
}

// learn puts the rules of a directory's .gitignore into the cache.
func (w *walker) learn(rel string, list []fs.DirEntry) {
	dir := join(w.ignore.prefix, rel)
	if w.ignore.prefix == "" {
		dir = rel
	} else if rel == "" {
		dir = w.ignore.prefix
	}
	w.ignore.cache[dir] = nil
	for _, d := range list {
		if d.Name() == ".gitignore" {
			path := filepath.Join(w.top, filepath.FromSlash(rel), ".gitignore")
			w.ignore.cache[dir] = readIgnoreFile(path)
		}
	}
}

func (w *walker) one(rel string, d fs.DirEntry, ignored bool) error {
	if len(w.found) >= maxFiles {
		return fmt.Errorf("%w: more than %d files", ErrTooLarge, maxFiles)
	}
	if len(rel) > maxPath {
		return fmt.Errorf("%w: path of %d bytes", ErrTooLarge, len(rel))
	}
	tracked := w.tracked.files[rel]
	if !ignored && tracked == nil {
		ignored = w.ignore.decide(join(w.ignore.prefix, rel), d.IsDir())
	}
	if d.IsDir() {
		return w.subdir(rel, tracked, ignored)
	}
	if w.git && ignored && tracked == nil {
		return nil
	}
	w.jobs = append(w.jobs, statJob{len(w.found), d, tracked})
	w.add(entry{File: File{Path: rel, Tracked: tracked != nil, Ignored: ignored && tracked == nil}})
	return nil
}

func (w *walker) subdir(rel string, tracked *indexEntry, ignored bool) error {
	submodule := tracked != nil && tracked.mode&typeMask == gitlinkMode
	switch {
	case submodule, w.git && !w.tracked.dirs[rel] && !ignored && hasGit(filepath.Join(w.top, rel)):
		w.add(entry{File: File{
			Path: rel, Mode: fs.ModeDir | 0o755, Submodule: true, Tracked: submodule,
		}})
		return nil
	case w.git && ignored && !w.tracked.dirs[rel]:
		return nil
	}
	return w.dir(rel, ignored)
}

func hasGit(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, ".git"))
	return err == nil
}

func (w *walker) fill(e *entry, job statJob) {
	info, err := job.d.Info()
	if err != nil {
		e.Mode, e.Err = job.d.Type(), plainError(err)
		return
	}
	e.Mode, e.Size, e.modTime = info.Mode(), info.Size(), info.ModTime()
	switch {
	case e.Mode&fs.ModeSymlink != 0:
		e.Mode = fs.ModeSymlink | 0o777
		e.Link, err = os.Readlink(filepath.Join(w.top, filepath.FromSlash(e.Path)))
		e.Err = plainErrorOrNil(err)
	case e.Mode.IsRegular():
		if e.Mode.Perm()&0o444 != 0o444 {
			e.Err = w.readable(e.Path)
		}
		e.Mode = w.mode(e.Mode, job.tracked)
	}
}

// mode is what git would record for a tracked file, so that the umask of a
// clone does not show; of another file its permission bits.
func (w *walker) mode(m fs.FileMode, tracked *indexEntry) fs.FileMode {
	switch {
	case tracked == nil:
		return m.Perm()
	case !w.fileMode:
		return fileMode(tracked.mode)
	case m&0o100 != 0:
		return 0o755
	}
	return 0o644
}

// readable opens a file that not everybody may read.
func (w *walker) readable(rel string) error {
	f, err := os.OpenFile(filepath.Join(w.top, filepath.FromSlash(rel)), openFlags, 0)
	if err != nil {
		return plainError(err)
	}
	return f.Close()
}

func (w *walker) add(e entry) { w.found = append(w.found, e) }

func plainErrorOrNil(err error) error {
	if err == nil {
		return nil
	}
	return plainError(err)
}
