package input

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/model"
)

// Tmpfiles reads declarations of directories and files.
var Tmpfiles = &Kind{
	Name:   "tmpfiles",
	Doc:    "files and directories made at boot: tmpfiles.d(5)",
	Claims: func(p string, head []byte) bool { return claimsDropIn(p, head, "tmpfiles") },
	read:   readTmpfiles,
}

// Sysusers reads declarations of accounts.
var Sysusers = &Kind{
	Name:   "sysusers",
	Doc:    "system users and groups: sysusers.d(5)",
	Claims: func(p string, head []byte) bool { return claimsDropIn(p, head, "sysusers") },
	read:   readSysusers,
}

// claimsDropIn tells whether p is in NAME.d, or is NAME.conf, x.NAME or
// x-NAME.conf.
func claimsDropIn(p string, head []byte, name string) bool {
	p = untemplate(p)
	base := path.Base(p)
	if !strings.Contains(p, name) || shebang(head) != "" || hasAnySection(head) {
		return false
	}
	if path.Base(path.Dir(p)) == name+".d" && path.Ext(p) == ".conf" {
		return true
	}
	stem := strings.TrimSuffix(base, ".conf")
	return stem == name || strings.HasSuffix(stem, "."+name) || strings.HasSuffix(stem, "-"+name) || strings.HasPrefix(stem, name+"-") && base != stem
}

func hasAnySection(head []byte) bool {
	for _, l := range strings.Split(string(head), "\n") {
		if t := strings.TrimSpace(l); strings.HasPrefix(t, "[") && strings.HasSuffix(t, "]") {
			return true
		}
	}
	return false
}

func readTmpfiles(r *reader) {
	for _, l := range r.lines() {
		t := l.trim()
		if t.text == "" || t.text[0] == '#' {
			continue
		}
		f := t.words()
		if len(f) < 2 || f[0].text == "" {
			r.problem(t.off, "a type and a path were expected")
			continue
		}
		field := func(i int) string {
			if i < len(f) && f[i].text != "-" {
				return strings.TrimLeft(f[i].text, "~:")
			}
			return ""
		}
		mode, owner, group, arg := octal(field(2)), field(3), field(4), field(6)
		where := field(1)
		ev := r.fact(f[1].off, "tmpfiles.d line")
		switch f[0].text[0] {
		case 'd', 'D', 'e', 'v', 'q', 'Q', 'C', 'z', 'Z':
			if mode == "" && strings.ContainsRune("dDvqQ", rune(f[0].text[0])) {
				mode = "0755"
			}
			r.out.Directories = append(r.out.Directories, model.Directory{Path: where, Owner: owner, Group: group, Mode: mode, Role: roleOfPath(where), Evidence: ev})
		case 'f', 'F', 'w':
			r.out.Files = append(r.out.Files, model.File{Path: where, Owner: owner, Group: group, Mode: mode, Content: arg, Evidence: ev})
		case 'L':
			r.out.Symlinks = append(r.out.Symlinks, model.Symlink{Path: where, Target: arg, Evidence: ev})
		}
		if owner != "" {
			r.require("user", owner, f[3].off, "owner in tmpfiles.d")
		}
	}
}

// roleOfPath is the role that the file hierarchy gives a path.
func roleOfPath(p string) string {
	for _, r := range []struct{ prefix, role string }{
		{"/run/", model.RoleRun}, {"/var/run/", model.RoleRun}, {"/var/log/", model.RoleLog}, {"/var/cache/", model.RoleCache},
		{"/var/lib/", model.RoleData}, {"/var/spool/", model.RoleData}, {"/etc/", model.RoleConfig}, {"/tmp/", model.RoleTmp}, {"/var/tmp/", model.RoleTmp},
		{"/var/backups/", model.RoleBackup},
	} {
		if strings.HasPrefix(p, r.prefix) {
			return r.role
		}
	}
	return model.RoleOther
}

func readSysusers(r *reader) {
	for _, l := range r.lines() {
		t := l.trim()
		if t.text == "" || t.text[0] == '#' {
			continue
		}
		f := t.words()
		if len(f) < 2 || f[0].text == "" {
			r.problem(t.off, "a type and a name were expected")
			continue
		}
		field := func(i int) string {
			if i < len(f) && f[i].text != "-" {
				return f[i].text
			}
			return ""
		}
		ev := r.fact(f[1].off, "sysusers.d line")
		switch strings.TrimSuffix(f[0].text, "!") {
		case "u":
			yes := true
			u := model.User{Name: field(1), Home: field(4), Shell: field(5), System: &yes, Groups: []string{}, Evidence: ev}
			u.UID, u.Group, _ = strings.Cut(field(2), ":")
			r.out.Users = append(r.out.Users, u)
		case "g":
			r.out.Groups = append(r.out.Groups, model.Group{Name: field(1), GID: field(2), Evidence: ev})
		case "m":
			r.addMember(field(1), field(2))
		case "r":
		default:
			r.problem(f[0].off, "unknown type of line")
		}
	}
}

func (r *reader) addMember(user, group string) {
	for i := range r.out.Users {
		if r.out.Users[i].Name == user {
			r.out.Users[i].Groups = addOnce(r.out.Users[i].Groups, group)
		}
	}
}
