package connectors

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/token"
)

// Problem is one mistake in connectors.yaml.
type Problem struct {
	File         string
	Line, Column int    // from 1; 0 = the file as a whole
	Channel      string // "" = not inside a channel
	Source       string // "" = not inside a source of market prices
	Message      string // what is wrong and what to do
}

// Error is one line: "connectors.yaml:12:5: channel htx-web: unknown key ...".
func (p Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
	}
	b.WriteString(": ")
	if p.Channel != "" {
		b.WriteString("channel " + p.Channel + ": ")
	}
	if p.Source != "" {
		b.WriteString("source " + p.Source + ": ")
	}
	return b.String() + p.Message
}

// Problems are all mistakes of one connectors.yaml, in the order of the file.
// They quote neither secrets nor the values of options.
type Problems []Problem

const maxProblemLines = 50

// Error lists the problems, one a line, and only counts those after the 50th.
func (p Problems) Error() string {
	var lines []string
	for _, problem := range p[:min(len(p), maxProblemLines)] {
		lines = append(lines, problem.Error())
	}
	if more := len(p) - maxProblemLines; more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the problems as errors.
func (p Problems) Unwrap() []error {
	all := make([]error, len(p))
	for i, problem := range p {
		all[i] = problem
	}
	return all
}

func (p Problems) sort() {
	slices.SortStableFunc(p, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

// reporter collects what is wrong in one file.
type reporter struct {
	file     string
	channel  string // the one being read
	source   string // the one being read
	problems Problems
	warnings Problems
	secrets  []string // values that no message may contain
}

func (r *reporter) problem(at *token.Position, format string, args ...any) {
	r.problems = append(r.problems, r.at(at, fmt.Sprintf(format, args...)))
}

func (r *reporter) warn(at *token.Position, format string, args ...any) {
	r.warnings = append(r.warnings, r.at(at, fmt.Sprintf(format, args...)))
}

func (r *reporter) at(at *token.Position, message string) Problem {
	p := Problem{File: r.file, Channel: r.channel, Source: r.source, Message: message}
	if at != nil {
		p.Line, p.Column = at.Line, at.Column
	}
	return p
}

// redact is the last line of defense: what a platform's Validate or a
// misplaced value put into a message is cut out of it. It runs when all secrets
// of the file are known.
func (r *reporter) redact() {
	// Longer ones first, so that a secret inside another leaves no rest.
	slices.SortFunc(r.secrets, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	for _, list := range []Problems{r.problems, r.warnings} {
		for i := range list {
			for _, secret := range r.secrets {
				if len(secret) >= 4 { // shorter ones would cut words to pieces
					list[i].Message = strings.ReplaceAll(list[i].Message, secret, redacted)
					list[i].Channel = strings.ReplaceAll(list[i].Channel, secret, redacted)
					list[i].Source = strings.ReplaceAll(list[i].Source, secret, redacted)
				}
			}
		}
		list.sort()
	}
	// Aliases show one mistake in many places.
	r.problems, r.warnings = slices.Compact(r.problems), slices.Compact(r.warnings)
}

// shown quotes a text from the file. A long one is not shown: it may be a key
// or a password in the wrong place.
func shown(text string) string {
	if n := utf8.RuneCountInString(text); n > 30 {
		return fmt.Sprintf("(%d characters, not shown)", n)
	}
	return fmt.Sprintf("%q", text)
}

// didYouMean suggests the candidate that text is a typo of, or nothing.
func didYouMean(text string, candidates []string) string {
	best, least := "", 3
	folded := []rune(strings.ToLower(strings.ReplaceAll(text, "-", "_")))
	for _, candidate := range candidates {
		n := distance(folded, []rune(strings.ToLower(strings.ReplaceAll(candidate, "-", "_"))))
		if n < least && n*2 < max(len(folded), 2) {
			best, least = candidate, n
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// distance counts the letters to insert, delete, replace or swap with their
// neighbor to turn a into b.
func distance(a, b []rune) int {
	if len(a) > 40 {
		return len(a)
	}
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			replace := rows[i-1][j-1]
			if a[i-1] != b[j-1] {
				replace++
			}
			rows[i][j] = min(replace, rows[i-1][j]+1, rows[i][j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}

// oneOf joins a closed set for a message: "a, b or c".
func oneOf(values []string) string {
	if len(values) < 2 {
		return strings.Join(values, "")
	}
	last := len(values) - 1
	return strings.Join(values[:last], ", ") + " or " + values[last]
}
