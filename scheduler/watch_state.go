package scheduler

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// SourceState is what is known of a source as a whole, kept as a record.
type SourceState struct {
	// Hash is that of the settings it was read by; others start anew.
	Hash string `json:"hash,omitempty"`
	connectors.Validators
	// NextAt is when it is due; the zero time is at once.
	NextAt time.Time `json:"next_at,omitzero"`
	// NotBefore is what the site asked for; nobody reads it sooner.
	NotBefore time.Time `json:"not_before,omitzero"`
	ReadAt    time.Time `json:"read_at,omitzero"` // last visit, whatever came of it
	GoodAt    time.Time `json:"good_at,omitzero"` // last visit that gave what it should
	// Title, Rows and Priced are those of the last good visit.
	Title  string `json:"title,omitempty"`
	Rows   int    `json:"rows,omitempty"`
	Priced int    `json:"priced,omitempty"`
	// Fewer counts visits in a row that showed the same smaller number of rows.
	Fewer     int `json:"fewer,omitempty"`
	FewerRows int `json:"fewer_rows,omitempty"`
	Failures  int `json:"failures,omitempty"` // visits in a row without an answer
	// Attention tells what is wrong and what to do; nil = nothing. It ends by
	// itself when the source reads again.
	Attention *catalog.Issue `json:"attention,omitempty"`
	Since     time.Time      `json:"since,omitzero"` // of the attention
	// Paused tells that the site said no: it is not read again before a person
	// asks for it or changes its settings.
	Paused bool `json:"paused,omitempty"`
}

// SourceState returns what is known of a source; the zero value when nothing
// is.
func (e *Engine) SourceState(ctx context.Context, id string) (SourceState, error) {
	state, _, err := catalog.Load[SourceState](ctx, e.store, catalog.KindSource, id)
	if errors.Is(err, catalog.ErrNotFound) {
		err = nil
	}
	if err != nil {
		err = fmt.Errorf("read state of source %s: %w", id, err)
	}
	return state, err
}

func (e *Engine) setSourceState(ctx context.Context, id string, change func(*SourceState)) (SourceState, error) {
	state, err := catalog.Modify(ctx, e.store, catalog.KindSource, id, func(s *SourceState) error {
		change(s)
		return nil
	})
	if err != nil {
		err = fmt.Errorf("write state of source %s: %w", id, err)
	}
	return state, err
}

// need makes an attention: what is wrong, with the cause behind it.
func need(code, cause string) *catalog.Issue {
	text, ok := attentions[code]
	if !ok {
		text = attentions["failed"]
	}
	issue := &catalog.Issue{Code: code, Severity: catalog.SeverityWarning, Message: text}
	if cause != "" {
		issue.Message.VI += " (" + cause + ")"
		issue.Message.EN += " (" + cause + ")"
	}
	return issue
}

// attentions tell by code what is wrong with a source and the next step.
var attentions = map[string]catalog.Text{
	connectors.NoPriceSelector:   {VI: "Bộ chọn không còn tìm thấy giá. Mở trang xem, rồi sửa selector trong connectors.yaml (thử: chophien watch test).", EN: "The selector finds no price any more. Look at the page, then correct selector in connectors.yaml (try: chophien watch test)."},
	connectors.NoPriceUnreadable: {VI: "Trang trước đây có giá, nay không đọc được giá nào. Mở trang xem; nếu giá vẫn còn, đặt selector (chophien watch explain).", EN: "The page had a price and gives none now. Look at the page; if a price is there, set a selector (chophien watch explain)."},
	connectors.NoPriceCurrency:   {VI: "Có số nhưng không rõ loại tiền. Đặt currency cho nguồn này.", EN: "There are amounts in no known currency. Set currency for this source."},
	"no_rows":                    {VI: "Trang trước đây có danh sách giá, nay không thấy dòng nào. Mở trang xem địa chỉ còn đúng không.", EN: "The page had a list of prices and has no row now. Check that the address is still right."},
	"fewer_rows":                 {VI: "Số dòng giá giảm mạnh; có thể trang đã đổi cách trình bày. Mở trang xem; nếu đúng vậy, chạy: chophien watch run NGUỒN --accept.", EN: "There are far fewer rows; the page may be laid out differently. Look at it; if that is right, run: chophien watch run SOURCE --accept."},
	"other_page":                 {VI: "Trang đã thành trang khác. Mở trang xem; nếu vẫn đúng mặt hàng, chạy: chophien watch run NGUỒN --accept.", EN: "It has become another page. Look at it; if it is still the same goods, run: chophien watch run SOURCE --accept."},
	"many_prices":                {VI: "Trang có nhiều giá, không phải của một mặt hàng. Đổi kind thành search hoặc table, hoặc đặt selector.", EN: "The page has several prices and not one of its own. Change kind to search or table, or set a selector."},
	"unexpected":                 {VI: "Nguồn trả về thứ không đọc được như cấu hình. Sửa theo lý do (thử: chophien watch test).", EN: "What came is not what the settings say. Correct the cause (try: chophien watch test)."},
	"not_found":                  {VI: "Trang không còn. Sửa url hoặc bỏ nguồn này.", EN: "The page is gone. Correct url or remove the source."},
	"no_answer":                  {VI: "Trang không trả lời nhiều lần liền. Kiểm tra địa chỉ.", EN: "The site did not answer several times in a row. Check the address."},
	"robots":                     {VI: "robots.txt của trang không cho đọc tự động; nguồn đã dừng. Xin phép trang hoặc chọn nguồn khác.", EN: "The site's robots.txt does not allow it; the source is paused. Ask the site, or take another source."},
	"refused":                    {VI: "Trang từ chối đọc tự động; nguồn đã dừng. Hãy chọn nguồn khác.", EN: "The site refuses automatic readers; the source is paused. Take another source."},
	"private_address":            {VI: "Địa chỉ nằm trong mạng nội bộ, không được đọc. Dùng địa chỉ công khai.", EN: "The address is on a private network and is not read. Use a public one."},
	"failed":                     {VI: "Không đọc được nguồn. Sửa theo lý do rồi chạy: chophien watch run NGUỒN.", EN: "The source cannot be read. Correct the cause, then run: chophien watch run SOURCE."},
}
