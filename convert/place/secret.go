package place

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/input"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/value"
	"github.com/nativize/nativize/convert/plan"
	"github.com/nativize/nativize/templates"
)

// isEnvFile tells of files of environment variables that systemd can read.
func (x *placer) isEnvFile(c *conf) bool {
	base := path.Base(c.old)
	return base == ".env" || strings.HasPrefix(base, ".env.") || slices.ContainsFunc(x.f.Units, func(u model.Unit) bool {
		return strings.TrimPrefix(u.EnvFile, "-") == c.old
	})
}

// keyName is a name by which the form of a configuration file is known.
func keyName(c *conf) string {
	if strings.HasPrefix(path.Base(c.old), ".env") {
		return ".env"
	}
	return path.Base(c.old)
}

// withoutSecrets replaces values that are credentials. It reports whether the
// file is made to hold one.
func withoutSecrets(to, old, text string) (string, bool) {
	lines := strings.Split(text, "\n")
	secret := false
	name := keyName(&conf{old: old, to: to})
	for _, k := range input.Keys(name, []byte(text)) {
		if !k.Secret {
			continue
		}
		secret = true
		if i := k.At.Line - 1; !k.Blank && !k.Disabled && i >= 0 && i < len(lines) && k.Value != "" {
			if j := strings.LastIndex(lines[i], k.Value); j > 0 {
				lines[i] = lines[i][:j] + "changeme" + lines[i][j+len(k.Value):]
			}
		}
	}
	return strings.Join(lines, "\n"), secret
}

// envText is a .env file in the form that systemd and sh read alike.
func (x *placer) envText(c *conf, text string) string {
	out, problems := templates.DotEnv([]byte(text))
	for _, p := range problems {
		x.manual(c.at, "", "%s: %s; systemd reads no such line.", c.to, p.String())
	}
	return out
}

// computed gives the shell that prints what a hole of a configuration file
// stands for, when the package can compute it on the machine itself.
func computed(h *value.Hole) string {
	name := strings.ToLower(h.Name)
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(name, w) })
	}
	switch {
	case h.Kind == value.Fact && has("hostname", "host"):
		return "uname -n"
	case h.Kind == value.Fact && has("nproc", "cpu"):
		return "getconf _NPROCESSORS_ONLN"
	case (h.Kind == value.Output || h.Kind == value.Fact || h.Kind == value.Unknown) && has("hostname"):
		return "uname -n"
	case (h.Kind == value.Output || h.Kind == value.Content || h.Kind == value.Unknown) && has("openssl_rand", "urandom", "uuidgen", "pwgen", "random"),
		h.Kind == value.Output && input.LooksSecret(h.Name):
		return `head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n'`
	}
	return ""
}

// generated makes a file on the machine when the script computed values for it
// there: a secret, the name of the host. Such a file is no conffile.
func (x *placer) generated(c *conf, text string) bool {
	if x.host == nil || len(c.holes) == 0 || c.repo != "" {
		return false
	}
	v, ok := x.host.Text(x.where, c.old)
	if !ok {
		return false
	}
	values := map[string]string{}
	for _, h := range v.Holes() {
		if sh := computed(h); sh != "" {
			values["@"+h.Name+"@"] = sh
		}
	}
	if len(values) == 0 {
		return false
	}
	template := "/usr/share/" + x.p.Name + "/" + path.Base(c.to) + ".template"
	src := x.text("templates/"+path.Base(c.to)+".template", []byte(text), 0o644, []plan.LineSource{{From: 1, To: max(1, strings.Count(text, "\n")), At: c.at, Why: "written by the script"}})
	x.add(plan.Entry{Path: template, Type: plan.File, Origin: plan.Text_, Src: src, Mode: 0o644, At: c.at, Why: "template of " + c.to})
	x.p.Steps = append(x.p.Steps, plan.Step{
		Kind: plan.Generate, Moment: plan.Configure, Name: path.Base(c.to), Path: c.to, Source: template, Values: values,
		Mode: 0o640, Group: x.groupOf(x.account), At: c.at, Why: "values of this machine",
	})
	x.mark(c.at, plan.PartHook, c.to, "made once on the machine, with values computed there")
	c.holes = slices.DeleteFunc(c.holes, func(h string) bool { return values["@"+h+"@"] != "" })
	x.ask4values(c, text)
	return true
}
