package input

import (
	"fmt"
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/model"
)

// Dockerfile reads Dockerfiles as declarations: what is installed, which
// directories hold state, how the application is started.
var Dockerfile = &Kind{
	Name:   "dockerfile",
	Doc:    "Dockerfile, Containerfile: docs.docker.com, Dockerfile reference",
	Claims: claimsDockerfile,
	read:   readDockerfile,
}

var dockerfileName = lazyregexp.New(`(?i)^((docker|container)file([._-][a-z0-9_.-]+)?|[a-z0-9_-]+\.(docker|container)file)$`)

func claimsDockerfile(p string, _ []byte) bool {
	base := path.Base(p)
	switch strings.ToLower(path.Ext(base)) {
	case ".dockerignore", ".md", ".sh", ".js", ".ts", ".py", ".go", ".rb", ".html", ".json", ".yml", ".yaml", ".txt", ".vim", ".svg", ".css":
		return false
	}
	return dockerfileName.MatchString(base)
}

// An instruction is one instruction with its continuations joined.
type instruction struct {
	name  string
	off   int
	args  text   // flags removed
	json  bool   // exec form
	list  []text // elements of the exec form
	docs  []text // bodies of heredocs
	flags []text
}

// A stage is the state of the stage being read.
type stage struct {
	name  string
	final bool
	user  string
	dir   string
	env   []model.KeyValue
	args  map[string]string
	shell string
}

func readDockerfile(r *reader) {
	all := r.instructions()
	last := -1
	for i, in := range all {
		if in.name == "FROM" {
			last = i
		}
	}
	st := &stage{args: map[string]string{}}
	global := map[string]string{} // ARG before the first FROM
	for i, in := range all {
		if in.name == "FROM" {
			st = r.stage(in, i == last, global)
			continue
		}
		if in.name == "ARG" && st.name == "" && last > i && len(r.out.Images) == 0 {
			name, value, _ := strings.Cut(in.args.s, "=")
			global[name] = strings.Trim(value, `"'`)
			continue
		}
		r.instruction(st, in)
	}
	if last < 0 && len(all) > 0 {
		r.problem(0, "there is no FROM")
	}
}

var dockerEscape = lazyregexp.New("(?im)^#\\s*escape\\s*=\\s*([\\\\`])")

// instructions splits the file: comments go, continuation lines stay in the
// text as the shell sees them, without the backslash.
func (r *reader) instructions() []instruction {
	escape := `\`
	if m := dockerEscape.FindStringSubmatch(r.src[:min(len(r.src), 300)]); m != nil {
		escape = m[1]
	}
	var out []instruction
	lines := r.lines()
	for i := 0; i < len(lines); i++ {
		t := lines[i].trim()
		if t.text == "" || t.text[0] == '#' || isTemplateLine(t.text) {
			continue
		}
		var w weave
		w.add(t.text, t.off)
		cur := t
		for strings.HasSuffix(strings.TrimRight(cur.text, " \t"), escape) && i+1 < len(lines) {
			i++
			cur = lines[i]
			if c := cur.trim(); c.text == "" || c.text[0] == '#' {
				cur.text = escape // empty and comment lines do not end it
				continue
			}
			w.add("\n", cur.off-1)
			w.add(cur.text, cur.off)
		}
		in := newInstruction(w.text())
		i = in.heredocs(lines, i)
		in.form(r)
		out = append(out, in)
	}
	return out
}

// newInstruction takes the name and the flags off.
func newInstruction(t text) instruction {
	end := strings.IndexAny(t.s, " \t\n")
	if end < 0 {
		end = len(t.s)
	}
	in := instruction{name: strings.ToUpper(t.s[:end]), off: t.off(), args: t.cut(end, len(t.s)).trim()}
	for strings.HasPrefix(in.args.s, "--") {
		end := strings.IndexAny(in.args.s, " \t\n")
		if end < 0 {
			end = len(in.args.s)
		}
		in.flags = append(in.flags, in.args.cut(2, end))
		in.args = in.args.cut(end, len(in.args.s)).trim()
	}
	return in
}

var dockerHeredoc = lazyregexp.New(`<<-?\s*(["']?)([A-Za-z_][A-Za-z0-9_]*)["']?`)

// heredocs takes the bodies of <<EOF after RUN, COPY and ADD.
func (in *instruction) heredocs(lines []line, i int) int {
	if in.name != "RUN" && in.name != "COPY" && in.name != "ADD" {
		return i
	}
	for _, m := range dockerHeredoc.FindAllStringSubmatch(in.args.s, 20) {
		var w weave
		for i+1 < len(lines) {
			i++
			if strings.TrimSpace(lines[i].text) == m[2] {
				break
			}
			w.add(lines[i].text+"\n", lines[i].off)
		}
		in.docs = append(in.docs, w.text())
	}
	return i
}

// form reads the exec form, a JSON list.
func (in *instruction) form(r *reader) {
	if !strings.HasPrefix(in.args.s, "[") {
		return
	}
	l := &literalReader{r: newReader("", r.path, []byte(in.args.s)), src: in.args.s}
	n := l.value(0)
	if n.kind != listNode || len(n.scalars()) != len(n.items) || len(n.items) == 0 {
		return
	}
	in.json = true
	for _, item := range n.items {
		from := item.off + 1
		in.list = append(in.list, text{item.val.s, []mark{{0, in.args.at(min(from, len(in.args.s)-1)), true}}})
	}
}

func (in *instruction) flag(name string) string {
	for _, f := range in.flags {
		if k, v, _ := strings.Cut(f.s, "="); k == name {
			return v
		}
	}
	return ""
}

// words are the arguments of either form.
func (in *instruction) words() []line {
	if in.json {
		var out []line
		for _, t := range in.list {
			out = append(out, line{t.s, t.off()})
		}
		return out
	}
	var out []line
	for _, l := range in.args.lines() {
		out = append(out, line{strings.TrimSuffix(strings.TrimRight(l.s, " \t"), `\`), l.off()}.words()...)
	}
	return out
}

// stage starts a stage.
func (r *reader) stage(in instruction, final bool, global map[string]string) *stage {
	st := &stage{final: final, args: map[string]string{}}
	w := in.words()
	if len(w) == 0 {
		r.problem(in.off, "FROM names no image")
		return st
	}
	if len(w) >= 3 && strings.EqualFold(w[1].text, "as") {
		st.name = w[2].text
	}
	ref := dockerExpand(w[0].text, func(name string) (string, bool) { v, ok := global[name]; return v, ok && v != "" })
	r.out.Images = append(r.out.Images, Image{Ref: ref, Stage: st.name, Final: final, At: r.pos(w[0].off)})
	r.baseRuntime(ref, w[0].off)
	return st
}

// officialImages are images of interpreters and tool chains, with the runtime.
var officialImages = map[string]string{
	"python": "python", "node": "node", "php": "php", "ruby": "ruby", "golang": "go", "openjdk": "java", "eclipse-temurin": "java",
	"amazoncorretto": "java", "maven": "java", "gradle": "java", "rust": "rust", "perl": "perl", "elixir": "elixir", "erlang": "erlang",
	"tomcat": "java", "dotnet/aspnet": "dotnet", "dotnet/sdk": "dotnet", "dotnet/runtime": "dotnet", "bun": "bun", "deno": "deno",
}

var versionStart = lazyregexp.New(`^[0-9]+(\.[0-9]+)*`)

// baseRuntime takes the interpreter and its version from the tag of the base.
func (r *reader) baseRuntime(ref string, off int) {
	name, tag, _ := strings.Cut(ref, ":")
	tag, _, _ = strings.Cut(tag, "@")
	parts := strings.Split(name, "/")
	short := parts[len(parts)-1]
	if len(parts) > 1 && officialImages[parts[len(parts)-2]+"/"+short] != "" {
		short = parts[len(parts)-2] + "/" + short
	}
	if tool := officialImages[short]; tool != "" {
		r.out.Runtime = append(r.out.Runtime, Runtime{tool, versionStart.FindString(tag), r.pos(off)})
	}
}

var dockerVariable = lazyregexp.New(`\$\{([A-Za-z_][A-Za-z0-9_]*)(?::([-+])([^}]*))?\}|\$([A-Za-z_][A-Za-z0-9_]*)`)

// dockerExpand replaces variables that value knows; others become ${NAME},
// or their default.
func dockerExpand(s string, value func(string) (string, bool)) string {
	if !strings.Contains(s, "$") || len(s) > maxExpanded {
		return s
	}
	out := dockerVariable.ReplaceAllStringFunc(s, func(ref string) string {
		m := dockerVariable.FindStringSubmatch(ref)
		name := m[1] + m[4]
		if v, ok := value(name); ok && m[2] != "+" {
			return v
		}
		if m[2] == "-" {
			return m[3]
		}
		return "${" + name + "}"
	})
	if len(out) > maxExpanded {
		return s
	}
	return out
}

func (st *stage) expand(s string) string {
	return dockerExpand(s, func(name string) (string, bool) {
		for i := len(st.env) - 1; i >= 0; i-- {
			if st.env[i].Key == name {
				return st.env[i].Value, len(st.env[i].Value) <= maxExpanded
			}
		}
		v, ok := st.args[name]
		return v, ok && v != "" && len(v) <= maxExpanded
	})
}

// abs makes a path absolute as of the working directory.
func (st *stage) abs(p string) string {
	if p == "" || path.IsAbs(p) || strings.HasPrefix(p, "$") {
		return p
	}
	return path.Join("/", st.dir, p)
}

func (r *reader) instruction(st *stage, in instruction) {
	switch in.name {
	case "RUN":
		r.dockerRun(st, in)
	case "ENV":
		r.dockerEnv(st, in)
	case "ARG":
		name, value, _ := strings.Cut(in.args.s, "=")
		if len(st.args) >= maxEnv {
			return
		}
		st.args[strings.TrimSpace(name)] = st.expand(strings.Trim(strings.TrimSpace(value), `"'`))
	case "WORKDIR":
		st.dir = st.abs(st.expand(strings.Trim(in.args.s, `"'`)))
		if st.final && !strings.HasPrefix(st.dir, "$") {
			r.out.Claims = append(r.out.Claims, Claim{Path: st.dir, Role: model.RoleCode, Dir: true, At: r.pos(in.args.off()), Why: "WORKDIR of the image"})
		}
	case "USER":
		st.user, _, _ = strings.Cut(st.expand(in.args.s), ":")
	case "COPY", "ADD":
		r.dockerCopy(st, in)
	case "VOLUME":
		for _, w := range in.words() {
			p := st.expand(w.text)
			r.out.Directories = append(r.out.Directories, model.Directory{Path: p, Role: model.RoleData, Evidence: r.maybe(w.off, "VOLUME of the image: state outlives the container")})
		}
	case "EXPOSE":
		for _, w := range in.words() {
			port, _, _ := strings.Cut(st.expand(w.text), "/")
			if p := r.port(port, w.off); p.Port != "" && st.final {
				r.out.Ports = append(r.out.Ports, p)
			}
		}
	case "ENTRYPOINT", "CMD":
		r.dockerStart(st, in)
	case "SHELL":
		if in.json && len(in.list) > 0 {
			st.shell = path.Base(in.list[0].s)
		}
	case "LABEL", "MAINTAINER":
		r.dockerLabel(in)
	case "HEALTHCHECK":
		if strings.HasPrefix(in.args.s, "CMD ") {
			r.addShell(in.args.cut(4, len(in.args.s)).trim(), Shell{Where: Service, User: st.user, Dir: st.dir, Phase: "check", Name: "HEALTHCHECK"})
		}
	case "STOPSIGNAL", "ONBUILD", "CROSS_BUILD":
	default:
		r.problem(in.off, fmt.Sprintf("unknown instruction %q", in.name))
	}
}

func (r *reader) dockerRun(st *stage, in instruction) {
	s := Shell{Where: Build, Interpreter: st.shell, User: st.user, Dir: st.dir, Env: append([]model.KeyValue(nil), st.env...), Phase: "setup", Name: "RUN"}
	if !st.final {
		s.Phase, s.Name = "build", strings.TrimSpace("RUN in stage "+st.name)
	}
	// ARGs are environment of RUN too.
	for name, value := range sortedMap(st.args) {
		if value != "" {
			s.Env = append(s.Env, model.KeyValue{Key: name, Value: value})
		}
	}
	if len(in.docs) > 0 && dockerHeredoc.MatchString(in.args.s) && strings.HasPrefix(in.args.s, "<<") {
		for _, d := range in.docs {
			r.addShell(d, s)
		}
		return
	}
	if in.json {
		r.addShell(joinWords(in.list), s)
		return
	}
	r.addShell(in.args, s)
}

// joinWords makes one command of the words of an exec form; words that a
// shell would take apart are quoted.
func joinWords(list []text) text {
	var w weave
	for i, t := range list {
		if i > 0 {
			w.add(" ", t.off()-1)
		}
		if q := quoteWord(t.s); q != t.s {
			w.stand(q, t.off())
		} else {
			w.addText(t)
		}
	}
	return w.text()
}

func (r *reader) dockerEnv(st *stage, in instruction) {
	words := in.words()
	if len(words) >= 2 && !strings.Contains(words[0].text, "=") { // the old form: ENV KEY value
		value := st.expand(strings.TrimSpace(strings.TrimPrefix(in.args.s, words[0].text)))
		r.setEnv(st, words[0].text, value, words[0].off)
		return
	}
	for _, w := range words {
		if k, v, ok := strings.Cut(w.text, "="); ok {
			r.setEnv(st, k, st.expand(v), w.off)
		}
	}
}

func (r *reader) setEnv(st *stage, key, value string, off int) {
	st.env = setKey(st.env, key, value)
	if st.final {
		r.out.Settings = append(r.out.Settings, r.key(key, value, off))
	}
}
