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

// terminalOf returns the width of a terminal and whether it gets colours; 0 and
// false for anything else. NO_COLOR (no-color.org) turns colours off.
func terminalOf(w io.Writer) (width int, color bool) {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0, os.Getenv("FORCE_COLOR") != ""
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		width = 80
	}
	return width, os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// writeFile writes a file whole or not at all: to a temporary name beside it,
// renamed when all is written.
func writeFile(path string, f func(io.Writer) error) (err error) {
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
	if err = tmp.Chmod(0o644); err == nil {
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
	return err
}
