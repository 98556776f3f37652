package source

import (
	"cmp"
	"container/heap"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
)

const (
	maxCandidates = 10      // as git describe
	maxDescribe   = 200_000 // commits walked
	describeHash  = 7       // digits of the object name behind -g
)

// A describer walks back from a commit to the nearest tag.
//
// Source: describe_commit in git's builtin/describe.c; a test compares the
// result with git describe --tags --long.
type describer struct {
	g     *gitRepo
	ctx   context.Context
	names map[plumbing.Hash]string
	annot map[plumbing.Hash]bool

	nodes map[plumbing.Hash]*walkNode
	queue walkQueue
	seq   int

	found []candidate
	best  uint32 // flag counted by lacking, once it is chosen
	// lacking is how many commits of the queue do not have the best flag.
	lacking int
}

// A candidate is a tag and how many commits are not in it.
type candidate struct {
	commit plumbing.Hash
	depth  int
	flag   uint32
}

type walkNode struct {
	hash    plumbing.Hash
	date    int64
	seq     int
	flags   uint32 // of the candidates that the commit is an ancestor of
	queued  bool
	parents []plumbing.Hash
}

// A walkQueue gives the newest commit first, among equals the one seen first.
type walkQueue []*walkNode

func (q walkQueue) Len() int      { return len(q) }
func (q walkQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q walkQueue) Less(i, j int) bool {
	if q[i].date != q[j].date {
		return q[i].date > q[j].date
	}
	return q[i].seq < q[j].seq
}
func (q *walkQueue) Push(x any) { *q = append(*q, x.(*walkNode)) }
func (q *walkQueue) Pop() any {
	old := *q
	n := old[len(old)-1]
	*q = old[:len(old)-1]
	return n
}

// describe returns TAG-COUNT-gHASH as git describe --tags --long does, or ""
// when no tag is an ancestor within the bound.
func (g *gitRepo) describe(ctx context.Context, c *commit, tags []Tag) string {
	if len(tags) == 0 {
		return ""
	}
	d := &describer{g: g, ctx: ctx, nodes: map[plumbing.Hash]*walkNode{}}
	d.names, d.annot = tagNames(tags)
	head := hashOf(c.id)
	best, ok := candidate{commit: head}, true
	if d.names[head] == "" {
		best, ok = d.nearest(head)
	}
	if !ok {
		return ""
	}
	return fmt.Sprintf("%s-%d-g%s", d.names[best.commit], best.depth, c.id[:describeHash])
}

// tagNames chooses one name for each tagged commit: an annotated tag, the
// newest of them, else the first by name.
func tagNames(tags []Tag) (names map[plumbing.Hash]string, annotated map[plumbing.Hash]bool) {
	names, annotated = map[plumbing.Hash]string{}, map[plumbing.Hash]bool{}
	byRank := slices.Clone(tags)
	slices.SortStableFunc(byRank, func(a, b Tag) int {
		switch {
		case a.Annotated != b.Annotated:
			if a.Annotated {
				return -1
			}
			return 1
		case a.Annotated && !a.Date.Equal(b.Date):
			return b.Date.Compare(a.Date)
		}
		return strings.Compare(a.Name, b.Name)
	})
	for _, t := range byRank {
		h := hashOf(commitID(t.Commit))
		if names[h] == "" {
			names[h], annotated[h] = t.Name, t.Annotated
		}
	}
	return names, annotated
}

// nearest finds up to ten tagged ancestors and takes the one with the fewest
// commits that are not in it.
func (d *describer) nearest(head plumbing.Hash) (candidate, bool) {
	if !d.push(head, 0) {
		return candidate{}, false
	}
	seen, annotated := 0, 0
	var gaveUp *walkNode
	for d.queue.Len() > 0 {
		if seen >= maxDescribe || d.ctx.Err() != nil {
			return candidate{}, false
		}
		c := d.pop()
		seen++
		if d.names[c.hash] != "" {
			if len(d.found) == maxCandidates {
				gaveUp = c
				break
			}
			flag := uint32(1) << len(d.found)
			d.found = append(d.found, candidate{commit: c.hash, depth: seen - 1, flag: flag})
			c.flags |= flag
			if d.annot[c.hash] {
				annotated++
			}
		}
		for i := range d.found {
			if c.flags&d.found[i].flag == 0 {
				d.found[i].depth++
			}
		}
		if annotated > 0 && d.queue.Len() == 0 && d.covered(c) {
			break
		}
		d.pushParents(c)
	}
	if len(d.found) == 0 {
		return candidate{}, false
	}
	slices.SortStableFunc(d.found, func(a, b candidate) int { return cmp.Compare(a.depth, b.depth) })
	return d.finish(d.found[0], gaveUp, seen)
}

// covered tells whether the last commit is an ancestor of all the best tags.
func (d *describer) covered(c *walkNode) bool {
	depth, within := 1<<62, uint32(0)
	for _, f := range d.found {
		switch {
		case f.depth < depth:
			depth, within = f.depth, f.flag
		case f.depth == depth:
			within |= f.flag
		}
	}
	return c.flags&within == within
}

// finish counts the rest of the commits that are not in the best tag.
func (d *describer) finish(best candidate, gaveUp *walkNode, seen int) (candidate, bool) {
	if gaveUp != nil {
		d.requeue(gaveUp)
	}
	d.best, d.lacking = best.flag, 0
	for _, n := range d.queue {
		if n.flags&best.flag == 0 {
			d.lacking++
		}
	}
	for d.queue.Len() > 0 {
		if seen++; seen > maxDescribe || d.ctx.Err() != nil {
			return best, false
		}
		c := d.pop()
		if c.flags&best.flag == 0 {
			best.depth++
		} else if d.lacking == 0 {
			break
		}
		d.pushParents(c)
	}
	return best, true
}

func (d *describer) pop() *walkNode {
	n := heap.Pop(&d.queue).(*walkNode)
	n.queued = false
	if n.flags&d.best == 0 {
		d.lacking--
	}
	return n
}

func (d *describer) requeue(n *walkNode) {
	n.queued = true
	d.seq++
	n.seq = d.seq
	heap.Push(&d.queue, n)
	if n.flags&d.best == 0 {
		d.lacking++
	}
}

// push queues a commit that was not seen before; one that is not in this
// clone ends its line of history.
func (d *describer) push(h plumbing.Hash, flags uint32) bool {
	c, err := d.g.commit(commitID(h.String()))
	if err != nil {
		return false
	}
	n := &walkNode{hash: h, date: c.date.Unix(), parents: c.parents, flags: flags}
	d.nodes[h] = n
	d.requeue(n)
	return true
}

func (d *describer) pushParents(c *walkNode) {
	for _, p := range c.parents {
		n := d.nodes[p]
		if n == nil {
			d.push(p, c.flags)
			continue
		}
		if n.queued && n.flags&d.best == 0 && c.flags&d.best != 0 {
			d.lacking--
		}
		n.flags |= c.flags
	}
}

// shallow tells whether the clone has only a part of the history.
func (g *gitRepo) shallow() bool {
	b, err := readSmall(filepath.Join(g.common, "shallow"))
	return err == nil && len(b) > 0
}
