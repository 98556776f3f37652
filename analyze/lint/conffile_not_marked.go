package lint

import (
	"path"
	"regexp"
	"strings"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/lazyregexp"
)

var conffileNotMarked = &Rule{
	ID: "conffile-not-marked", Group: Packaging, Severity: diag.Error, Confidence: diag.High, Repo: true,
	Doc: Doc{
		Title:      "A package ships configuration that is not marked as such",
		Text:       "A file below /etc that the manifest lists as any other is replaced at each upgrade: the administrator's edits are lost. debhelper marks them by itself; nfpm and rpm have to be told.",
		Bad:        "-- nfpm.yaml --\nname: shop\ncontents:\n  - src: shop.ini\n    dst: /etc/shop/shop.ini\n",
		Good:       "-- nfpm.yaml --\nname: shop\ncontents:\n  - src: shop.ini\n    dst: /etc/shop/shop.ini\n    type: config|noreplace\n",
		Exceptions: "Directories, links and files of profile.d, cron.d and the like that nobody edits count too: they are below /etc, where edits are kept.",
		Since:      "0.1",
		References: []string{"Debian Policy 10.7", "nfpm documentation, \"contents\"", "rpm documentation, %config(noreplace)"},
	},
	Run: func(p *Pass) {
		for _, f := range p.judged() {
			if f.Ignored || !f.IsRegular() || vendored(f.Path) {
				continue
			}
			switch base := path.Base(f.Path); {
			case nfpmName.MatchString(base):
				p.manifestConffiles(f.Path)
			case path.Ext(base) == ".spec":
				p.specConffiles(f.Path)
			}
		}
	},
}

var manifestDst = lazyregexp.New(`^(\s*)(-\s+)?dst:\s*["']?(/etc/[^\s"'#]+)`)

// manifestConffiles looks at the entries of a manifest of nfpm: a block that
// begins with a dash and holds dst and type.
func (p *Pass) manifestConffiles(name string) {
	last := len(p.starts(name))
	for n := 1; n <= last; n++ {
		m := manifestDst.FindStringSubmatch(p.Line(name, n))
		if m == nil {
			continue
		}
		entry := p.manifestEntry(name, n, last)
		if strings.Contains(entry, "type: dir") || strings.Contains(entry, "type: symlink") || strings.Contains(entry, "type: tree") || strings.Contains(entry, "type: ghost") || regexp.MustCompile(`type:\s*["']?config`).MatchString(entry) {
			continue
		}
		p.Report(Report{At: p.LineSpan(name, n), Effect: m[3], Message: m[3] + " is packed as an ordinary file: each upgrade replaces it, with what the administrator changed", Help: "type: config|noreplace"})
	}
}

// manifestEntry is the text of the list entry that a line belongs to.
func (p *Pass) manifestEntry(name string, n, last int) string {
	from, to := n, n
	for from > 1 && !strings.HasPrefix(strings.TrimSpace(p.Line(name, from)), "- ") {
		from--
	}
	for to < last && !strings.HasPrefix(strings.TrimSpace(p.Line(name, to+1)), "- ") && strings.TrimSpace(p.Line(name, to+1)) != "" && strings.HasPrefix(p.Line(name, to+1), " ") {
		to++
	}
	var b strings.Builder
	for i := from; i <= to; i++ {
		b.WriteString(strings.TrimPrefix(strings.TrimSpace(p.Line(name, i)), "- ") + "\n")
	}
	return b.String()
}

var specEtc = lazyregexp.New(`(^|\s)(/etc|%\{_sysconfdir\})/\S+`)

// specConffiles looks at the lines of %files.
func (p *Pass) specConffiles(name string) {
	inFiles := false
	last := len(p.starts(name))
	for n := 1; n <= last; n++ {
		line := p.Line(name, n)
		if section.MatchString(line) {
			inFiles = strings.HasPrefix(line, "%files")
			continue
		}
		if m := specEtc.FindString(line); inFiles && m != "" && !strings.Contains(line, "%config") && !strings.Contains(line, "%dir") && !strings.Contains(line, "%ghost") && !strings.HasPrefix(line, "#") && !strings.HasSuffix(m, "/") {
			p.Report(Report{At: p.LineSpan(name, n), Effect: strings.TrimSpace(m), Message: strings.TrimSpace(m) + " is packed as an ordinary file: each upgrade replaces it, with what the administrator changed", Help: "%config(noreplace) in front of it"})
		}
	}
}
