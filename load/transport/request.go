package transport

import (
	"bytes"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"hagate/record"
)

// Request is a request rendered once and sent many times, always with the same
// bytes. It asks for no particular end of its connection.
type Request struct {
	Call record.Call

	host       string // name or address to connect to
	port       uint16
	wire       []byte
	idempotent bool          // RFC 9110, section 9.2.2
	template   *http.Request // how its answer is to be read
}

// NewRequest renders call against the scheme, host and port of base, which is
// "http://host[:port]".
func NewRequest(call record.Call, base string) (*Request, error) {
	u, err := url.Parse(base)
	if err != nil {
		return nil, fmt.Errorf("stream URL %q: %w", base, err)
	}
	if u.Scheme != "http" || u.Hostname() == "" || (u.Path != "" && u.Path != "/") {
		return nil, fmt.Errorf("stream URL %q: want http://host[:port] without a path", base)
	}
	port := uint64(80)
	if p := u.Port(); p != "" {
		if port, err = strconv.ParseUint(p, 10, 16); err != nil || port == 0 {
			return nil, fmt.Errorf("stream URL %q: want a port from 1 to 65535", base)
		}
	}
	if !strings.HasPrefix(call.Path, "/") {
		return nil, fmt.Errorf("request %q: want a path that begins with /", call)
	}
	req, err := http.NewRequest(call.Method, u.Scheme+"://"+u.Host+call.Path, strings.NewReader(call.Body))
	if err != nil {
		return nil, fmt.Errorf("request %q: %w", call, err)
	}
	req.Header.Set("User-Agent", "hagate")
	for k, v := range call.Header {
		if strings.EqualFold(k, "Host") {
			req.Host = v
			continue
		}
		req.Header.Set(k, v)
	}
	var wire bytes.Buffer
	if err := req.Write(&wire); err != nil {
		return nil, fmt.Errorf("request %q: %w", call, err)
	}
	req.Body = nil
	return &Request{Call: call, host: u.Hostname(), port: uint16(port), wire: wire.Bytes(), idempotent: idempotent(call.Method), template: req}, nil
}

func idempotent(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace, http.MethodPut, http.MethodDelete:
		return true
	}
	return false
}

func (r *Request) remote(ip netip.Addr) netip.AddrPort { return netip.AddrPortFrom(ip, r.port) }
