package input

import (
	"bytes"
	"mime"
	"path"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
)

// CloudInit reads user data that a cloud hands to a new machine: cloud-config,
// and archives of parts.
var CloudInit = &Kind{
	Name: "cloud-init",
	Doc:  "cloud-init user data: docs.cloud-init.io, User data formats, #cloud-config and MIME multi-part archive",
	Claims: func(p string, head []byte) bool {
		return source.IsUserData(head) || len(head) == 0 && userDataName.MatchString(path.Base(p))
	},
	read: readCloudInit,
}

// userDataName matches names that user data has, to be looked into.
var userDataName = lazyregexp.New(`(?i)user[-_.]?data|cloud[-_.]?(init|config)`)

func readCloudInit(r *reader) {
	if source.IsCloudConfig(r.data) {
		r.cloudConfig(0, len(r.data))
		return
	}
	header, body := r.mimeHeader(0)
	_, params, err := mime.ParseMediaType(header["content-type"])
	if err != nil || params["boundary"] == "" {
		r.problem(0, "the parts of the user data are not separated: its Content-Type has no boundary")
		return
	}
	start := -1
	for _, l := range r.lines() {
		if l.off < body || !strings.HasPrefix(l.text, "--"+params["boundary"]) {
			continue
		}
		if start >= 0 {
			r.cloudPart(start, l.off)
		}
		start = min(l.off+len(l.text)+1, len(r.data))
		if strings.TrimSpace(l.text[len(params["boundary"])+2:]) == "--" {
			return
		}
	}
	if start >= 0 {
		r.cloudPart(start, len(r.data))
	}
}

// mimeHeader reads the fields at off up to the first empty line, their names in
// lower case, and returns where the body begins. Folded lines are joined
// (RFC 5322, 2.2.3).
func (r *reader) mimeHeader(off int) (map[string]string, int) {
	fields, last := map[string]string{}, ""
	for _, l := range r.lines() {
		if l.off < off {
			continue
		}
		if strings.TrimSpace(l.text) == "" {
			return fields, min(l.off+len(l.text)+1, len(r.data))
		}
		if l.text[0] == ' ' || l.text[0] == '\t' {
			fields[last] += " " + strings.TrimSpace(l.text)
			continue
		}
		name, value, _ := strings.Cut(l.text, ":")
		last = strings.ToLower(strings.TrimSpace(name))
		fields[last] = strings.TrimSpace(value)
	}
	return fields, len(r.data)
}

// cloudPart reads one part of an archive, by its type or, as cloud-init does,
// by its first line where the type says nothing.
func (r *reader) cloudPart(start, end int) {
	header, body := r.mimeHeader(start)
	if body >= end {
		return
	}
	kind, _, err := mime.ParseMediaType(header["content-type"])
	if err != nil {
		kind = "text/plain"
	}
	switch text := r.data[body:end]; {
	case strings.EqualFold(header["content-transfer-encoding"], "base64"):
		r.problem(body, "a part of the user data is encoded: it was not read")
	case kind == "text/x-shellscript", kind == "text/cloud-boothook", bytes.HasPrefix(text, []byte("#!")):
		interpreter := shebang(text)
		if interpreter != "" && !isShell(interpreter) {
			r.problem(body, "a part of the user data runs under "+interpreter+": it was not read")
			return
		}
		r.addShell(plain(r.src[body:end], body), Shell{Where: Local, Interpreter: interpreter, User: "root", Phase: "deploy", Name: "user-data"})
	case kind == "text/cloud-config", source.IsCloudConfig(text):
		r.cloudConfig(body, end)
	default:
		r.problem(body, "a part of the user data of type "+kind+" was not read")
	}
}

// cloudConfig reads the modules of cloud-config that make facts, in the text
// from start to end.
func (r *reader) cloudConfig(start, end int) {
	whole := r.data
	r.data = only(whole, start, end)
	docs := r.yaml()
	r.data = whole
	for _, doc := range docs {
		for _, e := range doc.get("groups").list() {
			name := e.text()
			if t := e.table(); len(t) > 0 {
				name = t[0].key
			}
			if name != "" {
				r.out.Groups = append(r.out.Groups, model.Group{Name: name, Evidence: r.fact(e.offset(), "groups of the cloud-config")})
			}
		}
		for _, u := range doc.get("users").list() {
			r.cloudUser(u)
		}
		for _, p := range doc.get("packages").list() {
			if p.kind == listNode && len(p.list()) > 0 {
				p = p.list()[0] // [name, version]
			}
			if name := p.text(); name != "" {
				r.out.Packages = append(r.out.Packages, model.OSPackage{Name: name, Via: "apt", Evidence: r.fact(p.offset(), "packages of the cloud-config")})
			}
		}
		for _, f := range doc.get("write_files").list() {
			r.cloudFile(f)
		}
		for _, key := range []string{"bootcmd", "runcmd"} {
			r.cloudCommands(key, doc.get(key))
		}
	}
}

// only is a text with everything blanked but what stands from start to end, so
// that places stay.
func only(text []byte, start, end int) []byte {
	out := bytes.Clone(text)
	for i := range out {
		if (i < start || i >= end) && out[i] != '\n' {
			out[i] = ' '
		}
	}
	return out
}

func (r *reader) cloudUser(u *node) {
	name := u.get("name").text()
	if name == "" || name == "default" {
		return
	}
	system := isTrue(u.get("system").text())
	m := model.User{Name: name, Home: u.get("homedir").text(), Shell: u.get("shell").text(), System: &system, UID: u.get("uid").text(),
		Group: u.get("primary_group").text(), Groups: []string{}, Evidence: r.fact(u.offset(), "users of the cloud-config")}
	groups := u.get("groups")
	for _, g := range strings.Split(groups.text(), ",") {
		m.Groups = addOnce(m.Groups, strings.TrimSpace(g))
	}
	for _, g := range groups.list() {
		m.Groups = addOnce(m.Groups, g.text())
	}
	r.out.Users = append(r.out.Users, m)
}

func (r *reader) cloudFile(f *node) {
	p := f.get("path").text()
	if p == "" {
		return
	}
	owner, group, _ := strings.Cut(f.get("owner").text(), ":")
	mode, ev := octal(strings.TrimPrefix(f.get("permissions").text(), "0o")), r.fact(f.get("path").offset(), "write_files of the cloud-config")
	content := f.get("content").text()
	if f.get("encoding").text() != "" {
		content = ""
	}
	if isConfigPath(p) {
		r.out.ConfigFiles = append(r.out.ConfigFiles, model.ConfigFile{Path: p, How: model.HowHeredoc, Owner: owner, Group: group, Mode: mode, Content: content, Evidence: ev})
		return
	}
	r.out.Files = append(r.out.Files, model.File{Path: p, Owner: owner, Group: group, Mode: mode, Content: content, Evidence: ev})
}

// cloudCommands makes one script of the commands of a module: cloud-init runs
// them so. A command is shell text, or a list of words that are quoted.
func (r *reader) cloudCommands(name string, list *node) {
	var w weave
	for _, c := range list.list() {
		switch c.kind {
		case scalarNode:
			w.addText(c.val)
		case listNode:
			for i, word := range c.list() {
				q, err := syntax.Quote(word.text(), syntax.LangPOSIX)
				if err != nil {
					continue
				}
				if i > 0 {
					w.stand(" ", word.offset())
				}
				w.stand(q, word.offset())
			}
		}
		w.stand("\n", c.offset())
	}
	r.addShell(w.text(), Shell{Where: Local, User: "root", Phase: "deploy", Name: name})
}
