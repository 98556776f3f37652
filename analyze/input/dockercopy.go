package input

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/model"
)

// dockerCopy records what is copied from the repository to a server's paths.
func (r *reader) dockerCopy(st *stage, in instruction) {
	w := in.words()
	if len(w) < 2 || len(in.docs) > 0 {
		return
	}
	dest := st.abs(st.expand(w[len(w)-1].text))
	owner, group, _ := strings.Cut(st.expand(in.flag("chown")), ":")
	for _, src := range w[:len(w)-1] {
		from := st.expand(src.text)
		if strings.Contains(from, "://") {
			r.out.Downloads = append(r.out.Downloads, model.Download{URL: from, Verified: in.flag("checksum") != "", To: dest, Evidence: r.maybe(src.off, "ADD of the image")})
			continue
		}
		r.dockerFile(st, in, src, from, dest, owner, group, len(w) > 2)
	}
}

func (r *reader) dockerFile(st *stage, in instruction, src line, from, dest, owner, group string, several bool) {
	from = strings.TrimPrefix(strings.TrimPrefix(from, "./"), "/")
	if in.flag("from") != "" || !st.final {
		return // an artefact of another stage, or one that is not shipped
	}
	if from == "" || from == "." {
		r.out.Claims = append(r.out.Claims, Claim{Path: strings.TrimSuffix(dest, "/"), Role: model.RoleCode, Dir: true, At: r.pos(src.off), Why: "the repository is copied there"})
		return
	}
	target := dest
	if several || strings.HasSuffix(dest, "/") || dest == "." {
		target = path.Join(dest, path.Base(from))
	}
	ev := r.maybe(src.off, in.name+" of the image")
	mode := octal(in.flag("chmod"))
	if isConfigPath(target) {
		r.out.ConfigFiles = append(r.out.ConfigFiles, model.ConfigFile{Path: target, From: from, How: model.HowCopy, Owner: owner, Group: group, Mode: mode, InCodeDir: st.dir != "" && strings.HasPrefix(target, strings.TrimSuffix(st.dir, "/")+"/"), Evidence: ev})
		return
	}
	r.out.Files = append(r.out.Files, model.File{Path: target, From: from, Owner: owner, Group: group, Mode: mode, Evidence: ev})
}

var configEnding = lazyregexp.New(`(?i)(\.(ini|conf|cnf|cfg|properties|yml|yaml|toml|env|config)|/\.env[^/]*)$`)

// isConfigPath tells whether an administrator may edit the file at p: by its
// place below /etc, or its ending. Units, cron files and the like are not.
func isConfigPath(p string) bool {
	for _, dir := range []string{"/etc/systemd/", "/etc/cron", "/etc/init.d/", "/etc/init/", "/etc/logrotate.d/", "/etc/apt/", "/etc/supervisor/", "/etc/supervisord", "/etc/s6-overlay/", "/etc/services.d/", "/etc/cont-init.d/"} {
		if strings.HasPrefix(p, dir) {
			return false
		}
	}
	return strings.HasPrefix(p, "/etc/") || configEnding.MatchString(p)
}

func (r *reader) dockerStart(st *stage, in instruction) {
	if !st.final {
		return
	}
	cmd := in.args
	if in.json {
		cmd = joinWords(in.list)
	}
	// CMD gives arguments to an ENTRYPOINT; both are kept, in order.
	r.out.Start = append(r.out.Start, Command{strings.ToLower(in.name), cmd.s, r.pos(cmd.off())})
	for _, w := range in.words() {
		if from := r.copiedFrom(w.text); from != "" {
			r.call(from, w.off, "run")
		} else if strings.HasSuffix(w.text, ".sh") || strings.HasSuffix(w.text, "entrypoint") {
			r.call(path.Base(w.text), w.off, "run")
		}
	}
	r.addShell(cmd, Shell{Where: Service, User: st.user, Dir: st.dir, Env: append([]model.KeyValue(nil), st.env...), Phase: "start", Name: in.name})
}

// copiedFrom is the file of the repository that the image has at p, or under
// that name on its path.
func (r *reader) copiedFrom(p string) string {
	for _, f := range r.out.Files[:min(len(r.out.Files), maxOnce)] {
		if f.Path == p || !strings.Contains(p, "/") && path.Base(f.Path) == p {
			return f.From
		}
	}
	return ""
}

func (r *reader) dockerLabel(in instruction) {
	if in.name == "MAINTAINER" {
		if v := strings.Trim(in.args.s, `"'`); strings.Contains(v, "@") {
			r.set(&r.out.App.Maintainer, "maintainer", v, in.args.off())
		}
		return
	}
	for _, w := range in.words() {
		k, v, _ := strings.Cut(w.text, "=")
		switch strings.TrimPrefix(k, "org.opencontainers.image.") {
		case "title":
			r.set(&r.out.App.Name, "name", v, w.off)
		case "description":
			r.set(&r.out.App.Summary, "summary", v, w.off)
		case "licenses":
			r.set(&r.out.App.License, "license", v, w.off)
		case "url":
			r.set(&r.out.App.Homepage, "homepage", v, w.off)
		case "version":
			r.set(&r.out.App.Version, "version", constant(v), w.off)
		}
	}
}

// constant is v, or "" when it names a variable.
func constant(v string) string {
	if strings.Contains(v, "$") {
		return ""
	}
	return v
}
