package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/term"
)

// terminalOf returns the width of a terminal, 0 for anything else, and whether
// what is written there gets colours: on a terminal that has them. NO_COLOR
// (no-color.org) turns them off and comes before FORCE_COLOR (force-color.org),
// which turns them on.
func terminalOf(w io.Writer) (width int, color bool) {
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		var err error
		if width, _, err = term.GetSize(int(f.Fd())); err != nil || width <= 0 {
			width = 80
		}
	}
	switch {
	case os.Getenv("NO_COLOR") != "":
		return width, false
	case os.Getenv("FORCE_COLOR") != "":
		return width, true
	}
	return width, width > 0 && os.Getenv("TERM") != "dumb"
}

// writeFile writes a file whole or not at all: to a temporary name beside it,
// renamed when all is written. A symbolic link stays one; what is no file, such
// as /dev/null, is written to.
func writeFile(path string, f func(io.Writer) error) error {
	mode := fs.FileMode(0o644)
	info, err := os.Stat(path)
	switch {
	case err != nil: // not there yet, or CreateTemp says why
	case info.IsDir():
		return exitWith(exitIO, fmt.Errorf("write %s: it is a directory; name a file in it", path))
	case !info.Mode().IsRegular():
		return writeTo(path, f)
	default:
		mode = info.Mode().Perm()
		if path, err = filepath.EvalSymlinks(path); err != nil {
			return exitWith(exitIO, err)
		}
	}
	return replaceFile(path, mode, f)
}

// writeTo writes to a device or a pipe.
func writeTo(path string, f func(io.Writer) error) error {
	w, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err == nil {
		err = f(w)
		err = errors.Join(err, w.Close())
	}
	if err != nil {
		return exitWith(exitIO, fmt.Errorf("write %s: %w", path, cause(err)))
	}
	return nil
}

func replaceFile(path string, mode fs.FileMode, f func(io.Writer) error) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return exitWith(exitIO, fmt.Errorf("write %s: %w", path, cause(err)))
	}
	defer func() {
		if err != nil {
			tmp.Close()
			os.Remove(tmp.Name())
		}
	}()
	if err = f(tmp); err != nil {
		return exitWith(exitIO, err)
	}
	if err = tmp.Chmod(mode); err == nil {
		err = tmp.Close()
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return exitWith(exitIO, fmt.Errorf("write %s: %w", path, cause(err)))
	}
	return nil
}

// cause leaves the path of a temporary file out of an error.
func cause(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	var le *os.LinkError
	if errors.As(err, &le) {
		return le.Err
	}
	return err
}
