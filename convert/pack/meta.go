package pack

import (
	"net/mail"
	"net/url"
	"strconv"
	"strings"

	"github.com/nativize/nativize/convert/plan"
)

const (
	// buildHost is recorded in rpms in place of the machine's name, so that two
	// machines give the same bytes.
	buildHost = "localhost"
	// rpmGroup is the tag that old rpm tools still ask for.
	rpmGroup = "Unspecified"
)

// checkMeta holds the descriptive fields against what every format can carry.
func checkMeta(p *plan.Package, ps *problems) {
	if oneLine(p.Summary) == "" {
		ps.add("", nil, "the summary is empty; describe the package in one line")
	}
	for _, field := range []struct{ name, value string }{
		{"summary", p.Summary}, {"maintainer", p.Maintainer}, {"vendor", p.Vendor},
		{"homepage", p.Homepage}, {"license", p.License}, {"section", p.Section},
	} {
		if !printable(field.value) {
			ps.add("", nil, "the %s holds a line break or a control character", field.name)
		}
	}
	if strings.ContainsRune(p.Text, 0) {
		ps.add("", nil, "the description holds a NUL byte")
	}
	// Debian Policy 5.6.2: name and address
	if a, err := mail.ParseAddress(p.Contact()); err != nil || a.Name == "" {
		ps.add("", nil, "%q is not a maintainer; write \"Name <address>\"", p.Maintainer)
	}
	if u, err := url.Parse(p.Homepage); err != nil || p.Homepage != "" && (u.Scheme == "" || u.Host == "") {
		ps.add("", nil, "%q is not an address of the Web", p.Homepage)
	}
}

// A compressor is a name with a level; level 0 is the compressor's own choice.
type compressor struct {
	name  string
	level int
}

// compressors are those that each format may choose, with their highest level.
var compressors = map[plan.Format]map[string]int{
	plan.Deb:  {"gzip": 9, "zstd": 22, "xz": 0, "none": 0},
	plan.RPM:  {"gzip": 9, "zstd": 22},
	plan.Arch: {"zstd": 22},
}

func parseCompression(s string) (compressor, bool) {
	name, level, found := strings.Cut(s, ":")
	if !found {
		return compressor{name: name}, true
	}
	n, err := strconv.Atoi(level)
	return compressor{name, n}, err == nil && n > 0
}

func checkCompression(f plan.Format, s string, ps *problems) {
	if s == "" {
		return
	}
	c, ok := parseCompression(s)
	highest, known := compressors[f][c.name]
	if !ok || !known || c.level > highest {
		ps.add(f, nil, "compression %q is not one of %s", s, strings.Join(sortedKeys(compressors[f]), ", "))
	}
}
