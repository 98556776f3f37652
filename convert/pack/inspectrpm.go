package pack

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/nativize/nativize/convert/plan"
)

// The bounds of headers. Source: rpm, lib/header.c.
const (
	maxTags  = 0xffff
	maxStore = 256 << 20
)

// rpm reads an rpm package: lead, signature header, header, payload.
func (in *inspector) rpm(r io.Reader) error {
	in.Format = plan.RPM
	b := bufio.NewReaderSize(r, 64<<10)
	lead := make([]byte, 96)
	if _, err := io.ReadFull(b, lead); err != nil {
		return errors.New("the lead is cut off")
	}
	if lead[4] < 3 || binary.BigEndian.Uint16(lead[6:]) != 0 {
		return errors.New("this is a source package, or of format version 2")
	}
	sig, n, err := readHeader(b)
	if err != nil {
		return fmt.Errorf("signature header: %w", err)
	}
	if _, err := b.Discard((8 - n%8) % 8); err != nil {
		return errors.New("the signature header is cut off")
	}
	for _, tag := range []uint32{sigDSA, sigRSA, sigPGP, 1005} { // 1005 is GPG
		_, ok := sig[tag]
		in.Signed = in.Signed || ok
	}
	h, _, err := readHeader(b)
	if err != nil {
		return fmt.Errorf("header: %w", err)
	}
	in.rpmMeta(h)
	files, err := in.rpmList(h)
	if err != nil {
		return err
	}
	if in.visit == nil {
		in.Files = files
		return nil
	}
	return in.rpmPayload(b, files)
}

// readHeader reads one header and returns it with its length.
func readHeader(r io.Reader) (rpmHeader, int, error) {
	intro := make([]byte, 16)
	if _, err := io.ReadFull(r, intro); err != nil {
		return nil, 0, errors.New("it is cut off")
	}
	if !bytes.HasPrefix(intro, []byte{0x8e, 0xad, 0xe8, 0x01}) {
		return nil, 0, errors.New("the magic number is wrong")
	}
	tags, size := binary.BigEndian.Uint32(intro[8:]), binary.BigEndian.Uint32(intro[12:])
	if tags > maxTags || size > maxStore {
		return nil, 0, fmt.Errorf("%d tags in %d bytes: %w", tags, size, errTooMuch)
	}
	total := int64(tags)*16 + int64(size)
	data, err := readAll(io.LimitReader(r, total), total)
	if err != nil {
		return nil, 0, err
	}
	if int64(len(data)) != total {
		return nil, 0, errors.New("it is cut off")
	}
	h, err := parseHeader(data[:tags*16], data[tags*16:])
	return h, 16 + len(data), err
}

// parseHeader cuts the store into entries.
func parseHeader(index, store []byte) (rpmHeader, error) {
	h := rpmHeader{}
	for ; len(index) >= 16; index = index[16:] {
		tag, kind := binary.BigEndian.Uint32(index), binary.BigEndian.Uint32(index[4:])
		offset, count := binary.BigEndian.Uint32(index[8:]), binary.BigEndian.Uint32(index[12:])
		if uint64(offset) > uint64(len(store)) || uint64(count) > uint64(len(store)) {
			return nil, fmt.Errorf("tag %d lies outside of the header", tag)
		}
		e := rpmEntry{kind, count, store[offset:]}
		if width := rpmWidth[kind]; width > 0 {
			if uint64(count)*width > uint64(len(e.data)) {
				return nil, fmt.Errorf("tag %d is longer than the header", tag)
			}
			e.data = e.data[:uint64(count)*width]
		}
		h[tag] = e
	}
	return h, nil
}

var rpmWidth = map[uint32]uint64{rpmInt8: 1, rpmInt16: 2, rpmInt32: 4, rpmInt64: 8, rpmBinary: 1}

// strings returns the texts of a tag.
func (h rpmHeader) strings(tag uint32) []string {
	e, ok := h[tag]
	if !ok || e.kind != rpmString && e.kind != rpmStrings && e.kind != rpmI18N {
		return nil
	}
	var list []string
	rest := e.data
	for range e.count {
		s, after, ok := bytes.Cut(rest, []byte{0})
		if !ok {
			break
		}
		list, rest = append(list, string(s)), after
	}
	return list
}

func (h rpmHeader) string(tag uint32) string {
	if list := h.strings(tag); len(list) > 0 {
		return list[0]
	}
	return ""
}

// numbers returns the integers of a tag, whatever their width.
func (h rpmHeader) numbers(tag uint32) []uint64 {
	e := h[tag]
	width := rpmWidth[e.kind]
	if width == 0 || e.kind == rpmBinary {
		return nil
	}
	list := make([]uint64, 0, e.count)
	for data := e.data; uint64(len(data)) >= width; data = data[width:] {
		var n uint64
		for _, c := range data[:width] {
			n = n<<8 | uint64(c)
		}
		list = append(list, n)
	}
	return list
}

// rpmFields are the texts that become fields.
var rpmFields = map[string]uint32{
	"name": tagName, "version": tagVersion, "release": tagRelease, "summary": tagSummary, "description": tagDescription,
	"buildhost": tagBuildHost, "vendor": tagVendor, "license": tagLicense, "packager": tagPackager, "group": tagGroup,
	"url": tagURL, "os": tagOS, "arch": tagArch, "sourcerpm": tagSourceRPM, "payloadcompressor": tagCompressor,
}

func (in *inspector) rpmMeta(h rpmHeader) {
	for name, tag := range rpmFields {
		if s := h.string(tag); s != "" {
			in.Fields[name] = []string{s}
		}
	}
	in.Name, in.Arch, in.Summary = h.string(tagName), h.string(tagArch), h.string(tagSummary)
	in.Version = h.string(tagVersion) + "-" + h.string(tagRelease)
	if e := h.numbers(tagEpoch); len(e) > 0 {
		in.Version = fmt.Sprintf("%d:%s", e[0], in.Version)
	}
	for name, s := range rpmScripts {
		if text := h.string(s.tag); text != "" {
			in.Scripts[name] = text
		}
	}
	in.Depends = h.relations(tagRequireName, tagRequireVer, tagRequireFlags)
	in.Recommends = h.relations(tagRecommend, tagRecommendVer, tagRecommendFlg)
	in.Conflicts = h.relations(tagConflictName, tagConflictVer, tagConflictFlag)
	in.Provides = h.relations(tagProvideName, tagProvideVer, tagProvideFlags)
}

// relations returns dependencies as text, without those on rpm itself and on
// the interpreter of a script.
func (h rpmHeader) relations(name, version, flags uint32) []string {
	var list []string
	versions, senses := h.strings(version), h.numbers(flags)
	for i, s := range h.strings(name) {
		var sense uint64
		if i < len(senses) {
			sense = senses[i]
		}
		if sense&(rpmLib|rpmInterp) != 0 || strings.HasPrefix(s, "rpmlib(") {
			continue
		}
		for op, bits := range rpmSenses {
			if sense&(rpmLess|rpmGreater|rpmEqual) == uint64(bits) && i < len(versions) && versions[i] != "" {
				s += " " + op + " " + versions[i]
			}
		}
		list = append(list, s)
	}
	return list
}

// rpmList returns the files of the header in its order.
func (in *inspector) rpmList(h rpmHeader) ([]ListedFile, error) {
	names, err := h.fileNames()
	if err != nil {
		return nil, err
	}
	modes, flags, sizes := h.numbers(tagFileModes), h.numbers(tagFileFlags), h.numbers(tagFileSizes)
	if long := h.numbers(tagLongFiles); long != nil {
		sizes = long
	}
	if len(modes) != len(names) || len(sizes) != len(names) {
		return nil, errors.New("the lists of files in the header differ in length")
	}
	users, groups := h.strings(tagFileUsers), h.strings(tagFileGroups)
	links, digests := h.strings(tagFileLinks), h.strings(tagFileDigests)
	files := make([]ListedFile, len(names))
	for i := range files {
		f := &files[i]
		f.Path, f.Size = names[i], int64(sizes[i])
		f.Type, f.Mode = rpmType(modes[i]), uint32(modes[i]&0o7777)
		f.Owner, f.Group, f.Link, f.Digest = at(users, i), at(groups, i), at(links, i), at(digests, i)
		if i < len(flags) {
			f.Conffile, f.Ghost, f.NoReplace = flags[i]&rpmConfig != 0, flags[i]&rpmGhost != 0, flags[i]&rpmNoReplace != 0
		}
		if f.Type != plan.File {
			f.Size = 0
		}
		if f.Type == plan.Symlink {
			f.Mode = 0o777
		}
	}
	return files, nil
}

func at(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return ""
}

// rpmType reads the type out of st_mode. Source: inode(7).
func rpmType(mode uint64) plan.EntryType {
	switch mode & 0o170000 {
	case 0o040000:
		return plan.Dir_
	case 0o120000:
		return plan.Symlink
	case 0o100000, 0:
		return plan.File
	case 0o010000:
		return Fifo
	}
	return Device
}

// fileNames joins directories and base names, or takes the old form.
func (h rpmHeader) fileNames() ([]string, error) {
	if old := h.strings(tagOldFilenames); old != nil {
		for i := range old {
			old[i] = path.Join("/", old[i])
		}
		return old, nil
	}
	bases, dirs, index := h.strings(tagBaseNames), h.strings(tagDirNames), h.numbers(tagDirIndexes)
	if len(index) != len(bases) || len(bases) > maxFiles {
		return nil, errors.New("the lists of files in the header differ in length")
	}
	for i, base := range bases {
		if index[i] >= uint64(len(dirs)) {
			return nil, fmt.Errorf("file %.80q is in no directory", base)
		}
		dir := dirs[index[i]]
		if len(dir)+len(base) > maxPath {
			return nil, fmt.Errorf("%.40q ...: the path is too long", base)
		}
		bases[i] = path.Join("/", dir, base)
	}
	return bases, nil
}
