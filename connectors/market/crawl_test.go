package market_test

import (
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chophien/chophien/connectors/market"
	"github.com/chophien/chophien/connectors/market/markettest"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func open(t *testing.T, web markettest.Web) *market.Guest {
	t.Helper()
	g, err := market.NewGuest(market.Settings{Agent: "chophien/1 (+https://chophien.example)", Transport: web})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// TestCrawlOfTheShop follows the search page to every product with colly and
// checks manners and prices.
func TestCrawlOfTheShop(t *testing.T) {
	// No t.Parallel: colly reads its environment, which is set to be hostile.
	t.Setenv("COLLY_IGNORE_ROBOTSTXT", "y")
	t.Setenv("COLLY_MAX_BODY_SIZE", "10")
	t.Setenv("COLLY_USER_AGENT", "Mozilla/5.0")
	t.Setenv("COLLY_MAX_DEPTH", "1")
	synctest.Test(t, func(t *testing.T) {
		site := markettest.Record(&markettest.Retail{})
		guest := open(t, markettest.Web{"shop.example": site})
		got := map[string]string{}
		var rows []market.Row
		walk := market.Walk{Start: "https://shop.example/tim-kiem?q=", Follow: func(address string) bool { return true }}
		err := market.Crawl(t.Context(), guest, walk, func(p market.Page) error {
			r := p.Reading
			if _, slug, ok := strings.Cut(p.URL, "/san-pham/"); ok {
				got[slug] = strings.Join([]string{r.Kind, r.AmountMin, r.AmountMax, r.Currency, r.Availability}, " ")
			} else {
				rows = r.Rows
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{
			"mat-ong-bac-ha-500ml": "price 185000 185000 VND InStock",
			"mien-dong-500g":       "price 65000 65000 VND InStock",
			"tra-shan-tuyet-100g":  "price 1200000 1200000 VND InStock",
			"tieu-den-500g":        "price 98000  VND InStock",
			"que-thanh-250g":       "price 89000 89000 VND InStock",
			"khan-tho-cam":         "none    InStock",
			"hat-mac-ca-500g":      "range 150000 180000 VND OutOfStock",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("prices (-want +got):\n%s", diff)
		}
		if len(rows) != 6 { // all but the one to be asked for
			t.Errorf("%d rows on the search page, want 6: %+v", len(rows), rows)
		}
		var last time.Time
		for i, v := range site.Visits() {
			if strings.HasPrefix(v.Path, markettest.Forbidden) {
				t.Errorf("forbidden %s was fetched", v.Path)
			}
			if i > 0 && v.At.Sub(last) < markettest.CrawlDelay {
				t.Errorf("%s came %s after the request before", v.Path, v.At.Sub(last))
			}
			if agent := v.Header.Get("User-Agent"); !strings.HasPrefix(agent, "chophien/") {
				t.Errorf("agent %q", agent)
			}
			last = v.At
		}
	})
}

// TestRedirectIntoForbiddenPart follows a harmless link that leads there.
func TestRedirectIntoForbiddenPart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		site := markettest.Record(&markettest.Retail{})
		guest := open(t, markettest.Web{"shop.example": site})
		err := market.Crawl(t.Context(), guest, market.Walk{Start: "https://shop.example/uu-dai"}, func(market.Page) error {
			t.Error("a forbidden page was handed over")
			return nil
		})
		if err == nil {
			t.Error("no error")
		}
		for _, v := range site.Visits() {
			if strings.HasPrefix(v.Path, markettest.Forbidden) {
				t.Errorf("forbidden %s was fetched", v.Path)
			}
		}
	})
}

// TestBoardOverDays reads the commodity board day by day.
func TestBoardOverDays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		board := &markettest.Board{}
		guest := open(t, markettest.Web{"board.example": board})
		for day := range 4 {
			board.SetDay(day)
			page, err := guest.Get(t.Context(), market.Request{URL: "https://board.example/gia-tieu"})
			if err != nil {
				t.Fatal(err)
			}
			rows := market.ReadPage(page.Body, page.URL, page.ContentType).Rows
			if len(rows) != len(markettest.BoardPlaces) {
				t.Fatalf("day %d: %d rows: %+v", day, len(rows), rows)
			}
			for i, row := range rows {
				price, change := markettest.BoardPrice(i, day)
				want := market.Row{Name: "hồ tiêu", Region: markettest.BoardPlaces[i], Side: "buy", AmountMin: itoa(price), AmountMax: itoa(price), Currency: "VND", UnitQty: "1", Unit: "kg", Delta: itoa(change), ObservedOn: time.Date(2026, 11, 20+day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)}
				if diff := cmp.Diff(want, row, cmpopts.IgnoreFields(market.Row{}, "Text")); diff != "" {
					t.Errorf("day %d (-want +got):\n%s", day, diff)
				}
			}
		}
	})
}

// TestStoryOfTheShop reads the honey's page through rise, outlier and break.
func TestStoryOfTheShop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		shop := &markettest.Retail{}
		guest := open(t, markettest.Web{"shop.example": shop})
		for day, want := range map[int]string{0: "185000", markettest.RiseDay: "205000", markettest.OutlierDay: "20500", markettest.BrokenDay: ""} {
			shop.SetDay(day)
			page, err := guest.Get(t.Context(), market.Request{URL: "https://shop.example/san-pham/mat-ong-bac-ha-500ml"})
			if err != nil {
				t.Fatal(err)
			}
			if r := market.ReadPage(page.Body, page.URL, page.ContentType); r.AmountMin != want {
				t.Errorf("day %d: got %q, want %q (%s)", day, r.AmountMin, want, r.Evidence)
			}
		}
	})
}

func itoa(n int) string { return strconv.Itoa(n) }
