package main

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/detect"
	"github.com/nativize/nativize/analyze/source"
)

// nothingFound says where a deployment was looked for, which files look like
// one but cannot be read, and which scripts there are to choose from.
func nothingFound(name string, repo *source.Repo) error {
	msg := fmt.Sprintf("no deployment found in %s: no script that changes a server, by name, content, README, Makefile or CI job", name)
	if refused := refusedScripts(repo); len(refused) > 0 {
		msg += "; not read: " + strings.Join(refused, ", ")
	}
	switch scripts := otherScripts(repo); {
	case len(scripts) > 0:
		msg += "; name one with --script, such as " + strings.Join(scripts, ", ")
	default:
		msg += "; there is no shell script in it"
	}
	return exitWith(exitNothing, errors.New(msg))
}

// mostNames bounds the names in a message.
const mostNames = 3

// refusedScripts are files with the name of a deployment that are no readable
// text, each with the reason.
func refusedScripts(repo *source.Repo) []string {
	var out []string
	seen := map[string]bool{}
	for _, f := range repo.Files() {
		name := f.Path
		for ; name != "." && !detect.EntryName(path.Base(name)); name = path.Dir(name) {
		}
		if name == "." || seen[name] || len(out) == mostNames {
			continue
		}
		seen[name] = true
		if _, err := repo.Read(name); err != nil {
			var pe *source.PathError
			if errors.As(err, &pe) {
				err = pe.Err
			}
			out = append(out, fmt.Sprintf("%s (%v)", name, err))
		}
	}
	return out
}

// otherScripts are shell scripts that do not look like a deployment.
func otherScripts(repo *source.Repo) []string {
	var out []string
	for _, f := range repo.Files() {
		if ext := path.Ext(f.Path); ext != ".sh" && ext != ".bash" || f.Ignored || !f.IsRegular() {
			continue
		}
		if b, err := repo.Read(f.Path); err == nil && !source.IsBinary(b) && len(out) < mostNames {
			out = append(out, f.Path)
		}
	}
	return out
}
