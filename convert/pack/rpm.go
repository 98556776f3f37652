package pack

import (
	"bytes"
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"github.com/nativize/nativize/convert/plan"
)

// writeRPM writes an rpm package, format version 4, as a stream: the payload
// goes through a temporary file, since its digests stand in the header before
// it. Member names are "./path", as rpmbuild writes them, so that unpacking
// with cpio(1) stays below the current directory.
//
// Source: rpm manual, "RPM V4 Package format".
func writeRPM(ctx context.Context, b *bundle, s *signers, f *os.File) error {
	c, _ := parseCompression(b.opt.compression(plan.RPM)) // checked before
	if c.level == 0 {
		c.level = map[string]int{"gzip": 6, "zstd": 3}[c.name]
	}
	r := &rpmPayload{b: b, compressed: sha256.New(), plain: sha256.New()}
	data, err := b.scratch(func(w io.Writer) error { return r.write(ctx, c, w) })
	if err != nil {
		return err
	}
	defer data.Close()
	size, err := data.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if _, err := data.Seek(0, io.SeekStart); err != nil {
		return err
	}
	header := b.rpmHeader(r, c).encode(tagImmutable)
	sig, err := r.signature(s, header, size)
	if err != nil {
		return err
	}
	sig = append(sig, make([]byte, (8-len(sig)%8)%8)...)
	for _, part := range [][]byte{rpmLead(b.name + "-" + b.full()), sig, header} {
		if _, err := f.Write(part); err != nil {
			return err
		}
	}
	_, err = io.Copy(f, data)
	return err
}

// signature returns the signature header. With a key it holds a signature over
// the header, whose digests cover the payload; rpm 4.14 and later check both.
func (r *rpmPayload) signature(s *signers, header []byte, payload int64) ([]byte, error) {
	h := rpmHeader{}
	sum1, sum256 := sha1.Sum(header), sha256.Sum256(header)
	h.text(sigSHA1, hex.EncodeToString(sum1[:]))
	h.text(sigSHA256, hex.EncodeToString(sum256[:]))
	h.size(sigSize, sigLongSize, int64(len(header))+payload)
	h.size(sigArchive, sigLongArchive, r.size)
	if s.rpm != nil {
		sig, err := s.rpm.detached(bytes.NewReader(header))
		if err != nil {
			return nil, fmt.Errorf("sign: %w", err)
		}
		tag := uint32(sigDSA)
		if s.rpm.isRSA() {
			tag = sigRSA
		}
		h.bytes(tag, sig)
	}
	return h.encode(tagSignatures), nil
}

// rpmHeader returns the header. The order of files is that of the payload.
func (b *bundle) rpmHeader(r *rpmPayload, c compressor) rpmHeader {
	h := rpmHeader{}
	h.texts(tagI18N, []string{"C"})
	h.text(tagName, b.name)
	h.text(tagVersion, b.version)
	h.text(tagRelease, b.release)
	if b.epoch != "" {
		h.int32(tagEpoch, epochNumber(b.epoch))
	}
	h.i18n(tagSummary, oneLine(b.plan.Summary))
	h.i18n(tagDescription, or(strings.Trim(b.plan.Text, "\n"), oneLine(b.plan.Summary)))
	h.int32(tagBuildTime, uint32(b.mtime.Unix()))
	h.text(tagBuildHost, buildHost)
	h.size(tagSize, tagLongSize, b.size)
	h.text(tagVendor, oneLine(b.plan.Vendor))
	h.text(tagLicense, or(oneLine(b.plan.License), "Unspecified"))
	h.text(tagPackager, oneLine(b.plan.Maintainer))
	h.i18n(tagGroup, rpmGroup)
	h.text(tagURL, oneLine(b.plan.Homepage))
	h.text(tagOS, "linux")
	h.text(tagArch, b.arch)
	h.text(tagSourceRPM, b.name+"-"+b.version+"-"+b.release+".src.rpm")
	h.text(tagEncoding, "utf-8")
	h.text(tagPayload, "cpio")
	h.text(tagCompressor, c.name)
	h.text(tagPayloadFlags, fmt.Sprint(c.level))
	h.texts(tagPayloadSum, []string{hex.EncodeToString(r.compressed.Sum(nil))})
	h.int32(tagPayloadAlgo, sha256Algo)
	h.texts(tagPayloadPlain, []string{hex.EncodeToString(r.plain.Sum(nil))})
	b.rpmScripts(h)
	b.rpmRelations(h, c)
	b.rpmChangelog(h)
	b.rpmFiles(h, r.digests)
	return h
}

func epochNumber(s string) uint32 {
	var n uint32
	fmt.Sscan(s, &n) // digits, checked before
	return n
}

// An rpmScript is a scriptlet: its tag, that of its interpreter, and the flag
// of the dependency on it.
type rpmScript struct{ tag, prog, sense uint32 }

// Source: rpm, include/rpm/rpmds.h, rpmsenseFlags.
var rpmScripts = map[string]rpmScript{
	"pretrans":    {tagPreTrans, tagPreTransProg, 1 << 7},
	"preinstall":  {tagPreIn, tagPreInProg, 1 << 9},
	"postinstall": {tagPostIn, tagPostInProg, 1 << 10},
	"preremove":   {tagPreUn, tagPreUnProg, 1 << 11},
	"postremove":  {tagPostUn, tagPostUnProg, 1 << 12},
	"posttrans":   {tagPostTrans, tagPostTransPrg, 1 << 5},
	"verify":      {tagVerifyScript, tagVerifyProg, 1 << 13},
}

func (b *bundle) rpmScripts(h rpmHeader) {
	for _, name := range sortedKeys(b.scripts) {
		s := rpmScripts[name]
		h.text(s.tag, b.scripts[name])
		h.text(s.prog, "/bin/sh")
	}
}

func (b *bundle) rpmChangelog(h rpmHeader) {
	var times []uint32
	var names, texts []string
	for _, r := range b.plan.Changelog {
		var text strings.Builder
		for _, c := range r.Changes {
			text.WriteString("- " + oneLine(c) + "\n")
		}
		times = append(times, uint32(r.Date))
		names = append(names, oneLine(or(r.Author, b.plan.Contact()))+" - "+oneLine(r.Version))
		texts = append(texts, strings.TrimRight(text.String(), "\n"))
	}
	h.int32s(tagLogTime, times)
	h.texts(tagLogName, names)
	h.texts(tagLogText, texts)
}

// The flags of files. Source: rpm, include/rpm/rpmfiles.h.
const (
	rpmConfig    = 1 << 0
	rpmDoc       = 1 << 1
	rpmNoReplace = 1 << 4
	rpmGhost     = 1 << 6
	rpmLicense   = 1 << 7
)

// rpmFiles writes the arrays with one element a file.
func (b *bundle) rpmFiles(h rpmHeader, digests []string) {
	n := len(b.items)
	var (
		bases, dirs, users, groups, links       = make([]string, n), []string{}, make([]string, n), make([]string, n), make([]string, n)
		dirOf, sizes, times, flags, inodes, dev = make([]uint32, n), make([]uint32, n), make([]uint32, n), make([]uint32, n), make([]uint32, n), make([]uint32, n)
		verify, modes, rdevs                    = make([]uint32, n), make([]uint16, n), make([]uint16, n)
		index                                   = map[string]uint32{}
	)
	for i, it := range b.items {
		dir, base := path.Split(it.path)
		if _, ok := index[dir]; !ok {
			index[dir] = uint32(len(dirs))
			dirs = append(dirs, dir)
		}
		bases[i], dirOf[i], users[i], groups[i], links[i] = base, index[dir], it.owner, it.group, it.link
		sizes[i], modes[i], times[i] = rpmSize(it), uint16(unixMode(it)), uint32(b.mtime.Unix())
		inodes[i], dev[i], verify[i] = uint32(i+1), 1, 0xffffffff
		flags[i] = rpmFlags(it)
	}
	for tag, list := range map[uint32][]string{
		tagBaseNames: bases, tagDirNames: dirs, tagFileUsers: users, tagFileGroups: groups,
		tagFileLinks: links, tagFileDigests: digests, tagFileLangs: make([]string, n),
	} {
		h.texts(tag, list)
	}
	for tag, list := range map[uint32][]uint32{
		tagDirIndexes: dirOf, tagFileSizes: sizes, tagFileMTimes: times, tagFileFlags: flags,
		tagFileInodes: inodes, tagFileDevices: dev, tagFileVerify: verify,
	} {
		h.int32s(tag, list)
	}
	h.int16s(tagFileModes, modes)
	h.int16s(tagFileRDevs, rdevs)
	h.int32(tagDigestAlgo, sha256Algo)
}

// rpmFlags marks conffiles, documentation and licences, as rpmbuild does by
// their place. Source: rpm, macros.in, _docdir_fmt and _defaultlicensedir.
func rpmFlags(it *item) uint32 {
	switch {
	case it.conffile:
		return rpmConfig | rpmNoReplace
	case it.typ == plan.Dir_:
		return 0
	case below(it.path, "/usr/share/doc"), below(it.path, "/usr/share/man"):
		return rpmDoc
	case below(it.path, "/usr/share/licenses"):
		return rpmLicense
	}
	return 0
}

// rpmSize is what rpm records as size: a directory counts one block.
func rpmSize(it *item) uint32 {
	switch it.typ {
	case plan.Dir_:
		return 4096
	case plan.Symlink:
		return uint32(len(it.link))
	}
	return uint32(it.size)
}

// unixMode is st_mode. Source: inode(7).
func unixMode(it *item) uint32 {
	switch it.typ {
	case plan.Dir_:
		return 0o040000 | it.mode
	case plan.Symlink:
		return 0o120000 | 0o777
	}
	return 0o100000 | it.mode
}

var errTooLarge = errors.New("rpm's cpio members hold less than 4 GiB")
