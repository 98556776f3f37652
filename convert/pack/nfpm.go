package pack

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/goreleaser/nfpm/v2"
	"github.com/goreleaser/nfpm/v2/files"
	"github.com/goreleaser/nfpm/v2/ipk"

	"github.com/nativize/nativize/convert/plan"
)

// writeIPK writes the bundle through nfpm, which takes no context: the writer
// ends it.
func writeIPK(ctx context.Context, b *bundle, _ *signers, f *os.File) error {
	info, err := b.info()
	if err != nil {
		return err
	}
	return ipk.Default.Package(info, &cancelable{ctx, f})
}

// info builds a fresh [nfpm.Info] with one explicit entry a path, every mode,
// owner and time given, so that nfpm neither looks at the build host nor
// expands anything.
func (b *bundle) info() (*nfpm.Info, error) {
	info := &nfpm.Info{
		Name: b.name, Arch: b.arch, Platform: "linux", Epoch: b.epoch, Version: b.version, VersionSchema: "none",
		Release: b.release, Section: b.plan.Section, Priority: "optional", Maintainer: oneLine(b.plan.Contact()),
		Description: b.description(), Vendor: oneLine(b.plan.Vendor), Homepage: oneLine(b.plan.Homepage),
		License: oneLine(b.plan.License), DisableGlobbing: true, MTime: b.mtime,
	}
	info.Umask = 0o022
	info.Depends, info.Recommends, info.Conflicts = b.depends.depends, b.depends.recommends, b.depends.conflicts
	info.Deb.Arch, info.RPM.Arch, info.APK.Arch, info.ArchLinux.Arch, info.IPK.Arch = b.arch, b.arch, b.arch, b.arch, b.arch
	info.Deb.Compression, info.RPM.Compression = b.opt.compression(plan.Deb), b.opt.compression(plan.RPM)
	info.RPM.BuildHost, info.RPM.Summary, info.RPM.Group = buildHost, oneLine(b.plan.Summary), rpmGroup
	info.ArchLinux.Packager = or(oneLine(b.plan.Maintainer), unknownPackager)
	for _, it := range b.items {
		c, err := b.content(it)
		if err != nil {
			return nil, err
		}
		info.Contents = append(info.Contents, c)
	}
	if err := b.scriptFiles(info); err != nil {
		return nil, err
	}
	return nfpm.WithDefaults(info), nil
}

// description is the text that nfpm spreads over the format's fields: archlinux
// has one line only.
func (b *bundle) description() string {
	if b.format == plan.Arch || b.format == plan.APK {
		return oneLine(b.plan.Summary)
	}
	return oneLine(b.plan.Summary) + "\n" + b.plan.Text
}

var contentTypes = map[plan.EntryType]string{
	plan.File:    files.TypeFile,
	plan.Dir_:    files.TypeDir,
	plan.Symlink: files.TypeSymlink,
}

// content is one item as nfpm wants it.
func (b *bundle) content(it *item) (*files.Content, error) {
	c := &files.Content{
		Destination: it.path, Source: it.file, Type: contentTypes[it.typ],
		FileInfo: &files.ContentFileInfo{
			Owner: it.owner, Group: it.group, Mode: os.FileMode(it.mode), MTime: b.mtime, Size: it.size,
		},
	}
	switch {
	case it.typ == plan.Symlink:
		c.Source = it.link
		c.FileInfo.Size = int64(len(it.link)) // else nfpm looks for the target on this host
	case it.conffile:
		c.Type = files.TypeConfigNoReplace
	}
	if it.typ != plan.File || it.file != "" {
		return c, nil
	}
	f, err := os.CreateTemp(b.work, "text-*")
	if err != nil {
		return nil, err
	}
	c.Source = f.Name()
	_, err = f.Write(it.data)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return c, err
}

// scriptFiles writes the maintainer scripts where nfpm reads them.
func (b *bundle) scriptFiles(info *nfpm.Info) error {
	fields := map[string]*string{
		"preinstall": &info.Scripts.PreInstall, "postinstall": &info.Scripts.PostInstall,
		"preremove": &info.Scripts.PreRemove, "postremove": &info.Scripts.PostRemove,
		"preupgrade": &info.ArchLinux.Scripts.PreUpgrade, "postupgrade": &info.ArchLinux.Scripts.PostUpgrade,
	}
	for _, name := range sortedKeys(b.scripts) {
		field, ok := fields[name]
		if !ok {
			return fmt.Errorf("nfpm has no script %q", name)
		}
		*field = filepath.Join(b.work, string(b.format)+"-"+name)
		if err := os.WriteFile(*field, []byte(b.scripts[name]), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// A cancelable ends whoever writes into it when the context does.
type cancelable struct {
	ctx context.Context
	w   io.Writer
}

func (c *cancelable) Write(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.w.Write(p)
}
