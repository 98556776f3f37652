package pack

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/google/uuid"

	"github.com/nativize/nativize/convert/plan"
)

// billName is the file name of the bill of materials.
func billName(p *plan.Package) string { return p.Name + "_" + p.Version + ".cdx.json" }

// billOfMaterials returns a CycloneDX document: the package, the artifacts with
// their checksums, the libraries bundled in the payload, and what it depends on
// for each format. Serial number and time come from the contents, not from
// chance or the clock.
//
// Source: CycloneDX 1.6, JSON reference.
func billOfMaterials(p *plan.Package, bundles []*bundle, all []Artifact, at time.Time) ([]byte, error) {
	bom := cdx.NewBOM()
	bom.SerialNumber = "urn:uuid:" + serial(p, all).String()
	root := application(p)
	bom.Metadata = &cdx.Metadata{Timestamp: at.Format(time.RFC3339), Component: &root}
	if p.Maintainer != "" {
		bom.Metadata.Authors = &[]cdx.OrganizationalContact{{Name: oneLine(p.Maintainer)}}
	}
	bundled, err := libraries(bundles)
	if err != nil {
		return nil, err
	}
	components := append(artifactComponents(bundles, all), bundled...)
	needed := dependencies(bundles)
	components = append(components, needed...)
	bom.Components = &components
	bom.Dependencies = graph(root.BOMRef, append(bundled, needed...))
	var buf bytes.Buffer
	err = cdx.NewBOMEncoder(&buf, cdx.BOMFileFormatJSON).SetPretty(true).EncodeVersion(bom, cdx.SpecVersion1_6)
	return buf.Bytes(), err
}

// serial is derived from the checksums: the same packages, the same number.
func serial(p *plan.Package, all []Artifact) uuid.UUID {
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%s\n%s", p.Name, p.Version, checksums(all))
	return uuid.NewHash(h, uuid.NameSpaceURL, h.Sum(nil), 8)
}

func application(p *plan.Package) cdx.Component {
	c := cdx.Component{
		BOMRef: p.Name + "@" + p.Version, Type: cdx.ComponentTypeApplication, Name: p.Name, Version: p.Version,
		Description: oneLine(p.Summary),
	}
	if p.License != "" {
		c.Licenses = &cdx.Licenses{{Expression: oneLine(p.License)}}
	}
	if p.Homepage != "" {
		c.ExternalReferences = &[]cdx.ExternalReference{{Type: cdx.ERTypeWebsite, URL: oneLine(p.Homepage)}}
	}
	return c
}

func artifactComponents(bundles []*bundle, all []Artifact) []cdx.Component {
	var list []cdx.Component
	for i, b := range bundles {
		name := filepath.Base(all[i].Path)
		list = append(list, cdx.Component{
			BOMRef: "file:" + name, Type: cdx.ComponentTypeFile, Name: name, Version: b.full(),
			PackageURL: packageURL(b.format, b.name, b.full(), b.arch),
			Hashes:     &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: all[i].SHA256}},
		})
	}
	return list
}

// dependencies are the packages that each format asks for. Their versions are
// those of the machine, hence not told.
func dependencies(bundles []*bundle) []cdx.Component {
	var list []cdx.Component
	for _, b := range bundles {
		for _, d := range b.depends.depends {
			list = append(list, cdx.Component{
				BOMRef: string(b.format) + ":" + d, Type: cdx.ComponentTypeLibrary, Name: d,
				Description: "dependency of the " + string(b.format) + " package", Scope: cdx.ScopeRequired,
			})
		}
	}
	return list
}

func graph(root string, on []cdx.Component) *[]cdx.Dependency {
	refs := make([]string, len(on))
	for i, c := range on {
		refs[i] = c.BOMRef
	}
	return &[]cdx.Dependency{{Ref: root, Dependencies: &refs}}
}

var purlTypes = map[plan.Format]string{plan.Deb: "deb", plan.RPM: "rpm", plan.APK: "apk", plan.Arch: "alpm"}

// packageURL returns the purl, "" on formats without one.
// Source: package-url specification.
func packageURL(f plan.Format, name, version, arch string) string {
	typ, ok := purlTypes[f]
	if !ok {
		return ""
	}
	return "pkg:" + typ + "/" + purlEscape(name) + "@" + purlEscape(version) + "?arch=" + purlEscape(arch)
}

// purlEscape leaves letters, digits and .-_~: alone, and percent-encodes the
// rest.
func purlEscape(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte(".-_~:", c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
