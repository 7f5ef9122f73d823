package woocommercetest

import "net/http"

const (
	get    = http.MethodGet
	post   = http.MethodPost
	edit   = "EDIT"
	remove = http.MethodDelete
)

// allRoutes is everything that the API offers.
func (s *Simulator) allRoutes() []route {
	routes := []route{
		on(get, "system_status", nil, s.systemStatus),

		on(get, "products", productCollection(), s.listProducts),
		on(post, "products", productSchema(), s.postProduct),
		on(edit, "products/batch", nil, s.productBatch()),
		on(get, "products/{id}", nil, s.getProduct),
		on(edit, "products/{id}", productSchema(), s.putProduct),
		on(remove, "products/{id}", nil, s.deleteProduct),

		on(get, "products/{product}/variations", productCollection(), s.listVariations),
		on(post, "products/{product}/variations", variationSchema(), s.postVariation),
		on(edit, "products/{product}/variations/batch", nil, s.variationBatch()),
		on(get, "products/{product}/variations/{id}", nil, s.getVariation),
		on(edit, "products/{product}/variations/{id}", variationSchema(), s.putVariation),
		on(remove, "products/{product}/variations/{id}", nil, s.deleteVariation),

		on(get, "products/attributes", nil, s.listAttributes),
		on(post, "products/attributes", newAttributeSchema(), s.postAttribute),
		on(edit, "products/attributes/batch", nil, s.batch(batchOf{s.createAttribute, s.updateAttribute, s.removeAttribute})),
		on(get, "products/attributes/{id}", nil, s.getAttribute),
		on(edit, "products/attributes/{id}", attributeSchema(), s.putAttribute),
		on(remove, "products/attributes/{id}", nil, s.deleteAttribute),

		on(get, "orders", orderCollection(), s.listOrders),
		on(post, "orders", orderSchema(), s.postOrder),
		on(edit, "orders/batch", nil, s.orderBatch()),
		on(get, "orders/statuses", nil, s.orderStatusList),
		on(get, "orders/{id}", nil, s.getOrder),
		on(edit, "orders/{id}", orderSchema(), s.putOrder),
		on(remove, "orders/{id}", nil, s.deleteOrder),
		on(get, "orders/{order}/refunds", collection([]string{"date", "id"}, nil), s.listRefunds),
		on(post, "orders/{order}/refunds", refundSchema(), s.postRefund),
		on(get, "orders/{order}/refunds/{id}", nil, s.getRefund),
		on(get, "orders/{order}/notes", nil, s.listNotes),
		on(post, "orders/{order}/notes", noteSchema(), s.postNote),
		on(get, "orders/{order}/notes/{id}", nil, s.getNote),

		on(get, "webhooks", collection([]string{"date", "id", "title"}, nil), s.listHooks),
		on(post, "webhooks", newHookSchema(), s.postHook),
		on(edit, "webhooks/batch", nil, s.batch(batchOf{s.createHookItem, s.updateHook, s.removeHook})),
		on(get, "webhooks/{id}", nil, s.getHook),
		on(edit, "webhooks/{id}", hookSchema(), s.putHook),
		on(remove, "webhooks/{id}", nil, s.deleteHook),
	}
	for path, api := range map[string]termAPI{
		"products/categories":                   s.termAPI(taxCategory),
		"products/tags":                         s.termAPI(taxTag),
		"products/brands":                       s.termAPI(taxBrand),
		"products/attributes/{attribute}/terms": s.attributeTermAPI(),
	} {
		routes = append(routes,
			on(get, path, termCollection(), api.list),
			on(post, path, newTermSchema(), api.post),
			on(edit, path+"/batch", nil, s.batch(batchOf{api.create, api.update, api.remove})),
			on(get, path+"/{id}", nil, api.get),
			on(edit, path+"/{id}", termSchema(), api.put),
			on(remove, path+"/{id}", nil, api.delete),
		)
	}
	return routes
}

// createHookItem makes a webhook in a batch, which sends no ping.
func (s *Simulator) createHookItem(_ *request, in map[string]any) (any, *apiError) {
	h, failure := s.newHook(in)
	if failure != nil {
		return nil, failure
	}
	return s.showHook(h), nil
}
