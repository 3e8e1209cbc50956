package verdict_test

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/jsonschema-go/jsonschema"

	"hagate/record"
	"hagate/verdict"
)

// TestSchema holds docs/verdict.schema.json to the types that verdict.json is written
// from, their comments as its descriptions, and a verdict to the schema.
func TestSchema(t *testing.T) {
	schema, err := jsonschema.For[verdict.Verdict](&jsonschema.ForOptions{TypeSchemas: map[reflect.Type]*jsonschema.Schema{
		reflect.TypeFor[record.Text]():    {Type: "string"},
		reflect.TypeFor[time.Time]():      {Type: "string", Format: "date-time"},
		reflect.TypeFor[time.Duration]():  {Type: "integer", Description: "nanoseconds"},
		reflect.TypeFor[verdict.Result](): {Type: "string", Enum: []any{verdict.Pass, verdict.Fail, verdict.Invalid, verdict.Skipped}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	schema.Title = verdict.Schema
	describe(schema, reflect.TypeFor[verdict.Verdict](), comments(t, ".", filepath.Join("..", "record")))
	text, err := json.MarshalIndent(schema, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, '\n')
	path := filepath.Join("..", "docs", "verdict.schema.json")
	if *update {
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(path); err != nil || !bytes.Equal(text, want) {
		t.Errorf("%s differs from what the types say (%v); run with -update and look at the difference", path, err)
	}

	resolved, err := schema.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	golden, err := os.ReadFile(filepath.Join("testdata", "verdict.json"))
	if err != nil {
		t.Fatal(err)
	}
	var instance map[string]any
	if err := json.Unmarshal(golden, &instance); err != nil {
		t.Fatal(err)
	}
	if err := resolved.Validate(instance); err != nil {
		t.Errorf("the golden verdict: %v", err)
	}
	instance["result"] = "MAYBE"
	if resolved.Validate(instance) == nil {
		t.Error("MAYBE is a result by the schema")
	}
}

// comments are what the fields of the packages' structs are said to be, by
// "package.Type.Field".
func comments(t *testing.T, dirs ...string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, dir := range dirs {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				spec, ok := n.(*ast.TypeSpec)
				if !ok {
					return true
				}
				if fields, ok := spec.Type.(*ast.StructType); ok {
					for _, f := range fields.Fields.List {
						for _, id := range f.Names {
							text := strings.TrimSpace(f.Doc.Text() + f.Comment.Text())
							found[file.Name.Name+"."+spec.Name.Name+"."+id.Name] = strings.ReplaceAll(text, "\n", " ")
						}
					}
				}
				return false
			})
		}
	}
	return found
}

// describe puts the comments on the fields of typ into its schema, and further down.
func describe(schema *jsonschema.Schema, typ reflect.Type, comments map[string]string) {
	if schema == nil || typ == reflect.TypeFor[record.Text]() {
		return
	}
	switch typ.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		describe(schema.Items, typ.Elem(), comments)
		describe(schema.AdditionalProperties, typ.Elem(), comments)
	case reflect.Struct:
		for i := range typ.NumField() {
			f := typ.Field(i)
			if f.Anonymous {
				describe(schema, f.Type, comments)
				continue
			}
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			property := schema.Properties[name]
			if property == nil {
				continue
			}
			if said := comments[typ.String()+"."+f.Name]; said != "" {
				if property.Description != "" {
					said += " (" + property.Description + ")"
				}
				property.Description = said
			}
			describe(property, f.Type, comments)
		}
	}
}
