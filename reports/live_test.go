package reports_test

import (
	"net/http"
	"testing"

	"hagate/reports"
)

// A name of the Web that leads to loopback is not the run's own.
func TestLiveIsForLoopback(t *testing.T) {
	l, err := reports.NewLive(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close("")
	q, err := http.NewRequest(http.MethodGet, l.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	q.Host = "rebound.example"
	answer, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusForbidden {
		t.Errorf("status %d", answer.StatusCode)
	}
}
