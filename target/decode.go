package target

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

var durationType = reflect.TypeFor[time.Duration]()

// decode reads text into t strictly, and learns the lines of its fields.
func (f *file) decode(text []byte, t *Target) error {
	f.lines = map[string]int{}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		f.syntax(f.String(), err)
		return f.err()
	}
	if doc.Kind == 0 {
		f.problem("", "the file is empty: begin with %s", fmt.Sprintf("apiVersion: %s and kind: %s", apiVersion, kind))
		return f.err()
	}
	if docs := documents(text); len(docs) > 1 {
		f.problemAt(f.String(), docs[1].line, "", "a second document: keep one target in a file")
	}
	f.value(doc.Content[0], reflect.ValueOf(t).Elem(), "")
	return f.err()
}

// value reads n into v, which stands at field.
func (f *file) value(n *yaml.Node, v reflect.Value, field string) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if !f.given(field) { // else its name is above it
		f.lines[field] = n.Line
	}
	empty := n.Kind == yaml.ScalarNode && n.Tag == "!!null"
	switch v.Kind() {
	case reflect.Pointer:
		p := reflect.New(v.Type().Elem())
		f.value(n, p.Elem(), field)
		v.Set(p)
	case reflect.Struct, reflect.Map:
		if empty {
			return
		}
		if n.Kind != yaml.MappingNode {
			f.problem(field, "should hold fields: write one %s a line, indented below it", "`name: value`")
			return
		}
		f.mapping(n, v, field)
	case reflect.Slice:
		if empty {
			return
		}
		if n.Kind != yaml.SequenceNode {
			f.problem(field, "should be a list: write one `- ` a line")
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
		for i, item := range n.Content {
			f.value(item, v.Index(i), field+"["+strconv.Itoa(i)+"]")
		}
	default:
		f.scalar(n, v, field)
	}
}

// mapping reads the fields of n into v, a struct or a map by string.
func (f *file) mapping(n *yaml.Node, v reflect.Value, field string) {
	if v.Kind() == reflect.Map {
		v.Set(reflect.MakeMap(v.Type()))
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, child := n.Content[i], n.Content[i+1]
		at := join(field, key.Value)
		if first := seen[key.Value]; first > 0 {
			f.problemAt(f.String(), key.Line, at, "given a second time: keep this one or that of line %d", first)
			continue
		}
		seen[key.Value] = key.Line
		f.lines[at] = key.Line
		if v.Kind() == reflect.Map {
			item := reflect.New(v.Type().Elem()).Elem()
			f.value(child, item, at)
			v.SetMapIndex(reflect.ValueOf(key.Value), item)
			continue
		}
		names := fieldNames(v.Type())
		j := slices.Index(names, key.Value)
		if j < 0 {
			f.problemAt(f.String(), key.Line, at, "no such field: %s", Instead(key.Value, names))
			continue
		}
		f.value(child, v.Field(j), at)
	}
}

func (f *file) scalar(n *yaml.Node, v reflect.Value, field string) {
	switch {
	case n.Kind != yaml.ScalarNode || n.Tag == "!!null":
		f.problem(field, "should be a single value: give it one or take the field out")
	case v.Type() == durationType:
		d, err := time.ParseDuration(n.Value)
		if err != nil {
			f.problem(field, "%q is no duration: write a number and its unit, such as 500ms, 3s or 2m", n.Value)
			return
		}
		v.SetInt(int64(d))
	case v.Kind() == reflect.Int:
		i, err := strconv.Atoi(n.Value)
		if err != nil {
			f.problem(field, "%q is no whole number: write it in digits alone", n.Value)
			return
		}
		v.SetInt(int64(i))
	default:
		v.SetString(n.Value)
	}
}

// fieldNames are the names of a struct's fields in the file, in their order.
func fieldNames(t reflect.Type) []string {
	var names []string
	for i := range t.NumField() {
		if tag := t.Field(i).Tag.Get("yaml"); tag != "" {
			names = append(names, tag)
		}
	}
	return names
}

func join(field, name string) string { return strings.TrimPrefix(field+"."+name, ".") }
