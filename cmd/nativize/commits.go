package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/nativize/nativize/convert/choices"
	"github.com/nativize/nativize/convert/commit"
)

// ideas are the commits of convert --commits, in the order in which someone
// would read them.
var ideas = []commit.Idea{
	{Topic: "packaging", Object: "the choices", Paths: []string{choices.FileName},
		Body: "nativize.yaml holds each decision with its evidence. What is marked as\nguessed or as a question is the owner's to settle."},
	{Topic: "packaging", Object: "the sources of the payload", Paths: []string{"source"},
		Body: "The files of the repository that the package carries or is built from,\nas the conversion read them."},
	{Topic: "packaging", Object: "the build stage", Paths: []string{"packaging/stage.sh"},
		Body: "What the deployment built on the server is built before packing, as an\nordinary user and from a clean checkout."},
	{Topic: "packaging", Object: "the package manifest", Paths: []string{"packaging/nfpm.yaml", "packaging/changelog.yaml", "packaging/copyright", "packaging/lintian-overrides", "packaging/rpmlint.toml"},
		Body: "Name, version, dependencies and payload of the packages, with what their\ncheckers may say and why."},
	{Topic: "packaging", Object: "the configuration split", Paths: []string{"packaging/etc", "packaging/files"},
		Body: "What an administrator may edit lies in /etc, where an upgrade keeps it,\nand no longer among the code."},
	{Topic: "packaging", Object: "accounts and directories", Paths: []string{"packaging/sysusers.d", "packaging/tmpfiles.d"},
		Body: "The account of the services and the directories of their data, declared\nwhere the deployment made them by hand."},
	{Topic: "packaging", Object: "service units", Paths: []string{"packaging/units", "packaging/presets", "packaging/openrc"},
		Body: "What the deployment started is started by the service manager, with the\nhardening that reading the code justifies."},
	{Topic: "packaging", Object: "maintainer scripts", Paths: []string{"packaging/scripts"},
		Body: "What must run on the machine, for each package manager: the first\ninstallation on a hand-deployed server keeps its edits and data."},
	{Topic: "packaging", Object: "configuration management", Paths: []string{"packaging/deploy/ansible", "packaging/deploy/chef"},
		Body: "A Chef recipe and an Ansible role that install and configure the package:\nthey take the place of the deployment scripts."},
	{Topic: "packaging", Object: "continuous integration", Paths: []string{"packaging/deploy"},
		Body: "Jobs that build, verify and publish the packages."},
	{Topic: "packaging", Object: "the notes on the migration", Paths: []string{"."},
		Body: "What became of each step of the old scripts, what to do once, and what\nnativize needs to build and to explain the files."},
}

// series opens the checkout that the commits go to and makes sure that nobody's
// changes get into them; nil without --commits.
func (c *conversion) series(inside bool) (*commit.Series, error) {
	if !c.commit {
		return nil, nil
	}
	dir, err := realDir(c.out)
	if err != nil {
		return nil, err
	}
	roots := []string{"packaging", choices.FileName}
	if !inside {
		roots = append(roots, "source")
	}
	s, err := commit.Open(dir, roots, os.Getenv)
	if err != nil {
		return nil, err
	}
	old, err := readRecord(dir)
	if err != nil && !c.force {
		return nil, err
	}
	return s, s.Check(func(path string, data []byte) bool {
		switch {
		case path == choices.FileName, path == recordPath:
			return true
		case strings.HasPrefix(path, "source/"):
			return old != nil
		}
		return old != nil && old.Files[path] == digest(data)
	})
}

// commits makes the commits and says which.
func (c *conversion) commits(ctx context.Context, s *commit.Series, epoch int64) error {
	if s == nil {
		return nil
	}
	when := time.Now()
	if epoch > 0 {
		when = time.Unix(epoch, 0).UTC()
	}
	made, err := s.Commit(ctx, ideas, when)
	if err != nil {
		return err
	}
	for _, m := range made {
		fmt.Fprintf(c.stdout, "commit %.10s %s (%s)\n", m.Hash, m.Subject, count(m.Files, "file", "files"))
	}
	if len(made) == 0 {
		fmt.Fprintln(c.stdout, "nothing to commit: the repository has it all")
	} else if s.Signs {
		fmt.Fprintln(c.stderr, "nativize: git's configuration wants signed commits; these are not: git rebase --exec 'git commit --amend --no-edit -S' signs them")
	}
	return nil
}

// realDir is dir as an absolute path without symbolic links; the end of it need
// not exist.
func realDir(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	rest := ""
	for {
		real, err := filepath.EvalSymlinks(dir)
		if err == nil {
			return filepath.Join(real, rest), nil
		}
		if up := filepath.Dir(dir); !errors.Is(err, fs.ErrNotExist) || up == dir {
			return "", fmt.Errorf("find the output directory: %w", err)
		}
		rest = filepath.Join(filepath.Base(dir), rest)
		dir = filepath.Dir(dir)
	}
}
