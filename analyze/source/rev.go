package source

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/plumbing/storer"
)

const treeType = plumbing.TreeObject

// maxCommitObject bounds a commit or tag object.
const maxCommitObject = 4 << 20

// maxParents bounds ~n: as many commits are read one after the other.
const maxParents = 100_000

func quoteName(s string) string { return strconv.Quote(s) }

func (id commitID) short() string { return string(id[:min(12, len(id))]) }

// A commit is what is needed of a commit object.
type commit struct {
	id      commitID
	tree    plumbing.Hash
	parents []plumbing.Hash
	date    time.Time // of the committer
}

func (g *gitRepo) commit(id commitID) (*commit, error) {
	h := hashOf(id)
	b, err := g.object(plumbing.CommitObject, h, maxCommitObject)
	if err != nil {
		return nil, err
	}
	c, err := parseCommit(b)
	if err != nil {
		return nil, objectError(h, err)
	}
	c.id = id
	return c, nil
}

// parseCommit reads the header of a commit object.
func parseCommit(b []byte) (*commit, error) {
	c := &commit{}
	for len(b) > 0 {
		var line []byte
		line, b, _ = bytes.Cut(b, []byte{'\n'})
		key, value, _ := bytes.Cut(line, []byte{' '})
		switch string(key) {
		case "":
			b = nil
		case "tree":
			c.tree = plumbing.NewHash(string(value))
		case "parent":
			c.parents = append(c.parents, plumbing.NewHash(string(value)))
		case "committer":
			var who object.Signature
			who.Decode(value)
			c.date = who.When.UTC()
		}
	}
	if c.tree.IsZero() {
		return nil, errors.New("commit without tree")
	}
	return c, nil
}

// resolveRev finds the commit that a revision names. It takes the forms of
// gitrevisions(7) that name one commit: HEAD, @, a ref, a tag, the output of
// git describe, a full or abbreviated object name, then ^, ^n, ~, ~n, ^{},
// ^{commit}.
func (g *gitRepo) resolveRev(rev string) (commitID, error) {
	name, steps := cutSteps(rev)
	if name == "" || name == "@" {
		name = "HEAD"
	}
	id, err := g.resolveName(name)
	if errors.Is(err, plumbing.ErrReferenceNotFound) {
		return "", g.unknownRev(rev, name)
	}
	if err != nil {
		return "", err
	}
	for steps != "" {
		var step string
		step, steps = nextStep(steps)
		if id, err = g.step(id, step); err != nil {
			return "", fmt.Errorf("revision %q: %w", rev, err)
		}
	}
	return id, nil
}

// hasCommit tells whether HEAD names a commit.
func (g *gitRepo) hasCommit() bool {
	_, err := g.resolveRev("")
	return err == nil
}

// cutSteps parts "v1.2~3^2" into the name and the steps from it.
func cutSteps(rev string) (name, steps string) {
	if i := strings.IndexAny(rev, "^~"); i >= 0 {
		return rev[:i], rev[i:]
	}
	return rev, ""
}

func nextStep(steps string) (step, rest string) {
	end := 1 + strings.IndexAny(steps[1:], "^~")
	if end == 0 {
		end = len(steps)
	}
	return steps[:end], steps[end:]
}

// step goes from a commit to the one that ^n or ~n names.
func (g *gitRepo) step(id commitID, step string) (commitID, error) {
	if step == "^{}" || step == "^{commit}" {
		return id, nil
	}
	n := 1
	if len(step) > 1 {
		var err error
		if n, err = strconv.Atoi(step[1:]); err != nil || n < 0 || n > maxParents {
			return "", fmt.Errorf("%w: %q is not understood", ErrUnknownRev, step)
		}
	}
	if step[0] == '^' {
		return g.parent(id, n)
	}
	for range n {
		var err error
		if id, err = g.parent(id, 1); err != nil {
			return "", err
		}
	}
	return id, nil
}

// parent returns the nth parent, from 1; the 0th is the commit itself.
func (g *gitRepo) parent(id commitID, n int) (commitID, error) {
	if n == 0 {
		return id, nil
	}
	c, err := g.commit(id)
	if err != nil {
		return "", err
	}
	if n > len(c.parents) {
		return "", fmt.Errorf("%w: commit %s has %d parents", ErrUnknownRev, id.short(), len(c.parents))
	}
	return commitID(c.parents[n-1].String()), nil
}

// resolveName resolves a ref or an object name. It fails with
// plumbing.ErrReferenceNotFound.
func (g *gitRepo) resolveName(name string) (commitID, error) {
	if len(name) == 40 && isHex(name) {
		return g.peel(plumbing.NewHash(name), true)
	}
	for _, format := range []string{"%s", "refs/%s", "refs/tags/%s", "refs/heads/%s", "refs/remotes/%s", "refs/remotes/%s/HEAD"} {
		h, err := g.ref(fmt.Sprintf(format, name))
		if err == nil {
			return g.peel(h, false)
		}
		if !errors.Is(err, plumbing.ErrReferenceNotFound) {
			return "", err
		}
	}
	prefix := name
	if i := strings.LastIndex(name, "-g"); i > 0 {
		prefix = name[i+2:]
	}
	if len(prefix) < 4 || len(prefix) > 40 || !isHex(prefix) {
		return "", plumbing.ErrReferenceNotFound
	}
	return g.abbreviated(prefix)
}

func isHex(s string) bool {
	return strings.Trim(s, "0123456789abcdefABCDEF") == ""
}

// ref resolves a full ref name to an object.
func (g *gitRepo) ref(name string) (plumbing.Hash, error) {
	if !safeRef(name) {
		return plumbing.ZeroHash, plumbing.ErrReferenceNotFound
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	store, err := g.storage()
	if err != nil {
		return plumbing.ZeroHash, err
	}
	ref, err := storer.ResolveReference(store, plumbing.ReferenceName(name))
	if err != nil {
		return plumbing.ZeroHash, plumbing.ErrReferenceNotFound
	}
	return ref.Hash(), nil
}

// safeRef keeps names that are no refs from being opened as files: only HEAD
// and its like, and what lies below refs/.
func safeRef(name string) bool {
	if !strings.HasPrefix(name, "refs/") && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") != "" {
		return false
	}
	return safePath(name) && !strings.HasSuffix(name, "/") && !strings.ContainsAny(name, " \\\t\n:?*[")
}

// abbreviated finds the one commit whose name begins with a prefix.
func (g *gitRepo) abbreviated(prefix string) (commitID, error) {
	full, err := g.withPrefix(prefix)
	if err != nil {
		return "", err
	}
	var commits []commitID
	for _, h := range full {
		if id, err := g.peel(h, true); err == nil {
			commits = append(commits, id)
		}
	}
	slices.Sort(commits)
	commits = slices.Compact(commits)
	switch len(commits) {
	case 0:
		return "", plumbing.ErrReferenceNotFound
	case 1:
		return commits[0], nil
	}
	return "", fmt.Errorf("%w: %q is the beginning of %d commits; write more of it", ErrUnknownRev, prefix, len(commits))
}

func (g *gitRepo) withPrefix(prefix string) ([]plumbing.Hash, error) {
	even := prefix[:len(prefix)&^1]
	b, err := hex.DecodeString(even)
	if err != nil {
		return nil, plumbing.ErrReferenceNotFound
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	store, err := g.storage()
	if err != nil {
		return nil, err
	}
	hashes, err := store.HashesWithPrefix(b)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	prefix = strings.ToLower(prefix)
	return slices.DeleteFunc(hashes, func(h plumbing.Hash) bool {
		return !strings.HasPrefix(h.String(), prefix)
	}), nil
}

// peel follows annotated tags to the commit. An object that is not there is
// an unknown name when the user spelled it, else damage.
func (g *gitRepo) peel(h plumbing.Hash, spelled bool) (commitID, error) {
	for range maxLinks {
		t, err := g.objectType(h)
		if err != nil {
			if spelled && errors.Is(err, ErrNotFound) {
				err = plumbing.ErrReferenceNotFound
			}
			return "", err
		}
		switch t {
		case plumbing.CommitObject:
			return commitID(h.String()), nil
		case plumbing.TagObject:
			tag, err := g.tagObject(h)
			if err != nil {
				return "", err
			}
			h = tag.target
		default:
			return "", fmt.Errorf("%w: object %s is a %s, not a commit", ErrUnknownRev, h, t)
		}
	}
	return "", fmt.Errorf("%w: tag %s", ErrLoop, h)
}

func (g *gitRepo) objectType(h plumbing.Hash) (plumbing.ObjectType, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	store, err := g.storage()
	if err != nil {
		return 0, err
	}
	if size, err := store.EncodedObjectSize(h); err == nil && size > DefaultMaxFile {
		return plumbing.BlobObject, nil
	}
	obj, err := store.EncodedObject(plumbing.AnyObject, h)
	if err != nil {
		return 0, objectError(h, err)
	}
	return obj.Type(), nil
}

// unknownRev explains a name that resolves to nothing.
func (g *gitRepo) unknownRev(rev, name string) error {
	refs, err := g.refs()
	if err != nil {
		return err
	}
	if len(refs) == 0 {
		return fmt.Errorf("the git repository %w", ErrNoCommits)
	}
	if name == "HEAD" {
		return fmt.Errorf("%w: HEAD names the branch %q, which %w; name another with --rev%s",
			ErrUnknownRev, g.headName(), ErrNoCommits, some(refs))
	}
	names := make([]string, 0, len(refs))
	for _, r := range refs {
		names = append(names, shortRef(r.name))
	}
	hint := near(name, names)
	if hint == "" {
		hint = "; name another" + some(refs)
	}
	return fmt.Errorf("%w %q%s", ErrUnknownRev, rev, hint)
}

func some(refs []gitRef) string {
	var names []string
	for _, r := range refs[:min(3, len(refs))] {
		names = append(names, quoteName(shortRef(r.name)))
	}
	return ", such as " + strings.Join(names, " or ")
}
