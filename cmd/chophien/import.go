package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/chophien/chophien/catalog/sheet"
)

type importCmd struct {
	File            string `arg:"" help:"Bảng tính .xlsx hoặc .csv. / An .xlsx or .csv file." type:"existingfile"`
	Sheet           string `help:"Tên trang tính. / The sheet's name."`
	DryRun          bool   `help:"Chỉ xem, không ghi. / Only show what would change."`
	AcceptValid     bool   `help:"Ghi các dòng đúng dù có dòng bị từ chối. / Write the valid products although others are refused."`
	ReplaceVariants bool   `help:"Ngừng bán các mã không còn trong tệp. / Archive variants that the file does not have."`
	IgnoreUnknown   bool   `help:"Bỏ qua cột lạ. / Skip columns with unknown headings."`
	JSON            bool   `name:"json" help:"In JSON cho chương trình khác. / Print JSON for programs."`
}

// importReport is what an import did, for programs.
type importReport struct {
	sheet.Report
	Changes  []sheet.Change  `json:"changes,omitempty"`
	Refusals []sheet.Refusal `json:"refusals,omitempty"`
}

// shownLines bounds what an import prints or collects.
const shownLines = 200

// Run imports a spreadsheet: everything, or nothing when a row is refused.
func (c *importCmd) Run(ctx context.Context, a *app) error {
	report := importReport{}
	lines := 0
	show := func(format string, args ...any) {
		if lines++; !c.JSON && lines <= shownLines {
			fmt.Fprintf(a.stdout, format+"\n", args...)
		}
	}
	bar := a.bar(-1, filepath.Base(c.File))
	options := sheet.ImportOptions{
		DryRun: c.DryRun, AcceptValid: c.AcceptValid, ReplaceVariants: c.ReplaceVariants,
		Progress: func(done, total int64) {
			bar.ChangeMax64(total)
			_ = bar.Set64(done)
		},
		OnChange: func(change sheet.Change) {
			if len(report.Changes) < shownLines {
				report.Changes = append(report.Changes, change)
			}
			show("%s", a.changeLine(change))
		},
		OnRefusal: func(r sheet.Refusal) {
			if len(report.Refusals) < shownLines {
				report.Refusals = append(report.Refusals, r)
			}
			show("✗ %s", a.refusalLine(r))
		},
	}
	var err error
	report.Report, err = a.importFileWith(ctx, c.File, sheet.Options{Sheet: c.Sheet, IgnoreUnknown: c.IgnoreUnknown}, options)
	_ = bar.Finish()
	if err != nil && !errors.Is(err, sheet.ErrRefused) {
		return err
	}
	if c.JSON {
		if err := a.printJSON(report); err != nil {
			return err
		}
	} else {
		if lines > shownLines {
			a.say("… và %d dòng nữa.", "… and %d more lines.", lines-shownLines)
		}
		a.say("%d sản phẩm mới, %d thay đổi, %d giữ nguyên, %d bị từ chối; ghi số đếm kho của %d mã.", "%d new, %d changed, %d unchanged, %d refused products; stock counted for %d variants.", report.New, report.Changed, report.Unchanged, report.Refused, report.Counted)
	}
	switch {
	case err != nil:
		a.sayErr("Chưa ghi gì: hãy sửa các ô nêu trên rồi nhập lại, hoặc thêm --accept-valid để ghi các sản phẩm đúng.", "Nothing was written: correct the cells named above and import again, or add --accept-valid to write the valid products.")
		return withCode(exitFailure, errTold)
	case c.DryRun:
		a.sayErr("Chỉ xem thử, chưa ghi gì.", "Dry run: nothing was written.")
	case report.Refused > 0:
		return withCode(exitPartial, errTold)
	}
	return nil
}

// importFile imports a file with the defaults.
func (a *app) importFile(ctx context.Context, path string, options sheet.ImportOptions) (sheet.Report, error) {
	return a.importFileWith(ctx, path, sheet.Options{}, options)
}

func (a *app) importFileWith(ctx context.Context, path string, reading sheet.Options, options sheet.ImportOptions) (sheet.Report, error) {
	store, err := a.openStore(ctx)
	if err != nil {
		return sheet.Report{}, err
	}
	pictures, err := a.pictures()
	if err != nil {
		return sheet.Report{}, err
	}
	options.Keep = pictures.Put
	return sheet.Import(ctx, store, func() (*sheet.Reader, error) { return sheet.Open(path, reading) }, options)
}

func (a *app) changeLine(c sheet.Change) string {
	name := c.ProductID
	if c.SKU != "" && string(c.SKU) != c.ProductID {
		name += "/" + string(c.SKU)
	}
	if !c.Note.IsZero() {
		return fmt.Sprintf("· %s (%s %d): %s", name, a.t("dòng", "row"), c.Row, c.Note.In(a.Lang))
	}
	if c.Field.IsZero() {
		return fmt.Sprintf("+ %s (%s %d)", name, a.t("dòng", "row"), c.Row)
	}
	return fmt.Sprintf("~ %s %s: %s → %s", name, c.Field.In(a.Lang), oneLine(c.Before), oneLine(c.After))
}

func (a *app) refusalLine(r sheet.Refusal) string {
	where := fmt.Sprintf("%s %d", a.t("dòng", "row"), r.Row)
	if r.Sheet != "" {
		where = r.Sheet + ", " + where
	}
	if r.Column != "" {
		where += fmt.Sprintf(", %s %s (%s)", a.t("cột", "column"), r.Letter, r.Column)
	}
	if r.Value != "" {
		where += fmt.Sprintf(", %q", r.Value)
	}
	return where + ": " + r.Reason.In(a.Lang)
}

func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if runes := []rune(s); len(runes) > 60 {
		s = string(runes[:60]) + "…"
	}
	if s == "" {
		return "∅"
	}
	return s
}

type exportCmd struct {
	File string `arg:"" help:"Tệp .xlsx hoặc .csv. / An .xlsx or .csv file." type:"path"`
}

// Run exports the whole catalog, whole or not at all.
func (c *exportCmd) Run(ctx context.Context, a *app) error {
	format := strings.TrimPrefix(strings.ToLower(filepath.Ext(c.File)), ".")
	if format != "xlsx" && format != "csv" {
		return withCode(exitUsage, fmt.Errorf("%s: the name must end in .xlsx or .csv", c.File))
	}
	store, err := a.openStore(ctx)
	if err != nil {
		return err
	}
	if err := replaceFile(c.File, 0o644, func(file *os.File) error {
		return sheet.Export(ctx, store, file, sheet.Format(format), sheet.ExportOptions{})
	}); err != nil {
		return err
	}
	a.say("Đã xuất: %s", "Exported: %s", c.File)
	return nil
}
