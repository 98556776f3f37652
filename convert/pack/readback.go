package pack

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/nativize/nativize/convert/plan"
)

// verify reads the written package back and compares it with what was asked
// for: metadata, scripts, and each path with its type, mode, owner, group, link,
// size and conffile mark.
func (b *bundle) verify(ctx context.Context, name string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	l, err := Inspect(name)
	if err != nil {
		return err
	}
	var ps problems
	b.compare(l, &ps)
	return ps.err(b.name)
}

func (b *bundle) compare(l *Listing, ps *problems) {
	for _, f := range []struct{ what, got, want string }{
		{"format", string(l.Format), string(b.format)},
		{"name", l.Name, b.name},
		{"version", l.Version, b.full()},
		{"architecture", l.Arch, b.arch},
		{"summary", l.Summary, oneLine(b.plan.Summary)},
	} {
		if f.got != f.want {
			ps.add(b.format, nil, "the %s is %q, not %q", f.what, f.got, f.want)
		}
	}
	if !maps.EqualFunc(l.Scripts, b.scripts, sameScript) {
		ps.add(b.format, nil, "the maintainer scripts are not those of the plan")
	}
	b.compareFiles(l, ps)
}

func sameScript(a, b string) bool { return strings.Trim(a, "\n") == strings.Trim(b, "\n") }

func (b *bundle) compareFiles(l *Listing, ps *problems) {
	want := make(map[string]*item, len(b.items))
	for _, it := range b.items {
		want[it.path] = it
	}
	for _, f := range l.Files {
		it, ok := want[f.Path]
		if !ok {
			ps.add(b.format, &item{path: f.Path}, "it is in the package, not in the plan")
			continue
		}
		delete(want, f.Path)
		if got, asked := f.String(), b.listed(it).String(); got != asked {
			ps.add(b.format, it, "it is %s, not %s", got, asked)
		}
	}
	for _, it := range want {
		ps.add(b.format, it, "it is in the plan, not in the package")
	}
}

// listed is what Inspect finds of an item.
func (b *bundle) listed(it *item) ListedFile {
	f := ListedFile{
		Path: it.path, Type: it.typ, Mode: it.mode, Owner: it.owner, Group: it.group,
		Link: it.link, Conffile: it.conffile, Size: it.size,
	}
	if b.format == plan.APK {
		f.Conffile = false // apk keeps all of /etc
	}
	return f
}

// String returns what is compared. The mode of a symbolic link means nothing.
func (f ListedFile) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s ", f.Type)
	if f.Type == plan.Symlink {
		fmt.Fprintf(&b, "to %q", f.Link)
	} else {
		fmt.Fprintf(&b, "%#o", f.Mode)
	}
	if f.Owner != "" || f.Group != "" {
		fmt.Fprintf(&b, " %s:%s", f.Owner, f.Group)
	}
	if f.Type == plan.File {
		fmt.Fprintf(&b, " %d bytes", f.Size)
	}
	if f.Conffile {
		b.WriteString(" conffile")
	}
	return b.String()
}
