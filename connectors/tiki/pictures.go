package tiki

import (
	"context"
	"fmt"
	"image"
	_ "image/jpeg" // what pictures are in
	_ "image/png"
	"net/netip"
	"net/url"
	"strings"

	"github.com/chophien/chophien/catalog"
)

// leastSide is the smallest width and height of a picture that Tiki takes.
const leastSide = 500

// checkPictures measures the pictures that we have, and refuses what Tiki
// would refuse hours later. Sizes are remembered by the picture's hash.
func (s *shop) checkPictures(ctx context.Context, j *job) {
	var issues []catalog.Issue
	for n, picture := range j.offer.Images {
		width, height, known := s.measure(ctx, picture)
		if !known || width >= leastSide && height >= leastSide {
			continue
		}
		issues = append(issues, catalog.Issue{Code: "image_small", Severity: catalog.SeverityError, Field: fmt.Sprintf("images[%d]", n+1), Message: catalog.Text{
			VI: fmt.Sprintf("Ảnh %d có kích thước %d x %d, Tiki cần ít nhất 500 x 500: thay ảnh lớn hơn.", n+1, width, height),
			EN: fmt.Sprintf("Picture %d is %d x %d, Tiki needs 500 x 500 at least: take a larger one.", n+1, width, height),
		}})
	}
	if len(issues) > 0 {
		j.end(refusal("publish", issues...))
	}
}

// measure tells the size of a picture; known is false for one whose bytes we
// do not have or cannot read, which Tiki then judges.
func (s *shop) measure(ctx context.Context, picture catalog.OfferImage) (width, height int, known bool) {
	if picture.SHA256 == "" || s.env.Media == nil {
		return 0, 0, false
	}
	key := "size/" + picture.SHA256
	if s.env.Memory != nil {
		if text, err := s.env.Memory.Recall(ctx, key); err == nil && text != "" {
			_, err := fmt.Sscanf(text, "%dx%d", &width, &height)
			return width, height, err == nil
		}
	}
	data, _, err := s.env.Media.Open(ctx, picture)
	if err != nil {
		return 0, 0, false
	}
	defer data.Close()
	config, _, err := image.DecodeConfig(data)
	if err != nil {
		return 0, 0, false
	}
	if s.env.Memory != nil {
		if err := s.env.Memory.Remember(ctx, key, fmt.Sprintf("%dx%d", config.Width, config.Height)); err != nil {
			s.env.Logger.WarnContext(ctx, "the size of a picture could not be remembered", "error", err)
		}
	}
	return config.Width, config.Height, true
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
