package command

import (
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

// files are the commands of coreutils and their neighbours that change the
// file tree.
var files = []*Model{
	{Name: "mkdir", Flags: "m:pvZ --mode=m: --parents=p --verbose=v --context?", Kind: Changed, Man: "mkdir(1)",
		Doc: "makes directories with mode and parents", Example: "mkdir -p -m 0750 a/b", Run: mkdir},
	{Name: "rmdir", Flags: "pv --ignore-fail-on-non-empty --parents=p --verbose=v", Kind: Changed, Man: "rmdir(1)",
		Doc: "removes empty directories, with -p those above too", Example: "rmdir -p gone/below", Run: rmdir},
	{Name: "cp", Flags: "abdfiHlLnPpRrS:st:Tuvx Z --archive=a --attributes-only --backup? --copy-contents --debug --dereference=L --force=f " +
		"--interactive=i --link=l --no-clobber=n --no-dereference=P --no-preserve? --no-target-directory=T --one-file-system=x " +
		"--parents --preserve? --recursive=R --reflink? --remove-destination --sparse? --strip-trailing-slashes --suffix=S: " +
		"--symbolic-link=s --target-directory=t: --update? --verbose=v --context? --keep-directory-symlink",
		Kind: Changed, Man: "cp(1)", Doc: "copies files and trees with owner and mode; a copy beside the source is a backup",
		Example: "cp -a tree copy", Run: cp},
	{Name: "mv", Flags: "bfinS:t:TuvZ --backup? --debug --exchange --force=f --interactive=i --no-clobber=n --no-copy --no-target-directory=T " +
		"--strip-trailing-slashes --suffix=S: --target-directory=t: --update? --verbose=v --context=Z",
		Kind: Changed, Man: "mv(1)", Doc: "renames, or moves into a directory", Example: "mv one.txt tree", Run: mv},
	{Name: "rm", Flags: "dfiIrRv --dir=d --force=f --interactive? --no-preserve-root --one-file-system --preserve-root? --recursive=r --verbose=v",
		Kind: Changed, Man: "rm(1)", Doc: "removes files, with -r trees", Example: "rm -rf tree nothing", Run: rm},
	{Name: "unlink", Flags: "", Kind: Changed, Man: "unlink(1)", Doc: "removes one file", Example: "unlink one.txt", Run: rm},
	{Name: "shred", Flags: "fn:s:uvxz --exact=x --force=f --iterations=n: --random-source: --remove=u? --size=s: --verbose=v --zero=z", Kind: Changed, Man: "shred(1)",
		Doc: "overwrites a file, with -u removes it", Example: "shred -u one.txt", Run: shred},
	{Name: "ln", Flags: "bdFfiLnPrsS:t:Tv --backup? --directory=d --force=f --interactive=i --logical=L --no-dereference=n --no-target-directory=T " +
		"--physical=P --relative=r --suffix=S: --symbolic=s --target-directory=t: --verbose=v",
		Kind: Changed, Man: "ln(1)", Doc: "links, symbolic or not, into a directory or under a name", Example: "ln -sfn one.txt link", Run: ln},
	{Name: "install", Flags: "bcCdDg:m:o:psS:t:TvZ --backup? --compare=C --context? --debug --directory=d --group=g: --mode=m: --no-target-directory=T " +
		"--owner=o: --preserve-context --preserve-timestamps=p --strip=s --strip-program: --suffix=S: --target-directory=t: --verbose=v",
		Kind: Changed, Man: "install(1)", Doc: "copies with owner, group and mode, or makes directories",
		Example: "install -D -m 0640 one.txt etc/app/one.conf", Run: install},
	{Name: "touch", Flags: "acd:fhmr:t: --date=d: --no-create=c --no-dereference=h --reference=r: --time:", Kind: Changed, Man: "touch(1)",
		Doc: "makes empty files", Example: "touch new.txt one.txt", Run: touch},
	{Name: "truncate", Flags: "cor:s: --io-blocks=o --no-create=c --reference=r: --size=s:", Kind: Changed, Man: "truncate(1)",
		Doc: "empties or sizes files", Example: "truncate -s 0 one.txt", Run: truncate},
	{Name: "cat", Flags: "AbeEnstTuv --number=n --number-nonblank=b --show-all=A --show-ends=E --show-nonprinting=v --show-tabs=T --squeeze-blank=s",
		Kind: Pure, Man: "cat(1)", Doc: "prints files; with a redirect its output keeps their provenance", Example: "cat one.txt two.txt", Run: cat},
	{Name: "tee", Flags: "aip --append=a --ignore-interrupts=i --output-error?", Kind: Changed, Man: "tee(1)",
		Doc: "writes standard input to files", Example: "tee -a one.txt", Run: tee},
	{Name: "sponge", Flags: "a", Kind: Changed, Man: "sponge(1)", Doc: "writes standard input to a file once all is read", Run: tee},
	{Name: "dd", Flags: "-any", Kind: Changed, Man: "dd(1)", Doc: "copies if= to of=", Example: "dd if=one.txt of=dd.out bs=1 status=none", Run: dd},
	{Name: "chmod", Flags: "cfvRhHLPrwxXstugoa --changes=c --silent=f --quiet=f --verbose=v --no-preserve-root --preserve-root --reference: --recursive=R " +
		"--dereference --no-dereference=h", Kind: Changed, Man: "chmod(1)",
		Doc: "sets modes, octal or symbolic, recursively or not", Example: "chmod -R u=rwX,go=rX tree", Run: chmod},
	{Name: "chown", Flags: "cfvhRHLP --changes=c --silent=f --quiet=f --verbose=v --dereference --no-dereference=h --from: --no-preserve-root " +
		"--preserve-root --reference: --recursive=R", Kind: Changed, Man: "chown(1)",
		Doc: "sets owner and group, recursively or not", Example: "chown -R daemon:bin tree", Run: chown},
	{Name: "chgrp", Flags: "cfvhRHLP --changes=c --silent=f --quiet=f --verbose=v --dereference --no-dereference=h --from: --no-preserve-root " +
		"--preserve-root --reference: --recursive=R", Kind: Changed, Man: "chgrp(1)",
		Doc: "sets the group", Example: "chgrp adm one.txt", Run: chgrp},
	{Name: "setfacl", Flags: "bkndRLPm:M:x:X:v --set: --set-file: --modify=m: --modify-file=M: --remove=x: --remove-file=X: --remove-all=b --remove-default=k " +
		"--no-mask=n --mask --default=d --restore: --test --recursive=R --logical=L --physical=P", Kind: Changed, Man: "setfacl(1)",
		Doc: "changes access control lists", Run: acl},
	{Name: "chattr", Flags: "RVfv:p: -any", Kind: Changed, Man: "chattr(1)", Doc: "changes file attributes", Run: acl},
	{Name: "mktemp", Flags: "dqutp: --directory=d --dry-run=u --quiet=q --suffix: --tmpdir?", Kind: Mechanics, Man: "mktemp(1)",
		Doc: "makes a temporary file or directory", Run: mktemp},
	{Name: "rename", Flags: "afilnosvVd0Ee: --verbose=v --nono=n --force=f --all=a --last=l --no-act=n --no-overwrite=o --symlink=s --interactive=i --filename=d", Kind: Changed,
		Man: "rename(1)", Doc: "renames many files", Run: rename},
	{Name: "split", Flags: "a:b:C:d?e l:n:t:ux --additional-suffix: --bytes=b: --elide-empty-files=e --filter: --line-bytes: --lines=l: --number=n: " +
		"--numeric-suffixes? --suffix-length=a: --verbose --separator=t: --hex-suffixes?", Kind: Changed, Man: "split(1)",
		Doc: "cuts a file into pieces", Run: split},
}

// mkdir: with -p, -m sets the mode of the last directory only.
func mkdir(c *Call) {
	for _, dir := range c.Args {
		c.MakeDir(dir, c.Text("m"), c.Has("p"))
	}
}

func rmdir(c *Call) {
	for _, dir := range c.Args {
		for {
			c.Remove(dir, false)
			up := dir.Map(value.Str.Dir)
			if t, ok := up.Exact(); !c.Has("p") || !ok || t == "." || t == "/" {
				break
			}
			dir = up
		}
	}
}

// targets splits operands into sources and destination; into tells that the
// destination is a directory for sure.
func (c *Call) targets() (srcs []value.Value, dst value.Value, into, ok bool) {
	if t, given := c.Flag("t"); given {
		return c.Args, t, true, len(c.Args) > 0
	}
	n := len(c.Args)
	if n < 2 {
		return nil, value.Value{}, false, false
	}
	dst = c.Args[n-1]
	return c.Args[:n-1], dst, !c.Has("T") && (n > 2 || endsWith(dst, "/")), true
}

func cp(c *Call) {
	srcs, dst, into, ok := c.targets()
	if !ok {
		c.fails()
		return
	}
	o := host.CopyOpts{Recursive: c.Has("R", "r", "a"), Into: into, Exact: c.Has("T"), Preserve: c.preserves(),
		NoClobber: c.Has("n"), Update: c.Has("u", "update")}
	c.backups(srcs, dst, into)
	for _, src := range srcs {
		c.copyFrom(src, dst, o)
	}
	if o.Recursive || len(srcs) != 1 {
		return
	}
	if c.keeps(srcs[0], dst) {
		c.Outcome = Mechanics
	}
}

// preserves tells whether owner and mode come along. -p and -a say so;
// --preserve=timestamps alone does not.
func (c *Call) preserves() bool {
	if c.Has("p", "a") {
		return true
	}
	v, ok := c.Flag("preserve")
	s := v.String()
	return ok && (s == "" || strings.Contains(s, "owner") || strings.Contains(s, "all"))
}

func (c *Call) copyFrom(src, dst value.Value, o host.CopyOpts) {
	switch {
	case c.Has("s"):
		c.Symlink(src, dst, c.Has("f"), true)
		return
	case c.Has("l") && c.node(src).Kind != host.Dir:
		c.Hardlink(src, dst)
		return
	case c.Has("parents"):
		dst, o.Parents, o.Into, o.Exact = join(dst, src), true, false, true
	}
	if t, ok := src.Exact(); ok && o.Recursive && (t == "." || t == ".." || strings.HasSuffix(t, "/.") || strings.HasSuffix(t, "/..")) {
		o.Contents, o.Into = true, false
	}
	if dir, ok := allOf(src); ok {
		src, o.Contents, o.Into, o.Recursive = dir, true, false, true
	}
	c.Copy(src, dst, o)
}

// allOf returns the directory of DIR/* when its names are not known.
func allOf(src value.Value) (value.Value, bool) {
	s := src.Best()
	h := s.Base().Hole()
	if src.Len() != 1 || s.Hole() != nil || h == nil || h.Kind != value.Glob || h.Name != "*" {
		return value.Value{}, false
	}
	return value.FromStr(s.Dir()), true
}

// backups records the files that -b keeps of each destination.
func (c *Call) backups(srcs []value.Value, dst value.Value, into bool) {
	if !c.Has("b", "backup") {
		return
	}
	suffix := "~"
	if s := c.Text("S"); s != "" {
		suffix = s
	}
	for _, src := range srcs {
		to := dst
		if into || c.IntoDir(c.Abs(dst.Best()), true) {
			to = join(dst, base(src))
		}
		if n := c.H.Node(c.Where, c.Path(to)); n.Presence != value.No && n.Kind != host.Dir {
			p := value.Concat(to, value.Text(suffix))
			c.Record(&host.Effect{Op: host.Backup, From: c.Path(to), Path: c.Path(p), Val: c.abs(p)})
			c.Lay(c.abs(p).Best(), n)
		}
	}
}

// keeps records a backup when a copy is one: X beside X.bak, X-DATE or below a
// directory for backups.
func (c *Call) keeps(src, dst value.Value) bool {
	from, to := c.Abs(src.Best()), c.Abs(dst.Best())
	if !isBackup(from, to) {
		return false
	}
	c.Record(&host.Effect{Op: host.Backup, From: from.String(), Path: to.String()})
	return true
}

var backupSuffixes = []string{".bak", ".bk", ".bck", ".orig", ".old", "~", ".backup", ".save", ".saved", ".prev", ".previous", "-old", "-bak", "_bak", "-backup", "_backup", "_old"}

func isBackup(from, to value.Str) bool {
	for _, e := range to.Split("/") {
		if t, ok := e.Exact(); ok && (strings.Contains(strings.ToLower(t), "backup") || t == "bak") {
			return true
		}
	}
	rest, ok := strings.CutPrefix(to.String(), from.String())
	if !ok || rest == "" || strings.Contains(rest, "/") {
		return false
	}
	for _, h := range to.Holes() {
		if h.Kind == value.Date {
			return true
		}
	}
	for _, s := range backupSuffixes {
		if strings.HasPrefix(rest, s) {
			return true
		}
	}
	return false
}

func mv(c *Call) {
	srcs, dst, into, ok := c.targets()
	if !ok {
		c.fails()
		return
	}
	c.backups(srcs, dst, into)
	if len(srcs) == 1 && c.keeps(srcs[0], dst) {
		c.Outcome = Mechanics
	}
	for _, src := range srcs {
		o := host.CopyOpts{Into: into, Exact: c.Has("T"), NoClobber: c.Has("n"), Update: c.Has("u", "update")}
		if dir, all := allOf(src); all {
			src, o.Contents, o.Into = dir, true, false
			c.moveAll(src, dst, o)
			continue
		}
		c.Move(src, dst, o)
	}
}

// moveAll moves what lies in a directory whose names are not known; the
// directory stays.
func (c *Call) moveAll(dir, dst value.Value, o host.CopyOpts) {
	o.Op, o.Preserve, o.Recursive = host.MoveTo, true, true
	c.Copy(dir, dst, o)
	p := c.Path(dir)
	c.H.Under(c.Where, p, func(q string, _ *host.Node) {
		c.H.Set(host.Key{Space: host.File, Where: c.Where, Name: q}, &host.Node{Presence: value.No, At: c.At})
	})
}

func rm(c *Call) {
	for _, p := range c.Args {
		c.Remove(p, c.Has("r", "R"))
	}
}

func shred(c *Call) {
	for _, p := range c.Args {
		if c.Has("u") {
			c.Remove(p, false)
		} else {
			c.Write(p, &host.Content{Kind: host.Unknown}, false)
		}
	}
}

func ln(c *Call) {
	srcs, dst, into, ok := c.targets()
	if !ok {
		if len(c.Args) != 1 {
			c.fails()
			return
		}
		srcs, dst = c.Args, value.Text(".")
		into = true
	}
	for _, src := range srcs {
		to := dst
		if into {
			to = join(dst, base(src))
		}
		if !c.Has("s") {
			c.Hardlink(src, to)
			continue
		}
		if c.Has("r") {
			src = c.relative(src, to)
		}
		c.Symlink(src, to, c.Has("f"), !c.Has("n", "T"))
	}
}

// relative is the text of a link that ln -r makes: target as seen from the
// directory of the link.
func (c *Call) relative(target, link value.Value) value.Value {
	t := c.Abs(target.Best()).Split("/")
	at := c.Abs(link.Best())
	if c.IntoDir(at, !c.Has("n", "T")) {
		at = value.Abs(at, value.TextStr("x"))
	}
	from := at.Split("/")
	from = from[:len(from)-1]
	n := 0
	for n < len(t)-1 && n < len(from) && t[n].Equal(from[n]) {
		n++
	}
	if n == 0 {
		return value.FromStr(c.Abs(target.Best()))
	}
	out := value.TextStr(strings.Repeat("../", len(from)-n))
	for i, e := range t[n:] {
		if i > 0 {
			out = out.Concat(value.TextStr("/"))
		}
		out = out.Concat(e)
	}
	return value.FromStr(out)
}

// install: the mode is 0755 unless -m says otherwise, whatever the source has.
func install(c *Call) {
	mode, owner, group := c.Text("m"), c.Text("o"), c.Text("g")
	if mode == "" {
		mode = "0755"
	}
	if c.Has("d") {
		for _, dir := range c.Args {
			c.installDir(dir, mode, owner, group)
		}
		return
	}
	srcs, dst, into, ok := c.targets()
	if !ok {
		c.fails()
		return
	}
	c.backups(srcs, dst, into)
	o := host.CopyOpts{Into: into, Exact: c.Has("T"), Parents: c.Has("D"), Owner: owner, Group: group, Mode: mode}
	if _, given := c.Flag("t"); given && c.Has("D") {
		c.silent(func() { c.MakeDir(dst, "", true) })
	}
	for _, src := range srcs {
		c.Copy(src, dst, o)
	}
}

// installDir: one effect that carries owner and mode, also when the directory
// is there already.
func (c *Call) installDir(dir value.Value, mode, owner, group string) {
	for _, e := range c.since(func() { c.MakeDir(dir, mode, true) }) {
		e.Owner, e.Group = owner, group
	}
	if c.Has("m", "o", "g") || c.H.IsNew(c.Where, c.Path(dir)) {
		c.Give(dir, owner, group, mode)
	}
}

func touch(c *Call) {
	if c.Has("c", "h") {
		c.Outcome = Pure
		return
	}
	for _, p := range c.Args {
		c.Touch(p)
	}
}

func truncate(c *Call) {
	for _, p := range c.Args {
		if c.Has("c") && c.node(p).Presence == value.No {
			continue
		}
		content := &host.Content{Kind: host.Unknown}
		if c.Text("s") == "0" {
			content.Kind = host.Empty
		}
		c.Write(p, content, false)
	}
}

func cat(c *Call) {
	t, ok := c.input(c.Args)
	c.Out = t
	if !ok {
		c.unknownOut(c.Args)
	}
	if len(c.Opts) == 0 {
		c.Content = c.content(c.Args)
	} else if ok {
		c.filter(c.Args, func(s string) string { return numbered(c, s) })
	}
	for _, a := range c.Args {
		if c.node(a).Presence == value.No && !a.Is("-") {
			c.Status = Asks(value.No, &Cond{Key: host.Key{Space: host.File, Where: c.Where, Name: c.Path(a)}})
		}
	}
}

func tee(c *Call) {
	k := c.written()
	for _, p := range c.Args {
		c.Write(p, k, c.Has("a"))
	}
	c.Out, c.Content = c.In.Text, k
	if !c.In.Known {
		c.unknownOut(nil)
	}
	if len(c.Args) == 0 || allDevices(c.Args) {
		c.Outcome = Pure
	}
}

func allDevices(paths []value.Value) bool {
	for _, p := range paths {
		if !strings.HasPrefix(p.String(), "/dev/") {
			return false
		}
	}
	return true
}

func dd(c *Call) {
	var from, to value.Value
	for _, a := range c.Args {
		pre := a.Best().Prefix()
		switch {
		case strings.HasPrefix(pre, "if="):
			from = afterEquals(a)
		case strings.HasPrefix(pre, "of="):
			to = afterEquals(a)
		}
	}
	if to.IsEmpty() == value.Yes {
		c.Outcome, c.Out = Pure, c.Hole(value.Output, "dd")
		return
	}
	k := c.written()
	if from.IsEmpty() != value.Yes {
		if k = c.node(from).Content; k == nil {
			k = &host.Content{Kind: host.Copied, Path: c.Path(from)}
		}
	}
	c.Write(to, k, false)
}
