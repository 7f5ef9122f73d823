package lazadatest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chophien/chophien/catalog"
)

func TestCategories(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	tree := string(c.get("/category/tree/get", map[string]string{"language_code": "vi_VN"}).Raw)
	if !strings.Contains(tree, `"children":[`) || !strings.Contains(tree, `"leaf":true,"name":"Mật ong","var":true`) {
		t.Errorf("got %s", tree)
	}
	var attributes []object
	c.data(c.get("/category/attributes/get", map[string]string{"primary_category_id": fmt.Sprint(CategoryHoney)}), &attributes)
	if len(attributes) < 10 {
		t.Errorf("got %d attributes", len(attributes))
	}
	c.want(c.get("/category/attributes/get", map[string]string{"primary_category_id": "77"}), "57")
	c.want(c.get("/category/attributes/get", map[string]string{"primary_category_id": "10100400"}), "57")
	c.want(c.get("/category/attributes/get", nil), "MissingParameter")
	var brands struct {
		Total  int64 `json:"total_record"`
		Module []struct {
			Name string `json:"name"`
		} `json:"module"`
	}
	c.data(c.get("/category/brands/query", map[string]string{"startRow": "0", "pageSize": "1"}), &brands)
	if brands.Total != 2 || len(brands.Module) != 1 || brands.Module[0].Name != NoBrand {
		t.Errorf("got %+v", brands)
	}
	c.want(c.get("/category/brands/query", map[string]string{"pageSize": "201"}), "5")
	c.s.ThrottleBrands(1)
	for _, want := range []int{0, 2} {
		brands.Module = nil
		c.data(c.get("/category/brands/query", map[string]string{"startRow": "0"}), &brands)
		if len(brands.Module) != want {
			t.Errorf("got %d brands, want %d", len(brands.Module), want)
		}
	}
}

func TestImages(t *testing.T) {
	t.Parallel()
	now := time.Now()
	c := start(t, Options{MinImagePixels: 330, Now: func() time.Time { return now }})
	if first, again := c.picture(), c.picture(); first != again || !strings.HasPrefix(first, hosted) {
		t.Errorf("got %s and %s, want one hosted address", first, again)
	}
	c.want(c.upload([]byte("GIF89a")), "302")
	c.want(c.upload(nil), "30")
	c.want(c.upload(png(329, 600)), "300")
	c.want(c.upload(png(5001, 400)), "300")
	c.want(c.upload(append(png(600, 600), make([]byte, maxImageBytes)...)), "303")
	c.want(c.post("/image/migrate", map[string]string{"payload": `<?xml version="1.0"?><Request><Image><Url><![CDATA[https://x.example/a.jpg?b=1&c=2]]></Url></Image></Request>`}), "0")
	batch := c.post("/images/migrate", map[string]string{"payload": `<Request><Images><Url>https://x.example/a.jpg</Url><Url>https://x.example/b.jpg</Url></Images></Request>`})
	var id struct {
		Batch string `json:"batch_id"`
	}
	_ = json.Unmarshal(batch.Raw, &id)
	var done struct{ Images []object }
	c.want(c.get("/image/response/get", map[string]string{"batch_id": id.Batch}), "304") // not ready
	now = now.Add(fetchTime)
	c.data(c.get("/image/response/get", map[string]string{"batch_id": id.Batch}), &done)
	if len(done.Images) != 2 {
		t.Errorf("got %v", done)
	}
}

// What the shop refuses, each by the one thing that is wrong.
func TestCreateRefuses(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	image := c.picture()
	c.create(honey(image, "CO-ROI"))
	good, two := honey(image, "MO-1"), tea(image, "CHE")
	title := "Mật ong rừng MO-1"
	tests := map[string]struct{ payload, code, detail string }{
		"a price with decimals":      {replace(good, `"price":"185000"`, `"price":"185000.00"`), "4104", ""},
		"no payload":                 {"", "30", ""},
		"not JSON":                   {"{", "1001", ""},
		"image no array":             {replace(good, `["`+image+`"]`, `"`+image+`"`), "1001", ""},
		"SKU no array":               {replace(replace(good, `"Sku":[{`, `"Sku":{`), `}]}}}}`, `}}}}}`), "1001", ""},
		"price a number":             {replace(good, `"price":"185000"`, `"price":185000`), "1001", ""},
		"category no leaf":           {replace(good, fmt.Sprint(CategoryHoney), "10100400"), "4134", ""},
		"category unknown":           {replace(good, fmt.Sprint(CategoryHoney), "1"), "201", ""},
		"a foreign picture":          {replace(good, image, "https://example.vn/a.jpg"), "4138", ""},
		"no picture":                 {replace(good, `"`+image+`"`, ""), "4139", ""},
		"twice the same picture":     {replace(good, `"`+image+`"`, `"`+image+`","`+image+`"`), "4158", ""},
		"a picture each, but none":   {replace(two, `"hasImage":false`, `"hasImage":true`), "4153", ""},
		"no price":                   {replace(good, `"price":"185000"`, `"price":"0"`), "4118", ""},
		"a sale that ends first":     {replace(good, `"quantity"`, `"special_price":"1000","special_from_date":"2026-01-02","special_to_date":"2026-01-01","quantity"`), "4117", ""},
		"a sale with decimals":       {replace(good, `"quantity"`, `"special_price":"1000.50","special_from_date":"2026-01-02","special_to_date":"2026-02-01","quantity"`), "4121", ""},
		"an origin of its own":       {replace(good, `"brand":`, `"country_origin":"Sao Hỏa","brand":`), "500", "CHK_CATPROP_CPV_NOT_ENUM"},
		"nine pictures":              {replace(good, `"`+image+`"`, strings.Repeat(`"`+image+`",`, 8)+`"`+image+`"`), "4169", ""},
		"no brand":                   {replace(good, `"No Brand"`, `""`), "500", "brand"},
		"an unknown brand":           {replace(good, `"No Brand"`, `"Không có"`), "500", "brand"},
		"a title with <":             {replace(good, title, "Mật ong <3"), "4129", ""},
		"a title with a quote":       {replace(good, title, `Mật ong \"rừng\"`), "4129", ""},
		"a title of 256 bytes":       {replace(good, title, strings.Repeat("o", 256)), "4160", ""},
		"no weight":                  {replace(good, `"package_weight":"0.7",`, ""), "500", "package_weight"},
		"three decimals":             {replace(good, `"0.7"`, `"0.705"`), "4149", ""},
		"41 kg":                      {replace(good, `"0.7"`, `"41"`), "4164", ""},
		"over 300 cm":                {replace(good, `"package_length":"20"`, `"package_length":"290"`), "4165", ""},
		"special price not below":    {replace(good, `"quantity"`, `"special_price":"185000","special_from_date":"2026-01-01","special_to_date":"2099-01-01","quantity"`), "4157", ""},
		"a sale without dates":       {replace(good, `"quantity"`, `"special_price":"1000","quantity"`), "17", ""},
		"a SKU that exists":          {replace(good, `"SellerSku":"MO-1"`, `"SellerSku":"CO-ROI"`), "500", "BIZ_CHECK_SELLER_SKU_DUPLICATE"},
		"variants without variation": {replace(two, `"variation":{"variation1":`, `"khac":{"variation1":`), "4109", "sale properties"},
		"a value that is no option":  {replace(two, `"saleProp":{"khoi_luong":"100 g"}`, `"saleProp":{"khoi_luong":"1 kg"}`), "4143", "option"},
		"twice the same value":       {replace(two, `"saleProp":{"khoi_luong":"200 g"}`, `"saleProp":{"khoi_luong":"100 g"}`), "4112", "same"},
		"three properties":           {replace(two, `"variation":{`, `"variation":{"variation3":{},`), "4133", ""},
		"a long option":              {replace(two, `["100 g"`, `["`+strings.Repeat("g", 21)+`"`), "500", "longer"},
		"pictures for one SKU only":  {replace(two, `"special_price"`, `"Images":{"Image":["`+image+`"]},"special_price"`), "4153", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := &client{t, c.s, c.token}
			a := c.post("/product/create", map[string]string{"payload": test.payload})
			c.want(a, test.code)
			if !strings.Contains(strings.ToLower(string(a.Raw)), strings.ToLower(test.detail)) {
				t.Errorf("got %s, want a detail with %q", a.Raw, test.detail)
			}
		})
	}
}

// What a category asks of every SKU is asked for, too.
func TestMandatorySKUAttribute(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	c.s.AddCategory(Category{ID: CategoryHoney, Parent: 10100400, Name: "Mật ong", Attributes: []Attribute{
		{ID: 7, Name: "han_dung", Label: "Hạn dùng", Input: "text", Mandatory: true, SKU: true},
	}})
	good := honey(c.picture(), "MO-1")
	if a := c.post("/product/create", map[string]string{"payload": good}); a.Code != "500" || !strings.Contains(string(a.Raw), "han_dung") {
		t.Errorf("got %s", a.Raw)
	}
	c.create(replace(good, `"price"`, `"han_dung":"12 tháng","price"`))
}

// Shops differ in what they may list.
func TestShopRules(t *testing.T) {
	t.Parallel()
	for code, options := range map[string]Options{"4156": {LazMall: true}, "SellerNotActive": {Closed: true}, "0": {MaxItems: 1}} {
		c := start(t, options)
		image := c.picture()
		c.want(c.post("/product/create", map[string]string{"payload": honey(image, "MO-1")}), code)
		if options.MaxItems > 0 {
			c.want(c.post("/product/create", map[string]string{"payload": honey(image, "MO-2")}), "4148")
		}
		if options.LazMall {
			c.want(c.post("/product/create", map[string]string{"payload": replace(honey(image, "MO-1"), `"brand":"No Brand"`, `"brand_id":"30768"`)}), "4156")
			c.create(replace(honey(image, "MO-1"), `"brand":"No Brand"`, `"brand_id":"30769"`))
		}
	}
}

// One product alone comes in several forms.
func TestItemForms(t *testing.T) {
	t.Parallel()
	for form, want := range map[string]string{"": `"data":{"attributes"`, "camel": `"itemId":`, "item": `"data":{"item":{`} {
		c := start(t, Options{ItemForm: form})
		m := c.create(honey(c.picture(), "MO-1"))
		if a := c.get("/product/item/get", map[string]string{"item_id": fmt.Sprint(m.ItemID)}); !strings.Contains(string(a.Raw), want) {
			t.Errorf("%q: got %s", form, a.Raw)
		}
	}
}

// What was refused is looked at anew once it is edited; pages with too many
// SKUs time out.
func TestResubmitted(t *testing.T) {
	t.Parallel()
	c := start(t, Options{Review: time.Hour, MaxRows: 1})
	m := c.create(tea(c.picture(), "CHE"))
	c.s.Advance(time.Hour)
	if err := c.s.Reject("CHE-1", "Ảnh mờ"); err != nil {
		t.Fatal(err)
	}
	a := c.post("/product/update", map[string]string{"payload": fmt.Sprintf(`{"Request":{"Product":{"ItemId":"%d","Attributes":{"name":"Tên mới"}}}}`, m.ItemID)})
	if !strings.Contains(string(a.Data), `"item_status":"Pending"`) {
		t.Errorf("got %s", a.Raw)
	}
	c.want(c.get("/products/get", map[string]string{"filter": "all"}), "ServiceTimeout")
}

func TestProductLife(t *testing.T) {
	t.Parallel()
	c := start(t, Options{Review: time.Hour})
	m := c.create(tea(c.picture(), "CHE"))
	if m.Status != "Pending" || len(m.SKUs) != 2 {
		t.Fatalf("got %+v", m)
	}
	status := func() string {
		t.Helper()
		var item struct {
			Status string `json:"status"`
		}
		c.data(c.get("/product/item/get", map[string]string{"item_id": fmt.Sprint(m.ItemID)}), &item)
		return item.Status
	}
	c.s.Advance(time.Hour)
	if got := status(); got != "Active" {
		t.Errorf("after review: %s", got)
	}
	update := func(product string) answer {
		return c.post("/product/update", map[string]string{"payload": fmt.Sprintf(`{"Request":{"Product":{"ItemId":"%d",%s}}}`, m.ItemID, product)})
	}
	c.want(update(`"Attributes":{"name":"Tên mới"}`), "0")
	c.want(update(`"Skus":{"Sku":[]}`), "501") // without Attributes
	c.want(update(`"Attributes":{},"Skus":{"Sku":[{"SellerSku":"CHE-1","Status":"inactive"}]}`), "4216")
	c.want(update(fmt.Sprintf(`"Attributes":{},"Skus":{"Sku":[{"SkuId":"%d","SellerSku":"KHAC"}]}`, m.SKUs[0].SKUID)), "501")
	// Only what was sent changed.
	there := c.s.Listings()[0]
	if there.Title != "Tên mới" || *there.Variants[0].Quantity != 5 || there.Variants[0].Price.Sale.Amount != 99000 {
		t.Errorf("got %+v", there)
	}

	off := func(skus string) answer {
		return c.post("/product/deactivate", map[string]string{"apiRequestBody": fmt.Sprintf(`<Request><Product><ItemId>%d</ItemId>%s</Product></Request>`, m.ItemID, skus)})
	}
	c.want(off(fmt.Sprintf(`<Skus><SkuId>%d</SkuId></Skus>`, m.SKUs[0].SKUID)), "0")
	if got := status(); got != "Active" {
		t.Errorf("one SKU off: %s", got)
	}
	c.want(off(""), "0")
	if got := status(); got != "InActive" {
		t.Errorf("all off: %s", got)
	}
	c.want(off(""), "E0004")
	c.want(off(`<Skus><SellerSku>CHE-1</SellerSku></Skus>`), "4193")
	c.want(off(`<Skus><SkuId>1</SkuId></Skus>`), "E0003")
	c.want(c.post("/product/deactivate", map[string]string{"apiRequestBody": `{"Request":{"Product":{"ItemId":"1"}}}`}), "E0002")
	c.want(update(fmt.Sprintf(`"Attributes":{},"Skus":{"Sku":[{"SkuId":"%d","Status":"active"}]}`, m.SKUs[0].SKUID)), "0")
	if got := status(); got != "Active" {
		t.Errorf("on again: %s", got)
	}

	more := `{"Request":{"Product":{"AssociatedSku":"CHE-1","Skus":{"Sku":[{"SellerSku":"CHE-3","saleProp":{"khoi_luong":"500 g"},"price":"510000","quantity":"1","package_weight":"0.5","package_length":"20","package_width":"12","package_height":"8"}]}}}}`
	if added := c.create(more); added.ItemID != m.ItemID || len(added.SKUs) != 1 {
		t.Errorf("added: %+v", added)
	}

	remove := func(ids string) answer { return c.post("/product/remove", map[string]string{"sku_id_list": ids}) }
	c.want(remove(fmt.Sprintf(`["SkuId_%d_1"]`, m.ItemID)), "503")
	c.want(remove(fmt.Sprintf(`["%d"]`, m.SKUs[0].SKUID)), "1001")
	c.want(c.post("/product/remove", map[string]string{"seller_sku_list": `["CHE-1"]`}), "6")
	if err := c.s.Delete("CHE-1"); err != nil {
		t.Fatal(err)
	}
	c.want(c.get("/product/item/get", map[string]string{"item_id": fmt.Sprint(m.ItemID)}), "208")
	if len(c.s.Listings()) != 0 {
		t.Error("the product is still there")
	}
}

func TestPricesAndStock(t *testing.T) {
	t.Parallel()
	for _, whole := range []bool{false, true} {
		c := start(t, Options{AllOrNothing: whole})
		m := c.create(tea(c.picture(), "CHE"))
		one, two := m.SKUs[0].SKUID, m.SKUs[1].SKUID
		call := func(path, rows string) answer {
			return c.post(path, map[string]string{"payload": `{"Request":{"Product":{"Skus":{"Sku":[` + rows + `]}}}}`})
		}
		const prices, stock = "/product/price_quantity/update", "/product/stock/sellable/update"
		a := call(prices, fmt.Sprintf(`{"ItemId":"%d","SkuId":"%d","Price":"230000"},{"SkuId":"1","Price":"1000"}`, m.ItemID, two))
		c.want(a, "501")
		want := []object{{"sku": "1", "code": "207", "message": "E207: The SKU does not exist"}}
		if diff := cmp.Diff(want, a.Detail); diff != "" {
			t.Errorf("detail (-want +got):\n%s", diff)
		}
		amount := c.s.Listings()[0].Variants[1].Price.List.Amount
		if applied := amount == 230000; applied == whole {
			t.Errorf("all or nothing %t: the other row's price is %d", whole, amount)
		}
		c.want(call(prices, fmt.Sprintf(`{"SkuId":"%d","Price":"99000"}`, one)), "501") // not above its special price
		c.want(call(prices, fmt.Sprintf(`{"SkuId":"%d","Price":"90000","SalePrice":"80000","SaleStartDate":"2026-01-01","SaleEndDate":"2026-01-02"}`, one)), "0")
		if price := c.s.Listings()[0].Variants[0].Price; price.Sale != nil || price.List.Amount != 90000 {
			t.Errorf("a sale that is over: %+v", price)
		}

		c.want(c.post(prices, map[string]string{"payload": fmt.Sprintf(
			`<Request><Product><Skus><Sku><ItemId>%d</ItemId><SkuId>%d</SkuId><Price>91000</Price></Sku></Skus></Product></Request>`, m.ItemID, one)}), "0")
		if price := c.s.Listings()[0].Variants[0].Price; price.List.Amount != 91000 {
			t.Errorf("a price in XML: %+v", price)
		}

		// Sellable pieces are those that no order holds.
		if _, err := c.s.Order(orderOf("CHE-2", 3)); err != nil {
			t.Fatal(err)
		}
		c.want(call(stock, fmt.Sprintf(`{"SkuId":"%d","SellableQuantity":"9"}`, two)), "0")
		if k := c.s.items[m.ItemID].skus[1]; k.total != 12 || k.sellable() != 9 || k.occupied != 3 {
			t.Errorf("got total %d, occupied %d", k.total, k.occupied)
		}
		c.want(call(prices, fmt.Sprintf(`{"SkuId":"%d","Quantity":"2"}`, two)), "501")
		c.want(call(prices, fmt.Sprintf(`{"SkuId":"%d","Quantity":"4"}`, two)), "0")
		c.want(call("/product/stock/sellable/adjust", fmt.Sprintf(`{"SkuId":"%d","MultiWarehouseInventories":{"MultiWarehouseInventory":[{"WarehouseCode":"dropshipping","SellableQuantity":"-1"}]}}`, two)), "0")
		if got := *c.s.Listings()[0].Variants[1].Quantity; got != 0 {
			t.Errorf("got %d sellable, want 0", got)
		}
		if err := c.s.Campaign("CHE-1", 4); err != nil {
			t.Fatal(err)
		}
		c.want(call(stock, fmt.Sprintf(`{"SkuId":"%d","SellableQuantity":"3"}`, one)), "501")
		rows := strings.TrimSuffix(strings.Repeat(fmt.Sprintf(`{"SkuId":"%d","SellableQuantity":"5"},`, one), 51), ",")
		c.want(call(stock, rows), "4171")
	}
}

func TestProductLists(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	image := c.picture()
	if a := c.get("/products/get", map[string]string{"filter": "all"}); a.Code != "0" || !bytes.Contains(a.Raw, []byte(`"data":{}`)) {
		t.Errorf("an empty shop: got %s", a.Raw)
	}
	for i := range 5 {
		c.create(honey(image, fmt.Sprintf("MO-%d", i)))
	}
	if err := c.s.SetState("MO-4", catalog.StateStopped); err != nil {
		t.Fatal(err)
	}
	var page struct {
		Total    int64 `json:"total_products"`
		Products []struct {
			ID int64 `json:"item_id"`
		}
	}
	for query, want := range map[string][2]int{
		"filter=all&limit=2&offset=4": {5, 1},
		"filter=live":                 {4, 4},
		"filter=inactive":             {1, 1},
		`filter=all&sku_seller_list=["MO-4","KHONG-CO"]`:            {1, 1},
		"filter=all&update_after=2026-01-01T00:00:00+07:00&limit=1": {5, 1},
	} {
		p := map[string]string{}
		for pair := range strings.SplitSeq(query, "&") {
			name, value, _ := strings.Cut(pair, "=")
			p[name] = value
		}
		page.Products = nil
		c.data(c.get("/products/get", p), &page)
		if got := [2]int{int(page.Total), len(page.Products)}; got != want {
			t.Errorf("%s: got %v, want %v", query, got, want)
		}
	}
	for query, code := range map[string]string{"": "36", "filter=khac": "36", "filter=all&limit=51": "19", "filter=all&offset=10001": "14", "filter=all&sku_seller_list=MO-1": "70", "filter=all&update_after=2026-01-01": "17"} {
		p := map[string]string{}
		for pair := range strings.SplitSeq(query, "&") {
			name, value, _ := strings.Cut(pair, "=")
			p[name] = value
		}
		c.want(c.get("/products/get", p), code)
	}
}
