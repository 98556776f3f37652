package report

import (
	"strings"

	"github.com/nativize/nativize/analyze/model"
)

// A subject is one kind of fact. A new kind of fact is one element of
// subjects; every form, the comparison and the search then know it.
type subject struct {
	id    string   // field of the JSON form
	title string   // plural, for headings
	one   string   // singular
	head  []string // columns; the first names the fact
	key   []string // JSON fields that tell the same fact in two deployments
	rows  func(f *model.Facts) []row
}

// A row is one fact, as text.
type row struct {
	cells []string
	role  string // role of a path, "" none
	ev    model.Evidence
}

var subjects = []subject{
	{"users", "Accounts created", "account", []string{"Name", "Home", "Shell", "Kind", "Groups"}, []string{"name"}, func(f *model.Facts) []row {
		return rows(f.Users, func(u model.User) row {
			return row{cells: []string{u.Name, u.Home, u.Shell, accountKind(u.System), list(append([]string{u.Group}, u.Groups...))}, ev: u.Evidence}
		})
	}},
	{"groups", "Groups created", "group", []string{"Name", "GID"}, []string{"name"}, func(f *model.Facts) []row {
		return rows(f.Groups, func(g model.Group) row { return row{cells: []string{g.Name, g.GID}, ev: g.Evidence} })
	}},
	{"accounts_required", "Accounts that must exist", "account required", []string{"Name", "Kind"}, []string{"kind", "name"}, func(f *model.Facts) []row {
		return rows(f.Required, func(a model.Account) row { return row{cells: []string{a.Name, a.Kind}, ev: a.Evidence} })
	}},
	{"directories", "Directories", "directory", []string{"Path", "Role", "Owner", "Mode"}, []string{"path"}, func(f *model.Facts) []row {
		return rows(f.Directories, func(d model.Directory) row {
			return row{cells: []string{d.Path, d.Role, owner(d.Owner, d.Group), d.Mode}, role: d.Role, ev: d.Evidence}
		})
	}},
	{"config_files", "Configuration files", "configuration file", []string{"Path", "Made by", "From", "Owner", "Notes"}, []string{"path"}, func(f *model.Facts) []row {
		return rows(f.ConfigFiles, func(c model.ConfigFile) row {
			return row{cells: []string{c.Path, c.How, c.From, strings.TrimSpace(owner(c.Owner, c.Group) + " " + c.Mode), configNotes(c)}, role: model.RoleConfig, ev: c.Evidence}
		})
	}},
	{"files", "Other files", "file", []string{"Path", "From", "Owner", "Mode"}, []string{"path"}, func(f *model.Facts) []row {
		return rows(f.Files, func(x model.File) row {
			return row{cells: []string{x.Path, x.From, owner(x.Owner, x.Group), x.Mode}, role: orElse(x.Role, model.RoleOther), ev: x.Evidence}
		})
	}},
	{"symlinks", "Symbolic links", "symbolic link", []string{"Path", "Target"}, []string{"path"}, func(f *model.Facts) []row {
		return rows(f.Symlinks, func(l model.Symlink) row { return row{cells: []string{l.Path, l.Target}, ev: l.Evidence} })
	}},
	{"services", "Services", "service", []string{"Name", "Manager", "Actions", "Definition"}, []string{"name", "manager"}, func(f *model.Facts) []row {
		return rows(f.Services, func(s model.Service) row {
			return row{cells: []string{s.Name, s.Manager, strings.Join(s.Actions, ", "), serviceFrom(s)}, ev: s.Evidence}
		})
	}},
	{"units", "Programs run as services", "program", []string{"Name", "Kind", "Command", "User", "Directory"}, []string{"name", "kind"}, func(f *model.Facts) []row {
		return rows(f.Units, func(u model.Unit) row {
			return row{cells: []string{u.Name, u.Kind, u.Exec, owner(u.User, u.Group), u.Dir}, ev: u.Evidence}
		})
	}},
	{"sites", "Web server sites", "site", []string{"Path", "Server", "Serves", "Passes to"}, []string{"server", "path", "from"}, func(f *model.Facts) []row {
		return rows(f.Sites, func(s model.Site) row {
			return row{cells: []string{orElse(s.Path, s.From), s.Server, list(s.Roots), list(s.Upstream)}, ev: s.Evidence}
		})
	}},
	{"packages", "Packages of the distribution", "package", []string{"Name", "Via"}, []string{"name", "via"}, func(f *model.Facts) []row {
		return rows(f.Packages, func(p model.OSPackage) row { return row{cells: []string{p.Name, p.Via}, ev: p.Evidence} })
	}},
	{"language_packages", "Builds and language packages", "build", []string{"Tool", "What", "Environment", "Directory"}, []string{"tool", "what", "environment"}, func(f *model.Facts) []row {
		return rows(f.Languages, func(l model.LangDep) row {
			return row{cells: []string{l.Tool, l.What, l.Environment, l.Dir}, ev: l.Evidence}
		})
	}},
	{"downloads", "Downloads", "download", []string{"URL", "Verified", "To"}, []string{"url"}, func(f *model.Facts) []row {
		return rows(f.Downloads, func(d model.Download) row {
			return row{cells: []string{d.URL, yesNo(d.Verified), d.To}, ev: d.Evidence}
		})
	}},
	{"cron", "Periodic jobs", "periodic job", []string{"Command", "Schedule", "User", "Path"}, []string{"path", "command"}, func(f *model.Facts) []row {
		return rows(f.Cron, func(c model.Cron) row {
			return row{cells: []string{c.Command, c.Schedule, c.User, c.Path}, ev: c.Evidence}
		})
	}},
	{"migrations", "Migrations of data", "migration", []string{"Command", "As", "Directory"}, []string{"command"}, func(f *model.Facts) []row {
		return rows(f.Migrations, func(m model.Migration) row { return row{cells: []string{m.Command, m.As, m.Dir}, ev: m.Evidence} })
	}},
	{"backups", "Backups", "backup", []string{"Command"}, []string{"command"}, func(f *model.Facts) []row {
		return rows(f.Backups, func(b model.Backup) row { return row{cells: []string{b.Command}, ev: b.Evidence} })
	}},
	{"secrets", "Credentials found", "credential", []string{"Kind"}, []string{"rule"}, func(f *model.Facts) []row {
		return rows(f.Secrets, func(s model.Secret) row { return row{cells: []string{s.Rule}, ev: s.Evidence} })
	}},
	{"remotes", "Machines reached", "machine", []string{"Host", "User", "Via"}, []string{"host", "user", "via"}, func(f *model.Facts) []row {
		return rows(f.Remotes, func(r model.Remote) row { return row{cells: []string{r.Host, r.User, r.Via}, ev: r.Evidence} })
	}},
	{"steps", "Other changes to the machine", "change", []string{"Command", "Kind"}, []string{"kind", "command"}, func(f *model.Facts) []row {
		return rows(f.Steps, func(s model.Step) row { return row{cells: []string{s.Command, s.Kind}, ev: s.Evidence} })
	}},
}

func rows[T any](facts []T, of func(T) row) []row {
	out := make([]row, len(facts))
	for i, f := range facts {
		out[i] = of(f)
	}
	return out
}

func accountKind(system *bool) string {
	switch {
	case system == nil:
		return ""
	case *system:
		return "system"
	}
	return "login"
}

func owner(user, group string) string {
	if group == "" {
		return user
	}
	return user + ":" + group
}

func list(items []string) string {
	var out []string
	for _, s := range items {
		if s != "" {
			out = append(out, s)
		}
	}
	return strings.Join(out, ", ")
}

func configNotes(c model.ConfigFile) string {
	var notes []string
	if c.InCodeDir {
		notes = append(notes, "in the code directory")
	}
	if c.Secret {
		notes = append(notes, "holds a credential")
	}
	if c.Once {
		notes = append(notes, "made once, then kept")
	}
	if len(c.Holes) > 0 {
		notes = append(notes, "needs "+strings.Join(c.Holes, ", "))
	}
	if c.Reader != "" {
		notes = append(notes, "read through "+c.Reader)
	}
	return strings.Join(notes, "; ")
}

func serviceFrom(s model.Service) string {
	switch {
	case s.UnitFrom != "" && s.UnitPath != "":
		return s.UnitFrom + " -> " + s.UnitPath
	case s.UnitFrom != "":
		return s.UnitFrom
	case s.UnitPath != "":
		return s.UnitPath
	case s.Own:
		return "own"
	}
	return "of another package"
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
