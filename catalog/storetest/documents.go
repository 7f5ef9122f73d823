package storetest

import (
	"fmt"
	"math"
	"time"

	"github.com/chophien/chophien/catalog"
)

// simple is the smallest product: one variant, whose SKU is the ID.
func simple(id string) catalog.Product {
	return catalog.Product{
		ID:       id,
		Name:     catalog.Text{VI: "Sản phẩm " + id},
		Variants: []catalog.Variant{{SKU: catalog.SKU(id), ListPrice: catalog.VND(100000)}},
	}
}

func named(id, name string) catalog.Product {
	p := simple(id)
	p.Name = catalog.Text{VI: name}
	return p
}

// numbered returns simple products with sorted IDs.
func numbered(prefix string, n int) []catalog.Product {
	list := make([]catalog.Product, n)
	for i := range list {
		list[i] = simple(fmt.Sprintf("%s%05d", prefix, i))
	}
	return list
}

// full is a product in which every field is set, and in which absent, empty
// and zero stand side by side.
func full(id string) catalog.Product {
	sku := func(i int) catalog.SKU { return catalog.SKU(fmt.Sprintf("%s-%d", id, i)) }
	zero, cost, sale, stock, none := catalog.VND(0), catalog.VND(61000), catalog.Money{Amount: 150, Currency: "USD"}, int64(7), int64(0)
	return catalog.Product{
		ID:          id,
		GroupID:     "htx-bản-cá",
		Name:        catalog.Text{VI: "Miến dong Na Rì", EN: "Canna vermicelli from Na Ri"},
		Summary:     catalog.Text{VI: "Sợi dai, không phẩm màu 🍜"},
		Description: catalog.Text{VI: "Đoạn một.\n\nĐoạn hai: <b>không</b> phải HTML & \"dấu\" '.", EN: "One.\n\nTwo."},
		Category:    "vermicelli",
		Brand:       "Bản Cá",
		Options:     []string{"Khối lượng", "Bao bì"},
		Variants: []catalog.Variant{
			{
				SKU: sku(0), GTIN: "8938505974194", Options: []string{"500 g", "Túi giấy"},
				ListPrice: catalog.VND(85000), SalePrice: &zero, Cost: &cost, Weight: 540,
				Dimensions: catalog.Dimensions{Length: 300, Width: 200, Height: 60},
				NetContent: catalog.Quantity{Milli: 500000, Unit: "g"}, Image: 1,
			},
			{SKU: sku(1), Options: []string{"1 kg", ""}, ListPrice: catalog.Money{Amount: math.MaxInt64, Currency: "KWD"}, SalePrice: &sale},
			{SKU: sku(2), Options: []string{"", ""}, ListPrice: catalog.Money{Amount: math.MinInt64, Currency: "VND"}, Archived: true},
		},
		Images:       []catalog.Image{{Source: "images/miến dong.png", SHA256: "ab12", Type: "image/png", Alt: catalog.Text{VI: "Gói miến"}}, {Source: "https://example.org/a.jpg"}},
		Attributes:   []catalog.Attribute{{Name: "Mùa vụ", Value: catalog.Text{VI: "Tháng 11"}}},
		Origin:       catalog.Origin{Commune: "Côn Minh", Province: "Thái Nguyên", OldLabel: "Na Rì, Bắc Kạn"},
		OCOP:         4,
		Certificates: []catalog.Certificate{{Kind: "food-safety", Number: "12/2026", ExpiresOn: time.Date(2029, 1, 1, 0, 0, 0, 0, time.UTC)}, {Kind: "ocop"}},
		Lots:         []catalog.Lot{{Code: "L1", SKU: sku(0), MadeOn: time.Date(1969, 12, 31, 23, 59, 59, 999_000_000, time.UTC), ExpiresOn: at(5)}},
		Overrides: map[catalog.ChannelID]catalog.Override{
			"shop-a": {Title: "Miến", Prices: []catalog.SKUPrice{{SKU: sku(0), Price: catalog.VND(90000)}}, StockCap: &none, Attributes: []catalog.OfferAttribute{{Name: "Vị", Value: ""}}},
			"shop-b": {Excluded: true, StockCap: &stock},
			"shop-c": {Description: "x", Category: "12"},
		},
		Archived:  true,
		Sample:    true,
		CreatedAt: at(0),
		UpdatedAt: at(1),
	}
}

func fullListing(channel catalog.ChannelID, id string) catalog.Listing {
	sale, zero, nine := catalog.VND(80000), int64(0), int64(9)
	side := catalog.Snapshot{
		At: at(10), State: catalog.StateLive, Content: "c1", Media: "m1",
		Variants: []catalog.VariantSnapshot{
			{SKU: "A", ExternalID: "11/2.$", Price: &catalog.Price{List: catalog.VND(85000), Sale: &sale}, Quantity: &zero},
			{SKU: "B", Price: &catalog.Price{List: catalog.VND(0)}, Quantity: &nine},
			{SKU: "C"},
		},
	}
	return catalog.Listing{
		Channel: channel, ProductID: id, Due: true, ExternalID: catalog.ExternalID("x-" + id), URL: "https://example.org/" + id,
		Applied: side, Observed: catalog.Snapshot{State: catalog.StateReview},
		ContentEcho: "ce", MediaEcho: "me",
		Intent:  &catalog.Intent{Kind: catalog.ActionUpdate, Facets: []catalog.Facet{catalog.FacetPrice}, PlanID: "p1", StartedAt: at(11), Desired: side},
		Missing: 1, Status: catalog.StatusBlocked, Reason: "rejected",
		Issues:    []catalog.Issue{{Code: "title", Severity: catalog.SeverityError, Field: "variants[A].price", SKU: "A", Message: catalog.Text{VI: "Tên dài", EN: "Title too long"}}},
		BlockedOn: "f1", UpdatedAt: at(12),
	}
}

func listing(channel catalog.ChannelID, id string) catalog.Listing {
	return catalog.Listing{Channel: channel, ProductID: id, Status: catalog.StatusLive}
}

func fullOrder(channel catalog.ChannelID, id catalog.ExternalID) catalog.Order {
	return catalog.Order{
		Channel: channel, ExternalID: id, Sealed: []byte{0, 255, 1, 0, 'a'}, RawHash: "h1",
		UpdatedAt: at(20), ReadAt: at(21), Unsettled: true, Problem: "sku-unknown",
		Number: "#1001", Status: catalog.OrderToShip, PlatformStatus: "processing", CancelRequested: true, PlacedAt: at(19),
		Lines: []catalog.OrderLine{
			{ID: "1", ExternalID: "77", SKU: "A", Name: "Miến dong 🍜", Quantity: 2, Restocked: 1, Total: catalog.VND(170000)},
			{ID: "2", Name: "Quà tặng", Quantity: 1, Total: catalog.VND(0)},
		},
		Total: catalog.VND(150000), Adjustment: catalog.VND(-20000),
		Fulfillments: []catalog.Fulfillment{{ID: "f", Carrier: "VNPost", TrackingNumber: "EE1", TrackingURL: "https://example.org/EE1", Lines: []string{"1"}, ShippedAt: at(22)}},
		Returns:      []catalog.Return{{ID: "r", Lines: []string{"2"}, Refunded: catalog.VND(1), Reason: "vỡ", At: at(23)}},
		Back:         []catalog.GoodsBack{{Line: "2", Pieces: 1, At: at(24), By: "Lan"}},
	}
}

func order(channel catalog.ChannelID, id catalog.ExternalID, updated time.Time) catalog.Order {
	return catalog.Order{Channel: channel, ExternalID: id, RawHash: "h", UpdatedAt: updated, ReadAt: updated}
}

func movement(key string, sku catalog.SKU, onHand, reserved int64) catalog.Movement {
	return catalog.Movement{Key: key, SKU: sku, Kind: catalog.MoveAdjust, OnHand: onHand, Reserved: reserved, At: at(0)}
}

func record(kind catalog.RecordKind, id, data string) catalog.Record {
	return catalog.Record{Kind: kind, ID: id, Data: []byte(data)}
}

// oddKeys are keys that a store could take for a pattern, a path, an operator
// or a number, in byte order.
var oddKeys = []string{
	" ", "$where", "%", "%%", "'; DROP TABLE products; --", "*", "..", ".a.b", "/", "007", "7",
	"A", "A B", "A/B", "A/B/C", "A_B", "Ab", "[a]", "\\", "_", "__proto__", "a", "a b ", "a$b", "a%b", "a.b", "a/b", "a~1b", "aXb", "a_b", "null",
	"{\"$gt\":\"\"}", "~", "<a&b>", "a\u2028b", "Đắk Nông", "đường", "ấm trà", "ổi 100%/kg", "🍯",
}
