package verify

import (
	"html/template"
	"sync"
)

type htmlView struct {
	Report *Report
	Proven bool
	Count  int
}

func (r *Report) view() htmlView { return htmlView{r, r.Proven(), r.Problems()} }

var section = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("verify").Funcs(template.FuncMap{"cell": Cell.text, "where": Violation.where}).Parse(`<section class="verify">
<h2>Does the package do what the deployment did?</h2>
<p class="verdict">{{if .Proven}}Proven: no invariant is broken and every difference follows from a rule.{{else}}Not proven: {{.Count}} problems.{{end}}</p>
{{range .Report.Results}}<h3>{{.Package}} {{.Version}}, {{.Format}}</h3>
<p>{{.Played}} scenarios; {{.Injected}} commands of the scripts were made to fail.</p>
<table><thead><tr><th>Scenario</th><th>Machine</th><th>Result</th></tr></thead><tbody>
{{range .Cells}}<tr><td>{{.Scenario}}</td><td>{{if .Systemd}}systemd{{else}}no systemd{{end}}</td><td>{{cell .}}</td></tr>
{{end}}</tbody></table>
{{if .Violations}}<ul>{{range .Violations}}<li><strong>{{.Invariant}}</strong>: {{.Text}} <small>{{.Scenario}}{{where .}}</small>{{range .Evidence}}<br><code>{{.}}</code>{{end}}</li>
{{end}}</ul>{{end}}
{{if .Undecided}}<p>Not decided, as it hangs on a value, a command or a dependency that is not known:</p>
<ul>{{range .Undecided}}<li>{{.Invariant}}: {{.Text}} <small>{{.Scenario}}{{where .}}</small></li>
{{end}}</ul>{{end}}
{{end}}{{with .Report.Comparison}}<h3>Deployment and package</h3>
{{template "differences" .}}{{end}}
{{range .Report.Roots}}<h3>{{.Format}} in a throwaway root</h3>
{{if .NotRun}}<p>Not played: {{.NotRun}}</p>{{else}}<pre>{{.Table}}</pre>
{{with .Violations}}<ul>{{range .}}<li>{{.}}</li>
{{end}}</ul>{{end}}{{end}}
{{end}}{{with .Report.Deployed}}<h3>{{.Script}} in a throwaway root, and the package</h3>
<p>{{len .Calls}} calls recorded.{{if .NotRun}} Not run to its end: {{.NotRun}}{{end}}</p>
{{with .Comparison}}{{template "differences" .}}{{end}}{{end}}
</section>
{{define "differences"}}<table><thead><tr><th>Subject</th><th>Deployment</th><th>Package</th><th>Rule</th></tr></thead><tbody>
{{range .}}<tr><td>{{.Subject}} {{.Name}}</td><td>{{.Deploy}}{{range .DeployAt}}<br><code>{{.}}</code>{{end}}</td><td>{{.Package}}{{range .PackageAt}}<br><code>{{.}}</code>{{end}}</td><td>{{if .Rule}}{{.Rule}}: {{.Why}}{{else}}<strong>none</strong>{{end}}</td></tr>
{{end}}</tbody></table>
{{end}}`))
})
