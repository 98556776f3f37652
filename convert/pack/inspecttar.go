package pack

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/convert/plan"
)

// tarball reads apk, archlinux and ipk packages: compressed tars that tell
// themselves apart by their members.
func (in *inspector) tarball(r io.Reader) error {
	z, err := decompress(r, in.limit)
	if err != nil {
		return err
	}
	defer z.Close()
	tr := tar.NewReader(z)
	for n := 0; ; n++ {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			if n == 0 {
				return errNoPackage
			}
			return err
		}
		if err := in.member(h, tr); err != nil {
			return err
		}
	}
	if in.Format == "" {
		return errNoPackage
	}
	in.pkginfo()
	return nil
}

// member takes one member of the outer tar.
func (in *inspector) member(h *tar.Header, r io.Reader) error {
	name := strings.TrimPrefix(h.Name, "./")
	switch {
	case strings.HasPrefix(name, ".SIGN."):
		in.Signed = true
		return nil
	case in.Format != plan.IPK && strings.HasPrefix(name, ".") && !strings.Contains(name, "/"):
		return in.special(name, r)
	case in.Format == "" && name == "debian-binary":
		in.Format = plan.IPK
		return nil
	case in.Format == plan.IPK && strings.HasPrefix(name, "control.tar"):
		return in.debControl(r)
	case in.Format == plan.IPK && strings.HasPrefix(name, "data.tar"):
		return in.data(r)
	}
	return in.tarEntry(h, r) // nfpm writes archlinux payloads before .PKGINFO
}

// special takes a member that describes the package. apk has .PKGINFO first of
// all, makepkg and nfpm write it before or after the payload.
func (in *inspector) special(name string, r io.Reader) error {
	if in.Format == "" {
		in.Format = plan.Arch
	}
	switch name {
	case ".PKGINFO":
		text, err := readAll(r, maxControl)
		if err == nil {
			in.parsePkginfo(string(text))
		}
		return err
	case ".INSTALL":
		text, err := readAll(r, maxScript)
		if err == nil {
			in.parseInstall(string(text))
		}
		return err
	}
	for script, member := range apkScripts {
		if member == name {
			text, err := readAll(r, maxScript)
			in.Format, in.Scripts[script] = plan.APK, string(text)
			return err
		}
	}
	return nil
}

// data reads a tar that holds the payload alone.
func (in *inspector) data(r io.Reader) error {
	z, err := decompress(r, in.limit)
	if err != nil {
		return err
	}
	defer z.Close()
	tr := tar.NewReader(z)
	for {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := in.tarEntry(h, tr); err != nil {
			return err
		}
	}
}

var tarTypes = map[byte]plan.EntryType{
	tar.TypeReg: plan.File, tar.TypeDir: plan.Dir_, tar.TypeSymlink: plan.Symlink, tar.TypeLink: Hardlink,
	tar.TypeChar: Device, tar.TypeBlock: Device, tar.TypeFifo: Fifo,
}

// tarEntry takes one member of the payload.
func (in *inspector) tarEntry(h *tar.Header, r io.Reader) error {
	if h.Typeflag == tar.TypeXGlobalHeader {
		return nil
	}
	typ, ok := tarTypes[h.Typeflag]
	if !ok {
		return fmt.Errorf("%q is of the unknown type %q", h.Name, h.Typeflag)
	}
	if len(h.Name) > maxPath || len(h.Linkname) > maxPath {
		return fmt.Errorf("%.40q ...: the path is too long", h.Name)
	}
	name := path.Join("/", h.Name)
	if name == "/" {
		return nil
	}
	f := ListedFile{
		Path: name, Type: typ, Mode: uint32(h.Mode & 0o7777), Link: h.Linkname, Size: h.Size,
		Owner: or(h.Uname, account(h.Uid)), Group: or(h.Gname, account(h.Gid)),
	}
	switch typ {
	case Hardlink:
		f.Link = path.Join("/", h.Linkname)
	case plan.Symlink:
		f.Mode = 0o777
	}
	return in.add(f, r)
}

func account(id int) string {
	if id == 0 {
		return "root"
	}
	return fmt.Sprintf("#%d", id)
}

// parsePkginfo reads .PKGINFO: "name = value" lines, names repeat.
func (in *inspector) parsePkginfo(text string) {
	for line := range strings.Lines(text) {
		name, value, ok := strings.Cut(strings.TrimRight(line, "\r\n"), " = ")
		if !ok || strings.HasPrefix(name, "#") {
			continue
		}
		in.Fields[name] = append(in.Fields[name], value)
	}
	if _, ok := in.Fields["datahash"]; ok {
		in.Format = plan.APK
	}
}

// pkginfo sets what .PKGINFO told.
func (in *inspector) pkginfo() {
	if in.Format == plan.IPK {
		return
	}
	in.Name, in.Version, in.Arch = in.field("pkgname"), in.field("pkgver"), in.field("arch")
	in.Summary, in.Provides, in.Conflicts = in.field("pkgdesc"), in.Fields["provides"], in.Fields["conflict"]
	in.Recommends = in.Fields["optdepend"]
	for _, d := range in.Fields["depend"] {
		if c, ok := strings.CutPrefix(d, "!"); ok && in.Format == plan.APK {
			in.Conflicts = append(in.Conflicts, c)
		} else {
			in.Depends = append(in.Depends, d)
		}
	}
	for _, name := range in.Fields["backup"] {
		in.conffiles[path.Join("/", name)] = true
	}
}

// archScripts are the functions of .INSTALL.
var archScripts = map[string]string{
	"pre_install": "preinstall", "post_install": "postinstall", "pre_upgrade": "preupgrade",
	"post_upgrade": "postupgrade", "pre_remove": "preremove", "post_remove": "postremove",
}

// parseInstall reads .INSTALL, a file of bash functions. One that does not
// parse is kept whole, as script "install".
func (in *inspector) parseInstall(text string) {
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), ".INSTALL")
	if err != nil {
		in.Scripts["install"] = text
		return
	}
	for _, stmt := range file.Stmts {
		fn, ok := stmt.Cmd.(*syntax.FuncDecl)
		if !ok {
			continue
		}
		name, known := archScripts[fn.Name.Value]
		body, block := fn.Body.Cmd.(*syntax.Block)
		if known && block {
			in.Scripts[name] = strings.Trim(text[body.Lbrace.Offset()+1:body.Rbrace.Offset()], "\n") + "\n"
		}
	}
}
