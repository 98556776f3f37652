package source

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// A gitRef is a branch or tag.
type gitRef struct {
	name string // refs/heads/main
	hash plumbing.Hash
}

// refs returns all refs that name an object, sorted by name.
func (g *gitRepo) refs() ([]gitRef, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	store, err := g.storage()
	if err != nil {
		return nil, err
	}
	iter, err := store.IterReferences()
	if err != nil {
		return nil, fmt.Errorf("%w: git refs: %w", ErrDamaged, err)
	}
	var refs []gitRef
	err = iter.ForEach(func(r *plumbing.Reference) error {
		if name := r.Name().String(); r.Type() == plumbing.HashReference && strings.HasPrefix(name, "refs/") {
			refs = append(refs, gitRef{name, r.Hash()})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%w: git refs: %w", ErrDamaged, err)
	}
	slices.SortFunc(refs, func(a, b gitRef) int { return strings.Compare(a.name, b.name) })
	return refs, nil
}

func shortRef(name string) string {
	for _, prefix := range []string{"refs/heads/", "refs/tags/", "refs/remotes/"} {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			return rest
		}
	}
	return name
}

// headName returns the branch that HEAD names, "" when it is detached.
func (g *gitRepo) headName() string {
	b, err := readSmall(filepath.Join(g.dir, "HEAD"))
	if err != nil {
		return ""
	}
	ref, ok := strings.CutPrefix(strings.TrimSpace(string(b)), "ref:")
	if !ok {
		return ""
	}
	name, _ := strings.CutPrefix(strings.TrimSpace(ref), "refs/heads/")
	return name
}

// A tagObject is an annotated tag.
type tagObject struct {
	target  plumbing.Hash
	tagger  object.Signature
	message string
}

func (g *gitRepo) tagObject(h plumbing.Hash) (*tagObject, error) {
	b, err := g.object(plumbing.TagObject, h, maxCommitObject)
	if err != nil {
		return nil, err
	}
	tag := parseTag(b)
	if tag.target.IsZero() {
		return nil, fmt.Errorf("%w: git tag object %s", ErrDamaged, h)
	}
	return tag, nil
}

// parseTag reads a tag object; a signature behind the message is dropped.
func parseTag(b []byte) *tagObject {
	tag := &tagObject{}
	head, message, _ := bytes.Cut(b, []byte("\n\n"))
	for line := range bytes.Lines(head) {
		key, value, _ := bytes.Cut(bytes.TrimSpace(line), []byte{' '})
		switch string(key) {
		case "object":
			tag.target = plumbing.NewHash(string(value))
		case "tagger":
			tag.tagger.Decode(value)
		}
	}
	text := string(message)
	for _, mark := range []string{"-----BEGIN PGP SIGNATURE", "-----BEGIN SSH SIGNATURE", "-----BEGIN SIGNED MESSAGE"} {
		if i := strings.Index(text, mark); i == 0 || i > 0 && text[i-1] == '\n' {
			text = text[:i]
		}
	}
	tag.message = strings.TrimRight(text, "\n")
	return tag
}
