package place

import (
	"cmp"
	"strings"

	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/convert/plan"
	"github.com/nativize/nativize/templates"
)

// openRC writes the init script for Alpine.
func (x *placer) openRC(name string, s templates.Service, at []source.Pos) string {
	rc := templates.OpenRC{
		Name: name, Description: s.Description, Command: s.ExecStart[0].Args, User: s.User, Group: s.Group, Directory: s.WorkingDirectory,
		Forking: s.Type == "forking", PIDFile: s.PIDFile, After: []string{"net"},
	}
	if len(s.EnvironmentFiles) > 0 {
		rc.EnvFile = strings.TrimPrefix(s.EnvironmentFiles[0], "-")
	}
	for _, d := range x.p.Dirs {
		if d.Kind == plan.Run && d.Owner == s.User {
			rc.Dirs = append(rc.Dirs, templates.Dir{Path: d.Path, Mode: d.Mode, User: cmp.Or(d.Owner, "root"), Group: cmp.Or(d.Group, "root")})
		}
	}
	t, err := rc.Text()
	if err != nil {
		x.manual(at, "", "No init script for Alpine could be written for %s: %v.", name, err)
		return ""
	}
	return x.text("openrc/"+name, []byte(t.Text), 0o755, []plan.LineSource{{From: 1, To: strings.Count(t.Text, "\n"), At: at, Why: "the service on Alpine"}})
}

// openRCOf writes the init script of an existing unit.
func (x *placer) openRCOf(t unitText, text string) {
	if !strings.HasSuffix(t.name, ".service") || strings.Contains(t.name, "@") || setting(text, "Type") == "oneshot" {
		return
	}
	c := parseCommand(strings.TrimLeft(setting(text, "ExecStart"), "@-:+!"))
	if len(c.args) == 0 || strings.ContainsAny(setting(text, "ExecStart"), "$%") {
		return
	}
	dir := setting(text, "WorkingDirectory")
	if !plainPath(dir) {
		dir = ""
	}
	c.args[0] = x.resolve(c.args[0], dir)
	user := setting(text, "User")
	s := templates.Service{
		Description: cmp.Or(setting(text, "Description"), x.p.Summary), User: user, Group: cmp.Or(setting(text, "Group"), x.groupIfUser(user)), WorkingDirectory: dir,
		ExecStart: []templates.Command{{Args: c.args}}, Type: setting(text, "Type"), PIDFile: setting(text, "PIDFile"),
	}
	if f := setting(text, "EnvironmentFile"); f != "" {
		s.EnvironmentFiles = []string{f}
	}
	x.p.Units[len(x.p.Units)-1].OpenRC = x.openRC(strings.TrimSuffix(t.name, ".service"), s, t.at)
}
