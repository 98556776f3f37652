package input

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/model"
)

// AppSpec reads the deployment file of an agent that copies a revision to a
// server and runs its hooks there.
var AppSpec = &Kind{
	Name: "appspec",
	Doc:  "CodeDeploy AppSpec file for servers: files, permissions and hooks",
	Claims: func(p string, _ []byte) bool {
		base := path.Base(p)
		return base == "appspec.yml" || base == "appspec.yaml"
	},
	read: readAppSpec,
}

func readAppSpec(r *reader) {
	for _, doc := range r.yaml() {
		if os := doc.get("os").text(); os != "" && os != "linux" {
			r.problem(doc.get("os").offset(), "the deployment is for "+os)
			return
		}
		for _, f := range doc.get("files").list() {
			r.appSpecFile(f)
		}
		for _, hook := range doc.get("hooks").table() {
			for _, step := range hook.val.list() {
				if script := step.get("location"); script.text() != "" {
					r.call(strings.TrimPrefix(script.text(), "/"), script.offset(), "run")
				}
				if user := step.get("runas"); user.text() != "" && user.text() != "root" {
					r.require("user", user.text(), user.offset(), "the hook "+hook.key+" runs as it")
				}
			}
		}
	}
}

// appSpecFile claims the place that the whole revision is copied to.
func (r *reader) appSpecFile(f *node) {
	source, dest := f.get("source"), f.get("destination")
	if s := strings.Trim(source.text(), "./"); s != "" || !path.IsAbs(dest.text()) || len(r.out.Claims) >= maxOnce {
		return
	}
	r.out.Claims = append(r.out.Claims, Claim{Path: path.Clean(dest.text()), Role: model.RoleCode, Dir: true, At: r.pos(dest.offset()), Why: "the revision is copied there"})
}
