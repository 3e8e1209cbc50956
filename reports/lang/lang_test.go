package lang

import (
	"strconv"
	"strings"
	"testing"

	"hagate/record"
)

func TestText(t *testing.T) {
	ko := must(t)
	failed := record.Say("%s requests failed: %s", "4", "external/fresh 4")
	for _, c := range []struct {
		english record.Text
		korean  string
		known   bool
	}{
		{record.Say("none failed"), "실패 없음", true},
		{record.Join("; ", record.Say("%s requests on %d streams, none failed", "12,345", 4), record.Say("%d of %d replicas served again after %s", 3, 3, "4.34 s")),
			"스트림 4개에서 요청 12,345건, 실패 없음; 4.34 s 뒤 레플리카 3개 중 3개가 다시 서비스", true},
		{record.Say("%d of %d scenarios failed: %s", 1, 2, record.Say("%s: %s", "node-drain", record.Say("%s (also not met: %s)", failed, "outage"))),
			"시나리오 2개 중 1개 실패: node-drain: 요청 4건 실패: external/fresh 4 (그 밖에 미충족: outage)", true},
		{record.Say("the machine was saturated in %d of %d seconds", 12345, 20000), "20000초 중 12345초 동안 머신 포화", true},
		{record.Say("≤ %s", "500 ms"), "≤ 500 ms", true},
		{record.Say("%s: 100 %% of it", "a"), "a: 100 % of it", false},
		{record.Say("the harness failed: %s", record.Say("so says nobody")), "하네스 오류: so says nobody", false},
		{record.Words("none"), "없음", true},
		{record.Say("the harness failed: %s", record.Words("none")), "하네스 오류: none", true},
		{record.Words("a sentence from elsewhere, 5 %d"), "a sentence from elsewhere, 5 %d", false},
		{record.Words("nginx-1, nginx-2"), "nginx-1, nginx-2", true},
		{record.Words("500 ms"), "500 ms", true},
		{record.Text{}, "", true},
	} {
		if got, ok := ko.Text(c.english); got != c.korean || ok != c.known {
			t.Errorf("%q is %q (%t), want %q (%t)", c.english, got, ok, c.korean, c.known)
		}
	}
}

func TestEnglishStays(t *testing.T) {
	en, err := Parse("")
	if err != nil || en.Tag() != "en" {
		t.Errorf("%s, %v", en.Tag(), err)
	}
	const source = `<html lang="en"><p>None yet.</p>`
	if got := en.Template(source); got != source {
		t.Errorf("the template is %q", got)
	}
	if got := en.Sprintf("%d ready, %.1f %%", 12345, 0.5); got != "12345 ready, 0.5 %" {
		t.Errorf("a sentence is %q", got)
	}
	if got, ok := en.Text(record.Say("anything at %s", record.Say("all"))); got != "anything at all" || !ok {
		t.Errorf("a sentence is %q (%t)", got, ok)
	}
	if got := en.Script("f(say`${a} of ${b.length}`)"); got != "f(`${a} of ${b.length}`)" {
		t.Errorf("the script is %q", got)
	}
}

func TestTemplateAndScript(t *testing.T) {
	ko := must(t)
	for _, c := range []struct{ source, want string }{
		{`<html lang="en"><title>hagate: {{len .Runs}} runs</title>`, `<html lang="ko"><title>hagate: 실행 {{len .Runs}}회</title>`},
		{"<p>\n  {{if .A}}No setting was changed.{{else}}{{.B}}{{end}}</p>", "<p>\n  {{if .A}}바꾼 설정이 없습니다.{{else}}{{.B}}{{end}}</p>"},
		{`<small>{{count .Failed}} failed from {{clock .From}} to {{clock .To}}</small>`, `<small>{{clock .From}} ~ {{clock .To}}에 {{count .Failed}}건 실패</small>`},
		{`<a title="{{.A}} at {{.B}}: {{say .C}}">failed</a>`, `<a title="{{.A}}, {{.B}}: {{say .C}}">실패</a>`},
		{`<script>failed</script><style>failed</style>{{template "failed" .}}`, `<script>failed</script><style>failed</style>{{template "failed" .}}`},
		{`<p>No text of hagate's, 5 % of it.</p>`, `<p>No text of hagate's, 5 % of it.</p>`},
	} {
		if got := ko.Template(c.source); got != c.want {
			t.Errorf("%q is %q, want %q", c.source, got, c.want)
		}
	}
	if got := ko.Script("f(say`${a} of ${b.length}`, say`${x} more`)"); got != "f(`${b.length}개 중 ${a}개`, `${x} more`)" {
		t.Errorf("the script is %q", got)
	}
}

func TestParseNamesWhatIsAllowed(t *testing.T) {
	if _, err := Parse("fr"); err == nil || err.Error() != `REPORT_LANG="fr": want en or ko` {
		t.Errorf("the error is %v", err)
	}
	for file, want := range map[string]string{`"a": "b"` + "\n" + `"a": "c"`: "a", "- a": "xx"} {
		if _, err := read("xx", []byte(file), ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("of %q the error is %v", file, err)
		}
	}
}

// verbs are a format's in the order of its arguments.
func verbs(format string) []string {
	var list []string
	next := 0
	for _, m := range verb.FindAllStringSubmatch(format, -1) {
		if m[2] == "%" {
			continue
		}
		if m[1] != "" {
			n, _ := strconv.Atoi(m[1])
			next = n - 1
		}
		next++
		for len(list) < next {
			list = append(list, "")
		}
		list[next-1] += strings.Replace(m[0], "["+m[1]+"]", "", 1)
	}
	return list
}

func must(t *testing.T) *Lang {
	t.Helper()
	l, err := Parse("ko")
	if err != nil {
		t.Fatal(err)
	}
	return l
}
