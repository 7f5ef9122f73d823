package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
)

func testOrdersRoundTrip(t *testing.T, s catalog.Store) {
	want := fullOrder("shop-a", "1001")
	putOrders(t, s, want, order("shop-a", "1002", at(0)))
	want.Revision = 1
	got := orders(t, s, catalog.OrderQuery{Channel: "shop-a", ExternalIDs: []catalog.ExternalID{"1001"}})
	equal(t, "orders", got, []catalog.Order{want})
	if l := got[0].UpdatedAt.Location(); l != time.UTC {
		t.Errorf("times are in %v, not in UTC", l)
	}
	settled := order("shop-a", "1001", at(30))
	settled.Revision = 1
	putOrders(t, s, settled)
	settled.Revision = 2
	equal(t, "order written over", orders(t, s, catalog.OrderQuery{Channel: "shop-a", Since: at(30)}), []catalog.Order{settled})
}

func testOrdersRevision(t *testing.T, s catalog.Store) {
	next, stale, missing := order("c", "B", at(1)), order("c", "C", at(1)), order("c", "missing", at(1))
	putOrders(t, s, order("c", "B", at(0)), order("c", "C", at(0)))
	next.Revision, stale.Revision, missing.Revision = 1, 3, 1
	errs, err := s.PutOrders(t.Context(), []catalog.Order{order("c", "A", at(0)), next, stale, order("c", "C", at(1)), missing, order("d", "A", at(0)), order("c", "", at(0))})
	check(t, err)
	if errs[6] == nil {
		t.Error("an order without external ID was written")
	}
	outcomes(t, errs[:6], nil, nil, nil, catalog.ErrConflict, catalog.ErrExists, catalog.ErrConflict, nil)
	names(t, errs[2], "c", "C")
	got := orders(t, s, catalog.OrderQuery{Channel: "c"})
	equal(t, "keys", keys(got, catalog.Order.Key), []string{"c/A", "c/B", "c/C"})
	if got[1].Revision != 2 || got[2].Revision != 1 || !got[2].UpdatedAt.Equal(at(0)) {
		t.Errorf("got %+v", got)
	}
}

func testOrdersQuery(t *testing.T, s catalog.Store) {
	for _, row := range []struct {
		channel   catalog.ChannelID
		id        catalog.ExternalID
		updated   time.Time
		unsettled bool
	}{
		{"a", "1", at(1), false},
		{"a", "2", at(2), true},
		{"a", "3", at(2).Add(time.Millisecond), false},
		{"a", "4", at(0), true},
		{"a-2", "1", at(3), true},
		{"b", "1", at(2), true},
		{"b", "x/y", at(9), false},
	} {
		o := order(row.channel, row.id, row.updated)
		o.Unsettled = row.unsettled
		putOrders(t, s, o)
	}
	for name, test := range map[string]struct {
		query catalog.OrderQuery
		want  []string
	}{
		// By channel and then by external ID, also where a channel's name
		// begins with another's and a hyphen.
		"everything":         {catalog.OrderQuery{}, []string{"a/1", "a/2", "a/3", "a/4", "a-2/1", "b/1", "b/x/y"}},
		"channel":            {catalog.OrderQuery{Channel: "a"}, []string{"a/1", "a/2", "a/3", "a/4"}},
		"external IDs":       {catalog.OrderQuery{Channel: "a", ExternalIDs: []catalog.ExternalID{"4", "1", "4", "9"}}, []string{"a/1", "a/4"}},
		"unsettled":          {catalog.OrderQuery{Unsettled: true}, []string{"a/2", "a/4", "a-2/1", "b/1"}},
		"unsettled on a":     {catalog.OrderQuery{Channel: "a", Unsettled: true}, []string{"a/2", "a/4"}},
		"since, inclusive":   {catalog.OrderQuery{Since: at(2)}, []string{"a/2", "a/3", "a-2/1", "b/1", "b/x/y"}},
		"since, to the ms":   {catalog.OrderQuery{Channel: "a", Since: at(2).Add(time.Millisecond)}, []string{"a/3"}},
		"since, other zone":  {catalog.OrderQuery{Channel: "a", Since: at(2).In(time.FixedZone("+07", 7*3600))}, []string{"a/2", "a/3"}},
		"unsettled since":    {catalog.OrderQuery{Unsettled: true, Since: at(2)}, []string{"a/2", "a-2/1", "b/1"}},
		"since the future":   {catalog.OrderQuery{Since: at(100)}, nil},
		"after":              {catalog.OrderQuery{AfterKey: "a/4"}, []string{"a-2/1", "b/1", "b/x/y"}},
		"after, channel":     {catalog.OrderQuery{Channel: "a", AfterKey: "a/2", Limit: 1}, []string{"a/3"}},
		"after with a slash": {catalog.OrderQuery{AfterKey: "b/x/y"}, nil},
		"after one before":   {catalog.OrderQuery{Channel: "b", AfterKey: "a/4"}, []string{"b/1", "b/x/y"}},
		"after one beyond":   {catalog.OrderQuery{Channel: "a", AfterKey: "b/1"}, nil},
		"since after":        {catalog.OrderQuery{Since: at(2), AfterKey: "a/2", Limit: 2}, []string{"a/3", "a-2/1"}},
		"unsettled after":    {catalog.OrderQuery{Unsettled: true, AfterKey: "a/2", Limit: 2}, []string{"a/4", "a-2/1"}},
	} {
		equal(t, name, keys(orders(t, s, test.query), catalog.Order.Key), test.want)
	}
}

func testOrdersPages(t *testing.T, s catalog.Store) {
	ctx := t.Context()
	var want []string
	for _, channel := range []catalog.ChannelID{"a", "a-b", "b"} {
		for i := range 7 {
			o := order(channel, catalog.ExternalID(fmt.Sprint(i)), at(0)) // one second for all
			o.Unsettled = true
			putOrders(t, s, o)
			want = append(want, o.Key())
		}
	}
	for name, query := range map[string]catalog.OrderQuery{
		"everything": {}, "since": {Since: at(0)}, "unsettled": {Unsettled: true},
	} {
		var got []string
		for {
			query.Limit = 4
			page, err := s.Orders(ctx, query)
			check(t, err)
			if got = append(got, keys(page, catalog.Order.Key)...); len(page) < query.Limit {
				break
			}
			query.AfterKey = page[len(page)-1].Key()
		}
		equal(t, name, got, want)
	}
}
