package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/chophien/chophien/catalog"
)

type stockCmd struct {
	List    stockListCmd    `cmd:"" help:"Xem tồn kho. / List stock."`
	Count   stockCountCmd   `cmd:"" help:"Ghi số đếm được của một mã. / Book what was counted of a SKU."`
	History stockHistoryCmd `cmd:"" help:"Xem các lần xuất nhập của một mã. / Show the movements of a SKU."`
}

type stockListCmd struct {
	Text string `arg:"" optional:"" help:"Tìm sản phẩm, không cần dấu. / Words to search for, without diacritics if you like."`
	JSON bool   `name:"json" help:"In JSON cho chương trình khác. / Print JSON for programs."`
}

// stockView is the stock of one variant.
type stockView struct {
	SKU       catalog.SKU `json:"sku"`
	Name      string      `json:"name"`
	OnHand    int64       `json:"on_hand"`
	Reserved  int64       `json:"reserved"`
	Available int64       `json:"available"`
}

// Run lists stock by product.
func (c *stockListCmd) Run(ctx context.Context, a *app) error {
	store, err := a.openStore(ctx)
	if err != nil {
		return err
	}
	views, rows := []stockView{}, [][]string{}
	query := catalog.ProductQuery{Text: c.Text}
	for {
		products, err := store.Products(ctx, query)
		if err != nil {
			return err
		}
		if len(products) == 0 {
			break
		}
		for _, p := range products {
			skus := make([]catalog.SKU, len(p.Variants))
			for i, v := range p.Variants {
				skus[i] = v.SKU
			}
			levels, err := store.Levels(ctx, skus)
			if err != nil {
				return err
			}
			for _, l := range levels {
				view := stockView{l.SKU, p.Name.In(a.Lang), l.OnHand, l.Reserved, l.Available()}
				views = append(views, view)
				rows = append(rows, []string{string(view.SKU), view.Name, fmt.Sprint(view.OnHand), fmt.Sprint(view.Reserved), fmt.Sprint(view.Available)})
			}
		}
		query.After = products[len(products)-1].ID
	}
	if c.JSON {
		return a.printJSON(views)
	}
	a.table([]string{a.t("Mã", "SKU"), a.t("Sản phẩm", "Product"), a.t("Trong kho", "On hand"), a.t("Đã đặt", "Reserved"), a.t("Còn bán được", "Available")}, rows)
	return nil
}

type stockCountCmd struct {
	SKU   string `arg:"" help:"Mã hàng. / The SKU."`
	Count string `arg:"" help:"Số đếm được trong kho. / What was counted on hand."`
	Note  string `help:"Ghi chú. / A note."`
}

// Run books the difference between what was counted and what the ledger says.
func (c *stockCountCmd) Run(ctx context.Context, a *app) error {
	counted, err := strconv.ParseInt(c.Count, 10, 64)
	if err != nil || counted < 0 {
		return withCode(exitUsage, fmt.Errorf("%q is not a count: give a whole number, 0 or more", c.Count))
	}
	store, err := a.openStore(ctx)
	if err != nil {
		return err
	}
	sku := catalog.SKU(c.SKU)
	if err := known(ctx, store, sku); err != nil {
		return err
	}
	levels, err := store.Levels(ctx, []catalog.SKU{sku})
	if err != nil {
		return err
	}
	delta := counted - levels[0].OnHand
	if delta != 0 {
		now := time.Now().UTC().Truncate(time.Millisecond)
		errs, err := store.AddMovements(ctx, []catalog.Movement{{
			Key: "count/" + string(sku) + "/" + now.Format("20060102T150405.000"), SKU: sku, Kind: catalog.MoveCount, OnHand: delta, At: now, Note: c.Note,
		}})
		if err != nil {
			return err
		}
		if errs[0] != nil {
			return errs[0]
		}
	}
	a.say("%s: trong kho %d (thay đổi %+d), đã đặt %d.", "%s: on hand %d (changed by %+d), reserved %d.", sku, counted, delta, levels[0].Reserved)
	return nil
}

// known refuses a SKU that no product has.
func known(ctx context.Context, store catalog.Store, sku catalog.SKU) error {
	products, err := store.Products(ctx, catalog.ProductQuery{SKUs: []catalog.SKU{sku}, Limit: 1})
	if err == nil && len(products) == 0 {
		err = withCode(exitUsage, fmt.Errorf("SKU %s: %w in the catalog; see: chophien stock list", sku, catalog.ErrNotFound))
	}
	return err
}

type stockHistoryCmd struct {
	SKU  string `arg:"" help:"Mã hàng. / The SKU."`
	JSON bool   `name:"json" help:"In JSON cho chương trình khác. / Print JSON for programs."`
}

// Run lists the movements of a SKU, oldest first, with the running sums.
func (c *stockHistoryCmd) Run(ctx context.Context, a *app) error {
	store, err := a.openStore(ctx)
	if err != nil {
		return err
	}
	movements, err := movementsOf(ctx, store, catalog.SKU(c.SKU))
	if err == nil && len(movements) == 0 {
		err = known(ctx, store, catalog.SKU(c.SKU))
	}
	if err != nil {
		return err
	}
	if c.JSON {
		return a.printJSON(movements)
	}
	var rows [][]string
	var onHand, reserved int64
	for _, m := range movements {
		onHand += m.OnHand
		reserved += m.Reserved
		rows = append(rows, []string{when(m.At), a.movementKind(m.Kind), fmt.Sprintf("%+d", m.OnHand), fmt.Sprintf("%+d", m.Reserved), fmt.Sprint(onHand), fmt.Sprint(reserved), m.Ref + m.Note})
	}
	a.table([]string{a.t("Lúc", "At"), a.t("Việc", "Kind"), a.t("Kho", "On hand"), a.t("Đặt", "Reserved"), a.t("Tổng kho", "Sum on hand"), a.t("Tổng đặt", "Sum reserved"), a.t("Của", "For")}, rows)
	return nil
}

func (a *app) movementKind(k catalog.MovementKind) string {
	vi := map[catalog.MovementKind]string{
		catalog.MoveCount: "đếm kho", catalog.MoveReceive: "nhập", catalog.MoveReserve: "khách đặt", catalog.MoveShip: "giao đi",
		catalog.MoveRelease: "hủy đặt", catalog.MoveReturn: "trả lại", catalog.MoveAdjust: "điều chỉnh",
	}
	return a.t(vi[k], string(k))
}

// movementsOf reads all movements of a SKU, in the order in which they were
// booked.
func movementsOf(ctx context.Context, store catalog.Store, sku catalog.SKU) ([]catalog.Movement, error) {
	var all []catalog.Movement
	query := catalog.MovementQuery{SKU: sku}
	for {
		movements, err := store.Movements(ctx, query)
		if err != nil {
			return nil, err
		}
		if len(movements) == 0 {
			slices.SortStableFunc(all, func(x, y catalog.Movement) int { return x.At.Compare(y.At) })
			return all, nil
		}
		all = append(all, movements...)
		query.AfterKey = movements[len(movements)-1].Key
	}
}
