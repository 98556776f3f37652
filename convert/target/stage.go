package target

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/convert/plan"
	"github.com/nativize/nativize/templates"
)

// stage writes packaging/stage.sh when there is something to build.
var stage = &Target{Name: "stage", Doc: "packaging/stage.sh, which builds what the package ships", Emit: emitStage}

func emitStage(p *plan.Package, opt Options) ([]File, error) {
	if len(p.Stage) == 0 {
		return nil, nil
	}
	r := &refs{}
	s := templates.Stage{Name: p.Name, Version: p.Version, Source: strings.TrimSuffix(opt.SourcePrefix, "/")}
	for _, b := range p.Stage {
		s.Steps = append(s.Steps, stageStep(p, b, r))
	}
	t, err := s.Text()
	if err != nil {
		return nil, err
	}
	return []File{r.file("packaging/stage.sh", 0o755, t)}, nil
}

func stageStep(p *plan.Package, b plan.Build, r *refs) templates.StageStep {
	s := templates.StageStep{
		Ref: r.add(b.At, b.Why), Why: or(b.Why, b.Tool), Dir: or(b.Dir, "."), Shell: b.Shell,
	}
	for _, d := range b.Downloads {
		s.Downloads = append(s.Downloads, templates.Download{URL: d.URL, To: d.To, SHA256: d.SHA256})
	}
	for _, o := range b.Output {
		if !path.IsAbs(o) {
			s.Take = append(s.Take, o)
			continue
		}
		s.Made = append(s.Made, o)
		at := path.Dir(o)
		if p.CodeDir != "" && (o == p.CodeDir || below(o, p.CodeDir)) {
			at = p.CodeDir
		}
		s.Places = append(s.Places, at)
	}
	slices.Sort(s.Places)
	s.Places = slices.Compact(s.Places)
	return s
}
