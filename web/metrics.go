package web

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// Metrics counts what the service does. Labels hold channels, operations and
// kinds only: nothing of a secret or a buyer.
type Metrics struct {
	registry *prometheus.Registry
	calls    *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	runs     *prometheus.CounterVec
	items    *prometheus.CounterVec
	ends     *prometheus.GaugeVec
	warned   *prometheus.GaugeVec
}

// NewMetrics makes metrics with a registry of their own.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		calls:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "chophien_calls_total", Help: "Requests sent to platforms, by channel, operation, status and error kind."}, []string{"channel", "op", "status", "kind"}),
		seconds:  prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "chophien_call_seconds", Help: "Duration of requests to platforms."}, []string{"channel", "op"}),
		runs:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "chophien_runs_total", Help: "Finished runs, by task, channel and result."}, []string{"task", "channel", "result"}),
		items:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "chophien_run_items_total", Help: "What runs did, by task, channel and count."}, []string{"task", "channel", "count"}),
		ends:     prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "chophien_access_ends_timestamp_seconds", Help: "When a channel's access ends, by part: access token, refresh token, the shop's authorisation (grant)."}, []string{"channel", "part"}),
		warned:   prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "chophien_access_warning_days", Help: "A seller has to agree again within so many days: 30, 7, 3, 1, or 0 when the access has ended. No value = nothing is near."}, []string{"channel", "part"}),
	}
	m.registry.MustRegister(m.calls, m.seconds, m.runs, m.items, m.ends, m.warned, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Call counts one request to a platform.
func (m *Metrics) Call(s connectors.CallStats) {
	m.calls.WithLabelValues(string(s.Channel), s.Op, strconv.Itoa(s.Status), string(s.Kind)).Inc()
	m.seconds.WithLabelValues(string(s.Channel), s.Op).Observe(s.Duration.Seconds())
}

// Run counts one finished run.
func (m *Metrics) Run(r catalog.Run) {
	result := "ok"
	if len(r.Errors) > 0 {
		result = "failed"
	}
	m.runs.WithLabelValues(r.Task, string(r.Channel), result).Inc()
	for name, n := range r.Counts {
		m.items.WithLabelValues(r.Task, string(r.Channel), name).Add(float64(n))
	}
}

// Access shows when a channel's access ends.
func (m *Metrics) Access(id catalog.ChannelID, token connectors.Token, expiry connectors.Expiry, near bool) {
	channel := prometheus.Labels{"channel": string(id)}
	m.ends.DeletePartialMatch(channel)
	m.warned.DeletePartialMatch(channel)
	for part, end := range map[connectors.TokenPart]time.Time{connectors.PartAccess: token.ExpiresAt, connectors.PartRefresh: token.RefreshExpires, connectors.PartGrant: token.GrantExpires} {
		if token.AccessToken != "" && !end.IsZero() {
			m.ends.WithLabelValues(string(id), string(part)).Set(float64(end.Unix()))
		}
	}
	if near {
		m.warned.WithLabelValues(string(id), string(expiry.Part)).Set(float64(expiry.Days))
	}
}

// Handler serves the metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
