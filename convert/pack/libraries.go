package pack

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"

	"github.com/nativize/nativize/convert/plan"
)

// maxManifest is how much of a library's own description is read.
const maxManifest = 1 << 20

// A library is a bundled dependency, as its package manager left it in the
// payload.
type library struct{ kind, name, version, license string }

// finders tell libraries by the files that package managers leave.
var finders = []struct {
	claims func(name string) bool
	read   func(data []byte) []library
}{
	{isPython, readPython},
	{isNode, readNode},
	{isComposer, readComposer},
}

// libraries lists the bundled libraries of the payload, sorted, each once.
func libraries(bundles []*bundle) ([]cdx.Component, error) {
	var found []library
	seen := map[string]bool{}
	for _, b := range bundles {
		for _, it := range b.items {
			if it.typ != plan.File || seen[it.path] {
				continue
			}
			for _, f := range finders {
				if !f.claims(it.path) {
					continue
				}
				seen[it.path] = true
				data, err := manifest(it)
				if err != nil {
					return nil, fmt.Errorf("read %q: %w", it.path, err)
				}
				found = append(found, f.read(data)...)
			}
		}
	}
	return libraryComponents(found), nil
}

func manifest(it *item) ([]byte, error) {
	r, err := it.open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, maxManifest))
}

func libraryComponents(found []library) []cdx.Component {
	slices.SortFunc(found, func(a, b library) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.name, b.name), cmp.Compare(a.version, b.version))
	})
	found = slices.CompactFunc(found, func(a, b library) bool {
		return a.kind == b.kind && a.name == b.name && a.version == b.version
	})
	var list []cdx.Component
	for _, l := range found {
		if l.name == "" || l.version == "" {
			continue
		}
		purl := l.purl()
		c := cdx.Component{BOMRef: purl, Type: cdx.ComponentTypeLibrary, Name: l.name, Version: l.version, PackageURL: purl}
		if l.license != "" {
			c.Licenses = &cdx.Licenses{{License: &cdx.License{Name: oneLine(l.license)}}}
		}
		list = append(list, c)
	}
	return list
}

func (l library) purl() string {
	name := l.name
	if l.kind == "pypi" {
		name = strings.ReplaceAll(strings.ToLower(name), "_", "-")
	}
	parts := strings.Split(name, "/")
	for i, p := range parts {
		parts[i] = purlEscape(p)
	}
	return "pkg:" + l.kind + "/" + strings.Join(parts, "/") + "@" + purlEscape(l.version)
}

// isPython: core metadata of an installed distribution, PEP 376 and 566.
func isPython(name string) bool {
	return path.Base(name) == "METADATA" && strings.HasSuffix(path.Dir(name), ".dist-info") ||
		path.Base(name) == "PKG-INFO" && strings.HasSuffix(path.Dir(name), ".egg-info")
}

func readPython(data []byte) []library {
	l := library{kind: "pypi"}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if line == "" {
			break // the description follows
		}
		key, value, _ := strings.Cut(line, ": ")
		switch key {
		case "Name":
			l.name = value
		case "Version":
			l.version = value
		case "License-Expression":
			l.license = value
		case "License":
			l.license = or(l.license, value)
		}
	}
	return []library{l}
}

// isNode: package.json at the top of an installed module.
func isNode(name string) bool {
	if path.Base(name) != "package.json" {
		return false
	}
	dir := path.Dir(name)
	up := path.Dir(dir)
	return path.Base(up) == "node_modules" || strings.HasPrefix(path.Base(up), "@") && path.Base(path.Dir(up)) == "node_modules"
}

func readNode(data []byte) []library {
	var m struct {
		Name, Version string
		License       any
	}
	if json.Unmarshal(data, &m) != nil {
		return nil // some modules ship templates below that name
	}
	license, _ := m.License.(string)
	return []library{{kind: "npm", name: m.Name, version: m.Version, license: license}}
}

// isComposer: the list that Composer 2 keeps of a vendor directory.
func isComposer(name string) bool { return strings.HasSuffix(name, "/vendor/composer/installed.json") }

func readComposer(data []byte) []library {
	var m struct {
		Packages []struct {
			Name, Version string
			License       []string
		}
	}
	if json.Unmarshal(data, &m) != nil {
		return nil
	}
	var list []library
	for _, p := range m.Packages {
		list = append(list, library{kind: "composer", name: p.Name, version: p.Version, license: strings.Join(p.License, " OR ")})
	}
	return list
}
