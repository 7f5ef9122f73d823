// Package sample holds the sample spreadsheet of the demo: products that
// groups in Bắc Kạn and Đắk Nông really make, in made-up groups with made-up
// prices and stock, every one marked as a sample.
package sample

import "embed"

//go:generate go run ./gen

// FS holds sample.xlsx and the pictures that it names, in pictures/. All of
// it is drawn and written by the generator in gen.
//
//go:embed sample.xlsx pictures/*.png
var FS embed.FS

// File is the name of the spreadsheet in [FS].
const File = "sample.xlsx"
