package target

import (
	"fmt"
	"io/fs"
	"strings"

	"github.com/nativize/nativize/convert/plan"
	"github.com/nativize/nativize/templates"
)

// checkers writes the configuration of rpmlint; lintian reads its overrides
// from the payload.
var checkers = &Target{Name: "rpmlint", Doc: "findings of rpmlint that are wanted", Emit: emitCheckers}

func emitCheckers(p *plan.Package, _ Options) ([]File, error) {
	r := &refs{}
	t, err := templates.Rpmlint{Overrides: rpmlintOverrides(p)}.Text()
	if err != nil {
		return nil, err
	}
	return []File{r.file("packaging/rpmlint.toml", 0o644, t)}, nil
}

// lintianOverrides are the findings that follow from what was decided, with the
// reason. Everything else that lintian finds is to be mended.
func lintianOverrides(p *plan.Package) []templates.Override {
	var out []templates.Override
	add := func(tag, context, why string) {
		out = append(out, templates.Override{Tag: tag, Context: context, Why: why})
	}
	if len(p.Changelog) > 0 {
		add("initial-upload-closes-no-bugs", "*", "site-local package: there is no bug tracker entry to close")
	}
	if optional(p) {
		add("dir-or-file-in-opt", "*", "paths below /opt are hard-wired in the code")
	}
	if hasBelow(p, "/etc/cron.d") {
		add("missing-systemd-timer-for-cron-script", "*", "kept from the old deployment")
	}
	if len(p.TakeOver.State) > 0 {
		add("recursive-privilege-change", "*", "of a private copy of the old state, before it is moved into place")
	}
	for _, e := range p.Payload {
		if !in(e, plan.Deb) {
			continue
		}
		m := entryMode(e)
		switch {
		case e.Type == plan.File && e.Secret && m != 0o644:
			add("non-standard-file-perm", fmt.Sprintf("%04o != 0644 [%s]", m, lintianPath(e.Path)), "holds credentials; postinst gives it to the service's group")
		case e.Type == plan.Dir_ && foreign(e) && m != 0o755:
			add("non-standard-dir-perm", fmt.Sprintf("%04o != 0755 [%s/]", m, lintianPath(e.Path)), "shared with the account that postinst gives it to")
		}
	}
	return out
}

// lintianPath is a path in the context of an override, where * and ? match.
func lintianPath(p string) string {
	return strings.NewReplacer("*", "?", `\`, "?").Replace(strings.TrimPrefix(p, "/"))
}

func rpmlintOverrides(p *plan.Package) []templates.Override {
	out := []templates.Override{
		{Tag: "no-signature", Why: "signed when it is published, not when it is built"},
		{Tag: "no-documentation", Why: "the deployment had none"},
		{Tag: "symlink-should-be-relative", Why: "Debian Policy 10.5 wants links between top-level directories absolute"},
	}
	if optional(p) {
		out = append(out, templates.Override{Tag: "dir-or-file-in-opt", Why: "paths below /opt are hard-wired in the code"})
	}
	for _, e := range p.Payload {
		if e.Secret || foreign(e) {
			out = append(out, templates.Override{Tag: "non-standard-[ug]id", Why: "pre makes the account before the payload is laid down"},
				templates.Override{Tag: "non-readable", Why: "holds credentials"})
			break
		}
	}
	if s, err := rpmScripts(p); err == nil && len(s) > 0 {
		out = append(out, templates.Override{Tag: "dangerous-command-in-%p", Why: "the take-over moves files of the old deployment, on the first installation only"})
	}
	return out
}

// optional tells whether the payload is below /opt.
func optional(p *plan.Package) bool { return hasBelow(p, "/opt") }

func hasBelow(p *plan.Package, dir string) bool {
	for _, e := range p.Payload {
		if below(e.Path, dir) && e.Type != plan.Dir_ {
			return true
		}
	}
	return false
}

// fsMode turns permission bits of the plan into a file mode.
func fsMode(bits uint32) fs.FileMode {
	m := fs.FileMode(bits & 0o777)
	if bits&0o4000 != 0 {
		m |= fs.ModeSetuid
	}
	if bits&0o2000 != 0 {
		m |= fs.ModeSetgid
	}
	if bits&0o1000 != 0 {
		m |= fs.ModeSticky
	}
	return m
}
