package source

import (
	"slices"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
)

// A Tag is a tag of the git repository that names a commit.
type Tag struct {
	Name      string    `json:"name"` // without refs/tags/
	Commit    string    `json:"commit"`
	Date      time.Time `json:"date"`              // of the tagger, or of the committer; UTC
	Message   string    `json:"message,omitempty"` // of an annotated tag, without its signature
	Annotated bool      `json:"annotated,omitempty"`
}

// Tags returns the tags that name commits, newest first, then by name. They
// are read at the first call. Without git there are none.
func (r *Repo) Tags() ([]Tag, error) {
	r.tagsOnce.Do(func() {
		if r.git != nil {
			r.tags, r.tagsErr = r.git.tags()
		}
	})
	return slices.Clone(r.tags), r.tagsErr
}

func (g *gitRepo) tags() ([]Tag, error) {
	refs, err := g.refs()
	if err != nil {
		return nil, err
	}
	var tags []Tag
	for _, ref := range refs {
		name, ok := strings.CutPrefix(ref.name, "refs/tags/")
		if !ok {
			continue
		}
		if tag, ok := g.tag(name, ref.hash); ok {
			tags = append(tags, tag)
		}
	}
	slices.SortStableFunc(tags, func(a, b Tag) int {
		if c := b.Date.Compare(a.Date); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
	return tags, nil
}

// tag reads one tag; one that names no commit of this clone is left out.
func (g *gitRepo) tag(name string, h plumbing.Hash) (Tag, bool) {
	tag := Tag{Name: name}
	for range maxLinks {
		t, err := g.objectType(h)
		if err != nil {
			return tag, false
		}
		switch t {
		case plumbing.CommitObject:
			return g.tagCommit(tag, h)
		case plumbing.TagObject:
			obj, err := g.tagObject(h)
			if err != nil {
				return tag, false
			}
			if !tag.Annotated {
				tag.Annotated, tag.Message = true, obj.message
				tag.Date = obj.tagger.When.UTC()
			}
			h = obj.target
		default:
			return tag, false
		}
	}
	return tag, false
}

func (g *gitRepo) tagCommit(tag Tag, h plumbing.Hash) (Tag, bool) {
	tag.Commit = h.String()
	if !tag.Annotated || tag.Date.Unix() <= 0 {
		c, err := g.commit(commitID(tag.Commit))
		if err != nil {
			return tag, false
		}
		tag.Date = c.date
	}
	return tag, true
}
