package pack

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/nativize/nativize/convert/plan"
)

// The types of entries that plans do not have, but packages made by others do.
const (
	Hardlink plan.EntryType = "hardlink" // Link is the path of the other name
	Device   plan.EntryType = "device"
	Fifo     plan.EntryType = "fifo"
)

// A Listing is what a package file holds, read without unpacking it.
type Listing struct {
	Format  plan.Format
	Name    string
	Version string // with epoch and release, as the format writes it
	Arch    string // in the format's words
	Summary string
	Files   []ListedFile // sorted by path; without the root directory

	// Scripts are the maintainer scripts by nfpm's names, see [Sources].
	Scripts map[string]string

	Depends, Recommends, Conflicts, Provides []string

	// Fields are all fields of the control data, in lower case: those of the
	// control file or .PKGINFO; name, license, vendor ... of an rpm.
	Fields map[string][]string

	Signed bool // there is a signature; nothing checked it
}

// A ListedFile is one path of a package.
type ListedFile struct {
	Path      string // absolute, clean
	Type      plan.EntryType
	Mode      uint32 // permission bits with setuid, setgid, sticky; 0777 of a symlink
	Owner     string // name, or "#" and the number where there is none
	Group     string
	Link      string
	Conffile  bool // dpkg conffile, rpm %config, pacman backup
	Ghost     bool // rpm %ghost: owned, not shipped
	NoReplace bool // rpm %config(noreplace): an edited file stays, the new one comes beside it
	Size      int64
	Digest    string // SHA-256 or MD5 in hexadecimal where the format records it, else ""
}

// File returns the entry of an absolute path.
func (l *Listing) File(path string) (ListedFile, bool) {
	i, ok := slices.BinarySearchFunc(l.Files, path, func(f ListedFile, p string) int { return strings.Compare(f.Path, p) })
	if !ok {
		return ListedFile{}, false
	}
	return l.Files[i], true
}

// A Visitor is called for each entry of the payload, in the archive's order,
// with the bytes of regular files; the reader is of no use later. Conffile,
// Ghost and Digest are not set yet.
type Visitor func(f ListedFile, r io.Reader) error

// Inspect lists the .deb, .rpm, .apk, .pkg.tar.zst (or other compression) or
// .ipk at path, by its contents, not its name. It reads packages of any maker
// and trusts none: sizes, counts and ratios have bounds. Packages of format
// version 2 (deb before 1995), 3 (rpm before 4.0) or of apk-tools 3 are errors.
func Inspect(path string) (*Listing, error) {
	return inspectFile(path, nil)
}

// Walk is Inspect with a look at the contents: it calls visit for each entry.
// An error of visit ends it and is returned.
func Walk(path string, visit Visitor) (*Listing, error) {
	if visit == nil {
		visit = func(ListedFile, io.Reader) error { return nil }
	}
	return inspectFile(path, visit)
}

func inspectFile(path string, visit Visitor) (*Listing, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	l, err := inspect(f, info.Size(), visit)
	if err != nil {
		return nil, fmt.Errorf("read package %q: %w", path, err)
	}
	return l, nil
}

var errNoPackage = errors.New("this is no deb, rpm, apk, archlinux or ipk package")

// inspect lists the package that r holds in size bytes.
func inspect(r io.ReaderAt, size int64, visit Visitor) (*Listing, error) {
	head := make([]byte, 8)
	n, err := r.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	in := &inspector{
		Listing: &Listing{Scripts: map[string]string{}, Fields: map[string][]string{}},
		visit:   visit, limit: 64<<20 + size*maxRatio, conffiles: map[string]bool{}, digests: map[string]string{},
	}
	body := io.NewSectionReader(r, 0, size)
	switch head = head[:n]; {
	case bytes.Equal(head, []byte("!<arch>\n")):
		err = in.deb(body)
	case bytes.HasPrefix(head, []byte{0xed, 0xab, 0xee, 0xdb}):
		err = in.rpm(body)
	case bytes.HasPrefix(head, []byte("ADB")):
		return nil, errors.New("this is a package of apk-tools 3, which cannot be read yet")
	default:
		err = in.tarball(body)
	}
	if err != nil {
		return nil, err
	}
	return in.finish(), nil
}

// An inspector fills a Listing.
type inspector struct {
	*Listing
	visit     Visitor // nil: contents are skipped
	limit     int64   // bytes that compressed members may unpack to
	conffiles map[string]bool
	digests   map[string]string
}

// finish joins what stands apart in the archive and sorts.
func (in *inspector) finish() *Listing {
	for i := range in.Files {
		f := &in.Files[i]
		f.Conffile = f.Conffile || in.conffiles[f.Path]
		f.Digest = or(f.Digest, in.digests[f.Path])
	}
	slices.SortStableFunc(in.Files, func(a, b ListedFile) int { return strings.Compare(a.Path, b.Path) })
	return in.Listing
}

// add takes an entry with its bytes.
func (in *inspector) add(f ListedFile, r io.Reader) error {
	if len(in.Files) >= maxFiles {
		return errTooMuch
	}
	in.Files = append(in.Files, f)
	if in.visit == nil {
		return nil
	}
	return in.visit(f, r)
}

// field returns the first value of a field.
func (l *Listing) field(name string) string {
	if v := l.Fields[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}
