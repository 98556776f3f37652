package verify

import (
	"io"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/convert/pack"
	"github.com/nativize/nativize/convert/plan"
)

// maxText is the size up to which a payload file's text is kept: enough for
// every unit, sysusers.d file and configuration file.
const maxText = 256 << 10

// FromFile reads the package file at path, of any maker. It runs nothing of it.
func FromFile(name string) (*Package, error) {
	texts := map[string][]byte{}
	l, err := pack.Walk(name, func(f pack.ListedFile, r io.Reader) error {
		if f.Type != plan.File || f.Size > maxText || r == nil {
			return nil
		}
		b, err := io.ReadAll(io.LimitReader(r, maxText+1))
		texts[f.Path] = b
		return err
	})
	if err != nil {
		return nil, err
	}
	p := &Package{Format: l.Format, Name: l.Name, Version: l.Version, Depends: l.Depends, Scripts: map[string]Script{}}
	for name, text := range l.Scripts {
		p.Scripts[name] = Script{Name: shown(l.Format, name), Text: text}
	}
	for _, f := range l.Files {
		if file, ok := fromListed(l.Format, f, texts[f.Path]); ok {
			p.Files = append(p.Files, file)
		}
	}
	p.sort()
	return p, nil
}

// shown is the name of a maintainer script as its format knows it.
func shown(f plan.Format, name string) string {
	if s, ok := scriptFiles[f][name]; ok {
		_, base, _ := strings.Cut(s, "/")
		return base
	}
	return name
}

func fromListed(format plan.Format, f pack.ListedFile, text []byte) (File, bool) {
	out := File{Path: f.Path, Mode: f.Mode, Owner: f.Owner, Group: f.Group, Link: f.Link}
	switch f.Type {
	case plan.Dir_:
		out.Kind = host.Dir
	case plan.Symlink:
		out.Kind = host.Link
	case plan.File, pack.Hardlink:
		out.Kind = host.Regular
		out.Content = listedContent(f, text)
	default:
		return out, false
	}
	if f.Ghost {
		return out, false
	}
	if f.Conffile {
		out.Config = Conffile
		if format == plan.RPM && !f.NoReplace {
			out.Config = Replaced
		}
	}
	return out, true
}

func listedContent(f pack.ListedFile, text []byte) *host.Content {
	if text != nil && !strings.ContainsRune(string(text), 0) {
		return literal(string(text))
	}
	return &host.Content{Kind: host.Extracted, Path: f.Path, URL: f.Digest}
}
