package report

import (
	"cmp"
	"reflect"
	"strings"

	"github.com/nativize/nativize/analyze/model"
)

// filled is a deep copy of d without what JSON leaves out, in which lists that
// JSON always shows are empty instead of nil, and evidence that says nothing
// says the cautious thing.
func filled(d *model.Deployment) *model.Deployment {
	return fill(reflect.ValueOf(d)).Interface().(*model.Deployment)
}

func fill(v reflect.Value) reflect.Value {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return v
		}
		out := reflect.New(v.Type().Elem())
		out.Elem().Set(fill(v.Elem()))
		return out
	case reflect.Struct:
		return fillStruct(v)
	case reflect.Slice:
		out := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			out.Index(i).Set(fill(v.Index(i)))
		}
		return out
	}
	return v
}

func fillStruct(v reflect.Value) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag.Get("json")
		switch {
		case tag == "-":
		case strings.Contains(tag, "omitempty") && v.Field(i).IsZero():
		default:
			out.Field(i).Set(fill(v.Field(i)))
		}
	}
	if e, ok := out.Addr().Interface().(*model.Evidence); ok {
		e.Certainty = cmp.Or(e.Certainty, model.May)
		e.Origin = cmp.Or(e.Origin, model.FromScript)
	}
	return out
}
