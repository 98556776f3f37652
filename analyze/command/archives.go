package command

import (
	"strconv"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

const compressFlags = "123456789cdfhklLnNqrS:tvVzaF --stdout=c --to-stdout=c --decompress=d --uncompress=d --compress=z --force=f --keep=k --list=l --no-name=n --name=N " +
	"--quiet=q --recursive=r --suffix=S: --test=t --verbose=v --fast=1 --best=9 --rsyncable --synchronous"

// archives pack and unpack.
var archives = []*Model{
	{Name: "tar", Alias: []string{"gtar", "bsdtar"}, Kind: Changed, Man: "tar(1)",
		Flags: "-dash AcdqrtuxC:f:b:F:g:G:hHi:I:jJkK:lL:mMnN:oOpPRsST:UvV:wWX:zZ0a --append=r --auto-compress=a --absolute-names=P --acls --anchored --backup? --blocking-factor=b: " +
			"--bzip2=j --catenate=A --check-links --checkpoint? --checkpoint-action: --compress=Z --concatenate=A --create=c --dereference=h --delay-directory-restore " +
			"--delete --diff=d --directory=C: --exclude: --exclude-backups --exclude-caches --exclude-from=X: --exclude-ignore: --exclude-tag: --exclude-vcs " +
			"--exclude-vcs-ignores --extract=x --file=f: --files-from=T: --force-local --format=H: --full-time --get=x --group: --gunzip=z --gzip=z --hard-dereference " +
			"--ignore-failed-read --incremental --keep-directory-symlink --keep-newer-files --keep-old-files=k --list=t --listed-incremental=g: --lzip --lzma --lzop " +
			"--mode: --mtime: --newer=N: --no-acls --no-anchored --no-check-device --no-overwrite-dir --no-recursion --no-same-owner=o --no-same-permissions --no-selinux " +
			"--no-wildcards --no-wildcards-match-slash --no-xattrs --null --numeric-owner --occurrence? --old-archive --one-file-system --one-top-level? --overwrite --overwrite-dir " +
			"--owner: --pax-option: --posix --preserve-order=s --preserve-permissions=p --recursion --recursive-unlink --remove-files --rename? --restrict --same-owner --same-permissions=p " +
			"--selinux --show-transformed-names --skip-old-files --sort: --sparse=S --strip-components: --strip: --suffix: --test-label --to-command: " +
			"--to-stdout=O --totals? --touch=m --transform: --xform: --unlink-first=U --update=u --use-compress-program=I: --utc --verbatim-files-from --verbose=v --verify=W " +
			"--volno-file: --warning: --wildcards --wildcards-match-slash --xattrs --xattrs-include: --xz=J --zstd --options: --fflags --no-fflags --no-read-sparse --read-sparse",
		Doc: "packs and unpacks; members of an archive that the script packed keep their provenance", Example: "tar -C tree -cf tree.tar . && tar xf tree.tar --strip-components=1 -C etc", Run: tar},
	{Name: "zip", Flags: "0123456789AbB:cdDeEfFgiJjklLmMn:oP:qrRsStTuUvVwx:XyzZ:@ --exclude=x: --recurse-paths=r --junk-paths=j --quiet=q --update=u --move=m --password=P:",
		Kind: Changed, Man: "zip(1)", Doc: "packs paths", Example: "zip -qr tree.zip tree", Run: zip},
	{Name: "unzip", Flags: "aAbBcCDd:fjlLMnopP:qstTuUvVWx:XyzZ:", Kind: Changed, Man: "unzip(1)", Doc: "unpacks below -d", Example: "unzip -qo tree.zip -d etc", Run: unzip},
	{Name: "gzip", Alias: []string{"pigz"}, Flags: compressFlags + " p: --processes=p:", Kind: Changed, Man: "gzip(1)", Doc: "compresses in place or as a filter", Example: "gzip -k one.txt", Run: gzip},
	{Name: "gunzip", Alias: []string{"zcat", "gzcat"}, Flags: compressFlags, Kind: Changed, Man: "gunzip(1)", Doc: "decompresses", Example: "gunzip one.txt.gz", Run: gzip},
	{Name: "bzip2", Flags: compressFlags + " s --small=s", Kind: Changed, Man: "bzip2(1)", Doc: "compresses in place or as a filter", Example: "bzip2 one.txt", Run: gzip},
	{Name: "bunzip2", Alias: []string{"bzcat"}, Flags: compressFlags + " s --small=s", Kind: Changed, Man: "bunzip2(1)", Doc: "decompresses", Example: "bunzip2 one.txt.bz2", Run: gzip},
	{Name: "xz", Alias: []string{"lzma"}, Flags: compressFlags + " 0eT:HM: --threads=T: --extreme=e --format=F: --check: --memlimit: --memory=M:", Kind: Changed, Man: "xz(1)",
		Doc: "compresses in place or as a filter", Example: "xz one.txt", Run: gzip},
	{Name: "unxz", Alias: []string{"xzcat", "unlzma"}, Flags: compressFlags + " T: --threads=T:", Kind: Changed, Man: "unxz(1)", Doc: "decompresses", Example: "unxz one.txt.xz", Run: gzip},
	{Name: "zstd", Alias: []string{"unzstd", "zstdcat", "zstdmt"}, Flags: compressFlags + " 0T:o:D:C --threads=T: --rm --ultra --long? --output-dir-flat: --adapt --no-progress", Kind: Changed, Man: "zstd(1)",
		Doc: "compresses and keeps the source", Example: "zstd -q one.txt", Run: gzip},
	{Name: "cpio", Flags: "0aAbBc:C:D:dE:fF:H:iI:kLlmM:noO:pR:rsStuvV --extract=i --create=o --pass-through=p --make-directories=d --directory=D: --file=F: --format=H: " +
		"--null=0 --owner=R: --unconditional=u --preserve-modification-time=m --no-absolute-filenames --absolute-filenames --quiet --list=t --verbose=v --dereference=L --link=l",
		Kind: Changed, Man: "cpio(1)", Doc: "packs the names on standard input, unpacks, or copies", Run: cpio},
	{Name: "7z", Alias: []string{"7za", "7zr"}, Flags: "-any", Kind: Changed, Man: "7z(1)", Doc: "packs with a, unpacks with x and e", Run: sevenZip},
}

// tar: one of c, r, u packs; x unpacks; t, d read.
func tar(c *Call) {
	switch {
	case c.Has("c", "r", "u", "A"):
		c.tarCreate()
	case c.Has("x"):
		c.tarExtract()
	case c.Has("delete"):
		if f, ok := c.Flag("f"); ok {
			c.Edit(f, Line(c.Argv))
		}
	default:
		c.Outcome, c.Out = Pure, c.Hole(value.Output, "tar")
	}
}

func (c *Call) tarCreate() {
	k := &host.Content{Kind: host.Archive, At: c.At}
	exclude := texts(c.All("exclude"))
	for _, f := range c.All("X") {
		exclude = append(exclude, c.ruleFile(f, "-")...)
	}
	if c.Has("exclude-vcs") {
		exclude = append(exclude, ".git", ".gitignore", ".gitattributes", ".svn", ".hg")
	}
	first := ""
	for _, m := range c.tarOperands() {
		k.Members = append(k.Members, c.Pack(c.Abs(m.dir), []value.Str{m.name}, "", exclude).Members...)
		if first == "" {
			first = value.Abs(c.Abs(m.dir), m.name).String()
		}
	}
	c.tarNames(k)
	f, given := c.Flag("f")
	if !given || f.Is("-") {
		c.Outcome, c.Content, c.Out = Pure, k, c.Hole(value.Output, "tar")
		return
	}
	if e := parseEndpoint(f); e.remote && !c.Has("force-local") {
		c.at(e, nil).Write(e.path, k, false)
		return
	}
	if c.Has("r", "u", "A") {
		if old := c.node(f).Content; old != nil && old.Kind == host.Archive {
			k.Members = append(append([]host.Member(nil), old.Members...), k.Members...)
		}
	}
	c.Write(f, k, false)
	if archiveIsBackup(c.Abs(f.Best()), first) {
		c.Record(&host.Effect{Op: host.Backup, From: first, Path: c.Path(f)})
		c.Outcome = Mechanics
	}
	if c.Has("remove-files") {
		for _, a := range c.Args {
			c.Remove(a, true)
		}
	}
}

// archiveIsBackup tells whether an archive is kept for its own sake: its name or
// directory says backup, or it is dated and holds something outside the working
// tree.
func archiveIsBackup(f value.Str, first string) bool {
	if isBackup(value.TextStr(first), f) {
		return true
	}
	name := strings.ToLower(f.String())
	dated := false
	for _, h := range f.Holes() {
		dated = dated || h.Kind == value.Date
	}
	return strings.Contains(name, "bkp") || strings.Contains(name, "bak") || dated && strings.HasPrefix(first, "/")
}

type tarOperand struct{ dir, name value.Str }

// tarOperands pairs each operand with the directory that the -C before it
// names; a later relative -C counts from the one before.
func (c *Call) tarOperands() []tarOperand {
	var out []tarOperand
	dir, next := c.Cwd, 0
	dirs := c.All("C")
	words := c.Argv[1:]
	take := func() {
		if len(dirs) > 0 {
			dir, dirs = value.Abs(dir, dirs[0].Best()), dirs[1:]
		}
	}
	for i, w := range words {
		t := w.Best().Prefix()
		switch {
		case next < len(c.Args) && w.Equal(c.Args[next]) && (i == 0 || !words[i-1].Is("-C")):
			out = append(out, tarOperand{dir, c.Args[next].Best()})
			next++
		case strings.HasPrefix(t, "--directory"), strings.HasPrefix(t, "-") && !strings.HasPrefix(t, "--") && strings.Contains(t, "C"), i == 0 && strings.Contains(t, "C"):
			take()
		}
	}
	if list, ok := c.Flag("T"); ok {
		if text, known := c.read(list); known {
			for _, l := range lines(text.String()) {
				out = append(out, tarOperand{dir, value.TextStr(l)})
			}
		}
	}
	return out
}

// tarNames applies --transform to the names that members get, and --owner,
// --group and --mode to the members.
func (c *Call) tarNames(k *host.Content) {
	for i := range k.Members {
		m := &k.Members[i]
		for _, v := range c.All("transform", "xform") {
			if prog, err := parseSed(v.String(), true); err == nil {
				m.Path = strings.TrimSuffix(prog.run(m.Path+"\n", false), "\n")
			}
		}
		n := *m.Node
		if o, g := c.Text("owner"), c.Text("group"); o != "" || g != "" {
			n.OwnerSet = true
			if o != "" {
				n.Owner, _, _ = strings.Cut(o, ":")
			}
			if g != "" {
				n.Group, _, _ = strings.Cut(g, ":")
			}
		}
		if mode := c.Text("mode"); mode != "" {
			n.Mode, n.ModeSet = host.ApplyMode(n.Mode, mode, n.Kind == host.Dir), true
		}
		m.Node = &n
	}
}

func (c *Call) tarExtract() {
	o := host.UnpackOpts{Only: texts(c.Args)}
	o.Strip, _ = strconv.Atoi(c.Text("strip-components", "strip"))
	k, from := c.archive("f")
	o.From = from
	if c.Has("O") {
		c.Outcome, c.Out = Pure, c.Hole(value.Content, "tar")
		return
	}
	dir := value.FromStr(c.Cwd)
	for _, d := range c.All("C") {
		dir = value.Concat(value.FromStr(value.Abs(dir.Best(), d.Best())), value.Value{})
	}
	if d := c.All("C"); len(d) == 1 {
		dir = d[0]
	}
	if top, ok := c.Flag("one-top-level"); ok {
		if top.IsEmpty() == value.Yes {
			top = value.Text(archiveStem(host.Base(from)))
		}
		dir = join(dir, top)
	}
	c.Unpack(k, dir, o)
}

func archiveStem(name string) string {
	for _, ext := range []string{".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2", ".tar.zst", ".tar", ".zip", ".gz", ".xz", ".bz2"} {
		if s, ok := strings.CutSuffix(name, ext); ok {
			return s
		}
	}
	return name
}

// archive is the content of the archive that an option names, or of standard
// input, and its name.
func (c *Call) archive(flag string) (*host.Content, string) {
	f, given := c.Flag(flag)
	if !given || f.Is("-") {
		from := c.In.From
		if c.In.Net != "" {
			from = c.In.Net
		}
		return c.content(nil), from
	}
	if e := parseEndpoint(f); e.remote && !c.Has("force-local") {
		a := c.at(e, nil)
		_, n := a.H.Follow(a.Where, a.Path(e.path))
		return n.Content, f.String()
	}
	return c.node(f).Content, c.Path(f)
}

func zip(c *Call) {
	args, exclude := c.zipWords()
	if len(args) == 0 {
		c.fails()
		return
	}
	names := strs(args[1:])
	if c.Has("@") {
		for _, l := range lines(c.In.Text.String()) {
			names = append(names, value.TextStr(l))
		}
	}
	for i, e := range exclude {
		exclude[i] = strings.TrimPrefix(e, "./")
	}
	k := c.Pack(c.Cwd, names, "", exclude)
	if args[0].Is("-") {
		c.Outcome, c.Content, c.Out = Pure, k, c.Hole(value.Output, "zip")
		return
	}
	f := args[0]
	if last := f.Best().Base(); last.Known() && !strings.Contains(last.String(), ".") {
		f = value.Concat(f, value.Text(".zip"))
	}
	if c.Has("d") {
		c.Edit(f, Line(c.Argv))
		return
	}
	c.Write(f, k, false)
	first := ""
	if len(names) > 0 {
		first = c.Abs(names[0]).String()
	}
	if archiveIsBackup(c.Abs(f.Best()), first) {
		c.Record(&host.Effect{Op: host.Backup, From: first, Path: c.Path(f)})
		c.Outcome = Mechanics
	}
	if c.Has("m") {
		for _, a := range args[1:] {
			c.Remove(a, true)
		}
	}
}

// zipWords splits operands from the patterns of -x, which go on to the next
// option.
func (c *Call) zipWords() (args []value.Value, exclude []string) {
	inList := false
	for _, w := range c.Argv[1:] {
		switch t := w.Best().Prefix(); {
		case t == "-x" || t == "--exclude":
			inList = true
		case len(t) > 1 && t[0] == '-':
			inList = false
		case inList:
			exclude = append(exclude, w.String())
		default:
			args = append(args, w)
		}
	}
	if p, ok := c.Flag("P"); ok {
		for i, a := range args {
			if a.Equal(p) {
				return append(args[:i:i], args[i+1:]...), exclude
			}
		}
	}
	return args, exclude
}

func unzip(c *Call) {
	if len(c.Args) == 0 {
		c.fails()
		return
	}
	if c.Has("l", "t", "v", "Z", "z") || c.Has("p", "c") {
		c.Outcome, c.Out = Pure, c.Hole(value.Content, "unzip")
		return
	}
	dir, ok := c.Flag("d")
	if !ok {
		dir = value.FromStr(c.Cwd)
	}
	k := c.node(c.Args[0]).Content
	o := host.UnpackOpts{From: c.Path(c.Args[0]), Only: texts(c.Args[1:]), Flat: c.Has("j")}
	if c.Has("x") {
		o.Only = nil
	}
	c.Unpack(k, dir, o)
}

// suffixes are those that the compressors give.
var suffixes = map[string]string{"gzip": ".gz", "pigz": ".gz", "gunzip": ".gz", "bzip2": ".bz2", "bunzip2": ".bz2", "xz": ".xz", "unxz": ".xz",
	"lzma": ".lzma", "unlzma": ".lzma", "zstd": ".zst", "zstdmt": ".zst", "unzstd": ".zst"}

// gzip and its kin: FILE becomes FILE.gz or the other way round, the source
// goes unless kept; to standard output the provenance goes along.
func gzip(c *Call) {
	undo := c.Has("d") || strings.HasPrefix(c.Name, "un") || strings.HasPrefix(c.Name, "gun") || strings.HasPrefix(c.Name, "bun") || strings.HasSuffix(c.Name, "cat")
	if c.Has("t", "l") {
		c.Outcome = Pure
		return
	}
	if len(c.Args) == 0 || c.Has("c") || strings.HasSuffix(c.Name, "cat") || len(c.Args) == 1 && c.Args[0].Is("-") {
		c.Outcome, c.Content, c.Out = Pure, pressed(c.content(c.Args), undo), c.Hole(value.Content, c.Name)
		if text, ok := c.Content.Known(); ok && undo {
			c.Out = text
		}
		return
	}
	keep := c.Has("k") || strings.HasPrefix(c.Name, "zstd") && !c.Has("rm") || c.Name == "unzstd"
	for _, a := range c.Args {
		c.pressFile(a, undo, keep)
	}
}

func (c *Call) pressFile(a value.Value, undo, keep bool) {
	n := *c.node(a)
	suffix := suffixes[c.Name]
	if s := c.Text("S"); s != "" {
		suffix = s
	}
	to := value.Concat(a, value.Text(suffix))
	if undo {
		to = a.Map(func(s value.Str) value.Str { return unsuffix(s, suffix) })
	}
	if o, ok := c.Flag("o"); ok {
		to = o
	}
	k := pressed(n.Content, undo)
	if k == nil {
		k = &host.Content{Kind: host.Copied, Path: c.Path(a)}
	}
	c.Write(to, k, false)
	c.Give(to, n.Owner, n.Group, n.Mode)
	if archiveIsBackup(c.Abs(to.Best()), c.Path(a)) {
		c.Outcome = Mechanics
	}
	if !keep {
		c.Remove(a, false)
	}
}

func unsuffix(s value.Str, suffix string) value.Str {
	t := value.FromStr(s)
	for _, pair := range [][2]string{{".tgz", ".tar"}, {".tbz2", ".tar"}, {".txz", ".tar"}, {suffix, ""}, {".gz", ""}, {".Z", ""}} {
		if strings.HasSuffix(s.Suffix(), pair[0]) {
			t = value.Concat(t.Trim(value.Text(pair[0]), true, false), value.Text(pair[1]))
			break
		}
	}
	return t.Best()
}

// pressed is content compressed or, with undo, decompressed. A compressed tar
// archive is the archive still.
func pressed(k *host.Content, undo bool) *host.Content {
	switch {
	case k == nil:
		return nil
	case undo:
		return k.File()
	case k.Kind == host.Archive && len(k.Members) > 0 && k.Members[0].Path != "":
		return k
	}
	return &host.Content{Kind: host.Archive, At: k.At, Members: []host.Member{{Node: &host.Node{Kind: host.Regular, Presence: value.Yes, Content: k}}}}
}

// cpio: -o packs the names it reads, -i unpacks in the working directory, -p
// copies the names to a directory.
func cpio(c *Call) {
	var names []value.Str
	for _, l := range lines(c.In.Text.String()) {
		names = append(names, value.TextStr(l))
	}
	dir := value.FromStr(c.Cwd)
	if d, ok := c.Flag("D"); ok {
		dir = d
	}
	switch {
	case c.Has("t"):
		c.Outcome = Pure
	case c.Has("o"):
		k := c.Pack(c.Abs(dir.Best()), names, "", nil)
		if f, ok := c.Flag("F", "O"); ok {
			c.Write(f, k, false)
			return
		}
		c.Outcome, c.Content, c.Out = Pure, k, c.Hole(value.Output, "cpio")
	case c.Has("p") && len(c.Args) > 0:
		if !c.In.Known {
			c.Copy(dir, c.Args[0], host.CopyOpts{Recursive: true, Contents: true})
		}
		for _, n := range names {
			c.Copy(value.FromStr(n), value.FromStr(value.Abs(c.Args[0].Best(), n)), host.CopyOpts{Exact: true, Parents: true})
		}
	case c.Has("i"):
		k, from := c.archive("F")
		if _, ok := c.Flag("I"); ok {
			k, from = c.archive("I")
		}
		c.Unpack(k, dir, host.UnpackOpts{From: from, Only: texts(c.Args)})
	}
}

// sevenZip: a ARCHIVE PATH... packs, x and e ARCHIVE -oDIR unpack.
func sevenZip(c *Call) {
	if len(c.Args) < 2 {
		c.Outcome = Pure
		return
	}
	f := c.Args[1]
	switch c.Arg(0) {
	case "a", "u":
		c.Write(f, c.Pack(c.Cwd, strs(c.Args[2:]), "", nil), false)
	case "x", "e":
		dir := value.FromStr(c.Cwd)
		for _, w := range c.Argv {
			if strings.HasPrefix(w.Best().Prefix(), "-o") {
				dir = w.Trim(value.Text("-o"), false, false)
			}
		}
		c.Unpack(c.node(f).Content, dir, host.UnpackOpts{From: c.Path(f), Only: texts(c.Args[2:]), Flat: c.Arg(0) == "e"})
	default:
		c.Outcome = Pure
	}
}
