// Package secret finds credentials in the files of a repository: by the rules
// of gitleaks, and by rules that know how deployments hand credentials over.
//
// A finding never holds the value. Finding says where it stands, so that who
// needs the value can read it there.
package secret

import (
	"bytes"
	"cmp"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/rs/zerolog"
	"github.com/zricethezav/gitleaks/v8/detect"
	"github.com/zricethezav/gitleaks/v8/logging"

	"github.com/nativize/nativize/analyze/input"
	"github.com/nativize/nativize/analyze/source"
)

// A Secret is one credential found.
type Secret struct {
	Rule string      // kebab-case: one of [Rules], or an ID of a gitleaks rule
	At   source.Span // of the value, without quotes
	What string      // what it is, in words: "password of DB_PASSWORD"
	Weak bool        // a well-known default such as "changeme"
}

// MaxSize is the size in bytes above which a file is not searched.
const MaxSize = 1 << 20

// detector compiles gitleaks' 222 rules, which takes about a tenth of a
// second; it is done when the first candidate file is searched. The library
// logs to standard error, which is not its to write to.
var detector = sync.OnceValues(func() (*detect.Detector, error) {
	logging.Logger = zerolog.Nop()
	return detect.NewDetectorDefaultConfig()
})

// skippedDirs hold what others wrote.
var skippedDirs = []string{"node_modules", "vendor", "bower_components", ".git", "site-packages", "third_party", "__pycache__", "dist", ".yarn", "jspm_packages"}

// endings are those of files that hold settings, scripts or code; files
// without one are searched too.
var endings = map[string]bool{
	"": true, ".sh": true, ".bash": true, ".zsh": true, ".ksh": true, ".fish": true, ".ps1": true, ".bat": true, ".cmd": true, ".command": true, ".expect": true, ".exp": true,
	".conf": true, ".cfg": true, ".cnf": true, ".config": true, ".ini": true, ".properties": true, ".yml": true, ".yaml": true, ".json": true, ".json5": true, ".toml": true, ".xml": true, ".plist": true,
	".py": true, ".rb": true, ".erb": true, ".rake": true, ".php": true, ".inc": true, ".phtml": true, ".pl": true, ".pm": true, ".cgi": true, ".js": true, ".cjs": true, ".mjs": true, ".ts": true, ".jsx": true, ".tsx": true, ".vue": true,
	".java": true, ".kt": true, ".scala": true, ".groovy": true, ".gradle": true, ".go": true, ".rs": true, ".cs": true, ".vb": true, ".ex": true, ".exs": true, ".erl": true, ".lua": true, ".clj": true, ".pp": true,
	".tf": true, ".tfvars": true, ".sql": true, ".service": true, ".timer": true, ".mk": true, ".j2": true, ".tmpl": true, ".tpl": true, ".template": true, ".dist": true, ".example": true, ".sample": true, ".local": true, ".prod": true, ".production": true, ".staging": true, ".development": true, ".dev": true, ".docker": true, ".dockerfile": true,
	".pem": true, ".key": true, ".crt": true, ".asc": true, ".gpg": true, ".ovpn": true, ".env": true, ".envrc": true, ".md": true, ".txt": true, ".rst": true, ".bak": true, ".old": true, ".orig": true, ".save": true, ".init": true, ".cron": true,
}

// Candidate tells by path and size whether a file is worth searching. Files of
// other people's code, binary and generated ones are not. Files that hold keys
// by their nature are, whatever their form.
func Candidate(p string, size int64) bool {
	if keyFile(p) != "" {
		return true
	}
	base := path.Base(p)
	if size == 0 || size > MaxSize || !endings[strings.ToLower(path.Ext(p))] && !input.EnvFile.Claims(p, nil) {
		return false
	}
	if strings.HasSuffix(base, ".min.js") || strings.HasSuffix(base, "-lock.json") || base == "go.sum" || base == "pnpm-lock.yaml" {
		return false
	}
	for dir := range strings.SplitSeq(path.Dir(p), "/") {
		if slices.Contains(skippedDirs, dir) {
			return false
		}
	}
	return true
}

// maxLibrary is the size in bytes up to which the library's rules are tried.
// Their time grows faster than the file, and beyond it are data and bundles.
const maxLibrary = 128 << 10

// bundled tells whether lines are too long to have been typed.
func (f *finder) bundled() bool { return len(f.src) > 4096 && len(f.src)/len(f.starts) > 300 }

// Find returns the credentials in a file, by place. It holds no state that
// changes and may be called from several goroutines. Files that are no
// [Candidate] have none.
func Find(p string, data []byte) []Secret {
	if !Candidate(p, int64(len(data))) {
		return nil
	}
	f := newFinder(p, data)
	f.keyFile()
	if len(data) > MaxSize || bytes.IndexByte(data, 0) >= 0 {
		return f.out
	}
	f.lines()
	f.settings()
	if len(data) <= maxLibrary && !testPath.MatchString(p) && !f.bundled() {
		f.gitleaks()
	}
	return f.sorted()
}

// tokens begin credentials whose form alone shows them; only files that hold
// one of them are worth the library's rules in [Quick].
var tokens = []string{"AKIA", "ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "hooks.slack.com/services/", "sk_live_", "rk_live_", "AIzaSy",
	"-----BEGIN ", "dop_v1_", "shpat_", "sk-ant-", "sk-proj-"}

// Quick is [Find] by the rules of this package, and by those of the library only
// where the text holds the beginning of a well-known token: compiling the
// library's rules takes longer than reading a small repository.
func Quick(p string, data []byte) []Secret {
	if !Candidate(p, int64(len(data))) {
		return nil
	}
	for _, t := range tokens {
		if bytes.Contains(data, []byte(t)) && keyFile(p) == "" {
			return Find(p, data)
		}
	}
	f := newFinder(p, data)
	f.keyFile()
	if len(data) <= MaxSize && bytes.IndexByte(data, 0) < 0 {
		f.lines()
		f.settings()
	}
	return f.sorted()
}

// A finder searches one file.
type finder struct {
	path   string
	data   []byte
	src    string
	starts []int
	out    []Secret
	spans  [][2]int // of what was found, by offset
}

func newFinder(p string, data []byte) *finder {
	f := &finder{path: p, data: data, src: string(data), starts: []int{0}}
	for i, b := range data {
		if b == '\n' {
			f.starts = append(f.starts, i+1)
		}
	}
	return f
}

// maxFound bounds what is reported of one file.
const maxFound = 500

// add records a value by the bytes that it takes; of several rules for the
// same bytes the first stands.
func (f *finder) add(rule, what string, from, to int, weak bool) {
	if len(f.out) >= maxFound || from < 0 || to > len(f.src) || from >= to {
		return
	}
	for _, s := range f.spans {
		if from < s[1] && s[0] < to {
			return
		}
	}
	f.spans = append(f.spans, [2]int{from, to})
	start, end := f.pos(from), f.pos(to)
	f.out = append(f.out, Secret{Rule: rule, At: source.Span{Pos: start, EndLine: end.Line, EndCol: end.Col}, What: what, Weak: weak})
}

func (f *finder) pos(off int) source.Pos {
	line, _ := slices.BinarySearch(f.starts, off+1)
	return source.Pos{File: f.path, Line: line, Col: off - f.starts[line-1] + 1}
}

func (f *finder) sorted() []Secret {
	slices.SortStableFunc(f.out, func(a, b Secret) int {
		return cmp.Or(a.At.Pos.Compare(b.At.Pos), strings.Compare(a.Rule, b.Rule))
	})
	return f.out
}

// gitleaks runs the library's rules. Its columns differ by one between the
// first line and others; the value itself is looked for instead.
func (f *finder) gitleaks() {
	d, err := detector()
	if err != nil {
		return // the rules are compiled in; a test holds that they load
	}
	quiet := isSample(f.path) || document(f.path)
	//lint:ignore SA1019 the form of v8; v9 renames it
	for _, x := range d.Detect(detect.Fragment{Raw: f.src, FilePath: f.path}) {
		line := min(max(x.StartLine, 0), len(f.starts)-1)
		i := -1
		for _, start := range []int{line, line - 1, line + 1} { // counted from 0, or 1
			if start < 0 || start >= len(f.starts) || x.Secret == "" {
				continue
			}
			if k := strings.Index(f.src[f.starts[start]:], x.Secret); k >= 0 && (i < 0 || k+f.starts[start] < i) {
				i = k + f.starts[start]
			}
		}
		if i < 0 || !literal(x.Secret) || x.RuleID == "private-key" || quiet && (x.RuleID == "generic-api-key" || x.RuleID == "jwt" || strings.HasPrefix(x.RuleID, "curl-")) {
			continue // the rule here looks for more than the header of a key
		}
		f.add(x.RuleID, describe(x.RuleID), i, i+len(x.Secret), false)
	}
}

// document tells whether a file is for people to read.
func document(p string) bool {
	switch strings.ToLower(path.Ext(p)) {
	case ".md", ".rst", ".txt":
		return true
	}
	return false
}

// describe makes words of a rule's ID.
func describe(id string) string { return strings.ReplaceAll(id, "-", " ") }
