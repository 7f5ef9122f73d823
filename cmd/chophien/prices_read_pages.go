package main

import (
	"bufio"
	"encoding/json"
	"fmt"

	"github.com/chophien/chophien/connectors/market"
)

// readPages prints one line of JSON for each saved page.
func (c *pricesReadCmd) readPages(a *app) error {
	out := bufio.NewWriter(a.stdout)
	encode := json.NewEncoder(out)
	encode.SetEscapeHTML(false)
	pages := market.ReadList(c.Pages)
	if c.Page != "" {
		pages = func(yield func(market.Reading, error) bool) {
			yield(market.ReadFile(c.Page, c.URL))
		}
	}
	for r, err := range pages {
		if err != nil {
			out.Flush()
			return err
		}
		if err := encode.Encode(r); err != nil {
			return fmt.Errorf("write the reading of a page: %w", err)
		}
	}
	return out.Flush()
}
