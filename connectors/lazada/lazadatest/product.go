package lazadatest

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"
)

const warehouse = "dropshipping" // of sellers with one

// item is a product.
type item struct {
	id         int64
	category   int64
	attributes map[string]string
	images     []string
	variation  []variation
	skus       []*sku
	deleted    bool
	rejected   string // why quality control refused it, "" = it did not
	locked     bool   // nobody may edit it
	pending    bool   // in quality control, until ready
	ready      time.Time
	created    time.Time
	updated    time.Time
}

// variation is one of the up to two things that SKUs differ by.
type variation struct {
	name      string
	hasImage  bool
	customize bool
	options   []string
}

type sku struct {
	id         int64
	seller     string
	off        bool // taken off sale
	price      int64
	special    int64 // 0 = none
	from, to   time.Time
	total      int64
	withheld   int64 // of unpaid orders
	occupied   int64 // of paid ones that have not left
	campaign   int64 // locked by a campaign
	suspended  bool  // taken off sale by the platform
	attributes map[string]string
	props      map[string]string // saleProp
	images     []string
}

func (k *sku) sellable() int64 { return k.total - k.withheld - k.occupied }

func (k *sku) shopSKU(it *item) string { return fmt.Sprintf("%d_VNAMZ-%d", it.id, k.id) }

func (k *sku) status() string {
	if k.off || k.suspended {
		return "inactive"
	}
	return "active"
}

// status is the product's: quality control first, then whether any SKU is on
// sale.
func (it *item) status() string {
	switch {
	case it.deleted:
		return "Deleted"
	case it.rejected != "" || it.locked:
		return "Rejected"
	case !slices.ContainsFunc(it.skus, func(k *sku) bool { return k.status() == "active" }):
		return "InActive"
	case it.pending:
		return "Pending"
	}
	return "Active"
}

// submit hands a product to quality control, which takes no time without
// [Options.Review].
func (s *Simulator) submit(it *item) {
	it.rejected = ""
	if s.options.Review > 0 {
		it.pending, it.ready = true, s.now().Add(s.options.Review)
		s.emitQC(it, "PENDING", "")
	}
}

// touch notes a change of a product.
func (s *Simulator) touch(it *item) { it.updated = s.now() }

// review ends the quality control of products whose time has come.
func (s *Simulator) review() {
	for _, id := range s.itemIDs {
		if it := s.items[id]; it.pending && !s.now().Before(it.ready) {
			it.pending = false
			s.touch(it)
			s.emitQC(it, "APPROVED", "")
		}
	}
}

// Reject makes quality control refuse the product that has a SKU, or take it
// down later.
func (s *Simulator) Reject(sellerSKU, reason string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	it, _ := s.bySeller(sellerSKU)
	if it == nil {
		return fmt.Errorf("lazadatest: no product has the SKU %q", sellerSKU)
	}
	event := "REJECTED"
	if !it.pending {
		event = "LIVE_REJECTED"
	}
	it.pending, it.rejected = false, reason
	s.touch(it)
	s.emitQC(it, event, reason)
	return nil
}

// sanction is why products are locked here.
const sanction = "You have violated the Prohibited and Controlled Products Policy"

// Suspend takes a SKU off sale as the platform does, or gives it back.
func (s *Simulator) Suspend(sellerSKU string, suspended bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	it, k := s.bySeller(sellerSKU)
	if k == nil {
		return fmt.Errorf("lazadatest: no product has the SKU %q", sellerSKU)
	}
	k.suspended = suspended
	s.touch(it)
	return nil
}

// Lock makes edits of the product that has a SKU fail, as a sanction does, or
// lets them pass again.
func (s *Simulator) Lock(sellerSKU string, locked bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	it, _ := s.bySeller(sellerSKU)
	if it == nil {
		return fmt.Errorf("lazadatest: no product has the SKU %q", sellerSKU)
	}
	it.locked = locked
	if locked {
		s.emitQC(it, "LOCK", sanction)
	}
	return nil
}

// Campaign locks so many pieces of a SKU for a campaign: stock cannot be set
// below.
func (s *Simulator) Campaign(sellerSKU string, pieces int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, k := s.bySeller(sellerSKU)
	if k == nil {
		return fmt.Errorf("lazadatest: no product has the SKU %q", sellerSKU)
	}
	k.campaign = pieces
	return nil
}

// Attribute is what the product that has a SKU says of itself, "" = nothing.
func (s *Simulator) Attribute(sellerSKU, name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	it, _ := s.bySeller(sellerSKU)
	if it == nil {
		return ""
	}
	return it.attributes[name]
}

// bySeller finds a SKU that is not deleted.
func (s *Simulator) bySeller(seller string) (*item, *sku) {
	for _, id := range s.itemIDs {
		it := s.items[id]
		if it.deleted {
			continue
		}
		for _, k := range it.skus {
			if k.seller == seller {
				return it, k
			}
		}
	}
	return nil, nil
}

// byID finds a SKU that is not deleted by its number.
func (s *Simulator) byID(id string) (*item, *sku) {
	n, _ := strconv.ParseInt(id, 10, 64)
	for _, itemID := range s.itemIDs {
		it := s.items[itemID]
		if it.deleted {
			continue
		}
		if k := it.numbered(n); k != nil {
			return it, k
		}
	}
	return nil, nil
}

func (it *item) sku(id string) *sku {
	n, _ := strconv.ParseInt(id, 10, 64)
	return it.numbered(n)
}

func (it *item) numbered(n int64) *sku {
	for _, k := range it.skus {
		if k.id == n {
			return k
		}
	}
	return nil
}

// item finds a product that is not deleted.
func (s *Simulator) item(id string) *item {
	n, _ := strconv.ParseInt(id, 10, 64)
	if it := s.items[n]; it != nil && !it.deleted {
		return it
	}
	return nil
}

// remove takes SKUs of a product away for good, and the product with its last.
func (s *Simulator) remove(it *item, gone ...*sku) {
	it.skus = slices.DeleteFunc(it.skus, func(k *sku) bool { return slices.Contains(gone, k) })
	s.touch(it)
	if len(it.skus) == 0 {
		it.deleted = true
		s.emitProduct(pushDeleted, it, "DELETED", gone)
		return
	}
	s.emitProduct(pushDeleted, it, "EDITED_DELETED", gone)
}

// address is the page where buyers see a SKU.
func address(it *item, k *sku) string {
	return fmt.Sprintf("https://www.lazada.vn/-i%d-s%d.html", it.id, k.id)
}

// showItem is a product as lists show it.
func (s *Simulator) showItem(it *item) object {
	skus := []object{}
	for _, k := range it.skus {
		skus = append(skus, s.showSKU(it, k))
	}
	attributes := object{}
	for name, value := range it.attributes {
		attributes[name] = value
	}
	reasons := []object{}
	if it.rejected != "" {
		reasons = append(reasons, object{"suggestion": it.rejected, "violationDetail": it.rejected})
	}
	var sub any
	if it.locked {
		sub = "Lock"
		reasons = append(reasons, object{"suggestion": sanction, "violationDetail": sanction})
	}
	suspended := []object{}
	for _, k := range it.skus {
		if k.suspended {
			suspended = append(suspended, object{"SkuId": k.id, "SellerSku": k.seller, "ShopSku": k.shopSKU(it), "Status": k.status()})
		}
	}
	return object{
		"item_id": it.id, "primary_category": it.category, "status": it.status(), "subStatus": sub,
		"created_time": millis(it.created), "updated_time": millis(it.updated),
		"images": nonNil(it.images), "marketImages": []string{}, "attributes": attributes, "variation": it.showVariation("hasImage"),
		"suspendedSkus": suspended, "trialProduct": false, "rejectReason": reasons, "skus": skus,
	}
}

func (it *item) showVariation(hasImage string) object {
	shown := object{}
	for i, v := range it.variation {
		shown[fmt.Sprintf("Variation%d", i+1)] = object{"name": v.name, hasImage: v.hasImage, "customize": v.customize, "options": v.options}
	}
	return shown
}

func (s *Simulator) showSKU(it *item, k *sku) object {
	shown := object{
		"SkuId": k.id, "SellerSku": k.seller, "ShopSku": k.shopSKU(it), "Status": k.status(),
		"quantity": k.sellable(), "Available": k.sellable(), "price": dong(k.price), "special_price": dong(k.special),
		"Images": nonNil(k.images), "Url": address(it, k), "saleProp": nonNilMap(k.props),
		"multiWarehouseInventories": []object{{
			"warehouseCode": warehouse, "quantity": k.sellable(), "totalQuantity": k.total, "sellableQuantity": k.sellable(),
			"occupyQuantity": k.occupied, "withholdQuantity": k.withheld,
		}},
		"fblWarehouseInventories": []object{}, "channelInventories": []object{},
	}
	for name, value := range k.attributes {
		shown[name] = value
	}
	if !k.to.IsZero() {
		shown["special_from_time"], shown["special_to_time"] = local(k.from, "2006-01-02 15:04"), local(k.to, "2006-01-02 15:04")
		shown["special_from_date"], shown["special_to_date"] = local(k.from, "2006-01-02"), local(k.to, "2006-01-02")
	}
	return shown
}

// millis writes product times: milliseconds as text.
func millis(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }

// shopZone is the zone of Vietnamese shops.
var shopZone = time.FixedZone("+07", 7*3600)

func local(t time.Time, layout string) string { return t.In(shopZone).Format(layout) }

func nonNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func nonNilMap(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return maps.Clone(m)
}
