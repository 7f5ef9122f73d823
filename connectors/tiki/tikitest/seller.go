package tikitest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// warehouse is one of the seller's. The same numbers serve as the inventories
// that orders are picked up at.
type warehouse struct {
	id               int64
	name, street     string
	ward, district   string
	region           string
	active, isPickup bool
}

// FirstWarehouse is the number of the seller's first pickup warehouse.
const FirstWarehouse = 1034

// firstInventory is the seller inventory that belongs to the first warehouse.
const firstInventory = 910

func (s *Simulator) seedSeller() {
	s.warehouses = []warehouse{
		{FirstWarehouse, "Kho mẫu", "Tổ 1", "Phường Mẫu", "Huyện Mẫu", "Thái Nguyên", true, true},
		{FirstWarehouse - 19, "Kho mẫu 2", "Tổ 2", "Phường Mẫu", "Huyện Mẫu", "Lâm Đồng", true, true},
		{FirstWarehouse + 6, "Kho trả hàng", "Tổ 3", "Phường Mẫu", "Huyện Mẫu", "Thái Nguyên", true, false},
	}
}

func (s *Simulator) isWarehouse(id int64) bool {
	return slices.ContainsFunc(s.warehouses, func(w warehouse) bool { return w.id == id && w.active && w.isPickup })
}

func digit(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (s *Simulator) getSeller(*call) answer {
	return ok(map[string]any{
		"id": s.options.SellerID, "sid": s.sid(), "name": s.options.SellerName, "active": digit(s.active),
		"logo": "https://salt.tikicdn.com/ts/seller/aa/bb/cc/logo.png", "operation_models": s.options.Models,
		"can_update_product": digit(s.canUpdate), "registration_status": "completed", "live_at": "2025-03-08 09:00:00",
	})
}

func (s *Simulator) postCanUpdate(c *call) answer {
	var in struct {
		CanUpdate *int `json:"can_update_product"`
	}
	if bad, fine := c.read(&in); !fine {
		return bad
	}
	if in.CanUpdate == nil || *in.CanUpdate != 0 && *in.CanUpdate != 1 {
		return refuse(http.StatusUnprocessableEntity, "can_update_product must be 0 or 1")
	}
	s.canUpdate = *in.CanUpdate == 1
	return ok(map[string]string{"message": "success"})
}

func (s *Simulator) getWarehouses(c *call) answer {
	status, kind := c.set("status"), c.set("type")
	rows := slices.DeleteFunc(slices.Clone(s.warehouses), func(w warehouse) bool {
		return !status(strconv.Itoa(digit(w.active))) || !kind(strconv.Itoa(digit(w.isPickup)))
	})
	return pages(c, rows, func(w warehouse) any {
		return map[string]any{
			"id": w.id, "name": w.name, "code": "kho-" + number(w.id), "street": w.street, "ward": w.ward, "district": w.district,
			"region": w.region, "country": "Việt Nam", "status": digit(w.active), "type": digit(w.isPickup),
		}
	})
}

func (s *Simulator) getTikiWarehouses(c *call) answer {
	return pages(c, []string{"hn5", "sgn"}, func(code string) any { return map[string]any{"code": code, "name": strings.ToUpper(code)} })
}

// getInventories tells where Tiki's drivers may pick parcels up.
func (s *Simulator) getInventories(c *call) answer {
	codes := strings.FieldsFunc(c.query.Get("tiki_warehouse_codes"), func(r rune) bool { return r == ',' })
	if len(codes) == 0 {
		return refuse(http.StatusBadRequest, "tiki_warehouse_codes is required")
	}
	inventories, mappings := []any{}, []any{}
	for _, code := range codes {
		if code == "hn5" || code == "sgn" {
			mappings = append(mappings, map[string]any{"tiki_warehouse_code": code, "seller_inventory_ids": []int64{firstInventory}})
		}
	}
	if w := s.warehouses[0]; len(mappings) > 0 {
		inventories = append(inventories, map[string]any{
			"id": firstInventory, "name": w.name, "type": "requisition",
			"address": map[string]string{"street": w.street, "ward": w.ward, "district": w.district, "region": w.region, "country": "Việt Nam"},
		})
	}
	return ok(map[string]any{"seller_inventories": inventories, "mappings": mappings})
}
