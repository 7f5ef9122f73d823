package catalog

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"time"
)

// RendererVersion is part of every fingerprint. It is raised when the renderer
// gives another offer for the same input, so that listings are written again.
const RendererVersion = 1

// Fingerprint identifies one facet of the offer: two offers have the same
// fingerprint exactly when a listing would show the same for it. It is 32 hex
// digits, stable over restarts and machines. A picture counts by its bytes
// where they are known, so that it may be served from another address.
func (o Offer) Fingerprint(f Facet) string {
	h := make(hasher, 0, 512+len(o.Description)+len(o.Summary))
	h.number(RendererVersion)
	h.text(string(f))
	switch f {
	case FacetState:
		h.text(string(o.State))
	case FacetStock:
		for _, v := range o.Variants {
			h.text(string(v.SKU))
			h.number(v.Quantity)
		}
	case FacetPrice:
		for _, v := range o.Variants {
			h.text(string(v.SKU))
			h.money(&v.Price.List)
			h.money(v.Price.Sale)
		}
	case FacetContent:
		o.hashContent(&h)
	case FacetMedia:
		h.number(int64(len(o.Images)))
		for _, image := range o.Images {
			if h.text(image.SHA256); image.SHA256 == "" {
				h.text(image.URL)
			}
			h.text(image.Alt)
		}
		for _, v := range o.Variants {
			h.text(string(v.SKU))
			h.number(int64(v.Image))
		}
	}
	sum := sha256.Sum256(h)
	return hex.EncodeToString(sum[:16])
}

func (o Offer) hashContent(h *hasher) {
	h.text(o.Title)
	h.text(o.Summary)
	h.text(o.Description)
	h.text(o.Category)
	h.text(o.Brand)
	h.number(int64(len(o.Attributes)))
	for _, a := range o.Attributes {
		h.text(a.Name)
		h.text(a.Value)
	}
	h.texts(o.Options)
	h.number(int64(len(o.Variants)))
	for _, v := range o.Variants {
		h.text(string(v.SKU))
		h.text(v.GTIN)
		h.texts(v.Options)
		h.number(v.Weight)
		h.number(v.Dimensions.Length)
		h.number(v.Dimensions.Width)
		h.number(v.Dimensions.Height)
		h.number(v.NetContent.Milli)
		h.text(v.NetContent.Unit)
	}
}

// Snapshot returns what a listing has applied once the offer was written whole
// at a time.
func (o Offer) Snapshot(at time.Time) Snapshot {
	s := Snapshot{
		At:      at.UTC().Truncate(time.Millisecond),
		State:   o.State,
		Content: o.Fingerprint(FacetContent),
		Media:   o.Fingerprint(FacetMedia),
	}
	if len(o.Variants) > 0 {
		s.Variants = make([]VariantSnapshot, len(o.Variants))
	}
	for i, v := range o.Variants {
		price, quantity := v.Price, v.Quantity
		s.Variants[i] = VariantSnapshot{SKU: v.SKU, Price: &price, Quantity: &quantity}
	}
	slices.SortFunc(s.Variants, func(a, b VariantSnapshot) int { return cmp.Compare(a.SKU, b.SKU) })
	return s
}

// hasher collects values so that different values never give the same bytes:
// texts carry their length, lists their count.
type hasher []byte

func (h *hasher) number(n int64) { *h = binary.AppendVarint(*h, n) }

func (h *hasher) text(s string) {
	*h = binary.AppendUvarint(*h, uint64(len(s)))
	*h = append(*h, s...)
}

func (h *hasher) texts(list []string) {
	h.number(int64(len(list)))
	for _, s := range list {
		h.text(s)
	}
}

func (h *hasher) money(m *Money) {
	if m == nil {
		h.number(0)
		return
	}
	h.number(1)
	h.number(m.Amount)
	h.text(m.Currency)
}
