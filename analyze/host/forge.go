package host

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/analyze/value"
)

// A forgeURL is an address of what a forge serves of a repository. Parts that
// are not known stand in it as ${NAME}.
type forgeURL struct {
	page    string // "host/owner/name"; groups of GitLab make it longer
	rest    string // of a file: reference and path; of an archive: reference
	archive bool
	known   bool // the host is a well-known forge
}

// parseForge takes apart the addresses by which forges serve files and archives
// of a repository at a reference.
//
// Source: docs.github.com "Downloading source code archives"; docs.gitlab.com
// "Repositories API" and its web routes; the routes of Gitea and Forgejo;
// support.atlassian.com "Bitbucket raw file URL"; jsdelivr.com "GitHub".
func parseForge(url string) (forgeURL, bool) {
	hostname, p, ok := cutHost(url)
	if !ok {
		return forgeURL{}, false
	}
	for _, route := range []string{"/-/raw/", "/-/archive/"} { // GitLab, with groups below groups
		if owner, rest, ok := strings.Cut(p, route); ok {
			return forgeURL{page: hostname + "/" + owner, rest: rest, archive: route == "/-/archive/", known: hostname == "gitlab.com"}, true
		}
	}
	e := strings.Split(p, "/")
	switch {
	case len(e) >= 4 && (hostname == "raw.githubusercontent.com" || hostname == "raw.github.com"):
		return forgeURL{page: "github.com/" + e[0] + "/" + e[1], rest: strings.Join(e[2:], "/"), known: true}, true
	case len(e) >= 4 && hostname == "codeload.github.com":
		return forgeURL{page: "github.com/" + e[0] + "/" + e[1], rest: strings.Join(e[3:], "/"), archive: true, known: true}, true
	case len(e) >= 4 && hostname == "cdn.jsdelivr.net" && e[0] == "gh":
		name, ref, _ := strings.Cut(e[2], "@")
		return forgeURL{page: "github.com/" + e[1] + "/" + name, rest: ref + "/" + strings.Join(e[3:], "/"), known: true}, true
	case len(e) >= 4:
		u := forgeURL{page: hostname + "/" + e[0] + "/" + e[1], rest: strings.Join(e[3:], "/"), known: slices.Contains(forges, hostname)}
		u.archive = e[2] == "archive" || e[2] == "tarball" || e[2] == "zipball" || e[2] == "get" && hostname == "bitbucket.org"
		return u, u.archive || e[2] == "raw" || e[2] == "media" || e[2] == "blob" && strings.Contains(url, "raw=")
	}
	return forgeURL{}, false
}

// forges are hosts where everybody may have repositories.
var forges = []string{"github.com", "gitlab.com", "codeberg.org", "bitbucket.org"}

// cutHost splits a web address into host, in lower case and without its user,
// and path, without the query.
func cutHost(url string) (hostname, p string, ok bool) {
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok || scheme != "https" && scheme != "http" {
		return "", "", false
	}
	rest, _, _ = strings.Cut(rest, "?")
	rest, _, _ = strings.Cut(rest, "#")
	hostname, p, _ = strings.Cut(rest, "/")
	if i := strings.LastIndexByte(hostname, '@'); i >= 0 {
		hostname = hostname[i+1:]
	}
	return strings.TrimPrefix(strings.ToLower(hostname), "www."), path.Clean("/" + p)[1:], true
}

// isHole tells of an element that is not known, or only in part.
func isHole(s string) bool { return strings.Contains(s, "${") }

// owns tells whether an address may be of the repository itself, and whether
// that is sure: the page is one of its own, or has the name of one, as a fork's
// has.
func (h *Host) owns(u forgeURL) (own, sure bool) {
	if isHole(u.page) {
		return u.known, false
	}
	if len(h.Pages) == 0 {
		return u.known, false
	}
	page := strings.ToLower(strings.TrimSuffix(u.page, ".git"))
	for _, p := range h.Pages {
		if p == page || path.Base(p) == path.Base(page) {
			return true, true
		}
	}
	return false, false
}

// OwnFile is the file of the repository that an address at a forge names, ""
// for none. The own pages are Host.Pages; where they, or the owner in the
// address, are not known, a file in a directory of the same name is believed to
// be the own.
func (h *Host) OwnFile(url string) string {
	u, ok := parseForge(url)
	if !ok || u.archive || h.Repo == nil {
		return ""
	}
	own, sure := h.owns(u)
	if !own {
		return ""
	}
	least := 1 // of the directories that must agree
	if sure {
		least = 0
	}
	rest := u.rest
	if isHole(u.page) {
		rest = "ref/" + rest // one hole may be owner and name
	}
	for _, p := range []string{"refs/heads/", "refs/tags/", "branch/", "tag/", "commit/"} {
		rest = strings.TrimPrefix(rest, p)
	}
	for _, rest, ok = strings.Cut(rest, "/"); ok && strings.Count(rest, "/") >= least; _, rest, ok = strings.Cut(rest, "/") {
		if mode, found := h.Repo.Stat(rest); found && mode.IsRegular() {
			return rest
		}
		least = 1 // references may have slashes in them, but rarely have
	}
	return ""
}

// OwnContent is what a download from an address brings when a forge serves a
// file or an archive of the repository there; nil for anything else.
func (h *Host) OwnContent(url string, at source.Pos) *Content {
	if name := h.OwnFile(url); name != "" {
		return &Content{Kind: RepoFile, Path: name, URL: url, At: at}
	}
	u, ok := parseForge(url)
	if !ok || !u.archive || h.Repo == nil {
		return nil
	}
	if own, sure := h.owns(u); !own || !sure {
		return nil
	}
	tree := &Node{Kind: Dir, Presence: value.Yes, Mode: "0755", Content: &Content{Kind: RepoTree, URL: url, At: at}}
	return &Content{Kind: Archive, URL: url, At: at, Members: []Member{{Path: u.top(), Node: tree}}}
}

// top is the directory that everything in an archive of a forge lies in: the
// name and the reference, of GitHub's without the v of a version.
func (u forgeURL) top() string {
	name, ref := path.Base(u.page), path.Base(u.rest)
	for _, ext := range []string{".tar.gz", ".tar.bz2", ".tar", ".zip", ".tgz"} {
		ref = strings.TrimSuffix(ref, ext)
	}
	if u.page[:strings.IndexByte(u.page, '/')] == "github.com" && len(ref) > 1 && ref[0] == 'v' && ref[1] >= '0' && ref[1] <= '9' {
		ref = ref[1:]
	}
	if strings.HasPrefix(ref, name+"-") { // GitLab names the file like the directory
		return ref
	}
	return name + "-" + ref
}
