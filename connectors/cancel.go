package connectors

import (
	"context"
	"fmt"

	"github.com/chophien/chophien/catalog"
)

// RefuseCancel remembers, before it is sent, that a buyer's wish to cancel an
// order is refused. Platforms show an order whose wish was refused as if there
// had been none.
func (e Env) RefuseCancel(ctx context.Context, order catalog.ExternalID) error {
	if e.Memory == nil {
		return nil
	}
	return e.Memory.Remember(ctx, refusedKey(order), "1")
}

// CancelAnswered is the outcome of an answer to an order without an open wish:
// unchanged when it was answered so before, else a conflict. cancelled tells
// that the order, or what the buyer did not want of it, is cancelled.
func (e Env) CancelAnswered(ctx context.Context, op string, order catalog.ExternalID, accept, cancelled bool) (Outcome, error) {
	same := accept && cancelled
	if !accept && !cancelled && e.Memory != nil {
		refused, err := e.Memory.Recall(ctx, refusedKey(order))
		if err != nil {
			return Outcome{}, err
		}
		same = refused != ""
	}
	if same {
		return Outcome{Kind: Unchanged}, nil
	}
	const code = "no_cancel_request"
	return Outcome{
		Kind: Conflict,
		Err:  &Error{Kind: Clash, Channel: string(e.Channel), Op: op, Code: code, Err: fmt.Errorf("no buyer waits for an answer about order %s", order)},
		Issues: []catalog.Issue{{Code: code, Severity: catalog.SeverityError, Message: catalog.Text{
			VI: "Không có yêu cầu hủy nào đang chờ trả lời cho đơn này: lấy lại đơn để xem trạng thái.",
			EN: "No wish to cancel this order waits for an answer: read the orders again to see its status.",
		}}},
	}, nil
}

func refusedKey(order catalog.ExternalID) string { return "cancel.refused." + string(order) }
