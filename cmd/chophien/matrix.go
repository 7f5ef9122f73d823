package main

import (
	_ "embed"
	"encoding/json"
	"fmt"

	"github.com/chophien/chophien/connectors"
)

// matrixJSON holds what the contract suite found of each platform; it is
// written by "go generate", see generate_test.go.
//
//go:embed matrix.json
var matrixJSON []byte

// platformRow is one platform with what it was proved to do.
type platformRow struct {
	Platform     string          `json:"platform"`
	Title        string          `json:"title"`
	Capabilities map[string]bool `json:"capabilities"`
}

// matrixOf lists what each platform can do, as the contract suite found it.
func matrixOf(types []connectors.Type) ([]platformRow, error) {
	var passed map[string]map[string]bool
	if err := json.Unmarshal(matrixJSON, &passed); err != nil {
		return nil, fmt.Errorf("matrix.json: %w; run go generate on the whole module", err)
	}
	var rows []platformRow
	for _, t := range types {
		rows = append(rows, platformRow{t.Info.Name, t.Info.Title, passed[t.Info.Name]})
	}
	return rows, nil
}

// declaredIsImplemented tells that a channel can do exactly what the contract
// suite proved of its platform (invariant I15).
func declaredIsImplemented(c *connectors.Channel) bool {
	rows, err := matrixOf(platforms())
	if err != nil {
		return false
	}
	for _, row := range rows {
		if row.Platform != c.Info.Name {
			continue
		}
		for _, name := range connectors.Capabilities {
			if c.Has(name) != row.Capabilities[name] {
				return false
			}
		}
		return true
	}
	return false
}
