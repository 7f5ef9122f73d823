package scheduler

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/pricewatch"
	"github.com/chophien/chophien/connectors"
)

// AccessWarning is that a channel's access ends soon, or has ended, as a person
// was told.
type AccessWarning struct {
	connectors.Expiry
	ToldAt time.Time     `json:"told_at"`
	Issue  catalog.Issue `json:"issue"`
}

// same tells that a warning says nothing new.
func (w *AccessWarning) same(news *AccessWarning) bool {
	if w == nil || news == nil {
		return w == news
	}
	return w.Part == news.Part && w.Days == news.Days && w.At.Sub(news.At).Abs() < watchEvery
}

var errNoNews = errors.New("nothing new")

// watchEvery is how often [Jobs.WatchAccess] looks.
const watchEvery = time.Hour

// WatchAccess looks after the channels' access, now and then, until ctx ends.
// Several instances may do so at once.
func (j *Jobs) WatchAccess(ctx context.Context) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		for _, id := range j.engine.Channels() {
			if _, err := j.engine.CheckAccess(ctx, id); err != nil && ctx.Err() == nil {
				j.logger.WarnContext(ctx, "the end of a channel's access could not be looked up; tried again later", "channel", id, "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Access tells whether a channel's access ends soon; nil = it does not, or
// nothing is known of it. It makes no call to the platform, and tells nobody.
func (e *Engine) Access(ctx context.Context, id catalog.ChannelID) (*AccessWarning, error) {
	c, err := e.channel(id)
	if err != nil || c.Tokens == nil {
		return nil, err
	}
	token, err := c.Tokens.Token(ctx)
	if err != nil {
		return nil, err
	}
	now := e.now()
	expiry, near := token.Expiring(now)
	if e.options.OnAccess != nil {
		e.options.OnAccess(id, token, expiry, near)
	}
	if !near {
		return nil, nil
	}
	return &AccessWarning{Expiry: expiry, ToldAt: now, Issue: accessIssue(id, expiry)}, nil
}

// CheckAccess is as [Engine.Access], and keeps the warning in the channel's
// state: one for each of [connectors.ExpiryDays], told when it is noted, once
// over all instances.
func (e *Engine) CheckAccess(ctx context.Context, id catalog.ChannelID) (*AccessWarning, error) {
	warning, err := e.Access(ctx, id)
	if err != nil {
		return nil, err
	}
	// Whoever notes it first tells it.
	var before *AccessWarning
	_, err = catalog.Modify(ctx, e.store, catalog.KindChannel, string(id), func(s *ChannelState) error {
		if before = s.Access; before.same(warning) {
			return errNoNews
		}
		s.Access = warning
		return nil
	})
	switch {
	case errors.Is(err, errNoNews):
		return before, nil
	case err != nil:
		return nil, fmt.Errorf("write state of channel %s: %w", id, err)
	case warning == nil:
		return nil, nil
	}
	if err := e.tellAccess(ctx, id, *warning); err != nil {
		// Not told: forgotten again, so that the next look tells it.
		_, undo := e.setState(context.WithoutCancel(ctx), id, func(s *ChannelState) { s.Access = before })
		return nil, errors.Join(fmt.Errorf("tell that the access of channel %s ends: %w", id, err), undo)
	}
	return warning, nil
}

func (e *Engine) tellAccess(ctx context.Context, id catalog.ChannelID, w AccessWarning) error {
	e.options.Logger.WarnContext(ctx, w.Issue.Message.EN, "channel", id, "days", w.Days)
	e.mu.RLock()
	tell, language := e.tell, e.alerts.Language
	e.mu.RUnlock()
	if tell == nil {
		return nil
	}
	digest := pricewatch.Digest{Language: language, At: w.ToldAt, Urgent: w.Days <= 3}
	return tell(ctx, digest, w.Issue.Message.In(language)+"\n")
}

// accessIssue says in words when an access ends and what to do.
func accessIssue(id catalog.ChannelID, e connectors.Expiry) catalog.Issue {
	zone, err := time.LoadLocation(Zone)
	if err != nil {
		zone = time.UTC
	}
	at := e.At.In(zone).Format("15:04 02/01/2006")
	issue := catalog.Issue{Code: "access_ends", Severity: catalog.SeverityWarning, Field: string(e.Part)}
	if e.Days == 0 {
		issue.Code, issue.Severity = "access_ended", catalog.SeverityError
		issue.Message = catalog.Text{
			VI: fmt.Sprintf("Kênh %s đã hết quyền truy cập từ %s. Người bán cần đồng ý lại: chophien channels connect %s.", id, at, id),
			EN: fmt.Sprintf("The access of channel %s ended %s. The seller has to agree again: chophien channels connect %s.", id, at, id),
		}
		return issue
	}
	issue.Message = catalog.Text{
		VI: fmt.Sprintf("Kênh %s còn không quá %d ngày truy cập, đến %s. Người bán cần đồng ý lại: chophien channels connect %s.", id, e.Days, at, id),
		EN: fmt.Sprintf("The access of channel %s ends %s, within %d days. The seller has to agree again: chophien channels connect %s.", id, at, e.Days, id),
	}
	return issue
}
