package main

import (
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/woocommerce"
	"github.com/chophien/chophien/scheduler"
)

// platforms is the one list of the platforms that this program knows.
func platforms() []connectors.Type {
	return []connectors.Type{woocommerce.Type}
}

func newRegistry() (*connectors.Registry, error) {
	registry, err := connectors.NewRegistry(platforms()...)
	if err != nil {
		return nil, err
	}
	registry.ValidateCron = scheduler.ValidateCron
	return registry, nil
}
