package main

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	decimals "github.com/shopspring/decimal"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/pricewatch"
	"github.com/chophien/chophien/catalog/sheet"
)

type pricesExportCmd struct {
	Out    string `required:"" help:"Tệp .csv hoặc .xlsx. / A .csv or .xlsx file." type:"path"`
	Source string `help:"Chỉ nguồn này. / Only this source."`
	Days   int    `help:"Chỉ bấy nhiêu ngày gần nhất; 0 là tất cả. / Only so many days up to today; 0 = all."`
}

// Run writes every market price that was read, with its evidence, one row each.
func (c *pricesExportCmd) Run(ctx context.Context, a *app) error {
	format := sheet.Format(strings.TrimPrefix(strings.ToLower(filepath.Ext(c.Out)), "."))
	if format != sheet.CSV && format != sheet.XLSX {
		return withCode(exitUsage, fmt.Errorf("%s: the name must end in .csv or .xlsx", c.Out))
	}
	store, err := a.openStore(ctx)
	if err != nil {
		return err
	}
	var since time.Time
	if c.Days > 0 {
		since = a.now().AddDate(0, 0, -c.Days)
	}
	columns := make([]sheet.Column, len(marketColumns))
	for i, column := range marketColumns {
		columns[i] = sheet.Column{Heading: column.heading, Number: column.number}
	}
	rows := 0
	err = replaceFile(c.Out, 0o644, func(w *os.File) error {
		return sheet.WriteTable(w, format, a.t("Giá thị trường", "Market prices"), columns, func(yield func([]string, error) bool) {
			for o, err := range marketPrices(ctx, store, c.Source) {
				if err == nil && o.LastSeenAt.Before(since) {
					continue
				}
				row := make([]string, len(marketColumns))
				for i, column := range marketColumns {
					row[i] = column.text(o)
				}
				rows++
				if !yield(row, err) {
					return
				}
			}
		})
	})
	if err != nil {
		return err
	}
	a.say("Đã xuất %d giá: %s", "Exported %d prices: %s", rows, c.Out)
	return nil
}

// marketPrices yields all market prices, or those of one source, by source, item
// and time, one page at a time. An error ends it.
func marketPrices(ctx context.Context, store catalog.Store, source string) iter.Seq2[pricewatch.Observation, error] {
	return func(yield func(pricewatch.Observation, error) bool) {
		query := catalog.RecordQuery{Kind: catalog.KindMarket, Limit: 500}
		if source != "" {
			query.Prefix = source + "/"
		}
		for {
			records, err := store.Records(ctx, query)
			if err != nil {
				yield(pricewatch.Observation{}, fmt.Errorf("read market prices: %w", err))
				return
			}
			for _, r := range records {
				var o pricewatch.Observation
				if err := json.Unmarshal(r.Data, &o); err != nil {
					yield(o, fmt.Errorf("market price %s: %w", r.ID, err))
					return
				}
				if !yield(o, nil) {
					return
				}
			}
			if len(records) < query.Limit {
				return
			}
			query.After = records[len(records)-1].ID
		}
	}
}

// marketColumn is one field of an observation. Programs know it by its heading,
// which is the same in every language.
type marketColumn struct {
	heading string
	number  bool
	text    func(pricewatch.Observation) string
}

var marketColumns = []marketColumn{
	{"source", false, func(o pricewatch.Observation) string { return o.Source }},
	{"item", false, func(o pricewatch.Observation) string { return o.Item }},
	{"name", false, func(o pricewatch.Observation) string { return o.Name }},
	{"commodity", false, func(o pricewatch.Observation) string { return o.Subject.Commodity }},
	{"product", false, func(o pricewatch.Observation) string { return o.Subject.Product }},
	{"grade", false, func(o pricewatch.Observation) string { return o.Subject.Grade }},
	{"region", false, func(o pricewatch.Observation) string { return o.Subject.Region }},
	{"seller", false, func(o pricewatch.Observation) string { return o.Seller }},
	{"side", false, func(o pricewatch.Observation) string { return string(o.Subject.Side) }},
	{"amount_min", true, func(o pricewatch.Observation) string { return nullDecimal(o.AmountMin) }},
	{"amount_max", true, func(o pricewatch.Observation) string { return nullDecimal(o.AmountMax) }},
	{"list_amount", true, func(o pricewatch.Observation) string { return nullDecimal(o.List) }},
	{"currency", false, func(o pricewatch.Observation) string { return o.Subject.Currency }},
	{"qualifier", false, func(o pricewatch.Observation) string { return o.Qualifier }},
	{"unit_qty", true, func(o pricewatch.Observation) string {
		if o.Quantity.IsZero() {
			return ""
		}
		return o.Quantity.String()
	}},
	{"unit", false, func(o pricewatch.Observation) string { return o.Unit }},
	{"base_unit", false, func(o pricewatch.Observation) string { return o.Subject.BaseUnit }},
	{"per_base_min", true, func(o pricewatch.Observation) string { return nullDecimal(o.PerMin) }},
	{"per_base_max", true, func(o pricewatch.Observation) string { return nullDecimal(o.PerMax) }},
	{"unit_source", false, func(o pricewatch.Observation) string { return o.UnitFrom }},
	{"availability", false, func(o pricewatch.Observation) string { return o.Availability }},
	{"tax", false, func(o pricewatch.Observation) string { return o.Tax }},
	{"observed_at", false, func(o pricewatch.Observation) string { return utc(o.SeenAt) }},
	{"last_seen_at", false, func(o pricewatch.Observation) string { return utc(o.LastSeenAt) }},
	{"valid_on", false, func(o pricewatch.Observation) string { return o.ValidOn }},
	{"url", false, func(o pricewatch.Observation) string { return o.URL }},
	{"method", false, func(o pricewatch.Observation) string { return o.Evidence.Method }},
	{"path", false, func(o pricewatch.Observation) string { return o.Evidence.Path }},
	{"raw_text", false, func(o pricewatch.Observation) string { return o.Evidence.Text }},
	{"reason", false, func(o pricewatch.Observation) string { return o.Evidence.Reason }},
	{"reader_version", false, func(o pricewatch.Observation) string { return o.Evidence.Reader }},
	{"confidence", true, func(o pricewatch.Observation) string { return strconv.FormatFloat(o.Confidence, 'f', -1, 64) }},
	{"flags", false, func(o pricewatch.Observation) string { return strings.Join(o.Flags, " ") }},
}

func nullDecimal(d decimals.NullDecimal) string {
	if !d.Valid {
		return ""
	}
	return d.Decimal.String()
}

func utc(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
