package shopee

import (
	"bytes"
	"context"
	"crypto/sha256"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"io"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/connectortest"
	"github.com/chophien/chophien/connectors/shopee/shopeetest"
	"github.com/chophien/chophien/connectors/simulator"
)

// rig is a channel with the shop behind it.
type rig struct {
	testing.TB
	*connectors.Channel
	sim    *shopeetest.Simulator
	tokens connectors.TokenStore
	memory *memory
}

func newRig(t testing.TB, simOptions shopeetest.Options, change func(*Options)) *rig {
	t.Helper()
	sim := startShop(t, simOptions)
	options := optionsFor(sim)
	if change != nil {
		change(options)
	}
	r := &rig{TB: t, sim: sim, tokens: &connectors.MemoryTokens{}, memory: &memory{values: map[string]string{}}}
	stored(t, r.tokens, tokenOf(sim))
	r.Channel = openShop(t, options, connectors.OpenDeps{Tokens: r.tokens, Memory: r.memory, Media: pixels{}})
	return r
}

type memory struct {
	mutex  sync.Mutex
	values map[string]string
}

func (m *memory) Recall(_ context.Context, key string) (string, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.values[key], nil
}

func (m *memory) Remember(_ context.Context, key, value string) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.values[key] = value
	return nil
}

// pixels is a Media whose pictures are PNGs of a color of their own; those whose
// addresses end in .gif are GIFs, and in .txt no pictures at all.
type pixels struct{}

func (pixels) Open(_ context.Context, picture catalog.OfferImage) (io.ReadCloser, string, error) {
	sum := sha256.Sum256([]byte(picture.URL))
	square := image.NewPaletted(image.Rect(0, 0, 32, 32), color.Palette{color.RGBA{sum[0], sum[1], sum[2], 255}})
	var data bytes.Buffer
	kind, err := "image/png", error(nil)
	switch {
	case strings.HasSuffix(picture.URL, ".txt"):
		data.WriteString(picture.URL)
	case strings.HasSuffix(picture.URL, ".gif"):
		kind, err = "image/gif", gif.Encode(&data, square, nil)
	default:
		err = png.Encode(&data, square)
	}
	return io.NopCloser(&data), kind, err
}

// offer is the n-th sample with the shop's categories.
func (r *rig) offer(n int) catalog.Offer {
	o := connectortest.Goods(n)
	o.Category = strconv.Itoa(map[string]int{
		"honey": shopeetest.CategoryHoney, "tea": shopeetest.CategoryTea, "brocade": shopeetest.CategoryBrocade, "vermicelli": shopeetest.CategoryVermicelli,
	}[o.Category])
	for i := range o.Variants {
		o.Variants[i].Price.Sale = nil
	}
	return o
}

// publish creates or adopts, and returns what was found out.
func (r *rig) publish(offers ...catalog.Offer) []connectors.ListingRef {
	r.Helper()
	publications := make([]connectors.Publication, len(offers))
	for i, o := range offers {
		publications[i] = connectors.Publication{Offer: o, Facets: catalog.Facets}
	}
	outcomes, err := r.Publisher.Publish(r.Context(), publications)
	if err != nil {
		r.Fatal(err)
	}
	refs := make([]connectors.ListingRef, len(offers))
	for i, o := range outcomes {
		if o.Remote == nil || !o.Done() && o.Kind != connectors.Deferred {
			r.Fatalf("publish %s: got %s, %v, %+v", offers[i].ProductID, o.Kind, o.Err, o.Issues)
		}
		refs[i] = connectors.ListingRef{ExternalID: o.Remote.ExternalID, Variants: map[catalog.SKU]catalog.ExternalID{}}
		for _, v := range o.Remote.Variants {
			refs[i].Variants[v.SKU] = v.ExternalID
		}
	}
	return refs
}

// write sends facets of a listing that exists.
func (r *rig) write(o catalog.Offer, ref connectors.ListingRef, facets ...catalog.Facet) connectors.Outcome {
	r.Helper()
	outcomes, err := r.Publisher.Publish(r.Context(), []connectors.Publication{{Offer: o, Listing: ref, Facets: facets}})
	if err != nil {
		r.Fatal(err)
	}
	return outcomes[0]
}

func (r *rig) one() simulator.Listing {
	r.Helper()
	there := r.sim.Listings()
	if len(there) != 1 {
		r.Fatalf("the shop has %d listings, want 1", len(there))
	}
	return there[0]
}

// calls counts the requests to an API since the last reset.
func (r *rig) calls(api string) int {
	n := 0
	for _, request := range r.sim.Requests() {
		if strings.HasSuffix(request.Path, api) {
			n++
		}
	}
	return n
}
