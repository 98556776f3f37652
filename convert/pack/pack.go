// Package pack writes a [plan.Package] as package files: .deb, .rpm, .apk,
// .pkg.tar.zst and .ipk, with checksums and a software bill of materials.
//
// The order is fixed: everything that can be wrong is looked for first and
// reported at once ([Error]), then each format is written below a temporary
// name, read back with [Inspect] and compared with the plan, and only when all
// formats stand are they renamed into place. The same plan and sources give the
// same bytes, signatures apart.
//
// deb, rpm, apk and archlinux are written by this package as streams, so that
// memory does not grow with the payload; ipk is written by nfpm, which also
// stands beside the others in the tests. docs/packing.md has the reasons and
// the measurements. A new format is one more element of the table writers.
package pack

import (
	"io/fs"
	"time"

	"github.com/nativize/nativize/convert/plan"
)

// Sources is where the bytes of the payload come from.
type Sources struct {
	Repo    fs.FS  // the repository; entries with [plan.Repo]
	RepoDir string // the directory behind Repo, to read without a copy; "" none
	Stage   string // directory of the staging tree, "" none; entries with [plan.Staged]

	// Scripts are the texts of the maintainer scripts, by format and by nfpm's
	// name: preinstall, postinstall, preremove, postremove; pretrans, posttrans
	// and verify on rpm; preupgrade, postupgrade on apk and archlinux.
	Scripts map[plan.Format]map[string]string
}

// Options say how a package is written.
type Options struct {
	OutDir  string        // created when missing
	Formats []plan.Format // nil means [plan.Formats]

	// Compression is by format, "name" or "name:level": gzip, zstd, xz, none on
	// deb; gzip, zstd on rpm; zstd on archlinux. Missing ones are "gzip:6" on deb,
	// "zstd:3" on rpm and archlinux. apk and ipk are always gzip.
	Compression map[plan.Format]string

	// SourceDateEpoch, seconds since 1970, takes the place of plan.Package.MTime
	// when it is not 0. See reproducible-builds.org, SOURCE_DATE_EPOCH.
	SourceDateEpoch int64

	Sign Signing

	// AllowSecrets are payload paths that may hold a private key: test keys of
	// a vendored library, say. Each is a path on the machine.
	AllowSecrets []string

	// Progress, when not nil, is called for each event, never by two goroutines
	// at once.
	Progress func(Event)

	// Parallel is how many formats may be written at once; 0 means one for each
	// processor. Payloads above 64 MiB are written one format after the other.
	Parallel int
}

// A Key is a private key in a file, or its text: PGP (armored or binary) for
// deb and rpm, PEM with an RSA key for apk. The zero Key is none.
type Key struct {
	File       string // path, "" when Data holds the key
	Data       []byte
	Passphrase string
}

// IsZero reports whether there is no key.
func (k Key) IsZero() bool { return k.File == "" && len(k.Data) == 0 }

// Signing holds the keys that packages are signed with.
type Signing struct {
	Deb, RPM, APK Key

	// APKKeyName names the public key below /etc/apk/keys, with or without
	// ".rsa.pub"; "" means the maintainer's address.
	APKKeyName string
}

// An Event is one step of a build.
type Event struct {
	Kind   EventKind
	Format plan.Format // "" for all
	Path   string      // file of OutDir, or path of the payload
	Done   int64       // bytes of payload written so far
	Total  int64       // bytes of payload
	Text   string      // of a Warning: one sentence, no full stop
}

// An EventKind says what an Event tells.
type EventKind string

// The kinds of events.
const (
	Checked  EventKind = "checked"  // the plan is in order; writing starts
	Writing  EventKind = "writing"  // Done of Total bytes
	Reading  EventKind = "reading"  // the artifact is read back
	Finished EventKind = "finished" // the artifact stands below its name
	Warning  EventKind = "warning"
)

// An Artifact is a file that was written.
type Artifact struct {
	Format plan.Format // "" for the checksums and the bill of materials
	Path   string      // OutDir joined with the name
	Size   int64       // bytes
	SHA256 string      // lower-case hexadecimal
}

// mtime returns the time that all of the package carries.
func mtime(p *plan.Package, opt Options) time.Time {
	if opt.SourceDateEpoch != 0 {
		return time.Unix(opt.SourceDateEpoch, 0).UTC()
	}
	return time.Unix(p.MTime, 0).UTC()
}

// formats returns the formats to write.
func (o Options) formats() []plan.Format {
	if o.Formats == nil {
		return plan.Formats
	}
	return o.Formats
}

// compression returns the compressor of a format.
func (o Options) compression(f plan.Format) string {
	if c := o.Compression[f]; c != "" {
		return c
	}
	switch f {
	case plan.Deb:
		return "gzip:6"
	case plan.RPM, plan.Arch:
		return "zstd:3"
	}
	return ""
}
