package pack

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"time"

	"github.com/nativize/nativize/convert/plan"
)

// debChangelog returns /usr/share/doc/NAME/changelog.Debian.gz, or changelog.gz
// of a version without a Debian revision, or nil without a changelog.
//
// Source: Debian Policy 4.4 and 12.7.
func debChangelog(b *bundle) *item {
	if len(b.plan.Changelog) == 0 {
		return nil
	}
	name := "changelog.Debian.gz"
	if b.release == "" {
		name = "changelog.gz"
	}
	var text strings.Builder
	for _, r := range b.plan.Changelog {
		debRelease(&text, b, r)
	}
	data := gzipped([]byte(text.String()))
	return &item{
		path: "/usr/share/doc/" + b.name + "/" + name, typ: plan.File, mode: 0o644,
		owner: "root", group: "root", data: data, size: int64(len(data)),
	}
}

// debRelease writes one entry of a Debian changelog.
func debRelease(w *strings.Builder, b *bundle, r plan.Release) {
	version := r.Version
	if version == b.plan.Version {
		version = b.full()
	}
	fmt.Fprintf(w, "%s (%s) unstable; urgency=medium\n\n", b.name, version)
	for _, c := range r.Changes {
		for i, line := range strings.Split(strings.TrimSpace(c), "\n") {
			bullet := "  * "
			if i > 0 {
				bullet = "    "
			}
			w.WriteString(strings.TrimRight(bullet+oneLine(line), " ") + "\n")
		}
	}
	date := time.Unix(r.Date, 0).UTC().Format("Mon, 02 Jan 2006 15:04:05 -0700")
	fmt.Fprintf(w, "\n -- %s  %s\n\n", oneLine(or(r.Author, b.plan.Contact())), date)
}

// gzipped compresses with neither name nor time in the header, as gzip -9n.
func gzipped(data []byte) []byte {
	var buf bytes.Buffer
	z, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	if err != nil {
		panic(err) // the level is a constant
	}
	z.Write(data) // a bytes.Buffer takes everything
	z.Close()
	return buf.Bytes()
}

// oneLine makes text safe for a field of one line: control characters become
// spaces, runs of spaces one.
func oneLine(s string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)), " ")
}
