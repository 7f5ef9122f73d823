package sheet

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/chophien/chophien/catalog"
)

// ErrRefused: rows were refused, and therefore nothing was written.
var ErrRefused = errors.New("rows were refused, nothing was written")

// Refusal is why a row is not imported, in words its author can act on.
type Refusal struct {
	Sheet  string       `json:"sheet,omitempty"`  // "" in a .csv file
	Row    int          `json:"row"`              // as the spreadsheet program numbers it
	Column string       `json:"column,omitempty"` // heading as written in the file; "" = the row as a whole
	Letter string       `json:"letter,omitempty"` // A, B, ... AA
	Value  string       `json:"value,omitempty"`  // shortened
	Reason catalog.Text `json:"reason"`
}

// String is the refusal on one line, in Vietnamese.
func (r Refusal) String() string {
	var b strings.Builder
	if r.Sheet != "" {
		fmt.Fprintf(&b, "trang %q, ", r.Sheet)
	}
	fmt.Fprintf(&b, "dòng %d", r.Row)
	if r.Column != "" {
		fmt.Fprintf(&b, ", cột %s %q", r.Letter, r.Column)
	}
	return b.String() + ": " + r.Reason.VI
}

// reason is why one cell is refused. As an error it speaks English.
type reason catalog.Text

func (r reason) Error() string { return r.EN }

// reasonf makes a reason in both languages from the same arguments; those that
// are reasons themselves appear in the language of the format.
func reasonf(vi, en string, args ...any) error {
	argsVI, argsEN := slices.Clone(args), slices.Clone(args)
	for i, arg := range args {
		if r, ok := arg.(reason); ok {
			argsVI[i], argsEN[i] = r.VI, r.EN
		}
	}
	return reason{VI: fmt.Sprintf(vi, argsVI...), EN: fmt.Sprintf(en, argsEN...)}
}

// reasonOf returns the reason in both languages, whatever kind of error it is.
func reasonOf(err error) catalog.Text {
	if r, ok := errors.AsType[reason](err); ok {
		return catalog.Text(r)
	}
	return catalog.Text{VI: err.Error(), EN: err.Error()}
}

// FileError says that a file cannot be read as a list of products at all, or
// not beyond a row. Nothing was written.
type FileError struct {
	File   string       `json:"file"`
	Sheet  string       `json:"sheet,omitempty"`
	Row    int          `json:"row,omitempty"` // 0 = the file as a whole
	Reason catalog.Text `json:"reason"`
	Err    error        `json:"-"` // the cause, if there is one
}

func (e *FileError) Error() string {
	where := e.File
	if e.Sheet != "" {
		where += ", sheet " + e.Sheet
	}
	if e.Row > 0 {
		where += fmt.Sprintf(", row %d", e.Row)
	}
	return where + ": " + e.Reason.EN
}

func (e *FileError) Unwrap() error { return e.Err }
