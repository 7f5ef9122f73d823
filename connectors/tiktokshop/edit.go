package tiktokshop

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// edit writes content and pictures of a product that is there: only the
// properties that differ in kind, unless its category or its SKUs change, which
// only a full edit can do.
func (s *shop) edit(ctx context.Context, j *job) error {
	made := prepared{fields: fields{}}
	var err error
	if j.content {
		if made, err = s.prepare(ctx, j); err != nil || j.outcome != nil {
			return err
		}
		if facts := j.mergeFacts(made); len(facts) > 0 {
			made.fields["product_attributes"] = facts
		}
	}
	for _, remembered := range []bool{true, false} {
		if j.media {
			uris, issues, err := s.pictures(ctx, j.offer.Images, remembered)
			if err == nil && len(uris) == 0 {
				j.end(s.refused("publish", connectors.Validation, issues...))
			}
			if err != nil || j.outcome != nil {
				return err
			}
			j.issues = issues
			made.fields["main_images"] = refs(uris)
			if made.images, err = s.optionImages(ctx, j.offer, remembered); err != nil {
				return err
			}
		}
		answer, err := s.editOnce(ctx, j, made)
		if code := codeOf(err); remembered && j.media && (code == codeNoImage || code == codeNoImage2) {
			continue
		}
		if err != nil {
			return err
		}
		j.sent = true
		j.warn(answer)
		// SKUs that were there keep their numbers; new ones are in the answer.
		for _, k := range j.current.SKUs {
			if !slices.ContainsFunc(answer.SKUs, func(o sku) bool { return o.ID == k.ID }) {
				answer.SKUs = append(answer.SKUs, k)
			}
		}
		content := j.current.Title
		if j.content {
			content = j.offer.Title
		}
		j.remote = j.remoteOfAnswer(answer)
		j.remote.Title, j.remote.Content = content, contentHash(content)
		return s.completeIDs(ctx, j)
	}
	return nil
}

// mergeFacts keeps attributes that somebody filled in by hand and we know
// nothing of, unless the category changes.
func (j *job) mergeFacts(made prepared) []attribute {
	facts, _ := made.fields["product_attributes"].([]attribute)
	if j.current.leaf() != j.offer.Category {
		return facts
	}
	for _, a := range j.current.Attributes {
		if !slices.ContainsFunc(facts, func(f attribute) bool { return f.ID == a.ID }) {
			facts = append(facts, a)
		}
	}
	return facts
}

// editOnce sends one edit.
func (s *shop) editOnce(ctx context.Context, j *job, made prepared) (written, error) {
	rows, whole, err := s.editedSKUs(ctx, j, made)
	if err != nil {
		return written{}, err
	}
	if whole {
		body := s.whole(&j.current)
		if j.content {
			delete(body, "product_attributes") // the new ones hold those that stay
		}
		for key, value := range made.fields {
			body[key] = value
		}
		body["skus"] = rows
		if j.content {
			body["category_id"] = j.offer.Category
		}
		return call[written](ctx, s, connectors.Call{
			Op: "products.edit", Method: http.MethodPut, Path: fmt.Sprintf(pathEdit, j.target), Body: body, Repeatable: true,
		})
	}
	if j.current.Status == statusDraft {
		made.fields["save_mode"] = "AS_DRAFT" // else it would go on sale
	}
	return call[written](ctx, s, connectors.Call{
		Op: "products.edit", Method: http.MethodPost, Path: fmt.Sprintf(pathPartial, j.target), Body: made.fields, Repeatable: true,
	})
}

// editedSKUs are the SKUs as they shall be, and whether that takes a full edit.
// Variants that we published and that are no longer offered are dropped, which
// deletes them: they must not be bought. SKUs that are not ours stay.
func (s *shop) editedSKUs(ctx context.Context, j *job, made prepared) (rows []fields, whole bool, err error) {
	moved := j.content && j.current.leaf() != j.offer.Category
	whole = moved
	offered := map[string]*catalog.OfferVariant{}
	for i := range j.offer.Variants {
		offered[string(j.offer.Variants[i].SKU)] = &j.offer.Variants[i]
	}
	attributes := func(v *catalog.OfferVariant) []salesAttribute {
		list := salesAttributes(j.offer, v, made.schema, made.images)
		if !moved {
			j.sameNames(list)
		}
		return list
	}
	for i := range j.current.SKUs {
		k := &j.current.SKUs[i]
		v := offered[k.SellerSKU]
		row := keptSKU(k)
		_, ours := j.ref.Variants[catalog.SKU(k.SellerSKU)]
		switch {
		case v == nil && ours && j.content:
			whole = true
			continue
		case v == nil && moved:
			// The numbers may be those of the old category.
			row["sales_attributes"] = byName(k)
		case v == nil:
		case j.content && (moved || !sameOptions(j.offer, v, k)):
			whole = true
			row["sales_attributes"] = attributes(v)
		case j.media && len(made.images) > 0:
			// A picture is not compared: the platform gives it another name.
			whole = true
			kept := keptAttributes(k)
			for n, a := range k.Attributes {
				if catalog.Fold(a.Name) == catalog.Fold(j.offer.Options[0]) {
					kept[n].Image = &picture{URI: made.images[v.Options[0]]}
				}
			}
			row["sales_attributes"] = kept
		}
		if list, ok := row["sales_attributes"].([]salesAttribute); ok && len(list) == 0 {
			delete(row, "sales_attributes")
		}
		rows = append(rows, row)
	}
	if !j.content {
		return rows, whole, nil
	}
	for i := range j.offer.Variants {
		v := &j.offer.Variants[i]
		if _, there := j.current.bySKU(v.SKU); there {
			continue
		}
		warehouse, err := s.warehouseOf(ctx)
		if err != nil {
			return nil, false, err
		}
		whole = true
		row := s.newSKU(j.offer, v, made.schema, made.images, warehouse)
		if len(j.offer.Options) > 0 {
			row["sales_attributes"] = attributes(v)
		}
		rows = append(rows, row)
	}
	return rows, whole, nil
}

// sameNames gives options the numbers that they have in the product already:
// all SKUs must have the same.
func (j *job) sameNames(list []salesAttribute) {
	for i, name := range j.offer.Options {
		for _, k := range j.current.SKUs {
			at := slices.IndexFunc(k.Attributes, func(a salesAttribute) bool { return catalog.Fold(a.Name) == catalog.Fold(name) })
			if at >= 0 {
				list[i].ID, list[i].Name = k.Attributes[at].ID, ""
				break
			}
		}
	}
}
