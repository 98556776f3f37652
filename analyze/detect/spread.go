package detect

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/host"
)

// spreads finds the statements that copy all of the repository, one entry at a
// time (cp -r * /opt/app), by the key of their transfer: where the entries go.
func (x *context) spreads() map[string]string {
	type group struct {
		tos   map[string]bool
		names []string
	}
	groups := map[string]*group{}
	for _, e := range x.all {
		from := e.Content.Repo()
		if e.Op != host.CopyTo || from == "" || strings.Contains(from, "/") || from == "." || path.Base(from) != path.Base(e.Path) {
			continue
		}
		g := groups[transfer(e)]
		if g == nil {
			g = &group{tos: map[string]bool{}}
			groups[transfer(e)] = g
		}
		g.tos[path.Dir(e.Path)] = true
		g.names = appendNew(g.names, from)
	}
	out := map[string]string{}
	for key, g := range groups {
		if to := only(g.tos); to != "" && x.wholeTree(g.names) {
			out[key] = to
		}
	}
	return out
}

// only is the one element of a set, "" when there are more.
func only(set map[string]bool) string {
	if len(set) != 1 {
		return ""
	}
	for s := range set {
		return s
	}
	return ""
}

// wholeTree tells whether names are all that the root of the repository has and
// a pattern matches: at least three, and all but hidden ones.
func (x *context) wholeTree(names []string) bool {
	if x.h.Repo == nil || len(names) < 3 {
		return false
	}
	for _, name := range x.h.Repo.List(".") {
		if !strings.HasPrefix(name, ".") && !slices.Contains(names, name) {
			return false
		}
	}
	return true
}
