package connectors

import (
	"errors"
	"sync/atomic"
	"testing"

	"github.com/chophien/chophien/catalog"
)

func TestParallel(t *testing.T) {
	t.Parallel()
	var running, most, ran atomic.Int64
	errs := Parallel(50, 3, func(error) bool { return false }, func(i int) error {
		if n := running.Add(1); n > most.Load() {
			most.Store(n)
		}
		defer running.Add(-1)
		ran.Add(1)
		if i%10 == 7 {
			return errors.New("seven")
		}
		return nil
	})
	for i, err := range errs {
		if (err != nil) != (i%10 == 7) {
			t.Errorf("task %d: got %v", i, err)
		}
	}
	if ran.Load() != 50 || most.Load() > 3 {
		t.Errorf("%d tasks ran, %d at once", ran.Load(), most.Load())
	}
	if errs := Parallel(0, 3, nil, nil); len(errs) != 0 {
		t.Errorf("nothing to do: got %v", errs)
	}
}

// What all would fail from is tried once, and the rest was certainly not sent.
func TestParallelStops(t *testing.T) {
	t.Parallel()
	ran := 0
	errs := Parallel(4, 1, func(err error) bool { return KindOf(err) == Auth }, func(int) error {
		ran++
		return &Error{Kind: Auth, Lost: true}
	})
	if ran != 1 || !IsLost(errs[0]) {
		t.Errorf("%d tasks ran, the first failed with %v", ran, errs[0])
	}
	for i, err := range errs[1:] {
		if KindOf(err) != Auth || IsLost(err) {
			t.Errorf("task %d: got %v, want the first one's error, not lost", i+1, err)
		}
	}
}

func TestSettle(t *testing.T) {
	t.Parallel()
	wait := Outcome{Kind: Deferred, Err: &Error{Kind: Auth}}
	if got, err := Settle([]Outcome{wait, wait}); got != nil || KindOf(err) != Auth {
		t.Errorf("nothing was sent: got %v, %v", got, err)
	}
	for name, other := range map[string]Outcome{
		"applied": {Kind: Applied}, "decided later": {Kind: Deferred, Err: wait.Err, Remote: &catalog.Remote{}}, "waits by itself": {Kind: Deferred},
	} {
		if got, err := Settle([]Outcome{wait, other}); len(got) != 2 || err != nil {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
	if got, err := Settle(nil); len(got) != 0 || err != nil {
		t.Errorf("no items: got %v, %v", got, err)
	}
}
