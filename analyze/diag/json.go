package diag

import (
	"encoding/json"
	"io"
)

// jsonVersion is the version of the JSON form; a field that goes or changes
// its meaning raises it.
const jsonVersion = 1

type jsonReport struct {
	Version    int          `json:"version"`
	Tool       string       `json:"tool"`
	Summary    Count        `json:"summary"`
	Suppressed int          `json:"suppressed"`
	Findings   []Diagnostic `json:"findings"`
}

func writeJSON(w io.Writer, r *Report) error {
	out := jsonReport{
		Version: jsonVersion, Tool: r.tool(), Summary: Counts(r.Findings),
		Suppressed: r.Suppressed, Findings: make([]Diagnostic, len(r.Findings)),
	}
	if r.Version != "" {
		out.Tool += " " + r.Version
	}
	copy(out.Findings, r.Findings)
	return encode(w, out)
}

func encode(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
