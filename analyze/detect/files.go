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
	if e.Content != nil && e.Content.Kind == host.Fetched {
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

// howWritten tells of text that the script writes: whether it stands there as a
// block, or is printed line by line, or is what was asked of the caller.
func (x *context) howWritten(e *host.Effect) string {
	if e.Content != nil && e.Content.Kind == host.Fetched {
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
