package lang

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestEveryText holds the Korean texts against the sources.
func TestEveryText(t *testing.T) {
	ko := must(t)
	for key, at := range sorted(wanted(t)) {
		if _, ok := ko.texts[key]; !ok {
			t.Errorf("ko.yaml has no Korean for this text of %s:\n%s: \"\"", at, strconv.Quote(key))
		}
	}
	sources := known(t)
	for english, text := range ko.texts {
		if _, ok := sources[english]; !ok {
			t.Errorf("ko.yaml has Korean for a text that is nowhere any more: %q", english)
		}
		if want, got := verbs(english), verbs(text); !slices.Equal(want, got) {
			t.Errorf("the verbs of %q are %q, those of its Korean %q", english, want, got)
		}
		if strings.ContainsAny(text, "`\\") || strings.Contains(text, "${") {
			t.Errorf("the Korean of %q could end a text of a script: %q", english, text)
		}
	}
}

// TestText knows every sentence again that was made with a form, whatever stands in it.
func TestText(t *testing.T) {
	ko := must(t)
	for _, f := range ko.forms {
		if f.english == "%v to %v" {
			continue // to be told from "%s to %s" by whoever says it
		}
		var english []any
		var parts []string
		for i, v := range verbs(f.english) {
			var arg any = fmt.Sprintf("name-%d", i)
			switch v[len(v)-1] {
			case 'd':
				arg = 10 + i
			case 'g', 'f':
				arg = 0.5 + float64(i)
			case 't':
				arg = true
			}
			english = append(english, arg)
			parts = append(parts, fmt.Sprintf(v, arg))
		}
		s := fmt.Sprintf(f.english, english...)
		if got, ok := ko.Text(s); !ok || got != fill(f.text, parts) {
			t.Errorf("%q is %q (%t)", s, got, ok)
		}
	}
	for _, c := range []struct {
		english, korean string
		known           bool
	}{
		{"none failed", "실패 없음", true},
		{"12,345 requests on 4 streams, none failed; 3 of 3 replicas served again after 4.34 s", "스트림 4개에서 요청 12,345건, 실패 없음; 4.34 s 뒤 레플리카 3개 중 3개가 다시 서비스", true},
		{"1 of 2 scenarios failed: node-drain: 4 requests failed: external/fresh 4 (4 refused); allowed: 0 (also not met: outage)",
			"시나리오 2개 중 1개 실패: node-drain: 요청 4건 실패: external/fresh 4 (4 refused); 허용: 0건 (그 밖에 미충족: outage)", true},
		{"first: 3 times: no fault for 9 s; allowed: 2. Then: no Pod is touched", "첫 번째: 3회 반복: 9 s 동안 장애 없음; 허용: 2건. 두 번째: Pod를 건드리지 않음", true},
		{"no Pod was hit; Pod p on n began to terminate at 10:00:00.000", "영향받은 Pod 없음; 노드 n의 Pod p: 10:00:00.000에 종료 시작", true},
		{"the fault x could not be injected or reverted: none of 7 Pods is Ready", "장애 x: 주입하거나 되돌리지 못함: none of 7 Pods is Ready", true},
		{"node-drain hit a-1; b-2: node n is cordoned; Pod q is off", "node-drain → a-1; b-2: 노드 n cordon됨; Pod q is off", true},
		{"rollout hit a; b: Deployment n/d got a new version at 1; Pod n/p of it was there at 2; it was rolled out at 3; rollout hit c: x was evicted at 4 (asked 2×)",
			"rollout → a; b: Deployment n/d: 1에 새 버전 적용; 그 Pod n/p: 2에 생성됨; 3에 롤아웃 완료; rollout → c: x: 4에 축출(요청 2회)", true},
		{"pod-delete hit a: Pod a was asked to terminate at 1, grace 30 s, and had left the API at 2; Pod b was asked to terminate at 3",
			"pod-delete → a: Pod a: 1에 종료 요청, 유예 30초, 2에 API에서 사라짐; Pod b: 3에 종료 요청", true},
		{"the planned load was not sent: a/b: 0 seconds recorded; c/d: a request was sent 3 s late", "계획한 부하를 보내지 못함: a/b: 0초만 기록됨; c/d: 요청 하나를 3 s 늦게 보냄", true},
		{"a-1 has it, b-2 has the old one", "a-1: 적용됨, b-2: 이전 설정 그대로", true},
		{"w2 joined; 3 on w1, 2 on w2", "w2: 합류함; w1 3개, w2 2개", true},
		{"3 Pods satisfy 6 such rules; a is on w1: it is to share its zone with no other, and does (a preference)", "Pod 3개가 이런 규칙 6개를 지킴; a: w1에 있음(다른 Pod와 같은 zone에 있으면 안 되는데 있음, 선호 규칙)", true},
		{"sustained 1,200 requests/s, 300 on each of 4 streams; at 1,800 requests/s p99 was too high: a/b 300 ms, over 100 ms; c/d 200 ms, over 100 ms; promised: 2,000 requests/s",
			"초당 1,200건 감당(스트림 4개에 각각 300건); 초당 1,800건에서 p99 초과: a/b 300 ms, 한도 100 ms; c/d 200 ms, 한도 100 ms; 약속: 초당 2,000건", true},
		{"slow: a/b 3 of 100 (3 %), c/d 50 of 1,200 (4 %)", "늦음: a/b 100건 중 3건 (3 %), c/d 1,200건 중 50건 (4 %)", true},
		{"≤ 500 ms", "≤ 500 ms", true},
		{"none", "없음", true},
		{"nginx", "nginx", true},
		{"a sentence from elsewhere", "a sentence from elsewhere", false},
		{"", "", true},
	} {
		if got, ok := ko.Text(c.english); got != c.korean || ok != c.known {
			t.Errorf("%q is %q (%t), want %q (%t)", c.english, got, ok, c.korean, c.known)
		}
	}
}

// FuzzText puts together what it takes apart: a sentence's figures are those of its Korean.
func FuzzText(f *testing.F) {
	ko, err := Parse("ko")
	if err != nil {
		f.Fatal(err)
	}
	f.Add("2 of 3 scenarios failed: a: none; b at %s; %[2]d")
	f.Add("first: ; . Then: ; first: x. Then: 7 requests failed: 1 (2)")
	figures := regexp.MustCompile(`\d{3,}`)
	f.Fuzz(func(t *testing.T, s string) {
		text, ok := ko.Text(s)
		if !ok && text != s {
			t.Errorf("%q is not known, and yet %q", s, text)
		}
		for _, n := range figures.FindAllString(s, -1) {
			if !strings.Contains(text, n) {
				t.Errorf("%q lost %s: %q", s, n, text)
			}
		}
	})
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
	if got, ok := en.Text("anything at all"); got != "anything at all" || !ok {
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

func sorted(k keys) func(func(string, string) bool) {
	return func(yield func(string, string) bool) {
		for _, key := range slices.SortedFunc(maps.Keys(k), func(a, b string) int { return strings.Compare(k[a]+a, k[b]+b) }) {
			if !yield(key, k[key]) {
				return
			}
		}
	}
}
