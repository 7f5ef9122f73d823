package main

import (
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/lazada"
	"github.com/chophien/chophien/connectors/market"
	"github.com/chophien/chophien/connectors/shopee"
	"github.com/chophien/chophien/connectors/tiki"
	"github.com/chophien/chophien/connectors/tiktokshop"
	"github.com/chophien/chophien/connectors/woocommerce"
	"github.com/chophien/chophien/scheduler"
)

// platforms is the one list of the platforms that this program knows.
func platforms() []connectors.Type {
	return []connectors.Type{woocommerce.Type, shopee.Type, lazada.Type, tiktokshop.Type, tiki.Type}
}

func newRegistry() (*connectors.Registry, error) {
	registry, err := connectors.NewRegistry(platforms()...)
	if err != nil {
		return nil, err
	}
	registry.ValidateCron, registry.ValidateSource = scheduler.ValidateCron, market.ValidateSource
	return registry, nil
}
