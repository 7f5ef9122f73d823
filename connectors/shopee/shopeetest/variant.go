package shopeetest

import (
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

// model is one variation of an item.
type model struct {
	id   int64
	sku  string
	gtin string
	at   []int // an option of each tier
	terms
	weight decimal.Decimal // zero = the item's
	size   *dimension
}

// tier is what variations differ by.
type tier struct {
	name    string
	options []option
}

type option struct{ name, image string }

// tierInput takes both forms: the present one, and the older one that many
// clients still send.
type tierInput struct {
	Standard *[]struct {
		ID      *int64 `json:"variation_id"`
		Name    string `json:"variation_name"`
		Options []struct {
			ID    *int64 `json:"variation_option_id"`
			Name  string `json:"variation_option_name"`
			Image string `json:"image_id"`
		} `json:"variation_option_list"`
	} `json:"standardise_tier_variation"`
	Old *[]struct {
		Name    string `json:"name"`
		Options []struct {
			Name  string `json:"option"`
			Image *struct {
				ID string `json:"image_id"`
			} `json:"image"`
		} `json:"option_list"`
	} `json:"tier_variation"`
}

// tiers reads and checks them.
func (s *Simulator) tiers(in tierInput) ([]tier, error) {
	var list []tier
	switch {
	case in.Standard != nil:
		for _, t := range *in.Standard {
			if t.ID == nil {
				return nil, badParam("Wrong parameters, detail: variation_id is required.")
			}
			read := tier{name: t.Name}
			for _, o := range t.Options {
				if o.ID == nil {
					return nil, badParam("Wrong parameters, detail: variation_option_id is required.")
				}
				read.options = append(read.options, option{o.Name, o.Image})
			}
			list = append(list, read)
		}
	case in.Old != nil:
		for _, t := range *in.Old {
			read := tier{name: t.Name}
			for _, o := range t.Options {
				image := ""
				if o.Image != nil {
					image = o.Image.ID
				}
				read.options = append(read.options, option{o.Name, image})
			}
			list = append(list, read)
		}
	default:
		return nil, badParam("There is at least one standardise_tier_variation and tier_variation.")
	}
	if len(list) > maxTiers {
		return nil, refuse("error_tier_var_level_over_limit", "Tier variation should be no more than %d levels.", maxTiers)
	}
	for i, t := range list {
		if n := utf8.RuneCountInString(t.name); n < 1 || n > maxTierName {
			return nil, refuse("error_tier_var_name_length", "Tier variation name should have 1 to %d characters.", maxTierName)
		}
		if len(t.options) < 1 || len(t.options) > maxModels {
			return nil, refuse("error_tier_option_over_limit", "Tier variation should have 1 to %d options.", maxModels)
		}
		seen, pictures := map[string]bool{}, 0
		for _, o := range t.options {
			if n := utf8.RuneCountInString(o.name); n < 1 || n > maxOption {
				return nil, refuse("error_tier_option_length", "Tier variation option should have 1 to %d characters.", maxOption)
			}
			if seen[o.name] {
				return nil, refuse("error_model_duplicate_name", "Tier variation option %s is duplicated.", o.name)
			}
			seen[o.name] = true
			if o.image != "" {
				pictures++
				if !s.images[o.image] {
					return nil, refuse("error_image_unavailable", "Image is unavailable, please upload it first.")
				}
			}
		}
		if pictures > 0 && (i > 0 || pictures != len(t.options)) {
			return nil, refuse("error_tier_img_partial", "Images are for all options of the first tier, or for none.")
		}
	}
	return list, nil
}

type modelInput struct {
	ID     *int64        `json:"model_id"`
	At     *[]int        `json:"tier_index"`
	Price  json.Number   `json:"original_price"`
	SKU    *string       `json:"model_sku"`
	GTIN   *string       `json:"gtin_code"`
	Stock  []sellerStock `json:"seller_stock"`
	Weight json.Number   `json:"weight"`
	Size   *dimension    `json:"dimension"`
}

// newModel reads a model that is to be made.
func (s *Simulator) newModel(in modelInput) (*model, error) {
	if in.At == nil || in.Price == "" {
		return nil, badParam("Wrong parameters, detail: tier_index and original_price are required.")
	}
	m := &model{at: *in.At}
	var err error
	if m.price, err = amount(in.Price); err != nil {
		return nil, err
	}
	if m.stock, err = s.stockOf(in.Stock, 0); err != nil {
		return nil, err
	}
	return m, m.describe(in)
}

// describe writes what is neither price nor stock.
func (m *model) describe(in modelInput) error {
	if in.SKU != nil {
		if utf8.RuneCountInString(*in.SKU) > maxSKU {
			return badParam("model_sku should be no more than %d characters.", maxSKU)
		}
		m.sku = *in.SKU
	}
	if in.GTIN != nil {
		m.gtin = *in.GTIN
	}
	if in.Weight != "" {
		weight, err := decimal.NewFromString(in.Weight.String())
		if err != nil || !weight.IsPositive() {
			return badParam("Wrong parameters, detail: weight.")
		}
		m.weight = weight
	}
	if in.Size != nil {
		if m.weight.IsZero() {
			return badParam("weight must be set with dimension.")
		}
		m.size = in.Size
	}
	return nil
}

// checkModels refuses models that do not fit the tiers.
func (s *Simulator) checkModels(tiers []tier, models []*model) error {
	if len(models) > maxModels {
		return refuse("error_model_over_limit", "An item takes %d models at most.", maxModels)
	}
	if len(models) == 0 {
		return refuse("error_model_empty", "model is required.")
	}
	seen := map[string]bool{}
	for _, m := range models {
		if len(m.at) != len(tiers) {
			return refuse("error_model_tier_index", "tier_index does not match the tiers.")
		}
		for i, at := range m.at {
			if at < 0 || at >= len(tiers[i].options) {
				return refuse("error_model_tier_index", "tier_index is out of range.")
			}
		}
		key := fmt.Sprint(m.at)
		if seen[key] {
			return refuse("error_model_duplicate_tier_variation_index", "tier_index is duplicated.")
		}
		seen[key] = true
	}
	return s.checkSpread(models)
}

// checkSpread refuses prices that are too far apart.
func (s *Simulator) checkSpread(models []*model) error {
	low, high := models[0].price, models[0].price
	for _, m := range models {
		low, high = min(low, m.price), max(high, m.price)
	}
	if most := s.options.PriceSpread; most > 0 && high > low*most {
		return refuse("error_model_price_range", "The highest price should not be more than %d times the lowest.", most)
	}
	return nil
}

func (s *Simulator) initTier(r *request) (any, error) {
	var in struct {
		tierInput
		itemRef
		Models []modelInput `json:"model"`
	}
	it, err := s.readItem(r, &in)
	if err != nil {
		return nil, err
	}
	if s.now().Before(it.ready) {
		return nil, refuse("error_inner", "Our system is taking some time to respond, please try later.")
	}
	if it.locked || s.discounted(it.id) {
		return nil, refuse("error_cannt_init_tier_in_promotion", "Can not init tier variation when item is in promotion.")
	}
	tiers, err := s.tiers(in.tierInput)
	if err != nil {
		return nil, err
	}
	models := make([]*model, len(in.Models))
	for i, input := range in.Models {
		if models[i], err = s.newModel(input); err != nil {
			return nil, err
		}
	}
	if len(tiers) == 0 { // back to a simple item
		if len(models) != 1 || len(models[0].at) != 0 {
			return nil, refuse("error_model_tier_index", "tier_index does not match the tiers.")
		}
		it.terms, it.models, it.tiers = models[0].terms, nil, nil
		s.touch(it)
		return object{"item_id": it.id, "tier_variation": []object{}, "model": []object{}}, nil
	}
	if err := s.checkModels(tiers, models); err != nil {
		return nil, err
	}
	for _, m := range models {
		m.id = s.next(firstModel)
	}
	it.tiers, it.models = tiers, models
	s.touch(it)
	return object{"item_id": it.id, "tier_variation": showTiers(it.tiers), "model": showNewModels(it.models)}, nil
}

// itemRef names the item that a call is about.
type itemRef struct {
	ItemID *int64 `json:"item_id"`
}

func (x itemRef) id() *int64 { return x.ItemID }

// readItem reads the body of a call and finds the item that it is about.
func (s *Simulator) readItem(r *request, in interface{ id() *int64 }) (*item, error) {
	if err := r.decode(in); err != nil {
		return nil, err
	}
	if in.id() == nil {
		return nil, badParam("Wrong parameters, detail: item_id is required.")
	}
	return s.find(*in.id())
}

func (s *Simulator) updateTier(r *request) (any, error) {
	var in struct {
		tierInput
		itemRef
		Models []modelInput `json:"model_list"`
	}
	it, err := s.readItem(r, &in)
	if err != nil {
		return nil, err
	}
	tiers, err := s.tiers(in.tierInput)
	if err != nil {
		return nil, err
	}
	if len(tiers) == 0 || len(tiers) != len(it.tiers) {
		return nil, refuse("error_tier_var_level_changed", "The level of tier variations can not be changed, use init_tier_variation.")
	}
	var kept []*model
	for _, input := range in.Models {
		if input.ID == nil || input.At == nil {
			return nil, badParam("Wrong parameters, detail: model_id and tier_index are required.")
		}
		old := it.model(*input.ID)
		if old == nil {
			return nil, badParam("Wrong model_id.")
		}
		moved := *old
		moved.at = *input.At
		kept = append(kept, &moved)
	}
	if err := s.checkModels(tiers, kept); err != nil {
		return nil, err
	}
	it.tiers, it.models = tiers, kept
	s.touch(it)
	return none{}, nil
}

func (it *item) model(id int64) *model {
	for _, m := range it.models {
		if m.id == id {
			return m
		}
	}
	return nil
}

func (s *Simulator) addModel(r *request) (any, error) {
	var in struct {
		itemRef
		Models []modelInput `json:"model_list"`
	}
	it, err := s.readItem(r, &in)
	if err != nil {
		return nil, err
	}
	var added []*model
	for _, input := range in.Models {
		m, err := s.newModel(input)
		if err != nil {
			return nil, err
		}
		added = append(added, m)
	}
	if len(it.tiers) == 0 || len(added) == 0 {
		return nil, refuse("error_model_tier_index", "The item has no tier variations.")
	}
	all := append(slices.Clone(it.models), added...)
	if err := s.checkModels(it.tiers, all); err != nil {
		return nil, err
	}
	for _, m := range added {
		m.id = s.next(firstModel)
	}
	it.models = all
	s.touch(it)
	return object{"model": showNewModels(added)}, nil
}

func (s *Simulator) updateModel(r *request) (any, error) {
	var in struct {
		itemRef
		Models []modelInput `json:"model"`
	}
	it, err := s.readItem(r, &in)
	if err != nil {
		return nil, err
	}
	if len(in.Models) < 1 || len(in.Models) > maxModels {
		return nil, badParam("Wrong parameters, detail: model needs 1 to %d rows.", maxModels)
	}
	for _, input := range in.Models {
		if input.ID == nil || it.model(*input.ID) == nil {
			return nil, badParam("Wrong model_id.")
		}
		trial := *it.model(*input.ID)
		if err := trial.describe(input); err != nil {
			return nil, err
		}
	}
	for _, input := range in.Models {
		_ = it.model(*input.ID).describe(input) // was tried above
	}
	s.touch(it)
	return none{}, nil
}

func (s *Simulator) deleteModel(r *request) (any, error) {
	var in struct {
		itemRef
		ModelID *int64 `json:"model_id"`
	}
	it, err := s.readItem(r, &in)
	if err != nil {
		return nil, err
	}
	if in.ModelID == nil || it.model(*in.ModelID) == nil {
		return nil, badParam("Wrong model_id.")
	}
	if len(it.models) == 1 {
		return nil, refuse("error_model_empty", "The last model can not be deleted.")
	}
	it.models = slices.DeleteFunc(slices.Clone(it.models), func(m *model) bool { return m.id == *in.ModelID })
	s.touch(it)
	return none{}, nil
}

func (s *Simulator) modelList(r *request) (any, error) {
	id, err := r.needInt("item_id")
	if err != nil {
		return nil, err
	}
	it, err := s.find(id)
	if err != nil {
		return nil, err
	}
	models, standard := []object{}, []object{}
	for _, m := range it.models {
		shown := object{
			"model_id": m.id, "tier_index": m.at, "model_sku": m.sku, "model_status": "MODEL_NORMAL", "promotion_id": 0,
			"has_promotion": s.ongoing(it.id, m.id) != nil || it.locked, "price_info": s.showPrice(it.id, m.id, m.price),
			"stock_info_v2": s.showStock(m.terms), "gtin_code": m.gtin, "pre_order": it.showPreOrder(),
		}
		if x := s.ongoing(it.id, m.id); x != nil {
			shown["promotion_id"] = x.id
		}
		weight, size := it.weight, it.size
		if !m.weight.IsZero() {
			weight = m.weight
		}
		if m.size != nil {
			size = m.size
		}
		shown["weight"] = weight.StringFixed(2)
		if size != nil {
			shown["dimension"] = size
		}
		models = append(models, shown)
	}
	for _, t := range it.tiers {
		options := []object{}
		for _, o := range t.options {
			shown := object{"variation_option_id": 0, "variation_option_name": o.name}
			if o.image != "" {
				shown["image_id"], shown["image_url"] = o.image, imageURL(o.image)
			}
			options = append(options, shown)
		}
		standard = append(standard, object{"variation_id": 0, "variation_name": t.name, "variation_group_id": 0, "variation_option_list": options})
	}
	return object{"tier_variation": showTiers(it.tiers), "standardise_tier_variation": standard, "model": models}, nil
}

func showTiers(tiers []tier) []object {
	list := []object{}
	for _, t := range tiers {
		options := []object{}
		for _, o := range t.options {
			shown := object{"option": o.name}
			if o.image != "" {
				shown["image"] = object{"image_id": o.image, "image_url": imageURL(o.image)}
			}
			options = append(options, shown)
		}
		list = append(list, object{"name": t.name, "option_list": options})
	}
	return list
}

func showNewModels(models []*model) []object {
	list := []object{}
	for _, m := range models {
		list = append(list, object{
			"tier_index": m.at, "model_id": m.id, "model_sku": m.sku,
			"price_info": []object{{"original_price": m.price}}, "seller_stock": []object{{"stock": m.stock}},
		})
	}
	return list
}
