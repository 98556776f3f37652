package root

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// markName is the file that tells a directory of ours from any other.
const markName = "nativize-throwaway-root"

const markText = "A throwaway root of nativize. Everything in this directory may be deleted.\n"

// ErrNotOurs is returned for a directory that holds something and was not made
// by this package: it is neither written to nor deleted.
var ErrNotOurs = errors.New("not a throwaway root made by nativize")

// claim makes dir, an absolute path, a marked directory: a new one, an empty one, or one that
// was marked before, whose old contents go.
func claim(dir string) error {
	if strings.ContainsAny(dir, ",:\\\n") {
		return fmt.Errorf("lay a throwaway root in %q: a path with a comma, colon, backslash or line feed cannot be mounted", dir)
	}
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return fmt.Errorf("lay a throwaway root: %w", err)
		}
	case err != nil:
		return fmt.Errorf("lay a throwaway root: %w", err)
	case len(entries) > 0:
		if err := clearDir(dir); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(dir, markName), []byte(markText), 0o644)
}

// clearDir removes what is in dir, if dir is marked. The mark goes last, so that an
// interrupted removal can be taken up again.
func clearDir(dir string) error {
	if err := checkMark(dir); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("clear a throwaway root: %w", err)
	}
	for _, e := range entries {
		if e.Name() == markName {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return fmt.Errorf("clear a throwaway root: %w", err)
		}
	}
	return os.Remove(filepath.Join(dir, markName))
}

// checkMark fails with [ErrNotOurs] unless dir is marked. A link to a mark does
// not count: what was made here is a regular file.
func checkMark(dir string) error {
	info, err := os.Lstat(filepath.Join(dir, markName))
	if err == nil && info.Mode().IsRegular() {
		return nil
	}
	return fmt.Errorf("directory %q: %w; name a directory that is empty or does not exist", dir, ErrNotOurs)
}
