package detect

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/value"
)

// directory notes a directory with the owner and mode it has in the end.
func (x *context) directory(e *host.Effect, p string) *model.Directory {
	if host.IsSystemDir(p) && !x.changesSystemDir(e) || hasUnknownRoot(e.Val, p) || path.Base(p) == "*" && host.IsSystemDir(path.Dir(p)) {
		return nil // what is unknown and goes to a directory of the system is no directory of that name
	}
	d := model.Directory{Path: p, Role: role(p, x.d.CodeDir), Evidence: x.evidence(e)}
	_, n := x.h.Follow(e.Machine, p)
	if owner := x.homeOf(p); owner != "" {
		d.Owner = owner
	}
	if n.OwnerSet {
		d.Owner, d.Group = n.Owner, n.Group
		if n.Group == n.Owner && e.Op != host.Chown && n.Group == e.User {
			d.Group = ""
		}
	}
	if n.ModeSet {
		d.Mode = n.Mode
	}
	return upsert(&x.d.Facts.Directories, func(o *model.Directory) bool { return o.Path == p }, evDir, d)
}

// homeOf names the account created by the deployment whose home a path is.
func (x *context) homeOf(p string) string {
	for _, u := range x.d.Facts.Users {
		if u.Home == p {
			return u.Name
		}
	}
	return ""
}

func (x *context) changesSystemDir(e *host.Effect) bool {
	return (e.Op == host.Chown || e.Op == host.Chmod) && !strings.HasPrefix(e.Path, "/usr/") && e.Path != "/"
}

// hasUnknownRoot tells of paths of which nothing but a hole is known.
func hasUnknownRoot(v value.Value, p string) bool {
	h := v.Best().Hole()
	return h != nil && h.Kind != value.Checkout && h.Kind != value.Env
}

// unpacked notes the directory that an archive or a transfer fills, when it is
// not one of the system's.
func (x *context) unpacked(e *host.Effect) {
	if e.Kind == host.Regular {
		x.file(e)
		return
	}
	if e.Met == "exists" && e.Op == host.Extract {
		return
	}
	x.directory(e, e.Path)
}

// owned notes a directory that is given an owner or a mode.
func (x *context) owned(e *host.Effect) {
	for i := range x.d.Facts.Files {
		if x.d.Facts.Files[i].Path == e.Path {
			return
		}
	}
	kind := e.Kind
	if kind == host.AnyKind {
		_, n := x.h.Follow(e.Machine, e.Path)
		kind = n.Kind
	}
	base := path.Base(e.Path)
	guess := kind == host.AnyKind && dirMode(e.Mode) && !strings.Contains(strings.TrimPrefix(base, "."), ".") && !strings.Contains(e.Mode, "+x")
	if strings.ContainsAny(base, "*") {
		return
	}
	if kind == host.Dir || guess || kind == host.AnyKind && e.Recursive {
		x.directory(e, e.Path)
	}
}

// dirMode tells whether a mode lets anybody enter a directory; files alone have
// none of the x bits.
func dirMode(mode string) bool {
	if mode == "" || mode[0] < '0' || mode[0] > '7' {
		return true
	}
	return strings.ContainsAny(mode, "1357")
}
