package detect

import (
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/value"
)

// config notes a configuration file and how it comes to be.
func (x *context) config(e *host.Effect) {
	p := e.Path
	n := x.h.Node(e.Machine, p)
	c := model.ConfigFile{Path: p, From: x.configSource(e), InCodeDir: x.inCode(p), How: x.how(e), Evidence: x.evidence(e)}
	if n.OwnerSet {
		c.Owner, c.Group = n.Owner, n.Group
	}
	if n.ModeSet {
		c.Mode = n.Mode
	}
	c.Content = x.text(e.Machine, p)
	c.Holes = holes(e.Content)
	if (c.How == model.HowCopy || c.How == model.HowTemplate) && (ifAbsent(e) || c.Once && x.redeploys) {
		c.How = model.HowCopyIfAbsent
	}
	for i := range x.d.Facts.ConfigFiles {
		if old := &x.d.Facts.ConfigFiles[i]; old.Path == p {
			joinConfig(old, c)
			return
		}
	}
	x.d.Facts.ConfigFiles = append(x.d.Facts.ConfigFiles, c)
}

// joinConfig takes in a further way in which the same file is made or changed.
func joinConfig(old *model.ConfigFile, c model.ConfigFile) {
	switch {
	case old.Origin != model.FromScript && c.Origin == model.FromScript:
		old.How, old.From = c.How, c.From
	case old.How == model.HowCopy && c.How == model.HowSedEdit:
		old.How = model.HowTemplate
	case old.How == model.HowSedEdit && c.How != model.HowSedEdit:
		old.How, old.From = c.How, c.From
	}
	if old.From == "" {
		old.From = c.From
	}
	if c.Content != "" {
		old.Content, old.Holes = c.Content, c.Holes
	}
	add(&old.Evidence, c.Evidence)
}

// ifAbsent tells of a step that is guarded by the absence of what it makes.
func ifAbsent(e *host.Effect) bool {
	for _, c := range e.When {
		if c.Gone && c.Subj.Space == host.File && c.Subj.Name == e.Path && e.Path != "" {
			return true
		}
	}
	return false
}

func holes(c *host.Content) []string {
	var out []string
	seen := map[string]bool{}
	v, ok := c.Known()
	if !ok {
		return nil
	}
	for _, h := range v.Holes() {
		if !seen[h.Name] {
			seen[h.Name] = true
			out = append(out, h.Name)
		}
	}
	return out
}

// how says how an effect makes a configuration file.
func (x *context) how(e *host.Effect) string {
	switch e.Op {
	case host.Edit:
		return model.HowSedEdit
	case host.Fetch:
		return model.HowDownload
	case host.Write, host.Append, host.Touch:
		return x.howWritten(e)
	}
	if downloaded(e.Content) {
		return model.HowDownload
	}
	if e.Content != nil && e.Content.Kind == host.Edited {
		return model.HowTemplate
	}
	if e.Content != nil && (e.Content.Kind == host.Literal) {
		return x.howWritten(e)
	}
	if e.What == "no-clobber" {
		return model.HowCopyIfAbsent
	}
	return model.HowCopy
}

// downloaded tells of content that was fetched as it is, from the repository's
// own page too.
func downloaded(c *host.Content) bool {
	return c != nil && (c.Kind == host.Fetched || c.Kind == host.RepoFile && c.URL != "")
}

// howWritten tells of text that the script writes: whether it stands there as a
// block, or is printed line by line, or is what was asked of the caller.
func (x *context) howWritten(e *host.Effect) string {
	if downloaded(e.Content) {
		return model.HowDownload
	}
	v, ok := e.Content.Known()
	if !ok {
		return model.HowTemplate
	}
	if h := v.Best().Hole(); h != nil && h.Kind == value.Prompt {
		return model.HowPrompt
	}
	if x.printed(e) {
		return model.HowEcho
	}
	if e.At.EndLine > e.At.Line || strings.Count(v.String(), "\n") > 2 {
		return model.HowHeredoc
	}
	return model.HowEcho
}

// printed tells whether the text is made by echo or printf, a line or two at a
// time.
func (x *context) printed(e *host.Effect) bool {
	for i := range x.d.Statements {
		s := &x.d.Statements[i]
		if s.At.File != e.At.File || s.At.Line < e.At.Line || e.At.EndLine > 0 && s.At.Line > e.At.EndLine {
			continue
		}
		if name, _, _ := strings.Cut(s.Text, " "); name == "echo" || name == "printf" {
			return s.At.EndLine-s.At.Line < 2
		}
	}
	return false
}
