package place

import (
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/convert/choices"
	"github.com/nativize/nativize/convert/plan"
)

// fetched is where packaging/stage.sh keeps what it downloads for the payload,
// below the copy of the sources; the rest of the path is that on the machine.
const fetched = ".nativize-fetched"

// downloads makes a build step of what the script fetches onto the server and
// leaves there, and joins what a build step names to that step. Each file is
// compared with a digest that the owner pins: until then packaging/stage.sh
// stops and says which.
func (x *placer) downloads() error {
	for _, d := range x.f.Downloads {
		if !literalURL(d.URL) || x.host == nil {
			continue
		}
		if !x.joined(d) && x.stays(d) {
			x.fetchStep(d)
		}
	}
	return nil
}

// literalURL tells of an address that is known as a whole and can be asked for.
func literalURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https" || u.Scheme == "ftp") && u.Host != "" && u.User == nil &&
		!strings.ContainsAny(s, "${}<>\"'\\` ") && path.Base(u.Path) != "/" && path.Base(u.Path) != "."
}

// joined adds a download into the sources to the build step that names it.
func (x *placer) joined(d model.Download) bool {
	to := strings.TrimPrefix(d.To, "${PWD}/")
	if x.inOld(d.To) {
		to = strings.TrimPrefix(d.To, x.old+"/")
	}
	if to == "" || strings.HasPrefix(to, "/") || !plainPath("/"+to) {
		return false
	}
	for i := range x.p.Stage {
		b := &x.p.Stage[i]
		name := to
		if b.Dir != "" {
			name = strings.TrimPrefix(to, b.Dir+"/")
		}
		if hasArgument(b.Shell, name) {
			b.Downloads = append(b.Downloads, x.pinned(d, to))
			x.mark(d.At, plan.PartBuild, to, "fetched by packaging/stage.sh, against a pinned digest")
			return true
		}
	}
	return false
}

// hasArgument tells whether a word of a command line is name.
func hasArgument(shell, name string) bool {
	words := strings.FieldsFunc(shell, func(r rune) bool { return strings.ContainsRune(" \t\n;'\"=()", r) })
	return slices.Contains(words, name) || slices.Contains(words, "./"+name)
}

// keyrings are of the machine's package manager, not of an application.
var keyrings = []string{"/etc/apt", "/etc/yum.repos.d", "/etc/pki", "/etc/apk", "/etc/pacman.d", "/usr/share/keyrings"}

// stays tells whether the file is on the server after the deployment, as it was
// fetched, at a place where a package may have it.
func (x *placer) stays(d model.Download) bool {
	to := x.mapped(d.To)
	if !plainPath(d.To) || x.neverShipped(to) || x.entries[to] != nil || isUnitFile(to) || isSite(to) || isCron(to) || isLogrotate(to) {
		return false
	}
	if slices.ContainsFunc(keyrings, func(dir string) bool { return within(to, dir) }) || within(to, "/tmp") || within(to, "/var/tmp") {
		return false
	}
	n := x.host.Node(x.where, d.To)
	return n.Kind == host.Regular && n.Content != nil && n.Content.Kind == host.Fetched && n.Content.URL == d.URL
}

func (x *placer) fetchStep(d model.Download) {
	to := x.mapped(d.To)
	file := fetched + to
	q := quoted([]string{file})
	if q == "" {
		return
	}
	x.p.Stage = append(x.p.Stage, plan.Build{
		Tool: "download", Shell: "test -s " + q, Output: []string{file}, Downloads: []plan.Download{x.pinned(d, file)},
		At: d.At, Why: "a file that the script fetched onto the server",
	})
	e := plan.Entry{Path: to, Type: plan.File, Origin: plan.Staged, Src: file, Mode: x.fileMode(d.To), Conffile: within(to, "/etc"), At: d.At, Why: "fetched from " + d.URL}
	x.add(e)
	x.mark(d.At, plan.PartBuild, to, "fetched by packaging/stage.sh, against a pinned digest, and part of the payload")
}

// fileMode is the mode that the script gave a file, 0755 for one in a directory
// of programs.
func (x *placer) fileMode(p string) uint32 {
	for _, f := range x.f.Files {
		if f.Path == p && f.Mode != "" {
			return mode(f.Mode, 0o644) &^ 0o022
		}
	}
	if dir := path.Base(path.Dir(p)); dir == "bin" || dir == "sbin" {
		return 0o755
	}
	return 0o644
}

// pinned is the download with the digest that the owner has written down.
func (x *placer) pinned(d model.Download, to string) plan.Download {
	sum := x.c.GuessDownload(d.URL, choices.Note{
		Why: "fetch it, look at it, write its sha256 here", At: d.At, Question: "the SHA-256 of what the build fetches into " + to,
	})
	return plan.Download{URL: d.URL, To: to, SHA256: sum}
}
