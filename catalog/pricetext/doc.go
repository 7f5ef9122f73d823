// Package pricetext reads prices as people write them, Vietnamese notation
// first: "1tr2/kg", "60 - 65.000đ", "Giá gốc 416.000₫ còn 320.000₫", and tells
// what is no price: "Liên hệ", "giảm 500 đồng", "Đã bán 1,2k", a phone number.
//
// [Read] gives the one price of a short text (a price element, a table cell, a
// message). [All] gives every price and every change of a longer text, in
// order, for articles. What stands around the text (a column's header, a note
// above a table, a product's title) is read with [Header] and [Title] into a
// [Context], which supplies currency, scale and unit where the text has none:
//
//	ctx := pricetext.Header("Giá (nghìn đồng/kg)")
//	r := pricetext.Read("60 - 65", ctx) // Range, 60000 to 65000 VND per kg
//
// A price is never zero here, and what cannot be read is [Unreadable], never a
// price of zero (I11). Amounts are exact decimals, never floats. No currency is
// guessed from anything but the text and its context; only the Vietnamese
// magnitudes (nghìn, k, triệu, tr, tỷ) stand for dong where no currency is named.
//
// Reading takes time linear in the text, of which at most [MaxText] bytes are
// looked at. All functions are pure and may be called concurrently.
package pricetext
