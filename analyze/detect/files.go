package detect

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/value"
)

// files finds directories, configuration, other files and links.
func (x *context) files() {
	moved := x.movedAway()
	whole, tops, spreads := x.wholesale(), x.trees(), x.spreads()
	for _, e := range x.all {
		if e.Path == "" || strings.Contains(e.Path, ":/") || path.Base(e.Path) == "-" {
			continue // php://stdout and the like
		}
		if to, ok := spreads[transfer(e)]; ok && !x.second(e) {
			x.directory(e, to)
			continue
		}
		if isTransfer(e) && below(tops[transfer(e)], path.Dir(e.Path)) {
			continue // part of a tree that goes there whole
		}
		if to, ok := renamed(moved, e); ok {
			if to == "" {
				continue
			}
			n := *e
			n.Path, n.Val = to, value.Text(to)
			e = &n
		}
		if temporary(e) || x.second(e) || x.gone(e) || x.restored(e) {
			continue
		}
		if whole[statementDir(e)] {
			x.directory(e, path.Dir(e.Path))
			continue
		}
		switch e.Op {
		case host.MakeDir:
			x.directory(e, e.Path)
		case host.Clone:
			if e.Action == "clone" || e.Action == "" {
				x.directory(e, e.Path)
			}
		case host.Sync, host.Extract:
			x.unpacked(e)
		case host.Chown, host.Chmod:
			x.owned(e)
		case host.CopyTo, host.MoveTo, host.Write, host.Append, host.Fetch, host.Hardlink, host.Edit, host.Touch, host.Backup:
			x.file(e)
		case host.Symlink:
			x.symlink(e)
		}
	}
}

// movedAway are paths that were only a step on the way: written, then renamed
// to their final name.
func (x *context) movedAway() map[string]string {
	out := map[string]string{}
	made := map[string]bool{}
	for _, e := range x.all {
		if e.Op == host.MakeDir {
			made[e.Path] = true
		}
		if e.Op != host.MoveTo || isBackupPath(e.Path) || hasDate(e.Val) || e.From == e.Path {
			continue
		}
		n := x.h.Node(e.Machine, e.From)
		if e.Must && n.Presence == value.No || made[e.From] && n.Presence != value.Yes {
			out[e.From] = e.Path
		}
	}
	for _, e := range x.all { // code that is moved aside for a backup comes back
		if e.Op == host.MoveTo && (isBackupPath(e.Path) || hasDate(e.Val)) {
			delete(out, e.From)
		}
	}
	return out
}

// renamed tells whether the path of an effect is moved away later, and to what;
// "" when the move itself tells of it.
func renamed(moved map[string]string, e *host.Effect) (string, bool) {
	if len(moved) == 0 || e.Op == host.MoveTo {
		return "", false
	}
	for p := e.Path; len(p) > 1; p = path.Dir(p) {
		if to, ok := moved[p]; ok {
			if p == e.Path {
				return "", true
			}
			return to + strings.TrimPrefix(e.Path, p), true
		}
	}
	return "", false
}

// restored tells of a copy that brings back what the script has saved in a
// temporary place before.
func (x *context) restored(e *host.Effect) bool {
	if e.Op != host.CopyTo && e.Op != host.MoveTo || e.From == "" || !temporaryPath(e.From, value.Text(e.From)) && !isBackupPath(e.From) {
		return false
	}
	for _, o := range x.all {
		if o == e {
			return false
		}
		if (o.Op == host.CopyTo || o.Op == host.MoveTo) && o.From == e.Path && path.Base(o.Path) == path.Base(e.From) {
			return true
		}
	}
	return false
}

// below tells whether a path, or a directory above it, is in a set.
func below(set map[string]bool, p string) bool {
	if len(set) == 0 {
		return false
	}
	for ; len(p) > 1; p = path.Dir(p) {
		if set[p] {
			return true
		}
	}
	return false
}

// maxSingle is the number of files that one statement puts into one directory
// up to which each is a fact of its own; of more, the directory is.
const maxSingle = 8

// wholesale finds the statements that fill a directory with many files.
func (x *context) wholesale() map[string]bool {
	paths := map[string]map[string]bool{}
	for _, e := range x.all {
		if k := statementDir(e); k != "" {
			if paths[k] == nil {
				paths[k] = map[string]bool{}
			}
			paths[k][e.Path] = true
		}
	}
	out := map[string]bool{}
	for k, set := range paths {
		out[k] = len(set) > maxSingle
	}
	return out
}

// trees finds the directories that a statement copies, moves or unpacks whole.
func (x *context) trees() map[string]map[string]bool {
	out := map[string]map[string]bool{}
	for _, e := range x.all {
		if isTransfer(e) && e.Kind == host.Dir {
			k := transfer(e)
			if out[k] == nil {
				out[k] = map[string]bool{}
			}
			out[k][e.Path] = true
		}
	}
	return out
}

func isTransfer(e *host.Effect) bool {
	return e.Op == host.CopyTo || e.Op == host.MoveTo || e.Op == host.Extract || e.Op == host.Sync
}

func transfer(e *host.Effect) string { return e.At.Pos.String() + string(e.Op) }

// statementDir names the statement of a copied file and the directory that it
// goes to, "" for other effects. Below /etc each file counts.
func statementDir(e *host.Effect) string {
	if e.Op != host.CopyTo && e.Op != host.MoveTo || e.Path == "" || strings.HasPrefix(e.Path, "/etc/") || strings.HasPrefix(e.From, "/etc/") {
		return ""
	}
	return e.At.Pos.String() + "\x00" + path.Dir(e.Path)
}

// second tells of a step that the second run does elsewhere, since what the
// first one made is in its way: a link inside the directory it points to.
func (x *context) second(e *host.Effect) bool {
	if e.Run != 2 || e.Op != host.Symlink && e.Op != host.CopyTo && e.Op != host.MoveTo {
		return false
	}
	if x.firsts == nil {
		x.firsts = map[string]map[string]bool{}
		for _, o := range x.all {
			if k := transfer(o); o.Run == 1 {
				if x.firsts[k] == nil {
					x.firsts[k] = map[string]bool{}
				}
				x.firsts[k][o.Path] = true
			}
		}
	}
	first := x.firsts[transfer(e)]
	return len(first) > 0 && !first[e.Path]
}

// gone tells of what the scripts make and remove again.
func (x *context) gone(e *host.Effect) bool {
	return e.Op != host.Backup && e.Op != host.MoveTo && x.h.Node(e.Machine, e.Path).Presence == value.No
}

func hasDate(v value.Value) bool {
	for _, h := range v.Best().Holes() {
		if h.Kind == value.Date {
			return true
		}
	}
	return false
}

// file notes a file: configuration when an administrator may edit it.
func (x *context) file(e *host.Effect) {
	p := e.Path
	switch {
	case e.Op == host.Backup || x.backup(e):
		x.addBackup(e)
		return
	case e.Kind == host.Dir || e.Kind == host.AnyKind && (x.isDir(e) || x.knownDir(p) || looksLikeDir(e)):
		if e.Op != host.Touch && e.Op != host.Edit {
			x.directory(e, p)
		}
		return
	case isLog(p) || accountFiles[p] || hasUnknownRoot(e.Val, p) || isBackupPath(path.Dir(p)):
		return
	case isConfig(p):
		x.config(e)
		return
	case e.Op == host.Edit || e.Op == host.Append && x.inCode(p) || e.Op == host.Touch && !strings.HasPrefix(p, "/"):
		return
	}
	n := x.h.Node(e.Machine, p)
	f := model.File{Path: p, From: e.Content.Repo(), Role: model.RoleOther, Evidence: x.evidence(e)}
	if n.OwnerSet {
		f.Owner, f.Group = n.Owner, n.Group
	}
	if n.ModeSet || n.Kind == host.Regular && n.Made {
		f.Mode = n.Mode
	}
	if n.Content != nil {
		f.Content = x.text(e.Machine, p)
	}
	upsert(&x.d.Facts.Files, func(o *model.File) bool { return o.Path == p }, evFile, f)
}

func (x *context) isDir(e *host.Effect) bool { return x.h.IsDir(e.Machine, e.Path) == value.Yes }

func (x *context) knownDir(p string) bool {
	for i := range x.d.Facts.Directories {
		if x.d.Facts.Directories[i].Path == p {
			return true
		}
	}
	return false
}

// looksLikeDir guesses at what is copied or moved whole and has no suffix.
func looksLikeDir(e *host.Effect) bool {
	from := path.Base(e.From)
	return (e.Op == host.MoveTo || e.Op == host.CopyTo && e.Recursive) && !strings.Contains(path.Base(e.Path), ".") &&
		!strings.Contains(strings.TrimPrefix(from, "."), ".") && !strings.Contains(from, "-dist") && !strings.Contains(e.Path, "/bin/") && !strings.HasPrefix(e.Path, "/etc/")
}

// inCode tells whether a path lies where the code is brought to, or in the tree
// that the scripts lie in.
func (x *context) inCode(p string) bool {
	return x.d.CodeDir != "" && strings.HasPrefix(p, x.d.CodeDir+"/") || strings.HasPrefix(p, "${PWD}/") || below(x.codeDirs, path.Dir(p))
}

// text is the content of a file as far as it is known.
func (x *context) text(where int32, p string) string {
	v, ok := x.h.Text(where, p)
	if !ok {
		return ""
	}
	return v.String()
}

// backup tells whether an effect keeps a copy of what it is about to replace.
func (x *context) backup(e *host.Effect) bool {
	if e.Op != host.CopyTo && e.Op != host.MoveTo {
		return false
	}
	return isBackupPath(e.Path) && !isBackupPath(e.From) || hasDate(e.Val) && e.Content.Repo() == "" && e.From != "" ||
		strings.HasPrefix(e.Path, e.From+".") && e.From != ""
}

func (x *context) addBackup(e *host.Effect) {
	what := "cp " + e.From + " " + e.Path
	if e.Op == host.MoveTo {
		what = "mv " + e.From + " " + e.Path
	}
	if e.What != "" {
		what = e.What
	}
	upsert(&x.d.Facts.Backups, func(o *model.Backup) bool { return o.Command == what }, evBack,
		model.Backup{Command: what, Evidence: x.evidence(e)})
}

func (x *context) symlink(e *host.Effect) {
	s := model.Symlink{Path: e.Path, Target: e.Target, Evidence: x.evidence(e)}
	upsert(&x.d.Facts.Symlinks, func(o *model.Symlink) bool { return o.Path == e.Path }, evLink, s)
}
