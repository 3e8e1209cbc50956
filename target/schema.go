package target

import (
	"cmp"
	stdjson "encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/version"
	"k8s.io/client-go/kubernetes/scheme"
)

var strict = json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme.Scheme, scheme.Scheme, json.SerializerOptions{Strict: true})

// checkSchema decodes an object of a built-in kind as the API server does, and says
// whether it could be read. Custom resources are left alone.
func (f *file) checkSchema(m manifest) bool {
	gvk := m.GroupVersionKind()
	if !scheme.Scheme.Recognizes(gvk) {
		f.rule = ruleKind
		return f.checkKind(m, gvk)
	}
	f.rule = ruleSchema
	text, err := m.MarshalJSON()
	if err == nil {
		_, _, err = strict.Decode(text, nil, nil)
	}
	typed, _ := scheme.Scheme.New(gvk)
	readable := m.into(typed) == nil
	if old, ok := typed.(interface{ APILifecycleRemoved() (int, int) }); ok {
		f.rule = ruleKind
		major, minor := old.APILifecycleRemoved()
		f.warn(m, at("apiVersion"), nil, "Kubernetes has no %s %s from %d.%d on: write the version that took its place", gvk.GroupVersion(), gvk.Kind, major, minor)
		f.rule = ruleSchema
	}
	if err == nil && readable {
		return true
	}
	before := len(f.findings)
	f.misfits(m, m.Object, reflect.TypeOf(typed), nil)
	if len(f.findings) == before {
		f.problemIn(m, nil, "no valid %s (%v): mend that field", gvk.Kind, err)
	}
	return readable
}

// checkKind says what is meant by an apiVersion and kind that Kubernetes does not have.
func (f *file) checkKind(m manifest, gvk schema.GroupVersionKind) bool {
	var elsewhere []schema.GroupVersion // versions that have the kind
	var versions, kinds []string        // kinds of the version that is given
	for known, typ := range scheme.Scheme.AllKnownTypes() {
		if !strings.HasPrefix(typ.PkgPath(), "k8s.io/api/") || strings.HasSuffix(known.Kind, "List") {
			continue
		}
		versions = append(versions, known.GroupVersion().String())
		if known.GroupVersion() == gvk.GroupVersion() {
			kinds = append(kinds, known.Kind)
		}
		if known.Kind == gvk.Kind {
			elsewhere = append(elsewhere, known.GroupVersion())
		}
	}
	slices.Sort(kinds)
	slices.Sort(versions)
	slices.SortFunc(elsewhere, func(a, b schema.GroupVersion) int {
		return cmp.Or(version.CompareKubeAwareVersionStrings(b.Version, a.Version), strings.Compare(a.Group, b.Group))
	})
	switch {
	case strings.Contains(gvk.Group, ".") && !scheme.Scheme.IsGroupRegistered(gvk.Group):
		return true // a custom resource: its group is a domain
	case len(elsewhere) > 0:
		f.problemIn(m, at("apiVersion"), "%s has no kind %s: write %s", gvk.GroupVersion(), gvk.Kind, elsewhere[0])
	case len(kinds) > 0:
		f.problemIn(m, at("kind"), "%s has no kind %s: %s", gvk.GroupVersion(), gvk.Kind, Instead(gvk.Kind, kinds))
	default:
		f.problemIn(m, at("apiVersion"), "Kubernetes has no %s: %s", gvk.GroupVersion(), Instead(gvk.GroupVersion().String(), slices.Compact(versions)))
	}
	return false
}

// misfits finds the fields at or below path that do not fit the API's type.
func (f *file) misfits(m manifest, value any, typ reflect.Type, path []string) {
	for typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	if value == nil {
		return // the field's default
	}
	if _, own := reflect.New(typ).Interface().(stdjson.Unmarshaler); !own {
		switch v := value.(type) {
		case map[string]any:
			if typ.Kind() != reflect.Struct && typ.Kind() != reflect.Map {
				break
			}
			fields := jsonFields(typ)
			for _, key := range slices.Sorted(maps.Keys(v)) {
				child := append(slices.Clone(path), key)
				if typ.Kind() == reflect.Map {
					f.misfits(m, v[key], typ.Elem(), child)
				} else if t, ok := fields[key]; ok {
					f.misfits(m, v[key], t, child)
				} else {
					f.problemIn(m, child, "no such field: %s", Instead(key, slices.Sorted(maps.Keys(fields))))
				}
			}
			return
		case []any:
			if typ.Kind() != reflect.Slice {
				break
			}
			for i, item := range v {
				f.misfits(m, item, typ.Elem(), append(slices.Clone(path), at(i)...))
			}
			return
		}
	}
	text, err := stdjson.Marshal(value)
	if err == nil {
		err = stdjson.Unmarshal(text, reflect.New(typ).Interface())
	}
	if err != nil {
		f.problemIn(m, path, "%s cannot be used: write %s", text, wanted(typ))
	}
}

// jsonFields are the types of a struct's fields by their names in a manifest.
func jsonFields(typ reflect.Type) map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	if typ.Kind() != reflect.Struct {
		return fields
	}
	for i := range typ.NumField() {
		field := typ.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case name == "" && field.Anonymous:
			maps.Copy(fields, jsonFields(field.Type))
		case name != "" && name != "-":
			fields[name] = field.Type
		}
	}
	return fields
}

// wanted says what fits a type.
func wanted(typ reflect.Type) string {
	switch typ {
	case reflect.TypeFor[resource.Quantity]():
		return "an amount such as 500m or 64Mi"
	case reflect.TypeFor[intstr.IntOrString]():
		return "a number or a name"
	}
	switch typ.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int32, reflect.Int64:
		return "a whole number"
	case reflect.String:
		return "text, in quotes where it looks like something else"
	case reflect.Slice:
		return "a list, one `- ` a line"
	case reflect.Struct, reflect.Map:
		return "fields, one `name: value` a line, indented below it"
	default:
		return "a value of type " + typ.String()
	}
}
