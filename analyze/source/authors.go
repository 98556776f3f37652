package source

import (
	"bytes"
	"cmp"
	"container/heap"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// maxAuthored is how many commits are looked at for their authors, the newest
// first: who answers for a program today is seldom found further back.
const maxAuthored = 2000

// An Author is somebody who wrote commits, by his address.
type Author struct {
	Name    string // of his newest commit
	Mail    string // as it is spelt there; addresses that differ in case are one
	Commits int
	Last    time.Time // of the newest commit, in UTC
}

// Authors returns who wrote the commits up to that of the repository, most
// commits first, among equals the one who wrote last, and how many commits were
// looked at. Merges do not count, as in git shortlog --no-merges. Without git,
// and for a directory of a repository, whose history is another's as well,
// there are none.
func (r *Repo) Authors() ([]Author, int) {
	info := r.Info()
	if r.git == nil || info.Commit == "" || info.Prefix != "" {
		return nil, 0
	}
	w := &authorWalk{g: r.git, seen: map[plumbing.Hash]bool{}, who: map[*walkNode]object.Signature{}, by: map[string]*Author{}}
	w.push(hashOf(commitID(info.Commit)))
	for w.queue.Len() > 0 && w.count < maxAuthored && r.ctx.Err() == nil {
		w.next()
	}
	out := make([]Author, 0, len(w.by))
	for _, a := range w.by {
		out = append(out, *a)
	}
	slices.SortFunc(out, func(a, b Author) int {
		return cmp.Or(cmp.Compare(b.Commits, a.Commits), b.Last.Compare(a.Last), strings.Compare(a.Mail, b.Mail))
	})
	return out, w.count
}

// An authorWalk goes back through the history, the newest commit first.
type authorWalk struct {
	g     *gitRepo
	queue walkQueue
	seen  map[plumbing.Hash]bool
	who   map[*walkNode]object.Signature // of what is in the queue
	by    map[string]*Author             // by address in lower case
	count int
}

// push reads a commit into the queue; one that is not in this clone ends its
// line of history.
func (w *authorWalk) push(h plumbing.Hash) {
	if w.seen[h] {
		return
	}
	w.seen[h] = true
	b, err := w.g.object(plumbing.CommitObject, h, maxCommitObject)
	if err != nil {
		return
	}
	c, err := parseCommit(b)
	if err != nil {
		return
	}
	n := &walkNode{hash: h, date: c.date.Unix(), seq: len(w.seen), parents: c.parents}
	w.who[n] = authorOf(b)
	heap.Push(&w.queue, n)
}

func (w *authorWalk) next() {
	n := heap.Pop(&w.queue).(*walkNode)
	who := w.who[n]
	delete(w.who, n)
	for _, p := range n.parents {
		w.push(p)
	}
	if len(n.parents) > 1 {
		return
	}
	w.count++
	if who.Email == "" || !utf8.ValidString(who.Name+who.Email) {
		return
	}
	key := strings.ToLower(who.Email)
	a := w.by[key]
	if a == nil {
		a = &Author{Name: strings.TrimSpace(who.Name), Mail: who.Email, Last: who.When.UTC()}
		w.by[key] = a
	}
	a.Commits++
}

// authorOf reads the author line of a commit object's header.
func authorOf(b []byte) object.Signature {
	var who object.Signature
	for len(b) > 0 {
		var line []byte
		line, b, _ = bytes.Cut(b, []byte{'\n'})
		if len(line) == 0 {
			break
		}
		if value, ok := bytes.CutPrefix(line, []byte("author ")); ok {
			who.Decode(value)
			break
		}
	}
	return who
}
