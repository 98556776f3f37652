package report

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/model"
)

// A Change is what differs on the server between two deployments. Places are
// not compared: moved lines change nothing.
type Change struct {
	Version  int             `json:"version"` // of this form: 1
	Overall  []FieldChange   `json:"overall"` // class, code directory ...
	Subjects []SubjectChange `json:"subjects"`
	New      []Item          `json:"findings_new"`  // findings that came
	Gone     []Item          `json:"findings_gone"` // findings that went
}

// A SubjectChange is what differs in one kind of fact. ID is the field of the
// JSON report.
type SubjectChange struct {
	ID      string       `json:"id"`
	Title   string       `json:"title"`
	Added   []Item       `json:"added"`
	Removed []Item       `json:"removed"`
	Changed []ItemChange `json:"changed"`
}

// An Item is one fact or finding, with its place as file:line.
type Item struct {
	Key string `json:"key"`
	At  string `json:"at"`
}

// An ItemChange is a fact that both deployments have, with other fields.
type ItemChange struct {
	Item
	Fields []FieldChange `json:"fields"`
}

// A FieldChange is one field's old and new value, as text.
type FieldChange struct {
	Name string `json:"name"`
	Old  string `json:"old"`
	New  string `json:"new"`
}

// Empty tells whether nothing differs.
func (c *Change) Empty() bool {
	return len(c.Overall)+len(c.Subjects)+len(c.New)+len(c.Gone) == 0
}

// Diff compares what two deployments do to a server: a is the old one.
func Diff(a, b *model.Deployment) *Change {
	a, b = prepared(a), prepared(b)
	c := &Change{Version: 1, Overall: overallChanges(a, b), Subjects: []SubjectChange{}}
	fa, fb := factMaps(&a.Facts), factMaps(&b.Facts)
	for _, s := range subjects {
		if sc := diffSubject(s, fa[s.id], fb[s.id]); len(sc.Added)+len(sc.Removed)+len(sc.Changed) > 0 {
			c.Subjects = append(c.Subjects, sc)
		}
	}
	c.New, c.Gone = findingsOnlyIn(b, a), findingsOnlyIn(a, b)
	return c
}

func overallChanges(a, b *model.Deployment) []FieldChange {
	out := []FieldChange{}
	for _, f := range []FieldChange{
		{"class", string(a.Class), string(b.Class)},
		{"code directory", a.CodeDir, b.CodeDir},
		{"strategy", strings.Join(a.Strategy, ", "), strings.Join(b.Strategy, ", ")},
		{"maturity", scoreWords(a.Maturity), scoreWords(b.Maturity)},
		{"statements not understood", fmt.Sprint(a.Coverage.Opaque), fmt.Sprint(b.Coverage.Opaque)},
	} {
		if f.Old != f.New {
			out = append(out, f)
		}
	}
	return out
}

func scoreWords(m *model.Maturity) string { return fmt.Sprintf("%s, %d of %d", m.Rung, m.Score, m.Max) }

// factMaps are the facts as their JSON, by subject.
func factMaps(f *model.Facts) map[string][]map[string]any {
	out := map[string][]map[string]any{}
	data, err := json.Marshal(f)
	if err == nil {
		err = json.Unmarshal(data, &out)
	}
	if err != nil {
		panic(err) // Facts hold strings, numbers and lists only
	}
	return out
}

// ignored are the fields that say where a fact was read, not what it is.
var ignored = []string{"at", "why", "reasons"}

func diffSubject(s subject, a, b []map[string]any) SubjectChange {
	out := SubjectChange{ID: s.id, Title: s.title, Added: []Item{}, Removed: []Item{}, Changed: []ItemChange{}}
	a, b = withoutCommon(a, b), withoutCommon(b, a)
	for _, fa := range a {
		i := slices.IndexFunc(b, func(fb map[string]any) bool { return keyOf(s, fa) == keyOf(s, fb) })
		if i < 0 {
			out.Removed = append(out.Removed, item(s, fa))
			continue
		}
		out.Changed = append(out.Changed, ItemChange{item(s, b[i]), fieldChanges(fa, b[i])})
		b = slices.Delete(b, i, i+1)
	}
	for _, fb := range b {
		out.Added = append(out.Added, item(s, fb))
	}
	return out
}

// withoutCommon returns the facts of a that b has not got, each of b used once.
func withoutCommon(a, b []map[string]any) []map[string]any {
	left := map[string]int{}
	for _, f := range b {
		left[content(f)]++
	}
	var out []map[string]any
	for _, f := range a {
		c := content(f)
		if left[c] > 0 {
			left[c]--
			continue
		}
		out = append(out, f)
	}
	return out
}

// content is the fact without its places, as text.
func content(f map[string]any) string {
	c := map[string]any{}
	for k, v := range f {
		if !slices.Contains(ignored, k) {
			c[k] = v
		}
	}
	data, err := json.Marshal(c) // map keys are sorted
	if err != nil {
		panic(err)
	}
	return string(data)
}

func keyOf(s subject, f map[string]any) string {
	parts := make([]string, 0, len(s.key))
	for _, k := range s.key {
		if v, ok := f[k].(string); ok && v != "" {
			parts = append(parts, v)
		}
	}
	return strings.Join(parts, " ")
}

func item(s subject, f map[string]any) Item {
	it := Item{Key: keyOf(s, f)}
	if at, ok := f["at"].([]any); ok && len(at) > 0 {
		if p, ok := at[0].(map[string]any); ok {
			file, _ := p["file"].(string)
			n, _ := p["line"].(float64)
			it.At = fmt.Sprintf("%s:%d", file, int(n))
		}
	}
	return it
}

func fieldChanges(a, b map[string]any) []FieldChange {
	names := map[string]bool{}
	for k := range a {
		names[k] = true
	}
	for k := range b {
		names[k] = true
	}
	out := []FieldChange{}
	for k := range names {
		if !slices.Contains(ignored, k) && !reflect.DeepEqual(a[k], b[k]) {
			out = append(out, FieldChange{k, valueText(a[k]), valueText(b[k])})
		}
	}
	slices.SortFunc(out, func(x, y FieldChange) int { return strings.Compare(x.Name, y.Name) })
	return out
}

func valueText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(data)
}

// findingsOnlyIn are the findings of a whose fingerprint b has not got.
func findingsOnlyIn(a, b *model.Deployment) []Item {
	have := map[string]bool{}
	for i := range b.Findings {
		have[findingKey(&b.Findings[i])] = true
	}
	out := []Item{}
	for _, f := range diag.Sorted(a.Findings) {
		if !have[findingKey(&f)] {
			out = append(out, Item{f.Rule + ": " + f.Message, shortPos(f.Main().Pos)})
		}
	}
	return out
}

func findingKey(f *diag.Diagnostic) string {
	return orElse(f.Fingerprint, f.Rule+"\x00"+f.Main().File+"\x00"+f.Message)
}
