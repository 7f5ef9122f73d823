package market

import (
	"fmt"
	"html"
	"os"
	"strings"

	"github.com/chophien/chophien/catalog/sheet"
	"github.com/chophien/chophien/connectors"
)

// sheetTypes are the media types under which bulletins come.
var sheetTypes = []string{
	"text/csv", "text/plain", "application/csv", "application/vnd.ms-excel", "application/octet-stream",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/zip",
}

// readGrid reads the rows of a spreadsheet.
func readGrid(path, name string) (grid [][]string, err error) {
	for row, err := range sheet.Rows(path, name) {
		if err != nil {
			return nil, err
		}
		if grid = append(grid, append([]string(nil), row...)); len(grid) > 2*maxRows {
			return nil, fmt.Errorf("more than %d rows; this is no price bulletin", 2*maxRows)
		}
	}
	return grid, nil
}

// downloaded puts a body into a file for as long as read needs it.
func downloaded(body []byte, read func(path string) error) error {
	file, err := os.CreateTemp("", "chophien-bulletin-")
	if err != nil {
		return fmt.Errorf("keep the bulletin: %w", err)
	}
	defer os.Remove(file.Name())
	_, err = file.Write(body)
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("keep the bulletin: %w", err)
	}
	return read(file.Name())
}

// gridPage writes a grid as a page, so that bulletins are read by the same
// rules as tables of the web: rows with one cell are notes, the first with more
// holds the headings.
func gridPage(s connectors.SourceConfig, grid [][]string) []byte {
	var notes, table strings.Builder
	heads := false
	for _, cells := range grid {
		filled := 0
		for _, cell := range cells {
			if cell != "" {
				filled++
			}
		}
		switch {
		case filled == 0:
			continue
		case filled == 1:
			for _, cell := range cells {
				if cell != "" {
					notes.WriteString("<p>" + html.EscapeString(cell) + "</p>")
				}
			}
			continue
		}
		tag := "td"
		if !heads {
			tag, heads = "th", true
		}
		table.WriteString("<tr>")
		for _, cell := range cells {
			fmt.Fprintf(&table, "<%s>%s</%[1]s>", tag, html.EscapeString(cell))
		}
		table.WriteString("</tr>")
	}
	return []byte("<!DOCTYPE html><html lang=vi><meta charset=utf-8><article><h1>" + html.EscapeString(s.Name) + "</h1>" + notes.String() + "<table>" + table.String() + "</table></article></html>")
}
