package shopee

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/chophien/chophien/connectors"
)

// itemRow is a row of an answer about several items.
type itemRow struct {
	ID     int64  `json:"item_id"`
	Reason string `json:"failed_reason"`
}

func rowOf(rows []itemRow, id int64) int {
	return slices.IndexFunc(rows, func(r itemRow) bool { return r.ID == id })
}

// Stop takes items off sale, Resume puts them back, up to 50 in a call.
func (s *shop) Stop(ctx context.Context, listings []connectors.ListingRef) ([]connectors.Outcome, error) {
	return s.listAll(ctx, listings, true)
}

// Resume is the opposite of Stop.
func (s *shop) Resume(ctx context.Context, listings []connectors.ListingRef) ([]connectors.Outcome, error) {
	return s.listAll(ctx, listings, false)
}

func (s *shop) listAll(ctx context.Context, listings []connectors.ListingRef, off bool) ([]connectors.Outcome, error) {
	outcomes := make([]connectors.Outcome, len(listings))
	var ids []int64
	var at []int
	for i, l := range listings {
		id, _, ok := splitID(l.ExternalID)
		if !ok {
			outcomes[i] = gone("product/unlist_item", l.ExternalID)
			continue
		}
		ids, at = append(ids, id), append(at, i)
	}
	for first := 0; first < len(ids); first += maxIDs {
		some := ids[first:min(first+maxIDs, len(ids))]
		for i, outcome := range s.list(ctx, some, off) {
			outcomes[at[first+i]] = outcome
		}
	}
	return outcomes, nil
}

// list puts up to 50 items on or off sale.
func (s *shop) list(ctx context.Context, ids []int64, off bool) []connectors.Outcome {
	rows := make([]fields, len(ids))
	for i, id := range ids {
		rows[i] = fields{"item_id": id, "unlist": off}
	}
	answer, err := post[struct {
		Done   []itemRow `json:"success_list"`
		Failed []itemRow `json:"failure_list"`
	}](ctx, s, connectors.Call{Op: "product/unlist_item", Body: fields{"item_list": rows}, Repeatable: true, Urgent: off})
	outcomes := make([]connectors.Outcome, len(ids))
	reasons := map[int64]string{}
	var failed []int64
	for i, id := range ids {
		row := rowOf(answer.Failed, id)
		switch {
		case row >= 0:
			reasons[id] = plain(answer.Failed[row].Reason)
			failed = append(failed, id)
		case rowOf(answer.Done, id) >= 0:
			outcomes[i] = connectors.Outcome{Kind: connectors.Applied}
		case err != nil:
			outcomes[i], _ = outcomeOf(err, "")
		default:
			outcomes[i] = missing("product/unlist_item")
		}
	}
	if len(failed) == 0 {
		return outcomes
	}
	// A row's reason is a text without a code: what the item is now tells more.
	items, readErr := s.read(ctx, failed)
	for i, id := range ids {
		reason, refused := reasons[id]
		if !refused {
			continue
		}
		it := items[id]
		switch {
		case readErr != nil:
			outcomes[i], _ = outcomeOf(readErr, "")
		case it == nil || !alive(it.Status):
			outcomes[i] = gone("product/unlist_item", listingID(id))
		case off == (it.Status == statusUnlist) && (off || it.Status == statusNormal):
			outcomes[i] = connectors.Outcome{Kind: connectors.Unchanged}
		default:
			code := ""
			switch {
			case it.Status == statusReviewing || it.Status == statusBanned:
				code = "error_busi_cannot_delist_reviewing_or_banned_item"
			case it.Promoted:
				code = "error_cannot_unlisted_in_promotion"
			}
			outcomes[i], _ = outcomeOf(s.refusal("product/unlist_item", code, reason), "")
		}
	}
	return outcomes
}

// refusal is the error of one row of a call.
func (s *shop) refusal(op, code, reason string) error {
	e := &connectors.Error{Kind: connectors.Validation, Channel: string(s.env.Channel), Op: op, Status: http.StatusOK, Code: code}
	if known, found := codes[code]; found {
		e.Kind = known.kind
	}
	if reason != "" {
		e.Err = errors.New(reason)
	}
	return e
}

// missing is the outcome of a row that the answer does not mention.
func missing(op string) connectors.Outcome {
	return connectors.Outcome{Kind: connectors.Unknown, Err: &connectors.Error{
		Kind: connectors.Unclear, Op: op, Lost: true, Err: errors.New("the answer does not mention it"),
	}}
}

// Delete removes items for good.
func (s *shop) Delete(ctx context.Context, listings []connectors.ListingRef) ([]connectors.Outcome, error) {
	outcomes := make([]connectors.Outcome, len(listings))
	errs := s.parallel(len(listings), func(i int) error {
		id, _, ok := splitID(listings[i].ExternalID)
		if !ok {
			outcomes[i] = gone("product/delete_item", listings[i].ExternalID)
			return nil
		}
		_, err := post[struct{}](ctx, s, connectors.Call{Op: "product/delete_item", Body: fields{"item_id": id}, Repeatable: true})
		outcomes[i], _ = outcomeOf(err, "")
		return err
	})
	for i, err := range errs {
		if err != nil && outcomes[i].Kind == "" {
			outcomes[i], _ = outcomeOf(err, "")
		}
	}
	return outcomes, nil
}
