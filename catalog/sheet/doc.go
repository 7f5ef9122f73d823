// Package sheet reads products from spreadsheets (.xlsx, .csv) into the
// catalog and writes them back out.
//
// A sheet has one row per variant. Rows of one product stand together and
// carry its code; what belongs to the product as a whole is read from its first
// row and may be left empty in the others. Headings are Vietnamese or English,
// in any order; an export shows them all. A column that is absent leaves what is
// stored as it is, an empty cell in a column that is present clears the value.
//
// One apostrophe at the beginning of a cell is the mark for "the rest is text,
// exactly so"; exports write it before every text that a spreadsheet program
// would take for a formula or a number, and reading removes it.
package sheet
