package report

import "reflect"

// fillStrings sets every string below v to s, and gives every list one element
// and every pointer a target.
func fillStrings(v any, s string) { setStrings(reflect.ValueOf(v).Elem(), s) }

func setStrings(v reflect.Value, s string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(s)
	case reflect.Int:
		v.SetInt(1)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		setStrings(v.Index(0), s)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		elem := reflect.New(v.Type().Elem()).Elem()
		setStrings(elem, s)
		v.SetMapIndex(reflect.ValueOf(s), elem)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		setStrings(v.Elem(), s)
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Tag.Get("json") != "-" {
				setStrings(v.Field(i), s)
			}
		}
	}
}
