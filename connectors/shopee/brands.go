package shopee

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// brandList is what a category knows of brands.
type brandList struct {
	at        time.Time
	mandatory bool
	next      int64 // offset of the next page
	whole     bool  // all pages were read
	ids       map[string]int64
	names     []string // as shown
}

// brandID stands for the brand among the attributes of a category.
const brandID = "brand"

// mostBrands is how many brands of a category are listed for people; of more
// none is, as the list could not tell what is missing.
const mostBrands = 1000

// brandAttribute tells which brands a category knows, and whether it wants one.
func (s *shop) brandAttribute(ctx context.Context, category int64) (connectors.PlatformAttribute, error) {
	list, err := s.brandsOf(ctx, category, func(l *brandList) bool { return len(l.names) > mostBrands })
	a := connectors.PlatformAttribute{ID: brandID, Name: map[string]string{"vi": "Thương hiệu", "en": "Brand"}[s.options.Language], Required: list.mandatory}
	if list.whole && len(list.names) <= mostBrands {
		a.Values = list.names
	}
	return a, err
}

// brandName is the brand of an offer, or else the one that its category was
// mapped with.
func brandName(offer *catalog.Offer) string {
	for _, a := range offer.Attributes {
		if a.Name == brandID && offer.Brand == "" {
			return a.Value
		}
	}
	return offer.Brand
}

// noBrand is what goods without a registered brand have.
var noBrand = brand{Name: "NoBrand"}

// brandOf finds the registered brand of an offer: by the channel's option, else
// by its name among those of the category, read once a day. Goods whose brand
// is not registered have none, where the category lets them.
func (s *shop) brandOf(ctx context.Context, category int64, offer *catalog.Offer) (brand, []catalog.Issue, error) {
	given := brandName(offer)
	wanted := catalog.Fold(given)
	for name, id := range s.options.Brands {
		if id > 0 && wanted != "" && catalog.Fold(name) == wanted {
			return brand{ID: id, Name: given}, nil, nil
		}
	}
	list, err := s.brandsOf(ctx, category, func(l *brandList) bool { return wanted == "" || l.ids[wanted] != 0 })
	if err != nil {
		return noBrand, nil, err
	}
	if id := list.ids[wanted]; id > 0 {
		return brand{ID: id, Name: given}, nil, nil
	}
	issue := func(severity, code, vi, en string) (brand, []catalog.Issue, error) {
		return noBrand, []catalog.Issue{{Code: code, Severity: severity, Field: "brand", Message: catalog.Text{VI: vi, EN: en}}}, nil
	}
	switch {
	case list.mandatory:
		return issue(catalog.SeverityError, "error_brand_mandatory", badBrand.text.VI, badBrand.text.EN)
	case wanted != "":
		name := clip(given, 60)
		return issue(catalog.SeverityWarning, "brand_unregistered",
			fmt.Sprintf("Thương hiệu %q chưa đăng ký với Shopee nên sản phẩm được đăng không có thương hiệu: đăng ký trong Kênh Người Bán nếu cần.", name),
			fmt.Sprintf("Brand %q is not registered with Shopee, so the item has none: register it in Seller Centre if it is needed.", name))
	}
	return noBrand, nil, nil
}

// brandsOf reads the brands of a category, a page at least, until there are
// enough.
func (s *shop) brandsOf(ctx context.Context, category int64, enough func(*brandList) bool) (brandList, error) {
	s.brandMutex.Lock()
	defer s.brandMutex.Unlock()
	list := s.brands[category]
	if list == nil || time.Since(list.at) > schemaLife {
		list = &brandList{at: time.Now(), ids: map[string]int64{}}
	}
	for first := len(list.ids) == 0; !list.whole && (first || !enough(list)); first = false {
		page, err := get[struct {
			Brands []struct {
				ID       int64  `json:"brand_id"`
				Original string `json:"original_brand_name"`
				Shown    string `json:"display_brand_name"`
			} `json:"brand_list"`
			More      bool  `json:"has_next_page"`
			Next      int64 `json:"next_offset"`
			Mandatory bool  `json:"is_mandatory"`
		}](ctx, s, "product/get_brand_list", url.Values{
			"category_id": {strconv.FormatInt(category, 10)}, "status": {"1"}, "language": {s.options.Language},
			"offset": {strconv.FormatInt(list.next, 10)}, "page_size": {strconv.Itoa(maxPage)},
		})
		if err == nil && page.More && page.Next <= list.next {
			err = &connectors.Error{Kind: connectors.Transient, Channel: string(s.env.Channel), Op: "product/get_brand_list",
				Err: errors.New("the list does not end: the next page is not behind this one")}
		}
		if err != nil {
			return brandList{}, err
		}
		for _, b := range page.Brands {
			list.ids[catalog.Fold(b.Shown)] = b.ID
			list.ids[catalog.Fold(b.Original)] = b.ID
			list.names = append(list.names, cmp.Or(b.Shown, b.Original))
		}
		list.mandatory, list.next, list.whole = page.Mandatory, page.Next, !page.More
	}
	s.brands[category] = list
	return *list, nil
}
