package source

import (
	"net/url"
	"slices"
	"strings"
	"time"
)

// Info is what is known of the repository as a whole. Fields that git would
// know are empty without it.
type Info struct {
	Kind     string    `json:"kind"`               // "git", "dir" or "tarball"
	Path     string    `json:"path"`               // as given to Open
	Prefix   string    `json:"prefix,omitempty"`   // the root below the top of the git tree or archive
	Commit   string    `json:"commit,omitempty"`   // full object name; of an archive made by git archive too
	Branch   string    `json:"branch,omitempty"`   // that HEAD names; "" at another commit or detached
	Remote   string    `json:"remote,omitempty"`   // URL of origin, or of the only remote, without credentials
	Date     time.Time `json:"date,omitzero"`      // of the committer, in UTC
	Dirty    bool      `json:"dirty,omitempty"`    // a tracked file below the root differs from the commit
	Describe string    `json:"describe,omitempty"` // git describe --tags --long; "" when no tag is an ancestor
	Shallow  bool      `json:"shallow,omitempty"`  // the history ends early: Describe and Tags may lack tags
}

// Info returns the facts of the repository. They are read at the first call;
// for a working tree that lists the files, to know Dirty.
func (r *Repo) Info() Info {
	r.infoOnce.Do(func() {
		r.info = Info{Kind: r.kind, Path: r.path, Prefix: r.prefix, Commit: string(r.rev)}
		if t, ok := r.tree.(*archiveTree); ok {
			r.info.Prefix = t.prefix
		}
		if r.git != nil {
			r.gitInfo(&r.info)
		}
	})
	return r.info
}

func (r *Repo) gitInfo(info *Info) {
	info.Remote = r.git.remote()
	head, err := r.git.resolveRev("")
	if err != nil {
		head = ""
	}
	if !r.atCommit {
		info.Commit = string(head)
	}
	if info.Commit == string(head) || info.Commit == "" {
		info.Branch = r.git.headName()
	}
	if info.Commit == "" {
		return
	}
	info.Shallow = r.git.shallow()
	c, err := r.git.commit(commitID(info.Commit))
	if err != nil {
		return
	}
	info.Date = c.date
	info.Dirty = r.dirty(c)
	tags, err := r.Tags()
	if err == nil {
		info.Describe = r.git.describe(r.ctx, c, tags)
	}
}

// remote returns the URL of the remote that the branch is pulled from, of
// origin, or of the only remote.
func (g *gitRepo) remote() string {
	remotes := g.section("remote")
	if remotes == nil {
		return ""
	}
	names := []string{"origin"}
	if branches := g.section("branch"); branches != nil {
		if head := g.headName(); head != "" && branches.HasSubsection(head) {
			names = slices.Insert(names, 0, branches.Subsection(head).Option("remote"))
		}
	}
	if len(remotes.Subsections) == 1 {
		names = append(names, remotes.Subsections[0].Name)
	}
	for _, name := range names {
		if name != "" && remotes.HasSubsection(name) {
			if u := remotes.Subsection(name).Option("url"); u != "" {
				return StripCredentials(u)
			}
		}
	}
	return ""
}

// StripCredentials removes the user and password, the query and the fragment
// of a URL. The user of an ssh URL stays, since it is part of the address
// ("git@"); its password does not.
func StripCredentials(raw string) string {
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok {
		return scpAddress(raw)
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" && u.Path == "" {
		return stripByHand(scheme, rest)
	}
	user := u.User
	u.User, u.RawQuery, u.Fragment, u.ForceQuery = nil, "", "", false
	if name := user.Username(); name != "" && strings.Contains(u.Scheme, "ssh") {
		u.User = url.User(name)
	}
	return u.String()
}

// scpAddress is user@host:path; a password has no place there, yet
// user:password@host:path occurs.
func scpAddress(raw string) string {
	before, host, ok := cutLast(raw, "@")
	if !ok {
		return raw
	}
	user, _, _ := strings.Cut(before, ":")
	return user + "@" + host
}

func stripByHand(scheme, rest string) string {
	rest, _, _ = strings.Cut(rest, "?")
	rest, _, _ = strings.Cut(rest, "#")
	if _, host, ok := cutLast(rest, "@"); ok {
		rest = host
	}
	return scheme + "://" + rest
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
