package connectors

import (
	"errors"
	"sync"
)

// Parallel runs task for 0 to n-1, atOnce at a time at most, waits for all and
// returns their errors by place. Once one failed in a way that the others would
// too, as hopeless tells, those not begun are not run and get its error as one
// that was not sent.
func Parallel(n, atOnce int, hopeless func(error) bool, task func(i int) error) []error {
	errs := make([]error, n)
	var (
		group sync.WaitGroup
		mutex sync.Mutex
		stop  error
		next  int
	)
	for range min(n, max(1, atOnce)) {
		group.Go(func() {
			for {
				mutex.Lock()
				i, stopped := next, stop
				next++
				mutex.Unlock()
				if i >= n {
					return
				}
				if errs[i] = stopped; stopped != nil {
					continue
				}
				if errs[i] = task(i); errs[i] != nil && hopeless(errs[i]) {
					mutex.Lock()
					stop = NotSent(errs[i])
					mutex.Unlock()
				}
			}
		})
	}
	group.Wait()
	return errs
}

// NotSent is the error of something that another call's failure kept from being
// sent, or of a call that changes nothing: never that of a lost write.
func NotSent(err error) error {
	if e, ok := errors.AsType[*Error](err); ok && e.Lost {
		copied := *e
		copied.Lost = false
		return &copied
	}
	return err
}

// Settle returns outcomes, or the error alone when none of the items was sent.
func Settle(outcomes []Outcome) ([]Outcome, error) {
	for _, o := range outcomes {
		if o.Kind != Deferred || o.Err == nil || o.Remote != nil {
			return outcomes, nil
		}
	}
	if len(outcomes) == 0 {
		return outcomes, nil
	}
	return nil, outcomes[0].Err
}
