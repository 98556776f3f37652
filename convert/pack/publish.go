package pack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/nativize/nativize/convert/plan"
)

// ChecksumFile is the name of the file with the checksums of all artifacts, in
// the form of sha256sum(1).
const ChecksumFile = "SHA256SUMS"

// publish renames what was written into place. It is the last step: before it
// the output directory has not changed.
func (bd *builder) publish() ([]Artifact, error) {
	var all []Artifact
	for _, b := range bd.bundles {
		a, err := bd.artifact(b.format, b.fileName())
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	for _, extra := range []struct {
		name string
		data func() ([]byte, error)
	}{
		{billName(bd.p), func() ([]byte, error) { return billOfMaterials(bd.p, bd.bundles, all, mtime(bd.p, bd.opt)) }},
		{ChecksumFile, func() ([]byte, error) { return checksums(all), nil }},
	} {
		data, err := extra.data()
		if err != nil {
			return nil, fmt.Errorf("write %q: %w", extra.name, err)
		}
		if err := os.WriteFile(bd.temp(extra.name), data, 0o644); err != nil {
			return nil, err
		}
		a, err := bd.artifact("", extra.name)
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	for _, a := range all {
		if err := os.Rename(bd.temp(filepath.Base(a.Path)), a.Path); err != nil {
			return nil, err
		}
		bd.event(Event{Kind: Finished, Format: a.Format, Path: filepath.Base(a.Path), Total: a.Size})
	}
	return all, nil
}

// artifact measures a temporary file.
func (bd *builder) artifact(f plan.Format, name string) (Artifact, error) {
	file, err := os.Open(bd.temp(name))
	if err != nil {
		return Artifact{}, err
	}
	defer file.Close()
	h := sha256.New()
	n, err := io.Copy(h, file)
	if err != nil {
		return Artifact{}, fmt.Errorf("read %q: %w", name, err)
	}
	return Artifact{Format: f, Path: filepath.Join(bd.opt.OutDir, name), Size: n, SHA256: hex.EncodeToString(h.Sum(nil))}, nil
}

func checksums(all []Artifact) []byte {
	var b strings.Builder
	for _, a := range all {
		fmt.Fprintf(&b, "%s  %s\n", a.SHA256, filepath.Base(a.Path))
	}
	return []byte(b.String())
}

func isCanceled(err error) bool {
	return errors.Is(err, context.Canceled)
}
