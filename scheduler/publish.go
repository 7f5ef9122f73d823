package scheduler

import (
	"context"

	"github.com/chophien/chophien/catalog"
)

// PublishOptions of [Engine.Publish].
type PublishOptions struct {
	// Approved names the person who lets held plans and actions pass; "" =
	// nobody.
	Approved string
	// OnPlan sees every plan before it is applied and says whether to go on;
	// nil = go on.
	OnPlan func(Planned) bool
}

// Published is what publishing did.
type Published struct {
	Result
	// Left is the plan that remains: empty when the channel shows what the
	// catalog says, else what waits for a person or for a next run.
	Left Planned

	turns, idle int
}

// orderReads bounds how often orders are read before a plan: once more
// whenever a read booked something, because what it booked may not be raised
// on its own authority.
const orderReads = 3

// ReadOrders reads the channel's orders until a read books nothing, so that
// stock may be raised afterwards. It does nothing where there are none.
func (e *Engine) ReadOrders(ctx context.Context, id catalog.ChannelID) error {
	c, err := e.channel(id)
	if err != nil || c.Orders == nil {
		return err
	}
	for range orderReads {
		run, err := e.PullOrders(ctx, id)
		if err != nil {
			return err
		}
		if run.Counts["booked"] == 0 {
			break
		}
	}
	return nil
}

// Publish makes a channel show what the catalog says: it reads the channel's
// orders, resolves writes whose answer was lost, plans, applies and plans
// again, until nothing is left that may be done without a person.
func (e *Engine) Publish(ctx context.Context, id catalog.ChannelID, options PublishOptions) (Published, error) {
	var published Published
	if err := e.ReadOrders(ctx, id); err != nil {
		return published, err
	}
	reread := false
	_, err := e.run(ctx, "publish", id, func(c *channel, count counter) error {
		e.freshen(ctx, c, count)
		for {
			if _, err := e.Resolve(ctx, id); err != nil {
				return err
			}
			plan, err := e.Plan(ctx, id)
			if err != nil {
				return err
			}
			published.Left = plan
			if len(plan.Actions) == 0 && plan.Fenced > 0 && !reread {
				// What was looked up on the way is newer than the orders.
				reread = true
				if err := e.ReadOrders(ctx, id); err != nil {
					return err
				}
				continue
			}
			if len(plan.Actions) == 0 || options.OnPlan != nil && !options.OnPlan(plan) {
				return nil
			}
			result, err := e.Apply(ctx, plan.Plan, options.Approved)
			published.add(result)
			count("created", int64(result.Created))
			count("updated", int64(result.Updated+result.Adopted))
			count("stopped", int64(result.Stopped))
			count("resumed", int64(result.Resumed))
			count("rejected", int64(result.Rejected))
			count("unknown", int64(result.Unknown))
			count("held", int64(result.Held))
			if err != nil {
				return err
			}
			if !result.Progress() && result.Unknown == 0 && result.Moved == 0 {
				published.Left, err = e.Plan(ctx, id)
				return err
			}
			if published.stuck(result) {
				return nil
			}
		}
	})
	return published, err
}

// rounds bounds how often one publish plans: a catalog of any size goes through
// in plans of catalog.PlanActions, while a platform that undoes every write
// cannot keep a run going for ever.
const rounds = 1000

// stuck ends a publish whose rounds bring no progress.
func (p *Published) stuck(last Result) bool {
	if last.Progress() {
		p.idle = 0
	} else {
		p.idle++
	}
	p.turns++
	return p.idle > 3 || p.turns > rounds
}
