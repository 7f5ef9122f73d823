package scheduler

import (
	"context"
	"errors"
	"image"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/media"
	"github.com/chophien/chophien/connectors"
)

// album knows pictures by a hash that begins with what they are.
type album struct{}

func (album) Facts(_ context.Context, picture catalog.OfferImage) (media.Facts, error) {
	switch picture.SHA256[0] {
	case 'a':
		return media.Facts{Type: "image/png", Size: image.Pt(600, 600), Whole: true}, nil
	case 'b':
		return media.Facts{Type: "image/png", Size: image.Pt(600, 600)}, nil // cut off
	case 'c':
		return media.Facts{Type: "image/png", Size: image.Pt(60, 60), Whole: true}, nil
	case 'd':
		return media.Facts{}, fs.ErrNotExist
	}
	return media.Facts{}, errors.New("disk trouble")
}

// Pictures that a platform cannot be given are told before any call; without
// one that can, nothing is published.
func TestPicturesAreCheckedBeforeAnyCall(t *testing.T) {
	t.Parallel()
	hash := func(kind string) catalog.Image {
		return catalog.Image{Source: kind + ".png", SHA256: strings.Repeat(kind, 64)}
	}
	for name, test := range map[string]struct {
		images   []catalog.Image
		limits   media.Limits
		codes    []string
		severity string
	}{
		"good":                 {[]catalog.Image{hash("a")}, media.Limits{MinSide: 500}, nil, ""},
		"one of two is broken": {[]catalog.Image{hash("b"), hash("a")}, media.Limits{MinSide: 500}, []string{"image_broken"}, catalog.SeverityWarning},
		"none is left":         {[]catalog.Image{hash("b"), hash("c"), hash("d")}, media.Limits{MinSide: 500}, []string{"image_broken", "image_small", "image_unreadable"}, catalog.SeverityError},
		"an address is enough": {[]catalog.Image{hash("c"), {Source: "https://img.example.vn/1.png"}}, media.Limits{MinSide: 500}, []string{"image_small"}, catalog.SeverityWarning},
		"cannot be told":       {[]catalog.Image{hash("e")}, media.Limits{MinSide: 500}, nil, ""},
		"takes anything":       {[]catalog.Image{hash("b")}, media.Limits{}, nil, ""},
	} {
		b := newBench(t)
		b.engine = New(b.store, Options{Sealer: plainSealer{}, Now: b.now, Pictures: album{}})
		s := newShop()
		config := connectors.ChannelConfig{ID: "web", Freshness: time.Hour}
		must(t, b.engine.SetChannels([]*connectors.Channel{connectors.NewChannel(config, connectors.Info{Name: "shop", Title: "Shop", Pictures: test.limits}, s, nil)}))
		b.products(1, 10)
		b.change(0, func(p *catalog.Product) { p.Images = test.images })
		b.publish("web", "")
		l := b.listing("web", 0)
		blocked := test.severity == catalog.SeverityError
		if got := issueCodes(l.Issues); !slices.Equal(got, test.codes) || (l.Status == catalog.StatusBlocked) != blocked || (len(s.written()) == 0) != blocked {
			t.Errorf("%s: %s, %v", name, l.Status, got)
		}
		for _, issue := range l.Issues {
			if issue.Severity != test.severity || issue.Message.VI == "" || issue.Message.EN == "" {
				t.Errorf("%s: %+v", name, issue)
			}
		}
	}
}
