package mongostore

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"
	"go.mongodb.org/mongo-driver/v2/mongo"
)

// watch listens to what a store sends.
type watch struct {
	mu       sync.Mutex
	commands []string         // their names
	queries  map[string]query // one of each shape
}

// query is a filter with a sort, as a server has to answer it.
type query struct {
	collection string
	command    bson.Raw
	conditions []condition
	sort       []string
}

type condition struct {
	field    string
	equality bool
}

func (w *watch) monitor() *event.CommandMonitor {
	return &event.CommandMonitor{Started: func(_ context.Context, e *event.CommandStartedEvent) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if e.CommandName == "endSessions" {
			return
		}
		w.commands = append(w.commands, e.CommandName)
		if w.queries == nil {
			w.queries = map[string]query{}
		}
		for _, q := range queriesOf(e.CommandName, e.Command) {
			if _, ok := w.queries[q.shape()]; !ok {
				w.queries[q.shape()] = q
			}
		}
	}}
}

// sent returns the commands sent since it was called last.
func (w *watch) sent() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	sent := w.commands
	w.commands = nil
	return sent
}

func queriesOf(name string, command bson.Raw) []query {
	q := query{collection: text(command.Lookup(name)), command: slices.Clone(command)}
	filters := []bson.RawValue{command.Lookup("filter")}
	switch name {
	case "find":
	case "aggregate":
		filters[0] = command.Lookup("pipeline", "0", "$match")
	case "distinct":
		filters[0] = command.Lookup("query")
	case "update":
		filters = lookupAll(command.Lookup("updates"), "q")
	case "delete":
		filters = lookupAll(command.Lookup("deletes"), "q")
	default:
		return nil
	}
	q.sort = names(command.Lookup("sort"))
	var found []query
	for _, filter := range filters {
		q.conditions = conditions(filter)
		found = append(found, q)
	}
	return found
}

func conditions(filter bson.RawValue) []condition {
	var found []condition
	doc, ok := filter.DocumentOK()
	if !ok {
		return nil
	}
	elements, err := doc.Elements()
	if err != nil {
		return nil
	}
	for _, e := range elements {
		if e.Key() == "$and" {
			values, _ := e.Value().Array().Values()
			for _, value := range values {
				found = append(found, conditions(value)...)
			}
			continue
		}
		operators := names(e.Value())
		equality := e.Value().Type != bson.TypeRegex && (len(operators) == 0 || !strings.HasPrefix(operators[0], "$"))
		found = append(found, condition{e.Key(), equality})
	}
	slices.SortFunc(found, func(a, b condition) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	return slices.Compact(found)
}

func lookupAll(list bson.RawValue, key string) []bson.RawValue {
	array, ok := list.ArrayOK()
	if !ok {
		return nil
	}
	var found []bson.RawValue
	values, _ := array.Values()
	for _, value := range values {
		found = append(found, value.Document().Lookup(key))
	}
	return found
}

func names(value bson.RawValue) []string {
	doc, ok := value.DocumentOK()
	if !ok {
		return nil
	}
	elements, _ := doc.Elements()
	keys := make([]string, len(elements))
	for i, e := range elements {
		keys[i] = e.Key()
	}
	return keys
}

func text(value bson.RawValue) string {
	s, _ := value.StringValueOK()
	return s
}

func (q query) shape() string {
	var parts []string
	for _, c := range q.conditions {
		mark := "~"
		if c.equality {
			mark = "="
		}
		parts = append(parts, c.field+mark)
	}
	return fmt.Sprintf("%s [%s] sort [%s]", q.collection, strings.Join(parts, " "), strings.Join(q.sort, " "))
}

// servedBy tells whether an index narrows the query down to its matches, and
// whether it gives them in the order asked for.
func (q query) servedBy(keys []string) (narrows, sorts bool) {
	equal := func(key string) bool { return slices.Contains(q.conditions, condition{key, true}) }
	narrows = len(q.conditions) == 0 && len(q.sort) > 0 && keys[0] == q.sort[0]
	for _, c := range q.conditions {
		narrows = narrows || c.field == keys[0]
	}
	rest := keys
	for len(rest) > 0 && equal(rest[0]) && !slices.Equal(rest[:min(len(rest), len(q.sort))], q.sort) {
		rest = rest[1:]
	}
	sorts = len(q.sort) <= len(rest) && slices.Equal(rest[:len(q.sort)], q.sort)
	return narrows, sorts
}

// sortsMatches are fields whose condition leaves few enough documents to sort
// them for every page: what a caller lists, what is in one search word or what
// was updated lately. Any other sort must come from an index.
var sortsMatches = []condition{{"skus", false}, {"tokens", false}, {"doc.external_id", false}, {"doc.ref", false}, {"doc.updated_at", false}}

// problem says what the query lacks, or "".
func (q query) problem() string {
	candidates := []index{{collection: q.collection, keys: []string{"_id"}}}
	for _, index := range indexes() {
		if index.collection == q.collection {
			candidates = append(candidates, index)
		}
	}
	narrowed := false
	for _, index := range candidates {
		narrows, sorts := q.servedBy(index.keys)
		if narrows && (sorts || slices.ContainsFunc(sortsMatches, func(c condition) bool { return c.field == index.keys[0] && slices.Contains(q.conditions, c) })) {
			return ""
		}
		narrowed = narrowed || narrows
	}
	if narrowed {
		return "an index narrows it, none sorts it"
	}
	return "no index serves it"
}

// checkIndexes fails the test on a query without an index. On a server that
// explains its plans it fails on a scan of a collection as well.
func (w *watch) checkIndexes(t *testing.T, db *mongo.Database) {
	t.Helper()
	w.mu.Lock()
	queries := w.queries
	w.mu.Unlock()
	for shape, q := range queries {
		if problem := q.problem(); problem != "" {
			t.Errorf("query %s: %s", shape, problem)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if !explains(ctx, t, db) {
		return
	}
	for shape, q := range queries {
		plan, err := db.RunCommand(ctx, bson.D{{Key: "explain", Value: explainable(q.command)}, {Key: "verbosity", Value: "queryPlanner"}}).Raw()
		if err != nil {
			t.Errorf("explain %s: %v", shape, err)
		} else if strings.Contains(plan.String(), "COLLSCAN") {
			t.Errorf("query %s scans the collection: %s", shape, plan)
		}
	}
}

// explains tells whether the server is a real MongoDB.
func explains(ctx context.Context, t *testing.T, db *mongo.Database) bool {
	t.Helper()
	var info struct {
		Modules      []string
		GitVersion   string   `bson:"gitVersion"`
		VersionArray []int    `bson:"versionArray"`
		Engines      []string `bson:"storageEngines"`
	}
	if err := db.Client().Database("admin").RunCommand(ctx, bson.D{{Key: "buildInfo", Value: 1}}).Decode(&info); err != nil {
		t.Fatal(err)
	}
	return slices.Contains(info.Engines, "wiredTiger")
}

// explainable is the command without what belongs to its session, and with one
// of its updates.
func explainable(command bson.Raw) bson.D {
	kept := bson.D{}
	elements, _ := command.Elements()
	for _, e := range elements {
		switch key := e.Key(); key {
		case "lsid", "txnNumber", "$db", "$clusterTime", "$readPreference", "writeConcern", "readConcern", "ordered":
		case "updates", "deletes":
			values, _ := e.Value().Array().Values()
			kept = append(kept, bson.E{Key: key, Value: bson.A{values[0]}})
		default:
			kept = append(kept, bson.E{Key: key, Value: e.Value()})
		}
	}
	return kept
}
