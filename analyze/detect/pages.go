package detect

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
)

// maxReadme bounds, in bytes, what of a README is searched for addresses.
const maxReadme = 256 << 10

// pages finds the addresses of the repository at forges. They are what others
// wrote: they are only compared with what the scripts fetch.
func (id *identity) pages() {
	id.page(id.repo.Info().Remote)
	id.page(id.app.Homepage)
	readme := id.readme[:min(len(id.readme), maxReadme)]
	var cloned []string
	for _, m := range cloneLine.FindAllStringSubmatch(readme, -1) {
		if p := forgePage(m[1]); p != "" && !slices.Contains(cloned, p) {
			cloned = append(cloned, p)
		}
	}
	if len(cloned) == 1 {
		id.addPage(cloned[0])
	}
	for _, m := range forgeAddress.FindAllStringSubmatch(readme, -1) {
		p := strings.ToLower(strings.TrimPrefix(m[1], "raw.") + "/" + m[2] + "/" + m[3])
		p = strings.TrimSuffix(strings.Replace(p, "githubusercontent.com/", "github.com/", 1), ".git")
		if id.named(p) {
			id.addPage(p)
		}
	}
}

var (
	cloneLine    = lazyregexp.New(`git clone (?:--?[a-z][^ ]* +(?:[0-9]+ +)?)*([^\s"'` + "`" + `]+)`)
	forgeAddress = lazyregexp.New(`\b((?:raw\.)?github(?:usercontent)?\.com|gitlab\.com|codeberg\.org|bitbucket\.org)[/:]([\w.~-]+)/([\w.-]*\w)`)
)

func (id *identity) page(address string) {
	if p := forgePage(address); p != "" {
		id.addPage(p)
	}
}

func (id *identity) addPage(p string) {
	if !slices.Contains(id.app.Pages, p) {
		id.app.Pages = append(id.app.Pages, p)
	}
}

// named tells whether the last elements of a page are the name of the
// application or of the directory that the repository lies in.
func (id *identity) named(p string) bool {
	info := id.repo.Info()
	name := PackageName(path.Base(p))
	full := PackageName(path.Base(path.Dir(p)) + "-" + path.Base(p))
	for _, own := range []string{id.app.Name, PackageName(path.Base(info.Path)), PackageName(info.Prefix)} {
		if own == name || own == full {
			return true
		}
	}
	return false
}

// forgePage is the page of a repository at an address of git: "host/owner/name"
// in lower case, "" when it has not these parts.
func forgePage(address string) string {
	a := strings.ToLower(strings.TrimSpace(address))
	a = strings.TrimPrefix(a, "git+")
	scheme, rest, isURL := strings.Cut(a, "://")
	if !isURL {
		rest = strings.Replace(a, ":", "/", 1) // user@host:owner/name
	} else if !slices.Contains([]string{"http", "https", "ssh", "git"}, scheme) {
		return ""
	}
	rest, _, _ = strings.Cut(rest, "#")
	rest, _, _ = strings.Cut(rest, "?")
	host, p, _ := strings.Cut(rest, "/")
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		host = host[i+1:]
	} else if !isURL {
		return "" // a path
	}
	if isURL {
		host, _, _ = strings.Cut(host, ":")
	}
	p = strings.TrimSuffix(strings.Trim(p, "/"), ".git")
	if !strings.Contains(host, ".") || !strings.Contains(p, "/") {
		return ""
	}
	return strings.TrimPrefix(host, "www.") + "/" + p
}
