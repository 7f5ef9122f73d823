package scheduler

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// ChannelState is what is known of a channel as a whole, kept as a record.
type ChannelState struct {
	// Account is the shop the channel belongs to, from the first check on.
	Account connectors.Account `json:"account,omitzero"`
	// ConnectedAt is when orders were first read: what was shipped before is
	// history and moves no stock.
	ConnectedAt time.Time `json:"connected_at,omitzero"`
	// Watermark is the newest platform time of an order that is stored, never
	// later than the begin of the read that stored it.
	Watermark time.Time `json:"watermark,omitzero"`
	// OrdersReadAt is when the last successful order read began.
	OrdersReadAt time.Time `json:"orders_read_at,omitzero"`
	// ObservedAt is when the last complete scan of the listings began.
	ObservedAt time.Time `json:"observed_at,omitzero"`
	// Parked tells why the channel waits for a person; nil = it does not.
	Parked *catalog.Issue `json:"parked,omitempty"`
	// Access tells that the channel's access ends soon; nil = it does not.
	Access *AccessWarning `json:"access,omitempty"`
	// SnoozedUntil is when the platform allows the next call.
	SnoozedUntil time.Time `json:"snoozed_until,omitzero"`
	// Rules identifies the rules by which all listings were last looked at.
	Rules string `json:"rules,omitempty"`
	// LastRuns holds, by task, when the task last began.
	LastRuns map[string]time.Time `json:"last_runs,omitempty"`
}

// State returns what is known of a channel; the zero value when nothing is.
func (e *Engine) State(ctx context.Context, id catalog.ChannelID) (ChannelState, error) {
	state, _, err := catalog.Load[ChannelState](ctx, e.store, catalog.KindChannel, string(id))
	if errors.Is(err, catalog.ErrNotFound) {
		err = nil
	}
	if err != nil {
		err = fmt.Errorf("read state of channel %s: %w", id, err)
	}
	return state, err
}

func (e *Engine) setState(ctx context.Context, id catalog.ChannelID, change func(*ChannelState)) (ChannelState, error) {
	state, err := catalog.Modify(ctx, e.store, catalog.KindChannel, string(id), func(s *ChannelState) error {
		change(s)
		return nil
	})
	if err != nil {
		err = fmt.Errorf("write state of channel %s: %w", id, err)
	}
	return state, err
}

// rulesHash identifies all of a channel's configuration that rendering and
// comparing depend on.
func rulesHash(config connectors.ChannelConfig) string {
	data, err := json.Marshal(struct {
		Version  int
		Rules    catalog.Rules
		Policies map[catalog.Facet]connectors.Policy
		Disable  []string
	}{catalog.RendererVersion, config.Rules, config.Policies, config.Disable})
	if err != nil {
		// Plain data: it cannot fail but for a programming error, and then an
		// empty hash only makes everything be looked at again.
		return ""
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:12])
}

// verdictKind is what an error means for the channel.
type verdictKind int

const (
	retry  verdictKind = iota // the next run tries again
	snooze                    // not before the time the platform names
	park                      // not before a person acted
)

// decide maps an error kind to what the scheduler does about it.
func decide(err error) verdictKind {
	switch connectors.KindOf(err) {
	case connectors.Auth, connectors.Fatal:
		return park
	case connectors.RateLimited:
		return snooze
	}
	return retry
}

// snoozeDefault is how long a channel rests when the platform does not say.
const snoozeDefault = time.Minute

func retryAfter(err error) time.Duration {
	var e *connectors.Error
	if errors.As(err, &e) && e.RetryAfter > 0 {
		return e.RetryAfter
	}
	return snoozeDefault
}

// advice tells by error kind what a person can do.
var advice = map[connectors.Kind]catalog.Text{
	connectors.Transient:   {VI: "Kênh tạm thời không trả lời. Hệ thống sẽ tự thử lại.", EN: "The channel does not answer for the moment. It will be tried again."},
	connectors.RateLimited: {VI: "Kênh yêu cầu gọi chậm lại. Hệ thống sẽ tự thử lại.", EN: "The channel asks for fewer calls. It will be tried again."},
	connectors.Auth:        {VI: "Kênh không chấp nhận thông tin đăng nhập. Hãy kiểm tra khóa kết nối trong connectors.yaml rồi chạy: chophien channels check.", EN: "The channel refuses the credentials. Correct them in connectors.yaml, then run: chophien channels check."},
	connectors.NotFound:    {VI: "Không còn thấy trên kênh. Lần đọc sau sẽ xác nhận.", EN: "It is not on the channel any more. The next read confirms it."},
	connectors.Clash:       {VI: "Kênh báo trùng hoặc vừa thay đổi. Hệ thống sẽ đọc lại rồi lập kế hoạch lại.", EN: "The channel reports a duplicate or a change meanwhile. It is read and planned again."},
	connectors.Validation:  {VI: "Kênh từ chối nội dung. Hãy sửa theo lý do rồi đăng lại.", EN: "The channel refuses the content. Correct what it names, then publish again."},
	connectors.Fatal:       {VI: "Cấu hình kênh chưa đúng. Hãy sửa connectors.yaml rồi chạy: chophien doctor.", EN: "The channel's configuration is wrong. Correct connectors.yaml, then run: chophien doctor."},
	connectors.Canceled:    {VI: "Đã dừng theo yêu cầu.", EN: "Stopped as asked."},
	connectors.Unclear:     {VI: "Lỗi chưa phân loại. Hãy gửi dòng lỗi này cho người quản trị.", EN: "An error that is not classified. Send this line to the administrator."},
}

// IssueOf puts an error into words for a person who can act on it. The
// technical cause follows the advice.
func IssueOf(err error) catalog.Issue { return issueOf(err, advice[connectors.KindOf(err)]) }

// issueOf is [IssueOf] for what a channel answered: where a seller grants the
// access in a browser, a refusal means that she has to do it again.
func (c *channel) issueOf(err error) catalog.Issue {
	var e *connectors.Error
	if c.Authorizer == nil || connectors.KindOf(err) != connectors.Auth || errors.As(err, &e) && e.Code == wrongShop {
		return IssueOf(err)
	}
	return issueOf(err, catalog.Text{
		VI: fmt.Sprintf("Kênh cần người bán cấp quyền lại. Hãy chạy: chophien channels connect %s. Nếu vẫn không được, kiểm tra khóa của ứng dụng trong connectors.yaml.", c.ID()),
		EN: fmt.Sprintf("The channel needs re-authorization: the seller has to agree again. Run: chophien channels connect %s. Should that not help, check the app's keys in connectors.yaml.", c.ID()),
	})
}

// Issue tells people what an error of a channel means and what to do.
func (e *Engine) Issue(id catalog.ChannelID, err error) catalog.Issue {
	c, unknown := e.channel(id)
	if unknown != nil {
		return IssueOf(err)
	}
	return c.issueOf(err)
}

func issueOf(err error, text catalog.Text) catalog.Issue {
	kind := connectors.KindOf(err)
	code := string(kind)
	var e *connectors.Error
	if errors.As(err, &e) && e.Code != "" {
		code = e.Code
	}
	cause := err.Error()
	return catalog.Issue{Code: code, Severity: catalog.SeverityError, Message: catalog.Text{VI: text.VI + " (" + cause + ")", EN: text.EN + " (" + cause + ")"}}
}
