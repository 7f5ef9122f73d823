package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/pricewatch"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/market"
)

type watchAddCmd struct {
	URL       string            `arg:"" help:"Địa chỉ trang, hoặc một tệp với --kind file. / Address of the page, or a file with --kind file."`
	ID        string            `name:"id" help:"Tên nguồn, không đổi về sau. / Name of the source, never changed."`
	Name      string            `help:"Tên gọi. / What people call it."`
	Kind      string            `help:"Loại: page, search, table, file (.csv, .xlsx), api (JSON). / Kind." enum:",page,search,table,file,api" default:""`
	Rows      string            `help:"api: đường dẫn tới danh sách; file: tên trang tính. / api: path of the list; file: name of the sheet."`
	Field     map[string]string `help:"Cột hoặc đường dẫn, ví dụ name=Mặt hàng;price=Giá. / Columns or paths, for example name=title;price=price.amount."`
	Commodity string            `help:"Ngành hàng, ví dụ honey hoặc 'mật ong'. / What is priced, for example honey."`
	Product   string            `help:"Mã sản phẩm của ta. / ID of our product."`
	Grade     string            `help:"Hạng, ví dụ ocop-4. / Grade, for example ocop-4."`
	Side      string            `help:"Bên: farm-gate, wholesale, retail, fob, futures. / Side of the price." enum:",farm-gate,wholesale,retail,fob,futures" default:""`
	Region    string            `help:"Nơi. / Region."`
	Unit      string            `help:"Giá là của bao nhiêu, ví dụ 500 ml. / What the price is for, for example 500 ml."`
	Currency  string            `help:"Loại tiền khi trang không ghi. / Currency when the page names none."`
	Selector  string            `help:"Bộ chọn CSS của giá. / CSS selector of the price."`
	Attribute string            `help:"Thuộc tính chứa giá. / Attribute that holds the price."`
	Pattern   string            `help:"Biểu thức chính quy lấy giá. / Regular expression for the price."`
	Group     string            `help:"Nhóm nhận tin. / Group that is told."`
	Every     time.Duration     `help:"Đọc cách nhau bao lâu. / How often it is read." default:"12h"`
	Yes       bool              `short:"y" help:"Ghi luôn, không hỏi. / Write it without asking."`
	JSON      bool              `name:"json" help:"In JSON cho chương trình khác. / Print JSON for programs."`
}

// Run reads the page once, shows what was read and from where, lets the person
// correct it, and writes the entry into connectors.yaml.
func (c *watchAddCmd) Run(ctx context.Context, a *app) error {
	commodity, err := commodityCode(c.Commodity)
	if err != nil {
		return err
	}
	registry, err := newRegistry()
	if err != nil {
		return err
	}
	data, err := os.ReadFile(a.Config)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return withCode(exitConfig, fmt.Errorf("read the configuration: %w", err))
	}
	before := &connectors.Config{}
	if len(data) > 0 {
		if before, err = registry.Parse(a.Config, data, os.LookupEnv); err != nil {
			return withCode(exitConfig, err)
		}
	}
	for _, s := range before.Sources {
		if c.URL == s.URL && s.Selector == c.Selector {
			return withCode(exitUsage, fmt.Errorf("this address is watched already by the source %s", s.ID))
		}
	}
	reader, err := a.openReader()
	if err != nil {
		return err
	}
	s := connectors.SourceConfig{
		ID: c.ID, Kind: connectors.SourceKind(c.Kind), Name: c.Name, URL: c.URL, Commodity: commodity, Product: c.Product, Grade: c.Grade, Side: pricewatch.Side(c.Side), Region: c.Region,
		Unit: c.Unit, Currency: c.Currency, Rows: c.Rows, Fields: c.Field, Selector: c.Selector, Attribute: c.Attribute, Pattern: c.Pattern, Group: c.Group, Every: c.Every, Language: a.Lang,
	}
	if s.Kind == connectors.SourceFile && !strings.Contains(c.URL, "://") {
		if s.Path, err = filepath.Abs(c.URL); err != nil {
			return withCode(exitUsage, err)
		}
		s.URL = ""
	}
	out := a.stdout
	if c.JSON {
		a.stdout = a.stderr
	}
	var e market.Explanation
	if s.Kind == connectors.SourceFile || s.Kind == connectors.SourceAPI {
		err = a.lookAtRows(ctx, registry, reader, &s, before)
	} else {
		e, err = a.lookAtPage(ctx, reader, &s, before)
	}
	if err != nil {
		return err
	}
	written := c.Yes
	if !written && a.terminal() {
		written = a.correct(&s)
	}
	a.say("\nMục trong %s:", "\nThe entry of %s:", a.Config)
	fmt.Fprintln(a.stdout, indented("sources:\n"+s.YAML()))
	after, err := connectors.AppendSource(data, s)
	if err != nil {
		return withCode(exitConfig, err)
	}
	if err := sameButFor(registry, a.Config, before, after, s.ID); err != nil {
		return withCode(exitUsage, err)
	}
	if written {
		if err := replaceFile(a.Config, 0o600, func(file *os.File) error {
			_, err := file.Write(after)
			return err
		}); err != nil {
			return withCode(exitConfig, err)
		}
		a.say("Đã ghi. Đọc và lưu giá: chophien watch run %s", "Written. To read and keep its prices: chophien watch run %s", s.ID)
	} else {
		a.say("Chưa ghi. Sửa bằng --commodity, --side, --unit, --selector …; ghi: thêm --yes", "Not written. Correct it with --commodity, --side, --unit, --selector …; to write it, add --yes")
	}
	if c.JSON {
		a.stdout = out
		return a.printJSON(struct {
			ID      string         `json:"id"`
			Entry   string         `json:"entry"` // as in connectors.yaml
			Written bool           `json:"written"`
			Reading market.Reading `json:"reading"`
		}{s.ID, s.YAML(), written, e.Reading})
	}
	if !written {
		return withCode(exitPartial, errTold)
	}
	return nil
}

// lookAtPage reads a page and shows what is on it.
func (a *app) lookAtPage(ctx context.Context, reader *market.Reader, s *connectors.SourceConfig, before *connectors.Config) (market.Explanation, error) {
	look := *s
	look.Kind = connectors.SourcePage
	e, err := reader.Explain(ctx, look)
	if errors.Is(err, market.ErrNotHTML) {
		return e, fmt.Errorf("%w; a spreadsheet is added with --kind file, JSON with --kind api --rows PATH --field name=PATH;price=PATH", err)
	}
	if err != nil {
		return e, err
	}
	guess(s, e.Reading, before)
	a.sayExplanation(e)
	if e.Reading.Kind == market.KindNone && len(e.Reading.Rows) == 0 {
		return e, fmt.Errorf("the page gives no price; look at it, and name the place with --selector (above: where there are amounts)")
	}
	return e, nil
}

// lookAtRows reads a file or JSON and shows its rows.
func (a *app) lookAtRows(ctx context.Context, registry *connectors.Registry, reader *market.Reader, s *connectors.SourceConfig, before *connectors.Config) error {
	guess(s, market.Reading{}, before)
	if _, err := registry.Parse("entry", []byte("sources:\n"+s.YAML()), os.LookupEnv); err != nil {
		return withCode(exitUsage, err)
	}
	reading, err := reader.ReadSource(ctx, *s, connectors.Validators{})
	if err != nil {
		return err
	}
	a.sayQuotes(reading.Quotes)
	if !slices.ContainsFunc(reading.Quotes, func(q connectors.Quote) bool { return q.NoPrice == "" }) {
		return fmt.Errorf("there is no price; name the columns or paths with --field, for example --field price=PATH")
	}
	return nil
}

// guess fills in what the person did not say from what the page says.
func guess(s *connectors.SourceConfig, r market.Reading, before *connectors.Config) {
	if s.Kind == "" {
		switch {
		case r.Kind != market.KindNone || len(r.Rows) == 0:
			s.Kind = connectors.SourcePage
		case slices.Contains(r.Flags, market.FlagListing):
			s.Kind = connectors.SourceSearch
		default:
			s.Kind = connectors.SourceTable
		}
	}
	if s.Commodity == "" && s.Product == "" {
		s.Commodity = commonCommodity(s.Kind, r)
	}
	if s.Side == "" && s.Kind == connectors.SourceTable && s.Commodity != "" && slices.ContainsFunc(r.Rows, func(row market.Row) bool { return row.Side == "" }) {
		s.Side = pricewatch.FarmGate
	}
	if s.Grade == "" && s.Kind == connectors.SourcePage {
		s.Grade = pricewatch.GradeOf(r.Title)
	}
	if s.ID == "" {
		host := ""
		if u, err := url.Parse(s.URL); err == nil {
			host = strings.TrimPrefix(u.Hostname(), "www.")
		}
		s.ID = freeID(cmp.Or(s.Commodity, string(s.Kind))+"-"+host, before)
	}
	if s.Kind != connectors.SourcePage {
		s.Selector, s.Attribute, s.Pattern = "", "", ""
	}
}

// commonCommodity is what the page, or every row of it, is a price of; "" when
// they differ.
func commonCommodity(kind connectors.SourceKind, r market.Reading) string {
	if kind == connectors.SourcePage {
		return pricewatch.CommodityOf(r.Title)
	}
	common := ""
	for i, row := range r.Rows {
		code := pricewatch.CommodityOf(row.Name)
		if i > 0 && code != common {
			return ""
		}
		common = code
	}
	return common
}

// freeID makes a source ID of a text that no source has.
func freeID(text string, before *connectors.Config) string {
	id := strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, catalog.Fold(text)), "-")
	id = strings.Trim(id[:min(len(id), 36)], "-")
	for n := 1; ; n++ {
		candidate := id
		if n > 1 {
			candidate = fmt.Sprintf("%s-%d", id, n)
		}
		if !slices.ContainsFunc(before.Sources, func(s connectors.SourceConfig) bool { return s.ID == candidate }) {
			return candidate
		}
	}
}

// terminal tells whether a person answers.
func (a *app) terminal() bool {
	if a.person {
		return true
	}
	file, ok := a.stdin.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// correct asks a person about the entry; what is left empty stays. It reports
// whether it is to be written.
func (a *app) correct(s *connectors.SourceConfig) bool {
	lines := bufio.NewScanner(a.stdin)
	ask := func(vi, en, standard string) string {
		fmt.Fprintf(a.stdout, "%s [%s]: ", a.t(vi, en), standard)
		if lines.Scan() && strings.TrimSpace(lines.Text()) != "" {
			return strings.TrimSpace(lines.Text())
		}
		return standard
	}
	fmt.Fprintln(a.stdout)
	s.ID = ask("Tên nguồn", "Name of the source", s.ID)
	for {
		code, err := commodityCode(ask("Ngành hàng (honey, tea, pepper …)", "What is priced (honey, tea, pepper …)", s.Commodity))
		if err == nil {
			s.Commodity = code
			break
		}
		a.say("%v", "%v", err)
	}
	side := s.Side
	if side == "" && s.Kind != connectors.SourceTable {
		side = pricewatch.Retail
	}
	for {
		answer := pricewatch.Side(ask("Bên: farm-gate (thu mua), wholesale (sỉ), retail (lẻ), fob, futures", "Side: farm-gate, wholesale, retail, fob, futures", string(side)))
		if answer == "" || slices.Contains(pricewatch.Sides, answer) {
			s.Side = answer
			break
		}
	}
	s.Unit = ask("Giá là của bao nhiêu, khi trang không ghi (ví dụ 500 ml)", "What the price is for, when the page does not tell (such as 500 ml)", s.Unit)
	answer := ask("Ghi vào connectors.yaml? (c = có, k = không)", "Write it into connectors.yaml? (y, n)", a.t("c", "y"))
	return slices.Contains([]string{"c", "co", "có", "y", "yes"}, strings.ToLower(answer))
}

// sameButFor makes sure that the new file is valid and changes no entry of the
// old one.
func sameButFor(registry *connectors.Registry, path string, before *connectors.Config, data []byte, added string) error {
	after, err := registry.Parse(path, data, os.LookupEnv)
	if err != nil {
		return err
	}
	if len(after.Channels) != len(before.Channels) || len(after.Sources) != len(before.Sources)+1 || after.Sources[len(after.Sources)-1].ID != added {
		return fmt.Errorf("source %s: adding it would change other entries; add it by hand", added)
	}
	for i, c := range before.Channels {
		if after.Channels[i].Hash != c.Hash {
			return fmt.Errorf("source %s: adding it would change channel %s; add it by hand", added, c.ID)
		}
	}
	for i, s := range before.Sources {
		if after.Sources[i].Hash != s.Hash {
			return fmt.Errorf("source %s: adding it would change source %s; add it by hand", added, s.ID)
		}
	}
	return nil
}

func indented(text string) string {
	return "  " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n  ")
}
