package tiki

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/media"
)

// pictureLimits are what Tiki takes of pictures, which it fetches as they are.
// https://open.tiki.vn/docs/docs/current/guides/products/create-product/, read 2026-08.
var pictureLimits = media.Limits{MinSide: 500, AsIs: true}

// maxPicture is how many bytes of a picture are looked at.
const maxPicture = 40 << 20

// checkPictures looks at the pictures that we have, and leaves out what Tiki
// would refuse hours later. Nothing is left when all are.
func (s *shop) checkPictures(ctx context.Context, j *job) {
	var issues []catalog.Issue
	var kept []catalog.OfferImage
	places := make([]int, len(j.offer.Images)+1) // new places by old ones, from 1
	for n, picture := range j.offer.Images {
		facts, known := s.measure(ctx, picture)
		if known {
			if err := pictureLimits.Check(facts); err != nil {
				issues = append(issues, pictureLimits.Issue(n+1, err, facts.Size))
				continue
			}
		}
		kept = append(kept, picture)
		places[n+1] = len(kept)
	}
	if len(issues) == 0 {
		return
	}
	if len(kept) == 0 {
		for i := range issues {
			issues[i].Severity = catalog.SeverityError
		}
		j.end(refusal("publish", issues...))
		return
	}
	offer := *j.offer
	offer.Images, offer.Variants = kept, slices.Clone(offer.Variants)
	for i := range offer.Variants {
		if v := &offer.Variants[i]; v.Image > 0 && v.Image < len(places) {
			v.Image = places[v.Image]
		}
	}
	j.offer, j.issues = &offer, append(j.issues, issues...)
}

// measure tells what a picture is, remembered by its hash; known is false for
// one whose bytes we do not have or cannot read, which Tiki then judges.
func (s *shop) measure(ctx context.Context, picture catalog.OfferImage) (facts media.Facts, known bool) {
	if picture.SHA256 == "" || s.env.Media == nil {
		return facts, false
	}
	key := "picture/" + picture.SHA256
	if s.env.Memory != nil {
		if text, err := s.env.Memory.Recall(ctx, key); err == nil && text != "" && json.Unmarshal([]byte(text), &facts) == nil {
			return facts, true
		}
	}
	source, _, err := s.env.Media.Open(ctx, picture)
	if err != nil {
		return facts, false
	}
	defer source.Close()
	data, err := io.ReadAll(io.LimitReader(source, maxPicture))
	if err == nil {
		facts, err = media.Inspect(bytes.NewReader(data))
	}
	text, broken := json.Marshal(facts)
	if err = errors.Join(err, broken); err != nil {
		return facts, false
	}
	if s.env.Memory != nil {
		if err := s.env.Memory.Remember(ctx, key, string(text)); err != nil {
			s.env.Logger.WarnContext(ctx, "what a picture is could not be remembered", "error", err)
		}
	}
	return facts, true
}

// fetchable tells that an address may be one of the web's. near is for a shop
// in a private network, for practice: it may fetch from its own neighbors.
func fetchable(address string, near bool) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && (near || !isPrivate(address))
}

// isPrivate tells that an address names a host of a private network by number,
// or this machine.
func isPrivate(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return strings.EqualFold(u.Hostname(), "localhost") ||
		err == nil && (ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() || ip.IsUnspecified())
}
