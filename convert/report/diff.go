package report

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/model"
)

// A Change is what differs on the server between two deployments. Places are
// not compared: moved lines change nothing.
type Change struct {
	Version  int             `json:"version"` // of this form: 1
	Overall  []FieldChange   `json:"overall"` // class, code directory ...
	Subjects []SubjectChange `json:"subjects"`
	New      []Item          `json:"findings_new"`     // findings that came
	Gone     []Item          `json:"findings_gone"`    // findings that went
	Other    []ItemChange    `json:"findings_changed"` // findings that say something else now
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

// An ItemChange is a fact or finding that both deployments have, with other
// fields. Its place is that of the new one, Was that of the old one.
type ItemChange struct {
	Item
	Was    string        `json:"was"`
	Fields []FieldChange `json:"fields"`
}

// A FieldChange is one field's old and new value, as text. Of a list, Removed
// and Added are what only one side has.
type FieldChange struct {
	Name    string   `json:"name"`
	Old     string   `json:"old"`
	New     string   `json:"new"`
	Removed []string `json:"removed,omitempty"`
	Added   []string `json:"added,omitempty"`
}

// Empty tells whether nothing differs.
func (c *Change) Empty() bool {
	return len(c.Overall)+len(c.Subjects)+len(c.New)+len(c.Gone)+len(c.Other) == 0
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
	c.Gone, c.New, c.Other = findingChanges(a.Findings, b.Findings)
	return c
}

func overallChanges(a, b *model.Deployment) []FieldChange {
	out := []FieldChange{}
	for _, f := range []struct{ name, from, to string }{
		{"class", string(a.Class), string(b.Class)},
		{"code directory", a.CodeDir, b.CodeDir},
		{"strategy", strings.Join(a.Strategy, ", "), strings.Join(b.Strategy, ", ")},
		{"maturity", scoreWords(a.Maturity), scoreWords(b.Maturity)},
		{"statements not understood", fmt.Sprint(a.Coverage.Opaque), fmt.Sprint(b.Coverage.Opaque)},
	} {
		if f.from != f.to {
			out = append(out, FieldChange{Name: f.name, Old: f.from, New: f.to})
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
		out.Changed = append(out.Changed, ItemChange{item(s, b[i]), item(s, fa).At, fieldChanges(fa, b[i])})
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
			out = append(out, fieldChange(k, a[k], b[k]))
		}
	}
	slices.SortFunc(out, func(x, y FieldChange) int { return strings.Compare(x.Name, y.Name) })
	return out
}

func fieldChange(name string, a, b any) FieldChange {
	f := FieldChange{Name: name, Old: valueText(a), New: valueText(b)}
	old, isOld := texts(a)
	now, isNow := texts(b)
	if isOld && isNow {
		f.Removed, f.Added = without(old, now), without(now, old)
	}
	return f
}

// texts are the members of a list of texts.
func texts(v any) ([]string, bool) {
	list, ok := v.([]any)
	if !ok {
		return nil, v == nil
	}
	out := make([]string, len(list))
	for i, x := range list {
		if out[i], ok = x.(string); !ok {
			return nil, false
		}
	}
	return out, true
}

func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

// valueText is a value of JSON in words: text as it is, a list with commas.
func valueText(v any) string {
	if list, ok := texts(v); ok {
		return strings.Join(list, ", ")
	}
	switch v := v.(type) {
	case string:
		return v
	case bool:
		return yesNo(v)
	}
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(data)
}
