// Package catalog is the vocabulary of the service and its rules: products and
// their variants, the offers rendered from them, listings on channels, orders,
// the stock ledger, plans and runs, and the [Store] that keeps them.
//
// It does no I/O and imports only the standard library. Its values are plain
// data; unless a method says otherwise they are not safe for concurrent
// mutation, and copying a struct shares its slices and maps.
//
// Three states are kept apart everywhere: absent (nil pointer, missing key),
// empty ("" or an empty slice) and zero. Times are UTC with millisecond
// precision, the least that both stores keep. Text is NFC; the edges that read
// text (spreadsheets, connectors) normalise it.
package catalog

// SKU is the seller's own code of a variant: unique in the catalog, never
// changed after it was stored, and the natural key towards every platform.
// [ValidSKU] tells the accepted form.
type SKU string

// ChannelID names one seller account on one platform, as written in
// connectors.yaml: lower-case letters, digits and hyphens, at most 40 bytes.
type ChannelID string

// ExternalID is an identifier given by a platform. It is opaque outside the
// platform's package, which may pack several identifiers into one.
type ExternalID string

// Text is a text in the two languages of the catalog. Empty means not written
// in that language.
type Text struct {
	VI string `json:"vi,omitempty"`
	EN string `json:"en,omitempty"`
}

// In returns the text in lang ("vi" or "en"), or in the other language when
// that one is empty, so that a text which exists at all is never blank.
func (t Text) In(lang string) string {
	if lang == "en" && t.EN != "" || t.VI == "" {
		return t.EN
	}
	return t.VI
}

// IsZero tells that the text is written in neither language.
func (t Text) IsZero() bool { return t.VI == "" && t.EN == "" }
