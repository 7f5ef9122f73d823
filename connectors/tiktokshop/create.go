package tiktokshop

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// prepared is what a product's content is made of.
type prepared struct {
	schema schema
	fields fields
	images map[string]string // by value of the first option
}

// prepare makes the content of a job, and ends the job where the category would
// refuse it.
func (s *shop) prepare(ctx context.Context, j *job) (prepared, error) {
	c, err := s.schemaOf(ctx, j.offer.Category)
	if kind := connectors.KindOf(err); kind == connectors.Validation || kind == connectors.NotFound {
		outcome := outcomeOf(err, j.firstSKU())
		outcome.Kind = connectors.Rejected
		j.end(outcome)
		return prepared{}, nil
	}
	if err != nil {
		return prepared{}, err
	}
	facts, issues := s.facts(j.offer, c)
	if j.target == "" {
		for _, paper := range c.certificates {
			if len(paper.conditions) > 0 && !anyHolds(paper.conditions, facts) {
				continue
			}
			issues = append(issues, issue("certificate_missing", "category", j.firstSKU(),
				fmt.Sprintf("Danh mục cần giấy %q: đăng sản phẩm này một lần trong Seller Center kèm giấy, phần mềm sẽ nhận lại theo mã SKU.", paper.name),
				fmt.Sprintf("The category needs the paper %q: list the product once in Seller Center with it, it is then taken over by its SKU.", paper.name)))
		}
	}
	if len(issues) > 0 {
		j.end(s.refused("publish", connectors.Validation, issues...))
		return prepared{}, nil
	}
	brand, err := s.brandOf(ctx, j.offer.Brand, j.offer.Category)
	if err != nil {
		return prepared{}, err
	}
	made := prepared{schema: c, fields: contentFields(j.offer, facts, brand)}
	return made, nil
}

// optionImages gives a picture for each value of the first option, when all
// have one: the platform wants all or none.
func (s *shop) optionImages(ctx context.Context, o *catalog.Offer, remembered bool) (map[string]string, error) {
	images := map[string]string{}
	if len(o.Options) == 0 {
		return images, nil
	}
	for _, v := range o.Variants {
		if images[v.Options[0]] != "" {
			continue
		}
		if v.Image < 1 || v.Image > len(o.Images) {
			return map[string]string{}, nil
		}
		uri, _, err := s.uploads(useAttribute).Put(ctx, o.Images[v.Image-1], v.Image, remembered)
		if err != nil {
			return nil, err
		}
		if uri == "" {
			return map[string]string{}, nil // the main pictures say why
		}
		images[v.Options[0]] = uri
	}
	return images, nil
}

// create makes a product. A picture that we thought uploaded but is gone there
// is uploaded anew, once.
func (s *shop) create(ctx context.Context, j *job) error {
	made, err := s.prepare(ctx, j)
	if err != nil || j.outcome != nil {
		return err
	}
	warehouse, err := s.warehouseOf(ctx)
	if err != nil {
		return err
	}
	body := made.fields
	body["category_id"], body["category_version"] = j.offer.Category, s.options.CategoryVersion
	body["external_product_id"] = j.offer.ProductID
	body["save_mode"] = "LISTING"
	if j.offer.State != catalog.StateLive {
		body["save_mode"] = "AS_DRAFT"
	}
	if s.options.COD == "category" && made.schema.cod {
		body["is_cod_allowed"] = true
	}
	for _, remembered := range []bool{true, false} {
		uris, issues, err := s.pictures(ctx, j.offer.Images, remembered)
		if err == nil && len(uris) == 0 {
			for i := range issues {
				issues[i].Severity = catalog.SeverityError
			}
			j.end(s.refused("publish", connectors.Validation, issues...))
		}
		if err != nil || j.outcome != nil {
			return err
		}
		if made.images, err = s.optionImages(ctx, j.offer, remembered); err != nil {
			return err
		}
		j.issues = issues
		body["main_images"] = refs(uris)
		var rows []fields
		for i := range j.offer.Variants {
			rows = append(rows, s.newSKU(j.offer, &j.offer.Variants[i], made.schema, made.images, warehouse))
		}
		body["skus"] = rows
		answer, err := s.createOnce(ctx, j.offer.ProductID, body)
		if code := codeOf(err); remembered && (code == codeNoImage || code == codeNoImage2) {
			continue
		}
		if err != nil {
			j.zeroRefused(s, err)
			return err
		}
		j.sent, j.created, j.target = true, true, answer.ProductID
		j.warn(answer)
		j.remote = j.remoteOfAnswer(answer)
		j.remote.State = catalog.StateReview
		if j.offer.State != catalog.StateLive {
			j.remote.State = catalog.StateStopped
		}
		return s.completeIDs(ctx, j)
	}
	return nil
}

// zeroRefused explains why a product with a variant out of stock cannot be made
// in a shop that does not take a stock of zero.
func (j *job) zeroRefused(s *shop, err error) {
	for _, v := range j.offer.Variants {
		if code := codeOf(err); v.Quantity == 0 && (code == codeQuantity || code == codeStockCount) {
			j.end(s.refused("publish", connectors.Validation, issue("stock_zero_refused", "quantity", v.SKU,
				fmt.Sprintf("Cửa hàng không nhận số lượng 0 khi đăng mới: nhập hàng cho %s rồi đăng lại.", clip(string(v.SKU), 60)),
				fmt.Sprintf("The shop does not take a stock of 0 for new products: restock %s, then publish again.", clip(string(v.SKU), 60)))))
		}
	}
}

func refs(uris []string) []picture {
	list := make([]picture, len(uris))
	for i, uri := range uris {
		list[i].URI = uri
	}
	return list
}

// warn tells what the platform dropped.
func (j *job) warn(answer written) {
	for _, w := range answer.Warnings {
		message := clip(w.Message, 300)
		j.issues = append(j.issues, catalog.Issue{
			Code: "platform_warning", Severity: catalog.SeverityWarning, Message: text("TikTok Shop báo: "+message, "TikTok Shop says: "+message),
		})
	}
}

func (j *job) remoteOfAnswer(answer written) *catalog.Remote {
	p := product{ID: j.target, Status: j.current.Status, Title: j.offer.Title}
	for _, k := range answer.SKUs {
		p.SKUs = append(p.SKUs, sku{ID: k.ID, SellerSKU: k.SellerSKU})
	}
	r := remoteOf(&p, promotions{}, nil)
	return &r
}

// completeIDs reads a product whose answer did not name all its SKUs.
func (s *shop) completeIDs(ctx context.Context, j *job) error {
	for _, v := range j.offer.Variants {
		if slices.ContainsFunc(j.remote.Variants, func(k catalog.VariantSnapshot) bool { return k.SKU == v.SKU }) {
			continue
		}
		p, err := s.read(ctx, j.target)
		if err != nil {
			return err
		}
		r := remoteOf(&p, promotions{}, nil)
		j.remote.Variants = r.Variants
		return nil
	}
	return nil
}

// createOnce sends a create under a key by which the platform knows it again.
// The key is remembered before it is sent and forgotten with a definite answer,
// so that a create whose answer was lost is repeated, also after a restart, and
// not doubled; a product that was deleted since is made anew.
func (s *shop) createOnce(ctx context.Context, productID string, body fields) (written, error) {
	delete(body, "idempotency_key")
	data, err := json.Marshal(body)
	if err != nil {
		return written{}, &connectors.Error{Kind: connectors.Fatal, Op: "products.create", Err: errors.New("the product cannot be written as JSON")}
	}
	sum := sha256.Sum256(data)
	digest := hex.EncodeToString(sum[:16])
	memoryKey := "create:" + productID
	key := ""
	if s.env.Memory != nil {
		if known, err := s.env.Memory.Recall(ctx, memoryKey); err == nil {
			if content, old, ok := strings.Cut(known, " "); ok && content == digest {
				key = old
			}
		}
	}
	if key == "" {
		key = rand.Text()
		if s.env.Memory != nil {
			if err := s.env.Memory.Remember(ctx, memoryKey, digest+" "+key); err != nil {
				return written{}, &connectors.Error{Kind: connectors.Transient, Op: "products.create", Err: errors.New("the key of the product cannot be remembered")}
			}
		}
	}
	body["idempotency_key"] = key
	answer, err := call[written](ctx, s, connectors.Call{Op: "products.create", Method: http.MethodPost, Path: pathProducts, Body: body, Repeatable: true})
	if err == nil && !isID(catalog.ExternalID(answer.ProductID)) {
		err = &connectors.Error{Kind: connectors.Transient, Channel: string(s.env.Channel), Op: "products.create", Lost: true, Err: errors.New("the answer names no product")}
	}
	if !connectors.IsLost(err) && s.env.Memory != nil {
		if forget := s.env.Memory.Remember(ctx, memoryKey, ""); forget != nil {
			s.env.Logger.Warn("key of a product not forgotten", "error", forget)
		}
	}
	return answer, err
}
