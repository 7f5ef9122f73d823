//go:build unix

package market

import (
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// cpuTime is what the process has used so far, on all cores.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkReadPage reads all labelled pages once per iteration and reports
// the CPU time, collecting garbage included, which other work on the machine does
// not change much.
func BenchmarkReadPage(b *testing.B) {
	files, _ := filepath.Glob(filepath.Join(sharedPages, "*.html.gz"))
	if len(files) == 0 {
		b.Skip("SKIPPED: the labelled pages are not here")
	}
	var pages [][]byte
	total := 0
	for _, f := range files {
		page := readGzip(b, f)
		pages = append(pages, page)
		total += len(page)
	}
	b.SetBytes(int64(total))
	b.ReportAllocs()
	before := cpuTime()
	for b.Loop() {
		for _, page := range pages {
			ReadPage(page, "", "")
		}
	}
	used := float64((cpuTime() - before).Microseconds()) / float64(b.N) / 1000
	b.ReportMetric(used/float64(total)*300_000, "cpu-ms/300KB")
	b.ReportMetric(used/float64(len(pages)), "cpu-ms/page")
}
