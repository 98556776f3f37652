package source

import (
	"bytes"
	"io"
	"io/fs"
	"time"
)

// FS returns the tree as a file system. Symbolic links are followed inside
// the root; times are zero. Names that are not UTF-8 cannot be opened by it.
func (r *Repo) FS() fs.FS { return repoFS{r} }

type repoFS struct{ r *Repo }

var (
	_ fs.ReadDirFS  = repoFS{}
	_ fs.ReadFileFS = repoFS{}
	_ fs.StatFS     = repoFS{}
	_ fs.ReadLinkFS = repoFS{}
)

func fsError(op, name string, err error) error {
	return &fs.PathError{Op: op, Path: name, Err: err}
}

// Open opens a file or directory.
func (f repoFS) Open(name string) (fs.File, error) {
	info, err := f.stat("open", name)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		list, err := f.ReadDir(name)
		if err != nil {
			return nil, err
		}
		return &openedDir{info: info, list: list}, nil
	}
	b, err := f.r.read(name)
	if err != nil {
		return nil, fsError("open", name, fsCause(err))
	}
	info.file.Size = int64(len(b))
	return &openedFile{info: info, Reader: *bytes.NewReader(b)}, nil
}

// ReadFile returns the content of a file, which the caller may change.
func (f repoFS) ReadFile(name string) ([]byte, error) {
	if !fs.ValidPath(name) {
		return nil, fsError("read", name, fs.ErrInvalid)
	}
	b, err := f.r.read(name)
	if err != nil {
		return nil, fsError("read", name, fsCause(err))
	}
	return bytes.Clone(b), nil
}

// Stat follows symbolic links.
func (f repoFS) Stat(name string) (fs.FileInfo, error) {
	info, err := f.stat("stat", name)
	if err != nil {
		return nil, err
	}
	return info, nil
}

func (f repoFS) stat(op, name string) (fileInfo, error) {
	if !fs.ValidPath(name) {
		return fileInfo{}, fsError(op, name, fs.ErrInvalid)
	}
	real, err := f.r.resolve(name)
	if err != nil {
		return fileInfo{}, fsError(op, name, fsCause(err))
	}
	return f.info(op, name, real)
}

// info describes what is at exactly the path real, under its own name.
func (f repoFS) info(op, name, real string) (fileInfo, error) {
	if f.r.isDir(real) {
		return fileInfo{f.r, baseName(name), File{Path: real, Mode: fs.ModeDir | 0o755}}, nil
	}
	e := f.r.find(real)
	if e == nil {
		return fileInfo{}, fsError(op, name, fs.ErrNotExist)
	}
	return fileInfo{f.r, baseName(name), e.File}, nil
}

// Lstat does not follow the last element.
func (f repoFS) Lstat(name string) (fs.FileInfo, error) {
	if !fs.ValidPath(name) {
		return nil, fsError("lstat", name, fs.ErrInvalid)
	}
	dir, err := f.r.resolve(dirName(name))
	if err != nil {
		return nil, fsError("lstat", name, fsCause(err))
	}
	real := join(dir, baseName(name))
	if name == "." {
		real = ""
	}
	info, err := f.info("lstat", name, real)
	if err != nil {
		return nil, err
	}
	return info, nil
}

// ReadLink returns the target of a symbolic link.
func (f repoFS) ReadLink(name string) (string, error) {
	if !fs.ValidPath(name) {
		return "", fsError("readlink", name, fs.ErrInvalid)
	}
	e := f.r.lookup(name)
	if e == nil {
		return "", fsError("readlink", name, fs.ErrNotExist)
	}
	if e.Mode&fs.ModeSymlink == 0 {
		return "", fsError("readlink", name, fs.ErrInvalid)
	}
	return e.Link, nil
}

// ReadDir lists a directory, sorted by name.
func (f repoFS) ReadDir(name string) ([]fs.DirEntry, error) {
	info, err := f.stat("readdir", name)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, fsError("readdir", name, ErrNotRegular)
	}
	var out []fs.DirEntry
	for _, file := range f.r.ReadDir(name) {
		if fs.ValidPath(file.Path) {
			out = append(out, fs.FileInfoToDirEntry(fileInfo{f.r, file.Name(), file}))
		}
	}
	return out, nil
}

// fsCause gives a failure the identity that io/fs has for it.
func fsCause(err error) error {
	if err == ErrNotFound {
		return fs.ErrNotExist
	}
	return err
}

// A fileInfo is a File as fs.FileInfo.
type fileInfo struct {
	r    *Repo
	name string
	file File
}

func (i fileInfo) Name() string      { return i.name }
func (i fileInfo) Mode() fs.FileMode { return i.file.Mode }
func (fileInfo) ModTime() time.Time  { return time.Time{} }
func (i fileInfo) IsDir() bool       { return i.file.Mode.IsDir() }
func (i fileInfo) Sys() any          { return i.file }

// Size reads the object when the listing did not have it.
func (i fileInfo) Size() int64 {
	if i.file.Size >= 0 {
		return i.file.Size
	}
	n, err := i.r.Size(i.file.Path)
	if err != nil {
		return 0
	}
	return n
}

type openedFile struct {
	info fileInfo
	bytes.Reader
}

func (f *openedFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *openedFile) Close() error               { return nil }

type openedDir struct {
	info fileInfo
	list []fs.DirEntry
}

func (d *openedDir) Stat() (fs.FileInfo, error) { return d.info, nil }
func (d *openedDir) Close() error               { return nil }
func (d *openedDir) Read([]byte) (int, error) {
	return 0, fsError("read", d.info.name, ErrNotRegular)
}

// ReadDir returns the next n entries, or all that are left.
func (d *openedDir) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 {
		n = len(d.list)
	} else if len(d.list) == 0 {
		return nil, io.EOF
	}
	n = min(n, len(d.list))
	out := d.list[:n]
	d.list = d.list[n:]
	return out, nil
}
