package report

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
)

// A property is one thing that the ladder is about.
type property struct {
	name   string
	weight int // of its lack, for a running server
	title  string
	todo   string // what to do when it is missing
	judge  func(d *model.Deployment) verdict
}

type verdict struct {
	held, reason string
	at           []source.Pos
}

// properties are all properties; what leaks or loses data weighs most.
var properties = []property{
	{"secrets-out", 10, "Secrets are out of the repository", "Take the credentials out of the repository and change them", secretsOut},
	{"config-split", 10, "Configuration is apart from the code", "Move configuration out of the code directory to /etc", configSplit},
	{"idempotent", 9, "A second run changes nothing", "Make the second run harmless", idempotent},
	{"transport", 7, "The way to the server is authenticated", "Close the open transport: https or ssh, with checks on", transport},
	{"checksum", 6, "What arrives is checked", "Check what arrives against checksums kept in the repository", checksum},
	{"rollback", 5, "There is a way back", "Keep the previous release until the new one runs", rollback},
	{"no-build-on-server", 5, "Nothing is built on the server", "Build once, away from the server, and deliver the result", noBuild},
	{"revision-known", 4, "The running revision is known", "Deploy a tag or a commit, not a branch", revisionKnown},
	{"dependencies-declared", 3, "Dependencies are declared", "List the packages that the application needs", dependenciesDeclared},
	{"removal", 3, "It can be removed", "Write down what has to go when the application goes", removal},
	{"parity", 3, "Staging and production are set up the same way", "Give staging and production the same files with different values", parity},
	{"signature", 2, "What arrives is signed", "Sign releases and verify the signature before unpacking", signature},
}

// found returns the places of the findings of the rules.
func found(d *model.Deployment, rules ...string) []source.Pos {
	var at []source.Pos
	for i := range d.Findings {
		if f := &d.Findings[i]; slices.Contains(rules, f.Rule) {
			at = append(at, f.Main().Pos)
		}
	}
	return at
}

func places[T any](facts []T, of func(T) (model.Evidence, bool)) []source.Pos {
	var at []source.Pos
	for _, f := range facts {
		if e, ok := of(f); ok && len(e.At) > 0 {
			at = append(at, e.At[0])
		}
	}
	return at
}

func secretsOut(d *model.Deployment) verdict {
	at := places(d.Facts.Secrets, func(s model.Secret) (model.Evidence, bool) { return s.Evidence, true })
	at = append(at, found(d, "secret-in-script", "secret-in-repository", "private-key-in-repository", "config-tracked-with-secrets", "sudo-password-in-script")...)
	if n := len(sortedPlaces(at)); n > 0 {
		return verdict{no, plural(n, "credential") + " in the repository", at}
	}
	return verdict{yes, "no credential was found", nil}
}

func configSplit(d *model.Deployment) verdict {
	inside := places(d.Facts.ConfigFiles, func(c model.ConfigFile) (model.Evidence, bool) { return c.Evidence, c.InCodeDir })
	n, all := 0, len(d.Facts.ConfigFiles)
	for _, c := range d.Facts.ConfigFiles {
		if c.InCodeDir {
			n++
		}
	}
	switch {
	case all == 0:
		return verdict{unknown, "no configuration file was found", nil}
	case n == 0:
		return verdict{yes, "all configuration is outside the code directory", nil}
	case n == all:
		return verdict{no, "all configuration is in the code directory", inside}
	}
	return verdict{partly, fmt.Sprintf("%d of %d configuration files are in the code directory", n, all), inside}
}

func idempotent(d *model.Deployment) verdict {
	at := found(d, "not-idempotent", "generated-config-not-idempotent", "unguarded-useradd")
	lost := found(d, "config-overwritten-on-deploy", "unit-overwritten-on-deploy", "git-clean-eats-config", "config-edited-in-place", "delete-before-new-copy-ready")
	lost = append(lost, places(d.Facts.ConfigFiles, func(c model.ConfigFile) (model.Evidence, bool) { return c.Evidence, overwrites(c) })...)
	switch {
	case len(at) > 0:
		return verdict{no, "a second run fails or repeats changes", append(at, lost...)}
	case len(lost) > 0:
		return verdict{partly, "a second run overwrites configuration", lost}
	case d.Coverage.Statements == 0:
		return verdict{unknown, "no script was read", nil}
	case d.Coverage.Opaque*10 > d.Coverage.Statements:
		return verdict{unknown, "too many statements are not understood", nil}
	}
	return verdict{yes, "nothing was found that a second run repeats", nil}
}

// overwrites tells whether each deployment writes the file anew.
func overwrites(c model.ConfigFile) bool {
	if c.Once || c.Origin == model.FromCompanion {
		return false
	}
	switch c.How {
	case model.HowCopy, model.HowTemplate, model.HowHeredoc, model.HowEcho, model.HowDownload:
		return true
	}
	return false
}

func transport(d *model.Deployment) verdict {
	off := found(d, "tls-check-disabled", "host-key-check-disabled", "http-download")
	off = append(off, places(d.Facts.Downloads, func(x model.Download) (model.Evidence, bool) {
		return x.Evidence, strings.HasPrefix(x.URL, "http://") || strings.HasPrefix(x.URL, "ftp://")
	})...)
	if len(off) > 0 {
		return verdict{no, "something comes over a connection that is not checked", off}
	}
	given := places(d.Facts.Downloads, func(x model.Download) (model.Evidence, bool) { return x.Evidence, strings.HasPrefix(x.URL, "${") })
	if len(given) > 0 {
		return verdict{unknown, "the address of a download is given from outside", given}
	}
	if len(d.Facts.Remotes)+len(d.Facts.Downloads) == 0 && !usesGit(d) {
		return verdict{unknown, "no transport was seen", nil}
	}
	return verdict{yes, "only ssh and checked https were seen", nil}
}

func usesGit(d *model.Deployment) bool {
	return slices.ContainsFunc(d.Strategy, func(s string) bool { return strings.HasPrefix(s, "git") })
}

func checksum(d *model.Deployment) verdict {
	var open []source.Pos
	n := 0
	for _, x := range d.Facts.Downloads {
		if !x.Verified {
			n++
			open = append(open, x.At...)
		}
	}
	open = append(open, found(d, "curl-pipe-shell", "unverified-download", "checksum-from-same-place", "checksum-cannot-match")...)
	switch {
	case n == 0 && len(open) > 0:
		return verdict{no, "a check of a download cannot be relied on", open}
	case n > 0 && n < len(d.Facts.Downloads):
		return verdict{partly, fmt.Sprintf("%d of %d downloads are not checked", n, len(d.Facts.Downloads)), open}
	case n > 0:
		return verdict{no, "no download is checked", open}
	case len(d.Facts.Downloads) > 0:
		return verdict{yes, "each download is checked", nil}
	case usesGit(d):
		return verdict{yes, "git checks what it fetches", nil}
	}
	return verdict{no, "nothing records what was delivered", nil}
}

func rollback(d *model.Deployment) verdict {
	at := places(d.Facts.Backups, func(b model.Backup) (model.Evidence, bool) { return b.Evidence, true })
	links := places(d.Facts.Symlinks, func(l model.Symlink) (model.Evidence, bool) {
		return l.Evidence, path.Base(l.Path) == "current" && strings.Contains(l.Target, "/releases/")
	})
	switch {
	case len(links) > 0:
		return verdict{yes, "releases stand side by side behind a link", links}
	case len(at) > 0:
		return verdict{partly, "a copy of the old code is kept; going back is by hand", at}
	}
	return verdict{no, "the old release is replaced in place", found(d, "no-rollback", "non-atomic-swap", "delete-before-new-copy-ready")}
}

func noBuild(d *model.Deployment) verdict {
	at := found(d, "build-on-server")
	at = append(at, places(d.Facts.Languages, func(l model.LangDep) (model.Evidence, bool) {
		return l.Evidence, !d.Remote || l.Machine != ""
	})...)
	if len(at) > 0 || slices.Contains(d.Strategy, "build-on-server") {
		return verdict{no, "the server builds or fetches dependencies at each deployment", at}
	}
	return verdict{yes, "the server only unpacks", nil}
}

func revisionKnown(d *model.Deployment) verdict {
	has := func(s string) bool { return slices.Contains(d.Strategy, s) }
	moving := found(d, "unpinned-ref", "untrusted-branch-deployed")
	switch {
	case len(moving) > 0:
		return verdict{partly, "the server follows a branch that moves", moving}
	case has("git-checkout"), has("os-package"):
		return verdict{yes, "a named revision is deployed", nil}
	case usesGit(d):
		return verdict{partly, "the checkout on the server tells, the script does not", nil}
	case has("tarball"), has("zip"), has("binary-download"):
		return verdict{partly, "only the archive's name or address tells", nil}
	case has("language-package"):
		return verdict{partly, "the language's package manager tells", nil}
	}
	return verdict{no, "files are copied from a working tree", nil}
}

func dependenciesDeclared(d *model.Deployment) verdict {
	if at := found(d, "missing-dependency"); len(at) > 0 {
		return verdict{partly, "programs are used that nothing installs", at}
	}
	named, floating := 0, []source.Pos{}
	for _, l := range d.Facts.Languages {
		if manifest(l) {
			named++
		} else if len(l.At) > 0 {
			floating = append(floating, l.At[0])
		}
	}
	switch {
	case len(floating) > 0:
		return verdict{partly, "some dependencies are named in the script only", floating}
	case named+len(d.Facts.Packages) > 0:
		return verdict{yes, "packages are named, and the language has its list", nil}
	}
	return verdict{unknown, "nothing tells what it needs", nil}
}

// manifest tells whether a build takes its dependencies from a file of the
// repository: tools other than pip and gem always do.
func manifest(l model.LangDep) bool {
	switch l.Tool {
	case "pip", "pip3", "easy_install", "gem":
		w := l.What
		return strings.Contains(w, "-r ") || strings.Contains(w, ".txt") || w == "." || w == "" || strings.HasPrefix(w, "-e ") || strings.Contains(w, "==")
	case "npm", "yarn", "pnpm":
		return !strings.Contains(l.What, "-g")
	}
	return true
}

func removal(d *model.Deployment) verdict {
	for _, s := range d.Scripts {
		base := path.Base(s.Path)
		if strings.Contains(base, "uninstall") || strings.HasPrefix(base, "remove") {
			return verdict{partly, "a script removes it", []source.Pos{{File: s.Path, Line: 1, Col: 1}}}
		}
	}
	if rungOf(d) == len(rungs)-1 {
		return verdict{yes, "the package manager removes it", nil}
	}
	return verdict{no, "nothing removes what the deployment made", nil}
}

// variants are the words by which files of one environment are told apart.
var variants = []string{"production", "prod", "staging", "stage"}

func parity(d *model.Deployment) verdict {
	if at := found(d, "environment-drift"); len(at) > 0 {
		return verdict{no, "the environments have different settings", at}
	}
	at := places(d.Facts.ConfigFiles, func(c model.ConfigFile) (model.Evidence, bool) {
		return c.Evidence, slices.ContainsFunc(variants, func(v string) bool { return strings.Contains(strings.ToLower(c.From), v) })
	})
	if len(at) > 0 {
		return verdict{partly, "each environment has its own file", at}
	}
	for _, r := range d.Requirements {
		if r.Kind == "argument" && strings.Contains(strings.ToLower(r.Text), "env") {
			return verdict{yes, "one script, told the environment", r.At}
		}
	}
	return verdict{unknown, "nothing tells how another environment is set up", nil}
}

// verifiers are the programs and subcommands that check a signature.
var verifiers = []string{"gpg --verify", "gpgv ", "git verify-commit", "git verify-tag", "cosign verify", "minisign -V", "rpm --checksig", "rpm -K"}

func signature(d *model.Deployment) verdict {
	for _, s := range d.Statements {
		if slices.ContainsFunc(verifiers, func(v string) bool { return strings.Contains(s.Text, v) }) {
			return verdict{yes, "a signature is verified", []source.Pos{s.At.Pos}}
		}
	}
	return verdict{no, "no signature is verified", nil}
}
