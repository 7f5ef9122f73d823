package simulator

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"time"
)

const errorPage = "<!DOCTYPE html>\n<html><head><title>Bảo trì</title></head><body><h1>Website đang bảo trì</h1></body></html>\n"

// serveFault lets a request go wrong. What is carried out is carried out
// completely, with its answer kept back, before anything is cut: the client
// can not tell by its timing.
func (s *Server) serveFault(w *statusWriter, r *http.Request, f Fault) {
	switch f.Kind {
	case FaultDrop:
		s.handler.ServeHTTP(httptest.NewRecorder(), r)
		cut(w)
	case FaultRefuse:
		cut(w)
	case FaultStatus:
		answerStatus(w, f)
	case FaultTruncate:
		kept := httptest.NewRecorder()
		s.handler.ServeHTTP(kept, r)
		body := kept.Body.Bytes()
		replay(w, kept, kept.Code, body[:len(body)/2])
	case FaultDelay:
		// The request is taken whole before the pause, and is carried out even
		// when the client has gone meanwhile.
		body, err := io.ReadAll(r.Body)
		if err != nil {
			cut(w)
			return
		}
		s.wait(f.Delay)
		r = r.WithContext(context.WithoutCancel(r.Context()))
		r.Body = io.NopCloser(bytes.NewReader(body))
		s.handler.ServeHTTP(w, r)
	case FaultGarbage:
		s.handler.ServeHTTP(httptest.NewRecorder(), r)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(errorPage))
	case FaultPrefix:
		kept := httptest.NewRecorder()
		s.handler.ServeHTTP(kept, r)
		notice := "<br />\n<b>Notice</b>:  Undefined index: sample in <b>plugin.php</b> on line <b>12</b><br />\n"
		replay(w, kept, kept.Code, append([]byte(notice), kept.Body.Bytes()...))
	case FaultEdit:
		kept := httptest.NewRecorder()
		s.handler.ServeHTTP(kept, r)
		replay(w, kept, kept.Code, f.Edit(kept.Body.Bytes()))
	case FaultRedirect:
		w.Header().Set("Location", f.Target)
		w.WriteHeader(http.StatusMovedPermanently)
	default:
		http.Error(w, fmt.Sprintf("simulator: unknown fault %q", f.Kind), http.StatusNotImplemented)
	}
}

func answerStatus(w http.ResponseWriter, f Fault) {
	status := f.Status
	if status == 0 {
		status = http.StatusInternalServerError
	}
	if f.RetryAfter > 0 {
		seconds := (f.RetryAfter + time.Second - 1) / time.Second
		w.Header().Set("Retry-After", strconv.Itoa(int(seconds)))
	}
	contentType := "application/json; charset=utf-8"
	if strings.HasPrefix(f.Body, "<") {
		contentType = "text/html; charset=utf-8"
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = w.Write([]byte(f.Body))
}

// replay sends a kept answer with another body.
func replay(w http.ResponseWriter, kept *httptest.ResponseRecorder, status int, body []byte) {
	for name, values := range kept.Header() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// cut closes the connection without an answer.
func cut(w *statusWriter) {
	w.note(0)
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // not a connection that can be taken over: let net/http cut it
	}
	_ = conn.Close()
}

// FaultHelp lists the forms that [ParseFault] reads, for the help of a flag.
const FaultHelp = `KIND[=VALUE[,VALUE]][:METHOD[:PATH[:TIMES[:SKIP]]]]
  drop            carry it out, cut the connection without an answer
  refuse          cut the connection, carry nothing out
  status=429,5s   answer this status, with Retry-After
  truncate        carry it out, send half of the answer
  delay=2s        carry it out after a while
  garbage         carry it out, answer with a web page
  prefix          carry it out, put a notice before the answer
  redirect=HOST   answer 301 to https://HOST
METHOD and PATH (a part of the request's path) empty or * match all; TIMES is how
many requests are hit (1; "all" for no end), SKIP how many pass before.
For example: drop:POST:/products/batch:1`

// ParseFault reads a fault from one of the forms of [FaultHelp].
func ParseFault(text string) (Fault, error) {
	bad := func(what string) (Fault, error) {
		return Fault{}, fmt.Errorf("fault %q: %s; a right one is drop:POST:/products/batch:1", text, what)
	}
	parts := strings.Split(text, ":")
	if len(parts) > 5 {
		return bad("more than five parts")
	}
	parts = append(parts, make([]string, 5-len(parts))...)
	kind, value, hasValue := strings.Cut(parts[0], "=")
	f := Fault{Kind: FaultKind(kind), Method: strings.ToUpper(wild(parts[1])), Path: wild(parts[2])}
	var err error
	switch f.Kind {
	case FaultStatus:
		status, after, hasAfter := strings.Cut(value, ",")
		if f.Status, err = strconv.Atoi(status); err != nil || f.Status < 200 || f.Status > 599 {
			return bad("status needs a number from 200 to 599, as in status=429")
		}
		if hasAfter {
			if f.RetryAfter, err = time.ParseDuration(after); err != nil || f.RetryAfter < 0 {
				return bad("the second value of status is a time such as 5s")
			}
		}
	case FaultDelay:
		if f.Delay, err = time.ParseDuration(value); err != nil || f.Delay < 0 {
			return bad("delay needs a time, as in delay=2s")
		}
	case FaultRedirect:
		if value == "" {
			return bad("redirect needs a host, as in redirect=other.example")
		}
		f.Target = "https://" + value
	case FaultDrop, FaultRefuse, FaultTruncate, FaultGarbage, FaultPrefix:
		if hasValue {
			return bad(kind + " takes no value")
		}
	default:
		return bad("unknown kind")
	}
	switch parts[3] {
	case "":
	case "all":
		f.Times = -1
	default:
		if f.Times, err = strconv.Atoi(parts[3]); err != nil || f.Times < 1 {
			return bad(`TIMES is a number from 1, or "all"`)
		}
	}
	if parts[4] != "" {
		if f.Skip, err = strconv.Atoi(parts[4]); err != nil || f.Skip < 0 {
			return bad("SKIP is a number from 0")
		}
	}
	return f, nil
}

func wild(text string) string {
	if text == "*" {
		return ""
	}
	return text
}
