package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chophien/chophien/connectors/simulator"
	"github.com/chophien/chophien/connectors/woocommerce/woocommercetest"
)

// server is a chophien serve process and what it logs.
type server struct {
	name   string
	cmd    *exec.Cmd
	events chan event
	url    chan string
}

// event is a job that a server began or ended.
type event struct {
	server *server
	begun  bool
	job    string // task and channel
}

var eventLine = regexp.MustCompile(`msg="(job begun|job ended)" task=(\S+) channel=(\S+)`)

func startServe(t *testing.T, p program, name string, events chan event, env ...string) *server {
	t.Helper()
	s := &server{name: name, events: events, url: make(chan string, 1)}
	s.cmd = p.command(context.Background(), "serve", "--addr", "127.0.0.1:0", "-v")
	s.cmd.Env = append(s.cmd.Env, env...)
	logs, err := s.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = s.cmd.Process.Kill() // has ended in most tests
		_ = s.cmd.Wait()
	})
	go func() {
		lines := bufio.NewScanner(logs)
		for lines.Scan() {
			if _, url, ok := strings.Cut(lines.Text(), "chophien: http"); ok {
				s.url <- "http" + url
			}
			if m := eventLine.FindStringSubmatch(lines.Text()); m != nil {
				events <- event{s, m[1] == "job begun", m[2] + " " + m[3]}
			}
		}
	}()
	return s
}

// startNATS builds the NATS server from its module and runs it with JetStream.
func startNATS(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	binary := filepath.Join(dir, "nats-server")
	if out, err := exec.Command("go", "build", "-o", binary, "github.com/nats-io/nats-server/v2").CombinedOutput(); err != nil {
		t.Fatalf("build nats-server: %v\n%s", err, out)
	}
	cmd := exec.Command(binary, "-js", "-a", "127.0.0.1", "-p", "-1", "-sd", dir)
	logs, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	lines := bufio.NewScanner(logs)
	for lines.Scan() {
		if _, address, ok := strings.Cut(lines.Text(), "Listening for client connections on "); ok {
			go io.Copy(io.Discard, logs)
			return "nats://" + address
		}
	}
	t.Fatal("nats-server ended before it was ready")
	return ""
}

// TestTwoServesShareTheWork runs two services on one MongoDB-protocol server
// and one NATS server, kills the one that works on a long job, and expects the
// other to take the job over within a minute, and no job ever twice at once.
func TestTwoServesShareTheWork(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute: the time after which a dead worker's job is given away")
	}
	t.Parallel()
	dir := t.TempDir()
	env, _ := storeKinds[1].prepare(t, dir)
	shops := map[string]*woocommercetest.Simulator{}
	for _, id := range []string{"quick-1", "quick-2", "slow"} {
		shop, err := woocommercetest.Start(woocommercetest.Options{Latency: 20 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(shop.Close)
		shops[id] = shop
	}
	writeConfig(t, dir, "    schedule: {orders: \"@every 2s\", publish: \"@every 4s\", observe: \"@every 3s\"}\n", shops)
	p := program{dir: dir, env: env}
	p.run(t, "channels", "check") // also makes the key that both share
	nats := "CHOPHIEN_NATS_URL=" + startNATS(t)
	shops["slow"].Inject(simulator.Fault{Method: http.MethodGet, Path: "/products", Kind: simulator.FaultDelay, Delay: 20 * time.Second, Times: -1})

	events := make(chan event, 1000)
	servers := []*server{startServe(t, p, "first", events, nats), startServe(t, p, "second", events, nats)}

	// Watch until both have worked and one is in the long job.
	running := map[string]*server{} // job -> who runs it
	worked := map[*server]bool{}
	var victim *server
	deadline := time.After(2 * time.Minute)
	for victim == nil || len(worked) < 2 {
		select {
		case e := <-events:
			watch(t, running, e)
			worked[e.server] = true
			if e.begun && e.job == "observe slow" {
				victim = e.server
			}
		case <-deadline:
			t.Fatalf("after two minutes %d of 2 servers worked, long job seen: %t", len(worked), victim != nil)
		}
	}
	if err := victim.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	killed := time.Now()
	_ = victim.cmd.Wait()
	for job, owner := range running {
		if owner == victim {
			delete(running, job)
		}
	}
	survivor := servers[0]
	if victim == survivor {
		survivor = servers[1]
	}
	takenOver := time.After(60 * time.Second)
	for {
		select {
		case e := <-events:
			if e.server == victim {
				continue // logged before it was killed
			}
			watch(t, running, e)
			if e.begun && e.job == "observe slow" {
				t.Logf("taken over after %s", time.Since(killed).Round(time.Second))
				goto takenOver
			}
		case <-takenOver:
			t.Fatal("the dead server's job was not taken over within 60 s")
		}
	}
takenOver:
	if err := survivor.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	shops["slow"].ResetFaults()
	if err := survivor.cmd.Wait(); err != nil {
		t.Errorf("the survivor did not stop gracefully: %v", err)
	}
}

// watch keeps who runs which job, and fails when one runs twice at once.
func watch(t *testing.T, running map[string]*server, e event) {
	t.Helper()
	if !e.begun {
		delete(running, e.job)
		return
	}
	if other := running[e.job]; other != nil && other != e.server {
		t.Errorf("job %q runs on both servers at once", e.job)
	}
	running[e.job] = e.server
}

func TestServeAnswers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	env, _ := storeKinds[0].prepare(t, dir)
	shop, err := woocommercetest.Start(woocommercetest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer shop.Close()
	writeConfig(t, dir, "", map[string]*woocommercetest.Simulator{"web": shop})
	s := startServe(t, program{dir: dir, env: env}, "serve", make(chan event, 1000))
	url := <-s.url
	for path, want := range map[string]string{"/healthz": "ok", "/readyz": "ready", "/metrics": "go_goroutines"} {
		response, err := http.Get(url + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || response.StatusCode != http.StatusOK || !strings.Contains(string(body), want) {
			t.Errorf("%s: %d %v, want %q", path, response.StatusCode, err, want)
		}
	}
	for path, want := range map[string]int{"/hooks/web": http.StatusUnauthorized, "/hooks/none": http.StatusNotFound} {
		response, err := http.Post(url+path, "application/json", strings.NewReader(`{"id":1}`))
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("unsigned post to %s: %d, want %d", path, response.StatusCode, want)
		}
	}
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Wait(); err != nil {
		t.Errorf("serve did not stop gracefully: %v", err)
	}
}
