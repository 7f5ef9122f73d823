package scheduler

import (
	"context"
	"errors"
	"io/fs"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/media"
)

// Pictures tells what the catalog's pictures are; [media.Dir] does.
type Pictures interface {
	// Facts are remembered: it is asked at every look. A picture that is not
	// kept is [fs.ErrNotExist].
	Facts(ctx context.Context, picture catalog.OfferImage) (media.Facts, error)
}

// pictures tells which of an offer's pictures the platform cannot be given. A
// picture that is known by its address only is the platform's to judge. When
// none is left the offer cannot be published: the issues are then errors.
func (e *Engine) pictures(ctx context.Context, limits media.Limits, offer catalog.Offer) []catalog.Issue {
	if e.options.Pictures == nil || limits.IsZero() || offer.State != catalog.StateLive {
		return nil
	}
	var issues []catalog.Issue
	usable := false
	for i, picture := range offer.Images {
		if picture.SHA256 == "" {
			usable = true
			continue
		}
		facts, err := e.options.Pictures.Facts(ctx, picture)
		if err == nil {
			err = limits.Check(facts)
		} else if !errors.Is(err, fs.ErrNotExist) {
			usable = true // cannot be told now
			continue
		}
		if err == nil {
			usable = true
			continue
		}
		issues = append(issues, limits.Issue(i+1, err, facts.Size))
	}
	if !usable {
		for i := range issues {
			issues[i].Severity = catalog.SeverityError
		}
	}
	return issues
}
