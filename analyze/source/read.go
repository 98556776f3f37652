package source

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// Read returns the content of a file, which must not be changed: it is shared
// with those who read it before and after. Symbolic links are followed inside the
// root only. It fails with [ErrTooLarge] beyond Options.MaxFile, with
// [ErrNotRegular] for what is no file, with [ErrEscapes], [ErrLoop] and
// [ErrNotFound]; the error is a *[PathError].
func (r *Repo) Read(name string) ([]byte, error) {
	b, err := r.read(name)
	if err != nil {
		return nil, pathError("read", name, err)
	}
	return b, nil
}

func (r *Repo) read(name string) ([]byte, error) {
	e, err := r.regular(name)
	if err != nil {
		return nil, err
	}
	if e.Size > r.max {
		return nil, tooLarge(e.Size, r.max)
	}
	if b, ok := r.contents.get(e.Path); ok {
		return b, nil
	}
	b, err := r.tree.read(e, r.max)
	if err == nil {
		b = b[:len(b):len(b)]
		r.contents.put(e.Path, b)
	}
	return b, err
}

// Size returns the size in bytes of a file, symbolic links followed as Read
// does.
func (r *Repo) Size(name string) (int64, error) {
	e, err := r.regular(name)
	if err != nil {
		return 0, pathError("read", name, err)
	}
	if e.Size >= 0 {
		return e.Size, nil
	}
	n, err := r.tree.size(e)
	if err != nil {
		return 0, pathError("read", name, err)
	}
	return n, nil
}

// regular finds the regular file that a path leads to.
func (r *Repo) regular(name string) (*entry, error) {
	real, err := r.resolve(name)
	if err != nil {
		return nil, err
	}
	e := r.find(real)
	switch {
	case e == nil && r.isDir(real):
		return nil, fmt.Errorf("%w but a directory", ErrNotRegular)
	case e == nil:
		return nil, ErrNotFound
	case e.Err != nil:
		return nil, e.Err
	case e.Submodule:
		return nil, fmt.Errorf("%w but a submodule", ErrNotRegular)
	case !e.Mode.IsRegular():
		return nil, fmt.Errorf("%w but %s", ErrNotRegular, kindOf(e.Mode))
	}
	return e, nil
}

// Resolve returns the path that name leads to once all symbolic links are
// followed; what is at the end need not exist.
func (r *Repo) Resolve(name string) (string, error) {
	real, err := r.resolve(name)
	if err != nil {
		return "", pathError("resolve", name, err)
	}
	return real, nil
}

// resolve is follow on the loaded tree.
func (r *Repo) resolve(name string) (string, error) {
	r.load()
	return r.follow(name)
}

// follow walks a path element by element, as the kernel does.
func (r *Repo) follow(name string) (string, error) {
	if strings.HasPrefix(name, "/") || strings.IndexByte(name, 0) >= 0 {
		return "", ErrEscapes
	}
	done, rest, links := "", name, 0
	for rest != "" {
		var elem string
		elem, rest, _ = strings.Cut(rest, "/")
		switch elem {
		case "", ".":
			continue
		case "..":
			if done == "" {
				return "", ErrEscapes
			}
			done = dirName(done)
			continue
		}
		next := join(done, elem)
		e := r.at(next)
		if e == nil || e.Mode&fs.ModeSymlink == 0 {
			done = next
			continue
		}
		if links++; links > maxLinks {
			return "", fmt.Errorf("%w at %q", ErrLoop, e.Path)
		}
		if strings.HasPrefix(e.Link, "/") || strings.IndexByte(e.Link, 0) >= 0 {
			return "", fmt.Errorf("%w: symbolic link %q to %q", ErrEscapes, e.Path, e.Link)
		}
		rest = e.Link + "/" + rest
		if len(rest) > 16*maxPath {
			return "", fmt.Errorf("%w at %q", ErrLoop, e.Path)
		}
	}
	return done, nil
}

func tooLarge(size, max int64) error {
	return fmt.Errorf("%w: %d bytes, at most %d are read", ErrTooLarge, size, max)
}

func kindOf(m fs.FileMode) string {
	switch {
	case m.IsDir():
		return "a directory"
	case m&fs.ModeSymlink != 0:
		return "a symbolic link"
	case m&fs.ModeNamedPipe != 0:
		return "a fifo"
	case m&fs.ModeSocket != 0:
		return "a socket"
	case m&fs.ModeDevice != 0:
		return "a device"
	}
	return "something else"
}

// isMissing tells errors that mean "no such file".
func isMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
