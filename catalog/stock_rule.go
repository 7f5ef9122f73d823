package catalog

import (
	"errors"
	"fmt"
)

// Quantity returns how many pieces of a stock level the channel here may sell,
// never below zero: what is available less the buffer, of that the share, at
// most the cap. The last units are offered whole on their channel, without the
// share, because no other channel offers them.
func (r StockRule) Quantity(level Level, here ChannelID) int64 {
	available := level.Available()
	last := r.LastUnits > 0 && available <= r.LastUnits
	if last && here != r.LastUnitsOn {
		return 0
	}
	quantity := max(0, available-max(0, r.Buffer))
	if share := r.SharePercent; share > 0 && share < 100 && !last {
		quantity = quantity/100*share + quantity%100*share/100
	}
	if r.Cap != nil {
		quantity = min(quantity, max(0, *r.Cap))
	}
	return quantity
}

// validate tells what is wrong with the rule, all of it.
func (r StockRule) validate() error {
	var errs []error
	if r.Buffer < 0 {
		errs = append(errs, fmt.Errorf("stock.buffer is %d, it must not be below 0", r.Buffer))
	}
	if r.SharePercent < 0 || r.SharePercent > 100 {
		errs = append(errs, fmt.Errorf("stock.share is %d, allowed are 0 to 100", r.SharePercent))
	}
	if r.Cap != nil && *r.Cap < 0 {
		errs = append(errs, fmt.Errorf("stock.cap is %d, it must not be below 0", *r.Cap))
	}
	if r.LastUnits < 0 {
		errs = append(errs, fmt.Errorf("stock.last_units is %d, it must not be below 0", r.LastUnits))
	}
	if r.LastUnits > 0 && r.LastUnitsOn == "" {
		errs = append(errs, errors.New("stock.last_units is set, name the channel that offers them in last_units_on"))
	}
	if r.LastUnits == 0 && r.LastUnitsOn != "" {
		errs = append(errs, errors.New("stock.last_units_on is set, say in last_units from how many pieces on"))
	}
	return errors.Join(errs...)
}
