package verdict

import (
	"encoding/json"
	"reflect"

	"hagate/record"
)

// MarshalJSON writes v as verdict.json has it: every text in plain English, for those who
// read it without hagate.
func (v Verdict) MarshalJSON() ([]byte, error) {
	type bare Verdict // without this method
	return json.Marshal(bare(plain(reflect.ValueOf(v)).Interface().(Verdict)))
}

// plain is a copy of v in which each text is but its English words.
func plain(v reflect.Value) reflect.Value {
	if t, ok := reflect.TypeAssert[record.Text](v); ok {
		return reflect.ValueOf(record.Words(t.String()))
	}
	to := reflect.New(v.Type()).Elem()
	to.Set(v)
	switch {
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				to.Field(i).Set(plain(v.Field(i)))
			}
		}
	case v.Kind() == reflect.Slice && !v.IsNil():
		to.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		for i := range v.Len() {
			to.Index(i).Set(plain(v.Index(i)))
		}
	case v.Kind() == reflect.Pointer && !v.IsNil():
		to.Set(reflect.New(v.Type().Elem()))
		to.Elem().Set(plain(v.Elem()))
	}
	return to
}
