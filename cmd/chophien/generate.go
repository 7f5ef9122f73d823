package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"github.com/chophien/chophien/connectors"
)

//go:generate go run . generate --root ../..

// generateCmd writes the files that follow from the code: the schema of
// connectors.yaml and the tables of docs/connectors.md. It is for developers.
type generateCmd struct {
	Root   string `help:"Root of the repository." default:"." type:"existingdir"`
	Matrix string `help:"Folder with what the contract suite found (CHOPHIEN_MATRIX_DIR); rewrites matrix.json." type:"existingdir"`
	Check  bool   `help:"Write nothing; fail when a file is stale."`
}

// Run writes or checks the generated files.
func (c *generateCmd) Run() error {
	if c.Matrix != "" {
		merged, err := mergeMatrix(c.Matrix)
		if err != nil {
			return err
		}
		if err := connectors.CheckGenerated(filepath.Join(c.Root, "cmd/chophien/matrix.json"), merged, !c.Check); err != nil {
			return err
		}
		matrixJSON = merged
	}
	registry, err := newRegistry()
	if err != nil {
		return err
	}
	schema, err := registry.Schema()
	if err != nil {
		return err
	}
	if err := connectors.CheckGenerated(filepath.Join(c.Root, "connectors/schema.json"), schema, !c.Check); err != nil {
		return err
	}
	path := filepath.Join(c.Root, "docs/connectors.md")
	doc, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	table, err := matrixTable()
	if err != nil {
		return err
	}
	sections := map[string]string{"matrix": table, "keys": connectors.KeysTable(), "alerts": connectors.AlertKeysTable(), "sources": connectors.SourceKeysTable()}
	for _, t := range registry.Types() {
		sections["options "+t.Info.Name] = registry.OptionsTable(t.Info.Name)
	}
	for marker, content := range sections {
		if doc, err = connectors.ReplaceBetween(doc, marker, content); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return connectors.CheckGenerated(path, doc, !c.Check)
}

// mergeMatrix joins the files that the contract suites of the platforms wrote.
func mergeMatrix(folder string) ([]byte, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return nil, err
	}
	merged := map[string]map[string]bool{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var found map[string]map[string]bool
		if err := json.Unmarshal(data, &found); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		maps.Copy(merged, found)
	}
	// The suite of another package, or of a platform that is not handed to the
	// program, is no row; a platform without a result is a suite that failed.
	names := map[string]bool{}
	for _, t := range platforms() {
		names[t.Info.Name] = true
		if merged[t.Info.Name] == nil {
			return nil, fmt.Errorf("%s holds no result of %s: its contract suite failed or did not run; try go test ./connectors/%[2]s", folder, t.Info.Name)
		}
	}
	maps.DeleteFunc(merged, func(name string, _ map[string]bool) bool { return !names[name] })
	data, err := json.MarshalIndent(merged, "", "  ")
	return append(data, '\n'), err
}

// matrixTable is the table of what each platform can do, in Markdown.
func matrixTable() (string, error) {
	rows, err := matrixOf(platforms())
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("| platform | " + strings.Join(connectors.Capabilities, " | ") + " |\n|---|" + strings.Repeat("---|", len(connectors.Capabilities)) + "\n")
	for _, row := range rows {
		b.WriteString("| " + row.Title)
		for _, name := range connectors.Capabilities {
			mark := ""
			if row.Capabilities[name] {
				mark = "✓"
			}
			b.WriteString(" | " + mark)
		}
		b.WriteString(" |\n")
	}
	return b.String(), nil
}
