package mongostore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/chophien/chophien/catalog"
)

// PutProducts implements [catalog.Store].
func (s *Store) PutProducts(ctx context.Context, products []catalog.Product) ([]error, error) {
	docs, errs := make([]document, len(products)), make([]error, len(products))
	for i, p := range products {
		docs[i], errs[i] = productDocument(p)
	}
	if err := put(ctx, s.products, docs, errs); err != nil {
		return nil, fmt.Errorf("put products: %w", err)
	}
	if err := s.nameOwners(ctx, products, errs); err != nil {
		return nil, fmt.Errorf("put products: %w", err)
	}
	return errs, nil
}

func productDocument(p catalog.Product) (document, error) {
	d := document{name: fmt.Sprintf("product %s", p.ID), id: p.ID, revision: p.Revision}
	if p.ID == "" {
		return d, errors.New("product without an ID")
	}
	// A unique index keeps documents apart, not the values within one.
	skus := skusOf(p)
	slices.Sort(skus)
	for i := 1; i < len(skus); i++ {
		if skus[i] == skus[i-1] {
			return d, fmt.Errorf("%s: SKU %s twice within the product %s: %w", d.name, skus[i], p.ID, catalog.ErrExists)
		}
	}
	p.Revision++
	doc, err := encode(p)
	if err != nil {
		return d, fmt.Errorf("%s: %w", d.name, err)
	}
	tokens := catalog.SearchTokens(p)
	d.fields = bson.D{
		{Key: "doc", Value: doc},
		// Two empty lists would be the same value to the unique index.
		{Key: "skus", Value: nil},
		{Key: "tokens", Value: tokens},
		{Key: "due", Value: p.ID},
	}
	if len(skus) > 0 {
		d.fields[1].Value = skus
	}
	d.inc = bson.D{{Key: "marks", Value: int64(1)}}
	size := len(doc)
	for _, token := range tokens {
		size += len(token) + 16
	}
	if size > maxDocument {
		return d, fmt.Errorf("%s: %w", d.name, errTooLarge(size))
	}
	return d, nil
}

func skusOf(p catalog.Product) []string {
	skus := make([]string, len(p.Variants))
	for i, v := range p.Variants {
		skus[i] = string(v.SKU)
	}
	return skus
}

// nameOwners completes the errors of products one of whose SKUs is taken.
func (s *Store) nameOwners(ctx context.Context, products []catalog.Product, errs []error) error {
	var taken []string
	for i, p := range products {
		if errors.Is(errs[i], errTaken) {
			taken = append(taken, skusOf(p)...)
		}
	}
	if len(taken) == 0 {
		return nil
	}
	owners, err := s.owners(ctx, taken)
	if err != nil {
		return err
	}
	for i, p := range products {
		if !errors.Is(errs[i], errTaken) {
			continue
		}
		for _, sku := range skusOf(p) {
			if owner, ok := owners[sku]; ok && owner != p.ID {
				errs[i] = fmt.Errorf("product %s: SKU %s belongs to product %s: %w", p.ID, sku, owner, catalog.ErrExists)
				break
			}
		}
	}
	return nil
}

// owners returns which products have these SKUs.
func (s *Store) owners(ctx context.Context, skus []string) (map[string]string, error) {
	type product struct {
		ID   string `bson:"_id"`
		SKUs []string
	}
	found, err := find[product](ctx, s.products, bson.D{{Key: "skus", Value: bson.D{{Key: "$in", Value: skus}}}},
		options.Find().SetProjection(bson.D{{Key: "skus", Value: 1}}).SetBatchSize(batchSize(len(skus))))
	if err != nil {
		return nil, err
	}
	owners := make(map[string]string, len(skus))
	for _, p := range found {
		for _, sku := range p.SKUs {
			owners[sku] = p.ID
		}
	}
	return owners, nil
}

// Products implements [catalog.Store].
func (s *Store) Products(ctx context.Context, query catalog.ProductQuery) ([]catalog.Product, error) {
	keys := keyRange{in: query.IDs, above: query.After}
	if len(query.SKUs) > 0 {
		// mongo-java-server 1.47 finds a plain $in in its index, but answers it once for every match within a
		// document, and scans the collection for any other form. So the owners are paged by their IDs.
		skus := make([]string, len(query.SKUs))
		for i, sku := range query.SKUs {
			skus[i] = string(sku)
		}
		owners, err := s.owners(ctx, skus)
		if err != nil {
			return nil, fmt.Errorf("read products: %w", err)
		}
		keys.in = slices.Compact(slices.Sorted(maps.Values(owners)))
		if len(query.IDs) > 0 {
			keys.in = slices.DeleteFunc(keys.in, func(id string) bool { return !slices.Contains(query.IDs, id) })
		}
		if len(keys.in) == 0 {
			return []catalog.Product{}, nil
		}
	}
	filter := keys.condition("_id")
	if query.Group != "" {
		filter = append(filter, bson.E{Key: "doc.group", Value: query.Group})
	}
	if query.Category != "" {
		filter = append(filter, bson.E{Key: "doc.category", Value: query.Category})
	}
	if words := catalog.QueryTokens(query.Text); len(words) > 0 {
		last := len(words) - 1
		all := bson.A{}
		for _, word := range words[:last] {
			all = append(all, bson.D{{Key: "tokens", Value: word}})
		}
		// An anchored expression without options is a range of the index.
		beginning := bson.Regex{Pattern: "^" + regexp.QuoteMeta(words[last])}
		filter = append(filter, bson.E{Key: "$and", Value: append(all, bson.D{{Key: "tokens", Value: beginning}})})
	}
	products, err := page[catalog.Product](ctx, s.products, filter, ascending("_id"), query.Limit)
	if err != nil {
		return nil, fmt.Errorf("read products: %w", err)
	}
	return products, nil
}

// DueProducts implements [catalog.Store].
func (s *Store) DueProducts(ctx context.Context, after string, limit int) ([]catalog.DueMark, error) {
	type mark struct {
		ID    string `bson:"_id"`
		Marks int64
	}
	limit = pageSize(limit)
	found, err := find[mark](ctx, s.products, keyRange{above: after, exists: true}.condition("due"),
		options.Find().SetSort(ascending("due")).SetLimit(int64(limit)).SetBatchSize(batchSize(limit)).SetProjection(bson.D{{Key: "marks", Value: 1}}))
	if err != nil {
		return nil, fmt.Errorf("read due products: %w", err)
	}
	marks := make([]catalog.DueMark, len(found))
	for i, m := range found {
		marks[i] = catalog.DueMark{ProductID: m.ID, Count: m.Marks}
	}
	return marks, nil
}

// ClearDue implements [catalog.Store].
func (s *Store) ClearDue(ctx context.Context, marks []catalog.DueMark) error {
	models := make([]mongo.WriteModel, len(marks))
	for i, mark := range marks {
		models[i] = mongo.NewUpdateOneModel().
			SetFilter(bson.D{{Key: "_id", Value: mark.ProductID}, {Key: "marks", Value: mark.Count}}).
			SetUpdate(bson.D{{Key: "$unset", Value: bson.D{{Key: "due", Value: ""}}}})
	}
	if err := bulk(ctx, s.products, models); err != nil {
		return fmt.Errorf("clear due products: %w", err)
	}
	return nil
}

// markDue makes the products due that have one of these SKUs.
func (s *Store) markDue(ctx context.Context, skus []string) error {
	if len(skus) == 0 {
		return nil
	}
	owners, err := s.owners(ctx, skus)
	if err != nil {
		return err
	}
	marked := map[string]bool{}
	var models []mongo.WriteModel
	for _, id := range owners {
		if marked[id] {
			continue
		}
		marked[id] = true
		models = append(models, mongo.NewUpdateOneModel().
			SetFilter(bson.D{{Key: "_id", Value: id}}).
			SetUpdate(bson.D{{Key: "$set", Value: bson.D{{Key: "due", Value: id}}}, {Key: "$inc", Value: bson.D{{Key: "marks", Value: int64(1)}}}}))
	}
	return bulk(ctx, s.products, models)
}
