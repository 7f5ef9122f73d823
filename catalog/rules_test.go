package catalog

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestPriceRuleApply(t *testing.T) {
	t.Parallel()
	cost := func(amount int64) *Money { return &Money{amount, "VND"} }
	tests := []struct {
		name  string
		rule  PriceRule
		price int64
		cost  *Money
		want  int64 // 0 = refused
	}{
		{"zero rule", PriceRule{}, 185000, cost(1), 185000},
		{"5 % more", PriceRule{MarkupBP: 500}, 185000, nil, 194250},
		{"half a dong goes up", PriceRule{MarkupBP: 5000}, 101, nil, 152},
		{"less than half goes down", PriceRule{MarkupBP: 4900}, 101, nil, 150},
		{"discount", PriceRule{MarkupBP: -1000}, 185000, nil, 166500},
		{"fixed amount after markup", PriceRule{MarkupBP: 1000, Add: 5000}, 100000, nil, 115000},
		{"negative amount", PriceRule{Add: -5000}, 100000, nil, 95000},
		{"step 500 rounds up", PriceRule{RoundTo: 500}, 100001, nil, 100500},
		{"step 500 keeps", PriceRule{RoundTo: 500}, 100500, nil, 100500},
		{"ending 9000", PriceRule{RoundTo: 10000, Ending: 9000}, 15000, nil, 19000},
		{"ending 9000 keeps", PriceRule{RoundTo: 10000, Ending: 9000}, 9000, nil, 9000},
		{"ending 9000 beyond", PriceRule{RoundTo: 10000, Ending: 9000}, 9001, nil, 19000},
		{"floor", PriceRule{Floor: 20000}, 15000, nil, 20000},
		{"floor does not lower", PriceRule{Floor: 20000}, 25000, nil, 25000},
		{"rounding starts at the floor", PriceRule{Floor: 20000, RoundTo: 10000, Ending: 9000}, 100, nil, 29000},
		{"floor over cost goes up", PriceRule{FloorOverCostBP: 1}, 100, cost(100), 101},
		{"floor over cost", PriceRule{FloorOverCostBP: 2000}, 100000, cost(90000), 108000},
		{"cost not known", PriceRule{FloorOverCostBP: 2000}, 100000, nil, 100000},
		{"cost zero", PriceRule{FloorOverCostBP: 2000}, 100000, cost(0), 100000},
		{"cost negative", PriceRule{FloorOverCostBP: 2000}, 100000, cost(-1), 0},
		{"cost in another currency", PriceRule{FloorOverCostBP: 2000}, 100000, &Money{5, "USD"}, 0},
		{"zero price", PriceRule{Floor: 5000}, 0, nil, 0},
		{"negative price", PriceRule{Add: 5000}, -1, nil, 0},
		{"becomes zero", PriceRule{Add: -100}, 100, nil, 0},
		{"almost everything off", PriceRule{MarkupBP: -9999}, 1, nil, 0},
		{"everything off", PriceRule{MarkupBP: -10000}, 100, nil, 0},
		{"markup too high", PriceRule{MarkupBP: maxMarkupBP + 1}, 100, nil, 0},
		{"ending not below step", PriceRule{RoundTo: 1000, Ending: 1000}, 100, nil, 0},
		{"ending without step", PriceRule{Ending: 900}, 100, nil, 0},
		{"negative step", PriceRule{RoundTo: -5}, 100, nil, 0},
		{"largest amount", PriceRule{}, math.MaxInt64, nil, math.MaxInt64},
		{"markup overflows", PriceRule{MarkupBP: 1}, math.MaxInt64, nil, 0},
		{"markup overflows 128 bits' half", PriceRule{MarkupBP: maxMarkupBP}, math.MaxInt64, nil, 0},
		{"discount of the largest", PriceRule{MarkupBP: -9000}, math.MaxInt64, nil, 922337203685477581},
		{"add overflows", PriceRule{Add: 1}, math.MaxInt64, nil, 0},
		{"step overflows", PriceRule{RoundTo: 10}, math.MaxInt64, nil, 0},
	}
	for _, test := range tests {
		got, err := test.rule.Apply(VND(test.price), test.cost)
		if (err == nil) != (test.want != 0) || got.Amount != test.want {
			t.Errorf("%s: %v, %v; want %d", test.name, got, err, test.want)
		}
	}
}

func TestPriceRuleKeepsItsPromises(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		step := rapid.SampledFrom([]int64{0, 1, 500, 1000, 10000}).Draw(t, "step")
		rule := PriceRule{
			MarkupBP:        rapid.Int64Range(-9999, 30000).Draw(t, "markup"),
			Add:             rapid.Int64Range(-100_000, 100_000).Draw(t, "add"),
			RoundTo:         step,
			Ending:          rapid.Int64Range(0, max(0, step-1)).Draw(t, "ending"),
			Floor:           rapid.Int64Range(0, 1_000_000).Draw(t, "floor"),
			FloorOverCostBP: rapid.Int64Range(0, 20000).Draw(t, "over"),
		}
		price := VND(rapid.Int64Range(1, math.MaxInt64).Draw(t, "price"))
		cost := VND(rapid.Int64Range(0, math.MaxInt64).Draw(t, "cost"))
		got, err := rule.Apply(price, &cost)
		if err != nil {
			return
		}
		part := func(amount, bp int64) *big.Int { // in ten-thousandths
			return new(big.Int).Mul(big.NewInt(amount), big.NewInt(basisPoints+bp))
		}
		whole := part(got.Amount, 0)
		if got.Amount <= 0 || got.Currency != "VND" || got.Amount < rule.Floor {
			t.Fatalf("got %v", got)
		}
		if rule.FloorOverCostBP > 0 && whole.Cmp(part(cost.Amount, rule.FloorOverCostBP)) < 0 {
			t.Fatalf("%v is below the cost %v plus its margin", got, cost)
		}
		if step > 0 && got.Amount%step != rule.Ending {
			t.Fatalf("%v does not end in %d by steps of %d", got, rule.Ending, step)
		}
		// Never more than a step over what the rule asks for.
		most := part(price.Amount, rule.MarkupBP)
		most.Add(most, part(rule.Add, 0)).Add(most, big.NewInt(basisPoints/2))
		for _, floor := range []*big.Int{part(rule.Floor, 0), part(cost.Amount, rule.FloorOverCostBP)} {
			if most.Cmp(floor) < 0 {
				most.Set(floor)
			}
		}
		most.Add(most, part(max(step, 1), 0))
		if whole.Cmp(most) > 0 {
			t.Fatalf("%v is over %v", got, most)
		}
		// A higher price is never asked lower: a sale stays at or below the list.
		if more, err := rule.Apply(VND(price.Amount/2+price.Amount/3+1), &cost); err == nil && price.Amount > 6 && more.Amount > got.Amount {
			t.Fatalf("%v gives %v, a lower price %v", price, got, more)
		}
	})
}

func TestStockRuleQuantity(t *testing.T) {
	t.Parallel()
	limit := func(n int64) *int64 { return &n }
	last := StockRule{LastUnits: 2, LastUnitsOn: "shopee", SharePercent: 50}
	tests := []struct {
		name     string
		rule     StockRule
		onHand   int64
		reserved int64
		here     ChannelID
		want     int64
	}{
		{"zero rule", StockRule{}, 10, 3, "woo", 7},
		{"more reserved than there", StockRule{}, 3, 10, "woo", 0},
		{"negative on hand", StockRule{}, -3, 0, "woo", 0},
		{"buffer", StockRule{Buffer: 2}, 10, 3, "woo", 5},
		{"buffer over the stock", StockRule{Buffer: 20}, 10, 3, "woo", 0},
		{"share rounds down", StockRule{SharePercent: 50}, 7, 0, "woo", 3},
		{"share after buffer", StockRule{Buffer: 1, SharePercent: 30}, 11, 0, "woo", 3},
		{"share 100", StockRule{SharePercent: 100}, 7, 0, "woo", 7},
		{"cap", StockRule{Cap: limit(5)}, 100, 0, "woo", 5},
		{"cap 0 offers nothing", StockRule{Cap: limit(0)}, 100, 0, "woo", 0},
		{"cap above the stock", StockRule{Cap: limit(500)}, 100, 0, "woo", 100},
		{"last units elsewhere", last, 2, 0, "woo", 0},
		{"last units here, whole", last, 1, 0, "shopee", 1},
		{"more than the last units", last, 3, 0, "woo", 1},
		{"last units after buffer", StockRule{Buffer: 1, LastUnits: 2, LastUnitsOn: "shopee"}, 2, 0, "shopee", 1},
		{"a huge stock", StockRule{SharePercent: 99}, math.MaxInt64, 0, "woo", math.MaxInt64/100*99 + math.MaxInt64%100*99/100},
	}
	for _, test := range tests {
		level := Level{OnHand: test.onHand, Reserved: test.reserved}
		if got := test.rule.Quantity(level, test.here); got != test.want {
			t.Errorf("%s: %d, want %d", test.name, got, test.want)
		}
	}
}

func TestStockRuleNeverOffersMoreThanThereIs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.Int64().Draw(t, "cap")
		rule := StockRule{
			Buffer:       rapid.Int64().Draw(t, "buffer"),
			SharePercent: rapid.Int64Range(-10, 200).Draw(t, "share"),
			Cap:          rapid.SampledFrom([]*int64{nil, &limit}).Draw(t, "capped"),
			LastUnits:    rapid.Int64Range(0, 5).Draw(t, "last"),
			LastUnitsOn:  "a",
		}
		level := Level{OnHand: rapid.Int64Range(-1000, 1000).Draw(t, "on hand"), Reserved: rapid.Int64Range(0, 1000).Draw(t, "reserved")}
		a, b := rule.Quantity(level, "a"), rule.Quantity(level, "b")
		if a < 0 || b < 0 || a > level.Available() || b > level.Available() {
			t.Fatalf("%d and %d of %d are offered", a, b, level.Available())
		}
		if level.Available() <= rule.LastUnits && b != 0 {
			t.Fatalf("the last %d pieces are offered on both", level.Available())
		}
	})
}
