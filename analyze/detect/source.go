package detect

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/host"
)

// isFile tells of regular files of the repository.
func (c *Companion) isFile(name string) bool {
	f, ok := c.repo.Lookup(name)
	return ok && f.IsRegular()
}

// isFile tells of regular files of the repository.
func (x *context) isFile(name string) bool {
	if x.h.Repo == nil {
		return false
	}
	mode, ok := x.h.Repo.Stat(name)
	return ok && mode.IsRegular()
}

// configSource is the repository file that a configuration file is made from.
// One that is copied from a place that the code was brought to is looked up by
// the end of its path, then among the samples; a download from the repository's
// own page at a forge is the file there.
func (x *context) configSource(e *host.Effect) string {
	if repo := e.Content.Repo(); repo != "" {
		return repo
	}
	if e.Content != nil && e.Content.Kind == host.Fetched {
		return x.h.OwnFile(e.Content.URL)
	}
	if e.Op != host.CopyTo && e.Op != host.MoveTo || e.From == "" {
		return ""
	}
	for _, c := range x.d.Facts.ConfigFiles {
		if c.Path == e.From && c.From != "" {
			return c.From
		}
	}
	for _, dir := range x.codeTops {
		if rest, ok := strings.CutPrefix(e.From, dir+"/"); ok {
			return x.orSample(rest)
		}
	}
	if name := x.repoSuffix(e.From); name != "" {
		return name
	}
	return x.sampleOf(path.Base(e.From))
}

// orSample is a path of the repository, or that of the sample which it is made
// from when there is no such file.
func (x *context) orSample(name string) string {
	if x.isFile(name) || strings.ContainsAny(name, "*?[") {
		return name
	}
	if s := x.sampleOf(path.Base(name)); s != "" {
		return s
	}
	return name
}

// sampleOf is the sample of a configuration file in the repository, "" none.
func (x *context) sampleOf(base string) string {
	if x.sample == nil || !configName.MatchString(base) {
		return ""
	}
	return x.sample(base)
}

// repoSuffix is the longest end of a path, of two elements at least, that is a
// file of the repository; of a pattern its directory must be there.
func (x *context) repoSuffix(p string) string {
	if x.h.Repo == nil {
		return ""
	}
	for rest := strings.TrimPrefix(p, "/"); strings.Contains(rest, "/"); _, rest, _ = strings.Cut(rest, "/") {
		name := rest
		if strings.ContainsAny(path.Base(rest), "*?") {
			name = path.Dir(rest)
		}
		if _, ok := x.h.Repo.Stat(name); ok {
			return rest
		}
	}
	return ""
}
