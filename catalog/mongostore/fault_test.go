package mongostore

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/maphash"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/storetest"
)

// fault is what a faulty server does with a command.
type fault int

const (
	none    fault = iota
	refused       // answers with a deadlock and does nothing
	lost          // carries it out and answers with a deadlock
)

// A server that answers every second command with an error first, whether it
// carried it out or not, is seen by nobody.
func TestFaultsAreNotSeen(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]fault{"refused": refused, "lost": lost} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			uri := faulty(t, server(t), f)
			storetest.Run(t, func(t *testing.T) catalog.Store {
				s := openAt(t, uri, fresh(t), nil)
				t.Cleanup(func() { _ = s.Close() })
				return s
			})
		})
	}
}

// An error that does not pass is reported.
func TestFaultsThatStay(t *testing.T) {
	t.Parallel()
	stay := make(chan struct{})
	uri := proxy(t, server(t), func(command string, _ []byte) fault {
		select {
		case <-stay:
			return map[string]fault{"insert": refused, "update": lost, "find": refused}[command]
		default:
			return none
		}
	})
	s := openAt(t, uri, fresh(t), nil)
	t.Cleanup(func() { _ = s.Close() })
	close(stay)
	ctx := t.Context()
	for name, call := range map[string]func() error{
		"create": func() error { _, err := s.PutProducts(ctx, []catalog.Product{{ID: "A"}}); return err },
		"change": func() error { _, err := s.PutProducts(ctx, []catalog.Product{{ID: "A", Revision: 1}}); return err },
		"mark":   func() error { return s.MarkListings(ctx, []catalog.ChannelID{"c"}, []string{"A"}) },
		"read":   func() error { _, err := s.Products(ctx, catalog.ProductQuery{}); return err },
	} {
		if err := call(); err == nil || !strings.Contains(err.Error(), "deadlock") {
			t.Errorf("%s: got error %v, want the server's", name, err)
		}
	}
}

// faulty puts a proxy before the server that does f to every second command,
// but never twice to the same.
func faulty(t *testing.T, target string, f fault) string {
	seed := maphash.MakeSeed()
	var mu sync.Mutex
	seen := map[uint64]bool{}
	failed := map[string]bool{} // databases whose last booking was
	return proxy(t, target, func(command string, body []byte) fault {
		switch command {
		case "", "hello", "isMaster", "ismaster", "ping", "endSessions", "getMore":
			return none
		}
		mu.Lock()
		defer mu.Unlock()
		if command == "insert" && bytes.Contains(body, []byte("bookings")) {
			// It is never sent again, but under another _id.
			_, rest, _ := bytes.Cut(body, []byte("chophien_test_"))
			database := string(rest[:24])
			failed[database] = !failed[database]
			if failed[database] {
				return f
			}
			return none
		}
		hash := maphash.Bytes(seed, body)
		if seen[hash] {
			return none
		}
		seen[hash] = true
		switch {
		case len(seen)%2 == 0:
			return none
		case bytes.Contains(body, []byte("upsert")):
			return refused // a mark set twice is set, but the suite counts its revisions
		}
		return f
	})
}

// proxy listens before the server and returns a URI. decide is asked for each
// command what to do with it; it is called concurrently.
func proxy(t *testing.T, target string, decide func(command string, body []byte) fault) string {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	t.Cleanup(func() {
		_ = listener.Close()
		group.Wait()
	})
	group.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			group.Go(func() { relay(client, u.Host, decide) })
		}
	})
	return "mongodb://" + listener.Addr().String() + "/?directConnection=true&serverMonitoringMode=poll&retryWrites=false&retryReads=false"
}

// relay passes messages of one connection on until either side closes it.
func relay(client net.Conn, target string, decide func(string, []byte) fault) {
	defer client.Close()
	server, err := new(net.Dialer).Dial("tcp", target)
	if err != nil {
		return
	}
	defer server.Close()
	for {
		request, err := message(client)
		if err != nil {
			return
		}
		do := none
		if len(request) > 26 && binary.LittleEndian.Uint32(request[12:]) == opMsg {
			do = decide(lasting(request))
		}
		var answer []byte
		if do != refused {
			if _, err := server.Write(request); err != nil {
				return
			}
			if answer, err = message(server); err != nil {
				return
			}
		}
		if do != none {
			answer = deadlock(request)
		}
		if _, err := client.Write(answer); err != nil {
			return
		}
	}
}

// lasting returns the name of a command and the bytes of it that are the same
// when it is sent again.
func lasting(request []byte) (command string, body []byte) {
	doc := bson.Raw(request[21:])
	elements, err := doc.Elements()
	if err != nil || len(elements) == 0 {
		return "", nil
	}
	for _, e := range elements {
		if key := e.Key(); key != "lsid" && key != "$clusterTime" {
			body = append(body, e...)
		}
	}
	return elements[0].Key(), append(body, doc[binary.LittleEndian.Uint32(doc):]...)
}

const opMsg = 2013

// message reads one message of the MongoDB wire protocol.
func message(r io.Reader) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	body := make([]byte, binary.LittleEndian.Uint32(head[:]))
	copy(body, head[:])
	_, err := io.ReadFull(r, body[4:])
	return body, err
}

// deadlock is the answer that DocumentDB gives to writers of one key.
func deadlock(request []byte) []byte {
	doc, _ := bson.Marshal(bson.D{{Key: "ok", Value: 0.0}, {Key: "errmsg", Value: "deadlock detected"}, {Key: "code", Value: int32(16908292)}})
	answer := make([]byte, 21, 21+len(doc))
	binary.LittleEndian.PutUint32(answer, uint32(21+len(doc)))
	copy(answer[8:], request[4:8])
	binary.LittleEndian.PutUint32(answer[12:], opMsg)
	return append(answer, doc...)
}

// meanwhile opens a store before whose first command of a kind on a collection
// something else happens. Nothing happens until arm is called.
func meanwhile(t *testing.T, database, command, collection string, happen func()) (s *Store, arm func()) {
	t.Helper()
	var armed atomic.Bool
	s = openAt(t, proxy(t, server(t), func(name string, body []byte) fault {
		if name == command && bytes.Contains(body, []byte(collection)) && armed.CompareAndSwap(true, false) {
			happen()
		}
		return none
	}), database, nil)
	t.Cleanup(func() { _ = s.Close() })
	return s, func() { armed.Store(true) }
}

// A write that took effect is told so, although another of its batch lost and
// somebody has written the document again before it is read back.
func TestWrittenAndOverwritten(t *testing.T) {
	t.Parallel()
	database := fresh(t)
	other := openAt(t, server(t), database, nil)
	t.Cleanup(func() { _ = other.Close() })
	ctx := t.Context()
	list := products(0, 2)
	change := func(i int, revision int64) catalog.Product {
		p := list[i]
		p.Revision = revision
		return p
	}
	s, arm := meanwhile(t, database, "find", "products", func() {
		if errs, err := other.PutProducts(ctx, []catalog.Product{change(1, 2)}); errors.Join(append(errs, err)...) != nil {
			t.Errorf("%v %v", errs, err)
		}
	})
	errs, err := s.PutProducts(ctx, list)
	done(t, errs, err)
	errs, err = s.PutProducts(ctx, []catalog.Product{change(0, 1)})
	done(t, errs, err)
	arm()
	errs, err = s.PutProducts(ctx, []catalog.Product{change(0, 1), change(1, 1)})
	must(t, err)
	if !errors.Is(errs[0], catalog.ErrConflict) || errs[1] != nil {
		t.Errorf("got %v, want a conflict and nil", errs)
	}
	if now, err := s.Products(ctx, catalog.ProductQuery{IDs: []string{"P000001"}}); err != nil || now[0].Revision != 3 {
		t.Errorf("got %+v (%v): the race did not happen", now, err)
	}
}
