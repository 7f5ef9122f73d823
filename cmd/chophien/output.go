package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/scheduler"
)

// t picks the text in the language of the output.
func (a *app) t(vi, en string) string { return catalog.Text{VI: vi, EN: en}.In(a.Lang) }

// say prints one line in the language of the output.
func (a *app) say(vi, en string, args ...any) {
	fmt.Fprintf(a.stdout, a.t(vi, en)+"\n", args...)
}

// table prints rows under a header, columns aligned by what they look like,
// not by bytes.
func (a *app) table(header []string, rows [][]string) {
	widths := make([]int, len(header))
	for _, row := range append([][]string{header}, rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], width(cell))
		}
	}
	line := func(row []string) {
		var b strings.Builder
		for i, cell := range row {
			if i == len(row)-1 {
				b.WriteString(cell)
				break
			}
			b.WriteString(cell + strings.Repeat(" ", widths[i]-width(cell)+2))
		}
		fmt.Fprintln(a.stdout, strings.TrimRight(b.String(), " "))
	}
	line(header)
	for i := range header {
		header[i] = strings.Repeat("─", widths[i])
	}
	line(header)
	for _, row := range rows {
		line(row)
	}
}

// width counts the columns of a text; the texts here are NFC.
func width(s string) int { return len([]rune(s)) }

// bar shows the progress of long work on a terminal, and nothing elsewhere.
func (a *app) bar(total int64, what string) *progressbar.ProgressBar {
	out := io.Discard
	if file, ok := a.stderr.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		out = a.stderr
	}
	return progressbar.NewOptions64(total, progressbar.OptionSetWriter(out), progressbar.OptionSetDescription(what), progressbar.OptionClearOnFinish(), progressbar.OptionSetSpinnerChangeInterval(0), progressbar.OptionThrottle(100*time.Millisecond))
}

// when shows a time on people's clock.
func when(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	zone, err := time.LoadLocation(scheduler.Zone)
	if err != nil {
		zone = time.UTC
	}
	return t.In(zone).Format("02/01/2006 15:04")
}
