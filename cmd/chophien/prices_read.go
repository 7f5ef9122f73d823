package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/chophien/chophien/catalog/pricetext"
)

// longestPriceLine is the most bytes that a line of standard input may have.
const longestPriceLine = 1 << 20

type pricesReadCmd struct {
	Page  string `help:"Đọc trang đã lưu này (.gz cũng được) thay vì đầu vào chuẩn. / Read this saved page (.gz too) instead of standard input." xor:"what"`
	URL   string `name:"url" help:"Địa chỉ của trang. / The page's address."`
	Pages string `help:"Đọc các trang trong danh sách TSV có cột file và url. / Read the pages of a TSV list with the columns file and url." xor:"what"`
}

// Help tells what goes in and what comes out.
func (*pricesReadCmd) Help() string {
	return "Mỗi dòng vào là một chuỗi giá, có thể thêm TAB và ngữ cảnh (header=…; unit=…; title=…; currency=…; lang=vi). Mỗi dòng ra là một đối tượng JSON. / " +
		"Each line in is a price text, with a context behind a TAB if there is one (header=…; unit=…; title=…; currency=…; lang=vi). Each line out is a JSON object. " +
		`Escapes: \n \t \\ \uXXXX.` +
		" Giá có confidence từ 0.7 là đủ chắc để dùng. / A price with a confidence of 0.7 or more is sure enough to act on."
}

// Run reads price texts from standard input, one a line, or saved pages, and
// prints one line of JSON for each, in order.
func (c *pricesReadCmd) Run(a *app) error {
	if c.Page != "" || c.Pages != "" {
		return c.readPages(a)
	}
	out := bufio.NewWriter(a.stdout)
	encode := json.NewEncoder(out)
	encode.SetEscapeHTML(false)
	lines := bufio.NewScanner(a.stdin)
	lines.Buffer(nil, longestPriceLine)
	n := 0
	for ; lines.Scan(); n++ {
		text, context, _ := strings.Cut(strings.TrimSuffix(lines.Text(), "\r"), "\t")
		r := pricetext.Read(pricetext.Unescape(text), pricetext.ParseContext(pricetext.Unescape(context)))
		if err := encode.Encode(readingOf(r)); err != nil {
			return fmt.Errorf("write the reading of line %d: %w", n+1, err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read line %d of standard input: %w; a line may have at most %d bytes", n+1, err, longestPriceLine)
	}
	return out.Flush()
}

// reading is a price as scripts get it. Amounts are decimal strings in major
// units of the currency, for unit_qty × unit; what is absent is left out.
type reading struct {
	Kind         string   `json:"kind"`                // price, range, none
	Qualifier    string   `json:"qualifier,omitempty"` // from, upto, about
	AmountMin    string   `json:"amount_min,omitempty"`
	AmountMax    string   `json:"amount_max,omitempty"`
	ListAmount   string   `json:"list_amount,omitempty"`
	Currency     string   `json:"currency,omitempty"`
	UnitQty      string   `json:"unit_qty,omitempty"`
	Unit         string   `json:"unit,omitempty"`
	BaseUnit     string   `json:"base_unit,omitempty"`
	PerBaseMin   string   `json:"per_base_min,omitempty"`
	PerBaseMax   string   `json:"per_base_max,omitempty"`
	Availability string   `json:"availability,omitempty"` // as schema.org names it
	Confidence   float64  `json:"confidence"`             // 0 to 1
	Flags        []string `json:"flags,omitempty"`
	Evidence     string   `json:"evidence,omitempty"`
}

// readingOf writes a result as scripts get it. Without a price there are no
// amounts, and the flags tell why: contact, sold_out, change, zero.
func readingOf(r pricetext.Result) reading {
	out := reading{Kind: "none", Confidence: r.Confidence, Flags: r.Flags.Strings(), Evidence: r.Evidence}
	if r.Flags&pricetext.FlagSoldOut != 0 {
		out.Availability = "OutOfStock"
	}
	if !r.HasPrice() {
		return out
	}
	out.Kind, out.Qualifier, out.Currency = r.Kind.String(), r.Qualifier.String(), r.Currency
	out.AmountMin, out.AmountMax, out.ListAmount = decimal(r.Min), decimal(r.Max), decimal(r.List)
	out.UnitQty, out.Unit, out.BaseUnit = decimal(r.Unit.Qty), r.Unit.Name, r.Unit.Base()
	out.PerBaseMin, out.PerBaseMax = decimal(r.PerBaseMin), decimal(r.PerBaseMax)
	return out
}

// decimal writes an amount, nothing when it is absent.
func decimal(d pricetext.Decimal) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}
