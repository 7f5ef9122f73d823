package connectors

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

var errWebPage = errors.New("the shop answered with a web page instead of data")

const hintWebPage = "check the channel's address, and whether a firewall, a maintenance page or a plugin's notice stands before the shop"

// decode reads a successful answer. One to a write that cannot be read leaves
// open what became of the write.
func decode(r *request, response Response) *Error {
	if response.Status == http.StatusNoContent || response.Status == http.StatusNotModified || r.method == http.MethodHead {
		return nil
	}
	if r.call.Out == nil && !r.write {
		return nil // the caller reads the bytes
	}
	if isHTML(response) {
		return &Error{Kind: Transient, Lost: r.write, Err: errWebPage, Hint: hintWebPage}
	}
	// A mark at the beginning is left by plugins saved with a Windows editor.
	body := bytes.TrimSpace(bytes.TrimPrefix(response.Body, []byte("\ufeff")))
	if r.call.Out == nil {
		isJSON := strings.Contains(response.Header.Get("Content-Type"), "json")
		if isJSON && len(body) > 0 && !json.Valid(body) {
			return &Error{Kind: Transient, Lost: true, Err: fmt.Errorf("the answer of %d bytes is not complete JSON", len(response.Body))}
		}
		return nil
	}
	err := json.Unmarshal(body, r.call.Out)
	if err == nil {
		return nil
	}
	fault := &Error{Kind: Transient, Lost: r.write}
	var (
		syntax *json.SyntaxError
		typed  *json.UnmarshalTypeError
	)
	// The decoder's texts quote values, so they are said anew without them.
	switch {
	case len(body) == 0:
		fault.Err = errors.New("the answer is empty, JSON was expected")
	case errors.As(err, &syntax) && syntax.Offset >= int64(len(body)):
		fault.Err = fmt.Errorf("the answer is cut off after %d bytes", len(response.Body))
	case errors.As(err, &syntax):
		fault.Err = fmt.Errorf("the answer is not JSON, from byte %d on", syntax.Offset)
	case errors.As(err, &typed):
		found, _, _ := strings.Cut(typed.Value, " ")
		fault.Kind = Unclear
		fault.Err = fmt.Errorf("the answer has a %s in %q where %s is expected", found, typed.Field, typed.Type)
	default:
		fault.Kind = Unclear
		fault.Err = fmt.Errorf("the answer does not have the expected form (%T)", err)
	}
	return fault
}

// isHTML tells that an answer is a web page, or has a piece of one before the
// data, whatever type it claims.
func isHTML(response Response) bool {
	body := bytes.TrimSpace(bytes.TrimPrefix(response.Body, []byte("\ufeff")))
	if strings.Contains(response.Header.Get("Content-Type"), "text/html") {
		return len(body) > 0 && body[0] != '{' && body[0] != '['
	}
	isData := strings.Contains(response.Header.Get("Content-Type"), "xml")
	return len(body) > 0 && body[0] == '<' && !isData
}
