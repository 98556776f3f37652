//go:build !linux

package root

import "errors"

// A layer is the upper directory of an overlay; only Linux has them.
type layer struct {
	files  map[string]Entry
	hashes map[hashKey]string
}

func (l *layer) read(string) error {
	return errors.New("read a layer of a throwaway root: only Linux has overlays")
}
