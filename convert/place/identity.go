package place

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/nativize/nativize/analyze/detect"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/convert/choices"
	"github.com/nativize/nativize/convert/plan"
)

// identity finds what the package is called and who stands behind it.
func (x *placer) identity() error {
	app := x.d.App
	x.p.Name = x.c.Guess("name", app.Name, x.from("name", "name of the application"))
	x.c.Guess("version", "auto", choices.Note{Why: "from tags of git, else from the manifest"})
	x.p.Version = x.c.Version
	if x.p.Version == "auto" {
		x.p.Version = version(app.Version, x.repo.Info())
	}
	x.p.Release = "1"
	x.p.Maintainer = x.maintainer()
	x.p.Summary = x.c.Guess("summary", cmp.Or(summary(app.Summary), x.p.Name+", packaged from its deployment script"), x.from("summary", ""))
	x.p.License = x.c.Guess("license", app.License, x.ask("license", "licence as an SPDX expression", app.License == ""))
	x.p.Homepage = app.Homepage
	x.p.Text = x.description()
	x.p.Section = x.section()
	x.p.LicenseFile = x.licenseFile()
	x.formats()
	return nil
}

func (x *placer) formats() {
	if len(x.c.Formats) > 0 {
		return
	}
	for _, f := range plan.Formats {
		x.c.Formats = append(x.c.Formats, string(f))
	}
	x.c.Note("formats", choices.Note{Guessed: true, Why: "all that are built by default"})
}

// from is the note of a field of the application.
func (x *placer) from(field, why string) choices.Note {
	n := choices.Note{Why: why}
	if at, ok := x.d.App.From[field]; ok {
		n.At = []source.Pos{at}
	}
	return n
}

func (x *placer) ask(field, question string, open bool) choices.Note {
	n := x.from(field, "")
	if open {
		n.Why, n.Question = "the repository does not say", question
	}
	return n
}

// summary is a line as Debian Policy 3.4.1 wants it: no full stop, not longer
// than a line of a terminal.
func summary(s string) string {
	s = strings.Join(strings.Fields(strings.Map(printableRune, s)), " ")
	for _, article := range []string{"A ", "An ", "The ", "a ", "an ", "the "} {
		s = strings.TrimPrefix(s, article)
	}
	if i := strings.Index(s, ". "); i > 10 {
		s = s[:i]
	}
	if len(s) > 78 {
		s = strings.TrimRight(s[:cut(s[:78])], " ,;:-")
	}
	return strings.TrimRight(s, ".")
}

// cut is where a line is shortened: after a clause, else after a word.
func cut(s string) int {
	if i := strings.LastIndexAny(s, ",;:("); i > 25 {
		return i
	}
	return strings.LastIndexByte(s, ' ') + 1
}

func printableRune(r rune) rune {
	if r < ' ' || r == 0x7f || r == 0xfffd {
		return ' '
	}
	return r
}

func (x *placer) description() string {
	text := "This package was made from the deployment script of " + x.p.Name + ".\nIt does on a server what the script did; MIGRATION.md beside its\nmanifest says what became of each step."
	for _, c := range x.d.Candidates {
		if c.Chosen && !strings.ContainsAny(c.Path, "\n\x00") {
			text = strings.Replace(text, "deployment script", "deployment script "+path.Base(c.Path), 1)
		}
	}
	return text
}

// section is Debian's archive area by what the application is made of.
func (x *placer) section() string {
	if len(x.f.Sites) > 0 {
		return "web"
	}
	return "misc"
}

var licenseName = lazyregexp.New(`(?i)^(licen[cs]e|copying)(\.(txt|md|rst))?$`)

func (x *placer) licenseFile() string {
	for _, f := range x.repo.Files() {
		if !strings.Contains(f.Path, "/") && f.IsRegular() && licenseName.MatchString(f.Path) {
			return f.Path
		}
	}
	return ""
}

var (
	describeRE = lazyregexp.New(`^(.*)-([0-9]+)-g([0-9a-f]{4,40})$`)
	versionRE  = lazyregexp.New(`[0-9][0-9A-Za-z.+~_-]*$`)
	preRE      = lazyregexp.New(`(?i)[-._~]?(alpha|beta|pre|rc|snapshot|dev)[-.]?([0-9]*)$`)
	badVersion = lazyregexp.New(`[^0-9A-Za-z.+~]+`)
)

// version orders right on every format: a tag is its number, a commit after a
// tag 1.2.3+git4.gabc1234. A commit without a tag may lie before the release of
// the manifest's version, so its snapshot 1.2.3~git20240506070809.gabc1234, or
// 0~git… where no manifest has a version, sorts below it.
func version(manifest string, info source.Info) string {
	manifest = upstream(manifest)
	if m := describeRE.FindStringSubmatch(info.Describe); m != nil && info.Prefix == "" {
		if tag := upstream(versionRE.FindString(m[1])); tag != "" {
			if m[2] == "0" {
				return tag
			}
			return fmt.Sprintf("%s+git%s.g%s", tag, m[2], m[3])
		}
	}
	if info.Commit == "" || info.Prefix != "" || info.Date.IsZero() {
		return cmp.Or(manifest, "0.0.1")
	}
	snapshot := "git" + info.Date.UTC().Format("20060102150405") + ".g" + info.Commit[:min(7, len(info.Commit))]
	return cmp.Or(manifest, "0") + "~" + snapshot
}

// upstream spells a version so that a pre-release sorts before its release.
func upstream(v string) string {
	v = strings.TrimPrefix(strings.TrimSpace(v), "v")
	v = preRE.ReplaceAllStringFunc(v, func(s string) string {
		m := preRE.FindStringSubmatch(s)
		word := strings.ToLower(m[1])
		if word == "snapshot" || word == "dev" { // Maven's and Python's words, which apk does not know
			word = "pre"
		}
		return "~" + word + m[2]
	})
	v = strings.Trim(badVersion.ReplaceAllString(v, "."), ".")
	if v == "" || v[0] < '0' || v[0] > '9' {
		return ""
	}
	return v
}

// meta fills what depends on the other parts.
func (x *placer) meta() error {
	x.p.MTime = x.opt.Epoch
	info := x.repo.Info()
	if !info.Date.IsZero() && x.opt.Epoch == 0 {
		x.p.MTime = info.Date.Unix()
	}
	if x.p.MTime == 0 {
		x.p.MTime = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	}
	x.p.Changelog = []plan.Release{{Version: x.p.Version, Date: x.p.MTime, Author: x.p.Maintainer, Changes: []string{x.change(info)}}}
	arch, why := cmp.Or(x.d.App.Arch, "all"), "nothing of the payload is made for one machine"
	if x.built && arch == "all" && x.opt.Arch != "" {
		arch, why = x.opt.Arch, "a build step may make programs for the machine it runs on"
	}
	if elf := x.compiled(); elf != "" && arch == "all" || elf != "" && elf != arch {
		arch, why = elf, "the repository has programs for that machine"
	}
	x.p.Arch = x.c.Guess("arch", arch, choices.Note{Why: why})
	if x.p.License == "" {
		x.manual(nil, "", "The repository does not say under which licence it stands. Ask its authors before you pass the package on, and put the SPDX expression into nativize.yaml as license.")
	}
	return nil
}

// machines are the ELF machines of Debian's architectures: elf(5), e_machine.
var machines = map[uint16]string{62: "amd64", 183: "arm64", 40: "armhf", 3: "i386", 258: "loong64", 243: "riscv64"}

// compiled is the architecture of the compiled programs of the payload, this
// machine's when they are for several, "" for none.
func (x *placer) compiled() string {
	found := ""
	for _, e := range x.entries {
		if e.Type != plan.File || e.Origin != plan.Repo {
			continue
		}
		head := make([]byte, 20)
		f, err := x.repo.FS().Open(e.Src)
		if err != nil {
			continue
		}
		n, _ := io.ReadFull(f, head)
		f.Close()
		if n < 20 || string(head[:4]) != "\x7fELF" {
			continue
		}
		arch := machines[binary.LittleEndian.Uint16(head[18:])]
		switch {
		case arch == x.opt.Arch:
			return arch
		case arch != "" && (found == "" || arch < found):
			found = arch
		}
	}
	return found
}

func (x *placer) change(info source.Info) string {
	if info.Commit == "" {
		return "made from the deployment script"
	}
	return "made from commit " + info.Commit[:min(12, len(info.Commit))]
}

// validName makes a name valid for an account or a unit.
func validName(s string) string { return detect.PackageName(s) }

var accountRE = lazyregexp.New(`^[a-z_][a-z0-9_-]{0,30}$`)

// plainPath tells of an absolute, clean path without holes that a package can
// name.
func plainPath(p string) bool {
	return strings.HasPrefix(p, "/") && p != "/" && path.Clean(p) == p && !strings.ContainsAny(p, "${}*?[]\n\t\"'`\\ ;|&<>()%") &&
		!strings.ContainsFunc(p, func(r rune) bool { return r < ' ' || r == 0x7f || r == 0xfffd })
}

// unique sorts and removes duplicates and "".
func unique(list []string) []string {
	slices.Sort(list)
	list = slices.Compact(list)
	if len(list) > 0 && list[0] == "" {
		list = list[1:]
	}
	return list
}
