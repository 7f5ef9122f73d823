package shopee

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/chophien/chophien/catalog"
)

// listingID and variantID write our external IDs, splitID reads both.
func listingID(item int64) catalog.ExternalID {
	return catalog.ExternalID(strconv.FormatInt(item, 10))
}

func variantID(item, model int64) catalog.ExternalID {
	if model == 0 {
		return listingID(item)
	}
	return catalog.ExternalID(fmt.Sprintf("%d/%d", item, model))
}

// splitID reads an ID; model is 0 for a listing and for a simple item.
func splitID(id catalog.ExternalID) (item, model int64, ok bool) {
	first, second, packed := strings.Cut(string(id), "/")
	item, err := strconv.ParseInt(first, 10, 64)
	if err != nil || item <= 0 {
		return 0, 0, false
	}
	if !packed {
		return item, 0, true
	}
	model, err = strconv.ParseInt(second, 10, 64)
	return item, model, err == nil && model > 0
}

// variable tells that an offer needs variations.
func variable(offer *catalog.Offer) bool { return len(offer.Options) > 0 }

// description is the one text that Shopee has.
func description(offer *catalog.Offer) string {
	var parts []string
	for _, part := range []string{offer.Summary, offer.Description} {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, "\n\n")
}

// kilograms writes grams as the platform wants them: a number of kilograms.
func kilograms(grams int64) json.Number {
	return json.Number(decimal.New(grams, -3).String())
}

// sameWeight compares what is shown ("0.850") with grams. The platform shows
// two or three decimals, so 10 g of difference are none.
func sameWeight(shown string, grams int64) bool {
	n, err := decimal.NewFromString(shown)
	return err == nil && n.Shift(3).Sub(decimal.NewFromInt(grams)).Abs().LessThan(decimal.NewFromInt(10))
}

// box turns millimetres into whole centimetres, rounded up; nil when a side is
// not known.
func box(d catalog.Dimensions) *dimension {
	if d.Length <= 0 || d.Width <= 0 || d.Height <= 0 {
		return nil
	}
	return &dimension{Height: (d.Height + 9) / 10, Length: (d.Length + 9) / 10, Width: (d.Width + 9) / 10}
}

// parcelOf is what the item as a whole weighs and measures: of its variants the
// heaviest and the largest.
func parcelOf(offer *catalog.Offer) (grams int64, size *dimension) {
	for _, v := range offer.Variants {
		grams = max(grams, v.Weight)
		if d := box(v.Dimensions); d != nil && (size == nil || d.Height*d.Length*d.Width > size.Height*size.Length*size.Width) {
			size = d
		}
	}
	return grams, size
}

// remote is the listing that an item is.
func (s *shop) remote(it *item, account string) catalog.Remote {
	r := catalog.Remote{
		ExternalID: listingID(it.ID), URL: itemURL(account, it.ID), Title: it.Name, Content: contentOf(it), Media: mediaOf(it),
		State: stateOf(it.Status), Issues: issuesOf(it),
	}
	if it.Updated > 0 {
		r.UpdatedAt = time.Unix(it.Updated, 0).UTC()
	}
	if len(it.Models) == 0 {
		r.Variants = []catalog.VariantSnapshot{{
			SKU: catalog.SKU(it.SKU), ExternalID: listingID(it.ID), Price: priceOf(it.Prices), Quantity: s.quantityOf(it.Stock),
		}}
	}
	for _, m := range it.Models {
		r.Variants = append(r.Variants, catalog.VariantSnapshot{
			SKU: catalog.SKU(m.SKU), ExternalID: variantID(it.ID, m.ID), Price: priceOf(m.Prices), Quantity: s.quantityOf(m.Stock),
		})
	}
	slices.SortFunc(r.Variants, func(a, b catalog.VariantSnapshot) int { return cmp.Compare(a.SKU, b.SKU) })
	return r
}

func stateOf(status string) catalog.State {
	switch status {
	case statusNormal:
		return catalog.StateLive
	case statusUnlist:
		return catalog.StateStopped
	case statusReviewing:
		return catalog.StateReview
	case statusBanned:
		return catalog.StateRejected
	case "SELLER_DELETE", "SHOPEE_DELETE", "DELETED":
		return catalog.StateGone
	}
	return catalog.StateUnknown
}

// priceOf reads a price; nil when there is none (invariant I11).
func priceOf(list []priceInfo) *catalog.Price {
	if len(list) == 0 || list[0].Original <= 0 {
		return nil
	}
	p := catalog.Price{List: catalog.VND(int64(list[0].Original))}
	if current := list[0].Current; current > 0 && current < list[0].Original {
		sale := catalog.VND(int64(current))
		p.Sale = &sale
	}
	return &p
}

// quantityOf is the seller's stock, at our location where there are several.
func (s *shop) quantityOf(info stockInfo) *int64 {
	var sum int64
	found := false
	for _, row := range info.Seller {
		if s.options.LocationID == "" || row.Location == s.options.LocationID {
			sum, found = sum+row.Stock, true
		}
	}
	if !found {
		return nil
	}
	return &sum
}

// contentOf and mediaOf are fingerprints of what the platform shows.
func contentOf(it *item) string {
	h := hasher{}
	h.add(it.Name, it.Description, it.Category, it.Brand.ID, it.Weight, it.Dimension)
	attributes := slices.Clone(it.Attributes)
	slices.SortFunc(attributes, func(a, b attribute) int { return cmp.Compare(a.ID, b.ID) })
	h.add(attributes)
	for _, t := range it.Tiers {
		h.add(t.Name)
		for _, o := range t.Options {
			h.add(o.Name)
		}
	}
	models := slices.Clone(it.Models)
	slices.SortFunc(models, func(a, b model) int { return cmp.Compare(a.SKU, b.SKU) })
	for _, m := range models {
		h.add(m.SKU, m.Index, m.Weight, m.Dimension)
	}
	return h.sum()
}

func mediaOf(it *item) string {
	h := hasher{}
	h.add(it.Image.IDs)
	for _, t := range it.Tiers {
		for _, o := range t.Options {
			h.add(o.Image.ID)
		}
	}
	return h.sum()
}

// hasher collects values, each as JSON on a line of its own.
type hasher []byte

func (h *hasher) add(values ...any) {
	for _, value := range values {
		text, err := json.Marshal(value)
		if err != nil {
			continue // numbers, texts and structs of them never fail
		}
		*h = append(append(*h, text...), '\n')
	}
}

func (h hasher) sum() string {
	sum := sha256.Sum256(h)
	return hex.EncodeToString(sum[:16])
}
