package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// A target is one repository to look at, with the scripts named in it.
type lintTarget struct {
	path    string   // as given
	prefix  string   // of its paths in the report, "" none
	scripts []string // none: the repository as a whole
}

// targets are the repositories to look at: those given, or listed on standard
// input for "-". Directories are looked at whole; the scripts of one repository
// are one target.
func (l *linter) targets(stdin io.Reader, args []string) ([]lintTarget, error) {
	if len(args) == 0 {
		args = []string{"."}
	}
	var out []lintTarget
	for _, a := range args {
		if a != "-" {
			out = joinTarget(out, targetOf(a, len(args) > 1))
			continue
		}
		list := bufio.NewScanner(stdin)
		list.Buffer(nil, 1<<20)
		for list.Scan() {
			if p := strings.TrimSuffix(list.Text(), "\r"); p != "" {
				out = joinTarget(out, targetOf(p, true))
			}
		}
		if err := list.Err(); err != nil {
			return nil, exitWith(exitIO, fmt.Errorf("read the list of paths: %w", err))
		}
	}
	return out, nil
}

// joinTarget adds a target; scripts go to the target of their repository.
func joinTarget(all []lintTarget, t lintTarget) []lintTarget {
	if len(t.scripts) > 0 {
		for i := range all {
			if all[i].path == t.path && len(all[i].scripts) > 0 {
				all[i].scripts = append(all[i].scripts, t.scripts...)
				return all
			}
		}
	}
	return append(all, t)
}

// targetOf makes a target of a path.
func targetOf(p string, several bool) lintTarget {
	info, err := os.Stat(p)
	if err == nil && info.Mode().IsRegular() && !archive(p) {
		return scriptTarget(filepath.Clean(p))
	}
	t := lintTarget{path: p}
	if several && filepath.Clean(p) != "." {
		t.prefix = filepath.ToSlash(filepath.Clean(p))
	}
	return t
}

// scriptTarget is a script in its repository, so that what it calls is found:
// the checkout around it, else the tree of a project, else its own directory.
func scriptTarget(p string) lintTarget {
	dir := filepath.Dir(p)
	root := cmp.Or(around(dir, ".git"), around(dir, manifests...), around(dir, "README.md", "README.rst", "README.txt", "README", "LICENSE"), dir)
	rel, err := filepath.Rel(root, p)
	if err != nil {
		root, rel = dir, filepath.Base(p)
	}
	t := lintTarget{path: root, scripts: []string{filepath.ToSlash(rel)}}
	if root != "." {
		t.prefix = filepath.ToSlash(root)
	}
	return t
}

// manifests lie at the top of an application, also of one that was unpacked from
// an archive. A directory without any, such as a home directory, is not read for
// the sake of a script somewhere in it.
var manifests = []string{
	"nativize.yaml", "Makefile", "package.json", "composer.json", "requirements.txt", "setup.py", "pyproject.toml", "Gemfile", "go.mod", "Cargo.toml",
	"pom.xml", "Dockerfile", "Procfile",
}

// around is the nearest directory at or above dir that holds one of the names,
// "" when there is none or it lies above the present directory, whose paths the
// report is written in.
func around(dir string, names ...string) string {
	for dir != ".." && !strings.HasSuffix(dir, "/..") {
		for _, name := range names {
			if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
				return dir
			}
		}
		up := filepath.Dir(dir)
		if up == dir {
			break
		}
		dir = up
	}
	return ""
}

func archive(p string) bool {
	for _, s := range []string{".tar", ".zip", ".tgz", ".tar.gz", ".tar.xz", ".tar.bz2", ".tar.zst", ".txz"} {
		if strings.HasSuffix(p, s) {
			return true
		}
	}
	return false
}
