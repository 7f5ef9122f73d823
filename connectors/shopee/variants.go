package shopee

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// wantedTier is an option of the offer as a tier of the item.
type wantedTier struct {
	name   string
	values []string
	images []string // by value; nil = none
}

// tiersOf gives the tiers of an offer, values in the order in which they first
// appear, and the place of every variant in them.
func tiersOf(offer *catalog.Offer, images map[int]string) (tiers []wantedTier, places map[catalog.SKU][]int) {
	tiers = make([]wantedTier, len(offer.Options))
	places = map[catalog.SKU][]int{}
	first := map[string]string{} // picture by value of the first option
	for _, v := range offer.Variants {
		place := make([]int, len(offer.Options))
		for i, value := range v.Options {
			if place[i] = slices.Index(tiers[i].values, value); place[i] < 0 {
				place[i] = len(tiers[i].values)
				tiers[i].values = append(tiers[i].values, value)
			}
		}
		if value := v.Options[0]; first[value] == "" {
			first[value] = images[v.Image]
		}
		places[v.SKU] = place
	}
	for i, name := range offer.Options {
		tiers[i].name = name
	}
	// Pictures are for all values of the first option, or for none.
	for _, value := range tiers[0].values {
		if first[value] == "" {
			tiers[0].images = nil
			break
		}
		tiers[0].images = append(tiers[0].images, first[value])
	}
	return tiers, places
}

// ownImages tells that variants have pictures of their own.
func ownImages(offer *catalog.Offer) bool {
	return variable(offer) && slices.ContainsFunc(offer.Variants, func(v catalog.OfferVariant) bool { return v.Image > 0 })
}

func wireTiers(tiers []wantedTier) []fields {
	list := make([]fields, len(tiers))
	for i, t := range tiers {
		options := make([]fields, len(t.values))
		for k, value := range t.values {
			options[k] = fields{"variation_option_id": 0, "variation_option_name": value}
			if t.images != nil {
				options[k]["image_id"] = t.images[k]
			}
		}
		list[i] = fields{"variation_id": 0, "variation_group_id": 0, "variation_name": t.name, "variation_option_list": options}
	}
	return list
}

// modelRow is a model to be made.
func (s *shop) modelRow(v catalog.OfferVariant, place []int) fields {
	row := measures(v)
	row["tier_index"] = place
	row["model_sku"] = string(v.SKU)
	row["original_price"] = v.Price.List.Amount
	row["seller_stock"] = s.stockRow(v.Quantity)
	if s.options.SendGTIN && v.GTIN != "" {
		row["gtin_code"] = v.GTIN
	}
	return row
}

// measures of a model; a dimension is only taken together with a weight.
func measures(v catalog.OfferVariant) fields {
	f := fields{}
	if v.Weight > 0 {
		f["weight"] = kilograms(v.Weight)
		if size := box(v.Dimensions); size != nil {
			f["dimension"] = size
		}
	}
	return f
}

// writeVariations makes an item's tiers and models what the offer says.
func (s *shop) writeVariations(ctx context.Context, j *job) error {
	if !variable(j.offer) || !j.content && !j.media {
		return nil
	}
	tiers, places := tiersOf(j.offer, j.images.ids)
	var kept []model
	if j.item != nil {
		for _, m := range j.item.Models {
			if places[catalog.SKU(m.SKU)] != nil {
				kept = append(kept, m)
			}
		}
	}
	var err error
	switch {
	case j.item == nil || len(j.item.Models) == 0, j.content && (len(j.item.Tiers) != len(tiers) || len(kept) == 0):
		err = s.initTiers(ctx, j, tiers, places)
	case len(j.item.Tiers) == len(tiers):
		err = s.changeTiers(ctx, j, tiers, places, kept)
	}
	if err != nil {
		return j.fail(err)
	}
	return nil
}

// initTiers makes all tiers and models at once. Doing it again gives the same
// models under new IDs, so a failed answer is settled by reading.
func (s *shop) initTiers(ctx context.Context, j *job, tiers []wantedTier, places map[catalog.SKU][]int) error {
	rows := make([]fields, len(j.offer.Variants))
	for i, v := range j.offer.Variants {
		rows[i] = s.modelRow(v, places[v.SKU])
	}
	answer, err := post[modelList](ctx, s, connectors.Call{Op: "product/init_tier_variation", Repeatable: true, Body: fields{
		"item_id": j.itemID, "standardise_tier_variation": wireTiers(tiers), "model": rows,
	}})
	if err == nil && j.took(answer.Models) {
		return nil
	}
	list, readErr := get[modelList](ctx, s, "product/get_model_list", url.Values{"item_id": {strconv.FormatInt(j.itemID, 10)}})
	if readErr == nil && j.took(list.Models) {
		return nil
	}
	if err == nil {
		err = &connectors.Error{Kind: connectors.Unclear, Channel: string(s.env.Channel), Op: "product/init_tier_variation", Lost: true,
			Err: errors.New("the answer does not name the variations")}
	}
	return err
}

// took notes the IDs of models when they are those of the offer.
func (j *job) took(models []model) bool {
	ids := map[catalog.SKU]int64{}
	for _, m := range models {
		ids[catalog.SKU(m.SKU)] = m.ID
	}
	for _, v := range j.offer.Variants {
		if ids[v.SKU] == 0 {
			return false
		}
	}
	if len(models) != len(j.offer.Variants) {
		return false
	}
	j.models, j.wrote, j.listed = ids, true, true
	return true
}

// changeTiers renames, adds and removes options and models at an unchanged
// number of tiers. Models that stay keep their IDs, prices and stock.
func (s *shop) changeTiers(ctx context.Context, j *job, tiers []wantedTier, places map[catalog.SKU][]int, kept []model) error {
	if !j.content { // pictures only: nothing else may change (invariant I4)
		if !s.onlyImages(j, tiers) {
			return nil
		}
	}
	if !sameTiers(j.item.Tiers, tiers) || len(kept) != len(j.item.Models) || slices.ContainsFunc(kept, func(m model) bool {
		return !slices.Equal(m.Index, places[catalog.SKU(m.SKU)])
	}) {
		rows := make([]fields, len(kept))
		for i, m := range kept {
			rows[i] = fields{"model_id": m.ID, "tier_index": places[catalog.SKU(m.SKU)]}
		}
		if _, err := post[struct{}](ctx, s, connectors.Call{Op: "product/update_tier_variation", Repeatable: true, Body: fields{
			"item_id": j.itemID, "standardise_tier_variation": wireTiers(tiers), "model_list": rows,
		}}); err != nil {
			return err
		}
		j.wrote = true
	}
	if !j.content {
		return nil
	}
	if err := s.addModels(ctx, j, places); err != nil {
		return err
	}
	return s.measureModels(ctx, j, kept)
}

// onlyImages tells that the item has the offer's options but not its pictures.
func (s *shop) onlyImages(j *job, tiers []wantedTier) bool {
	if len(j.item.Models) != len(j.offer.Variants) || sameTiers(j.item.Tiers, tiers) {
		return false
	}
	bare := slices.Clone(tiers)
	bare[0].images = nil
	shown := slices.Clone(j.item.Tiers)
	return sameTiers(shown, bare)
}

// sameTiers compares names and values, and pictures where there shall be some.
func sameTiers(shown []tier, wanted []wantedTier) bool {
	if len(shown) != len(wanted) {
		return false
	}
	for i, w := range wanted {
		if shown[i].Name != w.name || len(shown[i].Options) != len(w.values) {
			return false
		}
		for k, value := range w.values {
			if shown[i].Options[k].Name != value || w.images != nil && shown[i].Options[k].Image.ID != w.images[k] {
				return false
			}
		}
	}
	return true
}

// addModels makes the models that are missing.
func (s *shop) addModels(ctx context.Context, j *job, places map[catalog.SKU][]int) error {
	var rows []fields
	for _, v := range j.offer.Variants {
		if j.models[v.SKU] == 0 {
			rows = append(rows, s.modelRow(v, places[v.SKU]))
		}
	}
	if len(rows) == 0 {
		return nil
	}
	answer, err := post[struct {
		Models []model `json:"model"`
	}](ctx, s, connectors.Call{Op: "product/add_model", Body: fields{"item_id": j.itemID, "model_list": rows}})
	if err != nil {
		return err
	}
	j.wrote = true
	for _, m := range answer.Models {
		j.models[catalog.SKU(m.SKU)] = m.ID
	}
	return nil
}

// measureModels writes weights and sizes that differ. Writing the item's own
// has overwritten those of all models.
func (s *shop) measureModels(ctx context.Context, j *job, kept []model) error {
	var rows []fields
	for _, m := range kept {
		at := slices.IndexFunc(j.offer.Variants, func(v catalog.OfferVariant) bool { return string(v.SKU) == m.SKU })
		v := j.offer.Variants[at]
		size := box(v.Dimensions)
		sameSize := size == nil || m.Dimension != nil && *m.Dimension == *size
		if v.Weight <= 0 || !j.weighed && sameWeight(m.Weight, v.Weight) && sameSize {
			continue
		}
		row := measures(v)
		row["model_id"] = m.ID
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		return nil
	}
	if _, err := post[struct{}](ctx, s, connectors.Call{Op: "product/update_model", Repeatable: true, Body: fields{
		"item_id": j.itemID, "model": rows,
	}}); err != nil {
		return fmt.Errorf("write weights of variations: %w", err)
	}
	j.wrote = true
	return nil
}
