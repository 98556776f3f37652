package root

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// DefaultSuite is the Debian release of base trees that name none.
const DefaultSuite = "bookworm"

// baseVersion changes when the same options give another tree.
const baseVersion = "1"

// basePackages are in every base tree beside the Essential ones: what maintainer
// scripts call (adduser), and the package managers. One tree serves all kinds,
// so that it is made once.
// systemd's tools stand by themselves there; see [Root.PretendSystemd].
var basePackages = []string{"adduser", "pacman-package-manager", "rpm", "systemd-standalone-sysusers", "systemd-standalone-tmpfiles"}

// Base returns the directory of the base tree for o, and makes the tree first if the cache
// lacks it: with debootstrap as root, else with mmdebstrap, from the machine's own
// Debian mirror. Several processes may ask at once; one makes it.
// The tree is owned by the mapped accounts and is never written again.
func Base(ctx context.Context, o Options) (string, error) {
	if o.Cache == "" {
		return "", errors.New("make a base tree: no cache directory is named")
	}
	cache, err := filepath.Abs(o.Cache)
	if err != nil {
		return "", fmt.Errorf("make a base tree: %w", err)
	}
	final := filepath.Join(cache, baseName(o))
	if isDir(filepath.Join(final, "tree")) {
		return final, nil
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", fmt.Errorf("make a base tree: %w", err)
	}
	unlock, err := lock(ctx, final+".lock")
	if err != nil {
		return "", fmt.Errorf("make a base tree: %w", err)
	}
	defer unlock()
	if isDir(filepath.Join(final, "tree")) {
		return final, nil
	}
	if err := makeBase(ctx, o, cache, final); err != nil {
		return "", fmt.Errorf("make a base tree of Debian %s: %w", o.suite(), err)
	}
	return final, nil
}

// HasBase tells whether the cache has the base tree for o: else the first root takes
// minutes and a network.
func HasBase(o Options) bool {
	cache, err := filepath.Abs(o.Cache)
	return err == nil && o.Cache != "" && isDir(filepath.Join(cache, baseName(o), "tree"))
}

func (o Options) suite() string { return cmp.Or(o.Suite, DefaultSuite) }

// packages returns what is in the base tree beside the Essential packages, sorted.
func (o Options) packages() []string {
	list := append(slices.Clone(basePackages), o.Include...)
	slices.Sort(list)
	return slices.Compact(list)
}

// baseName names the tree after all that decides what is in it and who owns it.
func baseName(o Options) string {
	text := strings.Join(append([]string{baseVersion, o.suite(), fmt.Sprint(os.Getuid())}, o.packages()...), "\n")
	return fmt.Sprintf("base-%s-%x", o.suite(), sha256.Sum256([]byte(text)))[:len("base--")+len(o.suite())+12]
}

func isDir(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.IsDir()
}

// makeBase makes the tree under another name and renames it when it is whole.
func makeBase(ctx context.Context, o Options, cache, final string) error {
	temp, err := os.MkdirTemp(cache, "new-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	if err := os.Chmod(temp, 0o755); err != nil {
		return err
	}
	archive := filepath.Join(temp, "base.tar")
	strap := debootstrap
	if os.Getuid() != 0 {
		strap = mmdebstrap
	}
	if err := strap(ctx, o, temp, archive); err != nil {
		return err
	}
	if err := unpackBase(ctx, archive, filepath.Join(temp, "tree")); err != nil {
		return err
	}
	if err := os.Remove(archive); err != nil {
		return err
	}
	if err := os.RemoveAll(filepath.Join(temp, "strap")); err != nil {
		return err
	}
	return os.Rename(temp, final)
}

// debootstrap runs Debian's own packages as root, in a directory of the cache.
func debootstrap(ctx context.Context, o Options, temp, archive string) error {
	strap := filepath.Join(temp, "strap")
	args := []string{"--variant=minbase", "--include=" + strings.Join(o.packages(), ","), o.suite(), strap}
	if m := o.mirror(); m != "" {
		args = append(args, m)
	}
	if err := tool(ctx, "debootstrap", args...); err != nil {
		return err
	}
	return tool(ctx, "tar", "--create", "--file", archive, "--one-file-system", "--numeric-owner", "--directory", strap, ".")
}

func mmdebstrap(ctx context.Context, o Options, _, archive string) error {
	args := []string{"--mode=unshare", "--variant=minbase", "--include=" + strings.Join(o.packages(), ","), o.suite(), archive}
	if m := o.mirror(); m != "" {
		args = append(args, m)
	}
	return tool(ctx, "mmdebstrap", args...)
}

func (o Options) mirror() string { return cmp.Or(o.Mirror, mirror("/etc/apt", o.suite())) }

// tool runs a program of the host, with the caller's environment: a proxy may be set in it.
func tool(ctx context.Context, name string, args ...string) error {
	var said limited
	cmd := exec.CommandContext(ctx, name, args...)
	// an interrupted debootstrap unmounts what it has mounted
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, lastLines(said.String(), 8))
	}
	return nil
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// unpackScript lays the tree out as its mapped owner, and takes from it what
// debootstrap copied from the host, what differs from one making to the next,
// and what is not needed again.
//
//	fd 3   the archive
//	fd 4   the directory of the tree
const unpackScript = `
set -e
cd /proc/self/fd/4
tar --extract --numeric-owner --preserve-permissions --exclude='./dev/*' <&3
rm -rf var/cache/apt/archives/*.deb var/lib/apt/lists/* var/log/bootstrap.log var/cache/ldconfig/aux-cache
echo throwaway >etc/hostname
printf '127.0.0.1\tlocalhost throwaway\n' >etc/hosts
: >etc/resolv.conf
: >etc/machine-id
mkdir -p var/lib/pacman var/cache/pacman/pkg etc/dpkg/dpkg.cfg.d
printf 'force-unsafe-io\n' >etc/dpkg/dpkg.cfg.d/throwaway
`

func unpackBase(ctx context.Context, archive, tree string) error {
	if err := os.Mkdir(tree, 0o755); err != nil {
		return err
	}
	if err := give(tree); err != nil {
		return err
	}
	return withFiles(isolated(ctx, "/bin/sh", "-c", unpackScript), archive, tree)
}

// give makes the mapped root own path, which the caller has made.
func give(path string) error {
	if os.Getuid() != 0 {
		return nil // the caller's own account is the mapped root
	}
	return os.Lchown(path, firstID, firstID)
}

// withFiles runs cmd with the paths open as its files 3, 4, ...
func withFiles(cmd *exec.Cmd, paths ...string) error {
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		cmd.ExtraFiles = append(cmd.ExtraFiles, f)
	}
	var said limited
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("lay out the tree: %w\n%s", err, lastLines(said.String(), 8))
	}
	return nil
}
