package root

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A Capability is something that this machine can do for throwaway roots, or
// the reason why it cannot.
type Capability struct {
	Name   string // "namespaces", "overlay", "base", "boot", or a [Kind]
	OK     bool
	Reason string // what is missing and what to do; "" when OK
}

// Probe finds out what is possible here, without changing anything but a
// temporary directory. The kinds come last: each is possible when a root
// for it can be made.
func Probe(ctx context.Context, o Options) []Capability {
	list := []Capability{
		capability("namespaces", probeNamespaces(ctx)),
		capability("overlay", probeOverlay(ctx)),
		capability("base", probeBase(o)),
		capability("boot", probeBoot()),
	}
	var missing []string
	for _, c := range list[:3] {
		if !c.OK {
			missing = append(missing, c.Reason)
		}
	}
	for _, kind := range append(Kinds(), APK) {
		c := Capability{Name: string(kind), OK: len(missing) == 0, Reason: strings.Join(missing, "; ")}
		if _, err := managerOf(kind); err != nil {
			c = capability(string(kind), err)
		}
		list = append(list, c)
	}
	return list
}

// Possible returns nil when a root of the kind can be made here, else the reasons.
func Possible(ctx context.Context, kind Kind, o Options) error {
	for _, c := range Probe(ctx, o) {
		if c.Name == string(kind) && c.OK {
			return nil
		} else if c.Name == string(kind) {
			return fmt.Errorf("no throwaway root for %s: %s", kind, c.Reason)
		}
	}
	_, err := managerOf(kind)
	return err
}

func capability(name string, err error) Capability {
	if err != nil {
		return Capability{Name: name, Reason: err.Error()}
	}
	return Capability{Name: name, OK: true}
}

// needs fails when a program of the host is missing, and names its Debian package.
func needs(program, pkg string) error {
	for dir := range strings.SplitSeq(hostPath, ":") {
		if info, err := os.Stat(filepath.Join(dir, program)); err == nil && info.Mode()&0o111 != 0 {
			return nil
		}
	}
	return fmt.Errorf("the program %s is missing (Debian package %s)", program, pkg)
}

func probeNamespaces(ctx context.Context) error {
	if err := needs("nsenter", "util-linux"); err != nil {
		return err
	}
	if os.Getuid() != 0 {
		if err := needs("newuidmap", "uidmap"); err != nil {
			return err
		}
	}
	out, err := isolated(ctx, "/bin/sh", "-c", "id -u").CombinedOutput()
	if err != nil {
		return fmt.Errorf("new user namespaces are not allowed here: %w %s; run as root, or give the account a range in /etc/subuid and /etc/subgid and allow unprivileged user namespaces",
			err, strings.TrimSpace(string(out)))
	}
	return nil
}

// probeOverlay mounts an overlay as a root does.
func probeOverlay(ctx context.Context) error {
	const script = `mount -t tmpfs tmpfs /mnt && cd /mnt && mkdir l u w t &&
		mount -t overlay overlay -o lowerdir=l,upperdir=u,workdir=w,userxattr t`
	out, err := isolated(ctx, "/bin/sh", "-c", script).CombinedOutput()
	if err != nil {
		return fmt.Errorf("an overlay cannot be mounted in a user namespace (Linux 5.11 or later is needed): %s", strings.TrimSpace(string(out)))
	}
	return nil
}

func probeBase(o Options) error {
	if o.Cache != "" && isDir(filepath.Join(o.Cache, baseName(o), "tree")) {
		return nil
	}
	if os.Getuid() == 0 {
		return needs("debootstrap", "debootstrap")
	}
	return needs("mmdebstrap", "mmdebstrap")
}

// probeBoot tells whether a tree could be booted with a real systemd.
func probeBoot() error {
	if os.Getuid() != 0 {
		return fmt.Errorf("booting a tree needs root")
	}
	if _, err := exec.LookPath("systemd-nspawn"); err != nil {
		return needs("systemd-nspawn", "systemd-container")
	}
	return nil
}
