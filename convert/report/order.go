package report

import (
	"cmp"
	"reflect"
	"slices"

	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
)

// inOrder sorts the facts of each subject as the scripts have them: by script,
// the entry first, then by line. Facts of other files come after, by file.
func inOrder(d *model.Deployment) {
	rank := map[string]int{}
	for i, s := range d.Scripts {
		rank[s.Path] = i + 1
	}
	less := func(a, b source.Pos) int {
		ra, rb := rank[a.File], rank[b.File]
		if ra != rb {
			return cmp.Compare(uint(ra-1), uint(rb-1)) // 0, no script, comes last
		}
		return a.Compare(b)
	}
	facts := reflect.ValueOf(&d.Facts).Elem()
	for i := range facts.NumField() {
		if list := facts.Field(i); list.Kind() == reflect.Slice {
			sortFacts(list, less)
		}
	}
}

// sortFacts sorts a list of facts by their first places; facts of one place
// keep their order.
func sortFacts(list reflect.Value, less func(a, b source.Pos) int) {
	type item struct {
		at   source.Pos
		fact reflect.Value
	}
	items := make([]item, list.Len())
	for i := range items {
		fact := reflect.New(list.Type().Elem()).Elem()
		fact.Set(list.Index(i))
		items[i] = item{firstPlace(fact, less), fact}
	}
	slices.SortStableFunc(items, func(a, b item) int { return less(a.at, b.at) })
	for i, it := range items {
		list.Index(i).Set(it.fact)
	}
}

func firstPlace(fact reflect.Value, less func(a, b source.Pos) int) source.Pos {
	e, ok := fact.FieldByName("Evidence").Interface().(model.Evidence)
	if !ok || len(e.At) == 0 {
		return source.Pos{}
	}
	return slices.MinFunc(e.At, less)
}
