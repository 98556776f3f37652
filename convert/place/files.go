package place

import (
	"bytes"
	"compress/gzip"
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/convert/plan"
)

// files places what the script installs outside of the code directory.
func (x *placer) files() error {
	for _, f := range x.f.Files {
		x.oneFile(f)
	}
	for _, s := range x.f.Symlinks {
		x.symlink(s)
	}
	return nil
}

func (x *placer) oneFile(f model.File) {
	to := x.mapped(f.Path)
	switch {
	case strings.HasPrefix(f.Path, "${PWD}"), within(f.Path, "/tmp"), within(f.Path, "/var/tmp"):
		x.mark(f.At, plan.PartManager, f.Path, "a file of the deployment itself")
	case !plainPath(f.Path):
		x.mark(f.At, plan.PartManual, f.Path, "the name of the file is not known before the script runs")
		x.manual(f.At, "", "The script writes the file %s, whose name is known on the server only.", f.Path)
	case isUnitFile(f.Path), isCron(f.Path), isLogrotate(f.Path), isSite(f.Path):
		// their own parts
	case x.entries[to] != nil && x.entries[to].Origin == plan.Staged && x.entries[to].Type == plan.File:
		x.mark(f.At, plan.PartBuild, to, "fetched by packaging/stage.sh")
	case x.inOld(f.Path):
		x.mark(f.At, plan.PartPayload, to, "part of the code")
	case x.isDirectory(f.Path):
		x.mark(f.At, plan.PartPayload, to, "each file of it is placed by itself")
	case x.neverShipped(to):
		x.mark(f.At, plan.PartManual, f.Path, "no package may hold files there")
		x.manual(f.At, "", "The script writes %s, where no package may have files. Write it once by hand if it is still needed.", f.Path)
	case x.othersConfig(f.Path) != "":
		x.othersFile(f.Path, x.othersConfig(f.Path), x.fileSource(f), x.fileText(f.Path, f.From, f.Content), f.At)
	default:
		x.installed(f, to)
	}
}

// neverShipped tells of places that no package may fill.
func (x *placer) neverShipped(p string) bool {
	for _, dir := range neverPayload {
		if within(p, dir) {
			return true
		}
	}
	return within(p, "/proc") || within(p, "/sys") || within(p, "/dev") || within(p, "/var/lib") || within(p, "/var/log") ||
		within(p, "/var/cache") || within(p, "/boot") || host.IsSystemDir(p)
}

// installed ships one file of the repository, or one that the script writes.
func (x *placer) installed(f model.File, to string) {
	e := plan.Entry{Path: to, Type: plan.File, Mode: mode(f.Mode, 0) &^ 0o022, At: f.At, Why: "installed by the script"}
	if within(to, "/etc") {
		e.Conffile = true
	}
	if g := owner(f.Group); g != "" && !isForeign(g) {
		e.Group = g
	}
	repo := x.fileSource(f)
	switch {
	case repo != "":
		e.Origin, e.Src = plan.Repo, repo
		if e.Mode == 0 {
			e.Mode = x.repoMode(repo)
		}
	case f.Content != "" && !strings.Contains(f.Content, "${"):
		e.Origin, e.Src = plan.Text_, x.text("files/"+strings.ReplaceAll(strings.TrimPrefix(to, "/"), "/", "_"), []byte(x.rewritten(f.Content)), 0o644, nil)
		if e.Mode == 0 {
			e.Mode = 0o644
		}
	default:
		x.mark(f.At, plan.PartManual, to, "its text is known on the server only")
		x.manual(f.At, "", "The script writes %s with a text that it computes. Write it once by hand.", to)
		return
	}
	if x.manPage(&e) {
		to = e.Path
	}
	x.add(e)
	x.mark(f.At, plan.PartPayload, to, "installed")
}

var manRE = lazyregexp.New(`^/usr/share/man/.*\.[0-9][a-z]*$`)

// manPage compresses a manual page: Debian Policy 12.1.
func (x *placer) manPage(e *plan.Entry) bool {
	if !manRE.MatchString(e.Path) || e.Origin != plan.Repo {
		return false
	}
	data, err := x.repo.Read(e.Src)
	if err != nil {
		return false
	}
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return false
	}
	if _, err := w.Write(data); err != nil || w.Close() != nil {
		return false
	}
	e.Path += ".gz"
	e.Origin, e.Src = plan.Text_, x.text("man/"+path.Base(e.Path), b.Bytes(), 0o644, nil)
	return true
}

// fileSource is the file of the repository that an installed file is.
func (x *placer) fileSource(f model.File) string {
	list := []string{f.From}
	if x.host != nil {
		if n := x.host.Node(x.where, f.Path); n.Content != nil && n.Content.Kind != host.Literal {
			list = append(list, repoFiles(n.Content)...)
		}
	}
	if x.old != "" && strings.HasPrefix(f.From, x.old+"/") {
		list = append(list, strings.TrimPrefix(f.From, x.old+"/"))
	}
	for _, p := range list {
		if p != "" && x.isRepoFile(p) {
			return p
		}
	}
	return ""
}

// symlink places a link that the script makes outside of the code.
func (x *placer) symlink(s model.Symlink) {
	p, to := x.mapped(s.Path), x.mapped(s.Target)
	switch {
	case isSite(s.Path), isUnitFile(s.Path), strings.Contains(s.Path, ".wants/"):
		// their own parts
	case !plainPath(s.Path) || strings.Contains(s.Target, "${"):
		x.mark(s.At, plan.PartManual, s.Path, "the link is known on the server only")
	case x.entries[p] != nil:
		x.mark(s.At, plan.PartPayload, p, "part of the payload")
	case x.neverShipped(p) || path.Dir(p) == "/etc":
		x.mark(s.At, plan.PartManual, s.Path, "no package may hold files there")
		x.manual(s.At, "ln -sfn "+quoted([]string{to, p}), "The script links %s to %s, where no package may have files.", s.Path, s.Target)
	default:
		x.add(plan.Entry{Path: p, Type: plan.Symlink, Src: to, At: s.At, Why: "link made by the script"})
		x.mark(s.At, plan.PartPayload, p, "link of the payload")
	}
}
