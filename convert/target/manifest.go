package target

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/nativize/nativize/convert/plan"
)

// manifest writes nfpm.yaml, which plain nfpm reads: in the output directory,
// nfpm pkg -f packaging/nfpm.yaml -p deb.
var manifest = &Target{Name: "nfpm", Doc: "packaging/nfpm.yaml, which plain nfpm reads", Emit: emitManifest}

func emitManifest(p *plan.Package, opt Options) ([]File, error) {
	m := &manifestWriter{p: p, opt: opt}
	root, err := m.document()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(root); err != nil {
		return nil, err
	}
	out := []File{{Path: "packaging/nfpm.yaml", Data: b.Bytes(), Mode: 0o644, Lines: m.lines(b.Bytes())}}
	if len(p.Changelog) > 0 {
		text, err := changelog(p)
		if err != nil {
			return nil, err
		}
		out = append(out, File{Path: "packaging/changelog.yaml", Data: text, Mode: 0o644})
	}
	return out, nil
}

type manifestWriter struct {
	p        *plan.Package
	opt      Options
	contents []plan.Entry // one for each element of contents
}

// document is the whole manifest, in nfpm's own order.
func (m *manifestWriter) document() (*yaml.Node, error) {
	p := m.p
	top := mapping()
	add(top, "name", str(p.Name))
	add(top, "arch", str(p.Arch))
	add(top, "platform", str("linux"))
	addString(top, "epoch", p.Epoch)
	add(top, "version", str(p.Version))
	add(top, "version_schema", str("none"))
	addString(top, "release", or(p.Release, "1"))
	addString(top, "section", or(p.Section, "misc"))
	add(top, "priority", str("optional"))
	addString(top, "maintainer", noDollar(p.Contact()))
	add(top, "description", str(noDollar(description(p))))
	addString(top, "vendor", noDollar(p.Vendor))
	addString(top, "homepage", strings.ReplaceAll(p.Homepage, "$", "%24"))
	addString(top, "license", p.License)
	if len(p.Changelog) > 0 {
		add(top, "changelog", str("packaging/changelog.yaml"))
	}
	add(top, "disable_globbing", scalar("!!bool", "true"))
	add(top, "mtime", scalar("!!timestamp", time.Unix(p.MTime, 0).UTC().Format(time.RFC3339)))
	add(top, "contents", m.list())
	add(top, "deb", pairs("compression", "gzip:6"))
	add(top, "rpm", pairs("group", "Unspecified", "summary", noDollar(p.Summary), "compression", "zstd", "buildhost", "localhost"))
	over, err := m.overrides()
	if err != nil {
		return nil, err
	}
	add(top, "overrides", over)
	top.HeadComment = "Manifest of " + p.Name + " for nfpm, read from the directory above packaging/:\n" +
		"    nfpm pkg -f packaging/nfpm.yaml -p deb"
	return &yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{top}}, nil
}

// description is the summary line and the text below it.
func description(p *plan.Package) string {
	s := or(p.Summary, p.Name)
	if p.Text != "" {
		s += "\n" + strings.TrimRight(p.Text, "\n")
	}
	return s
}

// noDollar separates each $ from a name after it: nfpm expands variables in
// these fields and knows no escape.
func noDollar(s string) string {
	var b strings.Builder
	for i, c := range []byte(s) {
		b.WriteByte(c)
		if c == '$' && i+1 < len(s) && s[i+1] != ' ' && s[i+1] != '\n' {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// list is contents: one element a path, and one a format where they differ.
func (m *manifestWriter) list() *yaml.Node {
	seq := &yaml.Node{Kind: yaml.SequenceNode}
	all := slices.Concat(m.p.Payload, ExtraEntries(m.p))
	slices.SortStableFunc(all, func(a, b plan.Entry) int { return strings.Compare(a.Path, b.Path) })
	for _, e := range all {
		for _, v := range variants(e) {
			seq.Content = append(seq.Content, m.content(v.entry, v.packager))
			m.contents = append(m.contents, e)
		}
	}
	return seq
}

// A variant is an entry for one packager, or for all with "".
type variant struct {
	entry    plan.Entry
	packager string
}

// variants splits an entry where the formats need different owners: a deb and a
// pacman package name root only.
func variants(e plan.Entry) []variant {
	if len(e.Formats) == 0 && !foreign(e) {
		return []variant{{e, ""}}
	}
	formats := e.Formats
	if len(formats) == 0 {
		formats = append(slices.Clone(plan.Formats), plan.IPK)
	}
	var out []variant
	for _, f := range formats {
		one := e
		if f != plan.RPM && f != plan.APK {
			one.Owner, one.Group = "", ""
		}
		out = append(out, variant{one, string(f)})
	}
	return out
}

// content is one element of contents.
func (m *manifestWriter) content(e plan.Entry, packager string) *yaml.Node {
	n := mapping()
	if src := m.source(e); src != "" {
		add(n, "src", str(src))
	}
	add(n, "dst", str(e.Path))
	addString(n, "type", contentType(e))
	addString(n, "packager", packager)
	info := mapping()
	if e.Type != plan.Tree {
		// nfpm makes a directory of a link without a mode whose target is one
		add(info, "mode", scalar("!!int", "0"+strconv.FormatUint(uint64(entryMode(e)), 8)))
	}
	addString(info, "owner", e.Owner)
	addString(info, "group", e.Group)
	if len(info.Content) > 0 {
		info.Style = yaml.FlowStyle
		add(n, "file_info", info)
	}
	return n
}

func contentType(e plan.Entry) string {
	switch {
	case e.Type == plan.Symlink, e.Type == plan.Dir_, e.Type == plan.Tree:
		return string(e.Type)
	case e.Conffile:
		return "config|noreplace"
	}
	return ""
}

// source is where the bytes are, from the output directory.
func (m *manifestWriter) source(e plan.Entry) string {
	switch {
	case e.Type == plan.Symlink:
		return e.Src
	case e.Type == plan.Dir_:
		return ""
	case e.Origin == plan.Text_:
		return path.Join("packaging", e.Src)
	case e.Origin == plan.Staged:
		return path.Join("stage", e.Src)
	}
	return m.opt.SourcePrefix + e.Src
}

// overrides are what differs by format.
func (m *manifestWriter) overrides() (*yaml.Node, error) {
	out := mapping()
	for _, f := range append(slices.Clone(plan.Formats), plan.IPK) {
		n := mapping()
		for _, l := range []struct {
			key  string
			deps []string
		}{{"depends", m.p.Depends[f]}, {"recommends", m.p.Recommends[f]}, {"conflicts", m.p.Conflicts[f]}} {
			list, err := dependencies(f, l.deps)
			if err != nil {
				return nil, err
			}
			if len(list.Content) > 0 {
				add(n, l.key, list)
			}
		}
		if err := m.scripts(n, f); err != nil {
			return nil, err
		}
		if len(n.Content) > 0 {
			add(out, string(f), n)
		}
	}
	return out, nil
}

// dependencies are copied by nfpm as they are, except that it expands variables.
func dependencies(f plan.Format, deps []string) (*yaml.Node, error) {
	seq := &yaml.Node{Kind: yaml.SequenceNode}
	for _, d := range deps {
		if d == "" || strings.ContainsAny(d, "$\n\x00") || strings.TrimSpace(d) != d {
			return nil, fmt.Errorf("dependency %q of %s is not well-formed", d, f)
		}
		seq.Content = append(seq.Content, str(d))
	}
	return seq, nil
}

// scripts names the maintainer scripts of a format: the common four, and those
// that nfpm keeps below the format's own key.
func (m *manifestWriter) scripts(n *yaml.Node, f plan.Format) error {
	list, err := scripts(m.p, f)
	if err != nil {
		return err
	}
	common, own := mapping(), mapping()
	for _, s := range list {
		to := common
		if slices.Contains([]string{"posttrans", "preupgrade", "postupgrade"}, s.hook) {
			to = own
		}
		add(to, s.hook, str(scriptPath(f, s.file)))
	}
	if len(common.Content) > 0 {
		add(n, "scripts", common)
	}
	if len(own.Content) > 0 {
		sub := mapping()
		add(sub, "scripts", own)
		add(n, string(f), sub)
	}
	return nil
}

// lines finds the elements of contents in the text and ties them to the plan.
func (m *manifestWriter) lines(text []byte) []plan.LineSource {
	var doc yaml.Node
	if yaml.Unmarshal(text, &doc) != nil {
		return nil
	}
	top := doc.Content[0]
	var out []plan.LineSource
	for i := 0; i+1 < len(top.Content); i += 2 {
		if top.Content[i].Value != "contents" {
			continue
		}
		for j, n := range top.Content[i+1].Content {
			e := m.contents[j]
			if len(e.At) > 0 || e.Why != "" {
				out = append(out, plan.LineSource{From: n.Line, To: lastLine(n), At: e.At, Why: e.Why})
			}
		}
	}
	return out
}

func lastLine(n *yaml.Node) int {
	last := n.Line
	for _, c := range n.Content {
		last = max(last, lastLine(c))
	}
	return last
}

func mapping() *yaml.Node { return &yaml.Node{Kind: yaml.MappingNode} }

func scalar(tag, v string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: v} }

// str is a string, quoted where it would read as something else.
func str(v string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(v)
	return n
}

func add(m *yaml.Node, key string, v *yaml.Node) {
	m.Content = append(m.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, v)
}

func addString(m *yaml.Node, key, v string) {
	if v != "" {
		add(m, key, str(v))
	}
}

func pairs(kv ...string) *yaml.Node {
	m := mapping()
	for i := 0; i+1 < len(kv); i += 2 {
		addString(m, kv[i], kv[i+1])
	}
	return m
}

// changelog is the changelog in chglog's form, which nfpm reads.
func changelog(p *plan.Package) ([]byte, error) {
	seq := &yaml.Node{Kind: yaml.SequenceNode}
	for _, rel := range p.Changelog {
		n := mapping()
		add(n, "semver", str(rel.Version+"-"+or(p.Release, "1")))
		add(n, "date", scalar("!!timestamp", time.Unix(rel.Date, 0).UTC().Format(time.RFC3339)))
		add(n, "packager", str(or(rel.Author, p.Contact())))
		changes := &yaml.Node{Kind: yaml.SequenceNode}
		for _, c := range rel.Changes {
			changes.Content = append(changes.Content, pairs("note", c))
		}
		add(n, "changes", changes)
		deb := pairs("urgency", "medium")
		dists := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle, Content: []*yaml.Node{str("stable")}}
		add(deb, "distributions", dists)
		add(n, "deb", deb)
		seq.Content = append(seq.Content, n)
	}
	return yaml.Marshal(seq)
}
