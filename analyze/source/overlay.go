package source

// With returns the repository as it would be with other content in some of its
// files; paths that it does not have are ignored. Nothing is written. It reads
// through r, which must stay open; closing it is not needed.
func (r *Repo) With(texts map[string][]byte) *Repo {
	r.Ignored("-") // reads the list and the ignore files
	o := &Repo{
		Entry: r.Entry, ctx: r.ctx, kind: r.kind, path: r.path, max: r.max, tree: &overlay{r.tree, texts},
		git: r.git, prefix: r.prefix, rev: r.rev, atCommit: r.atCommit,
	}
	o.listOnce.Do(func() { o.all, o.files, o.listErr, o.ignore = r.all, r.files, r.listErr, r.ignore })
	return o
}

// An overlay is a tree in which some files have other content.
type overlay struct {
	tree
	texts map[string][]byte
}

func (o *overlay) read(e *entry, max int64) ([]byte, error) {
	if b, ok := o.texts[e.Path]; ok {
		return b, nil
	}
	return o.tree.read(e, max)
}

func (o *overlay) size(e *entry) (int64, error) {
	if b, ok := o.texts[e.Path]; ok {
		return int64(len(b)), nil
	}
	return o.tree.size(e)
}

func (o *overlay) close() error { return nil }
