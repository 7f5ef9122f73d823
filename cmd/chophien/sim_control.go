package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/sqlitestore"
	"github.com/chophien/chophien/cmd/chophien/sample"
	"github.com/chophien/chophien/connectors"
)

// simControls lists the addresses of a simulated shop that are no part of the
// platform's own.
var simControls = []struct{ call, what string }{
	{"GET    /_sim/", "danh sách này / this list"},
	{"GET    /_sim/state", "mọi tin đăng và đơn hàng thật sự có / all listings and orders that are really there"},
	{"POST   /_sim/listings", `đăng hàng mẫu / put goods on sale: [{"sku": "MO-1", "title": "…", "price": 120000, "stock": 20, "category": "honey"}]`},
	{"POST   /_sim/orders", `người mua đặt hàng / a buyer orders: {"lines": [{"sku": "MO-1", "quantity": 1}]}`},
	{"POST   /_sim/edit", `người bán sửa trên sàn / the seller edits on the platform: {"sku": "MO-1", "stock": 3, "title": "…", "state": "stopped"} or {"order": "…", "status": "cancelled"} or {"order": "…", "ask_to_cancel": true}`},
	{"GET    /_sim/access", "cấp quyền truy cập mới / issues a new access token"},
	{"POST   /_sim/authorize", `người bán đồng ý, trả về mã / the seller agrees, the code comes back: {"redirect_uri": "…"}`},
	{"POST   /_sim/expire", "quyền truy cập hết hạn ngay / access tokens end now; refresh tokens stay"},
	{"POST   /_sim/revoke", "người bán rút lại sự đồng ý / the seller takes the consent back"},
	{"POST   /_sim/advance", "kết thúc mọi việc duyệt và chờ / ends reviews and other waits"},
	{"POST   /_sim/hooks", `đặt địa chỉ nhận tin báo như trên trang của sàn / sets where webhooks go, as in the platform's console, where there is no call for it: {"url": "…"}`},
	{"POST   /_sim/hooks/deliver", "gửi các tin báo đang chờ / sends the webhooks that wait"},
	{"POST   /_sim/hooks/drop", "làm mất tin báo kế tiếp / loses the next webhook"},
	{"POST   /_sim/faults", "gây lỗi / injects faults: drop:POST:/products/batch:1; GET lists, DELETE removes them"},
	{"GET    /_sim/requests", "các lần gọi đã nhận / the calls so far; DELETE forgets them"},
}

func controlsText() string {
	var b strings.Builder
	for _, c := range simControls {
		fmt.Fprintf(&b, "  %-26s %s\n", c.call, c.what)
	}
	return b.String()
}

// seed is a product that /_sim/listings puts on sale. Only its SKU is needed.
type seed struct {
	SKU      catalog.SKU `json:"sku"`
	Title    string      `json:"title"`
	Price    int64       `json:"price"`
	Stock    *int64      `json:"stock"`
	Category string      `json:"category"` // ours, or the platform's own ID
}

// seeded is what became of one.
type seeded struct {
	SKU        catalog.SKU        `json:"sku"`
	Outcome    string             `json:"outcome"`
	ExternalID catalog.ExternalID `json:"external_id,omitempty"`
	Why        string             `json:"why,omitempty"`
}

// control adds the addresses that need more than the simulator itself. A shop
// without, for example, webhooks answers 404 at theirs.
func (s simulated) control(ctx context.Context, logger *slog.Logger) error {
	channel, err := s.connected(ctx, logger)
	if err != nil {
		return err
	}
	s.server.Handle("GET /_sim/{$}", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, controlsText()) })
	s.server.Handle("POST /_sim/listings", func(w http.ResponseWriter, r *http.Request) {
		var seeds []seed
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&seeds); err != nil {
			http.Error(w, "want a list such as [{\"sku\": \"MO-1\"}]: "+err.Error(), http.StatusBadRequest)
			return
		}
		results, err := s.plant(r.Context(), channel, seeds)
		if err != nil {
			http.Error(w, err.Error(), http.StatusConflict)
			return
		}
		answerJSON(w, results)
	})
	if s.token != nil {
		s.server.Handle("GET /_sim/access", func(w http.ResponseWriter, _ *http.Request) {
			access, refresh, expires := s.token()
			answerJSON(w, simAccess{access, refresh, expires})
		})
		s.server.Handle("POST /_sim/authorize", func(w http.ResponseWriter, r *http.Request) {
			in := struct {
				Redirect string `json:"redirect_uri"`
			}{simRedirect}
			if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&in); err != nil && !errors.Is(err, io.EOF) {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			answer, err := s.grant(in.Redirect)
			if err != nil {
				http.Error(w, err.Error(), http.StatusConflict)
				return
			}
			answerJSON(w, answer)
		})
	}
	if s.registerHook != nil {
		s.server.Handle("POST /_sim/hooks", func(w http.ResponseWriter, r *http.Request) {
			var in struct {
				URL string `json:"url"`
			}
			if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&in); err != nil || in.URL == "" {
				http.Error(w, `want {"url": "http://127.0.0.1:8080/hooks/ID"}`, http.StatusBadRequest)
				return
			}
			s.registerHook(in.URL)
			w.WriteHeader(http.StatusNoContent)
		})
	}
	s.handleDo("POST /_sim/expire", s.expire)
	s.handleDo("POST /_sim/revoke", s.revoke)
	s.handleDo("POST /_sim/advance", s.advance)
	s.handleDo("POST /_sim/hooks/drop", s.drop)
	if s.deliver != nil {
		s.server.Handle("POST /_sim/hooks/deliver", func(w http.ResponseWriter, _ *http.Request) {
			delivered, failed := s.deliver()
			answerJSON(w, map[string]int{"delivered": delivered, "failed": failed})
		})
	}
	return nil
}

func (s simulated) handleDo(pattern string, do func()) {
	if do == nil {
		return
	}
	s.server.Handle(pattern, func(w http.ResponseWriter, _ *http.Request) {
		do()
		w.WriteHeader(http.StatusNoContent)
	})
}

func answerJSON(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = printLine(w, value)
}

// printLine writes one value as one line.
func printLine(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}

// connected opens our own channel to the shop, in memory, as the seller who put
// goods on sale before anybody else came.
func (s simulated) connected(ctx context.Context, logger *slog.Logger) (*connectors.Channel, error) {
	registry, err := newRegistry()
	if err != nil {
		return nil, err
	}
	config, err := registry.Parse("connectors.yaml", []byte("channels:\n"+s.yaml("seller", "", "")), func(string) (string, bool) { return "", false })
	if err != nil {
		return nil, err
	}
	store, err := sqlitestore.Open(ctx, ":memory:")
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { store.Close() })
	tokens := &connectors.MemoryTokens{}
	channel, err := registry.Open(config.Channels[0], connectors.OpenDeps{Logger: logger, Tokens: tokens, Memory: connectors.NewMemory(store, "seller"), Media: samplePicture{}})
	if err != nil || s.grant == nil {
		return channel, err
	}
	answer, err := s.grant(simRedirect)
	if err != nil {
		return nil, err
	}
	token, _, err := channel.Authorizer.Exchange(ctx, answer, simRedirect)
	if err != nil {
		return nil, err
	}
	_, err = tokens.Replace(ctx, connectors.Token{}, func(context.Context, connectors.Token) (connectors.Token, error) { return token, nil })
	return channel, err
}

const pictureOfSeeds = "pictures/jar.png"

// samplePicture is the picture of all goods that are planted.
type samplePicture struct{}

func (samplePicture) Open(context.Context, catalog.OfferImage) (io.ReadCloser, string, error) {
	file, err := sample.FS.Open(pictureOfSeeds)
	return file, "image/png", err
}

// plant puts goods on sale by the platform's own calls.
func (s simulated) plant(ctx context.Context, channel *connectors.Channel, seeds []seed) ([]seeded, error) {
	picture, err := fs.ReadFile(sample.FS, pictureOfSeeds)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(picture)
	image := catalog.OfferImage{URL: "https://img.example.vn/jar.png", SHA256: hex.EncodeToString(sum[:])}
	var publications []connectors.Publication
	for i, in := range seeds {
		if in.SKU == "" {
			return nil, fmt.Errorf("listing %d has no sku", i+1)
		}
		if in.Title == "" {
			in.Title = fmt.Sprintf("Hàng mẫu %s của chợ phiên vùng cao", in.SKU)
		}
		if in.Price == 0 {
			in.Price = 100_000
		}
		stock := int64(20)
		if in.Stock != nil {
			stock = *in.Stock
		}
		publications = append(publications, connectors.Publication{Facets: catalog.Facets, Offer: catalog.Offer{
			Channel: channel.ID(), ProductID: string(in.SKU), State: catalog.StateLive, Title: in.Title, Category: s.category(in.Category),
			Description: in.Title + "\n\nHàng mẫu để thử, không bán.", Images: []catalog.OfferImage{image},
			Variants: []catalog.OfferVariant{{
				SKU: in.SKU, Price: catalog.Price{List: catalog.VND(in.Price)}, Quantity: stock,
				Weight: 500, Dimensions: catalog.Dimensions{Length: 100, Width: 100, Height: 100},
			}},
		}})
	}
	outcomes, err := channel.Publisher.Publish(ctx, publications)
	if err != nil {
		return nil, err
	}
	if s.advance != nil {
		s.advance()
	}
	results := make([]seeded, len(outcomes))
	for i, o := range outcomes {
		results[i] = seeded{SKU: seeds[i].SKU, Outcome: string(o.Kind)}
		if o.Remote != nil {
			results[i].ExternalID = o.Remote.ExternalID
		}
		if o.Err != nil {
			results[i].Why = o.Err.Error()
		} else if len(o.Issues) > 0 {
			results[i].Why = o.Issues[0].Message.EN
		}
	}
	return results, nil
}
