package woocommerce

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"slices"
	"strconv"

	"github.com/chophien/chophien/catalog"
)

// picture is one of a gallery: by its ID in the shop's library, or by the
// address from which the shop fetches it, every time anew.
type picture struct {
	key string // under which its ID is remembered
	id  int64
	src string
	alt string
}

func (p picture) wire() fields {
	if p.id != 0 {
		return fields{"id": p.id, "alt": p.alt}
	}
	return fields{"src": p.src, "alt": p.alt}
}

func wirePictures(pictures []picture) []fields {
	list := make([]fields, len(pictures))
	for i, p := range pictures {
		list[i] = p.wire()
	}
	return list
}

// pictures gives those that the shop has or can fetch. With remembered false,
// all are fetched again.
func (s *shop) pictures(ctx context.Context, images []catalog.OfferImage, remembered bool) []picture {
	var list []picture
	for _, image := range images {
		p := picture{key: pictureKey(image), alt: safeText(image.Alt)}
		if remembered && s.env.Memory != nil {
			// Without the memory the picture is uploaded once more.
			text, _ := s.env.Memory.Recall(ctx, p.key)
			p.id, _ = strconv.ParseInt(text, 10, 64)
		}
		if fetchable(image.URL) {
			p.src = image.URL
		}
		same := func(q picture) bool { return q.key == p.key }
		if (p.id != 0 || p.src != "") && !slices.ContainsFunc(list, same) {
			list = append(list, p)
		}
	}
	return list
}

// remember keeps the IDs that the shop gave to pictures, which it answers in
// the order in which they were sent.
func (s *shop) remember(ctx context.Context, sent []picture, shown []image) {
	if s.env.Memory == nil || len(sent) != len(shown) {
		return
	}
	for i, p := range sent {
		if p.id != shown[i].ID {
			if err := s.env.Memory.Remember(ctx, p.key, strconv.FormatInt(shown[i].ID, 10)); err != nil {
				s.env.Logger.Warn("picture not remembered, it will be uploaded again", "error", err)
				return
			}
		}
	}
}

// forget drops the IDs of pictures that the shop does not have any more.
func (s *shop) forget(ctx context.Context, images []catalog.OfferImage) {
	for _, image := range images {
		if s.env.Memory != nil {
			// Failing costs another try that is refused.
			_ = s.env.Memory.Remember(ctx, pictureKey(image), "")
		}
	}
}

func pictureKey(image catalog.OfferImage) string {
	if image.SHA256 != "" {
		return "image:" + image.SHA256
	}
	sum := sha256.Sum256([]byte(image.URL))
	return "image-url:" + hex.EncodeToString(sum[:])
}

// fetchable tells that an address is one on the web at all; whether the shop
// takes it is [Audit]'s.
func fetchable(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}
