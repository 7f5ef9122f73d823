package lazada

import (
	"context"
	"errors"
	"iter"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// maxOffset is how far lists of products can be paged; larger shops are read
// in windows of the time of creation.
const maxOffset = 10000

// productPage is a page of products with the number of all.
type productPage struct {
	Total    number    `json:"total_products"`
	Products []product `json:"products"`
}

// page reads a page of products.
// https://open.lazada.com/apps/doc/api?path=%2Fproducts%2Fget, read 2026-04.
func (s *shop) page(ctx context.Context, op string, query url.Values) (productPage, error) {
	query.Set("filter", "all")
	var out answer[productPage]
	err := s.get(ctx, connectors.Call{Op: op, Path: "/products/get", Query: query, Out: &out, Cost: listCost})
	return out.Data.value, err
}

// firstDay is before Lazada began.
var firstDay = time.Date(2012, 1, 1, 0, 0, 0, 0, time.UTC)

// Listings reads all products. A shop that is larger than what can be paged is
// cut in two by the time of creation, which never changes, until each part can.
func (s *shop) Listings(ctx context.Context) iter.Seq2[catalog.Remote, error] {
	return func(yield func(catalog.Remote, error) bool) {
		emit := func(p product) bool { return p.gone() || yield(s.remoteOf(p), nil) }
		err := s.readWindow(ctx, firstDay, time.Now().Add(24*time.Hour), true, emit)
		if err != nil && !errors.Is(err, errEnough) {
			yield(catalog.Remote{}, err)
		}
	}
}

// errEnough ends a read whose reader wants no more.
var errEnough = errors.New("enough")

// readWindow reads the products made between two times, all of them when it is
// the whole. Products that come or go while it reads move others between pages:
// then the number of all does not fit, and the window is read again.
func (s *shop) readWindow(ctx context.Context, from, to time.Time, whole bool, emit func(product) bool) error {
	const tries = 4
	limit := s.options.PageSize
	for range tries {
		seen := map[number]bool{}
		changed, total := false, number(-1)
		for offset := 0; ; {
			query := url.Values{"limit": {strconv.Itoa(limit)}, "offset": {strconv.Itoa(offset)}}
			if !whole {
				query.Set("create_after", from.Format(time.RFC3339))
				query.Set("create_before", to.Format(time.RFC3339))
			}
			page, err := s.page(ctx, "products.list", query)
			if e, ok := errors.AsType[*connectors.Error](err); ok && e.Code == "ServiceTimeout" && limit > 5 {
				limit /= 2 // pages with many variants take too long
				continue
			}
			if err != nil {
				return err
			}
			if page.Total > maxOffset && to.Sub(from) > time.Minute {
				middle := from.Add(to.Sub(from) / 2).Truncate(time.Second)
				if err := s.readWindow(ctx, from, middle, false, emit); err != nil {
					return err
				}
				// after excludes or includes its time; a second more does both.
				return s.readWindow(ctx, middle.Add(-time.Second), to, false, emit)
			}
			changed = changed || total >= 0 && page.Total != total
			total = page.Total
			for _, p := range page.Products {
				seen[p.ItemID] = true
				if !emit(p) {
					return errEnough
				}
			}
			offset += len(page.Products)
			if len(page.Products) == 0 || offset >= int(total) {
				break
			}
		}
		if !changed && len(seen) >= int(total) {
			return nil
		}
	}
	return s.fail("products.list", connectors.Transient, "list", "the list of products kept changing while it was read; it is read again later")
}

// FindSKUs looks products up by seller SKU.
func (s *shop) FindSKUs(ctx context.Context, skus []catalog.SKU) ([]catalog.Remote, error) {
	products, err := s.lookUp(ctx, skus)
	if err != nil {
		return nil, err
	}
	remotes := make([]catalog.Remote, 0, len(products))
	for _, p := range products {
		remotes = append(remotes, s.remoteOf(p))
	}
	return remotes, nil
}

// lookUp reads the products that have one of the SKUs, each once, by number.
func (s *shop) lookUp(ctx context.Context, skus []catalog.SKU) ([]product, error) {
	wanted := map[catalog.SKU]bool{}
	for _, one := range skus {
		if one != "" {
			wanted[one] = true
		}
	}
	var list []string
	for one := range wanted {
		list = append(list, string(one))
	}
	slices.Sort(list)
	// At most as many SKUs as products in a page, so that one page has all.
	groups := slices.Collect(slices.Chunk(list, s.options.PageSize))
	answers := make([][]product, len(groups))
	errs := s.parallel(len(groups), func(i int) error {
		text, err := payload(groups[i])
		if err != nil {
			return s.fail("products.find", connectors.Fatal, "payload", "the SKUs cannot be written as JSON")
		}
		page, err := s.page(ctx, "products.find", url.Values{"sku_seller_list": {text}, "limit": {strconv.Itoa(s.options.PageSize)}, "offset": {"0"}})
		answers[i] = page.Products
		return err
	})
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	found := map[number]product{}
	for _, answer := range answers {
		for _, p := range answer {
			ours := func(k sku) bool { return wanted[catalog.SKU(k.SellerSKU)] }
			if !p.gone() && slices.ContainsFunc(p.SKUs, ours) {
				found[p.ItemID] = p
			}
		}
	}
	products := make([]product, 0, len(found))
	for _, p := range found {
		products = append(products, p)
	}
	slices.SortFunc(products, func(a, b product) int { return int(a.ItemID - b.ItemID) })
	return products, nil
}

// item reads one product. Its error is NotFound when it is not there.
// https://open.lazada.com/apps/doc/api?path=%2Fproduct%2Fitem%2Fget, read 2026-04.
func (s *shop) item(ctx context.Context, op string, id catalog.ExternalID) (product, error) {
	if !isID(id) {
		return product{}, s.fail(op, connectors.NotFound, "", "%q is not the number of a product of Lazada", clip(string(id)))
	}
	var out answer[product]
	err := s.get(ctx, connectors.Call{Op: op, Path: "/product/item/get", Query: url.Values{"item_id": {string(id)}}, Out: &out})
	p := out.Data.value
	if err == nil && (p.ItemID == 0 || p.gone()) {
		err = s.fail(op, connectors.NotFound, "", "product %s is not in the shop any more", id)
	}
	return p, err
}

// Stop takes all SKUs of products off sale.
// https://open.lazada.com/apps/doc/api?path=%2Fproduct%2Fdeactivate, read 2026-04.
func (s *shop) Stop(ctx context.Context, listings []connectors.ListingRef) ([]connectors.Outcome, error) {
	return s.each(listings, func(l connectors.ListingRef) (connectors.OutcomeKind, error) { return s.stop(ctx, l.ExternalID) })
}

func (s *shop) stop(ctx context.Context, id catalog.ExternalID) (connectors.OutcomeKind, error) {
	err := s.write(ctx, write{
		op: "products.stop", path: "/product/deactivate", parameter: "apiRequestBody",
		value: request(fields{"ItemId": string(id)}), repeatable: true, urgent: true,
	})
	if e, ok := errors.AsType[*connectors.Error](err); ok && e.Code == codeOffline {
		return connectors.Unchanged, nil
	}
	return connectors.Applied, err
}

// Resume puts all SKUs of products on sale. Variants that are no longer offered
// have no stock ([shop.retire]), so that they cannot be bought then either.
func (s *shop) Resume(ctx context.Context, listings []connectors.ListingRef) ([]connectors.Outcome, error) {
	return s.each(listings, func(l connectors.ListingRef) (connectors.OutcomeKind, error) { return s.resume(ctx, l.ExternalID) })
}

func (s *shop) resume(ctx context.Context, id catalog.ExternalID) (connectors.OutcomeKind, error) {
	p, err := s.item(ctx, "products.read", id)
	if err != nil {
		return "", err
	}
	var rows []fields
	for _, k := range p.SKUs {
		if !k.active() {
			rows = append(rows, fields{"SkuId": k.SkuID.String(), "SellerSku": string(k.SellerSKU), "Status": "active"})
		}
	}
	if len(rows) == 0 {
		return connectors.Unchanged, nil
	}
	return connectors.Applied, s.write(ctx, write{
		op: "products.resume", path: "/product/update", parameter: "payload", repeatable: true, urgent: true,
		value: request(fields{"ItemId": string(id), "Attributes": fields{}, "Skus": fields{"Sku": rows}}),
	})
}

// Delete removes products for good, with all their SKUs.
// https://open.lazada.com/apps/doc/api?path=%2Fproduct%2Fremove, read 2026-04.
func (s *shop) Delete(ctx context.Context, listings []connectors.ListingRef) ([]connectors.Outcome, error) {
	return s.each(listings, func(l connectors.ListingRef) (connectors.OutcomeKind, error) {
		p, err := s.item(ctx, "products.read", l.ExternalID)
		if err != nil {
			return "", err
		}
		var ids []string
		for _, k := range p.SKUs {
			ids = append(ids, "SkuId_"+p.ItemID.String()+"_"+k.SkuID.String())
		}
		return connectors.Applied, s.write(ctx, write{
			op: "products.delete", path: "/product/remove", parameter: "sku_id_list", value: ids, urgent: true,
		})
	})
}

// each does something to every listing by a call of its own.
func (s *shop) each(listings []connectors.ListingRef, do func(connectors.ListingRef) (connectors.OutcomeKind, error)) ([]connectors.Outcome, error) {
	outcomes := make([]connectors.Outcome, len(listings))
	errs := s.parallel(len(listings), func(i int) error {
		if !isID(listings[i].ExternalID) {
			outcomes[i] = s.gone("products.read", listings[i].ExternalID)
			return nil
		}
		kind, err := do(listings[i])
		outcomes[i].Kind = kind
		return err
	})
	for i, err := range errs {
		if err != nil {
			outcomes[i] = outcomeOf(err, "")
		}
	}
	return connectors.Settle(outcomes)
}

// remoteOf is a listing as the shop shows it.
func (s *shop) remoteOf(p product) catalog.Remote {
	r := catalog.Remote{
		ExternalID: idOf(p.ItemID), Title: p.attribute("name"), Content: contentFingerprint(p), Media: mediaFingerprint(p),
		Variants: []catalog.VariantSnapshot{},
	}
	r.State, r.Issues = p.state()
	if ms, err := strconv.ParseInt(string(p.UpdatedAt), 10, 64); err == nil && ms > 0 {
		r.UpdatedAt = time.UnixMilli(ms).UTC()
	}
	off := 0
	for _, k := range p.SKUs {
		v := catalog.VariantSnapshot{SKU: catalog.SKU(k.SellerSKU), ExternalID: idOf(k.SkuID)}
		r.URL = firstOf(r.URL, k.URL)
		price, err := k.price(s.currency, s.zone, time.Now())
		if err != nil {
			r.Issues = append(r.Issues, catalog.Issue{Code: "price_unreadable", Severity: catalog.SeverityWarning, Field: "price", SKU: v.SKU, Message: both(
				"Giá trên Lazada không đọc được: mở sản phẩm trong Seller Center và nhập lại giá.",
				"The price on Lazada cannot be read: open the product in Seller Center and enter it again.")})
		}
		v.Price = price
		if pieces, ok := k.sellable(); ok {
			v.Quantity = &pieces
		}
		if !k.active() {
			off++
		}
		r.Variants = append(r.Variants, v)
	}
	if off > 0 && r.State == catalog.StateLive {
		r.Issues = append(r.Issues, catalog.Issue{Code: "variants_off", Severity: catalog.SeverityWarning, Field: "variants", Message: both(
			"Vài phân loại của sản phẩm đang ẩn trên Lazada.", "Some variants of the product are off sale on Lazada.")})
	}
	slices.SortFunc(r.Variants, func(a, b catalog.VariantSnapshot) int { return strings.Compare(string(a.SKU), string(b.SKU)) })
	return r
}
