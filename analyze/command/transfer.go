package command

import (
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

// transfer are the commands that copy between machines.
var transfer = []*Model{
	{Name: "rsync", Kind: Changed, Man: "rsync(1)",
		Flags: "aAbB:cCdDe:EfFgGhHiI:kKlLmM:nNoOpPqrRsStT:uUvVxXyzW0468@: --archive=a --acls=A --append --append-verify --backup=b --backup-dir: --block-size: " +
			"--bwlimit: --checksum=c --checksum-choice: --chmod: --chown: --compare-dest: --compress=z --compress-choice: --compress-level: --contimeout: --copy-as: " +
			"--copy-dest: --copy-dirlinks=k --copy-links=L --copy-unsafe-links --cvs-exclude=C --debug: --del=delete --delay-updates --delete --delete-after=delete " +
			"--delete-before=delete --delete-delay=delete --delete-during=delete --delete-excluded --delete-missing-args --devices --dirs=d --dry-run=n " +
			"--exclude: --exclude-from: --executability=E --existing --fake-super --files-from: --filter: --force --from0=0 --fsync --fuzzy=y --group=g " +
			"--groupmap: --hard-links=H --help --human-readable=h --iconv: --ignore-errors --ignore-existing --ignore-missing-args --ignore-times " +
			"--include: --include-from: --info: --inplace --itemize-changes=i --keep-dirlinks=K --link-dest: --links=l --list-only --log-file: " +
			"--log-file-format: --max-delete: --max-size: --min-size: --mkpath --modify-window: --munge-links --no-D --no-g --no-group --no-h --no-implied-dirs " +
			"--no-inc-recursive --no-l --no-links --no-motd --no-o --no-owner --no-p --no-perms --no-r --no-relative --no-t --no-times --no-compress --no-whole-file --no-v " +
			"--numeric-ids --old-args --omit-dir-times=O --omit-link-times --one-file-system=x --out-format: --outbuf: --owner=o --partial --partial-dir: --password-file: " +
			"--perms=p --port: --preallocate --progress --protect-args=s --prune-empty-dirs=m --quiet=q --recursive=r --relative=R --remote-option: " +
			"--remove-source-files --rsh=e: --rsync-path: --safe-links --size-only --skip-compress: --sockopts: --sparse=S --specials --stats --stderr: " +
			"--stop-after: --suffix: --super --temp-dir=T: --timeout: --times=t --update=u --usermap: --verbose=v --whole-file=W --xattrs=X --ipv4=4 --ipv6=6",
		Doc:     "copies trees, here or to and from another machine: filters, trailing slash, deletion, owner and mode",
		Example: "rsync -a --exclude=sub tree/ dest/", Run: rsync},
	{Name: "scp", Flags: "346ABCD:F:J:S:P:i:l:o:c:OpqrTvX:R", Kind: Changed, Man: "scp(1)",
		Doc: "copies files and trees between machines", Run: scp},
	{Name: "sftp", Flags: "46AaB:b:CD:F:fi:J:l:No:P:pqR:rS:s:vX:c:", Kind: Changed, Man: "sftp(1)",
		Doc: "runs a batch of transfers on another machine", Run: sftp},
}

// An endpoint is one side of a transfer.
type endpoint struct {
	host, user string
	path       value.Value
	remote     bool
}

// parseEndpoint reads [USER@]HOST:PATH, HOST::MODULE/PATH or
// rsync://HOST/MODULE/PATH; anything with a slash before the colon is a path of
// this machine.
func parseEndpoint(v value.Value) endpoint {
	s := v.Best()
	for _, scheme := range []string{"rsync://", "scp://", "sftp://"} {
		if rest, ok := strings.CutPrefix(s.String(), scheme); ok {
			h, p, _ := strings.Cut(rest, "/")
			user, h := splitLogin(h)
			h, _, _ = strings.Cut(h, ":")
			return endpoint{host: h, user: user, path: value.Text("/" + strings.TrimPrefix(p, "/")), remote: true}
		}
	}
	parts := s.Split(":")
	if len(parts) < 2 || strings.Contains(litText(parts[0]), "/") || strings.HasPrefix(litText(parts[0]), ".") {
		return endpoint{path: v}
	}
	user, h := splitLogin(parts[0].String())
	rest := parts[1]
	for _, p := range parts[2:] {
		if t, ok := rest.Exact(); ok && t == "" {
			rest = p // daemon: the module
			continue
		}
		rest = rest.Concat(value.TextStr(":")).Concat(p)
	}
	if t, ok := rest.Exact(); ok && t == "" {
		rest = value.TextStr(".")
	}
	return endpoint{host: h, user: user, path: value.FromStr(rest), remote: true}
}

// litText is the text of s without its holes.
func litText(s value.Str) string {
	var b strings.Builder
	for _, p := range s.Parts() {
		b.WriteString(p.Lit)
	}
	return b.String()
}

func splitLogin(s string) (user, host string) {
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		return s[:i], s[i+1:]
	}
	return "", s
}

// at is who works on an endpoint; the effect of reaching it is written down.
func (c *Call) at(e endpoint, args []string) *host.Actor {
	if !e.remote {
		return c.Actor
	}
	r := c.Record(&host.Effect{Op: host.Remote, Name: e.host, Manager: c.Name, Args: args})
	r.User = e.user
	return c.remoteActor(e.host, e.user)
}

// remoteActor is a login on another machine, in its home directory.
func (c *Call) remoteActor(name, user string) *host.Actor {
	return &host.Actor{H: c.H, Where: c.H.Machine(name, "remote"), User: user, Cwd: homeOf(user)}
}

// homeOf is the home directory of a login on another machine: by convention,
// a hole when the login is not known.
func homeOf(user string) value.Str {
	switch {
	case user == "root":
		return value.TextStr("/root")
	case user == "" || strings.Contains(user, "$"):
		return value.MakeStr(value.Part{Hole: &value.Hole{Kind: value.Env, Name: "HOME", Full: true}})
	}
	return value.TextStr("/home/" + user)
}

// remotePath expands a leading tilde, which the other machine's shell does.
func remotePath(a *host.Actor, v value.Value) value.Value {
	return v.Map(func(s value.Str) value.Str {
		t, ok := strings.CutPrefix(s.Prefix(), "~")
		if !ok || t != "" && t[0] != '/' {
			return s
		}
		parts := append([]value.Part(nil), s.Parts()...)
		parts[0].Lit = t
		if t == "" {
			parts = parts[1:]
		}
		return homeOf(a.User).Concat(value.MakeStr(parts...))
	})
}

func rsync(c *Call) {
	n := len(c.Args)
	if n < 2 || c.Has("list-only") {
		c.Outcome = Pure
		return
	}
	dst := parseEndpoint(c.Args[n-1])
	o := c.rsyncOpts()
	if c.Has("n") {
		c.Outcome = Pure
		return
	}
	login := c.sshArgs()
	to := c.rsyncSide(c.at(dst, login))
	target := dst.path
	if dst.remote {
		target = remotePath(to, target)
	}
	if v, ok := c.Flag("backup-dir"); ok {
		to.Record(&host.Effect{Op: host.Backup, From: to.Path(target), Path: to.Path(v)})
	}
	for _, src := range c.Args[:n-1] {
		c.rsyncOne(src, to, target, o, n > 2 || endsWith(target, "/"), login)
	}
	if n == 2 && !dst.remote && isBackup(c.Abs(c.Args[0].Best()), c.Abs(target.Best())) {
		c.keeps(c.Args[0], target)
		c.Outcome = Mechanics
	}
}

func (c *Call) rsyncOne(v value.Value, to *host.Actor, target value.Value, o host.CopyOpts, into bool, login []string) {
	src := parseEndpoint(v)
	from := c.at(src, login)
	if src.remote {
		o.From = v.String()
		src.path = remotePath(from, src.path)
	}
	if list, ok := c.Flag("files-from"); ok {
		c.rsyncList(from, src.path, to, target, o, list)
		return
	}
	p, isAll := allOf(src.path)
	switch t := src.path.Best().Suffix(); {
	case isAll:
		src.path, o.Contents = p, true
	case strings.HasSuffix(t, "/"), strings.HasSuffix(t, "/."), src.path.Is("."), src.path.Is(".."):
		o.Contents = true
	case c.Has("R"):
		target, o.Exact, o.Parents = join(target, src.path), true, true
	default:
		_, n := from.H.Follow(from.Where, from.Path(src.path))
		o.Into = into || n.Kind == host.Dir
		if n.Kind == host.Regular || n.Kind == host.Link {
			o.Recursive = false
		}
	}
	to.CopyFrom(from, src.path, target, o)
	if c.Has("remove-source-files") {
		from.Remove(src.path, true)
	}
}

// rsyncList copies the paths that a list names, below the target.
func (c *Call) rsyncList(from *host.Actor, root value.Value, to *host.Actor, target value.Value, o host.CopyOpts, list value.Value) {
	text, ok := c.read(list)
	if !ok {
		o.Contents = true
		to.CopyFrom(from, root, target, o)
		return
	}
	o.Exact, o.Parents = true, true
	for _, l := range lines(text.String()) {
		if l = strings.TrimSpace(l); l != "" && l[0] != '#' {
			to.CopyFrom(from, join(root, value.Text(l)), join(target, value.Text(l)), o)
		}
	}
}

// rsyncSide follows --rsync-path: with sudo the other side is root's; commands
// before rsync run first.
func (c *Call) rsyncSide(a *host.Actor) *host.Actor {
	v, ok := c.Flag("rsync-path")
	if !ok || a.Where == c.Where {
		return a
	}
	before, _, more := strings.Cut(v.String(), "&&")
	if more && c.Sh != nil {
		c.Sh.Script(c, a, value.Text(before), c.At, "sh", nil)
	}
	if strings.Contains(v.String(), "sudo") {
		root := *a
		root.User = "root"
		return &root
	}
	return a
}

func (c *Call) rsyncOpts() host.CopyOpts {
	o := host.CopyOpts{Op: host.Sync, Recursive: c.Has("r", "a"), Update: c.Has("u"), NoClobber: c.Has("ignore-existing"),
		Delete: c.Has("delete", "delete-excluded"), Parents: c.Has("mkpath"), Exclude: c.rsyncFilters()}
	o.Preserve = c.Has("a", "p", "o", "g") && !c.Has("no-p", "no-perms", "no-o", "no-owner")
	if v, ok := c.Flag("chown"); ok {
		o.Owner, o.Group = c.ownerGroup(v.Best())
	}
	if m := c.Text("chmod"); m != "" && !strings.ContainsAny(m, "DF") {
		o.Mode = m
	}
	return o
}

// rsyncFilters are the filter rules in order; "+ " marks an include.
func (c *Call) rsyncFilters() []string {
	var out []string
	for _, o := range c.Opts {
		text := o.Val.String()
		switch o.Name {
		case "exclude":
			out = append(out, rule(text, "-"))
		case "include":
			out = append(out, rule(text, "+"))
		case "filter", "f":
			out = append(out, filterRule(text)...)
		case "exclude-from", "include-from":
			out = append(out, c.ruleFile(o.Val, map[string]string{"exclude-from": "-", "include-from": "+"}[o.Name])...)
		case "C":
			out = append(out, ".git", ".svn", "CVS", ".hg", ".bzr", "RCS", "SCCS", "*~", "*.bak", "*.o", "*.so", "core")
		}
	}
	return out
}

// rule is one pattern; it may carry its own sign.
func rule(text, sign string) string {
	if rest, ok := strings.CutPrefix(text, "+ "); ok {
		sign, text = "+", rest
	} else if rest, ok := strings.CutPrefix(text, "- "); ok {
		sign, text = "-", rest
	}
	if sign == "+" {
		return "+ " + text
	}
	return text
}

func filterRule(text string) []string {
	kind, pat, _ := strings.Cut(text, " ")
	switch strings.TrimSuffix(strings.SplitN(kind, ",", 2)[0], "_") {
	case "-", "exclude":
		return []string{pat}
	case "+", "include":
		return []string{"+ " + pat}
	}
	return nil
}

func (c *Call) ruleFile(v value.Value, sign string) []string {
	text, ok := c.read(v)
	if !ok {
		return nil
	}
	var out []string
	for _, l := range lines(text.String()) {
		if l = strings.TrimSpace(l); l != "" && l[0] != '#' && l[0] != ';' {
			out = append(out, rule(l, sign))
		}
	}
	return out
}

// sshArgs are the options of the login that the report shows.
func (c *Call) sshArgs() []string {
	if v, ok := c.Flag("e"); ok {
		return strings.Fields(v.String())
	}
	var out []string
	for _, o := range c.Opts {
		switch o.Name {
		case "P", "i", "o", "F", "J", "p":
			if o.Has {
				out = append(out, "-"+o.Name, o.Val.String())
			}
		}
	}
	return out
}

func scp(c *Call) {
	n := len(c.Args)
	if n < 2 {
		c.fails()
		return
	}
	dst := parseEndpoint(c.Args[n-1])
	args := c.sshArgs()
	to := c.at(dst, args)
	target := dst.path
	if dst.remote {
		target = remotePath(to, target)
	}
	o := host.CopyOpts{Recursive: c.Has("r"), Into: n > 2 || endsWith(target, "/"), Preserve: false}
	for _, v := range c.Args[:n-1] {
		src := parseEndpoint(v)
		from := c.at(src, args)
		oo := o
		if src.remote {
			oo.From = v.String()
			src.path = remotePath(from, src.path)
		}
		if dir, ok := allOf(src.path); ok {
			src.path, oo.Contents, oo.Into, oo.Recursive = dir, true, false, true
		}
		to.CopyFrom(from, src.path, target, oo)
	}
}

// sftp reads its commands from standard input or a batch file.
func sftp(c *Call) {
	if len(c.Args) == 0 {
		c.fails()
		return
	}
	e := parseEndpoint(c.Args[0])
	if !e.remote {
		e.user, e.host = splitLogin(c.Arg(0))
		e.remote, e.path = true, value.Text(".")
	}
	far, near := c.at(e, c.sshArgs()), *c.Actor
	far.Cwd = far.Abs(remotePath(far, e.path).Best())
	text, ok := c.In.Text, c.In.Known
	if b, given := c.Flag("b"); given {
		text, ok = c.read(b)
	}
	if !ok {
		c.Detail = "its commands are not known"
		return
	}
	for _, l := range text.Best().Split("\n") {
		var words []value.Value
		for _, w := range l.Split(" ") {
			if t, exact := w.Exact(); !exact || strings.TrimSpace(t) != "" {
				words = append(words, value.FromStr(w))
			}
		}
		if len(words) > 0 {
			sftpLine(strings.TrimLeft(words[0].String(), "-@"), words[1:], &near, far)
		}
	}
}

func sftpLine(verb string, words []value.Value, near, far *host.Actor) {
	var args []value.Value
	o := host.CopyOpts{}
	for _, w := range words {
		if t := w.Best().Prefix(); strings.HasPrefix(t, "-") {
			o.Recursive = o.Recursive || strings.ContainsAny(t, "rR")
			continue
		}
		args = append(args, w)
	}
	if len(args) == 0 {
		return
	}
	last := args[len(args)-1]
	switch verb {
	case "put", "get", "mput", "mget", "reput", "reget":
		from, to := near, far
		if strings.Contains(verb, "get") {
			from, to = far, near
		}
		dst := value.Text(".")
		if len(args) > 1 {
			dst = last
		}
		o.Into = len(args) == 1 || endsWith(dst, "/")
		to.CopyFrom(from, args[0], dst, o)
	case "cd":
		far.Cwd = far.Abs(last.Best())
	case "lcd":
		near.Cwd = near.Abs(last.Best())
	case "mkdir":
		far.MakeDir(last, "", false)
	case "rm", "rmdir":
		far.Remove(last, false)
	case "rename", "ln", "symlink", "chmod", "chown", "chgrp":
		sftpPair(verb, args, far)
	}
}

func sftpPair(verb string, args []value.Value, far *host.Actor) {
	if len(args) < 2 {
		return
	}
	a, b := args[0], args[1]
	switch verb {
	case "rename":
		far.Move(a, b, host.CopyOpts{})
	case "ln", "symlink":
		far.Symlink(a, b, false, false)
	case "chmod":
		far.Chmod(b, a.String(), false)
	case "chown":
		far.Chown(b, a.String(), "", false, true)
	case "chgrp":
		far.Chown(b, "", a.String(), false, true)
	}
}
