package shopee

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/chophien/chophien/connectors"
)

// returned gives the orders with a return that changed in a window: whether the
// order's own time changes with it is not documented. Apps that may not read
// returns find no orders here.
func (s *shop) returned(ctx context.Context, from, to time.Time) ([]string, error) {
	const op = "returns/get_return_list"
	var sns []string
	// The documents call 0 the first page, some clients begin with 1. Reading
	// both ways finds every page once at least.
	for page, empty := 0, 0; ; page++ {
		answer, err := get[struct {
			More    bool `json:"more"`
			Returns []struct {
				SN string `json:"order_sn"`
			} `json:"return"`
		}](ctx, s, op, url.Values{
			"page_no": {strconv.Itoa(page)}, "page_size": {strconv.Itoa(s.options.PageSize)},
			"update_time_from": {strconv.FormatInt(from.Unix(), 10)}, "update_time_to": {strconv.FormatInt(to.Unix(), 10)},
		})
		switch connectors.KindOf(err) {
		case "":
		case connectors.Validation:
			if page == 0 { // the first page is 1 then
				continue
			}
			return nil, err
		case connectors.Fatal, connectors.NotFound:
			s.env.Logger.Debug("returns not read", "error", err)
			return nil, nil
		default:
			return nil, err
		}
		for _, r := range answer.Returns {
			if !slices.Contains(sns, r.SN) {
				sns = append(sns, r.SN)
			}
		}
		if !answer.More {
			return sns, nil
		}
		if empty++; len(answer.Returns) > 0 {
			empty = 0
		}
		if empty > 1 {
			return nil, &connectors.Error{Kind: connectors.Transient, Channel: string(s.env.Channel), Op: op,
				Err: errors.New("the list does not end: there is more, but no rows")}
		}
	}
}
